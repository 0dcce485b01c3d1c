//! A tenant's lane: whoever holds its row writes, one transaction at a time. The row also counts the commits.

use super::{
    StoreError, TenantId,
    bulk::{Column, Insertions, Packing, Rows},
    checkpoint::checkpoint,
    commits::{self, Tally},
    connect::PLANNED,
};
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseExecutor, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    IsolationLevel, QueryResult, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    prelude::async_trait::async_trait,
};
use std::{
    borrow::Cow,
    sync::{Mutex, PoisonError},
};
use tokio::sync::oneshot;

/// Tables may be small while a tenant has not committed so often.
const YOUNG: i64 = 1_000;
/// After so many more commits plans are made anew. A prime: connections take turns, and it is not always the same one's.
const REPLANNED: i64 = 61;

/// The lane, held until it is committed or dropped (which rolls back); or followed, until it is. What is asked of it is read, and
/// once it is held written, in it. Rows that are to be inserted gather until something else is asked or it is committed: each
/// statement is a trip to the database.
pub struct Lane {
    /// The lane's transaction, once it is held. Until then each statement reads what is committed when it is sent.
    tx: Option<DatabaseTransaction>,
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
    /// The number of the model in force; 0 where none was applied.
    pub model: i64,
    /// Whether some records are still as the model before had them.
    pub changing: bool,
    /// What there will be more after this commit.
    pub tally: Tally,
    /// Whether it writes much.
    pub is_large: bool,
    packing: Packing,
    insertions: Mutex<Insertions>,
    /// Where it is held.
    connection: DatabaseConnection,
    /// Where it is read until then.
    ahead: DatabaseConnection,
    /// What has to be committed before it can be held.
    follows: Option<Leader>,
}

/// What the lane's row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The position of the last commit.
    pub position: i64,
    /// How many distinct normal forms the tenant holds.
    pub forms: i64,
    /// How many commits there were.
    pub generation: i64,
    sources: i64,
    /// The number of the model in force; 0 where none was applied.
    pub model: i64,
    /// Whether some records are still as the model before had them.
    pub changing: bool,
    /// Which rows the database takes in one statement.
    packing: Packing,
}

/// A commit that is under way.
pub struct Leader {
    /// What the lane's row says once it is done.
    pub mark: Mark,
    /// Told when it is; dropped where it failed.
    pub committed: oneshot::Receiver<()>,
}

/// Waits for the lane and takes it.
///
/// # Errors
/// [`StoreError::Busy`] where it stays taken for too long.
pub async fn enter(connection: &DatabaseConnection, tenant: TenantId) -> Result<Lane, StoreError> {
    let (tx, mark) = take(connection, tenant).await?;
    Ok(Lane::of([connection, connection], tenant, Some(tx), mark, None))
}

/// Reads ahead of a commit that is under way: what it will leave is known, but for what it is about to write, which may be read
/// as it was or as it will be. [`Lane::hold`] tells whether that came true. Between two statements nothing is kept open: SQLite's
/// log begins anew only where nobody reads what it holds at the time of a commit.
#[must_use]
pub fn follow(ahead: &DatabaseConnection, lanes: &DatabaseConnection, tenant: TenantId, leader: Leader) -> Lane {
    Lane::of([ahead, lanes], tenant, None, leader.mark, Some(leader))
}

/// Reads in the lane as of the last commit, without taking it: it can never be held.
///
/// # Errors
/// What the database says.
pub async fn look(connection: &DatabaseConnection, tenant: TenantId) -> Result<Lane, StoreError> {
    let backend = connection.get_database_backend();
    // One state of things for all that is read; SQLite gives that to every transaction.
    let isolation_level = (backend == DbBackend::Postgres).then_some(IsolationLevel::RepeatableRead);
    let options = TransactionOptions { isolation_level, ..TransactionOptions::default() };
    let tx = connection.begin_with_options(options).await?;
    if backend == DbBackend::Postgres {
        // As where it is read ahead.
        let (setting, value) = PLANNED;
        tx.execute_unprepared(&format!("SET LOCAL {setting} = {value}")).await?;
    }
    let mark = read(&tx, tenant, "").await?;
    // Nobody will ever say that what it follows is committed.
    let (_, committed) = oneshot::channel();
    Ok(Lane::of([connection, connection], tenant, Some(tx), mark, Some(Leader { mark, committed })))
}

