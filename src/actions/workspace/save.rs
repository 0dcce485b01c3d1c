//! Saving: golden records are made anew, and what differs is written.

use super::{Context, Fate, Workspace, key_rows};
use crate::{
    actions::memory::Memory,
    domain::{
        blocking::Key,
        choice::Choices,
        golden::{Backing, GoldenRecord},
        id::{ProfileId, RecordId, ReviewId},
        journal::{Happened, Particulars},
        parallel,
        review::{Reason, ReviewKind},
        sharing::Death,
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
        reviews, to_json,
    },
};
use futures_util::try_join;
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What is to be written.
#[derive(Default)]
pub struct Changes {
    records: Vec<Arc<StoredRecord>>,
    removed: Vec<Uuid>,
    keys: Vec<KeyRow>,
    killed: Vec<(Key, Death)>,
    revived: Vec<i64>,
    profiles: Vec<(Arc<StoredProfile>, Backing)>,
    redirects: Vec<(Uuid, Uuid)>,
    entries: Vec<journal::Model>,
    reasons: Vec<(ReviewId, Reason)>,
    /// What reviews say that are remembered.
    standing: Vec<(ReviewId, Reason)>,
    /// Subjects of reviews that were looked at anew.
    looked_at: Vec<(ReviewKind, Uuid)>,
    /// By how many living profiles there are more.
    born: i64,
    position: i64,
    at: Timestamp,
}

impl Changes {
    /// The profiles that change, retired ones included.
    pub fn profiles(&self) -> impl Iterator<Item = &Arc<StoredProfile>> {
        self.profiles.iter().map(|(profile, _)| profile)
    }

    /// Profiles that redirect from now on, each with the one that it redirects to.
    pub fn redirects(&self) -> impl Iterator<Item = (ProfileId, ProfileId)> {
        self.redirects.iter().map(|(from, to)| (ProfileId::from_uuid(*from), ProfileId::from_uuid(*to)))
    }

    /// Its redirects, if others lead to where they begin: mostly none do.
    async fn redirects_on(&self, lane: &Lane) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let retired: BTreeSet<Uuid> = self.redirects.iter().map(|(from, _)| *from).collect();
        let leads_on = |profile: &Arc<StoredProfile>| profile.survivor.is_some_and(|id| retired.contains(&id.uuid()));
        let is_chain = self.profiles().any(leads_on)
            || !profiles::retired_into(lane, lane.tenant, retired.iter().copied().collect()).await?.is_empty();
        Ok(if is_chain { self.redirects.clone() } else { Vec::new() })
    }

    /// Writes it all.
    ///
    /// # Errors
    /// What the database says.
    pub async fn write(self, lane: &mut Lane) -> Result<(), StoreError> {
        lane.tally.profiles += self.born;
        let looked_up = reviews::standing(lane, lane.tenant, &self.looked_at);
        let (redirects, mut standing) = try_join!(self.redirects_on(lane), looked_up)?;
        standing.extend(reviews::known(&self.standing, self.at)?);
        if !(self.removed.is_empty() && self.revived.is_empty() && redirects.is_empty()) {
            lane.hold().await?;
        }
        let (lane, tenant) = (&*lane, lane.tenant);
        // First whatever needs a statement of its own, but for redirects, which must find the profiles that are written here.
        records::delete(lane, tenant, self.removed).await?;
        keys::revive(lane, tenant, self.revived).await?;
        reviews::renew(lane, standing, &self.reasons, self.position, self.at)?;
        records::upsert(lane, &self.records)?;
        keys::insert(lane, self.keys);
        keys::kill(lane, &self.killed);
        journals::append(lane, self.entries);
        profiles::upsert(lane, &self.profiles)?;
        profiles::redirect(lane, tenant, redirects).await
    }
}

