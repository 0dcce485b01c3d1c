//! `onefold export`: what is stored, as lines on stdout or in a file, in constant memory.

use super::error::CliError;
use crate::{
    actions::access::DEFAULT_TENANT,
    config::Database,
    domain::{contact::Address, shown::defused},
    engine::Engine,
    reads::exports::{AssignmentRow, ProfileRow, assignments_page, profiles_page},
    store::TenantId,
};
use clap::{Args, ValueEnum};
use sea_orm::DatabaseConnection;
use serde::Serialize;
use serde_json::Value;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::PathBuf,
    process::ExitCode,
};

/// So many rows are read at a time: long reads would hold up the database's housekeeping.
const PAGE: u64 = 1_000;

/// Export what is stored, one line an event or profile
#[derive(Args, Clone, Debug)]
pub struct Export {
    /// Where the data lies.
    #[command(flatten)]
    pub database: Database,
    /// What to export
    #[arg(value_enum)]
    pub what: What,
    /// How: in a CSV, what a spreadsheet would take for a formula has a ' before it
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    pub format: Format,
    /// A file to write in place of stdout
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Which record and profile hold each event
    Assignments,
    /// All profiles with their golden records
    Profiles,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A JSON object a line
    Ndjson,
    /// Comma-separated, with a header
    Csv,
}

/// Runs the command.
///
/// # Errors
/// What the database says; where the output cannot be written.
pub async fn run(args: Export) -> Result<ExitCode, CliError> {
    let engine = Engine::open_existing(&args.database).await?;
    let output: Box<dyn Write> = match &args.output {
        Some(path) => Box::new(File::create(path).map_err(CliError::file(path))?),
        None => Box::new(io::stdout().lock()),
    };
    let position = engine.position(DEFAULT_TENANT).await?;
    eprintln!("position {position}: everything that was committed up to it is in this export");
    export(&engine.reads, DEFAULT_TENANT, args.what, args.format, output).await?;
    Ok(ExitCode::SUCCESS)
}

async fn export(
    connection: &DatabaseConnection,
    tenant: TenantId,
    what: What,
    format: Format,
    output: impl Write,
) -> Result<(), CliError> {
    let mut lines = Lines::new(format, output);
    match what {
        What::Assignments => assignments(connection, tenant, &mut lines).await?,
        What::Profiles => profiles(connection, tenant, &mut lines).await?,
    }
    lines.flush()
}

async fn assignments(
    connection: &DatabaseConnection,
    tenant: TenantId,
    lines: &mut Lines<impl Write>,
) -> Result<(), CliError> {
    lines.header::<AssignmentRow>()?;
    let mut after = None;
    loop {
        let (rows, next) = assignments_page(connection, tenant, after, PAGE).await?;
        rows.iter().try_for_each(|row| lines.write(row))?;
        let Some(next) = next else { return Ok(()) };
        after = Some(next);
    }
}

async fn profiles(
    connection: &DatabaseConnection,
    tenant: TenantId,
    lines: &mut Lines<impl Write>,
) -> Result<(), CliError> {
    lines.header::<ProfileRow>()?;
    let mut after = None;
    loop {
        let (rows, next) = profiles_page(connection, tenant, after, PAGE).await?;
        rows.iter().try_for_each(|row| lines.write(row))?;
        let Some(next) = next else { return Ok(()) };
        after = Some(next);
    }
}

/// A row as flat cells.
trait Flat {
    /// The columns' names.
    const COLUMNS: &'static [&'static str];

    /// As many cells.
    fn cells(&self) -> Vec<String>;
}

impl Flat for AssignmentRow {
    const COLUMNS: &'static [&'static str] = &["source", "source_event_id", "event_id", "record_id", "profile_id"];

    fn cells(&self) -> Vec<String> {
        let record = self.record_id.map(|id| id.to_string()).unwrap_or_default();
        let profile = self.profile_id.map(|id| id.to_string()).unwrap_or_default();
        vec![self.source.clone(), self.source_event_id.clone(), self.event_id.to_string(), record, profile]
    }
}

