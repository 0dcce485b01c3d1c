//! Citus: the tables spread over several PostgreSQL servers, a tenant's rows together on one of them.

use super::StoreError;
use onefold_migrations::{TENANT_TABLES, TENANTS};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, Statement};
use std::collections::BTreeSet;

/// Why the tables are not distributed.
#[derive(Debug, thiserror::Error)]
pub enum CitusError {
    /// The database is SQLite.
    #[error("--citus needs PostgreSQL")]
    NotPostgres,
    /// The extension is not there.
    #[error("this database lacks the extension citus: have its operator run CREATE EXTENSION citus")]
    Missing,
    /// The database refused or failed.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
}

#[derive(FromQueryResult)]
struct Named {
    name: String,
}

/// Distributes the tables of tenants by `tenant_id`, all colocated, and copies the table of the tenants to every server.
/// Returns the tables that were not distributed before.
///
/// # Errors
/// See [`CitusError`]; what was distributed until then stays so, and the next call goes on from there.
pub async fn distribute(connection: &DatabaseConnection) -> Result<Vec<&'static str>, CitusError> {
    if connection.get_database_backend() != DbBackend::Postgres {
        return Err(CitusError::NotPostgres);
    }
    if names(connection, "SELECT extname::text AS name FROM pg_extension WHERE extname = 'citus'").await?.is_empty() {
        return Err(CitusError::Missing);
    }
    Ok(spread(connection).await?)
}

/// The same, in a database that is known to have Citus.
///
/// # Errors
/// What the database says.
pub async fn spread(connection: &DatabaseConnection) -> Result<Vec<&'static str>, StoreError> {
    let known = "SELECT c.relname::text AS name FROM pg_dist_partition d JOIN pg_class c ON c.oid = d.logicalrelid \
                 WHERE c.relnamespace = current_schema()::regnamespace";
    let known = names(connection, known).await?;
    let (first, others) = (TENANT_TABLES[0], &TENANT_TABLES[1..]);
    let colocated = |table: &&'static str| {
        let sql = format!("SELECT create_distributed_table('{table}', 'tenant_id', colocate_with => '{first}')");
        (*table, sql)
    };
    let statements = [
        (TENANTS, format!("SELECT create_reference_table('{TENANTS}')")),
        (first, format!("SELECT create_distributed_table('{first}', 'tenant_id')")),
    ];
    let mut done = Vec::new();
    for (table, sql) in statements.into_iter().chain(others.iter().map(colocated)) {
        if !known.contains(table) {
            connection.execute_unprepared(&sql).await.map_err(StoreError::from)?;
            done.push(table);
        }
    }
    Ok(done)
}

async fn names(connection: &DatabaseConnection, sql: &str) -> Result<BTreeSet<String>, StoreError> {
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let found = Named::find_by_statement(statement).all(connection).await?;
    Ok(found.into_iter().map(|row| row.name).collect())
}
