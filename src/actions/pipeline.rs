//! A tenant's batches, one after the other: while one is written the next one is decided.
//!
//! What a batch will have written is remembered before it is. The next one is decided by that, and by what the database tells
//! of everything else; it is written only once the one before is committed and if nobody else wrote in between.

use super::{
    ingest::{Decided, Ingested, decide},
    memory::Memory,
    prepare::PreparedEvent,
};
use crate::store::{
    StoreError,
    entities::run,
    lane::{self, Leader},
    models::Models,
    rulebook::Rulebook,
    tenants::Tenant,
};
use sea_orm::{DatabaseConnection, DbBackend};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::oneshot::{self, error::TryRecvError},
    task::JoinHandle,
};

/// Decides and writes.
pub struct Pipeline {
    /// Where what is decided ahead is read.
    ahead: DatabaseConnection,
    /// Where the lane is held.
    lanes: DatabaseConnection,
    tenant: Arc<Tenant>,
    models: Arc<Models>,
    memory: Memory,
    /// The batch that was sent last.
    last: Option<Last>,
}

/// A batch that was sent.
struct Last {
    leader: Leader,
    at: Instant,
}

/// For so long after a batch was sent it is unlikely that others write.
const RECENTLY: Duration = Duration::from_millis(100);

/// A batch that is being written.
pub struct Underway(JoinHandle<Result<i64, StoreError>>);

/// A batch that is written.
pub struct Written {
    /// What each event is answered with, in their order.
    pub ingested: Vec<Ingested>,
    /// The lane's generation before it: another one than that after our last batch tells that others wrote.
    pub before: i64,
    /// The lane's generation after it.
    pub after: i64,
}

impl Underway {
    /// Waits until it is durable. Returns the lane's generation after it.
    ///
    /// # Errors
    /// What the database says; [`StoreError::Overtaken`]. Then nothing of it is stored.
    pub async fn durable(self) -> Result<i64, StoreError> {
        // A task that broke off wrote nothing.
        self.0.await.unwrap_or(Err(StoreError::Overtaken))
    }
}

impl Last {
    /// What the next batch is decided by, if it does not hold the lane from the start. Once this one is written that is worth it on
    /// PostgreSQL, where it saves trips, and soon after: later others may have written.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`] where it was not written.
    fn leader(mut self, backend: DbBackend) -> Result<Option<Leader>, StoreError> {
        match self.leader.committed.as_mut().map(oneshot::Receiver::try_recv) {
            Some(Err(TryRecvError::Empty)) => return Ok(Some(self.leader)),
            Some(Err(TryRecvError::Closed)) => return Err(StoreError::Overtaken),
            Some(Ok(())) | None => self.leader.committed = None,
        }
        let is_recent = self.at.elapsed() < RECENTLY;
        Ok((backend == DbBackend::Postgres && is_recent).then_some(self.leader))
    }
}

impl Pipeline {
    /// Nothing under way. The two connections may be one if it is to several.
    #[must_use]
    pub const fn new(
        ahead: DatabaseConnection,
        lanes: DatabaseConnection,
        tenant: Arc<Tenant>,
        models: Arc<Models>,
        memory: Memory,
    ) -> Self {
        Self { ahead, lanes, tenant, models, memory, last: None }
    }

    /// Decides a batch, ahead of the one that is being written if there is one. That one must be durable before this one is
    /// [sent](Self::send).
    ///
    /// # Errors
    /// What the database says; [`StoreError::Overtaken`] where the batch before was not written, or others wrote after it.
    pub async fn decide(&mut self, batch: &[PreparedEvent]) -> Result<Decided, StoreError> {
        let backend = self.lanes.get_database_backend();
        let lane = match self.last.take().map(|last| last.leader(backend)).transpose()?.flatten() {
            Some(leader) => lane::follow(&self.ahead, &self.lanes, self.tenant.id, leader),
            // Nobody can come in between once the lane is held.
            None => lane::enter(&self.lanes, self.tenant.id).await?,
        };
        let rules = Rulebook { tenant: &self.tenant, models: &self.models };
        // By far the largest future of all that wait for it.
        Box::pin(decide(lane, rules, &mut self.memory, batch)).await
    }

    /// Has a batch written, together with how far the import has come that brings it.
    pub fn send(&mut self, decided: Decided, run: Option<run::Model>) -> Underway {
        let ((tell, committed), mark) = (oneshot::channel(), decided.mark());
        if decided.is_news() {
            self.memory.await_commit(mark.generation, decided.events());
        }
        let leader = Leader { mark, committed: Some(committed) };
        self.last = decided.may_be_followed().then(|| Last { leader, at: Instant::now() });
        Underway(tokio::spawn(async move {
            let generation = decided.write(run).await?;
            // Nobody may be following.
            let _ = tell.send(());
            Ok(generation)
        }))
    }

    /// Decides a batch in the lane and writes it, with nothing under way: whoever wrote before it is no matter.
    ///
    /// # Errors
    /// What the database says; then nothing of it is stored.
    pub async fn write(&mut self, batch: &[PreparedEvent]) -> Result<Written, StoreError> {
        self.last = None;
        let mut decided = self.decide(batch).await?;
        let (before, ingested) = (decided.generation(), std::mem::take(&mut decided.ingested));
        let underway = self.send(decided, None);
        match underway.durable().await {
            Ok(after) => Ok(Written { ingested, before, after }),
            Err(error) => {
                self.start_over();
                Err(error)
            }
        }
    }

    /// Forgets what was remembered: it was not written.
    pub fn start_over(&mut self) {
        self.memory.forget();
        self.last = None;
    }
}
