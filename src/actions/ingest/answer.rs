//! What the senders of events are told, now and when they ask again.

use crate::{
    actions::prepare::warnings,
    domain::{
        contact::Event,
        id::{EventId, ProfileId, RecordId},
        normalize::form::Warning,
        source::Sources,
    },
    store::{StoreError, entities::event, from_json},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nobody like that was known: a new profile.
    Created,
    /// It belongs to a known profile.
    Attached,
    /// It showed that several profiles are one person.
    Merged,
    /// It showed that one profile is several people.
    Split,
    /// A new profile, which may be the same person as another: a steward should look.
    Possible,
    /// It fits two profiles that contradict each other, and therefore stays apart.
    Ambiguous,
    /// Nobody is in it.
    Unresolved,
}

/// What a sender is told of an event.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Answer {
    /// The event's id.
    pub event_id: EventId,
    /// The commit that stored it.
    pub position: i64,
    /// Its record; none where nobody is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_id: Option<RecordId>,
    /// Whose it is; none where nobody is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<ProfileId>,
    /// What it did.
    pub outcome: Outcome,
    /// All profiles it touched, retired ones included.
    pub changed: Vec<ProfileId>,
    /// Values that were kept as given and match nobody.
    pub warnings: Vec<Warning>,
}

/// How one event of a batch fared.
#[derive(Clone, Debug, PartialEq)]
pub enum Ingested {
    /// It is stored.
    Stored(Answer),
    /// It was stored before; this is the first answer.
    Replayed(Answer),
    /// Another event of the same source has this id already.
    Conflict,
}

impl Ingested {
    /// What its sender is told; nothing where it is not stored.
    #[must_use]
    pub const fn answer(&self) -> Option<&Answer> {
        match self {
            Self::Stored(answer) | Self::Replayed(answer) => Some(answer),
            Self::Conflict => None,
        }
    }
}

const OUTCOMES: [Outcome; 7] = [
    Outcome::Created,
    Outcome::Attached,
    Outcome::Merged,
    Outcome::Split,
    Outcome::Possible,
    Outcome::Ambiguous,
    Outcome::Unresolved,
];

impl Outcome {
    /// The name in answers and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Attached => "attached",
            Self::Merged => "merged",
            Self::Split => "split",
            Self::Possible => "possible",
            Self::Ambiguous => "ambiguous",
            Self::Unresolved => "unresolved",
        }
    }

    pub(super) fn code(self) -> i64 {
        OUTCOMES.iter().position(|outcome| *outcome == self).and_then(|at| i64::try_from(at).ok()).unwrap_or(0)
    }

    fn of_code(code: i64) -> Result<Self, StoreError> {
        let at = usize::try_from(code).ok();
        at.and_then(|at| OUTCOMES.get(at).copied()).ok_or(StoreError::Corrupt("outcome"))
    }
}

/// What an event was answered with when it was stored.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn first_answer(row: &event::Model, sources: &Sources) -> Result<Answer, StoreError> {
    let event: Event = from_json(&row.body, "event")?;
    let profile = row.profile_id.map(ProfileId::from_uuid);
    let others: Vec<ProfileId> =
        row.changed.as_deref().map(|text| from_json(text, "changed profiles")).transpose()?.unwrap_or_default();
    Ok(Answer {
        event_id: EventId::from_uuid(row.id),
        position: row.position,
        record_id: row.record_id.map(RecordId::from_uuid),
        profile_id: profile,
        outcome: Outcome::of_code(row.outcome)?,
        changed: profile.into_iter().chain(others).collect(),
        warnings: warnings(&event, sources),
    })
}
