//! Many clients and, on PostgreSQL, two servers on one database: events of one person are in flight at the same instant,
//! and what comes of them is what comes of the same events one after the other.
//!
//! `ONEFOLD_PEOPLE` says how many people there are, 100 by default. `cargo test --release --test it replicas -- --ignored`
//! takes a thousand of them.

use crate::{
    client::Client,
    database::TestDatabase,
    partition::{Partition, name},
    people::Person,
    process::Process,
    sample::{order, shuffled},
};
use onefold::{actions::access::DEFAULT_TENANT, reads::exports::profiles_page};
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::task::JoinSet;

const CLIENTS: usize = 16;
/// Events of each person.
const EVENTS: usize = 20;
/// So many people's events are mixed: fewer than there are clients, so that one person's are in flight together.
const MIXED: usize = 4;
/// Every so many posts one is a batch.
const BATCH_EVERY: usize = 8;
const BATCH: usize = 5;
/// So often so many post at once, and wait for one another.
const ROUNDS: usize = 100;
const AT_ONCE: usize = 6;
/// Longer than any lane stays taken.
const PATIENCE: Duration = Duration::from_mins(1);

#[tokio::test]
async fn people_who_write_everywhere_at_once_are_one_profile_each() {
    let people = std::env::var("ONEFOLD_PEOPLE").ok().and_then(|people| people.parse().ok()).unwrap_or(100);
    check(people).await;
}

#[tokio::test]
#[ignore = "minutes"]
async fn a_thousand_people_who_write_everywhere_at_once_are_one_profile_each() {
    check(1_000).await;
}

async fn check(people: u32) {
    let database = TestDatabase::fresh().await;
    let servers: Vec<Process> = (0..database.replicas()).map(|_| Process::serve(&database)).collect();
    let by_person: Vec<Vec<Value>> = (0..people).map(events).collect();
    let posts = posts(&by_person);
    let sent: Vec<Value> = posts.iter().flatten().cloned().collect();
    assert_eq!(sent.len(), by_person.len() * EVENTS);
    post_all(&servers, posts).await;

    let exports: BTreeSet<String> = exports(&servers).await;
    assert_eq!(exports.len(), 1, "the servers tell different things");
    let found = Partition::exported(exports.first().unwrap());
    truth(&by_person).assert_same(&found);
    let living = profiles_page(&database.connect().await, DEFAULT_TENANT, None, 10_000).await.unwrap().0;
    assert_eq!(living.len(), by_person.len(), "there are profiles of nobody");
    Partition::of_bulk(&sent).await.assert_same(&found);
}

/// All that one person does, in a random order: most events know one identifier or two, few a name.
fn events(number: u32) -> Vec<Value> {
    let Person { given, family, emails: [private, work], phone, account, handle } = Person::number(number);
    let claimed = |value: &str| json!({"value": value, "assurance": "claimed"});
    let seen = [
        ("email", json!({"emails": [private]})),
        ("phone", json!({"phones": [phone]})),
        ("app", json!({"external_ids": [account]})),
        ("social", json!({"handles": [handle]})),
        ("survey", json!({"emails": [work]})),
        ("crm", json!({"emails": [private], "phones": [phone]})),
        ("crm", json!({"phones": [phone], "external_ids": [account]})),
        ("order", json!({"emails": [work], "external_ids": [account]})),
        ("crm", json!({"emails": [private], "handles": [handle]})),
        ("crm", json!({"name": format!("{given} {family}"), "emails": [private]})),
        ("order", json!({"given_name": given, "family_name": family, "phones": [phone]})),
        ("web_form", json!({"name": format!("{given} {family}"), "emails": [private], "phones": [phone]})),
        ("email", json!({"name": format!("{family}, {given}"), "emails": [work]})),
        ("chat", json!({"external_ids": [account], "emails": [claimed(&private)]})),
        ("phone", json!({"name": format!("{}. {family}", &given[..1]), "phones": [phone]})),
        ("email", json!({"emails": [private]})),
        ("sms", json!({"phones": [phone]})),
        ("push", json!({"external_ids": [account]})),
        ("social", json!({"handles": [handle], "given_name": given, "family_name": family})),
        ("import", json!({"emails": [private, work], "phones": [phone]})),
    ];
    assert_eq!(seen.len(), EVENTS);
    let event = |(place, (channel, contact)): (usize, (&str, Value))| {
        json!({"source": format!("source-{}", place % 3), "source_event_id": format!("{number}-{place}"),
            "channel": channel, "occurred_at": format!("2026-03-02T10:00:{place:02}Z"), "contact": contact})
    };
    shuffled(seen.into_iter().enumerate().map(event).collect(), u64::from(number))
}

/// The events of neighbours mixed, in posts of one and, now and then, of a few.
fn posts(by_person: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let mixed = by_person.chunks(MIXED).zip(0..).flat_map(|(people, seed)| shuffled(people.concat(), seed));
    let (mut mixed, mut posts) = (mixed.peekable(), Vec::new());
    while mixed.peek().is_some() {
        let size = if posts.len() % BATCH_EVERY == 0 { BATCH } else { 1 };
        posts.push(mixed.by_ref().take(size).collect());
    }
    posts
}

/// Every round is waited for: whoever is overtaken with the last batch has nothing after it that would bring it back to it.
#[tokio::test]
async fn who_is_overtaken_is_answered_though_nothing_comes_after() {
    let database = TestDatabase::fresh().await;
    let servers = [Process::serve(&database), Process::serve(&database)];
    let clients: Vec<Client> = servers.iter().cycle().take(AT_ONCE).map(Process::client).collect();
    for round in 0..ROUNDS {
        let post = |(place, client): (usize, &Client)| {
            let (id, email) = (format!("{round}-{place}"), format!("reader.{round}.{place}@example.com"));
            let (client, event) = (client.clone(), order(&id, &json!({"emails": [email]})));
            async move { drop(client.store(&event).await) }
        };
        let posts: JoinSet<()> = clients.iter().enumerate().map(post).collect();
        tokio::time::timeout(PATIENCE, posts.join_all()).await.expect("a post is not answered");
    }
    let living = profiles_page(&database.connect().await, DEFAULT_TENANT, None, 10_000).await.unwrap().0;
    assert_eq!(living.len(), ROUNDS * AT_ONCE);
}

/// All clients take from one queue, and turn to the servers in turns. Whatever is not a 2xx fails.
async fn post_all(servers: &[Process], posts: Vec<Vec<Value>>) {
    let waiting = Arc::new(Mutex::new(VecDeque::from(posts)));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let connections: Vec<Client> = servers.iter().map(Process::client).collect();
        clients.spawn(post(connections, Arc::clone(&waiting)));
    }
    clients.join_all().await;
}

async fn post(servers: Vec<Client>, waiting: Arc<Mutex<VecDeque<Vec<Value>>>>) {
    for server in servers.iter().cycle() {
        let next = waiting.lock().unwrap().pop_front();
        match next.as_deref() {
            None => return,
            Some([event]) => drop(server.store(event).await),
            Some(batch) => server.store_all(batch).await,
        }
    }
}

async fn exports(servers: &[Process]) -> BTreeSet<String> {
    let mut exports = BTreeSet::new();
    for server in servers {
        exports.insert(server.client().assignments().await);
    }
    exports
}

/// Who the events were made for.
fn truth(by_person: &[Vec<Value>]) -> Partition {
    let rows = by_person
        .iter()
        .zip(0..)
        .flat_map(|(events, person): (_, u32)| events.iter().map(move |event| (name(event), Some(person.to_string()))));
    Partition::new(rows)
}
