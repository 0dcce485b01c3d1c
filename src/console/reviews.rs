//! The queue, and a review with its two sides beside each other.

use super::{
    bulk,
    form::{self, Form},
    page::{Here, csrf, page},
    profile::{attributes, called, golden},
    refusal::{Refusal, see},
    session::{Sealed, Session, Signed},
    text,
    waterfall::waterfall,
};
use crate::{
    actions::review::{self, Amended, Deciding, Taking},
    domain::{
        golden::Include,
        id::{ProfileId, ReviewId},
        review::{Decision, ReviewKind, ReviewState},
        subject::Subject,
    },
    http::problem::ApiError,
    reads::{
        cursor::decode,
        explain::explain_pair,
        profiles::{ProfileView, view},
        reviews::{Review, ReviewDetail, by_id, page as reviews_page},
    },
    store::{profiles, reviews::ReviewFilter},
};
use actix_web::{HttpResponse, get, post, web};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// So many reviews stand on a page.
const PAGE: u64 = 50;
/// Whatever is put off sleeps this long.
const SNOOZE: SignedDuration = SignedDuration::from_hours(24);

/// Somebody who sends a form about a review.
type OfReview<F> = Signed<(web::Path<String>, Form<F>)>;

/// Which part of the queue.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Queue {
    kind: Option<ReviewKind>,
    state: ReviewState,
    after: Option<String>,
    /// Which row to begin at.
    at: Option<usize>,
}

/// A decision.
#[derive(Debug, Deserialize)]
struct NewDecision {
    csrf: String,
    decision: Decision,
    #[serde(default)]
    reason: String,
    /// Where to go on, and among which ones.
    #[serde(default)]
    at: Option<usize>,
    #[serde(default)]
    kind: Option<ReviewKind>,
}

/// The queue.
#[get("/console/reviews")]
pub async fn queue(Signed(session, asked): Signed<web::Query<Queue>>) -> Result<HttpResponse, Refusal> {
    let (connection, tenant) = (&session.engine.reads, &session.tenant);
    let awake_at = Some(Timestamp::now().as_microsecond());
    let filter = ReviewFilter { state: asked.state, kind: asked.kind, assignee: None, awake_at };
    let after = asked.after.as_deref().and_then(decode);
    let found = reviews_page(connection, tenant.id, &tenant.id_key, &filter, after, PAGE).await?;
    let names = names(&session, &found.items).await?;
    let decides = session.may_write() && asked.state == ReviewState::Open;
    let body = html! {
        (filters(&asked))
        @if found.items.is_empty() { p class="card" { "Nothing waits here." } }
        @else {
            p class="muted small" {
                kbd { "j" } " " kbd { "k" } " move, " kbd { "s" } " same, " kbd { "d" } " different, " kbd { "x" } " dismiss, "
                kbd { "o" } " open"
                @if decides { ", " kbd { "t" } " choose" }
            }
            @if decides { (bulk::decider(&session, asked.kind)) }
            div class="scroll" tabindex="0" role="region" aria-label="Reviews" {
                table {
                    thead { tr { td { @if decides { (bulk::tick_all()) } } th { "What" } th { "Why" } th { "Value" } th { "Since" } th { "Decide" } } }
                    tbody { @for (place, review) in found.items.iter().enumerate() { (row(&session, review, &names, asked.kind, place)) } }
                }
            }
            @if let Some(next) = &found.next {
                p { a href={ "/console/reviews?state=" (asked.state.name()) (of_kind(asked.kind)) "&after=" (next) } { "Next page" } }
            }
        }
    };
    Ok(page(&session, Here::Reviews, "Reviews", &body))
}

/// The part of a query that names a kind.
pub fn of_kind(kind: Option<ReviewKind>) -> String {
    kind.map(|kind| format!("&kind={}", kind.name())).unwrap_or_default()
}

fn filters(asked: &Queue) -> Markup {
    let states = [ReviewState::Open, ReviewState::Decided, ReviewState::Dismissed, ReviewState::Settled];
    html! {
        form class="row card" method="get" action="/console/reviews" {
            label for="kind" { "Kind" }
            select id="kind" name="kind" {
                option value="" disabled hidden selected[asked.kind.is_none()] { "all" }
                @for kind in ReviewKind::ALL {
                    option value=(kind.name()) selected[asked.kind == Some(kind)] { (text::words(kind.name())) }
                }
            }
            label for="state" { "State" }
            select id="state" name="state" {
                @for state in states { option value=(state.name()) selected[asked.state == state] { (state.name()) } }
            }
            button { "Show" }
            a href="/console/reviews" { "All that is open" }
        }
    }
}

