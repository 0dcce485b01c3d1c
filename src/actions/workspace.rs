//! The part of a tenant's records and profiles that a change can touch, loaded, regrouped in memory, and saved.
//!
//! What it loads is closed: a profile that might change has all its records here, and so has every profile of its
//! component. Blocking keys lead to the candidates, candidates that are at least a possible match to their components.

use crate::{
    domain::{
        blocking::Key,
        golden::{GoldenRecord, Include},
        id::{EventId, ProfileId, RecordId},
        identity::inherit,
        keyed_hash::IdKey,
        model::Model,
        record::Observation,
        resolution::{Component, Prepared, Weights, links, resolve, weigh},
        search::search_keys,
        source::Sources,
        survivorship::{Member, survive},
    },
    store::{
        StoreError,
        entities::journal,
        journal as journals,
        keys::{self, KeyRow},
        lane::Lane,
        profiles::{self, StoredProfile},
        records::{self, StoredRecord},
    },
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a change needs to know besides the database.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The tenant's secret.
    pub id_key: &'a IdKey,
    /// The model in force.
    pub model: &'a Model,
    /// The tenant's sources.
    pub sources: &'a Sources,
}

/// What happened to a profile, as the journal keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// It came to be.
    Created,
    /// Records joined it.
    Attached,
    /// Another profile was merged into it.
    Merged,
    /// Records left it for another profile.
    Split,
    /// It was merged into another profile, and redirects there.
    Retired,
    /// It lost its last record.
    Emptied,
}

/// The particulars of a journal entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Particulars {
    /// The profile's version after it.
    pub version: i64,
    /// Records that came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records_added: Vec<RecordId>,
    /// Records that went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records_removed: Vec<RecordId>,
    /// Profiles that records came from or went to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_profiles: Vec<ProfileId>,
    /// The event that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<EventId>,
    /// The model that decided it.
    pub model_version: String,
}

/// How one profile fared in a change.
#[derive(Clone, Debug, Default)]
pub struct Fate {
    /// Whether it came to be.
    pub created: bool,
    /// Profiles that were retired into it.
    pub merged: BTreeSet<ProfileId>,
    /// Profiles that got records from it.
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
    capped: HashSet<i64>,
    newly_capped: Vec<i64>,
    /// Records without events, which go.
    removed: BTreeSet<RecordId>,
    /// Nodes that take the place of a removed one.
    promoted: BTreeSet<RecordId>,
    /// Keys that lost a record.
    loosened: BTreeSet<Key>,
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
            capped: HashSet::new(),
            newly_capped: Vec::new(),
            removed: BTreeSet::new(),
            promoted: BTreeSet::new(),
            loosened: BTreeSet::new(),
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

