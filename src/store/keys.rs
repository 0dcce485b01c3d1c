//! Blocking keys: narrow rows of a keyed hash and the record it was made from.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    lane::Lane,
};
use crate::domain::{
    blocking::{Key, KeyKind},
    sharing::{DeadKeys, Death, Shared},
};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use std::ops::RangeInclusive;
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
struct DeadKey {
    key: i64,
    why: i64,
    count: i64,
}

/// The kinds that are exact identifiers.
const IDENTIFIERS: [KeyKind; 4] = [KeyKind::Email, KeyKind::Phone, KeyKind::Handle, KeyKind::ExternalId];

/// How `why` is written; what too many hold comes first.
const REASONS: [Shared; 3] = [Shared::TooMany, Shared::Names, Shared::Identifiers];

/// The records behind those of `keys` that not too many hold: the live ones, and those that may come back to life.
///
/// # Errors
/// What the database says.
pub async fn candidates<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
) -> Result<Vec<KeyRow>, StoreError> {
    let by = "k.key = given.key AND NOT EXISTS \
              (SELECT 1 FROM dead_keys d WHERE d.tenant_id = $1 AND d.key = given.key AND d.why = 0)";
    select(connection, tenant, keys, "k.key, k.record_id", ("record_keys k", by)).await
}

/// Those of these keys that are dead because too many held them, though no more hold them now than may.
///
/// # Errors
/// What the database says.
pub async fn no_longer_of_many<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    capped: Vec<(i64, usize)>,
) -> Result<Vec<i64>, StoreError> {
    // Nobody counts further than the largest cap: some keys are half a tenant's.
    let most = capped.iter().map(|(_, cap)| *cap).max().unwrap_or(0).saturating_add(1);
    let by = format!(
        "d.key = given.key AND d.why = 0 AND (SELECT count(*) FROM (SELECT 1 AS one FROM record_keys k \
         WHERE k.tenant_id = $1 AND k.key = given.key LIMIT {most}) AS counted) <= given.cap"
    );
    let cap = |cap: usize| i64::try_from(cap).unwrap_or(i64::MAX);
    let rows = Rows::new()
        .with("key", Column::Numbers(capped.iter().map(|(key, _)| *key).collect()))
        .with("cap", Column::Numbers(capped.iter().map(|(_, most)| cap(*most)).collect()));
    let found: Vec<DeadKey> =
        rows.look_up(connection, tenant, "d.key, d.why, d.count", &[("dead_keys d", &by)]).await?;
    Ok(found.into_iter().map(|row| row.key).collect())
}

/// The records behind these keys, whether they are live or not.
///
/// # Errors
/// What the database says.
pub async fn holders<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
) -> Result<Vec<KeyRow>, StoreError> {
    select(connection, tenant, keys, "k.key, k.record_id", ("record_keys k", "k.key = given.key")).await
}

/// At most `limit` records behind these keys, whether they are live or not; one behind several of them as often.
///
/// # Errors
/// What the database says.
pub async fn records<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: RangeInclusive<i64>,
    limit: u32,
) -> Result<Vec<Uuid>, StoreError> {
    let sql = format!(
        "SELECT key, record_id FROM record_keys WHERE tenant_id = $1 AND key BETWEEN $2 AND $3 \
         ORDER BY key, record_id LIMIT {limit}"
    );
    let values = [tenant.into(), (*keys.start()).into(), (*keys.end()).into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = KeyRow::find_by_statement(statement).all(connection).await?;
    Ok(rows.into_iter().map(|row| row.record_id).collect())
}

/// A page of all keys, from after a row on.
///
/// # Errors
/// What the database says.
pub async fn page<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    after: Option<KeyRow>,
    limit: u64,
) -> Result<Vec<KeyRow>, StoreError> {
    let after = after.unwrap_or(KeyRow { key: i64::MIN, record_id: Uuid::nil() });
    let sql = format!(
        "SELECT key, record_id FROM record_keys WHERE tenant_id = $1 AND (key, record_id) > ($2, $3) \
         ORDER BY key, record_id LIMIT {limit}"
    );
    let values = [tenant.into(), after.key.into(), after.record_id.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(KeyRow::find_by_statement(statement).all(connection).await?)
}

/// All dead keys, or so many of them where there are more.
///
/// # Errors
/// What the database says.
pub async fn all_dead<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    most: usize,
) -> Result<DeadKeys, StoreError> {
    let sql = format!("SELECT key, why, count FROM dead_keys WHERE tenant_id = $1 LIMIT {most}");
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    let rows = DeadKey::find_by_statement(statement).all(connection).await?;
    rows.into_iter().map(|row| Ok((row.key, death(&row)?))).collect()
}

/// Which of the keys are dead, and why.
///
/// # Errors
/// What the database says.
pub async fn dead<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
) -> Result<DeadKeys, StoreError> {
    let by = ("dead_keys d", "d.key = given.key");
    let rows: Vec<DeadKey> = select(connection, tenant, keys, "d.key, d.why, d.count", by).await?;
    rows.into_iter().map(|row| Ok((row.key, death(&row)?))).collect()
}

/// An identifier that joins nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadIdentifier {
    /// Its keyed hash.
    pub key: i64,
    /// Which kind of identifier it is.
    pub kind: KeyKind,
    /// Why it joins nobody.
    pub death: Death,
    /// A record that has it.
    pub record_id: Option<Uuid>,
}

/// The columns of a [`DeadRow`].
const DEAD: &str = "d.key, d.kind, d.why, d.count, (SELECT k.record_id FROM record_keys k WHERE k.tenant_id = $1 \
    AND k.key = d.key ORDER BY k.record_id LIMIT 1) AS record_id";

