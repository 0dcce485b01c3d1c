//! Holds requests and answers against the OpenAPI document: path, method, status, media type, and JSON by its schema.

use jsonschema::Validator;
use onefold::http::document::document;
use reqwest::{Method, header::HeaderMap};
use serde_json::{Map, Value, json};
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

/// The document as JSON.
pub static DOCUMENT: LazyLock<Value> = LazyLock::new(|| serde_json::to_value(document()).unwrap());
/// Compiled schemas, by their text.
static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// What is wrong with an answer.
pub fn response(method: &Method, path: &str, status: u16, media: &str, text: &str) -> Result<(), String> {
    if *method == Method::HEAD {
        return head(path, status, text);
    }
    let Some(operation) = operation(method, path) else { return foreign(status, media, text) };
    let documented = &operation["responses"][status.to_string()];
    if documented.is_null() {
        return Err(format!("status {status} is not documented"));
    }
    if documented["content"].is_null() && text.is_empty() {
        return Ok(());
    }
    let essence = media.split(';').next().unwrap_or_default();
    let content = &documented["content"][essence];
    if content.is_null() {
        return Err(format!("media type `{media}` is not documented for status {status}"));
    }
    match essence {
        "application/json" | "application/problem+json" => validate(&content["schema"], text),
        "application/x-ndjson" => text.lines().try_for_each(|line| validate(&content["schema"], line)),
        _ => Ok(()),
    }
}

/// Which header an answer lacks that is documented for it.
pub fn headers(method: &Method, path: &str, status: u16, given: &HeaderMap) -> Result<(), String> {
    let method = if *method == Method::HEAD { &Method::GET } else { method };
    let Some(operation) = operation(method, path) else { return Ok(()) };
    let documented = operation["responses"][status.to_string()]["headers"].as_object();
    match documented.into_iter().flatten().find(|(name, _)| !given.contains_key(name.as_str())) {
        Some((name, _)) => Err(format!("the header `{name}` is missing")),
        None => Ok(()),
    }
}

/// `HEAD` answers as `GET` does, without a body.
fn head(path: &str, status: u16, text: &str) -> Result<(), String> {
    let documented =
        operation(&Method::GET, path).map(|operation| !operation["responses"][status.to_string()].is_null());
    match documented.unwrap_or(matches!(status, 404 | 405)) {
        _ if !text.is_empty() => Err("HEAD with a body".into()),
        true => Ok(()),
        false => Err(format!("status {status} is not documented")),
    }
}

/// What is wrong with the JSON body of a request that was accepted.
pub fn request(method: &Method, path: &str, body: &[u8]) -> Result<(), String> {
    let operation = operation(method, path).ok_or("accepted, but not documented")?;
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let body: Value = serde_json::from_slice(body).map_err(|_| "accepted, but not JSON")?;
    conforms(schema, &body).map_err(|complaint| format!("accepted, but not as documented: {complaint}"))
}

/// An operation of the document, that of the path with fewest placeholders first.
fn operation(method: &Method, path: &str) -> Option<&'static Value> {
    let paths = DOCUMENT["paths"].as_object()?;
    let mut fitting: Vec<(&String, &Value)> = paths.iter().filter(|(template, _)| fits(template, path)).collect();
    fitting.sort_by_key(|(template, _)| template.matches('{').count());
    let method = method.as_str().to_lowercase();
    fitting.into_iter().find_map(|(_, item)| item.get(&method))
}

/// Whether a path is one of a template.
pub fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    let fits = |(template, part): (&&str, &&str)| template.starts_with('{') || template == part;
    template.len() == path.len() && template.iter().zip(&path).all(fits)
}

/// Where nothing is documented, the answer says so in a problem.
fn foreign(status: u16, media: &str, text: &str) -> Result<(), String> {
    if !matches!(status, 404 | 405) || media != "application/problem+json" {
        return Err(format!("neither documented nor refused: {status}, `{media}`"));
    }
    validate(&json!({"$ref": "#/components/schemas/Problem"}), text)
}

fn validate(schema: &Value, text: &str) -> Result<(), String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    conforms(schema, &value)?;
    let is_problem = value["type"].is_string() && value["status"].is_u64();
    if is_problem && value["instance"].is_null() { Err("a problem that names no request".into()) } else { Ok(()) }
}

fn conforms(schema: &Value, value: &Value) -> Result<(), String> {
    let validator = validator(schema);
    let complaints: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("at `{}`: {error} (schema: {})", error.instance_path(), error.schema_path()))
        .collect();
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n")) }
}

/// The schema with the components that it refers to. Members that it does not name are refused.
fn validator(schema: &Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let compile = || {
        let mut root: Map<String, Value> = schema.as_object().cloned().unwrap_or_default();
        root.insert("components".into(), DOCUMENT["components"].clone());
        if root.contains_key("$ref") {
            root.insert("unevaluatedProperties".into(), false.into());
        }
        let options = jsonschema::options().should_validate_formats(true);
        Arc::new(options.build(&root.into()).expect("a documented schema is not one"))
    };
    Arc::clone(validators.entry(schema.to_string()).or_insert_with(compile))
}

#[test]
fn undocumented_answers_are_caught() {
    let get = |path, status, media, text| response(&Method::GET, path, status, media, text);
    assert!(get("/livez", 200, "text/plain; charset=utf-8", "ok").is_ok());
    assert!(get("/livez", 201, "text/plain", "ok").is_err());
    assert!(get("/livez", 200, "text/html", "ok").is_err());
    assert!(get("/nowhere", 200, "text/plain", "ok").is_err());
    assert!(get("/v1/profiles/lookup", 200, "application/json", r#"{"items":[]}"#).is_ok());
    assert!(get("/v1/profiles/lookup", 200, "application/json", r#"{"items":[{}]}"#).is_err());
    assert!(get("/v1/profiles/lookup", 200, "application/json", r#"{"items":[],"more":1}"#).is_err());
}
