//! Judgements: a steward joins, parts, and takes it back; then everything is as it was.

use crate::{
    client::{Call, Client},
    people::Person,
    sample::{jane, order, with},
    server::TestServer,
};
use onefold::actions::access::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn delete(judgement: &Value) -> Call {
    Call::new(Method::DELETE, path(judgement))
}

fn path(judgement: &Value) -> String {
    format!("/v1/judgements/{}", judgement["judgement"]["judgement_id"].as_str().unwrap())
}

/// Rules over two sets of ids.
async fn judge(client: &Client, verdict: &str, a: &[&Value], b: &[&Value]) -> Value {
    let ruling = json!({"a": a, "b": b, "verdict": verdict, "reason": "They said so on the phone."});
    client.post("/v1/judgements", &ruling).await.expect(201).json()
}

/// Somebody of whom a name and a mailbox are known.
pub fn person(number: u32) -> Value {
    let Person { given, family, emails: [email, _], .. } = Person::number(number);
    json!({"given_name": given, "family_name": family, "emails": [email]})
}

/// Which profile holds each event, and all that can be told of each of them but for its version.
pub async fn everything(client: &Client) -> BTreeMap<String, Value> {
    let assignments = client.assignments().await;
    let mut all = BTreeMap::from([(String::new(), json!(assignments))]);
    for row in assignments.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        // Nobody may be in an event.
        let Some(id) = row["profile_id"].as_str() else { continue };
        let profile = client.get(&format!("/v1/profiles/{id}?include=provenance,alternatives")).await;
        all.insert(id.to_owned(), with(profile, "/version", Value::Null));
    }
    all
}

/// The profile that an id resolves to.
pub async fn living(client: &Client, id: &Value) -> Value {
    client.get(&format!("/v1/profiles/{}", id.as_str().unwrap())).await["profile_id"].clone()
}

#[tokio::test]
async fn what_is_judged_one_person_is_one_profile_until_it_is_withdrawn() {
    let server = TestServer::start().await;
    let client = server.client();
    let [a, b] = [client.store(&order("1", &person(1))).await, client.store(&order("2", &person(2))).await];
    let before = everything(&client).await;
    let judged = judge(&client, "same", &[&a["record_id"]], &[&b["record_id"]]).await;
    assert_eq!(judged["judgement"]["verdict"], "same");
    assert_eq!(judged["judgement"]["a"], json!([a["record_id"]]));
    assert_eq!((&judged["judgement"]["actor"], &judged["judgement"]["withdrawn_at"]), (&json!("admin"), &Value::Null));
    let profiles = judged["profiles"].as_array().unwrap();
    assert_eq!(profiles.len(), 1);
    for id in [&a["profile_id"], &b["profile_id"]] {
        assert_eq!(living(&client, id).await, profiles[0]);
    }
    assert_eq!(client.get(&path(&judged)).await, judged);

    let withdrawn = client.check(delete(&judged)).await.expect(200).json();
    assert!(withdrawn["judgement"]["withdrawn_at"].is_string(), "{withdrawn}");
    assert_eq!(withdrawn["profiles"].as_array().unwrap().len(), 2);
    assert_eq!(everything(&client).await, before);
    assert_eq!(client.check(delete(&judged)).await.expect(200).json(), withdrawn);
    assert_eq!(client.get(&path(&judged)).await, withdrawn);
    let history = client.get(&format!("/v1/profiles/{}/history", b["profile_id"].as_str().unwrap())).await;
    let kinds: Vec<&Value> = history["items"].as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["restored", "retired", "created"]);
}

#[tokio::test]
async fn what_is_judged_two_people_is_two_profiles_whatever_arrives_until_it_is_withdrawn() {
    let server = TestServer::start().await;
    let client = server.client();
    let janey = with(order("2", &jane()), "/contact/given_name", json!("Janey"));
    let [a, b] = [client.store(&order("1", &jane())).await, client.store(&janey).await];
    assert_eq!(a["profile_id"], b["profile_id"]);
    let before = everything(&client).await;
    let judged = judge(&client, "different", &[&a["record_id"]], &[&b["record_id"]]).await;
    assert_eq!(judged["profiles"].as_array().unwrap().len(), 2);
    client.store(&with(order("3", &jane()), "/contact/given_name", json!("Jane Janey"))).await;
    let profiles = async |of: &Value| {
        client.get(&format!("/v1/records/{}", of["record_id"].as_str().unwrap())).await["profile_id"].clone()
    };
    assert_ne!(profiles(&a).await, profiles(&b).await);
    let parted = everything(&client).await;
    assert_ne!(parted, before);

    client.check(delete(&judged)).await.expect(200);
    assert_eq!(profiles(&a).await, profiles(&b).await);
    let again = judge(&client, "different", &[&b["record_id"]], &[&a["record_id"]]).await;
    assert_eq!(everything(&client).await, parted);
    client.check(delete(&again)).await.expect(200);
    assert_eq!(profiles(&b).await, a["profile_id"]);
}

#[tokio::test]
async fn a_profile_stands_for_what_it_holds_and_a_retired_one_for_its_survivor() {
    let server = TestServer::start().await;
    let client = server.client();
    let mut stored = Vec::new();
    for number in 1..4 {
        stored.push(client.store(&order(&number.to_string(), &person(number))).await);
    }
    let [a, b, c] = [&stored[0]["profile_id"], &stored[1]["profile_id"], &stored[2]["profile_id"]];
    let before = everything(&client).await;
    let first = judge(&client, "same", &[a], &[b]).await;
    let joined = everything(&client).await;
    let second = judge(&client, "same", &[b], &[c]).await;
    assert_eq!(second["judgement"]["a"].as_array().unwrap().len(), 2);
    assert_eq!(second["profiles"].as_array().unwrap().len(), 1);
    let sides = json!({"a": [a, b], "b": [&stored[1]["record_id"]], "verdict": "different"});
    let problem = client.post("/v1/judgements", &sides).await.expect(422).json();
    assert_eq!(problem["errors"], json!([{"pointer": "/b", "code": "overlap"}]));
    client.check(delete(&second)).await.expect(200);
    assert_eq!(everything(&client).await, joined);
    client.check(delete(&first)).await.expect(200);
    assert_eq!(everything(&client).await, before);
}

