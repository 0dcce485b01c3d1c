//! Ids: a 128-bit value with a readable prefix (`event_…`, `record_…`, `profile_…`), in the TypeID notation.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, marker::PhantomData, str::FromStr};
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

/// What an id names; gives it its prefix.
pub trait Kind: Copy + Ord + std::hash::Hash {
    /// The part before the underscore.
    const PREFIX: &'static str;
}

/// An id of a given kind: 16 bytes inside, a TypeID such as `record_01h…` (26 base-32 characters) outside.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id<K>(Uuid, PhantomData<K>);

/// Derived from tenant, source and the source's own event id.
pub type EventId = Id<EventKind>;
/// A keyed hash of the record's content.
pub type RecordId = Id<RecordKind>;
/// Given once, time-ordered (UUIDv7), never reused.
pub type ProfileId = Id<ProfileKind>;
/// One run of a bulk import.
pub type RunId = Id<RunKind>;
/// A steward's ruling.
pub type JudgementId = Id<JudgementKind>;
/// What waits for a steward: a keyed hash of what it is about.
pub type ReviewId = Id<ReviewKind>;

/// Marks event ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct EventKind;
/// Marks record ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RecordKind;
/// Marks profile ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ProfileKind;
/// Marks the ids of import runs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RunKind;
/// Marks the ids of judgements.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct JudgementKind;
/// Marks the ids of reviews.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct ReviewKind;

impl Kind for EventKind {
    const PREFIX: &'static str = "event";
}
impl Kind for RecordKind {
    const PREFIX: &'static str = "record";
}
impl Kind for ProfileKind {
    const PREFIX: &'static str = "profile";
}
impl Kind for RunKind {
    const PREFIX: &'static str = "run";
}
impl Kind for JudgementKind {
    const PREFIX: &'static str = "judgement";
}
impl Kind for ReviewKind {
    const PREFIX: &'static str = "review";
}

/// Adapts our kinds to the TypeID crate, which writes and reads the text form.
#[derive(Default)]
struct Notation<K>(PhantomData<K>);

impl<K: Kind + Default> StaticType for Notation<K> {
    const TYPE: &'static str = K::PREFIX;
}

/// The text was not an id of the expected kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id of this kind")]
pub struct InvalidId;

impl<K> Id<K> {
    /// Wraps a stored value.
    #[must_use]
    pub const fn from_uuid(value: Uuid) -> Self {
        Self(value, PhantomData)
    }

    /// The stored value.
    #[must_use]
    pub const fn uuid(&self) -> Uuid {
        self.0
    }
}

impl<K: Kind + Default> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TypeSafeId::<Notation<K>>::from_uuid(self.0).fmt(f)
    }
}

impl<K: Kind + Default> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K: Kind + Default> FromStr for Id<K> {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parsed: TypeSafeId<Notation<K>> = text.parse().map_err(|_| InvalidId)?;
        Ok(Self::from_uuid(parsed.uuid()))
    }
}

impl<K: Kind + Default> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind + Default> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<K: Kind + Default> utoipa::PartialSchema for Id<K> {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX)))
            .into()
    }
}

impl<K: Kind + Default> utoipa::ToSchema for Id<K> {
    fn name() -> std::borrow::Cow<'static, str> {
        let mut name = K::PREFIX.to_owned();
        name[..1].make_ascii_uppercase();
        (name + "Id").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = RecordId::from_uuid(Uuid::from_u128(0xfeed_face_cafe_beef_0123_4567_89ab_cdef));
        let text = id.to_string();
        assert!(text.starts_with("record_7"), "{text}");
        assert_eq!(text.parse(), Ok(id));
        assert_eq!(text.replace("record", "event").parse::<RecordId>(), Err(InvalidId));
    }
}
