//! A tenant's lane: whoever holds its row writes, one transaction at a time. The row also counts the commits.

use super::{StoreError, TenantId};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

/// The lane, held until it is committed or dropped (which rolls back).
pub struct Lane {
    /// The transaction to write in.
    pub tx: DatabaseTransaction,
    /// Whose lane it is.
    pub tenant: TenantId,
    /// The position that this commit will have.
    pub position: i64,
}

/// Waits for the lane and takes it.
///
/// # Errors
/// [`StoreError::Busy`] where it stays taken for too long.
pub async fn enter(connection: &DatabaseConnection, tenant: TenantId) -> Result<Lane, StoreError> {
    Ok(take(connection, tenant).await?)
}

async fn take(connection: &DatabaseConnection, tenant: TenantId) -> Result<Lane, DbErr> {
    let backend = connection.get_database_backend();
    let immediate = TransactionOptions {
        sqlite_transaction_mode: (backend == DbBackend::Sqlite).then_some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = connection.begin_with_options(immediate).await?;
    let lock = match backend {
        DbBackend::Postgres => {
            tx.execute_unprepared("SET LOCAL lock_timeout = '10s'").await?;
            "SELECT position FROM lanes WHERE tenant_id = $1 FOR UPDATE"
        }
        _ => "SELECT position FROM lanes WHERE tenant_id = $1",
    };
    let row = tx.query_one_raw(Statement::from_sql_and_values(backend, lock, [tenant.into()])).await?;
    let position: i64 =
        row.ok_or_else(|| DbErr::RecordNotFound("the tenant's lane".into()))?.try_get("", "position")?;
    Ok(Lane { tx, tenant, position: position + 1 })
}

impl Lane {
    /// Moves the position on and commits: what was written is durable when this returns.
    ///
    /// # Errors
    /// What the database says; then nothing was written.
    pub async fn commit(self) -> Result<(), StoreError> {
        let sql = "UPDATE lanes SET position = $2, generation = generation + 1 WHERE tenant_id = $1";
        let values = [self.tenant.into(), self.position.into()];
        self.tx.execute_raw(Statement::from_sql_and_values(self.tx.get_database_backend(), sql, values)).await?;
        Ok(self.tx.commit().await?)
    }
}
