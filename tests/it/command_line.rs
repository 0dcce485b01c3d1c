//! The commands as somebody types them: the demo, and an import that is judged, exported and taken back.

use crate::{
    database::TestDatabase,
    partition::Partition,
    sample::{demo, ndjson, order},
};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use std::{
    path::Path,
    process::{Command, Output},
};

/// Runs the binary on a database; fails where it fails.
pub fn onefold(url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
    let output = command.args(arguments).env("ONEFOLD_DATABASE_URL", url).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// What it printed.
pub fn stdout(output: Output) -> String {
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_demo_shows_what_came_of_it_and_makes_nobody_two_people() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo.db");
    let shown = stdout(onefold("", &["demo", "--no-serve", "--database", file.to_str().unwrap()]));
    let people = ["Idris Bellamy", "Maren Lindqvist", "Sophie Delacroix"];
    for text in people.into_iter().chain(["490 events", "had nobody in them", "idris.bellamy@example.com"]) {
        assert!(shown.contains(text), "`{text}` is not shown:\n{shown}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 1, "whoever copies the file must have all of it");
    let truth = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/truth.csv");
    let url = format!("sqlite://{}", file.display());
    let judged = stdout(onefold(&url, &["evaluate", "--json", "--truth", truth.to_str().unwrap()]));
    let judged: Value = serde_json::from_str(&judged).unwrap();
    assert_eq!(judged["pair_precision"], 1.0, "{judged}");
    assert!(judged["pair_recall"].as_f64().unwrap() >= 0.95, "{judged}");
}

#[tokio::test]
async fn an_import_that_is_taken_back_leaves_what_was_there() {
    let database = TestDatabase::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let (kept, brought) = (folder.path().join("kept.ndjson"), folder.path().join("brought.ndjson"));
    // Every other event, so that the second half changes most of the profiles of the first.
    let half = |rest: usize| -> Vec<Value> { demo().into_iter().skip(rest).step_by(2).collect() };
    std::fs::write(&kept, ndjson(&half(0))).unwrap();
    std::fs::write(&brought, ndjson(&half(1))).unwrap();

    onefold(&database.url, &["import", kept.to_str().unwrap()]);
    let before = exported(&database);
    let run = stdout(onefold(&database.url, &["import", brought.to_str().unwrap()]));
    Partition::of_bulk(&demo()).await.assert_same(&exported(&database));

    onefold(&database.url, &["import", "--undo", run.trim()]);
    before.assert_same(&exported(&database));
    Partition::of_bulk(&half(0)).await.assert_same(&exported(&database));

    onefold(&database.url, &["import", brought.to_str().unwrap()]);
    Partition::of_bulk(&demo()).await.assert_same(&exported(&database));
}

/// PostgreSQL looks into the table, too, as long as a page is not marked as seen by all. SQLite has nothing but the index.
#[tokio::test]
async fn after_an_import_keys_are_read_from_their_index_alone() {
    let database = TestDatabase::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    std::fs::write(&events, ndjson(&demo())).unwrap();
    onefold(&database.url, &["import", events.to_str().unwrap()]);
    let connection = database.connect().await;
    if connection.get_database_backend() != DbBackend::Postgres {
        return;
    }
    let sql = "SELECT relpages, relallvisible FROM pg_class WHERE relname = 'record_keys'";
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    let [pages, visible] = ["relpages", "relallvisible"].map(|column| row.try_get::<i32>("", column).unwrap());
    assert!(pages > 0 && visible == pages, "{visible} of {pages}");
}

/// What an import joined takes its own ids back.
#[tokio::test]
async fn an_import_that_is_taken_back_parts_whom_it_joined_under_their_own_ids() {
    let database = TestDatabase::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ndjson");
    let import = |events: &[Value]| {
        std::fs::write(&file, ndjson(events)).unwrap();
        stdout(onefold(&database.url, &["import", file.to_str().unwrap()]))
    };
    let by_mail = order("1", &json!({"name": "Zoë Kraft", "emails": ["zoe.kraft@example.com"]}));
    let by_phone = order("2", &json!({"name": "Zoë Kraft", "phones": ["+442079460123"]}));
    let both = json!({"name": "Zoë Kraft", "emails": ["zoe.kraft@example.com"], "phones": ["+442079460123"]});
    import(&[by_mail, by_phone]);
    let assignments = || stdout(onefold(&database.url, &["export", "assignments"]));
    let before = assignments();
    let run = import(&[order("3", &both)]);
    assert_eq!(Partition::exported(&assignments()).people(), 1);
    onefold(&database.url, &["import", "--undo", run.trim()]);
    assert_eq!(assignments(), before);
}

fn exported(database: &TestDatabase) -> Partition {
    Partition::exported(&stdout(onefold(&database.url, &["export", "assignments"])))
}

#[tokio::test]
async fn a_model_that_is_wrong_is_refused_with_line_and_reason_and_the_database_stays_as_it_was() {
    let database = TestDatabase::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let (events, model) = (folder.path().join("events.ndjson"), folder.path().join("model.toml"));
    std::fs::write(&events, ndjson(&demo()[..20])).unwrap();
    onefold(&database.url, &["import", events.to_str().unwrap()]);
    let before = exported(&database);
    let text = include_str!("../../src/domain/default_model.toml");
    let first_level = "levels = [\n  { level = \"null\", bits = 0.0 },\n";
    for (from, to, reason) in [
        ("of = \"email\"", "of = \"emial\"", "there is no comparison of `emial`"),
        (first_level, "levels = [\n", "lacks its level `null`"),
        ("bits = 27.0", "bits = nan", "a weight must be finite"),
        ("possible = -4.0", "possible = 4.0", "must not lie above"),
    ] {
        std::fs::write(&model, text.replacen(from, to, 1)).unwrap();
        let arguments = ["export", "assignments", "--model", model.to_str().unwrap()];
        let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
        let output = command.args(arguments).env("ONEFOLD_DATABASE_URL", &database.url).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("line ") && said.contains(reason), "{to}: {said}");
    }
    before.assert_same(&exported(&database));
}
