//! Keys: none, unknown, revoked, and what each scope allows.

use crate::{
    client::Call,
    command_line::{onefold, stdout},
    database::TestDatabase,
    process::Process,
    sample::{jane, order, with},
    server::TestServer,
};
use onefold::{
    actions::access::{DEFAULT_TENANT, Scope},
    store::api_keys,
};
use reqwest::Method;
use serde_json::json;

const PROFILE: &str = "profile_01m80et9pjef4vh9bb6tmevmkk";
const JUDGEMENT: &str = "judgement_01m80et9pjef4vh9bb6tmevmkk";
const RECORD: &str = "record_3p4d30xva5wc8hnzr0aybeewr0";

/// Every call that needs a key, well-formed, with the scope that it needs.
fn calls() -> Vec<(Scope, Call)> {
    let of_profile =
        ["", "/events", "/records", "/history", "/graph"].map(|part| format!("/v1/profiles/{PROFILE}{part}"));
    let others = [
        "/v1/events?source=a&source_event_id=b".to_owned(),
        "/v1/events/event_01m80et9pjef4vh9bb6tmevmkk".into(),
        format!("/v1/records/{RECORD}"),
        "/v1/profiles/lookup?email=a%40example.com".into(),
        "/v1/profiles/search?q=jane".into(),
        format!("/v1/explain?a={PROFILE}&b={RECORD}"),
        format!("/v1/judgements/{JUDGEMENT}"),
        "/v1/identifiers/shared".into(),
        "/v1/exports/assignments".into(),
    ];
    let mailbox = json!({"email": "a@example.com"});
    let ruling = json!({"a": [RECORD], "b": [PROFILE], "verdict": "same"});
    let mut calls: Vec<_> =
        of_profile.into_iter().chain(others).map(|path| (Scope::ProfilesRead, Call::get(path))).collect();
    calls.extend([
        (Scope::ProfilesRead, Call::post("/v1/profiles/lookup").json(&mailbox)),
        (Scope::ProfilesRead, Call::post("/v1/profiles/match").json(&jane())),
        (Scope::ProfilesRead, Call::post("/v1/profiles/search").json(&json!({"q": "jane"}))),
        (Scope::EventsWrite, Call::post("/v1/events").json(&order("1", &jane()))),
        (Scope::EventsWrite, Call::post("/v1/events/batch").json(&json!([]))),
        (Scope::ReviewWrite, Call::post("/v1/judgements").json(&ruling)),
        (Scope::ReviewWrite, Call::new(Method::DELETE, format!("/v1/judgements/{JUDGEMENT}"))),
        (Scope::Admin, Call::new(Method::PUT, "/v1/sources/shop").json(&json!({}))),
    ]);
    calls
}

/// A caller whose key is not known learns nothing about their mistakes, and their bodies are not read.
#[tokio::test]
async fn the_key_is_looked_at_before_anything_else() {
    let server = TestServer::start().await;
    let stranger = server.client_with(Some("onefold_1_unknown"));
    let malformed = |path: &str| Call::post(path).body("application/json", "{");
    for call in [
        malformed("/v1/events"),
        malformed("/v1/events/batch"),
        Call::post("/v1/profiles/match").body("text/plain", "x"),
        Call::get("/v1/explain"),
        Call::get("/v1/profiles/search"),
        Call::get("/v1/profiles/none"),
        Call::get(format!("/v1/profiles/{PROFILE}?limit=no")),
    ] {
        stranger.check(call).await.expect(401);
    }
}

