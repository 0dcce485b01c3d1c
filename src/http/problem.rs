//! Everything that can go wrong with a request, as RFC 9457 problems. Input values never appear in them.

mod documented;

pub use documented::{Bodied, Conditional, Conflicting, Keyed, Missing, Queried};

use crate::domain::validate::{ErrorCode, FieldError};
use actix_web::{
    HttpResponse, HttpResponseBuilder, ResponseError,
    body::{BoxBody, MessageBody},
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt, time::Duration};
use utoipa::ToSchema;

/// The media type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request is not answered as asked. A closed list: what is not in it does not leave the service.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// 422, or 400 where the request could not even be read: what is wrong, field by field.
    #[error("invalid request")]
    Invalid(Vec<FieldError>),
    /// 422: the model is not one, with line and reason.
    #[error("unfit model")]
    UnfitModel(String),
    /// 401: no key, or one that is not known.
    #[error("unauthorized")]
    Unauthorized,
    /// 403: the key lacks this scope.
    #[error("forbidden")]
    Forbidden(&'static str),
    /// 404: there is no such thing, or it is another tenant's.
    #[error("not found")]
    NotFound,
    /// 405: the path exists, for these methods.
    #[error("method not allowed")]
    MethodNotAllowed(Vec<Method>),
    /// 408: the body stalled.
    #[error("request timeout")]
    RequestTimeout,
    /// 409: what is stored speaks against it.
    #[error("conflict")]
    Conflict(ConflictCode),
    /// 412: it has changed since the caller looked.
    #[error("precondition failed")]
    PreconditionFailed,
    /// 413: too many bytes (`too_long`) or items (`too_many`).
    #[error("payload too large")]
    PayloadTooLarge(ErrorCode),
    /// 415: the media types that are understood.
    #[error("unsupported media type")]
    UnsupportedMediaType(&'static str),
    /// 415: the body is encoded in a way other than gzip.
    #[error("unsupported content encoding")]
    UnsupportedEncoding,
    /// 503: try again after this long.
    #[error("busy")]
    Busy(Duration),
    /// 500: our fault. The cause is logged, never sent.
    #[error("internal error")]
    Internal(#[from] Cause),
}

/// What speaks against a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictCode {
    /// The source's event id is taken by an event of another meaning.
    EventDiffers,
    /// A judgement that stands says the opposite.
    Contradiction,
    /// It was decided, withdrawn or undone before.
    AlreadyDone,
    /// The profile was merged into another one.
    Retired,
    /// A change of model is under way.
    ModelChanging,
    /// No change of model is under way.
    ModelNotChanging,
    /// No model was in force before.
    NoModelBefore,
}

/// What broke inside, in words that are safe to log: a fixed text and at most a machine's code, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// What was attempted.
    pub what: &'static str,
    /// An SQLSTATE, a constraint's name, an errno…
    pub code: Option<Cow<'static, str>>,
}

