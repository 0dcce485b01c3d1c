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
    /// What was sent does not read: with this status.
    #[error("unread")]
    Unread(StatusCode),
    /// What the API would answer.
    #[error(transparent)]
    Api(#[from] ApiError),
}

impl Refusal {
    /// What an extractor makes of something that does not read. Its words may hold what was sent, and are left out.
    pub fn unread(error: impl Into<actix_web::Error>) -> Self {
        Self::Unread(error.into().as_response_error().status_code())
    }

    fn title(&self) -> &str {
        match self {
            Self::SignIn => "Not signed in",
            Self::Unread(status) => status.canonical_reason().unwrap_or("Not understood"),
            Self::Api(error) => error.title(),
        }
    }
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
            Self::Unread(status) => *status,
            Self::Api(error) => error.status_code(),
        }
    }

    fn error_response(&self) -> HttpResponse {
        if matches!(self, Self::SignIn) {
            return see("/console/sign-in");
        }
        let status = self.status_code();
        let body = html! {
            main class="narrow" {
                h1 { (self.title()) }
                p class="muted" { "Status " (status.as_u16()) ". Nothing was changed." }
                p { a href="/console" { "To the overview" } }
            }
        };
        let mut page = secured(HttpResponse::build(status), bare("Not possible", &body));
        if let Self::Api(ApiError::Internal(cause)) = self {
            page.extensions_mut().insert(cause.clone());
        }
        page
    }
}

/// Sends the browser to another page.
pub fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("location", path)).insert_header(("cache-control", "no-store")).finish()
}
