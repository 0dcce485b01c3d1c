//! What is remembered of dead keys. There are few of them beside all keys, and large batches ask after many keys: then all dead
//! ones are read at once, and nobody has to be asked any more.

use super::young::Young;
use crate::{
    domain::sharing::{DeadKeys, Shared},
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
        let stored = keys::all_dead(lane, lane.tenant, most + 1).await?;
        if stored.len() > most {
            return Ok(Self::TooMany);
        }
        Ok(Self::All(young.deaths(stored, young.dead.keys().copied())))
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
pub(super) fn leads_nowhere(dead: &DeadKeys, key: i64) -> bool {
    dead.get(&key).is_some_and(|death| death.why == Shared::TooMany)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{actions::memory::Memory, domain::sharing::Death};

    const TOO_MANY: Death = Death { why: Shared::TooMany, count: 9 };

    #[test]
    fn what_too_many_have_leads_nowhere_until_it_is_alive_again() {
        let mut memory = Memory::new(1 << 16);
        memory.dead = Dead::none();
        for (why, expected) in [(Shared::TooMany, true), (Shared::Names, false)] {
            memory.kill_key(10, Death { why, count: 9 });
            assert_eq!(leads_nowhere(memory.all_dead().unwrap(), 10), expected);
        }
        memory.revive_key(10);
        assert!(memory.all_dead().unwrap().is_empty());
    }

    #[test]
    fn what_the_last_batch_did_outranks_the_tables() {
        let mut memory = Memory::new(1 << 16);
        memory.kill_key(1, TOO_MANY);
        memory.revive_key(2);
        let stored: DeadKeys = [(2, TOO_MANY), (3, TOO_MANY)].into_iter().collect();
        let deaths = |keys: &[i64]| {
            let mut dead: Vec<i64> = memory.young.deaths(stored.clone(), keys.iter().copied()).into_keys().collect();
            dead.sort_unstable();
            dead
        };
        assert_eq!(deaths(&[1, 2, 3]), [1, 3]);
        assert_eq!(deaths(&[2, 3]), [3], "nobody asked after the first");
    }
}
