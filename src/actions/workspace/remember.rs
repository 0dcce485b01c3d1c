//! Remembering: what was loaded and decided stays at hand for the next change.

use super::{Workspace, finding_keys};
use crate::{
    actions::memory::Together,
    domain::{
        id::{ProfileId, RecordId},
        review::Reason,
    },
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

impl Workspace<'_> {
    /// Leaves everything that is here, as it is saved, to the memory.
    pub(super) fn remember(mut self) {
        self.memory.turn_over();
        self.remember_keys();
        self.remember_profiles();
        self.memory.keep_forms(self.prepared.iter().map(|(id, prepared)| (*id, &**prepared)));
        for id in self.removed {
            self.memory.drop_record(id);
        }
        let changed = |id: &RecordId| self.new.contains(id) || self.dirty.contains(id);
        self.memory.keep_records(self.records.iter().map(|(id, record)| (&**record, changed(id))));
        self.memory.keep_warm(self.records, self.prepared);
    }

    fn remember_keys(&mut self) {
        for id in self.new.iter().filter(|id| self.records[id].node == **id) {
            self.memory.keep_keys(*id, finding_keys(&self.prepared[id]));
        }
        for (hash, (_, death)) in &self.killed {
            self.memory.kill_key(*hash, *death);
        }
        for hash in &self.revived {
            self.memory.revive_key(*hash);
        }
    }

    /// All records of a profile are here if it was clustered anew or changed otherwise. Of others some may be here.
    fn remember_profiles(&mut self) {
        let mut members: BTreeMap<ProfileId, Vec<RecordId>> = BTreeMap::new();
        for record in self.records.values() {
            members.entry(record.profile).or_default().push(record.id);
        }
        let mut reasons: BTreeMap<Uuid, Vec<Reason>> = BTreeMap::new();
        for (component, reason) in self.pairs() {
            reasons.entry(component).or_default().push(reason);
        }
        let mut components: BTreeMap<Uuid, Vec<ProfileId>> = BTreeMap::new();
        let mut kept = Vec::new();
        let whole: BTreeSet<ProfileId> = self.regrouped.union(&self.changed).copied().collect();
        for id in whole {
            let Some(profile) = self.profiles.remove(&id) else { continue };
            let clustered = self.regrouped.contains(&id) || self.fates.get(&id).is_some_and(|fate| fate.created);
            if profile.survivor.is_none() && clustered {
                components.entry(profile.component).or_default().push(id);
            }
            let changed = self.changed.contains(&id);
            kept.push((profile, changed, members.remove(&id).unwrap_or_default().into()));
        }
        self.memory.keep_profiles(kept);
        for component in self.taken_apart.iter().filter(|component| !components.contains_key(component)) {
            self.memory.drop_component(*component);
        }
        for (component, profiles) in components {
            let reasons = reasons.remove(&component).unwrap_or_default();
            self.memory.keep_component(component, Together { profiles, reasons });
        }
    }
}
