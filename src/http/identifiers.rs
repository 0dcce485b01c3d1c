//! Identifiers that so many share that they join nobody.

use super::{
    auth::{ReadProfiles, Require},
    extract::{Json, Query},
    paging::{Part, checked, place},
    problem::{ApiError, Keyed, Queried},
};
use crate::reads::{
    cursor::Page,
    shared::{self, SharedIdentifier},
};
use actix_web::get;

/// Identifiers that too many share
///
/// A switchboard's number, an office's mailbox, a kiosk's account: people of many names have it, so that it joins nobody.
/// It joins again once they are few.
#[utoipa::path(tag = "find", params(Part),
    responses((status = 200, description = "A page of identifiers", body = Page<SharedIdentifier>), Keyed, Queried))]
#[get("/v1/identifiers/shared")]
pub async fn get_shared(caller: Require<ReadProfiles, Query<Part>>) -> Result<Json<Page<SharedIdentifier>>, ApiError> {
    let (caller, Query(part)) = caller.parts();
    let (after, limit) = (place(part.after)?, checked(part.limit)?);
    let (connection, tenant) = (&caller.engine.reads, &caller.tenant);
    Ok(Json(shared::page(connection, tenant.id, &tenant.id_key, after, limit).await?))
}
