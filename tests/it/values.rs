//! Values chosen by hand: they outrank what records give, go where the records go that they were chosen of, and are taken back.

use crate::{
    client::{Call, Client},
    judgements::{everything, person},
    sample::{order, with},
    server::TestServer,
};
use onefold::actions::access::Scope;
use reqwest::Method;
use serde_json::{Value, json};

fn path(profile: &Value, part: &str) -> String {
    format!("/v1/profiles/{}{part}", profile.as_str().unwrap())
}

async fn choose(client: &Client, profile: &Value, attribute: &str, value: Value) -> Value {
    let body = json!({"attribute": attribute, "value": value, "reason": "It says so on the passport."});
    client.post(&path(profile, "/values"), &body).await.expect(200).json()
}

async fn withdraw(client: &Client, judgement: &Value) {
    let id = judgement["judgement_id"].as_str().unwrap();
    client.check(Call::new(Method::DELETE, format!("/v1/judgements/{id}"))).await.expect(200);
}

async fn golden(client: &Client, profile: &Value) -> Value {
    client.get(&path(profile, "?include=provenance,alternatives")).await["golden"].clone()
}

/// Of each record whether the company of its profile is the chosen one.
async fn acme(client: &Client, records: &[Value]) -> Vec<bool> {
    let mut found = Vec::new();
    for record in records {
        let record = client.get(&format!("/v1/records/{}", record.as_str().unwrap())).await;
        found.push(golden(client, &record["profile_id"]).await["company"] == "Acme");
    }
    found
}

/// Somebody whom three records of different companies and names tell of.
async fn somebody(client: &Client) -> (Value, Vec<Value>) {
    let mut records = Vec::new();
    let mut profile = Value::Null;
    for number in 1..4 {
        let contact = with(person(1), "/company", json!(format!("Branch {number}")));
        let stored = client.store(&order(&number.to_string(), &contact)).await;
        records.push(stored["record_id"].clone());
        profile = stored["profile_id"].clone();
    }
    records.sort_by_key(Value::to_string);
    (profile, records)
}

#[tokio::test]
async fn a_chosen_value_outranks_whatever_records_give_until_it_is_withdrawn() {
    let server = TestServer::start().await;
    let client = server.client();
    let (profile, records) = somebody(&client).await;
    let before = everything(&client).await;
    let trial = client
        .post(&path(&profile, "/values?dry_run=true"), &json!({"attribute": "/company", "value": "Acme"}))
        .await
        .expect(200)
        .json();
    assert_eq!(trial["after"][0]["golden"]["company"], "Acme");
    assert_eq!(everything(&client).await, before);

    let chosen = choose(&client, &profile, "/company", json!(" Acme ")).await;
    let judgement = chosen["judgements"][0].clone();
    assert_eq!((&judgement["attribute"], &judgement["value"]), (&json!("/company"), &json!("Acme")));
    assert_eq!((&judgement["records"], &judgement["actor"]), (&json!(records), &json!("admin")));
    let id = &judgement["judgement_id"];
    let told = golden(&client, &profile).await;
    assert_eq!((&told["company"], &told["chosen"]), (&json!("Acme"), &json!({"/company": id})));
    assert_eq!(told["provenance"]["/company"], json!({"judgement_id": id, "rule": "by_hand"}));
    assert_eq!(told["alternatives"]["/company"].as_array().unwrap().len(), 3);
    let entry = client.get(&path(&profile, "/history?limit=1")).await["items"][0].clone();
    assert_eq!((&entry["kind"], &entry["judgement_id"], &entry["actor"]), (&json!("changed"), id, &json!("admin")));
    assert_eq!(entry["chosen"], json!([id]));
    assert_eq!(client.get(&path(&profile, "/values")).await, json!([judgement]));
    let judged = client.get(&format!("/v1/judgements/{}", id.as_str().unwrap())).await;
    assert_eq!((&judged["judgement"], &judged["profiles"]), (&judgement, &json!([profile])));

    // An event of a known normal form, one of a new record, and one that says the same.
    for (id, company) in [("4", "Branch 1"), ("5", "Branch 9"), ("6", "Acme")] {
        let later = with(
            order(id, &with(person(1), "/company", json!(company))),
            "/occurred_at",
            json!("2026-09-01T10:00:00Z"),
        );
        assert_eq!(client.store(&later).await["profile_id"], profile);
        assert_eq!(golden(&client, &profile).await["company"], "Acme");
    }
    withdraw(&client, &judgement).await;
    let told = golden(&client, &profile).await;
    assert_eq!((told["company"] != "Acme", told.get("chosen")), (false, None), "the latest event says it, too");
    assert_eq!(told["provenance"]["/company"]["rule"], "most_recent");
    assert_eq!(client.get(&path(&profile, "/values")).await, json!([]));
}

