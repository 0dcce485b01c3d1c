//! Values chosen by hand: which profiles they hold for, and which golden records change with them.

use super::Workspace;
use crate::domain::{
    choice::Choices,
    cluster::DisjointSets,
    id::{ProfileId, RecordId},
    judgement::{Judgement, choices},
    resolution::Component,
};
use std::collections::{BTreeMap, HashMap};

impl Workspace<'_> {
    /// The choices that hold for each profile.
    pub(super) fn choices(&self) -> BTreeMap<ProfileId, Choices> {
        let mut held: BTreeMap<ProfileId, Vec<&Judgement>> = BTreeMap::new();
        for judgement in self.judgements.values() {
            let holder = judgement.chosen().and_then(|chosen| chosen.holder(|record| self.profile_of(*record)));
            if let Some(holder) = holder {
                held.entry(holder).or_default().push(judgement);
            }
        }
        held.into_iter().map(|(profile, judgements)| (profile, choices(judgements))).collect()
    }

    /// Notes the profiles among which a choice may go from one to another: where it was just made or withdrawn, or where one of
    /// its records came or went.
    pub(super) fn note_choices(&mut self) {
        let is_moved = |id: RecordId| {
            let before = self.before.get(&id).copied().flatten();
            self.removed.contains(&id) || self.profile_of(id) != before
        };
        let moved = self.judgements.values().filter(|judgement| judgement.records().any(is_moved));
        let chosen = moved.chain(&self.ruled).filter(|judgement| judgement.chosen().is_some());
        let holders: Vec<ProfileId> =
            chosen.flat_map(Judgement::records).filter_map(|record| self.profile_of(record)).collect();
        self.changed.extend(holders);
    }

    /// By component the profile that it is named after: the smallest of its own, and of those whose profiles hold records of one
    /// choice with its own. So whoever loads one of these loads all among whom the choice may go.
    pub(super) fn component_names(&self, components: &[Component], profiles: &[ProfileId]) -> Vec<ProfileId> {
        let sizes = components.iter().map(|component| component.partition.clusters.len());
        let places: Vec<usize> = sizes.enumerate().flat_map(|(place, size)| std::iter::repeat_n(place, size)).collect();
        let mut tied = DisjointSets::new(components.len());
        if self.judgements.values().any(|judgement| judgement.chosen().is_some()) {
            self.tie(&mut tied, &profiles.iter().copied().zip(places.iter().copied()).collect());
        }
        let mut names: BTreeMap<usize, ProfileId> = BTreeMap::new();
        for (profile, place) in profiles.iter().zip(&places) {
            let name = names.entry(tied.find(*place)).or_insert(*profile);
            *name = (*name).min(*profile);
        }
        (0..components.len()).filter_map(|place| names.get(&tied.find(place)).copied()).collect()
    }

    /// Ties the components, given the place of each profile's, that hold records of one choice.
    fn tie(&self, components: &mut DisjointSets, places: &HashMap<ProfileId, usize>) {
        for judgement in self.judgements.values().filter(|judgement| judgement.chosen().is_some()) {
            let holders = judgement.records().filter_map(|record| self.profile_of(record));
            let held: Vec<usize> = holders.filter_map(|profile| places.get(&profile).copied()).collect();
            for pair in held.windows(2) {
                components.join(pair[0], pair[1]);
            }
        }
    }

    fn profile_of(&self, record: RecordId) -> Option<ProfileId> {
        self.records.get(&record).map(|record| record.profile)
    }
}
