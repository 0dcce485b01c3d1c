//! The part of a tenant's records and profiles that a change can touch, loaded, regrouped in memory, and saved.
//!
//! What it loads is closed: a profile that might change has all its records here, and so has every profile of its
//! component. Blocking keys lead to the candidates, candidates that are at least a possible match to their components.

mod keys_at_stake;
mod load;
mod reclaim;
mod regroup;
mod save;
mod shrink;

use crate::{
    domain::{
        blocking::Key,
        id::{EventId, JudgementId, ProfileId, RecordId},
        judgement::Judgement,
        keyed_hash::IdKey,
        model::Model,
        record::Observation,
        resolution::{Prepared, Weights},
        search::search_keys,
        sharing::{DeadKeys, Death},
        source::Sources,
    },
    store::{
        StoreError,
        keys::KeyRow,
        lane::Lane,
        profiles::StoredProfile,
        records::{self, StoredRecord},
    },
};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};
use uuid::Uuid;

/// What a change needs to know besides the database.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The tenant's secret.
    pub id_key: &'a IdKey,
    /// The model in force, for as many normal forms as the tenant holds.
    pub model: &'a Model,
    /// The tenant's sources.
    pub sources: &'a Sources,
}

/// How one profile fared in a change.
#[derive(Clone, Debug, Default)]
pub struct Fate {
    /// Whether it came to be.
    pub created: bool,
    /// Whether it was retired before.
    pub restored: bool,
    /// Profiles that were retired into it.
    pub merged: BTreeSet<ProfileId>,
    /// Living profiles that got records from it, or that it got records from.
    pub split: BTreeSet<ProfileId>,
    /// Profiles it may be the same person as.
    pub possibles: BTreeSet<ProfileId>,
}

/// What is loaded, and what changed of it.
pub struct Workspace<'a> {
    context: Context<'a>,
    /// Records by id, stored and new.
    pub records: BTreeMap<RecordId, StoredRecord>,
    /// Profiles by id.
    pub profiles: BTreeMap<ProfileId, StoredProfile>,
    /// How the profiles that changed members fared.
    pub fates: BTreeMap<ProfileId, Fate>,
    before: BTreeMap<RecordId, Option<ProfileId>>,
    prepared: HashMap<RecordId, Prepared>,
    /// Profiles whose nodes are clustered anew.
    regrouped: BTreeSet<ProfileId>,
    new: BTreeSet<RecordId>,
    dirty: BTreeSet<RecordId>,
    changed: BTreeSet<ProfileId>,
    causes: BTreeMap<RecordId, EventId>,
    retired: BTreeMap<ProfileId, ProfileId>,
    /// Profiles that were retired before.
    former: BTreeMap<ProfileId, reclaim::Retired>,
    /// Which of the keys of all nodes here are dead.
    dead: DeadKeys,
    killed: BTreeMap<i64, (Key, Death)>,
    revived: BTreeSet<i64>,
    judgements: BTreeMap<JudgementId, Judgement>,
    /// Records without events, which go.
    removed: BTreeSet<RecordId>,
    /// Keys that lost a node.
    loosened: BTreeSet<Key>,
    /// By how many distinct normal forms there are more now, or fewer.
    grown: i64,
    weights: Weights,
}

impl<'a> Workspace<'a> {
    /// Nothing loaded yet.
    #[must_use]
    pub fn new(context: Context<'a>) -> Self {
        Self {
            context,
            records: BTreeMap::new(),
            profiles: BTreeMap::new(),
            fates: BTreeMap::new(),
            before: BTreeMap::new(),
            prepared: HashMap::new(),
            regrouped: BTreeSet::new(),
            new: BTreeSet::new(),
            dirty: BTreeSet::new(),
            changed: BTreeSet::new(),
            causes: BTreeMap::new(),
            retired: BTreeMap::new(),
            former: BTreeMap::new(),
            dead: DeadKeys::new(),
            killed: BTreeMap::new(),
            revived: BTreeSet::new(),
            judgements: BTreeMap::new(),
            removed: BTreeSet::new(),
            loosened: BTreeSet::new(),
            grown: 0,
            weights: Weights::new(),
        }
    }

    /// Loads the records with these ids.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_records(&mut self, lane: &Lane, ids: Vec<Uuid>) -> Result<(), StoreError> {
        for record in records::find(&lane.tx, lane.tenant, ids).await? {
            self.take_in(record);
        }
        Ok(())
    }

    /// Adds a record that is not stored yet. Its profile is decided by [`Self::regroup`].
    pub fn add(&mut self, record: StoredRecord, prepared: Prepared, cause: EventId) {
        self.before.insert(record.id, None);
        self.prepared.insert(record.id, prepared);
        self.causes.insert(record.id, cause);
        self.new.insert(record.id);
        self.records.insert(record.id, record);
    }

    /// Takes in what an event tells of a record.
    pub fn observe(&mut self, id: RecordId, observation: Observation) {
        let Some(record) = self.records.get_mut(&id) else { return };
        match record.observations.binary_search_by(|known| known.source.cmp(&observation.source)) {
            Ok(at) => record.observations[at].absorb(observation),
            Err(at) => record.observations.insert(at, observation),
        }
        if !self.new.contains(&id) {
            self.dirty.insert(id);
        }
    }

    /// Replaces what is known of a record's events.
    pub fn see(&mut self, id: RecordId, observations: Vec<Observation>) {
        if let Some(record) = self.records.get_mut(&id) {
            record.observations = observations;
            self.dirty.insert(id);
            self.changed.insert(record.profile);
        }
    }

    /// By how many distinct normal forms there are more now, or fewer.
    #[must_use]
    pub const fn grown(&self) -> i64 {
        self.grown
    }

    /// What a node is compared and found by, dead keys left out.
    fn alive(&self, node: RecordId) -> Cow<'_, Prepared> {
        self.prepared[&node].alive(&self.dead)
    }

    /// Whether the record was not stored before.
    #[must_use]
    pub fn is_new(&self, record: RecordId) -> bool {
        self.new.contains(&record)
    }
}

/// The rows of a node's keys: blocking, search, and the one by which equal forms find each other.
#[must_use]
fn key_rows(node: RecordId, prepared: &Prepared, id_key: &IdKey) -> Vec<KeyRow> {
    let blocking = prepared.keys.iter().map(|key| key.hash);
    let hashes = blocking.chain(search_keys(&prepared.node.features, id_key)).chain([prepared.form_key]);
    hashes.map(|key| KeyRow { key, record_id: node.uuid() }).collect()
}
