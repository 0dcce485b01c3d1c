//! A profile: what is known, from where, what happened, and how it holds together.

use super::{
    graph::graph as drawn,
    page::{Here, csrf, page},
    refusal::{Refusal, see},
    session::{Session, Signed},
    text, values,
};
use crate::{
    domain::{
        golden::{GoldenRecord, Include, Provenance},
        id::ProfileId,
    },
    http::problem::{ApiError, Cause},
    reads::{
        events::{StoredEvent, timeline},
        graph,
        history::{self, HistoryEntry},
        judgements,
        profiles::{self, ProfileView, RecordView},
    },
    store::events::TimelineFilter,
};
use actix_web::{HttpResponse, get, web};
use maud::{Markup, html};
use serde_json::Value;
use std::collections::BTreeMap;

/// So many events, records and journal entries are shown.
const SHOWN: u64 = 30;

/// The page.
#[get("/console/profiles/{id}")]
pub async fn show(Signed(session, id): Signed<web::Path<String>>) -> Result<HttpResponse, Refusal> {
    let id: ProfileId = id.parse().map_err(|_| ApiError::NotFound)?;
    let (engine, tenant) = (&session.engine, &session.tenant);
    let include = Include { provenance: true, alternatives: true };
    let found = profiles::by_id(&engine.reads, tenant.id, id, include).await?.ok_or(ApiError::NotFound)?;
    if let Some(retired) = found.redirected_from {
        return Ok(see(&format!("/console/profiles/{}?from={retired}", found.profile_id)));
    }
    let events = timeline(&engine.reads, tenant.id, id, TimelineFilter::default(), None, SHOWN).await?;
    let records = profiles::records(&engine.reads, tenant.id, id, None, SHOWN).await?;
    let history = history::page(&engine.reads, tenant.id, id, None, SHOWN).await?;
    let held = graph::load(&engine.reads, engine.rulebook(tenant), id).await?.ok_or(ApiError::NotFound)?;
    let picture = web::block(move || held.graph()).await.map_err(|_| ApiError::from(Cause::new("thread pool")))?;
    let events = events.map(|page| page.items).unwrap_or_default();
    let name = called(&golden(&found)?);
    let chosen = judgements::chosen(&engine.reads, tenant.id, id).await?.unwrap_or_default();
    let read: GoldenRecord = found.golden.read()?;
    let body = html! {
        p class="muted" {
            code { (id) } " version " (found.version) ", " (text::count(found.records, "record")) ", "
            (text::count(found.events, "event")) ", " (text::time(found.first_at)) " to " (text::time(found.last_at))
            @if found.ambiguous { " " span class="tag" { "ambiguous" } }
        }
        div class="grid" {
            section class="card" aria-labelledby="golden" { h2 id="golden" { "Golden record" } (known(&found)?) }
            section class="card" aria-labelledby="holds" { h2 id="holds" { "How it holds together" } (drawn(&picture)) }
        }
        (values::card(&session, id, found.version, &read, &chosen))
        (members(&session, &found, &records.items))
        @if session.may_write() { (merge(&session, &found)) }
        div class="grid" {
            section class="card" aria-labelledby="timeline" { h2 id="timeline" { "Timeline" } (told(&events)) }
            section class="card" aria-labelledby="journal" { h2 id="journal" { "Journal" } (journal(&history.items)) }
        }
    };
    Ok(page(&session, Here::Search, &name, &body))
}

/// A golden record as JSON.
///
/// # Errors
/// 500 where what is stored does not read.
pub fn golden(profile: &ProfileView) -> Result<Value, Refusal> {
    serde_json::to_value(&profile.golden).map_err(|_| ApiError::from(Cause::new("golden record")).into())
}

/// Who and how to reach them comes first.
const FIRST: [&str; 6] = ["name", "given_name", "family_name", "emails", "phones", "handles"];

/// What a profile is called: by its name, or else by what it is reached by.
pub fn called(golden: &Value) -> String {
    let known = attributes(golden);
    known
        .first()
        .and_then(|(_, values)| values.first())
        .map_or_else(|| "nobody known".to_owned(), |it| text::visible(it))
}

/// The attributes of a golden record, each with its values as text.
pub fn attributes(golden: &Value) -> Vec<(String, Vec<String>)> {
    let members = golden.as_object().into_iter().flatten();
    let shown = members.filter(|(name, _)| !matches!(name.as_str(), "provenance" | "alternatives" | "chosen"));
    let mut shown: Vec<_> = shown.map(|(name, value)| (name.clone(), values_of(value))).collect();
    shown.sort_by_key(|(name, _)| FIRST.iter().position(|first| first == name).unwrap_or(FIRST.len()));
    shown
}

fn values_of(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| format!("{name}: {}", plain(value))).collect(),
        other => vec![plain(other)],
    }
}

