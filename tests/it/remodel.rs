//! The model changes while events keep coming: in the end all is as if the new one had been there from the first.

use crate::{
    database::TestDatabase,
    order_free::{Arrival, Outcome, Stewards, histories, taken_back, tenant, told, write},
    partition::{assignments, load},
    people::Person,
    sample::demo,
};
use onefold::{
    actions::{
        access::DEFAULT_TENANT,
        remodel::{self, step},
        undo::undo_run,
    },
    domain::model::Model,
    engine::Engine,
    store::{keys, models::Models, tenants::Tenant},
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

const DEFAULT: &str = include_str!("../../src/domain/default_model.toml");
/// What is replaced in the default model, and by what.
type Edit = (&'static str, &'static str);

/// Models that differ in what they join, in which keys are dead, and in which values survive.
const MODELS: [&[Edit]; 5] = [
    &[],
    &[
        ("exact_cap = 200", "exact_cap = 3"),
        ("fuzzy_cap = 50", "fuzzy_cap = 3"),
        ("component_cap = 1000", "component_cap = 6"),
    ],
    &[("exact_cap = 200", "exact_cap = 2"), ("fuzzy_cap = 50", "fuzzy_cap = 5"), ("match = 2.0", "match = 9.0")],
    &[
        ("shared_names = 8", "shared_names = 2"),
        ("shared_identifiers = 50", "shared_identifiers = 3"),
        ("match = 2.0", "match = -3.0"),
    ],
    &[
        ("possible = -4.0", "possible = 1.5"),
        ("prior = \"auto\"", "prior = -9.5"),
        ("names = \"most_frequent\"", "names = \"most_recent\""),
        ("address = \"most_recent\"", "address = \"most_frequent\""),
        ("exact_cap = 200", "exact_cap = 4"),
    ],
];

fn model(edits: &[Edit]) -> Model {
    let edit = |text: String, (from, to): &Edit| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    };
    Model::from_toml(&edits.iter().fold(DEFAULT.to_owned(), edit)).unwrap()
}

/// How the model changes.
#[derive(Clone, Debug)]
struct Remodelling {
    /// Which of the models was there, and which comes.
    from: usize,
    to: usize,
    /// So many profiles go over at a time.
    portion: u64,
    /// Whether it is rolled back on the way.
    rolled_back: bool,
}

fn remodellings() -> impl Strategy<Value = Remodelling> {
    let models = (0..MODELS.len(), 0..MODELS.len());
    (models, 1..4_u64, any::<bool>()).prop_map(|((from, to), portion, rolled_back)| Remodelling {
        from,
        to,
        portion,
        rolled_back,
    })
}

async fn engine(database: &TestDatabase, model: Model) -> Engine {
    let mut engine = Engine::open(&database.settings()).await.unwrap();
    engine.models = Arc::new(Models::new(model));
    engine
}

/// The keys that are dead.
async fn dead(engine: &Engine, tenant: &Tenant) -> BTreeSet<i64> {
    keys::all_dead(&engine.connection, tenant.id, 10_000).await.unwrap().into_keys().collect()
}

/// Early events come by one model, late ones while another one comes into force.
async fn remodelled(engine: &Engine, how: &Remodelling, arrival: &Arrival) -> (Outcome, BTreeSet<i64>) {
    let tenant = tenant(engine).await;
    let mut stewards = Stewards::new(engine, &tenant, arrival);
    write(engine, &tenant, &arrival.early, &arrival.batches, &mut stewards).await;
    let (lanes, rules) = (&engine.lanes, engine.rulebook(&tenant));
    remodel::apply(lanes, rules, &model(MODELS[how.to]), "test").await.unwrap();
    stewards.portion = Some(how.portion);
    step(lanes, rules, how.portion).await.unwrap();
    undo_run(engine, &tenant, taken_back(), |_| ()).await.unwrap();
    let (before, after) = arrival.late.split_at(arrival.late.len() / 2);
    write(engine, &tenant, before, &arrival.batches, &mut stewards).await;
    if how.rolled_back {
        remodel::roll_back(lanes, rules, "test").await.unwrap();
    }
    write(engine, &tenant, after, &arrival.batches, &mut stewards).await;
    stewards.withdraw().await;
    while step(lanes, rules, how.portion).await.unwrap().is_some() {}
    (told(engine, &tenant).await, dead(engine, &tenant).await)
}

/// As it comes out where a model was there from the first.
async fn from_the_first(engine: &Engine, arrival: &Arrival) -> (Outcome, BTreeSet<i64>) {
    let tenant = tenant(engine).await;
    let mut stewards = Stewards::new(engine, &tenant, arrival);
    write(engine, &tenant, &arrival.early, &arrival.batches, &mut stewards).await;
    (told(engine, &tenant).await, dead(engine, &tenant).await)
}

