//! Carrying SQLite's log over to the tables, beside whoever writes.
//!
//! SQLite would do so within a commit whenever a thousand pages have come together, and a disk may take fifty milliseconds for
//! that, which everybody waits for whose commit is next. From another connection nobody waits for it. But the log begins anew only
//! where all of it is carried over when a commit begins, and under steady load there is always more by then. So once it has become
//! long the little that came meanwhile is carried over between two commits. SQLite has the disk write the tables only then, all at
//! once, and whoever commits meanwhile waits for that. So the disk is asked for it each time that something was carried over.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use std::{fs::File, time::Duration};
use tokio::{
    task::{JoinHandle, spawn_blocking},
    time::{MissedTickBehavior, interval},
};

/// How often the log is carried over. Pages that several commits wrote meanwhile are written to the tables once; what the disk then
/// has to write must not keep a commit waiting.
const EVERY: Duration = Duration::from_millis(100);
/// A log of so many pages (512 MiB) is to begin anew. A shorter one does so by itself whenever nobody writes for a moment; under
/// steady load commits wait some twenty milliseconds for it each time.
const LONG: i64 = 131_072;
/// So few pages may be carried over between two commits.
const FEW: i64 = 200;
/// How often it is tried to get down to a few: commits may come faster than the disk takes them.
const MOST_PASSES: usize = 8;

/// Keeps the log short for as long as it lives.
pub struct Keeper(JoinHandle<()>);

impl Keeper {
    /// Keeps the log of what is written over `lanes`, which is read over `reads`. PostgreSQL keeps its own.
    ///
    /// # Panics
    /// Outside a runtime.
    #[must_use]
    pub fn of(reads: DatabaseConnection, lanes: DatabaseConnection) -> Option<Self> {
        (lanes.get_database_backend() == DbBackend::Sqlite).then(|| Self(tokio::spawn(keep(reads, lanes))))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn keep(reads: DatabaseConnection, lanes: DatabaseConnection) {
    let mut turns = interval(EVERY);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (tables, mut before) = (tables(&reads).await, 0);
    loop {
        turns.tick().await;
        match carry_over(&reads, &lanes, LONG).await {
            // Nobody wrote: a disk that is asked for nothing is not woken.
            Ok(pages) if pages == before => {}
            Ok(pages) => {
                before = pages;
                // SQLite asks again before it gives up the log, and says what is wrong.
                let _ = spawn_blocking(move || tables.map(File::sync_data)).await;
            }
            // What is not carried over now is with the next turn: connections may all be in use.
            Err(error) => tracing::debug!(code = super::code(&error), "SQLite's log is carried over later"),
        }
    }
}

/// The file of the tables. It is never closed: the locks of SQLite belong to the process, which gives them up with any descriptor of
/// the file that it closes. Where it does not open the disk writes all at once.
async fn tables(connection: &DatabaseConnection) -> Option<&'static File> {
    let statement =
        Statement::from_string(DbBackend::Sqlite, "SELECT file FROM pragma_database_list WHERE name = 'main'");
    let row = connection.query_one_raw(statement).await.ok()??;
    let path: String = row.try_get_by_index(0).ok()?;
    let file = spawn_blocking(|| File::open(path)).await.ok()?.ok()?;
    Some(Box::leak(Box::new(file)))
}

/// Carries over what has been committed, and has a log of so many pages begin anew with the next commit, unless somebody reads what
/// is older then. Returns how many pages the log holds, carried over or not.
///
/// # Errors
/// What the database says.
pub async fn carry_over(reads: &DatabaseConnection, lanes: &DatabaseConnection, long: i64) -> Result<i64, DbErr> {
    let mut before = 0;
    for _ in 0..MOST_PASSES {
        let pages = checkpoint(reads).await?;
        if pages < long {
            return Ok(pages);
        }
        if pages - before < FEW {
            break;
        }
        before = pages;
    }
    // Whoever writes has let go of the connection, or waits for it.
    checkpoint(lanes).await
}

/// Carries over what nobody reads who came before it, unless somebody else does so just now. Returns how many pages the log holds,
/// carried over or not.
pub(super) async fn checkpoint(connection: &DatabaseConnection) -> Result<i64, DbErr> {
    let statement = Statement::from_string(DbBackend::Sqlite, "PRAGMA wal_checkpoint(PASSIVE)");
    let row = connection.query_one_raw(statement).await?;
    row.map_or(Ok(0), |row| row.try_get_by_index(1))
}
