//! A tenant's task: takes what waits, decides it while the batch before is written where it is much, and answers whoever waits.

use super::{
    Queues, Urgency,
    batch::{Batch, Job},
    count,
    pace::Pace,
};
use crate::{
    actions::{
        ingest::{Decided, Ingested},
        pipeline::{Pipeline, Underway},
    },
    store::{StoreError, TenantId},
    telemetry::Metrics,
};
use futures_util::FutureExt;
use std::{
    future::pending,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::mpsc,
    task::{JoinError, JoinHandle},
};

/// Writes the batches of one tenant.
pub(super) struct LaneTask {
    tenant: TenantId,
    pipeline: Pipeline,
    metrics: Arc<Metrics>,
    waiting: Arc<AtomicI64>,
    pace: Pace,
    /// What goes into the next batch, until it is decided.
    few: Vec<Job>,
    /// The batch that is being written.
    sent: Option<JoinHandle<Fate>>,
    /// The lane's generation after the last batch, while others write too: what is decided ahead of them is decided in vain.
    shared: Option<i64>,
}

/// So many who wait for an answer are decided while others are written.
const MANY: usize = 4;

/// What became of a batch that was sent. Its senders have been answered if it was written.
type Fate = Result<Took, (Batch, StoreError)>;

/// The same, of the task that writes it.
type Ended = Result<Fate, JoinError>;

/// What there is to do next.
enum Work {
    Batch(Batch),
    Ended(Ended),
}

/// How long a batch took, from when it was taken on until it was durable.
struct Took {
    urgency: Urgency,
    events: usize,
    time: Duration,
}

impl LaneTask {
    pub fn new(tenant: TenantId, pipeline: Pipeline, metrics: Arc<Metrics>, waiting: Arc<AtomicI64>) -> Self {
        Self { tenant, pipeline, metrics, waiting, pace: Pace::default(), few: Vec::new(), sent: None, shared: None }
    }

    /// Works until nobody can send any more. A batch that was overtaken is written anew even where no other one comes.
    pub async fn run(mut self, mut queues: Queues<mpsc::Receiver<Job>>) {
        while let Some(work) = self.next(&mut queues).await {
            // A bug that one batch runs into must not stop the tenant's writes: its senders are told to try again.
            if AssertUnwindSafe(self.work(work)).catch_unwind().await.is_err() {
                tracing::error!(tenant = self.tenant, "a batch of writes broke off");
                self.pipeline.start_over();
                // The next one enters the lane, where the one before must not be waiting still.
                let _ = AssertUnwindSafe(self.settle()).catch_unwind().await;
            }
        }
    }

    /// Waits for a batch to decide, or for the end of the one that is being written; none once nobody can send any more. While one
    /// is written a few only keep its writing from a core: all are answered sooner if they wait until it is done.
    async fn next(&mut self, queues: &mut Queues<mpsc::Receiver<Job>>) -> Option<Work> {
        let mut urgency = Urgency::Interactive;
        let is_enough = |few: &[Job], urgency| few.len() >= MANY || urgency == Urgency::Bulk;
        while self.few.is_empty() || (self.sent.is_some() && !is_enough(&self.few, urgency)) {
            tokio::select! {
                biased;
                job = queues.next() => {
                    let job = job?;
                    self.few.push(job.0);
                    urgency = job.1;
                }
                ended = ended(&mut self.sent) => return Some(Work::Ended(ended)),
            }
        }
        Some(Work::Batch(self.gather(urgency, queues)))
    }

    async fn work(&mut self, work: Work) {
        match work {
            Work::Batch(batch) => self.take(batch).await,
            Work::Ended(ended) => {
                self.conclude(ended).await;
            }
        }
    }

    /// All that somebody waits for, and of what nobody waits for as much as may go with it.
    fn gather(&mut self, mut urgency: Urgency, queues: &mut Queues<mpsc::Receiver<Job>>) -> Batch {
        let mut jobs = std::mem::take(&mut self.few);
        while let Ok(next) = queues.interactive.try_recv() {
            jobs.push(next);
        }
        let mut size: usize = jobs.iter().map(|job| job.events.len()).sum();
        while size < self.pace.size()
            && let Ok(next) = queues.bulk.try_recv()
        {
            urgency = Urgency::Bulk;
            size += next.events.len();
            jobs.push(next);
        }
        let taken = i64::try_from(jobs.len()).unwrap_or(i64::MAX);
        self.metrics.set_queue_depth(self.waiting.fetch_sub(taken, Ordering::Relaxed) - taken);
        Batch::of(jobs, urgency)
    }

