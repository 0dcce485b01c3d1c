//! The floor on PostgreSQL: an array for each column, and `UNNEST`.

use super::{TENANT, Table};
use sea_orm::{DbBackend, Statement, Value};

/// The tables.
pub const SCHEMA: &str = "
CREATE TABLE floor_events (tenant_id int4 NOT NULL, id uuid NOT NULL, record_id uuid NOT NULL, occurred_at int8 NOT NULL,
    source text NOT NULL, channel text NOT NULL, body text NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE INDEX floor_timeline ON floor_events (tenant_id, record_id, occurred_at, id);
CREATE TABLE floor_records (tenant_id int4 NOT NULL, id uuid NOT NULL, profile_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, id));
CREATE TABLE floor_keys (tenant_id int4 NOT NULL, key int8 NOT NULL, record_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, key, record_id));
CREATE TABLE floor_profiles (tenant_id int4 NOT NULL, id uuid NOT NULL, PRIMARY KEY (tenant_id, id));";

/// All rows in one statement.
pub fn statement(table: Table) -> Statement {
    let names = table.names();
    let arrays: Vec<String> = table
        .columns
        .iter()
        .enumerate()
        .map(|(place, column)| format!("${}::{}[]", place + 1, column.kind.in_postgres().0))
        .collect();
    let sql = format!(
        "INSERT INTO {} (tenant_id, {names}) SELECT {TENANT}, {names} FROM UNNEST({}) AS given({names})",
        table.name,
        arrays.join(", ")
    );
    let array = |column: super::Column| Value::Array(column.kind.in_postgres().1, Some(Box::new(column.values)));
    Statement::from_sql_and_values(DbBackend::Postgres, sql, table.columns.into_iter().map(array))
}
