//! What is remembered of keys: who has them, in the index where there is one, else beside the tables; and which are dead.

use super::{
    Memory,
    dead::leads_nowhere,
    index::{Builder, KeyIndex},
};
use crate::{
    domain::{
        id::RecordId,
        sharing::{DeadKeys, Death, dead_among},
    },
    store::{
        StoreError,
        keys::{self, KeyRow},
        lane::Lane,
    },
};
use rustc_hash::FxHashMap;

/// So many keys are read into the index at once.
const PAGE: u64 = 50_000;

impl Memory {
    /// The nodes that have these keys, but for keys that too many have.
    ///
    /// # Errors
    /// What the database says.
    pub async fn holders(
        &self,
        lane: &Lane,
        hashes: impl Iterator<Item = i64>,
    ) -> Result<FxHashMap<i64, Vec<RecordId>>, StoreError> {
        let Some(dead) = self.dead.all() else { return self.holders_of_asked(lane, hashes.collect()).await };
        let living = hashes.filter(|hash| !leads_nowhere(dead, *hash));
        if let Some(index) = &self.index {
            let found = living.map(|hash| (hash, index.holders(hash).collect::<Vec<_>>()));
            return Ok(found.filter(|(_, ids)| !ids.is_empty()).collect());
        }
        let living: Vec<i64> = living.collect();
        let stored = keys::holders(lane, lane.tenant, living.clone()).await?;
        Ok(self.with_young(stored, &living))
    }

    /// The same where the tables have to tell which keys too many have.
    async fn holders_of_asked(
        &self,
        lane: &Lane,
        hashes: Vec<i64>,
    ) -> Result<FxHashMap<i64, Vec<RecordId>>, StoreError> {
        let stored = keys::candidates(lane, lane.tenant, hashes.clone()).await?;
        let mut holders = self.with_young(stored, &hashes);
        holders.retain(|key, _| !leads_nowhere(&self.young.dead, *key));
        Ok(holders)
    }

    /// Stored nodes by their keys, and those that are about to be stored.
    fn with_young(&self, stored: Vec<KeyRow>, hashes: &[i64]) -> FxHashMap<i64, Vec<RecordId>> {
        let stored = stored.into_iter().map(|row| (row.key, RecordId::from_uuid(row.record_id)));
        let young = hashes.iter().flat_map(|hash| self.young.keys.holders(*hash).map(|id| (*hash, id)));
        let mut holders: FxHashMap<i64, Vec<RecordId>> = FxHashMap::default();
        for (key, id) in stored.chain(young) {
            let ids = holders.entry(key).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        holders
    }

    /// Whether it is known that no record of this normal form is stored.
    #[must_use]
    pub fn is_new_form(&self, form_key: i64) -> bool {
        self.index.as_ref().is_some_and(|index| index.holders(form_key).next().is_none())
    }

    /// Which of these keys are dead.
    ///
    /// # Errors
    /// What the database says.
    pub async fn deaths(&mut self, lane: &Lane, hashes: Vec<i64>) -> Result<DeadKeys, StoreError> {
        self.dead.ask(hashes.len(), lane, &self.young, self.most_of_dead()).await?;
        if let Some(dead) = self.dead.all() {
            return Ok(dead_among(dead, hashes).collect());
        }
        let stored = keys::dead(lane, lane.tenant, hashes.clone()).await?;
        Ok(self.young.deaths(stored, hashes))
    }

    /// All dead keys, where they are known.
    #[must_use]
    pub const fn all_dead(&self) -> Option<&DeadKeys> {
        self.dead.all()
    }

    /// Keeps the keys of a new node.
    pub fn keep_keys(&mut self, node: RecordId, keys: impl Iterator<Item = i64>) {
        self.index.as_mut().unwrap_or(&mut self.young.keys).add(node, keys);
    }

    /// Notes that a key died, or of what it is dead now.
    pub fn kill_key(&mut self, key: i64, death: Death) {
        self.dead.all_mut().unwrap_or(&mut self.young.dead).insert(key, death);
    }

    /// Notes that a key came back to life.
    pub fn revive_key(&mut self, key: i64) {
        if let Some(dead) = self.dead.all_mut() {
            dead.remove(&key);
        } else {
            self.young.revived.insert(key);
        }
    }
}

/// Reads all keys of the tenant from the tables.
pub(super) async fn read_index(lane: &Lane) -> Result<KeyIndex, StoreError> {
    let mut builder = Builder::default();
    let mut after = None;
    loop {
        let page = keys::page(lane, lane.tenant, after, PAGE).await?;
        let Some(last) = page.last().copied() else { return Ok(builder.finish()) };
        after = Some(last);
        for row in page {
            builder.add(row.key, RecordId::from_uuid(row.record_id));
        }
    }
}
