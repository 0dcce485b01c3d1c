//! What handlers take from a request: `Json`, `Toml`, `Batch`, `Query` and `Path`. What doesn't fit becomes a problem before them.

mod batch;

pub use batch::{BATCH_ITEMS, BATCH_LIMIT, Batch};

use super::{
    body::read,
    json::{misfit, parse},
    problem::ApiError,
};
use crate::domain::{
    id::{Id, Kind},
    validate::{ErrorCode, FieldError, is_plain, member},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, Responder, dev::Payload, mime, web};
use futures_util::{FutureExt, future::LocalBoxFuture};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use std::future::{Ready, ready};
use utoipa::{
    IntoParams, PartialSchema,
    openapi::{
        Required,
        path::{Parameter, ParameterBuilder, ParameterIn},
    },
};

/// What a body may have unless its route says otherwise: 1 MiB.
pub const BODY_LIMIT: usize = 1 << 20;

const JSON: &str = "application/json";
const TOML: &str = "application/toml";

/// A JSON body of at most `LIMIT` bytes, strictly read; as a reply, 200 with a JSON body.
pub struct Json<T, const LIMIT: usize = BODY_LIMIT>(pub T);

/// A TOML body of at most [`BODY_LIMIT`] bytes, as text.
pub struct Toml(pub String);

/// As a reply, 201 with a JSON body.
pub struct Created<T>(pub T);

/// Query parameters. Those that `T` does not know are refused where it says `deny_unknown_fields`.
pub struct Query<T>(pub T);

/// Path parameters. An id that can't be one is answered like one that does not exist.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            if Format::of(&request) != Some(Format::Json) {
                return Err(ApiError::UnsupportedMediaType(JSON));
            }
            let bytes = read(&request, payload, LIMIT).await?;
            parse(&bytes).map(Self).map_err(ApiError::Invalid)
        }
        .boxed_local()
    }
}

impl FromRequest for Toml {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            let media = request.mime_type().ok().flatten();
            if media.is_none_or(|media| media.essence_str() != TOML) {
                return Err(ApiError::UnsupportedMediaType(TOML));
            }
            let bytes = read(&request, payload, BODY_LIMIT).await?;
            String::from_utf8(bytes).map(Self).map_err(|_| ApiError::UnfitModel("not UTF-8".into()))
        }
        .boxed_local()
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().json(self.0)
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Created().json(self.0)
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(query(request.query_string()).map(Self).map_err(|error| ApiError::Invalid(vec![error])))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Path<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if request.uri().path().contains("%00") {
            return ready(Err(ApiError::NotFound));
        }
        let path = web::Path::<T>::from_request(request, payload).into_inner();
        ready(path.map(|path| Self(path.into_inner())).map_err(|_| ApiError::NotFound))
    }
}

/// Documents `Path<ProfileId>` and the like with `params(ProfileId)`: the parameter is called `id`.
impl<K: Kind + Default> IntoParams for Id<K> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let id = ParameterBuilder::new().name("id").parameter_in(ParameterIn::Path).required(Required::True);
        vec![id.schema(Some(Self::schema())).build()]
    }
}

/// How a body lists its JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Lines,
}

impl Format {
    /// By the request's content type; none where it is neither, or not UTF-8.
    fn of(request: &HttpRequest) -> Option<Self> {
        let media = request.mime_type().ok().flatten()?;
        let utf8 = media.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
        let json = media.subtype() == mime::JSON || media.suffix() == Some(mime::JSON);
        match media.essence_str() {
            _ if !utf8 => None,
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::Lines),
            _ if json && media.type_() == mime::APPLICATION => Some(Self::Json),
            _ => None,
        }
    }
}

fn query<T: DeserializeOwned>(query: &str) -> Result<T, FieldError> {
    if let Some(pair) = query.split('&').find(|pair| pair.contains("%00")) {
        let name = pair.split('=').next().filter(|name| is_plain(name)).unwrap_or_default();
        return Err(FieldError::new(format!("?{name}"), ErrorCode::NulCharacter));
    }
    let tracked = web::Query::<Tracked<T>>::from_query(query).map(web::Query::into_inner);
    tracked.unwrap_or(Tracked(Err(FieldError::new("?", ErrorCode::InvalidValue)))).0
}

