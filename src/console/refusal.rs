//! What a page answers where it cannot be shown.

use super::page::{bare, secured};
use crate::{http::problem::ApiError, store::StoreError};
use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use maud::html;

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Nobody is signed in.
    #[error("not signed in")]
    SignIn,
    /// What the API would answer.
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Api(error.into())
    }
}

impl ResponseError for Refusal {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::SEE_OTHER,
            Self::Api(error) => error.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let Self::Api(error) = self else { return see("/console/sign-in") };
        let body = html! {
            main class="narrow" {
                h1 { (error.title()) }
                p class="muted" { "Status " (status.as_u16()) ". Nothing was changed." }
                p { a href="/console" { "To the overview" } }
            }
        };
        secured(HttpResponse::build(status), bare("Not possible", &body))
    }
}

/// Sends the browser to another page.
pub fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("location", path)).insert_header(("cache-control", "no-store")).finish()
}