#[test]
fn whatever_comes_meanwhile_the_end_is_what_the_new_model_makes_of_it_from_the_first() {
    let cases = std::env::var("ONEFOLD_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::quick());
    let engines = runtime.block_on(async {
        let mut engines = Vec::new();
        for edits in MODELS {
            engines.push(engine(&database, model(edits)).await);
        }
        engines
    });
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let held = TestRunner::new(config).run(&(histories(), remodellings()), |((stored, arrival), how)| {
        let at_once = Arrival::at_once(stored, arrival.rulings.clone());
        runtime.block_on(async {
            let found = remodelled(&engines[how.from], &how, &arrival).await;
            let last = if how.rolled_back { how.from } else { how.to };
            prop_assert_eq!(from_the_first(&engines[last], &at_once).await, found);
            Ok(())
        })
    });
    held.unwrap();
}

/// Strangers who call from one switchboard, as many as there are ids of events.
fn callers(ids: &[&str]) -> Vec<Value> {
    let event = |(number, id): (u32, &&str)| {
        let Person { given, family, phone, .. } = Person::number(number);
        json!({"source": "switchboard", "source_event_id": id, "channel": "phone", "occurred_at": "2026-05-02T10:00:00Z",
            "contact": {"given_name": given, "family_name": family, "phones": ["+442079460100", phone]}})
    };
    (0..).zip(ids).map(event).collect()
}

/// The keys that are dead once another model is in force and an event was taken back, while nobody went through the profiles.
async fn dead_after_takeback(from: &[Edit], to: &[Edit], events: &[&str]) -> BTreeSet<i64> {
    let database = TestDatabase::quick().await;
    let engine = engine(&database, model(from)).await;
    let arrival = Arrival::at_once(callers(events), Vec::new());
    let tenant = tenant(&engine).await;
    write(&engine, &tenant, &arrival.early, &arrival.batches, &mut Stewards::new(&engine, &tenant, &arrival)).await;
    remodel::apply(&engine.lanes, engine.rulebook(&tenant), &model(to), "test").await.unwrap();
    undo_run(&engine, &tenant, taken_back(), |_| ()).await.unwrap();
    dead(&engine, &tenant).await
}

#[tokio::test]
async fn a_takeback_meanwhile_judges_keys_by_who_is_left() {
    let few: &[Edit] = &[("exact_cap = 200", "exact_cap = 3")];
    let names: &[Edit] = &[("shared_names = 8", "shared_names = 2")];
    let (three, four) = (["1", "2", "gone-3"], ["1", "2", "3", "gone-4"]);
    // One too many under the new model, of whom one goes.
    assert_eq!(dead_after_takeback(&[], few, &four).await, BTreeSet::new());
    assert_eq!(dead_after_takeback(&[], names, &three).await, BTreeSet::new());
    // Too many under the old model; under the new one those who are left have too many names.
    assert_eq!(dead_after_takeback(few, names, &four).await, dead_after_takeback(names, names, &four).await);
    assert_eq!(dead_after_takeback(names, names, &four).await.len(), 1);
}

/// Goes through all profiles, a few at a time.
async fn go_through(engine: &Engine) {
    let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    while step(&engine.lanes, engine.rulebook(&tenant), 5).await.unwrap().is_some() {}
}

#[tokio::test]
async fn several_may_go_through_the_profiles_at_once() {
    let database = TestDatabase::fresh().await;
    let engines = [load(&database, &demo()).await, Engine::open(&database.settings()).await.unwrap()];
    let before = assignments(&engines[0]).await;
    let tenant = engines[0].tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    let (lanes, rules) = (&engines[0].lanes, engines[0].rulebook(&tenant));
    let strict = model(&[("match = 2.0", "match = 40.0")]);
    remodel::apply(lanes, rules, &strict, "test").await.unwrap();
    tokio::join!(go_through(&engines[0]), go_through(&engines[1]));
    assert_ne!(assignments(&engines[0]).await, before);
    let second = remodel::roll_back(lanes, rules, "test").await.unwrap();
    assert_eq!((second.number, second.reverts), (2, Some(1)));
    tokio::join!(go_through(&engines[0]), go_through(&engines[1]));
    assert_eq!(assignments(&engines[0]).await, before);
    // What was rolled back comes again by rolling back once more.
    let third = remodel::roll_back(lanes, rules, "test").await.unwrap();
    assert_eq!((third.number, third.text.as_str()), (3, strict.text()));
    for engine in engines {
        engine.connection.close().await.unwrap();
        engine.lanes.close().await.unwrap();
    }
}
