//! Judgements: what stewards ruled of records, by whom, why and when. Kept for ever; one that is withdrawn rules nothing.

use super::{
    choice::{Attribute, Choices},
    cluster::{self, Verdict},
    id::{JudgementId, ProfileId, RecordId},
};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};
use utoipa::ToSchema;

/// A steward's ruling.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Judgement {
    /// Its id.
    pub judgement_id: JudgementId,
    /// What was ruled.
    #[serde(flatten)]
    pub matter: Matter,
    /// Why, in the steward's words.
    pub reason: String,
    /// Who: the name of the API key.
    pub actor: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The judgement that it was given with, and is withdrawn with: the merge that a value was chosen in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<JudgementId>,
    /// When it was withdrawn; none while it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub withdrawn_at: Option<Timestamp>,
    /// Who withdrew it: the name of the API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_by: Option<String>,
}

/// What a steward rules.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Matter {
    /// Who is whom.
    People(People),
    /// What an attribute of somebody is.
    Value(Chosen),
}

/// A ruling over two sets of records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct People {
    /// Whether they are one person.
    pub verdict: Verdict,
    /// The one set, sorted.
    pub a: Vec<RecordId>,
    /// The other, sorted.
    pub b: Vec<RecordId>,
}

/// A value chosen by hand. It holds for the profile that holds the most of the records, of equal ones that with the smallest.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Chosen {
    /// The records that the profile held when it was chosen, sorted.
    pub records: Vec<RecordId>,
    /// Which attribute, by its pointer into the golden record.
    pub attribute: Attribute,
    /// Its value.
    pub value: Value,
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
    /// What it rules of who is whom.
    #[must_use]
    pub const fn people(&self) -> Option<&People> {
        match &self.matter {
            Matter::People(people) => Some(people),
            Matter::Value(_) => None,
        }
    }

    /// The value that it chooses.
    #[must_use]
    pub const fn chosen(&self) -> Option<&Chosen> {
        match &self.matter {
            Matter::People(_) => None,
            Matter::Value(chosen) => Some(chosen),
        }
    }

    /// Who is whom in terms of nodes: of each record that is still there, given the place of its node.
    #[must_use]
    pub fn over_nodes(&self, node: impl Fn(&RecordId) -> Option<usize>) -> Option<cluster::Judgement> {
        let People { verdict, a, b } = self.people()?;
        let nodes = |side: &[RecordId]| -> Vec<usize> {
            side.iter().filter_map(&node).collect::<BTreeSet<_>>().into_iter().collect()
        };
        Some(cluster::Judgement { id: self.judgement_id.uuid(), verdict: *verdict, a: nodes(a), b: nodes(b) })
    }

    /// All records it speaks of.
    pub fn records(&self) -> impl Iterator<Item = RecordId> {
        let [a, b] = match &self.matter {
            Matter::People(People { a, b, .. }) => [a.as_slice(), b],
            Matter::Value(Chosen { records, .. }) => [records.as_slice(), &[]],
        };
        a.iter().chain(b).copied()
    }
}

impl People {
    /// Whether it says something of one of these and one of those: difference across its sides, sameness of any it names.
    #[must_use]
    pub fn speaks_of(&self, is_one: impl Fn(&RecordId) -> bool, is_other: impl Fn(&RecordId) -> bool) -> bool {
        let across = |x: &[RecordId], y: &[RecordId]| x.iter().any(&is_one) && y.iter().any(&is_other);
        let names = |is: &dyn Fn(&RecordId) -> bool| self.a.iter().chain(&self.b).any(is);
        match self.verdict {
            Verdict::Different => across(&self.a, &self.b) || across(&self.b, &self.a),
            Verdict::Same => names(&is_one) && names(&is_other),
        }
    }
}

