//! Merging and splitting profiles, and choosing their values.

use super::{
    auth::{ReadProfiles, Require, WriteReviews},
    etag::IfMatch,
    extract::{Json, Path, Query},
    judgements::reason,
    problem::{ApiError, Bodied, Conditional, ConflictCode, Conflicting, Keyed, Missing},
};
use crate::{
    actions::redraw::{self, RedrawError, Redrawing, Redrawn, Wish},
    domain::{
        choice::{Attribute, Choice},
        id::{ProfileId, RecordId},
        judgement::Judgement,
        validate::{ErrorCode, FieldError},
    },
    reads::{
        judgements,
        profiles::{ProfileView, stored_view},
    },
    store::{StoreError, profiles::StoredProfile},
};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeSet, sync::Arc};
use utoipa::{IntoParams, ToSchema};

/// So many profiles are merged at once, and so many are split off.
const MAX_PARTS: usize = 50;
/// So many values are chosen in a merge.
const MAX_VALUES: usize = 50;
/// So many records are split off at once.
const MAX_RECORDS: usize = 500;

/// What a steward wants, of which version, and whether it is meant.
type Wanted<T> = (IfMatch, Query<Trial>, Json<T>);
/// A profile's id, and what is wanted of it.
type OfProfile<T> = (Path<ProfileId>, Wanted<T>);

/// Whether to change anything.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Trial {
    /// Tell what would change, and change nothing.
    dry_run: bool,
}

/// Which profiles are one person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Merge {
    /// The id that survives, then the others.
    #[schema(min_items = 2, max_items = 50)]
    profiles: Vec<ProfileId>,
    /// What the golden record is to say, whatever survives otherwise; withdrawn with the merge.
    #[serde(default)]
    #[schema(max_items = 50)]
    values: Vec<Choice>,
    /// Why, in the steward's words; it may be left out.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// Which records are other people.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Split {
    /// The records of each new profile, at most 500 together. At least one record stays.
    #[schema(min_items = 1, max_items = 50)]
    records: Vec<Vec<RecordId>>,
    /// Why, in the steward's words; it may be left out.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// What the value of an attribute is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewValue {
    /// Which attribute, by its pointer into the golden record.
    attribute: Attribute,
    /// Its value, as a contact would give it: a text, an address, or a plain value of a further attribute. The primary mailbox
    /// and number are chosen among those that the records give.
    value: Value,
    /// Why, in the steward's words; it may be left out.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// What a merge, a split or a chosen value did, or would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Change {
    /// Whether nothing was changed.
    pub dry_run: bool,
    /// The judgements that do it. Withdrawing all of them takes it back; those of a dry run are not kept.
    pub judgements: Vec<Judgement>,
    /// The profiles that change, as they were.
    pub before: Vec<ProfileView>,
    /// Those that live on, and new ones, as they are then.
    pub after: Vec<ProfileView>,
    /// Ids that redirect from then on.
    pub redirected: Vec<Redirect>,
}

/// A retired id.
#[derive(Debug, Serialize, ToSchema)]
pub struct Redirect {
    /// It answers still.
    pub from: ProfileId,
    /// With this profile.
    pub to: ProfileId,
}

/// Merge profiles
///
/// A judgement that all their records are one person: it outranks every weight, and holds for what arrives later. The first
/// one's id survives, the others redirect to it. With `If-Match` it must still have the version of that `ETag`.
#[utoipa::path(tag = "judgements", params(Trial, IfMatch), request_body = Merge,
    responses((status = 200, description = "Merged, or what that would change", body = Change), Keyed, Bodied, Conflicting, Conditional))]
#[post("/v1/profiles/merge")]
pub async fn post_merge(caller: Require<WriteReviews, Wanted<Merge>>) -> Result<Json<Change>, ApiError> {
    let (caller, (IfMatch(version), Query(trial), Json(merge))) = caller.parts();
    ApiError::check(merge.mistakes())?;
    let actor = caller.grant.actor();
    let wish = Wish::Merge(merge.profiles, merge.values);
    grant(&caller, Redrawing { wish, reason: merge.reason, actor, version, dry_run: trial.dry_run }).await
}

/// Split a profile
///
/// A judgement that each of these sets of records is a person of their own, apart from each other and from what is left,
/// which keeps the id. With `If-Match` the profile must still have the version of that `ETag`.
#[utoipa::path(tag = "judgements", params(ProfileId, Trial, IfMatch), request_body = Split,
    responses((status = 200, description = "Split, or what that would change", body = Change), Keyed, Missing, Bodied, Conflicting,
        Conditional))]
#[post("/v1/profiles/{id}/split")]
pub async fn post_split(caller: Require<WriteReviews, OfProfile<Split>>) -> Result<Json<Change>, ApiError> {
    let (caller, (Path(id), (IfMatch(version), Query(trial), Json(split)))) = caller.parts();
    ApiError::check(split.mistakes())?;
    let actor = caller.grant.actor();
    let parts = split.records.into_iter().map(|part| part.into_iter().collect()).collect();
    let wish = Wish::Split(id, parts);
    grant(&caller, Redrawing { wish, reason: split.reason, actor, version, dry_run: trial.dry_run }).await
}

