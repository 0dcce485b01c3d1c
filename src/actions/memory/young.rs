//! What the last batch left. While that is being written the database may still tell of it as it was before, so that it is
//! kept here whatever else is forgotten.

use super::{KeyIndex, packed::Packed};
use crate::domain::{
    id::{EventId, ProfileId, RecordId},
    sharing::Death,
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
    /// The keys of new nodes, and those that died.
    pub keys: KeyIndex,
    /// Keys that came back to life.
    pub revived: FxHashSet<i64>,
    pub events: FxHashSet<EventId>,
}

impl Young {
    /// What has become of a key: it died, it came back to life, or nothing is known of it.
    pub fn fate(&self, key: i64) -> Option<Option<Death>> {
        match self.keys.dead().get(&key) {
            Some(death) => Some(Some(*death)),
            None => self.revived.contains(&key).then_some(None),
        }
    }
}
