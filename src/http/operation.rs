//! Operation: is it alive, is it ready, what does it count, and what does it offer?

use super::problem::{ApiError, Cause};
use crate::{
    engine::Engine,
    store::{connect::pending_migrations, tenants},
};
use actix_web::{HttpRequest, HttpResponse, Responder, get, http::header::ContentType, web};
use std::time::Duration;

/// A text of a media type.
struct Text(&'static str, String);

impl Responder for Text {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().content_type(self.0).body(self.1)
    }
}

/// Is the process alive?
#[utoipa::path(tag = "operation", security(()),
    responses((status = 200, description = "It is", body = String, content_type = "text/plain")))]
#[get("/livez")]
pub async fn livez() -> Text {
    Text("text/plain; charset=utf-8", "ok\n".into())
}

/// Is it ready to serve: does the database answer, with the schema it needs?
#[utoipa::path(tag = "operation", security(()), responses(
    (status = 200, description = "It is", body = String, content_type = "text/plain"),
    (status = 503, description = "Not yet", body = super::problem::Problem, content_type = "application/problem+json")))]
#[get("/readyz")]
pub async fn readyz(engine: web::Data<Engine>) -> Result<Text, ApiError> {
    let is_current = pending_migrations(&engine.connection).await.is_ok_and(|pending| pending.is_empty());
    // A replica is read-only, and asking for its migrations would write: its schema comes with its data.
    if !is_current || tenants::all(&engine.reads).await.is_err() {
        return Err(ApiError::Busy(Duration::from_secs(1)));
    }
    Ok(Text("text/plain; charset=utf-8", "ready\n".into()))
}

/// What is counted, in the Prometheus text format
#[utoipa::path(tag = "operation", security(()),
    responses((status = 200, description = "All metrics", body = String, content_type = "text/plain")))]
#[get("/metrics")]
pub async fn metrics(engine: web::Data<Engine>) -> Text {
    Text("text/plain; version=0.0.4; charset=utf-8", engine.metrics.render())
}

/// This document
#[utoipa::path(tag = "operation", security(()), responses(
    (status = 200, description = "OpenAPI 3.1", body = String, content_type = "application/yaml"),
    (status = 500, description = "It cannot be written", body = super::problem::Problem, content_type = "application/problem+json")))]
#[get("/openapi.yaml")]
pub async fn openapi_yaml() -> Result<Text, ApiError> {
    let text = super::document::yaml().map_err(|_| Cause::new("openapi document"))?;
    Ok(Text("application/yaml", text))
}

/// Where a browser that comes to the root wants to go.
#[get("/")]
pub async fn root() -> HttpResponse {
    let page = "<!doctype html><meta charset=utf-8><title>onefold</title><h1>onefold</h1>\
        <ul><li><a href=/console>Console</a><li><a href=/docs/>API documentation</a><li><a href=/openapi.yaml>OpenAPI document</a>\
        <li><a href=/metrics>Metrics</a></ul>";
    HttpResponse::Ok().insert_header(ContentType::html()).body(page)
}
