//! What other thresholds would make of the stored records.

use super::{figures::judge, progress, truth::Truth, world::World};
use crate::domain::{
    evaluation::{Evaluation, Scores},
    model::Model,
};
use serde::Serialize;

/// The figures at one threshold.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Row {
    /// From how many bits on two contacts are one person.
    #[serde(rename = "match")]
    pub match_at: f64,
    /// From how many bits on they are possibly: as the model has it, but never above.
    #[serde(rename = "possible")]
    pub possible_at: f64,
    /// Whether this is the model's own.
    pub own: bool,
    /// How many profiles the judged events fall into.
    pub profiles: u64,
    /// How well they agree with the truth.
    #[serde(flatten)]
    pub scores: Scores,
}

/// In bits.
const TRIED: [f64; 11] = [-6.0, -4.0, -2.0, 0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0];

/// Resolves everything in memory at each threshold.
#[must_use]
pub fn table(truth: &Truth, world: &World) -> Vec<Row> {
    let own = world.model.match_at;
    let is_own = |threshold: f64| threshold.total_cmp(&own).is_eq();
    let mut tried: Vec<f64> = TRIED.into_iter().filter(|threshold| !is_own(*threshold)).chain([own]).collect();
    tried.sort_by(f64::total_cmp);
    let bar = progress::bar(tried.len(), "trying thresholds");
    let row = |threshold| {
        let row = at(truth, world, threshold, is_own(threshold));
        bar.inc(1);
        row
    };
    tried.into_iter().map(row).collect()
}

fn at(truth: &Truth, world: &World, threshold: f64, own: bool) -> Row {
    let model = with_threshold(&world.model, threshold);
    let clusters = world.clusters(&model);
    // A record that was written a moment ago is where its profile is, which no number of a cluster stands for.
    let Evaluation { profiles, scores, .. } =
        judge(truth, |record, profile| world.node(record).map(|node| clusters[node]).ok_or(profile));
    Row { match_at: model.match_at, possible_at: model.possible_at, own, profiles, scores }
}

fn with_threshold(model: &Model, threshold: f64) -> Model {
    let mut model = model.clone();
    model.match_at = threshold;
    model.possible_at = model.possible_at.min(threshold);
    model
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_possible_match_never_lies_above_a_match() {
        let model = Model::default_model().unwrap();
        let possible = |threshold| with_threshold(&model, threshold).possible_at;
        assert!((possible(14.0) - model.possible_at).abs() < f64::EPSILON);
        assert!((possible(-6.0) + 6.0).abs() < f64::EPSILON);
    }
}
