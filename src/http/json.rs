//! JSON, read strictly, with mistakes by place and code, never by value.

use crate::domain::validate::{ErrorCode, FieldError, member};
use serde::{
    Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};
use std::{borrow::Cow, collections::HashSet, fmt};

/// Objects and lists within each other.
const MAX_DEPTH: usize = 64;

/// Reads JSON strictly: as a `T`, with objects where `T` has structs (serde would take lists too), without duplicate keys,
/// U+0000 or lone surrogates, at most 64 levels deep.
///
/// # Errors
/// What is wrong and where; never a value.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Vec<FieldError>> {
    let mut place = Place::default();
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let read = T::deserialize(Strict { inner: &mut json, place: &mut place });
    read.and_then(|value| json.end().map(|()| value)).map_err(|error| vec![mistake(bytes, &place, &error)])
}

/// What stopped the reading. A value of the wrong kind in what is not even JSON further on counts as not JSON.
fn mistake(bytes: &[u8], place: &Place<'_>, error: &serde_json::Error) -> FieldError {
    if let Some(code) = place.fault {
        return FieldError::new(place.pointer(), code);
    }
    if error.is_data() {
        let malformed = parse::<IgnoredAny>(bytes).err().and_then(|errors| errors.into_iter().next());
        let malformed = malformed.filter(|error| error.code.is_unreadable());
        return malformed.unwrap_or_else(|| misfit(&place.pointer(), &error.to_string()));
    }
    if has_lone_surrogate(until(bytes, error)) {
        return FieldError::new(place.pointer(), ErrorCode::LoneSurrogate);
    }
    FieldError::new("", ErrorCode::MalformedJson)
}

/// Over what serde stumbled. Its message may hold input values, so only its fixed beginning is looked at, and the names of
/// missing and doubled fields, which are our own.
pub(super) fn misfit(pointer: &str, message: &str) -> FieldError {
    let ours = |rest: &str| member(pointer, rest.split('`').next().unwrap_or_default());
    if let Some(rest) = message.strip_prefix("missing field `") {
        FieldError::new(ours(rest), ErrorCode::MissingField)
    } else if let Some(rest) = message.strip_prefix("duplicate field `") {
        FieldError::new(ours(rest), ErrorCode::DuplicateKey)
    } else if message.starts_with("unknown field") {
        FieldError::new(pointer, ErrorCode::UnknownField)
    } else if message.starts_with("invalid type") {
        FieldError::new(pointer, ErrorCode::WrongType)
    } else {
        FieldError::new(pointer, ErrorCode::InvalidValue)
    }
}

/// Where the reading stands, and what it found. An error leaves the path as it is, so that it points to the mistake.
#[derive(Default)]
struct Place<'de> {
    path: Vec<Step<'de>>,
    fault: Option<ErrorCode>,
}

enum Step<'de> {
    Index(usize),
    Member(Cow<'de, str>),
}

impl<'de> Place<'de> {
    fn fault<E: de::Error>(&mut self, code: ErrorCode) -> E {
        self.fault = Some(code);
        E::custom("fault")
    }

    fn deeper<E: de::Error>(&mut self) -> Result<(), E> {
        if self.path.len() < MAX_DEPTH { Ok(()) } else { Err(self.fault(ErrorCode::TooDeep)) }
    }

    fn text<E: de::Error>(&mut self, text: &str) -> Result<(), E> {
        if text.contains('\0') { Err(self.fault(ErrorCode::NulCharacter)) } else { Ok(()) }
    }

    /// Steps into a member.
    fn enter<E: de::Error>(&mut self, name: Cow<'de, str>, seen: &mut HashSet<Cow<'de, str>>) -> Result<(), E> {
        self.text(&name)?;
        self.path.push(Step::Member(name.clone()));
        if seen.insert(name) { Ok(()) } else { Err(self.fault(ErrorCode::DuplicateKey)) }
    }

    /// Ends before the first name that is not plainly a field's.
    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.path {
            let longer = match step {
                Step::Index(index) => format!("{pointer}/{index}"),
                Step::Member(name) => member(&pointer, name),
            };
            if longer == pointer {
                break;
            }
            pointer = longer;
        }
        pointer
    }
}