async fn take(connection: &DatabaseConnection, tenant: TenantId) -> Result<(DatabaseTransaction, Mark), DbErr> {
    let backend = connection.get_database_backend();
    let tx = begin(connection, Some(SqliteTransactionMode::Immediate)).await?;
    let lock = if backend == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let mark = read(&tx, tenant, lock).await?;
    Ok((tx, mark))
}

async fn read<C: ConnectionTrait>(connection: &C, tenant: TenantId, lock: &str) -> Result<Mark, DbErr> {
    let backend = connection.get_database_backend();
    // Citus brings a table of its tables.
    let is_spread =
        if backend == DbBackend::Postgres { "to_regclass('pg_dist_partition') IS NOT NULL" } else { "false" };
    let sql = format!(
        "SELECT position, forms, generation, sources, model, changing, {is_spread} AS is_spread \
         FROM lanes WHERE tenant_id = $1{lock}"
    );
    let statement = Statement::from_sql_and_values(backend, sql, [tenant.into()]);
    let row = connection.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the tenant's lane".into()))?;
    let number = |column| row.try_get::<i64>("", column);
    Ok(Mark {
        position: number("position")?,
        forms: number("forms")?,
        generation: number("generation")?,
        sources: number("sources")?,
        model: number("model")?,
        changing: number("changing")? != 0,
        packing: if row.try_get("", "is_spread")? { Packing::Apart } else { Packing::Together },
    })
}

async fn begin(
    connection: &DatabaseConnection,
    mode: Option<SqliteTransactionMode>,
) -> Result<DatabaseTransaction, DbErr> {
    let backend = connection.get_database_backend();
    let options = TransactionOptions {
        sqlite_transaction_mode: mode.filter(|_| backend == DbBackend::Sqlite),
        ..TransactionOptions::default()
    };
    connection.begin_with_options(options).await
}

/// What the lane's row says, as of the last commit.
///
/// # Errors
/// What the database says.
pub async fn standing<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Mark, StoreError> {
    Ok(read(connection, tenant, "").await?)
}

impl Lane {
    fn of(
        [ahead, lanes]: [&DatabaseConnection; 2],
        tenant: TenantId,
        tx: Option<DatabaseTransaction>,
        mark: Mark,
        follows: Option<Leader>,
    ) -> Self {
        let Mark { position, forms, generation, sources, model, changing, packing } = mark;
        let (ahead, connection) = (ahead.clone(), lanes.clone());
        let (position, tally, insertions) = (position + 1, Tally::default(), Mutex::default());
        let is_large = false;
        Self {
            tx,
            tenant,
            position,
            forms,
            generation,
            sources,
            model,
            changing,
            tally,
            is_large,
            packing,
            insertions,
            connection,
            ahead,
            follows,
        }
    }

    /// Holds the lane: waits for the commit that it follows, if there is one.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] where that commit failed or others wrote after it: what was read is not what is.
    /// [`StoreError::Busy`] where the lane stays taken for too long.
    pub async fn hold(&mut self) -> Result<(), StoreError> {
        let Some(Leader { mark, committed }) = self.follows.take() else { return Ok(()) };
        committed.await.map_err(|_| StoreError::Overtaken)?;
        if self.is_large && self.connection.get_database_backend() == DbBackend::Sqlite {
            // The log begins anew only where nobody reads what is older. Where large batches follow each other the next one is read
            // whenever the keeper looks, but not now.
            checkpoint(&self.connection).await?;
        }
        let (tx, now) = take(&self.connection, self.tenant).await?;
        if now != mark {
            return Err(StoreError::Overtaken);
        }
        self.tx = Some(tx);
        Ok(())
    }

