//! Marks: what a record's events can be filtered by, in 64 bits, so that whoever looks for a rare channel passes over the
//! records that hold none of it.

use super::{contact::Event, id::RecordId};
use serde::{Deserialize, Serialize};
use std::ops::{BitOr, BitOrAssign};

/// Records are in so many groups, each of which marks names in its own way: a profile's records mostly hold the same names,
/// and what seems to be in one of them would else seem to be in all.
const GROUPS: u8 = 8;
/// Names are marked in what the groups leave of 64 bits.
const NAMED: u8 = 64 - GROUPS;

/// A Bloom filter of channels, types and sources: one bit for the record's group, two for each name. It may take in a name
/// that was never there, and never misses one that was. Of the records with eleven names, as is usual, one in ten seems to
/// hold a twelfth.
///
/// The same names make the same marks everywhere and for ever: they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(u64);

/// What events can be filtered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// The channel.
    Channel(&'a str),
    /// The type; of an event without one it is empty, as in the tables.
    Kind(&'a str),
    /// The source.
    Source(&'a str),
}

impl Marks {
    /// What an event tells of its record.
    #[must_use]
    pub fn of(event: &Event, record: RecordId) -> Self {
        let kind = event.kind.as_deref().unwrap_or_default();
        Self::made(record, &[Name::Channel(&event.channel), Name::Kind(kind), Name::Source(&event.source)])
    }

    /// Those of a record with these names.
    #[must_use]
    pub fn made(record: RecordId, names: &[Name<'_>]) -> Self {
        Self::in_group(record.uuid().as_bytes()[15] % GROUPS, names)
    }

    /// What to look for: a record that holds an event of all these names may hold one of these marks, that of its group.
    pub fn wanted(names: &[Name<'_>]) -> impl Iterator<Item = Self> {
        (0..GROUPS).map(|group| Self::in_group(group, names))
    }

    /// Whether something with all of `wanted` may be behind these.
    #[must_use]
    pub const fn may_hold(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }

    /// The bits, for the store.
    #[must_use]
    pub const fn bits(self) -> i64 {
        self.0.cast_signed()
    }

    fn in_group(group: u8, names: &[Name<'_>]) -> Self {
        names.iter().fold(Self(1 << (NAMED + group)), |marks, name| marks | name.marks(group))
    }
}

impl Name<'_> {
    fn marks(self, group: u8) -> Marks {
        let (what, name) = match self {
            Self::Channel(name) => (b'c', name),
            Self::Kind(name) => (b't', name),
            Self::Source(name) => (b's', name),
        };
        let hash = blake3::Hasher::new().update(&[group, what]).update(name.as_bytes()).finalize();
        let [first, second, ..] = *hash.as_bytes();
        Marks(1 << (first % NAMED) | 1 << (second % NAMED))
    }
}

impl BitOr for Marks {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Marks {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};
    use uuid::Uuid;

    fn record(number: u128) -> RecordId {
        RecordId::from_uuid(Uuid::from_u128(number))
    }

    fn found(marks: Marks, names: &[Name<'_>]) -> bool {
        Marks::wanted(names).any(|wanted| marks.may_hold(wanted))
    }

    #[test]
    fn stored_marks_stay_what_they_are() {
        let names = [Name::Channel("email"), Name::Kind("message"), Name::Source("zendesk")];
        assert_eq!(
            [3, 7].map(|number| Marks::made(record(number), &names).0),
            [0x0810_0810_0000_a100, 0x8004_0000_0000_2512]
        );
    }

    #[test]
    fn whatever_is_unknown_most_records_are_passed_over() {
        let known = ["0", "1", "2", "3"].map(|name| [Name::Channel(name), Name::Kind(name), Name::Source(name)]);
        let records: Vec<_> = (0..8).map(|number| Marks::made(record(number), known.as_flattened())).collect();
        let held = |name: &str| records.iter().filter(|marks| found(**marks, &[Name::Channel(name)])).count();
        let held: Vec<_> = (100..1_100).map(|name| held(&name.to_string())).collect();
        assert!(held.iter().sum::<usize>() < 8 * 150, "{held:?}");
        assert!(held.iter().all(|held| *held < 7), "{held:?}");
    }

    proptest! {
        #[test]
        fn what_was_there_is_never_missed(
            number: u128,
            events in vec(("[a-z]{0,4}", "[a-z]{0,4}", "[a-z]{0,4}"), 1..40),
        ) {
            let marks = events.iter().fold(Marks::default(), |marks, (channel, kind, source)| {
                marks | Marks::made(record(number), &[Name::Channel(channel), Name::Kind(kind), Name::Source(source)])
            });
            for (channel, kind, source) in &events {
                prop_assert!(found(marks, &[Name::Channel(channel), Name::Kind(kind), Name::Source(source)]));
                prop_assert!(found(marks, &[Name::Channel(channel)]));
            }
        }
    }
}
