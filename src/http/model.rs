//! The model: which one is in force, and how another one takes its place.

use super::{
    auth::{Administer, ReadProfiles, Require},
    extract::{Json, Query, Toml},
    paging::place,
    problem::{ApiError, Bodied, ConflictCode, Conflicting, Keyed},
};
use crate::{
    actions::{
        remodel::{self, RemodelError},
        trial::Part,
    },
    domain::{
        id::ProfileId,
        model::Model,
        trial::{Counts, Sample},
        validate::ErrorCode,
    },
    reads::{
        cursor::encode,
        model::{self, ModelChange, ModelStatus},
    },
};
use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A model that is good.
#[derive(Debug, Serialize, ToSchema)]
struct GoodModel {
    /// What it calls itself.
    version: String,
    /// From how many bits on two contacts are one person.
    match_at: f64,
    /// From how many bits on a steward should look.
    possible_at: f64,
}

/// Which profiles a model is tried on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct TriedOn {
    /// How many profiles, at most 2,000; 500 without it.
    #[param(minimum = 1, maximum = 2000)]
    limit: Option<u64>,
    /// How many samples, at most 100; 20 without it.
    #[param(maximum = 100)]
    samples: Option<u8>,
    /// The `next` of the part before.
    after: Option<String>,
}

/// What a model would make of a part of the profiles. The sums over all parts are those of all profiles.
#[derive(Debug, Serialize, ToSchema)]
struct ModelDiff {
    /// What the model calls itself.
    version: String,
    /// In counts; those that hang together are counted with the part that the first of them is in.
    #[serde(flatten)]
    counts: Counts,
    /// What would be joined and parted, with the reasons under both models.
    samples: Vec<Sample>,
    /// Give it as `after` to try the model on the next part; null after the last one.
    next: Option<String>,
}

/// So many profiles a model is tried on at once.
const TRIED: u64 = 500;
const MOST_TRIED: u64 = 2_000;
/// So many samples are shown.
const SAMPLES: u8 = 20;
const MOST_SAMPLES: u8 = 100;

/// The model in force, the change under way and those before
#[utoipa::path(tag = "model",
    responses((status = 200, description = "As it stands", body = ModelStatus), Keyed))]
#[get("/v1/model")]
pub async fn get_model(caller: Require<ReadProfiles>) -> Result<Json<ModelStatus>, ApiError> {
    // Of a change under way: a replica may lag behind.
    let (connection, tenant) = (&caller.engine.connection, &caller.tenant);
    let model = caller.engine.rulebook(tenant).model(connection).await?;
    Ok(Json(model::status(connection, tenant.id, &model).await?))
}

/// Check a model
///
/// One that is not good is answered with 422, and `detail` says in which line and why.
#[utoipa::path(tag = "model", request_body(content = String, content_type = "application/toml"),
    responses((status = 200, description = "It is good", body = GoodModel), Keyed, Bodied))]
#[post("/v1/model/validate")]
pub async fn post_validate(caller: Require<Administer, Toml>) -> Result<Json<GoodModel>, ApiError> {
    let Model { version, match_at, possible_at, .. } = read(&caller.input)?;
    caller.only_reads().await?;
    Ok(Json(GoodModel { version, match_at, possible_at }))
}

/// Try a model
///
/// Tells, part by part, which profiles it would join, part or give another golden record. Nothing is changed, and nobody waits
/// for it.
#[utoipa::path(tag = "model", params(TriedOn), request_body(content = String, content_type = "application/toml"),
    responses((status = 200, description = "What would change", body = ModelDiff), Keyed, Bodied))]
