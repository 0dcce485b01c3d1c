//! All keys of a tenant and the nodes that have them, in little more memory than they take themselves: keys are random, so that
//! the last bits of a key say in which of many short lists it stands. As there come to be more keys one list after the other is
//! parted in two (linear hashing), so that nobody ever waits until all are.

use crate::domain::id::RecordId;
use rustc_hash::FxHashMap;

/// By key the nodes that have it.
#[derive(Default)]
pub struct KeyIndex {
    /// Nodes by their number.
    nodes: Vec<RecordId>,
    /// By the last bits of what stands in them; none yet where nothing does.
    buckets: Vec<Bucket>,
    /// How many keys stand in all buckets, each as often as nodes have it.
    held: usize,
    /// For how many there is room.
    room: usize,
}

/// Keys, each with the number of a node that has it. They stand apart, so that looking for a key reads keys alone.
#[derive(Clone, Default)]
struct Bucket {
    keys: Vec<i64>,
    nodes: Vec<u32>,
}

/// A bucket is looked through from one end to the other: so many keys it may have on average.
const CROWDED: usize = 48;
/// The last bits of a key.
const LAST: u64 = 0xffff_ffff;

impl KeyIndex {
    /// The nodes that have a key.
    pub fn holders(&self, key: i64) -> impl Iterator<Item = RecordId> {
        let pairs =
            self.buckets.get(self.place(key)).into_iter().flat_map(|bucket| bucket.keys.iter().zip(&bucket.nodes));
        pairs.filter(move |(held, _)| **held == key).map(|(_, number)| self.nodes[*number as usize])
    }

    /// Adds a node with its keys.
    pub fn add(&mut self, node: RecordId, keys: impl Iterator<Item = i64>) {
        let number = self.number(node);
        for key in keys {
            self.link(key, number);
        }
    }

    /// About how many bytes it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let pairs = self.room * (size_of::<i64>() + size_of::<u32>());
        pairs + self.buckets.len() * size_of::<Bucket>() + self.nodes.capacity() * size_of::<RecordId>()
    }

    fn number(&mut self, node: RecordId) -> u32 {
        self.nodes.push(node);
        // Four thousand million nodes would not fit any budget.
        u32::try_from(self.nodes.len() - 1).unwrap_or(u32::MAX)
    }

    /// Where a key stands, by as many of its last bits as tell the buckets apart: one more where its bucket is parted already.
    fn place(&self, key: i64) -> usize {
        let whole = self.whole();
        let last = usize::try_from(key.cast_unsigned() & LAST).unwrap_or(0);
        let parted = last & (2 * whole).saturating_sub(1);
        if parted < self.buckets.len() { parted } else { last & whole.saturating_sub(1) }
    }

    /// How many buckets there were when the last round of parting began: the largest power of two.
    fn whole(&self) -> usize {
        self.buckets.len().checked_ilog2().map_or(0, |bits| 1 << bits)
    }

    fn link(&mut self, key: i64, node: u32) {
        if self.held >= CROWDED * self.buckets.len() {
            self.part();
        }
        self.held += 1;
        self.put(key, node);
    }

    fn put(&mut self, key: i64, node: u32) {
        let place = self.place(key);
        self.room += self.buckets[place].put(key, node);
    }

    /// Parts the bucket in two whose turn it is.
    fn part(&mut self) {
        let turn = self.buckets.len() - self.whole();
        let parted = self.buckets.get_mut(turn).map(std::mem::take).unwrap_or_default();
        self.buckets.push(Bucket::default());
        self.room -= parted.keys.capacity();
        parted.keys.into_iter().zip(parted.nodes).for_each(|(key, node)| self.put(key, node));
    }
}

impl Bucket {
    /// Returns for how many more there is room now.
    fn put(&mut self, key: i64, node: u32) -> usize {
        let before = self.keys.capacity();
        if self.keys.len() == before {
            // By a quarter: doubled, a third of all memory would lie idle.
            let more = before / 4 + 4;
            self.keys.reserve_exact(more);
            self.nodes.reserve_exact(more);
        }
        self.keys.push(key);
        self.nodes.push(node);
        self.keys.capacity() - before
    }
}

/// Makes an index of rows of keys and nodes.
#[derive(Default)]
pub struct Builder {
    index: KeyIndex,
    numbers: FxHashMap<RecordId, u32>,
}

impl Builder {
    /// Adds a row.
    pub fn add(&mut self, key: i64, node: RecordId) {
        let index = &mut self.index;
        let number = *self.numbers.entry(node).or_insert_with(|| index.number(node));
        index.link(key, number);
    }

    /// The index of these rows.
    #[must_use]
    pub fn finish(self) -> KeyIndex {
        self.index
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
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
    fn nothing_is_lost_while_it_grows() {
        let random = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).cast_signed();
        let mut index = KeyIndex::default();
        for number in 0..10_000 {
            index.add(node(u128::from(number)), [random(number), random(number / 2)].into_iter());
        }
        for number in 0..10_000 {
            let (own, halves) = (number, [2 * number, 2 * number + 1]);
            let expected: BTreeSet<RecordId> =
                halves.into_iter().filter(|n| *n < 10_000).chain([own]).map(|n| node(n.into())).collect();
            assert_eq!(holders(&index, random(number)).into_iter().collect::<BTreeSet<_>>(), expected);
        }
        // Twelve bytes for a key and its node, a quarter of that as room to grow, and the nodes' ids.
        assert!(index.bytes() < 20_000 * 20 + 16_384 * size_of::<RecordId>(), "{}", index.bytes());
    }

    #[test]
    fn rows_make_the_same_index_as_nodes() {
        let mut builder = Builder::default();
        for (key, of) in [(1, 7), (1, 8), (2, 7)] {
            builder.add(key, node(of));
        }
        let index = builder.finish();
        assert_eq!(holders(&index, 1), [node(7), node(8)]);
        assert_eq!(holders(&index, 2), [node(7)]);
    }
}
