//! Finding people: exact lookup, fuzzy match, search, and why two are one person or not.

use super::{
    auth::{ReadProfiles, Require},
    extract::{Json, Query},
    problem::{ApiError, Bodied, Keyed, Missing, Queried},
};
use crate::{
    domain::{
        contact::Contact,
        explain::Explanation,
        search::Term,
        subject::Subject,
        validate::{self, ErrorCode},
    },
    reads::{
        explain::explain_pair,
        lookup::{self, Found, Lookup, Unfit, Wanted},
        matching::{self, Matches},
        search,
    },
};
use actix_web::{get, post};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// What to search for.
#[derive(Debug, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchFor {
    /// Name words or their beginnings (3 letters or more), a mailbox, or the last 4 or more digits of a number.
    q: String,
}

/// Which two to explain.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Pair {
    /// A record's or a profile's id.
    a: String,
    /// A record's or a profile's id.
    b: String,
}

/// Who has this identifier?
///
/// Exactly one of `email`, `phone`, `handle`, `external_id`; read like an event's.
#[utoipa::path(tag = "find", params(Lookup),
    responses((status = 200, description = "Who has it", body = Found), Keyed, Queried))]
#[get("/v1/profiles/lookup")]
pub async fn get_lookup(caller: Require<ReadProfiles, Query<Lookup>>) -> Result<Json<Found>, ApiError> {
    look_up(&caller, &caller.input.0, "?").await
}

/// Who has this identifier? (keeps it out of URLs)
#[utoipa::path(tag = "find", request_body = Lookup,
    responses((status = 200, description = "Who has it", body = Found), Keyed, Bodied))]
#[post("/v1/profiles/lookup")]
pub async fn post_lookup(caller: Require<ReadProfiles, Json<Lookup>>) -> Result<Json<Found>, ApiError> {
    look_up(&caller, &caller.input.0, "/").await
}

/// Who could this contact be?
///
/// Ranked profiles with weights and levels; nothing is written.
#[utoipa::path(tag = "find", request_body = Contact,
    responses((status = 200, description = "The best first", body = Matches), Keyed, Bodied))]
#[post("/v1/profiles/match")]
pub async fn post_match(caller: Require<ReadProfiles, Json<Contact>>) -> Result<Json<Matches>, ApiError> {
    ApiError::check(validate::contact(&caller.input.0, ""))?;
    let (engine, tenant) = (&caller.engine, &caller.tenant);
    Ok(Json(matching::rank(&engine.reads, engine.rulebook(tenant), &caller.input.0).await?))
}

/// Search by name, mailbox or last digits
#[utoipa::path(tag = "find", params(SearchFor),
    responses((status = 200, description = "Those with most events first", body = Found), Keyed, Queried))]
#[get("/v1/profiles/search")]
pub async fn get_search(caller: Require<ReadProfiles, Query<SearchFor>>) -> Result<Json<Found>, ApiError> {
    run_search(&caller, &caller.input.0.q, "?q").await
}

/// Search by name, mailbox or last digits (keeps it out of URLs)
#[utoipa::path(tag = "find", request_body = SearchFor,
    responses((status = 200, description = "Those with most events first", body = Found), Keyed, Bodied))]
#[post("/v1/profiles/search")]
pub async fn post_search(caller: Require<ReadProfiles, Json<SearchFor>>) -> Result<Json<Found>, ApiError> {
    run_search(&caller, &caller.input.0.q, "/q").await
}

/// Why two records or profiles are one person, or are not
#[utoipa::path(tag = "find", params(Pair),
    responses((status = 200, description = "The waterfall, in bits", body = Explanation), Keyed, Missing, Queried))]
#[get("/v1/explain")]
pub async fn get_explain(caller: Require<ReadProfiles, Query<Pair>>) -> Result<Json<Explanation>, ApiError> {
    let subjects = [subject(&caller.input.0.a, "?a")?, subject(&caller.input.0.b, "?b")?];
    let (engine, tenant) = (&caller.engine, &caller.tenant);
    let found = explain_pair(&engine.reads, engine.rulebook(tenant), subjects).await?;
    found.map(Json).ok_or(ApiError::NotFound)
}

async fn look_up<T>(
    caller: &Require<ReadProfiles, T>,
    lookup: &Lookup,
    pointer: &str,
) -> Result<Json<Found>, ApiError> {
    let key = lookup.key(&caller.tenant.id_key).map_err(|unfit| match unfit {
        Unfit::NotOne => ApiError::invalid(pointer.trim_end_matches('/'), ErrorCode::MissingField),
        Unfit::Invalid(field) => ApiError::invalid(&format!("{pointer}{field}"), ErrorCode::InvalidValue),
    })?;
    let tenant = &caller.tenant;
    let holders = caller.engine.lookups.ask(Wanted::of(tenant.id, key)).await?;
    let found = lookup::found(holders, &tenant.id_key, key)?;
    found.items.iter().for_each(|profile| caller.holds(profile.position));
    Ok(Json(found))
}

async fn run_search<T>(caller: &Require<ReadProfiles, T>, query: &str, pointer: &str) -> Result<Json<Found>, ApiError> {
    let term = Term::read(query).ok_or_else(|| ApiError::invalid(pointer, ErrorCode::InvalidValue))?;
    let tenant = &caller.tenant;
    Ok(Json(search::find(&caller.engine.reads, tenant.id, &tenant.id_key, &term).await?))
}

fn subject(id: &str, pointer: &str) -> Result<Subject, ApiError> {
    id.parse().map_err(|_| ApiError::invalid(pointer, ErrorCode::InvalidValue))
}
