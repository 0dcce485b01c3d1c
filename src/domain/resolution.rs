//! Resolution: from nodes and their live keys to links, components and clusters.

use super::{
    blocking::{IdentifierKeys, Key, keys},
    cluster::{DisjointSets, Edge, Judgement, Node, Partition, Verdict, partition},
    compare::Features,
    contact::Contact,
    keyed_hash::IdKey,
    model::Model,
    normalize::form::{NormalForm, normalize},
    parallel,
    score::link,
    sharing::{DeadKeys, dead_keys},
};
use borsh::{BorshDeserialize, BorshSerialize};
use rustc_hash::FxHashMap;
use std::{borrow::Cow, collections::BTreeSet, sync::Arc};
use uuid::Uuid;

pub use super::score::Link;

/// A normal form made ready for comparison. Clones share what is large.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub struct Prepared {
    /// The keys of its identifiers.
    pub identifiers: Arc<IdentifierKeys>,
    /// All its blocking keys.
    pub keys: Vec<Key>,
    /// The key by which equal forms find each other.
    pub form_key: i64,
    /// The node it makes.
    pub node: Arc<Node>,
}

/// Match weights of pairs of nodes, so that no pair is compared twice.
pub type Weights = FxHashMap<(Uuid, Uuid), Link>;

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
        let (id, form_key) = id_and_key(&form, contact, id_key);
        let identifiers = IdentifierKeys::of(&form, id_key);
        let keys = keys(&form, &identifiers, id_key);
        let node = Arc::new(Node { id, features: Features::of(form) });
        Self { identifiers: Arc::new(identifiers), keys, form_key, node }
    }

    /// What is left where dead keys join nobody: the identifiers behind them are neither compared nor do they find anybody.
    #[must_use]
    pub fn alive(&self, dead: &DeadKeys) -> Cow<'_, Self> {
        if !self.keys.iter().any(|key| is_dead(key, dead)) {
            return Cow::Borrowed(self);
        }
        let node = match self.live_node(dead) {
            Cow::Borrowed(_) => Arc::clone(&self.node),
            Cow::Owned(node) => Arc::new(node),
        };
        let keys = self.keys.iter().copied().filter(|key| !is_dead(key, dead)).collect();
        Cow::Owned(Self { identifiers: Arc::clone(&self.identifiers), keys, form_key: self.form_key, node })
    }

    /// The node without the identifiers behind dead keys.
    #[must_use]
    pub fn live_node(&self, dead: &DeadKeys) -> Cow<'_, Node> {
        let is_dead = |key: &Key| is_dead(key, dead);
        let identifiers = &*self.identifiers;
        if !identifiers.all().any(|key| is_dead(&key)) {
            return Cow::Borrowed(&self.node);
        }
        let mut node = Node::clone(&self.node);
        retain_by(&mut node.features.emails, &identifiers.emails, is_dead);
        retain_by(&mut node.features.phones, &identifiers.phones, is_dead);
        retain_by(&mut node.features.handles, &identifiers.handles, is_dead);
        retain_by(&mut node.features.external_ids, &identifiers.external_ids, is_dead);
        Cow::Owned(node)
    }
}

/// Whether a key joins nobody: a claim also where the value that it claims is dead.
fn is_dead(key: &Key, dead: &DeadKeys) -> bool {
    dead.contains_key(&key.hash) || (key.claimed && dead.contains_key(&key.value()))
}

/// Bytes that most forms have room in.
const FORM_SIZE: usize = 512;

/// The id of a form's node, and the key by which equal forms find each other.
fn id_and_key(form: &NormalForm, contact: &Contact, id_key: &IdKey) -> (Uuid, i64) {
    // Serialising plain data cannot fail. Of a form postcard makes bytes that no other form has; a contact leaves fields
    // out, so that only JSON tells which.
    if form.names_somebody() {
        let content = postcard::to_extend(form, Vec::with_capacity(FORM_SIZE)).unwrap_or_default();
        id_key.id_and_key("form", &[&content])
    } else {
        // A form that names nobody is no reason to hold two records for one person: then the contact itself is the node.
        let content = serde_json::to_vec(contact).unwrap_or_default();
        id_key.id_and_key("contact", &[&content])
    }
}

/// Keeps the values whose keys, in the same order, are not dead.
fn retain_by<T>(values: &mut Vec<T>, keys: &[Key], is_dead: impl Fn(&Key) -> bool) {
    let mut keys = keys.iter();
    values.retain(|_| keys.next().is_none_or(|key| !is_dead(key)));
}

/// The weight of two nodes, and what it rests on, unless it is known.
#[must_use]
pub fn weigh(a: &Node, b: &Node, model: &Model, weights: &Weights) -> Link {
    let (a, b) = in_order(a, b);
    weights.get(&(a.id, b.id)).copied().unwrap_or_else(|| link(&a.features, &b.features, model))
}

/// Two nodes as [`Weights`] name them.
#[must_use]
pub fn pair(a: &Node, b: &Node) -> (Uuid, Uuid) {
    let (a, b) = in_order(a, b);
    (a.id, b.id)
}

fn in_order<'a>(a: &'a Node, b: &'a Node) -> (&'a Node, &'a Node) {
    if a.id <= b.id { (a, b) } else { (b, a) }
}

