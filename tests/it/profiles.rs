//! Profiles: the golden record, the timeline page by page, the records, the history.

use crate::{
    client::{Call, Client},
    sample::{jane, order, with},
    server::TestServer,
};
use reqwest::Method;
use serde_json::{Value, json};

/// A customer under his full name.
fn william() -> Value {
    json!({"given_name": "William", "family_name": "Hargreaves", "emails": ["w.hargreaves@example.com"],
        "phones": [{"value": "020 7946 0958", "region": "GB"}], "birth_date": "1990-01-02"})
}

/// The same one with another mailbox, under the name that his friends call him by.
fn bill() -> Value {
    json!({"given_name": "Bill", "family_name": "Hargreaves", "emails": ["bill@example.net"],
        "phones": ["+442079460958"], "birth_date": "1990-01-02"})
}

/// Two records of one person; the profile's id.
async fn two_records(client: &Client) -> String {
    let first = client.store(&order("1", &william())).await;
    let second = client.store(&with(order("2", &bill()), "/occurred_at", json!("2026-03-03T10:00:00Z"))).await;
    assert_eq!(first["profile_id"], second["profile_id"]);
    first["profile_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_profile_shows_its_golden_record_and_what_stands_behind_it() {
    let server = TestServer::start().await;
    let client = server.client();
    let id = two_records(&client).await;
    let profile = client.get(&format!("/v1/profiles/{id}")).await;
    assert_eq!((&profile["records"], &profile["events"]), (&json!(2), &json!(2)));
    assert_eq!(profile["first_at"], "2026-03-02T10:00:00Z");
    assert_eq!(profile["last_at"], "2026-03-03T10:00:00Z");
    let golden = &profile["golden"];
    assert_eq!(golden["family_name"], "Hargreaves");
    assert_eq!(golden["emails"].as_array().unwrap().len(), 2);
    assert_eq!(golden["phones"], json!([{"value": "+442079460958", "assurance": "observed"}]));
    assert!(golden.get("provenance").is_none() && golden.get("alternatives").is_none(), "{golden}");
}

/// The status of asking for a path with an entity tag.
async fn status(client: &Client, path: &str, tag: &str) -> u16 {
    client.check(Call::get(path).header("if-none-match", tag)).await.status
}

#[tokio::test]
async fn who_has_an_answer_already_is_told_that_it_still_holds() {
    let server = TestServer::start().await;
    let client = server.client();
    let id = two_records(&client).await;
    let (plain, included) = (format!("/v1/profiles/{id}"), format!("/v1/profiles/{id}?include=provenance"));
    let tag = client.check(Call::get(&plain)).await.expect(200).header("etag").to_owned();
    let unchanged = client.check(Call::get(&plain).header("if-none-match", &tag)).await.expect(304);
    assert_eq!((unchanged.header("etag"), unchanged.text.as_str()), (tag.as_str(), ""));
    assert_eq!(status(&client, &included, &tag).await, 200);
    let included_tag = client.check(Call::get(&included)).await.header("etag").to_owned();
    // An event that changes a count and no attribute.
    let version = client.get(&plain).await["version"].clone();
    client.store(&with(order("3", &bill()), "/occurred_at", json!("2026-03-03T09:00:00Z"))).await;
    assert_eq!(client.get(&plain).await["version"], version);
    assert_eq!(status(&client, &plain, &tag).await, 200);
    assert_eq!(status(&client, &included, &included_tag).await, 200);
}

#[tokio::test]
async fn head_answers_as_get_does_without_a_body() {
    let server = TestServer::start().await;
    let client = server.client();
    let id = two_records(&client).await;
    let profile = format!("/v1/profiles/{id}");
    let (got, head) =
        (client.check(Call::get(&profile)).await, client.check(Call::new(Method::HEAD, &profile)).await.expect(200));
    for header in ["etag", "content-type", "content-length"] {
        assert!(!got.header(header).is_empty());
        assert_eq!(got.header(header), head.header(header), "{header}");
    }
    for (path, status) in [("/livez", 200), ("/v1/exports/assignments", 200), ("/v1/profiles/none", 404)] {
        client.check(Call::new(Method::HEAD, path)).await.expect(status);
    }
    server.client_with(None).check(Call::new(Method::HEAD, &profile)).await.expect(401);
}

#[tokio::test]
async fn provenance_and_alternatives_are_told_when_asked_for() {
    let server = TestServer::start().await;
    let client = server.client();
    let id = two_records(&client).await;
    let both = client.get(&format!("/v1/profiles/{id}?include=provenance,alternatives")).await;
    assert_eq!(both["golden"]["provenance"]["/family_name"]["source"], "shop");
    let names: Vec<&Value> = both["golden"]["alternatives"]["/given_name"].as_array().unwrap().iter().collect();
    assert_eq!((names.len(), &names[0]["value"]), (1, &json!("William")));
    let one = client.get(&format!("/v1/profiles/{id}?include=provenance")).await;
    assert!(one["golden"].get("provenance").is_some() && one["golden"].get("alternatives").is_none());
    client.check(Call::get(format!("/v1/profiles/{id}?include=everything"))).await.expect(422);
}

#[tokio::test]
async fn records_tell_what_they_are_compared_by_and_who_saw_them() {
    let server = TestServer::start().await;
    let client = server.client();
    let id = two_records(&client).await;
    client.store(&with(order("3", &william()), "/source", json!("till"))).await;
    let records = client.get(&format!("/v1/profiles/{id}/records")).await["items"].clone();
    assert_eq!(records.as_array().unwrap().len(), 2);
    for record in records.as_array().unwrap() {
        let alone = client.get(&format!("/v1/records/{}", record["record_id"].as_str().unwrap())).await;
        assert_eq!((&alone, &alone["profile_id"]), (record, &json!(id)));
    }
    let williams = records.as_array().unwrap().iter().find(|record| record["events"] == 2).unwrap();
    let sources: Vec<&Value> =
        williams["observations"].as_array().unwrap().iter().map(|seen| &seen["source"]).collect();
    assert_eq!(sources, ["shop", "till"]);
    assert_eq!(williams["contact"]["given_name"], "William");
}

#[tokio::test]
async fn the_history_tells_what_happened_newest_first() {
    let server = TestServer::start().await;
    let client = server.client();
    let id = two_records(&client).await;
    let history = client.get(&format!("/v1/profiles/{id}/history")).await["items"].clone();
    let kinds: Vec<&Value> = history.as_array().unwrap().iter().map(|entry| &entry["kind"]).collect();
    assert_eq!(kinds, ["attached", "created"]);
    let first = client.get(&format!("/v1/profiles/{id}/history?limit=1")).await;
    let next = first["next"].as_str().unwrap();
    let second = client.get(&format!("/v1/profiles/{id}/history?limit=1&after={next}")).await;
    assert_eq!((&second["items"][0], &second["next"]), (&history[1], &Value::Null));
}

#[tokio::test]
async fn a_merged_profile_answers_with_its_survivor() {
    let server = TestServer::start().await;
    let client = server.client();
    let by_mail = json!({"name": "Zoë Kraft", "emails": ["zoe.kraft@example.com"]});
    let by_phone = json!({"name": "Zoë Kraft", "phones": ["+442079460123"]});
    let both = json!({"name": "Zoë Kraft", "emails": ["zoe.kraft@example.com"], "phones": ["+442079460123"]});
    let mut ids = Vec::new();
    for (id, contact) in [("1", &by_mail), ("2", &by_phone)] {
        ids.push(client.store(&order(id, contact)).await["profile_id"].as_str().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
    let merged = client.store(&order("3", &both)).await;
    assert_eq!((&merged["outcome"], merged["changed"].as_array().unwrap().len()), (&json!("merged"), 2));
    for id in ids {
        let profile = client.get(&format!("/v1/profiles/{id}")).await;
        assert_eq!(profile["profile_id"], merged["profile_id"]);
        let retired = merged["profile_id"] != json!(id);
        assert_eq!(profile.get("redirected_from"), retired.then_some(&json!(id)));
        assert_eq!(client.get(&format!("/v1/profiles/{id}/events")).await["items"].as_array().unwrap().len(), 3);
    }
}

/// Ten events of one person, one a minute, by turns from two sources over two channels and of two types.
async fn ten_events(client: &Client) -> String {
    let mut profile = String::new();
    for minute in 0..10 {
        let event = order(&format!("{minute}"), &jane());
        let event = with(event, "/occurred_at", json!(format!("2026-03-02T10:0{minute}:00Z")));
        let event = with(event, "/source", json!(if minute % 2 == 0 { "shop" } else { "till" }));
        let event = with(event, "/channel", json!(if minute < 4 { "order" } else { "in_store" }));
        let event = with(event, "/type", json!(if minute < 7 { "purchase" } else { "return" }));
        client.store(&event).await["profile_id"].as_str().unwrap().clone_into(&mut profile);
    }
    profile
}

/// The ids of the events of a timeline page.
fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["event"]["source_event_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_timeline_pages_from_new_to_old_without_gaps_or_doubles() {
    let server = TestServer::start().await;
    let client = server.client();
    let profile = ten_events(&client).await;
    let (mut seen, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let page = client.get(&format!("/v1/profiles/{profile}/events?limit=3{after}")).await;
        seen.extend(ids(&page));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!((pages, seen), (4, (0..10).rev().map(|minute| minute.to_string()).collect()));
}

#[tokio::test]
async fn events_of_one_instant_page_without_gaps_or_doubles() {
    let server = TestServer::start().await;
    let client = server.client();
    let events: Vec<Value> = (0..7).map(|id| order(&id.to_string(), &jane())).collect();
    client.store_all(&events).await;
    let profile = client.get("/v1/events?source=shop&source_event_id=0").await["profile_id"].clone();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/v1/profiles/{}/events?limit=2{after}", profile.as_str().unwrap())).await;
        seen.extend(ids(&page));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    seen.sort();
    assert_eq!(seen, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn a_timeline_filters_by_channel_type_source_and_time() {
    let server = TestServer::start().await;
    let client = server.client();
    let profile = ten_events(&client).await;
    for (filter, expected) in [
        ("channel=order", vec!["3", "2", "1", "0"]),
        ("type=return", vec!["9", "8", "7"]),
        ("source=till&type=return", vec!["9", "7"]),
        ("source=nobody", vec![]),
        ("from=2026-03-02T10:08:00Z", vec!["9", "8"]),
        ("to=2026-03-02T10:02:00Z", vec!["1", "0"]),
        ("from=2026-03-02T11:03:00%2B01:00&to=2026-03-02T10:06:00Z&channel=in_store", vec!["5", "4"]),
    ] {
        let page = client.get(&format!("/v1/profiles/{profile}/events?{filter}")).await;
        assert_eq!(ids(&page), expected, "{filter}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_what_cannot_be_asked_is_422() {
    let server = TestServer::start().await;
    let client = server.client();
    let id = two_records(&client).await;
    let unknown = "profile_01m80et9pjef4vh9bb6tmevmkk";
    for path in ["", "/events", "/records", "/history"] {
        for id in [unknown, "profile_x", "event_01m80et9pjef4vh9bb6tmevmkk", "%00"] {
            client.check(Call::get(format!("/v1/profiles/{id}{path}"))).await.expect(404);
        }
    }
    client.check(Call::get("/v1/records/record_01m80et9pjef4vh9bb6tmevmkk")).await.expect(404);
    client.check(Call::get("/v1/events/event_01m80et9pjef4vh9bb6tmevmkk")).await.expect(404);
    for query in ["limit=0", "limit=501", "limit=x", "after=x", "from=yesterday", "colour=red", "limit=1&limit=2"] {
        client.check(Call::get(format!("/v1/profiles/{id}/events?{query}"))).await.expect(422);
    }
}
