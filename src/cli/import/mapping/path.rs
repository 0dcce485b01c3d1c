//! The place of a field in an event: `contact.emails[0].value`.

use super::MappingError;
use serde_json::{Map, Value};
use std::{fmt, str::FromStr};

/// No list of an event holds more.
const MAX_INDEX: usize = 99;

/// Members and list indexes from the event's top down. The first is a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Index(usize),
}

impl Path {
    /// The member of the event that the path begins with.
    pub fn root(&self) -> &str {
        self.0.first().map_or("", Step::name)
    }

    /// The member that the path ends in; nothing where it ends in a list's item.
    pub fn leaf(&self) -> &str {
        self.0.last().map_or("", Step::name)
    }

    /// Whether a value there makes sense without company: not inside a list's item, and not half of `satisfaction`.
    pub fn may_stand_alone(&self) -> bool {
        let parents = &self.0[..self.0.len() - 1];
        self.root() != "satisfaction" && !parents.iter().any(|step| matches!(step, Step::Index(_)))
    }

    /// Whether the event holds something around the place.
    pub fn parent_is_in(&self, event: &Value) -> bool {
        let parents = &self.0[..self.0.len() - 1];
        let within = parents.iter().try_fold(event, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Index(index) => value.get(index),
        });
        within.is_some_and(|value| !value.is_null())
    }
}

impl Step {
    fn name(&self) -> &str {
        match self {
            Self::Member(name) => name,
            Self::Index(_) => "",
        }
    }
}

impl FromStr for Path {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let steps: Option<Vec<Vec<Step>>> = text.split('.').map(part).collect();
        steps.map(|steps| Self(steps.concat())).ok_or_else(|| MappingError::Path(text.to_owned()))
    }
}

/// Reads `emails[0]`.
fn part(text: &str) -> Option<Vec<Step>> {
    let mut pieces = text.split('[');
    let name = pieces.next().filter(|name| !name.is_empty() && !name.contains(']'))?;
    let index = |piece: &str| {
        let digits = piece.strip_suffix(']').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse().ok().filter(|index| *index <= MAX_INDEX).map(Step::Index)
    };
    std::iter::once(Some(Step::Member(name.to_owned()))).chain(pieces.map(index)).collect()
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) if at == 0 => write!(f, "{name}")?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Puts a value into its place and makes room around it; false where something else is there already.
pub fn place(root: &mut Value, path: &Path, value: Value) -> bool {
    let mut here = root;
    for step in &path.0 {
        let Some(inner) = enter(here, step) else { return false };
        here = inner;
    }
    let free = here.is_null();
    if free {
        *here = value;
    }
    free
}

fn enter<'a>(value: &'a mut Value, step: &Step) -> Option<&'a mut Value> {
    if value.is_null() {
        *value = match step {
            Step::Member(_) => Value::Object(Map::new()),
            Step::Index(_) => Value::Array(Vec::new()),
        };
    }
    match (value, step) {
        (Value::Object(members), Step::Member(name)) => Some(members.entry(name).or_insert(Value::Null)),
        (Value::Array(items), Step::Index(index)) => {
            if items.len() <= *index {
                items.resize(index + 1, Value::Null);
            }
            items.get_mut(*index)
        }
        _ => None,
    }
}

/// Moves the items of lists up over gaps.
pub fn tidy(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.retain(|item| !item.is_null());
            items.iter_mut().for_each(tidy);
        }
        Value::Object(members) => members.values_mut().for_each(tidy),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_read_back_what_they_write() {
        for text in ["source", "traits.plan", "contact.emails[0].value", "content.tags[99]"] {
            assert_eq!(text.parse::<Path>().unwrap().to_string(), text);
        }
        for text in ["", ".", "a.", "a[", "a[]", "a[x]", "a[+1]", "a[100]", "[0]", "a]", "a[0]b"] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
    }

    #[test]
    fn values_find_their_places() {
        let mut event = json!({});
        for (path, value) in [("a.b[2].c", 1), ("a.b[0].c", 2), ("a.d", 3)] {
            assert!(place(&mut event, &path.parse().unwrap(), value.into()), "{path}");
        }
        for path in ["a", "a.b", "a.d", "a.d.e", "a.b[2].c", "a.b.c"] {
            assert!(!place(&mut event, &path.parse().unwrap(), 0.into()), "{path}");
        }
        tidy(&mut event);
        assert_eq!(event, json!({"a": {"b": [{"c": 2}, {"c": 1}], "d": 3}}));
    }

    #[test]
    fn constants_inside_items_need_company() {
        let alone = |path: &str| path.parse::<Path>().unwrap().may_stand_alone();
        assert!(alone("source") && alone("contact.company") && alone("content.tags[0]"));
        assert!(!alone("contact.emails[0].assurance") && !alone("satisfaction.scale"));
        let inside = |path: &str| path.parse::<Path>().unwrap().parent_is_in(&json!({"a": [null, {"b": 1}]}));
        assert!(inside("a[1].c"));
        assert!(!inside("a[0].c") && !inside("a[2].c") && !inside("x.c"));
    }
}
