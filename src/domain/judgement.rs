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
    /// Who withdrew it: the name of the API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_by: Option<String>,
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

    /// Whether it says something of one of these and one of those: difference across its sides, sameness of any it names.
    #[must_use]
    pub fn speaks_of(&self, is_one: impl Fn(&RecordId) -> bool, is_other: impl Fn(&RecordId) -> bool) -> bool {
        let across = |x: &[RecordId], y: &[RecordId]| x.iter().any(&is_one) && y.iter().any(&is_other);
        match self.verdict {
            Verdict::Different => across(&self.a, &self.b) || across(&self.b, &self.a),
            Verdict::Same => self.records().any(|id| is_one(&id)) && self.records().any(|id| is_other(&id)),
        }
    }

    /// All records it speaks of.
    pub fn records(&self) -> impl Iterator<Item = RecordId> {
        self.a.iter().chain(&self.b).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn difference_is_said_across_the_sides_and_sameness_of_all() {
        let id = |number| RecordId::from_uuid(Uuid::from_u128(number));
        let ruling = |verdict| Judgement {
            judgement_id: JudgementId::from_uuid(Uuid::from_u128(9)),
            verdict,
            a: vec![id(1), id(2)],
            b: vec![id(3)],
            reason: String::new(),
            actor: String::new(),
            created_at: Timestamp::UNIX_EPOCH,
            withdrawn_at: None,
            withdrawn_by: None,
        };
        let speaks = |verdict, x, y| ruling(verdict).speaks_of(|it| *it == id(x), |it| *it == id(y));
        for (x, y, different, same) in
            [(1, 3, true, true), (3, 2, true, true), (1, 2, false, true), (1, 4, false, false)]
        {
            assert_eq!((speaks(Verdict::Different, x, y), speaks(Verdict::Same, x, y)), (different, same), "{x} {y}");
        }
    }
}
