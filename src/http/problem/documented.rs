//! Which problems a call may answer, for the document.

use super::{PROBLEM_JSON, Problem};
use actix_web::http::StatusCode;
use std::collections::BTreeMap;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{Content, Ref, RefOr, Response, ResponseBuilder},
};

/// What every call with a key may answer: 401, 403, 500, 503.
pub struct Keyed;
/// What a call that reads a body may answer: 400, 408, 413, 415, 422.
pub struct Bodied;
/// What a call with query parameters may answer: 422.
pub struct Queried;
/// What a call that names a thing may answer: 404.
pub struct Missing;
/// What a call that what is stored may speak against may answer: 409.
pub struct Conflicting;
/// What a call with `If-Match` may answer: 412.
pub struct Conditional;

impl IntoResponses for Keyed {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[401, 403, 500, 503])
    }
}

impl IntoResponses for Bodied {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[400, 408, 413, 415, 422])
    }
}

impl IntoResponses for Queried {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[422])
    }
}

impl IntoResponses for Missing {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[404])
    }
}

impl IntoResponses for Conflicting {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[409])
    }
}

impl IntoResponses for Conditional {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        documented(&[412])
    }
}

/// Problem responses for the document. The `Problem` schema itself is a component of the whole document.
fn documented(statuses: &[u16]) -> BTreeMap<String, RefOr<Response>> {
    let body = || Content::new(Some(Ref::from_schema_name(Problem::name())));
    let reason = |status| StatusCode::from_u16(status).ok().and_then(|s| s.canonical_reason()).unwrap_or("Problem");
    let response = |status| ResponseBuilder::new().description(reason(status)).content(PROBLEM_JSON, body()).build();
    statuses.iter().map(|&status| (status.to_string(), response(status).into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_responses_refer_to_the_problem_schema() {
        let responses = serde_json::to_value(Bodied::responses()).unwrap();
        assert_eq!(responses.as_object().unwrap().keys().collect::<Vec<_>>(), ["400", "408", "413", "415", "422"]);
        let schema = responses.pointer("/413/content/application~1problem+json/schema/$ref").unwrap();
        assert_eq!(schema, "#/components/schemas/Problem");
    }
}
