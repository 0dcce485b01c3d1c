//! The writer: one task for each tenant takes what waits for the lane and writes it as one batch (group commit).
//! While a batch commits, the requests that arrive form the next one; what somebody waits for goes before bulk.

mod pace;

use super::{
    ingest::{Ingested, Outcome, ingest},
    memory::Memory,
    prepare::PreparedEvent,
};
use crate::{
    domain::model::Model,
    store::{StoreError, TenantId, tenants::Tenant},
    telemetry::Metrics,
};
use futures_util::FutureExt;
use pace::Pace;
use sea_orm::DatabaseConnection;
use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};
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

type Reply = oneshot::Sender<Result<Vec<Ingested>, WriteError>>;

struct Job {
    events: Vec<PreparedEvent>,
    reply: Reply,
}

/// One end of the two queues of a tenant.
#[derive(Clone)]
struct Queues<T> {
    interactive: T,
    bulk: T,
}

/// Hands events to the tasks that write.
pub struct Writer {
    connection: DatabaseConnection,
    model: Arc<Model>,
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
    pub fn new(connection: DatabaseConnection, model: Arc<Model>, metrics: Arc<Metrics>, cache: usize) -> Self {
        let (runtime, waiting, queues) = (Handle::current(), Arc::default(), Mutex::default());
        Self { connection, model, metrics, cache, runtime, waiting, queues }
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
            let lane = LaneTask {
                connection: self.connection.clone(),
                model: Arc::clone(&self.model),
                metrics: Arc::clone(&self.metrics),
                waiting: Arc::clone(&self.waiting),
                tenant: Arc::clone(tenant),
                memory: Memory::new(self.cache),
            };
            self.runtime.spawn(lane.run(Queues { interactive: next_interactive, bulk: next_bulk }));
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

    /// A job that waits already.
    fn waiting(&mut self) -> Option<Job> {
        self.interactive.try_recv().or_else(|_| self.bulk.try_recv()).ok()
    }
}

struct LaneTask {
    connection: DatabaseConnection,
    model: Arc<Model>,
    metrics: Arc<Metrics>,
    waiting: Arc<AtomicI64>,
    tenant: Arc<Tenant>,
    memory: Memory,
}

impl LaneTask {
    async fn run(mut self, mut queues: Queues<mpsc::Receiver<Job>>) {
        let mut pace = Pace::default();
        while let Some((first, urgency)) = queues.next().await {
            let (mut size, mut jobs) = (first.events.len(), vec![first]);
            while size < pace.size(urgency)
                && let Some(next) = queues.waiting()
            {
                size += next.events.len();
                jobs.push(next);
            }
            let started = Instant::now();
            let taken = i64::try_from(jobs.len()).unwrap_or(i64::MAX);
            self.metrics.set_queue_depth(self.waiting.fetch_sub(taken, Ordering::Relaxed) - taken);
            // A bug that one batch runs into must not stop the tenant's writes: its senders are told to try again.
            if AssertUnwindSafe(self.write_together(jobs)).catch_unwind().await.is_err() {
                tracing::error!(tenant = self.tenant.id, "a batch of writes broke off");
            }
            pace.adapt(urgency, size, started.elapsed());
        }
    }

    /// All jobs in one transaction. Where that fails each gets its own, so that one cannot fail the others.
    async fn write_together(&mut self, jobs: Vec<Job>) {
        let (batches, replies): (Vec<Vec<PreparedEvent>>, Vec<Reply>) =
            jobs.into_iter().map(|job| (job.events, job.reply)).unzip();
        let sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        let all: Vec<PreparedEvent> = batches.into_iter().flatten().collect();
        match self.write(&all).await {
            Ok(answers) => {
                let mut answers = answers.into_iter();
                for (size, reply) in sizes.into_iter().zip(replies) {
                    // A client that went away does not wait for its answer.
                    let _ = reply.send(Ok(answers.by_ref().take(size).collect()));
                }
            }
            Err(error) if replies.len() == 1 || matches!(error, StoreError::Busy) => {
                let busy = matches!(error, StoreError::Busy);
                let mut error = Some(error);
                for reply in replies {
                    let error = error.take().filter(|_| !busy).map_or(WriteError::Busy, WriteError::Store);
                    let _ = reply.send(Err(error));
                }
            }
            Err(_) => {
                let mut rest = all.into_iter();
                for (size, reply) in sizes.into_iter().zip(replies) {
                    let own: Vec<PreparedEvent> = rest.by_ref().take(size).collect();
                    let _ = reply.send(self.write(&own).await.map_err(WriteError::Store));
                }
            }
        }
    }

    async fn write(&mut self, events: &[PreparedEvent]) -> Result<Vec<Ingested>, StoreError> {
        let started = Instant::now();
        let answers = ingest(&self.connection, &self.tenant, &self.model, &mut self.memory, events).await?;
        self.metrics.committed(events.len(), started.elapsed());
        count(&self.metrics, &answers);
        Ok(answers)
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
