//! Many rows in one statement: `UNNEST` of arrays on PostgreSQL; on SQLite `json_each` of one bound array to look up by, and
//! bound values to insert. The text of the statement hardly depends on how many rows there are, so that it is prepared once.

mod column;
mod insertions;

pub use column::Column;
pub use insertions::{Insertions, Packing};

use futures_util::{StreamExt, TryStreamExt, stream};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use std::{fmt::Write, iter};

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

/// So many parts are looked up by at once, where there are connections for it: a core that has nothing to write is free for it.
const AT_ONCE: usize = 3;

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

    /// The names of the columns, as they are listed.
    fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    /// The rows as they are best looked up by, each part with a statement of its own.
    fn parts(self, backend: DbBackend) -> Vec<Self> {
        match backend {
            _ if self.is_empty() => Vec::new(),
            DbBackend::Sqlite => self.pieces(|_| MOST_GIVEN),
            _ if self.is_large() => vec![self],
            _ => self.pieces(|rows| rows.fitting(PIECE)),
        }
    }

    /// Whether it takes so many pieces that they are better sent at once.
    fn is_large(&self) -> bool {
        self.size() > MOST_PIECES * PIECE
    }

    /// How many bytes the values take.
    fn size(&self) -> usize {
        (0..self.len()).map(|row| self.bytes(row)).sum()
    }

    /// How many bytes the values of a row take.
    fn bytes(&self, row: usize) -> usize {
        self.columns.iter().map(|(_, column)| column.bytes(row)).sum()
    }

    /// How many of the last rows take at most so many bytes together.
    fn fitting(&self, most: usize) -> usize {
        let mut taken = 0;
        let fits = |row: &usize| {
            taken += self.bytes(*row);
            taken <= most
        };
        (0..self.len()).rev().take_while(fits).count()
    }

    /// The last so many rows, one at least, which go. From the end: what is left need not be moved.
    fn split_last(&mut self, rows: usize) -> Self {
        let first = self.len().saturating_sub(rows.max(1));
        let columns = self.columns.iter_mut().map(|(name, column)| (*name, column.split_off(first)));
        Self { columns: columns.collect() }
    }

    /// The rows in pieces of so many, or of one.
    fn pieces(mut self, rows: impl Fn(&Self) -> usize) -> Vec<Self> {
        let mut pieces = Vec::new();
        while !self.is_empty() {
            let next = rows(&self);
            pieces.push(self.split_last(next));
        }
        pieces
    }

    /// SQLite binds values several times as fast as it takes them out of a JSON text.
    async fn insert_values<C: ConnectionTrait>(
        self,
        connection: &C,
        tenant: i32,
        table: &str,
        on_conflict: &str,
    ) -> Result<(), DbErr> {
        let most = 1 << (MOST_BOUND / (self.columns.len() + 1)).ilog2();
        for piece in self.pieces(|rows| most.min(at_once(rows.len()))) {
            let (room, mut values) = (piece.len(), Vec::new());
            let sql = piece.insertion_with_room(room, tenant, table, on_conflict, &mut values);
            connection.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?;
        }
        Ok(())
    }

    /// SQLite's statement that inserts the rows and has room for so many; its values are added. What is left of the room is null,
    /// which the first column of a row never is.
    fn insertion_with_room(
        self,
        room: usize,
        tenant: i32,
        table: &str,
        on_conflict: &str,
        values: &mut Vec<Value>,
    ) -> String {
        let (rows, width, names) = (self.len(), self.columns.len(), self.names());
        let mut columns: Vec<_> = self.columns.into_iter().map(|(_, column)| column.into_values()).collect();
        values.push(tenant.into());
        for _ in 0..rows {
            values.extend(columns.iter_mut().filter_map(Iterator::next));
        }
        values.extend(iter::repeat_n(Value::Int(None), (room - rows) * width));
        // Else SQLite copies each page aside, so that it can take one statement back alone; whoever fails takes all back.
        let or = if on_conflict.is_empty() { "OR FAIL" } else { "" };
        let given = placeholders(room, width);
        format!(
            "INSERT {or} INTO {table} (tenant_id, {names}) \
             SELECT ?, * FROM (VALUES {given}) WHERE column1 IS NOT NULL {on_conflict}"
        )
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
        let find = |part: Self| R::find_by_statement(part.statement(backend, tenant, sql)).all(connection);
        let found = stream::iter(self.parts(backend)).map(find).buffered(AT_ONCE);
        found.try_concat().await
    }

    /// The statement in which `{rows}` stands for the rows as a table named `given`.
    fn statement(self, backend: DbBackend, tenant: i32, sql: &str) -> Statement {
        let mut values = vec![tenant.into()];
        let rows = if backend == DbBackend::Postgres { self.unnest(&mut values) } else { self.json_each(&mut values) };
        Statement::from_sql_and_values(backend, sql.replace("{rows}", &rows), values)
    }

    /// The rows as a table named `given`; their values are added to those of the statement.
    fn unnest(self, values: &mut Vec<Value>) -> String {
        let (mut arrays, mut names, mut selected) = (String::new(), String::new(), String::new());
        for (index, (name, column)) in self.columns.into_iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let (kind, expression) = column.postgres(name);
            values.push(column.into_array());
            // Writing to a String cannot fail.
            let _ = write!(arrays, "{comma}${}::{kind}[]", values.len());
            let _ = write!(names, "{comma}{name}");
            let _ = write!(selected, "{comma}{expression} AS {name}");
        }
        format!("(SELECT {selected} FROM UNNEST({arrays}) AS u({names})) AS given")
    }

    fn json_each(self, values: &mut Vec<Value>) -> String {
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
        values.push(serde_json::Value::Array(rows).to_string().into());
        format!("(SELECT {selected} FROM json_each(${})) AS given", values.len())
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

/// How many of so many rows one statement inserts. Each number of rows is a statement of its own to prepare and to keep, and each
/// statement wakes the connection's thread and then whoever waits for it: some dozen rows take one or two.
fn at_once(rows: usize) -> usize {
    // What the number keeps of its digits: three up to 63, so that 38 are 32 and 6; one beyond.
    let digits = if rows < 64 { 3 } else { 1 };
    let dropped = rows.checked_ilog2().map_or(0, |last| (last + 1).saturating_sub(digits));
    rows >> dropped << dropped
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
    fn few_rows_take_two_statements_of_which_there_are_few() {
        let statements = |rows: usize| {
            let rows = Rows::new().with("key", Column::Numbers(vec![0; rows]));
            rows.pieces(|rows| at_once(rows.len())).iter().map(Rows::len).collect::<Vec<_>>()
        };
        assert_eq!(statements(38), [32, 6]);
        assert_eq!(statements(5), [5]);
        assert_eq!(statements(300), [256, 40, 4]);
        assert!((1..64).all(|rows| statements(rows).len() <= 2));
        let different: std::collections::BTreeSet<usize> = (1..2_048).flat_map(statements).collect();
        assert!(different.len() < 25, "{different:?}");
    }

    #[test]
    fn no_piece_is_too_large_and_nothing_is_lost() {
        let texts: Vec<String> = (0..100).map(|row| "x".repeat(row * 20)).chain(["y".repeat(2 * PIECE)]).collect();
        let numbers: Vec<i64> = (0..101).collect();
        let rows = Rows::new().with("a", Column::Numbers(numbers)).with("b", Column::Texts(texts.clone()));
        let mut found = Vec::new();
        for piece in rows.pieces(|rows| rows.fitting(PIECE)) {
            assert!(piece.size() <= PIECE || piece.len() == 1);
            let [(_, Column::Numbers(numbers)), (_, Column::Texts(texts))] = piece.columns.as_slice() else { panic!() };
            found.extend(numbers.iter().copied().zip(texts.iter().cloned()));
        }
        found.sort();
        assert_eq!(found, (0..101).zip(texts).collect::<Vec<_>>());
    }
}
