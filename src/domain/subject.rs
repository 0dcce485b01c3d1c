//! Subjects: what a caller may speak of by an id, a record or a profile.

use super::id::{InvalidId, ProfileId, RecordId};
use serde::{Deserialize, Deserializer};
use std::{borrow::Cow, str::FromStr};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema, schema::OneOfBuilder},
};

/// A record, or a profile for all the records that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A record.
    Record(RecordId),
    /// A profile: all its records.
    Profile(ProfileId),
}

impl FromStr for Subject {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        text.parse().map(Self::Record).or_else(|_| text.parse().map(Self::Profile))
    }
}

impl<'de> Deserialize<'de> for Subject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Subject {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .description(Some("A record's or a profile's id."))
            .item(RecordId::schema())
            .item(ProfileId::schema())
            .into()
    }
}

impl ToSchema for Subject {}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_subject_is_what_its_prefix_says() {
        let (record, profile) = (RecordId::from_uuid(Uuid::from_u128(1)), ProfileId::from_uuid(Uuid::from_u128(1)));
        assert_eq!(record.to_string().parse(), Ok(Subject::Record(record)));
        assert_eq!(serde_json::from_str::<Subject>(&format!("\"{profile}\"")).unwrap(), Subject::Profile(profile));
        assert!("event_01m80et9pjef4vh9bb6tmevmkk".parse::<Subject>().is_err());
    }
}
