//! A small stored world, held against a truth in all the ways there are.

use super::*;
use crate::{
    actions::judge::{Ruling, judge},
    cli::import::{Job, import},
    config::Database,
    domain::{blocking::KeyKind, cluster::Verdict, explain::Reason, id::RecordId, subject::Subject},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
};
use truth::Place;

const TRUTH: &str = "source,source_event_id,entity_id,link_id,determinable\n\
    s,1,jane,,1\ns,2,jane,,1\ns,3,john,,1\ns,4,jane,jane.work,1\ns,5,john,,0\ns,6,nobody,,1\n";

/// Jane in three profiles, one of which holds John's event, too; Ann in two; two events with nobody in them; one that is
/// not stored.
const PEOPLE: &str = "source,source_event_id,entity_id\ns,01,jane\ns,02,jane\ns,03,john\ns,04,jane\ns,05,jane\n\
    s,06,kim\ns,07,lou\ns,08,jane\ns,09,ann\ns,10,ann\n";

const LINE: &str = "+442079460101";

fn people() -> Vec<(&'static str, Value)> {
    let jane = json!({"name": "Jane Doe", "emails": ["jane.doe@example.com"]});
    vec![
        ("01", jane.clone()),
        ("02", jane),
        ("03", json!({"name": "Jane Doe", "emails": ["jane.doe@example.com"], "phones": ["+442079460999"]})),
        ("04", json!({"name": "Jane Doe", "emails": ["sales-7@example.net"]})),
        ("05", json!({"emails": ["xq77@example.org"]})),
        ("06", json!({})),
        ("07", json!({})),
        ("09", json!({"name": "Ann Lee", "phones": [LINE]})),
        ("10", json!({"name": "Robert Stone", "phones": [LINE]})),
    ]
}

struct Stored {
    engine: Engine,
    tenant: Arc<Tenant>,
    /// Holds the database, and goes with it.
    _folder: tempfile::TempDir,
}

async fn stored(file: &Path) -> Stored {
    stored_by(file, None).await
}

async fn stored_by(file: &Path, model: Option<PathBuf>) -> Stored {
    let folder = tempfile::tempdir().unwrap();
    let database_url = format!("sqlite://{}", folder.path().join("test.db").display());
    let engine = Engine::open(&Database { model, ..Database::at(database_url) }).await.unwrap();
    let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    let job = Job { rejects: folder.path().join("rejects"), file: file.to_owned(), map: None, batch: 100 };
    import(&engine, &tenant, &job).await.unwrap();
    Stored { engine, tenant, _folder: folder }
}

async fn world_of(events: Vec<(&str, Value)>) -> Stored {
    world_by(events, include_str!("../../domain/default_model.toml")).await
}

async fn world_by(events: Vec<(&str, Value)>, model: &str) -> Stored {
    let folder = tempfile::tempdir().unwrap();
    let event = |(id, contact): (&str, Value)| {
        json!({"source": "s", "source_event_id": id, "channel": "order", "occurred_at": "2026-01-02T03:04:05Z",
            "contact": contact})
        .to_string()
    };
    let file = folder.path().join("events.ndjson");
    std::fs::write(&file, events.into_iter().map(event).collect::<Vec<_>>().join("\n")).unwrap();
    let by = folder.path().join("model.toml");
    std::fs::write(&by, model).unwrap();
    stored_by(&file, Some(by)).await
}

impl Stored {
    async fn evaluated(&self, truth: &str, flags: &[&str]) -> Report {
        let flags = ["evaluate", "--truth", "truth.csv"].iter().chain(flags);
        let args = <Line as clap::Parser>::parse_from(flags).evaluate;
        let truth = truth::read(truth.as_bytes()).unwrap();
        report(&self.engine, &self.tenant, truth, &args).await.unwrap()
    }

    async fn record_of(&self, id: &str) -> RecordId {
        let mut truth = truth::read(PEOPLE.as_bytes()).unwrap();
        truth::find(&self.engine.connection, self.tenant.id, &mut truth).await.unwrap();
        let found = truth.iter().find(|(name, _)| name.source_event_id == id).unwrap().1;
        let Place::In(record, _) = found.place else { panic!("nobody is in event {id}") };
        record
    }
}

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    evaluate: Evaluate,
}

#[test]
fn truths_read_with_and_without_links() {
    let with = truth::read(TRUTH.as_bytes()).unwrap();
    let link = |id: &str| with.iter().find(|(name, _)| name.source_event_id == id).unwrap().1.link.clone();
    assert_eq!(with.len(), 5);
    assert_eq!((link("1"), link("4")), ("jane".to_owned(), "jane.work".to_owned()));
    let without = truth::read("\u{feff}source,source_event_id,entity_id\na,1,x\n".as_bytes()).unwrap();
    assert_eq!(without.keys().next().unwrap().to_string(), "a/1");
}

