//! Entity tags: a caller that has the answer already is told that it still holds, without its body; one that wants to change
//! what it saw is told when that has changed.

use super::problem::{ApiError, Cause};
use actix_web::{
    FromRequest, HttpRequest, HttpResponse, Responder, ResponseError,
    body::BoxBody,
    dev::Payload,
    http::header::{CACHE_CONTROL, ContentType, ETAG, EntityTag, Header, IF_MATCH, IF_NONE_MATCH, IfNoneMatch},
};
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::future::{Ready, ready};
use utoipa::{
    IntoParams, PartialSchema,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

/// What has a version.
pub trait Versioned {
    /// Grows with each change.
    fn version(&self) -> i64;
}

/// As a reply, 200 with a JSON body and its entity tag, or 304 where the caller's `If-None-Match` names that tag.
///
/// The tag is the version and a hash of the body: it changes exactly when the body does.
pub struct Tagged<T>(pub T);

/// The version that a caller saw, from the entity tag in its `If-Match`; none where it does not care.
pub struct IfMatch(pub Option<i64>);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(match request.headers().get(IF_MATCH) {
            None => Ok(Self(None)),
            Some(tag) if tag == "*" => Ok(Self(None)),
            // A tag that was never given out is that of nothing.
            Some(tag) => {
                tag.to_str().ok().and_then(seen).map(|seen| Self(Some(seen))).ok_or(ApiError::PreconditionFailed)
            }
        })
    }
}

impl IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let parameter = ParameterBuilder::new()
            .name("If-Match")
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some("The `ETag` of the profile as the caller saw it"))
            .schema(Some(String::schema()));
        vec![parameter.build()]
    }
}

/// The version in an entity tag.
fn seen(tag: &str) -> Option<i64> {
    tag.trim().strip_prefix('"')?.split_once('-')?.0.parse().ok()
}

impl<T: Serialize + Versioned> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Ok(body) = serde_json::to_vec(&self.0) else {
            return ApiError::from(Cause::new("answer as JSON")).error_response();
        };
        let hash = HEXLOWER.encode(&blake3::hash(&body).as_bytes()[..16]);
        let tag = EntityTag::new_strong(format!("{}-{hash}", self.0.version()));
        let held = is_held(request, &tag);
        let mut response = if held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        // A browser may keep personal data for itself, and must ask whether it still holds.
        response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "private, no-cache"));
        if held { response.finish() } else { response.insert_header(ContentType::json()).body(body) }
    }
}

/// Whether the caller says that it has what the tag stands for. A header that does not read says nothing.
fn is_held(request: &HttpRequest, tag: &EntityTag) -> bool {
    if !request.headers().contains_key(IF_NONE_MATCH) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    impl Versioned for &str {
        fn version(&self) -> i64 {
            7
        }
    }

    fn status(if_none_match: Option<&str>, body: &str) -> u16 {
        let request = if_none_match
            .map_or_else(TestRequest::default, |tags| TestRequest::default().insert_header((IF_NONE_MATCH, tags)));
        Tagged(body).respond_to(&request.to_http_request()).status().as_u16()
    }

    #[test]
    fn a_tag_that_is_named_spares_the_body() {
        let response = Tagged("jane").respond_to(&TestRequest::default().to_http_request());
        let tag = response.headers().get(ETAG).unwrap().to_str().unwrap();
        for known in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".into()] {
            assert_eq!(status(Some(&known), "jane"), 304, "{known}");
            assert_eq!(status(Some(&known), "joan"), if known == "*" { 304 } else { 200 }, "{known}");
        }
        for unknown in [None, Some(""), Some("\"other\""), Some("no tag")] {
            assert_eq!(status(unknown, "jane"), 200, "{unknown:?}");
        }
    }

    #[test]
    fn a_tag_tells_the_version_that_was_seen() {
        let response = Tagged("jane").respond_to(&TestRequest::default().to_http_request());
        assert_eq!(seen(response.headers().get(ETAG).unwrap().to_str().unwrap()), Some(7));
        assert_eq!(["", "7", "\"7\"", "W/\"7-a\"", "\"x-a\""].map(seen), [None; 5]);
    }
}