/// Remembers at which parameter reading failed.
struct Tracked<T>(Result<T, FieldError>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Tracked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = serde_path_to_error::deserialize(deserializer);
        Ok(Self(read.map_err(|error| {
            let name = error.path().to_string();
            let FieldError { pointer, code } = misfit(&member("", &name), &error.inner().to_string());
            FieldError::new(format!("?{}", pointer.trim_start_matches('/')), code)
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{contact::Event, id::ProfileId},
        http::problem::{Keyed, Missing, Queried},
    };
    use actix_web::{
        App, get,
        http::StatusCode,
        post,
        test::{TestRequest, call_and_read_body, call_service, init_service, read_body},
    };
    use serde_json::{Value, json};
    use utoipa::OpenApi;

    const MARKER: &str = "jane@secret.example";

    #[derive(Debug, PartialEq, Deserialize, IntoParams)]
    #[serde(deny_unknown_fields)]
    struct Page {
        limit: u8,
        after: Option<String>,
    }

    #[utoipa::path(responses((status = 200, body = Event)))]
    #[post("/events")]
    async fn take_one(Json(event): Json<Event, 2_000>) -> Json<Event> {
        Json(event)
    }

    #[utoipa::path(responses((status = 200, body = Value)))]
    #[post("/batch")]
    async fn take_many(Batch(events): Batch) -> Json<Value> {
        let short = |item: Result<Event, _>| item.map_or_else(|errors| json!(errors), |e| json!(e.source_event_id));
        Json(events.into_iter().map(short).collect())
    }

    #[utoipa::path(params(ProfileId, Page), responses((status = 200, body = String), Keyed, Missing, Queried))]
    #[get("/profiles/{id}")]
    async fn show(Path(id): Path<ProfileId>, Query(page): Query<Page>) -> String {
        format!("{id} {}", page.limit)
    }

    #[derive(OpenApi)]
    #[openapi(paths(take_one, take_many, show))]
    struct Api;

    fn event(id: &str) -> String {
        format!(r#"{{"source":"s","source_event_id":"{id}","channel":"email","occurred_at":"2026-01-01T00:00:00Z"}}"#)
    }

    /// Status and body of the answer; no answer may hold the marker.
    async fn answer(request: TestRequest) -> (u16, Value) {
        let app = init_service(App::new().service(take_one).service(take_many).service(show)).await;
        let response = call_service(&app, request.to_request()).await;
        let status = response.status();
        let problem = response.headers().get("content-type").is_some_and(|t| t == super::super::problem::PROBLEM_JSON);
        let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        assert_eq!(problem, status != StatusCode::OK, "{status} {body}");
        assert!(!body.contains(MARKER), "{body}");
        (status.as_u16(), serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    async fn post(path: &str, media: &str, body: impl Into<web::Bytes>) -> (u16, Value) {
        answer(TestRequest::post().uri(path).insert_header(("content-type", media)).set_payload(body)).await
    }

    #[actix_web::test]
    async fn json_needs_its_media_type_size_and_shape() {
        let good = event("1");
        let long = format!("{good}{}", " ".repeat(2_000));
        let cases = [
            ("application/json", good.as_str(), 200),
            ("application/json; charset=UTF-8", &good, 200),
            ("application/vnd.onefold+json", &good, 200),
            ("application/json; charset=latin1", &good, 415),
            ("text/json", &good, 415),
            ("text/plain", &good, 415),
            ("jane@secret.example", &good, 415),
            ("application/x-ndjson", &good, 415),
            ("application/json", &long, 413),
            ("application/json", "{", 400),
            ("application/json", "", 400),
            ("application/json", r#"{"source":"jane@secret.example"}"#, 422),
            ("application/json", r#"{"source":["jane@secret.example"]}"#, 422),
        ];
        for (media, body, status) in cases {
            assert_eq!(post("/events", media, body.to_owned()).await.0, status, "{media} {body}");
        }
    }

    #[actix_web::test]
    async fn a_bad_item_does_not_spoil_a_batch() {
        let bad = r#"{"source":7,"x":"jane@secret.example"}"#;
        let nul = r#"{"source":"\u0000"}"#;
        let half = r#"{"source":"\ud800"}"#;
        let (a, b) = (event("a"), event("b"));
        let at = |code: &str| json!([{"pointer": "/source", "code": code}]);
        let expected = json!(["a", at("wrong_type"), at("nul_character"), at("lone_surrogate"), "b"]);
        let array = format!("[{a},{bad},{nul},{half},{b}]");
        assert_eq!(post("/batch", "application/json", array).await, (200, expected.clone()));
        for media in ["application/x-ndjson", "application/ndjson", "application/jsonl"] {
            let lines = format!("{a}\n\n{bad}\r\n  \n{nul}\n{half}\n{b}");
            assert_eq!(post("/batch", media, lines).await, (200, expected.clone()));
        }
        let truncated = post("/batch", "application/x-ndjson", format!("{a}\n{{\"source")).await;
        assert_eq!(truncated, (200, json!(["a", [{"pointer": "", "code": "malformed_json"}]])));
    }

    #[actix_web::test]
    async fn a_batch_that_is_no_batch_is_refused_as_a_whole() {
        let cases = [
            ("application/json", "[1,".to_owned(), 400),
            ("application/json", event("1"), 422),
            ("application/json", format!("[{}1]", "1,".repeat(BATCH_ITEMS)), 413),
            ("application/x-ndjson", "1\n".repeat(BATCH_ITEMS + 1), 413),
            ("application/json", " ".repeat(BATCH_LIMIT + 1), 413),
            ("application/json", "[]".into(), 200),
            ("application/json", format!("[{}1]", "1,".repeat(BATCH_ITEMS - 1)), 200),
            ("application/x-ndjson", String::new(), 200),
            ("text/csv", String::new(), 415),
        ];
        for (media, body, status) in cases {
            let start: String = body.chars().take(20).collect();
            assert_eq!(post("/batch", media, body).await.0, status, "{media} {start}");
        }
    }

    #[actix_web::test]
    async fn queries_and_paths_that_do_not_fit_are_problems() {
        let id = ProfileId::from_uuid(uuid::Uuid::from_u128(7));
        let mistakes = [
            ("", "?limit", "missing_field"),
            ("limit=jane@secret.example", "?limit", "invalid_value"),
            ("limit=300", "?limit", "invalid_value"),
            ("limit=1&limit=2", "?limit", "duplicate_key"),
            ("limit=1&colour=jane@secret.example", "?colour", "unknown_field"),
            ("limit=1&jane@secret.example=1", "?", "unknown_field"),
            ("limit=1&after=%00", "?after", "nul_character"),
        ];
        for (query, pointer, code) in mistakes {
            let (status, body) = answer(TestRequest::get().uri(&format!("/profiles/{id}?{query}"))).await;
            assert_eq!((status, &body["errors"]), (422, &json!([{"pointer": pointer, "code": code}])), "{query}");
        }
        assert_eq!(answer(TestRequest::get().uri(&format!("/profiles/{id}?limit=1&after=%20x"))).await.0, 200);
        for path in ["/profiles/jane@secret.example?limit=1", "/profiles/%00?limit=1"] {
            assert_eq!(answer(TestRequest::get().uri(path)).await.0, 404, "{path}");
        }
    }

    #[actix_web::test]
    async fn a_reply_is_json() {
        let app = init_service(App::new().service(take_one)).await;
        let request = TestRequest::post().uri("/events").insert_header(("content-type", JSON)).set_payload(event("1"));
        assert_eq!(call_and_read_body(&app, request.to_request()).await, event("1"));
    }

    #[test]
    fn extractors_document_themselves() {
        let api = serde_json::to_value(Api::openapi()).unwrap();
        let body = api.pointer("/paths/~1events/post/requestBody/content/application~1json/schema/$ref").unwrap();
        assert_eq!(body, "#/components/schemas/Event");
        let parameters = api.pointer("/paths/~1profiles~1{id}/get/parameters").unwrap();
        let named: Vec<_> = parameters.as_array().unwrap().iter().map(|p| (&p["name"], &p["in"])).collect();
        assert_eq!(json!(named), json!([["id", "path"], ["limit", "query"], ["after", "query"]]));
        let responses = api.pointer("/paths/~1profiles~1{id}/get/responses").unwrap().as_object().unwrap();
        assert_eq!(responses.keys().collect::<Vec<_>>(), ["200", "401", "403", "404", "422", "500", "503"]);
    }
}
