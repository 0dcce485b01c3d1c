//! Saving: golden records are made anew, and what differs is written.

use super::{Fate, Workspace, key_rows};
use crate::{
    domain::{
        id::{EventId, ProfileId, RecordId},
        journal::{Happened, Particulars},
        model::Model,
        survivorship::{Member, Statement, survive},
    },
    store::{
        StoreError,
        entities::journal,
        journal as journals,
        keys::{self, KeyRow},
        lane::Lane,
        profiles::{self, Held, StoredProfile},
        records::{self, StoredRecord},
        to_json,
    },
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

impl Workspace<'_> {
    /// Makes the golden records of all changed profiles anew and saves what differs.
    ///
    /// # Errors
    /// What the database says.
    pub async fn save(mut self, lane: &Lane, recorded_at: jiff::Timestamp) -> Result<(), StoreError> {
        let entries = self.renew_profiles(lane.position, recorded_at)?;
        let (tx, tenant) = (&lane.tx, lane.tenant);
        let written: Vec<&StoredRecord> = self.new.union(&self.dirty).map(|id| self.records[id].as_ref()).collect();
        records::upsert(tx, tenant, &written).await?;
        records::delete(tx, tenant, self.removed.iter().map(RecordId::uuid).collect()).await?;
        keys::insert(tx, tenant, self.new_keys()).await?;
        keys::kill(tx, tenant, self.killed.values().copied().collect()).await?;
        keys::revive(tx, tenant, self.revived.iter().copied().collect()).await?;
        let changed = self.changed.iter().filter_map(|id| self.profiles.get(id));
        let changed: Vec<&StoredProfile> = changed.map(AsRef::as_ref).collect();
        profiles::upsert(tx, tenant, &changed).await?;
        let redirects = self.retired.iter().map(|(from, to)| (from.uuid(), to.uuid())).collect();
        profiles::redirect(tx, tenant, redirects).await?;
        let entries = entries.into_iter().map(|entry| journal::Model { tenant_id: tenant, ..entry }).collect();
        journals::append(tx, tenant, entries).await?;
        self.remember();
        Ok(())
    }

    fn new_keys(&self) -> Vec<KeyRow> {
        let nodes = self.new.iter().filter(|id| self.records[id].node == **id);
        nodes.flat_map(|id| key_rows(*id, &self.prepared[id], self.context.id_key)).collect()
    }

    /// By profile the records that it held and holds no more.
    fn lost(&self) -> BTreeMap<ProfileId, Vec<RecordId>> {
        let mut lost: BTreeMap<ProfileId, Vec<RecordId>> = BTreeMap::new();
        for (id, was) in &self.before {
            let stays = |was: &ProfileId| self.records.get(id).is_some_and(|record| record.profile == *was);
            if let Some(was) = was.filter(|was| !stays(was)) {
                lost.entry(was).or_default().push(*id);
            }
        }
        lost
    }

    /// Brings every changed profile up to date; one whose golden record comes out the same keeps its version.
    fn renew_profiles(
        &mut self,
        position: i64,
        recorded_at: jiff::Timestamp,
    ) -> Result<Vec<journal::Model>, StoreError> {
        let mut members: BTreeMap<ProfileId, Vec<&StoredRecord>> = BTreeMap::new();
        for record in self.records.values() {
            members.entry(record.profile).or_default().push(record);
        }
        let mut lost = self.lost();
        let mut entries = Vec::new();
        for id in &self.changed {
            let Some(profile) = self.profiles.get_mut(id).map(Arc::make_mut) else { continue };
            let records = members.remove(id).unwrap_or_default();
            let statements: Vec<Arc<Statement>> = records.iter().map(|record| self.memory.statement(record)).collect();
            let golden: Vec<Member<'_>> =
                records.iter().zip(&statements).map(|(record, statement)| member(record, statement)).collect();
            let (golden, backing) = survive(&golden, self.context.sources, &self.context.model.survivorship).apart();
            profile.survivor = self.retired.get(id).copied();
            // Provenance counts every event; a version is what callers see change.
            profile.version += i64::from(profile.version == 0 || profile.golden != golden);
            (profile.golden, profile.backing) = (golden, backing);
            profile.held = Held::of(&records);
            profile.position = position;
            let change = change(*id, &records, lost.remove(id).unwrap_or_default(), &self.before, &self.records);
            entries.extend(entry(profile, change, self.fates.get(id), &self.causes, self.context.model, recorded_at)?);
        }
        Ok(entries)
    }
}

fn member<'a>(record: &'a StoredRecord, statement: &'a Statement) -> Member<'a> {
    Member { record: record.id, contact: &record.contact, statement, observations: &record.observations }
}

/// Which records a profile gained and lost, and whom it exchanged them with.
struct Change {
    added: Vec<RecordId>,
    removed: Vec<RecordId>,
    others: BTreeSet<ProfileId>,
}

fn change(
    profile: ProfileId,
    now: &[&StoredRecord],
    removed: Vec<RecordId>,
    before: &BTreeMap<RecordId, Option<ProfileId>>,
    records: &BTreeMap<RecordId, Arc<StoredRecord>>,
) -> Change {
    let added: Vec<RecordId> = now.iter().map(|r| r.id).filter(|id| before[id] != Some(profile)).collect();
    let from = added.iter().filter_map(|id| before[id]);
    let to = removed.iter().filter_map(|id| records.get(id)).map(|record| record.profile);
    Change { others: from.chain(to).collect(), added, removed }
}

fn entry(
    profile: &StoredProfile,
    change: Change,
    fate: Option<&Fate>,
    causes: &BTreeMap<RecordId, EventId>,
    model: &Model,
    recorded_at: jiff::Timestamp,
) -> Result<Option<journal::Model>, StoreError> {
    if change.added.is_empty() && change.removed.is_empty() {
        return Ok(None);
    }
    let kind = match fate {
        _ if profile.survivor.is_some() => Happened::Retired,
        Some(fate) if fate.created => Happened::Created,
        Some(fate) if fate.restored => Happened::Restored,
        Some(fate) if !fate.merged.is_empty() => Happened::Merged,
        _ if !change.removed.is_empty() && change.others.is_empty() => Happened::Emptied,
        _ if !change.removed.is_empty() => Happened::Split,
        _ => Happened::Attached,
    };
    let particulars = Particulars {
        version: profile.version,
        cause: change.added.iter().find_map(|id| causes.get(id)).copied(),
        records_added: change.added,
        records_removed: change.removed,
        other_profiles: change.others.into_iter().collect(),
        model_version: model.version.clone(),
    };
    Ok(Some(journal::Model {
        tenant_id: 0,
        profile_id: profile.id.uuid(),
        position: profile.position,
        kind: to_json(&kind, "journal entry")?.trim_matches('"').to_owned(),
        recorded_at: recorded_at.as_microsecond(),
        detail: to_json(&particulars, "journal entry")?,
    }))
}