    /// Decides a batch while the one before is written, and has it written.
    async fn take(&mut self, batch: Batch) {
        if self.shared.is_some() {
            return self.write_in_lane(batch).await;
        }
        let decided = self.pipeline.decide(&batch.events).await;
        let is_written = self.settle().await;
        match decided {
            Ok(decided) if is_written => self.send(decided, batch),
            Ok(_) | Err(StoreError::Overtaken) => {
                self.pipeline.start_over();
                self.write_in_lane(batch).await;
            }
            Err(error) => {
                self.pipeline.start_over();
                self.fail(batch, error).await;
            }
        }
    }

    fn send(&mut self, mut decided: Decided, batch: Batch) {
        let ingested = std::mem::take(&mut decided.ingested);
        let underway = self.pipeline.send(decided, None);
        self.sent = Some(tokio::spawn(finish(underway, batch, ingested, Arc::clone(&self.metrics))));
    }

    /// Waits for the batch that is being written, if there is one. Says whether it was written at once.
    async fn settle(&mut self) -> bool {
        match self.sent.take() {
            Some(sent) => self.conclude(sent.await).await,
            None => true,
        }
    }

    /// Writes a batch anew that was overtaken. Says whether it was written at once.
    async fn conclude(&mut self, ended: Ended) -> bool {
        match ended {
            Ok(Ok(took)) => {
                self.adapt(&took);
                true
            }
            Ok(Err((batch, error))) => {
                self.pipeline.start_over();
                match error {
                    StoreError::Overtaken => self.write_in_lane(batch).await,
                    error => self.fail(batch, error).await,
                }
                false
            }
            // A task that broke off wrote nothing, and answered nobody.
            Err(_) => {
                self.pipeline.start_over();
                false
            }
        }
    }

    /// Writes a batch in the lane, as others write too. Once they no longer do batches are decided ahead again.
    async fn write_in_lane(&mut self, batch: Batch) {
        match self.pipeline.write(&batch.events).await {
            Ok(written) => {
                self.shared = Some(written.after).filter(|_| self.shared != Some(written.before));
                let took = done(batch, written.ingested, &self.metrics);
                self.adapt(&took);
            }
            Err(error) => self.fail(batch, error).await,
        }
    }

    /// Where several events fail together each sender gets a turn of its own, so that one cannot fail the others.
    async fn fail(&mut self, batch: Batch, error: StoreError) {
        let urgency = batch.urgency;
        if matches!(error, StoreError::Busy) {
            return batch.turn_away();
        }
        for job in batch.fail(error).into_iter().flatten() {
            let batch = Batch::of(vec![job], urgency);
            match self.pipeline.write(&batch.events).await {
                Ok(written) => drop(done(batch, written.ingested, &self.metrics)),
                Err(error) => drop(batch.fail(error)),
            }
        }
    }

    fn adapt(&mut self, took: &Took) {
        if took.urgency == Urgency::Bulk {
            self.pace.adapt(took.events, took.time);
        }
    }
}

/// Waits for the batch that is being written; for ever where there is none.
async fn ended(sent: &mut Option<JoinHandle<Fate>>) -> Ended {
    let Some(handle) = sent else { return pending().await };
    let ended = handle.await;
    *sent = None;
    ended
}

/// Answers whoever waits as soon as their batch is durable, while the next one may still be being decided.
async fn finish(underway: Underway, batch: Batch, ingested: Vec<Ingested>, metrics: Arc<Metrics>) -> Fate {
    match underway.durable().await {
        Ok(_) => Ok(done(batch, ingested, &metrics)),
        Err(error) => Err((batch, error)),
    }
}

fn done(batch: Batch, ingested: Vec<Ingested>, metrics: &Metrics) -> Took {
    let took = Took { urgency: batch.urgency, events: batch.events.len(), time: batch.started.elapsed() };
    metrics.committed(took.events, took.time);
    count(metrics, &ingested);
    batch.answer(ingested);
    took
}
