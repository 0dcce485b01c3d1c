//! Judge: a steward rules that records are one person, or that they are not; and takes the ruling back.

use super::recluster::recluster;
use crate::{
    domain::{
        cluster::Verdict,
        id::{JudgementId, ProfileId, RecordId},
        judgement::{Judged, Judgement, Matter, People},
        subject::Subject,
        validate::{ErrorCode, FieldError},
    },
    store::{
        StoreError, judgements,
        lane::{self, Lane},
        profiles, records,
        rulebook::Rulebook,
    },
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What a steward rules.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// Whether they are one person.
    pub verdict: Verdict,
    /// The one set: records, and profiles for the records that they hold when it is ruled.
    pub a: BTreeSet<Subject>,
    /// The other.
    pub b: BTreeSet<Subject>,
    /// Why, in the steward's words.
    pub reason: String,
    /// Who: the name of the API key.
    pub actor: String,
}

/// Why nothing was ruled.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// One of the records or profiles, or the judgement itself, is not known.
    #[error("unknown")]
    Unknown,
    /// The two sets share a record, or one of them holds none.
    #[error("not two sets of records")]
    NotTwoSets(FieldError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Rules, and clusters anew what the ruling concerns.
///
/// # Errors
/// See [`JudgeError`]; then nothing changed.
pub async fn judge(connection: &DatabaseConnection, rules: Rulebook<'_>, ruling: Ruling) -> Result<Judged, JudgeError> {
    // Profiles are resolved once the lane is held, so that no record moves in between.
    let lane = lane::enter(connection, rules.tenant.id).await?;
    let held = held(&lane, ruling.a.union(&ruling.b)).await?;
    let records = |side: &BTreeSet<Subject>| -> BTreeSet<RecordId> {
        side.iter().filter_map(|subject| held.get(subject)).flatten().copied().collect()
    };
    let (a, b) = (records(&ruling.a), records(&ruling.b));
    two_sets(&a, &b).map_err(JudgeError::NotTwoSets)?;
    let people = People { verdict: ruling.verdict, a: a.into_iter().collect(), b: b.into_iter().collect() };
    let judgement = given(Matter::People(people), &ruling.reason, &ruling.actor, now());
    judgements::insert(&lane, &judgement).await?;
    Ok(put_into_effect(lane, rules, judgement, Vec::new()).await?)
}

/// Takes a ruling back, with all that was given with it, and clusters anew what it concerned. One that is withdrawn already stays as it is.
///
/// # Errors
/// See [`JudgeError`]; then nothing changed.
pub async fn withdraw(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    id: JudgementId,
    actor: &str,
) -> Result<Judged, JudgeError> {
    let lane = lane::enter(connection, rules.tenant.id).await?;
    let mut judgement = judgements::find(&lane, lane.tenant, id.uuid()).await?.ok_or(JudgeError::Unknown)?;
    if judgement.withdrawn_at.is_some() {
        let held = records::find(&lane, lane.tenant, judgement.records().map(|id| id.uuid()).collect()).await?;
        return Ok(Judged { judgement, profiles: held.iter().map(|record| record.profile).collect() });
    }
    let (mut parts, at) = (judgements::parts_of(&lane, lane.tenant, id).await?, now());
    for withdrawn in parts.iter_mut().chain([&mut judgement]) {
        judgements::withdraw(&lane, lane.tenant, withdrawn, actor, at).await?;
    }
    Ok(put_into_effect(lane, rules, judgement, parts).await?)
}

/// A judgement that is given now.
pub(super) fn given(matter: Matter, reason: &str, actor: &str, at: Timestamp) -> Judgement {
    Judgement {
        judgement_id: JudgementId::from_uuid(Uuid::now_v7()),
        matter,
        reason: reason.to_owned(),
        actor: actor.to_owned(),
        created_at: at,
        part_of: None,
        withdrawn_at: None,
        withdrawn_by: None,
    }
}

/// The time as it is stored, so that what is answered now and what is read later are equal.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

/// The records that each subject stands for: a record for itself, a profile, or its survivor, for all that it holds.
async fn held(
    lane: &Lane,
    subjects: impl Iterator<Item = &Subject> + Clone,
) -> Result<BTreeMap<Subject, Vec<RecordId>>, JudgeError> {
    let tenant = lane.tenant;
    let asked = subjects.clone().filter_map(|subject| match subject {
        Subject::Record(id) => Some(id.uuid()),
        Subject::Profile(_) => None,
    });
    let mut held = BTreeMap::new();
    for record in records::find(lane, tenant, asked.collect()).await? {
        held.insert(Subject::Record(record.id), vec![record.id]);
    }
    let asked = subjects.clone().filter_map(|subject| match subject {
        Subject::Record(_) => None,
        Subject::Profile(id) => Some(id.uuid()),
    });
    let found = profiles::find(lane, tenant, asked.collect()).await?;
    let living: BTreeMap<ProfileId, ProfileId> =
        found.iter().map(|profile| (profile.id, profile.survivor.unwrap_or(profile.id))).collect();
    let distinct: BTreeSet<Uuid> = living.values().map(ProfileId::uuid).collect();
    let members = members(lane, distinct.into_iter().collect()).await?;
    for (id, living) in living {
        held.insert(Subject::Profile(id), members.get(&living).cloned().unwrap_or_default());
    }
    let mut subjects = subjects;
    if subjects.all(|subject| held.contains_key(subject)) { Ok(held) } else { Err(JudgeError::Unknown) }
}

/// The records of living profiles.
pub(super) async fn members(
    lane: &Lane,
    profiles: Vec<Uuid>,
) -> Result<BTreeMap<ProfileId, Vec<RecordId>>, StoreError> {
    let mut members: BTreeMap<ProfileId, Vec<RecordId>> = BTreeMap::new();
    for record in records::of_profiles(lane, lane.tenant, profiles).await? {
        members.entry(record.profile).or_default().push(record.id);
    }
    Ok(members)
}

/// What keeps them from being two sets of records.
fn two_sets(a: &BTreeSet<RecordId>, b: &BTreeSet<RecordId>) -> Result<(), FieldError> {
    for (pointer, side) in [("/a", a), ("/b", b)] {
        if side.is_empty() {
            return Err(FieldError::new(pointer, ErrorCode::Empty));
        }
    }
    if a.is_disjoint(b) { Ok(()) } else { Err(FieldError::new("/b", ErrorCode::Overlap)) }
}

/// Puts a judgement that is written into effect, with those that were given with it.
pub(super) async fn put_into_effect(
    mut lane: Lane,
    rules: Rulebook<'_>,
    judgement: Judgement,
    parts: Vec<Judgement>,
) -> Result<Judged, StoreError> {
    let at = judgement.withdrawn_at.unwrap_or(judgement.created_at);
    let all: Vec<Judgement> = std::iter::once(judgement.clone()).chain(parts).collect();
    let made = recluster(&lane, rules, &all, None, at).await?;
    made.changes.write(&mut lane).await?;
    lane.commit().await?;
    let profiles = judgement.records().filter_map(|record| made.holders.get(&record)).copied().collect();
    Ok(Judged { judgement, profiles })
}
