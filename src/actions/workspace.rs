//! The part of a tenant's records and profiles that a change can touch, loaded, regrouped in memory, and saved.
//!
//! What it loads is closed: a profile that might change has all its records here, and so has every profile of its
//! component. Blocking keys lead to the candidates, candidates that are at least a possible match to their components.

mod candidates;
mod choices;
mod explain;
mod keys_at_stake;
mod load;
mod reasons;
mod reclaim;
mod regroup;
mod remember;
mod save;
mod shrink;

pub use save::Changes;

use super::memory::Memory;
use crate::{
    domain::{
        blocking::Key,
        id::{EventId, JudgementId, ProfileId, RecordId},
        judgement::Judgement,
        keyed_hash::IdKey,
        model::Model,
        record::Observation,
        resolution::{Prepared, Weights},
        review::{Reason, Subject},
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
use rustc_hash::{FxHashMap, FxHashSet};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
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
    /// What is not as the model makes it.
    pub anew: Anew,
}

/// What, of that which a change touches, is stored otherwise than the model in force makes it, and so must be looked at anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anew {
    /// Nothing: components are as they are stored, and whatever is not touched stays.
    Nothing,
    /// There may be links between components.
    Links,
    /// All that another model makes otherwise: links, which keys are dead, and golden records.
    Everything,
}

impl Anew {
    /// While the model changes, what is stored may be what the one before made of it.
    #[must_use]
    pub const fn of(lane: &Lane) -> Self {
        if lane.mark.changing { Self::Everything } else { Self::Nothing }
    }
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
    /// What need not be loaded.
    memory: &'a mut Memory,
    /// Records by id, stored and new.
    pub records: BTreeMap<RecordId, Arc<StoredRecord>>,
    /// Profiles by id.
    pub profiles: BTreeMap<ProfileId, Arc<StoredProfile>>,
    /// How the profiles that changed members fared.
    pub fates: BTreeMap<ProfileId, Fate>,
    before: BTreeMap<RecordId, Option<ProfileId>>,
    /// Nodes, and candidates that may have no record here.
    prepared: FxHashMap<RecordId, Arc<Prepared>>,
    /// The profiles of those that have none: whoever matters comes with all of its profile's records.
    homes: FxHashMap<RecordId, ProfileId>,
    /// Nodes whose keys were not yet asked after.
    unasked: Vec<RecordId>,
    /// Profiles whose nodes are clustered anew.
    regrouped: BTreeSet<ProfileId>,
    /// Whether the stored components are what the model in force makes of the stored records.
    is_settled: bool,
    /// The components they were in.
    taken_apart: BTreeSet<Uuid>,
    new: BTreeSet<RecordId>,
    dirty: BTreeSet<RecordId>,
    changed: BTreeSet<ProfileId>,
    causes: BTreeMap<RecordId, EventId>,
    retired: BTreeMap<ProfileId, ProfileId>,
    /// The id that a steward wants to survive.
    pub chosen: Option<ProfileId>,
    /// Profiles that were retired before.
    former: BTreeMap<ProfileId, reclaim::Retired>,
    /// Which of the keys of all nodes here are dead.
    dead: DeadKeys,
    /// Keys of which it is known whether they were dead.
    asked: FxHashSet<i64>,
    /// Keys of which it is decided whether they are dead.
    judged: FxHashSet<i64>,
    /// Nodes whose links were looked for.
    explored: FxHashSet<RecordId>,
    killed: BTreeMap<i64, (Key, Death)>,
    revived: BTreeSet<i64>,
    judgements: BTreeMap<JudgementId, Judgement>,
    /// Judgements that are just given, or withdrawn.
    pub ruled: Vec<Judgement>,
    /// Profiles of which it changed whether they are ambiguous.
    flipped: BTreeSet<ProfileId>,
    /// Judgements of sameness that one to the contrary suspends.
    suspended: BTreeSet<JudgementId>,
    /// What speaks for one person between profiles that are two.
    links: Vec<reasons::Link>,
    /// Stored profiles that were in one component with others, whose reviews are not remembered.
    tied: BTreeSet<ProfileId>,
    /// What remembered reviews of two profiles say that were in one component.
    standing: BTreeMap<Subject, Reason>,
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
    pub fn new(context: Context<'a>, memory: &'a mut Memory) -> Self {
        Self {
            context,
            memory,
            records: BTreeMap::new(),
            profiles: BTreeMap::new(),
            fates: BTreeMap::new(),
            before: BTreeMap::new(),
            prepared: FxHashMap::default(),
            homes: FxHashMap::default(),
            unasked: Vec::new(),
            regrouped: BTreeSet::new(),
            is_settled: false,
            taken_apart: BTreeSet::new(),
            new: BTreeSet::new(),
            dirty: BTreeSet::new(),
            changed: BTreeSet::new(),
            causes: BTreeMap::new(),
            retired: BTreeMap::new(),
            chosen: None,
            former: BTreeMap::new(),
            dead: DeadKeys::default(),
            asked: FxHashSet::default(),
            judged: FxHashSet::default(),
            explored: FxHashSet::default(),
            killed: BTreeMap::new(),
            revived: BTreeSet::new(),
            judgements: BTreeMap::new(),
            ruled: Vec::new(),
            flipped: BTreeSet::new(),
            suspended: BTreeSet::new(),
            links: Vec::new(),
            tied: BTreeSet::new(),
            standing: BTreeMap::new(),
            removed: BTreeSet::new(),
            loosened: BTreeSet::new(),
            grown: 0,
            weights: Weights::default(),
        }
    }

