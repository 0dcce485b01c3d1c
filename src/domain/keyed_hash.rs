//! Keyed hashes: ids and blocking keys are made with the tenant's own secret, so that the tables betray nothing to a
//! dictionary.

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

    /// A signed 64-bit key of the parts; `purpose` keeps keys of different kinds apart.
    #[must_use]
    pub fn key(&self, purpose: &str, parts: &[&[u8]]) -> i64 {
        short(&self.hash(purpose, parts))
    }

    /// The same of texts.
    #[must_use]
    pub fn key_of_texts(&self, purpose: &str, parts: &[&str]) -> i64 {
        short(&self.hash(purpose, parts))
    }

    /// Each part goes in with its length, so that no two lists of parts look alike. All in one piece, since most are short
    /// and a hasher that takes them one by one is slow to set up.
    fn hash<P: AsRef<[u8]>>(&self, purpose: &str, parts: &[P]) -> blake3::Hash {
        let length: usize = parts.iter().map(|part| LENGTH + part.as_ref().len()).sum();
        let mut text = Vec::with_capacity(LENGTH + purpose.len() + length);
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().map(AsRef::as_ref)) {
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
