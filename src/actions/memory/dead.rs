//! What is remembered of dead keys. There are few of them beside all keys, and large batches ask after many keys: then all dead
//! ones are read at once, and nobody has to be asked any more.

use super::young::Young;
use crate::{
    domain::sharing::{DeadKeys, Death, Shared},
    store::{StoreError, keys, lane::Lane},
};

/// Once so many keys were asked after, reading all dead ones takes about as long.
const WORTHWHILE: usize = 1_000;
/// What a dead key takes with its place in a table, in bytes.
const EACH: usize = 40;

/// What is known of dead keys.
pub(super) enum Dead {
    /// After so many keys the tables were asked.
    Asked(usize),
    /// All of them, those included that are about to be written.
    All(DeadKeys),
    /// There are more than are remembered.
    TooMany,
}

impl Dead {
    /// Nothing is dead where nothing is stored.
    pub fn none() -> Self {
        Self::All(DeadKeys::default())
    }

    /// Notes that so many keys are asked after, and reads all dead ones where that pays, as long as they take no more than so many
    /// bytes. The tables may not know yet what the last batch did.
    ///
    /// # Errors
    /// What the database says.
    pub async fn ask(&mut self, keys: usize, lane: &Lane, young: &Young, bytes: usize) -> Result<(), StoreError> {
        let Self::Asked(before) = self else { return Ok(()) };
        *before = before.saturating_add(keys);
        if *before >= WORTHWHILE {
            *self = Self::read(lane, young, bytes).await?;
        }
        Ok(())
    }

    /// All dead keys, as long as they take no more than so many bytes.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read(lane: &Lane, young: &Young, bytes: usize) -> Result<Self, StoreError> {
        let most = bytes / EACH;
        let mut dead = keys::all_dead(lane, lane.tenant, most + 1).await?;
        if dead.len() > most {
            return Ok(Self::TooMany);
        }
        dead.retain(|key, _| !young.revived.contains(key));
        dead.extend(&young.dead);
        Ok(Self::All(dead))
    }

    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        self.all().map_or(0, |dead| dead.len() * EACH)
    }

    /// All dead keys, where they are known.
    pub const fn all(&self) -> Option<&DeadKeys> {
        if let Self::All(dead) = self { Some(dead) } else { None }
    }

    /// All dead keys, where they are known.
    pub const fn all_mut(&mut self) -> Option<&mut DeadKeys> {
        if let Self::All(dead) = self { Some(dead) } else { None }
    }
}

/// Whether a key leads to nobody, as too many have it.
pub(super) fn leads_nowhere(death: Option<&Death>) -> bool {
    death.is_some_and(|death| death.why == Shared::TooMany)
}
