//! Windows: how far back a page of a timeline is looked for, first a little, then further, at last everything.
//!
//! A profile's events lie behind its records, each of which is in order of time on its own. Whoever looks back far enough
//! for a page, and not much further, reads little more than the page.

use std::ops::Range;

/// A span of time that holds events, in microseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// When the first of them happened.
    pub first_at: i64,
    /// When the last of them happened.
    pub last_at: i64,
    /// How many there are.
    pub events: u64,
}

/// Each window is so many times as long as the one before.
const GROWTH: i128 = 16;

/// Where windows begin that reach back from the end of what is asked for: so that the first would hold `wanted` events if
/// they lay evenly, and that the last, which is given no beginning, holds everything.
pub fn windows(span: Span, asked: Range<i64>, wanted: u64) -> impl Iterator<Item = Option<i64>> {
    let (first, last) = (i128::from(span.first_at), i128::from(span.last_at));
    let (begin, end) = (first.max(asked.start.into()), i128::from(asked.end).min(last + 1));
    let length = (last + 1 - first) * i128::from(wanted) / i128::from(span.events.max(1));
    let lengths = std::iter::successors(Some(length.max(1)), |length| length.checked_mul(GROWTH));
    let begins = lengths.map(move |length| end - length).take_while(move |place| *place > begin);
    begins.map(|place| i64::try_from(place).ok()).chain([None])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begins(events: u64, end: i64, wanted: u64) -> Vec<Option<i64>> {
        windows(Span { first_at: 0, last_at: 99_999, events }, i64::MIN..end, wanted).collect()
    }

    #[test]
    fn windows_grow_until_they_hold_everything() {
        assert_eq!(begins(100_000, i64::MAX, 50), [Some(99_950), Some(99_200), Some(87_200), None]);
        assert_eq!(begins(1_000, i64::MAX, 50), [Some(95_000), Some(20_000), None]);
        assert_eq!(begins(1_000, 6_000, 50), [Some(1_000), None]);
        let since: Vec<_> =
            windows(Span { first_at: 0, last_at: 99_999, events: 100_000 }, 90_000..95_000, 50).collect();
        assert_eq!(since, [Some(94_950), Some(94_200), None]);
    }

    #[test]
    fn where_there_is_little_all_of_it_is_looked_at_at_once() {
        assert_eq!(begins(50, i64::MAX, 50), [None]);
        assert_eq!(begins(1_000, 5_000, 50), [None]);
        assert_eq!(begins(1_000, -7, 50), [None]);
        for (first_at, last_at, events) in [(0, 0, 0), (5, 5, 1_000), (i64::MIN, i64::MAX, u64::MAX), (7, 3, 10)] {
            let found: Vec<_> = windows(Span { first_at, last_at, events }, i64::MIN..i64::MAX, u64::MAX).collect();
            assert_eq!(found.last(), Some(&None));
            assert!(found.len() < 40);
        }
    }
}
