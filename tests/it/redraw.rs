//! Merging and splitting: a steward looks first, does it, and takes it back; then everything is as it was.

use crate::{
    client::{Call, Client},
    judgements::{everything, living, person},
    sample::{jane, order, with},
    server::TestServer,
};
use onefold::actions::access::Scope;
use reqwest::Method;
use serde_json::{Value, json};

/// Takes back all that a merge or a split ruled.
async fn take_back(client: &Client, change: &Value) {
    for judgement in change["judgements"].as_array().unwrap() {
        let id = judgement["judgement_id"].as_str().unwrap();
        client.check(Call::new(Method::DELETE, format!("/v1/judgements/{id}"))).await.expect(200);
    }
}

async fn merge(client: &Client, profiles: &[&Value], query: &str) -> Value {
    let wish = json!({"profiles": profiles, "reason": "They said so on the phone."});
    client.post(&format!("/v1/profiles/merge{query}"), &wish).await.expect(200).json()
}

fn split_path(profile: &Value) -> String {
    format!("/v1/profiles/{}/split", profile.as_str().unwrap())
}

fn ids(profiles: &Value) -> Vec<&Value> {
    profiles.as_array().unwrap().iter().map(|profile| &profile["profile_id"]).collect()
}

/// The entity tag of a profile as it is now.
async fn tag(client: &Client, profile: &Value) -> String {
    let path = format!("/v1/profiles/{}", profile.as_str().unwrap());
    client.check(Call::get(path)).await.expect(200).header("etag").to_owned()
}

