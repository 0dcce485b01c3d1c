//! Signing in with a key, and out again.

use super::{
    form::Form,
    page::{bare, secured},
    refusal::{Refusal, see},
    session::{Sealed, Signed, cookie, no_cookie},
};
use crate::{actions::access::Scope, engine::Engine};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use maud::html;
use serde::Deserialize;

/// A key.
#[derive(Deserialize)]
struct SignIn {
    key: String,
}

/// The form.
#[get("/console/sign-in")]
pub async fn ask() -> HttpResponse {
    secured(HttpResponse::Ok(), shown(false))
}

/// Signs in where the key may read profiles.
#[post("/console/sign-in")]
pub async fn enter(
    request: HttpRequest,
    engine: web::Data<Engine>,
    Form(form): Form<SignIn>,
) -> Result<HttpResponse, Refusal> {
    let grant = engine.grant(form.key.trim()).await?.filter(|grant| grant.allows(Scope::ProfilesRead));
    let Some(grant) = grant else { return Ok(secured(HttpResponse::Unauthorized(), shown(true))) };
    let tenant = engine.tenant(grant.tenant).await?.ok_or(Refusal::SignIn)?;
    let is_secure = request.connection_info().scheme() == "https";
    let mut response = see("/console");
    // A name and a value of letters, digits and dots are always fit for a header.
    let _ = response.add_cookie(&cookie(&tenant, &grant, is_secure));
    Ok(response)
}

/// Signs out.
#[post("/console/sign-out")]
pub async fn leave(Signed(session, Form(form)): Signed<Form<Sealed>>) -> HttpResponse {
    let mut response = see("/console/sign-in");
    if form.csrf == session.csrf {
        let _ = response.add_cookie(&no_cookie());
    }
    response
}

fn shown(refused: bool) -> String {
    let form = html! {
        main class="narrow" {
            h1 { "onefold" }
            form method="post" action="/console/sign-in" class="stack" {
                label for="key" { "API key" }
                input id="key" name="key" type="password" autocomplete="current-password" required autofocus
                    aria-describedby=[refused.then_some("refused")] aria-invalid=[refused.then_some("true")];
                @if refused { p id="refused" class="bad" role="alert" { "This key may not read profiles, or is not known." } }
                button class="primary" { "Sign in" }
            }
            p class="muted" { "Keys are made with " code { "onefold key create --scopes profiles:read,review:write" } "." }
        }
    };
    bare("Sign in", &form)
}