    /// Loads the records with these ids.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_records(
        &mut self,
        lane: &Lane,
        ids: impl IntoIterator<Item = RecordId>,
    ) -> Result<(), StoreError> {
        let ids: BTreeSet<RecordId> = ids.into_iter().filter(|id| !self.records.contains_key(id)).collect();
        let missing = self.recall(&ids.into_iter().collect::<Vec<_>>());
        let found = records::find(lane, lane.tenant, missing).await?;
        self.take_in(found.into_iter().map(Arc::new));
        Ok(())
    }

    /// Whether it is known that no record of this normal form is stored.
    #[must_use]
    pub fn is_new_form(&self, form_key: i64) -> bool {
        self.memory.is_new_form(form_key)
    }

    /// Adds a record that is not stored yet. Its profile is decided by [`Self::regroup`].
    pub fn add(&mut self, record: StoredRecord, prepared: Arc<Prepared>, cause: EventId) {
        self.before.insert(record.id, None);
        self.prepare(record.id, prepared);
        self.causes.insert(record.id, cause);
        self.new.insert(record.id);
        self.records.insert(record.id, Arc::new(record));
    }

    /// Takes in what an event tells of a record.
    pub fn observe(&mut self, id: RecordId, event: EventId, observation: Observation) {
        self.causes.entry(id).or_insert(event);
        let Some(record) = self.records.get_mut(&id).map(Arc::make_mut) else { return };
        match record.observations.binary_search_by(|known| known.source.cmp(&observation.source)) {
            Ok(at) => record.observations[at].absorb(observation),
            Err(at) => record.observations.insert(at, observation),
        }
        if !self.new.contains(&id) {
            self.dirty.insert(id);
        }
    }

    fn prepare(&mut self, node: RecordId, prepared: Arc<Prepared>) {
        self.prepared.insert(node, prepared);
        self.unasked.push(node);
    }

    /// Replaces what is known of a record's events.
    pub fn see(&mut self, id: RecordId, observations: Vec<Observation>) {
        if let Some(record) = self.records.get_mut(&id).map(Arc::make_mut) {
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

/// The keys by which a node is found when events come in: its blocking keys, and the one by which equal forms find each
/// other.
fn finding_keys(prepared: &Prepared) -> impl Iterator<Item = i64> {
    prepared.keys.iter().map(|key| key.hash).chain([prepared.form_key])
}

/// The rows of all of a node's keys, those that people search by included.
#[must_use]
fn key_rows(node: RecordId, prepared: &Prepared, id_key: &IdKey) -> Vec<KeyRow> {
    let hashes = finding_keys(prepared).chain(search_keys(&prepared.node.features, id_key));
    hashes.map(|key| KeyRow { key, record_id: node.uuid() }).collect()
}
