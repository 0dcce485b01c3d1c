//! How well a partition agrees with the truth: pairwise and B-cubed precision, recall and F1.
//!
//! Pairs are counted from contingency tables, so the cost is that of sorting the rows, not of the pairs. B-cubed is as in
//! Bagga and Baldwin, "Entity-based cross-document coreferencing using the vector space model" (1998): the mean over rows.
//! Beside them [`candidates`] says what blocking lets through, and [`mistakes`] which errors are the worst.

pub mod candidates;
pub mod mistakes;

use serde::Serialize;
use std::collections::BTreeMap;

/// One judged event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged<P, T> {
    /// The cluster that it was put into.
    pub predicted: P,
    /// The person it is of: precision is held against this.
    pub entity: T,
    /// What its own identifiers tie it to, never more than one person: recall is held against this.
    pub link: T,
}

/// The figures, each from 0 to 1; what cannot be computed for want of pairs is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scores {
    /// Of the pairs put together, the share that belongs together.
    pub pair_precision: f64,
    /// Of the pairs that belong together, the share put together.
    pub pair_recall: f64,
    /// Their harmonic mean.
    pub pair_f1: f64,
    /// The mean, over rows, of the share of the row's cluster that belongs with it.
    pub b3_precision: f64,
    /// The mean, over rows, of the share of what belongs with the row that is in its cluster.
    pub b3_recall: f64,
    /// Their harmonic mean.
    pub b3_f1: f64,
}

/// Scores and the sizes of what was scored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Evaluation {
    /// Rows.
    pub events: u64,
    /// Predicted clusters.
    pub profiles: u64,
    /// True entities.
    pub entities: u64,
    /// How well they agree.
    #[serde(flatten)]
    pub scores: Scores,
}

/// Compares what was predicted with the truth.
#[must_use]
pub fn evaluate<P: Ord, T: Ord>(rows: &[Judged<P, T>]) -> Evaluation {
    let predicted = count(rows.iter().map(|row| &row.predicted));
    let entities = count(rows.iter().map(|row| &row.entity));
    let links = count(rows.iter().map(|row| &row.link));
    let of_entity = count(rows.iter().map(|row| (&row.predicted, &row.entity)));
    let of_link = count(rows.iter().map(|row| (&row.predicted, &row.link)));
    let scores = Scores {
        pair_precision: ratio(pairs(&of_entity), pairs(&predicted)),
        pair_recall: ratio(pairs(&of_link), pairs(&links)),
        b3_precision: b_cubed(&of_entity, |(cluster, _)| predicted[cluster], rows.len()),
        b3_recall: b_cubed(&of_link, |(_, link)| links[link], rows.len()),
        ..Scores::default()
    };
    Evaluation {
        events: size(rows.len()),
        profiles: size(predicted.len()),
        entities: size(entities.len()),
        scores: scores.with_f1(),
    }
}

impl Scores {
    fn with_f1(self) -> Self {
        Self {
            pair_f1: harmonic_mean(self.pair_precision, self.pair_recall),
            b3_f1: harmonic_mean(self.b3_precision, self.b3_recall),
            ..self
        }
    }

    /// The figures to five decimals.
    #[must_use]
    pub fn rounded(self) -> Self {
        Self {
            pair_precision: rounded(self.pair_precision),
            pair_recall: rounded(self.pair_recall),
            pair_f1: rounded(self.pair_f1),
            b3_precision: rounded(self.b3_precision),
            b3_recall: rounded(self.b3_recall),
            b3_f1: rounded(self.b3_f1),
        }
    }
}

fn rounded(figure: f64) -> f64 {
    (figure * 1e5).round() / 1e5
}

fn count<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

/// The pairs within each cell.
fn pairs<K>(counts: &BTreeMap<K, u64>) -> u64 {
    counts.values().map(|n| n * n.saturating_sub(1) / 2).sum()
}

/// A row of a cell with `n` of its block's `m` rows counts n/m; the cell has n such rows.
fn b_cubed<K>(cells: &BTreeMap<K, u64>, block: impl Fn(&K) -> u64, rows: usize) -> f64 {
    let sum: f64 = cells.iter().map(|(cell, n)| ratio(n * n, block(cell))).sum();
    if rows == 0 { 0.0 } else { sum / float(size(rows)) }
}

fn ratio(part: u64, whole: u64) -> f64 {
    float(part) / float(whole.max(1))
}

fn harmonic_mean(a: f64, b: f64) -> f64 {
    if a + b > 0.0 { 2.0 * a * b / (a + b) } else { 0.0 }
}

fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Exact up to 2^53, and close beyond.
#[expect(clippy::cast_precision_loss, reason = "a share needs no more digits than an f64 has")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(rows: &[(u8, u8, u8)]) -> Vec<Judged<u8, u8>> {
        rows.iter().map(|&(predicted, entity, link)| Judged { predicted, entity, link }).collect()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9
    }

    #[test]
    fn figures_are_as_counted_by_hand() {
        // Clusters {a a b} and {b}: three pairs of which one is right; two true pairs of which one was found.
        let evaluation = evaluate(&judged(&[(1, 1, 1), (1, 1, 1), (1, 2, 2), (2, 2, 2)]));
        assert_eq!((evaluation.events, evaluation.profiles, evaluation.entities), (4, 2, 2));
        let scores = evaluation.scores;
        assert!(close(scores.pair_precision, 1.0 / 3.0), "{scores:?}");
        assert!(close(scores.pair_recall, 0.5), "{scores:?}");
        assert!(close(scores.pair_f1, 0.4), "{scores:?}");
        assert!(close(scores.b3_precision, (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0 + 1.0) / 4.0), "{scores:?}");
        assert!(close(scores.b3_recall, (1.0 + 1.0 + 0.5 + 0.5) / 4.0), "{scores:?}");
    }

    #[test]
    fn precision_is_held_against_the_person_and_recall_against_the_link() {
        // One person in two links, put together: no false pair, and both links are whole.
        let scores = evaluate(&judged(&[(1, 1, 1), (1, 1, 1), (1, 1, 2), (1, 1, 2)])).scores;
        assert!(close(scores.pair_precision, 1.0) && close(scores.pair_recall, 1.0), "{scores:?}");
        // Kept apart along the links: as good.
        let scores = evaluate(&judged(&[(1, 1, 1), (1, 1, 1), (2, 1, 2), (2, 1, 2)])).scores;
        assert!(close(scores.pair_f1, 1.0) && close(scores.b3_f1, 1.0), "{scores:?}");
    }

    #[test]
    fn nothing_scores_nothing() {
        assert_eq!(evaluate::<u8, u8>(&[]), Evaluation::default());
        let alone = evaluate(&judged(&[(1, 1, 1), (2, 2, 2)])).scores;
        assert!(close(alone.pair_f1, 0.0) && close(alone.b3_f1, 1.0), "{alone:?}");
    }

    #[test]
    fn figures_are_rounded_to_five_decimals() {
        let scores = Scores { pair_precision: 1.0 / 3.0, ..Scores::default() }.rounded();
        assert_eq!(serde_json::to_value(scores.pair_precision).unwrap(), serde_json::json!(0.33333));
    }

    /// Looks at every pair, as the definitions say.
    fn naive(rows: &[Judged<u8, u8>]) -> [f64; 4] {
        let pairs = || (0..rows.len()).flat_map(|i| (0..i).map(move |j| (i, j)));
        let share = |of: &dyn Fn(usize, usize) -> bool, among: &dyn Fn(usize, usize) -> bool| {
            let (whole, part): (Vec<_>, Vec<_>) = (
                pairs().filter(|(i, j)| among(*i, *j)).collect(),
                pairs().filter(|(i, j)| of(*i, *j) && among(*i, *j)).collect(),
            );
            ratio(size(part.len()), size(whole.len()))
        };
        let mean = |of: &dyn Fn(usize, usize) -> bool, among: &dyn Fn(usize, usize) -> bool| {
            let one = |i| {
                let whole = (0..rows.len()).filter(|j| among(i, *j)).count();
                let part = (0..rows.len()).filter(|j| among(i, *j) && of(i, *j)).count();
                ratio(size(part), size(whole))
            };
            ratio_of((0..rows.len()).map(one).sum(), rows.len())
        };
        let predicted = |i: usize, j: usize| rows[i].predicted == rows[j].predicted;
        let entity = |i: usize, j: usize| rows[i].entity == rows[j].entity;
        let link = |i: usize, j: usize| rows[i].link == rows[j].link;
        [share(&entity, &predicted), share(&predicted, &link), mean(&entity, &predicted), mean(&predicted, &link)]
    }

    fn ratio_of(sum: f64, rows: usize) -> f64 {
        if rows == 0 { 0.0 } else { sum / float(size(rows)) }
    }

    proptest! {
        #[test]
        fn counting_tables_equals_counting_pairs(rows in prop::collection::vec((0u8..6, 0u8..4, 0u8..3), 0..40)) {
            let rows: Vec<_> = rows
                .into_iter()
                .map(|(predicted, entity, part)| Judged { predicted, entity, link: entity * 3 + part })
                .collect();
            let scores = evaluate(&rows).scores;
            let found = [scores.pair_precision, scores.pair_recall, scores.b3_precision, scores.b3_recall];
            for (found, expected) in found.into_iter().zip(naive(&rows)) {
                prop_assert!(close(found, expected), "{found} is not {expected}");
            }
        }
    }
}
