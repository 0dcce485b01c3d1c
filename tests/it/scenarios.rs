//! Scenarios: each file of `fixtures/scenarios` tells a few events, who of them is one person, and why. Each is run through
//! the real engine in four ways, of which all must come out alike: the events in order and reversed, one by one and at once.
//!
//! A file has a `title`, a `why`, and `[[event]]` tables in the service's own shape: an `id` stands for the event's id at
//! its source, and source and time may be left out. `profiles` lists who is one person; an event that no list names is
//! expected to stand alone. `ambiguous` names the events that fit two people who contradict each other, `unresolved` those
//! with nobody in them. `shared` holds contacts with the identifiers that are too widely used to join anybody.
//! `[[explain]]` gives the reason between two events, and if need be what their weight alone means; `[[judgement]]` is what
//! a steward rules between two sets of events. In `unique_namespaces` a person has at most one id.
//!
//! `pending` below it holds what should come out and does not yet; a file moves up once it does.
//! `ONEFOLD_SCENARIOS=fixtures/scenarios/pending cargo test --test it scenarios` runs that folder, or any other.

use crate::database::{ID_KEY, TestDatabase};
use jiff::Timestamp;
use onefold::{
    actions::{
        access::DEFAULT_TENANT,
        ingest::ingest,
        judge::{Ruling, judge},
        memory::Memory,
        prepare::{PreparedEvent, prepare},
    },
    domain::{
        blocking::Key,
        cluster::Verdict,
        contact::{Contact, Event},
        explain::Explanation,
        id::RecordId,
        source::{Source, Sources},
        subject::Subject,
        validate,
    },
    engine::Engine,
    reads::{explain::explain_pair, exports::assignments_page},
    store::{
        keys, profiles, sources,
        tenants::{self, Tenant},
    },
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::{Path, PathBuf},
};
use uuid::Uuid;

/// Fewer files than this are a sign that they were not found.
const FEWEST: usize = 40;
/// The source of events that name none.
const SOURCE: &str = "scenario";
/// More than any scenario has events.
const ALL: u64 = 1_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    title: String,
    why: String,
    profiles: Vec<BTreeSet<String>>,
    #[serde(default)]
    ambiguous: BTreeSet<String>,
    #[serde(default)]
    unresolved: BTreeSet<String>,
    #[serde(default)]
    shared: Vec<Contact>,
    #[serde(default)]
    unique_namespaces: Vec<String>,
    event: Vec<Map<String, Value>>,
    #[serde(default)]
    judgement: Vec<Judgement>,
    #[serde(default)]
    explain: Vec<Why>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judgement {
    verdict: Verdict,
    a: BTreeSet<String>,
    b: BTreeSet<String>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct Why {
    a: String,
    b: String,
    reason: String,
    decision: Option<String>,
}

/// How the events come in.
#[derive(Clone, Copy, Debug)]
struct Way {
    reversed: bool,
    at_once: bool,
}

const WAYS: [Way; 4] = [
    Way { reversed: false, at_once: true },
    Way { reversed: false, at_once: false },
    Way { reversed: true, at_once: true },
    Way { reversed: true, at_once: false },
];

/// What is expected of a scenario, or what came of it.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    profiles: BTreeSet<BTreeSet<String>>,
    ambiguous: BTreeSet<String>,
    unresolved: BTreeSet<String>,
    shared: BTreeSet<Key>,
    explain: Vec<Why>,
}