impl Workspace<'_> {
    /// Makes the golden records of all changed profiles anew and saves what differs.
    ///
    /// # Errors
    /// What the database says.
    pub async fn save(self, lane: &mut Lane, recorded_at: Timestamp) -> Result<(), StoreError> {
        self.changes(lane, recorded_at)?.write(lane).await
    }

    /// Makes the golden records of all changed profiles anew, leaves everything to the memory, and tells what differs.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn changes(mut self, lane: &Lane, recorded_at: Timestamp) -> Result<Changes, StoreError> {
        let renewed = self.renew_profiles(lane.mark.position, recorded_at)?;
        let backed = renewed.backings.into_iter().filter_map(|(id, backing)| {
            let profile = self.profiles.get(&id)?;
            Some((Arc::clone(profile), backing))
        });
        let changes = Changes {
            profiles: backed.collect(),
            records: self.new.union(&self.dirty).map(|id| Arc::clone(&self.records[id])).collect(),
            removed: self.removed.iter().map(RecordId::uuid).collect(),
            keys: self.new_keys(),
            killed: self.killed.values().copied().collect(),
            revived: self.revived.iter().copied().collect(),
            redirects: self.retired.iter().map(|(from, to)| (from.uuid(), to.uuid())).collect(),
            reasons: self.reasons(),
            standing: self.standing(),
            looked_at: self.looked_at(),
            born: renewed.born,
            position: lane.mark.position,
            at: recorded_at,
            entries: renewed
                .entries
                .into_iter()
                .map(|entry| journal::Model { tenant_id: lane.tenant, ..entry })
                .collect(),
        };
        self.remember();
        Ok(changes)
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
    fn renew_profiles(&mut self, position: i64, recorded_at: Timestamp) -> Result<Renewed, StoreError> {
        let mut members: BTreeMap<ProfileId, Vec<&StoredRecord>> = BTreeMap::new();
        for record in self.records.values() {
            members.entry(record.profile).or_default().push(record);
        }
        let (mut lost, choices) = (self.lost(), self.choices());
        let mut renewed = Renewed::default();
        let changed: Vec<(ProfileId, Vec<&StoredRecord>)> =
            self.changed.iter().map(|id| (*id, members.remove(id).unwrap_or_default())).collect();
        let survivors = survivors(self.context, self.memory, &changed, &choices);
        for ((id, records), (golden, backing)) in changed.iter().zip(survivors) {
            let Some(profile) = self.profiles.get_mut(id).map(Arc::make_mut) else { continue };
            let redirected = profile.survivor;
            profile.survivor = self.retired.get(id).copied();
            // Or did until now. One that redirects where it did is only here where the journal is to say so.
            let redirects = redirected.or(profile.survivor).is_some();
            // Provenance counts every event; a version is what callers see change.
            let renamed = profile.version == 0 || profile.golden != golden;
            profile.version += i64::from(renamed);
            profile.golden = golden;
            renewed.backings.push((*id, backing));
            profile.held = Held::of(records);
            profile.position = position;
            let change = change(*id, records, lost.remove(id).unwrap_or_default(), &self.before, &self.records);
            let differs = renamed || redirects || self.flipped.contains(id);
            if !differs && change.is_none() {
                continue;
            }
            let kind = kind(profile, &change, self.fates.get(id));
            renewed.born += match kind {
                Happened::Created | Happened::Restored => 1,
                Happened::Retired | Happened::Emptied => -1,
                _ => 0,
            };
            let mut causes = change.added.iter().chain(records.iter().map(|record| &record.id));
            let ruled = self.ruled.first();
            let particulars = Particulars {
                version: profile.version,
                cause: causes.find_map(|id| self.causes.get(id)).copied(),
                records_added: change.added,
                records_removed: change.removed,
                other_profiles: change.others.into_iter().collect(),
                survivor: profile.survivor,
                ambiguous: profile.ambiguous,
                chosen: profile.golden.chosen.values().copied().collect(),
                judgement_id: ruled.map(|judgement| judgement.judgement_id),
                actor: ruled.map(|judgement| judgement.withdrawn_by.as_ref().unwrap_or(&judgement.actor).clone()),
                model_version: self.context.model.version.clone(),
            };
            renewed.entries.push(entry(profile, kind, &particulars, recorded_at)?);
        }
        Ok(renewed)
    }
}

/// What comes of bringing profiles up to date, besides themselves.
#[derive(Default)]
struct Renewed {
    /// What stands behind the golden record of each.
    backings: Vec<(ProfileId, Backing)>,
    /// What happened to those that look otherwise now.
    entries: Vec<journal::Model>,
    /// By how many living profiles there are more.
    born: i64,
}

/// The golden records of profiles, each given with its records, and some with what stewards chose.
fn survivors(
    context: Context<'_>,
    memory: &mut Memory,
    profiles: &[(ProfileId, Vec<&StoredRecord>)],
    choices: &BTreeMap<ProfileId, Choices>,
) -> Vec<(GoldenRecord, Backing)> {
    let records: Vec<&StoredRecord> = profiles.iter().flat_map(|(_, records)| records.iter().copied()).collect();
    let statements = memory.statements(&records);
    let mut statements = statements.as_slice();
    let (mut members, none) = (Vec::with_capacity(profiles.len()), Choices::new());
    for (id, records) in profiles {
        let (own, others) = statements.split_at(records.len());
        statements = others;
        let own = records.iter().zip(own).map(|(record, statement)| member(record, statement));
        members.push((own.collect::<Vec<_>>(), choices.get(id).unwrap_or(&none)));
    }
    let policy = &context.model.survivorship;
    parallel::map(&members, |(members, choices)| survive(members, choices, context.sources, policy).apart())
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

impl Change {
    /// Whether no record came or went.
    const fn is_none(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

/// What happened to a profile, in a word.
fn kind(profile: &StoredProfile, change: &Change, fate: Option<&Fate>) -> Happened {
    match fate {
        _ if change.is_none() && profile.survivor.is_some() => Happened::Redirected,
        _ if change.is_none() => Happened::Changed,
        _ if profile.survivor.is_some() => Happened::Retired,
        Some(fate) if fate.created => Happened::Created,
        Some(fate) if fate.restored => Happened::Restored,
        Some(fate) if !fate.merged.is_empty() => Happened::Merged,
        _ if !change.removed.is_empty() && change.others.is_empty() => Happened::Emptied,
        _ if !change.removed.is_empty() => Happened::Split,
        _ => Happened::Attached,
    }
}

fn entry(
    profile: &StoredProfile,
    kind: Happened,
    particulars: &Particulars,
    recorded_at: Timestamp,
) -> Result<journal::Model, StoreError> {
    Ok(journal::Model {
        tenant_id: 0,
        profile_id: profile.id.uuid(),
        position: profile.position,
        kind: to_json(&kind, "journal entry")?.trim_matches('"').to_owned(),
        recorded_at: recorded_at.as_microsecond(),
        detail: to_json(particulars, "journal entry")?,
    })
}
