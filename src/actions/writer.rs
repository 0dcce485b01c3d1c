//! The writer: one task for each tenant takes what waits for the lane and writes it as one batch (group commit).
//! While a batch is written, the requests that arrive form the next one; what somebody waits for goes before bulk.

mod batch;
mod pace;
mod task;

use super::{
    ingest::{Ingested, Outcome},
    memory::Memory,
    pipeline::Pipeline,
    prepare::PreparedEvent,
};
use crate::{
    store::{StoreError, TenantId, models::Models, tenants::Tenant},
    telemetry::Metrics,
};
use batch::Job;
use sea_orm::DatabaseConnection;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};
use task::LaneTask;
use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
};

/// How many writes may wait for one tenant's lane before more are turned away.
const QUEUE: usize = 1024;

/// Why a write was not done.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// Too much waits already, or the lane stays taken: try again.
    #[error("too many writes wait")]
    Busy,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who waits for a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// A person or a program, for this one event.
    Interactive,
    /// Nobody in particular: one part of many events.
    Bulk,
}

/// One end of the two queues of a tenant.
#[derive(Clone)]
struct Queues<T> {
    interactive: T,
    bulk: T,
}

/// Hands events to the tasks that write.
pub struct Writer {
    /// Where what is decided ahead is read.
    ahead: DatabaseConnection,
    /// Where lanes are held.
    lanes: DatabaseConnection,
    models: Arc<Models>,
    metrics: Arc<Metrics>,
    /// How many bytes the memory of each tenant may take.
    cache: usize,
    /// Where the tasks run: not on a thread that serves requests, which would wait while a batch is decided.
    runtime: Handle,
    waiting: Arc<AtomicI64>,
    queues: Mutex<HashMap<TenantId, Queues<mpsc::Sender<Job>>>>,
}

impl Writer {
    /// A writer without tasks; they start with the first event of their tenant, on the runtime that this is called on.
    ///
    /// # Panics
    /// Outside a runtime.
    #[must_use]
    pub fn new(
        ahead: DatabaseConnection,
        lanes: DatabaseConnection,
        models: Arc<Models>,
        metrics: Arc<Metrics>,
        cache: usize,
    ) -> Self {
        let (runtime, waiting, queues) = (Handle::current(), Arc::default(), Mutex::default());
        Self { ahead, lanes, models, metrics, cache, runtime, waiting, queues }
    }

    /// Writes events; returns when they are durable, with one answer for each, in order.
    ///
    /// # Errors
    /// [`WriteError::Busy`] where the queue is full; what the database says.
    pub async fn write(
        &self,
        tenant: &Arc<Tenant>,
        urgency: Urgency,
        events: Vec<PreparedEvent>,
    ) -> Result<Vec<Ingested>, WriteError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let (reply, answer) = oneshot::channel();
        let queues = self.queues(tenant);
        let queue = match urgency {
            Urgency::Interactive => queues.interactive,
            Urgency::Bulk => queues.bulk,
        };
        self.metrics.set_queue_depth(self.waiting.fetch_add(1, Ordering::Relaxed) + 1);
        if queue.try_send(Job { events, reply }).is_err() {
            self.metrics.set_queue_depth(self.waiting.fetch_sub(1, Ordering::Relaxed) - 1);
            return Err(WriteError::Busy);
        }
        answer.await.unwrap_or(Err(WriteError::Busy))
    }

    fn queues(&self, tenant: &Arc<Tenant>) -> Queues<mpsc::Sender<Job>> {
        let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
        // A task whose queue is closed is gone: its tenant gets a new one.
        queues.retain(|_, ends| !ends.interactive.is_closed());
        let ends = queues.entry(tenant.id).or_insert_with(|| {
            let (interactive, next_interactive) = mpsc::channel(QUEUE);
            let (bulk, next_bulk) = mpsc::channel(QUEUE);
            let (ahead, lanes, memory) = (self.ahead.clone(), self.lanes.clone(), Memory::new(self.cache));
            let pipeline = Pipeline::new(ahead, lanes, Arc::clone(tenant), Arc::clone(&self.models), memory);
            let task = LaneTask::new(tenant.id, pipeline, Arc::clone(&self.metrics), Arc::clone(&self.waiting));
            self.runtime.spawn(task.run(Queues { interactive: next_interactive, bulk: next_bulk }));
            Queues { interactive, bulk }
        });
        ends.clone()
    }
}

impl Queues<mpsc::Receiver<Job>> {
    /// Waits for a job; none once nobody can send any more.
    async fn next(&mut self) -> Option<(Job, Urgency)> {
        tokio::select! {
            biased;
            Some(job) = self.interactive.recv() => Some((job, Urgency::Interactive)),
            Some(job) = self.bulk.recv() => Some((job, Urgency::Bulk)),
            else => None,
        }
    }
}

/// Counts what became of events.
pub fn count(metrics: &Metrics, answers: &[Ingested]) {
    for answer in answers {
        let Ingested::Stored(answer) = answer else { continue };
        metrics.event(answer.outcome.name());
        let others = u64::try_from(answer.changed.len().saturating_sub(1)).unwrap_or(0);
        match answer.outcome {
            Outcome::Merged => metrics.merged(others),
            Outcome::Split => metrics.split(others),
            Outcome::Possible | Outcome::Ambiguous => metrics.review_raised(),
            Outcome::Created | Outcome::Attached | Outcome::Unresolved => {}
        }
    }
}