/// What the profiles of these reviews are called; retired ones have no name of their own any more.
async fn names(session: &Session, reviews: &[Review]) -> Result<HashMap<ProfileId, String>, Refusal> {
    let ids: BTreeSet<Uuid> = reviews.iter().flat_map(|review| &review.profiles).map(ProfileId::uuid).collect();
    let found = profiles::largest_first(&session.engine.reads, session.tenant.id, ids.into_iter().collect()).await?;
    let mut names = HashMap::new();
    for profile in found {
        let profile = view(profile, Include::default())?;
        names.insert(profile.profile_id, called(&golden(&profile)?));
    }
    Ok(names)
}

fn row(
    session: &Session,
    review: &Review,
    names: &HashMap<ProfileId, String>,
    kind: Option<ReviewKind>,
    place: usize,
) -> Markup {
    let path = format!("/console/reviews/{}", review.review_id);
    html! {
        tr data-row {
            td { (bulk::tick(session, review)) }
            td {
                a href=(path) data-key="o" { (text::words(review.kind.name())) }
                @if let Some(identifier) = &review.identifier { " " (text::value(&identifier.value)) }
                @for profile in &review.profiles {
                    div { bdi { (names.get(profile).map_or("", String::as_str)) } " " (text::id(profile)) }
                }
            }
            td {
                @if let Some(why) = &review.why { (text::name(why)) }
                @if let Some(weight) = review.weight { span class="muted" { " " (format!("{weight:+.1}")) " bits" } }
            }
            td class="number" { (format!("{:.1}", review.value)) }
            td { (text::time(review.opened_at)) }
            td { (buttons(session, review, kind, place)) }
        }
    }
}

/// What can be done with an open review.
fn buttons(session: &Session, review: &Review, kind: Option<ReviewKind>, place: usize) -> Markup {
    if review.state != ReviewState::Open {
        return html! { span class="tag" { (review.state.name()) } };
    }
    if !session.may_write() {
        return html! { span class="muted" { "This key may only read." } };
    }
    let button = |decision: &str, key: &str, name: &str| {
        html! { button name="decision" value=(decision) data-key=(key) { (name) } }
    };
    html! {
        form class="inline" method="post" action={ "/console/reviews/" (review.review_id) "/decide" } {
            (csrf(session))
            input type="hidden" name="at" value=(place);
            @if let Some(kind) = kind { input type="hidden" name="kind" value=(kind.name()); }
            @if review.kind.is_pair() {
                (button("same", "s", "Same"))
                (button("different", "d", "Different"))
            }
            (button("dismiss", "x", "Dismiss"))
        }
    }
}

/// One review.
#[get("/console/reviews/{id}")]
pub async fn show(Signed(session, id): Signed<web::Path<String>>) -> Result<HttpResponse, Refusal> {
    let id: ReviewId = form::id(&id)?;
    let (engine, tenant) = (&session.engine, &session.tenant);
    let found = by_id(&engine.connection, tenant.id, &tenant.id_key, id).await?.ok_or(ApiError::NotFound)?;
    let explanation = match found.review.profiles.as_slice() {
        [a, b] if found.current.len() == 2 => {
            explain_pair(&engine.reads, engine.rulebook(tenant), [Subject::Profile(*a), Subject::Profile(*b)]).await?
        }
        _ => None,
    };
    let review = &found.review;
    let body = html! {
        (standing(&session, review))
        @if let Some(identifier) = &review.identifier {
            p class="card" { (text::value(&identifier.value)) " is shared by " (identifier.count) " (" (text::name(&identifier.why)) "): it joins nobody." }
        }
        @if let Some(judgement) = review.judgement_id {
            p class="card" {
                "The judgement " (text::id(judgement)) " says that contacts are one person, and another one that they are not. "
                "What holds is that they are not. Withdraw one of the two to settle it."
            }
        }
        (sides(&found)?)
        @if let Some(explanation) = &explanation { div class="card" { (waterfall(explanation)) } }
    };
    Ok(page(&session, Here::Reviews, &format!("Review: {}", text::words(review.kind.name())), &body))
}

