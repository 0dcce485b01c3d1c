//! What answers where no handler does: 404 for unknown paths, 405 for unknown methods, and problems for foreign errors.

use super::problem::{ApiError, PROBLEM_JSON, Problem};
use actix_web::{
    Error, HttpRequest, HttpResponse, Route,
    body::{BoxBody, MessageBody},
    dev::{ResourceDef, ServiceResponse},
    http::{Method, header::CONTENT_TYPE},
    web,
};
use std::sync::Arc;
use utoipa::openapi::{OpenApi, PathItem};

/// The default service of an app: it knows every path of the document, and its methods.
#[must_use]
pub fn service(document: &OpenApi) -> Route {
    let routes = Arc::new(Routes::of(document));
    web::to(move |request: HttpRequest| {
        let refusal = routes.refuse(request.path());
        async move { Err::<HttpResponse, _>(refusal) }
    })
}

/// Any error answer as a problem that names the request: ours anew, a foreign one (actix's own are plain text) by its
/// status, with its headers. Pages keep their own.
pub(super) fn as_problem<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    request_id: &str,
) -> ServiceResponse<BoxBody> {
    if let Some(ours) = response.response().error().and_then(Error::as_error::<ApiError>) {
        let problem = ours.respond(Some(request_id));
        return response.into_response(problem);
    }
    if !needs_a_body(response.response()) {
        return response.map_into_boxed_body();
    }
    let (request, response) = response.into_parts();
    let problem = Problem::blank(response.status()).put_into(response.drop_body(), Some(request_id));
    ServiceResponse::new(request, problem)
}

/// Whether an answer is an error that is neither a problem nor a page.
fn needs_a_body<B>(response: &HttpResponse<B>) -> bool {
    let status = response.status();
    let media = response.headers().get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    let says_it_well = media.starts_with(PROBLEM_JSON.as_bytes()) || media.starts_with(b"text/html");
    (status.is_client_error() || status.is_server_error()) && !says_it_well
}

/// The paths that exist, and their methods.
struct Routes(Vec<(ResourceDef, Vec<Method>)>);

impl Routes {
    fn of(document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        Self(paths.map(|(template, item)| (ResourceDef::new(template.as_str()), methods(item))).collect())
    }

    /// 405 where the path exists for other methods. Templates may overlap (`/profiles/{id}`, `/profiles/lookup`): what
    /// either allows would have been routed.
    fn refuse(&self, path: &str) -> ApiError {
        let mut allowed: Vec<Method> = Vec::new();
        for (_, methods) in self.0.iter().filter(|(template, _)| template.is_match(path)) {
            allowed.extend(methods.iter().cloned());
        }
        allowed.sort_unstable_by(|a, b| a.as_str().cmp(b.as_str()));
        allowed.dedup();
        if allowed.is_empty() { ApiError::NotFound } else { ApiError::MethodNotAllowed(allowed) }
    }
}

fn methods(item: &PathItem) -> Vec<Method> {
    let operations = [
        (&item.get, Method::GET),
        (&item.put, Method::PUT),
        (&item.post, Method::POST),
        (&item.delete, Method::DELETE),
        (&item.options, Method::OPTIONS),
        (&item.head, Method::HEAD),
        (&item.patch, Method::PATCH),
        (&item.trace, Method::TRACE),
    ];
    let documented = operations.into_iter().filter(|(operation, _)| operation.is_some()).map(|(_, method)| method);
    // Whatever answers GET answers HEAD.
    documented.chain(item.get.as_ref().map(|_| Method::HEAD)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{
        App, delete, get, post,
        test::{TestRequest, call_service, init_service},
    };
    use utoipa::OpenApi as _;

    #[utoipa::path(responses((status = 200)))]
    #[get("/v1/profiles/{id}")]
    async fn show() -> &'static str {
        "shown"
    }

    #[utoipa::path(responses((status = 200)))]
    #[delete("/v1/profiles/{id}")]
    async fn remove() -> &'static str {
        "removed"
    }

    #[utoipa::path(responses((status = 200)))]
    #[post("/v1/profiles/lookup")]
    async fn look_up() -> &'static str {
        "found"
    }

    #[derive(utoipa::OpenApi)]
    #[openapi(paths(show, remove, look_up))]
    struct Api;

    #[actix_web::test]
    async fn unknown_paths_are_404_and_unknown_methods_405_with_allow() {
        let fallback = service(&Api::openapi());
        let app =
            init_service(App::new().service(show).service(remove).service(look_up).default_service(fallback)).await;
        let cases = [
            (Method::GET, "/v1/profiles/1", 200, None),
            (Method::PATCH, "/v1/profiles/1", 405, Some("DELETE, GET, HEAD")),
            (Method::PUT, "/v1/profiles/lookup", 405, Some("DELETE, GET, HEAD, POST")),
            (Method::POST, "/v1/profiles/lookup?q=jane", 200, None),
            (Method::GET, "/v1/profiles/1/jane", 404, None),
            (Method::GET, "/v1/profiles/", 404, None),
            (Method::GET, "/", 404, None),
        ];
        for (method, path, status, allow) in cases {
            let request = TestRequest::default().method(method.clone()).uri(path).to_request();
            let response = call_service(&app, request).await;
            assert_eq!(response.status().as_u16(), status, "{method} {path}");
            let allowed = response.headers().get("allow").map(|value| value.to_str().unwrap());
            assert_eq!(allowed, allow, "{method} {path}");
        }
    }
}
