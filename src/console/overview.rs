//! The overview: how much there is, how it grew, and what waits.

use super::{
    chart::bars,
    page::{Here, page},
    refusal::Refusal,
    session::Session,
    text,
};
use crate::reads::overview::{Overview, Trust};
use actix_web::{HttpResponse, get};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};

/// So many days are drawn at the most, and at the least.
const DAYS: (i64, i64) = (60, 14);

/// The page.
#[get("/console")]
pub async fn show(session: Session) -> Result<HttpResponse, Refusal> {
    let found = Overview::load(&session.engine.reads, session.tenant.id).await?;
    let open: u64 = found.open.iter().map(|(_, count)| count).sum();
    let body = html! {
        div class="tiles" {
            (tile(found.events, "events"))
            (tile(found.profiles, "profiles"))
            div class="card" { strong { (open) } a href="/console/reviews" { "open reviews" } }
            div class="card" { strong { (found.shared) } a href="/console/identifiers" { "shared identifiers" } }
        }
        div class="grid" {
            div class="card" { (bars("Events", &daily(&found.events_by_day))) }
            div class="card" { (bars("New profiles", &daily(&found.profiles_by_day))) }
            div class="card" { (bars("Reviews opened", &daily(&found.reviews_by_day))) }
            div class="card" {
                h2 { "What waits" }
                @if found.open.is_empty() { p class="muted" { "Nothing." } }
                ul {
                    @for (kind, count) in &found.open {
                        li { a href={ "/console/reviews?kind=" (kind.name()) } { (text::words(kind.name())) } ": " (count) }
                    }
                }
                h2 { "What stewards found" }
                (trust(found.trust.as_ref()))
            }
        }
    };
    Ok(page(&session, Here::Overview, "Overview", &body))
}

fn tile(number: u64, what: &str) -> Markup {
    html! { div class="card" { strong { (number) } (what) } }
}

fn trust(trust: Option<&Trust>) -> Markup {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    html! {
        @match trust {
            None => p class="muted" { "Nobody has ruled yet." },
            Some(trust) => {
                p {
                    "Of " (text::count(trust.judged, "ruling")) ", " strong { (percent(trust.same)) }
                    " said that the two are the same person; with 95 % confidence "
                    (percent(trust.least)) " to " (percent(trust.most)) " of such cases are."
                }
                p class="muted small" { "That is of what stewards looked at, the doubtful cases: no measure of all matches." }
            },
        }
    }
}

/// The last days up to today, those without anything included.
fn daily(found: &[(i64, i64)]) -> Vec<(String, f64)> {
    let Some((first, _)) = found.first() else { return Vec::new() };
    let today = Timestamp::now().as_second().div_euclid(86_400);
    let (most, least) = (today - DAYS.0 + 1, today - DAYS.1 + 1);
    let days = (*first).clamp(most, least)..=today;
    days.map(|day| {
        let value = found.iter().find(|(known, _)| *known == day).map_or(0, |(_, value)| *value);
        (date(day), f64::from(i32::try_from(value).unwrap_or(i32::MAX)))
    })
    .collect()
}

fn date(day: i64) -> String {
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(day * 24);
    at.strftime("%Y-%m-%d").to_string()
}
