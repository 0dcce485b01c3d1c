//! Entity tags: a caller that has the answer already is told that it still holds, without its body.

use super::problem::{ApiError, Cause};
use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError,
    body::BoxBody,
    http::header::{CACHE_CONTROL, ContentType, ETAG, EntityTag, Header, IF_NONE_MATCH, IfNoneMatch},
};
use data_encoding::HEXLOWER;
use serde::Serialize;

/// As a reply, 200 with a JSON body and its entity tag, or 304 where the caller's `If-None-Match` names that tag.
///
/// The tag is a hash of the body: it changes exactly when the body does.
pub struct Tagged<T>(pub T);

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Ok(body) = serde_json::to_vec(&self.0) else {
            return ApiError::from(Cause::new("answer as JSON")).error_response();
        };
        let tag = EntityTag::new_strong(HEXLOWER.encode(&blake3::hash(&body).as_bytes()[..16]));
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
}