/// Choose a value
///
/// A judgement that this is what the attribute is: it outranks what the records give, whatever arrives later, until it is
/// withdrawn. It stays with the records that the profile holds now: after a merge or a split it holds for the profile with the
/// most of them. Of two for one attribute the later counts. With `If-Match` the profile must still have the version of that
/// `ETag`.
#[utoipa::path(tag = "judgements", params(ProfileId, Trial, IfMatch), request_body = NewValue,
    responses((status = 200, description = "Chosen, or what that would change", body = Change), Keyed, Missing, Bodied, Conflicting,
        Conditional))]
#[post("/v1/profiles/{id}/values")]
pub async fn post_value(caller: Require<WriteReviews, OfProfile<NewValue>>) -> Result<Json<Change>, ApiError> {
    let (caller, (Path(id), (IfMatch(version), Query(trial), Json(new)))) = caller.parts();
    ApiError::check(reason(&new.reason).into_iter().collect())?;
    let actor = caller.grant.actor();
    let wish = Wish::Choose(id, Choice { attribute: new.attribute, value: new.value });
    grant(&caller, Redrawing { wish, reason: new.reason, actor, version, dry_run: trial.dry_run }).await
}

/// The values that stewards chose for a profile
///
/// One judgement for each attribute in `golden.chosen`: by whom, why and when. Withdrawing it lets the records decide again, or
/// an earlier choice.
#[utoipa::path(tag = "judgements", params(ProfileId),
    responses((status = 200, description = "The judgements that choose them", body = Vec<Judgement>), Keyed, Missing))]
#[get("/v1/profiles/{id}/values")]
pub async fn get_values(caller: Require<ReadProfiles, Path<ProfileId>>) -> Result<Json<Vec<Judgement>>, ApiError> {
    let chosen = judgements::chosen(&caller.engine.connection, caller.tenant.id, caller.input.0).await?;
    chosen.map(Json).ok_or(ApiError::NotFound)
}

async fn grant(caller: &Require<WriteReviews>, redrawing: Redrawing) -> Result<Json<Change>, ApiError> {
    let (engine, tenant, dry_run) = (&caller.engine, &caller.tenant, redrawing.dry_run);
    let rules = engine.rulebook(tenant);
    if dry_run {
        caller.only_reads().await?;
    }
    Ok(Json(Change::of(redraw::redraw(&engine.lanes, rules, redrawing).await?, dry_run)?))
}

impl Change {
    fn of(redrawn: Redrawn, dry_run: bool) -> Result<Self, StoreError> {
        let views = |profiles: Vec<Arc<StoredProfile>>| -> Result<Vec<ProfileView>, StoreError> {
            profiles.iter().map(|profile| stored_view(profile)).collect()
        };
        Ok(Self {
            dry_run,
            judgements: redrawn.judgements,
            before: views(redrawn.before)?,
            after: views(redrawn.after)?,
            redirected: redrawn.redirected.into_iter().map(|(from, to)| Redirect { from, to }).collect(),
        })
    }
}

impl Merge {
    fn mistakes(&self) -> Vec<FieldError> {
        let mut mistakes: Vec<FieldError> = reason(&self.reason).into_iter().collect();
        if self.profiles.len() < 2 {
            mistakes.push(FieldError::new("/profiles", ErrorCode::Empty));
        } else if self.profiles.len() > MAX_PARTS {
            mistakes.push(FieldError::new("/profiles", ErrorCode::TooMany));
        }
        if self.values.len() > MAX_VALUES {
            mistakes.push(FieldError::new("/values", ErrorCode::TooMany));
        }
        let attributes: Vec<&Attribute> = self.values.iter().map(|choice| &choice.attribute).collect();
        mistakes.extend(doubles(&attributes).map(|place| overlap(format!("/values/{place}/attribute"))));
        mistakes.extend(doubles(&self.profiles).map(|place| overlap(format!("/profiles/{place}"))));
        mistakes
    }
}

impl Split {
    fn mistakes(&self) -> Vec<FieldError> {
        let mut mistakes: Vec<FieldError> = reason(&self.reason).into_iter().collect();
        let all: Vec<RecordId> = self.records.concat();
        if self.records.is_empty() {
            mistakes.push(FieldError::new("/records", ErrorCode::Empty));
        } else if self.records.len() > MAX_PARTS || all.len() > MAX_RECORDS {
            mistakes.push(FieldError::new("/records", ErrorCode::TooMany));
        }
        let empty = self.records.iter().enumerate().filter(|(_, part)| part.is_empty());
        mistakes.extend(empty.map(|(place, _)| FieldError::new(format!("/records/{place}"), ErrorCode::Empty)));
        if doubles(&all).next().is_some() {
            mistakes.push(overlap("/records".to_owned()));
        }
        mistakes
    }
}

/// The places of values that stand further ahead too.
fn doubles<T: Ord + Copy>(values: &[T]) -> impl Iterator<Item = usize> {
    let mut seen = BTreeSet::new();
    values.iter().enumerate().filter(move |(_, value)| !seen.insert(**value)).map(|(place, _)| place)
}

fn overlap(pointer: String) -> FieldError {
    FieldError::new(pointer, ErrorCode::Overlap)
}

impl From<RedrawError> for ApiError {
    fn from(error: RedrawError) -> Self {
        match error {
            RedrawError::Unknown => Self::NotFound,
            RedrawError::Retired => Self::Conflict(ConflictCode::Retired),
            RedrawError::Contradiction => Self::Conflict(ConflictCode::Contradiction),
            RedrawError::Changed => Self::PreconditionFailed,
            RedrawError::Misfit(error) => Self::Invalid(vec![error]),
            RedrawError::Store(error) => error.into(),
        }
    }
}
