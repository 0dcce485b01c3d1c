//! How well the default model does on data with a known truth. The data stays outside the repository: where it is missing,
//! a test says so on stderr and passes.
//!
//! Loading the larger set in several orders takes minutes, so that this is ignored by default:
//! `cargo test --release --test it -- --ignored`.

use crate::{
    database::TestDatabase,
    partition::{Name, Partition, assignments, load},
    sample::shuffled,
};
use onefold::domain::evaluation::{Evaluation, Judged, Scores, evaluate};
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

/// An event's person, and what its own identifiers tie it to.
struct True {
    entity: String,
    link: String,
}

#[tokio::test]
async fn contacts_come_out_with_precision_and_recall() {
    let Some(Scores { pair_precision, pair_recall, .. }) = judged("contacts").await else { return };
    assert!(pair_precision >= 0.99 && pair_recall >= 0.95, "precision {pair_precision}, recall {pair_recall}");
}

#[tokio::test]
async fn opencr_uganda_comes_out_well() {
    let Some(Scores { pair_f1, .. }) = judged("opencr_uganda").await else { return };
    assert!(pair_f1 >= 0.98, "F1 {pair_f1}");
}

#[tokio::test]
#[ignore = "minutes"]
async fn contacts_in_another_order_come_out_the_same() {
    let Some(events) = events("contacts") else { return };
    let in_order = Partition::of_bulk(&events).await;
    for seed in [6, 7] {
        in_order.assert_same(&Partition::of_bulk(&shuffled(events.clone(), seed)).await);
    }
}

fn folder(set: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(set)
}

/// The events of a set; none where it is not there.
fn events(set: &str) -> Option<Vec<Value>> {
    let file = folder(set).join("events.ndjson");
    let Ok(events) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: {} is missing, so that nothing is tested on it", file.display());
        return None;
    };
    Some(events.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The figures of a set; none where it is not there.
async fn judged(set: &str) -> Option<Scores> {
    let events = events(set)?;
    let database = TestDatabase::fresh().await;
    let engine = load(&database, &events).await;
    let found: BTreeMap<Name, Option<String>> = assignments(&engine).await.into_iter().collect();
    engine.connection.close().await.unwrap();
    let rows: Vec<_> = truth(&folder(set).join("truth.csv")).into_iter().map(|row| judgement(row, &found)).collect();
    let Evaluation { events, profiles, entities, scores } = evaluate(&rows);
    eprintln!("{set}: {events} events, {profiles} profiles, {entities} entities, {scores:?}");
    Some(scores)
}

/// What was made of an event; what is in no profile stands alone.
fn judgement((name, truth): (Name, True), found: &BTreeMap<Name, Option<String>>) -> Judged<String, String> {
    let profile = found.get(&name).unwrap_or_else(|| panic!("{name:?} is not stored"));
    let predicted = profile.clone().unwrap_or_else(|| format!("{name:?}"));
    Judged { predicted, entity: truth.entity, link: truth.link }
}

/// The events of which anybody could tell whose they are.
fn truth(file: &std::path::Path) -> Vec<(Name, True)> {
    let mut csv = csv::Reader::from_path(file).unwrap();
    let rows = csv.deserialize().map(|row| row.unwrap());
    let determinable =
        rows.filter(|row: &BTreeMap<String, String>| row.get("determinable").is_none_or(|told| told != "0"));
    let read = |row: BTreeMap<String, String>| {
        let entity = row["entity_id"].clone();
        let link = row.get("link_id").filter(|link| !link.is_empty()).unwrap_or(&entity).clone();
        ((row["source"].clone(), row["source_event_id"].clone()), True { entity, link })
    };
    determinable.map(read).collect()
}