    /// Takes out a record that has no events any more. Where it was the node of others the smallest of them takes its place.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove(&mut self, lane: &Lane, id: RecordId) -> Result<(), StoreError> {
        let Some(record) = self.records.remove(&id) else { return Ok(()) };
        self.dirty.remove(&id);
        self.removed.insert(id);
        self.changed.insert(record.profile);
        let was_promoted = self.promoted.remove(&id);
        let Some(prepared) = self.prepared.remove(&id).filter(|_| record.node == id) else { return Ok(()) };
        if !was_promoted {
            keys::delete(&lane.tx, lane.tenant, key_rows(id, &prepared, self.context.id_key)).await?;
        }
        let followers: Vec<RecordId> = self.records.values().filter(|r| r.node == id).map(|r| r.id).collect();
        let Some(successor) = followers.first().copied() else {
            self.loosened.extend(prepared.keys);
            return Ok(());
        };
        for follower in followers {
            if let Some(record) = self.records.get_mut(&follower) {
                record.node = successor;
                self.dirty.insert(follower);
            }
        }
        self.prepared.insert(successor, prepared);
        self.promoted.insert(successor);
        Ok(())
    }

    /// Brings keys back to life that fell to their cap, and loads the components of those who meet by them again.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revive_keys(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let loosened: Vec<i64> = self.loosened.iter().map(|key| key.hash).collect();
        let capped = keys::capped(&lane.tx, lane.tenant, loosened).await?;
        let (mut revived, mut seeds) = (Vec::new(), BTreeSet::new());
        for key in self.loosened.iter().filter(|key| capped.contains(&key.hash)) {
            let cap = key.kind.cap(self.context.model);
            let limit = u32::try_from(cap + 1).unwrap_or(u32::MAX);
            let behind = keys::records(&lane.tx, lane.tenant, key.hash, limit).await?;
            if behind.len() <= cap {
                revived.push(key.hash);
                seeds.extend(records::find(&lane.tx, lane.tenant, behind).await?.into_iter().map(|r| r.profile));
            }
        }
        keys::uncap(&lane.tx, lane.tenant, revived.clone()).await?;
        self.load_components(lane, seeds).await?;
        self.capped.retain(|hash| !revived.contains(hash));
        Ok(())
    }

    /// Whether the record was not stored before.
    #[must_use]
    pub fn is_new(&self, record: RecordId) -> bool {
        self.new.contains(&record)
    }

    /// Loads everything that the new and touched records can change.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_neighbourhood(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let nodes = self.new_nodes(lane).await?;
        let seeds = self.find_candidates(lane, &nodes).await?;
        self.load_components(lane, seeds).await?;
        self.load_touched(lane).await
    }

    /// Gives each new record its node: a stored record of equal normal form, or the smallest new one. Returns the nodes
    /// that are new.
    async fn new_nodes(&mut self, lane: &Lane) -> Result<Vec<RecordId>, StoreError> {
        let form_keys: BTreeSet<i64> = self.new.iter().map(|id| self.prepared[id].form_key).collect();
        let stored = keys::candidates(&lane.tx, lane.tenant, form_keys.into_iter().collect()).await?;
        let mut node_of: HashMap<i64, RecordId> =
            stored.iter().map(|row| (row.key, RecordId::from_uuid(row.record_id))).collect();
        let mut nodes = Vec::new();
        for id in &self.new {
            let node = *node_of.entry(self.prepared[id].form_key).or_insert(*id);
            if node == *id {
                nodes.push(node);
            }
            if let Some(record) = self.records.get_mut(id) {
                record.node = node;
            }
        }
        let known = stored.into_iter().map(|row| row.record_id).collect();
        self.load_records(lane, known).await?;
        Ok(nodes)
    }

    /// Finds the stored nodes that share a key with a new one, notes which keys this takes over their cap, and returns
    /// the profiles whose components the change can reach.
    async fn find_candidates(&mut self, lane: &Lane, nodes: &[RecordId]) -> Result<BTreeSet<ProfileId>, StoreError> {
        let mut sharing: BTreeMap<Key, Vec<RecordId>> = BTreeMap::new();
        for node in nodes {
            for key in &self.prepared[node].keys {
                sharing.entry(*key).or_default().push(*node);
            }
        }
        let hashes: Vec<i64> = sharing.keys().map(|key| key.hash).collect();
        self.capped.extend(keys::capped(&lane.tx, lane.tenant, hashes.clone()).await?);
        let mut stored: HashMap<i64, Vec<RecordId>> = HashMap::new();
        for row in keys::candidates(&lane.tx, lane.tenant, hashes).await? {
            stored.entry(row.key).or_default().push(RecordId::from_uuid(row.record_id));
        }
        let ids: BTreeSet<Uuid> = stored.values().flatten().map(super::super::domain::id::Id::uuid).collect();
        self.load_records(lane, ids.into_iter().collect()).await?;
        let mut reached = BTreeSet::new();
        for (key, new) in sharing {
            let old = stored.remove(&key.hash).unwrap_or_default();
            if self.capped.contains(&key.hash) {
                continue;
            }
            if old.len() + new.len() > key.kind.cap(self.context.model) {
                // Those who met by this key alone no longer do.
                self.capped.insert(key.hash);
                self.newly_capped.push(key.hash);
                reached.extend(old.iter().map(|id| self.records[id].profile));
                continue;
            }
            for candidate in &old {
                for node in &new {
                    if self.is_possible(*node, *candidate) {
                        reached.insert(self.records[candidate].profile);
                    }
                }
            }
        }
        Ok(reached)
    }

    fn is_possible(&mut self, a: RecordId, b: RecordId) -> bool {
        let (a, b) = (&self.prepared[&a].node, &self.prepared[&b].node);
        weigh(a, b, self.context.model, &mut self.weights).0 >= self.context.model.possible_at
    }

    /// Loads whole components: these are clustered anew.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_components(&mut self, lane: &Lane, seeds: BTreeSet<ProfileId>) -> Result<(), StoreError> {
        let seeds = seeds.iter().map(super::super::domain::id::Id::uuid).collect();
        let mut found = profiles::of_components(&lane.tx, lane.tenant, seeds).await?;
        found.retain(|profile| !self.regrouped.contains(&profile.id));
        let ids: Vec<Uuid> = found.iter().map(|profile| profile.id.uuid()).collect();
        self.regrouped.extend(found.iter().map(|profile| profile.id));
        self.profiles.extend(found.into_iter().map(|profile| (profile.id, profile)));
        self.load_members(lane, ids).await?;
        let hashes: BTreeSet<i64> =
            self.nodes().iter().flat_map(|id| &self.prepared[id].keys).map(|k| k.hash).collect();
        self.capped.extend(keys::capped(&lane.tx, lane.tenant, hashes.into_iter().collect()).await?);
        Ok(())
    }

    /// Loads the profiles of touched records, and of stored nodes that new records share: their golden records may change.
    async fn load_touched(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let of_nodes = self.new.iter().map(|id| self.records[id].node).filter(|node| !self.new.contains(node));
        let touched: BTreeSet<ProfileId> =
            self.dirty.iter().copied().chain(of_nodes).map(|id| self.records[&id].profile).collect();
        let missing: Vec<Uuid> = touched
            .iter()
            .filter(|id| !self.profiles.contains_key(id))
            .map(super::super::domain::id::Id::uuid)
            .collect();
        let found = profiles::find(&lane.tx, lane.tenant, missing.clone()).await?;
        self.profiles.extend(found.into_iter().map(|profile| (profile.id, profile)));
        self.load_members(lane, missing).await?;
        self.changed.extend(touched);
        Ok(())
    }

    async fn load_members(&mut self, lane: &Lane, profiles: Vec<Uuid>) -> Result<(), StoreError> {
        for record in records::of_profiles(&lane.tx, lane.tenant, profiles).await? {
            self.take_in(record);
        }
        Ok(())
    }

    /// What is here already stays: it may hold observations that are not stored yet.
    fn take_in(&mut self, record: StoredRecord) {
        if self.removed.contains(&record.id) {
            return;
        }
        self.before.entry(record.id).or_insert(Some(record.profile));
        if record.node == record.id && !self.prepared.contains_key(&record.id) {
            self.prepared.insert(record.id, Prepared::of(&record.contact, self.context.id_key));
        }
        self.records.entry(record.id).or_insert(record);
    }

    /// The nodes to cluster: the new ones, and those of whole components.
    fn nodes(&self) -> Vec<RecordId> {
        let belongs = |record: &&StoredRecord| {
            record.node == record.id && (self.new.contains(&record.id) || self.regrouped.contains(&record.profile))
        };
        self.records.values().filter(belongs).map(|record| record.id).collect()
    }

    /// Decides: clusters the nodes anew and gives each cluster its profile.
    pub fn regroup(&mut self, mut new_profile: impl FnMut() -> ProfileId) {
        let ids = self.nodes();
        let nodes: Vec<&Prepared> = ids.iter().map(|id| &self.prepared[id]).collect();
        let edges = links(&nodes, &self.capped, self.context.model, &mut self.weights);
        let components = resolve(&nodes, &edges, self.context.model, &self.context.sources.unique_namespaces());
        let mut members: HashMap<RecordId, Vec<RecordId>> = HashMap::new();
        for record in self.records.values() {
            members.entry(record.node).or_default().push(record.id);
        }
        self.inherit(&ids, &components, &members, &mut new_profile);
        // New records of a node that was not clustered anew go where that node is.
        for id in self.new.clone() {
            let node = self.records[&id].node;
            let profile = self.records[&node].profile;
            if node != id && !self.regrouped.contains(&profile) && !self.new.contains(&node) {
                self.settle(id, profile);
            }
        }
    }

    /// Gives ids to all clusters of all components together: an id may move between components where one falls apart.
    fn inherit(
        &mut self,
        ids: &[RecordId],
        components: &[Component],
        members: &HashMap<RecordId, Vec<RecordId>>,
        new_profile: &mut impl FnMut() -> ProfileId,
    ) {
        let mut clusters: Vec<Vec<RecordId>> = Vec::new();
        for component in components {
            for cluster in &component.partition.clusters {
                let nodes = cluster.nodes.iter().map(|local| ids[component.nodes[*local]]);
                clusters.push(nodes.flat_map(|node| members[&node].iter().copied()).collect());
            }
        }
        let contributions: Vec<BTreeMap<ProfileId, usize>> =
            clusters.iter().map(|records| self.contributions(records)).collect();
        let inheritance = inherit(&contributions);
        let profiles: Vec<ProfileId> =
            inheritance.kept.iter().map(|kept| kept.unwrap_or_else(&mut *new_profile)).collect();
        for (profile, kept) in profiles.iter().zip(&inheritance.kept) {
            if kept.is_none() {
                self.profiles.insert(*profile, unborn(*profile));
                self.fates.entry(*profile).or_default().created = true;
            }
        }
        for (retired, cluster) in inheritance.retired {
            self.retired.insert(retired, profiles[cluster]);
            self.fates.entry(profiles[cluster]).or_default().merged.insert(retired);
        }
        for (records, profile) in clusters.iter().zip(&profiles) {
            for record in records {
                self.settle(*record, *profile);
            }
        }
        self.note_components(components, &profiles);
    }

    fn contributions(&self, records: &[RecordId]) -> BTreeMap<ProfileId, usize> {
        let mut contributions = BTreeMap::new();
        for profile in records.iter().filter_map(|id| self.before[id]) {
            *contributions.entry(profile).or_default() += 1;
        }
        contributions
    }

    /// Puts a record into a profile.
    fn settle(&mut self, record: RecordId, profile: ProfileId) {
        let before = self.before[&record];
        if let Some(stored) = self.records.get_mut(&record) {
            stored.profile = profile;
        }
        if before == Some(profile) {
            return;
        }
        self.changed.insert(profile);
        self.fates.entry(profile).or_default();
        if let Some(old) = before {
            self.dirty.insert(record);
            self.changed.insert(old);
            if !self.retired.contains_key(&old) {
                self.fates.entry(old).or_default().split.insert(profile);
            }
        }
    }

    /// Writes down which profiles share a component, which are ambiguous, and which may be the same person.
    fn note_components(&mut self, components: &[Component], profiles: &[ProfileId]) {
        let mut next = 0;
        for component in components {
            let clusters = &component.partition.clusters;
            let here = &profiles[next..next + clusters.len()];
            next += clusters.len();
            let Some(smallest) = here.iter().min() else { continue };
            for (profile, cluster) in here.iter().zip(clusters) {
                let Some(stored) = self.profiles.get_mut(profile) else { continue };
                if stored.component != smallest.uuid() || stored.ambiguous != cluster.ambiguous {
                    stored.component = smallest.uuid();
                    stored.ambiguous = cluster.ambiguous;
                    self.changed.insert(*profile);
                }
            }
            for possible in &component.partition.possibles {
                self.fates.entry(here[possible.a]).or_default().possibles.insert(here[possible.b]);
                self.fates.entry(here[possible.b]).or_default().possibles.insert(here[possible.a]);
            }
        }
    }

    /// Makes the golden records of all changed profiles anew and saves what differs.
    ///
    /// # Errors
    /// What the database says.
    pub async fn save(mut self, lane: &Lane, recorded_at: jiff::Timestamp) -> Result<(), StoreError> {
        let entries = self.renew_profiles(lane.position, recorded_at)?;
        let (tx, tenant) = (&lane.tx, lane.tenant);
        let written: Vec<&StoredRecord> = self.new.union(&self.dirty).map(|id| &self.records[id]).collect();
        records::upsert(tx, tenant, &written).await?;
        records::delete(tx, tenant, self.removed.iter().map(super::super::domain::id::Id::uuid).collect()).await?;
        keys::insert(tx, tenant, self.new_keys()).await?;
        keys::cap(tx, tenant, std::mem::take(&mut self.newly_capped)).await?;
        let changed: Vec<&StoredProfile> = self.changed.iter().filter_map(|id| self.profiles.get(id)).collect();
        profiles::upsert(tx, tenant, &changed).await?;
        let redirects = self.retired.iter().map(|(from, to)| (from.uuid(), to.uuid())).collect();
        profiles::redirect(tx, tenant, redirects).await?;
        let entries = entries.into_iter().map(|entry| journal::Model { tenant_id: tenant, ..entry }).collect();
        journals::append(tx, tenant, entries).await
    }

    fn new_keys(&self) -> Vec<KeyRow> {
        let nodes = self.new.iter().filter(|id| self.records[id].node == **id).chain(&self.promoted);
        nodes.flat_map(|id| key_rows(*id, &self.prepared[id], self.context.id_key)).collect()
    }

    /// Brings every changed profile up to date; one whose golden record comes out the same keeps its version.
    fn renew_profiles(
        &mut self,
        position: i64,
        recorded_at: jiff::Timestamp,
    ) -> Result<Vec<journal::Model>, StoreError> {
        let mut members: BTreeMap<ProfileId, Vec<&StoredRecord>> = BTreeMap::new();
        for record in self.records.values() {
            members.entry(record.profile).or_default().push(record);
        }
        let mut entries = Vec::new();
        for id in &self.changed {
            let Some(profile) = self.profiles.get_mut(id) else { continue };
            let records = members.remove(id).unwrap_or_default();
            let golden: Vec<Member<'_>> = records
                .iter()
                .map(|r| Member { record: r.id, contact: &r.contact, observations: &r.observations })
                .collect();
            let golden = survive(&golden, self.context.sources, &self.context.model.survivorship);
            profile.survivor = self.retired.get(id).copied();
            let shown = |golden: &GoldenRecord| golden.view(Include::default());
            // Provenance counts every event; a version is what callers see change.
            profile.version += i64::from(profile.version == 0 || shown(&profile.golden) != shown(&golden));
            profile.golden = golden;
            profile.position = position;
            let change = change(*id, &records, &self.before, &self.records);
            entries.extend(entry(profile, change, self.fates.get(id), &self.causes, self.context.model, recorded_at)?);
        }
        Ok(entries)
    }
}

