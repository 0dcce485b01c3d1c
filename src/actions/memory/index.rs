//! All keys of a tenant and the nodes that have them, in as little memory as a hash table takes.

use crate::domain::{
    id::RecordId,
    sharing::{DeadKeys, Death, Shared},
};
use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

/// By key the nodes that have it, and all dead keys.
#[derive(Default)]
pub struct KeyIndex {
    /// Nodes by their number.
    nodes: Vec<RecordId>,
    holders: HashMap<i64, Holders, BuildHasherDefault<Random>>,
    /// Of keys that more than one node has.
    lists: Vec<Vec<u32>>,
    listed: usize,
    dead: DeadKeys,
}

/// The number of the only node; or with the highest bit set that of a list.
#[derive(Clone, Copy)]
struct Holders(u32);

const LIST: u32 = 1 << 31;

/// Keys are random already.
#[derive(Default)]
struct Random(u64);

impl Hasher for Random {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash << 8) | u64::from(*byte));
    }

    fn write_i64(&mut self, key: i64) {
        self.0 = key.cast_unsigned();
    }
}

impl KeyIndex {
    /// The nodes that have a key; none where so many have it that it leads nowhere.
    pub fn holders(&self, key: i64) -> impl Iterator<Item = RecordId> {
        let found = self.holders.get(&key).filter(|_| !self.is_dead_of_many(key));
        let numbers = match found {
            None => &[],
            Some(Holders(list)) if list & LIST != 0 => self.lists[(list & !LIST) as usize].as_slice(),
            Some(Holders(node)) => std::slice::from_ref(node),
        };
        numbers.iter().map(|number| self.nodes[*number as usize])
    }

    fn is_dead_of_many(&self, key: i64) -> bool {
        !self.dead.is_empty() && self.dead.get(&key).is_some_and(|death| death.why == Shared::TooMany)
    }

    /// All dead keys.
    #[must_use]
    pub const fn dead(&self) -> &DeadKeys {
        &self.dead
    }

    /// Adds a node with its keys.
    pub fn add(&mut self, node: RecordId, keys: impl Iterator<Item = i64>) {
        let number = self.number(node);
        for key in keys {
            self.link(key, number);
        }
    }

    /// Notes that a key died, or of what it is dead now.
    pub fn kill(&mut self, key: i64, death: Death) {
        self.dead.insert(key, death);
    }

    /// Notes that a key came back to life.
    pub fn revive(&mut self, key: i64) {
        self.dead.remove(&key);
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        // A table holds 7 entries in 8 places, each with a byte of its own.
        let table = self.holders.capacity() * (size_of::<(i64, Holders)>() + 1) * 8 / 7;
        let lists = self.lists.capacity() * size_of::<Vec<u32>>() + self.listed * 2 * size_of::<u32>();
        table + lists + self.nodes.capacity() * size_of::<RecordId>()
    }

    fn number(&mut self, node: RecordId) -> u32 {
        self.nodes.push(node);
        // Two thousand million nodes would not fit any budget.
        u32::try_from(self.nodes.len() - 1).unwrap_or(LIST - 1)
    }

    fn link(&mut self, key: i64, node: u32) {
        let Some(Holders(known)) = self.holders.get_mut(&key) else {
            self.holders.insert(key, Holders(node));
            return;
        };
        if *known & LIST != 0 {
            self.lists[(*known & !LIST) as usize].push(node);
            self.listed += 1;
        } else {
            self.lists.push(vec![*known, node]);
            self.listed += 2;
            *known = LIST | u32::try_from(self.lists.len() - 1).unwrap_or(LIST - 1);
        }
    }
}

/// Makes an index of rows of keys and nodes.
#[derive(Default)]
pub struct Builder {
    index: KeyIndex,
    numbers: HashMap<RecordId, u32>,
}

impl Builder {
    /// Adds a row.
    pub fn add(&mut self, key: i64, node: RecordId) {
        let index = &mut self.index;
        let number = *self.numbers.entry(node).or_insert_with(|| index.number(node));
        index.link(key, number);
    }

    /// The index of these rows and dead keys.
    #[must_use]
    pub fn finish(self, dead: DeadKeys) -> KeyIndex {
        KeyIndex { dead, ..self.index }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn node(number: u128) -> RecordId {
        RecordId::from_uuid(Uuid::from_u128(number))
    }

    fn holders(index: &KeyIndex, key: i64) -> Vec<RecordId> {
        index.holders(key).collect()
    }

    #[test]
    fn keys_lead_to_all_that_have_them() {
        let mut index = KeyIndex::default();
        index.add(node(1), [10, 20].into_iter());
        index.add(node(2), [20, -30].into_iter());
        index.add(node(3), [20].into_iter());
        assert_eq!(holders(&index, 10), [node(1)]);
        assert_eq!(holders(&index, 20), [node(1), node(2), node(3)]);
        assert_eq!(holders(&index, -30), [node(2)]);
        assert_eq!(holders(&index, 40), []);
        assert!(index.bytes() > 0);
    }

    #[test]
    fn what_too_many_have_leads_nowhere_until_it_is_alive_again() {
        let mut index = KeyIndex::default();
        index.add(node(1), [10].into_iter());
        for (why, expected) in [(Shared::TooMany, vec![]), (Shared::Names, vec![node(1)])] {
            index.kill(10, Death { why, count: 9 });
            assert_eq!(holders(&index, 10), expected);
        }
        index.revive(10);
        assert!(index.dead().is_empty());
    }

    #[test]
    fn rows_make_the_same_index_as_nodes() {
        let mut builder = Builder::default();
        for (key, of) in [(1, 7), (1, 8), (2, 7)] {
            builder.add(key, node(of));
        }
        let index = builder.finish(DeadKeys::default());
        assert_eq!(holders(&index, 1), [node(7), node(8)]);
        assert_eq!(holders(&index, 2), [node(7)]);
    }
}
