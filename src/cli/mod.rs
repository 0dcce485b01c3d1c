//! The command line. Data goes to stdout, everything else to stderr.

pub mod demo;
pub mod error;
pub mod evaluate;
pub mod export;
pub mod import;
pub mod key;
pub mod migrate;
pub mod model;
pub mod serve;

use crate::{config, http::document, telemetry};
use clap::{Parser, Subcommand};
use error::CliError;
use std::{io::Write, process::ExitCode};

/// Contact events in, one golden customer record out.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API
    Serve(config::Serve),
    /// Load the demo's events into a database of their own, show what came of them, and serve it
    Demo(demo::Demo),
    /// Import events from a file
    Import(import::Import),
    /// Export assignments or profiles
    Export(export::Export),
    /// Hold what is stored against the truth
    Evaluate(evaluate::Evaluate),
    /// Change the model over what is stored
    #[command(subcommand)]
    Model(model::ModelCommand),
    /// Bring the database's schema up to date
    Migrate(migrate::Migrate),
    /// Print the OpenAPI document
    Openapi,
    /// Manage API keys
    #[command(subcommand)]
    Key(key::Key),
}

/// Runs a command.
///
/// # Errors
/// Whatever kept it from being done.
pub async fn run(cli: Cli) -> Result<ExitCode, CliError> {
    match cli.command {
        Command::Serve(serve) => serve::run(serve).await,
        Command::Demo(demo) => demo::run(demo).await,
        Command::Import(import) => quietly(Box::pin(import::run(import))).await,
        Command::Export(export) => quietly(Box::pin(export::run(export))).await,
        Command::Evaluate(evaluate) => quietly(Box::pin(evaluate::run(evaluate))).await,
        Command::Key(key) => quietly(Box::pin(key::run(key))).await,
        Command::Model(command) => quietly(Box::pin(model::run(command))).await,
        Command::Migrate(migrate) => quietly(migrate::run(migrate)).await,
        Command::Openapi => {
            say(document::yaml().map_err(|_| CliError::Document)?.trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Commands that print data log warnings alone.
async fn quietly(command: impl Future<Output = Result<ExitCode, CliError>>) -> Result<ExitCode, CliError> {
    telemetry::init(telemetry::LogFormat::Pretty, telemetry::QUIET).map_err(|_| CliError::Logging)?;
    command.await
}

/// Prints a line of data. Whoever reads may have gone, as `head` does: an error here, where `println!` would panic.
fn say(line: &str) -> Result<(), CliError> {
    writeln!(std::io::stdout().lock(), "{line}").map_err(CliError::Write)
}
