//! Keyed hashes: ids and blocking keys are made with the tenant's own secret, so that the tables betray nothing to a
//! dictionary. Ids are BLAKE3, wide enough that no two things ever get the same one. Keys are SipHash-1-3, made for short
//! texts and the hash of Rust's own maps: a contact has twenty keys of a few words each.

use siphasher::sip::SipHasher13;
use uuid::Uuid;

/// A tenant's secret for ids and blocking keys: 32 random bytes, made once with the tenant.
#[derive(Clone)]
pub struct IdKey([u8; 32]);

impl IdKey {
    /// Wraps the tenant's 32 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, for the store.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A 128-bit id of the parts; `purpose` keeps ids of different things apart.
    #[must_use]
    pub fn id(&self, purpose: &str, parts: &[&[u8]]) -> Uuid {
        long(&self.hash(purpose, parts))
    }

    /// Both the id and the key of the parts, which are one hash.
    #[must_use]
    pub fn id_and_key(&self, purpose: &str, parts: &[&[u8]]) -> (Uuid, i64) {
        let hash = self.hash(purpose, parts);
        (long(&hash), short(&hash))
    }

    /// A signed 64-bit key of the texts; `purpose`, one letter, keeps keys of different kinds apart. What each text is hashed
    /// by hangs on those before it, so that no two lists of texts look alike; and all are taken in as they lie.
    #[must_use]
    pub fn key(&self, purpose: u8, texts: &[&str]) -> i64 {
        let [one, other] = self.halves();
        let take_in = |before: u64, text: &&str| {
            SipHasher13::new_with_keys(one ^ before, other ^ u64::from(purpose)).hash(text.as_bytes())
        };
        texts.iter().fold(0, take_in).cast_signed()
    }

    /// As much of the secret as `SipHash` takes: its key is 128 bits.
    fn halves(&self) -> [u64; 2] {
        let half = |from: usize| std::array::from_fn(|at| self.0[from + at]);
        [0, 8].map(|from| u64::from_le_bytes(half(from)))
    }

    /// The whole hash of the parts; two of them compare in constant time.
    ///
    /// Each part goes in with its length, so that no two lists of parts look alike. All in one piece, since a hasher that
    /// takes them one by one is slow to set up.
    #[must_use]
    pub fn hash(&self, purpose: &str, parts: &[&[u8]]) -> blake3::Hash {
        let length: usize = parts.iter().map(|part| LENGTH + part.len()).sum();
        let mut text = Vec::with_capacity(LENGTH + purpose.len() + length);
        for part in std::iter::once(&purpose.as_bytes()).chain(parts) {
            text.extend_from_slice(&(part.len() as u64).to_le_bytes());
            text.extend_from_slice(part);
        }
        blake3::keyed_hash(&self.0, &text)
    }
}

/// Bytes of a length.
const LENGTH: usize = size_of::<u64>();

fn long(hash: &blake3::Hash) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    Uuid::from_bytes(bytes)
}

fn short(hash: &blake3::Hash) -> i64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash.as_bytes()[..8]);
    i64::from_le_bytes(bytes)
}

impl std::fmt::Debug for IdKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: IdKey = IdKey::new([7; 32]);

    proptest! {
        #[test]
        fn lists_of_texts_have_one_key_only_where_they_are_the_same(
            one in proptest::collection::vec("[ab]{0,3}", 1..4),
            other in proptest::collection::vec("[ab]{0,3}", 1..4),
        ) {
            let key = |purpose, texts: &[String]| KEY.key(purpose, &texts.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(key(b'a', &one) == key(b'a', &other), one == other);
            prop_assert_ne!(key(b'a', &one), key(b'b', &other));
        }
    }
}
