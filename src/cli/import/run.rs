//! A run: writes batches and keeps account of how far it has come.

use super::{
    batches::Batch,
    progress::Progress,
    rejects::{Reject, Rejects},
    report::{Counts, Report},
};
use crate::{
    actions::{
        ingest::{Ingested, ingest},
        memory::Memory,
    },
    cli::error::CliError,
    domain::{
        id::RunId,
        validate::{ErrorCode, FieldError},
    },
    engine::Engine,
    store::{StoreError, entities::run, runs, tenants::Tenant},
};
use jiff::Timestamp;
use std::time::{Duration, Instant};
use tokio::time::sleep;
use uuid::Uuid;

/// How often a write is tried while others keep the lane; each time it waits there for seconds.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);
/// How long the lane is left alone so that another writer surely gets it: SQLite's look again every 100 ms.
const TURN: Duration = Duration::from_millis(110);
/// How long we write before we look whether somebody else wants to.
const STRETCH: Duration = Duration::from_secs(2);

/// A run on its way.
pub struct Running<'a> {
    engine: &'a Engine,
    tenant: &'a Tenant,
    run: run::Model,
    memory: Memory,
    rejects: Rejects,
    progress: Progress,
    counts: Counts,
    turns: Turns,
    resumed_after: i64,
    started: Instant,
}

/// When to let others write.
struct Turns {
    last: Instant,
    position: i64,
}

/// The unfinished run of an input, or a new one.
///
/// # Errors
/// What the database says.
pub async fn find_or_new(engine: &Engine, tenant: &Tenant, digest: Option<String>) -> Result<run::Model, CliError> {
    if let Some(digest) = &digest
        && let Some(run) = runs::unfinished(&engine.connection, tenant.id, digest).await?
    {
        return Ok(run);
    }
    Ok(run::Model {
        tenant_id: tenant.id,
        id: Uuid::now_v7(),
        digest: digest.unwrap_or_default(),
        lines: 0,
        stored: 0,
        rejected: 0,
        state: "running".to_owned(),
        started_at: Timestamp::now().as_microsecond(),
    })
}

impl<'a> Running<'a> {
    /// Begins, or goes on.
    ///
    /// # Errors
    /// What the database says.
    pub async fn start(
        engine: &'a Engine,
        tenant: &'a Tenant,
        run: run::Model,
        rejects: Rejects,
        progress: Progress,
    ) -> Result<Self, CliError> {
        let position = patiently(|| runs::save(&engine.connection, &run)).await?;
        let (resumed_after, started) = (run.lines, Instant::now());
        let turns = Turns { last: started, position };
        let memory = Memory::for_load(engine.cache);
        Ok(Self {
            engine,
            tenant,
            run,
            memory,
            rejects,
            progress,
            counts: Counts::default(),
            turns,
            resumed_after,
            started,
        })
    }

    /// Writes a batch. Stopped between any two steps, the run goes on with this batch: its events are only replayed then.
    ///
    /// # Errors
    /// What the database says; where the rejects cannot be written.
    pub async fn write(&mut self, batch: Batch) -> Result<(), CliError> {
        let answers = self.ingest(&batch).await?;
        let before = self.counts.clone();
        for answer in &answers {
            self.counts.add(answer);
        }
        self.counts.rejected += number(batch.rejects.len());
        self.rejects.write(&all_rejects(&batch, &answers))?;
        self.run.lines = signed(batch.last_line);
        self.run.stored += signed(self.counts.stored - before.stored);
        self.run.rejected += signed(self.counts.rejected - before.rejected);
        let position = self.save().await?;
        self.progress.show(batch.taken, &self.counts);
        self.turns.give(position).await;
        Ok(())
    }

    async fn ingest(&mut self, batch: &Batch) -> Result<Vec<Ingested>, CliError> {
        if batch.events.is_empty() {
            return Ok(Vec::new());
        }
        let (engine, tenant, memory) = (self.engine, self.tenant, &mut self.memory);
        patiently(async || ingest(&engine.connection, tenant, &engine.model, memory, &batch.events).await).await
    }

    async fn save(&self) -> Result<i64, CliError> {
        patiently(|| runs::save(&self.engine.connection, &self.run)).await
    }

    /// Ends the run and tells what it did.
    ///
    /// # Errors
    /// What the database says.
    pub async fn finish(mut self) -> Result<Report, CliError> {
        self.progress.finish();
        let brought = runs::brought(&self.engine.connection, self.tenant.id, self.run.id).await?;
        self.run.stored = brought.events;
        "done".clone_into(&mut self.run.state);
        self.save().await?;
        Ok(Report {
            run: RunId::from_uuid(self.run.id),
            resumed_after: unsigned(self.resumed_after),
            counts: self.counts,
            rejected: unsigned(self.run.rejected),
            events: unsigned(brought.events),
            profiles: unsigned(brought.profiles),
            rejects: self.rejects.path,
            elapsed: self.started.elapsed(),
        })
    }
}

impl Turns {
    /// Leaves the lane alone for a while: now and then, and after each batch while others write too.
    async fn give(&mut self, position: i64) {
        // Our own batch moved it by one at most.
        let others_write = position > self.position + 1;
        self.position = position;
        if others_write || self.last.elapsed() >= STRETCH {
            sleep(TURN).await;
            self.last = Instant::now();
        }
    }
}

/// Tries again while the lane is taken, a bounded number of times.
///
/// # Errors
/// [`CliError::Busy`] where it stays taken; what else the database says.
pub async fn patiently<T>(mut write: impl AsyncFnMut() -> Result<T, StoreError>) -> Result<T, CliError> {
    for _ in 0..TRIES {
        match write().await {
            Err(StoreError::Busy) => sleep(PAUSE).await,
            done => return Ok(done?),
        }
    }
    Err(CliError::Busy)
}

/// What was refused before the lane and in it, in the order of the lines.
fn all_rejects(batch: &Batch, answers: &[Ingested]) -> Vec<Reject> {
    let differing = batch.lines.iter().zip(answers).filter(|(_, answer)| matches!(answer, Ingested::Conflict));
    let error = || FieldError::new("/source_event_id", ErrorCode::EventDiffers).into();
    let differing = differing.map(|(line, _)| Reject { line: *line, errors: vec![error()] });
    let mut all: Vec<Reject> = batch.rejects.iter().cloned().chain(differing).collect();
    all.sort_by_key(|reject| reject.line);
    all
}

fn number(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_lane_is_waited_for() {
        let mut tries = 0;
        let write = patiently(async || {
            tries += 1;
            if tries < 2 { Err(StoreError::Busy) } else { Ok(tries) }
        });
        assert_eq!(write.await.unwrap(), 2);
        let broken = patiently(async || Err::<(), _>(StoreError::Corrupt("event"))).await;
        assert!(matches!(broken, Err(CliError::Store(_))));
    }

    #[tokio::test]
    async fn others_get_their_turn() {
        let mut turns = Turns { last: Instant::now(), position: 5 };
        let mut waited = async |position| {
            let before = Instant::now();
            turns.give(position).await;
            before.elapsed() >= TURN
        };
        assert!(!waited(6).await);
        assert!(!waited(6).await);
        assert!(waited(8).await);
    }
}
