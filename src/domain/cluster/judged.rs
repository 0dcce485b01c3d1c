//! What stewards ruled.

use super::DisjointSets;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a steward ruled of two sets of contacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// All of them are one person.
    Same,
    /// Nobody of the one set is anybody of the other.
    Different,
}

/// A ruling over two sets of nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Its id.
    pub id: Uuid,
    /// What was ruled.
    pub verdict: Verdict,
    /// Indices of the nodes of the one set.
    pub a: Vec<usize>,
    /// Indices of the nodes of the other.
    pub b: Vec<usize>,
}

/// What is left of judgements once those that contradict each other are told apart.
pub(super) struct Rulings {
    /// Sets of nodes to join.
    pub same: Vec<Vec<usize>>,
    /// Judgements of sameness in groups that a judgement to the contrary runs through.
    pub suspended: BTreeSet<Uuid>,
}

/// In a contradictory group `different` applies and all of its `same` are suspended.
pub(super) fn rulings(nodes: usize, judgements: &[Judgement]) -> Rulings {
    let (mut groups, same) = (DisjointSets::new(nodes), || judgements.iter().filter(|j| j.verdict == Verdict::Same));
    for judgement in same() {
        let members: Vec<usize> = judgement.a.iter().chain(&judgement.b).copied().collect();
        for pair in members.windows(2) {
            groups.join(pair[0], pair[1]);
        }
    }
    let mut contradictory = BTreeSet::new();
    for judgement in judgements.iter().filter(|judgement| judgement.verdict == Verdict::Different) {
        let one: BTreeSet<usize> = judgement.a.iter().map(|node| groups.find(*node)).collect();
        contradictory.extend(judgement.b.iter().map(|node| groups.find(*node)).filter(|group| one.contains(group)));
    }
    let mut members: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    let mut suspended = BTreeSet::new();
    for judgement in same() {
        for node in judgement.a.iter().chain(&judgement.b) {
            let group = groups.find(*node);
            if contradictory.contains(&group) {
                suspended.insert(judgement.id);
            } else {
                members.entry(group).or_default().insert(*node);
            }
        }
    }
    Rulings { same: members.into_values().map(|members| members.into_iter().collect()).collect(), suspended }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judgement(id: u128, verdict: Verdict, a: &[usize], b: &[usize]) -> Judgement {
        Judgement { id: Uuid::from_u128(id), verdict, a: a.to_vec(), b: b.to_vec() }
    }

    #[test]
    fn in_a_contradictory_group_sameness_is_suspended_and_elsewhere_it_holds() {
        let judgements = [
            judgement(1, Verdict::Same, &[0], &[1]),
            judgement(2, Verdict::Same, &[1], &[2]),
            judgement(3, Verdict::Different, &[0], &[2]),
            judgement(4, Verdict::Same, &[3], &[4, 5]),
            judgement(5, Verdict::Different, &[3], &[0]),
        ];
        let rulings = rulings(6, &judgements);
        assert_eq!(rulings.same, [vec![3, 4, 5]]);
        assert_eq!(rulings.suspended, BTreeSet::from([Uuid::from_u128(1), Uuid::from_u128(2)]));
    }
}
