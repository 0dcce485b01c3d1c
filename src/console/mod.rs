//! The console: pages for stewards, rendered here, with nothing to load from elsewhere. They show what the API shows, and change
//! things through the same actions.

mod bulk;
mod chart;
mod form;
mod graph;
mod identifiers;
mod model;
mod overview;
mod page;
mod profile;
mod redraw;
mod refusal;
mod reviews;
mod search;
mod session;
mod settings;
mod sign_in;
mod text;
mod values;
mod waterfall;

use crate::http::problem::ApiError;
use actix_web::{HttpResponse, get, web};
use refusal::Refusal;

/// Every page. They are no part of the API's document.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(style)
        .service(script)
        .service(icon)
        .service(sign_in::ask)
        .service(sign_in::enter)
        .service(sign_in::leave)
        .service(overview::show)
        .service(reviews::queue)
        .service(bulk::decide)
        .service(bulk::undo)
        .service(reviews::show)
        .service(reviews::decide)
        .service(reviews::undo)
        .service(reviews::snooze)
        .service(profile::show)
        .service(redraw::merge)
        .service(redraw::split)
        .service(redraw::choose)
        .service(redraw::withdraw)
        .service(search::show)
        .service(identifiers::show)
        .service(settings::show)
        .service(web::resource("/console/{rest:.*}").to(nothing));
}

/// What answers where there is no page.
async fn nothing() -> Result<HttpResponse, Refusal> {
    Err(ApiError::NotFound.into())
}

#[get("/console/console.css")]
async fn style() -> HttpResponse {
    asset("text/css; charset=utf-8", include_str!("console.css"))
}

#[get("/console/console.js")]
async fn script() -> HttpResponse {
    asset("text/javascript; charset=utf-8", include_str!("console.js"))
}

#[get("/console/icon.svg")]
async fn icon() -> HttpResponse {
    asset("image/svg+xml", include_str!("icon.svg"))
}

fn asset(media: &str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(media).insert_header(("cache-control", "no-cache")).body(text)
}
