//! `onefold evaluate`: holds what is stored against a truth.
//!
//! The [`truth`] says whose each event is, the [`world`] is all that is stored. From both come the [`figures`], what
//! [`blocking`] lets through, the table of [`thresholds`], and the worst mistakes to [`show`].

pub mod args;
pub mod blocking;
pub mod figures;
mod pairing;
mod progress;
pub mod show;
pub mod shown;
mod text;
pub mod thresholds;
pub mod truth;
pub mod world;

pub use args::Evaluate;

use super::error::CliError;
use crate::{
    actions::access::DEFAULT_TENANT,
    engine::Engine,
    store::{StoreError, tenants::Tenant},
};
use blocking::Blocking;
use figures::Figures;
use serde::Serialize;
use show::Wanted;
use shown::Mistakes;
use std::{
    io::{self, Write},
    process::ExitCode,
};
use thresholds::Row;
use truth::Truth;
use world::World;

/// All that an evaluation tells.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// How well what is stored agrees with the truth.
    #[serde(flatten)]
    pub figures: Figures,
    /// What blocking lets through.
    #[serde(flatten)]
    pub blocking: Blocking,
    /// The figures at other thresholds, where they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholds: Option<Vec<Row>>,
    /// The worst mistakes, where they were asked for.
    #[serde(flatten)]
    pub mistakes: Option<Mistakes>,
}

/// Runs the command.
///
/// # Errors
/// Where the truth does not read; what the database says.
pub async fn run(args: Evaluate) -> Result<ExitCode, CliError> {
    let file = std::fs::File::open(&args.truth).map_err(CliError::file(&args.truth))?;
    let truth = truth::read(io::BufReader::new(file))?;
    let engine = Engine::open_existing(&args.database).await?;
    let tenant = engine.tenant(DEFAULT_TENANT).await?.ok_or(CliError::NoTenant)?;
    let report = report(&engine, &tenant, truth, &args).await?;
    let text = if args.json { serde_json::to_string(&report).map_err(io::Error::from) } else { Ok(report.to_string()) };
    text.and_then(|text| writeln!(io::stdout(), "{text}")).map_err(CliError::Write)?;
    Ok(ExitCode::SUCCESS)
}

async fn report(engine: &Engine, tenant: &Tenant, mut truth: Truth, args: &Evaluate) -> Result<Report, StoreError> {
    truth::find(&engine.connection, tenant.id, &mut truth).await?;
    let world = World::load(engine, tenant).await?;
    let mistakes = match args.show {
        Some(show) => {
            let wanted = Wanted { show: show.into(), contacts: args.contacts };
            Some(show::mistakes(engine, tenant, &world, &truth, wanted).await?)
        }
        None => None,
    };
    Ok(Report {
        figures: Figures::stored(&truth),
        blocking: Blocking::of(&truth, &world),
        thresholds: args.thresholds.then(|| thresholds::table(&truth, &world)),
        mistakes,
    })
}

#[cfg(test)]
mod tests;
