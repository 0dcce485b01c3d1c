//! The only place that knows sea-orm and SQL. Functions receive the connection or transaction they work in; actions and
//! reads decide when one begins and ends.

pub mod api_keys;
pub mod bulk;
pub mod checkpoint;
pub mod citus;
pub mod commits;
pub mod connect;
pub mod entities;
pub mod events;
pub mod journal;
pub mod judgements;
pub mod keys;
pub mod lane;
pub mod models;
pub mod profiles;
pub mod records;
pub mod reviews;
pub mod rulebook;
pub mod runs;
pub mod sources;
pub mod tenants;

pub use connect::connect;

/// A tenant's number inside; outside it has a name.
pub type TenantId = i32;

/// What went wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error(transparent)]
    Database(sea_orm::DbErr),
    /// The URL names no database that onefold knows.
    #[error("the URL must begin with sqlite:// and name a file, or with postgres://")]
    Url,
    /// The database does not open. The text never holds the URL, which may hold a password.
    #[error("it does not open: {0}")]
    Unreachable(String),
    /// Others held the tenant's lane, or all connections, for too long.
    #[error("the database is busy")]
    Busy,
    /// What was decided ahead of a commit does not hold: that commit failed, or others wrote after it. To be decided anew.
    #[error("others wrote in between")]
    Overtaken,
    /// What is stored does not read as what it should be.
    #[error("stored {0} does not read back")]
    Corrupt(&'static str),
}

impl From<sea_orm::DbErr> for StoreError {
    fn from(error: sea_orm::DbErr) -> Self {
        if is_busy(&error) { Self::Busy } else { Self::Database(error) }
    }
}

/// PostgreSQL: `lock_not_available`, or a replica broke a read off to catch up. SQLite: `SQLITE_BUSY` and its extended codes.
/// Either: no connection was free.
fn is_busy(error: &sea_orm::DbErr) -> bool {
    let busy =
        |code: String| code == "55P03" || code == "40001" || code.parse::<u32>().is_ok_and(|number| number & 0xff == 5);
    code(error).is_some_and(busy) || matches!(error, sea_orm::DbErr::ConnectionAcquire(_))
}

/// Reads a JSON column.
///
/// # Errors
/// [`StoreError::Corrupt`] with the name of the thing.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt(what))
}

/// Writes a JSON column.
///
/// # Errors
/// [`StoreError::Corrupt`] with the name of the thing: a map with keys that are no strings.
pub(crate) fn to_json<T: serde::Serialize>(value: &T, what: &'static str) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreError::Corrupt(what))
}

/// The database's own code for a failure (SQLSTATE, or SQLite's number). Its message may hold values, and is not used.
#[must_use]
pub fn code(error: &sea_orm::DbErr) -> Option<String> {
    use sea_orm::{DbErr, RuntimeErr};
    let (DbErr::Conn(RuntimeErr::SqlxError(cause))
    | DbErr::Exec(RuntimeErr::SqlxError(cause))
    | DbErr::Query(RuntimeErr::SqlxError(cause))) = error
    else {
        return None;
    };
    cause.as_database_error().and_then(|refusal| refusal.code().map(std::borrow::Cow::into_owned))
}
