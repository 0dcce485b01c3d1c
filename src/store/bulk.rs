//! Many rows in one statement: `UNNEST` of arrays on PostgreSQL; on SQLite `json_each` of one bound array to look up by, and
//! bound values to insert. The text of the statement hardly depends on how many rows there are, so that it is prepared once.

mod column;

pub use column::Column;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use std::fmt::Write;

/// SQLite takes 32,766 values a statement. Beyond a thousand or two more of them gain nothing, and a connection keeps all that it
/// has prepared.
const MOST_BOUND: usize = 2_048;

/// So many rows are looked up by at once on SQLite: what some lead to is read before what the next ones do, and a row that
/// was found takes several times what is in it.
const MOST_GIVEN: usize = 128;

/// What goes to PostgreSQL in one piece, in bytes of values: Linux gives a connection 16 KiB to send from. sqlx does not set
/// `TCP_NODELAY`, so that the second piece of a statement waits for the first one's acknowledgement, which takes up to 40 ms.
const PIECE: usize = 14_000;
/// So many pieces each with a statement of their own take as long as a single statement with that wait.
const MOST_PIECES: usize = 64;

/// Named columns of equal length, to insert or to look up by. `$1` of every statement is the tenant.
#[derive(Default)]
pub struct Rows {
    columns: Vec<(&'static str, Column)>,
}

impl Rows {
    /// No columns yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a column.
    #[must_use]
    pub fn with(mut self, name: &'static str, column: Column) -> Self {
        self.columns.push((name, column));
        self
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Inserts the rows into a table of the tenant's; `on_conflict` such as `ON CONFLICT DO NOTHING`, or nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn insert<C: ConnectionTrait>(
        self,
        connection: &C,
        tenant: i32,
        table: &str,
        on_conflict: &str,
    ) -> Result<(), DbErr> {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        if connection.get_database_backend() == DbBackend::Sqlite {
            return self.insert_values(connection, tenant, &format!("{table} (tenant_id, {names})"), on_conflict).await;
        }
        let sql = format!("INSERT INTO {table} (tenant_id, {names}) SELECT $1, {names} FROM {{rows}} {on_conflict}");
        for part in self.parts(DbBackend::Postgres) {
            part.run(connection, tenant, &sql).await?;
        }
        Ok(())
    }

    /// The rows as they are best sent, each part with a statement of its own.
    fn parts(self, backend: DbBackend) -> Vec<Self> {
        if self.is_empty() {
            return Vec::new();
        }
        let is_large = || (0..self.len()).map(|row| self.bytes(row)).sum::<usize>() > MOST_PIECES * PIECE;
        match backend {
            DbBackend::Sqlite => self.pieces(|_, _| 1, MOST_GIVEN),
            _ if is_large() => vec![self],
            _ => self.pieces(Self::bytes, PIECE),
        }
    }

    /// How many bytes the values of a row take.
    fn bytes(&self, row: usize) -> usize {
        self.columns.iter().map(|(_, column)| column.bytes(row)).sum()
    }

    /// The rows in pieces that are at most so large together, or of one row.
    fn pieces(mut self, size: impl Fn(&Self, usize) -> usize, most: usize) -> Vec<Self> {
        let mut pieces = Vec::new();
        while !self.is_empty() {
            let mut taken = 0;
            let fits = |row: &usize| {
                taken += size(&self, *row);
                taken <= most
            };
            // From the end: what is left need not be moved.
            let fitting = (0..self.len()).rev().take_while(fits).count().max(1);
            let first = self.len() - fitting;
            let columns = self.columns.iter_mut().map(|(name, column)| (*name, column.split_off(first)));
            pieces.push(Self { columns: columns.collect() });
        }
        pieces
    }

