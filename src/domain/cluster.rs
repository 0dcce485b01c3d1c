//! Clustering: which nodes of a component are one person. A node is a normal form, whatever number of records have it.
//!
//! What stewards ruled comes first. Then nodes with a personal name: their links, from strong to weak, join clusters that do
//! not conflict. Then clusters are compared as wholes. Nodes without a name join among themselves, and each such group is
//! placed with the cluster it fits best, unless a cluster that contradicts that one fits about as well: then it stays apart,
//! ambiguous. The result is a function of the set of nodes: ties go by node id, never by the order of arrival.

mod conflict;
mod forming;
mod judged;
mod sets;

pub use judged::{Judgement, Verdict};
pub use sets::DisjointSets;

use super::{compare::Features, model::Model};
use borsh::{BorshDeserialize, BorshSerialize};
use forming::Forming;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// One normal form of the component.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub struct Node {
    /// A hash of the normal form: what ties go by.
    pub id: Uuid,
    /// What it is compared by.
    pub features: Features,
}

/// Two nodes that may be one person, or that share an identifier.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// Index of the one node.
    pub a: usize,
    /// Index of the other.
    pub b: usize,
    /// The match weight in bits.
    pub weight: f64,
    /// Whether all that speaks for it is one claimed identifier.
    pub claim: bool,
}

/// A set of nodes held to be one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Indices of its nodes, ascending.
    pub nodes: Vec<usize>,
    /// Whether it fits two clusters that contradict each other about equally well, and therefore stays apart.
    pub ambiguous: bool,
}

/// What made two clusters one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Normalised, the two contacts are equal: they were one from the start.
    SameForm,
    /// A steward ruled it.
    Judged,
    /// The two contacts are a match.
    Match,
    /// All that is known of the one side and of the other, taken together, is a match.
    Wholes,
    /// Two contacts without a name are a match.
    Nameless,
    /// Contacts without a name were placed with the person they fit best.
    Placed,
    /// Contacts without a name fit both sides, whose names agree.
    Bridged,
}

/// One step by which a cluster came about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Join {
    /// A node of the one side: of the link that joined them, or of the strongest there is.
    pub a: usize,
    /// A node of the other side.
    pub b: usize,
    /// What made them one.
    pub how: How,
    /// The weight that decided, in bits; none where a steward ruled.
    pub weight: Option<f64>,
}

/// Why two clusters between which there are links are not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Apart {
    /// A steward ruled that they are two people.
    Judged,
    /// Most of their names disagree.
    Names,
    /// They were born a generation apart, and share what a household does.
    BirthDates,
    /// They have different ids of a kind of which a person has one.
    UniqueIds,
    /// One of them fits two others that contradict each other.
    Ambiguous,
    /// One claimed identifier is all that speaks for it, and both are somebody without it.
    ClaimOnly,
    /// Together with others they would be too many to be looked at as one component.
    ComponentCap,
    /// What speaks for it is too weak, taken together with all else that is known of them.
    Weight,
}

/// Two clusters that a steward may want to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Possible {
    /// Index of the one cluster.
    pub a: usize,
    /// Index of the other.
    pub b: usize,
    /// The weight of the strongest link between them, in bits.
    pub weight: f64,
    /// Why they are two.
    pub why: Apart,
}

/// What becomes of a set of nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partition {
    /// The clusters, by their smallest node.
    pub clusters: Vec<Cluster>,
    /// Links between clusters: at least a possible match, or an identifier in common.
    pub possibles: Vec<Possible>,
    /// How the clusters came about, in order.
    pub joins: Vec<Join>,
    /// Judgements of sameness that a judgement to the contrary suspends.
    pub suspended: BTreeSet<Uuid>,
}

/// Partitions nodes. `unique` names the namespaces of which a person has at most one id.
#[must_use]
pub fn partition(
    nodes: &[&Node],
    edges: &[Edge],
    judgements: &[Judgement],
    model: &Model,
    unique: &BTreeSet<String>,
) -> Partition {
    if nodes.len() == 1 && judgements.is_empty() {
        let alone = Cluster { nodes: vec![0], ambiguous: false };
        return Partition { clusters: vec![alone], ..Partition::default() };
    }
    let (edges, cut) = within_cap(nodes, edges, model.cluster.component_cap);
    let rulings = judged::rulings(nodes.len(), judgements);
    let mut forming = Forming::new(nodes, &edges, judgements, model, unique);
    forming.join_judged(&rulings.same);
    forming.join_named();
    forming.join_wholes();
    forming.join_nameless();
    forming.place_nameless();
    Partition { suspended: rulings.suspended, ..forming.finish(&cut) }
}

/// Orders links from strong to weak and parts those off that would make a component larger than the cap.
fn within_cap(nodes: &[&Node], edges: &[Edge], cap: usize) -> (Vec<Edge>, Vec<Edge>) {
    let mut edges = edges.to_vec();
    let ids = |edge: &Edge| {
        let (a, b) = (nodes[edge.a].id, nodes[edge.b].id);
        (a.min(b), a.max(b))
    };
    edges.sort_by(|x, y| y.weight.total_cmp(&x.weight).then_with(|| ids(x).cmp(&ids(y))));
    if nodes.len() <= cap {
        return (edges, Vec::new());
    }
    let mut parts = DisjointSets::new(nodes.len());
    edges.into_iter().partition(|edge| parts.join_within(edge.a, edge.b, cap))
}
