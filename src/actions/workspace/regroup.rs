//! Deciding: clusters the nodes anew and gives each cluster its profile.

use super::{Workspace, reasons::Link};
use crate::{
    domain::{
        cluster::Judgement,
        golden::GoldenRecord,
        id::{JudgementId, ProfileId, RecordId},
        identity::inherit,
        resolution::{Component, Prepared, links_but, resolve},
    },
    store::profiles::{Held, StoredProfile},
};
use rustc_hash::FxHashMap;
use std::{borrow::Cow, collections::BTreeMap, sync::Arc};
use uuid::Uuid;

impl Workspace<'_> {
    /// Decides: clusters the nodes anew and gives each cluster its profile, and each choice its holder.
    pub fn regroup(&mut self, mut new_profile: impl FnMut() -> ProfileId) {
        let ids = self.nodes();
        let components = self.resolve(&ids);
        let mut members: FxHashMap<RecordId, Vec<RecordId>> = FxHashMap::default();
        for record in self.records.values() {
            members.entry(record.node).or_default().push(record.id);
        }
        self.inherit(&ids, &components, &members, &mut new_profile);
        // New records of a node that was not clustered anew go where that node is.
        for id in self.new.clone() {
            let node = self.records[&id].node;
            let profile = self.records[&node].profile;
            if node != id && !self.regrouped.contains(&profile) && !self.new.contains(&node) {
                self.settle(id, profile);
            }
        }
        self.note_choices();
    }

    fn resolve(&mut self, ids: &[RecordId]) -> Vec<Component> {
        let alive: Vec<Cow<'_, Prepared>> = ids.iter().map(|id| self.alive(*id)).collect();
        let nodes: Vec<&Prepared> = alive.iter().map(AsRef::as_ref).collect();
        let before = self.settled_components(ids);
        let unlinked = |a: usize, b: usize| matches!((before[a], before[b]), (Some(x), Some(y)) if x != y);
        let edges = links_but(unlinked, &nodes, self.context.model, &self.weights);
        let (rulings, unique) = (self.rulings(ids), self.context.sources.unique_namespaces());
        resolve(&nodes, &edges, &rulings, self.context.model, &unique)
    }

    /// The components that stored nodes were in. Nodes of two of them are not linked, unless a key came back to life by which
    /// they meet: then, and where components were made by another model, they are left out.
    fn settled_components(&self, ids: &[RecordId]) -> Vec<Option<Uuid>> {
        let settled = self.is_settled && self.revived.is_empty();
        let component = |id: &RecordId| {
            let profile = Some(self.records[id].profile).filter(|_| settled && !self.new.contains(id))?;
            Some(self.profiles.get(&profile)?.component)
        };
        ids.iter().map(component).collect()
    }

    /// What stewards ruled, in terms of the nodes of the records that are left.
    fn rulings(&self, ids: &[RecordId]) -> Vec<Judgement> {
        let index: FxHashMap<RecordId, usize> = ids.iter().enumerate().map(|(index, id)| (*id, index)).collect();
        let node = |id: &RecordId| self.records.get(id).and_then(|record| index.get(&record.node).copied());
        self.judgements.values().filter_map(|judgement| judgement.over_nodes(node)).collect()
    }

    /// Gives ids to all clusters of all components together: an id may move between components where one falls apart.
    fn inherit(
        &mut self,
        ids: &[RecordId],
        components: &[Component],
        members: &FxHashMap<RecordId, Vec<RecordId>>,
        new_profile: &mut impl FnMut() -> ProfileId,
    ) {
        let mut clusters: Vec<Vec<RecordId>> = Vec::new();
        for component in components {
            for cluster in &component.partition.clusters {
                let nodes = cluster.nodes.iter().map(|local| ids[component.nodes[*local]]);
                clusters.push(nodes.flat_map(|node| members[&node].iter().copied()).collect());
            }
        }
        let contributions: Vec<BTreeMap<ProfileId, usize>> =
            clusters.iter().map(|records| self.contributions(records)).collect();
        let inheritance = inherit(&contributions, &self.former_in(&clusters), self.chosen);
        let profiles: Vec<ProfileId> =
            inheritance.kept.iter().map(|kept| kept.unwrap_or_else(&mut *new_profile)).collect();
        for (profile, kept) in profiles.iter().zip(&inheritance.kept) {
            if kept.is_none() {
                self.profiles.insert(*profile, Arc::new(unborn(*profile)));
                self.fates.entry(*profile).or_default().created = true;
            } else if self.former.contains_key(profile) {
                self.fates.entry(*profile).or_default().restored = true;
            }
        }
        for (retired, cluster) in inheritance.retired {
            self.retired.insert(retired, profiles[cluster]);
            self.fates.entry(profiles[cluster]).or_default().merged.insert(retired);
        }
        let redirected = inheritance.redirected.into_iter().map(|(former, cluster)| (former, profiles[cluster]));
        self.redirect(&redirected.collect());
        for (records, profile) in clusters.iter().zip(&profiles) {
            for record in records {
                self.settle(*record, *profile);
            }
        }
        self.note_components(components, &profiles);
    }

    fn contributions(&self, records: &[RecordId]) -> BTreeMap<ProfileId, usize> {
        let mut contributions = BTreeMap::new();
        for profile in records.iter().filter_map(|id| self.before[id]) {
            *contributions.entry(profile).or_default() += 1;
        }
        contributions
    }

    /// Puts a record into a profile.
    fn settle(&mut self, record: RecordId, profile: ProfileId) {
        let before = self.before[&record];
        if before == Some(profile) {
            return;
        }
        if let Some(stored) = self.records.get_mut(&record).map(Arc::make_mut) {
            stored.profile = profile;
        }
        self.changed.insert(profile);
        self.fates.entry(profile).or_default();
        if let Some(old) = before {
            self.dirty.insert(record);
            self.changed.insert(old);
            if !self.retired.contains_key(&old) {
                self.fates.entry(old).or_default().split.insert(profile);
                self.fates.entry(profile).or_default().split.insert(old);
            }
        }
    }

    /// Writes down which profiles share a component, which are ambiguous, which may be the same person, and which judgements are
    /// suspended.
    fn note_components(&mut self, components: &[Component], profiles: &[ProfileId]) {
        let (mut next, names) = (0, self.component_names(components, profiles));
        for (component, name) in components.iter().zip(names) {
            self.suspended.extend(component.partition.suspended.iter().copied().map(JudgementId::from_uuid));
            let clusters = &component.partition.clusters;
            let here = &profiles[next..next + clusters.len()];
            next += clusters.len();
            for (profile, cluster) in here.iter().zip(clusters) {
                let Some(stored) = self.profiles.get_mut(profile) else { continue };
                if stored.component != name.uuid() || stored.ambiguous != cluster.ambiguous {
                    let stored = Arc::make_mut(stored);
                    if stored.ambiguous != cluster.ambiguous {
                        self.flipped.insert(*profile);
                    }
                    stored.component = name.uuid();
                    stored.ambiguous = cluster.ambiguous;
                    self.changed.insert(*profile);
                }
            }
            for possible in &component.partition.possibles {
                self.fates.entry(here[possible.a]).or_default().possibles.insert(here[possible.b]);
                self.fates.entry(here[possible.b]).or_default().possibles.insert(here[possible.a]);
                let (a, b) = (here[possible.a], here[possible.b]);
                self.links.push(Link { a, b, weight: possible.weight, why: possible.why });
            }
        }
    }
}

/// A profile before its first save.
fn unborn(id: ProfileId) -> StoredProfile {
    StoredProfile {
        id,
        component: id.uuid(),
        survivor: None,
        version: 0,
        position: 0,
        ambiguous: false,
        held: Held::default(),
        golden: GoldenRecord::default(),
    }
}
