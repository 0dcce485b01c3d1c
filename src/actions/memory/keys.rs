//! What is remembered of keys: who has them and which are dead, in the index where there is one, else beside the tables.

use super::{
    Memory,
    index::{Builder, KeyIndex},
    young::Fate,
};
use crate::{
    domain::{
        id::RecordId,
        sharing::{DeadKeys, Death, Shared},
    },
    store::{StoreError, keys, lane::Lane},
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
        if let Some(index) = &self.index {
            let found = hashes.map(|hash| (hash, index.holders(hash).collect::<Vec<_>>()));
            return Ok(found.filter(|(_, ids)| !ids.is_empty()).collect());
        }
        let hashes: Vec<i64> = hashes.collect();
        let mut holders: FxHashMap<i64, Vec<RecordId>> = FxHashMap::default();
        let stored = keys::candidates(lane, lane.tenant, hashes.clone()).await?;
        let stored = stored.into_iter().map(|row| (row.key, RecordId::from_uuid(row.record_id)));
        let young = hashes.iter().flat_map(|hash| self.young.keys.holders(*hash).map(|id| (*hash, id)));
        for (key, id) in stored.chain(young) {
            let ids = holders.entry(key).or_default();
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let leads_nowhere = |fate| matches!(fate, Some(Fate::Died(death)) if death.why == Shared::TooMany);
        holders.retain(|key, _| !leads_nowhere(self.young.fate(*key)));
        Ok(holders)
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
    pub async fn deaths(&self, lane: &Lane, hashes: Vec<i64>) -> Result<DeadKeys, StoreError> {
        if let Some(index) = &self.index {
            return Ok(hashes.iter().filter_map(|hash| Some((*hash, *index.dead().get(hash)?))).collect());
        }
        let mut dead = keys::dead(lane, lane.tenant, hashes.clone()).await?;
        for hash in hashes {
            match self.young.fate(hash) {
                Some(Fate::Died(death)) => dead.insert(hash, death),
                Some(Fate::Revived) => dead.remove(&hash),
                None => None,
            };
        }
        Ok(dead)
    }

    /// Whether it is known that no key is dead.
    #[must_use]
    pub fn is_all_alive(&self) -> bool {
        self.index.as_ref().is_some_and(|index| index.dead().is_empty())
    }

    /// Keeps the keys of a new node.
    pub fn keep_keys(&mut self, node: RecordId, keys: impl Iterator<Item = i64>) {
        self.index.as_mut().unwrap_or(&mut self.young.keys).add(node, keys);
    }

    /// Notes that a key died, or of what it is dead now.
    pub fn kill_key(&mut self, key: i64, death: Death) {
        self.index.as_mut().unwrap_or(&mut self.young.keys).kill(key, death);
    }

    /// Notes that a key came back to life.
    pub fn revive_key(&mut self, key: i64) {
        match &mut self.index {
            Some(index) => index.revive(key),
            None => {
                self.young.revived.insert(key);
            }
        }
    }
}

/// Reads all keys of the tenant from the tables.
pub(super) async fn read_index(lane: &Lane) -> Result<KeyIndex, StoreError> {
    let mut builder = Builder::default();
    let mut after = None;
    loop {
        let page = keys::page(lane, lane.tenant, after, PAGE).await?;
        let Some(last) = page.last().copied() else { break };
        after = Some(last);
        for row in page {
            builder.add(row.key, RecordId::from_uuid(row.record_id));
        }
    }
    let dead = keys::all_dead(lane, lane.tenant).await?;
    Ok(builder.finish(dead))
}
