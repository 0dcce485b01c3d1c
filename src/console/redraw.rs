//! Merging, splitting and choosing values, with what that would change before it does.

use super::{
    page::{Here, csrf, page},
    profile::{attributes, golden},
    refusal::{Refusal, see},
    session::Session,
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
use std::{collections::BTreeSet, str::FromStr, sync::Arc};

/// The fields of a form, of which some come several times.
type Fields = web::Form<Vec<(String, String)>>;

fn all<'a>(fields: &'a Fields, name: &'a str) -> impl Iterator<Item = &'a str> {
    fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
}

fn one<'a>(fields: &'a Fields, name: &'a str) -> &'a str {
    all(fields, name).next().unwrap_or_default()
}

fn read<T: FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| ApiError::NotFound.into())
}

/// Merges another profile into this one: first as a preview.
#[post("/console/profiles/{id}/merge")]
pub async fn merge(session: Session, id: web::Path<String>, fields: Fields) -> Result<HttpResponse, Refusal> {
    let (id, other): (ProfileId, ProfileId) = (read(&id)?, read(one(&fields, "other"))?);
    if id == other {
        return Err(ApiError::NotFound.into());
    }
    grant(&session, &fields, id, Wish::Merge(vec![id, other], values::chosen_with_merge(&fields))).await
}

/// Splits the chosen records off: first as a preview.
#[post("/console/profiles/{id}/split")]
pub async fn split(session: Session, id: web::Path<String>, fields: Fields) -> Result<HttpResponse, Refusal> {
    let id: ProfileId = read(&id)?;
    let records = all(&fields, "record").map(read).collect::<Result<BTreeSet<RecordId>, _>>()?;
    grant(&session, &fields, id, Wish::Split(id, vec![records])).await
}

/// Chooses a value: first as a preview.
#[post("/console/profiles/{id}/values")]
pub async fn choose(session: Session, id: web::Path<String>, fields: Fields) -> Result<HttpResponse, Refusal> {
    let id: ProfileId = read(&id)?;
    match values::chosen(&fields) {
        Some(choice) => grant(&session, &fields, id, Wish::Choose(id, choice)).await,
        None => Ok(see(&format!("/console/profiles/{id}"))),
    }
}

async fn grant(session: &Session, fields: &Fields, id: ProfileId, wish: Wish) -> Result<HttpResponse, Refusal> {
    session.check(one(fields, "csrf"))?;
    if matches!(&wish, Wish::Split(_, parts) if parts.iter().any(BTreeSet::is_empty)) {
        return Ok(see(&format!("/console/profiles/{id}")));
    }
    let rules = session.engine.rulebook(&session.tenant);
    let is_merge = matches!(wish, Wish::Merge(..));
    let redrawing = Redrawing {
        wish,
        reason: one(fields, "reason").to_owned(),
        actor: session.grant.actor(),
        version: one(fields, "version").parse().ok(),
        dry_run: one(fields, "confirmed").is_empty(),
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
            @for (name, value) in fields.iter().filter(|(name, _)| said_again(name)) {
                input type="hidden" name=(name) value=(value);
            }
            (csrf(session))
            @if is_merge { (values::differing(&before, fields)) }
            label for="reason" { "Why" }
            input id="reason" name="reason" maxlength="2000" placeholder="may be left out" value=(one(fields, "reason"));
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
pub async fn withdraw(session: Session, fields: Fields) -> Result<HttpResponse, Refusal> {
    session.check(one(&fields, "csrf"))?;
    let profile: ProfileId = read(one(&fields, "profile"))?;
    let ids = all(&fields, "judgement").map(read).collect::<Result<Vec<JudgementId>, _>>()?;
    let rules = session.engine.rulebook(&session.tenant);
    let actor = session.grant.actor();
    for id in ids {
        judge::withdraw(&session.engine.lanes, rules, id, &actor).await.map_err(ApiError::from)?;
    }
    Ok(see(&format!("/console/profiles/{profile}")))
}