/// An RFC 9457 problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Which problem: a relative URI that never changes, or `about:blank`.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "/problems/not-found")]
    pub kind: Cow<'static, str>,
    /// The problem's name.
    #[schema(value_type = String)]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub detail: Option<Cow<'static, str>>,
    /// This very occurrence: the request's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "urn:request:0190163d-8694-739b-aea5-966c26f8ad91")]
    pub instance: Option<String>,
    /// What is wrong, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl ApiError {
    /// One mistake.
    #[must_use]
    pub fn invalid(pointer: &str, code: ErrorCode) -> Self {
        Self::Invalid(vec![FieldError::new(pointer, code)])
    }

    /// Passes where validation found nothing.
    ///
    /// # Errors
    /// What it found.
    pub fn check(found: Vec<FieldError>) -> Result<(), Self> {
        if found.is_empty() { Ok(()) } else { Err(Self::Invalid(found)) }
    }

    /// The answer, naming the request where its id is known.
    #[must_use]
    pub fn respond(&self, request_id: Option<&str>) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        self.add_header(&mut response);
        self.problem().put_into(response.finish(), request_id)
    }

    /// What went wrong, in a sentence.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.kind().2
    }

    /// Status, last part of the type, title.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid(errors) if errors.iter().any(|error| error.code.is_unreadable()) => {
                (StatusCode::BAD_REQUEST, "unreadable", "The request can't be read")
            }
            Self::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not valid"),
            Self::UnfitModel(_) => (StatusCode::UNPROCESSABLE_ENTITY, "unfit-model", "The model is not valid"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized", "A valid key is needed"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "forbidden", "The key does not allow this"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such thing"),
            Self::MethodNotAllowed(_) => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "The path exists for other methods")
            }
            Self::RequestTimeout => (StatusCode::REQUEST_TIMEOUT, "request-timeout", "The body took too long"),
            Self::Conflict(code) => (StatusCode::CONFLICT, code.slug(), code.title()),
            Self::PreconditionFailed => {
                (StatusCode::PRECONDITION_FAILED, "precondition-failed", "It has changed in the meantime")
            }
            Self::PayloadTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "payload-too-large", "The body is too large"),
            Self::UnsupportedMediaType(_) => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The media type is not understood")
            }
            Self::UnsupportedEncoding => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-encoding", "The content encoding is not understood")
            }
            Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy", "Too much at once"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something broke on our side"),
        }
    }

    /// What to do about it.
    fn detail(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::Invalid(_) => Some("`errors` says what is wrong and where.".into()),
            // A model is no personal data.
            Self::UnfitModel(reason) => Some(reason.clone().into()),
            Self::Unauthorized => {
                Some("Send `Authorization: Bearer` and a key that is neither expired nor revoked.".into())
            }
            Self::Forbidden(scope) => Some(format!("The key lacks the scope `{scope}`.").into()),
            Self::UnsupportedMediaType(accepted) => Some(format!("Send one of: {accepted}.").into()),
            Self::UnsupportedEncoding => Some("Send the body as it is or with gzip.".into()),
            Self::Busy(_) => Some("Nothing was stored. Try again after `Retry-After` seconds.".into()),
            Self::Internal(_) => Some("Quote `instance` when you report it.".into()),
            Self::NotFound
            | Self::MethodNotAllowed(_)
            | Self::RequestTimeout
            | Self::Conflict(_)
            | Self::PreconditionFailed
            | Self::PayloadTooLarge(_) => None,
        }
    }

    /// The header that goes with the status, where one does.
    fn add_header(&self, response: &mut HttpResponseBuilder) {
        match self {
            Self::Unauthorized => response.insert_header((header::WWW_AUTHENTICATE, "Bearer")),
            Self::MethodNotAllowed(methods) => response.insert_header((header::ALLOW, listed(methods))),
            Self::UnsupportedMediaType(accepted) => response.insert_header(("accept-post", *accepted)),
            Self::UnsupportedEncoding => response.insert_header((header::ACCEPT_ENCODING, "gzip, identity")),
            Self::Busy(wait) => response.insert_header((header::RETRY_AFTER, wait.as_secs().max(1))),
            Self::Invalid(_)
            | Self::UnfitModel(_)
            | Self::Forbidden(_)
            | Self::NotFound
            | Self::RequestTimeout
            | Self::Conflict(_)
            | Self::PreconditionFailed
            | Self::PayloadTooLarge(_)
            | Self::Internal(_) => response,
        };
    }

    fn problem(&self) -> Problem {
        let (status, slug, title) = self.kind();
        let errors = match self {
            Self::Invalid(errors) => errors.clone(),
            Self::PayloadTooLarge(code) => vec![FieldError::new("", *code)],
            _ => Vec::new(),
        };
        Problem {
            kind: format!("/problems/{slug}").into(),
            title: title.into(),
            status: status.as_u16(),
            detail: self.detail(),
            instance: None,
            errors,
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.kind().0
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(None)
    }
}

impl ConflictCode {
    fn slug(self) -> &'static str {
        match self {
            Self::EventDiffers => "event-differs",
            Self::Contradiction => "contradiction",
            Self::AlreadyDone => "already-done",
            Self::Retired => "retired",
            Self::ModelChanging => "model-changing",
            Self::ModelNotChanging => "model-not-changing",
            Self::NoModelBefore => "no-model-before",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::EventDiffers => "The source's event id is taken by an event of another meaning",
            Self::Contradiction => "A judgement that stands says the opposite",
            Self::AlreadyDone => "It was decided before",
            Self::Retired => "The profile was merged into another one",
            Self::ModelChanging => "A change of model is under way",
            Self::ModelNotChanging => "No change of model is under way",
            Self::NoModelBefore => "No model was in force before",
        }
    }
}

impl Cause {
    /// A cause without a code.
    #[must_use]
    pub const fn new(what: &'static str) -> Self {
        Self { what, code: None }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.code {
            Some(code) => write!(f, "{} ({code})", self.what),
            None => f.write_str(self.what),
        }
    }
}

impl std::error::Error for Cause {}

impl Problem {
    /// A problem that says no more than its status.
    #[must_use]
    pub fn blank(status: StatusCode) -> Self {
        Self {
            kind: "about:blank".into(),
            title: status.canonical_reason().unwrap_or("Error").into(),
            status: status.as_u16(),
            detail: None,
            instance: None,
            errors: Vec::new(),
        }
    }

