//! Many rows in one statement: `UNNEST` of arrays on PostgreSQL, `json_each` of one bound array on SQLite. Either way the
//! text of the statement does not depend on how many rows there are, so that it is prepared once.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value, sea_query::ArrayType};
use serde_json::json;
use std::fmt::Write;
use uuid::Uuid;

/// The values of one column, one for each row.
pub enum Column {
    /// Whole numbers.
    Numbers(Vec<i64>),
    /// Ids.
    Uuids(Vec<Uuid>),
    /// Ids that may be missing; no id is nil.
    MaybeUuids(Vec<Option<Uuid>>),
    /// Texts.
    Texts(Vec<String>),
    /// Texts that may be missing; an empty text counts as missing.
    MaybeTexts(Vec<Option<String>>),
}

/// Named columns of equal length, to insert or to join with. `$1` of every statement is the tenant.
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
        // `WHERE true` keeps SQLite from reading ON CONFLICT as a join's condition.
        let sql = format!(
            "INSERT INTO {table} (tenant_id, {names}) SELECT $1, {names} FROM {{rows}} WHERE true {on_conflict}"
        );
        self.execute(connection, tenant, &sql).await
    }

    /// Runs a statement in which `{rows}` stands for the rows as a table named `given`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn execute<C: ConnectionTrait>(self, connection: &C, tenant: i32, sql: &str) -> Result<(), DbErr> {
        if self.is_empty() {
            return Ok(());
        }
        connection.execute_raw(self.statement(connection.get_database_backend(), tenant, sql)).await?;
        Ok(())
    }

    /// The statement in which `{rows}` stands for the rows as a table named `given`. Join it with CROSS JOIN and WHERE:
    /// SQLite then reads the given rows first and looks each up by its key, instead of going through the whole table.
    #[must_use]
    pub fn statement(self, backend: DbBackend, tenant: i32, sql: &str) -> Statement {
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
        let mut selected = String::new();
        for (index, (name, column)) in self.columns.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let value = column.sqlite(index);
            let _ = write!(selected, "{comma}{value} AS {name}");
        }
        let rows: Vec<serde_json::Value> =
            (0..self.len()).map(|row| self.columns.iter().map(|(_, column)| column.json(row)).collect()).collect();
        let array = serde_json::Value::Array(rows).to_string();
        (format!("(SELECT {selected} FROM json_each($2)) AS given"), vec![array.into()])
    }
}

impl Column {
    const fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Uuids(values) => values.len(),
            Self::MaybeUuids(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::MaybeTexts(values) => values.len(),
        }
    }

    /// The array's type and the column's expression. Arrays carry no nulls: a nil id and an empty text stand for them.
    fn postgres(&self, name: &str) -> (&'static str, String) {
        match self {
            Self::Numbers(_) => ("int8", name.to_owned()),
            Self::Uuids(_) => ("uuid", name.to_owned()),
            Self::MaybeUuids(_) => ("uuid", format!("NULLIF({name}, '{}'::uuid)", Uuid::nil())),
            Self::Texts(_) => ("text", name.to_owned()),
            Self::MaybeTexts(_) => ("text", format!("NULLIF({name}, '')")),
        }
    }

    fn into_array(self) -> Value {
        let array = |kind, values: Vec<Value>| Value::Array(kind, Some(Box::new(values)));
        match self {
            Self::Numbers(values) => array(ArrayType::BigInt, values.into_iter().map(Value::from).collect()),
            Self::Uuids(values) => array(ArrayType::Uuid, values.into_iter().map(Value::from).collect()),
            Self::MaybeUuids(values) => {
                array(ArrayType::Uuid, values.into_iter().map(|id| id.unwrap_or_default().into()).collect())
            }
            Self::Texts(values) => array(ArrayType::String, values.into_iter().map(Value::from).collect()),
            Self::MaybeTexts(values) => {
                array(ArrayType::String, values.into_iter().map(|text| text.unwrap_or_default().into()).collect())
            }
        }
    }

    fn sqlite(&self, index: usize) -> String {
        match self {
            Self::Uuids(_) | Self::MaybeUuids(_) => format!("unhex(value ->> {index})"),
            Self::Numbers(_) | Self::Texts(_) | Self::MaybeTexts(_) => format!("value ->> {index}"),
        }
    }

    fn json(&self, row: usize) -> serde_json::Value {
        let hex = |id: &Uuid| id.simple().to_string();
        match self {
            Self::Numbers(values) => json!(values[row]),
            Self::Uuids(values) => json!(hex(&values[row])),
            Self::MaybeUuids(values) => json!(values[row].as_ref().map(hex)),
            Self::Texts(values) => json!(values[row]),
            Self::MaybeTexts(values) => json!(values[row]),
        }
    }
}
