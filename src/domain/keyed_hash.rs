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
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&self.hash(purpose, parts).as_bytes()[..16]);
        Uuid::from_bytes(bytes)
    }

    /// A signed 64-bit key of the parts; `purpose` keeps keys of different kinds apart.
    #[must_use]
    pub fn key(&self, purpose: &str, parts: &[&[u8]]) -> i64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.hash(purpose, parts).as_bytes()[..8]);
        i64::from_le_bytes(bytes)
    }

    /// Each part goes in with its length, so that no two lists of parts look alike.
    fn hash(&self, purpose: &str, parts: &[&[u8]]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize()
    }
}

impl std::fmt::Debug for IdKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdKey(…)")
    }
}