    /// Makes this problem the body of a response, whose headers stay.
    #[must_use]
    pub fn put_into(mut self, head: HttpResponse<impl MessageBody>, request_id: Option<&str>) -> HttpResponse {
        self.instance = request_id.map(|id| format!("urn:request:{id}"));
        // Serialising plain data with string keys cannot fail.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = head.set_body(BoxBody::new(body));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        response
    }
}

fn listed(methods: &[Method]) -> String {
    methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;

    /// An error, its status, the last part of its type, its header.
    type Case = (ApiError, u16, &'static str, Option<(&'static str, &'static str)>);

    /// One of each. A new variant fails to compile in `kind`; add it here too.
    fn all() -> Vec<Case> {
        let busy = ApiError::Busy(Duration::from_secs(2));
        vec![
            (ApiError::invalid("/a", ErrorCode::MalformedJson), 400, "unreadable", None),
            (ApiError::invalid("/a", ErrorCode::WrongType), 422, "invalid", None),
            (ApiError::UnfitModel("line 1: no".into()), 422, "unfit-model", None),
            (ApiError::Unauthorized, 401, "unauthorized", Some(("www-authenticate", "Bearer"))),
            (ApiError::Forbidden("profiles:read"), 403, "forbidden", None),
            (ApiError::NotFound, 404, "not-found", None),
            (
                ApiError::MethodNotAllowed(vec![Method::GET, Method::POST]),
                405,
                "method-not-allowed",
                Some(("allow", "GET, POST")),
            ),
            (ApiError::RequestTimeout, 408, "request-timeout", None),
            (ApiError::Conflict(ConflictCode::EventDiffers), 409, "event-differs", None),
            (ApiError::Conflict(ConflictCode::Contradiction), 409, "contradiction", None),
            (ApiError::Conflict(ConflictCode::AlreadyDone), 409, "already-done", None),
            (ApiError::Conflict(ConflictCode::Retired), 409, "retired", None),
            (ApiError::Conflict(ConflictCode::ModelChanging), 409, "model-changing", None),
            (ApiError::Conflict(ConflictCode::ModelNotChanging), 409, "model-not-changing", None),
            (ApiError::Conflict(ConflictCode::NoModelBefore), 409, "no-model-before", None),
            (ApiError::PreconditionFailed, 412, "precondition-failed", None),
            (ApiError::PayloadTooLarge(ErrorCode::TooMany), 413, "payload-too-large", None),
            (
                ApiError::UnsupportedMediaType("application/json"),
                415,
                "unsupported-media-type",
                Some(("accept-post", "application/json")),
            ),
            (ApiError::UnsupportedEncoding, 415, "unsupported-encoding", Some(("accept-encoding", "gzip, identity"))),
            (busy, 503, "busy", Some(("retry-after", "2"))),
            (Cause { what: "store", code: Some("57P01".into()) }.into(), 500, "internal", None),
        ]
    }

    #[actix_web::test]
    async fn every_error_is_a_problem() {
        for (error, status, slug, header) in all() {
            let response = error.respond(Some("r1"));
            assert_eq!(response.status().as_u16(), status, "{slug}");
            assert_eq!(response.headers().get("content-type").unwrap(), PROBLEM_JSON, "{slug}");
            if let Some((name, value)) = header {
                assert_eq!(response.headers().get(name).unwrap(), value, "{slug}");
            }
            let problem: Problem = serde_json::from_slice(&to_bytes(response.into_body()).await.unwrap()).unwrap();
            assert_eq!((problem.status, problem.kind.as_ref()), (status, format!("/problems/{slug}").as_str()));
            assert_eq!(problem.instance.as_deref(), Some("urn:request:r1"));
        }
    }

    #[actix_web::test]
    async fn a_cause_is_for_the_log_alone() {
        let cause = Cause { what: "store", code: Some("57P01".into()) };
        assert_eq!(cause.to_string(), "store (57P01)");
        let body = to_bytes(ApiError::from(cause).error_response().into_body()).await.unwrap();
        assert!(!String::from_utf8_lossy(&body).contains("57P01"));
    }

    #[test]
    fn errors_name_the_field_and_nothing_found_passes() {
        assert!(ApiError::check(Vec::new()).is_ok());
        let problem = ApiError::check(vec![FieldError::new("/source", ErrorCode::Empty)]).unwrap_err().problem();
        assert_eq!(
            serde_json::to_value(problem.errors).unwrap(),
            serde_json::json!([{"pointer": "/source", "code": "empty"}])
        );
    }
}
