//! Import runs: how far each has come, so that it can go on and be taken back.

use super::{StoreError, TenantId, entities::run};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

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

/// The unfinished run of an input with this digest.
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
        .filter(run::Column::State.eq("running"));
    Ok(running.one(connection).await?)
}

/// Adds a run.
///
/// # Errors
/// What the database says.
pub async fn insert<C: ConnectionTrait>(connection: &C, run: run::Model) -> Result<(), StoreError> {
    run::Entity::insert(run::ActiveModel::from(run)).exec_without_returning(connection).await?;
    Ok(())
}

/// Writes how far a run has come.
///
/// # Errors
/// What the database says.
pub async fn update<C: ConnectionTrait>(connection: &C, run: &run::Model) -> Result<(), StoreError> {
    run.clone().into_active_model().reset_all().update(connection).await?;
    Ok(())
}
