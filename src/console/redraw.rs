//! Merging, splitting and choosing values, with what that would change before it does.

use super::{
    form::{self, Fields},
    page::{Here, csrf, page},
    profile::{attributes, golden},
    refusal::{Refusal, see},
    session::{Session, Signed},
    text, values,
};
use crate::{
    actions::{
        judge,
        redraw::{Redrawing, Redrawn, Wish, redraw},
    },
    domain::{
        golden::GoldenRecord,
        id::{JudgementId, ProfileId, RecordId},
    },
    http::problem::ApiError,
    reads::profiles::stored_view,
    store::profiles::StoredProfile,
};
use actix_web::{HttpResponse, post, web};
use maud::{Markup, html};
use std::{collections::BTreeSet, sync::Arc};

/// Somebody who sends a form about a profile.
type OfProfile = Signed<(web::Path<String>, Fields)>;

/// Merges another profile into this one: first as a preview.
#[post("/console/profiles/{id}/merge")]
pub async fn merge(Signed(session, (id, fields)): OfProfile) -> Result<HttpResponse, Refusal> {
    let (id, other): (ProfileId, ProfileId) = (form::id(&id)?, form::id(fields.one("other"))?);
    if id == other {
        return Err(ApiError::NotFound.into());
    }
    grant(&session, &fields, id, Wish::Merge(vec![id, other], values::chosen_with_merge(&fields.0))).await
}

/// Splits the chosen records off: first as a preview.
#[post("/console/profiles/{id}/split")]
pub async fn split(Signed(session, (id, fields)): OfProfile) -> Result<HttpResponse, Refusal> {
    let id: ProfileId = form::id(&id)?;
    let records = fields.all("record").map(form::id).collect::<Result<BTreeSet<RecordId>, _>>()?;
    grant(&session, &fields, id, Wish::Split(id, vec![records])).await
}

/// Chooses a value: first as a preview.
#[post("/console/profiles/{id}/values")]
pub async fn choose(Signed(session, (id, fields)): OfProfile) -> Result<HttpResponse, Refusal> {
    let id: ProfileId = form::id(&id)?;
    match values::chosen(&fields.0) {
        Some(choice) => grant(&session, &fields, id, Wish::Choose(id, choice)).await,
        None => Ok(see(&format!("/console/profiles/{id}"))),
    }
}

async fn grant(session: &Session, fields: &Fields, id: ProfileId, wish: Wish) -> Result<HttpResponse, Refusal> {
    session.check(fields.one("csrf"))?;
    if matches!(&wish, Wish::Split(_, parts) if parts.iter().any(BTreeSet::is_empty)) {
        return Ok(see(&format!("/console/profiles/{id}")));
    }
    let rules = session.engine.rulebook(&session.tenant);
    let is_merge = matches!(wish, Wish::Merge(..));
    let redrawing = Redrawing {
        wish,
        reason: form::reason(fields.one("reason"))?,
        actor: session.grant.actor(),
        version: fields.one("version").parse().ok(),
        dry_run: fields.one("confirmed").is_empty(),
    };
    let dry_run = redrawing.dry_run;
    let done = redraw(&session.engine.lanes, rules, redrawing).await.map_err(ApiError::from)?;
    let body = if dry_run { preview(session, fields, &done, is_merge)? } else { result(session, id, &done)? };
    Ok(page(session, Here::Search, if dry_run { "Preview" } else { "Done" }, &body))
}

fn preview(session: &Session, fields: &Fields, done: &Redrawn, is_merge: bool) -> Result<Markup, Refusal> {
    let said_again = |name: &str| !matches!(name, "csrf" | "reason") && !values::chooses(name);
    let before: Vec<&GoldenRecord> = done.before.iter().map(|profile| &profile.golden).collect();
    Ok(html! {
        p { "Nothing is changed yet." }
        (states(done)?)
        form class="row card" method="post" {
            @for (name, value) in fields.0.iter().filter(|(name, _)| said_again(name)) {
                input type="hidden" name=(name) value=(value);
            }
            (csrf(session))
            @if is_merge { (values::differing(&before, &fields.0)) }
            label for="reason" { "Why" }
            input id="reason" name="reason" maxlength="2000" placeholder="may be left out" value=(fields.one("reason"));
            button class="primary" name="confirmed" value="yes" { "Do it" }
        }
    })
}

fn result(session: &Session, id: ProfileId, done: &Redrawn) -> Result<Markup, Refusal> {
    Ok(html! {
        p role="status" { "It is done. " a href={ "/console/profiles/" (id) } { "To the profile" } }
        (states(done)?)
        form class="card" method="post" action="/console/judgements/withdraw" {
            (csrf(session))
            input type="hidden" name="profile" value=(id);
            @for judgement in &done.judgements { input type="hidden" name="judgement" value=(judgement.judgement_id); }
            button { "Undo" }
            span class="muted" { " withdraws " (text::count(done.judgements.len() as u64, "judgement")) }
        }
    })
}

fn states(done: &Redrawn) -> Result<Markup, Refusal> {
    let side = |title: &str, profiles: &[Arc<StoredProfile>]| -> Result<Markup, Refusal> {
        let cards = profiles.iter().map(|profile| card(profile)).collect::<Result<Vec<_>, _>>()?;
        Ok(html! { section { h2 { (title) } @for card in cards { (card) } } })
    };
    Ok(html! {
        div class="grid" { (side("Before", &done.before)?) (side("After", &done.after)?) }
        @for (from, to) in &done.redirected { p class="muted" { (text::id(from)) " redirects to " (text::id(to)) } }
    })
}

fn card(profile: &StoredProfile) -> Result<Markup, Refusal> {
    let view = stored_view(profile)?;
    let golden = golden(&view)?;
    Ok(html! {
        div class="card" {
            p { (text::id(view.profile_id)) span class="muted" { " " (text::count(view.records, "record")) ", " (text::count(view.events, "event")) } }
            table { tbody {
                @for (name, values) in attributes(&golden) {
                    tr { th scope="row" { (text::words(&name)) } td { @for value in &values { div { (text::value(value)) } } } }
                }
            } }
        }
    })
}

/// Withdraws judgements: what they did is taken back.
#[post("/console/judgements/withdraw")]
pub async fn withdraw(Signed(session, fields): Signed<Fields>) -> Result<HttpResponse, Refusal> {
    session.check(fields.one("csrf"))?;
    let profile: ProfileId = form::id(fields.one("profile"))?;
    let ids = fields.all("judgement").map(form::id).collect::<Result<Vec<JudgementId>, _>>()?;
    let rules = session.engine.rulebook(&session.tenant);
    let actor = session.grant.actor();
    for id in ids {
        judge::withdraw(&session.engine.lanes, rules, id, &actor).await.map_err(ApiError::from)?;
    }
    Ok(see(&format!("/console/profiles/{profile}")))
}