impl Chosen {
    /// The profile for which it holds, given where each of its records is that is still there.
    #[must_use]
    pub fn holder(&self, profile: impl Fn(&RecordId) -> Option<ProfileId>) -> Option<ProfileId> {
        let mut held: BTreeMap<ProfileId, (usize, Reverse<RecordId>)> = BTreeMap::new();
        for record in &self.records {
            if let Some(profile) = profile(record) {
                held.entry(profile).or_insert((0, Reverse(*record))).0 += 1;
            }
        }
        held.into_iter().max_by_key(|(_, held)| *held).map(|(profile, _)| profile)
    }
}

/// What is chosen where all these judgements hold: of two choices for one attribute the later.
#[must_use]
pub fn choices<'a>(judgements: impl IntoIterator<Item = &'a Judgement>) -> Choices {
    let chosen = |judgement: &'a Judgement| Some((judgement, judgement.chosen()?));
    let mut chosen: Vec<_> = judgements.into_iter().filter_map(chosen).collect();
    chosen.sort_by_key(|(judgement, _)| (judgement.created_at, judgement.judgement_id));
    let told = |(judgement, chosen): (&Judgement, &Chosen)| {
        (chosen.attribute.to_string(), (judgement.judgement_id, chosen.value.clone()))
    };
    chosen.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn id(number: u128) -> RecordId {
        RecordId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn difference_is_said_across_the_sides_and_sameness_of_all() {
        let ruling = |verdict| People { verdict, a: vec![id(1), id(2)], b: vec![id(3)] };
        let speaks = |verdict, x, y| ruling(verdict).speaks_of(|it| *it == id(x), |it| *it == id(y));
        for (x, y, different, same) in
            [(1, 3, true, true), (3, 2, true, true), (1, 2, false, true), (1, 4, false, false)]
        {
            assert_eq!((speaks(Verdict::Different, x, y), speaks(Verdict::Same, x, y)), (different, same), "{x} {y}");
        }
    }

    /// A name chosen of these records.
    fn chosen(number: u128, second: i64, name: &str, records: &[u128]) -> Judgement {
        let (attribute, value) = ("/name".parse().unwrap(), json!(name));
        Judgement {
            judgement_id: JudgementId::from_uuid(Uuid::from_u128(number)),
            matter: Matter::Value(Chosen { records: records.iter().copied().map(id).collect(), attribute, value }),
            reason: String::new(),
            actor: String::new(),
            created_at: Timestamp::from_second(second).unwrap(),
            part_of: None,
            withdrawn_at: None,
            withdrawn_by: None,
        }
    }

    #[test]
    fn a_choice_goes_where_most_of_its_records_are_and_in_a_tie_with_the_smallest() {
        let profile = |number| ProfileId::from_uuid(Uuid::from_u128(number));
        let holder = |places: &[(u128, u128)]| {
            let judgement = chosen(1, 0, "Ann", &[1, 2, 3]);
            let place =
                |record: &RecordId| places.iter().find(|(of, _)| id(*of) == *record).map(|(_, at)| profile(*at));
            judgement.chosen().unwrap().holder(place)
        };
        assert_eq!(holder(&[(1, 8), (2, 9), (3, 9)]), Some(profile(9)));
        assert_eq!(holder(&[(1, 9), (2, 8), (4, 8)]), Some(profile(9)));
        assert_eq!(holder(&[(2, 8), (3, 9)]), Some(profile(8)));
        assert_eq!(holder(&[(4, 8)]), None);
    }

    #[test]
    fn the_later_choice_counts_and_of_two_at_once_that_of_the_greater_id() {
        let name = |judgements: &[Judgement]| choices(judgements)["/name"].1.clone();
        let [first, later, at_once] =
            [chosen(2, 5, "Ann", &[1]), chosen(1, 6, "Ann B", &[1]), chosen(3, 5, "An", &[1])];
        assert_eq!(name(&[later.clone(), first.clone()]), "Ann B");
        assert_eq!(name(&[at_once, first]), "An");
    }
}
