//! Kill -9 in the middle of eight clients posting: what got a 2xx is there after a restart. And the log of it all names
//! nobody.

use crate::{
    client::{Call, Client},
    database::TestDatabase,
    partition::{Name, Partition, name},
    process::Process,
    sample::{demo, personal, shuffled},
};
use serde_json::Value;
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
};
use tokio::{sync::Notify, task::JoinSet};

const CLIENTS: usize = 8;
/// So many events are acknowledged before the server dies.
const ACKNOWLEDGED: usize = 300;

/// What the clients share: the events to send, what was acknowledged, and a bell for when that is enough.
struct Posting {
    waiting: Mutex<VecDeque<Value>>,
    acknowledged: Mutex<BTreeSet<Name>>,
    enough: Notify,
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_kill() {
    let database = TestDatabase::fresh().await;
    let (acknowledged, log) = post_until_killed(&database, demo()).await;
    assert!(acknowledged.len() >= ACKNOWLEDGED, "only {} events were acknowledged", acknowledged.len());
    assert_names_nobody(&log);

    let process = Process::serve(&database);
    let client = process.client();
    for (source, id) in &acknowledged {
        let stored = client.get(&format!("/v1/events?source={source}&source_event_id={id}")).await;
        assert_eq!(name(&stored["event"]), (source.clone(), id.clone()));
    }
    let after = Partition::exported(&client.assignments().await);
    let (survived, lost): (Vec<Value>, Vec<Value>) =
        demo().into_iter().partition(|event| after.events().contains(&name(event)));
    assert!(survived.len() < demo().len(), "the server was not killed in the middle");
    Partition::of_bulk(&survived).await.assert_same(&after);

    client.store_all(&lost).await;
    Partition::of_bulk(&demo()).await.assert_same(&Partition::exported(&client.assignments().await));
    assert_names_nobody(&process.kill());
}

/// Kills the server while all clients are still posting; returns what it acknowledged, and its log.
async fn post_until_killed(database: &TestDatabase, events: Vec<Value>) -> (BTreeSet<Name>, String) {
    let process = Process::serve(database);
    let posting = Arc::new(Posting {
        waiting: Mutex::new(shuffled(events, 5).into()),
        acknowledged: Mutex::default(),
        enough: Notify::new(),
    });
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(post(process.client(), Arc::clone(&posting)));
    }
    tokio::select! {
        () = posting.enough.notified() => {}
        Some(ended) = clients.join_next() => panic!("a client ended before the server was killed: {ended:?}"),
    }
    let log = process.kill();
    clients.join_all().await;
    let acknowledged = posting.acknowledged.lock().unwrap().clone();
    (acknowledged, log)
}

/// Posts events until there are none, or no server.
async fn post(client: Client, posting: Arc<Posting>) {
    loop {
        let next = posting.waiting.lock().unwrap().pop_front();
        let Some(event) = next else { return };
        let Some(answer) = client.attempt(Call::post("/v1/events").json(&event)).await else { return };
        answer.expect(201);
        let mut acknowledged = posting.acknowledged.lock().unwrap();
        acknowledged.insert(name(&event));
        if acknowledged.len() == ACKNOWLEDGED {
            posting.enough.notify_one();
        }
    }
}

#[track_caller]
fn assert_names_nobody(log: &str) {
    assert!(log.contains("/v1/events"), "no requests are logged:\n{log}");
    for text in personal(&demo()) {
        assert!(!log.contains(&text), "`{text}` stands in the log:\n{log}");
    }
}
