//! A tenant's lane: whoever holds its row writes, one transaction at a time. The row also counts the commits.

use super::{
    StoreError, TenantId,
    checkpoint::checkpoint,
    commits::{self, Tally},
};
use jiff::Timestamp;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::oneshot;

/// PostgreSQL keeps a plan over given rows for as long as the connection lives. One that it made while a table was small, where
/// all indexes seem equally good to it, may go through all that the tenant has once the table has grown. Making one takes a
/// twentieth of a millisecond.
const PLAN: &str = "set_config('plan_cache_mode', 'force_custom_plan', true)";

/// The lane, held until it is committed or dropped (which rolls back); or followed, until it is.
pub struct Lane {
    /// The transaction to read in, and once the lane is held to write in.
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
    /// The number of the model in force; 0 where none was applied.
    pub model: i64,
    /// Whether some records are still as the model before had them.
    pub changing: bool,
    /// What there will be more after this commit.
    pub tally: Tally,
    /// Whether it writes much.
    pub is_large: bool,
    connection: DatabaseConnection,
    /// Where it reads until it is held.
    reads: DatabaseConnection,
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
    Ok(Lane::of([connection, connection], tenant, tx, mark, None))
}

/// Reads ahead of a commit that is under way: what it will leave is known, but for what it is about to write, which may be read
/// as it was or as it will be. [`Lane::hold`] tells whether that came true.
///
/// # Errors
/// What the database says.
pub async fn follow(
    reads: &DatabaseConnection,
    lanes: &DatabaseConnection,
    tenant: TenantId,
    leader: Leader,
) -> Result<Lane, StoreError> {
    let tx = begin(reads, None).await?;
    if reads.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("SELECT {PLAN}")).await?;
    }
    let mark = leader.mark;
    Ok(Lane::of([reads, lanes], tenant, tx, mark, Some(leader)))
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
    let mark = read(&tx, tenant, "").await?;
    // Nobody will ever say that what it follows is committed.
    let (_, committed) = oneshot::channel();
    Ok(Lane::of([connection, connection], tenant, tx, mark, Some(Leader { mark, committed })))
}

async fn take(connection: &DatabaseConnection, tenant: TenantId) -> Result<(DatabaseTransaction, Mark), DbErr> {
    let backend = connection.get_database_backend();
    let tx = begin(connection, Some(SqliteTransactionMode::Immediate)).await?;
    let lock = if backend == DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let mark = read(&tx, tenant, lock).await?;
    Ok((tx, mark))
}

/// Reads the lane's row, and has what is asked in the same transaction planned as [`PLAN`] says.
async fn read<C: ConnectionTrait>(connection: &C, tenant: TenantId, lock: &str) -> Result<Mark, DbErr> {
    let backend = connection.get_database_backend();
    let plan = if backend == DbBackend::Postgres { format!(", {PLAN}") } else { String::new() };
    let sql = format!(
        "SELECT position, forms, generation, sources, model, changing{plan} FROM lanes WHERE tenant_id = $1{lock}"
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
        [reads, lanes]: [&DatabaseConnection; 2],
        tenant: TenantId,
        tx: DatabaseTransaction,
        mark: Mark,
        follows: Option<Leader>,
    ) -> Self {
        let Mark { position, forms, generation, sources, model, changing } = mark;
        let (reads, connection) = (reads.clone(), lanes.clone());
        let (position, tally) = (position + 1, Tally::default());
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
            connection,
            reads,
            follows,
        }
    }

    /// What was needed is read. On SQLite the log begins anew only where nobody reads what it holds at the time of a commit: one
    /// that is followed all the time would let it grow for ever.
    ///
    /// # Errors
    /// What the database says.
    pub async fn rest(&mut self) -> Result<(), StoreError> {
        if self.follows.is_some() && self.reads.get_database_backend() == DbBackend::Sqlite {
            // It reads nothing, and sees nothing, before it is asked.
            let unread = begin(&self.reads, None).await?;
            std::mem::replace(&mut self.tx, unread).rollback().await?;
        }
        Ok(())
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
        self.tx = tx;
        Ok(())
    }

    /// What the lane's row says once this is committed.
    #[must_use]
    pub const fn next(&self) -> Mark {
        let Self { position, forms, generation, sources, model, changing, .. } = *self;
        Mark { position, forms, generation: generation + 1, sources, model, changing }
    }

    /// What the lane's row says now.
    #[must_use]
    pub const fn last(&self) -> Mark {
        let Self { position, forms, generation, sources, model, changing, .. } = *self;
        Mark { position: position - 1, forms, generation, sources, model, changing }
    }

    /// Commits without moving on: nothing that orders changes or that writers remember was written. Returns the lane's
    /// generation.
    ///
    /// # Errors
    /// What the database says; then nothing was written.
    pub async fn leave(mut self) -> Result<i64, StoreError> {
        self.hold().await?;
        self.tx.commit().await?;
        Ok(self.generation)
    }

    /// Moves the position on and commits: what was written is durable when this returns. Returns the lane's new generation.
    ///
    /// # Errors
    /// What the database says; then nothing was written.
    pub async fn commit(mut self) -> Result<i64, StoreError> {
        self.hold().await?;
        let sql = "UPDATE lanes SET position = $2, forms = $3, generation = $4, model = $5, changing = $6 WHERE tenant_id = $1";
        let Mark { position, forms, generation, model, changing, .. } = self.next();
        let (tenant, changing) = (self.tenant, i64::from(changing));
        let values = [tenant.into(), position.into(), forms.into(), generation.into(), model.into(), changing.into()];
        self.tx.execute_raw(Statement::from_sql_and_values(self.tx.get_database_backend(), sql, values)).await?;
        commits::insert(&self.tx, self.tenant, position, self.tally, Timestamp::now()).await?;
        self.tx.commit().await?;
        Ok(generation)
    }
}