#[tokio::test]
async fn of_two_choices_the_later_counts_and_withdrawing_restores_what_was() {
    let server = TestServer::start().await;
    let client = server.client();
    let (profile, _) = somebody(&client).await;
    let before = everything(&client).await;
    let first = choose(&client, &profile, "/name", json!("Ann Archer")).await;
    let one = everything(&client).await;
    let second = choose(&client, &profile, "/name", json!("Ann B. Archer")).await;
    let other = choose(&client, &profile, "/attributes/size", json!(42)).await;
    let told = golden(&client, &profile).await;
    assert_eq!((&told["name"], &told["attributes"]), (&json!("Ann B. Archer"), &json!({"size": 42})));
    assert_eq!(client.get(&path(&profile, "/values")).await.as_array().unwrap().len(), 2);
    withdraw(&client, &other["judgements"][0]).await;
    withdraw(&client, &second["judgements"][0]).await;
    assert_eq!(everything(&client).await, one);
    withdraw(&client, &first["judgements"][0]).await;
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn a_choice_goes_where_most_of_its_records_go() {
    let server = TestServer::start().await;
    let client = server.client();
    let (profile, records) = somebody(&client).await;
    choose(&client, &profile, "/company", json!("Acme")).await;
    let whole = everything(&client).await;
    let wish = json!({"records": [records[1..]]});
    let split = client.post(&path(&profile, "/split"), &wish).await.expect(200).json();
    assert_eq!(acme(&client, &records).await, [false, true, true]);
    for judgement in split["judgements"].as_array().unwrap() {
        withdraw(&client, judgement).await;
    }
    assert_eq!(everything(&client).await, whole);

    // Into a larger profile, which has a choice of its own: the later one counts.
    let mut other = Value::Null;
    for (number, company) in ["One", "Two", "Three", "Four"].iter().enumerate() {
        let contact = with(person(2), "/company", json!(company));
        other = client.store(&order(&format!("other-{number}"), &contact)).await["profile_id"].clone();
    }
    choose(&client, &other, "/company", json!("Bolt")).await;
    choose(&client, &profile, "/job_title", json!("Smith")).await;
    client.post("/v1/profiles/merge", &json!({"profiles": [other, profile]})).await.expect(200);
    let told = golden(&client, &profile).await;
    assert_eq!((&told["company"], &told["job_title"]), (&json!("Bolt"), &json!("Smith")));
}

#[tokio::test]
async fn a_merge_takes_values_along_and_is_undone_with_them() {
    let server = TestServer::start().await;
    let client = server.client();
    let [a, b] = [client.store(&order("1", &person(1))).await, client.store(&order("2", &person(2))).await];
    let (a, b) = (&a["profile_id"], &b["profile_id"]);
    choose(&client, b, "/company", json!("Bolt")).await;
    let before = everything(&client).await;
    let theirs = golden(&client, b).await;
    let name = json!({"attribute": "/name", "value": theirs["name"]});
    let email = json!({"attribute": "/emails/0", "value": theirs["emails"][0]["value"]});
    let wish = json!({"profiles": [a, b], "values": [name, email], "reason": "They married."});
    let trial = client.post("/v1/profiles/merge?dry_run=true", &wish).await.expect(200).json();
    assert_eq!(everything(&client).await, before);
    let merged = client.post("/v1/profiles/merge", &wish).await.expect(200).json();
    let told = &merged["after"][0]["golden"];
    assert_eq!((&told["name"], &told["emails"][0]), (&theirs["name"], &theirs["emails"][0]));
    assert_eq!((&told["company"], &told["emails"]), (&json!("Bolt"), &trial["after"][0]["golden"]["emails"]));
    assert_eq!(told["given_name"], theirs["given_name"], "the parts are those of the chosen name");
    let judgements = merged["judgements"].as_array().unwrap();
    assert_eq!((judgements.len(), &judgements[0]["verdict"]), (3, &json!("same")));
    assert!(judgements[1..].iter().all(|value| value["part_of"] == judgements[0]["judgement_id"]));

    // A value alone, then the merge with what is left of it.
    withdraw(&client, &judgements[2]).await;
    assert_eq!(golden(&client, a).await["name"], theirs["name"]);
    withdraw(&client, &judgements[0]).await;
    assert_eq!(everything(&client).await, before);
    let value = client.get(&format!("/v1/judgements/{}", judgements[1]["judgement_id"].as_str().unwrap())).await;
    assert_eq!(value["judgement"]["withdrawn_by"], "admin");
}

#[tokio::test]
async fn the_past_tells_what_was_chosen_then() {
    let server = TestServer::start().await;
    let client = server.client();
    let (profile, _) = somebody(&client).await;
    let mut seen = Vec::new();
    let mut see = async || {
        let position = client.get(&path(&profile, "/history?limit=1")).await["items"][0]["position"].as_i64().unwrap();
        seen.push((position, client.get(&path(&profile, "?include=provenance,alternatives")).await));
    };
    see().await;
    let first = choose(&client, &profile, "/company", json!("Acme")).await;
    see().await;
    let second = choose(&client, &profile, "/company", json!("Bolt")).await;
    see().await;
    for chosen in [&second, &first] {
        withdraw(&client, &chosen["judgements"][0]).await;
        see().await;
    }
    for (position, then) in &seen {
        let past = client.get(&path(&profile, &format!("?include=provenance,alternatives&as_of={position}"))).await;
        assert_eq!(with(past, "/as_of", Value::Null), *then, "as of {position}");
    }
    let diff = client.get(&path(&profile, &format!("/diff?from={}&to={}", seen[0].0, seen[1].0))).await;
    let chosen = json!({"/company": first["judgements"][0]["judgement_id"]});
    let differences = json!([
        {"pointer": "/chosen", "after": chosen},
        {"pointer": "/company", "before": seen[0].1["golden"]["company"], "after": "Acme"}]);
    assert_eq!(diff["differences"], differences);
}

#[tokio::test]
async fn what_cannot_be_chosen_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let client = server.client();
    let (profile, _) = somebody(&client).await;
    let [b, c] = [client.store(&order("b", &person(2))).await, client.store(&order("c", &person(3))).await];
    let (b, retired) = (&b["profile_id"], &c["profile_id"]);
    client.post("/v1/profiles/merge", &json!({"profiles": [b, retired]})).await.expect(200);
    let before = everything(&client).await;
    let values = path(&profile, "/values");
    let [good, first] = ["/company", "/language"].map(|it| json!({"attribute": it, "value": "Acme"}));
    for (attribute, value, pointer, code) in [
        ("/colour", json!("red"), "/attribute", "invalid_value"),
        ("/consent/email", json!("granted"), "/attribute", "invalid_value"),
        ("/emails/1", json!("a@example.com"), "/attribute", "invalid_value"),
        ("/company", json!(7), "/value", "wrong_type"),
        ("/company", json!(" "), "/value", "empty"),
        ("/company", json!("x".repeat(501)), "/value", "too_long"),
        ("/name", json!("unknown"), "/value", "invalid_value"),
        ("/birth_date", json!("some day"), "/value", "invalid_value"),
        ("/phones/0", json!("call me"), "/value", "invalid_value"),
        ("/phones/0", json!("+442079460777"), "/value", "not_there"),
        ("/emails/0", json!("somebody@example.org"), "/value", "not_there"),
        ("/addresses/0", json!("1 Mill Lane"), "/value", "wrong_type"),
    ] {
        let refused = client.post(&values, &json!({"attribute": attribute, "value": value})).await.expect(422).json();
        assert_eq!(refused["errors"], json!([{"pointer": pointer, "code": code}]), "{attribute} {value}");
        let wish = json!({"profiles": [profile, b], "values": [first, {"attribute": attribute, "value": value}]});
        let refused = client.post("/v1/profiles/merge", &wish).await.expect(422).json();
        assert_eq!(refused["errors"], json!([{"pointer": format!("/values/1{pointer}"), "code": code}]));
    }
    for (body, pointer, code) in [
        (with(good.clone(), "/value", Value::Null), "/value", "missing_field"),
        (with(good.clone(), "/reason", json!("x".repeat(2_001))), "/reason", "too_long"),
        (with(good.clone(), "/colour", json!("red")), "/colour", "unknown_field"),
    ] {
        let refused = client.post(&values, &body).await.expect(422).json();
        assert_eq!(refused["errors"], json!([{"pointer": pointer, "code": code}]));
    }
    let twice = json!({"profiles": [profile, b], "values": [good, good]});
    let refused = client.post("/v1/profiles/merge", &twice).await.expect(422).json();
    assert_eq!(refused["errors"], json!([{"pointer": "/values/1/attribute", "code": "overlap"}]));
    let many = json!({"profiles": [profile, b], "values": vec![&good; 51]});
    client.post("/v1/profiles/merge", &many).await.expect(422);

    let unknown = json!("profile_01m80et9pjef4vh9bb6tmevmkk");
    client.post(&path(&unknown, "/values"), &good).await.expect(404);
    client.check(Call::get(path(&unknown, "/values"))).await.expect(404);
    let conflict = client.post(&path(retired, "/values"), &good).await.expect(409).json();
    assert_eq!(conflict["type"], "/problems/retired");
    for stale in ["\"0-0\"", "nonsense"] {
        client.check(Call::post(&values).json(&good).header("if-match", stale)).await.expect(412);
    }
    server.client_for(&[Scope::ProfilesRead]).await.post(&values, &good).await.expect(403);
    server.client_for(&[Scope::ReviewWrite]).await.check(Call::get(&values)).await.expect(403);
    assert_eq!(everything(&client).await, before);
    let tag = client.check(Call::get(path(&profile, ""))).await.expect(200).header("etag").to_owned();
    client.check(Call::post(&values).json(&good).header("if-match", &tag)).await.expect(200);
    client.check(Call::post(&values).json(&good).header("if-match", &tag)).await.expect(412);
}

