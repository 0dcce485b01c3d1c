//! What an event must hold to beyond its types: nothing blank that names something, lengths, counts, ranges, times.

use super::contact::{Address, Contact, Content, Event, Satisfaction};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Display};
use utoipa::ToSchema;

/// How far ahead of us a source's clock may run.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// Of one kind in one contact.
const MAX_IDENTIFIERS: usize = 20;
const MAX_ATTRIBUTES: usize = 50;
const MAX_TRAITS: usize = 100;
const MAX_CONSENTS: usize = 50;
const MAX_TAGS: usize = 100;
/// Of the names of attributes, traits and consents.
const MAX_KEY: usize = 100;

/// One mistake in a request: where, and which. Never the value itself: it may be personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// An RFC 6901 pointer into the body (empty: all of it), or `?name` for a query parameter. It ends at the parent where
    /// the member's name is not plainly a field name.
    #[schema(example = "/contact/emails/0")]
    pub pointer: String,
    /// What is wrong there.
    pub code: ErrorCode,
}

/// What can be wrong with a field. A closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The body's content encoding or its transfer is broken.
    MalformedEncoding,
    /// Not JSON.
    MalformedJson,
    /// An object names a member twice.
    DuplicateKey,
    /// Half of a UTF-16 surrogate pair.
    LoneSurrogate,
    /// Nested more than 64 levels.
    TooDeep,
    /// U+0000 in a text or a name.
    NulCharacter,
    /// No such field.
    UnknownField,
    /// A required field is absent.
    MissingField,
    /// Another JSON type was expected.
    WrongType,
    /// The right type, but not one of the possible values.
    InvalidValue,
    /// Empty or blank.
    Empty,
    /// Longer than allowed.
    TooLong,
    /// More items than allowed.
    TooMany,
    /// It names what another field names too.
    Overlap,
    /// It names what is not there.
    NotThere,
    /// A number outside its range.
    OutOfRange,
    /// Before 1970, or more than five minutes ahead.
    TimeOutOfRange,
    /// Not two letters.
    InvalidRegion,
    /// This key may not say that.
    NotAllowed,
    /// Another event of this source has this id already.
    EventDiffers,
}

impl FieldError {
    /// A mistake at a place.
    #[must_use]
    pub fn new(pointer: impl Into<String>, code: ErrorCode) -> Self {
        Self { pointer: pointer.into(), code }
    }
}

impl ErrorCode {
    /// Whether the request could not even be read (400), as opposed to read and refused (422).
    #[must_use]
    pub fn is_unreadable(self) -> bool {
        matches!(self, Self::MalformedEncoding | Self::MalformedJson)
    }
}

/// Everything wrong with an event, in the order of its fields.
#[must_use]
pub fn event(event: &Event, now: Timestamp) -> Vec<FieldError> {
    let mut check = Check::default();
    check.name("/source", &event.source, 100);
    check.name("/source_event_id", &event.source_event_id, 200);
    check.name("/channel", &event.channel, 100);
    check.text("/type", event.kind.as_deref(), 200);
    check.time("/occurred_at", event.occurred_at, now);
    check.text("/conversation_id", event.conversation_id.as_deref(), 200);
    check.text("/agent", event.agent.as_deref(), 200);
    check.contact("/contact", &event.contact);
    event.content.iter().for_each(|content| check.content(content));
    event.satisfaction.iter().for_each(|satisfaction| check.satisfaction(*satisfaction));
    check.keys("/traits", &event.traits, MAX_TRAITS);
    check.keys("/consent", &event.consent, MAX_CONSENTS);
    check.0
}

/// Everything wrong with a contact that stands at `pointer` in the request (empty: it is the whole body).
#[must_use]
pub fn contact(contact: &Contact, pointer: &str) -> Vec<FieldError> {
    let mut check = Check::default();
    check.contact(pointer, contact);
    check.0
}

/// The pointer to a member, or to its parent where the name is not plainly a field name: it may be personal data.
#[must_use]
pub fn member(parent: &str, name: &str) -> String {
    if is_plain(name) { format!("{parent}/{name}") } else { parent.to_owned() }
}

