//! How many events make a batch: as many as are written in the time that whoever waits should wait at most.

use super::Urgency;
use std::time::Duration;

/// A batch that somebody waits for should take no longer: whoever comes while it is written waits for the next one too.
const PROMPT: Duration = Duration::from_millis(12);
/// One that nobody waits for; others may come while it is written.
const BULK: Duration = Duration::from_millis(100);
/// Bounds of a batch in events.
const FEWEST: usize = 16;
const MOST: usize = 1_024;

/// The sizes that batches may have now, after how long the last ones took.
pub(super) struct Pace {
    interactive: usize,
    bulk: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { interactive: 4 * FEWEST, bulk: 4 * FEWEST }
    }
}

impl Pace {
    /// How many events a batch may have.
    pub(super) const fn size(&self, urgency: Urgency) -> usize {
        match urgency {
            Urgency::Interactive => self.interactive,
            Urgency::Bulk => self.bulk,
        }
    }

    /// Learns from a batch: one that took too long halves the size, a full one that was quick doubles it.
    pub(super) fn adapt(&mut self, urgency: Urgency, events: usize, took: Duration) {
        let (size, aim) = match urgency {
            Urgency::Interactive => (&mut self.interactive, PROMPT),
            Urgency::Bulk => (&mut self.bulk, BULK),
        };
        if took > aim {
            *size = (*size / 2).max(FEWEST);
        } else if events >= *size && took < aim / 2 {
            *size = (*size * 2).min(MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_quick_and_full_and_shrink_when_they_are_slow() {
        let mut pace = Pace::default();
        let first = pace.size(Urgency::Interactive);
        for _ in 0..20 {
            pace.adapt(Urgency::Interactive, pace.size(Urgency::Interactive), Duration::from_millis(1));
        }
        assert_eq!(pace.size(Urgency::Interactive), MOST);
        assert_eq!(pace.size(Urgency::Bulk), first);
        pace.adapt(Urgency::Interactive, 1, Duration::from_millis(1));
        assert_eq!(pace.size(Urgency::Interactive), MOST);
        for _ in 0..20 {
            pace.adapt(Urgency::Interactive, 1, PROMPT * 2);
        }
        assert_eq!(pace.size(Urgency::Interactive), FEWEST);
    }
}
