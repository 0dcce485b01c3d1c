//! The figures of what is stored, or of any other way to put the same events together.

use super::truth::{Known, Place, Truth};
use crate::domain::{
    evaluation::{self, Evaluation, Judged},
    id::{ProfileId, RecordId},
};
use serde::Serialize;

/// The figures and how much of the truth is not stored at all: such events count as profiles of their own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Events that are not stored.
    pub missing: usize,
    /// Events with nobody in them. All of them count as one profile, so that the figures are those of anybody who counts the
    /// exported assignments.
    pub nobody: usize,
    /// How well profiles and truth agree.
    #[serde(flatten)]
    pub evaluation: Evaluation,
}

/// What an event was put into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Put<C> {
    /// By number.
    Missing(usize),
    Nobody,
    In(C),
}

impl Figures {
    /// The figures of the stored profiles.
    #[must_use]
    pub fn stored(truth: &Truth) -> Self {
        let is = |place: Place| truth.values().filter(|known| known.place == place).count();
        let evaluation = judge(truth, |_, profile| profile);
        Self { missing: is(Place::Missing), nobody: is(Place::Nobody), evaluation }
    }
}

/// Holds a partition of the stored events against the truth; `cluster` says where a record and its profile belong.
#[must_use]
pub fn judge<C: Ord>(truth: &Truth, cluster: impl Fn(RecordId, ProfileId) -> C) -> Evaluation {
    let put = |at: usize, known: &Known| match known.place {
        Place::Missing => Put::Missing(at),
        Place::Nobody => Put::Nobody,
        Place::In(record, profile) => Put::In(cluster(record, profile)),
    };
    let rows = truth.values().enumerate().map(|(at, known)| Judged {
        predicted: put(at, known),
        entity: &known.entity,
        link: &known.link,
    });
    let rows: Vec<Judged<Put<C>, &String>> = rows.collect();
    let evaluation = evaluation::evaluate(&rows);
    Evaluation { scores: evaluation.scores.rounded(), ..evaluation }
}