/// The rows of a node's keys: blocking, search, and the one by which equal forms find each other.
#[must_use]
pub fn key_rows(node: RecordId, prepared: &Prepared, id_key: &IdKey) -> Vec<KeyRow> {
    let blocking = prepared.keys.iter().map(|key| key.hash);
    let hashes = blocking.chain(search_keys(&prepared.form, id_key)).chain([prepared.form_key]);
    hashes.map(|key| KeyRow { key, record_id: node.uuid() }).collect()
}

/// A profile before its first save.
fn unborn(id: ProfileId) -> StoredProfile {
    StoredProfile {
        id,
        component: id.uuid(),
        survivor: None,
        version: 0,
        position: 0,
        ambiguous: false,
        golden: GoldenRecord::default(),
    }
}

/// Which records a profile gained and lost, and whom it exchanged them with.
struct Change {
    added: Vec<RecordId>,
    removed: Vec<RecordId>,
    others: BTreeSet<ProfileId>,
}

fn change(
    profile: ProfileId,
    now: &[&StoredRecord],
    before: &BTreeMap<RecordId, Option<ProfileId>>,
    records: &BTreeMap<RecordId, StoredRecord>,
) -> Change {
    let added: Vec<RecordId> = now.iter().map(|r| r.id).filter(|id| before[id] != Some(profile)).collect();
    let gone = |(id, was): (&RecordId, &Option<ProfileId>)| {
        (*was == Some(profile) && records.get(id).is_none_or(|record| record.profile != profile)).then_some(*id)
    };
    let removed: Vec<RecordId> = before.iter().filter_map(gone).collect();
    let from = added.iter().filter_map(|id| before[id]);
    let to = removed.iter().filter_map(|id| records.get(id)).map(|record| record.profile);
    Change { others: from.chain(to).collect(), added, removed }
}