#[tokio::test]
async fn scenarios_come_out_as_their_files_say() {
    let chosen = std::env::var("ONEFOLD_SCENARIOS").ok();
    let files = files(chosen.as_deref().unwrap_or("fixtures/scenarios"));
    assert!(chosen.is_some() || files.len() >= FEWEST, "only {} scenarios", files.len());
    let database = TestDatabase::quick().await;
    let engine = Engine::open(&database.settings()).await.unwrap();
    let mut failures = String::new();
    for (number, file) in (1..).zip(&files) {
        if let Some(failure) = failure(&engine, number, file).await {
            let _ = writeln!(failures, "{}\n{failure}", file.display());
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn a_scenario_with_an_unknown_field_is_refused() {
    let text = "title = 'T'\nwhy = 'W'\nprofiles = []\nevent = []\n";
    assert!(toml::from_str::<Scenario>(text).is_ok());
    for unknown in ["profile = []", "[[explain]]\na = 'a'\nb = 'b'\nreason = 'names'\nbits = 2.0"] {
        assert!(toml::from_str::<Scenario>(&format!("{text}{unknown}")).is_err(), "{unknown}");
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let files = folder.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

/// Reads a file and runs it in each way; what went wrong first, if anything did.
async fn failure(engine: &Engine, number: i32, file: &Path) -> Option<String> {
    let scenario: Scenario = match toml::from_str(&std::fs::read_to_string(file).unwrap()) {
        Ok(scenario) => scenario,
        Err(error) => return Some(error.to_string()),
    };
    if let Some(wrong) = scenario.slip() {
        return Some(wrong);
    }
    for (run, way) in (0..).zip(WAYS) {
        let world = World::new(engine, DEFAULT_TENANT + 4 * number + run, &scenario).await;
        world.write(way).await;
        let (expected, found) = (scenario.expected(), world.found().await);
        if expected != found {
            return Some(world.difference(way, &expected, &found).await);
        }
    }
    None
}

impl Scenario {
    fn events(&self) -> Vec<Event> {
        self.event.iter().map(|event| read(event).unwrap()).collect()
    }

    fn ids(&self) -> BTreeSet<String> {
        self.events().into_iter().map(|event| event.source_event_id).collect()
    }

    /// What is wrong with the file itself.
    fn slip(&self) -> Option<String> {
        if self.title.is_empty() || self.why.is_empty() {
            return Some("title and why must not be empty".into());
        }
        for event in &self.event {
            match read(event) {
                Err(wrong) => return Some(format!("{wrong}: {event:?}")),
                Ok(event) => {
                    let errors = validate::event(&event, Timestamp::now());
                    if !errors.is_empty() {
                        return Some(format!("{}: {errors:?}", event.source_event_id));
                    }
                }
            }
        }
        let ids = self.ids();
        if ids.len() < self.event.len() {
            return Some("two events have one id".into());
        }
        let told = self.profiles.iter().flatten().chain(&self.ambiguous).chain(&self.unresolved);
        let ruled = self.judgement.iter().flat_map(|judgement| judgement.a.iter().chain(&judgement.b));
        let explained = self.explain.iter().flat_map(|why| [&why.a, &why.b]);
        let unknown = told.chain(ruled).chain(explained).find(|id| !ids.contains(*id));
        unknown.map(|id| format!("no event has the id {id}"))
    }

    fn expected(&self) -> Outcome {
        let listed: BTreeSet<&String> = self.profiles.iter().flatten().chain(&self.unresolved).collect();
        let alone = self.ids().into_iter().filter(|id| !listed.contains(id)).map(|id| BTreeSet::from([id]));
        Outcome {
            profiles: self.profiles.iter().cloned().chain(alone).collect(),
            ambiguous: self.ambiguous.clone(),
            unresolved: self.unresolved.clone(),
            shared: self.shared.iter().flat_map(|contact| identifiers(&learnt(contact))).collect(),
            explain: self.explain.clone(),
        }
    }
}

/// An event as the service takes it.
fn read(event: &Map<String, Value>) -> Result<Event, String> {
    let mut event = event.clone();
    let id = event.remove("id").ok_or("an event without id")?;
    if event.insert("source_event_id".into(), id).is_some() {
        return Err("an event says `id` and not `source_event_id`".into());
    }
    event.entry("source").or_insert_with(|| SOURCE.into());
    event.entry("occurred_at").or_insert_with(|| "2026-05-01T10:00:00Z".into());
    serde_json::from_value(event.into()).map_err(|error| error.to_string())
}

/// An event that carries the contact by itself.
fn learnt(contact: &Contact) -> PreparedEvent {
    let event = json!({"source": SOURCE, "source_event_id": "shared", "channel": "crm",
        "occurred_at": "2026-05-01T10:00:00Z", "contact": contact});
    prepare(serde_json::from_value(event).unwrap(), &ID_KEY, &Sources::default()).unwrap()
}

/// What the scenario calls the event.
fn source_event_id(event: &PreparedEvent) -> String {
    serde_json::from_str::<Event>(&event.body).unwrap().source_event_id
}

fn identifiers(event: &PreparedEvent) -> Vec<Key> {
    event.record.iter().flat_map(|(_, prepared)| prepared.identifiers.all()).collect()
}

/// A scenario in a tenant of its own.
struct World<'a> {
    engine: &'a Engine,
    scenario: &'a Scenario,
    tenant: Tenant,
    events: Vec<PreparedEvent>,
}

impl<'a> World<'a> {
    async fn new(engine: &'a Engine, id: i32, scenario: &'a Scenario) -> Self {
        let tenant = Tenant { id, name: id.to_string(), id_key: ID_KEY };
        tenants::create(&engine.connection, &tenant, Timestamp::UNIX_EPOCH).await.unwrap();
        let source = Source { unique_namespaces: scenario.unique_namespaces.clone(), ..Source::default() };
        sources::put(&engine.connection, id, SOURCE, &source).await.unwrap();
        let sources = sources::all(&engine.connection, id).await.unwrap();
        let events = scenario.events().into_iter();
        let events = events.map(|event| prepare(event, &ID_KEY, &sources).unwrap()).collect();
        Self { engine, scenario, tenant, events }
    }

    /// Writes the events. A steward rules as soon as the last event of what is ruled is there.
    async fn write(&self, way: Way) {
        let mut events = self.events.clone();
        let mut judgements: Vec<&Judgement> = self.scenario.judgement.iter().collect();
        if way.reversed {
            events.reverse();
            judgements.reverse();
        }
        let size = if way.at_once { events.len().max(1) } else { 1 };
        let (mut written, mut memory): (BTreeSet<String>, _) = (BTreeSet::new(), Memory::new(self.engine.cache));
        for batch in events.chunks(size) {
            ingest(&self.engine.connection, self.engine.rulebook(&self.tenant), &mut memory, batch).await.unwrap();
            written.extend(batch.iter().map(source_event_id));
            let is_due = |judgement: &&Judgement| judgement.a.iter().chain(&judgement.b).all(|id| written.contains(id));
            let (due, later): (Vec<_>, Vec<_>) = judgements.into_iter().partition(is_due);
            for judgement in due {
                self.rule(judgement).await;
            }
            judgements = later;
        }
    }

    async fn rule(&self, judgement: &Judgement) {
        let records = |ids: &BTreeSet<String>| ids.iter().map(|id| Subject::Record(self.record(id).unwrap())).collect();
        let ruling = Ruling {
            verdict: judgement.verdict,
            a: records(&judgement.a),
            b: records(&judgement.b),
            reason: "as the scenario says".into(),
            actor: "steward".into(),
        };
        judge(&self.engine.connection, self.engine.rulebook(&self.tenant), ruling).await.unwrap();
    }

    /// The record of an event; none where nobody is in it.
    fn record(&self, id: &str) -> Option<RecordId> {
        let event = self.events.iter().find(|event| source_event_id(event) == id)?;
        event.record.as_ref().map(|(record, _)| record.id)
    }

    async fn found(&self) -> Outcome {
        let (connection, tenant) = (&self.engine.connection, self.tenant.id);
        let living = profiles::living(connection, tenant, Uuid::nil(), ALL).await.unwrap();
        let torn: BTreeSet<_> = living.into_iter().filter(|profile| profile.ambiguous).map(|p| p.id).collect();
        let mut members: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        let (mut ambiguous, mut unresolved) = (BTreeSet::new(), BTreeSet::new());
        for row in assignments_page(connection, tenant, None, ALL).await.unwrap().0 {
            match row.profile_id {
                None => drop(unresolved.insert(row.source_event_id)),
                Some(profile) => {
                    if torn.contains(&profile) {
                        ambiguous.insert(row.source_event_id.clone());
                    }
                    members.entry(profile).or_default().insert(row.source_event_id);
                }
            }
        }
        let held: BTreeSet<Key> = self.events.iter().flat_map(identifiers).collect();
        let dead = keys::dead(connection, tenant, held.iter().map(|key| key.hash).collect()).await.unwrap();
        let shared = held.into_iter().filter(|key| dead.contains_key(&key.hash)).collect();
        let mut explain = Vec::new();
        for expected in &self.scenario.explain {
            explain.push(self.why(expected).await);
        }
        Outcome { profiles: members.into_values().collect(), ambiguous, unresolved, shared, explain }
    }

    async fn why(&self, expected: &Why) -> Why {
        let Some(found) = self.explanation(&expected.a, &expected.b).await else {
            return Why { reason: "nobody is in one of them".into(), ..expected.clone() };
        };
        let decision = expected.decision.as_ref().map(|_| text(found.decision));
        Why { reason: text(found.reason), decision, ..expected.clone() }
    }

    async fn explanation(&self, a: &str, b: &str) -> Option<Explanation> {
        let subjects = [Subject::Record(self.record(a)?), Subject::Record(self.record(b)?)];
        explain_pair(&self.engine.connection, self.engine.rulebook(&self.tenant), subjects).await.unwrap()
    }

    /// Expected and found, with the explanation of the first pair that is wrong.
    async fn difference(&self, way: Way, expected: &Outcome, found: &Outcome) -> String {
        let mut told = format!("{} ({way:?})\n", self.scenario.title);
        let mut show = |what: &str, expected: String, found: String| {
            if expected != found {
                let _ = writeln!(told, "  {what} expected: {expected}\n  {what} found:    {found}");
            }
        };
        show("profiles", format!("{:?}", expected.profiles), format!("{:?}", found.profiles));
        show("ambiguous", format!("{:?}", expected.ambiguous), format!("{:?}", found.ambiguous));
        show("unresolved", format!("{:?}", expected.unresolved), format!("{:?}", found.unresolved));
        show("shared", format!("{:?}", expected.shared), format!("{:?}", found.shared));
        for (expected, found) in expected.explain.iter().zip(&found.explain) {
            show("explanation", format!("{expected:?}"), format!("{found:?}"));
        }
        if let Some((a, b)) = first_wrong(expected, found)
            && let Some(explanation) = self.explanation(&a, &b).await
        {
            let _ = writeln!(told, "  {a}, {b}: {}", explanation.text.replace('\n', "\n    "));
        }
        told
    }
}

/// The first two events that are together and should not be, or the other way round, or whose reason is another.
fn first_wrong(expected: &Outcome, found: &Outcome) -> Option<(String, String)> {
    let pairs = |outcome: &Outcome| -> BTreeSet<(String, String)> {
        let of = |profile: &BTreeSet<String>| {
            let pairs = profile.iter().flat_map(|a| profile.iter().map(move |b| (a.clone(), b.clone())));
            pairs.filter(|(a, b)| a < b).collect::<Vec<_>>()
        };
        outcome.profiles.iter().flat_map(of).collect()
    };
    let (should, are) = (pairs(expected), pairs(found));
    let reasons = expected.explain.iter().zip(&found.explain).find(|(expected, found)| expected != found);
    let wrong = should.symmetric_difference(&are).next().cloned();
    wrong.or_else(|| reasons.map(|(expected, _)| (expected.a.clone(), expected.b.clone())))
}

/// A word as the wire format writes it.
fn text(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap_or_default().to_owned()
}