/// The links among nodes that share a key, all of whose keys are alive: those of at least a possible match, and those that an
/// identifier makes between names that disagree, which a steward should see.
#[must_use]
pub fn links(nodes: &[&Prepared], model: &Model, weights: &Weights) -> Vec<Edge> {
    links_but(|_, _| false, nodes, model, weights)
}

/// The same where it is known of some pairs, by their indices, that no link is between them.
#[must_use]
pub fn links_but(
    unlinked: impl Fn(usize, usize) -> bool,
    nodes: &[&Prepared],
    model: &Model,
    weights: &Weights,
) -> Vec<Edge> {
    let edge = |&(a, b): &(usize, usize)| {
        let link = weigh(&nodes[a].node, &nodes[b].node, model, weights);
        link.matters(model).then_some(Edge { a, b, weight: link.weight, claim: link.claim })
    };
    parallel::map(&sharing(nodes, unlinked), edge).into_iter().flatten().collect()
}

/// The pairs of nodes that share a key, the smaller index first, ascending, but those left out.
fn sharing(nodes: &[&Prepared], left_out: impl Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    let held = nodes.iter().enumerate().flat_map(|(index, node)| node.keys.iter().map(move |key| (key.value(), index)));
    let mut held: Vec<(i64, usize)> = held.collect();
    held.sort_unstable();
    held.dedup();
    let mut pairs = Vec::new();
    for together in held.chunk_by(|x, y| x.0 == y.0) {
        for (i, (_, a)) in together.iter().enumerate() {
            let others = together[i + 1..].iter().filter(|(_, b)| !left_out(*a, *b));
            pairs.extend(others.map(|(_, b)| (*a, *b)));
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Resolves a whole world of nodes at once, by the model as it is for so many: which keys are dead, and which nodes are one
/// person.
#[must_use]
pub fn resolve_all(
    nodes: &[&Prepared],
    judgements: &[Judgement],
    model: &Model,
    unique: &BTreeSet<String>,
) -> (DeadKeys, Vec<Component>) {
    let dead = dead_keys(nodes, model);
    let alive: Vec<Cow<'_, Prepared>> = nodes.iter().map(|node| node.alive(&dead)).collect();
    let alive: Vec<&Prepared> = alive.iter().map(AsRef::as_ref).collect();
    let edges = links(&alive, model, &Weights::default());
    let components = resolve(&alive, &edges, judgements, model, unique);
    (dead, components)
}

/// Splits nodes into components and each component into clusters. Judgements of sameness tie components together as links do.
#[must_use]
pub fn resolve(
    nodes: &[&Prepared],
    edges: &[Edge],
    judgements: &[Judgement],
    model: &Model,
    unique: &BTreeSet<String>,
) -> Vec<Component> {
    let mut sets = DisjointSets::new(nodes.len());
    for edge in edges {
        sets.join(edge.a, edge.b);
    }
    for judgement in judgements.iter().filter(|judgement| judgement.verdict == Verdict::Same) {
        for pair in judgement.a.iter().chain(&judgement.b).collect::<Vec<_>>().windows(2) {
            sets.join(*pair[0], *pair[1]);
        }
    }
    let mut members: Vec<(usize, usize)> = (0..nodes.len()).map(|index| (sets.find(index), index)).collect();
    members.sort_unstable();
    let mut tied: Vec<(usize, Edge)> = edges.iter().map(|edge| (sets.find(edge.a), *edge)).collect();
    tied.sort_by_key(|(root, _)| *root);
    let resolve_one = |members: &&[(usize, usize)]| {
        let root = members[0].0;
        let within = tied.partition_point(|(of, _)| *of < root)..tied.partition_point(|(of, _)| *of <= root);
        let within = tied[within].iter().map(|(_, edge)| edge);
        let members: Vec<usize> = members.iter().map(|(_, index)| *index).collect();
        let partition = component(nodes, &members, within, judgements, model, unique);
        Component { nodes: members, partition }
    };
    let components: Vec<&[(usize, usize)]> = members.chunk_by(|x, y| x.0 == y.0).collect();
    parallel::map(&components, resolve_one)
}

/// Clusters one component, whose members come in ascending order.
fn component<'a>(
    nodes: &[&Prepared],
    members: &[usize],
    edges: impl Iterator<Item = &'a Edge>,
    judgements: &[Judgement],
    model: &Model,
    unique: &BTreeSet<String>,
) -> Partition {
    let local = |global: usize| members.partition_point(|member| *member < global);
    let edges: Vec<Edge> = edges.map(|edge| Edge { a: local(edge.a), b: local(edge.b), ..*edge }).collect();
    let here = |side: &[usize]| -> Vec<usize> {
        side.iter().filter(|node| members.binary_search(node).is_ok()).map(|node| local(*node)).collect()
    };
    let judgements: Vec<Judgement> = judgements
        .iter()
        .map(|judgement| Judgement { a: here(&judgement.a), b: here(&judgement.b), ..*judgement })
        .filter(|judgement| !(judgement.a.is_empty() && judgement.b.is_empty()))
        .collect();
    let nodes: Vec<&Node> = members.iter().map(|index| &*nodes[*index].node).collect();
    partition(&nodes, &edges, &judgements, model, unique)
}

#[cfg(test)]
mod tests;
