//! What is told of the worst mistakes.

use super::truth::Name;
use crate::domain::{
    contact::Contact,
    evaluation::mistakes::Worst,
    explain::Explanation,
    id::{ProfileId, RecordId},
};
use serde::Serialize;

/// The mistakes.
#[derive(Clone, Debug, Serialize)]
pub struct Mistakes {
    /// How many pairs of two people the events make that have nobody in them, and count as one profile.
    pub nobody_false_pairs: u64,
    /// Profiles that hold several people.
    pub false_joins: Listed<FalseJoin>,
    /// People who are in several profiles.
    pub misses: Listed<Miss>,
}

/// Some of a number of things.
#[derive(Clone, Debug, Serialize)]
pub struct Listed<T> {
    /// How many there are in all.
    pub total: usize,
    /// How many pairs of events they concern in all.
    pub pairs: u64,
    /// Those that are shown, the worst first.
    pub worst: Vec<T>,
}

/// A profile that holds several people.
#[derive(Clone, Debug, Serialize)]
pub struct FalseJoin {
    /// Which profile.
    pub profile_id: ProfileId,
    /// How many judged events it holds.
    pub events: usize,
    /// Of how many people.
    pub entities: usize,
    /// How many pairs of its events are of two people.
    pub false_pairs: u64,
    /// The two records of two people that tie it together most strongly.
    #[serde(flatten)]
    pub pair: Pair,
}

/// Two profiles that hold one person.
#[derive(Clone, Debug, Serialize)]
pub struct Miss {
    /// Who.
    pub entity_id: String,
    /// How many of the person's judged events are in either.
    pub events: [usize; 2],
    /// How many pairs of them belong together and are not.
    pub missed_pairs: u64,
    /// The two records, one of each, that come closest.
    #[serde(flatten)]
    pub pair: Pair,
}

/// Two records and what they have to do with each other.
#[derive(Clone, Debug, Serialize)]
pub struct Pair {
    /// The one.
    pub a: Side,
    /// The other.
    pub b: Side,
    /// Why they are together, or are not.
    pub explanation: Explanation,
}

/// A record of a pair.
#[derive(Clone, Debug, Serialize)]
pub struct Side {
    /// Its id.
    pub record_id: RecordId,
    /// The profile that holds it.
    pub profile_id: ProfileId,
    /// The person whose events are looked at.
    pub entity_id: String,
    /// The events of that person that share the record.
    pub events: Vec<Name>,
    /// What they say, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

impl<T> Listed<T> {
    /// None of them yet.
    #[must_use]
    pub fn of<M>(found: &Worst<M>) -> Self {
        Self { total: found.total, pairs: found.pairs, worst: Vec::with_capacity(found.worst.len()) }
    }
}
