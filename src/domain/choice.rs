//! Values chosen by hand: what a steward says that an attribute is. They outrank survivorship until they are withdrawn.

use super::{
    contact::Contact,
    golden::{GoldenRecord, name_of, pointer},
    id::JudgementId,
    normalize::birth_date::{self, BirthDate},
    survivorship::{alone, same_mailbox, same_number},
    validate::{self, ErrorCode},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use std::{borrow::Cow, collections::BTreeMap, fmt, str::FromStr};
use utoipa::ToSchema;

/// The primary mailbox.
pub const EMAIL: &str = "/emails/0";
/// The primary telephone number.
pub const PHONE: &str = "/phones/0";
/// The primary address.
pub const ADDRESS: &str = "/addresses/0";

/// What can be chosen, but for the further attributes.
pub const CHOOSABLE: [&str; 10] = [
    "/name",
    "/given_name",
    "/family_name",
    EMAIL,
    PHONE,
    "/birth_date",
    ADDRESS,
    "/company",
    "/job_title",
    "/language",
];

/// An attribute whose value can be chosen, by its RFC 6901 pointer into the golden record: `/name`, `/emails/0`,
/// `/attributes/occupation`. Consent and traits are not: there the latest word counts, and whoever has it sends it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[schema(value_type = String, example = "/name")]
pub struct Attribute(String);

/// The text names no attribute whose value can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an attribute whose value can be chosen")]
pub struct NotChoosable;

/// An attribute, and the value chosen for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Which attribute, by its pointer into the golden record.
    pub attribute: Attribute,
    /// Its value, as a contact would give it: a text, an address, or a plain value of a further attribute. The primary mailbox
    /// and number are chosen among those that the records give.
    pub value: Value,
}

/// The choices that hold for a person, by the pointers of their attributes, each with the judgement that it is.
pub type Choices = BTreeMap<String, (JudgementId, Value)>;

impl Attribute {
    /// Its pointer.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Attribute {
    type Err = NotChoosable;

    fn from_str(text: &str) -> Result<Self, NotChoosable> {
        let is_further = |name: String| !name.is_empty() && pointer("attributes", &name) == text;
        let known = CHOOSABLE.contains(&text) || name_of(text).is_some_and(is_further);
        if known { Ok(Self(text.to_owned())) } else { Err(NotChoosable) }
    }
}

impl<'de> Deserialize<'de> for Attribute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Choice {
    /// The choice as it is kept: its value is read as one that a record gives, and spelled as golden records spell it.
    ///
    /// # Errors
    /// What is wrong with the value: it is of the wrong kind, blank, too long, or does not read.
    pub fn read(self) -> Result<Self, ErrorCode> {
        if self.value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Err(ErrorCode::Empty);
        }
        let contact = self.contact()?;
        if let Some(mistake) = validate::contact(&contact, "").first() {
            return Err(mistake.code);
        }
        let value = told(&alone(&contact), self.attribute.pointer());
        let is_read = |value: &Value| self.attribute.pointer() != "/birth_date" || value.as_str().is_some_and(is_date);
        Ok(Self { value: value.filter(is_read).ok_or(ErrorCode::InvalidValue)?, ..self })
    }

    /// Whether it can be chosen for a person with these golden records: a mailbox or number must be one of theirs, since it
    /// is found and compared by what records give.
    #[must_use]
    pub fn fits(&self, golden: &[&GoldenRecord]) -> bool {
        let value = self.value.as_str().unwrap_or_default();
        match self.attribute.pointer() {
            EMAIL => golden.iter().flat_map(|it| &it.emails).any(|email| same_mailbox(&email.value, value)),
            PHONE => golden.iter().flat_map(|it| &it.phones).any(|phone| same_number(&phone.written(), value)),
            _ => true,
        }
    }

    /// A contact that gives this value alone.
    fn contact(&self) -> Result<Contact, ErrorCode> {
        let (value, pointer) = (&self.value, self.attribute.pointer());
        let member = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        let given = match name_of(pointer) {
            None => json!({member: value}),
            Some(_) if CHOOSABLE.contains(&pointer) => json!({member: [value]}),
            Some(name) => json!({member: {name: value}}),
        };
        serde_json::from_value(given).map_err(|_| ErrorCode::WrongType)
    }
}

