//! Retired profiles of those that are clustered anew: a part that was one before takes its own id back.

use super::Workspace;
use crate::{
    domain::{
        id::{ProfileId, RecordId},
        identity::Former,
        journal::Particulars,
    },
    store::{StoreError, from_json, journal, lane::Lane, profiles},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use uuid::Uuid;

/// A profile that was retired.
pub(super) struct Retired {
    survivor: ProfileId,
    /// What it was merged into, or where it was sent last since then.
    into: ProfileId,
    /// The commit that retired it.
    position: i64,
    /// What it held then.
    records: BTreeSet<RecordId>,
    /// What its survivor holds and did not hold before.
    later: BTreeSet<RecordId>,
}

impl Workspace<'_> {
    /// Loads the profiles that redirect to those which are clustered anew, and which records each side held when they
    /// became one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_former(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let survivors = self.regrouped.iter().map(ProfileId::uuid).collect();
        let found = profiles::retired_into(lane, lane.tenant, survivors).await?;
        let survivor: HashMap<Uuid, ProfileId> =
            found.iter().filter_map(|p| Some((p.id.uuid(), p.survivor?))).collect();
        for row in journal::since_retired(lane, lane.tenant, survivor.keys().copied().collect()).await? {
            let entry: Particulars = from_json(&row.detail, "journal entry")?;
            let survivor = survivor[&row.profile_id];
            let into = entry.survivor.unwrap_or(survivor);
            // When it was retired all its records went; since then it was only sent elsewhere.
            let retired = self.former.entry(ProfileId::from_uuid(row.profile_id)).or_insert_with(|| {
                let (records, later) = (entry.records_removed.into_iter().collect(), BTreeSet::new());
                Retired { survivor, into, position: row.position, records, later }
            });
            retired.into = into;
        }
        self.profiles.extend(found.into_iter().map(|profile| (profile.id, Arc::new(profile))));
        self.load_later(lane).await
    }

    /// Loads what survivors got from when they became that.
    async fn load_later(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let mut since: BTreeMap<Uuid, i64> = BTreeMap::new();
        for retired in self.former.values() {
            let earliest = since.entry(retired.survivor.uuid()).or_insert(retired.position);
            *earliest = (*earliest).min(retired.position);
        }
        for row in journal::since(lane, lane.tenant, since.into_iter().collect()).await? {
            let entry: Particulars = from_json(&row.detail, "journal entry")?;
            let survivor = ProfileId::from_uuid(row.profile_id);
            for retired in self.former.values_mut().filter(|retired| retired.survivor == survivor) {
                if retired.position <= row.position {
                    retired.later.extend(entry.records_added.iter().copied());
                }
            }
        }
        Ok(())
    }

    /// Where the records are that retired profiles held, and those that their survivors held beside them.
    pub(super) fn former_in(&self, clusters: &[Vec<RecordId>]) -> Vec<Former> {
        if self.former.is_empty() {
            return Vec::new();
        }
        let numbered = clusters.iter().enumerate();
        let place: HashMap<RecordId, usize> =
            numbered.flat_map(|(cluster, records)| records.iter().map(move |id| (*id, cluster))).collect();
        let former = self.former.iter().map(|(id, retired)| {
            let before = |id: &&RecordId| self.before[*id] == Some(retired.survivor) && !retired.later.contains(*id);
            Former {
                id: *id,
                survivor: retired.survivor,
                into: retired.into,
                records: retired.records.len(),
                held: count(&place, retired.records.iter()),
                beside: count(&place, place.keys().filter(before)),
            }
        });
        former.collect()
    }

    /// Points profiles that stay retired to where they belong now, and has the journal say so. What follows from where one was sent
    /// before needs no word: it goes along, and comes back, with what it was sent to.
    pub(super) fn redirect(&mut self, redirected: &BTreeMap<ProfileId, ProfileId>) {
        for (former, survivor) in redirected {
            let Some(Retired { survivor: before, into, .. }) = self.former.get(former) else { continue };
            let now = |id: &ProfileId| redirected.get(id).or_else(|| self.retired.get(id)).copied().unwrap_or(*id);
            if now(into) != *survivor || now(before) != *survivor {
                self.retired.insert(*former, *survivor);
                self.changed.insert(*former);
            }
        }
    }
}

/// By cluster, how many of the records are there.
fn count<'a>(place: &HashMap<RecordId, usize>, records: impl Iterator<Item = &'a RecordId>) -> BTreeMap<usize, usize> {
    let mut counts = BTreeMap::new();
    for cluster in records.filter_map(|record| place.get(record)) {
        *counts.entry(*cluster).or_default() += 1;
    }
    counts
}
