//! Pages: a list of items, and an opaque cursor to where the next page goes on.

use data_encoding::BASE64URL_NOPAD;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

/// A page of a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The items of this page.
    pub items: Vec<T>,
    /// Give it as `after` to get the next page; null on the last one.
    pub next: Option<String>,
}

/// How many items a page has unless the caller says otherwise.
pub const DEFAULT_LIMIT: u64 = 50;
/// How many items a page may have.
pub const MAX_LIMIT: u64 = 500;

/// Writes a cursor.
pub fn encode<T: Serialize>(place: &T) -> String {
    // Serialising numbers and ids cannot fail.
    BASE64URL_NOPAD.encode(&serde_json::to_vec(place).unwrap_or_default())
}

/// Reads a cursor; none where it is not one of ours.
#[must_use]
pub fn decode<T: DeserializeOwned>(cursor: &str) -> Option<T> {
    serde_json::from_slice(&BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?).ok()
}

impl<T> Page<T> {
    /// A page of at most `limit` items out of one more than that, which tells whether there is a next page.
    pub fn cut<P: Serialize>(mut items: Vec<T>, limit: u64, place: impl Fn(&T) -> P) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| more).map(|last| encode(&place(last)));
        Self { items, next }
    }
}
