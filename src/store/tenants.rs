//! Tenants and their secrets.

use super::{StoreError, TenantId, entities::tenant};
use crate::domain::keyed_hash::IdKey;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait, Statement, TransactionTrait};

/// A tenant as the rest of the house knows it.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its number inside.
    pub id: TenantId,
    /// Its name outside.
    pub name: String,
    /// Its secret for ids and blocking keys.
    pub id_key: IdKey,
}

/// All tenants.
///
/// # Errors
/// What the database says.
pub async fn all<C: ConnectionTrait>(connection: &C) -> Result<Vec<Tenant>, StoreError> {
    tenant::Entity::find().all(connection).await?.into_iter().map(read).collect()
}

/// Creates a tenant with its lane, unless its number is taken.
///
/// # Errors
/// What the database says.
pub async fn create(
    connection: &DatabaseConnection,
    tenant: &Tenant,
    created_at: jiff::Timestamp,
) -> Result<(), StoreError> {
    let tx = connection.begin().await?;
    let row = tenant::ActiveModel {
        tenant_id: Set(tenant.id),
        name: Set(tenant.name.clone()),
        id_key: Set(tenant.id_key.bytes().to_vec()),
        created_at: Set(created_at.as_microsecond()),
    };
    // Two servers that start on one empty database must not fail over who was first.
    let taken = sea_orm::sea_query::OnConflict::column(tenant::Column::TenantId).do_nothing().to_owned();
    tenant::Entity::insert(row).on_conflict(taken).exec_without_returning(&tx).await?;
    let sql = "INSERT INTO lanes (tenant_id, position, generation, forms, sources, model, changing) VALUES ($1, 0, 0, 0, 0, 0, 0) \
               ON CONFLICT DO NOTHING";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [tenant.id.into()])).await?;
    Ok(tx.commit().await?)
}

fn read(row: tenant::Model) -> Result<Tenant, StoreError> {
    let key: [u8; 32] = row.id_key.try_into().map_err(|_| StoreError::Corrupt("id key"))?;
    Ok(Tenant { id: row.tenant_id, name: row.name, id_key: IdKey::new(key) })
}