/// Whether a name looks like a field's: a letter, then letters, digits, `_` or `-`; at most 64.
#[must_use]
pub fn is_plain(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Collects mistakes. Pointers are written only where there is one.
#[derive(Default)]
struct Check(Vec<FieldError>);

impl Check {
    fn flag(&mut self, pointer: impl Display, code: ErrorCode) {
        self.0.push(FieldError::new(pointer.to_string(), code));
    }

    /// A text that names something.
    fn name(&mut self, pointer: impl Display, text: &str, max: usize) {
        if text.trim().is_empty() {
            self.flag(pointer, ErrorCode::Empty);
        } else {
            self.text(pointer, Some(text), max);
        }
    }

    /// A text of at most `max` characters.
    fn text(&mut self, pointer: impl Display, text: Option<&str>, max: usize) {
        // Bytes are at least as many as characters and cheaper to count.
        if text.is_some_and(|text| text.len() > max && text.chars().count() > max) {
            self.flag(pointer, ErrorCode::TooLong);
        }
    }

    fn count(&mut self, pointer: impl Display, count: usize, max: usize) {
        if count > max {
            self.flag(pointer, ErrorCode::TooMany);
        }
    }

    fn time(&mut self, pointer: &str, at: Timestamp, now: Timestamp) {
        let latest = now.saturating_add(CLOCK_SKEW).unwrap_or(Timestamp::MAX);
        if at < Timestamp::UNIX_EPOCH || at > latest {
            self.flag(pointer, ErrorCode::TimeOutOfRange);
        }
    }

    /// An open map's size and the length of its names.
    fn keys<T>(&mut self, pointer: impl Display, map: &BTreeMap<String, T>, max: usize) {
        self.count(&pointer, map.len(), max);
        for key in map.keys() {
            self.name(&pointer, key, MAX_KEY);
        }
    }

    fn contact(&mut self, at: &str, contact: &Contact) {
        self.text(format_args!("{at}/name"), contact.name.as_deref(), 1_000);
        self.text(format_args!("{at}/given_name"), contact.given_name.as_deref(), 1_000);
        self.text(format_args!("{at}/family_name"), contact.family_name.as_deref(), 1_000);
        self.emails_and_phones(at, contact);
        self.handles_and_ids(at, contact);
        self.text(format_args!("{at}/birth_date"), contact.birth_date.as_deref(), 100);
        self.count(format_args!("{at}/addresses"), contact.addresses.len(), MAX_IDENTIFIERS);
        for (i, address) in contact.addresses.iter().enumerate() {
            self.address(&format!("{at}/addresses/{i}"), address);
        }
        self.text(format_args!("{at}/company"), contact.company.as_deref(), 500);
        self.text(format_args!("{at}/job_title"), contact.job_title.as_deref(), 500);
        self.text(format_args!("{at}/language"), contact.language.as_deref(), 100);
        self.attributes(&format!("{at}/attributes"), &contact.attributes);
    }

    /// Either may be a plain string, so a pointer to `value` could miss: it points to the identifier.
    fn emails_and_phones(&mut self, at: &str, contact: &Contact) {
        self.count(format_args!("{at}/emails"), contact.emails.len(), MAX_IDENTIFIERS);
        for (i, email) in contact.emails.iter().enumerate() {
            self.text(format_args!("{at}/emails/{i}"), Some(&email.value), 320);
        }
        self.count(format_args!("{at}/phones"), contact.phones.len(), MAX_IDENTIFIERS);
        for (i, phone) in contact.phones.iter().enumerate() {
            self.text(format_args!("{at}/phones/{i}"), Some(&phone.value), 100);
            if phone.region.as_deref().is_some_and(|region| !is_region(region)) {
                self.flag(format_args!("{at}/phones/{i}/region"), ErrorCode::InvalidRegion);
            }
        }
    }

    fn handles_and_ids(&mut self, at: &str, contact: &Contact) {
        self.count(format_args!("{at}/handles"), contact.handles.len(), MAX_IDENTIFIERS);
        for (i, handle) in contact.handles.iter().enumerate() {
            self.name(format_args!("{at}/handles/{i}/network"), &handle.network, 100);
            self.text(format_args!("{at}/handles/{i}/value"), Some(&handle.value), 300);
        }
        self.count(format_args!("{at}/external_ids"), contact.external_ids.len(), MAX_IDENTIFIERS);
        for (i, id) in contact.external_ids.iter().enumerate() {
            self.name(format_args!("{at}/external_ids/{i}/namespace"), &id.namespace, 100);
            self.text(format_args!("{at}/external_ids/{i}/value"), Some(&id.value), 300);
        }
    }

    fn address(&mut self, at: &str, address: &Address) {
        self.text(format_args!("{at}/street_address"), address.street_address.as_deref(), 500);
        self.text(format_args!("{at}/locality"), address.locality.as_deref(), 500);
        self.text(format_args!("{at}/region"), address.region.as_deref(), 500);
        self.text(format_args!("{at}/postal_code"), address.postal_code.as_deref(), 500);
        self.text(format_args!("{at}/country"), address.country.as_deref(), 500);
    }

    /// Attributes are compared, so they are single values: no lists, no objects.
    fn attributes(&mut self, at: &str, attributes: &BTreeMap<String, Value>) {
        self.keys(at, attributes, MAX_ATTRIBUTES);
        for (name, value) in attributes {
            match value {
                Value::Array(_) | Value::Object(_) => self.flag(member(at, name), ErrorCode::WrongType),
                Value::String(text) => self.text(member(at, name), Some(text), 1_000),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
    }

    fn content(&mut self, content: &Content) {
        self.text("/content/subject", content.subject.as_deref(), 2_000);
        self.text("/content/text", content.text.as_deref(), 500_000);
        self.text("/content/url", content.url.as_deref(), 2_000);
        self.count("/content/tags", content.tags.len(), MAX_TAGS);
        for (i, tag) in content.tags.iter().enumerate() {
            self.text(format_args!("/content/tags/{i}"), Some(tag), 100);
        }
    }

    fn satisfaction(&mut self, Satisfaction { score, scale }: Satisfaction) {
        if !scale.is_finite() || scale <= 0.0 {
            self.flag("/satisfaction/scale", ErrorCode::OutOfRange);
        } else if !(0.0..=scale).contains(&score) {
            self.flag("/satisfaction/score", ErrorCode::OutOfRange);
        }
    }
}

/// Two letters, as in ISO 3166-1 alpha-2; whether the country exists is for the phone library to say.
fn is_region(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: &str = "2026-06-01T12:00:00Z";

    /// A good event with one member put at a pointer's place.
    fn event_with(pointer: &str, value: Value) -> Event {
        let mut event = json!({"source": "zendesk", "source_event_id": "1", "channel": "email",
            "occurred_at": "2026-01-01T00:00:00Z", "contact": {"handles": [{"network": "x", "value": "@j"}],
            "external_ids": [{"namespace": "crm", "value": "1"}], "phones": [{"value": "1"}], "addresses": [{}],
            "attributes": {}}, "content": {}, "satisfaction": {"score": 4, "scale": 5}, "traits": {}, "consent": {}});
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        event.pointer_mut(parent).unwrap()[name] = value;
        serde_json::from_value(event).unwrap()
    }

    fn found(pointer: &str, value: Value) -> Vec<(String, ErrorCode)> {
        let errors = event(&event_with(pointer, value), NOW.parse().unwrap());
        errors.into_iter().map(|e| (e.pointer, e.code)).collect()
    }

    #[test]
    fn texts_may_be_as_long_as_said_in_characters_and_no_longer() {
        let limits = [
            ("/source", 100),
            ("/source_event_id", 200),
            ("/channel", 100),
            ("/type", 200),
            ("/conversation_id", 200),
            ("/agent", 200),
            ("/contact/name", 1_000),
            ("/contact/given_name", 1_000),
            ("/contact/family_name", 1_000),
            ("/contact/birth_date", 100),
            ("/contact/company", 500),
            ("/contact/job_title", 500),
            ("/contact/language", 100),
            ("/contact/handles/0/network", 100),
            ("/contact/handles/0/value", 300),
            ("/contact/external_ids/0/namespace", 100),
            ("/contact/external_ids/0/value", 300),
            ("/contact/addresses/0/street_address", 500),
            ("/contact/addresses/0/locality", 500),
            ("/contact/addresses/0/region", 500),
            ("/contact/addresses/0/postal_code", 500),
            ("/contact/addresses/0/country", 500),
            ("/contact/attributes/occupation", 1_000),
            ("/content/subject", 2_000),
            ("/content/text", 500_000),
            ("/content/url", 2_000),
        ];
        for (pointer, max) in limits {
            assert_eq!(found(pointer, json!("ü".repeat(max))), [], "{pointer}");
            let too_long = [(pointer.to_owned(), ErrorCode::TooLong)];
            assert_eq!(found(pointer, json!("ü".repeat(max + 1))), too_long, "{pointer}");
        }
    }

    #[test]
    fn every_mistake_has_its_place_and_code() {
        let long = |length: usize| "a".repeat(length);
        let named = |count: usize| (0..count).map(|i| (format!("k{i}"), json!(1))).collect::<Value>();
        let granted = |count: usize| (0..count).map(|i| (format!("k{i}"), json!("granted"))).collect::<Value>();
        let cases = [
            ("/source", json!(" "), "/source", ErrorCode::Empty),
            ("/source_event_id", json!(""), "/source_event_id", ErrorCode::Empty),
            ("/channel", json!("\t"), "/channel", ErrorCode::Empty),
            ("/occurred_at", json!("1969-12-31T23:59:59Z"), "/occurred_at", ErrorCode::TimeOutOfRange),
            ("/occurred_at", json!("2026-06-01T12:05:01Z"), "/occurred_at", ErrorCode::TimeOutOfRange),
            ("/contact/emails", json!([long(321)]), "/contact/emails/0", ErrorCode::TooLong),
            ("/contact/emails", json!([{"value": long(321)}]), "/contact/emails/0", ErrorCode::TooLong),
            ("/contact/emails", json!(vec!["a"; 21]), "/contact/emails", ErrorCode::TooMany),
            ("/contact/phones", json!(["1", long(101)]), "/contact/phones/1", ErrorCode::TooLong),
            ("/contact/phones", json!(vec!["1"; 21]), "/contact/phones", ErrorCode::TooMany),
            ("/contact/phones/0/region", json!("GBR"), "/contact/phones/0/region", ErrorCode::InvalidRegion),
            ("/contact/phones/0/region", json!("ä"), "/contact/phones/0/region", ErrorCode::InvalidRegion),
            ("/contact/handles/0/network", json!(""), "/contact/handles/0/network", ErrorCode::Empty),
            ("/contact/external_ids/0/namespace", json!(" "), "/contact/external_ids/0/namespace", ErrorCode::Empty),
            ("/contact/addresses", json!(vec![json!({}); 21]), "/contact/addresses", ErrorCode::TooMany),
            ("/contact/attributes/size", json!([1]), "/contact/attributes/size", ErrorCode::WrongType),
            ("/contact/attributes/jane@x", json!({}), "/contact/attributes", ErrorCode::WrongType),
            ("/contact/attributes", named(51), "/contact/attributes", ErrorCode::TooMany),
            ("/content/tags", json!(vec!["a"; 101]), "/content/tags", ErrorCode::TooMany),
            ("/content/tags", json!([long(101)]), "/content/tags/0", ErrorCode::TooLong),
            ("/satisfaction/score", json!(5.1), "/satisfaction/score", ErrorCode::OutOfRange),
            ("/satisfaction/score", json!(-0.1), "/satisfaction/score", ErrorCode::OutOfRange),
            ("/satisfaction/scale", json!(0), "/satisfaction/scale", ErrorCode::OutOfRange),
            ("/traits", named(101), "/traits", ErrorCode::TooMany),
            ("/traits", json!({ long(101): 1 }), "/traits", ErrorCode::TooLong),
            ("/consent", granted(51), "/consent", ErrorCode::TooMany),
        ];
        for (place, value, pointer, code) in cases {
            assert_eq!(found(place, value), [(pointer.to_owned(), code)], "{place}");
        }
    }

    #[test]
    fn what_is_at_the_edge_passes() {
        let cases = [
            ("/occurred_at", json!("1970-01-01T00:00:00Z")),
            ("/occurred_at", json!("2026-06-01T12:05:00Z")),
            ("/contact/emails", json!(vec![""; 20])),
            ("/contact/phones/0/region", json!("gb")),
            ("/contact/attributes/size", json!(null)),
            ("/satisfaction/score", json!(0)),
            ("/satisfaction/score", json!(5)),
            ("/traits/nested", json!({"deep": [{"er": 1}]})),
        ];
        for (place, value) in cases {
            assert_eq!(found(place, value), [], "{place}");
        }
    }

    #[test]
    fn all_mistakes_come_in_the_order_of_the_fields() {
        let mut event = event_with("/contact/emails", json!(["a".repeat(321)]));
        event.source.clear();
        event.traits.insert(String::new(), json!(1));
        let pointers: Vec<_> = super::event(&event, NOW.parse().unwrap()).into_iter().map(|e| e.pointer).collect();
        assert_eq!(pointers, ["/source", "/contact/emails/0", "/traits"]);
    }

    #[test]
    fn a_contact_on_its_own_is_checked_alike() {
        let mut given = Contact { name: Some("a".repeat(1_001)), ..Contact::default() };
        assert_eq!(contact(&given, ""), [FieldError::new("/name", ErrorCode::TooLong)]);
        assert_eq!(contact(&given, "/contact"), [FieldError::new("/contact/name", ErrorCode::TooLong)]);
        given.name = None;
        assert_eq!(contact(&given, ""), []);
    }

    #[test]
    fn only_plain_names_are_pointed_to() {
        let long = "a".repeat(65);
        for (name, plain) in [("a", true), ("a-b_9", true), ("9a", false), ("", false), ("a@b", false), (&long, false)]
        {
            assert_eq!(is_plain(name), plain, "{name}");
        }
    }
}