impl Flat for ProfileRow {
    const COLUMNS: &'static [&'static str] = &[
        "profile_id",
        "version",
        "ambiguous",
        "name",
        "given_name",
        "family_name",
        "emails",
        "phones",
        "handles",
        "external_ids",
        "birth_date",
        "street_address",
        "locality",
        "region",
        "postal_code",
        "country",
        "company",
        "job_title",
        "language",
        "attributes",
        "traits",
        "consent",
    ];

    /// Lists are joined with `; `, of addresses the primary one is shown, and open maps are JSON.
    fn cells(&self) -> Vec<String> {
        let golden = &self.golden;
        let id = vec![self.profile_id.to_string(), self.version.to_string(), self.ambiguous.to_string()];
        let names = [&golden.name, &golden.given_name, &golden.family_name].map(|name| text(name.as_ref())).to_vec();
        let identifiers = vec![
            join(golden.emails.iter().map(|email| email.value.clone())),
            join(golden.phones.iter().map(|phone| phone.value.clone())),
            join(golden.handles.iter().map(|handle| format!("{}:{}", handle.network, handle.value))),
            join(golden.external_ids.iter().map(|id| format!("{}:{}", id.namespace, id.value))),
        ];
        let address = address(golden.addresses.first());
        let rest = [&golden.company, &golden.job_title, &golden.language].map(|value| text(value.as_ref())).to_vec();
        let maps = vec![json(&golden.attributes), json(&golden.traits), json(&golden.consent)];
        [id, names, identifiers, vec![text(golden.birth_date.as_ref())], address, rest, maps].concat()
    }
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn join(values: impl Iterator<Item = String>) -> String {
    values.collect::<Vec<_>>().join("; ")
}

fn address(address: Option<&Address>) -> Vec<String> {
    let address = address.cloned().unwrap_or_default();
    let parts = [address.street_address, address.locality, address.region, address.postal_code, address.country];
    parts.map(Option::unwrap_or_default).to_vec()
}

/// An empty map is an empty cell.
fn json(map: &impl Serialize) -> String {
    let value = serde_json::to_value(map).unwrap_or_default();
    if value.as_object().is_none_or(serde_json::Map::is_empty) { String::new() } else { Value::to_string(&value) }
}

/// Writes rows as lines.
enum Lines<W: Write> {
    Ndjson(BufWriter<W>),
    Csv(Box<csv::Writer<W>>),
}

impl<W: Write> Lines<W> {
    fn new(format: Format, output: W) -> Self {
        match format {
            Format::Ndjson => Self::Ndjson(BufWriter::new(output)),
            Format::Csv => Self::Csv(Box::new(csv::Writer::from_writer(output))),
        }
    }

    fn header<T: Flat>(&mut self) -> Result<(), CliError> {
        match self {
            Self::Ndjson(_) => Ok(()),
            Self::Csv(csv) => csv.write_record(T::COLUMNS).map_err(of_csv),
        }
    }

    fn write<T: Flat + Serialize>(&mut self, row: &T) -> Result<(), CliError> {
        match self {
            Self::Ndjson(output) => {
                serde_json::to_writer(&mut *output, row).map_err(|error| CliError::Write(error.into()))?;
                output.write_all(b"\n").map_err(CliError::Write)
            }
            Self::Csv(csv) => csv.write_record(row.cells().iter().map(|cell| defused(cell))).map_err(of_csv),
        }
    }

    fn flush(&mut self) -> Result<(), CliError> {
        match self {
            Self::Ndjson(output) => output.flush(),
            Self::Csv(csv) => csv.flush(),
        }
        .map_err(CliError::Write)
    }
}