#[derive(FromQueryResult)]
struct DeadRow {
    key: i64,
    kind: String,
    why: i64,
    count: i64,
    record_id: Option<Uuid>,
}

/// A page of the identifiers that join nobody, claims of them aside, by key from after `after` on.
///
/// # Errors
/// What the database says.
pub async fn dead_identifiers<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    after: Option<i64>,
    limit: u64,
) -> Result<Vec<DeadIdentifier>, StoreError> {
    let kinds = IDENTIFIERS.map(|kind| format!("'{}'", kind.label())).join(", ");
    let sql = format!(
        "SELECT {DEAD} FROM dead_keys d WHERE d.tenant_id = $1 AND d.key >= $2 AND d.claims = 0 AND d.kind IN ({kinds}) \
         ORDER BY d.key LIMIT {limit}"
    );
    let from = after.map_or(i64::MIN, |after| after.saturating_add(1));
    let values = [tenant.into(), from.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    DeadRow::find_by_statement(statement).all(connection).await?.iter().map(dead_identifier).collect()
}

/// Those of these keys that are identifiers which join nobody.
///
/// # Errors
/// What the database says.
pub async fn dead_identifiers_of<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
) -> Result<Vec<DeadIdentifier>, StoreError> {
    let rows: Vec<DeadRow> = select(connection, tenant, keys, DEAD, ("dead_keys d", "d.key = given.key")).await?;
    rows.iter().map(dead_identifier).collect()
}

/// How many identifiers join nobody, claims of them aside.
///
/// # Errors
/// What the database says.
pub async fn count_dead_identifiers<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<u64, StoreError> {
    let kinds = IDENTIFIERS.map(|kind| format!("'{}'", kind.label())).join(", ");
    let sql = format!(
        "SELECT count(*) AS number FROM dead_keys d WHERE d.tenant_id = $1 AND d.claims = 0 AND d.kind IN ({kinds})"
    );
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    let row = connection.query_one_raw(statement).await?;
    let number: i64 = row.map_or(Ok(0), |row| row.try_get("", "number"))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

fn dead_identifier(row: &DeadRow) -> Result<DeadIdentifier, StoreError> {
    let kind = IDENTIFIERS.into_iter().find(|kind| kind.label() == row.kind);
    let death = death(&DeadKey { key: row.key, why: row.why, count: row.count })?;
    let kind = kind.ok_or(StoreError::Corrupt("dead key"))?;
    Ok(DeadIdentifier { key: row.key, kind, death, record_id: row.record_id })
}

fn death(row: &DeadKey) -> Result<Death, StoreError> {
    let why = usize::try_from(row.why).ok().and_then(|why| REASONS.get(why).copied());
    let count = usize::try_from(row.count).map_err(|_| StoreError::Corrupt("dead key"))?;
    Ok(Death { why: why.ok_or(StoreError::Corrupt("dead key"))?, count })
}

/// Adds keys of records.
pub fn insert(lane: &Lane, mut rows: Vec<KeyRow>) {
    // In key order neighbouring rows fall on one page. None of a new node's is there yet; to say what is to be done if one were
    // makes PostgreSQL write each row in two steps.
    rows.sort_unstable_by_key(|row| (row.key, row.record_id));
    rows.dedup();
    let (keys, records) = rows.into_iter().map(|row| (row.key, row.record_id)).unzip();
    let rows = Rows::new().with("key", Column::Numbers(keys)).with("record_id", Column::Uuids(records));
    lane.insert("record_keys", "", rows);
}

/// Has PostgreSQL note which pages hold nothing but what everybody may see: from then on keys are read from their index alone. It does
/// so by itself within minutes of a large load, but not where autovacuum is off. SQLite has nothing but the index.
///
/// # Errors
/// What the database says.
pub async fn settle<C: ConnectionTrait>(connection: &C) -> Result<(), StoreError> {
    if connection.get_database_backend() == DbBackend::Postgres {
        // Whoever does the same just now does it for us.
        connection.execute_unprepared("VACUUM (SKIP_LOCKED) record_keys").await?;
    }
    Ok(())
}

/// Marks keys as dead, or notes what counts now.
pub fn kill(lane: &Lane, keys: &[(Key, Death)]) {
    let why = |death: &Death| REASONS.iter().position(|why| *why == death.why).and_then(|at| i64::try_from(at).ok());
    let count = |death: &Death| i64::try_from(death.count).unwrap_or(i64::MAX);
    let rows = Rows::new()
        .with("key", Column::Numbers(keys.iter().map(|(key, _)| key.hash).collect()))
        .with("kind", Column::Texts(keys.iter().map(|(key, _)| key.kind.label().to_owned()).collect()))
        .with("claims", Column::Numbers(keys.iter().map(|(key, _)| i64::from(key.claimed)).collect()))
        .with("why", Column::Numbers(keys.iter().map(|(_, death)| why(death).unwrap_or(0)).collect()))
        .with("count", Column::Numbers(keys.iter().map(|(_, death)| count(death)).collect()));
    let replace = "ON CONFLICT (tenant_id, key) DO UPDATE SET why = excluded.why, count = excluded.count";
    lane.insert("dead_keys", replace, rows);
}

/// Brings keys back to life.
///
/// # Errors
/// What the database says.
pub async fn revive<C: ConnectionTrait>(connection: &C, tenant: TenantId, keys: Vec<i64>) -> Result<(), StoreError> {
    let rows = Rows::new().with("key", Column::Numbers(keys));
    let sql = "DELETE FROM dead_keys WHERE tenant_id = $1 AND key IN (SELECT key FROM {rows})";
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
    columns: &str,
    table: (&str, &str),
) -> Result<Vec<R>, StoreError> {
    let rows = Rows::new().with("key", Column::Numbers(keys));
    Ok(rows.look_up(connection, tenant, columns, &[table]).await?)
}
