//! Identifiers that die while a writer goes on: it may remember all dead ones or ask the tables, and what comes out is the same.

use crate::{
    database::{ID_KEY, TestDatabase},
    partition::{Partition, assignments, load},
    people::{Person, phone},
    sample::order,
};
use onefold::{
    actions::{
        access::DEFAULT_TENANT,
        memory::Memory,
        pipeline::{Pipeline, Underway},
        prepare::{PreparedEvent, prepare},
    },
    domain::{sharing::DeadKeys, source::Sources},
    engine::Engine,
    store::{
        keys,
        lane::{self, Lane},
    },
};
use serde_json::{Value, json};
use std::{ops::Range, sync::Arc};

/// People of so many names may share an identifier.
const NAMES: u32 = 8;
/// Enough strangers that a writer asks after more keys than it would one by one.
const CROWD: u32 = 150;

fn stranger(number: u32) -> Value {
    let Person { given, family, emails, phone, account, .. } = Person::number(number);
    let contact = json!({"given_name": given, "family_name": family, "emails": emails, "phones": [phone],
        "external_ids": [account]});
    order(&format!("stranger-{number}"), &contact)
}

/// Calls from one number, each under a name of its own.
fn calls(number: &str, callers: Range<u32>) -> impl Iterator<Item = Value> {
    callers.map(move |caller| {
        let Person { given, family, .. } = Person::number(1_000 + caller);
        let id = format!("call-{number}-{caller}");
        order(&id, &json!({"given_name": given, "family_name": family, "phones": [number]}))
    })
}

/// Two contacts with a number and a mailbox of their own, which are one person where the number joins anybody.
fn pair(number: &str) -> [Value; 2] {
    let contact = |one| {
        order(&format!("pair-{number}-{one}"), &json!({"emails": [format!("{one}@example.net")], "phones": [number]}))
    };
    ["first", "second"].map(|one| contact(format!("{one}{}", &number[1..])))
}

/// What is stored when the writer comes, and its batches.
fn story() -> (Vec<Value>, Vec<Vec<Value>>) {
    let [dead, dying, dying_later, alive] = [901, 902, 903, 904].map(phone);
    let stored = calls(&dead, 0..NAMES + 1).chain(calls(&dying, 0..NAMES)).chain(calls(&alive, 0..2));
    let batches = vec![
        // The first one holds the lane from the start.
        vec![stranger(CROWD)],
        // One number dies while few keys are asked after; what the next batch reads may not know of it yet.
        calls(&dying, NAMES..NAMES + 1).collect(),
        (0..CROWD).map(stranger).chain(pair(&dying)).chain(pair(&dead)).collect(),
        // One more dies when all dead keys are remembered.
        calls(&dying_later, 0..NAMES + 1).chain(pair(&alive)).collect(),
        pair(&dying_later).to_vec(),
    ];
    (stored.collect(), batches)
}

async fn outcome(engine: &Engine) -> (Partition, DeadKeys) {
    let dead = keys::all_dead(&engine.connection, DEFAULT_TENANT, 1_000).await.unwrap();
    (Partition::new(assignments(engine).await), dead)
}

#[tokio::test]
async fn a_writer_that_remembers_dead_keys_decides_as_one_that_asks() {
    let (stored, batches) = story();
    let all: Vec<Value> = stored.iter().chain(batches.iter().flatten()).cloned().collect();
    let (expected, dead) = outcome(&load(&TestDatabase::fresh().await, &all).await).await;
    assert_eq!(dead.len(), 3, "{dead:?}");
    // No room for a dead key, room for some while keys are not remembered, and room for all.
    for bytes in [0, 1 << 16, 1 << 24] {
        let database = TestDatabase::fresh().await;
        let engine = load(&database, &stored).await;
        // Who remembers too little waits for the batch before.
        write(&engine, Memory::new(bytes), &batches, bytes == 1 << 24).await;
        let (found, found_dead) = outcome(&engine).await;
        found.assert_same(&expected);
        assert_eq!(found_dead, dead, "with {bytes} bytes");
    }
}

/// Each batch is decided while the one before is written; where others are `in_the_way`, before any of that is.
async fn write(engine: &Engine, memory: Memory, batches: &[Vec<Value>], in_the_way: bool) {
    let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    let (ahead, lanes) = (engine.ahead.clone(), engine.lanes.clone());
    let mut pipeline = Pipeline::new(ahead, lanes, tenant, Arc::clone(&engine.models), memory);
    let sources = Sources::default();
    let ready = |event: &Value| prepare(serde_json::from_value(event.clone()).unwrap(), &ID_KEY, &sources).unwrap();
    let (mut before, mut others): (Option<Underway>, Option<Lane>) = (None, None);
    for batch in batches {
        let batch: Vec<PreparedEvent> = batch.iter().map(ready).collect();
        let decided = pipeline.decide(&batch).await.unwrap();
        drop(others.take());
        if let Some(underway) = before.take() {
            underway.durable().await.unwrap();
            if in_the_way {
                others = Some(lane::enter(&engine.connection, DEFAULT_TENANT).await.unwrap());
            }
        }
        before = Some(pipeline.send(decided, None));
    }
    drop(others);
    before.unwrap().durable().await.unwrap();
}
