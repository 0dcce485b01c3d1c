//! API keys: the database holds hashes alone.

use super::{StoreError, TenantId, entities::api_key};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

/// The key with this id, revoked or not.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<api_key::Model>, StoreError> {
    Ok(api_key::Entity::find_by_id((tenant, id)).one(connection).await?)
}

/// All keys of a tenant, oldest first.
///
/// # Errors
/// What the database says.
pub async fn all<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Vec<api_key::Model>, StoreError> {
    let of_tenant = api_key::Entity::find().filter(api_key::Column::TenantId.eq(tenant));
    Ok(of_tenant.order_by_asc(api_key::Column::CreatedAt).all(connection).await?)
}

/// Adds a key; one that is there already stays as it is.
///
/// # Errors
/// What the database says.
pub async fn insert<C: ConnectionTrait>(connection: &C, key: api_key::Model) -> Result<(), StoreError> {
    let kept = sea_orm::sea_query::OnConflict::columns([api_key::Column::TenantId, api_key::Column::Id])
        .do_nothing()
        .to_owned();
    api_key::Entity::insert(api_key::ActiveModel::from(key))
        .on_conflict(kept)
        .exec_without_returning(connection)
        .await?;
    Ok(())
}

/// Takes a key back; says whether there was one to take.
///
/// # Errors
/// What the database says.
pub async fn revoke<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    id: Uuid,
    at: jiff::Timestamp,
) -> Result<bool, StoreError> {
    let done = api_key::Entity::update_many()
        .set(api_key::ActiveModel { revoked_at: Set(Some(at.as_microsecond())), ..Default::default() })
        .filter(api_key::Column::TenantId.eq(tenant))
        .filter(api_key::Column::Id.eq(id))
        .filter(api_key::Column::RevokedAt.is_null())
        .exec(connection)
        .await?;
    Ok(done.rows_affected > 0)
}
