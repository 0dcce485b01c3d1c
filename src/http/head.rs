//! `HEAD`: whatever answers `GET` answers it, with the same head and no body.

use actix_web::{
    Error,
    body::{BodySize, BoxBody, MessageBody, None},
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
};

/// A middleware that has `HEAD` routed as `GET`. The server remembers which of them was sent, and leaves out the body.
///
/// # Errors
/// What a middleware further in failed with.
pub async fn head<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() != Method::HEAD {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    request.head_mut().method = Method::GET;
    let response = next.call(request).await?;
    // A stream would be read to its end only to be thrown away.
    Ok(response.map_body(|_, body| if body.size() == BodySize::Stream { None::new().boxed() } else { body.boxed() }))
}
