//! The event as a channel reports it, and the contact inside it: who it was. The wire format is the domain's own.

use borsh::{BorshDeserialize, BorshSerialize};
use jiff::Timestamp;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Object, OneOfBuilder, RefOr, Schema,
        schema::{ObjectBuilder, Type},
    },
};

/// One contact of a person with the company, immutable. `(source, source_event_id)` names it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The system that sends the event, such as `zendesk`.
    #[schema(min_length = 1, max_length = 100)]
    pub source: String,
    /// The event's id in that system; the same id again is a replay.
    #[schema(min_length = 1, max_length = 200)]
    pub source_event_id: String,
    /// An open list: `email`, `phone`, `sms`, `whatsapp`, `chat`, `web_form`, `social`, `in_store`, `order`, `forum`,
    /// `webinar`, `push`, `app`, `survey`, `crm`, `import`, or one of your own.
    #[schema(min_length = 1, max_length = 100)]
    pub channel: String,
    /// What happened, in the source's words: `message`, `call`, `purchase`…
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who turned to whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// When it happened (RFC 3339).
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// Ties the events of one conversation together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation_id: Option<String>,
    /// Who answered, in the source's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// Who it was.
    #[serde(default, skip_serializing_if = "Contact::is_empty")]
    pub contact: Contact,
    /// What it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// How satisfied they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub satisfaction: Option<Satisfaction>,
    /// Facts about the person that identify nobody: `plan`, `lifetime_value`…
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub traits: BTreeMap<String, Value>,
    /// By purpose or channel: may the company write to them?
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consent: BTreeMap<String, Consent>,
}

/// Who turned to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The customer turned to the company.
    Inbound,
    /// The company turned to the customer.
    Outbound,
}

/// What an event was about.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// A short title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The message itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it can be seen in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The source's labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// A rating: `score` out of `scale`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Satisfaction {
    /// From 0 to `scale`.
    pub score: f64,
    /// The best possible score.
    pub scale: f64,
}

/// Whether the company may write to a person for a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// They agreed.
    Granted,
    /// They took it back, or refused.
    Withdrawn,
}

/// The part of an event that says who it was. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contact {
    /// The full name as one text, in any order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Mailboxes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub emails: Vec<Email>,
    /// Telephone numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub phones: Vec<Phone>,
    /// Accounts on social networks and messengers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub handles: Vec<Handle>,
    /// Ids in other systems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub external_ids: Vec<ExternalId>,
    /// An ISO date, or any text: what does not parse is kept, and compared as digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Postal addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub addresses: Vec<Address>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// What they do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    /// A BCP 47 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// More facts that a model may compare by: `gender`, `occupation`…
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
}

/// How an identifier was learnt, from weak to strong.
#[derive(
    BorshDeserialize,
    BorshSerialize,
    Clone,
    Copy,
    Debug,
    Deserialize,
    Eq,
    Hash,
    Ord,
    PartialEq,
    PartialOrd,
    Serialize,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// Somebody typed it in.
    Claimed,
    /// The channel itself carried it: the caller's number, the sender's mailbox, the signed-in account.
    Observed,
    /// It was proved: a confirmation link, a one-time code.
    Verified,
}

/// A mailbox: a plain string, or an object that says how it was learnt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Email {
    /// As given.
    pub value: String,
    /// How it was learnt; by default what the channel implies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
}

/// A telephone number: a plain string, or an object with its region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Phone {
    /// As given, in any notation.
    pub value: String,
    /// The country (ISO 3166-1 alpha-2) that a national number is of; by default the source's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// How it was learnt; by default what the channel implies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
}

/// An account on a network.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Handle {
    /// `instagram`, `x`, `telegram`…
    pub network: String,
    /// The account's name, `@` or a profile's URL included if you like.
    pub value: String,
    /// How it was learnt; by default what the channel implies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
}

/// A person's id in another system. Only ids of the same namespace are ever compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalId {
    /// The system that gave the id, such as `shopify:main`.
    pub namespace: String,
    /// The id, compared exactly.
    pub value: String,
    /// How it was learnt; by default what the channel implies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assurance: Option<Assurance>,
}

/// A postal address.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Address {
    /// Street and house number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street_address: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2, or a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl Contact {
    /// Whether nothing at all is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads either a plain string or an object, keeping the path to a mistake inside the object.
struct TextOrObject<T> {
    from_text: fn(String) -> T,
    object: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for TextOrObject<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an object")
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok((self.from_text)(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

/// The object form of [`Email`], as derived.
#[derive(Deserialize)]
#[serde(transparent)]
struct EmailObject(#[serde(with = "Email")] Email);

/// The object form of [`Phone`], as derived.
#[derive(Deserialize)]
#[serde(transparent)]
struct PhoneObject(#[serde(with = "Phone")] Phone);

impl<'de> Deserialize<'de> for Email {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let from_text = |value| EmailObject(Self { value, assurance: None });
        deserializer.deserialize_any(TextOrObject { from_text, object: PhantomData }).map(|object| object.0)
    }
}

impl<'de> Deserialize<'de> for Phone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let from_text = |value| PhoneObject(Self { value, region: None, assurance: None });
        deserializer.deserialize_any(TextOrObject { from_text, object: PhantomData }).map(|object| object.0)
    }
}

impl Serialize for Email {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl Serialize for Phone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

/// A string, or an object with a `value` and these further properties.
fn text_or_object(further: Vec<(&str, RefOr<Schema>)>) -> RefOr<Schema> {
    let text: Object = ObjectBuilder::new().schema_type(Type::String).build();
    let mut object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("value", text.clone())
        .required("value")
        .additional_properties(Some(utoipa::openapi::schema::AdditionalProperties::<Schema>::FreeForm(false)));
    for (name, schema) in further {
        object = object.property(name, schema);
    }
    OneOfBuilder::new().item(text).item(object).into()
}

impl PartialSchema for Email {
    fn schema() -> RefOr<Schema> {
        text_or_object(vec![("assurance", Assurance::schema())])
    }
}

impl PartialSchema for Phone {
    fn schema() -> RefOr<Schema> {
        let region = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z]{2}$")).into();
        text_or_object(vec![("region", region), ("assurance", Assurance::schema())])
    }
}

impl ToSchema for Email {
    fn name() -> Cow<'static, str> {
        "Email".into()
    }
}

impl ToSchema for Phone {
    fn name() -> Cow<'static, str> {
        "Phone".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_may_be_a_string_or_an_object() {
        let contact: Contact =
            serde_json::from_str(r#"{"emails":["a@x.org",{"value":"b@x.org","assurance":"claimed"}]}"#).unwrap();
        assert_eq!(contact.emails[0], Email { value: "a@x.org".into(), assurance: None });
        assert_eq!(contact.emails[1].assurance, Some(Assurance::Claimed));
        let again: Contact = serde_json::from_str(&serde_json::to_string(&contact).unwrap()).unwrap();
        assert_eq!(again, contact);
    }

    #[test]
    fn unknown_fields_are_refused_inside_an_identifier() {
        assert!(serde_json::from_str::<Contact>(r#"{"phones":[{"value":"1","regoin":"GB"}]}"#).is_err());
        assert!(serde_json::from_str::<Contact>(r#"{"phones":[12]}"#).is_err());
    }
}
