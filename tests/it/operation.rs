//! Operation: health, readiness, metrics, pages, connections.

use crate::{
    client::Call,
    database::TestDatabase,
    sample::{demo, jane, order, personal, with},
    server::TestServer,
};
use onefold::store::connect::connect_lanes;
use sea_orm::DbBackend;
use serde_json::json;

#[tokio::test]
async fn a_server_is_alive_and_ready_and_shows_its_document() {
    let server = TestServer::start().await;
    let client = server.client_with(None);
    assert_eq!(client.check(Call::get("/livez")).await.expect(200).text, "ok\n");
    assert_eq!(client.check(Call::get("/readyz")).await.expect(200).text, "ready\n");
    let document = client.check(Call::get("/openapi.yaml")).await.expect(200).text;
    assert_eq!(document, onefold::http::document::yaml().unwrap());
}

#[tokio::test]
async fn metrics_count_requests_by_template_and_events_by_outcome() {
    let server = TestServer::start().await;
    let client = server.client();
    let receipt = client.store(&order("1", &jane())).await;
    client.store(&with(order("2", &jane()), "/contact/given_name", json!("Janey"))).await;
    client.store(&order("3", &json!({}))).await;
    client.post("/v1/events", &order("1", &jane())).await.expect(200);
    client.post("/v1/events", &json!({})).await.expect(422);
    client.get(&format!("/v1/profiles/{}", receipt["profile_id"].as_str().unwrap())).await;
    client.check(Call::get("/v1/profiles/jane")).await.expect(404);
    client.check(Call::get("/jane")).await.expect(404);
    let metrics = client.check(Call::get("/metrics")).await.expect(200).text;
    for line in [
        r#"http_requests_total{method="POST",route="/v1/events",status="201"} 3"#,
        r#"http_requests_total{method="POST",route="/v1/events",status="200"} 1"#,
        r#"http_requests_total{method="POST",route="/v1/events",status="422"} 1"#,
        r#"http_requests_total{method="GET",route="/v1/profiles/{id}",status="200"} 1"#,
        r#"http_requests_total{method="GET",route="/v1/profiles/{id}",status="404"} 1"#,
        r#"http_requests_total{method="GET",route="unmatched",status="404"} 1"#,
        r#"onefold_events_total{outcome="created"} 1"#,
        r#"onefold_events_total{outcome="attached"} 1"#,
        r#"onefold_events_total{outcome="unresolved"} 1"#,
        "onefold_lane_queue_depth 0",
    ] {
        assert!(metrics.lines().any(|found| found == line), "no {line} in\n{metrics}");
    }
    assert!(!metrics.contains("jane"), "{metrics}");
}

#[tokio::test]
async fn metrics_name_nobody() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store_all(&demo()).await;
    for text in ["maren", "Lindqvist"] {
        client.post("/v1/profiles/search", &json!({"q": text})).await.expect(200);
        client.get(&format!("/v1/profiles/search?q={text}")).await;
    }
    let metrics = client.check(Call::get("/metrics")).await.expect(200).text;
    for text in personal(&demo()) {
        assert!(!metrics.contains(&text), "`{text}` stands in the metrics:\n{metrics}");
    }
}

#[tokio::test]
async fn the_docs_are_served_from_the_binary() {
    let server = TestServer::start().await;
    let page = server.page("/docs/").await;
    assert!(page.contains("swagger-ui"), "{page}");
    assert!(server.page("/").await.contains("/openapi.yaml"));
}

#[tokio::test]
async fn a_request_keeps_the_id_that_it_brings() {
    let server = TestServer::start().await;
    let client = server.client();
    let answer = client.check(Call::get("/v1/profiles/x").header("x-request-id", "trace-1")).await.expect(404);
    assert_eq!(answer.header("x-request-id"), "trace-1");
    assert_eq!(answer.json()["instance"], "urn:request:trace-1");
}

#[tokio::test]
async fn whoever_writes_has_all_connections_from_the_start() {
    let database = TestDatabase::fresh().await;
    for pool in connect_lanes(&database.url, 16).await.unwrap() {
        let (opened, expected) = match pool.get_database_backend() {
            DbBackend::Postgres => (pool.get_postgres_connection_pool().size(), 4),
            _ => (pool.get_sqlite_connection_pool().size(), 1),
        };
        assert_eq!(opened, expected);
    }
}
