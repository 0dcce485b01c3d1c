//! Looking back: how a profile changed, and where its id came from.

use super::{
    auth::{ReadProfiles, Require},
    extract::{Json, Path, Query},
    problem::{ApiError, Keyed, Missing, Queried},
};
use crate::{
    domain::{id::ProfileId, validate::ErrorCode},
    engine::Engine,
    reads::past::{AsOf, Lineage, Past, ProfileDiff, lineage},
    store::{sources, tenants::Tenant},
};
use actix_web::get;
use serde::Deserialize;
use utoipa::IntoParams;

/// Between which two moments.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Between {
    /// A position, or a time (RFC 3339).
    from: String,
    /// A position, or a time (RFC 3339); now, without it.
    #[serde(default)]
    to: Option<String>,
}

/// A profile's id, and what is asked of it.
type OfProfile = (Path<ProfileId>, Query<Between>);

/// The tenant's past.
async fn look_back<'a>(engine: &'a Engine, tenant: &Tenant) -> Result<Past<'a>, ApiError> {
    let sources = sources::all(&engine.reads, tenant.id).await?;
    let policy = engine.rulebook(tenant).model(&engine.reads).await?.survivorship;
    Ok(Past { connection: &engine.reads, tenant: tenant.id, sources, policy })
}

/// The tenant's past, and the position that `as_of` names in it.
///
/// # Errors
/// 422 where it is neither a position nor a time.
pub(super) async fn then<'a>(engine: &'a Engine, tenant: &Tenant, as_of: &str) -> Result<(Past<'a>, i64), ApiError> {
    let past = look_back(engine, tenant).await?;
    let position = moment(&past, "?as_of", as_of).await?;
    Ok((past, position))
}

/// The position that a query parameter names.
async fn moment(past: &Past<'_>, pointer: &str, text: &str) -> Result<i64, ApiError> {
    let moment: AsOf = text.parse().map_err(|_| ApiError::invalid(pointer, ErrorCode::InvalidValue))?;
    Ok(past.position(moment).await?)
}

/// How a profile changed between two moments
///
/// Records that came and went, and attributes of the golden record that are not what they were.
#[utoipa::path(tag = "profiles", params(ProfileId, Between),
    responses((status = 200, description = "What changed", body = ProfileDiff), Keyed, Missing, Queried))]
#[get("/v1/profiles/{id}/diff")]
pub async fn get_diff(caller: Require<ReadProfiles, OfProfile>) -> Result<Json<ProfileDiff>, ApiError> {
    let (caller, (Path(id), Query(between))) = caller.parts();
    let past = look_back(&caller.engine, &caller.tenant).await?;
    let from = moment(&past, "?from", &between.from).await?;
    let to = match &between.to {
        Some(to) => moment(&past, "?to", to).await?,
        None => past.position(AsOf::Position(i64::MAX)).await?,
    };
    caller.is_as_of(to);
    past.diff(id, from, to).await?.map(Json).ok_or(ApiError::NotFound)
}

/// Where an id came from and where it went
///
/// The profile that it stands for now, all other ids that stand for the same, and what passed between it and others.
#[utoipa::path(tag = "profiles", params(ProfileId),
    responses((status = 200, description = "The id's lineage", body = Lineage), Keyed, Missing))]
#[get("/v1/profiles/{id}/lineage")]
pub async fn get_lineage(caller: Require<ReadProfiles, Path<ProfileId>>) -> Result<Json<Lineage>, ApiError> {
    let found = lineage(&caller.engine.reads, caller.tenant.id, caller.input.0).await?;
    found.map(Json).ok_or(ApiError::NotFound)
}