fn standing(session: &Session, review: &Review) -> Markup {
    html! {
        div class="card row" data-row {
            span class="tag" { (review.state.name()) }
            @if let Some(why) = &review.why { span { "Two because of: " strong { (text::name(why)) } } }
            span class="muted" { "since " (text::time(review.opened_at)) }
            @if let Some(decided) = &review.decided {
                span { strong { (text::name(&decided.decision)) } " by " (text::value(&decided.actor)) " " (text::time(decided.at)) }
                @if !decided.reason.is_empty() { span { "“" (text::value(&decided.reason)) "”" } }
                @if session.may_write() {
                    form class="inline" method="post" action={ "/console/reviews/" (review.review_id) "/undo" } {
                        (csrf(session)) button { "Undo" }
                    }
                }
            } @else if review.state == ReviewState::Open && session.may_write() {
                form class="row" method="post" action={ "/console/reviews/" (review.review_id) "/decide" } {
                    (csrf(session))
                    label for="reason" { "Why" }
                    input id="reason" name="reason" maxlength="2000" placeholder="may be left out";
                    @if review.kind.is_pair() {
                        button name="decision" value="same" data-key="s" class="primary" { "Same person" }
                        button name="decision" value="different" data-key="d" class="primary" { "Different people" }
                    }
                    button name="decision" value="dismiss" data-key="x" { "Dismiss" }
                }
                form class="inline" method="post" action={ "/console/reviews/" (review.review_id) "/snooze" } {
                    (csrf(session)) button { "Tomorrow" }
                }
            }
        }
    }
}

/// The profiles beside each other; what differs is marked.
fn sides(found: &ReviewDetail) -> Result<Markup, Refusal> {
    let sides =
        found.current.iter().map(|profile| Ok((profile, golden(profile)?))).collect::<Result<Vec<_>, Refusal>>()?;
    let mut names: Vec<String> = Vec::new();
    for (_, golden) in &sides {
        for (name, _) in attributes(golden) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let of = |golden: &serde_json::Value, name: &str| -> Vec<String> {
        attributes(golden).into_iter().find(|(known, _)| known == name).map(|(_, values)| values).unwrap_or_default()
    };
    let head = |profile: &ProfileView| {
        html! { th scope="col" {
            a href={ "/console/profiles/" (profile.profile_id) } { (text::id(profile.profile_id)) }
            span class="muted" { " " (text::count(profile.records, "record")) ", " (text::count(profile.events, "event")) }
        } }
    };
    Ok(html! {
        @if !sides.is_empty() {
            div class="scroll card" tabindex="0" role="region" aria-label="The profiles side by side" {
                table {
                    thead { tr { td {} @for (profile, _) in &sides { (head(profile)) } } }
                    tbody {
                        @for name in &names {
                            @let first = sides.first().map(|(_, golden)| of(golden, name));
                            tr {
                                th scope="row" { (text::words(name)) }
                                @for (_, golden) in &sides {
                                    @let values = of(golden, name);
                                    td class=[(Some(&values) != first.as_ref()).then_some("differs")] {
                                        @for value in &values { div { (text::value(value)) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    })
}

/// Decides, and goes on with the queue.
#[post("/console/reviews/{id}/decide")]
pub async fn decide(Signed(session, (id, Form(form))): OfReview<NewDecision>) -> Result<HttpResponse, Refusal> {
    session.check(&form.csrf)?;
    let (id, reason) = (form::id(&id)?, form::reason(&form.reason)?);
    let deciding = Deciding { reviews: vec![id], decision: form.decision, reason, actor: session.grant.actor() };
    let rules = session.engine.rulebook(&session.tenant);
    review::decide(&session.engine.lanes, rules, &deciding).await.map_err(ApiError::from)?;
    Ok(match form.at {
        Some(at) => see(&format!("/console/reviews?at={at}{}", of_kind(form.kind))),
        None => see(&format!("/console/reviews/{id}")),
    })
}

/// Takes a decision back.
#[post("/console/reviews/{id}/undo")]
pub async fn undo(Signed(session, (id, Form(form))): OfReview<Sealed>) -> Result<HttpResponse, Refusal> {
    session.check(&form.csrf)?;
    let id: ReviewId = form::id(&id)?;
    let rules = session.engine.rulebook(&session.tenant);
    review::undo(&session.engine.lanes, rules, &[id], &session.grant.actor()).await.map_err(ApiError::from)?;
    Ok(see(&format!("/console/reviews/{id}")))
}

/// Puts a review off until tomorrow.
#[post("/console/reviews/{id}/snooze")]
pub async fn snooze(Signed(session, (id, Form(form))): OfReview<Sealed>) -> Result<HttpResponse, Refusal> {
    session.check(&form.csrf)?;
    let taking = Taking { snoozed_until: Amended::Set(Some(Timestamp::now() + SNOOZE)), ..Taking::default() };
    review::take(&session.engine.lanes, session.tenant.id, form::id(&id)?, taking).await.map_err(ApiError::from)?;
    Ok(see("/console/reviews"))
}
