//! Redrawing: a steward merges profiles, or splits one. Both are judgements, and are taken back by withdrawing those.

use super::{
    judge::{members, now},
    recluster::{Reclustered, recluster},
};
use crate::{
    domain::{
        cluster::Verdict,
        id::{JudgementId, ProfileId, RecordId},
        judgement::Judgement,
        validate::{ErrorCode, FieldError},
    },
    store::{
        StoreError, judgements,
        lane::{self, Lane},
        profiles::{self, StoredProfile},
        rulebook::Rulebook,
    },
};
use sea_orm::DatabaseConnection;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What a steward wants.
#[derive(Clone, Debug)]
pub enum Wish {
    /// These are one person; the first one's id survives.
    Merge(Vec<ProfileId>),
    /// This profile holds several people: each of these sets of its records is another one.
    Split(ProfileId, Vec<BTreeSet<RecordId>>),
}

/// A wish, by whom and why, and whether to grant it.
#[derive(Clone, Debug)]
pub struct Redrawing {
    /// What is wanted.
    pub wish: Wish,
    /// Why, in the steward's words.
    pub reason: String,
    /// Who: the name of the API key.
    pub actor: String,
    /// The version that the profile must still have: the split one's, or that of the one which survives.
    pub version: Option<i64>,
    /// Whether to tell what would be and leave everything as it is.
    pub dry_run: bool,
}

