//! Mistakes, the worst first: clusters that hold several people, and people who fell apart. Ties go by the order of the rows.

use super::{Judged, count, pairs};
use std::{cmp::Reverse, collections::BTreeMap};

/// The worst of something, and how much of it there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worst<T> {
    /// How many there are in all.
    pub total: usize,
    /// How many pairs of rows they concern in all.
    pub pairs: u64,
    /// The worst of them, the worst first.
    pub worst: Vec<T>,
}

/// A cluster that holds several entities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FalseJoin {
    /// How many pairs of its rows are of two entities.
    pub pairs: u64,
    /// How many entities it holds.
    pub entities: usize,
    /// The places of its rows.
    pub rows: Vec<usize>,
}

/// Two clusters that hold rows of one link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// How many pairs of rows of one link they keep apart.
    pub pairs: u64,
    /// The places of the entity's rows in the one cluster.
    pub a: Vec<usize>,
    /// Those in the other.
    pub b: Vec<usize>,
}

/// The `show` clusters with most pairs of rows that do not belong together.
#[must_use]
pub fn false_joins<P: Ord, T: Ord>(rows: &[Judged<P, T>], show: usize) -> Worst<FalseJoin> {
    let mut clusters: BTreeMap<&P, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        clusters.entry(&row.predicted).or_default().push(at);
    }
    let mut found: Vec<FalseJoin> = clusters.into_values().filter_map(|members| false_join(rows, members)).collect();
    let (total, pairs) = (found.len(), found.iter().map(|join| join.pairs).sum());
    found.sort_by_key(|join| (Reverse(join.pairs), join.rows.first().copied()));
    found.truncate(show);
    Worst { total, pairs, worst: found }
}

fn false_join<P, T: Ord>(rows: &[Judged<P, T>], members: Vec<usize>) -> Option<FalseJoin> {
    let entities = count(members.iter().map(|at| &rows[*at].entity));
    let pairs = false_pairs(&entities);
    (pairs > 0).then_some(FalseJoin { pairs, entities: entities.len(), rows: members })
}

/// How many pairs of two entities there are among rows that were put together.
#[must_use]
pub fn false_pairs_of<T: Ord>(together: impl Iterator<Item = T>) -> u64 {
    false_pairs(&count(together))
}

fn false_pairs<T>(entities: &BTreeMap<T, u64>) -> u64 {
    pairs(&BTreeMap::from([((), entities.values().sum())])) - pairs(entities)
}

/// What a cluster holds of a link.
struct Part {
    rows: u64,
    first: usize,
}

/// What two clusters keep apart of an entity: how many pairs, and the first rows of either.
struct Missed {
    pairs: u64,
    first: [usize; 2],
}

/// The `show` pairs of clusters that keep most pairs of one link apart. The links of one entity count together.
#[must_use]
pub fn misses<P: Ord, T: Ord>(rows: &[Judged<P, T>], show: usize) -> Worst<Miss> {
    let mut links: BTreeMap<&T, BTreeMap<&P, Part>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        let parts = links.entry(&row.link).or_default();
        parts.entry(&row.predicted).or_insert(Part { rows: 0, first: at }).rows += 1;
    }
    let mut missed: BTreeMap<(&T, &P, &P), Missed> = BTreeMap::new();
    for clusters in links.values() {
        let parts: Vec<(&P, &Part)> = clusters.iter().map(|(cluster, part)| (*cluster, part)).collect();
        for (place, (p, x)) in parts.iter().enumerate() {
            for (q, y) in &parts[place + 1..] {
                let known = missed.entry((&rows[x.first].entity, *p, *q));
                let known = known.or_insert(Missed { pairs: 0, first: [x.first, y.first] });
                known.pairs += x.rows * y.rows;
                known.first = [known.first[0].min(x.first), known.first[1].min(y.first)];
            }
        }
    }
    let mut found: Vec<Missed> = missed.into_values().collect();
    for one in &mut found {
        one.first.sort_unstable();
    }
    let (total, pairs) = (found.len(), found.iter().map(|one| one.pairs).sum());
    found.sort_by_key(|one| (Reverse(one.pairs), one.first));
    found.truncate(show);
    Worst { total, pairs, worst: found.iter().map(|one| miss(rows, one)).collect() }
}

fn miss<P: Ord, T: Ord>(rows: &[Judged<P, T>], missed: &Missed) -> Miss {
    let alike = |first: usize| {
        let of = &rows[first];
        let belongs = |at: &usize| rows[*at].predicted == of.predicted && rows[*at].entity == of.entity;
        (0..rows.len()).filter(belongs).collect()
    };
    Miss { pairs: missed.pairs, a: alike(missed.first[0]), b: alike(missed.first[1]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(rows: &[(char, &'static str, &'static str)]) -> Vec<Judged<char, &'static str>> {
        rows.iter().map(|&(predicted, entity, link)| Judged { predicted, entity, link }).collect()
    }

    #[test]
    fn false_joins_come_worst_first() {
        let rows = judged(&[
            ('p', "jane", "jane"),
            ('q', "ann", "ann"),
            ('q', "bob", "bob"),
            ('q', "bob", "bob"),
            ('p', "john", "john"),
            ('r', "jane", "jane"),
            ('r', "jane", "jane"),
        ]);
        let of_q = FalseJoin { pairs: 2, entities: 2, rows: vec![1, 2, 3] };
        let of_p = FalseJoin { pairs: 1, entities: 2, rows: vec![0, 4] };
        assert_eq!(false_joins(&rows, 5), Worst { total: 2, pairs: 3, worst: vec![of_q.clone(), of_p] });
        assert_eq!(false_pairs_of(["ann", "bob", "bob"].iter()), 2);
        assert_eq!(false_joins(&rows, 1), Worst { total: 2, pairs: 3, worst: vec![of_q] });
    }

    #[test]
    fn misses_count_by_link_and_come_worst_first() {
        let rows = judged(&[
            ('q', "jane", "jane.work"),
            ('p', "jane", "jane.work"),
            ('p', "jane", "jane.home"),
            ('p', "jane", "jane.home"),
            ('q', "jane", "jane.home"),
            ('r', "jane", "jane.else"),
            ('r', "john", "john"),
            ('s', "john", "john"),
        ]);
        // Of work one pair, of home two; what is linked to nothing is not missed.
        let jane = Miss { pairs: 3, a: vec![0, 4], b: vec![1, 2, 3] };
        let john = Miss { pairs: 1, a: vec![6], b: vec![7] };
        assert_eq!(misses(&rows, 5), Worst { total: 2, pairs: 4, worst: vec![jane.clone(), john] });
        assert_eq!(misses(&rows, 1), Worst { total: 2, pairs: 4, worst: vec![jane] });
        assert_eq!(misses::<u8, u8>(&[], 3), Worst { total: 0, pairs: 0, worst: vec![] });
    }
}