/// A value in a line: of an identifier or an address its parts.
pub fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(members) => {
            let said = members.iter().filter(|(name, _)| *name != "assurance").map(|(_, value)| plain(value));
            said.collect::<Vec<_>>().join(" ")
        }
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// The golden record; where each value came from, or that a steward chose it, shows on hovering, and to whoever does not hover.
fn known(profile: &ProfileView) -> Result<Markup, Refusal> {
    let golden = golden(profile)?;
    let provenance: BTreeMap<String, Provenance> =
        golden.get("provenance").and_then(|found| serde_json::from_value(found.clone()).ok()).unwrap_or_default();
    let source = |name: &str, place: usize| match provenance
        .get(&format!("/{name}/{place}"))
        .or_else(|| provenance.get(&format!("/{name}")))?
    {
        Provenance::ByHand(_) => Some("chosen by hand".to_owned()),
        Provenance::Given(found) => {
            let (times, last) = (text::count(found.count, "time"), found.last_at.strftime("%Y-%m-%d"));
            Some(format!("{times} from {}, last {last}", text::visible(&found.source)))
        }
    };
    Ok(html! {
        table {
            tbody {
                @for (name, values) in attributes(&golden) {
                    tr {
                        th scope="row" { (text::words(&name)) }
                        td {
                            @for (place, value) in values.iter().enumerate() {
                                div {
                                    @match source(&name, place) {
                                        Some(told) => span class="tip" title=(told) { (text::value(value)) },
                                        None => (text::value(value)),
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

/// The records, with a choice of those that are somebody else.
fn members(session: &Session, profile: &ProfileView, records: &[RecordView]) -> Markup {
    let splits = session.may_write() && profile.records > 1;
    html! {
        section class="card" aria-labelledby="members" {
            h2 id="members" { "Records" }
            form method="post" action={ "/console/profiles/" (profile.profile_id) "/split" } {
                (csrf(session))
                input type="hidden" name="version" value=(profile.version);
                div class="scroll" tabindex="0" role="region" aria-label="Records" {
                    table {
                        thead { tr { @if splits { th { "Other" } } th { "Record" } th { "Contact" } th { "Seen by" } th { "Events" } } }
                        tbody {
                            @for record in records {
                                tr {
                                    @if splits {
                                        td { input type="checkbox" name="record" value=(record.record_id) aria-label={ "Record " (record.record_id) " is somebody else" }; }
                                    }
                                    td { (text::id(record.record_id)) }
                                    td { (contact(record)) }
                                    td { @for seen in &record.observations { div { (text::value(&seen.source)) } } }
                                    td class="number" { (record.events) }
                                }
                            }
                        }
                    }
                }
                @if profile.records > SHOWN { p class="muted" { "The first " (SHOWN) " of " (profile.records) " are shown." } }
                @if splits { p { button { "Preview splitting the chosen ones off" } } }
            }
        }
    }
}

fn contact(record: &RecordView) -> Markup {
    let contact = serde_json::to_value(&record.contact).unwrap_or_default();
    html! { @for (_, values) in attributes(&contact) { @for value in values { div { (text::value(&value)) } } } }
}

fn merge(session: &Session, profile: &ProfileView) -> Markup {
    html! {
        section class="card" aria-labelledby="merge" {
            h2 id="merge" { "Merge another profile into this one" }
            form class="row" method="post" action={ "/console/profiles/" (profile.profile_id) "/merge" } {
                (csrf(session))
                input type="hidden" name="version" value=(profile.version);
                label for="other" { "Its id" }
                input id="other" name="other" required placeholder="profile_…" size="34";
                button { "Preview" }
            }
        }
    }
}

fn told(events: &[StoredEvent]) -> Markup {
    html! {
        table {
            tbody {
                @for stored in events {
                    tr {
                        td { (text::time(stored.event.occurred_at)) }
                        td { span class="tag" { (text::visible(&stored.event.channel)) } }
                        td {
                            (text::value(stored.event.kind.as_deref().unwrap_or("contact")))
                            span class="muted" { " " (text::value(&stored.event.source)) }
                        }
                    }
                }
            }
        }
    }
}

fn journal(entries: &[HistoryEntry]) -> Markup {
    html! {
        table {
            tbody {
                @for entry in entries {
                    tr {
                        td { (text::time(entry.recorded_at)) }
                        td { (text::name(&entry.kind)) }
                        td {
                            "version " (entry.particulars.version)
                            @let (came, went) = (entry.particulars.records_added.len(), entry.particulars.records_removed.len());
                            @if came > 0 { ", " (text::count(came as u64, "record")) " came" }
                            @if went > 0 { ", " (text::count(went as u64, "record")) " went" }
                            @for other in &entry.particulars.other_profiles {
                                " " a href={ "/console/profiles/" (other) } { (text::id(other)) }
                            }
                            @if let Some(actor) = &entry.particulars.actor { ", by " (text::value(actor)) }
                        }
                    }
                }
            }
        }
    }
}
