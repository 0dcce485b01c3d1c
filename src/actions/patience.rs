//! Patience: how those who write for long share the lane with whoever else writes.

use crate::store::StoreError;
use std::time::Duration;
use tokio::time::sleep;

/// How long the lane is left alone so that another writer surely gets it: SQLite's look again every 100 ms.
pub const TURN: Duration = Duration::from_millis(110);
/// How often a write is tried while others keep the lane; each time it waits there for seconds.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);

/// With a write that is tried again while the lane is taken, a bounded number of times.
#[derive(Default)]
pub struct Patience(u32);

impl Patience {
    /// Waits where the lane is taken.
    ///
    /// # Errors
    /// The error, where it is another one, or the lane stayed taken for too long.
    pub async fn bear(&mut self, error: StoreError) -> Result<(), StoreError> {
        self.0 += 1;
        if !matches!(error, StoreError::Busy) || self.0 >= TRIES {
            return Err(error);
        }
        sleep(PAUSE).await;
        Ok(())
    }
}
