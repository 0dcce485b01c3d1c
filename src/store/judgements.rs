//! Judgements, and which of them speak of a record.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    entities::judgement,
    from_json, to_json,
};
use crate::domain::{cluster::Verdict, id::JudgementId, judgement::Judgement};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use uuid::Uuid;

/// The judgement with this id, withdrawn or not.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<Judgement>, StoreError> {
    judgement::Entity::find_by_id((tenant, id)).one(connection).await?.map(|row| read(&row)).transpose()
}

/// Whether any judgement is in force.
///
/// # Errors
/// What the database says.
pub async fn any<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM judged_records r WHERE r.tenant_id = $1 LIMIT 1";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    Ok(connection.query_one_raw(statement).await?.is_some())
}

/// The judgements in force that speak of one of these records.
///
/// # Errors
/// What the database says.
pub async fn of_records<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    records: Vec<Uuid>,
) -> Result<Vec<Judgement>, StoreError> {
    let tables = [("judged_records r", "r.record_id = given.id"), ("judgements j", "j.id = r.judgement_id")];
    let rows = Rows::new().with("id", Column::Uuids(records));
    let mut found: Vec<judgement::Model> = rows.look_up(connection, tenant, "j.*", &tables).await?;
    found.sort_unstable_by_key(|row| row.id);
    found.dedup_by_key(|row| row.id);
    found.iter().map(read).collect()
}

/// How many judgements in force say what.
///
/// # Errors
/// What the database says.
pub async fn verdicts<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Vec<(Verdict, u64)>, StoreError> {
    let sql = "SELECT verdict, count(*) AS number FROM judgements WHERE tenant_id = $1 AND withdrawn_at IS NULL \
               GROUP BY verdict";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    let rows = connection.query_all_raw(statement).await?;
    let read = |row: &sea_orm::QueryResult| {
        let (verdict, number): (String, i64) = (row.try_get("", "verdict")?, row.try_get("", "number")?);
        Ok((from_json(&verdict, "verdict")?, u64::try_from(number).unwrap_or(0)))
    };
    rows.iter().map(read).collect()
}

/// Adds a judgement, in force from now on.
///
/// # Errors
/// What the database says.
pub async fn insert<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    judgement: &Judgement,
) -> Result<(), StoreError> {
    let row = judgement::Model {
        tenant_id: tenant,
        id: judgement.judgement_id.uuid(),
        verdict: to_json(&judgement.verdict, "verdict")?,
        a: to_json(&judgement.a, "judgement")?,
        b: to_json(&judgement.b, "judgement")?,
        reason: judgement.reason.clone(),
        actor: judgement.actor.clone(),
        created_at: judgement.created_at.as_microsecond(),
        withdrawn_at: None,
        withdrawn_by: None,
    };
    judgement::Entity::insert(judgement::ActiveModel::from(row)).exec_without_returning(connection).await?;
    let records: Vec<Uuid> = judgement.records().map(|id| id.uuid()).collect();
    let ids = vec![judgement.judgement_id.uuid(); records.len()];
    let rows = Rows::new().with("record_id", Column::Uuids(records)).with("judgement_id", Column::Uuids(ids));
    Ok(rows.insert(connection, tenant, "judged_records", "ON CONFLICT DO NOTHING").await?)
}

/// Withdraws a judgement: it stays, and rules nothing any more.
///
/// # Errors
/// What the database says.
pub async fn withdraw<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    judgement: &mut Judgement,
    actor: &str,
    at: Timestamp,
) -> Result<(), StoreError> {
    (judgement.withdrawn_at, judgement.withdrawn_by) = (Some(at), Some(actor.to_owned()));
    let id = judgement.judgement_id.uuid();
    let sql = "UPDATE judgements SET withdrawn_at = $3, withdrawn_by = $4 WHERE tenant_id = $1 AND id = $2";
    let values = [tenant.into(), id.into(), at.as_microsecond().into(), actor.into()];
    connection.execute_raw(Statement::from_sql_and_values(connection.get_database_backend(), sql, values)).await?;
    let records: Vec<Uuid> = judgement.records().map(|id| id.uuid()).collect();
    let ids = vec![id; records.len()];
    let rows = Rows::new().with("record_id", Column::Uuids(records)).with("judgement_id", Column::Uuids(ids));
    let sql = "DELETE FROM judged_records WHERE tenant_id = $1 AND (record_id, judgement_id) IN \
               (SELECT record_id, judgement_id FROM {rows})";
    Ok(rows.execute(connection, tenant, sql).await?)
}

fn read(row: &judgement::Model) -> Result<Judgement, StoreError> {
    let time = |at: i64| Timestamp::from_microsecond(at).map_err(|_| StoreError::Corrupt("judgement"));
    Ok(Judgement {
        judgement_id: JudgementId::from_uuid(row.id),
        verdict: from_json(&row.verdict, "verdict")?,
        a: from_json(&row.a, "judgement")?,
        b: from_json(&row.b, "judgement")?,
        reason: row.reason.clone(),
        actor: row.actor.clone(),
        created_at: time(row.created_at)?,
        withdrawn_at: row.withdrawn_at.map(time).transpose()?,
        withdrawn_by: row.withdrawn_by.clone(),
    })
}