#[test]
fn bad_truths_are_refused() {
    let refused = |text: &str| truth::read(text.as_bytes()).err().unwrap();
    assert!(matches!(refused("source,source_event_id\n"), CliError::TruthColumn("entity_id")));
    assert!(matches!(refused("source,source_event_id,entity_id\n"), CliError::NoTruth));
    assert!(matches!(refused("source,source_event_id,entity_id\n1,2\n"), CliError::Truth(_)));
}

#[tokio::test]
async fn figures_are_as_counted_by_hand() {
    let world = world_of(people()).await;
    let report = world.evaluated(PEOPLE, &[]).await;
    // Put together: three pairs of events 1, 2, 3, of which one is right, and the pair with nobody. Of eleven true pairs, ten
    // of them Jane's, 1-2 was found; 1-4, 2-4 and 9-10 are candidates besides.
    let expected = json!({"missing": 1, "nobody": 2, "events": 10, "profiles": 7, "entities": 5,
        "pair_precision": 0.25, "pair_recall": 0.09091, "pair_f1": 0.13333,
        "b3_precision": 0.76667, "b3_recall": 0.54, "b3_f1": 0.63367,
        "true_pairs": 11, "candidate_pairs": 4, "candidate_recall": 0.36364,
        "normal_forms": 6, "keys_per_form": report.blocking.keys_per_form, "keys": report.blocking.keys,
        "dead_keys": 0, "dead_keys_by_kind": {}});
    assert_eq!(serde_json::to_value(&report).unwrap(), expected);
    let text = report.to_string();
    let starts = "10 events (1 missing, 2 with nobody in them), 7 profiles, 5 entities\n";
    assert!(text.starts_with(starts), "{text}");
    for line in ["pairs       0.25000  0.09091  0.13333", "0.36364: 4 of 11 true", "7.00 for each of 6 normal"] {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
}

#[tokio::test]
async fn the_worst_mistakes_come_with_their_reasons() {
    let world = world_of(people()).await;
    let report = world.evaluated(PEOPLE, &["--show", "9"]).await;
    let shown = serde_json::to_value(&report).unwrap();
    let (joins, misses) = (&shown["false_joins"], &shown["misses"]);
    assert_eq!((&joins["total"], &joins["pairs"], &shown["nobody_false_pairs"]), (&json!(1), &json!(2), &json!(1)));
    let join = &joins["worst"][0];
    assert_eq!((&join["events"], &join["entities"], &join["false_pairs"]), (&json!(3), &json!(2), &json!(2)));
    assert_eq!(join["a"]["events"].as_array().unwrap().len(), 2);
    assert_eq!(join["b"]["events"], json!([{"source": "s", "source_event_id": "03"}]));
    assert_eq!((&join["b"]["entity_id"], &join["explanation"]["reason"]), (&json!("john"), &json!("match")));
    assert_eq!((&misses["total"], &misses["pairs"]), (&json!(4), &json!(6)));
    let told = |miss: &Value| (miss["missed_pairs"].clone(), miss["explanation"]["reason"].clone());
    let reasons: Vec<_> = misses["worst"].as_array().unwrap().iter().map(told).collect();
    let expected = [(2, "weight_too_low"), (2, "no_shared_key"), (1, "no_shared_key"), (1, "names")];
    assert_eq!(reasons, expected.map(|(pairs, reason)| (json!(pairs), json!(reason))));
    assert!(shown["misses"]["worst"][0]["explanation"]["contributions"].is_array());
    let text = report.to_string();
    for line in ["3 events of 2 entities, 2 false pairs", "entity jane, s/01, s/02", "  prior", "key in common: phone"]
    {
        assert!(text.contains(line), "`{line}` is not in\n{text}");
    }
    // What a terminal would obey is not told.
    let text = world.evaluated(&PEOPLE.replace("jane", "j\u{1b}[2J"), &["--show", "9"]).await.to_string();
    assert!(text.contains("entity j\u{fffd}[2J, s/01") && !text.contains('\u{1b}'), "{text}");
}

#[tokio::test]
async fn contacts_are_shown_on_demand_alone() {
    let world = world_of(people()).await;
    let told = async |flags: &[&str]| {
        let report = world.evaluated(PEOPLE, flags).await;
        format!("{report}{}", serde_json::to_string(&report).unwrap())
    };
    let (without, with) = (told(&["--show", "9"]).await, told(&["--show", "9", "--contacts"]).await);
    for personal in ["jane.doe@example.com", "Robert", "2079460101"] {
        assert!(!without.contains(personal) && with.matches(personal).count() > 1, "{personal}");
    }
    assert_eq!(told(&["--show", "1"]).await.matches("\"false_pairs\"").count(), 1);
}

#[tokio::test]
async fn dead_keys_are_counted_and_make_no_candidates() {
    let model = include_str!("../../domain/default_model.toml");
    let strict = model.replacen("fuzzy_cap = 50", "fuzzy_cap = 1", 1);
    assert_ne!(model, strict);
    let world = world_by(people(), &strict).await;
    let report = world.evaluated(PEOPLE, &["--show", "1", "--thresholds"]).await;
    // Jane's three forms share their name, and two of them what the mailbox gives besides itself.
    let kinds = [KeyKind::Account, KeyKind::FullName, KeyKind::NameInitial, KeyKind::EmailHalf];
    assert!(report.blocking.dead_keys_by_kind.keys().eq(&kinds), "{report}");
    assert_eq!(report.blocking.dead_keys, report.blocking.dead_keys_by_kind.values().sum::<usize>());
    assert_eq!(report.blocking.candidates.candidate_pairs, 2);
    let worst = &report.mistakes.as_ref().unwrap().misses.worst[0];
    assert_eq!(worst.pair.explanation.reason, Reason::Shared);
    assert!(report.to_string().contains(" full_name"), "{report}");
    assert_up_to_date(&report);
}

#[tokio::test]
async fn two_people_with_one_contact_are_told_so() {
    let world = world_of(people()).await;
    let truth = "source,source_event_id,entity_id\ns,01,jane\ns,02,june\ns,03,june\n";
    let shown = serde_json::to_value(world.evaluated(truth, &["--show", "1"]).await).unwrap();
    let join = &shown["false_joins"]["worst"][0];
    assert_eq!(join["explanation"]["reason"], "same_form");
    assert_eq!(join["a"]["record_id"], join["b"]["record_id"]);
    assert_ne!(join["a"]["events"], join["b"]["events"]);
}

/// Of the model's own threshold, and how many profiles the lowest and the highest give.
fn own_row(report: &Report) -> (Row, u64, u64) {
    let rows = report.thresholds.as_ref().unwrap();
    assert_eq!(rows.iter().filter(|row| row.own).count(), 1);
    assert!(rows.is_sorted_by(|x, y| x.match_at < y.match_at && x.profiles <= y.profiles));
    (*rows.iter().find(|row| row.own).unwrap(), rows[0].profiles, rows[rows.len() - 1].profiles)
}

fn assert_up_to_date(report: &Report) {
    let (row, stored) = (own_row(report).0, report.figures.evaluation);
    assert_eq!((row.profiles, row.scores), (stored.profiles, stored.scores));
    let text = report.to_string();
    assert!(text.contains("+2.0 *") && !text.contains("what is stored differs"), "{text}");
}

#[tokio::test]
async fn the_models_own_threshold_gives_what_is_stored() {
    let world = world_of(people()).await;
    let report = world.evaluated(PEOPLE, &["--thresholds"]).await;
    assert_up_to_date(&report);
    let mut stale = report.clone();
    stale.figures.evaluation.profiles += 1;
    assert!(stale.to_string().contains("what is stored differs"), "{stale}");
}

#[tokio::test]
async fn judgements_apply_at_every_threshold() {
    let world = world_of(people()).await;
    let (a, b) = (world.record_of("04").await, world.record_of("05").await);
    let (one, two) = (world.record_of("01").await, world.record_of("03").await);
    for (verdict, a, b) in [(Verdict::Same, a, b), (Verdict::Different, one, two)] {
        let (a, b) = (BTreeSet::from([a]), BTreeSet::from([b]));
        let [a, b] = [a, b].map(|records| records.into_iter().map(Subject::Record).collect());
        let ruling = Ruling { verdict, a, b, reason: String::new(), actor: "test".to_owned() };
        let engine = &world.engine;
        judge(&engine.connection, engine.rulebook(&world.tenant), ruling).await.unwrap();
    }
    let report = world.evaluated(PEOPLE, &["--thresholds", "--show", "9"]).await;
    assert_up_to_date(&report);
    assert_eq!(report.mistakes.as_ref().unwrap().false_joins.total, 0);
    let rows = report.thresholds.as_ref().unwrap();
    assert!(rows.iter().all(|row| row.scores.pair_recall >= 0.18), "{report}");
    assert!(rows.iter().all(|row| row.scores.pair_precision >= 0.5), "{report}");
}

#[tokio::test]
async fn the_demo_is_resolved_again_as_it_is_stored() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let world = stored(&demo.join("events.ndjson")).await;
    let truth = std::fs::read_to_string(demo.join("truth.csv")).unwrap();
    let report = world.evaluated(&truth, &["--thresholds"]).await;
    assert_up_to_date(&report);
    let (own, lowest, highest) = own_row(&report);
    assert!(lowest <= own.profiles && own.profiles < highest, "{report}");
    assert!(report.blocking.candidates.candidate_recall > 0.5, "{report}");
}
