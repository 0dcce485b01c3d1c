//! Opening a database: SQLite with the settings that make a commit durable, or PostgreSQL.

use super::StoreError;
use onefold_migrations::Migrator;
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr, SqlxError};
use sea_orm_migration::MigratorTrait;
use std::time::Duration;

/// How long a connection waits for its turn, on the pool and on SQLite's write lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many KiB of pages SQLite's connections keep together, and each at least. Whoever writes keeps as many as all others, and no
/// more: where a page was split, a commit goes through all that is kept.
const SQLITE_CACHE: u32 = 12_288;
const SQLITE_CACHE_LEAST: u32 = 4_096;

/// How many statements each of SQLite's connections keeps prepared: some twenty of different numbers of rows for each table.
const SQLITE_STATEMENTS: usize = 400;

/// Plans that do not hang on what PostgreSQL has counted, which is nothing yet where an import has just filled the tables. It then
/// takes a tenant for a small part of them, and reads all of it to sort a page out of it; an index gives the page in order.
/// Compiling a statement never pays: all are short.
const POSTGRES: [(&str, &str); 2] = [("enable_bitmapscan", "off"), ("jit", "off")];

/// PostgreSQL keeps a plan over given rows for as long as the connection lives. One that it made while a table was small, where
/// all indexes seem equally good to it, may go through all that the tenant has once the table has grown. What is read now and then is
/// planned anew each time, which takes a tenth of a millisecond.
pub(super) const PLANNED: (&str, &str) = ("plan_cache_mode", "force_custom_plan");

/// Where lanes are held and where is read ahead plans are kept: else they are a quarter of what a commit of a few events costs
/// PostgreSQL. Commits discard them [now and then](super::lane::Lane::commit).
const KEPT: (&str, &str) = ("plan_cache_mode", "force_generic_plan");

/// Opens the database at `url` (`sqlite://onefold.db`, `postgres://user@host/database`) with at most `connections`
/// connections. A SQLite file that does not exist is created.
///
/// # Errors
/// When the URL is of neither kind, or the database does not answer.
pub async fn connect(url: &str, connections: u32) -> Result<DatabaseConnection, StoreError> {
    open(url, connections, Purpose::Requests).await
}

/// Opens the database for whoever writes: where lanes are held, and where is read what is decided ahead. Nobody else's requests
/// wait there, or keep them waiting. PostgreSQL has a quarter as many connections as elsewhere to hold lanes, at least two, and as many
/// to read ahead: they take turns, and each keeps what it knows of the tables to itself. SQLite has one for each: of two that write
/// each would read anew what the other one wrote.
///
/// # Errors
/// As [`connect`].
pub async fn connect_lanes(url: &str, connections: u32) -> Result<[DatabaseConnection; 2], StoreError> {
    let connections = if url.starts_with("sqlite:") { 1 } else { (connections / 4).max(2) };
    let lanes = open(url, connections, Purpose::Lanes).await?;
    Ok([lanes, open(url, connections, Purpose::Ahead).await?])
}

/// What connections are for.
#[derive(Clone, Copy)]
enum Purpose {
    /// Whatever is asked for.
    Requests,
    /// To hold lanes.
    Lanes,
    /// To read ahead of a commit.
    Ahead,
}

impl Purpose {
    /// How many KiB of pages each of so many of SQLite's connections keeps.
    fn cache(self, connections: u32) -> u32 {
        match self {
            Self::Requests => (SQLITE_CACHE / connections.max(1)).max(SQLITE_CACHE_LEAST),
            Self::Lanes => SQLITE_CACHE,
            Self::Ahead => SQLITE_CACHE_LEAST,
        }
    }

    /// How PostgreSQL plans statements.
    const fn planning(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Requests => None,
            Self::Lanes | Self::Ahead => Some(KEPT),
        }
    }

    /// How many of so many connections are opened at once, and anew whenever one is closed. A commit's connection takes a moment to
    /// return, so that the next one may open another one instead: on a busy machine all of the tenant's posts would wait a tenth of
    /// a second for it.
    const fn at_once(self, connections: u32) -> u32 {
        match self {
            Self::Requests => 0,
            Self::Lanes | Self::Ahead => connections,
        }
    }

    /// After how many pages of SQLite's log a commit carries them over. The log of lanes is left to a keeper.
    const fn checkpoint(self) -> &'static str {
        match self {
            Self::Requests => "1000",
            Self::Lanes | Self::Ahead => "0",
        }
    }
}

async fn open(url: &str, connections: u32, purpose: Purpose) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(url);
    options.min_connections(purpose.at_once(connections)).max_connections(connections);
    options.acquire_timeout(PATIENCE).test_before_acquire(false);
    // `ONEFOLD_LOG=sqlx::query=info` shows every statement; what it is about is in its parameters, which are not logged.
    options.sqlx_logging(tracing::enabled!(target: "sqlx::query", tracing::Level::INFO));
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .statement_cache_capacity(SQLITE_STATEMENTS)
            .create_if_missing(true)
            .busy_timeout(PATIENCE)
            .foreign_keys(true)
            // WAL with the default synchronous=NORMAL loses acknowledged commits in a power cut.
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("secure_delete", "ON")
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", purpose.checkpoint())
            .pragma("cache_size", format!("-{}", purpose.cache(connections)))
    });
    let patience = format!("{}s", PATIENCE.as_secs());
    options.map_sqlx_postgres_opts(move |postgres| {
        let settings = POSTGRES.into_iter().chain([("lock_timeout", patience.as_str())]);
        postgres.options(settings.chain(purpose.planning()))
    });
    // In memory each connection would have a database of its own.
    if url.contains(":memory:") || !["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme))
    {
        return Err(StoreError::Url);
    }
    Database::connect(options).await.map_err(|error| StoreError::Unreachable(reason(&error)))
}

/// Whether there is a database to open: a server is taken to have one, a SQLite file must be there.
#[must_use]
pub fn exists(url: &str) -> bool {
    let Some(path) = url.strip_prefix("sqlite:") else { return true };
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    std::path::Path::new(path).exists()
}

/// What the server or the operating system says. Other messages may quote the URL.
fn reason(error: &DbErr) -> String {
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return match error {
            DbErr::ConnectionAcquire(_) => "it does not answer".into(),
            _ => "its URL does not read".into(),
        };
    };
    match (cause.as_database_error(), cause.as_ref()) {
        (Some(refusal), _) => refusal.message().to_owned(),
        (None, SqlxError::Io(io)) => io.to_string(),
        _ => "its URL does not read, or it does not answer".into(),
    }
}

/// Brings the schema up to date.
///
/// # Errors
/// When a migration fails.
pub async fn migrate(connection: &DatabaseConnection) -> Result<(), StoreError> {
    Ok(Migrator::up(connection, None).await?)
}

/// The migrations that the database still lacks, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn pending_migrations(connection: &DatabaseConnection) -> Result<Vec<String>, StoreError> {
    let pending = Migrator::get_pending_migrations(connection).await?;
    Ok(pending.iter().map(|migration| migration.name().to_owned()).collect())
}
