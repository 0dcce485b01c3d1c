//! Resolution: from nodes and their live keys to links, components and clusters.

use super::{
    blocking::{IdentifierKeys, Key, keys},
    cluster::{DisjointSets, Edge, Judgement, Node, Partition, Verdict, partition},
    compare::Features,
    contact::Contact,
    keyed_hash::IdKey,
    model::Model,
    normalize::form::{NormalForm, normalize},
    score::score,
    sharing::{DeadKeys, dead_keys},
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};
use uuid::Uuid;

/// A normal form made ready for comparison.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The keys of its identifiers.
    pub identifiers: IdentifierKeys,
    /// All its blocking keys.
    pub keys: Vec<Key>,
    /// The key by which equal forms find each other.
    pub form_key: i64,
    /// The node it makes.
    pub node: Node,
}

/// Match weights of pairs of nodes, so that no pair is compared twice.
pub type Weights = HashMap<(Uuid, Uuid), Link>;

/// What a pair of nodes has to do with each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// The match weight in bits.
    pub weight: f64,
    /// Whether all that speaks for it is one claimed identifier.
    pub claim: bool,
    /// Whether both learnt one identifier otherwise than by a claim.
    pub identifier: bool,
}

impl Link {
    /// Whether it ties the two into one component: a possible match, or an identifier in common, whatever the names say.
    #[must_use]
    pub fn matters(&self, model: &Model) -> bool {
        self.identifier || self.weight >= model.possible_at
    }
}

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
        Self { identifiers, keys, form_key, node: Node { id, features: Features::of(form) } }
    }

    /// What is left where dead keys join nobody: the identifiers behind them are neither compared nor do they find anybody.
    #[must_use]
    pub fn alive(&self, dead: &DeadKeys) -> Cow<'_, Self> {
        let is_dead = |key: &Key| key.dies_with().iter().any(|hash| dead.contains_key(hash));
        if !self.keys.iter().any(is_dead) {
            return Cow::Borrowed(self);
        }
        let mut alive = self.clone();
        alive.keys.retain(|key| !is_dead(key));
        let features = &mut alive.node.features;
        retain_by(&mut features.emails, &self.identifiers.emails, is_dead);
        retain_by(&mut features.phones, &self.identifiers.phones, is_dead);
        retain_by(&mut features.handles, &self.identifiers.handles, is_dead);
        retain_by(&mut features.external_ids, &self.identifiers.external_ids, is_dead);
        Cow::Owned(alive)
    }
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

/// The weight of two nodes, and what it rests on.
#[must_use]
pub fn weigh(a: &Node, b: &Node, model: &Model, weights: &mut Weights) -> Link {
    let (a, b) = if a.id <= b.id { (a, b) } else { (b, a) };
    *weights.entry((a.id, b.id)).or_insert_with(|| {
        let score = score(&a.features, &b.features, model);
        Link { weight: score.weight, claim: score.rests_on_a_claim(), identifier: score.shares_an_identifier() }
    })
}

/// The links among nodes that share a key, all of whose keys are alive: those of at least a possible match, and those that an
/// identifier makes between names that disagree, which a steward should see.
#[must_use]
pub fn links(nodes: &[&Prepared], model: &Model, weights: &mut Weights) -> Vec<Edge> {
    let mut sharing: HashMap<i64, Vec<usize>> = HashMap::new();
    for (index, prepared) in nodes.iter().enumerate() {
        for value in prepared.keys.iter().map(|key| key.value()).collect::<BTreeSet<_>>() {
            sharing.entry(value).or_default().push(index);
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
        let link = weigh(&nodes[a].node, &nodes[b].node, model, weights);
        if link.matters(model) {
            edges.push(Edge { a, b, weight: link.weight, claim: link.claim });
        }
    }
    edges
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
    let edges = links(&alive, model, &mut Weights::new());
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
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for index in 0..nodes.len() {
        members.entry(sets.find(index)).or_default().push(index);
    }
    let mut within: BTreeMap<usize, Vec<Edge>> = BTreeMap::new();
    for edge in edges {
        within.entry(sets.find(edge.a)).or_default().push(*edge);
    }
    let resolve_one = |(root, members): (usize, Vec<usize>)| {
        let edges = within.remove(&root).unwrap_or_default();
        let partition = component(nodes, &members, &edges, judgements, model, unique);
        Component { nodes: members, partition }
    };
    members.into_iter().map(resolve_one).collect()
}

fn component(
    nodes: &[&Prepared],
    members: &[usize],
    edges: &[Edge],
    judgements: &[Judgement],
    model: &Model,
    unique: &BTreeSet<String>,
) -> Partition {
    let local: HashMap<usize, usize> = members.iter().enumerate().map(|(local, global)| (*global, local)).collect();
    let edges: Vec<Edge> = edges.iter().map(|edge| Edge { a: local[&edge.a], b: local[&edge.b], ..*edge }).collect();
    let here = |side: &[usize]| -> Vec<usize> { side.iter().filter_map(|node| local.get(node).copied()).collect() };
    let judgements: Vec<Judgement> = judgements
        .iter()
        .map(|judgement| Judgement { a: here(&judgement.a), b: here(&judgement.b), ..judgement.clone() })
        .filter(|judgement| !(judgement.a.is_empty() && judgement.b.is_empty()))
        .collect();
    let nodes: Vec<&Node> = members.iter().map(|index| &nodes[*index].node).collect();
    partition(&nodes, &edges, &judgements, model, unique)
}

#[cfg(test)]
mod tests;
