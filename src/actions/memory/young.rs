//! What the last batch left. While that is being written the database may still tell of it as it was before, so that it is
//! kept here whatever else is forgotten.

use super::{KeyIndex, Together, packed::Packed};
use crate::domain::{
    id::{EventId, ProfileId, RecordId},
    sharing::{DeadKeys, dead_among},
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
    pub components: FxHashMap<Uuid, Arc<Together>>,
    /// The keys of new nodes, where they are not in the index of all.
    pub keys: KeyIndex,
    /// Keys that died, where not all that are dead are known.
    pub dead: DeadKeys,
    /// Keys that came back to life, likewise.
    pub revived: FxHashSet<i64>,
    pub events: FxHashSet<EventId>,
}

impl Young {
    /// Which of these keys are dead: those that are `stored` as dead in the tables, but for what the batch did.
    pub fn deaths(&self, mut stored: DeadKeys, keys: impl IntoIterator<Item = i64>) -> DeadKeys {
        stored.retain(|key, _| !self.revived.contains(key));
        stored.extend(dead_among(&self.dead, keys));
        stored
    }
}
