//! `onefold evaluate`: holds the stored assignments against a truth.

use super::error::CliError;
use crate::{
    actions::access::DEFAULT_TENANT,
    config::Database,
    domain::{
        evaluation::{self, Evaluation, Judged},
        id::ProfileId,
    },
    engine::Engine,
    reads::exports::assignments_page,
    store::{StoreError, TenantId},
};
use clap::Args;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use std::{
    collections::HashMap,
    fmt,
    io::{self, Read, Write},
    path::PathBuf,
    process::ExitCode,
};

const PAGE: u64 = 1_000;

/// Hold what is stored against the truth: pairwise and B-cubed precision, recall and F1
#[derive(Args, Clone, Debug)]
pub struct Evaluate {
    /// Where the data lies.
    #[command(flatten)]
    pub database: Database,
    /// A CSV with the columns `source`, `source_event_id` and `entity_id`. With a column `link_id`, recall is held against
    /// it and precision against `entity_id`; rows whose `determinable` is 0 are left out
    #[arg(long, value_name = "TRUTH.CSV")]
    pub truth: PathBuf,
    /// Print one line of JSON
    #[arg(long)]
    pub json: bool,
}

/// The figures and how much of the truth is not stored at all: such events count as profiles of their own.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Verdict {
    missing: u64,
    #[serde(flatten)]
    evaluation: Evaluation,
}

/// What is known of an event.
struct Known {
    entity: String,
    link: String,
    /// Where it is; none where it is not stored.
    found: Option<Holder>,
}

/// The profile that holds an event; none where nobody is in it. All events with nobody in them count as one profile, so that
/// the figures are those of anybody who counts the exported assignments.
type Holder = Option<ProfileId>;

/// What an event was put into.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Put {
    /// By number.
    Missing(usize),
    In(Holder),
}

/// By source and source event id.
type Truth = HashMap<(String, String), Known>;

/// Runs the command.
///
/// # Errors
/// Where the truth does not read; what the database says.
pub async fn run(args: Evaluate) -> Result<ExitCode, CliError> {
    let file = std::fs::File::open(&args.truth).map_err(CliError::file(&args.truth))?;
    let mut truth = read_truth(io::BufReader::new(file))?;
    let engine = Engine::open_existing(&args.database).await?;
    find(&engine.connection, DEFAULT_TENANT, &mut truth).await?;
    let verdict = judge(truth);
    let text =
        if args.json { serde_json::to_string(&verdict).map_err(io::Error::from) } else { Ok(verdict.to_string()) };
    text.and_then(|text| writeln!(io::stdout(), "{text}")).map_err(CliError::Write)?;
    Ok(ExitCode::SUCCESS)
}

fn read_truth(file: impl Read) -> Result<Truth, CliError> {
    let mut csv = csv::Reader::from_reader(file);
    let header = csv.headers().map_err(CliError::Truth)?.clone();
    let column = |name: &str| header.iter().position(|other| other.trim_start_matches('\u{feff}') == name);
    let must = |name| column(name).ok_or(CliError::TruthColumn(name));
    let (source, id, entity) = (must("source")?, must("source_event_id")?, must("entity_id")?);
    let (link, determinable) = (column("link_id"), column("determinable"));
    let mut truth = Truth::new();
    for row in csv.records() {
        let row = row.map_err(CliError::Truth)?;
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        if determinable.is_none_or(|at| cell(at) != "0") {
            let link = link.map(cell).filter(|link| !link.is_empty()).unwrap_or_else(|| cell(entity));
            let known = Known { entity: cell(entity), link, found: None };
            truth.insert((cell(source), cell(id)), known);
        }
    }
    if truth.is_empty() { Err(CliError::NoTruth) } else { Ok(truth) }
}

/// Finds out which profile holds each event.
async fn find(connection: &DatabaseConnection, tenant: TenantId, truth: &mut Truth) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let (rows, next) = assignments_page(connection, tenant, after, PAGE).await?;
        for row in rows {
            if let Some(known) = truth.get_mut(&(row.source, row.source_event_id)) {
                known.found = Some(row.profile_id);
            }
        }
        let Some(next) = next else { return Ok(()) };
        after = Some(next);
    }
}

