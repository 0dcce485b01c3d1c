//! How far an evaluation has come: a bar on stderr where that is a terminal, nothing where it is not.

use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

/// A bar over so many steps, which goes when it is dropped.
#[must_use]
pub fn bar(steps: usize, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:40} {human_pos}/{human_len} {eta}");
    let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX))
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(what)
        .with_finish(ProgressFinish::AndClear);
    bar.tick();
    bar
}
