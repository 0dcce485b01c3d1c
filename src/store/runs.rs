//! Import runs: how far each has come, so that it can go on and be taken back.

use super::{StoreError, TenantId, entities::run, lane};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, Statement,
    sea_query::OnConflict,
};
use uuid::Uuid;

/// What a run brought, as far as it is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Brought {
    /// Events.
    pub events: i64,
    /// Profiles that hold one of them now.
    pub profiles: i64,
}

/// The run with this id.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<run::Model>, StoreError> {
    Ok(run::Entity::find_by_id((tenant, id)).one(connection).await?)
}

/// The latest unfinished run of an input with this digest.
///
/// # Errors
/// What the database says.
pub async fn unfinished<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    digest: &str,
) -> Result<Option<run::Model>, StoreError> {
    let running = run::Entity::find()
        .filter(run::Column::TenantId.eq(tenant))
        .filter(run::Column::Digest.eq(digest))
        .filter(run::Column::State.eq("running"))
        .order_by_desc(run::Column::StartedAt);
    Ok(running.one(connection).await?)
}

/// Adds a run, or writes how far it has come.
///
/// # Errors
/// What the database says.
pub async fn put<C: ConnectionTrait>(connection: &C, run: run::Model) -> Result<(), StoreError> {
    let progress = [run::Column::Lines, run::Column::Stored, run::Column::Rejected, run::Column::State];
    let replace = OnConflict::columns([run::Column::TenantId, run::Column::Id]).update_columns(progress).to_owned();
    run::Entity::insert(run::ActiveModel::from(run)).on_conflict(replace).exec_without_returning(connection).await?;
    Ok(())
}

/// The same between two batches, waiting for the lane as any write does.
///
/// # Errors
/// [`StoreError::Busy`] where the lane stays taken for too long.
pub async fn save(connection: &DatabaseConnection, run: &run::Model) -> Result<(), StoreError> {
    let lane = lane::enter(connection, run.tenant_id).await?;
    put(&lane, run.clone()).await?;
    // No event changed, so the position stays.
    lane.leave().await?;
    Ok(())
}

/// Counts what a run brought.
///
/// # Errors
/// What the database says.
pub async fn brought<C: ConnectionTrait>(connection: &C, tenant: TenantId, run: Uuid) -> Result<Brought, StoreError> {
    let sql = "SELECT count(*) AS events, count(DISTINCT r.profile_id) AS profiles FROM events e \
               LEFT JOIN records r ON r.tenant_id = $1 AND r.id = e.record_id WHERE e.tenant_id = $1 AND e.run_id = $2";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into(), run.into()]);
    Ok(Brought::find_by_statement(statement).one(connection).await?.unwrap_or(Brought { events: 0, profiles: 0 }))
}
