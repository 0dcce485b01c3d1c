//! Chance that comes out the same each time.

/// A stream of random numbers (`SplitMix64`, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The same purpose and number give the same stream.
    pub fn of(purpose: &str, number: u64) -> Self {
        let mixed = purpose.bytes().fold(number, |state, byte| Self(state ^ u64::from(byte)).next());
        Self(mixed)
    }

    /// Any 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Any 64 bits, as a signed number.
    pub fn signed(&mut self) -> i64 {
        i64::from_ne_bytes(self.next().to_ne_bytes())
    }

    /// From 0 up to and without `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// True so many times in a thousand.
    pub fn per_mille(&mut self, times: u64) -> bool {
        self.below(1_000) < times
    }

    /// One of these, each as likely.
    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.index(from.len())]
    }

    /// One of these, the first ones more likely: the tenth of them that stands in front is met in a third of the cases.
    pub fn pick_skewed<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        let within = self.index(from.len()) + 1;
        from[self.index(within)]
    }

    /// The place of one of these weights, by weight.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut rest = self.below(weights.clone().sum());
        for (place, weight) in weights.enumerate() {
            match rest.checked_sub(weight) {
                Some(less) => rest = less,
                None => return place,
            }
        }
        0
    }

    /// So many decimal digits.
    pub fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap_or(0))).collect()
    }

    fn index(&mut self, length: usize) -> usize {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.below(length)).unwrap_or(0)
    }
}
