//! Which keys are dead once a change is done: those that gained or lost a holder are judged anew.

use super::Workspace;
use crate::{
    domain::{
        blocking::Key,
        id::RecordId,
        parallel,
        resolution::Prepared,
        sharing::{Death, Shared, dead_among, is_learnt, of_many, verdict},
    },
    store::{StoreError, keys, lane::Lane, records},
};
use rustc_hash::FxHashMap;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Keys that gained or lost a holder.
pub(super) struct AtStake {
    /// By key the nodes that gained it.
    pub gained: BTreeMap<Key, Vec<RecordId>>,
    /// By the hash of a key, stored nodes; those that too many hold are left out.
    pub holders: FxHashMap<i64, Vec<RecordId>>,
}

impl AtStake {
    /// Those by whom it is judged whether an identifier is shared.
    pub fn owners(&self) -> BTreeSet<RecordId> {
        let learnt = self.gained.keys().filter(|key| is_learnt(**key));
        learnt.filter_map(|key| self.holders.get(&key.hash)).flatten().copied().collect()
    }
}

impl Workspace<'_> {
    /// Loads the stored nodes that hold these keys, and which of the keys are dead so far.
    pub(super) async fn load_holders(
        &mut self,
        lane: &Lane,
        gained: BTreeMap<Key, Vec<RecordId>>,
    ) -> Result<AtStake, StoreError> {
        let hashes: BTreeSet<i64> = gained.keys().flat_map(|key| key.held_by_others()).collect();
        self.ask_deaths(lane, hashes.iter().copied()).await?;
        let mut holders = self.memory.holders(lane, hashes.into_iter()).await?;
        // A key of a record that is gone leads nowhere.
        for ids in holders.values_mut() {
            ids.retain(|id| !self.removed.contains(id));
        }
        let at_stake = AtStake { gained, holders };
        self.prepare_owners(lane, &at_stake).await?;
        Ok(at_stake)
    }

    /// Makes those ready by whom it is judged whether an identifier is shared. Of other keys it matters how many hold them.
    async fn prepare_owners(&mut self, lane: &Lane, at_stake: &AtStake) -> Result<(), StoreError> {
        self.prepare_nodes(lane, at_stake.owners()).await
    }

    /// Loads the holders of those keys, too, that were dead because too many held them, where by now no more do than may. They stay
    /// dead until they are judged, like those that were dead for another reason.
    pub(super) async fn doubt(&mut self, lane: &Lane, at_stake: &mut AtStake) -> Result<(), StoreError> {
        let of_many = |key: &&Key| self.dead.get(&key.hash).is_some_and(|death| death.why == Shared::TooMany);
        let unjudged = at_stake.gained.keys().filter(|key| !self.judged.contains(&key.hash)).filter(of_many);
        let capped = unjudged.map(|key| (key.hash, key.kind.cap(self.context.model))).collect();
        let few = keys::no_longer_of_many(lane, lane.tenant, capped).await?;
        self.dead.extend(few.iter().map(|hash| (*hash, Death { why: Shared::Names, count: 0 })));
        let rows = keys::holders(lane, lane.tenant, few).await?;
        for row in rows {
            let id = RecordId::from_uuid(row.record_id);
            if !self.removed.contains(&id) {
                at_stake.holders.entry(row.key).or_default().push(id);
            }
        }
        self.prepare_owners(lane, at_stake).await
    }

    /// Makes nodes ready for comparison. Most of them turn out to matter to nobody here, so that no more of them is loaded.
    pub(super) async fn prepare_nodes(&mut self, lane: &Lane, nodes: BTreeSet<RecordId>) -> Result<(), StoreError> {
        let is_new = |id: &RecordId| !self.prepared.contains_key(id) && !self.removed.contains(id);
        let nodes: Vec<RecordId> = nodes.into_iter().filter(is_new).collect();
        let forms = self.memory.forms(&nodes);
        let mut unknown = Vec::new();
        for (id, form) in nodes.into_iter().zip(forms) {
            match form {
                Some(form) => self.prepare(id, form),
                None => unknown.push(id),
            }
        }
        let missing = self.recall(&unknown);
        let found = records::nodes(lane, lane.tenant, missing).await?;
        let id_key = self.context.id_key;
        let prepared = parallel::map(&found, |node| Arc::new(Prepared::of(&node.contact, id_key)));
        for (node, prepared) in found.into_iter().zip(prepared) {
            self.homes.insert(node.id, node.profile);
            self.prepare(node.id, prepared);
        }
        Ok(())
    }

    /// Judges the keys and notes which died or came back to life. Returns the stored nodes that met by one of those, or do now.
    pub(super) fn settle_keys(&mut self, at_stake: &AtStake) -> BTreeSet<RecordId> {
        let mut reached = BTreeSet::new();
        for (key, new) in &at_stake.gained {
            let before = self.dead.get(&key.hash).copied();
            // What too many hold stays dead when one more comes; for those who lost one see `doubt`.
            if before.is_some_and(|death| death.why == Shared::TooMany) {
                continue;
            }
            // Whoever comes here later holds it already, and new nodes are not stored yet.
            if !self.judged.insert(key.hash) {
                continue;
            }
            let stored = at_stake.holders.get(&key.hash);
            // Whoever has it alone shares it with nobody, unless it comes with a heap of other identifiers.
            let many = |id: &RecordId| {
                self.prepared[id].identifiers.all().count() > self.context.model.cluster.shared_identifiers
            };
            if before.is_none() && stored.is_none() && matches!(new.as_slice(), [only] if !many(only)) {
                continue;
            }
            let stored = stored.into_iter().flatten();
            let mut holders: Vec<RecordId> = stored.chain(new).copied().collect();
            holders.sort_unstable();
            holders.dedup();
            let now = if is_learnt(*key) {
                let holders: Vec<&Prepared> =
                    holders.iter().filter_map(|id| self.prepared.get(id)).map(AsRef::as_ref).collect();
                verdict(*key, &holders, self.context.model)
            } else {
                of_many(*key, holders.len(), self.context.model)
            };
            match now {
                Some(death) if before != now => {
                    self.dead.insert(key.hash, death);
                    self.killed.insert(key.hash, (*key, death));
                    self.revived.remove(&key.hash);
                }
                None if before.is_some() => {
                    self.dead.remove(&key.hash);
                    self.killed.remove(&key.hash);
                    self.revived.insert(key.hash);
                }
                _ => {}
            }
            if now.is_some() != before.is_some() {
                reached.extend(key.held_by_others().filter_map(|hash| at_stake.holders.get(&hash)).flatten());
            }
        }
        reached
    }

    /// Loads which of the keys of all nodes here are dead. What this change decided stands.
    pub(super) async fn load_deaths(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let nodes = std::mem::take(&mut self.unasked);
        let keys = nodes.iter().filter_map(|id| self.prepared.get(id)).flat_map(|prepared| &prepared.keys);
        let hashes: Vec<i64> = keys.flat_map(|key| key.dies_with()).collect();
        self.ask_deaths(lane, hashes).await
    }

    /// Asks which of these keys are dead, each once.
    async fn ask_deaths(&mut self, lane: &Lane, hashes: impl IntoIterator<Item = i64>) -> Result<(), StoreError> {
        if let Some(all) = self.memory.all_dead() {
            self.dead.extend(dead_among(all, hashes).filter(|(hash, _)| self.asked.insert(*hash)));
            return Ok(());
        }
        let new: Vec<i64> = hashes.into_iter().filter(|hash| self.asked.insert(*hash)).collect();
        self.dead.extend(self.memory.deaths(lane, new).await?);
        Ok(())
    }

    /// Judges the keys that lost a node, and loads the components of those who met by one that died or meet by one that came
    /// back to life.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revive_keys(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let loosened: BTreeMap<Key, Vec<RecordId>> = self.loosened.iter().map(|key| (*key, Vec::new())).collect();
        let mut at_stake = self.load_holders(lane, loosened).await?;
        self.doubt(lane, &mut at_stake).await?;
        let met = self.settle_keys(&at_stake);
        let seeds = self.profiles_of(lane, met).await?;
        self.load_components(lane, seeds).await
    }
}
