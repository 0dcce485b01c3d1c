//! Identifiers that thousands share, and long chains of people: nobody swallows everybody, and nobody makes the rest wait.
//!
//! The small tests run by default. The large ones take minutes:
//! `cargo test --release --test it scale -- --ignored --nocapture --test-threads 1`, and print what they measured.

use crate::{
    client::Client,
    database::TestDatabase,
    partition::{Partition, load},
    people::{Person, account, mailbox, phone},
    sample::shuffled,
    server::TestServer,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// More than an identifier may be shared by before it is looked at no more.
const FEW: u32 = 300;
const MANY: u32 = 10_000;
/// Nobody without a name makes a profile of more events than this, however many share an identifier.
const FEW_HUNDRED: usize = 300;
const CLIENTS: usize = 8;
/// Posts of each kind that are timed.
const TIMED: u32 = 300;
/// How much slower an event with a shared identifier may be, at the 99th percentile.
const SLOWER: f64 = 2.0;
/// Whose telephone it is that many share: nobody's in particular.
const NOBODY: u32 = 900_000;
/// The first of those whose events are timed.
const LATECOMERS: u32 = 500_000;

#[tokio::test]
async fn a_few_hundred_people_on_one_phone_stay_themselves() {
    people_on_one_phone(FEW).await;
}

#[tokio::test]
#[ignore = "minutes"]
async fn ten_thousand_people_on_one_phone_stay_themselves_and_fast() {
    let server = people_on_one_phone(MANY).await;
    Latencies::measure(&server.client(), "crm", named).await.hold("people on one phone");
}

#[tokio::test]
async fn a_few_hundred_nameless_accounts_on_one_phone_make_no_giant() {
    for channel in ["chat", "crm"] {
        accounts_on_one_phone(channel, FEW).await;
    }
}

#[tokio::test]
async fn a_few_hundred_nameless_accounts_come_out_the_same_in_any_order() {
    let events: Vec<Value> = (0..FEW).map(|number| event("crm", number, &nameless(number, NOBODY))).collect();
    let server = TestServer::start().await;
    let client = server.client();
    for part in events.chunks(20) {
        client.store_all(part).await;
    }
    Partition::of_bulk(&shuffled(events, 9)).await.assert_same(&Partition::exported(&client.assignments().await));
}

#[tokio::test]
#[ignore = "minutes"]
async fn ten_thousand_nameless_chats_on_one_phone_make_no_giant_and_stay_fast() {
    let server = accounts_on_one_phone("chat", MANY).await;
    Latencies::measure(&server.client(), "chat", nameless).await.hold("chats on one phone");
}

#[tokio::test]
#[ignore = "minutes"]
async fn ten_thousand_nameless_customers_on_one_phone_make_no_giant_and_stay_fast() {
    let server = accounts_on_one_phone("crm", MANY).await;
    Latencies::measure(&server.client(), "crm", nameless).await.hold("customers on one phone");
}

#[tokio::test]
async fn a_short_chain_is_the_same_in_any_order() {
    for name in [None, Some("Jane Featherstone")] {
        chain(60, name).await;
    }
}

#[tokio::test]
#[ignore = "minutes"]
async fn a_chain_of_a_thousand_nameless_events_takes_bounded_time_in_any_order() {
    chain(1_000, None).await;
}

#[tokio::test]
#[ignore = "minutes"]
async fn a_chain_of_a_thousand_named_events_takes_bounded_time_in_any_order() {
    chain(1_000, Some("Jane Featherstone")).await;
}

/// Posts an event of each person, by many clients, in posts of one and small batches.
async fn people_on_one_phone(count: u32) -> TestServer {
    let server = TestServer::start().await;
    let events: Vec<Value> = (0..count).map(|number| event("crm", number, &named(number, NOBODY))).collect();
    let started = Instant::now();
    post_all(&server, &events).await;
    eprintln!("{count} people on one phone: posted in {:.1} s", started.elapsed().as_secs_f64());
    let largest = largest_profile(&server.client()).await;
    assert_eq!(largest, 1, "strangers are one person");
    server
}

/// Writes an event of each account in bulk, then starts a server.
async fn accounts_on_one_phone(channel: &str, count: u32) -> TestServer {
    let events: Vec<Value> = (0..count).map(|number| event(channel, number, &nameless(number, NOBODY))).collect();
    let (database, started) = (TestDatabase::fresh().await, Instant::now());
    load(&database, &events).await.connection.close().await.unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let server = TestServer::on(database);
    let largest = largest_profile(&server.client()).await;
    eprintln!("{count} accounts on one phone ({channel}): loaded in {seconds:.1} s, {largest} in the largest profile");
    assert!(largest <= FEW_HUNDRED, "{largest} accounts are one person");
    server
}

fn event(channel: &str, number: u32, contact: &Value) -> Value {
    json!({"source": "scale", "source_event_id": number.to_string(), "channel": channel,
        "occurred_at": "2026-03-02T10:00:00Z", "contact": contact})
}

/// A person on somebody's phone.
fn named(number: u32, phone_of: u32) -> Value {
    let Person { given, family, emails: [email, _], account, .. } = Person::number(number);
    json!({"given_name": given, "family_name": family, "emails": [email], "phones": [phone(phone_of)],
        "external_ids": [account]})
}

/// An account on somebody's phone.
fn nameless(number: u32, phone_of: u32) -> Value {
    json!({"external_ids": [account("shop", number)], "phones": [phone(phone_of)]})
}

async fn post_all(server: &TestServer, events: &[Value]) {
    let mut clients = JoinSet::new();
    for part in events.chunks(events.len().div_ceil(CLIENTS)) {
        let (client, part) = (server.client(), part.to_vec());
        clients.spawn(async move {
            for group in part.chunks(25) {
                let (singly, together) = group.split_at(5.min(group.len()));
                for event in singly {
                    client.store(event).await;
                }
                client.store_all(together).await;
            }
        });
    }
    clients.join_all().await;
}

/// How many events the largest profile holds.
async fn largest_profile(client: &Client) -> usize {
    let mut sizes: BTreeMap<String, usize> = BTreeMap::new();
    for line in client.assignments().await.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        *sizes.entry(row["profile_id"].to_string()).or_default() += 1;
    }
    sizes.into_values().max().unwrap_or_default()
}

