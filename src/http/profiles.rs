//! Profiles: the golden record, what is behind it, and what happened to it.

use super::{
    auth::{ReadProfiles, Require},
    etag::{Tagged, Versioned},
    extract::{Json, Path, Query},
    paging::{Part, checked, place},
    past::then,
    problem::{ApiError, Cause, Keyed, Missing, Queried},
};
use crate::{
    domain::{
        golden::Include,
        graph::Graph,
        id::{ProfileId, RecordId},
        validate::ErrorCode,
    },
    reads::{
        cursor::Page,
        events::{self, StoredEvent},
        graph,
        history::{self, HistoryEntry},
        profiles::{self, ProfileView, RecordView},
    },
    store::events::TimelineFilter,
};
use actix_web::{get, web};
use jiff::Timestamp;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// A profile's id, and what is asked of it.
type OfProfile<Q> = (Path<ProfileId>, Query<Q>);

/// What to add to golden records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Including {
    /// `provenance`, `alternatives`, or both with a comma.
    include: Option<String>,
    /// A position or a time (RFC 3339): the profile as it was known then.
    as_of: Option<String>,
}

/// Which part of a profile's records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct RecordsPart {
    /// How many items, at most 500.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
    /// A position or a time (RFC 3339): the records as they were known then.
    as_of: Option<String>,
}

/// Which part of a timeline.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct TimelinePart {
    /// How many items, at most 500.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Of this channel alone.
    channel: Option<String>,
    /// Of this type alone.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// Of this source alone.
    source: Option<String>,
    /// Not before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this time (RFC 3339).
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// A position or a time (RFC 3339): the timeline as it was known then.
    as_of: Option<String>,
}

/// One profile
///
/// A retired id answers with its survivor, and `redirected_from` names it. Who asks with the `ETag` of an answer in
/// `If-None-Match` is told where that answer still holds.
#[utoipa::path(tag = "profiles",
    params(ProfileId, Including, ("If-None-Match" = Option<String>, Header, description = "Entity tags of earlier answers")),
    responses(
        (status = 200, description = "The profile", body = ProfileView,
            headers(("ETag" = String, description = "Changes whenever the answer does"))),
        (status = 304, description = "The answer that the caller has still holds"),
        Keyed, Missing, Queried))]
#[get("/v1/profiles/{id}")]
pub async fn get_profile(caller: Require<ReadProfiles, OfProfile<Including>>) -> Result<Tagged<ProfileView>, ApiError> {
    let (Path(id), Query(including)) = &caller.input;
    let include = including.read()?;
    if let Some(as_of) = &including.as_of {
        let (then, position) = then(&caller.engine, &caller.tenant, as_of).await?;
        caller.is_as_of(position);
        return then.profile(*id, position, include).await?.map(Tagged).ok_or(ApiError::NotFound);
    }
    let found = profiles::by_id(&caller.engine.reads, caller.tenant.id, *id, include).await?;
    let found = found.ok_or(ApiError::NotFound)?;
    caller.holds(found.position);
    Ok(Tagged(found))
}

/// The timeline of a profile over all channels, newest first
#[utoipa::path(tag = "profiles", params(ProfileId, TimelinePart),
    responses((status = 200, description = "A page of events", body = Page<StoredEvent>), Keyed, Missing, Queried))]
#[get("/v1/profiles/{id}/events")]
pub async fn get_timeline(
    caller: Require<ReadProfiles, OfProfile<TimelinePart>>,
) -> Result<Json<Page<StoredEvent>>, ApiError> {
    let (caller, (Path(id), Query(part))) = caller.parts();
    let TimelinePart { limit, after, channel, kind, source, from, to, as_of } = part;
    let after: Option<(i64, Uuid)> = place(after)?;
    let limit = checked(limit)?;
    let [from, to] = [from, to].map(|time| time.map(jiff::Timestamp::as_microsecond));
    let filter = TimelineFilter { channel, kind, source, from, to };
    if let Some(as_of) = as_of {
        let (then, position) = then(&caller.engine, &caller.tenant, &as_of).await?;
        caller.is_as_of(position);
        return then.timeline(id, position, &filter, after, limit).await?.map(Json).ok_or(ApiError::NotFound);
    }
    let (connection, tenant) = (&caller.engine.reads, caller.tenant.id);
    let page = events::timeline(connection, tenant, id, filter, after, limit).await?;
    page.map(Json).ok_or(ApiError::NotFound)
}