#[tokio::test]
async fn a_choice_of_records_that_are_apart_is_one_profiles() {
    let server = TestServer::start().await;
    let client = server.client();
    let (profile, records) = somebody(&client).await;
    choose(&client, &profile, "/company", json!("Acme")).await;
    // One each: the choice goes with the smallest record.
    let wish = json!({"records": [[records[1]], [records[2]]]});
    let split = client.post(&path(&profile, "/split"), &wish).await.expect(200).json();
    assert_eq!(acme(&client, &records).await, [true, false, false]);
    // The two others become one again, and hold more: the third profile changes, though nothing happens to its records.
    let first = |side: &Value| side.as_array().unwrap().contains(&records[0]);
    for judgement in split["judgements"].as_array().unwrap() {
        if judgement["verdict"] == "different" && !first(&judgement["a"]) && !first(&judgement["b"]) {
            withdraw(&client, judgement).await;
        }
    }
    assert_eq!(acme(&client, &records).await, [false, true, true]);
}

/// Nothing but the choice ties them: who held it must lose it where two strangers become one.
#[tokio::test]
async fn a_choice_leaves_a_profile_to_which_nothing_happens() {
    let server = TestServer::start().await;
    let client = server.client();
    let (mut profiles, mut records) = (Vec::new(), Vec::new());
    for number in 1..4 {
        let stored = client.store(&order(&number.to_string(), &person(number))).await;
        profiles.push((stored["record_id"].clone(), stored["profile_id"].clone()));
        records.push(stored["record_id"].clone());
    }
    profiles.sort_by_key(|(record, _)| record.to_string());
    records.sort_by_key(Value::to_string);
    let ids: Vec<&Value> = profiles.iter().map(|(_, profile)| profile).collect();
    let merged = client.post("/v1/profiles/merge", &json!({"profiles": ids})).await.expect(200).json();
    choose(&client, ids[0], "/company", json!("Acme")).await;
    withdraw(&client, &merged["judgements"][0]).await;
    assert_eq!(acme(&client, &records).await, [true, false, false]);
    let merged = client.post("/v1/profiles/merge", &json!({"profiles": ids[1..]})).await.expect(200).json();
    assert_eq!(acme(&client, &records).await, [false, true, true]);
    withdraw(&client, &merged["judgements"][0]).await;
    assert_eq!(acme(&client, &records).await, [true, false, false]);
}
