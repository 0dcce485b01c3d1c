//! The frame of every page.

use super::{session::Session, text};
use actix_web::{HttpResponse, HttpResponseBuilder};
use maud::{DOCTYPE, Markup, html};

/// Where a page belongs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// The overview.
    Overview,
    /// The queue and its reviews.
    Reviews,
    /// Search and profiles.
    Search,
    /// Identifiers that many share.
    Identifiers,
    /// Model, keys and sources.
    Settings,
}

const NAVIGATION: [(Here, &str, &str); 5] = [
    (Here::Overview, "/console", "Overview"),
    (Here::Reviews, "/console/reviews", "Reviews"),
    (Here::Search, "/console/search", "Search"),
    (Here::Identifiers, "/console/identifiers", "Identifiers"),
    (Here::Settings, "/console/settings", "Settings"),
];

/// Nothing from elsewhere, nothing inline, in no frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; \
    frame-ancestors 'none'; base-uri 'none'";

/// A page for somebody who is signed in.
pub fn page(session: &Session, here: Here, title: &str, body: &Markup) -> HttpResponse {
    let content = html! {
        a class="skip" href="#main" { "Skip to the content" }
        header {
            nav aria-label="Main" {
                a class="brand" href="/console" { "onefold" }
                @for (place, path, name) in NAVIGATION {
                    a href=(path) aria-current=[(place == here).then_some("page")] { (name) }
                }
            }
            form class="inline" method="post" action="/console/sign-out" {
                (csrf(session))
                span class="muted" { (text::value(&session.grant.actor())) }
                button class="quiet" { "Sign out" }
            }
        }
        main id="main" { h1 { (title) } (body) }
    };
    secured(HttpResponse::Ok(), bare(title, &content))
}

/// The seal that each form carries.
pub fn csrf(session: &Session) -> Markup {
    html! { input type="hidden" name="csrf" value=(session.csrf); }
}

/// A whole document.
pub fn bare(title: &str, content: &Markup) -> String {
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – onefold" }
                link rel="stylesheet" href="/console/console.css";
                link rel="icon" href="/console/icon.svg" type="image/svg+xml";
                script src="/console/console.js" defer {}
            }
            body { (content) }
        }
    };
    document.into_string()
}

/// An answer that a browser keeps to itself.
pub fn secured(mut response: HttpResponseBuilder, body: String) -> HttpResponse {
    response
        .content_type("text/html; charset=utf-8")
        .insert_header(("content-security-policy", POLICY))
        .insert_header(("x-content-type-options", "nosniff"))
        .insert_header(("referrer-policy", "no-referrer"))
        .insert_header(("cache-control", "no-store"))
        .body(body)
}
