//! How large and how often: what the environment sets.

use super::stats::whole;
use std::{env::var, time::Duration};

/// How the rows are run.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// How often floor and onefold are measured in turns; the medians count.
    pub rounds: usize,
    /// What sizes and times are multiplied by.
    scale: f64,
}

impl Setting {
    /// `ONEFOLD_BENCH_ROUNDS` (5 unless it is set) and `ONEFOLD_BENCH_SCALE` (1).
    pub fn of_environment() -> Self {
        let number = |name: &str, default: f64| var(name).map_or(Ok(default), |text| text.parse()).expect(name);
        let (rounds, scale) = (number("ONEFOLD_BENCH_ROUNDS", 5.0), number("ONEFOLD_BENCH_SCALE", 1.0));
        assert!(rounds >= 1.0 && scale > 0.0, "rounds and scale are positive");
        Self { rounds: whole(rounds), scale }
    }

    /// So many at full scale.
    pub fn count(&self, full: u32) -> usize {
        whole(f64::from(full) * self.scale).max(1)
    }

    /// So many seconds at full scale.
    pub fn seconds(&self, full: f64) -> Duration {
        Duration::from_secs_f64(full * self.scale)
    }
}
