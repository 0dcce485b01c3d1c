//! Redrawing: a steward merges profiles, splits one, or chooses a value for one. All are judgements, and are taken back by
//! withdrawing those.

use super::{
    judge::{given, members, now},
    recluster::{Reclustered, recluster},
};
use crate::{
    domain::{
        choice::Choice,
        cluster::Verdict,
        golden::GoldenRecord,
        id::{ProfileId, RecordId},
        judgement::{Chosen, Judgement, Matter, People},
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

/// What a steward wants.
#[derive(Clone, Debug)]
pub enum Wish {
    /// These are one person, of whom this is known; the first one's id survives.
    Merge(Vec<ProfileId>, Vec<Choice>),
    /// This profile holds several people: each of these sets of its records is another one.
    Split(ProfileId, Vec<BTreeSet<RecordId>>),
    /// This is the value of an attribute of this profile.
    Choose(ProfileId, Choice),
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
    /// The version that the profile must still have: that of the one which survives, or the only one's.
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
    /// The profile is not known.
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

/// Does what is wished for, in one commit; or tells what that would do.
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
        judgements::insert(&lane, ruling).await?;
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
    judgements::of_records(lane, lane.tenant, records).await
}

/// Which records are to be one person.
struct Parts {
    /// Whose id stays.
    survivor: ProfileId,
    /// One set a person; of a merge the records of each profile, which are to be one.
    sets: Vec<Vec<RecordId>>,
    are_one: bool,
    /// What is chosen of all of them.
    choices: Vec<Choice>,
}

async fn parts(lane: &Lane, redrawing: &Redrawing) -> Result<Parts, RedrawError> {
    match &redrawing.wish {
        Wish::Merge(ids, choices) => {
            let found = living(lane, ids, redrawing.version).await?;
            let choices = fitting(choices, &found, |place| format!("/values/{place}"))?;
            let held = held(lane, ids).await?;
            let sets: Vec<Vec<RecordId>> = ids.iter().map(|id| held.get(id).cloned().unwrap_or_default()).collect();
            if let Some(place) = sets.iter().position(Vec::is_empty) {
                let pointer = format!("/profiles/{place}");
                return Err(RedrawError::Misfit(FieldError::new(pointer, ErrorCode::Empty)));
            }
            Ok(Parts { survivor: ids[0], sets, are_one: true, choices })
        }
        Wish::Choose(id, choice) => {
            let found = living(lane, &[*id], redrawing.version).await?;
            let choices = fitting(std::slice::from_ref(choice), &found, |_| String::new())?;
            let sets: Vec<Vec<RecordId>> = held(lane, &[*id]).await?.into_values().collect();
            if sets.is_empty() {
                return Err(RedrawError::Misfit(FieldError::new("", ErrorCode::Empty)));
            }
            Ok(Parts { survivor: *id, sets, are_one: true, choices })
        }
        Wish::Split(id, parts) => {
            living(lane, &[*id], redrawing.version).await?;
            let held = held(lane, &[*id]).await?;
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
            Ok(Parts { survivor: *id, sets, are_one: false, choices: Vec::new() })
        }
    }
}

/// The profiles, all of which must be alive; the first one in this version, where one is given.
async fn living(
    lane: &Lane,
    ids: &[ProfileId],
    version: Option<i64>,
) -> Result<BTreeMap<ProfileId, StoredProfile>, RedrawError> {
    let found = profiles::find(lane, lane.tenant, ids.iter().map(ProfileId::uuid).collect()).await?;
    let found: BTreeMap<ProfileId, StoredProfile> = found.into_iter().map(|profile| (profile.id, profile)).collect();
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
    Ok(found)
}

/// The records of living profiles.
async fn held(lane: &Lane, ids: &[ProfileId]) -> Result<BTreeMap<ProfileId, Vec<RecordId>>, StoreError> {
    members(lane, ids.iter().map(ProfileId::uuid).collect()).await
}

/// The choices as they are kept, if all of them can be made of these profiles.
fn fitting(
    choices: &[Choice],
    profiles: &BTreeMap<ProfileId, StoredProfile>,
    pointer: impl Fn(usize) -> String,
) -> Result<Vec<Choice>, RedrawError> {
    let golden: Vec<&GoldenRecord> = profiles.values().map(|profile| &profile.golden).collect();
    let fit = |(place, choice): (usize, &Choice)| {
        let read = choice.clone().read();
        let fits = read.and_then(|choice| if choice.fits(&golden) { Ok(choice) } else { Err(ErrorCode::NotThere) });
        fits.map_err(|code| RedrawError::Misfit(FieldError::new(pointer(place) + "/value", code)))
    };
    choices.iter().enumerate().map(fit).collect()
}

/// All records of some sets.
fn sorted(sets: &[Vec<RecordId>]) -> Vec<RecordId> {
    let mut all = sets.concat();
    all.sort_unstable();
    all
}

impl Parts {
    /// A merge is a `same` over all, with what is chosen as parts of it; a split is `same` within each part, so that it stays
    /// whole, and `different` between any two of them.
    fn rulings(&self, redrawing: &Redrawing) -> Vec<Judgement> {
        let at = now();
        let rule = |matter| given(matter, &redrawing.reason, &redrawing.actor, at);
        let ruling = |verdict, a: &[RecordId], b: &[RecordId]| {
            rule(Matter::People(People { verdict, a: a.to_vec(), b: b.to_vec() }))
        };
        let mut rulings = Vec::new();
        if self.are_one {
            if let [first, others @ ..] = self.sets.as_slice()
                && !others.is_empty()
            {
                rulings.push(ruling(Verdict::Same, first, &sorted(others)));
            }
            let (part_of, records) = (rulings.first().map(|merge| merge.judgement_id), sorted(&self.sets));
            for Choice { attribute, value } in self.choices.clone() {
                let chosen = Chosen { records: records.clone(), attribute, value };
                rulings.push(Judgement { part_of, ..rule(Matter::Value(chosen)) });
            }
            return rulings;
        }
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
        let is_same = |judgement: &Judgement| judgement.people().is_some_and(|it| it.verdict == Verdict::Same);
        !self.are_one && standing.iter().any(|judgement| is_same(judgement) && parts_of(judgement) > 1)
    }

    /// Whether what is ruled comes true: each part in one profile, and each in another one unless they are merged.
    fn are_kept(&self, holders: &BTreeMap<RecordId, ProfileId>) -> bool {
        let held = |part: &Vec<RecordId>| -> BTreeSet<ProfileId> {
            part.iter().filter_map(|record| holders.get(record)).copied().collect()
        };
        let all: Vec<BTreeSet<ProfileId>> = self.sets.iter().map(held).collect();
        let distinct: BTreeSet<ProfileId> = all.iter().flatten().copied().collect();
        let people = if self.are_one { 1 } else { self.sets.len() };
        all.iter().all(|part| part.len() == 1) && distinct.len() == people
    }
}
