//! Events: sent once, sent again, sent changed, and read back.

use crate::{
    client::Call,
    sample::{jane, order, with},
    server::TestServer,
};
use serde_json::{Value, json};

#[tokio::test]
async fn an_event_is_stored_once_and_answered_the_same_again() {
    let server = TestServer::start().await;
    let client = server.client();
    let event = order("1", &jane());
    let first = client.post("/v1/events", &event).await.expect(201).json();
    assert_eq!(first["outcome"], "created");
    assert_eq!(first["changed"], json!([first["profile_id"]]));
    assert_eq!(first["warnings"], json!([]));
    assert_eq!(client.post("/v1/events", &event).await.expect(200).json(), first);
    assert_eq!(client.assignments().await.lines().count(), 1);
}

#[tokio::test]
async fn another_notation_of_one_meaning_is_a_replay() {
    let server = TestServer::start().await;
    let client = server.client();
    let first = client.store(&order("1", &jane())).await;
    let text = order("1", &jane()).to_string().replace("2026-03-02T10:00:00Z", "2026-03-02T11:00:00.000+01:00");
    let again =
        client.check(Call::post("/v1/events").body("application/json; charset=utf-8", format!(" {text}\n"))).await;
    assert_eq!(again.expect(200).json(), first);
}

#[tokio::test]
async fn an_event_that_differs_from_the_stored_one_is_a_conflict_and_changes_nothing() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store(&order("1", &jane())).await;
    let before = client.assignments().await;
    for (pointer, value) in [
        ("/contact/given_name", json!("Joan")),
        ("/occurred_at", json!("2026-03-02T10:00:01Z")),
        ("/channel", json!("email")),
        ("/traits", json!({"plan": "gold"})),
    ] {
        let problem = client.post("/v1/events", &with(order("1", &jane()), pointer, value)).await.expect(409).json();
        assert_eq!(problem["type"], "/problems/event-differs", "{pointer}");
    }
    assert_eq!(client.assignments().await, before);
}

#[tokio::test]
async fn one_id_in_two_sources_is_two_events() {
    let server = TestServer::start().await;
    let client = server.client();
    let first = client.store(&order("1", &jane())).await;
    let second = client.store(&with(order("1", &jane()), "/source", json!("crm"))).await;
    assert_ne!(first["event_id"], second["event_id"]);
    assert_eq!((&first["profile_id"], &second["outcome"]), (&second["profile_id"], &json!("attached")));
}

#[tokio::test]
async fn an_event_reads_back_as_it_was_given_by_either_name() {
    let server = TestServer::start().await;
    let client = server.client();
    let event = everything();
    let receipt = client.store(&event).await;
    let stored = client.get(&format!("/v1/events/{}", receipt["event_id"].as_str().unwrap())).await;
    assert_eq!(stored["event"], event);
    assert_eq!((&stored["record_id"], &stored["profile_id"]), (&receipt["record_id"], &receipt["profile_id"]));
    assert_eq!(client.get("/v1/events?source=shop&source_event_id=full").await, stored);
    client.check(Call::get("/v1/events?source=shop&source_event_id=other")).await.expect(404);
    client.check(Call::get("/v1/events?source=shop")).await.expect(422);
}

#[tokio::test]
async fn an_event_with_nobody_in_it_is_stored_and_says_so() {
    let server = TestServer::start().await;
    let client = server.client();
    for (id, contact) in [("1", Value::Null), ("2", json!({})), ("3", json!({"emails": ["test@test.com"]}))] {
        let receipt = client.store(&with(order(id, &jane()), "/contact", contact)).await;
        assert_eq!((&receipt["outcome"], &receipt["changed"]), (&json!("unresolved"), &json!([])));
        assert!(receipt.get("profile_id").is_none() && receipt.get("record_id").is_none(), "{receipt}");
        let stored = client.get(&format!("/v1/events/{}", receipt["event_id"].as_str().unwrap())).await;
        assert_eq!((&stored["record_id"], &stored["profile_id"]), (&Value::Null, &Value::Null));
    }
    assert!(client.assignments().await.lines().all(|line| line.contains(r#""profile_id":null"#)));
}

#[tokio::test]
async fn in_a_batch_a_bad_item_does_not_spoil_the_rest() {
    let server = TestServer::start().await;
    let client = server.client();
    let good = order("1", &jane());
    let lines = [
        good.to_string(),
        "{\"source\":".into(),
        with(good.clone(), "/channel", Value::Null).to_string(),
        String::new(),
        good.to_string(),
        with(good.clone(), "/agent", json!("a17")).to_string(),
    ];
    let answer = client.check(Call::post("/v1/events/batch").body("application/x-ndjson", lines.join("\n"))).await;
    let items = answer.expect(200).json()["items"].clone();
    let of_each = |field: &str| items.as_array().unwrap().iter().map(|item| item[field].clone()).collect::<Vec<_>>();
    assert_eq!(of_each("status"), [201, 400, 422, 200, 409]);
    assert_eq!(
        of_each("errors")[1..3],
        [json!([{"pointer": "", "code": "malformed_json"}]), json!([{"pointer": "/channel", "code": "missing_field"}])]
    );
    assert_eq!(items[0]["event_id"], items[3]["event_id"]);
    assert_eq!(client.assignments().await.lines().count(), 1);
}

#[tokio::test]
async fn an_empty_batch_has_no_results() {
    let server = TestServer::start().await;
    assert_eq!(server.client().post("/v1/events/batch", &json!([])).await.expect(200).json(), json!({"items": []}));
}

/// An event that has everything.
fn everything() -> Value {
    json!({"source": "shop", "source_event_id": "full", "channel": "email", "type": "message", "direction": "inbound",
        "occurred_at": "2026-03-02T10:00:00.123456Z", "conversation_id": "c-1", "agent": "a17",
        "contact": {"name": "Zoë Kraft", "given_name": "Zoë", "family_name": "Kraft",
            "emails": [{"value": "zoe@example.org", "assurance": "claimed"}],
            "phones": [{"value": "020 7946 0123", "region": "GB", "assurance": "observed"}],
            "handles": [{"network": "x", "value": "@zk", "assurance": "observed"}],
            "external_ids": [{"namespace": "crm", "value": "9", "assurance": "verified"}], "birth_date": "1980-05-06",
            "addresses": [{"street_address": "1 High St", "locality": "Leeds", "region": "West Yorkshire",
                "postal_code": "LS1 1AA", "country": "GB"}], "company": "Kraft Ltd", "job_title": "Owner",
            "language": "en-GB", "attributes": {"occupation": "baker", "left_handed": true, "shoe_size": 38.5}},
        "content": {"subject": "Hi", "text": "Where is it? \u{1f600}", "url": "https://shop.example/1", "tags": ["a", "b"]},
        "satisfaction": {"score": 4.0, "scale": 5.0}, "traits": {"plan": "gold", "seats": 3, "cart": ["x", {"y": null}]},
        "consent": {"email": "granted", "sms": "withdrawn"}})
}
