//! Blocking keys: narrow rows of a keyed hash and the record it was made from.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
};
use sea_orm::{ConnectionTrait, FromQueryResult};
use std::collections::HashSet;
use uuid::Uuid;

/// A key and a record that has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct KeyRow {
    /// A keyed hash.
    pub key: i64,
    /// A record whose normal form it was made from.
    pub record_id: Uuid,
}

#[derive(FromQueryResult)]
struct CappedKey {
    key: i64,
}

/// The records behind the live ones among `keys`.
///
/// # Errors
/// What the database says.
pub async fn candidates<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
) -> Result<Vec<KeyRow>, StoreError> {
    let sql = "SELECT k.key, k.record_id FROM {rows} CROSS JOIN record_keys k WHERE k.tenant_id = $1 AND k.key = given.key \
               AND NOT EXISTS (SELECT 1 FROM capped_keys c WHERE c.tenant_id = $1 AND c.key = given.key)";
    select(connection, tenant, keys, sql).await
}

/// At most `limit` records behind one key, whether it is live or not.
///
/// # Errors
/// What the database says.
pub async fn records<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    key: i64,
    limit: u32,
) -> Result<Vec<Uuid>, StoreError> {
    let sql = format!(
        "SELECT k.key, k.record_id FROM {{rows}} CROSS JOIN record_keys k WHERE k.tenant_id = $1 AND k.key = given.key \
         ORDER BY k.record_id LIMIT {limit}"
    );
    let rows: Vec<KeyRow> = select(connection, tenant, vec![key], &sql).await?;
    Ok(rows.into_iter().map(|row| row.record_id).collect())
}

/// Which of the keys are over their cap.
///
/// # Errors
/// What the database says.
pub async fn capped<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
) -> Result<HashSet<i64>, StoreError> {
    let sql = "SELECT c.key FROM {rows} CROSS JOIN capped_keys c WHERE c.tenant_id = $1 AND c.key = given.key";
    let rows: Vec<CappedKey> = select(connection, tenant, keys, sql).await?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// Adds keys of records.
///
/// # Errors
/// What the database says.
pub async fn insert<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    mut rows: Vec<KeyRow>,
) -> Result<(), StoreError> {
    // In key order neighbouring rows fall on one page.
    rows.sort_unstable_by_key(|row| (row.key, row.record_id));
    let (keys, records) = rows.into_iter().map(|row| (row.key, row.record_id)).unzip();
    let rows = Rows::new().with("key", Column::Numbers(keys)).with("record_id", Column::Uuids(records));
    Ok(rows.insert(connection, tenant, "record_keys", "ON CONFLICT DO NOTHING").await?)
}

/// Marks keys as over their cap.
///
/// # Errors
/// What the database says.
pub async fn cap<C: ConnectionTrait>(connection: &C, tenant: TenantId, keys: Vec<i64>) -> Result<(), StoreError> {
    let rows = Rows::new().with("key", Column::Numbers(keys));
    Ok(rows.insert(connection, tenant, "capped_keys", "ON CONFLICT DO NOTHING").await?)
}

/// Marks keys as live again.
///
/// # Errors
/// What the database says.
pub async fn uncap<C: ConnectionTrait>(connection: &C, tenant: TenantId, keys: Vec<i64>) -> Result<(), StoreError> {
    let rows = Rows::new().with("key", Column::Numbers(keys));
    let sql = "DELETE FROM capped_keys WHERE tenant_id = $1 AND key IN (SELECT key FROM {rows})";
    Ok(rows.execute(connection, tenant, sql).await?)
}

/// Takes away the keys of records that are no more.
///
/// # Errors
/// What the database says.
pub async fn delete<C: ConnectionTrait>(connection: &C, tenant: TenantId, rows: Vec<KeyRow>) -> Result<(), StoreError> {
    let (keys, records) = rows.into_iter().map(|row| (row.key, row.record_id)).unzip();
    let rows = Rows::new().with("key", Column::Numbers(keys)).with("record_id", Column::Uuids(records));
    let sql =
        "DELETE FROM record_keys WHERE tenant_id = $1 AND (key, record_id) IN (SELECT key, record_id FROM {rows})";
    Ok(rows.execute(connection, tenant, sql).await?)
}

async fn select<C: ConnectionTrait, R: FromQueryResult>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
    sql: &str,
) -> Result<Vec<R>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Rows::new().with("key", Column::Numbers(keys));
    let statement = rows.statement(connection.get_database_backend(), tenant, sql);
    Ok(R::find_by_statement(statement).all(connection).await?)
}