    /// What the lane's row says once this is committed.
    #[must_use]
    pub const fn next(&self) -> Mark {
        let Self { position, forms, generation, sources, model, changing, packing, .. } = *self;
        Mark { position, forms, generation: generation + 1, sources, model, changing, packing }
    }

    /// What the lane's row says now.
    #[must_use]
    pub const fn last(&self) -> Mark {
        let Self { position, forms, generation, sources, model, changing, packing, .. } = *self;
        Mark { position: position - 1, forms, generation, sources, model, changing, packing }
    }

    /// Commits without moving on: nothing that orders changes or that writers remember was written. Returns the lane's
    /// generation.
    ///
    /// # Errors
    /// What the database says; then nothing was written.
    pub async fn leave(mut self) -> Result<i64, StoreError> {
        self.hold().await?;
        self.end().await?;
        Ok(self.generation)
    }

    /// Moves the position on and commits: what was written is durable when this returns. Returns the lane's new generation.
    ///
    /// # Errors
    /// What the database says; then nothing was written.
    pub async fn commit(mut self) -> Result<i64, StoreError> {
        self.hold().await?;
        commits::insert(&self, Timestamp::now());
        self.move_on();
        if self.is_to_replan() {
            self.execute_unprepared("DISCARD PLANS").await?;
        }
        self.end().await?;
        Ok(self.generation + 1)
    }

    /// Has rows inserted; `on_conflict` such as `ON CONFLICT DO NOTHING`, or nothing.
    pub(super) fn insert(&self, table: &'static str, on_conflict: impl Into<Cow<'static, str>>, rows: Rows) {
        self.insertions.lock().unwrap_or_else(PoisonError::into_inner).push(table, on_conflict, rows);
    }

    /// Sends what is to be inserted.
    async fn send(&self) -> Result<(), DbErr> {
        let insertions = std::mem::take(&mut *self.insertions.lock().unwrap_or_else(PoisonError::into_inner));
        insertions.send(&self.executor(), self.tenant, self.packing).await
    }

    /// Has the lane's row say what it will once this is committed.
    fn move_on(&self) {
        let Mark { position, forms, generation, sources, model, changing, .. } = self.next();
        let rows = Rows::new()
            .with("position", Column::Numbers(vec![position]))
            .with("forms", Column::Numbers(vec![forms]))
            .with("generation", Column::Numbers(vec![generation]))
            .with("sources", Column::Numbers(vec![sources]))
            .with("model", Column::Numbers(vec![model]))
            .with("changing", Column::Numbers(vec![i64::from(changing)]));
        // It is there. How often sources changed is counted where they do.
        let moved = "ON CONFLICT (tenant_id) DO UPDATE SET position = excluded.position, forms = excluded.forms, \
                     generation = excluded.generation, model = excluded.model, changing = excluded.changing";
        self.insert("lanes", moved, rows);
    }

    /// Whether PostgreSQL is to make its plans anew: those for tables that were small would stay.
    fn is_to_replan(&self) -> bool {
        let is_turn = self.generation < YOUNG || self.generation % REPLANNED == 0;
        is_turn && self.get_database_backend() == DbBackend::Postgres
    }

    async fn end(&mut self) -> Result<(), DbErr> {
        self.send().await?;
        match self.tx.take() {
            Some(tx) => tx.commit().await,
            None => Ok(()),
        }
    }

    fn executor(&self) -> DatabaseExecutor<'_> {
        self.tx.as_ref().map_or_else(|| (&self.ahead).into(), Into::into)
    }
}

#[async_trait]
impl ConnectionTrait for Lane {
    fn get_database_backend(&self) -> DbBackend {
        self.executor().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.send().await?;
        self.executor().execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.send().await?;
        self.executor().execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.send().await?;
        self.executor().query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.send().await?;
        self.executor().query_all_raw(statement).await
    }
}