/// The first withdrawn leaves the second in force; ids that stay retired follow their records.
#[tokio::test]
async fn judgements_are_withdrawn_in_any_order() {
    let server = TestServer::start().await;
    let client = server.client();
    let mut stored = Vec::new();
    for number in 1..4 {
        stored.push(client.store(&order(&number.to_string(), &person(number))).await);
    }
    let before = everything(&client).await;
    let [a, b, c] = [&stored[0], &stored[1], &stored[2]];
    let first = judge(&client, "same", &[&b["record_id"]], &[&c["record_id"]]).await;
    let joined = everything(&client).await;
    let second = judge(&client, "same", &[&a["record_id"]], &[&b["record_id"]]).await;
    client.check(delete(&first)).await.expect(200);
    assert_eq!(living(&client, &c["profile_id"]).await, c["profile_id"]);
    assert_eq!(living(&client, &a["profile_id"]).await, living(&client, &b["profile_id"]).await);
    client.check(delete(&second)).await.expect(200);
    assert_eq!(everything(&client).await, before);

    judge(&client, "same", &[&b["record_id"]], &[&c["record_id"]]).await;
    let third = judge(&client, "same", &[&a["record_id"]], &[&b["record_id"]]).await;
    client.check(delete(&third)).await.expect(200);
    assert_eq!(everything(&client).await, joined);
    assert_eq!(living(&client, &c["profile_id"]).await, living(&client, &b["profile_id"]).await);
}

#[tokio::test]
async fn in_a_contradiction_different_applies() {
    let server = TestServer::start().await;
    let client = server.client();
    let [a, b] = [client.store(&order("1", &person(1))).await, client.store(&order("2", &person(2))).await];
    let same = judge(&client, "same", &[&a["record_id"]], &[&b["record_id"]]).await;
    let different = judge(&client, "different", &[&a["record_id"]], &[&b["record_id"]]).await;
    assert_eq!(different["profiles"].as_array().unwrap().len(), 2);
    client.check(delete(&different)).await.expect(200);
    assert_eq!(client.get(&path(&same)).await["profiles"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_not_known_or_no_ruling_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let client = server.client();
    let [a, b] = [client.store(&order("1", &person(1))).await, client.store(&order("2", &person(2))).await];
    let before = everything(&client).await;
    let (a, b) = (&a["record_id"], &b["record_id"]);
    let good = json!({"a": [a], "b": [b], "verdict": "same"});
    for unknown in ["record_3p4d30xva5wc8hnzr0aybeewr0", "profile_01m80et9pjef4vh9bb6tmevmkk"] {
        let ruling = with(good.clone(), "/b", json!([b, unknown]));
        client.post("/v1/judgements", &ruling).await.expect(404);
    }
    for (pointer, value, code) in [
        ("/a", json!([]), "empty"),
        ("/b", json!([]), "empty"),
        ("/b", json!([b, a]), "overlap"),
        ("/b", json!(vec![b; 501]), "too_many"),
        ("/a", json!(a), "wrong_type"),
        ("/verdict", json!("perhaps"), "invalid_value"),
        ("/verdict", Value::Null, "missing_field"),
        ("/reason", json!("ü".repeat(2_001)), "too_long"),
        ("/reason", json!("\0"), "nul_character"),
        ("/colour", json!("red"), "unknown_field"),
    ] {
        let problem = client.post("/v1/judgements", &with(good.clone(), pointer, value)).await.expect(422).json();
        assert_eq!(problem["errors"], json!([{"pointer": pointer, "code": code}]));
    }
    for id in ["jane", "event_01m80et9pjef4vh9bb6tmevmkk"] {
        let problem = client.post("/v1/judgements", &with(good.clone(), "/a/0", json!(id))).await.expect(422).json();
        assert_eq!(problem["errors"], json!([{"pointer": "/a/0", "code": "invalid_value"}]));
    }
    assert_eq!(everything(&client).await, before);
    for id in ["judgement_01m80et9pjef4vh9bb6tmevmkk", "judgement_x", "record_3p4d30xva5wc8hnzr0aybeewr0"] {
        client.check(Call::get(format!("/v1/judgements/{id}"))).await.expect(404);
        client.check(Call::new(Method::DELETE, format!("/v1/judgements/{id}"))).await.expect(404);
    }
    client.post("/v1/judgements", &with(good, "/reason", json!("ü".repeat(2_000)))).await.expect(201);
}

#[tokio::test]
async fn a_ruling_is_kept_with_who_ruled_and_why() {
    let server = TestServer::start().await;
    let client = server.client();
    let [a, b] = [client.store(&order("1", &person(1))).await, client.store(&order("2", &person(2))).await];
    let steward = server.client_for(&[Scope::ReviewWrite]).await;
    let judged = judge(&steward, "different", &[&a["profile_id"]], &[&b["profile_id"]]).await;
    assert_eq!(judged["judgement"]["actor"], "test");
    assert_eq!(judged["judgement"]["reason"], "They said so on the phone.");
    steward.check(Call::get(path(&judged))).await.expect(403);
    server.client_for(&[Scope::ProfilesRead]).await.check(delete(&judged)).await.expect(403);
    steward.check(delete(&judged)).await.expect(200);
}
