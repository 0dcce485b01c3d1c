//! What remembered things take, and how many bytes each kind of them may take together.

use super::{Together, packed::Packed};
use crate::domain::{id::Id, review::Reason};
use quick_cache::{Weighter, unsync::Cache};
use std::{hash::Hash, sync::Arc};
use uuid::Uuid;

/// What an entry takes beside its bytes: its key, its place in a list that doubles as it grows and in a table, two counts, and
/// what the allocator rounds up.
const OVERHEAD: u64 = 128;
/// An id on a list.
const ID: u64 = 16;

/// A kind's part of what the index leaves.
pub(super) struct Share {
    percent: usize,
    /// About so many bytes an entry takes: there is room for so many to begin with.
    each: u64,
}

// To each what it takes, two records to a profile.
pub(super) const FORMS: Share = Share { percent: 31, each: 450 };
pub(super) const STATEMENTS: Share = Share { percent: 18, each: 250 };
pub(super) const RECORDS: Share = Share { percent: 28, each: 400 };
pub(super) const PROFILES: Share = Share { percent: 13, each: 450 };
/// Of records by profile, and of profiles by component with what there is to look at.
pub(super) const LISTS: Share = Share { percent: 5, each: 128 };

/// Estimates bytes.
#[derive(Clone)]
pub(super) struct Bytes;

impl Share {
    /// How many of so many bytes.
    pub(super) const fn of(&self, bytes: usize) -> u64 {
        (bytes / 100 * self.percent) as u64
    }

    /// An empty cache of as many.
    pub(super) fn cache<K: Hash + Eq, V>(&self, bytes: usize) -> Cache<K, V, Bytes>
    where
        Bytes: Weighter<K, V>,
    {
        let bytes = self.of(bytes);
        Cache::with_weighter(usize::try_from(bytes / self.each).unwrap_or(0), bytes, Bytes)
    }
}

impl<K> Weighter<K, Packed> for Bytes {
    fn weight(&self, _: &K, packed: &Packed) -> u64 {
        OVERHEAD + packed.len() as u64
    }
}

impl<K, I> Weighter<K, Arc<[Id<I>]>> for Bytes {
    fn weight(&self, _: &K, list: &Arc<[Id<I>]>) -> u64 {
        OVERHEAD + ID * list.len() as u64
    }
}

impl Weighter<Uuid, Arc<Together>> for Bytes {
    fn weight(&self, _: &Uuid, together: &Arc<Together>) -> u64 {
        OVERHEAD + ID * together.profiles.len() as u64 + (size_of::<Reason>() * together.reasons.len()) as u64
    }
}
