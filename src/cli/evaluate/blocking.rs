//! What blocking lets through, and at what price.

use super::{
    truth::{Place, Truth},
    world::World,
};
use crate::domain::{
    blocking::KeyKind,
    evaluation::candidates::{Candidates, candidates, mean},
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};

/// Candidate recall, and how many keys there are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Blocking {
    /// How many true pairs are candidates.
    #[serde(flatten)]
    pub candidates: Candidates,
    /// Distinct normal forms that are stored.
    pub normal_forms: usize,
    /// The mean number of keys of a normal form, dead ones included.
    pub keys_per_form: f64,
    /// Distinct keys.
    pub keys: usize,
    /// Those of them that join nobody, because too many have them.
    pub dead_keys: usize,
    /// The dead ones by the rule that made them.
    pub dead_keys_by_kind: BTreeMap<KeyKind, usize>,
}

impl Blocking {
    /// Counts.
    #[must_use]
    pub fn of(truth: &Truth, world: &World) -> Self {
        let rows = truth.values().map(|known| match known.place {
            Place::In(record, _) => (&known.link, world.node(record)),
            Place::Missing | Place::Nobody => (&known.link, None),
        });
        let all = world.forms.iter().flat_map(|form| &form.keys);
        let keys: HashMap<i64, KeyKind> = all.clone().map(|key| (key.hash, key.kind)).collect();
        let mut dead_keys_by_kind = BTreeMap::new();
        for kind in world.dead.keys().filter_map(|hash| keys.get(hash)) {
            *dead_keys_by_kind.entry(*kind).or_default() += 1;
        }
        Self {
            candidates: candidates(rows, |a, b| world.meet(a, b)),
            normal_forms: world.forms.len(),
            keys_per_form: mean(all.count(), world.forms.len()),
            keys: keys.len(),
            dead_keys: dead_keys_by_kind.values().sum(),
            dead_keys_by_kind,
        }
    }
}
