//! However the demo's events come in (one by one, in batches, in bulk, again, or all at once), the outcome is the same.

use crate::{
    client::{Call, Client},
    partition::Partition,
    sample::{demo, ndjson, shuffled},
    server::TestServer,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How many clients send at once.
const CLIENTS: usize = 8;

#[tokio::test]
async fn one_by_one_in_batches_and_in_bulk_give_one_partition() {
    let events = demo();
    let bulk = Partition::of_bulk(&events).await;
    assert_eq!(bulk.events().len(), events.len());
    let one_by_one = TestServer::start().await;
    for event in &events {
        one_by_one.client().store(event).await;
    }
    bulk.assert_same(&exported(&one_by_one).await);
    let array = TestServer::start().await;
    array.client().store_all(&events).await;
    bulk.assert_same(&exported(&array).await);
    let lines = TestServer::start().await;
    let call = Call::post("/v1/events/batch").body("application/x-ndjson", ndjson(&events));
    lines.client().check(call).await.expect(200);
    bulk.assert_same(&exported(&lines).await);
}

#[tokio::test]
async fn another_order_gives_the_same_partition() {
    let in_order = Partition::of_bulk(&demo()).await;
    for seed in [1, 2] {
        in_order.assert_same(&Partition::of_bulk(&shuffled(demo(), seed)).await);
        let server = TestServer::start().await;
        for part in shuffled(demo(), seed).chunks(50) {
            server.client().store_all(part).await;
        }
        in_order.assert_same(&exported(&server).await);
    }
}

#[tokio::test]
async fn events_sent_again_twice_and_shuffled_change_nothing_and_answer_as_before() {
    let server = TestServer::start().await;
    let client = server.client();
    let mut first = Vec::new();
    for event in demo() {
        let answer = client.store(&event).await;
        first.push((event, answer));
    }
    let before = everything(&client).await;
    for (event, answer) in shuffled(first.clone(), 3) {
        assert_eq!(client.post("/v1/events", &event).await.expect(200).json(), answer);
    }
    let (again, answers): (Vec<Value>, Vec<Value>) = shuffled(first, 4).into_iter().unzip();
    let items = client.post("/v1/events/batch", &Value::Array(again)).await.expect(200).json()["items"].clone();
    for (item, mut answer) in items.as_array().unwrap().iter().zip(answers) {
        answer["status"] = 200.into();
        assert_eq!(*item, answer);
    }
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn clients_that_send_all_at_once_get_the_same_partition_and_no_5xx() {
    let server = TestServer::start().await;
    let mut tasks = Vec::new();
    for place in 0..CLIENTS {
        let client = server.client();
        let events: Vec<Value> = demo().into_iter().skip(place).step_by(CLIENTS).collect();
        tasks.push(tokio::spawn(async move {
            for event in &events {
                client.store(event).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    Partition::of_bulk(&demo()).await.assert_same(&exported(&server).await);
}

#[tokio::test]
async fn one_person_sent_by_many_at_the_same_instant_is_one_profile() {
    let server = TestServer::start().await;
    let mut tasks = Vec::new();
    for place in 0..CLIENTS {
        let client = server.client();
        tasks.push(tokio::spawn(async move {
            for number in 0..10 {
                let contact = serde_json::json!({"name": "Jane Featherstone", "emails": ["jane@example.com"],
                    "external_ids": [{"namespace": "shop", "value": format!("{place}-{number}")}]});
                client.store(&crate::sample::order(&format!("{place}-{number}"), &contact)).await;
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let profiles: BTreeSet<String> =
        rows(&server.client()).await.iter().map(|row| row["profile_id"].to_string()).collect();
    assert_eq!(profiles.len(), 1);
}

async fn exported(server: &TestServer) -> Partition {
    Partition::exported(&server.client().assignments().await)
}

async fn rows(client: &Client) -> Vec<Value> {
    client.assignments().await.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The assignments and every profile with all that can be told of it, byte by byte.
async fn everything(client: &Client) -> BTreeMap<String, String> {
    let assignments = client.assignments().await;
    let mut all = BTreeMap::from([(String::new(), assignments)]);
    for row in rows(client).await {
        let Some(id) = row["profile_id"].as_str().filter(|id| !all.contains_key(*id)) else { continue };
        let path = format!("/v1/profiles/{id}?include=provenance,alternatives");
        let profile = client.check(Call::get(path)).await.expect(200).text;
        all.insert(id.to_owned(), profile);
    }
    all
}
