//! What the last batch worked on, as it was: who is written about again and again is not unpacked each time.

use super::packed::Packed;
use crate::{
    domain::{id::RecordId, parallel, resolution::Prepared, survivorship::Statement},
    store::records::StoredRecord,
};
use rustc_hash::FxHashMap;
use std::{collections::BTreeMap, sync::Arc};

/// More is not kept: what so large a batch works on is rarely what the next one does.
const MOST: usize = 1_024;

/// Records with what follows from them.
#[derive(Default)]
pub(super) struct Warm {
    pub records: BTreeMap<RecordId, Arc<StoredRecord>>,
    pub forms: FxHashMap<RecordId, Arc<Prepared>>,
    pub statements: FxHashMap<RecordId, Arc<Statement>>,
}

/// Something that is remembered, as it was or packed.
pub(super) enum Kept<T> {
    Warm(Arc<T>),
    Packed(Packed),
}

impl Warm {
    /// Keeps what a batch worked on in place of what the one before did. What records state is kept already.
    pub fn replace(
        &mut self,
        records: BTreeMap<RecordId, Arc<StoredRecord>>,
        forms: FxHashMap<RecordId, Arc<Prepared>>,
    ) {
        if records.len() > MOST {
            *self = Self::default();
            return parallel::put_away(forms.len(), (records, forms));
        }
        self.statements.retain(|id, _| records.contains_key(id));
        (self.records, self.forms) = (records, forms);
    }

    /// Keeps what one of so many records states.
    pub fn keep_statement(&mut self, records: usize, id: RecordId, statement: &Arc<Statement>) {
        if records <= MOST {
            self.statements.insert(id, Arc::clone(statement));
        }
    }
}

impl<T> Kept<T> {
    /// One of both, whichever is there.
    pub fn of(warm: Option<&Arc<T>>, packed: impl FnOnce() -> Option<Packed>) -> Option<Self> {
        warm.map(|it| Self::Warm(Arc::clone(it))).or_else(|| packed().map(Self::Packed))
    }

    /// As it was, unpacked where it must be.
    pub fn get(&self, unpack: impl FnOnce(&[u8]) -> Option<Arc<T>>) -> Option<Arc<T>> {
        match self {
            Self::Warm(it) => Some(Arc::clone(it)),
            Self::Packed(packed) => unpack(packed),
        }
    }
}
