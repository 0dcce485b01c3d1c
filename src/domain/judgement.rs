//! Judgements: what stewards ruled of records, by whom, why and when. Kept for ever; one that is withdrawn rules nothing.

use super::{
    cluster::{self, Verdict},
    id::{JudgementId, ProfileId, RecordId},
};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A steward's ruling over two sets of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Judgement {
    /// Its id.
    pub judgement_id: JudgementId,
    /// What was ruled.
    pub verdict: Verdict,
    /// The one set, sorted.
    pub a: Vec<RecordId>,
    /// The other, sorted.
    pub b: Vec<RecordId>,
    /// Why, in the steward's words.
    pub reason: String,
    /// Who: the name of the API key.
    pub actor: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was withdrawn; none while it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn_at: Option<Timestamp>,
}

/// A ruling, and what it did.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Judged {
    /// The ruling as it is kept.
    pub judgement: Judgement,
    /// The profiles that hold its records now.
    #[schema(value_type = Vec<ProfileId>)]
    pub profiles: BTreeSet<ProfileId>,
}

impl Judgement {
    /// The ruling in terms of nodes: of each record that is still there, given the place of its node.
    #[must_use]
    pub fn over_nodes(&self, node: impl Fn(&RecordId) -> Option<usize>) -> cluster::Judgement {
        let nodes = |side: &[RecordId]| -> Vec<usize> {
            side.iter().filter_map(&node).collect::<BTreeSet<_>>().into_iter().collect()
        };
        cluster::Judgement { id: self.judgement_id.uuid(), verdict: self.verdict, a: nodes(&self.a), b: nodes(&self.b) }
    }

    /// All records it speaks of.
    pub fn records(&self) -> impl Iterator<Item = RecordId> {
        self.a.iter().chain(&self.b).copied()
    }
}