fn of_csv(error: csv::Error) -> CliError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => CliError::Write(error),
        _ => CliError::Write(io::ErrorKind::InvalidData.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::import::{Job, import};
    use serde_json::json;

    async fn filled(folder: &tempfile::TempDir) -> Engine {
        let database_url = format!("sqlite://{}", folder.path().join("test.db").display());
        let engine = Engine::open(&Database::at(database_url)).await.unwrap();
        let event = |id: &str, contact: Value| {
            json!({"source": "shop", "source_event_id": id, "channel": "order", "type": "purchase",
                "occurred_at": "2026-01-02T03:04:05Z", "contact": contact, "traits": {"plan": "gold"}})
        };
        let jane = json!({"name": "=Jane Doe", "emails": ["j@x.org", "jane@y.org"],
            "phones": [{"value": "+44 20 7946 0958"}], "addresses": [{"locality": "York"}]});
        let lines = [event("-1", jane), event("2", json!({}))].map(|event| event.to_string()).join("\n");
        let file = folder.path().join("events.ndjson");
        std::fs::write(&file, lines).unwrap();
        let job = Job { rejects: folder.path().join("rejects"), file, map: None, batch: 10 };
        let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
        assert_eq!(import(&engine, &tenant, &job).await.unwrap().counts.stored, 2);
        engine
    }

    async fn exported(what: What, format: Format) -> String {
        let folder = tempfile::tempdir().unwrap();
        let engine = filled(&folder).await;
        let mut output = Vec::new();
        export(&engine.connection, DEFAULT_TENANT, what, format, &mut output).await.unwrap();
        String::from_utf8(output).unwrap()
    }

    #[tokio::test]
    async fn assignments_name_every_event_and_whose_it_is() {
        let text = exported(What::Assignments, Format::Ndjson).await;
        let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let row = |id: &str| rows.iter().find(|row| row["source_event_id"] == id).unwrap();
        assert_eq!(rows.len(), 2);
        assert!(row("-1")["profile_id"].as_str().unwrap().starts_with("profile_"));
        assert!(row("-1")["record_id"].as_str().unwrap().starts_with("record_"));
        let nobody = row("2").as_object().unwrap();
        assert_eq!((&nobody["record_id"], &nobody["profile_id"]), (&Value::Null, &Value::Null));
        assert!(rows.iter().all(|row| row["source"] == "shop"));
    }

    #[tokio::test]
    async fn a_csv_of_assignments_holds_no_formulas() {
        let text = exported(What::Assignments, Format::Csv).await;
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], AssignmentRow::COLUMNS.join(","));
        assert!(lines.iter().any(|line| line.starts_with("shop,'-1,event_")), "{text}");
        assert!(lines.iter().any(|line| line.starts_with("shop,2,event_") && line.ends_with(",,")), "{text}");
    }

    #[tokio::test]
    async fn profiles_come_with_their_golden_records() {
        let text = exported(What::Profiles, Format::Ndjson).await;
        let row: Value = serde_json::from_str(text.trim()).unwrap();
        assert_eq!((&row["version"], &row["golden"]["name"]), (&json!(1), &json!("=Jane Doe")));
        assert!(row["golden"]["provenance"].is_null());
    }

    #[tokio::test]
    async fn a_csv_of_profiles_is_flat() {
        let text = exported(What::Profiles, Format::Csv).await;
        let mut csv = csv::Reader::from_reader(text.as_bytes());
        let header = csv.headers().unwrap().clone();
        let row = csv.records().next().unwrap().unwrap();
        let cell = |name: &str| &row[header.iter().position(|other| other == name).unwrap()];
        assert_eq!(header.len(), row.len());
        assert_eq!(cell("name"), "'=Jane Doe");
        assert_eq!(cell("phones"), "'+442079460958");
        assert!(cell("emails") == "j@x.org; jane@y.org" || cell("emails") == "jane@y.org; j@x.org");
        assert_eq!((cell("locality"), cell("traits"), cell("consent")), ("York", r#"{"plan":"gold"}"#, ""));
    }

    /// Takes a little, then nobody reads any more.
    struct Head(usize);

    impl Write for Head {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(1).ok_or(io::ErrorKind::BrokenPipe)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_closed_pipe_is_told_from_other_failures() {
        let folder = tempfile::tempdir().unwrap();
        let engine = filled(&folder).await;
        for format in [Format::Ndjson, Format::Csv] {
            let cut = export(&engine.connection, DEFAULT_TENANT, What::Assignments, format, Head(0)).await;
            assert!(cut.unwrap_err().is_closed_pipe());
        }
        assert!(!CliError::NoTenant.is_closed_pipe());
    }
}
