//! Sources: what is registered of them holds for the events that follow.

use crate::{
    client::Call,
    sample::{order, with},
    server::TestServer,
};
use reqwest::Method;
use serde_json::json;

fn put(name: &str) -> Call {
    Call::new(Method::PUT, format!("/v1/sources/{name}"))
}

#[tokio::test]
async fn a_registered_default_region_reads_national_numbers() {
    let server = TestServer::start().await;
    let client = server.client();
    let national = json!({"name": "Jane Featherstone", "phones": ["020 7946 0958"]});
    let before = client.store(&order("1", &national)).await;
    assert_eq!(before["warnings"], json!([{"pointer": "/contact/phones/0", "code": "invalid_phone"}]));
    let registered = client.check(put("shop").json(&json!({"default_region": "GB"}))).await.expect(200).json();
    assert_eq!(registered, json!({"trust": 50, "priority": 50, "default_region": "GB"}));
    let after = client.store(&order("2", &national)).await;
    assert_eq!(after["warnings"], json!([]));
    let found = client.get("/v1/profiles/lookup?phone=%2B442079460958").await;
    assert_eq!(found["items"][0]["profile_id"], after["profile_id"]);
    let other = client.store(&with(order("3", &national), "/source", json!("till"))).await;
    assert_eq!(other["warnings"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_registration_that_makes_no_sense_is_refused() {
    let server = TestServer::start().await;
    let client = server.client();
    for (body, pointer) in [
        (json!({"default_region": "GBR"}), "/default_region"),
        (json!({"trust": 101}), "/trust"),
        (json!({"trust": -1}), "/trust"),
        (json!({"priority": "high"}), "/priority"),
        (json!({"colour": "red"}), "/colour"),
    ] {
        let problem = client.check(put("shop").json(&body)).await.expect(422).json();
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    client.check(put(&"x".repeat(101)).json(&json!({}))).await.expect(404);
}
