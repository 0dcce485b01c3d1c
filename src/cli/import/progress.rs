//! How far an import has come: a bar on stderr where that is a terminal, nothing where it is not.

use super::report::Counts;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::time::Instant;

/// Shows progress.
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
}

impl Progress {
    /// A bar over so many bytes; a count where nobody knows how many there will be.
    #[must_use]
    pub fn new(bytes: Option<u64>) -> Self {
        let (bar, template) = match bytes {
            Some(bytes) => (ProgressBar::new(bytes), "{bar:40} {bytes}/{total_bytes} {eta} {msg}"),
            None => (ProgressBar::new_spinner(), "{spinner} {bytes} {msg}"),
        };
        let style = ProgressStyle::with_template(template);
        Self { bar: bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())), started: Instant::now() }
    }

    /// Shows what is done.
    pub fn show(&self, taken: u64, counts: &Counts) {
        let events = counts.total();
        let millis = self.started.elapsed().as_millis().max(1);
        let rate = u64::try_from(u128::from(events) * 1_000 / millis).unwrap_or(u64::MAX);
        let (events, rate, rejected) = (HumanCount(events), HumanCount(rate), HumanCount(counts.rejected));
        self.bar.set_position(taken);
        self.bar.set_message(format!("{events} events, {rate}/s, {rejected} rejected"));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
