//! How well the default model does on data with a known truth. The data stays outside the repository: where it is missing,
//! a test says so on stderr and passes.
//!
//! Loading the larger set in several orders takes minutes, so that this is ignored by default:
//! `cargo test --release --test it -- --ignored`.

use crate::{
    database::ID_KEY,
    partition::{Name, Partition, name},
    reference::{Pairs, People, resolved},
    sample::shuffled,
};
use onefold::{
    actions::prepare::prepare,
    domain::{
        evaluation::{Evaluation, Judged, Scores, evaluate},
        model::Model,
        resolution::{Prepared, resolve_all},
        source::Sources,
    },
};
use serde_json::Value;
use std::{collections::BTreeMap, path::PathBuf};

/// An event's person, and what its own identifiers tie it to.
struct True {
    entity: String,
    link: String,
}

#[test]
fn contacts_come_out_with_precision_and_recall() {
    let Some(Scores { pair_precision, pair_recall, .. }) = judged("contacts") else { return };
    assert!(pair_precision >= 0.997 && pair_recall >= 0.975, "precision {pair_precision}, recall {pair_recall}");
}

#[test]
fn fake_1000_comes_out_well() {
    let Some(Scores { pair_f1, .. }) = judged("fake_1000") else { return };
    assert!(pair_f1 >= 0.93, "F1 {pair_f1}");
}

#[test]
fn febrl3_comes_out_well() {
    let Some(Scores { pair_f1, .. }) = judged("febrl3") else { return };
    assert!(pair_f1 >= 0.995, "F1 {pair_f1}");
}

#[test]
fn opencr_uganda_comes_out_well() {
    let Some(Scores { pair_f1, .. }) = judged("opencr_uganda") else { return };
    assert!(pair_f1 >= 0.998, "F1 {pair_f1}");
}

#[tokio::test]
#[ignore = "minutes"]
async fn contacts_in_another_order_come_out_the_same_and_as_worked_out_in_memory() {
    let Some(events) = events("contacts") else { return };
    let in_order = Partition::of_bulk(&events).await;
    in_order.assert_same(&Partition::new(assigned(&events)));
    for seed in [6, 7] {
        in_order.assert_same(&Partition::of_bulk(&shuffled(events.clone(), seed)).await);
    }
}

#[test]
#[ignore = "minutes: compares all pairs"]
fn blocking_costs_little() {
    let Some(events) = events("fake_1000") else { return };
    let model = Model::default_model().unwrap();
    let with = |pairs| resolved(&events, &[], &model, &Sources::default(), pairs);
    let (blocked, all) = (with(Pairs::Blocked), with(Pairs::All));
    let pairs = |people: &People| people.iter().map(|events| events.len() * (events.len() - 1) / 2).sum::<usize>();
    let (found, possible) = (pairs(&blocked), pairs(&all));
    eprintln!("fake_1000: {found} pairs of events together with blocking, {possible} without");
    assert!(found * 100 >= possible * 95, "{found} of {possible}");
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

/// The figures of a set, resolved in memory; none where it is not there.
fn judged(set: &str) -> Option<Scores> {
    let found: BTreeMap<Name, Option<String>> = assigned(&events(set)?).into_iter().collect();
    let rows: Vec<_> = truth(&folder(set).join("truth.csv")).into_iter().map(|row| judgement(row, &found)).collect();
    let Evaluation { events, profiles, entities, scores } = evaluate(&rows);
    eprintln!("{set}: {events} events, {profiles} profiles, {entities} entities, {scores:?}");
    Some(scores)
}

/// Which person each event belongs to, by number; none where nobody is in it.
fn assigned(events: &[Value]) -> Vec<(Name, Option<String>)> {
    let (model, sources) = (Model::default_model().unwrap(), Sources::default());
    let (mut forms, mut form_of) = (BTreeMap::new(), Vec::new());
    for event in events {
        let ready = prepare(serde_json::from_value(event.clone()).unwrap(), &ID_KEY, &sources).unwrap();
        let form = ready.record.map(|(_, prepared)| {
            let id = prepared.node.id;
            forms.entry(id).or_insert(prepared);
            id
        });
        form_of.push((name(event), form));
    }
    let nodes: Vec<&Prepared> = forms.values().map(AsRef::as_ref).collect();
    let model = model.for_size(i64::try_from(nodes.len()).unwrap());
    let (mut person_of, mut people) = (BTreeMap::new(), 0);
    for component in resolve_all(&nodes, &[], &model, &sources.unique_namespaces()).1 {
        for cluster in component.partition.clusters {
            people += 1;
            person_of.extend(cluster.nodes.iter().map(|local| (nodes[component.nodes[*local]].node.id, people)));
        }
    }
    form_of.into_iter().map(|(name, form)| (name, form.map(|form| person_of[&form].to_string()))).collect()
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