/// How long posts took, with the phone that many share and with one of their own.
#[derive(Default)]
struct Latencies {
    shared: Vec<Duration>,
    own: Vec<Duration>,
}

impl Latencies {
    /// One client posts one event at a time, of each kind in turns.
    async fn measure(client: &Client, channel: &str, contact: fn(u32, u32) -> Value) -> Self {
        let mut latencies = Self::default();
        for turn in 0..TIMED {
            let (first, second) = (LATECOMERS + 2 * turn, LATECOMERS + 2 * turn + 1);
            latencies.shared.push(time(client, &event(channel, first, &contact(first, NOBODY))).await);
            latencies.own.push(time(client, &event(channel, second, &contact(second, second))).await);
        }
        latencies
    }

    fn hold(self, what: &str) {
        let (shared, own) = (p99(self.shared), p99(self.own));
        eprintln!("{what}: p99 {:.1} ms shared, {:.1} ms own", shared * 1e3, own * 1e3);
        assert!(shared <= SLOWER * own, "p99 {shared:.4} s with the shared phone, {own:.4} s with one of its own");
    }
}

async fn time(client: &Client, event: &Value) -> Duration {
    let started = Instant::now();
    client.store(event).await;
    started.elapsed()
}

/// The 99th percentile in seconds.
fn p99(mut latencies: Vec<Duration>) -> f64 {
    latencies.sort_unstable();
    latencies[latencies.len() * 99 / 100].as_secs_f64()
}

/// Events that each know two mailboxes, the second of which is the next one's first: posted one by one, in order and not.
async fn chain(length: u32, name: Option<&str>) {
    // A build that is not optimised takes about ten times as long.
    let bound = Duration::from_mins(if cfg!(debug_assertions) { 10 } else { 1 });
    let link = |number: u32| {
        let mut contact = json!({"emails": [mailbox("chain", number), mailbox("chain", number + 1)]});
        if let Some(name) = name {
            contact["name"] = name.into();
        }
        event("crm", number, &contact)
    };
    let in_order: Vec<Value> = (0..length).map(link).collect();
    let mut partitions = Vec::new();
    for (order, events) in [("in order", in_order.clone()), ("shuffled", shuffled(in_order, 8))] {
        let server = TestServer::start().await;
        let (client, started) = (server.client(), Instant::now());
        for event in &events {
            client.store(event).await;
            let taken = started.elapsed();
            assert!(taken < bound, "{order}: {taken:?} for a part of a chain of {length}");
        }
        let seconds = started.elapsed().as_secs_f64();
        eprintln!(
            "a chain of {length}, {}, {order}: {seconds:.1} s",
            if name.is_some() { "named" } else { "nameless" }
        );
        partitions.push(Partition::exported(&client.assignments().await));
    }
    partitions[0].assert_same(&partitions[1]);
}
