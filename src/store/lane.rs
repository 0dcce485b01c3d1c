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
    /// How many distinct normal forms the tenant holds.
    pub forms: i64,
    /// How many commits there were before this one, whoever wrote them.
    pub generation: i64,
    /// How often a source was registered or changed.
    pub sources: i64,
}

/// A plan that PostgreSQL made while a table was small goes through all of it, and would be kept while the table grows: what is
/// joined with many given rows is planned each time.
const PLAN: &str = "SET LOCAL plan_cache_mode = force_custom_plan";

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
            tx.execute_unprepared(PLAN).await?;
            "SELECT position, forms, generation, sources FROM lanes WHERE tenant_id = $1 FOR UPDATE"
        }
        _ => "SELECT position, forms, generation, sources FROM lanes WHERE tenant_id = $1",
    };
    let row = tx.query_one_raw(Statement::from_sql_and_values(backend, lock, [tenant.into()])).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the tenant's lane".into()))?;
    let position: i64 = row.try_get("", "position")?;
    let (forms, generation) = (row.try_get("", "forms")?, row.try_get("", "generation")?);
    Ok(Lane { tx, tenant, position: position + 1, forms, generation, sources: row.try_get("", "sources")? })
}

/// How many distinct normal forms a tenant holds, as of the last commit.
///
/// # Errors
/// What the database says.
pub async fn forms<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<i64, StoreError> {
    let sql = "SELECT forms FROM lanes WHERE tenant_id = $1";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "forms"))?)
}

impl Lane {
    /// Moves the position on and commits: what was written is durable when this returns. Returns the lane's new generation.
    ///
    /// # Errors
    /// What the database says; then nothing was written.
    pub async fn commit(self) -> Result<i64, StoreError> {
        let sql = "UPDATE lanes SET position = $2, forms = $3, generation = $4 WHERE tenant_id = $1";
        let generation = self.generation + 1;
        let values = [self.tenant.into(), self.position.into(), self.forms.into(), generation.into()];
        self.tx.execute_raw(Statement::from_sql_and_values(self.tx.get_database_backend(), sql, values)).await?;
        self.tx.commit().await?;
        Ok(generation)
    }
}
