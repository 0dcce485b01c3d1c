//! Requests that are wrong around the body: media type, encoding, path, method, query.

use crate::{
    bad_input::{MARKER, assert_silent},
    client::Call,
    sample::{jane, order},
    server::TestServer,
};
use reqwest::Method;

#[tokio::test]
async fn a_body_of_another_type_or_encoding_is_refused() {
    let server = TestServer::start().await;
    let client = server.client();
    let body = order(MARKER, &jane()).to_string();
    for (path, media) in [
        ("/v1/events", "text/plain"),
        ("/v1/events", "application/x-ndjson"),
        ("/v1/events", "application/json; charset=latin1"),
        ("/v1/events", "application/x-www-form-urlencoded"),
        ("/v1/events/batch", "text/csv"),
        ("/v1/profiles/match", "application/xml"),
    ] {
        let answer = client.check(Call::post(path).body(media, body.clone())).await.expect(415);
        assert!(answer.header("accept-post").contains("application/json"), "{answer}");
        assert_silent(&answer);
    }
    let untyped = client.check(Call::post("/v1/events")).await;
    untyped.expect(415);
    let encoded = Call::post("/v1/events").body("application/json", body).header("content-encoding", "br");
    assert_eq!(client.check(encoded).await.expect(415).header("accept-encoding"), "gzip, identity");
    assert_eq!(client.assignments().await, "");
}

#[tokio::test]
async fn an_unknown_path_is_404_and_an_unknown_method_405_with_allow() {
    let server = TestServer::start().await;
    let client = server.client();
    for path in ["/zq-marker", "/v1", "/v1/zq-marker", "/v1/events/a/zq-marker", "/v1/profiles/a/zq-marker?q=zq-marker"]
    {
        assert_silent(&client.check(Call::get(path)).await.expect(404));
    }
    for (method, path, allow) in [
        (Method::DELETE, "/v1/events", "GET, HEAD, POST"),
        (Method::PUT, "/v1/events/batch", "GET, HEAD, POST"),
        (Method::PATCH, "/v1/profiles/zq-marker", "GET, HEAD"),
        (Method::POST, "/livez", "GET, HEAD"),
        (Method::GET, "/v1/sources/zq-marker", "PUT"),
        (Method::HEAD, "/v1/sources/zq-marker", "PUT"),
    ] {
        let answer = client.check(Call::new(method, path)).await.expect(405);
        assert_eq!(answer.header("allow"), allow, "{path}");
        assert_silent(&answer);
    }
}

#[tokio::test]
async fn a_query_is_read_as_strictly_as_a_body() {
    let server = TestServer::start().await;
    let client = server.client();
    for (query, pointer, code) in [
        ("email=zq-marker", "?email", "invalid_value"),
        ("colour=zq-marker", "?colour", "unknown_field"),
        ("email=a%40b.org&email=zq-marker", "?email", "duplicate_key"),
        ("email=zq-marker%00", "?email", "nul_character"),
    ] {
        let answer = client.check(Call::get(format!("/v1/profiles/lookup?{query}"))).await.expect(422);
        let error = &answer.json()["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&pointer.into(), &code.into()), "{answer}");
        assert_silent(&answer);
    }
}
