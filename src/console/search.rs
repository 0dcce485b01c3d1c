//! Search by name, mailbox or last digits, or by an id.

use super::{
    page::{Here, page},
    profile::{attributes, called, golden},
    refusal::{Refusal, see},
    session::Signed,
    text,
};
use crate::{
    domain::{id::ProfileId, search::Term},
    reads::{profiles::ProfileView, search},
};
use actix_web::{HttpResponse, get, web};
use maud::{Markup, html};
use serde::Deserialize;

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

/// The page.
#[get("/console/search")]
pub async fn show(Signed(session, asked): Signed<web::Query<Asked>>) -> Result<HttpResponse, Refusal> {
    let query = asked.q.trim();
    if let Ok(id) = query.parse::<ProfileId>() {
        return Ok(see(&format!("/console/profiles/{id}")));
    }
    let tenant = &session.tenant;
    let found = match Term::read(query) {
        Some(term) => Some(search::find(&session.engine.reads, tenant.id, &tenant.id_key, &term).await?.items),
        None => None,
    };
    let rows = found.iter().flatten().map(row).collect::<Result<Vec<_>, _>>()?;
    let body = html! {
        form class="row card" method="get" action="/console/search" role="search" {
            label for="q" { "Name, mailbox, last digits of a number, or a profile's id" }
            input id="q" name="q" type="search" value=(asked.q) size="30" autofocus;
            button class="primary" { "Search" }
        }
        @match &found {
            None if query.is_empty() => {},
            None => p class="card" { "Search for words of at least three letters, a mailbox, or at least four digits." },
            Some(found) if found.is_empty() => p class="card" { "Nobody was found." },
            Some(_) => div class="scroll" tabindex="0" role="region" aria-label="Profiles" {
                table {
                    thead { tr { th { "Profile" } th { "Identifiers" } th { "Records" } th { "Events" } th { "Last seen" } } }
                    tbody { @for row in &rows { (row) } }
                }
            },
        }
    };
    Ok(page(&session, Here::Search, "Search", &body))
}

fn row(profile: &ProfileView) -> Result<Markup, Refusal> {
    let golden = golden(profile)?;
    let known = attributes(&golden);
    let of = |name: &str| {
        known.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice()).unwrap_or_default()
    };
    Ok(html! {
        tr data-row {
            td {
                a href={ "/console/profiles/" (profile.profile_id) } data-key="o" {
                    bdi { (called(&golden)) }
                }
                " " (text::id(profile.profile_id))
            }
            td { @for value in of("emails").iter().chain(of("phones")).chain(of("handles")).take(4) { div { (text::value(value)) } } }
            td class="number" { (profile.records) }
            td class="number" { (profile.events) }
            td { (text::time(profile.last_at)) }
        }
    })
}
