//! Resolution: from nodes and their live keys to links, components and clusters.

use super::{
    blocking::{Capped, Key, keys},
    cluster::{DisjointSets, Edge, Node, Partition, partition},
    compare::Features,
    contact::Contact,
    keyed_hash::IdKey,
    model::Model,
    normalize::form::{NormalForm, normalize},
    score::score,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// A normal form made ready for comparison.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// What is compared.
    pub form: NormalForm,
    /// Its blocking keys.
    pub keys: Vec<Key>,
    /// The key by which equal forms find each other.
    pub form_key: i64,
    /// The node it makes.
    pub node: Node,
}

/// Match weights of pairs of nodes, so that no pair is compared twice.
pub type Weights = HashMap<(Uuid, Uuid), (f64, bool)>;

/// One component: nodes tied together by links of at least a possible match, and its clusters.
#[derive(Clone, Debug)]
pub struct Component {
    /// Indices of its nodes.
    pub nodes: Vec<usize>,
    /// Its clusters; their indices count within `nodes`.
    pub partition: Partition,
}

impl Prepared {
    /// Prepares a stored contact.
    #[must_use]
    pub fn of(contact: &Contact, id_key: &IdKey) -> Self {
        Self::of_form(normalize(contact).0, contact, id_key)
    }

    /// Prepares a record's contact whose normal form is known.
    #[must_use]
    pub fn of_form(form: NormalForm, contact: &Contact, id_key: &IdKey) -> Self {
        // A form that names nobody is no reason to hold two records for one person: then the contact itself is the node.
        let content = if form.names_somebody() { serde_json::to_vec(&form) } else { serde_json::to_vec(contact) };
        // Serialising plain data with string keys cannot fail.
        let content = content.unwrap_or_default();
        let node = Node { id: id_key.id("form", &[&content]), features: Features::of(&form) };
        Self { keys: keys(&form, id_key), form_key: id_key.key("form", &[&content]), node, form }
    }
}

/// The weight of two nodes, and whether it rests on one claimed identifier.
#[must_use]
pub fn weigh(a: &Node, b: &Node, model: &Model, weights: &mut Weights) -> (f64, bool) {
    let (a, b) = if a.id <= b.id { (a, b) } else { (b, a) };
    *weights.entry((a.id, b.id)).or_insert_with(|| {
        let score = score(&a.features, &b.features, model);
        (score.weight, score.rests_on_a_claim())
    })
}

/// The links of at least a possible match among nodes that share a live key.
#[must_use]
pub fn links(nodes: &[&Prepared], capped: &Capped, model: &Model, weights: &mut Weights) -> Vec<Edge> {
    let mut sharing: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, prepared) in nodes.iter().enumerate() {
        for key in prepared.keys.iter().filter(|key| !capped.contains(&key.hash)) {
            sharing.entry(key.hash).or_default().push(index);
        }
    }
    let mut pairs = BTreeSet::new();
    for together in sharing.values() {
        for (i, a) in together.iter().enumerate() {
            pairs.extend(together[i + 1..].iter().map(|b| (*a.min(b), *a.max(b))));
        }
    }
    let mut edges = Vec::new();
    for (a, b) in pairs {
        let (weight, claim) = weigh(&nodes[a].node, &nodes[b].node, model, weights);
        if weight >= model.possible_at {
            edges.push(Edge { a, b, weight, claim });
        }
    }
    edges
}

/// Splits nodes into components and each component into clusters.
#[must_use]
pub fn resolve(nodes: &[&Prepared], edges: &[Edge], model: &Model, unique: &BTreeSet<String>) -> Vec<Component> {
    let mut sets = DisjointSets::new(nodes.len());
    for edge in edges {
        sets.join_within(edge.a, edge.b, usize::MAX);
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..nodes.len() {
        members.entry(sets.find(index)).or_default().push(index);
    }
    let mut within: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    for edge in edges {
        within.entry(sets.find(edge.a)).or_default().push(*edge);
    }
    members
        .into_iter()
        .map(|(root, members)| {
            let edges = within.remove(&root).unwrap_or_default();
            let partition = component(nodes, &members, &edges, model, unique);
            Component { nodes: members, partition }
        })
        .collect()
}

fn component(
    nodes: &[&Prepared],
    members: &[usize],
    edges: &[Edge],
    model: &Model,
    unique: &BTreeSet<String>,
) -> Partition {
    let local: HashMap<usize, usize> = members.iter().enumerate().map(|(local, global)| (*global, local)).collect();
    let edges: Vec<Edge> = edges.iter().map(|edge| Edge { a: local[&edge.a], b: local[&edge.b], ..*edge }).collect();
    let nodes: Vec<Node> = members.iter().map(|index| nodes[*index].node.clone()).collect();
    partition(&nodes, &edges, model, unique)
}

#[cfg(test)]
mod tests;
