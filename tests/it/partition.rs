//! Which events belong together: what stays equal however they came in.

use crate::database::{ID_KEY, TestDatabase};
use onefold::{
    actions::{
        access::DEFAULT_TENANT,
        ingest::ingest,
        memory::Memory,
        prepare::{PreparedEvent, prepare},
    },
    domain::source::Sources,
    engine::Engine,
    reads::exports::assignments_page,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// An event by its source and its id there.
pub type Name = (String, String);

/// Events by person. An event with nobody in it stands alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Partition(BTreeSet<BTreeSet<Name>>);

impl Partition {
    /// By the profile of each event.
    pub fn new(assignments: impl IntoIterator<Item = (Name, Option<String>)>) -> Self {
        let mut clusters: BTreeMap<String, BTreeSet<Name>> = BTreeMap::new();
        for (name, profile) in assignments {
            let profile = profile.unwrap_or_else(|| format!("{name:?}"));
            clusters.entry(profile).or_default().insert(name);
        }
        Self(clusters.into_values().collect())
    }

    /// As the export tells it.
    pub fn exported(assignments: &str) -> Self {
        Self::new(assignments.lines().map(|line| {
            let row: Value = serde_json::from_str(line).unwrap();
            (name(&row), row["profile_id"].as_str().map(str::to_owned))
        }))
    }

    /// As it comes out where the events are written in bulk, by one process, in this order.
    pub async fn of_bulk(events: &[Value]) -> Self {
        let database = TestDatabase::fresh().await;
        let engine = load(&database, events).await;
        let assignments = assignments(&engine).await;
        engine.connection.close().await.unwrap();
        Self::new(assignments)
    }

    /// How many people there are.
    pub fn people(&self) -> usize {
        self.0.len()
    }

    /// All events in it.
    pub fn events(&self) -> BTreeSet<&Name> {
        self.0.iter().flatten().collect()
    }

    /// Fails where the two differ, and shows only the clusters that do.
    #[track_caller]
    pub fn assert_same(&self, other: &Self) {
        let (ours, theirs): (Vec<_>, Vec<_>) =
            (self.0.difference(&other.0).collect(), other.0.difference(&self.0).collect());
        assert!(ours.is_empty() && theirs.is_empty(), "only in one:\n{ours:#?}\nonly in the other:\n{theirs:#?}");
    }
}

/// What its source calls an event, or a row of the export.
pub fn name(event: &Value) -> Name {
    let text = |field: &str| event[field].as_str().unwrap().to_owned();
    (text("source"), text("source_event_id"))
}

/// Opens a database and writes events into it in bulk.
pub async fn load(database: &TestDatabase, events: &[Value]) -> Engine {
    let engine = Engine::open(&database.settings()).await.unwrap();
    let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    let sources = Sources::default();
    let ready = |event: &Value| prepare(serde_json::from_value(event.clone()).unwrap(), &ID_KEY, &sources).unwrap();
    let prepared: Vec<PreparedEvent> = events.iter().map(ready).collect();
    let mut memory = Memory::for_load(engine.cache);
    for part in prepared.chunks(1_000) {
        ingest(&engine.connection, engine.rulebook(&tenant), &mut memory, part).await.unwrap();
    }
    engine
}

/// Which profile holds each event.
pub async fn assignments(engine: &Engine) -> Vec<(Name, Option<String>)> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let (rows, next) = assignments_page(&engine.connection, DEFAULT_TENANT, after, 1_000).await.unwrap();
        let told =
            rows.into_iter().map(|row| ((row.source, row.source_event_id), row.profile_id.map(|id| id.to_string())));
        found.extend(told);
        if next.is_none() {
            return found;
        }
        after = next;
    }
}
