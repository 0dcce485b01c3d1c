//! Identifiers that so many share that they join nobody.

use super::{
    page::{Here, page},
    refusal::Refusal,
    session::Signed,
    text,
};
use crate::reads::{cursor::decode, shared};
use actix_web::{HttpResponse, get, web};
use maud::html;
use serde::Deserialize;

/// So many stand on a page.
const PAGE: u64 = 100;

#[derive(Deserialize)]
struct Asked {
    after: Option<String>,
}

/// The page.
#[get("/console/identifiers")]
pub async fn show(Signed(session, asked): Signed<web::Query<Asked>>) -> Result<HttpResponse, Refusal> {
    let tenant = &session.tenant;
    let after = asked.after.as_deref().and_then(decode);
    let found = shared::page(&session.engine.reads, tenant.id, &tenant.id_key, after, PAGE).await?;
    let body = html! {
        p { "A switchboard's number, an office's mailbox, a kiosk's account: too many have it, so that it joins nobody. "
            "It joins again once they are few." }
        @if found.items.is_empty() { p class="card" { "No identifier is shared by too many." } }
        @else {
            div class="scroll" tabindex="0" role="region" aria-label="Shared identifiers" {
                table {
                    thead { tr { th { "Kind" } th { "Value" } th { "Why" } th { "How many" } } }
                    tbody {
                        @for item in &found.items {
                            tr {
                                td { (text::name(&item.kind)) }
                                td {
                                    @for part in [&item.network, &item.namespace].into_iter().flatten() { (text::value(part)) " " }
                                    (text::value(&item.value))
                                }
                                td { (text::name(&item.why)) }
                                td class="number" { (item.count) }
                            }
                        }
                    }
                }
            }
        }
        @if let Some(next) = &found.next { p { a href={ "/console/identifiers?after=" (next) } { "Next page" } } }
    };
    Ok(page(&session, Here::Identifiers, "Shared identifiers", &body))
}