/// What was done, or would be.
pub struct Redrawn {
    /// The rulings that do it.
    pub judgements: Vec<Judgement>,
    /// The profiles that change, as they were.
    pub before: Vec<Arc<StoredProfile>>,
    /// The living ones of them, and new ones, as they are then.
    pub after: Vec<Arc<StoredProfile>>,
    /// Profiles that redirect from now on, each with the one that it redirects to.
    pub redirected: Vec<(ProfileId, ProfileId)>,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum RedrawError {
    /// The profile to split is not known.
    #[error("unknown")]
    Unknown,
    /// One of the profiles was merged into another one.
    #[error("retired")]
    Retired,
    /// The profile has changed since the steward looked.
    #[error("changed in the meantime")]
    Changed,
    /// A ruling that stands, or that the records are alike, says the opposite.
    #[error("contradiction")]
    Contradiction,
    /// What is wished for does not fit what is there.
    #[error("misfit")]
    Misfit(FieldError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Merges or splits, in one commit; or tells what that would do.
///
/// # Errors
/// See [`RedrawError`]; then nothing changed.
pub async fn redraw(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    redrawing: Redrawing,
) -> Result<Redrawn, RedrawError> {
    let mut lane = lane::enter(connection, rules.tenant.id).await?;
    let parts = parts(&lane, &redrawing).await?;
    if parts.are_joined(&standing(&lane, &parts).await?) {
        return Err(RedrawError::Contradiction);
    }
    let rulings = parts.rulings(&redrawing);
    for ruling in &rulings {
        judgements::insert(&lane.tx, lane.tenant, ruling).await?;
    }
    let at = rulings.first().map_or_else(now, |ruling| ruling.created_at);
    let Reclustered { before, after, holders, changes } =
        recluster(&lane, rules, &rulings, Some(parts.survivor), at).await?;
    if !parts.are_kept(&holders) {
        return Err(RedrawError::Contradiction);
    }
    let redirected = changes.redirects().collect();
    if !redrawing.dry_run {
        changes.write(&mut lane).await?;
        lane.commit().await?;
    }
    Ok(Redrawn { judgements: rulings, before, after, redirected })
}

/// The judgements in force that speak of the records.
async fn standing(lane: &Lane, parts: &Parts) -> Result<Vec<Judgement>, StoreError> {
    let records = parts.sets.iter().flatten().map(RecordId::uuid).collect();
    judgements::of_records(&lane.tx, lane.tenant, records).await
}

/// Which records are to be one person.
struct Parts {
    /// Whose id stays.
    survivor: ProfileId,
    /// One set a person; of a merge the records of each profile, which are to be one.
    sets: Vec<Vec<RecordId>>,
    is_merge: bool,
}

async fn parts(lane: &Lane, redrawing: &Redrawing) -> Result<Parts, RedrawError> {
    match &redrawing.wish {
        Wish::Merge(ids) => {
            let held = living(lane, ids, redrawing.version).await?;
            let sets: Vec<Vec<RecordId>> = ids.iter().map(|id| held.get(id).cloned().unwrap_or_default()).collect();
            if let Some(place) = sets.iter().position(Vec::is_empty) {
                let pointer = format!("/profiles/{place}");
                return Err(RedrawError::Misfit(FieldError::new(pointer, ErrorCode::Empty)));
            }
            Ok(Parts { survivor: ids[0], sets, is_merge: true })
        }
        Wish::Split(id, parts) => {
            let held = living(lane, &[*id], redrawing.version).await?;
            let mut rest: BTreeSet<RecordId> = held.into_values().flatten().collect();
            for (place, part) in parts.iter().enumerate() {
                if !part.iter().all(|record| rest.remove(record)) {
                    let pointer = format!("/records/{place}");
                    return Err(RedrawError::Misfit(FieldError::new(pointer, ErrorCode::NotThere)));
                }
            }
            if rest.is_empty() {
                return Err(RedrawError::Misfit(FieldError::new("/records", ErrorCode::TooMany)));
            }
            let sets = std::iter::once(&rest).chain(parts).map(|part| part.iter().copied().collect()).collect();
            Ok(Parts { survivor: *id, sets, is_merge: false })
        }
    }
}

/// The records of profiles, all of which must be alive; the first one in this version, where one is given.
async fn living(
    lane: &Lane,
    ids: &[ProfileId],
    version: Option<i64>,
) -> Result<BTreeMap<ProfileId, Vec<RecordId>>, RedrawError> {
    let asked: Vec<Uuid> = ids.iter().map(ProfileId::uuid).collect();
    let found = profiles::find(&lane.tx, lane.tenant, asked.clone()).await?;
    let found: BTreeMap<ProfileId, &StoredProfile> = found.iter().map(|profile| (profile.id, profile)).collect();
    for (place, id) in ids.iter().enumerate() {
        let unknown = FieldError::new(format!("/profiles/{place}"), ErrorCode::NotThere);
        let profile =
            found.get(id).ok_or(if ids.len() > 1 { RedrawError::Misfit(unknown) } else { RedrawError::Unknown })?;
        if profile.survivor.is_some() {
            return Err(RedrawError::Retired);
        }
        if place == 0 && version.is_some_and(|version| version != profile.version) {
            return Err(RedrawError::Changed);
        }
    }
    Ok(members(lane, asked).await?)
}

impl Parts {
    /// A merge is a `same` over all; a split is `same` within each part, so that it stays whole, and `different` between any
    /// two of them.
    fn rulings(&self, redrawing: &Redrawing) -> Vec<Judgement> {
        let at = now();
        let ruling = |verdict, a: &[RecordId], b: &[RecordId]| Judgement {
            judgement_id: JudgementId::from_uuid(Uuid::now_v7()),
            verdict,
            a: a.to_vec(),
            b: b.to_vec(),
            reason: redrawing.reason.clone(),
            actor: redrawing.actor.clone(),
            created_at: at,
            withdrawn_at: None,
            withdrawn_by: None,
        };
        if self.is_merge {
            let [first, others @ ..] = self.sets.as_slice() else { return Vec::new() };
            let mut others = others.concat();
            others.sort_unstable();
            return vec![ruling(Verdict::Same, first, &others)];
        }
        let mut rulings = Vec::new();
        for (place, part) in self.sets.iter().enumerate() {
            if let [first, others @ ..] = part.as_slice()
                && !others.is_empty()
            {
                rulings.push(ruling(Verdict::Same, &[*first], others));
            }
            rulings.extend(self.sets[place + 1..].iter().map(|other| ruling(Verdict::Different, part, other)));
        }
        rulings
    }

    /// Whether a steward ruled that two of the parts are one person: that is taken back, not ruled against.
    fn are_joined(&self, standing: &[Judgement]) -> bool {
        let parts_of = |judgement: &Judgement| {
            let spoken_of: BTreeSet<RecordId> = judgement.records().collect();
            self.sets.iter().filter(|part| part.iter().any(|record| spoken_of.contains(record))).count()
        };
        let joins = |judgement: &Judgement| judgement.verdict == Verdict::Same && parts_of(judgement) > 1;
        !self.is_merge && standing.iter().any(joins)
    }

    /// Whether what is ruled comes true: each part in one profile, and each in another one unless they are merged.
    fn are_kept(&self, holders: &BTreeMap<RecordId, ProfileId>) -> bool {
        let held = |part: &Vec<RecordId>| -> BTreeSet<ProfileId> {
            part.iter().filter_map(|record| holders.get(record)).copied().collect()
        };
        let all: Vec<BTreeSet<ProfileId>> = self.sets.iter().map(held).collect();
        let distinct: BTreeSet<ProfileId> = all.iter().flatten().copied().collect();
        let people = if self.is_merge { 1 } else { self.sets.len() };
        all.iter().all(|part| part.len() == 1) && distinct.len() == people
    }
}
