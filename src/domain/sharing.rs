//! Dead keys: those that so many share that they join nobody. Whether a key is dead is a function of who holds it, so that it
//! dies and comes back to life with them, whatever the order they came in.

use super::{blocking::Key, compare::name, model::Model, normalize::name::Name, resolution::Prepared};
use rustc_hash::FxHashMap;
use serde::Serialize;
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
pub type DeadKeys = FxHashMap<i64, Death>;

/// Those of these keys that are dead.
pub fn dead_among(dead: &DeadKeys, keys: impl IntoIterator<Item = i64>) -> impl Iterator<Item = (i64, Death)> {
    keys.into_iter().filter_map(|key| Some((key, *dead.get(&key)?)))
}

/// Whether a key is dead, given the normal forms that hold it. Claims are only counted as forms: whoever claims an identifier
/// under many names proves nothing.
#[must_use]
pub fn verdict(key: Key, holders: &[&Prepared], model: &Model) -> Option<Death> {
    let of_many = of_many(key, holders.len(), model);
    if of_many.is_some() || !is_learnt(key) {
        return of_many;
    }
    // The most identifiers are so few people's that nothing needs to be compared to see it.
    let (bearers, nameless): (Vec<&Prepared>, _) =
        holders.iter().partition(|holder| !holder.node.features.names.is_empty());
    let names = if bearers.len() > model.cluster.shared_names { people(bearers, model) } else { 0 };
    if names > model.cluster.shared_names {
        return Some(Death { why: Shared::Names, count: names });
    }
    let others = identifiers_beside(key, &nameless);
    (others > model.cluster.shared_identifiers).then_some(Death { why: Shared::Identifiers, count: others })
}

/// Whether so many hold a key that it is dead, whoever they are.
#[must_use]
pub fn of_many(key: Key, holders: usize, model: &Model) -> Option<Death> {
    (holders > key.kind.cap(model)).then_some(Death { why: Shared::TooMany, count: holders })
}

/// Whether a key is an identifier learnt otherwise than by a claim: of these alone it matters who holds them.
#[must_use]
pub const fn is_learnt(key: Key) -> bool {
    key.kind.is_exact() && !key.claimed
}

/// How many groups the holders' names fall into: each joins the first group whose first name it agrees with.
fn people(mut holders: Vec<&Prepared>, model: &Model) -> usize {
    holders.sort_by_key(|holder| holder.node.id);
    let mut groups: Vec<&Name> = Vec::new();
    for name in holders.iter().filter_map(|holder| holder.node.features.names.first()) {
        if !groups.iter().any(|group| name::pair(group, name, model).agreement(model) >= 0.0) {
            groups.push(name);
        }
    }
    groups.len()
}

/// How many other identifiers the holders without a name learnt otherwise than by a claim.
fn identifiers_beside(key: Key, nameless: &[&Prepared]) -> usize {
    let learnt = nameless.iter().flat_map(|holder| holder.identifiers.all()).filter(|other| !other.claimed);
    let mut others: Vec<i64> = learnt.map(|other| other.hash).filter(|hash| *hash != key.hash).collect();
    others.sort_unstable();
    others.dedup();
    others.len()
}

/// The dead keys of a whole world of normal forms.
#[must_use]
pub fn dead_keys(nodes: &[&Prepared], model: &Model) -> DeadKeys {
    let mut holders: FxHashMap<i64, (Key, Vec<&Prepared>)> = FxHashMap::default();
    for node in nodes {
        for key in &node.keys {
            holders.entry(key.hash).or_insert_with(|| (*key, Vec::new())).1.push(node);
        }
    }
    let judged = holders.into_iter().filter_map(|(hash, (key, holders))| Some((hash, verdict(key, &holders, model)?)));
    judged.collect()
}
