//! The position that each answer names: everything that was committed up to it is in the answer. What was committed while the
//! answer was made may be in it as well.

use crate::{
    engine::Engine,
    store::{TenantId, lane},
};
use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use utoipa::{
    PartialSchema,
    openapi::{OpenApi, Ref, RefOr, header::HeaderBuilder, path::Operation},
};

/// The header that names it, as it is documented, and as it is sent.
const NAME: &str = "Onefold-Position";
const SENT: HeaderName = HeaderName::from_static("onefold-position");

/// What is known of it: an extension of each request that a key is good for.
#[derive(Clone)]
enum Position {
    /// It is this.
    At(i64),
    /// It is asked for once all is done: a change is no older than itself.
    Afterwards(web::Data<Engine>, TenantId),
}

/// From here on everything up to a position will be in the answer.
pub(super) fn begin(request: &HttpRequest, position: i64) {
    request.extensions_mut().insert(Position::At(position));
}

/// What the answer tells of comes with a commit that is still to come.
pub(super) fn begin_change(request: &HttpRequest, engine: web::Data<Engine>, tenant: TenantId) {
    request.extensions_mut().insert(Position::Afterwards(engine, tenant));
}

/// What is answered with was written at a position: so the answer holds everything up to it.
pub(super) fn holds(request: &HttpRequest, position: i64) {
    let known = match request.extensions().get() {
        Some(Position::At(known)) => *known,
        Some(Position::Afterwards(..)) | None => position,
    };
    begin(request, known.max(position));
}

/// A middleware that has answers name their position. An answer about what was changed is given, too, where nobody can say which
/// position it has.
///
/// # Errors
/// What a middleware further in failed with.
pub async fn name<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let status = response.status();
    let known: Option<Position> = response.request().extensions().get().cloned();
    let position = match known.filter(|_| status.is_success() || status == StatusCode::NOT_MODIFIED) {
        Some(Position::At(position)) => Some(position),
        Some(Position::Afterwards(engine, tenant)) => {
            lane::standing(&engine.connection, tenant).await.ok().map(|mark| mark.position)
        }
        None => None,
    };
    if let Some(position) = position {
        response.headers_mut().insert(SENT, HeaderValue::from(position));
    }
    Ok(response)
}

/// Documents the header of all answers about a tenant's data.
pub(super) fn describe(document: &mut OpenApi) {
    let header = HeaderBuilder::new().schema(Some(i64::schema())).description(Some(
        "A position. Everything that was committed up to it is in the answer; what was committed while the answer was made may be \
         in it, too. A change is in every answer whose position is not smaller than that of the answer to it.",
    ));
    let components = document.components.get_or_insert_with(Default::default);
    components.headers.insert(NAME.to_owned(), RefOr::T(header.build()));
    let paths = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with("/v1/"));
    for (_, item) in paths {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        operations.into_iter().flatten().for_each(refer_to_it);
    }
}

fn refer_to_it(operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && (status.starts_with('2') || status == "304")
        {
            let header = Ref::new(format!("#/components/headers/{NAME}"));
            response.headers.insert(NAME.to_owned(), RefOr::Ref(header));
        }
    }
}
