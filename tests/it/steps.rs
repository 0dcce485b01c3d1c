//! The prior goes by how many normal forms there are, in steps: where a step is crossed everybody is resolved anew at once, so
//! that who belongs together remains a function of what is stored.

use crate::{
    database::{ID_KEY, TestDatabase},
    people::Person,
};
use onefold::{
    actions::{
        access::DEFAULT_TENANT,
        ingest::ingest,
        memory::Memory,
        prepare::{PreparedEvent, prepare},
        undo::undo_run,
    },
    domain::{id::RunId, model::Model, resolution::Prepared, score::score, source::Sources},
    engine::Engine,
    reads::exports::assignments_page,
    store::models::Models,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};
use uuid::Uuid;

/// The first step.
const STEP: u32 = 256;

/// Two contacts that are one person among few people and, with a bit less prior, a possible match among many.
fn borderline() -> [Value; 2] {
    let contact = |mailbox: &str| json!({"given_name": "Jane", "emails": [format!("{mailbox}@example.com")]});
    [event("one", &contact("jfeathers")), event("other", &contact("jfeathes"))]
}

/// The default model, but for a threshold that the two are just above among few.
fn model() -> Model {
    let text = include_str!("../../src/domain/default_model.toml");
    let few = Model::from_toml(text).unwrap().for_size(0);
    let [one, other] = borderline().map(|event| {
        let contact = serde_json::from_value(event["contact"].clone()).unwrap();
        Prepared::of(&contact, &ID_KEY).node.features.clone()
    });
    let weight = score(&one, &other, &few).weight;
    Model::from_toml(&text.replace("match = 2.0", &format!("match = {:.2}", weight - 0.5))).unwrap()
}

async fn open(database: &TestDatabase) -> Engine {
    let mut engine = Engine::open(&database.settings()).await.unwrap();
    engine.models = Arc::new(Models::new(model()));
    engine
}

fn event(id: &str, contact: &Value) -> Value {
    json!({"source": "s", "source_event_id": id, "channel": "crm", "occurred_at": "2026-05-01T10:00:00Z", "contact": contact})
}

/// Somebody else.
fn stranger(number: u32) -> Value {
    let Person { given, family, account, .. } = Person::number(number);
    event(
        &format!("stranger-{number}"),
        &json!({"given_name": given, "family_name": family, "external_ids": [account]}),
    )
}

fn run() -> RunId {
    RunId::from_uuid(Uuid::from_u128(7))
}

async fn write(engine: &Engine, events: &[Value], of_run: bool) {
    let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    let sources = Sources::default();
    let ready = |event: &Value| {
        let prepared = prepare(serde_json::from_value(event.clone()).unwrap(), &ID_KEY, &sources).unwrap();
        PreparedEvent { run: of_run.then(run), ..prepared }
    };
    let prepared: Vec<PreparedEvent> = events.iter().map(ready).collect();
    ingest(&engine.connection, engine.rulebook(&tenant), &mut Memory::none(), &prepared).await.unwrap();
}

/// Whether the two are one person.
async fn are_one(engine: &Engine) -> bool {
    let rows = assignments_page(&engine.connection, DEFAULT_TENANT, None, 1_000).await.unwrap().0;
    let pair = rows.iter().filter(|row| ["one", "other"].contains(&row.source_event_id.as_str()));
    pair.map(|row| row.profile_id).collect::<BTreeSet<_>>().len() == 1
}

#[tokio::test]
async fn a_step_is_crossed_by_one_form_more_and_crossed_back_by_one_less() {
    let database = TestDatabase::quick().await;
    let engine = open(&database).await;
    write(&engine, &borderline(), false).await;
    let strangers: Vec<Value> = (0..STEP - 3).map(stranger).collect();
    write(&engine, &strangers, false).await;
    assert!(are_one(&engine).await, "below the step");
    write(&engine, &[stranger(STEP)], true).await;
    assert!(!are_one(&engine).await, "at the step");
    let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    assert_eq!(undo_run(&engine, &tenant, run(), |_| ()).await.unwrap(), 1);
    assert!(are_one(&engine).await, "below the step again");
    engine.connection.close().await.unwrap();
}

#[tokio::test]
async fn those_who_come_last_find_the_same_as_those_who_came_first() {
    let database = TestDatabase::quick().await;
    let engine = open(&database).await;
    let strangers: Vec<Value> = (0..STEP - 2).map(stranger).collect();
    write(&engine, &strangers, false).await;
    write(&engine, &borderline(), false).await;
    assert!(!are_one(&engine).await);
    engine.connection.close().await.unwrap();
}