/// Wraps serde's reading of one value (a deserializer, a visitor, a list, an object, a seed) to watch what passes.
struct Strict<'s, 'de, T> {
    inner: T,
    place: &'s mut Place<'de>,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Strict<'_, 'de, D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_any(Strict { inner: visitor, place: self.place })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_option(Strict { inner: visitor, place: self.place })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_map(Strict { inner: visitor, place: self.place })
    }

    /// Plain enums only. One with data inside its variants would pass unwatched: give it a `tag`.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_str(Variant(visitor))
    }

    // JSON says itself what comes.
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Strict<'_, 'de, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Strict { inner, place: self.place })
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<V::Value, E> {
        self.inner.visit_bool(value)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<V::Value, E> {
        self.inner.visit_i64(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<V::Value, E> {
        self.inner.visit_u64(value)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<V::Value, E> {
        self.inner.visit_f64(value)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<V::Value, E> {
        self.place.text(text)?;
        self.inner.visit_str(text)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<V::Value, E> {
        self.place.text(text)?;
        self.inner.visit_borrowed_str(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.place.deeper()?;
        self.inner.visit_seq(List { inner, index: 0, place: self.place })
    }

    fn visit_map<A: MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.place.deeper()?;
        self.inner.visit_map(Object { inner, seen: HashSet::new(), place: self.place })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Strict<'_, 'de, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Strict { inner, place: self.place })
    }
}

struct List<'s, 'de, A> {
    inner: A,
    index: usize,
    place: &'s mut Place<'de>,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for List<'_, 'de, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.place.path.push(Step::Index(self.index));
        let item = self.inner.next_element_seed(Strict { inner: seed, place: self.place })?;
        self.place.path.pop();
        self.index += 1;
        Ok(item)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

struct Object<'s, 'de, A> {
    inner: A,
    seen: HashSet<Cow<'de, str>>,
    place: &'s mut Place<'de>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Object<'_, 'de, A> {
    type Error = A::Error;

    /// The path keeps the name until its value is read.
    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Some(name) = self.inner.next_key_seed(Name)? else { return Ok(None) };
        self.place.enter(name.clone(), &mut self.seen)?;
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let value = self.inner.next_value_seed(Strict { inner: seed, place: self.place })?;
        self.place.path.pop();
        Ok(value)
    }
}

/// Reads an enum's variant from a text; objects would do for serde.
struct Variant<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Variant<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<V::Value, E> {
        self.0.visit_enum(text.into_deserializer())
    }
}

/// Reads a member's name, borrowed where it holds no escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// What the parser had read when it gave up. Its columns count bytes.
fn until<'a>(bytes: &'a [u8], error: &serde_json::Error) -> &'a [u8] {
    let lines = bytes.split_inclusive(|byte| *byte == b'\n').take(error.line().saturating_sub(1));
    let end = lines.map(<[u8]>::len).sum::<usize>() + error.column();
    bytes.get(..end).unwrap_or(bytes)
}

/// Whether an escape names half of a surrogate pair.
fn has_lone_surrogate(mut json: &[u8]) -> bool {
    while let Some(at) = json.iter().position(|byte| *byte == b'\\') {
        json = &json[at..];
        let length = match (escaped_unit(json), json.get(6..).and_then(escaped_unit)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => return true,
            _ => 2,
        };
        json = json.get(length..).unwrap_or_default();
    }
    false
}

/// The UTF-16 unit that a `\u` escape at the start names.
fn escaped_unit(json: &[u8]) -> Option<u16> {
    let digits = json.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::contact::{Contact, Event};
    use serde_json::Value;

    const MARKER: &str = "jane@secret.example";

    fn found<T: DeserializeOwned>(json: &str) -> Vec<(String, ErrorCode)> {
        let errors = parse::<T>(json.as_bytes()).err().unwrap_or_default();
        let text = serde_json::to_string(&errors).unwrap();
        assert!(!text.contains(MARKER) && !text.contains("secret"), "{json} echoes in {text}");
        errors.into_iter().map(|error| (error.pointer, error.code)).collect()
    }

    #[test]
    fn what_serde_lets_pass_is_refused() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        let cases = [
            ("", "", ErrorCode::MalformedJson),
            ("{", "", ErrorCode::MalformedJson),
            ("[1,]", "", ErrorCode::MalformedJson),
            ("1 2", "", ErrorCode::MalformedJson),
            ("\u{feff}{}", "", ErrorCode::MalformedJson),
            (r#"{"a":"jane@secret.example"#, "", ErrorCode::MalformedJson),
            (r#"{"a":1,"a":2}"#, "/a", ErrorCode::DuplicateKey),
            (r#"{"a":1,"\u0061":2}"#, "/a", ErrorCode::DuplicateKey),
            (r#"{"x":[{"jane@secret.example":1,"jane@secret.example":2}]}"#, "/x/0", ErrorCode::DuplicateKey),
            (r#"{"x":[0,{"y":{"b":1,"c":2,"b":3}}]}"#, "/x/1/y/b", ErrorCode::DuplicateKey),
            (r#"{"x":["a","jane@secret.example\u0000"]}"#, "/x/1", ErrorCode::NulCharacter),
            (r#"{"x":{"jane@secret.example\u0000":1}}"#, "/x", ErrorCode::NulCharacter),
            (r#"{"x":["\ud800"]}"#, "/x/0", ErrorCode::LoneSurrogate),
            (r#"{"x":["\udc00"]}"#, "/x/0", ErrorCode::LoneSurrogate),
            ("{\"é\":1,\n\"x\":\"\\ud83d\\ude00 \\uD83Dx\"}", "/x", ErrorCode::LoneSurrogate),
            (r#"{"x":{"\ud800":1}}"#, "/x", ErrorCode::LoneSurrogate),
            (r#"{"x":"\ud83d\ude00","y":x,"z":"\ud800"}"#, "", ErrorCode::MalformedJson),
        ];
        for (json, pointer, code) in cases {
            assert_eq!(found::<Value>(json), [(pointer.to_owned(), code)], "{json}");
        }
        assert_eq!(found::<Value>(&deep(65)), [("/0".repeat(64), ErrorCode::TooDeep)]);
        assert_eq!(found::<Value>(&deep(100_000))[0].1, ErrorCode::TooDeep);
        for fine in [deep(64).as_str(), r#"{"a":{"a":1},"b":[{"a":1},{"a":1}]}"#, r#""\\ud800 \ud83d\ude00""#, "1e3"] {
            assert_eq!(found::<Value>(fine), [], "{fine}");
        }
        assert!(parse::<Value>(b"\"\xff\"").is_err());
    }

    #[test]
    fn a_mistake_has_its_place_and_code_but_not_its_value() {
        let event = |rest: &str| format!(r#"{{"source":"s","source_event_id":"1","channel":"email"{rest}}}"#);
        let at = r#","occurred_at":"2026-01-01T00:00:00Z""#;
        let with = |rest: &str| event(&format!("{at},{rest}"));
        let cases = [
            ("[]".into(), "", ErrorCode::WrongType),
            (r#""jane@secret.example""#.into(), "", ErrorCode::WrongType),
            (event(""), "/occurred_at", ErrorCode::MissingField),
            (event(r#","occurred_at":"jane@secret.example""#), "/occurred_at", ErrorCode::InvalidValue),
            (event(r#","occurred_at":7"#), "/occurred_at", ErrorCode::WrongType),
            (with(r#""colour":1"#), "/colour", ErrorCode::UnknownField),
            (with(r#""jane@secret.example":1"#), "", ErrorCode::UnknownField),
            (with(r#""direction":"jane@secret.example""#), "/direction", ErrorCode::InvalidValue),
            (with(r#""direction":{"inbound":null}"#), "/direction", ErrorCode::WrongType),
            (with(r#""direction":"\u0000""#), "/direction", ErrorCode::InvalidValue),
            (with(r#""contact":["jane@secret.example"]"#), "/contact", ErrorCode::WrongType),
            (with(r#""contact":[]"#), "/contact", ErrorCode::WrongType),
            (with(r#""satisfaction":[4,5]"#), "/satisfaction", ErrorCode::WrongType),
            (with(r#""channel":"x""#), "/channel", ErrorCode::DuplicateKey),
            (with(r#""type":null,"x":"jane@secret.example"#), "", ErrorCode::MalformedJson),
            (with(r#""contact":{"name":["jane@secret.example"]}"#), "/contact/name", ErrorCode::WrongType),
            (with(r#""contact":{"emails":[{}]}"#), "/contact/emails/0/value", ErrorCode::MissingField),
            (with(r#""contact":{"emails":["a",7]}"#), "/contact/emails/1", ErrorCode::WrongType),
            (
                with(r#""contact":{"phones":[{"value":"1","regoin":"secret"}]}"#),
                "/contact/phones/0/regoin",
                ErrorCode::UnknownField,
            ),
            (
                with(r#""contact":{"phones":[{"value":"1","assurance":"jane@secret.example"}]}"#),
                "/contact/phones/0/assurance",
                ErrorCode::InvalidValue,
            ),
            (with(r#""contact":{"handles":[{"network":"x"}]}"#), "/contact/handles/0/value", ErrorCode::MissingField),
            (with(r#""consent":{"jane@secret.example":"maybe"}"#), "/consent", ErrorCode::InvalidValue),
            (with(r#""satisfaction":{"score":"secret","scale":5}"#), "/satisfaction/score", ErrorCode::WrongType),
        ];
        for (json, pointer, code) in cases {
            assert_eq!(found::<Event>(&json), [(pointer.to_owned(), code)], "{json}");
        }
        assert_eq!(found::<Event>(&event(at)), []);
        assert_eq!(found::<Event>(&with(r#""direction":"inbound""#)), []);
        assert_eq!(found::<Contact>(r#"{"emails":["a",{"value":"b"}],"attributes":{"a b":null}}"#), []);
    }
}
