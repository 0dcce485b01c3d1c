//! Taking out: records without events.

use super::{Workspace, key_rows};
use crate::{
    domain::id::RecordId,
    store::{StoreError, keys, lane::Lane},
};
use std::sync::Arc;

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
        keys::delete(lane, lane.tenant, key_rows(id, &prepared, self.context.id_key)).await?;
        let followers: Vec<RecordId> = self.records.values().filter(|r| r.node == id).map(|r| r.id).collect();
        let Some(successor) = followers.first().copied() else {
            self.loosened.extend(prepared.keys.iter().copied());
            self.grown -= 1;
            return Ok(());
        };
        for follower in followers {
            if let Some(record) = self.records.get_mut(&follower).map(Arc::make_mut) {
                record.node = successor;
                self.dirty.insert(follower);
            }
        }
        keys::insert(lane, key_rows(successor, &prepared, self.context.id_key));
        self.prepare(successor, prepared);
        Ok(())
    }
}
