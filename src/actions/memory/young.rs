//! What the last batch left. While that is being written the database may still tell of it as it was before, so that it is
//! kept here whatever else is forgotten.

use super::{KeyIndex, packed::Packed};
use crate::domain::{
    id::{EventId, ProfileId, RecordId},
    sharing::{DeadKeys, Death},
};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;
use uuid::Uuid;

/// All that a batch loaded and wrote.
#[derive(Default)]
pub(super) struct Young {
    pub records: FxHashMap<RecordId, Packed>,
    pub profiles: FxHashMap<ProfileId, Packed>,
    pub members: FxHashMap<ProfileId, Arc<[RecordId]>>,
    pub components: FxHashMap<Uuid, Arc<[ProfileId]>>,
    /// The keys of new nodes, where they are not in the index of all.
    pub keys: KeyIndex,
    /// Keys that died, where not all that are dead are known.
    pub dead: DeadKeys,
    /// Keys that came back to life, likewise.
    pub revived: FxHashSet<i64>,
    pub events: FxHashSet<EventId>,
}

/// What the batch made of a key.
pub(super) enum Fate {
    Died(Death),
    Revived,
}

impl Young {
    /// What the batch made of a key; none where it did nothing to it.
    pub fn fate(&self, key: i64) -> Option<Fate> {
        match self.dead.get(&key) {
            Some(death) => Some(Fate::Died(*death)),
            None => self.revived.contains(&key).then_some(Fate::Revived),
        }
    }
}
