//! What an import did, for whoever ran it.

use crate::{
    actions::ingest::{Ingested, Outcome},
    domain::id::RunId,
};
use indicatif::HumanCount;
use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

/// What happened to the events of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Stored.
    pub stored: u64,
    /// Stored before, with the same meaning.
    pub replayed: u64,
    /// Refused.
    pub rejected: u64,
    /// What the stored ones did, by [`Outcome::name`].
    pub outcomes: BTreeMap<&'static str, u64>,
    /// Profiles that were merged into others.
    pub merged: u64,
}

/// The end of an import.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its id: what `--undo` takes.
    pub run: RunId,
    /// The last line that an earlier start of the same run had done; 0 where this is the first.
    pub resumed_after: u64,
    /// What happened since this start.
    pub counts: Counts,
    /// Lines rejected over all starts of the run.
    pub rejected: u64,
    /// Events that the run has stored over all its starts.
    pub events: u64,
    /// Profiles that hold these events.
    pub profiles: u64,
    /// Where the rejects are.
    pub rejects: PathBuf,
    /// How long this start took.
    pub elapsed: Duration,
}

impl Counts {
    /// Takes in what became of an event.
    pub fn add(&mut self, ingested: &Ingested) {
        match ingested {
            Ingested::Stored(answer) => {
                self.stored += 1;
                *self.outcomes.entry(answer.outcome.name()).or_default() += 1;
                if answer.outcome == Outcome::Merged {
                    self.merged += u64::try_from(answer.changed.len().saturating_sub(1)).unwrap_or(0);
                }
            }
            Ingested::Replayed(_) => self.replayed += 1,
            Ingested::Conflict => self.rejected += 1,
        }
    }

    /// How many events there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.stored + self.replayed + self.rejected
    }
}

impl Report {
    /// Whether there was nothing new.
    fn is_replay(&self) -> bool {
        self.counts.stored == 0 && self.counts.rejected == 0 && self.counts.replayed > 0
    }

    /// Events a second.
    #[must_use]
    pub fn rate(&self) -> u64 {
        let millis = self.elapsed.as_millis().max(1);
        u64::try_from(u128::from(self.counts.total()) * 1_000 / millis).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counts { stored, replayed, rejected, outcomes, merged } = &self.counts;
        if self.resumed_after > 0 {
            writeln!(f, "went on after line {}", HumanCount(self.resumed_after))?;
        }
        if self.is_replay() {
            writeln!(f, "all of it was already there")?;
        }
        writeln!(f, "stored    {}", HumanCount(*stored))?;
        for (outcome, count) in outcomes {
            writeln!(f, "  {outcome:<12}{}", HumanCount(*count))?;
        }
        writeln!(f, "replayed  {}", HumanCount(*replayed))?;
        write!(f, "rejected  {}", HumanCount(*rejected))?;
        if *rejected > 0 {
            write!(f, ", see {}", self.rejects.display())?;
        }
        writeln!(
            f,
            "\nprofiles  {} hold these events; {} were merged away",
            HumanCount(self.profiles),
            HumanCount(*merged)
        )?;
        writeln!(f, "took      {:.1} s, {} events/s", self.elapsed.as_secs_f64(), HumanCount(self.rate()))?;
        write!(f, "run       {}; to take it back: onefold import --undo {}", self.run, self.run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::ingest::Answer;
    use crate::domain::id::{EventId, ProfileId};
    use uuid::Uuid;

    fn merged() -> Answer {
        let profile = |id| ProfileId::from_uuid(Uuid::from_u128(id));
        Answer {
            position: 1,
            event_id: EventId::from_uuid(Uuid::nil()),
            record_id: None,
            profile_id: Some(profile(1)),
            outcome: Outcome::Merged,
            changed: vec![profile(1), profile(2), profile(3)],
            warnings: Vec::new(),
        }
    }

    #[test]
    fn events_are_counted_by_what_became_of_them() {
        let mut counts = Counts::default();
        for ingested in [Ingested::Stored(merged()), Ingested::Replayed(merged()), Ingested::Conflict] {
            counts.add(&ingested);
        }
        let expected =
            Counts { stored: 1, replayed: 1, rejected: 1, outcomes: BTreeMap::from([("merged", 1)]), merged: 2 };
        assert_eq!(counts, expected);
        assert_eq!(counts.total(), 3);
    }
}
