//! Marks: what a record's events can be filtered by, in 64 bits, so that whoever looks for a rare channel passes over the
//! records that hold none of it.

use super::contact::Event;
use serde::{Deserialize, Serialize};
use std::ops::{BitOr, BitOrAssign};

/// A Bloom filter of channels, types and sources: two bits a name. It may take in a name that was never there, and never
/// misses one that was. With the eleven names of a usual record one unknown name in twelve seems to be there.
///
/// The same names make the same marks everywhere and for ever: they are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marks(u64);

impl Marks {
    /// Those of an event: of its channel, its type and its source. No type is the empty type, as in the tables.
    #[must_use]
    pub fn of(event: &Event) -> Self {
        let kind = event.kind.as_deref().unwrap_or_default();
        Self::channel(&event.channel) | Self::kind(kind) | Self::source(&event.source)
    }

    /// Those of a channel.
    #[must_use]
    pub fn channel(name: &str) -> Self {
        Self::name(b'c', name)
    }

    /// Those of a type.
    #[must_use]
    pub fn kind(name: &str) -> Self {
        Self::name(b't', name)
    }

    /// Those of a source.
    #[must_use]
    pub fn source(name: &str) -> Self {
        Self::name(b's', name)
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

    fn name(what: u8, name: &str) -> Self {
        let hash = blake3::Hasher::new().update(&[what]).update(name.as_bytes()).finalize();
        let [first, second, ..] = *hash.as_bytes();
        Self(1 << (first % 64) | 1 << (second % 64))
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
    use proptest::prelude::*;

    #[test]
    fn stored_marks_stay_what_they_are() {
        assert_eq!(Marks::channel("email").bits(), 1 << 13 | 1 << 18);
        let others = Marks::kind("message") | Marks::source("zendesk");
        assert_eq!(others.bits(), 1 << 5 | 1 << 11 | 1 << 17 | 1 << 50);
        assert_ne!(Marks::channel("app"), Marks::source("app"));
    }

    #[test]
    fn most_unknown_names_are_passed_over() {
        let names = |of: &str, many: usize| (0..many).map(|number| format!("{of}{number}")).collect::<Vec<_>>();
        let known = |name: &String| Marks::channel(name) | Marks::kind(name) | Marks::source(name);
        let record = names("known", 4).iter().map(known).fold(Marks::default(), BitOr::bitor);
        let taken_in = names("other", 1_000).iter().filter(|name| record.may_hold(Marks::channel(name))).count();
        assert!(taken_in < 200, "{taken_in}");
    }

    proptest! {
        #[test]
        fn what_was_there_is_never_missed(names in proptest::collection::vec(("[a-z]{0,4}", "[a-z]{0,4}", "[a-z]{0,4}"), 1..40)) {
            let of = |(channel, kind, source): &(String, String, String)| {
                Marks::channel(channel) | Marks::kind(kind) | Marks::source(source)
            };
            let record = names.iter().map(of).fold(Marks::default(), BitOr::bitor);
            for name in &names {
                prop_assert!(record.may_hold(of(name)));
                prop_assert!(record.may_hold(Marks::channel(&name.0)));
            }
        }
    }
}
