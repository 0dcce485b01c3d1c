//! Imports into databases of their own.

use super::*;
use crate::{
    actions::{ingest::ingest, memory::Memory, prepare::prepare},
    domain::source::Sources,
    store::entities::run::Model as RunRow,
};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::{cell::Cell, fs};
use tempfile::TempDir;

/// A database and a folder of files beside it.
struct Bench {
    folder: TempDir,
    engine: Engine,
    tenant: Arc<Tenant>,
}

impl Bench {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database_url = format!("sqlite://{}", folder.path().join("test.db").display());
        let engine = Engine::open(&Database::at(database_url)).await.unwrap();
        let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
        Self { folder, engine, tenant }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn job(&self, name: &str, content: impl AsRef<[u8]>) -> Job {
        let file = self.path(name);
        fs::write(&file, content).unwrap();
        Job { rejects: default_rejects(&file), file, map: None, batch: 2 }
    }

    async fn import(&self, job: &Job) -> Report {
        import(&self.engine, &self.tenant, job).await.unwrap()
    }

    async fn row(&self, run: RunId) -> RunRow {
        runs::find(&self.engine.connection, DEFAULT_TENANT, run.uuid()).await.unwrap().unwrap()
    }

    /// Imports, but stops after a number of batches as if killed.
    async fn import_in_part(&self, job: &Job, batches: usize) {
        let (mut running, feed) = begin(&self.engine, &self.tenant, job).await.unwrap();
        let mut feed = feed.start();
        for _ in 0..batches {
            running.write(feed.recv().await.unwrap().unwrap()).await.unwrap();
        }
        running.settle().await.unwrap();
    }
}

fn event(id: u32) -> Value {
    json!({"source": "shop", "source_event_id": id.to_string(), "channel": "order",
        "occurred_at": "2026-01-02T03:04:05Z", "contact": {"emails": [format!("secret{id}@example.com")]}})
}

fn events(ids: impl Iterator<Item = u32>) -> String {
    ids.map(|id| event(id).to_string() + "\n").collect()
}

