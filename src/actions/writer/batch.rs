//! A batch: what several senders wait for, written together.

use super::{Urgency, WriteError};
use crate::{
    actions::{ingest::Ingested, prepare::PreparedEvent},
    store::StoreError,
};
use std::time::Instant;
use tokio::sync::oneshot;

type Reply = oneshot::Sender<Result<Vec<Ingested>, WriteError>>;

/// The events of one sender.
pub(super) struct Job {
    pub events: Vec<PreparedEvent>,
    pub reply: Reply,
}

/// The events of several.
pub(super) struct Batch {
    pub events: Vec<PreparedEvent>,
    /// Who waits, each for so many of the events.
    senders: Vec<(usize, Reply)>,
    pub urgency: Urgency,
    pub started: Instant,
}

impl Batch {
    pub fn of(jobs: Vec<Job>, urgency: Urgency) -> Self {
        let (mut events, mut senders) = (Vec::new(), Vec::with_capacity(jobs.len()));
        for job in jobs {
            senders.push((job.events.len(), job.reply));
            events.extend(job.events);
        }
        Self { events, senders, urgency, started: Instant::now() }
    }

    /// Tells each sender what became of its events. A client that went away does not wait for its answer.
    pub fn answer(self, ingested: Vec<Ingested>) {
        let mut ingested = ingested.into_iter();
        for (size, reply) in self.senders {
            let _ = reply.send(Ok(ingested.by_ref().take(size).collect()));
        }
    }

    /// Tells all senders to try again.
    pub fn turn_away(self) {
        for (_, reply) in self.senders {
            let _ = reply.send(Err(WriteError::Busy));
        }
    }

    /// Tells its one sender what the database said. Of several each may have its own turn: then they come back.
    pub fn fail(mut self, error: StoreError) -> Option<Vec<Job>> {
        if self.senders.len() > 1 {
            return Some(self.apart());
        }
        let (_, reply) = self.senders.pop()?;
        let _ = reply.send(Err(WriteError::Store(error)));
        None
    }

    fn apart(self) -> Vec<Job> {
        let mut events = self.events.into_iter();
        let own = |(size, reply)| Job { events: events.by_ref().take(size).collect(), reply };
        self.senders.into_iter().map(own).collect()
    }
}
