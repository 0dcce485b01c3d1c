//! How many events a batch may have that nobody waits for: as many as are written in the time that whoever comes meanwhile
//! should wait at most. What somebody waits for is written together, however much it is: a commit takes its time whether it
//! brings one event or a hundred, and what waits longer because of it waits the less for its own.

use std::time::Duration;

/// A batch with bulk in it should take no longer.
const AIM: Duration = Duration::from_millis(100);
/// Bounds of a batch in events.
const FEWEST: usize = 16;
const MOST: usize = 1_024;

/// The size that a batch with bulk in it may have now, after how long the last ones took.
pub(super) struct Pace(usize);

impl Default for Pace {
    fn default() -> Self {
        Self(4 * FEWEST)
    }
}

impl Pace {
    /// How many events a batch with bulk in it may have.
    pub(super) const fn size(&self) -> usize {
        self.0
    }

    /// Learns from a batch with bulk in it: one that took too long halves the size, a full one that was quick doubles it.
    pub(super) fn adapt(&mut self, events: usize, took: Duration) {
        if took > AIM {
            self.0 = (self.0 / 2).max(FEWEST);
        } else if events >= self.0 && took < AIM / 2 {
            self.0 = (self.0 * 2).min(MOST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_they_are_quick_and_full_and_shrink_when_they_are_slow() {
        let mut pace = Pace::default();
        for _ in 0..20 {
            pace.adapt(pace.size(), Duration::from_millis(1));
        }
        assert_eq!(pace.size(), MOST);
        pace.adapt(1, Duration::from_millis(1));
        assert_eq!(pace.size(), MOST);
        for _ in 0..20 {
            pace.adapt(1, AIM * 2);
        }
        assert_eq!(pace.size(), FEWEST);
    }
}
