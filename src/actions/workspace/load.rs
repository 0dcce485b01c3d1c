//! Loading: whatever a change can reach, and no more.

use super::{Anew, Workspace};
use crate::{
    actions::memory::Whole,
    domain::{
        cluster::Verdict,
        id::{ProfileId, RecordId},
        judgement::Judgement,
    },
    store::{
        StoreError, judgements,
        lane::Lane,
        profiles,
        records::{self, StoredRecord},
    },
};
use rustc_hash::FxHashMap;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

impl Workspace<'_> {
    /// Loads everything that the new and touched records can change.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_neighbourhood(&mut self, lane: &Lane) -> Result<(), StoreError> {
        self.is_settled = self.context.anew == Anew::Nothing;
        let nodes = self.new_nodes(lane).await?;
        let mut seeds = self.find_candidates(lane, &nodes).await?;
        if !self.is_settled {
            seeds.extend(self.touched());
        }
        self.load_components(lane, seeds).await?;
        if self.context.anew == Anew::Everything {
            self.load_former(lane).await?;
        }
        self.load_touched(lane).await
    }

    /// Looks for what those nodes here may be linked to that were not looked at yet. Returns the profiles that are not here yet.
    async fn explore(&mut self, lane: &Lane) -> Result<BTreeSet<ProfileId>, StoreError> {
        let nodes: Vec<RecordId> = self.nodes().into_iter().filter(|node| self.explored.insert(*node)).collect();
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
        let mut node_of: FxHashMap<i64, RecordId> = living.filter(|(_, id)| self.records.contains_key(id)).collect();
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

    /// The profiles of stored records.
    pub(super) async fn profiles_of(
        &mut self,
        lane: &Lane,
        records: BTreeSet<RecordId>,
    ) -> Result<BTreeSet<ProfileId>, StoreError> {
        let homeless = records.iter().copied().filter(|id| !self.homes.contains_key(id));
        self.load_records(lane, homeless.collect::<Vec<_>>()).await?;
        let profile = |id| self.records.get(id).map(|record| record.profile).or_else(|| self.homes.get(id).copied());
        Ok(records.iter().filter_map(profile).collect())
    }

    /// Loads whole components, with what stewards tied to them: these are clustered anew. Where there may be other links than those
    /// that made them, all comes along that they lead to.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_components(&mut self, lane: &Lane, mut seeds: BTreeSet<ProfileId>) -> Result<(), StoreError> {
        let mut asked = seeds.clone();
        loop {
            self.load_stored_components(lane, seeds).await?;
            if self.context.anew == Anew::Nothing {
                return Ok(());
            }
            seeds = self.explore(lane).await?;
            seeds.retain(|profile| asked.insert(*profile));
            if seeds.is_empty() {
                return Ok(());
            }
        }
    }

    /// Loads whole components as they are stored, with what stewards tied to them.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_stored_components(
        &mut self,
        lane: &Lane,
        mut seeds: BTreeSet<ProfileId>,
    ) -> Result<(), StoreError> {
        let mut asked = seeds.clone();
        loop {
            self.load_wholes(lane, seeds).await?;
            // Who is tied shares a component, but for records that were gone and are back.
            seeds = self.load_judgements(lane).await?;
            seeds.retain(|profile| asked.insert(*profile));
            if seeds.is_empty() {
                return Ok(());
            }
        }
    }

    async fn load_wholes(&mut self, lane: &Lane, seeds: BTreeSet<ProfileId>) -> Result<(), StoreError> {
        let new = seeds.into_iter().filter(|seed| !self.regrouped.contains(seed));
        let recalled = self.memory.components(new);
        self.standing.extend(recalled.reasons.into_iter().map(|reason| (reason.subject, reason)));
        self.take_apart(recalled.wholes);
        let missing = recalled.missing.iter().map(ProfileId::uuid).collect();
        let mut found = profiles::of_components(lane, lane.tenant, missing).await?;
        found.retain(|profile| !self.regrouped.contains(&profile.id));
        // What is remembered may be newer: it may be about to be written.
        let remembered = self.memory.wholes(&found.iter().map(|profile| profile.id).collect::<Vec<_>>());
        let (mut ids, mut wholes) = (Vec::new(), Vec::new());
        for (profile, remembered) in found.into_iter().zip(remembered) {
            wholes.push(remembered.unwrap_or_else(|| {
                ids.push(profile.id.uuid());
                Whole { profile: Arc::new(profile), records: Vec::new() }
            }));
        }
        self.note_tied(&wholes);
        self.take_apart(wholes);
        self.load_members(lane, ids).await?;
        self.load_deaths(lane).await
    }

    /// Takes in profiles whose nodes are clustered anew.
    fn take_apart(&mut self, wholes: Vec<Whole>) {
        let ids = || wholes.iter().map(|whole| whole.profile.id);
        self.regrouped.extend(ids());
        if self.context.anew == Anew::Everything {
            self.changed.extend(ids());
        }
        self.taken_apart.extend(wholes.iter().map(|whole| whole.profile.component));
        self.take_whole(wholes);
    }

    /// Notes which profiles there may be reviews of that are not remembered. Components come as wholes.
    fn note_tied(&mut self, wholes: &[Whole]) {
        let mut components: BTreeMap<Uuid, Vec<ProfileId>> = BTreeMap::new();
        for whole in wholes {
            components.entry(whole.profile.component).or_default().push(whole.profile.id);
        }
        self.tied.extend(components.into_values().filter(|profiles| profiles.len() > 1).flatten());
    }

    fn take_whole(&mut self, wholes: Vec<Whole>) {
        let mut records = Vec::new();
        for whole in wholes {
            self.profiles.insert(whole.profile.id, whole.profile);
            records.extend(whole.records);
        }
        self.take_in(records);
    }

    /// Loads what stewards ruled of the records here, and where the records are that they tied to these. Returns the profiles that
    /// are tied to what is clustered anew and are not here yet.
    async fn load_judgements(&mut self, lane: &Lane) -> Result<BTreeSet<ProfileId>, StoreError> {
        if self.memory.is_unjudged() {
            return Ok(BTreeSet::new());
        }
        if !judgements::any(lane, lane.tenant).await? {
            self.memory.note_unjudged(true);
            return Ok(BTreeSet::new());
        }
        let records = self.records.keys().map(RecordId::uuid).collect();
        let found = judgements::of_records(lane, lane.tenant, records).await?;
        self.judgements.extend(found.into_iter().map(|judgement| (judgement.judgement_id, judgement)));
        let tied: BTreeSet<RecordId> = self.ties().flat_map(Judgement::records).collect();
        self.load_records(lane, tied).await?;
        let here = |id: RecordId| {
            self.new.contains(&id) || self.records.get(&id).is_some_and(|it| self.regrouped.contains(&it.profile))
        };
        let concerned = self.ties().filter(|judgement| judgement.records().any(here)).flat_map(Judgement::records);
        let stored = concerned.filter(|id| !self.new.contains(id)).filter_map(|id| self.records.get(&id));
        Ok(stored.map(|record| record.profile).filter(|profile| !self.regrouped.contains(profile)).collect())
    }

    /// The judgements that tie records together.
    fn ties(&self) -> impl Iterator<Item = &Judgement> {
        let is_tie = |judgement: &&Judgement| judgement.people().is_none_or(|people| people.verdict == Verdict::Same);
        self.judgements.values().filter(is_tie)
    }

    /// The profiles of touched records, and of stored nodes that new records share.
    fn touched(&self) -> BTreeSet<ProfileId> {
        let of_nodes = self.new.iter().map(|id| self.records[id].node).filter(|node| !self.new.contains(node));
        self.dirty.iter().copied().chain(of_nodes).map(|id| self.records[&id].profile).collect()
    }

    /// Loads the profiles of touched records, and of stored nodes that new records share: their golden records may change.
    async fn load_touched(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let touched = self.touched();
        let unknown: Vec<ProfileId> = touched.iter().filter(|id| !self.profiles.contains_key(id)).copied().collect();
        let remembered = self.memory.wholes(&unknown);
        let missing = unknown.iter().zip(&remembered).filter(|(_, whole)| whole.is_none());
        let missing: Vec<Uuid> = missing.map(|(id, _)| id.uuid()).collect();
        self.take_whole(remembered.into_iter().flatten().collect());
        let found = profiles::find(lane, lane.tenant, missing.clone()).await?;
        self.profiles.extend(found.into_iter().map(|profile| (profile.id, Arc::new(profile))));
        self.load_members(lane, missing).await?;
        self.changed.extend(touched);
        if unknown.is_empty() {
            return Ok(());
        }
        let tied = self.load_judgements(lane).await?;
        if tied.is_empty() { Ok(()) } else { self.load_components(lane, tied).await }
    }

    async fn load_members(&mut self, lane: &Lane, profiles: Vec<Uuid>) -> Result<(), StoreError> {
        let members = records::of_profiles(lane, lane.tenant, profiles).await?;
        self.take_in(members.into_iter().map(Arc::new));
        Ok(())
    }

    /// Takes in those of these records that are remembered. Returns the others.
    pub(super) fn recall(&mut self, ids: &[RecordId]) -> Vec<Uuid> {
        let remembered = self.memory.records(ids);
        let missing = ids.iter().zip(&remembered).filter(|(_, record)| record.is_none());
        let missing = missing.map(|(id, _)| id.uuid()).collect();
        self.take_in(remembered.into_iter().flatten());
        missing
    }

    /// What is here already stays: it may hold observations that are not stored yet.
    pub(super) fn take_in(&mut self, records: impl IntoIterator<Item = Arc<StoredRecord>>) {
        let mut nodes = Vec::new();
        for record in records.into_iter().filter(|record| !self.removed.contains(&record.id)) {
            self.before.entry(record.id).or_insert(Some(record.profile));
            if record.node == record.id && !self.prepared.contains_key(&record.id) {
                nodes.push(Arc::clone(&record));
            }
            self.records.entry(record.id).or_insert(record);
        }
        let forms = self.memory.forms_of(&nodes, self.context.id_key);
        for (node, form) in nodes.iter().zip(forms) {
            self.prepare(node.id, form);
        }
    }

    /// The nodes to cluster: the new ones, and those of whole components.
    pub(super) fn nodes(&self) -> Vec<RecordId> {
        let belongs = |record: &&Arc<StoredRecord>| {
            record.node == record.id && (self.new.contains(&record.id) || self.regrouped.contains(&record.profile))
        };
        self.records.values().filter(belongs).map(|record| record.id).collect()
    }
}
