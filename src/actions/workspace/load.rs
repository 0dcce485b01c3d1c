//! Loading: whatever a change can reach, and no more.

use super::{Workspace, keys_at_stake::AtStake};
use crate::{
    actions::memory::Whole,
    domain::{
        blocking::Key,
        id::{ProfileId, RecordId},
        resolution::{Prepared, weigh},
    },
    store::{
        StoreError, judgements,
        lane::Lane,
        profiles,
        records::{self, StoredRecord},
    },
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use uuid::Uuid;

impl Workspace<'_> {
    /// Loads everything that the new and touched records can change.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_neighbourhood(&mut self, lane: &Lane) -> Result<(), StoreError> {
        self.is_settled = true;
        let nodes = self.new_nodes(lane).await?;
        let seeds = self.find_candidates(lane, &nodes).await?;
        self.load_components(lane, seeds).await?;
        self.load_touched(lane).await
    }

    /// Looks for what the nodes here may be linked to, those that were `explored` before aside. Returns the profiles that are
    /// not here yet.
    ///
    /// # Errors
    /// What the database says.
    pub async fn explore(
        &mut self,
        lane: &Lane,
        explored: &mut BTreeSet<RecordId>,
    ) -> Result<BTreeSet<ProfileId>, StoreError> {
        let nodes: Vec<RecordId> = self.nodes().into_iter().filter(|node| explored.insert(*node)).collect();
        let mut reached = self.find_candidates(lane, &nodes).await?;
        reached.retain(|profile| !self.regrouped.contains(profile));
        Ok(reached)
    }

    /// Gives each new record its node: a stored record of equal normal form, or the smallest new one. Returns the nodes
    /// that are new.
    async fn new_nodes(&mut self, lane: &Lane) -> Result<Vec<RecordId>, StoreError> {
        let form_keys: BTreeSet<i64> = self.new.iter().map(|id| self.prepared[id].form_key).collect();
        let stored = self.memory.holders(lane, form_keys.into_iter()).await?;
        self.load_records(lane, stored.values().flatten().copied()).await?;
        let living = stored.into_iter().flat_map(|(key, ids)| ids.into_iter().map(move |id| (key, id)));
        let mut node_of: HashMap<i64, RecordId> = living.filter(|(_, id)| self.records.contains_key(id)).collect();
        let mut nodes = Vec::new();
        for id in &self.new {
            let node = *node_of.entry(self.prepared[id].form_key).or_insert(*id);
            if node == *id {
                nodes.push(node);
                self.grown += 1;
            }
            if let Some(record) = self.records.get_mut(id).map(Arc::make_mut) {
                record.node = node;
            }
        }
        Ok(nodes)
    }

    /// Finds the stored nodes that share a key with these, settles which keys are dead now, and returns the profiles whose
    /// components the change can reach.
    pub(super) async fn find_candidates(
        &mut self,
        lane: &Lane,
        nodes: &[RecordId],
    ) -> Result<BTreeSet<ProfileId>, StoreError> {
        let mut sharing: BTreeMap<Key, Vec<RecordId>> = BTreeMap::new();
        for node in nodes {
            for key in &self.prepared[node].keys {
                sharing.entry(*key).or_default().push(*node);
            }
        }
        let at_stake = self.load_holders(lane, sharing).await?;
        let mut reached = self.settle_keys(&at_stake);
        self.load_deaths(lane).await?;
        self.reach_linked(&at_stake, &mut reached);
        self.profiles_of(lane, reached).await
    }

    /// The profiles of stored records.
    pub(super) async fn profiles_of(
        &mut self,
        lane: &Lane,
        records: BTreeSet<RecordId>,
    ) -> Result<BTreeSet<ProfileId>, StoreError> {
        self.load_records(lane, records.iter().copied()).await?;
        Ok(records.iter().filter_map(|id| self.records.get(id)).map(|record| record.profile).collect())
    }

    /// Adds the stored nodes that share a live key with nodes here, and matter to them.
    fn reach_linked(&mut self, at_stake: &AtStake, reached: &mut BTreeSet<RecordId>) {
        let pairs = self.sharing(at_stake);
        let (dead, model) = (&self.dead, self.context.model);
        for together in pairs.chunk_by(|x, y| x.0 == y.0) {
            let candidate = together[0].0;
            // Who is reached already need not be asked twice.
            if reached.contains(&candidate) {
                continue;
            }
            let known = self.prepared[&candidate].live_node(dead);
            let is_linked = |(_, node): &(RecordId, RecordId)| {
                let node = self.prepared[node].live_node(dead);
                weigh(&known, &node, model, &mut self.weights).matters(model)
            };
            if together.iter().any(is_linked) {
                reached.insert(candidate);
            }
        }
    }

    /// Stored nodes, each with a node here that it shares a live key with, sorted and without doubles.
    fn sharing(&self, at_stake: &AtStake) -> Vec<(RecordId, RecordId)> {
        let is_alive = |hash: &i64| !self.dead.contains_key(hash);
        let mut pairs = Vec::new();
        for (key, new) in at_stake.gained.iter().filter(|(key, _)| key.dies_with().iter().all(is_alive)) {
            let held = key.held_by_others().filter(is_alive).filter_map(|hash| at_stake.holders.get(&hash));
            for candidate in held.flatten() {
                pairs.extend(new.iter().filter(|node| *node != candidate).map(|node| (*candidate, *node)));
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    /// Loads whole components: these are clustered anew.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_components(&mut self, lane: &Lane, seeds: BTreeSet<ProfileId>) -> Result<(), StoreError> {
        let mut missing = Vec::new();
        for seed in seeds {
            if self.regrouped.contains(&seed) {
                continue;
            }
            match self.memory.component(seed) {
                Some(wholes) => wholes.into_iter().for_each(|whole| self.take_apart(whole)),
                None => missing.push(seed.uuid()),
            }
        }
        let mut found = profiles::of_components(&lane.tx, lane.tenant, missing).await?;
        found.retain(|profile| !self.regrouped.contains(&profile.id));
        let mut ids = Vec::new();
        for profile in found {
            // What is remembered may be newer: it may be about to be written.
            let whole = self.memory.whole(profile.id).unwrap_or_else(|| {
                ids.push(profile.id.uuid());
                Whole { profile: Arc::new(profile), records: Vec::new() }
            });
            self.take_apart(whole);
        }
        self.load_members(lane, ids).await?;
        self.load_deaths(lane).await?;
        self.load_judgements(lane).await
    }

    /// Takes in a profile whose nodes are clustered anew.
    fn take_apart(&mut self, whole: Whole) {
        self.regrouped.insert(whole.profile.id);
        self.taken_apart.insert(whole.profile.component);
        self.take_whole(whole);
    }

    fn take_whole(&mut self, whole: Whole) {
        self.profiles.insert(whole.profile.id, whole.profile);
        for record in whole.records {
            self.take_in(record);
        }
    }

    /// Loads what stewards ruled of the records here.
    pub(super) async fn load_judgements(&mut self, lane: &Lane) -> Result<(), StoreError> {
        if self.memory.is_unjudged() {
            return Ok(());
        }
        if !judgements::any(&lane.tx, lane.tenant).await? {
            self.memory.note_unjudged(true);
            return Ok(());
        }
        let records = self.records.keys().map(RecordId::uuid).collect();
        let found = judgements::of_records(&lane.tx, lane.tenant, records).await?;
        self.judgements.extend(found.into_iter().map(|judgement| (judgement.judgement_id, judgement)));
        Ok(())
    }

    /// Loads the profiles of touched records, and of stored nodes that new records share: their golden records may change.
    async fn load_touched(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let of_nodes = self.new.iter().map(|id| self.records[id].node).filter(|node| !self.new.contains(node));
        let touched: BTreeSet<ProfileId> =
            self.dirty.iter().copied().chain(of_nodes).map(|id| self.records[&id].profile).collect();
        let mut missing = Vec::new();
        for id in &touched {
            if self.profiles.contains_key(id) {
                continue;
            }
            match self.memory.whole(*id) {
                Some(whole) => self.take_whole(whole),
                None => missing.push(id.uuid()),
            }
        }
        let found = profiles::find(&lane.tx, lane.tenant, missing.clone()).await?;
        self.profiles.extend(found.into_iter().map(|profile| (profile.id, Arc::new(profile))));
        self.load_members(lane, missing).await?;
        self.changed.extend(touched);
        Ok(())
    }

    async fn load_members(&mut self, lane: &Lane, profiles: Vec<Uuid>) -> Result<(), StoreError> {
        for record in records::of_profiles(&lane.tx, lane.tenant, profiles).await? {
            self.take_in(Arc::new(record));
        }
        Ok(())
    }

    /// What is here already stays: it may hold observations that are not stored yet.
    pub(super) fn take_in(&mut self, record: Arc<StoredRecord>) {
        if self.removed.contains(&record.id) {
            return;
        }
        self.before.entry(record.id).or_insert(Some(record.profile));
        if record.node == record.id && !self.prepared.contains_key(&record.id) {
            let remembered = self.memory.form(record.id);
            let prepare = || Arc::new(Prepared::of(&record.contact, self.context.id_key));
            self.prepare(record.id, remembered.unwrap_or_else(prepare));
        }
        self.records.entry(record.id).or_insert(record);
    }

    /// The nodes to cluster: the new ones, and those of whole components.
    pub(super) fn nodes(&self) -> Vec<RecordId> {
        let belongs = |record: &&Arc<StoredRecord>| {
            record.node == record.id && (self.new.contains(&record.id) || self.regrouped.contains(&record.profile))
        };
        self.records.values().filter(belongs).map(|record| record.id).collect()
    }
}
