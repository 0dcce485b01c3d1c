//! Reviews: what waits for a steward, and what became of it.
//!
//! A review stands for its subject, whatever happens to it: its id is made from what it is about. It is open as long as the
//! engine sees a reason for it, and closed by a steward or by new evidence. A reason that comes back opens it again.

use super::{
    cluster::Apart,
    id::{JudgementId, ProfileId, ReviewId},
    keyed_hash::IdKey,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Why a steward should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewKind {
    /// Two profiles may be one person.
    PossibleMatch,
    /// A profile fits two others that contradict each other, of which this is one.
    Ambiguity,
    /// A judgement of sameness is suspended by one to the contrary.
    Contradiction,
    /// So many have an identifier that it joins nobody.
    SharedIdentifier,
    /// A merge made a large profile.
    BigMerge,
}

/// What a review is about: ids of what its kind speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Two profiles, the smaller id first.
    Pair(ReviewKind, ProfileId, ProfileId),
    /// A suspended judgement.
    Suspended(JudgementId),
    /// The hash of an identifier's key.
    Key(i64),
    /// A profile that others were merged into.
    Merged(ProfileId),
}

/// A reason to look, as the engine sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    /// What it is about.
    pub subject: Subject,
    /// How much looking is worth: events [at stake](at_stake) times how likely it is that something is to be done.
    pub value: f64,
    /// The weight of the strongest link of a pair, in bits; how many share an identifier; how many records were merged.
    pub measure: f64,
    /// Why a pair is two.
    pub why: Option<Apart>,
}

/// How a review stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// It waits for a steward.
    #[default]
    Open,
    /// A steward ruled.
    Decided,
    /// A steward saw no need to rule. More evidence opens it again.
    Dismissed,
    /// New evidence or another ruling took the reason away.
    Settled,
}

/// What a steward makes of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ReviewDecision)]
pub enum Decision {
    /// The two profiles are one person: a judgement.
    Same,
    /// They are two: a judgement.
    Different,
    /// There is nothing to rule.
    Dismiss,
}

/// A steward's decision of a review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Decided {
    /// What was decided.
    pub decision: Decision,
    /// Why, in the steward's words.
    pub reason: String,
    /// Who: the name of the API key.
    pub actor: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The judgement that it made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgement_id: Option<JudgementId>,
}

/// Profiles of more records than this are looked at when they are merged.
pub const BIG: usize = 25;

impl ReviewKind {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::PossibleMatch, Self::Ambiguity, Self::Contradiction, Self::SharedIdentifier, Self::BigMerge];

    /// Its name in answers and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PossibleMatch => "possible_match",
            Self::Ambiguity => "ambiguity",
            Self::Contradiction => "contradiction",
            Self::SharedIdentifier => "shared_identifier",
            Self::BigMerge => "big_merge",
        }
    }

    /// Whether it speaks of two profiles, so that a steward can rule whether they are one person.
    #[must_use]
    pub const fn is_pair(self) -> bool {
        matches!(self, Self::PossibleMatch | Self::Ambiguity)
    }
}

impl ReviewState {
    /// Its name in answers and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Decided => "decided",
            Self::Dismissed => "dismissed",
            Self::Settled => "settled",
        }
    }
}

impl Subject {
    /// Two profiles between which there is a link, in whatever order; none where a steward ruled of them already.
    #[must_use]
    pub fn pair(a: ProfileId, b: ProfileId, why: Apart) -> Option<Self> {
        let kind = match why {
            Apart::Judged => return None,
            Apart::Ambiguous => ReviewKind::Ambiguity,
            _ => ReviewKind::PossibleMatch,
        };
        Some(Self::Pair(kind, a.min(b), a.max(b)))
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> ReviewKind {
        match self {
            Self::Pair(kind, ..) => *kind,
            Self::Suspended(_) => ReviewKind::Contradiction,
            Self::Key(_) => ReviewKind::SharedIdentifier,
            Self::Merged(_) => ReviewKind::BigMerge,
        }
    }

    /// What the tables know it by: one id or two.
    #[must_use]
    pub const fn ids(&self) -> (Uuid, Option<Uuid>) {
        match self {
            Self::Pair(_, a, b) => (a.uuid(), Some(b.uuid())),
            Self::Suspended(judgement) => (judgement.uuid(), None),
            Self::Key(hash) => (Uuid::from_u64_pair(0, hash.cast_unsigned()), None),
            Self::Merged(profile) => (profile.uuid(), None),
        }
    }

    /// The id of its review.
    #[must_use]
    pub fn review(&self, id_key: &IdKey) -> ReviewId {
        let (one, other) = self.ids();
        let other = other.unwrap_or_default();
        ReviewId::from_uuid(id_key.id("review", &[self.kind().name().as_bytes(), one.as_bytes(), other.as_bytes()]))
    }
}

/// How many events are at stake, rounded down to a power of two: what a review is worth does not move with each event.
#[must_use]
pub fn at_stake(events: u64) -> f64 {
    events.checked_ilog2().map_or(0.0, |digits| f64::from(digits).exp2())
}

/// How likely it is that two are one person, by their match weight in bits.
#[must_use]
pub fn likelihood(weight: f64) -> f64 {
    1.0 / (1.0 + (-weight).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(number: u128) -> ProfileId {
        ProfileId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_pair_is_one_subject_in_either_order_and_none_once_it_is_judged() {
        let (a, b, key) = (profile(1), profile(2), IdKey::new([7; 32]));
        let one = Subject::pair(a, b, Apart::Names);
        assert_eq!(one, Subject::pair(b, a, Apart::Weight));
        assert_eq!(Subject::pair(a, b, Apart::Judged), None);
        let ambiguous = Subject::pair(a, b, Apart::Ambiguous);
        assert_ne!(one.map(|it| it.review(&key)), ambiguous.map(|it| it.review(&key)));
    }

    #[test]
    fn events_at_stake_go_in_steps_that_never_add_any() {
        for (events, expected) in [(0, 0.0), (1, 1.0), (3, 2.0), (5, 4.0), (7, 4.0), (11, 8.0), (1_000, 512.0)] {
            assert!((at_stake(events) - expected).abs() < 1e-12, "{events}");
        }
    }

    #[test]
    fn likelihood_goes_by_bits() {
        for (bits, expected) in [(0.0, 0.5), (1.0, 2.0 / 3.0), (-1.0, 1.0 / 3.0)] {
            assert!((likelihood(bits) - expected).abs() < 1e-12, "{bits}");
        }
    }
}