    /// SQLite binds values several times as fast as it takes them out of a JSON text. Numbers of rows are powers of two, so
    /// that few different statements are prepared.
    async fn insert_values<C: ConnectionTrait>(
        self,
        connection: &C,
        tenant: i32,
        into: &str,
        on_conflict: &str,
    ) -> Result<(), DbErr> {
        let (mut left, width) = (self.len(), self.columns.len() + 1);
        let mut columns: Vec<_> = self.columns.into_iter().map(|(_, column)| column.into_values()).collect();
        let most = (MOST_BOUND / width + 1).next_power_of_two() / 2;
        // Else SQLite copies each page aside, so that it can take one statement back alone; whoever fails takes all back.
        let or = if on_conflict.is_empty() { "OR FAIL" } else { "" };
        while left > 0 {
            let rows = most.min((left + 1).next_power_of_two() / 2).max(1);
            let mut values: Vec<Value> = Vec::with_capacity(rows * width);
            for _ in 0..rows {
                values.push(tenant.into());
                values.extend(columns.iter_mut().filter_map(Iterator::next));
            }
            let sql = format!("INSERT {or} INTO {into} VALUES {} {on_conflict}", placeholders(rows, width));
            connection.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
            left -= rows;
        }
        Ok(())
    }

    /// Changes or deletes by a statement in which `{rows}` stands for the rows as a table named `given`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute<C: ConnectionTrait>(self, connection: &C, tenant: i32, sql: &str) -> Result<(), DbErr> {
        if self.is_empty() { Ok(()) } else { self.run(connection, tenant, sql).await }
    }

    async fn run<C: ConnectionTrait>(self, connection: &C, tenant: i32, sql: &str) -> Result<(), DbErr> {
        connection.execute_raw(self.statement(connection.get_database_backend(), tenant, sql)).await?;
        Ok(())
    }

    /// `SELECT {columns}` of the tenant's rows in `tables`, in any order: each table with its alias and with what it is looked up
    /// by, which may name the table `given` and the tables before.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look_up<C: ConnectionTrait, R: FromQueryResult>(
        self,
        connection: &C,
        tenant: i32,
        columns: &str,
        tables: &[(&str, &str)],
    ) -> Result<Vec<R>, DbErr> {
        self.look_up_in_steps(connection, tenant, &[(columns, tables)]).await
    }

    /// The same of one table that is looked up in several ways: what is found in two of them comes twice.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look_up_in_ways<C: ConnectionTrait, R: FromQueryResult>(
        self,
        connection: &C,
        tenant: i32,
        columns: &str,
        table: &str,
        ways: &[&str],
    ) -> Result<Vec<R>, DbErr> {
        let backend = connection.get_database_backend();
        let selects: Vec<_> = ways.iter().map(|by| lookup(backend, columns, "{rows}", &[(table, by)])).collect();
        self.find(connection, tenant, &selects.join(" UNION ALL ")).await
    }

    /// The same in several steps of one statement: what one selects is the table `given` of the next.
    ///
    /// # Errors
    /// What the database says.
    pub async fn look_up_in_steps<C: ConnectionTrait, R: FromQueryResult>(
        self,
        connection: &C,
        tenant: i32,
        steps: &[(&str, &[(&str, &str)])],
    ) -> Result<Vec<R>, DbErr> {
        let backend = connection.get_database_backend();
        let mut sql = String::new();
        for (columns, tables) in steps {
            let given = if sql.is_empty() { "{rows}".into() } else { format!("({sql}) AS given") };
            sql = lookup(backend, columns, &given, tables);
        }
        self.find(connection, tenant, &sql).await
    }

    async fn find<C: ConnectionTrait, R: FromQueryResult>(
        self,
        connection: &C,
        tenant: i32,
        sql: &str,
    ) -> Result<Vec<R>, DbErr> {
        let backend = connection.get_database_backend();
        let mut found = Vec::new();
        for part in self.parts(backend) {
            found.extend(R::find_by_statement(part.statement(backend, tenant, sql)).all(connection).await?);
        }
        Ok(found)
    }

    /// The statement in which `{rows}` stands for the rows as a table named `given`.
    fn statement(self, backend: DbBackend, tenant: i32, sql: &str) -> Statement {
        let (rows, mut values) = if backend == DbBackend::Postgres { self.unnest() } else { self.json_each() };
        values.insert(0, tenant.into());
        Statement::from_sql_and_values(backend, sql.replace("{rows}", &rows), values)
    }

    fn unnest(self) -> (String, Vec<Value>) {
        let (mut arrays, mut names, mut selected) = (String::new(), String::new(), String::new());
        let mut values = Vec::with_capacity(self.columns.len());
        for (index, (name, column)) in self.columns.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let (kind, expression) = column.postgres(name);
            // Writing to a String cannot fail.
            let _ = write!(arrays, "{comma}${}::{kind}[]", index + 2);
            let _ = write!(names, "{comma}{name}");
            let _ = write!(selected, "{comma}{expression} AS {name}");
            values.push(column.into_array());
        }
        (format!("(SELECT {selected} FROM UNNEST({arrays}) AS u({names})) AS given"), values)
    }

    fn json_each(self) -> (String, Vec<Value>) {
        let single = self.columns.len() == 1;
        let mut selected = String::new();
        for (index, (name, column)) in self.columns.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            // A row of several columns is an array of its own, which each column is taken out of.
            let value = if single { "value".to_owned() } else { format!("value ->> {index}") };
            let _ = write!(selected, "{comma}{} AS {name}", column.sqlite(&value));
        }
        let row = |row| {
            let mut values = self.columns.iter().map(|(_, column)| column.json(row));
            if single { values.next().unwrap_or_default() } else { values.collect() }
        };
        let rows: Vec<serde_json::Value> = (0..self.len()).map(row).collect();
        let array = serde_json::Value::Array(rows).to_string();
        (format!("(SELECT {selected} FROM json_each($2)) AS given"), vec![array.into()])
    }
}

