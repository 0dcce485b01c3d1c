//! Which keys are dead once a change is done: those that gained or lost a holder are judged anew.

use super::Workspace;
use crate::{
    domain::{
        blocking::Key,
        id::{ProfileId, RecordId},
        resolution::Prepared,
        sharing::{Death, Shared, verdict},
    },
    store::{StoreError, keys, lane::Lane},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Keys that gained or lost a holder.
pub(super) struct AtStake {
    /// By key the nodes that gained it.
    pub gained: BTreeMap<Key, Vec<RecordId>>,
    /// By the hash of a key, stored nodes; those that too many hold are left out.
    pub holders: HashMap<i64, Vec<RecordId>>,
}

impl Workspace<'_> {
    /// Loads the stored nodes that hold these keys, and which of the keys are dead so far.
    pub(super) async fn load_holders(
        &mut self,
        lane: &Lane,
        gained: BTreeMap<Key, Vec<RecordId>>,
    ) -> Result<AtStake, StoreError> {
        let hashes: Vec<i64> =
            gained.keys().flat_map(|key| key.held_by_others()).collect::<BTreeSet<_>>().into_iter().collect();
        self.dead.extend(keys::dead(&lane.tx, lane.tenant, hashes.clone()).await?);
        let rows = keys::candidates(&lane.tx, lane.tenant, hashes).await?;
        let ids: BTreeSet<Uuid> = rows.iter().map(|row| row.record_id).collect();
        self.load_records(lane, ids.into_iter().collect()).await?;
        let mut holders: HashMap<i64, Vec<RecordId>> = HashMap::new();
        for row in rows {
            let id = RecordId::from_uuid(row.record_id);
            // A key of a record that is gone leads nowhere.
            if self.records.contains_key(&id) && self.prepared.contains_key(&id) {
                holders.entry(row.key).or_default().push(id);
            }
        }
        Ok(AtStake { gained, holders })
    }

    /// Judges the keys and notes which died or came back to life. Returns the profiles that met by one of those, or do now.
    pub(super) fn settle_keys(&mut self, at_stake: &AtStake) -> BTreeSet<ProfileId> {
        let mut reached = BTreeSet::new();
        for (key, new) in &at_stake.gained {
            let before = self.dead.get(&key.hash).copied();
            // What too many hold stays dead when one more comes; for those who lost one see `revive_keys`.
            if before.is_some_and(|death| death.why == Shared::TooMany) {
                continue;
            }
            let stored = at_stake.holders.get(&key.hash).into_iter().flatten();
            let holders: BTreeSet<RecordId> = stored.chain(new).copied().collect();
            let prepared: Vec<&Prepared> = holders.iter().map(|id| &self.prepared[id]).collect();
            let now = verdict(*key, &prepared, self.context.model);
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
                let touched = key.held_by_others().filter_map(|hash| at_stake.holders.get(&hash)).flatten();
                reached.extend(touched.map(|id| self.records[id].profile));
            }
        }
        reached
    }

    /// Loads which of the keys of all nodes here are dead. What this change decided stands.
    pub(super) async fn load_deaths(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let keys = self.prepared.values().flat_map(|prepared| &prepared.keys);
        let hashes: BTreeSet<i64> = keys.flat_map(|key| [key.hash, key.value()]).collect();
        for (hash, death) in keys::dead(&lane.tx, lane.tenant, hashes.into_iter().collect()).await? {
            if !self.revived.contains(&hash) {
                self.dead.entry(hash).or_insert(death);
            }
        }
        Ok(())
    }

    /// Judges the keys that lost a node, and loads the components of those who met by one that died or meet by one that came
    /// back to life.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revive_keys(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let loosened: Vec<Key> = self.loosened.iter().copied().collect();
        let hashes = loosened.iter().map(|key| key.hash).collect();
        let mut few = Vec::new();
        for (hash, death) in keys::dead(&lane.tx, lane.tenant, hashes).await? {
            let Some(key) = loosened.iter().find(|key| key.hash == hash) else { continue };
            let cap = key.kind.cap(self.context.model);
            let limit = u32::try_from(cap + 1).unwrap_or(u32::MAX);
            if death.why == Shared::TooMany && keys::records(&lane.tx, lane.tenant, hash, limit).await?.len() <= cap {
                few.push(hash);
            }
        }
        keys::revive(&lane.tx, lane.tenant, few.clone()).await?;
        let at_stake = self.load_holders(lane, loosened.into_iter().map(|key| (key, Vec::new())).collect()).await?;
        // Dead until judged again, like those that were dead for another reason.
        self.dead.extend(few.into_iter().map(|hash| (hash, Death { why: Shared::Names, count: 0 })));
        let seeds = self.settle_keys(&at_stake);
        self.load_components(lane, seeds).await
    }
}