fn packed(content: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The rejects as (line, pointer, code) of each first mistake.
fn rejects(job: &Job) -> Vec<(u64, String, String)> {
    let text = fs::read_to_string(&job.rejects).unwrap_or_default();
    let read = |line: &str| {
        let reject: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| reject["errors"][0][member].as_str().unwrap().to_owned();
        (reject["line"].as_u64().unwrap(), text("pointer"), text("code"))
    };
    text.lines().map(read).collect()
}

#[tokio::test]
async fn good_lines_are_stored_and_bad_ones_listed_without_their_values() {
    let bench = Bench::new().await;
    let mut differing = event(1);
    differing["contact"]["emails"] = json!(["other-secret@example.com"]);
    let mut late = event(3);
    late["occurred_at"] = json!("2999-01-01T00:00:00Z");
    let lines = [
        event(1).to_string(),
        "{\"secret".into(),
        String::new(),
        event(2).to_string().replacen('{', "{\"secret\":1,", 1),
        event(2).to_string().replacen('{', "{\"channel\":\"secret\",", 1),
        "x".repeat((1 << 20) + 1),
        late.to_string(),
        event(1).to_string(),
        differing.to_string(),
        event(2).to_string(),
    ];
    let job = bench.job("events.ndjson", lines.join("\n"));
    let report = bench.import(&job).await;
    let expected = [
        (2, "", "malformed_json"),
        (4, "/secret", "unknown_field"),
        (5, "/channel", "duplicate_key"),
        (6, "", "too_long"),
        (7, "/occurred_at", "time_out_of_range"),
        (9, "/source_event_id", "event_differs"),
    ];
    let expected: Vec<_> =
        expected.iter().map(|(line, at, code)| (*line, (*at).to_owned(), (*code).to_owned())).collect();
    assert_eq!(rejects(&job), expected);
    assert!(!fs::read_to_string(&job.rejects).unwrap().contains("example.com"));
    assert_eq!((report.counts.stored, report.counts.replayed, report.counts.rejected), (2, 1, 6));
    assert_eq!((report.events, report.profiles, report.rejected), (2, 2, 6));
    let row = bench.row(report.run).await;
    assert_eq!((row.state.as_str(), row.lines, row.stored, row.rejected), ("done", 10, 2, 6));
}

#[tokio::test]
async fn packed_files_import_and_leave_no_rejects() {
    let bench = Bench::new().await;
    let job = bench.job("events.ndjson.gz", packed(&events(0..5)));
    let report = bench.import(&job).await;
    assert_eq!((report.counts.stored, report.rejected), (5, 0));
    assert_eq!(report.counts.outcomes["created"], 5);
    assert!(!job.rejects.exists());
}

#[tokio::test]
async fn a_broken_archive_is_an_error_and_stores_what_came_before() {
    let bench = Bench::new().await;
    let whole = packed(&events(0..400));
    let job = Job { batch: 20, ..bench.job("events.gz", &whole[..whole.len() / 2]) };
    let error = import(&bench.engine, &bench.tenant, &job).await.unwrap_err();
    assert!(matches!(error, CliError::File { .. }), "{error}");
    let stored = crate::reads::exports::assignments_page(&bench.engine.connection, DEFAULT_TENANT, None, 10).await;
    assert_eq!(stored.unwrap().0.len(), 10);
}

#[tokio::test]
async fn a_csv_is_mapped() {
    let bench = Bench::new().await;
    let map = r#"
        [constants]
        source = "crm"
        channel = "crm"
        [columns]
        "No" = "source_event_id"
        "Mail" = "contact.emails[0].value"
        "Score" = "satisfaction.score"
        [constants.x]
    "#;
    fs::write(bench.path("bad.toml"), map).unwrap();
    let map = map.replace("[constants.x]", "[time]\ndefault = \"2026-01-01T00:00:00Z\"");
    let map = map.replace("[columns]", "\"satisfaction.scale\" = 5\n[columns]");
    fs::write(bench.path("map.toml"), map).unwrap();
    let csv = "No,Mail,Score\n1,secret1@example.com,4\n2,\"secret2@example.com\n\",9\n3,secret3@example.com\n,secret@example.com,\n5,,\n";
    for content in [csv.as_bytes().to_vec(), packed(csv)] {
        let plain = bench.job("crm.csv", content);
        assert!(matches!(import(&bench.engine, &bench.tenant, &plain).await, Err(CliError::NoMapping)));
        let bad = Job { map: Some(bench.path("bad.toml")), ..plain.clone() };
        assert!(matches!(import(&bench.engine, &bench.tenant, &bad).await, Err(CliError::Mapping(_))));
        let job = Job { map: Some(bench.path("map.toml")), ..plain };
        let report = bench.import(&job).await;
        assert_eq!((report.events + report.counts.replayed, report.rejected), (2, 3));
        let expected = [
            (3, "/satisfaction/score", "out_of_range"),
            (5, "", "wrong_number_of_columns"),
            (6, "/source_event_id", "missing_field"),
        ];
        let expected: Vec<_> =
            expected.iter().map(|(line, at, code)| (*line, (*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(rejects(&job), expected);
    }
}

#[tokio::test]
async fn a_stopped_import_goes_on_where_it_was() {
    let bench = Bench::new().await;
    let content = format!("{}nonsense\n{}nonsense\n", events(0..3), events(3..8));
    let job = bench.job("events.ndjson", &content);
    bench.import_in_part(&job, 2).await;
    let report = bench.import(&job).await;
    assert_eq!(report.resumed_after, 4);
    assert_eq!((report.counts.stored, report.counts.replayed, report.counts.rejected), (5, 0, 1));
    assert_eq!((report.events, report.rejected), (8, 2));
    let lines: Vec<_> = rejects(&job).into_iter().map(|(line, ..)| line).collect();
    assert_eq!(lines, [4, 10]);
    assert!(report.to_string().contains("went on after line 4"));
}

#[tokio::test]
async fn a_stop_between_storing_and_accounting_costs_nothing() {
    let bench = Bench::new().await;
    let job = bench.job("events.ndjson", events(0..6));
    bench.import_in_part(&job, 2).await;
    let mut row = runs::find(&bench.engine.connection, DEFAULT_TENANT, bench.import(&job).await.run.uuid())
        .await
        .unwrap()
        .unwrap();
    (row.lines, row.stored, row.state) = (2, 2, "running".into());
    runs::save(&bench.engine.connection, &row).await.unwrap();
    let report = bench.import(&job).await;
    assert_eq!((report.run.uuid(), report.counts.stored, report.counts.replayed, report.events), (row.id, 0, 4, 6));
}

#[tokio::test]
async fn an_import_goes_on_while_somebody_else_writes_all_the_time() {
    let bench = Bench::new().await;
    let job = Job { batch: 300, ..bench.job("events.ndjson", events(0..900)) };
    let (stop, sources) = (Cell::new(false), Sources::default());
    let others = async {
        let (mut memory, mut written) = (Memory::none(), 0);
        while !stop.get() {
            let event = serde_json::from_value(event(1_000 + written)).unwrap();
            let event = prepare(event, &bench.tenant.id_key, &sources).unwrap();
            let engine = &bench.engine;
            ingest(&engine.lanes, engine.rulebook(&bench.tenant), &mut memory, &[event]).await.unwrap();
            written += 1;
        }
        written
    };
    let ours = async {
        let report = bench.import(&job).await;
        stop.set(true);
        report
    };
    let (written, report) = tokio::join!(others, ours);
    assert!(written > 2);
    assert_eq!((report.counts.stored, report.counts.rejected, report.events), (900, 0, 900));
}

#[tokio::test]
async fn a_changed_file_and_a_finished_run_start_from_the_top() {
    let bench = Bench::new().await;
    let job = bench.job("events.ndjson", events(0..4));
    bench.import_in_part(&job, 1).await;
    let changed = bench.job("events.ndjson", events(4..8));
    assert_eq!(bench.import(&changed).await.counts.stored, 4);
    let again = bench.import(&changed).await;
    assert_eq!((again.resumed_after, again.counts.stored, again.counts.replayed, again.events), (0, 0, 4, 0));
    assert!(again.to_string().starts_with("all of it was already there"));
}

#[tokio::test]
async fn an_import_can_be_taken_back_and_brought_again() {
    let bench = Bench::new().await;
    let kept = bench.import(&bench.job("kept.ndjson", events(0..3))).await;
    let job = bench.job("events.ndjson", events(2..7));
    let report = bench.import(&job).await;
    assert_eq!((report.counts.stored, report.counts.replayed), (4, 1));
    undo(&bench.engine, &bench.tenant, report.run).await.unwrap();
    assert_eq!(bench.row(report.run).await.state, "undone");
    let left = crate::reads::exports::assignments_page(&bench.engine.connection, DEFAULT_TENANT, None, 10).await;
    assert_eq!(left.unwrap().0.len(), 3);
    assert_eq!(bench.import(&job).await.counts.stored, 4);
    assert_eq!(bench.row(kept.run).await.state, "done");
}

#[tokio::test]
async fn an_empty_file_is_an_empty_run() {
    let bench = Bench::new().await;
    let report = bench.import(&bench.job("events.ndjson", "")).await;
    assert_eq!((report.counts.total(), report.events), (0, 0));
}

#[tokio::test]
async fn what_is_missing_is_said() {
    let bench = Bench::new().await;
    let job = Job { file: bench.path("none"), map: None, rejects: bench.path("r"), batch: 1 };
    let error = import(&bench.engine, &bench.tenant, &job).await.unwrap_err();
    assert!(matches!(error, CliError::File { .. }), "{error}");
    let run = RunId::from_uuid(uuid::Uuid::nil());
    assert!(matches!(undo(&bench.engine, &bench.tenant, run).await, Err(CliError::UnknownRun(_))));
}

#[test]
fn rejects_lie_beside_the_file() {
    assert_eq!(default_rejects(Path::new("a/b.ndjson.gz")), Path::new("a/b.ndjson.gz.rejects.ndjson"));
    assert_eq!(default_rejects(Path::new("-")), Path::new("import.rejects.ndjson"));
    assert!(is_csv(Path::new("a/B.CSV.gz")) && !is_csv(Path::new("a.ndjson")));
}
