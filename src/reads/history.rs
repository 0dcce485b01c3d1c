//! A profile's journal.

use super::cursor::Page;
use crate::{
    domain::{
        id::ProfileId,
        journal::{Happened, Particulars},
    },
    store::{StoreError, TenantId, entities::journal, from_json, journal as journals},
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// Something that happened to a profile.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HistoryEntry {
    /// The commit that did it: positions order all changes of a tenant.
    pub position: i64,
    /// What happened.
    pub kind: Happened,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// The particulars.
    #[serde(flatten)]
    pub particulars: Particulars,
}

/// A page of a profile's journal, newest first.
///
/// # Errors
/// What the database says.
pub async fn page(
    connection: &DatabaseConnection,
    tenant: TenantId,
    profile: ProfileId,
    before: Option<i64>,
    limit: u64,
) -> Result<Page<HistoryEntry>, StoreError> {
    let rows = journals::page(connection, tenant, profile.uuid(), before, limit + 1).await?;
    let entries: Vec<HistoryEntry> = rows.iter().map(read).collect::<Result<_, _>>()?;
    Ok(Page::cut(entries, limit, |last| last.position))
}

/// Reads an entry.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(super) fn read(row: &journal::Model) -> Result<HistoryEntry, StoreError> {
    Ok(HistoryEntry {
        position: row.position,
        kind: from_json(&format!("\"{}\"", row.kind), "journal entry")?,
        recorded_at: Timestamp::from_microsecond(row.recorded_at).map_err(|_| StoreError::Corrupt("time"))?,
        particulars: from_json(&row.detail, "journal entry")?,
    })
}
