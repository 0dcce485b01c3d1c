//! Differences: what changed from one state of a golden record to another.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// An attribute that is not what it was.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    /// Its RFC 6901 pointer: `/name`, `/emails`, `/traits/plan`.
    pub pointer: String,
    /// What it was; left out where it was not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What it is; left out where it is not known any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// The attributes in which two golden records differ, by their pointers. Those that hold others by name, as traits do, are
/// looked into; lists are compared whole, since their order means something.
#[must_use]
pub fn differences(before: &Value, after: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn compare(pointer: &str, before: &Value, after: &Value, found: &mut Vec<Difference>) {
    let none = Map::new();
    let members = |value: &'_ Value| value.as_object().cloned();
    let (a, b) = (members(before).unwrap_or_else(|| none.clone()), members(after).unwrap_or(none));
    let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match (a.get(name), b.get(name)) {
            (before, after) if before == after => {}
            (Some(before @ Value::Object(_)), Some(after @ Value::Object(_))) => {
                compare(&pointer, before, after, found);
            }
            (before, after) => found.push(Difference { pointer, before: before.cloned(), after: after.cloned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_came_went_and_changed_is_told_by_its_pointer() {
        let before = json!({"name": "Ann", "emails": [1, 2], "traits": {"plan": "a", "a/b": 1}, "company": "Acme"});
        let after = json!({"name": "Ann", "emails": [2, 1], "traits": {"plan": "b", "a/b": 1}, "language": "de"});
        let told: Vec<(String, Option<Value>, Option<Value>)> =
            differences(&before, &after).into_iter().map(|it| (it.pointer, it.before, it.after)).collect();
        let expected = [
            ("/company", Some(json!("Acme")), None),
            ("/emails", Some(json!([1, 2])), Some(json!([2, 1]))),
            ("/language", None, Some(json!("de"))),
            ("/traits/plan", Some(json!("a")), Some(json!("b"))),
        ];
        assert_eq!(told, expected.map(|(pointer, before, after)| (pointer.to_owned(), before, after)));
        assert_eq!(differences(&after, &after), []);
        let nested = differences(&json!({"traits": {"a/b": 1}}), &json!({"traits": {"a/b": 2}}));
        assert_eq!(nested[0].pointer, "/traits/a~1b");
    }
}
