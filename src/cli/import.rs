//! `onefold import`: events from a file into the database, or an import taken back.
//!
//! Reading and preparing run ahead of writing by a batch ([`batches`]); a run keeps account in the database,
//! so that an import can be stopped at any time and goes on where it was. What a CSV's columns mean says [`mapping`].

pub mod batches;
pub mod input;
pub mod items;
pub mod mapping;
pub mod progress;
pub mod rejects;
pub mod report;
pub mod rows;
mod run;

use super::error::CliError;
use crate::{
    actions::{access::DEFAULT_TENANT, undo::undo_run},
    config::Database,
    domain::id::RunId,
    engine::Engine,
    store::{runs, sources, tenants::Tenant},
};
use batches::{Feed, Preparing, Source};
use clap::Args;
use indicatif::{HumanCount, ProgressBar};
use mapping::Mapping;
use progress::Progress;
use rejects::Rejects;
use report::Report;
use run::{Running, find_or_new, patiently};
use std::{
    ffi::OsStr,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// How many events are written at a time: a few round trips to a server each time, for what takes memory here meanwhile.
const BATCH: u16 = 4_000;
const BATCH_EMBEDDED: u16 = 2_000;

/// What the exit code says where lines were rejected.
const SOME_REJECTED: u8 = 2;

/// What a mapping looks like, for the help text.
const MAPPING_HELP: &str = r#"A mapping says what the columns of a CSV mean:

  [csv]                        # optional
  delimiter = ";"              # default ","
  headers = ["id", "email"]    # where the file's first line does not name the columns

  [constants]                  # the same in every event
  source = "crm"
  channel = "crm"
  "contact.phones[0].region" = "DE"

  [columns]                    # column = field, or fields
  "Customer No" = "source_event_id"
  "Name" = "contact.name"
  "E-Mail" = "contact.emails[0].value"
  "Phone" = "contact.phones[0].value"
  "Orders" = { to = "traits.orders", as = "number" }    # text, number, boolean or time
  "Newsletter" = { to = "consent.email", values = { yes = "granted", no = "withdrawn" } }
  "Changed" = "occurred_at"

  [time]                       # optional
  format = "%d.%m.%Y %H:%M"    # default ISO 8601
  zone = "Europe/Berlin"       # default UTC
  default = "2026-01-01T00:00:00Z"

Exit code: 0 where all is stored, 2 where lines were rejected, 1 where the import failed. One that stopped on the way goes
on when the same command is given again. Stdout gets the run's id alone."#;

/// Import events from a file, or take an import back
#[derive(Args, Clone, Debug)]
#[command(after_long_help = MAPPING_HELP)]
pub struct Import {
    /// Where the data lies.
    #[command(flatten)]
    pub database: Database,
    /// NDJSON events, or a CSV with --map; gzip or not; - for standard input
    #[arg(required_unless_present = "undo")]
    pub file: Option<PathBuf>,
    /// What the columns of a CSV mean (see below)
    #[arg(long, value_name = "MAP.TOML", requires = "file")]
    pub map: Option<PathBuf>,
    /// Where rejected lines are listed, by number, place and code [default: FILE.rejects.ndjson]
    #[arg(long, value_name = "FILE", requires = "file")]
    pub rejects: Option<PathBuf>,
    /// How many events are written at a time [default: 2000 in SQLite, 4000 in PostgreSQL]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub batch: Option<u16>,
    /// Take back what this run stored
    #[arg(long, value_name = "RUN", conflicts_with = "file")]
    pub undo: Option<RunId>,
}

/// What to import, and how.
#[derive(Clone, Debug)]
pub struct Job {
    /// The file; `-` for standard input.
    pub file: PathBuf,
    /// The mapping of a CSV.
    pub map: Option<PathBuf>,
    /// Where rejects go.
    pub rejects: PathBuf,
    /// How many events are written at a time.
    pub batch: u16,
}

/// Runs the command.
///
/// # Errors
/// Whatever stopped the import.
pub async fn run(args: Import) -> Result<ExitCode, CliError> {
    let engine = Engine::open(&args.database).await?;
    let tenant = engine.tenant(DEFAULT_TENANT).await?.ok_or(CliError::NoTenant)?;
    let done = match (args.undo, args.file) {
        (Some(run), _) => undo(&engine, &tenant, run).await,
        (None, Some(file)) => {
            let rejects = args.rejects.unwrap_or_else(|| default_rejects(&file));
            let batch = args.batch.unwrap_or(if args.database.is_embedded() { BATCH_EMBEDDED } else { BATCH });
            let job = Job { file, map: args.map, rejects, batch };
            import(&engine, &tenant, &job).await.and_then(|report| tell(&report))
        }
        (None, None) => Ok(ExitCode::FAILURE),
    };
    engine.close().await;
    done
}

/// Imports a file, with a progress bar where stderr is a terminal.
///
/// # Errors
/// Whatever stopped it. What is stored by then stays, and the same job goes on after it.
pub async fn import(engine: &Engine, tenant: &Arc<Tenant>, job: &Job) -> Result<Report, CliError> {
    let (mut running, feed) = begin(engine, tenant, job).await?;
    let mut batches = feed.start();
    while let Some(batch) = batches.recv().await {
        running.write(batch?).await?;
    }
    running.finish().await
}

async fn begin<'a>(engine: &'a Engine, tenant: &'a Arc<Tenant>, job: &Job) -> Result<(Running<'a>, Feed), CliError> {
    let mapping =
        job.map.as_ref().map(|path| std::fs::read_to_string(path).map_err(CliError::file(path))).transpose()?;
    if mapping.is_none() && is_csv(&job.file) {
        return Err(CliError::NoMapping);
    }
    let input = input::open(&job.file, mapping.as_deref().unwrap_or_default())?;
    let source = Source::new(input.reader, mapping.as_deref().map(Mapping::read).transpose()?)?;
    let row = find_or_new(engine, tenant, input.digest).await?;
    let feed = Feed {
        source,
        preparing: Preparing {
            id_key: tenant.id_key.clone(),
            sources: sources::all(&engine.connection, tenant.id).await?,
            run: RunId::from_uuid(row.id),
        },
        path: job.file.clone(),
        taken: Arc::clone(&input.taken),
        size: job.batch.into(),
        done: u64::try_from(row.lines).unwrap_or(0),
    };
    let rejects = Rejects::new(job.rejects.clone(), row.lines > 0);
    Ok((Running::start(engine, tenant, row, rejects, Progress::new(input.size)).await?, feed))
}

