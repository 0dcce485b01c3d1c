//! Keyed hashes: ids and blocking keys are made with the tenant's own secret, so that the tables betray nothing to a
//! dictionary. Ids are BLAKE3, wide enough that no two things ever get the same one. Keys are SipHash-2-4, made for short
//! texts: a contact has twenty keys of a few words each.

use siphasher::sip::SipHasher24;
use std::hash::Hasher;
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

    /// A signed 64-bit key of the texts; `purpose`, one letter, keeps keys of different kinds apart. Each text goes in with
    /// a byte after it that none can hold, so that no two lists of texts look alike.
    #[must_use]
    pub fn key(&self, purpose: u8, texts: &[&str]) -> i64 {
        let mut hasher = SipHasher24::new_with_key(&self.half());
        hasher.write_u8(purpose);
        for text in texts {
            hasher.write(text.as_bytes());
            hasher.write_u8(END_OF_TEXT);
        }
        hasher.finish().cast_signed()
    }

    /// As much of the secret as `SipHash` takes: its key is 128 bits.
    fn half(&self) -> [u8; 16] {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0[..16]);
        half
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

/// No text in UTF-8 holds this byte.
const END_OF_TEXT: u8 = 0xff;

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
