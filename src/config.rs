//! Everything that can be set, as flags or environment variables; the comments here are the help text.

use crate::telemetry::LogFormat;
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};

/// Where the data lies, and the model that resolves it.
#[derive(Args, Clone, Debug)]
pub struct Database {
    /// The database: <sqlite://FILE> or <postgres://USER@HOST/DATABASE>
    #[arg(long, env = "ONEFOLD_DATABASE_URL", default_value = "sqlite://onefold.db", hide_env_values = true)]
    pub database_url: String,
    /// A replica of the database, for reads that may lag behind: whatever shows profiles, timelines, matches or exports.
    /// Events, judgements and keys are read and written at the database itself
    #[arg(long, env = "ONEFOLD_READ_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub read_database_url: Option<String>,
    /// How many connections to open at most, to the database and to its replica each; writers have half as many of their own
    #[arg(long, env = "ONEFOLD_CONNECTIONS", default_value_t = 16, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub connections: u32,
    /// How many MiB a writer may use to remember what it would otherwise load again for each batch [default: 144 with SQLite,
    /// whose pages are in this process too; 256 with PostgreSQL]
    #[arg(long, env = "ONEFOLD_CACHE_MB", value_name = "MIB")]
    pub cache_mb: Option<u32>,
    /// A model file (TOML) in place of the built-in model, for as long as none is put in force with `onefold model apply`: that one is
    /// in the database, and outranks the file on every server
    #[arg(long, env = "ONEFOLD_MODEL", value_name = "FILE")]
    pub model: Option<PathBuf>,
}

/// MiB that a writer may use unless told otherwise.
const CACHE: u32 = 256;
const CACHE_EMBEDDED: u32 = 144;

impl Database {
    /// The database at this URL, and all else as small as it may be.
    #[must_use]
    pub const fn at(database_url: String) -> Self {
        Self { database_url, read_database_url: None, connections: 8, cache_mb: Some(64), model: None }
    }

    /// [`Self::cache_mb`] in bytes.
    #[must_use]
    pub fn cache_bytes(&self) -> usize {
        let mebibytes = self.cache_mb.unwrap_or(if self.is_embedded() { CACHE_EMBEDDED } else { CACHE });
        usize::try_from(mebibytes).unwrap_or(usize::MAX).saturating_mul(1 << 20)
    }

    /// Whether the database is in this process.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }
}

/// How the server runs.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// Where the data lies.
    #[command(flatten)]
    pub database: Database,
    /// The address to listen on
    #[arg(long, env = "ONEFOLD_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// The admin key of an empty database; without it one is made and printed once
    #[arg(long, env = "ONEFOLD_ADMIN_KEY", hide_env_values = true, value_parser = admin_key)]
    pub admin_key: Option<String>,
    /// How log lines look
    #[arg(long, env = "ONEFOLD_LOG_FORMAT", value_enum, default_value_t = LogFormat::Pretty)]
    pub log_format: LogFormat,
}

/// A key is presented in a header, and must be hard to guess.
fn admin_key(text: &str) -> Result<String, String> {
    if text.len() < 16 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("an admin key has at least 16 characters, all visible ASCII".into());
    }
    Ok(text.to_owned())
}
