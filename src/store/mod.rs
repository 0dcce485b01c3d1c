//! The only place that knows sea-orm and SQL. Functions receive the connection or transaction they work in; actions and
//! reads decide when one begins and ends.

pub mod api_keys;
pub mod bulk;
pub mod connect;
pub mod entities;
pub mod events;
pub mod journal;
pub mod keys;
pub mod lane;
pub mod profiles;
pub mod records;
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
    Database(#[from] sea_orm::DbErr),
    /// Somebody else held the tenant's lane for too long.
    #[error("the tenant's lane is taken")]
    Busy,
    /// What is stored does not read as what it should be.
    #[error("stored {0} does not read back")]
    Corrupt(&'static str),
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
