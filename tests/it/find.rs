//! Finding people: lookup by each kind of identifier, match, search, explain.

use crate::{
    client::{Call, Client},
    sample::{jane, order, with},
    server::TestServer,
};
use serde_json::{Value, json};

/// Somebody who shares nothing with Jane.
fn oskar() -> Value {
    json!({"name": "Oskar Nyström", "emails": ["oskar@example.org"], "phones": ["+46701740622"]})
}

/// A server that knows Jane and Oskar; their profiles.
async fn jane_and_oskar(client: &Client) -> (Value, Value) {
    let jane = client.store(&order("1", &jane())).await;
    (jane, client.store(&order("2", &oskar())).await)
}

/// The profiles of an answer.
fn profiles(found: &Value) -> Vec<&Value> {
    found["items"].as_array().unwrap().iter().map(|profile| &profile["profile_id"]).collect()
}

#[tokio::test]
async fn people_are_looked_up_by_each_kind_of_identifier() {
    let server = TestServer::start().await;
    let client = server.client();
    let (jane, _) = jane_and_oskar(&client).await;
    for (query, body) in [
        ("email=Jane.Featherstone%40EXAMPLE.com", json!({"email": "Jane.Featherstone@EXAMPLE.com"})),
        ("phone=%2B44%2020%207946%200958", json!({"phone": "+44 20 7946 0958"})),
        ("phone=020%207946%200958&region=GB", json!({"phone": "020 7946 0958", "region": "GB"})),
        ("handle=instagram:@Jane.Feathers", json!({"handle": "instagram:jane.feathers"})),
        ("external_id=shop:uk:C-1001", json!({"external_id": "shop:uk:C-1001"})),
    ] {
        let got = client.get(&format!("/v1/profiles/lookup?{query}")).await;
        assert_eq!(profiles(&got), [&jane["profile_id"]], "{query}");
        assert_eq!(client.post("/v1/profiles/lookup", &body).await.expect(200).json(), got);
    }
}

#[tokio::test]
async fn a_lookup_finds_nobody_or_says_what_is_wrong() {
    let server = TestServer::start().await;
    let client = server.client();
    jane_and_oskar(&client).await;
    let nobody = client.get("/v1/profiles/lookup?email=nobody%40example.com").await;
    assert_eq!(nobody, json!({"items": []}));
    for query in ["", "?email=a%40b.org&phone=%2B1", "?email=nonsense", "?handle=jane", "?phone=abc", "?colour=red"] {
        client.check(Call::get(format!("/v1/profiles/lookup{query}"))).await.expect(422);
    }
    client.post("/v1/profiles/lookup", &json!({})).await.expect(422);
}

#[tokio::test]
async fn a_match_ranks_and_explains_and_writes_nothing() {
    let server = TestServer::start().await;
    let client = server.client();
    let (jane, _) = jane_and_oskar(&client).await;
    let before = client.assignments().await;
    let asked = json!({"name": "Jane Fetherstone", "emails": ["jane.featherstone@example.com"]});
    let found = client.post("/v1/profiles/match", &asked).await.expect(200).json();
    let best = &found["items"][0];
    assert_eq!(best["profile"]["profile_id"], jane["profile_id"]);
    assert_eq!(best["decision"], "match");
    let bits: f64 = best["contributions"].as_array().unwrap().iter().map(|part| part["bits"].as_f64().unwrap()).sum();
    assert!(bits > 0.0 && best["weight"].as_f64().unwrap() > 0.0, "{best}");
    let stranger = json!({"name": "Nobody Known", "emails": ["nobody@example.com"]});
    assert_eq!(client.post("/v1/profiles/match", &stranger).await.expect(200).json()["items"], json!([]));
    assert_eq!(client.assignments().await, before);
}

#[tokio::test]
async fn a_search_finds_by_word_beginning_mailbox_and_last_digits() {
    let server = TestServer::start().await;
    let client = server.client();
    let (jane, oskar) = jane_and_oskar(&client).await;
    for (text, expected) in [
        ("featherstone", &jane),
        ("Jane Featherstone", &jane),
        ("fea", &jane),
        ("nystrom", &oskar),
        ("Nyström Osk", &oskar),
        ("jane.featherstone@example.com", &jane),
        ("0958", &jane),
        ("40622", &oskar),
    ] {
        let found = client.post("/v1/profiles/search", &json!({"q": text})).await.expect(200).json();
        assert_eq!(profiles(&found), [&expected["profile_id"]], "{text}");
        let query: String =
            reqwest::Url::parse_with_params("http://x/", [("q", text)]).unwrap().query().unwrap().into();
        assert_eq!(client.get(&format!("/v1/profiles/search?{query}")).await, found);
    }
    for text in ["nobody", "featherstones", "jane nystrom", "9999"] {
        let found = client.post("/v1/profiles/search", &json!({"q": text})).await.expect(200).json();
        assert_eq!(found, json!({"items": []}), "{text}");
    }
    client.post("/v1/profiles/search", &json!({"q": "fe"})).await.expect(422);
}

#[tokio::test]
async fn why_two_are_one_person_or_not_is_told_for_records_and_profiles() {
    let server = TestServer::start().await;
    let client = server.client();
    let (jane, oskar) = jane_and_oskar(&client).await;
    let again = client.store(&with(order("3", &crate::sample::jane()), "/contact/given_name", json!("Janey"))).await;
    let explain = async |a: &Value, b: &Value| {
        client.get(&format!("/v1/explain?a={}&b={}", a.as_str().unwrap(), b.as_str().unwrap())).await
    };
    let same = explain(&jane["record_id"], &again["record_id"]).await;
    assert_eq!(same["decision"], "match", "{same}");
    let apart = explain(&jane["profile_id"], &oskar["profile_id"]).await;
    assert_eq!(apart["decision"], "no_match", "{apart}");
    let mixed = explain(&jane["profile_id"], &again["record_id"]).await;
    assert_eq!(mixed["decision"], "match", "{mixed}");
}

#[tokio::test]
async fn what_cannot_be_explained_is_404_or_422() {
    let server = TestServer::start().await;
    let client = server.client();
    let jane = client.store(&order("1", &jane())).await;
    let known = jane["record_id"].as_str().unwrap();
    let unknown = "record_3p4d30xva5wc8hnzr0aybeewr0";
    client.check(Call::get(format!("/v1/explain?a={known}&b={unknown}"))).await.expect(404);
    client.check(Call::get(format!("/v1/explain?a={known}&b=jane"))).await.expect(422);
    client.check(Call::get(format!("/v1/explain?a={known}"))).await.expect(422);
}
