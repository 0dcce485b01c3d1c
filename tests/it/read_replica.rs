//! A read replica: what shows profiles is read there, and what must not lag behind is not.
//!
//! The replica here never catches up: a second database with the same schema, and events of its own.

use crate::{
    client::{Call, Client},
    database::TestDatabase,
    process::Process,
    sample::{jane, order},
    server::TestServer,
};
use onefold::actions::access::Scope;
use serde_json::json;

/// A server whose replica is another database, which knows one event that the first does not.
async fn lagging() -> (Process, TestServer, TestDatabase, String) {
    let (replica, primary) = (TestServer::start().await, TestDatabase::fresh().await);
    let stored = replica.client().store(&order("there", &jane())).await;
    let server = Process::serve_with_replica(&primary, &replica.database);
    (server, replica, primary, stored["profile_id"].as_str().unwrap().to_owned())
}

async fn status(client: &Client, path: &str) -> u16 {
    client.check(Call::get(path)).await.status
}

#[tokio::test]
async fn what_shows_profiles_is_read_at_the_replica() {
    let (server, _replica, _primary, there) = lagging().await;
    let client = server.client();
    for part in ["", "/events", "/records", "/history", "/graph"] {
        assert_eq!(status(&client, &format!("/v1/profiles/{there}{part}")).await, 200, "{part}");
    }
    let mail = jane()["emails"][0].as_str().unwrap().replace('@', "%40");
    let found = client.get(&format!("/v1/profiles/lookup?email={mail}")).await;
    assert_eq!(found["items"][0]["profile_id"], json!(there));
    let searched = client.get(&format!("/v1/profiles/search?q={mail}")).await;
    assert_eq!(searched["items"][0]["profile_id"], json!(there));
    let matched = client.post("/v1/profiles/match", &jane()).await.expect(200).json();
    assert_eq!(matched["items"][0]["profile"]["profile_id"], json!(there));
    assert_eq!(client.assignments().await.lines().count(), 1);
}

#[tokio::test]
async fn what_must_not_lag_behind_is_read_and_written_at_the_database_itself() {
    let (server, replica, _primary, _) = lagging().await;
    let client = server.client();
    let stored = client.store(&order("here", &jane())).await;
    let event = format!("/v1/events/{}", stored["event_id"].as_str().unwrap());
    assert_eq!(client.get(&event).await["profile_id"], stored["profile_id"]);
    assert_eq!(client.post("/v1/events", &order("here", &jane())).await.expect(200).json(), stored);
    assert_eq!(status(&client, &format!("/v1/profiles/{}", stored["profile_id"].as_str().unwrap())).await, 404);
    // A key that the replica alone knows opens nothing.
    let (foreign, _) = replica.key(&[Scope::Admin]).await;
    assert_eq!(status(&server.client_with(&foreign), "/v1/identifiers/shared").await, 401);
}