#[tokio::test]
async fn a_merge_shows_what_it_would_do_does_it_and_is_taken_back() {
    let server = TestServer::start().await;
    let client = server.client();
    let small = client.store(&order("1", &person(1))).await;
    let large = client.store(&order("2", &person(2))).await;
    client.store(&order("3", &with(person(2), "/company", json!("Acme")))).await;
    let before = everything(&client).await;
    let (small, large) = (&small["profile_id"], &large["profile_id"]);

    let trial = merge(&client, &[small, large], "?dry_run=true").await;
    assert_eq!(everything(&client).await, before);
    assert_eq!((&trial["dry_run"], trial["before"].as_array().unwrap().len()), (&json!(true), 2));
    let tried = trial["judgements"][0]["judgement_id"].as_str().unwrap();
    client.check(Call::get(format!("/v1/judgements/{tried}"))).await.expect(404);

    let merged = merge(&client, &[small, large], "").await;
    assert_eq!(ids(&merged["after"]), [small], "the first one's id survives, though the other holds more");
    assert_eq!(merged["redirected"], json!([{"from": large, "to": small}]));
    for part in ["before", "after", "redirected"] {
        assert_eq!(merged[part], trial[part], "{part}");
    }
    let now = client.get(&format!("/v1/profiles/{}", large.as_str().unwrap())).await;
    assert_eq!(with(now, "/redirected_from", Value::Null), merged["after"][0]);

    take_back(&client, &merged).await;
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn a_split_holds_through_later_events_and_is_taken_back() {
    let server = TestServer::start().await;
    let client = server.client();
    let mut stored = Vec::new();
    for (id, given) in [("1", "Jane"), ("2", "Janey"), ("3", "Jane")] {
        let contact = with(with(jane(), "/given_name", json!(given)), "/company", json!(format!("Company {id}")));
        stored.push(client.store(&order(id, &contact)).await);
    }
    let profile = stored[2]["profile_id"].clone();
    assert!(stored.iter().all(|event| event["profile_id"] == profile));
    let before = everything(&client).await;
    let (path, wish) = (split_path(&profile), json!({"records": [[stored[1]["record_id"]]], "reason": "Two sisters."}));

    let trial = client.post(&format!("{path}?dry_run=true"), &wish).await.expect(200).json();
    assert_eq!(everything(&client).await, before);
    let split = client.post(&path, &wish).await.expect(200).json();
    assert_eq!((ids(&split["before"]), split["after"].as_array().unwrap().len()), (vec![&profile], 2));
    assert_eq!((&split["before"], &split["redirected"]), (&trial["before"], &trial["redirected"]));
    assert!(ids(&split["after"]).contains(&&profile), "what is left keeps the id");

    let of = async |event: &Value| {
        client.get(&format!("/v1/records/{}", event["record_id"].as_str().unwrap())).await["profile_id"].clone()
    };
    for (id, company) in [("4", "Company 1"), ("5", "Company 2"), ("6", "Company 7")] {
        client.store(&order(id, &with(jane(), "/company", json!(company)))).await;
        assert_eq!([of(&stored[0]).await, of(&stored[2]).await], [profile.clone(), profile.clone()]);
        assert_ne!(of(&stored[1]).await, profile);
    }
    take_back(&client, &split).await;
    assert_eq!([of(&stored[1]).await, living(&client, &profile).await], [profile.clone(), profile]);
}

#[tokio::test]
async fn the_second_of_two_stewards_is_told_that_it_has_changed() {
    let server = TestServer::start().await;
    let client = server.client();
    let mut profiles = Vec::new();
    for number in 1..4 {
        profiles.push(client.store(&order(&number.to_string(), &person(number))).await["profile_id"].clone());
    }
    let seen = tag(&client, &profiles[0]).await;
    let call = |other: &Value, tag: &str| {
        let wish = json!({"profiles": [profiles[0], other]});
        Call::post("/v1/profiles/merge").json(&wish).header("if-match", tag)
    };
    client.check(call(&profiles[1], &seen)).await.expect(200);
    let merged = everything(&client).await;
    for stale in [seen.as_str(), "\"0-0\"", "nonsense"] {
        client.check(call(&profiles[2], stale)).await.expect(412);
    }
    let held = client.get(&format!("/v1/profiles/{}/records", profiles[0].as_str().unwrap())).await;
    let split = |tag: &str| {
        let wish = json!({"records": [[held["items"][0]["record_id"]]]});
        Call::post(split_path(&profiles[0])).json(&wish).header("if-match", tag)
    };
    client.check(split(&seen)).await.expect(412);
    // What a steward joined is parted by taking that back.
    client.check(split(&tag(&client, &profiles[0]).await)).await.expect(409);
    assert_eq!(everything(&client).await, merged);
    client.check(call(&profiles[2], "*")).await.expect(200);
}

#[tokio::test]
async fn what_cannot_be_merged_or_split_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let client = server.client();
    let [a, b, c] = [
        client.store(&order("1", &person(1))).await,
        client.store(&order("2", &person(2))).await,
        client.store(&order("3", &person(3))).await,
    ];
    let retired = &c["profile_id"];
    merge(&client, &[&b["profile_id"], retired], "").await;
    let before = everything(&client).await;
    let unknown = json!("profile_01m80et9pjef4vh9bb6tmevmkk");
    let (a, a_record, b_record) = (&a["profile_id"], &a["record_id"], &b["record_id"]);
    for (profiles, pointer, code) in [
        (json!([a, a]), "/profiles/1", "overlap"),
        (json!([a]), "/profiles", "empty"),
        (json!([a, unknown]), "/profiles/1", "not_there"),
        (json!([a, b_record]), "/profiles/1", "invalid_value"),
    ] {
        let problem = client.post("/v1/profiles/merge", &json!({"profiles": profiles})).await.expect(422).json();
        assert_eq!(problem["errors"], json!([{"pointer": pointer, "code": code}]));
    }
    let conflict = client.post("/v1/profiles/merge", &json!({"profiles": [a, retired]})).await.expect(409).json();
    assert_eq!(conflict["type"], "/problems/retired");
    for (records, pointer, code) in [
        (json!([]), "/records", "empty"),
        (json!([[]]), "/records/0", "empty"),
        (json!([[a_record], [a_record]]), "/records", "overlap"),
        (json!([[b_record]]), "/records/0", "not_there"),
        (json!([[a_record]]), "/records", "too_many"),
    ] {
        let problem = client.post(&split_path(a), &json!({"records": records})).await.expect(422).json();
        assert_eq!(problem["errors"], json!([{"pointer": pointer, "code": code}]));
    }
    client.post(&split_path(&unknown), &json!({"records": [[a_record]]})).await.expect(404);
    client.post(&split_path(retired), &json!({"records": [[a_record]]})).await.expect(409);
    let reader = server.client_for(&[Scope::ProfilesRead]).await;
    reader.post("/v1/profiles/merge", &json!({"profiles": [a, b_record]})).await.expect(403);
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn a_merge_against_a_ruling_that_stands_is_refused() {
    let server = TestServer::start().await;
    let client = server.client();
    let [a, b] = [client.store(&order("1", &person(1))).await, client.store(&order("2", &person(2))).await];
    let ruling = json!({"a": [a["record_id"]], "b": [b["record_id"]], "verdict": "different"});
    client.post("/v1/judgements", &ruling).await.expect(201);
    let before = everything(&client).await;
    let wish = json!({"profiles": [a["profile_id"], b["profile_id"]]});
    let problem = client.post("/v1/profiles/merge", &wish).await.expect(409).json();
    assert_eq!(problem["type"], "/problems/contradiction");
    assert_eq!(everything(&client).await, before);
}
