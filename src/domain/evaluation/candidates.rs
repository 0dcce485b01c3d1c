//! Candidate recall: of the pairs that belong together, how many are compared at all. What is never compared no model
//! finds, so that this bounds the recall of links, though not that of clusters, which others may tie together.

use super::{ratio, rounded, size};
use serde::Serialize;
use std::collections::BTreeMap;

/// Pairs that belong together, and how many of them are candidates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Candidates {
    /// Pairs of events that belong together.
    pub true_pairs: u64,
    /// Those of them that are of one normal form, or share a live blocking key.
    pub candidate_pairs: u64,
    /// Their share, to five decimals; 0 where there are no pairs.
    pub candidate_recall: f64,
}

/// Counts candidates among rows of a link and a node; a row without a node meets nobody. `meet` says of two nodes whether
/// they share a live key.
#[must_use]
pub fn candidates<T: Ord, N: Ord + Copy>(
    rows: impl IntoIterator<Item = (T, Option<N>)>,
    meet: impl Fn(N, N) -> bool,
) -> Candidates {
    let mut links: BTreeMap<T, BTreeMap<Option<N>, u64>> = BTreeMap::new();
    for (link, node) in rows {
        *links.entry(link).or_default().entry(node).or_default() += 1;
    }
    let (mut true_pairs, mut candidate_pairs) = (0, 0);
    for nodes in links.into_values() {
        true_pairs += within(nodes.values().sum());
        let nodes: Vec<(N, u64)> = nodes.into_iter().filter_map(|(node, count)| Some((node?, count))).collect();
        for (at, (node, count)) in nodes.iter().enumerate() {
            let others = nodes[..at].iter().filter(|(other, _)| meet(*node, *other));
            candidate_pairs += within(*count) + others.map(|(_, rows)| count * rows).sum::<u64>();
        }
    }
    Candidates { true_pairs, candidate_pairs, candidate_recall: rounded(ratio(candidate_pairs, true_pairs)) }
}

/// The mean number of keys of so many nodes, to two decimals.
#[must_use]
pub fn mean(keys: usize, nodes: usize) -> f64 {
    (ratio(size(keys), size(nodes)) * 100.0).round() / 100.0
}

fn within(rows: u64) -> u64 {
    rows * rows.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn candidates_are_as_counted_by_hand() {
        // Jane: nodes 1 1 2 3 and a row without one, ten pairs. 1-1 is one form, 1-2 meet, twice; 3 meets nobody.
        let rows = [("jane", Some(1)), ("jane", Some(1)), ("jane", Some(2)), ("jane", Some(3)), ("jane", None)];
        let john = [("john", Some(1)), ("john", Some(2))];
        let found = candidates(rows.into_iter().chain(john), |a, b| a + b == 3);
        assert_eq!(found, Candidates { true_pairs: 11, candidate_pairs: 4, candidate_recall: 0.36364 });
        assert_eq!(candidates::<u8, u8>([], |_, _| true), Candidates::default());
        assert!((mean(10, 3) - 3.33).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn counting_nodes_equals_counting_pairs(rows in prop::collection::vec((0u8..3, prop::option::of(0u8..6)), 0..30)) {
            let meet = |a: u8, b: u8| a / 2 == b / 2;
            let pairs = || (0..rows.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
            let (mut together, mut met) = (0, 0);
            for (i, j) in pairs().filter(|(i, j)| rows[*i].0 == rows[*j].0) {
                together += 1;
                if let (Some(a), Some(b)) = (rows[i].1, rows[j].1) {
                    met += u64::from(a == b || meet(a, b));
                }
            }
            let found = candidates(rows.clone(), meet);
            prop_assert_eq!((found.true_pairs, found.candidate_pairs), (together, met));
        }
    }
}
