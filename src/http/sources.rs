//! Sources: registering the systems that send events.

use super::{
    auth::{Administer, Require},
    extract::{Json, Path},
    problem::{ApiError, Bodied, Keyed, Missing},
};
use crate::{
    domain::{source::Source, validate::ErrorCode},
    store::sources,
};
use actix_web::put;

/// A source's name, and what to register of it.
type NamedSource = (Path<String>, Json<Source>);

/// Register a source, or change what is registered of it
///
/// It holds for events that arrive from then on; golden records take it up when they next change.
#[utoipa::path(tag = "sources", request_body = Source,
    params(("name" = String, Path, description = "The source's name in events")),
    responses((status = 200, description = "As registered", body = Source), Keyed, Missing, Bodied))]
#[put("/v1/sources/{name}")]
pub async fn put_source(caller: Require<Administer, NamedSource>) -> Result<Json<Source>, ApiError> {
    let (caller, (Path(name), source)) = caller.parts();
    check(&name, &source.0)?;
    sources::put(&caller.engine.lanes, caller.tenant.id, &name, &source.0).await?;
    Ok(source)
}

fn check(name: &str, source: &Source) -> Result<(), ApiError> {
    if name.trim().is_empty() || name.chars().count() > 100 {
        return Err(ApiError::NotFound);
    }
    let region = source.default_region.as_deref();
    if region.is_some_and(|region| region.len() != 2 || !region.bytes().all(|byte| byte.is_ascii_alphabetic())) {
        return Err(ApiError::invalid("/default_region", ErrorCode::InvalidRegion));
    }
    for (pointer, value) in [("/trust", source.trust), ("/priority", source.priority)] {
        if value > 100 {
            return Err(ApiError::invalid(pointer, ErrorCode::InvalidValue));
        }
    }
    Ok(())
}
