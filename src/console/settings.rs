//! Settings, to look at: the model in force, the keys and the sources. They are changed by the command line and the API.

use super::{
    model,
    page::{Here, page},
    refusal::Refusal,
    session::Session,
    text,
};
use crate::{
    reads::model::status,
    store::{api_keys, sources},
};
use actix_web::{HttpResponse, get};
use jiff::Timestamp;
use maud::html;

/// The page.
#[get("/console/settings")]
pub async fn show(session: Session) -> Result<HttpResponse, Refusal> {
    let (engine, tenant) = (&session.engine, &session.tenant);
    let model = engine.rulebook(tenant).model(&engine.reads).await?;
    let status = status(&engine.reads, tenant.id, &model).await?;
    let keys = api_keys::all(&engine.reads, tenant.id).await?;
    let sources = sources::all(&engine.reads, tenant.id).await?;
    let body = html! {
        section class="card" aria-labelledby="model" { h2 id="model" { "Model" } (model::shown(&model, &status)) }
        section class="card" aria-labelledby="keys" {
            h2 id="keys" { "Keys" }
            table {
                thead { tr { th { "Name" } th { "May" } th { "Since" } th { "State" } } }
                tbody {
                    @for key in &keys {
                        tr {
                            td { (text::value(&key.name)) }
                            td { (key.scopes) }
                            td { @if let Ok(at) = Timestamp::from_microsecond(key.created_at) { (text::time(at)) } }
                            td { (if key.revoked_at.is_some() { "taken back" } else { "good" }) }
                        }
                    }
                }
            }
        }
        section class="card" aria-labelledby="sources" {
            h2 id="sources" { "Sources" }
            @if sources.named().next().is_none() { p class="muted" { "None is registered; all have the defaults." } }
            @else {
                table {
                    thead { tr { th { "Name" } th { "Trust" } th { "Priority" } th { "Region" } } }
                    tbody {
                        @for (name, source) in sources.named() {
                            tr {
                                td { (text::value(name)) }
                                td class="number" { (source.trust) }
                                td class="number" { (source.priority) }
                                td { (source.default_region.as_deref().unwrap_or("–")) }
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(page(&session, Here::Settings, "Settings", &body))
}
