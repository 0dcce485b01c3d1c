//! `onefold migrate`: the schema, brought up to date, and distributed where that is asked for.

use super::{error::CliError, say};
use crate::{
    config::Database,
    engine::{Engine, StartError},
    store::{
        citus,
        connect::{connect, pending_migrations},
    },
};
use clap::Args;
use std::process::ExitCode;

/// What to bring up to date.
#[derive(Args)]
pub struct Migrate {
    /// Where the data lies.
    #[command(flatten)]
    database: Database,
    /// Distribute the tables by tenant over the servers of a Citus cluster; those that are distributed stay as they are
    #[arg(long)]
    citus: bool,
}

/// Brings the schema up to date and says what was done, one migration or table a line.
///
/// # Errors
/// What the database says; where the tables cannot be distributed.
pub async fn run(args: Migrate) -> Result<ExitCode, CliError> {
    let connection = connect(&args.database.database_url, 1).await.map_err(StartError::from)?;
    let pending = pending_migrations(&connection).await.map_err(StartError::from)?;
    let engine = Engine::open(&args.database).await?;
    for migration in &pending {
        say(&format!("applied {migration}"))?;
    }
    if pending.is_empty() {
        say("the schema is up to date")?;
    }
    if args.citus {
        let distributed = citus::distribute(&engine.connection).await?;
        for table in &distributed {
            say(&format!("distributed {table}"))?;
        }
        if distributed.is_empty() {
            say("all tables are distributed")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
