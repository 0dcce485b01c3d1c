//! The OpenAPI document: locked, and whole.

use crate::contract::DOCUMENT;
use serde_json::Value;

#[test]
fn openapi_yaml_equals_what_the_code_generates() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml");
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    let generated = onefold::http::document::yaml().unwrap();
    let differing = stored.lines().zip(generated.lines()).position(|(stored, generated)| stored != generated);
    assert!(
        stored == generated,
        "openapi.yaml is not what the code generates (first at line {}). To refresh it: \
         cargo run -- openapi > openapi.yaml, and review the difference.",
        differing.unwrap_or_else(|| stored.lines().count().min(generated.lines().count())) + 1
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let mut references = Vec::new();
    collect(&DOCUMENT, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads out of the document"));
        assert!(DOCUMENT.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn every_call_tells_its_success_and_every_refusal_is_a_problem() {
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(responses) = operation["responses"].as_object() else { continue };
            assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path}");
            for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
                assert!(response["content"]["application/problem+json"].is_object(), "{method} {path} {status}");
            }
        }
    }
}

fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|value| collect(value, found));
        }
        _ => {}
    }
}