fn judge(truth: Truth) -> Verdict {
    let missing = truth.values().filter(|known| known.found.is_none()).count();
    let judged = |(at, known): (usize, Known)| Judged {
        predicted: known.found.map_or(Put::Missing(at), Put::In),
        entity: known.entity,
        link: known.link,
    };
    let rows: Vec<_> = truth.into_values().enumerate().map(judged).collect();
    let evaluation = evaluation::evaluate(&rows);
    let evaluation = Evaluation { scores: evaluation.scores.rounded(), ..evaluation };
    Verdict { missing: u64::try_from(missing).unwrap_or(u64::MAX), evaluation }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Evaluation { events, profiles, entities, scores } = self.evaluation;
        writeln!(f, "{events} events ({} missing), {profiles} profiles, {entities} entities\n", self.missing)?;
        writeln!(f, "          precision   recall       F1")?;
        let rows = [
            ("pairs", scores.pair_precision, scores.pair_recall, scores.pair_f1),
            ("B-cubed", scores.b3_precision, scores.b3_recall, scores.b3_f1),
        ];
        let lines =
            rows.map(|(name, precision, recall, f1)| format!("{name:<8}  {precision:>9.5}  {recall:>7.5}  {f1:>7.5}"));
        f.write_str(&lines.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::import::{Job, import};
    use serde_json::{Value, json};
    use uuid::Uuid;

    const TRUTH: &str = "source,source_event_id,entity_id,link_id,determinable\n\
        s,1,jane,,1\ns,2,jane,,1\ns,3,john,,1\ns,4,jane,jane.work,1\ns,5,john,,0\ns,6,nobody,,1\n";

    fn truth(text: &str) -> Truth {
        read_truth(text.as_bytes()).unwrap()
    }

    #[test]
    fn truths_read_with_and_without_links() {
        let with = truth(TRUTH);
        let known = |id: &str| &with[&("s".to_owned(), id.to_owned())];
        assert_eq!(with.len(), 5);
        assert_eq!((known("1").link.as_str(), known("4").link.as_str()), ("jane", "jane.work"));
        assert_eq!(truth("\u{feff}source,source_event_id,entity_id\na,1,x\n").len(), 1);
    }

    #[test]
    fn bad_truths_are_refused() {
        let refused = |text: &str| read_truth(text.as_bytes()).err().unwrap();
        assert!(matches!(refused("source,source_event_id\n"), CliError::TruthColumn("entity_id")));
        assert!(matches!(refused("source,source_event_id,entity_id\n"), CliError::NoTruth));
        assert!(matches!(refused("source,source_event_id,entity_id\n1,2\n"), CliError::Truth(_)));
    }

    #[test]
    fn what_is_missing_stands_alone() {
        let mut truth = truth(TRUTH);
        let profile = Some(ProfileId::from_uuid(Uuid::nil()));
        for (id, found) in [("1", profile), ("2", profile), ("3", profile), ("6", None)] {
            truth.get_mut(&("s".to_owned(), id.to_owned())).unwrap().found = Some(found);
        }
        let verdict = judge(truth);
        assert_eq!(
            serde_json::to_value(verdict).unwrap(),
            json!({"missing": 1, "events": 5, "profiles": 3, "entities": 3, "pair_precision": 0.33333,
                "pair_recall": 1.0, "pair_f1": 0.5, "b3_precision": 0.73333, "b3_recall": 1.0, "b3_f1": 0.84615})
        );
        let table = verdict.to_string();
        assert!(table.starts_with("5 events (1 missing), 3 profiles, 3 entities\n"), "{table}");
        assert!(table.contains("pairs       0.33333  1.00000  0.50000"), "{table}");
    }

    #[tokio::test]
    async fn stored_assignments_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let database_url = format!("sqlite://{}", folder.path().join("test.db").display());
        let engine = Engine::open(&Database { database_url, connections: 4, model: None }).await.unwrap();
        let event = |id: &str, contact: Value| {
            json!({"source": "s", "source_event_id": id, "channel": "order", "occurred_at": "2026-01-02T03:04:05Z",
                "contact": contact})
        };
        let jane = json!({"name": "Jane Doe", "emails": ["jane.doe@example.com"]});
        let lines = [event("1", jane.clone()), event("2", jane), event("6", json!({}))];
        let file = folder.path().join("events.ndjson");
        std::fs::write(&file, lines.map(|event| event.to_string()).join("\n")).unwrap();
        let job = Job { rejects: folder.path().join("rejects"), file, map: None, batch: 10 };
        let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
        import(&engine, &tenant, &job).await.unwrap();
        let mut truth = truth(TRUTH);
        find(&engine.connection, DEFAULT_TENANT, &mut truth).await.unwrap();
        let verdict = judge(truth);
        assert_eq!((verdict.missing, verdict.evaluation.events, verdict.evaluation.profiles), (2, 5, 4));
    }
}
