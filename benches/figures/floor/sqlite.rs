//! The floor on SQLite: many rows of bound values in a statement, whose text is the same from batch to batch.

use super::{TENANT, Table};
use sea_orm::{DbBackend, Statement, Value};

/// The tables. Those of keys alone live in the key's own tree.
pub const SCHEMA: &str = "
CREATE TABLE floor_events (tenant_id integer NOT NULL, id blob NOT NULL, record_id blob NOT NULL,
    occurred_at integer NOT NULL, source text NOT NULL, channel text NOT NULL, body text NOT NULL,
    PRIMARY KEY (tenant_id, id));
CREATE INDEX floor_timeline ON floor_events (tenant_id, record_id, occurred_at, id);
CREATE TABLE floor_records (tenant_id integer NOT NULL, id blob NOT NULL, profile_id blob NOT NULL,
    PRIMARY KEY (tenant_id, id)) WITHOUT ROWID;
CREATE TABLE floor_keys (tenant_id integer NOT NULL, key integer NOT NULL, record_id blob NOT NULL,
    PRIMARY KEY (tenant_id, key, record_id)) WITHOUT ROWID;
CREATE TABLE floor_profiles (tenant_id integer NOT NULL, id blob NOT NULL, PRIMARY KEY (tenant_id, id)) WITHOUT ROWID;";

/// How many rows a statement takes.
const ROWS: usize = 1_000;

/// All rows, so many a statement.
pub fn statements(table: Table) -> Vec<Statement> {
    let (name, names, width, rows) = (table.name, table.names(), table.columns.len(), table.rows());
    let mut columns: Vec<_> = table.columns.into_iter().map(|column| column.values.into_iter()).collect();
    let mut statements = Vec::with_capacity(rows.div_ceil(ROWS));
    for first in (0..rows).step_by(ROWS) {
        let part = ROWS.min(rows - first);
        let values: Vec<Value> =
            (0..part).flat_map(|_| columns.iter_mut().filter_map(Iterator::next).collect::<Vec<_>>()).collect();
        let sql = format!("INSERT INTO {name} (tenant_id, {names}) VALUES {}", places(part, width));
        statements.push(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values));
    }
    statements
}

fn places(rows: usize, width: usize) -> String {
    let row = format!("({TENANT}{})", ", ?".repeat(width));
    vec![row; rows].join(", ")
}
