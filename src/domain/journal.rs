//! The journal: what can happen to a profile, and what is kept of it.

use super::id::{EventId, JudgementId, ProfileId, RecordId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What happened to a profile, as the journal keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// It came to be.
    Created,
    /// Records joined it.
    Attached,
    /// Another profile was merged into it.
    Merged,
    /// Records left it for another profile.
    Split,
    /// It was merged into another profile, and redirects there.
    Retired,
    /// It was retired, and took its records back.
    Restored,
    /// It lost its last record.
    Emptied,
    /// Its golden record changed, or whether it is ambiguous; no record came or went.
    Changed,
    /// It was retired, and redirects to another profile now.
    Redirected,
}

/// The particulars of a journal entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Particulars {
    /// The profile's version after it.
    pub version: i64,
    /// Records that came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records_added: Vec<RecordId>,
    /// Records that went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records_removed: Vec<RecordId>,
    /// Profiles that records came from or went to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_profiles: Vec<ProfileId>,
    /// Of a retired profile: where it redirects to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survivor: Option<ProfileId>,
    /// Whether it is ambiguous after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
    /// The judgements by which stewards chose values of its golden record, after it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chosen: Vec<JudgementId>,
    /// The event that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<EventId>,
    /// The judgement that caused it, given or withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judgement_id: Option<JudgementId>,
    /// Who gave that judgement, or withdrew it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The model that decided it.
    pub model_version: String,
}
