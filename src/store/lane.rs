//! A tenant's lane: whoever holds its row writes, one transaction at a time. The row also counts the commits.

use super::{
    StoreError, TenantId,
    bulk::{Column, Insertions, Packing, Rows},
    checkpoint::checkpoint,
    code,
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
/// Has PostgreSQL forget the plans of a connection.
const REPLAN: &str = "DISCARD PLANS";
/// After so many more commits plans are made anew. A prime: connections take turns, and it is not always the same one's.
const REPLANNED: i64 = 61;

/// The lane, held until it is committed or dropped (which rolls back); or followed, until it is. What is asked of it is read, and
/// once it is held written, in it. Rows that are to be inserted gather until something else is asked or it is committed: each
/// statement is a trip to the database. Where they are all that is written, and few, they need no transaction.
pub struct Lane {
    /// The lane's transaction, once it is held. Until then each statement reads what is committed when it is sent.
    tx: Option<DatabaseTransaction>,
    /// Whose lane it is.
    pub tenant: TenantId,
    /// What its row is to say, but for the generation: how many commits there were before this one. The position is the one that
    /// this commit will have.
    pub mark: Mark,
    /// What there will be more after this commit.
    pub tally: Tally,
    /// Whether it writes much.
    pub is_large: bool,
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
    /// How often a source was registered or changed.
    pub sources: i64,
    /// The number of the model in force; 0 where none was applied.
    pub model: i64,
    /// Whether some records are still as the model before had them.
    pub changing: bool,
    /// Which rows the database takes in one statement.
    packing: Packing,
}

/// A commit that is under way, or was the last one a moment ago.
pub struct Leader {
    /// What the lane's row says once it is done.
    pub mark: Mark,
    /// Told when it is, and dropped where it failed; none once that is known.
    pub committed: Option<oneshot::Receiver<()>>,
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
/// as it was or as it will be. [`Lane::hold`] and [`Lane::commit`] tell whether that came true. Between two statements nothing is
/// kept open: SQLite's log begins anew only where nobody reads what it holds at the time of a commit.
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
        // Now and then: the plans of a connection that serves requests may be old.
        let (setting, value) = PLANNED;
        tx.execute_unprepared(&format!("SET LOCAL {setting} = {value}")).await?;
    }
    let mark = read(&tx, tenant, "").await?;
    // Nobody will ever say that what it follows is committed.
    let (_, committed) = oneshot::channel();
    let leader = Leader { mark, committed: Some(committed) };
    Ok(Lane::of([connection, connection], tenant, Some(tx), mark, Some(leader)))
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
        Self {
            tx,
            tenant,
            mark: Mark { position: mark.position + 1, ..mark },
            tally: Tally::default(),
            is_large: false,
            insertions: Mutex::default(),
            connection: lanes.clone(),
            ahead: ahead.clone(),
            follows,
        }
    }

    /// Waits for the commit that it follows, if there is one. What is read from then on is what that one left, or what others wrote
    /// after it.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] where that commit failed.
    pub async fn wait(&mut self) -> Result<(), StoreError> {
        match self.follows.as_mut().and_then(|leader| leader.committed.take()) {
            Some(committed) => committed.await.map_err(|_| StoreError::Overtaken),
            None => Ok(()),
        }
    }

    /// Holds the lane, once the commit that it follows is done.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] where that commit failed or others wrote after it: what was read is not what is.
    /// [`StoreError::Busy`] where the lane stays taken for too long.
    pub async fn hold(&mut self) -> Result<(), StoreError> {
        self.wait().await?;
        let Some(Leader { mark, .. }) = self.follows.take() else { return Ok(()) };
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
        Mark { generation: self.mark.generation + 1, ..self.mark }
    }

    /// What the lane's row says now.
    #[must_use]
    pub const fn last(&self) -> Mark {
        Mark { position: self.mark.position - 1, ..self.mark }
    }

    /// Commits without moving on: nothing that orders changes or that writers remember was written. Returns the lane's
    /// generation.
    ///
    /// # Errors
    /// What the database says; then nothing was written.
    pub async fn leave(mut self) -> Result<i64, StoreError> {
        self.hold().await?;
        self.end().await?;
        Ok(self.mark.generation)
    }

    /// Moves the position on and commits: what was written is durable when this returns. Returns the lane's new generation.
    ///
    /// # Errors
    /// What the database says, [`StoreError::Overtaken`] and [`StoreError::Busy`] as where it is held; then nothing was written.
    pub async fn commit(mut self) -> Result<i64, StoreError> {
        commits::insert(&self, Timestamp::now());
        self.move_on();
        let is_to_replan = self.is_to_replan();
        if is_to_replan && self.tx.is_none() {
            // As long as no connection is held: others may hold the last ones and wait for us.
            self.ahead.execute_unprepared(REPLAN).await?;
        }
        if self.is_one_statement() {
            self.wait().await?;
        } else {
            self.hold().await?;
        }
        if is_to_replan {
            self.writer().execute_unprepared(REPLAN).await?;
        }
        self.end().await.map_err(|error| if is_overtaken(&error) { StoreError::Overtaken } else { error.into() })?;
        Ok(self.mark.generation + 1)
    }

    /// Whether all that is written goes in one statement, which is a transaction of its own: three trips to the database less.
    fn is_one_statement(&mut self) -> bool {
        let is_postgres = self.get_database_backend() == DbBackend::Postgres;
        let insertions = self.insertions.get_mut().unwrap_or_else(PoisonError::into_inner);
        is_postgres && self.tx.is_none() && insertions.is_one_statement(self.mark.packing)
    }

    /// Has rows inserted; `on_conflict` such as `ON CONFLICT DO NOTHING`, or nothing.
    pub(super) fn insert(&self, table: &'static str, on_conflict: impl Into<Cow<'static, str>>, rows: Rows) {
        self.insertions.lock().unwrap_or_else(PoisonError::into_inner).push(table, on_conflict, rows);
    }

    /// Sends what is to be inserted.
    async fn send(&self) -> Result<(), DbErr> {
        let insertions = self.take_insertions();
        if insertions.is_empty() {
            return Ok(());
        }
        insertions.send(self.held()?, self.tenant, self.mark.packing).await
    }

    fn take_insertions(&self) -> Insertions {
        std::mem::take(&mut *self.insertions.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has the lane's row say what it will once this is committed. Where it says something else than it was taken to, as others wrote,
    /// it comes to say nothing of its generation, which the database refuses ([`is_overtaken`]). PostgreSQL runs this part of a
    /// statement before all others, so that whoever waits for the row has locked nothing yet.
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
                     generation = CASE WHEN lanes.generation = excluded.generation - 1 \
                     AND lanes.sources = excluded.sources THEN excluded.generation END, \
                     model = excluded.model, changing = excluded.changing";
        self.insert("lanes", moved, rows);
    }

    /// Whether PostgreSQL is to make its plans anew: those for tables that were small would stay.
    fn is_to_replan(&self) -> bool {
        let is_turn = self.mark.generation < YOUNG || self.mark.generation % REPLANNED == 0;
        is_turn && self.get_database_backend() == DbBackend::Postgres
    }

    async fn end(&mut self) -> Result<(), DbErr> {
        self.take_insertions().send(&self.writer(), self.tenant, self.mark.packing).await?;
        match self.tx.take() {
            Some(tx) => tx.commit().await,
            None => Ok(()),
        }
    }

    /// Where it is written at the end: where it is not held, by a statement that is a transaction of its own.
    fn writer(&self) -> DatabaseExecutor<'_> {
        self.tx.as_ref().map_or_else(|| (&self.connection).into(), Into::into)
    }

    /// Where it is written before that.
    fn held(&self) -> Result<&DatabaseTransaction, DbErr> {
        self.tx.as_ref().ok_or_else(|| DbErr::Custom("the lane is not held".into()))
    }

    /// Where it is read.
    fn executor(&self) -> DatabaseExecutor<'_> {
        self.tx.as_ref().map_or_else(|| (&self.ahead).into(), Into::into)
    }
}

/// Whether the lane's row was not what it was taken for. Nothing else leaves a column empty that must not be.
fn is_overtaken(error: &DbErr) -> bool {
    code(error).is_some_and(|code| code == "23502")
}

#[async_trait]
impl ConnectionTrait for Lane {
    fn get_database_backend(&self) -> DbBackend {
        self.executor().get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.send().await?;
        self.held()?.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.send().await?;
        self.held()?.execute_unprepared(sql).await
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