fn entry(
    profile: &StoredProfile,
    change: Change,
    fate: Option<&Fate>,
    causes: &BTreeMap<RecordId, EventId>,
    model: &Model,
    recorded_at: jiff::Timestamp,
) -> Result<Option<journal::Model>, StoreError> {
    if change.added.is_empty() && change.removed.is_empty() {
        return Ok(None);
    }
    let kind = match fate {
        _ if profile.survivor.is_some() => Happened::Retired,
        Some(fate) if fate.created => Happened::Created,
        Some(fate) if !fate.merged.is_empty() => Happened::Merged,
        _ if !change.removed.is_empty() && change.others.is_empty() => Happened::Emptied,
        _ if !change.removed.is_empty() => Happened::Split,
        _ => Happened::Attached,
    };
    let particulars = Particulars {
        version: profile.version,
        cause: change.added.iter().find_map(|id| causes.get(id)).copied(),
        records_added: change.added,
        records_removed: change.removed,
        other_profiles: change.others.into_iter().collect(),
        model_version: model.version.clone(),
    };
    Ok(Some(journal::Model {
        tenant_id: 0,
        profile_id: profile.id.uuid(),
        position: profile.position,
        kind: crate::store::to_json(&kind, "journal entry")?.trim_matches('"').to_owned(),
        recorded_at: recorded_at.as_microsecond(),
        detail: crate::store::to_json(&particulars, "journal entry")?,
    }))
}
