//! `onefold model`: another model is looked at, put in force over what is stored, and taken back.

mod told;

use super::{error::CliError, say};
use crate::{
    actions::{
        access::DEFAULT_TENANT,
        remodel::{self, RemodelError, sweep},
        trial::Part,
    },
    config::Database,
    domain::{model::Model, trial::Counts},
    engine::Engine,
    store::{entities::change, models, profiles, tenants::Tenant},
};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

/// So many changes `status` lists.
const LISTED: u64 = 10;
/// So many profiles a model is tried on at once.
const TRIED: u64 = 500;
/// What the exit code says where a model would change something.
const DIFFERS: u8 = 2;
/// Who a change is by that the command line makes.
const ACTOR: &str = "onefold model";

/// What to do with models.
#[derive(Subcommand)]
pub enum ModelCommand {
    /// Check a model: exit code 0 where it is good, 1 with line and reason where it is not
    Validate {
        /// The model (TOML)
        file: PathBuf,
    },
    /// Tell what a model would make of the profiles that there are: exit code 0 where all would stay as it is, 2 where not
    Diff {
        /// The model (TOML)
        file: PathBuf,
        /// How many samples to show of what would be joined and parted, with the reasons under both models
        #[arg(long, value_name = "N", default_value_t = 20)]
        samples: usize,
        /// Where the data lies.
        #[command(flatten)]
        database: Database,
    },
    /// Put a model in force and cluster everything anew by it, while events may keep arriving. Stopped on the way, `resume` goes on
    Apply {
        /// The model (TOML)
        file: PathBuf,
        /// Where the data lies.
        #[command(flatten)]
        database: Database,
    },
    /// Show the model in force, the change under way, and those before
    Status(At),
    /// Stop a change on its way: what was not gone through yet stays as it is until it is touched
    Pause(At),
    /// Go on with a change, paused or not
    Resume(At),
    /// Put the model in force again that was before, and cluster everything anew by it
    Rollback(At),
}

/// Which database.
#[derive(Args)]
pub struct At {
    /// Where the data lies.
    #[command(flatten)]
    database: Database,
}

/// Runs the command.
///
/// # Errors
/// Where a model is refused, where what is wanted does not fit what is under way, and what the database says.
pub async fn run(command: ModelCommand) -> Result<ExitCode, CliError> {
    match command {
        ModelCommand::Validate { file } => {
            let model = read(&file)?;
            say(&format!("{}: model {} is good", file.display(), model.version))?;
        }
        ModelCommand::Diff { file, samples, database } => {
            let model = read(&file)?;
            let (engine, tenant) = open(&database).await?;
            return diff(&engine, &tenant, &model, samples).await;
        }
        ModelCommand::Apply { file, database } => {
            let model = read(&file)?;
            let (engine, tenant) = open(&database).await?;
            let change = remodel::apply(&engine.lanes, engine.rulebook(&tenant), &model, ACTOR).await?;
            finish(&engine, &tenant, &change).await?;
        }
        ModelCommand::Status(at) => {
            let (engine, tenant) = open(&at.database).await?;
            status(&engine, &tenant).await?;
        }
        ModelCommand::Pause(at) => {
            let (engine, tenant) = open(&at.database).await?;
            say(&told::change(&remodel::pause(&engine.lanes, engine.rulebook(&tenant)).await?))?;
        }
        ModelCommand::Resume(at) => {
            let (engine, tenant) = open(&at.database).await?;
            let change = remodel::resume(&engine.lanes, engine.rulebook(&tenant)).await?;
            finish(&engine, &tenant, &change).await?;
        }
        ModelCommand::Rollback(at) => {
            let (engine, tenant) = open(&at.database).await?;
            let change = remodel::roll_back(&engine.lanes, engine.rulebook(&tenant), ACTOR).await?;
            finish(&engine, &tenant, &change).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> Result<Model, CliError> {
    let text = std::fs::read_to_string(file).map_err(CliError::file(file))?;
    Model::from_toml(&text).map_err(|reason| CliError::Model { path: file.to_owned(), reason })
}

async fn open(database: &Database) -> Result<(Engine, Arc<Tenant>), CliError> {
    let engine = Engine::open_existing(database).await?;
    let tenant = engine.tenant(DEFAULT_TENANT).await?.ok_or(CliError::NoTenant)?;
    Ok((engine, tenant))
}

/// Goes through all profiles, with a progress bar where stderr is a terminal, closes the database, and tells how the change stands
/// then: others may have paused it, or rolled it back.
async fn finish(engine: &Engine, tenant: &Tenant, change: &change::Model) -> Result<(), CliError> {
    let bar = bar(change.total);
    let show = |change: &change::Model| bar.set_position(u64::try_from(change.done).unwrap_or(0));
    let swept = sweep(&engine.lanes, engine.rulebook(tenant), show).await;
    bar.finish_and_clear();
    swept?;
    let found = models::find(&engine.connection, tenant.id, change.number).await?;
    engine.close().await;
    say(&told::change(&found.unwrap_or_else(|| change.clone())))
}

/// Tries a model on all profiles, part by part.
async fn diff(engine: &Engine, tenant: &Tenant, model: &Model, wanted: usize) -> Result<ExitCode, CliError> {
    let bar = bar(profiles::count_living(&engine.reads, tenant.id).await?);
    let (mut counts, mut samples, mut after) = (Counts::default(), Vec::new(), None);
    loop {
        let part = Part { after, limit: TRIED, examples: wanted - samples.len() };
        let (some, more, last) = engine.tried(tenant, model, part).await?;
        counts.absorb(&some);
        samples.extend(more);
        bar.set_position(counts.profiles);
        if last.is_none() {
            break;
        }
        after = last;
    }
    bar.finish_and_clear();
    say(&told::diff(&model.version, &counts, &samples))?;
    Ok(if counts.unchanged == counts.profiles { ExitCode::SUCCESS } else { ExitCode::from(DIFFERS) })
}

/// A progress bar where stderr is a terminal.
fn bar(profiles: i64) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(profiles).unwrap_or(0));
    match ProgressStyle::with_template("{bar:40} {pos}/{len} profiles {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

async fn status(engine: &Engine, tenant: &Tenant) -> Result<(), CliError> {
    let model = engine.rulebook(tenant).model(&engine.connection).await?;
    say(&format!("in force: model {}", model.version))?;
    for change in models::latest(&engine.connection, tenant.id, LISTED).await? {
        say(&told::change(&change))?;
    }
    Ok(())
}

impl From<RemodelError> for CliError {
    fn from(error: RemodelError) -> Self {
        match error {
            RemodelError::Store(error) => error.into(),
            unfit => Self::Remodel(unfit),
        }
    }
}