/// The records of a profile, by id
#[utoipa::path(tag = "profiles", params(ProfileId, RecordsPart),
    responses((status = 200, description = "A page of records", body = Page<RecordView>), Keyed, Missing, Queried))]
#[get("/v1/profiles/{id}/records")]
pub async fn get_records(
    caller: Require<ReadProfiles, OfProfile<RecordsPart>>,
) -> Result<Json<Page<RecordView>>, ApiError> {
    let (caller, (Path(id), Query(part))) = caller.parts();
    let (after, limit) = (place(part.after)?, checked(part.limit)?);
    if let Some(as_of) = part.as_of {
        let (then, position) = then(&caller.engine, &caller.tenant, &as_of).await?;
        caller.is_as_of(position);
        return then.records(id, position, after, limit).await?.map(Json).ok_or(ApiError::NotFound);
    }
    let profile = living(&caller, id).await?;
    let (connection, tenant) = (&caller.engine.reads, caller.tenant.id);
    Ok(Json(profiles::records(connection, tenant, profile, after, limit).await?))
}

/// What happened to a profile, newest first
#[utoipa::path(tag = "profiles", params(ProfileId, Part),
    responses((status = 200, description = "A page of the journal", body = Page<HistoryEntry>), Keyed, Missing, Queried))]
#[get("/v1/profiles/{id}/history")]
pub async fn get_history(caller: Require<ReadProfiles, OfProfile<Part>>) -> Result<Json<Page<HistoryEntry>>, ApiError> {
    let (caller, (Path(id), Query(part))) = caller.parts();
    let (before, limit) = (place(part.after)?, checked(part.limit)?);
    // A retired profile has a history of its own.
    living(&caller, id).await?;
    Ok(Json(history::page(&caller.engine.reads, caller.tenant.id, id, before, limit).await?))
}

/// How a profile holds together
///
/// The steps by which its records became one, and the profiles that it is kept apart from. A retired id answers with its
/// survivor, and `redirected_from` names it.
#[utoipa::path(tag = "profiles", params(ProfileId),
    responses((status = 200, description = "Records, steps and neighbours", body = Graph), Keyed, Missing))]
#[get("/v1/profiles/{id}/graph")]
pub async fn get_graph(caller: Require<ReadProfiles, Path<ProfileId>>) -> Result<Json<Graph>, ApiError> {
    let (engine, tenant) = (&caller.engine, &caller.tenant);
    let held = graph::load(&engine.reads, engine.rulebook(tenant), caller.input.0).await?.ok_or(ApiError::NotFound)?;
    // Off the worker: clustering a large component would hold up the other requests of its thread.
    let graph = web::block(move || held.graph()).await.map_err(|_| Cause::new("thread pool"))?;
    Ok(Json(graph))
}

/// One record
#[utoipa::path(tag = "profiles", params(RecordId),
    responses((status = 200, description = "The record", body = RecordView), Keyed, Missing))]
#[get("/v1/records/{id}")]
pub async fn get_record(caller: Require<ReadProfiles, Path<RecordId>>) -> Result<Json<RecordView>, ApiError> {
    let found = profiles::record(&caller.engine.reads, caller.tenant.id, caller.input.0).await?;
    found.map(Json).ok_or(ApiError::NotFound)
}

impl Versioned for ProfileView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Including {
    /// What to include.
    ///
    /// # Errors
    /// 422 for a word that is neither.
    pub fn read(&self) -> Result<Include, ApiError> {
        let mut include = Include::default();
        for word in self.include.iter().flat_map(|words| words.split(',')) {
            match word.trim() {
                "provenance" => include.provenance = true,
                "alternatives" => include.alternatives = true,
                _ => return Err(ApiError::invalid("?include", ErrorCode::InvalidValue)),
            }
        }
        Ok(include)
    }
}

async fn living(caller: &Require<ReadProfiles>, id: ProfileId) -> Result<ProfileId, ApiError> {
    profiles::living(&caller.engine.reads, caller.tenant.id, id).await?.ok_or(ApiError::NotFound)
}
