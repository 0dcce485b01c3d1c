//! Registered sources.

use super::{StoreError, TenantId, entities::source, from_json, lane, to_json};
use crate::domain::source::{Source, Sources};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, Statement,
    sea_query::OnConflict,
};

#[derive(FromQueryResult)]
struct Row {
    version: i64,
    name: Option<String>,
    settings: Option<String>,
}

/// All sources of a tenant.
///
/// # Errors
/// What the database says.
pub async fn all<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Sources, StoreError> {
    // One statement, so that the version is that of the sources.
    let sql = "SELECT l.sources AS version, s.name, s.settings FROM lanes l \
               LEFT JOIN sources s ON s.tenant_id = $1 WHERE l.tenant_id = $1";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    let rows = Row::find_by_statement(statement).all(connection).await?;
    let version = rows.first().map_or(0, |row| row.version);
    let registered = rows.into_iter().filter_map(|row| Some((row.name?, row.settings?)));
    let sources = registered.map(|(name, settings)| Ok((name, from_json::<Source>(&settings, "source")?)));
    Ok(Sources::new(version, sources.collect::<Result<Vec<_>, StoreError>>()?))
}

/// Registers a source, or changes what is registered of it, between two batches of events.
///
/// # Errors
/// [`StoreError::Busy`] where the lane stays taken for too long.
pub async fn put(
    connection: &DatabaseConnection,
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
    let lane = lane::enter(connection, tenant).await?;
    source::Entity::insert(row).on_conflict(replace).exec_without_returning(&lane).await?;
    let sql = "UPDATE lanes SET sources = sources + 1 WHERE tenant_id = $1";
    lane.execute_raw(Statement::from_sql_and_values(lane.get_database_backend(), sql, [tenant.into()])).await?;
    // No event changed, so the position stays.
    lane.leave().await?;
    Ok(())
}
