//! Work on all cores at once, where there is enough of it. What comes out is what comes of doing one thing after the other.

use rayon::prelude::*;

/// Waking other cores up costs about as much as a few dozen comparisons, and takes them from whoever else needs them: a batch of a
/// dozen events is done sooner by itself.
const WORTHWHILE: usize = 256;

/// What comes of each, in their order.
pub fn map<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Send + Sync) -> Vec<R> {
    if items.len() < WORTHWHILE { items.iter().map(work).collect() } else { items.par_iter().map(work).collect() }
}

/// Frees something of so many parts, where they are many while others go on.
pub fn put_away<T: Send + 'static>(parts: usize, it: T) {
    if parts >= WORTHWHILE {
        rayon::spawn(move || drop(it));
    }
}
