//! Taking out: records without events, and keys that come back to life when they go.

use super::{Workspace, key_rows};
use crate::{
    domain::id::RecordId,
    store::{StoreError, keys, lane::Lane, records},
};
use std::collections::BTreeSet;

impl Workspace<'_> {
    /// Takes out a record that has no events any more. Where it was the node of others the smallest of them takes its place.
    ///
    /// # Errors
    /// What the database says.
    pub async fn remove(&mut self, lane: &Lane, id: RecordId) -> Result<(), StoreError> {
        let Some(record) = self.records.remove(&id) else { return Ok(()) };
        self.dirty.remove(&id);
        self.removed.insert(id);
        self.changed.insert(record.profile);
        let Some(prepared) = self.prepared.remove(&id).filter(|_| record.node == id) else { return Ok(()) };
        keys::delete(&lane.tx, lane.tenant, key_rows(id, &prepared, self.context.id_key)).await?;
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
        keys::insert(&lane.tx, lane.tenant, key_rows(successor, &prepared, self.context.id_key)).await?;
        self.prepared.insert(successor, prepared);
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
}