/// What a golden record says of an attribute, as it would be chosen.
#[must_use]
pub fn told(golden: &GoldenRecord, pointer: &str) -> Option<Value> {
    match pointer {
        EMAIL => golden.emails.first().map(|email| email.value.clone().into()),
        PHONE => golden.phones.first().map(|phone| phone.written().into()),
        _ => serde_json::to_value(golden).ok()?.pointer(pointer).cloned(),
    }
}

fn is_date(text: &str) -> bool {
    matches!(birth_date::normalize(text).0, Some(BirthDate::Date { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(attribute: &str, value: Value) -> Choice {
        Choice { attribute: attribute.parse().unwrap(), value }
    }

    #[test]
    fn what_is_chosen_is_kept_as_golden_records_spell_it() {
        let street = json!({"street_address": "1 Mill Lane", "postal_code": "EX4 2AB"});
        for (attribute, value, expected) in [
            ("/name", json!(" Jane  Doe "), Ok(json!("Jane Doe"))),
            ("/given_name", json!("Jane"), Ok(json!("Jane"))),
            ("/family_name", json!("Doe"), Ok(json!("Doe"))),
            ("/emails/0", json!(" Jane@example.com"), Ok(json!("Jane@example.com"))),
            ("/phones/0", json!("+44 20 7946 0958 ext. 7"), Ok(json!("+442079460958 ext. 7"))),
            ("/phones/0", json!({"value": "020 7946 0958", "region": "GB"}), Ok(json!("+442079460958"))),
            ("/birth_date", json!("1990-1-2"), Ok(json!("1990-01-02"))),
            ("/addresses/0", street.clone(), Ok(street)),
            ("/company", json!("Acme"), Ok(json!("Acme"))),
            ("/attributes/shoe~1size", json!(42), Ok(json!(42))),
            ("/name", json!("unknown"), Err(ErrorCode::InvalidValue)),
            ("/name", json!(" "), Err(ErrorCode::Empty)),
            ("/name", json!("x".repeat(1_001)), Err(ErrorCode::TooLong)),
            ("/name", json!(7), Err(ErrorCode::WrongType)),
            ("/name", Value::Null, Err(ErrorCode::InvalidValue)),
            ("/emails/0", json!("nobody"), Err(ErrorCode::InvalidValue)),
            ("/phones/0", json!("020 7946 0958"), Err(ErrorCode::InvalidValue)),
            ("/phones/0", json!({"value": "020 7946 0958", "region": "G"}), Err(ErrorCode::InvalidRegion)),
            ("/birth_date", json!("9 or so"), Err(ErrorCode::InvalidValue)),
            ("/addresses/0", json!("1 Mill Lane"), Err(ErrorCode::WrongType)),
            ("/addresses/0", json!({}), Err(ErrorCode::InvalidValue)),
            ("/attributes/size", json!([1]), Err(ErrorCode::WrongType)),
        ] {
            let read = choice(attribute, value.clone()).read();
            assert_eq!(read.as_ref().map(|choice| &choice.value), expected.as_ref(), "{attribute} {value}");
            if let Ok(read) = read {
                assert_eq!(read.clone().read(), Ok(read));
            }
        }
    }

    #[test]
    fn only_what_can_be_chosen_is_an_attribute() {
        for wrong in [
            "",
            "name",
            "/emails",
            "/emails/1",
            "/consent/email",
            "/traits/plan",
            "/attributes/",
            "/attributes/a/b",
            "/attributes/a~2",
        ] {
            assert_eq!(wrong.parse::<Attribute>(), Err(NotChoosable), "{wrong}");
        }
    }
}