#[post("/v1/model/diff")]
pub async fn post_diff(caller: Require<Administer, (Query<TriedOn>, Toml)>) -> Result<Json<ModelDiff>, ApiError> {
    let (caller, (Query(on), text)) = caller.parts();
    let after: Option<Uuid> = place(on.after)?;
    let (limit, samples) = (on.limit.unwrap_or(TRIED), on.samples.unwrap_or(SAMPLES));
    if !(1..=MOST_TRIED).contains(&limit) {
        return Err(ApiError::invalid("?limit", ErrorCode::InvalidValue));
    }
    if samples > MOST_SAMPLES {
        return Err(ApiError::invalid("?samples", ErrorCode::InvalidValue));
    }
    let model = read(&text)?;
    let part = Part { after: after.map(ProfileId::from_uuid), limit, examples: samples.into() };
    caller.only_reads().await?;
    let (counts, samples, last) = caller.engine.tried(&caller.tenant, &model, part).await?;
    let next = last.map(|last| encode(&last.uuid()));
    Ok(Json(ModelDiff { version: model.version, counts, samples, next }))
}

/// Put a model in force
///
/// From then on whatever is touched is clustered by it, and all other profiles are gone through in the background while events
/// keep arriving; `GET /v1/model` tells how far that has come. The model in force may be applied again: then everything is
/// clustered anew by it.
#[utoipa::path(tag = "model", request_body(content = String, content_type = "application/toml"),
    responses((status = 200, description = "It is in force", body = ModelChange), Keyed, Bodied, Conflicting))]
#[post("/v1/model/apply")]
pub async fn post_apply(caller: Require<Administer, Toml>) -> Result<Json<ModelChange>, ApiError> {
    let (caller, input) = caller.parts();
    let (engine, model) = (&caller.engine, read(&input)?);
    let rules = engine.rulebook(&caller.tenant);
    let change = remodel::apply(&engine.lanes, rules, &model, &caller.grant.actor()).await?;
    engine.sweeper.start(&caller.tenant);
    Ok(Json(ModelChange::of(&change)?))
}

/// Stop a change on its way
///
/// Its model stays in force: what is touched goes over to it, the rest waits.
#[utoipa::path(tag = "model",
    responses((status = 200, description = "Paused", body = ModelChange), Keyed, Conflicting))]
#[post("/v1/model/pause")]
pub async fn post_pause(caller: Require<Administer>) -> Result<Json<ModelChange>, ApiError> {
    let change = remodel::pause(&caller.engine.lanes, caller.engine.rulebook(&caller.tenant)).await?;
    Ok(Json(ModelChange::of(&change)?))
}

/// Go on with a change
///
/// One that is not paused, too: the server that went through the profiles may be gone.
#[utoipa::path(tag = "model",
    responses((status = 200, description = "Under way", body = ModelChange), Keyed, Conflicting))]
#[post("/v1/model/resume")]
pub async fn post_resume(caller: Require<Administer>) -> Result<Json<ModelChange>, ApiError> {
    let change = remodel::resume(&caller.engine.lanes, caller.engine.rulebook(&caller.tenant)).await?;
    caller.engine.sweeper.start(&caller.tenant);
    Ok(Json(ModelChange::of(&change)?))
}

/// Put the model in force again that was before
///
/// A change like any other, which says what it takes back; a change under way ends with it. What was parted or joined meanwhile
/// takes its own ids back.
#[utoipa::path(tag = "model",
    responses((status = 200, description = "The model before is in force", body = ModelChange), Keyed, Conflicting))]
#[post("/v1/model/rollback")]
pub async fn post_rollback(caller: Require<Administer>) -> Result<Json<ModelChange>, ApiError> {
    let (engine, tenant) = (&caller.engine, &caller.tenant);
    let change = remodel::roll_back(&engine.lanes, engine.rulebook(tenant), &caller.grant.actor()).await?;
    engine.sweeper.start(tenant);
    Ok(Json(ModelChange::of(&change)?))
}

fn read(text: &Toml) -> Result<Model, ApiError> {
    Model::from_toml(&text.0).map_err(|reason| ApiError::UnfitModel(reason.to_string()))
}

impl From<RemodelError> for ApiError {
    fn from(error: RemodelError) -> Self {
        match error {
            RemodelError::UnderWay => Self::Conflict(ConflictCode::ModelChanging),
            RemodelError::NotUnderWay => Self::Conflict(ConflictCode::ModelNotChanging),
            RemodelError::NoneBefore => Self::Conflict(ConflictCode::NoModelBefore),
            RemodelError::Store(error) => error.into(),
        }
    }
}
