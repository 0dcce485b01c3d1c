//! Around every request: its id, one log line, its metrics. By route template; never the path, the query or the body.

use super::{
    fallback::as_problem,
    problem::{ApiError, Cause, Problem},
};
use crate::telemetry::Metrics;
use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        Method, StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use std::time::Instant;
use uuid::Uuid;

/// The header that carries the request's id, in and out.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What requests that match no route are counted under.
const UNMATCHED: &str = "unmatched";

/// The request's id: the caller's where it is sane, else a new one. An extension of every request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The id of the key that was used, for the log. Authentication puts it into the request's extensions.
#[derive(Clone, Copy, Debug)]
pub struct KeyId(pub Uuid);

/// The outermost middleware: `app.wrap(from_fn(observe))`, with `web::Data<Metrics>` in the app's data.
///
/// # Errors
/// Only what a middleware further in failed with, as a problem.
pub async fn observe<B: MessageBody + 'static>(
    metrics: web::Data<Metrics>,
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let seen = Seen { id: request_id(&request), method: known(request.method()), started: Instant::now(), metrics };
    request.extensions_mut().insert(RequestId(seen.id.clone()));
    match next.call(request).await {
        Ok(response) => Ok(seen.answered(response)),
        Err(error) => Err(seen.failed(&error)),
    }
}

/// What is known of a request before it is routed.
struct Seen {
    id: String,
    method: &'static str,
    started: Instant,
    metrics: web::Data<Metrics>,
}

impl Seen {
    fn answered<B: MessageBody + 'static>(&self, response: ServiceResponse<B>) -> ServiceResponse<BoxBody> {
        match response.response().extensions().get::<Cause>() {
            // A page says as little of it as a problem does.
            Some(cause) => self.log(cause),
            None => self.log_cause(response.response().error()),
        }
        let mut response = as_problem(response, &self.id);
        self.name(response.headers_mut());
        let route = response.request().match_pattern();
        let key = response.request().extensions().get::<KeyId>().copied();
        self.note(route.as_deref().unwrap_or(UNMATCHED), response.status(), key);
        response
    }

    /// A middleware further in failed: the request itself is gone.
    fn failed(&self, error: &Error) -> Error {
        self.log_cause(Some(error));
        let status = error.as_response_error().status_code();
        let blank = || Problem::blank(status).put_into(HttpResponse::new(status), Some(&self.id));
        let mut response = error.as_error::<ApiError>().map_or_else(blank, |ours| ours.respond(Some(&self.id)));
        self.name(response.headers_mut());
        self.note(UNMATCHED, status, None);
        InternalError::from_response("refused by a middleware", response).into()
    }

    fn log_cause(&self, error: Option<&Error>) {
        if let Some(ApiError::Internal(cause)) = error.and_then(Error::as_error) {
            self.log(cause);
        }
    }

    /// The one place where causes are logged.
    fn log(&self, cause: &Cause) {
        tracing::error!(request_id = self.id, %cause, "internal error");
    }

    /// Tells the caller the request's id.
    fn name(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(&self.id) {
            headers.insert(REQUEST_ID, id);
        }
    }

    /// One log line and one count.
    fn note(&self, route: &str, status: StatusCode, key: Option<KeyId>) {
        let (took, status) = (self.started.elapsed(), status.as_u16());
        self.metrics.request(route, self.method, status, took);
        let (request_id, key_id) = (&self.id, key.map(|key| tracing::field::display(key.0)));
        let duration_ms = took.as_secs_f64() * 1_000.0;
        tracing::info!(request_id, method = self.method, route, status, duration_ms, key_id, "answered");
    }
}

/// The caller's id where it is sane, else a new one.
fn request_id(request: &ServiceRequest) -> String {
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok());
    given.filter(|id| is_sane(id)).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

