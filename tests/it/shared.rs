//! Identifiers that too many share: listed while they do, and no longer.

use crate::{
    client::{Call, Client},
    command_line::{onefold, stdout},
    people::Person,
    sample::{ndjson, order},
    server::TestServer,
};
use serde_json::{Value, json};

const PHONE: &str = "+442079460123";
const HANDLE: &str = "the.office";

/// People of as many names, who all call from one telephone and write from one account.
fn callers(from: u32, to: u32) -> Vec<Value> {
    let contact = |number| {
        let Person { given, family, emails: [email, _], .. } = Person::number(number);
        json!({"given_name": given, "family_name": family, "emails": [email], "phones": [PHONE],
            "handles": [{"network": "instagram", "value": HANDLE}]})
    };
    (from..to).map(|number| order(&number.to_string(), &contact(number))).collect()
}

async fn shared(client: &Client) -> Vec<Value> {
    client.get("/v1/identifiers/shared").await["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_people_of_ten_names_have_is_listed_until_they_are_fewer() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store_all(&callers(0, 8)).await;
    assert_eq!(shared(&client).await, Vec::<Value>::new());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("more.ndjson");
    std::fs::write(&file, ndjson(&callers(8, 10))).unwrap();
    let run = stdout(onefold(&server.database.url, &["import", file.to_str().unwrap()]));
    let mut found = shared(&client).await;
    found.sort_by_key(|item| item["kind"].to_string());
    let handle = json!({"kind": "handle", "value": HANDLE, "network": "instagram", "why": "names", "count": 10});
    assert_eq!(found, [handle, json!({"kind": "phone", "value": PHONE, "why": "names", "count": 10})]);
    onefold(&server.database.url, &["import", "--undo", run.trim()]);
    assert_eq!(shared(&client).await, Vec::<Value>::new());
}

#[tokio::test]
async fn shared_identifiers_page_without_gaps_or_doubles() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store_all(&callers(0, 10)).await;
    let first = client.get("/v1/identifiers/shared?limit=1").await;
    let second = client.get(&format!("/v1/identifiers/shared?limit=1&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!(second["next"], Value::Null);
    assert_eq!(shared(&client).await, [first["items"][0].clone(), second["items"][0].clone()]);
    for query in ["limit=0", "limit=501", "after=x", "colour=red"] {
        client.check(Call::get(format!("/v1/identifiers/shared?{query}"))).await.expect(422);
    }
}

/// What is merely claimed is no such identifier: nobody takes a customer's number from them.
#[tokio::test]
async fn claims_are_not_listed() {
    let server = TestServer::start().await;
    let client = server.client();
    let claimed = |mut event: Value| {
        event["channel"] = json!("web_form");
        event
    };
    let events: Vec<Value> = callers(0, 10).into_iter().map(claimed).collect();
    client.store_all(&events).await;
    assert_eq!(shared(&client).await, Vec::<Value>::new());
}