#[tokio::test]
async fn without_a_valid_key_nothing_is_answered() {
    let server = TestServer::start().await;
    let (revoked, id) = server.key(&[Scope::Admin]).await;
    server.client_with(Some(&revoked)).check(Call::get("/v1/exports/assignments")).await.expect(200);
    server.revoke(id).await;
    server.client_with(Some(&revoked)).refused_within_a_second().await;
    for key in [None, Some("onefold_1_unknown"), Some("onefold_2_unknown"), Some("x"), Some(revoked.as_str())] {
        let client = server.client_with(key);
        for (_, call) in calls() {
            let answer = client.check(call).await.expect(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    let basic = Call::get("/v1/exports/assignments").header("authorization", "Basic dXNlcjpwYXNz");
    server.client_with(None).check(basic).await.expect(401);
}

#[tokio::test]
async fn a_key_that_is_taken_back_is_refused_by_all_servers_within_a_second() {
    let database = TestDatabase::fresh().await;
    let servers = [Process::serve(&database), Process::serve(&database)];
    let key = stdout(onefold(&database.url, &["key", "create", "--scopes", "profiles:read"]));
    let clients = servers.each_ref().map(|server| server.client_with(key.trim()));
    for client in &clients {
        client.check(Call::get("/v1/identifiers/shared")).await.expect(200);
    }
    let listed = stdout(onefold(&database.url, &["key", "list"]));
    let id = listed.lines().find(|line| line.contains("profiles:read")).and_then(|line| line.split('\t').next());
    onefold(&database.url, &["key", "revoke", id.unwrap()]);
    for client in &clients {
        client.refused_within_a_second().await;
    }
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_and_no_more() {
    let server = TestServer::start().await;
    for scope in [Scope::EventsWrite, Scope::ProfilesRead, Scope::EventsVerify, Scope::ReviewWrite] {
        let client = server.client_for(&[scope]).await;
        for (needed, call) in calls() {
            let answer = client.check(call).await;
            assert_eq!(answer.status == 403, needed != scope, "{scope}\n{answer}");
        }
    }
}

#[tokio::test]
async fn health_metrics_and_the_document_need_no_key() {
    let server = TestServer::start().await;
    for path in ["/livez", "/readyz", "/metrics", "/openapi.yaml"] {
        server.client_with(None).check(Call::get(path)).await.expect(200);
    }
}

#[tokio::test]
async fn a_key_that_may_not_read_is_told_the_events_id_alone() {
    let server = TestServer::start().await;
    let writer = server.client_for(&[Scope::EventsWrite]).await;
    let first = writer.store(&order("1", &jane())).await;
    assert_eq!(first, json!({"event_id": first["event_id"]}));
    assert_eq!(writer.post("/v1/events", &order("1", &jane())).await.expect(200).json(), first);
    let batch = json!([order("1", &jane()), order("2", &jane())]);
    let items = writer.post("/v1/events/batch", &batch).await.expect(200).json()["items"].clone();
    assert_eq!(items[0], json!({"status": 200, "event_id": first["event_id"]}));
    assert_eq!(items[1], json!({"status": 201, "event_id": items[1]["event_id"]}));
}

#[tokio::test]
async fn only_a_key_that_may_says_that_an_identifier_is_verified() {
    let server = TestServer::start().await;
    let mailbox = json!({"value": "jane@example.com", "assurance": "verified"});
    let event = with(order("1", &jane()), "/contact/emails", json!(["a@example.com", mailbox]));
    let writer = server.client_for(&[Scope::EventsWrite]).await;
    let problem = writer.post("/v1/events", &event).await.expect(422).json();
    assert_eq!(problem["errors"], json!([{"pointer": "/contact/emails/1/assurance", "code": "not_allowed"}]));
    let items = writer.post("/v1/events/batch", &json!([event])).await.expect(200).json()["items"].clone();
    assert_eq!((&items[0]["status"], &items[0]["errors"]), (&json!(422), &problem["errors"]));
    let verifier = server.client_for(&[Scope::EventsWrite, Scope::EventsVerify]).await;
    verifier.store(&event).await;
    let golden =
        server.client().get("/v1/profiles/lookup?email=jane%40example.com").await["items"][0]["golden"].clone();
    assert_eq!(golden["emails"][0], mailbox);
}

#[tokio::test]
async fn the_database_holds_a_hash_of_each_key_and_not_the_key() {
    let server = TestServer::start().await;
    let (key, id) = server.key(&[Scope::ProfilesRead]).await;
    server.client_with(Some(&key)).check(Call::get("/v1/exports/assignments")).await.expect(200);
    let secret = key.rsplit('_').next().unwrap();
    let rows = api_keys::all(&server.database.connect().await, DEFAULT_TENANT).await.unwrap();
    let row = rows.iter().find(|row| row.id == id).unwrap();
    assert!(!format!("{row:?}").contains(secret));
    assert_ne!(row.hash, key.as_bytes());
    for file in server.database.files() {
        let bytes = std::fs::read(&file).unwrap();
        let holds_it = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!holds_it, "the key stands in {}", file.display());
    }
}
