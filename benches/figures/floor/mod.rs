//! The floor under writes: what the database itself takes to store events in bulk.
//!
//! The shape is fixed, whatever onefold's own schema is: for each event a row with its JSON; for each contact that is
//! given for the first time a row, ten key rows (a random 64-bit key and the record's id), and half a profile row.
//! Tables have their primary keys, and events an index for timelines. A thousand events are written at a time: a
//! statement a table (more on SQLite, where a statement takes a thousand rows), and one durable commit. The stack and
//! its settings are onefold's, its code is not. Nothing is read, looked up or decided.

mod postgres;
mod sqlite;

use super::{
    database::{Backend, Database},
    dice::Dice,
    people::events::Occurrence,
    stats::whole,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement, TransactionTrait, Value, sea_query::ArrayType};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// How often it commits where events come one by one.
const TICK: Duration = Duration::from_millis(20);
/// How many events are written at a time.
const BATCH: usize = 1_000;
/// Key rows of each record.
const KEYS: usize = 10;
/// The tenant of all rows.
const TENANT: i32 = 1;

/// Tables to write to.
pub struct Floor {
    /// Where they are.
    pub database: Database,
    connection: DatabaseConnection,
    backend: Backend,
    dice: Dice,
    records: u64,
}

/// A column of a batch: its values, and what they are.
struct Column {
    name: &'static str,
    kind: Kind,
    values: Vec<Value>,
}

#[derive(Clone, Copy)]
enum Kind {
    Id,
    Number,
    Text,
}

/// The rows of one table in one batch.
struct Table {
    name: &'static str,
    columns: Vec<Column>,
}

impl Floor {
    /// Empty tables in a fresh database.
    pub async fn fresh(backend: Backend) -> Self {
        let database = Database::fresh(backend).await;
        let connection = database.connect(1).await;
        let schema = match backend {
            Backend::Sqlite => sqlite::SCHEMA,
            Backend::Postgres => postgres::SCHEMA,
        };
        connection.execute_unprepared(schema).await.expect("the floor's tables");
        Self { database, connection, backend, dice: Dice::of("floor", 1), records: 0 }
    }

    /// Writes events as they come at this rate, what came in a [`TICK`] with one commit; tells how long each commit took, from
    /// when it was due.
    pub async fn keep_pace(&mut self, events: &[Occurrence], a_second: f64) -> Vec<Duration> {
        let size = whole(a_second * TICK.as_secs_f64()).max(1);
        let (mut due, mut latencies) = (tokio::time::Instant::now(), Vec::new());
        for batch in events.chunks(size) {
            tokio::time::sleep_until(due).await;
            self.write(batch).await;
            latencies.push(due.elapsed());
            due += TICK;
        }
        latencies
    }

    /// Writes events, and tells how long it took.
    pub async fn write(&mut self, events: &[Occurrence]) -> Duration {
        let started = Instant::now();
        for batch in events.chunks(BATCH) {
            let tables = self.tables(batch);
            self.commit(tables).await.expect("the floor does not write");
        }
        started.elapsed()
    }

    async fn commit(&self, tables: Vec<Table>) -> Result<(), DbErr> {
        let transaction = self.connection.begin().await?;
        for table in tables.into_iter().filter(|table| table.rows() > 0) {
            for statement in self.statements(table) {
                transaction.execute_raw(statement).await?;
            }
        }
        transaction.commit().await
    }

    fn statements(&self, table: Table) -> Vec<Statement> {
        match self.backend {
            Backend::Sqlite => sqlite::statements(table),
            Backend::Postgres => vec![postgres::statement(table)],
        }
    }

    fn tables(&mut self, batch: &[Occurrence]) -> Vec<Table> {
        let new: Vec<Uuid> = batch.iter().filter(|event| event.is_new).map(|event| event.record).collect();
        let (profiles, founds): (Vec<Uuid>, Vec<bool>) = new.iter().map(|_| self.profile()).unzip();
        let founded = profiles.iter().zip(founds).filter_map(|(profile, founds)| founds.then_some(*profile)).collect();
        vec![
            self.events(batch),
            Table::of("floor_keys", self.keys(&new)),
            Table::of("floor_records", vec![ids("id", new), ids("profile_id", profiles)]),
            Table::of("floor_profiles", vec![ids("id", founded)]),
        ]
    }

    fn events(&mut self, batch: &[Occurrence]) -> Table {
        let columns = vec![
            ids("id", batch.iter().map(|_| self.random_id()).collect()),
            ids("record_id", batch.iter().map(|event| event.record).collect()),
            numbers("occurred_at", batch.iter().map(|event| event.occurred_at).collect()),
            texts("source", batch.iter().map(|event| event.source.to_owned()).collect()),
            texts("channel", batch.iter().map(|event| event.channel.to_owned()).collect()),
            texts("body", batch.iter().map(|event| event.body.clone()).collect()),
        ];
        Table::of("floor_events", columns)
    }

    /// In the order of the index: that is how a database likes it best.
    fn keys(&mut self, records: &[Uuid]) -> Vec<Column> {
        let mut keys: Vec<(i64, Uuid)> =
            records.iter().flat_map(|record| [*record; KEYS]).map(|record| (self.dice.signed(), record)).collect();
        keys.sort_unstable();
        let (keys, holders) = keys.into_iter().unzip();
        vec![numbers("key", keys), ids("record_id", holders)]
    }

    /// The profile of the next record, and whether the record founds it: every other one does.
    fn profile(&mut self) -> (Uuid, bool) {
        let (mut pair, founds) = (Dice::of("profile", self.records / 2), self.records.is_multiple_of(2));
        self.records += 1;
        (Uuid::from_u64_pair(pair.next(), pair.next()), founds)
    }

    fn random_id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.dice.next(), self.dice.next())
    }
}

impl Table {
    fn of(name: &'static str, columns: Vec<Column>) -> Self {
        Self { name, columns }
    }

    fn rows(&self) -> usize {
        self.columns[0].values.len()
    }

    fn names(&self) -> String {
        self.columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
    }
}

impl Kind {
    fn in_postgres(self) -> (&'static str, ArrayType) {
        match self {
            Self::Id => ("uuid", ArrayType::Uuid),
            Self::Number => ("int8", ArrayType::BigInt),
            Self::Text => ("text", ArrayType::String),
        }
    }
}

fn ids(name: &'static str, values: Vec<Uuid>) -> Column {
    Column { name, kind: Kind::Id, values: values.into_iter().map(Value::from).collect() }
}

fn numbers(name: &'static str, values: Vec<i64>) -> Column {
    Column { name, kind: Kind::Number, values: values.into_iter().map(Value::from).collect() }
}

fn texts(name: &'static str, values: Vec<String>) -> Column {
    Column { name, kind: Kind::Text, values: values.into_iter().map(Value::from).collect() }
}
