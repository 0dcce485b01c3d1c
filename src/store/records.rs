//! Records: distinct contacts, who saw them, and which profile they belong to.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    entities::record,
    from_json,
    lane::Lane,
    to_json,
};
use crate::domain::{
    contact::Contact,
    id::{ProfileId, RecordId},
    marks::Marks,
    parallel,
    record::Observation,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use std::sync::Arc;
use uuid::Uuid;

/// A record as the rest of the house knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRecord {
    /// A keyed hash of the contact.
    pub id: RecordId,
    /// The first record stored with the same normal form.
    pub node: RecordId,
    /// Where it belongs now.
    pub profile: ProfileId,
    /// What was given.
    pub contact: Contact,
    /// Who saw it when; sorted by source.
    pub observations: Vec<Observation>,
}

impl StoredRecord {
    /// How many events share it.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.observations.iter().map(|observation| observation.count).sum()
    }

    /// What its events can be filtered by.
    #[must_use]
    pub fn marks(&self) -> Marks {
        self.observations.iter().fold(Marks::default(), |marks, observation| marks | observation.marks)
    }

    /// When it was first and last seen, in microseconds since 1970; 0 where it never was.
    #[must_use]
    pub fn seen(&self) -> (i64, i64) {
        let first = self.observations.iter().map(|observation| observation.first_at).min();
        let last = self.observations.iter().map(|observation| observation.last_at).max();
        (first.map_or(0, jiff::Timestamp::as_microsecond), last.map_or(0, jiff::Timestamp::as_microsecond))
    }
}

/// The records with these ids, as many of them as there are.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Vec<StoredRecord>, StoreError> {
    select(connection, tenant, ids, "r.id = given.id").await
}

/// A record that stands for its normal form, without those who saw it.
pub struct StoredNode {
    /// The record's id.
    pub id: RecordId,
    /// Where it belongs now.
    pub profile: ProfileId,
    /// What was given.
    pub contact: Contact,
}

#[derive(FromQueryResult)]
struct NodeRow {
    id: Uuid,
    profile_id: Uuid,
    contact: String,
}

/// Those of these records that stand for their normal form, as many of them as there are.
///
/// # Errors
/// What the database says.
pub async fn nodes<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Vec<StoredNode>, StoreError> {
    let nodes = [("records r", "r.id = given.id AND r.node_id = r.id")];
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let found: Vec<NodeRow> = rows.look_up(connection, tenant, "r.id, r.profile_id, r.contact", &nodes).await?;
    let read = |row: &NodeRow| {
        let contact = from_json(&row.contact, "contact")?;
        Ok(StoredNode { id: RecordId::from_uuid(row.id), profile: ProfileId::from_uuid(row.profile_id), contact })
    };
    parallel::map(&found, read).into_iter().collect()
}

/// All records of these profiles.
///
/// # Errors
/// What the database says.
pub async fn of_profiles<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profiles: Vec<Uuid>,
) -> Result<Vec<StoredRecord>, StoreError> {
    select(connection, tenant, profiles, "r.profile_id = given.id").await
}

/// A page of a profile's records, by id from after `after` on.
///
/// # Errors
/// What the database says.
pub async fn page<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profile: Uuid,
    after: Uuid,
    limit: u64,
) -> Result<Vec<StoredRecord>, StoreError> {
    // An id is never missing; but by the bare column SQLite would rather go through all records in the order of their ids.
    let sql = format!(
        "SELECT r.* FROM records r WHERE r.tenant_id = $1 AND r.profile_id = $2 AND coalesce(r.id, $3) > $3 \
         ORDER BY coalesce(r.id, $3) LIMIT {limit}"
    );
    let values = [tenant.into(), profile.into(), after.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    record::Model::find_by_statement(statement).all(connection).await?.iter().map(read).collect()
}

/// Writes records as they are now, new or changed.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn upsert(lane: &Lane, records: &[Arc<StoredRecord>]) -> Result<(), StoreError> {
    let contacts = records.iter().map(|record| to_json(&record.contact, "contact")).collect::<Result<_, _>>()?;
    let observations =
        records.iter().map(|record| to_json(&record.observations, "observations")).collect::<Result<_, _>>()?;
    let (first, last) = records.iter().map(|record| record.seen()).unzip();
    let replace = "ON CONFLICT (tenant_id, id) DO UPDATE SET node_id = excluded.node_id, \
                   profile_id = excluded.profile_id, observations = excluded.observations, events = excluded.events, \
                   first_at = excluded.first_at, last_at = excluded.last_at, marks = excluded.marks";
    let rows = Rows::new()
        .with("id", Column::Uuids(records.iter().map(|record| record.id.uuid()).collect()))
        .with("node_id", Column::Uuids(records.iter().map(|record| record.node.uuid()).collect()))
        .with("profile_id", Column::Uuids(records.iter().map(|record| record.profile.uuid()).collect()))
        .with("contact", Column::Texts(contacts))
        .with("observations", Column::Texts(observations))
        .with(
            "events",
            Column::Numbers(records.iter().map(|r| i64::try_from(r.events()).unwrap_or(i64::MAX)).collect()),
        )
        .with("first_at", Column::Numbers(first))
        .with("last_at", Column::Numbers(last))
        .with("marks", Column::Numbers(records.iter().map(|record| record.marks().bits()).collect()));
    lane.insert("records", replace, rows);
    Ok(())
}

/// Deletes records.
///
/// # Errors
/// What the database says.
pub async fn delete<C: ConnectionTrait>(connection: &C, tenant: TenantId, ids: Vec<Uuid>) -> Result<(), StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let sql = "DELETE FROM records WHERE tenant_id = $1 AND id IN (SELECT id FROM {rows})";
    Ok(rows.execute(connection, tenant, sql).await?)
}

async fn select<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
    by: &str,
) -> Result<Vec<StoredRecord>, StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let mut found: Vec<record::Model> = rows.look_up(connection, tenant, "r.*", &[("records r", by)]).await?;
    found.sort_unstable_by_key(|row| row.id);
    parallel::map(&found, read).into_iter().collect()
}

/// Reads a row.
///
/// # Errors
/// [`StoreError::Corrupt`].
fn read(row: &record::Model) -> Result<StoredRecord, StoreError> {
    Ok(StoredRecord {
        id: RecordId::from_uuid(row.id),
        node: RecordId::from_uuid(row.node_id),
        profile: ProfileId::from_uuid(row.profile_id),
        contact: from_json(&row.contact, "contact")?,
        observations: from_json(&row.observations, "observations")?,
    })
}
