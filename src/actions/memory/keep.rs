//! What a batch leaves to be remembered. What is here already is not packed again.

use super::{
    Memory, Together,
    packed::{pack, pack_profile, pack_record},
};
use crate::{
    domain::{
        id::{ProfileId, RecordId},
        parallel,
        resolution::Prepared,
    },
    store::{profiles::StoredProfile, records::StoredRecord},
};
use rustc_hash::FxHashMap;
use std::{collections::BTreeMap, sync::Arc};
use uuid::Uuid;

impl Memory {
    /// Keeps prepared forms.
    pub fn keep_forms<'a>(&mut self, forms: impl Iterator<Item = (RecordId, &'a Prepared)>) {
        let new: Vec<_> = forms.filter(|(id, _)| !self.forms.contains_key(id)).collect();
        let packed = parallel::map(&new, |(_, form)| pack(*form));
        for ((id, _), packed) in new.iter().zip(packed) {
            if let Some(packed) = packed {
                self.forms.insert(*id, packed);
            }
        }
    }

    /// Keeps records as they are now, and of each whether it changed. What is here already stays.
    pub fn keep_records<'a>(&mut self, records: impl Iterator<Item = (&'a StoredRecord, bool)>) {
        let news = records.filter(|(record, changed)| *changed || !self.records.contains_key(&record.id));
        let news: Vec<&StoredRecord> = news.map(|(record, _)| record).collect();
        let packed = parallel::map(&news, |record| pack_record(record));
        for (record, packed) in news.iter().zip(packed) {
            if let Some(packed) = packed {
                self.young.records.insert(record.id, Arc::clone(&packed));
                self.records.insert(record.id, packed);
            }
        }
    }

    /// Keeps profiles as they are now, of each whether it changed, and who belongs to it. What is here already stays.
    pub fn keep_profiles(&mut self, mut profiles: Vec<(Arc<StoredProfile>, bool, Arc<[RecordId]>)>) {
        let is_here = |id: ProfileId| self.profiles.contains_key(&id) && self.members.contains_key(&id);
        profiles.retain(|(profile, changed, _)| *changed || !is_here(profile.id));
        let packed = parallel::map(&profiles, |(profile, ..)| pack_profile(profile));
        for ((profile, _, members), packed) in profiles.into_iter().zip(packed) {
            let id = profile.id;
            if let Some(packed) = packed {
                self.young.members.insert(id, Arc::clone(&members));
                self.young.profiles.insert(id, Arc::clone(&packed));
                self.members.insert(id, members);
                self.profiles.insert(id, packed);
            }
        }
    }

    /// Keeps a component as it is now.
    pub fn keep_component(&mut self, component: Uuid, together: Together) {
        if self.components.get(&component).is_some_and(|kept| **kept == together) {
            return;
        }
        let together = Arc::new(together);
        self.young.components.insert(component, Arc::clone(&together));
        self.components.insert(component, together);
    }

    /// Forgets a component, as its profiles may have gone elsewhere.
    pub fn drop_component(&mut self, component: Uuid) {
        self.young.components.remove(&component);
        self.components.remove(&component);
    }

    /// Forgets a record that is no more.
    pub fn drop_record(&mut self, id: RecordId) {
        self.young.records.remove(&id);
        self.records.remove(&id);
    }

    /// Keeps what a batch worked on at hand for the next one, as it is now.
    pub fn keep_warm(
        &mut self,
        records: BTreeMap<RecordId, Arc<StoredRecord>>,
        forms: FxHashMap<RecordId, Arc<Prepared>>,
    ) {
        self.warm.replace(records, forms);
    }
}
