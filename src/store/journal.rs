//! The journal: what happened to profiles, append-only.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    entities::journal,
    lane::Lane,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Appends entries.
pub fn append(lane: &Lane, entries: Vec<journal::Model>) {
    let rows = Rows::new()
        .with("profile_id", Column::Uuids(entries.iter().map(|entry| entry.profile_id).collect()))
        .with("position", Column::Numbers(entries.iter().map(|entry| entry.position).collect()))
        .with("recorded_at", Column::Numbers(entries.iter().map(|entry| entry.recorded_at).collect()))
        .with("kind", Column::Texts(entries.iter().map(|entry| entry.kind.clone()).collect()))
        .with("detail", Column::Texts(entries.into_iter().map(|entry| entry.detail).collect()));
    lane.insert("journal", "", rows);
}

/// A profile's entries, newest first, from before a position on.
///
/// # Errors
/// What the database says.
pub async fn page<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profile: Uuid,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<journal::Model>, StoreError> {
    let mut query = journal::Entity::find()
        .filter(journal::Column::TenantId.eq(tenant))
        .filter(journal::Column::ProfileId.eq(profile));
    if let Some(before) = before {
        query = query.filter(journal::Column::Position.lt(before));
    }
    Ok(query.order_by_desc(journal::Column::Position).limit(limit).all(connection).await?)
}

/// A profile's entries up to a position, oldest first.
///
/// # Errors
/// What the database says.
pub async fn until<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profile: Uuid,
    position: i64,
) -> Result<Vec<journal::Model>, StoreError> {
    let query = journal::Entity::find()
        .filter(journal::Column::TenantId.eq(tenant))
        .filter(journal::Column::ProfileId.eq(profile))
        .filter(journal::Column::Position.lte(position));
    Ok(query.order_by_asc(journal::Column::Position).all(connection).await?)
}

/// The entries of profiles from a position on, each given with its own.
///
/// # Errors
/// What the database says.
pub async fn since<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profiles: Vec<(Uuid, i64)>,
) -> Result<Vec<journal::Model>, StoreError> {
    let (profiles, positions) = profiles.into_iter().unzip();
    let rows = Rows::new().with("id", Column::Uuids(profiles)).with("since", Column::Numbers(positions));
    select(connection, tenant, rows, "j.profile_id = given.id AND j.position >= given.since").await
}

/// The entries of these retired profiles from the one on by which each was retired last, the oldest first.
///
/// # Errors
/// What the database says.
pub async fn since_retired<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profiles: Vec<Uuid>,
) -> Result<Vec<journal::Model>, StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(profiles));
    let last = "(SELECT max(n.position) FROM journal n WHERE n.tenant_id = $1 AND n.profile_id = given.id \
                AND n.kind = 'retired')";
    let mut entries =
        select(connection, tenant, rows, &format!("j.profile_id = given.id AND j.position >= {last}")).await?;
    entries.sort_by_key(|entry| entry.position);
    Ok(entries)
}

async fn select<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    rows: Rows,
    by: &str,
) -> Result<Vec<journal::Model>, StoreError> {
    Ok(rows.look_up(connection, tenant, "j.*", &[("journal j", by)]).await?)
}
