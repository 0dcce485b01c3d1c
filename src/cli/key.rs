//! `onefold key`: API keys. A key is shown when it is made and never again.

use super::{error::CliError, say};
use crate::{
    actions::access::{self, DEFAULT_TENANT, Scope},
    config::Database,
    engine::{Engine, StartError},
    store::{api_keys, entities::api_key},
};
use clap::Subcommand;
use jiff::Timestamp;
use std::process::ExitCode;
use uuid::Uuid;

/// What to do with keys.
#[derive(Subcommand)]
pub enum Key {
    /// Make a key and print it, alone, on stdout
    Create {
        /// Where the keys lie.
        #[command(flatten)]
        database: Database,
        /// What it may do: events:write, events:verify, profiles:read, review:write, admin
        #[arg(long, required = true, value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// What it is for
        #[arg(long, default_value = "")]
        name: String,
    },
    /// List all keys, one a line: id, state, scopes, name
    List {
        /// Where the keys lie.
        #[command(flatten)]
        database: Database,
    },
    /// Take a key back
    Revoke {
        /// Where the keys lie.
        #[command(flatten)]
        database: Database,
        /// The key's id, as `key list` shows it
        id: Uuid,
    },
}

/// Makes, lists or revokes keys.
///
/// # Errors
/// What the database says, or that there is no such key.
pub async fn run(key: Key) -> Result<ExitCode, CliError> {
    match key {
        Key::Create { database, scopes, name } => create(&Engine::open(&database).await?, &name, &scopes).await?,
        Key::List { database } => list(&Engine::open_existing(&database).await?).await?,
        Key::Revoke { database, id } => revoke(&Engine::open_existing(&database).await?, id).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(engine: &Engine, name: &str, scopes: &[Scope]) -> Result<(), CliError> {
    let key = access::new_key(DEFAULT_TENANT).map_err(StartError::from)?;
    access::keep_key(&engine.connection, DEFAULT_TENANT, &key, name, scopes).await?;
    say(&key)
}

async fn list(engine: &Engine) -> Result<(), CliError> {
    for key in api_keys::all(&engine.connection, DEFAULT_TENANT).await? {
        say(&line(&key))?;
    }
    Ok(())
}

fn line(key: &api_key::Model) -> String {
    let state = if key.revoked_at.is_some() { "revoked" } else { "active" };
    format!("{}\t{state}\t{}\t{}", key.id, key.scopes, key.name)
}

async fn revoke(engine: &Engine, id: Uuid) -> Result<(), CliError> {
    let revoked = api_keys::revoke(&engine.connection, DEFAULT_TENANT, id, Timestamp::now()).await?;
    if revoked { Ok(()) } else { Err(CliError::UnknownKey) }
}
