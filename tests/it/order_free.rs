//! Whatever the order and the batches, the same events give the same people and the same golden records.
//!
//! Events are drawn from few people, mailboxes, numbers and handles, so that they clash, bridge and contradict a lot.
//! `ONEFOLD_CASES=1000 cargo test --release --test it order_free` draws more of them.

use crate::database::{ID_KEY, TestDatabase};
use onefold::{
    actions::{access::DEFAULT_TENANT, ingest::ingest, prepare::prepare},
    domain::{golden::Include, source::Sources},
    engine::Engine,
    reads::exports::{assignments_page, profiles_page},
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const CHANNELS: [&str; 6] = ["email", "phone", "web_form", "chat", "social", "crm"];
const NAMES: [Option<&str>; 7] = [
    None,
    None,
    Some("Jane Featherstone"),
    Some("J. Featherstone"),
    Some("Featherstone, Janet"),
    Some("Ole Brandt"),
    Some("Mira Okafor"),
];
const EMAILS: [&str; 5] = [
    "jane.f84@example.com",
    "janef84@example.com",
    "featherstone@example.org",
    "ole.brandt@example.org",
    "info@example.net",
];
const PHONES: [&str; 4] = ["+442079460101", "+442079460102", "+447700900321", "12"];
const HANDLES: [&str; 2] = ["featherfoot", "okafor.mira"];

fn contact() -> impl Strategy<Value = Value> {
    let some = |of: &'static [&'static str]| vec(select(of), 0..2);
    (select(&NAMES[..]), some(&EMAILS), some(&PHONES), some(&HANDLES)).prop_map(|(name, emails, phones, handles)| {
        let handles: Vec<Value> = handles.iter().map(|h| json!({"network": "instagram", "value": h})).collect();
        let mut contact = json!({"emails": emails, "phones": phones, "handles": handles});
        if let Some(name) = name {
            contact["name"] = name.into();
        }
        contact
    })
}

fn events() -> impl Strategy<Value = Vec<Value>> {
    vec((select(&CHANNELS[..]), contact(), 0..100_i64), 2..14).prop_map(|drawn| {
        let event = |(number, (channel, contact, second)): (usize, (&str, Value, i64))| {
            json!({"source": (if number % 2 == 0 { "a" } else { "b" }), "source_event_id": number.to_string(), "channel": channel,
                "occurred_at": format!("2026-05-01T10:{:02}:{:02}Z", second / 60, second % 60),
                "contact": contact, "traits": {"plan": number}})
        };
        drawn.into_iter().enumerate().map(event).collect()
    })
}

/// Who belongs together, with their golden records; the ids of profiles left out.
type Outcome = BTreeSet<(BTreeSet<String>, String)>;

async fn outcome(events: &[Value], batch: usize) -> Outcome {
    let database = TestDatabase::fresh().await;
    let engine = Engine::open(&database.settings()).await.unwrap();
    let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    let sources = Sources::default();
    for part in events.chunks(batch) {
        let ready = |event: &Value| prepare(serde_json::from_value(event.clone()).unwrap(), &ID_KEY, &sources).unwrap();
        let part: Vec<_> = part.iter().map(ready).collect();
        ingest(&engine.connection, &tenant, &engine.model, &sources, &part).await.unwrap();
    }
    let mut members: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for row in assignments_page(&engine.connection, DEFAULT_TENANT, None, 1_000).await.unwrap().0 {
        members.entry(row.profile_id).or_default().insert(row.source_event_id);
    }
    let profiles = profiles_page(&engine.connection, DEFAULT_TENANT, None, 1_000).await.unwrap().0;
    let whole = Include { provenance: true, alternatives: true };
    let golden: BTreeMap<_, String> = profiles
        .into_iter()
        .map(|profile| (Some(profile.profile_id), serde_json::to_string(&profile.golden.view(whole)).unwrap()))
        .collect();
    engine.connection.close().await.unwrap();
    members.into_iter().map(|(id, events)| (events, golden.get(&id).cloned().unwrap_or_default())).collect()
}

#[test]
fn any_order_and_any_batches_give_the_same_people_and_golden_records() {
    let cases = std::env::var("ONEFOLD_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(40);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let strategy = events().prop_flat_map(|events| {
        let count = events.len();
        (Just(events.clone()), Just(events).prop_shuffle(), 1..=count)
    });
    let mut runner = TestRunner::new(ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() });
    let held = runner.run(&strategy, |(in_order, shuffled, batch)| {
        let (expected, found) =
            runtime.block_on(async { (outcome(&in_order, 1).await, outcome(&shuffled, batch).await) });
        prop_assert_eq!(expected, found);
        Ok(())
    });
    held.unwrap();
}
