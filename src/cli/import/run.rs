//! A run: writes batches and keeps account of how far it has come.

use super::{
    batches::Batch,
    progress::Progress,
    rejects::{Reject, Rejects},
    report::{Counts, Report},
};
use crate::{
    actions::{
        ingest::{Decided, Ingested},
        memory::Memory,
        patience::{Patience, TURN},
        pipeline::{Pipeline, Underway},
    },
    cli::error::CliError,
    domain::{
        id::RunId,
        validate::{ErrorCode, FieldError},
    },
    engine::Engine,
    store::{StoreError, entities::run, keys, runs, tenants::Tenant},
};
use jiff::Timestamp;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;
use uuid::Uuid;

/// How long we write before we look whether somebody else wants to.
const STRETCH: Duration = Duration::from_secs(2);
/// While others write we do so in parts of so many events, which take a fraction of a second.
const PART: usize = 250;

/// A run on its way.
pub struct Running<'a> {
    engine: &'a Engine,
    tenant: &'a Tenant,
    run: run::Model,
    pipeline: Pipeline,
    /// What is being written.
    sent: Option<Sent>,
    rejects: Rejects,
    progress: Progress,
    counts: Counts,
    turns: Turns,
    resumed_after: i64,
    started: Instant,
}

/// A batch that is being written, with what its events are answered with.
struct Sent {
    batch: Batch,
    ingested: Vec<Ingested>,
    /// What is written down of it in the file of rejects.
    rejects: Vec<Reject>,
    /// The run once it is written.
    run: run::Model,
    underway: Underway,
}

/// When to let others write.
struct Turns {
    last: Instant,
    /// Whether others write too.
    shared: bool,
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
        tenant: &'a Arc<Tenant>,
        run: run::Model,
        rejects: Rejects,
        progress: Progress,
    ) -> Result<Self, CliError> {
        patiently(|| runs::save(&engine.lanes, &run)).await?;
        let (resumed_after, started) = (run.lines, Instant::now());
        let turns = Turns { last: started, shared: false };
        let (ahead, lanes) = (engine.ahead.clone(), engine.lanes.clone());
        let memory = Memory::for_load(engine.cache);
        let pipeline = Pipeline::new(ahead, lanes, Arc::clone(tenant), Arc::clone(&engine.models), memory);
        Ok(Self {
            engine,
            tenant,
            run,
            pipeline,
            sent: None,
            rejects,
            progress,
            counts: Counts::default(),
            turns,
            resumed_after,
            started,
        })
    }

    /// Takes a batch: it is decided while the one before is written. Stopped at any time, the run goes on after what is
    /// written.
    ///
    /// # Errors
    /// What the database says; where the rejects cannot be written.
    pub async fn write(&mut self, batch: Batch) -> Result<(), CliError> {
        if self.turns.shared {
            return self.write_in_turns(batch, &[]).await;
        }
        let decided = self.pipeline.decide(&batch.events).await;
        let is_written = self.settle().await?;
        match decided {
            Ok(decided) if is_written => {
                self.turns.give().await;
                self.send(decided, batch)
            }
            Ok(_) | Err(StoreError::Overtaken | StoreError::Busy) => self.write_in_turns(batch, &[]).await,
            Err(error) => Err(error.into()),
        }
    }

    fn send(&mut self, mut decided: Decided, batch: Batch) -> Result<(), CliError> {
        let ingested = std::mem::take(&mut decided.ingested);
        let rejects = all_rejects(&batch, &ingested);
        self.rejects.write(&rejects)?;
        let run = self.after(&batch, &ingested);
        let underway = self.pipeline.send(decided, Some(run.clone()));
        self.sent = Some(Sent { batch, ingested, rejects, run, underway });
        Ok(())
    }

    /// Waits for what is being written; where others came between it is written anew. Says whether it was written at once.
    pub(super) async fn settle(&mut self) -> Result<bool, CliError> {
        let Some(sent) = self.sent.take() else { return Ok(true) };
        match sent.underway.durable().await {
            Ok(_) => {
                self.account(sent.run, &sent.batch, &sent.ingested);
                Ok(true)
            }
            Err(StoreError::Overtaken | StoreError::Busy) => {
                self.write_in_turns(sent.batch, &sent.rejects).await?;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Writes a batch while others write too: part by part, leaving the lane to them in between. Of its rejects those that are
    /// `told` are written down already.
    async fn write_in_turns(&mut self, batch: Batch, told: &[Reject]) -> Result<(), CliError> {
        self.pipeline.start_over();
        let (mut ingested, mut last) = (Vec::with_capacity(batch.events.len()), None);
        self.turns.shared = false;
        for part in batch.events.chunks(PART) {
            let written = patiently(async || self.pipeline.write(part).await).await?;
            self.turns.shared |= last.is_some_and(|last| last != written.before);
            last = Some(written.after);
            ingested.extend(written.ingested);
            sleep(TURN).await;
        }
        let mut rejects = all_rejects(&batch, &ingested);
        rejects.retain(|reject| !told.contains(reject));
        self.rejects.write(&rejects)?;
        let run = self.after(&batch, &ingested);
        patiently(|| runs::save(&self.engine.lanes, &run)).await?;
        self.account(run, &batch, &ingested);
        Ok(())
    }

    /// The run once a batch is written.
    fn after(&self, batch: &Batch, ingested: &[Ingested]) -> run::Model {
        let count = |is: fn(&Ingested) -> bool| number(ingested.iter().filter(|answer| is(answer)).count());
        let conflicts = count(|answer| matches!(answer, Ingested::Conflict));
        run::Model {
            lines: signed(batch.last_line),
            stored: self.run.stored + signed(count(|answer| matches!(answer, Ingested::Stored(_)))),
            rejected: self.run.rejected + signed(conflicts + number(batch.rejects.len())),
            ..self.run.clone()
        }
    }

    /// Keeps account of a batch that is written.
    fn account(&mut self, run: run::Model, batch: &Batch, ingested: &[Ingested]) {
        self.run = run;
        for answer in ingested {
            self.counts.add(answer);
        }
        self.counts.rejected += number(batch.rejects.len());
        self.progress.show(batch.taken, &self.counts);
    }

    /// Ends the run and tells what it did.
    ///
    /// # Errors
    /// What the database says.
    pub async fn finish(mut self) -> Result<Report, CliError> {
        self.settle().await?;
        self.progress.finish();
        let brought = runs::brought(&self.engine.connection, self.tenant.id, self.run.id).await?;
        self.run.stored = brought.events;
        "done".clone_into(&mut self.run.state);
        patiently(|| runs::save(&self.engine.lanes, &self.run)).await?;
        if let Err(error) = keys::settle(&self.engine.connection).await {
            // All is stored; lookups are slower for a while.
            tracing::debug!(%error, "the pages of keys are not marked");
        }
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
    /// Leaves the lane alone for a while, now and then: who comes in between is noticed, and gets turns from then on.
    async fn give(&mut self) {
        if self.last.elapsed() >= STRETCH {
            sleep(TURN).await;
            self.last = Instant::now();
        }
    }
}

/// Tries again while the lane is taken.
///
/// # Errors
/// [`CliError::Busy`] where it stays taken; what else the database says.
pub async fn patiently<T>(mut write: impl AsyncFnMut() -> Result<T, StoreError>) -> Result<T, CliError> {
    let mut patience = Patience::default();
    loop {
        match write().await {
            Ok(written) => return Ok(written),
            Err(error) => patience.bear(error).await.map_err(|error| match error {
                StoreError::Busy => CliError::Busy,
                other => other.into(),
            })?,
        }
    }
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
}