/// Looks each given row up on its own, in the order of the tables. SQLite does so because of CROSS JOIN. PostgreSQL takes a
/// subquery with an OFFSET as it is; else, as long as it has not counted a table's rows, it takes a tenant for a small part of
/// it, and rather goes through all that the tenant has.
fn lookup(backend: DbBackend, columns: &str, given: &str, tables: &[(&str, &str)]) -> String {
    let tables = tables.iter().map(|(table, by)| {
        let alias = table.rsplit(' ').next().unwrap_or_default();
        (table, alias, format!("{alias}.tenant_id = $1 AND {by}"))
    });
    if backend == DbBackend::Postgres {
        let each = tables.map(|(table, alias, by)| {
            format!("CROSS JOIN LATERAL (SELECT * FROM {table} WHERE {by} OFFSET 0) {alias}")
        });
        format!("SELECT {columns} FROM {given} {}", each.collect::<Vec<_>>().join(" "))
    } else {
        let (joined, by): (Vec<_>, Vec<_>) = tables.map(|(table, _, by)| (format!("CROSS JOIN {table}"), by)).unzip();
        format!("SELECT {columns} FROM {given} {} WHERE {}", joined.join(" "), by.join(" AND "))
    }
}

/// `(?, ?), (?, ?)`: SQLite looks numbered parameters up by name, one by one, each time it meets one.
fn placeholders(rows: usize, width: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(", "));
    vec![row; rows].join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_is_too_large_and_nothing_is_lost() {
        let texts: Vec<String> = (0..100).map(|row| "x".repeat(row * 20)).chain(["y".repeat(2 * PIECE)]).collect();
        let numbers: Vec<i64> = (0..101).collect();
        let rows = Rows::new().with("a", Column::Numbers(numbers)).with("b", Column::Texts(texts.clone()));
        let mut found = Vec::new();
        for piece in rows.pieces(Rows::bytes, PIECE) {
            assert!((0..piece.len()).map(|row| piece.bytes(row)).sum::<usize>() <= PIECE || piece.len() == 1);
            let [(_, Column::Numbers(numbers)), (_, Column::Texts(texts))] = piece.columns.as_slice() else { panic!() };
            found.extend(numbers.iter().copied().zip(texts.iter().cloned()));
        }
        found.sort();
        assert_eq!(found, (0..101).zip(texts).collect::<Vec<_>>());
    }
}