fn is_sane(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A method as a label: callers can make up others.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{
        extract::Json,
        problem::{PROBLEM_JSON, Problem as Body},
    };
    use actix_web::{
        App, HttpRequest, error,
        middleware::from_fn,
        test::{TestRequest, init_service, read_body, try_call_service},
    };
    use serde_json::Value;
    use std::{
        io,
        sync::{Arc, Mutex},
    };

    /// Log lines, caught.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Lines {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    async fn show(request: HttpRequest) -> &'static str {
        request.extensions_mut().insert(KeyId(Uuid::nil()));
        "shown"
    }

    async fn broken() -> Result<&'static str, ApiError> {
        Err(Cause { what: "store", code: Some("57P01".into()) }.into())
    }

    /// As the console answers, where something broke.
    async fn page() -> HttpResponse {
        let mut page = HttpResponse::InternalServerError().content_type("text/html").body("<h1>Internal</h1>");
        page.extensions_mut().insert(Cause { what: "store", code: Some("57P01".into()) });
        page
    }

    async fn foreign() -> Result<&'static str, Error> {
        Err(error::ErrorBadGateway("jane@secret.example"))
    }

    async fn body(Json(_): Json<Value>) -> &'static str {
        "read"
    }

    async fn guarded<B>(_: ServiceRequest, _: Next<B>) -> Result<ServiceResponse<BoxBody>, Error> {
        Err(ApiError::Unauthorized.into())
    }

    struct Answer {
        status: u16,
        id: String,
        media: String,
        body: String,
        log: Vec<Value>,
        metrics: String,
    }

    /// Sends a request with everything in place and catches all it leaves behind.
    async fn ask(request: TestRequest) -> Answer {
        let lines = Lines::default();
        let writer = lines.clone();
        let log = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
        let _caught = tracing::subscriber::set_default(log);
        let metrics = web::Data::new(Metrics::new().unwrap());
        let app = App::new()
            .app_data(metrics.clone())
            .route("/shown/{id}", web::get().to(show))
            .route("/broken", web::get().to(broken))
            .route("/page", web::get().to(page))
            .route("/foreign", web::get().to(foreign))
            .route("/body", web::post().to(body))
            .service(web::scope("/guarded").wrap(from_fn(guarded::<BoxBody>)).route("", web::get().to(show)))
            .wrap(from_fn(observe));
        let response = match try_call_service(&init_service(app).await, request.to_request()).await {
            Ok(response) => response.map_into_boxed_body(),
            Err(error) => ServiceResponse::new(TestRequest::default().to_http_request(), error.error_response()),
        };
        let header = |name| response.headers().get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default();
        let (status, id, media) = (response.status().as_u16(), header("x-request-id"), header("content-type"));
        let body = String::from_utf8(read_body(response).await.to_vec()).unwrap();
        let log = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let log = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        Answer { status, id, media, body, log, metrics: metrics.render() }
    }

    #[actix_web::test]
    async fn a_request_leaves_one_line_and_one_count() {
        let answer = ask(TestRequest::get().uri("/shown/jane@secret.example?q=secret")).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "shown"));
        let [line] = answer.log.as_slice() else { panic!("not one line: {:?}", answer.log) };
        assert_eq!(line["route"], "/shown/{id}");
        assert_eq!((&line["method"], &line["key_id"]), (&"GET".into(), &Uuid::nil().to_string().into()));
        assert_eq!((&line["status"], &line["request_id"]), (&200.into(), &answer.id.as_str().into()));
        assert!(line["duration_ms"].is_number() && !line.to_string().contains("secret"), "{line}");
        let count = r#"http_requests_total{method="GET",route="/shown/{id}",status="200"} 1"#;
        assert!(answer.metrics.contains(count) && !answer.metrics.contains("secret"), "{}", answer.metrics);
    }

    #[actix_web::test]
    async fn sane_request_ids_are_kept_and_others_replaced() {
        let long = "a".repeat(65);
        for (given, kept) in [("abc-D_9", true), ("", false), ("a b", false), ("a\"b", false), (&long, false)] {
            let answer = ask(TestRequest::get().uri("/shown/1").insert_header((REQUEST_ID, given))).await;
            assert_eq!(answer.id == given, kept, "{given}");
            assert!(is_sane(&answer.id));
        }
    }

    #[actix_web::test]
    async fn every_error_is_a_problem_that_names_the_request() {
        let cases = [
            (TestRequest::get().uri("/broken"), 500, "/problems/internal", "/broken"),
            (TestRequest::get().uri("/foreign"), 502, "about:blank", "/foreign"),
            (TestRequest::get().uri("/nowhere/jane@secret.example"), 404, "about:blank", UNMATCHED),
            (TestRequest::post().uri("/broken"), 404, "about:blank", "/broken"),
            (TestRequest::get().uri("/guarded"), 401, "/problems/unauthorized", UNMATCHED),
            (TestRequest::post().uri("/body").set_payload("{"), 415, "/problems/unsupported-media-type", "/body"),
        ];
        for (request, status, kind, route) in cases {
            let answer = ask(request).await;
            assert_eq!((answer.status, answer.media.as_str()), (status, PROBLEM_JSON), "{kind} {}", answer.body);
            let problem: Body = serde_json::from_str(&answer.body).unwrap();
            assert_eq!((problem.status, problem.kind.as_ref()), (status, kind));
            assert_eq!(problem.instance, Some(format!("urn:request:{}", answer.id)));
            assert_eq!(answer.log.last().unwrap()["route"], route);
            let left = format!("{}{}{:?}", answer.body, answer.metrics, answer.log);
            assert!(!left.contains("secret"), "{left}");
        }
    }

    #[actix_web::test]
    async fn a_cause_is_logged_once() {
        for path in ["/broken", "/page"] {
            let answer = ask(TestRequest::get().uri(path)).await;
            let causes: Vec<_> = answer.log.iter().filter_map(|line| line.get("cause")).collect();
            assert_eq!(causes, ["store (57P01)"]);
            assert_eq!(answer.log.len(), 2);
            assert!(!answer.body.contains("57P01"));
        }
    }

    #[test]
    fn made_up_methods_share_a_label() {
        assert_eq!(known(&Method::GET), "GET");
        assert_eq!(known(&Method::from_bytes(b"JANE").unwrap()), "other");
    }
}
