//! Events to send.

use serde_json::{Value, json};
use std::collections::BTreeSet;

/// An order of somebody: all its identifiers count as observed.
pub fn order(id: &str, contact: &Value) -> Value {
    json!({"source": "shop", "source_event_id": id, "channel": "order", "type": "purchase",
        "occurred_at": "2026-03-02T10:00:00Z", "contact": contact})
}

/// A customer with an identifier of each kind.
pub fn jane() -> Value {
    json!({"given_name": "Jane", "family_name": "Featherstone", "emails": ["jane.featherstone@example.com"],
        "phones": [{"value": "020 7946 0958", "region": "GB"}],
        "handles": [{"network": "instagram", "value": "@jane.feathers"}],
        "external_ids": [{"namespace": "shop:uk", "value": "C-1001"}], "birth_date": "1990-01-02"})
}

/// An event with one member set or, by null, taken away.
pub fn with(mut event: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match event.pointer_mut(parent).unwrap() {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent if value.is_null() => drop(parent.as_object_mut().unwrap().remove(name)),
        parent => parent[name] = value,
    }
    event
}

/// The demo's events, in the order they happened.
pub fn demo() -> Vec<Value> {
    let text = include_str!("../../fixtures/demo/events.ndjson");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// One JSON value a line.
pub fn ndjson(events: &[Value]) -> String {
    events.iter().flat_map(|event| [event.to_string(), "\n".into()]).collect()
}

/// The same items in an order that `seed` fixes.
pub fn shuffled<T>(mut items: Vec<T>, mut seed: u64) -> Vec<T> {
    for last in (1..items.len()).rev() {
        // Knuth's MMIX generator; its high bits are the good ones.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(last, usize::try_from(seed >> 33).unwrap() % (last + 1));
    }
    items
}

/// Every name, mailbox, number, account and id in these events.
pub fn personal(events: &[Value]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for event in events {
        collect(&event["contact"], &mut found);
    }
    found
}

/// All texts below a value that do not stand in a log by chance, as a few digits would, or zeros.
fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let telling = text.trim_matches('0').len();
            if telling > 8 || (telling > 4 && text.contains(char::is_alphabetic)) {
                found.insert(text.clone());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            let said =
                members.iter().filter(|(name, _)| !matches!(name.as_str(), "network" | "namespace" | "assurance"));
            said.for_each(|(_, value)| collect(value, found));
        }
        _ => {}
    }
}
