//! Commits: when each position was written, and how many events and profiles there were more.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    lane::Lane,
};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

/// By how many things there are more after a commit, or fewer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Events.
    pub events: i64,
    /// Living profiles.
    pub profiles: i64,
}

/// The commits of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Day {
    /// Days since 1970 in UTC.
    pub day: i64,
    /// By how many events there were more after it.
    pub events: i64,
    /// By how many living profiles there were more after it.
    pub profiles: i64,
}

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;

/// Writes down that everything up to the lane's position was written at a time.
pub(super) fn insert(lane: &Lane, at: Timestamp) {
    let Tally { events, profiles } = lane.tally;
    let rows = Rows::new()
        .with("position", Column::Numbers(vec![lane.mark.position]))
        .with("recorded_at", Column::Numbers(vec![at.as_microsecond()]))
        .with("events", Column::Numbers(vec![events]))
        .with("profiles", Column::Numbers(vec![profiles]));
    lane.insert("commits", "", rows);
}

/// The position of the last commit that is not after this one; 0 where there is none.
///
/// # Errors
/// What the database says.
pub async fn until<C: ConnectionTrait>(connection: &C, tenant: TenantId, position: i64) -> Result<i64, StoreError> {
    let sql = "SELECT position FROM commits WHERE tenant_id = $1 AND position <= $2 ORDER BY position DESC LIMIT 1";
    one(connection, tenant, sql, position).await
}

/// The position of the last commit that was not recorded after this time; 0 where there is none.
///
/// # Errors
/// What the database says.
pub async fn until_time<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    time: Timestamp,
) -> Result<i64, StoreError> {
    let sql = "SELECT position FROM commits WHERE tenant_id = $1 AND recorded_at <= $2 \
               ORDER BY recorded_at DESC, position DESC LIMIT 1";
    one(connection, tenant, sql, time.as_microsecond()).await
}

async fn one<C: ConnectionTrait>(connection: &C, tenant: TenantId, sql: &str, until: i64) -> Result<i64, StoreError> {
    let values = [tenant.into(), until.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "position"))?)
}

/// What came each day, the first one first.
///
/// # Errors
/// What the database says.
pub async fn days<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Vec<Day>, StoreError> {
    let sql = format!(
        "SELECT recorded_at / {DAY} AS day, CAST(sum(events) AS BIGINT) AS events, \
         CAST(sum(profiles) AS BIGINT) AS profiles FROM commits WHERE tenant_id = $1 \
         GROUP BY recorded_at / {DAY} ORDER BY day"
    );
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    Ok(Day::find_by_statement(statement).all(connection).await?)
}
