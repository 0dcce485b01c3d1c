//! Judgements, and which of them speak of a record.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    entities::judgement,
    from_json,
    lane::Lane,
    to_json,
};
use crate::domain::{
    cluster::Verdict,
    id::JudgementId,
    judgement::{Chosen, Judgement, Matter, People},
};
use jiff::Timestamp;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
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

/// The judgements with these ids, withdrawn or not.
///
/// # Errors
/// What the database says.
pub async fn find_all<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Vec<Judgement>, StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let found: Vec<judgement::Model> =
        rows.look_up(connection, tenant, "j.*", &[("judgements j", "j.id = given.id")]).await?;
    found.iter().map(read).collect()
}

/// The judgements in force that were given with another one.
///
/// # Errors
/// What the database says.
pub async fn parts_of<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    whole: JudgementId,
) -> Result<Vec<Judgement>, StoreError> {
    let parts = judgement::Entity::find()
        .filter(judgement::Column::TenantId.eq(tenant))
        .filter(judgement::Column::PartOf.eq(whole.uuid()))
        .filter(judgement::Column::WithdrawnAt.is_null());
    parts.all(connection).await?.iter().map(read).collect()
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

/// How many judgements in force say what of who is whom.
///
/// # Errors
/// What the database says.
pub async fn verdicts<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Vec<(Verdict, u64)>, StoreError> {
    let sql = "SELECT verdict, count(*) AS number FROM judgements WHERE tenant_id = $1 AND withdrawn_at IS NULL \
               AND verdict IS NOT NULL GROUP BY verdict";
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
pub async fn insert(lane: &Lane, judgement: &Judgement) -> Result<(), StoreError> {
    let (people, chosen) = (judgement.people(), judgement.chosen());
    let row = judgement::Model {
        tenant_id: lane.tenant,
        id: judgement.judgement_id.uuid(),
        verdict: people.map(|people| to_json(&people.verdict, "verdict")).transpose()?,
        a: match &judgement.matter {
            Matter::People(People { a, .. }) | Matter::Value(Chosen { records: a, .. }) => to_json(a, "judgement")?,
        },
        b: people.map(|people| to_json(&people.b, "judgement")).transpose()?,
        attribute: chosen.map(|chosen| chosen.attribute.to_string()),
        value: chosen.map(|chosen| to_json(&chosen.value, "value")).transpose()?,
        reason: judgement.reason.clone(),
        actor: judgement.actor.clone(),
        created_at: judgement.created_at.as_microsecond(),
        part_of: judgement.part_of.map(|whole| whole.uuid()),
        withdrawn_at: None,
        withdrawn_by: None,
    };
    judgement::Entity::insert(judgement::ActiveModel::from(row)).exec_without_returning(lane).await?;
    let records: Vec<Uuid> = judgement.records().map(|id| id.uuid()).collect();
    let ids = vec![judgement.judgement_id.uuid(); records.len()];
    let rows = Rows::new().with("record_id", Column::Uuids(records)).with("judgement_id", Column::Uuids(ids));
    lane.insert("judged_records", "ON CONFLICT DO NOTHING", rows);
    Ok(())
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
    let records = from_json(&row.a, "judgement")?;
    let matter = match (&row.verdict, &row.b, &row.attribute, &row.value) {
        (Some(verdict), Some(b), None, None) => Matter::People(People {
            verdict: from_json(verdict, "verdict")?,
            a: records,
            b: from_json(b, "judgement")?,
        }),
        (None, None, Some(attribute), Some(value)) => Matter::Value(Chosen {
            records,
            attribute: attribute.parse().map_err(|_| StoreError::Corrupt("attribute"))?,
            value: from_json(value, "value")?,
        }),
        _ => return Err(StoreError::Corrupt("judgement")),
    };
    Ok(Judgement {
        judgement_id: JudgementId::from_uuid(row.id),
        matter,
        reason: row.reason.clone(),
        actor: row.actor.clone(),
        created_at: time(row.created_at)?,
        part_of: row.part_of.map(JudgementId::from_uuid),
        withdrawn_at: row.withdrawn_at.map(time).transpose()?,
        withdrawn_by: row.withdrawn_by.clone(),
    })
}
