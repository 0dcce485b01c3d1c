//! Dead keys: those that so many share that they join nobody. Whether a key is dead is a function of who holds it, so that it
//! dies and comes back to life with them, whatever the order they came in.

use super::{blocking::Key, compare::name, model::Model, normalize::name::Name, resolution::Prepared};
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;

/// Why a key joins nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// More normal forms hold it than a key may have.
    TooMany,
    /// People of too many different names have the identifier: a switchboard, a family's or an office's mailbox.
    Names,
    /// It comes with too many other identifiers and without a name: a kiosk's telephone, a till's.
    Identifiers,
}

/// A key's fate, and how many normal forms, names or identifiers decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// Why it joins nobody.
    pub why: Shared,
    /// How many there are; of forms at least so many.
    pub count: usize,
}

/// The keys, among those looked at, that are dead, by their hash.
pub type DeadKeys = HashMap<i64, Death>;

/// Whether a key is dead, given the normal forms that hold it. Claims are only counted as forms: whoever claims an identifier
/// under many names proves nothing.
#[must_use]
pub fn verdict(key: Key, holders: &[&Prepared], model: &Model) -> Option<Death> {
    if holders.len() > key.kind.cap(model) {
        return Some(Death { why: Shared::TooMany, count: holders.len() });
    }
    if !key.kind.is_exact() || key.claimed {
        return None;
    }
    let mut holders = holders.to_vec();
    holders.sort_by_key(|holder| holder.node.id);
    let (names, others) = (people(&holders, model), identifiers_beside(key, &holders));
    if names > model.cluster.shared_names {
        Some(Death { why: Shared::Names, count: names })
    } else if others > model.cluster.shared_identifiers {
        Some(Death { why: Shared::Identifiers, count: others })
    } else {
        None
    }
}

/// How many groups the holders' names fall into: each joins the first group whose first name it agrees with.
fn people(holders: &[&Prepared], model: &Model) -> usize {
    let mut groups: Vec<&Name> = Vec::new();
    for name in holders.iter().filter_map(|holder| holder.node.features.names.first()) {
        if !groups.iter().any(|group| name::pair(group, name, model).agreement(model) >= 0.0) {
            groups.push(name);
        }
    }
    groups.len()
}

/// How many other identifiers the holders without a name learnt otherwise than by a claim.
fn identifiers_beside(key: Key, holders: &[&Prepared]) -> usize {
    let nameless = holders.iter().filter(|holder| holder.node.features.names.is_empty());
    let learnt = nameless.flat_map(|holder| holder.identifiers.all()).filter(|other| !other.claimed);
    learnt.filter(|other| other.hash != key.hash).map(|other| other.hash).collect::<BTreeSet<_>>().len()
}

/// The dead keys of a whole world of normal forms.
#[must_use]
pub fn dead_keys(nodes: &[&Prepared], model: &Model) -> DeadKeys {
    let mut holders: HashMap<i64, (Key, Vec<&Prepared>)> = HashMap::new();
    for node in nodes {
        for key in &node.keys {
            holders.entry(key.hash).or_insert_with(|| (*key, Vec::new())).1.push(node);
        }
    }
    let judged = holders.into_iter().filter_map(|(hash, (key, holders))| Some((hash, verdict(key, &holders, model)?)));
    judged.collect()
}
