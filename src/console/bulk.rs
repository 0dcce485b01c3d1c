//! Several reviews decided together, all or none, and taken back together.

use super::{
    form::{self, Fields},
    page::{Here, csrf, page},
    refusal::{Refusal, see},
    reviews::of_kind,
    session::{Session, Signed},
    text,
};
use crate::{
    actions::review::{self, Deciding},
    domain::{
        id::ReviewId,
        review::{Decision, ReviewKind, ReviewState},
        validate::ErrorCode,
    },
    http::{problem::ApiError, reviews::MAX_REVIEWS},
    reads::reviews::Review,
};
use actix_web::{HttpResponse, http::StatusCode, post};
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeSet;

/// The form that decides all reviews with a tick. The ticks stand in the rows of the queue, among other forms.
const FORM: &str = "together";

/// Ticks a review of the queue.
pub fn tick(session: &Session, review: &Review) -> Markup {
    html! {
        @if session.may_write() && review.state == ReviewState::Open {
            input type="checkbox" name="review" value=(review.review_id) form=(FORM) data-key="t"
                aria-label={ "Choose the review " (review.review_id) };
        }
    }
}

/// Ticks them all.
pub fn tick_all() -> Markup {
    html! { input type="checkbox" data-all="review" aria-label="Choose all reviews of this page"; }
}

/// Decides those with a tick.
pub fn decider(session: &Session, kind: Option<ReviewKind>) -> Markup {
    html! {
        form id=(FORM) class="row card" method="post" action="/console/reviews/decide" aria-label="Decide the chosen ones" {
            (csrf(session))
            @if let Some(kind) = kind { input type="hidden" name="kind" value=(kind.name()); }
            label for="reason" { "The chosen ones" }
            input id="reason" name="reason" maxlength="2000" placeholder="why; may be left out";
            @if kind.is_none_or(ReviewKind::is_pair) {
                button name="decision" value="same" { "All are the same person" }
                button name="decision" value="different" { "All are different people" }
            }
            button name="decision" value="dismiss" { "Dismiss all" }
            span class="muted small" {
                "All are decided, or none. Whether they are the same person can be said of two profiles alone."
            }
        }
    }
}

/// Decides several reviews.
#[post("/console/reviews/decide")]
pub async fn decide(Signed(session, fields): Signed<Fields>) -> Result<HttpResponse, Refusal> {
    session.check(fields.one("csrf"))?;
    let (reviews, kind) = (chosen(&fields)?, word(fields.one("kind")));
    if reviews.is_empty() {
        return Ok(see(&back(kind)));
    }
    let decision: Decision = word(fields.one("decision")).ok_or(Refusal::Unread(StatusCode::BAD_REQUEST))?;
    let (reason, actor) = (form::reason(fields.one("reason"))?, session.grant.actor());
    let deciding = Deciding { reviews, decision, reason, actor };
    let rules = session.engine.rulebook(&session.tenant);
    review::decide(&session.engine.lanes, rules, &deciding).await.map_err(ApiError::from)?;
    Ok(page(&session, Here::Reviews, "Done", &done(&session, &deciding, kind)))
}

/// Takes the decisions of several reviews back.
#[post("/console/reviews/undo")]
pub async fn undo(Signed(session, fields): Signed<Fields>) -> Result<HttpResponse, Refusal> {
    session.check(fields.one("csrf"))?;
    let rules = session.engine.rulebook(&session.tenant);
    let (reviews, actor) = (chosen(&fields)?, session.grant.actor());
    review::undo(&session.engine.lanes, rules, &reviews, &actor).await.map_err(ApiError::from)?;
    Ok(see(&back(word(fields.one("kind")))))
}

fn done(session: &Session, deciding: &Deciding, kind: Option<ReviewKind>) -> Markup {
    html! {
        p role="status" {
            (text::count(deciding.reviews.len() as u64, "review")) " decided: " strong { (text::name(&deciding.decision)) } ". "
            a href=(back(kind)) { "To the queue" }
        }
        ul class="card" {
            @for review in &deciding.reviews { li { a href={ "/console/reviews/" (review) } { "Review " (text::id(review)) } } }
        }
        form class="card" method="post" action="/console/reviews/undo" {
            (csrf(session))
            @if let Some(kind) = kind { input type="hidden" name="kind" value=(kind.name()); }
            @for review in &deciding.reviews { input type="hidden" name="review" value=(review); }
            button { "Undo" }
            span class="muted" { " takes all of them back" }
        }
    }
}

/// The reviews with a tick, each once; as many as the API takes.
fn chosen(fields: &Fields) -> Result<Vec<ReviewId>, Refusal> {
    let chosen = fields.all("review").map(form::id).collect::<Result<BTreeSet<ReviewId>, _>>()?;
    if chosen.len() > MAX_REVIEWS {
        return Err(ApiError::invalid("/reviews", ErrorCode::TooMany).into());
    }
    Ok(chosen.into_iter().collect())
}

/// A word of a closed list; none where it is not in it.
fn word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::from(text)).ok()
}

/// The part of the queue where they came from.
fn back(kind: Option<ReviewKind>) -> String {
    format!("/console/reviews?state=open{}", of_kind(kind))
}
