//! Registered sources.

use super::{StoreError, TenantId, entities::source, from_json, to_json};
use crate::domain::source::{Source, Sources};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};

/// All sources of a tenant.
///
/// # Errors
/// What the database says.
pub async fn all<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Sources, StoreError> {
    let rows = source::Entity::find().filter(source::Column::TenantId.eq(tenant)).all(connection).await?;
    rows.into_iter().map(|row| Ok((row.name, from_json::<Source>(&row.settings, "source")?))).collect()
}

/// Registers a source, or changes what is registered of it.
///
/// # Errors
/// What the database says.
pub async fn put<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    name: &str,
    settings: &Source,
) -> Result<(), StoreError> {
    let row = source::ActiveModel {
        tenant_id: Set(tenant),
        name: Set(name.to_owned()),
        settings: Set(to_json(settings, "source")?),
    };
    let replace = OnConflict::columns([source::Column::TenantId, source::Column::Name])
        .update_column(source::Column::Settings)
        .to_owned();
    source::Entity::insert(row).on_conflict(replace).exec_without_returning(connection).await?;
    Ok(())
}