fn is_csv(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    [".csv", ".csv.gz", ".tsv", ".tsv.gz"].iter().any(|end| name.ends_with(end))
}

fn default_rejects(file: &Path) -> PathBuf {
    if file == Path::new("-") {
        return PathBuf::from("import.rejects.ndjson");
    }
    let mut name = file.as_os_str().to_owned();
    name.push(OsStr::new(".rejects.ndjson"));
    name.into()
}

fn tell(report: &Report) -> Result<ExitCode, CliError> {
    writeln!(io::stderr(), "{report}").map_err(CliError::Write)?;
    writeln!(io::stdout(), "{}", report.run).map_err(CliError::Write)?;
    Ok(if report.rejected > 0 { ExitCode::from(SOME_REJECTED) } else { ExitCode::SUCCESS })
}

async fn undo(engine: &Engine, tenant: &Tenant, run: RunId) -> Result<ExitCode, CliError> {
    let row = runs::find(&engine.connection, tenant.id, run.uuid()).await?.ok_or(CliError::UnknownRun(run))?;
    let bar = ProgressBar::new(u64::try_from(row.stored).unwrap_or(0));
    let withdrawn = patiently(async || undo_run(engine, tenant, run, |so_far| bar.set_position(so_far)).await).await;
    bar.finish_and_clear();
    let withdrawn = HumanCount(withdrawn?);
    writeln!(io::stderr(), "withdrew {withdrawn} events of {run}").map_err(CliError::Write)?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests;
