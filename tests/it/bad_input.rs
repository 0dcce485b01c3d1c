//! Bad events: a clear problem with a pointer and a code, no value echoed, nothing stored.

use crate::{
    client::{Answer, Call},
    sample::{jane, order, with},
    server::TestServer,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Stands in every bad event, and in no answer.
pub const MARKER: &str = "zq-marker";

/// No value of the request comes back.
#[track_caller]
pub fn assert_silent(answer: &Answer) {
    let headers = format!("{:?}", answer.headers);
    assert!(!answer.text.contains(MARKER) && !headers.contains(MARKER), "echoes its input\n{answer}");
}

/// A good event, but for the marker where values go.
fn marked() -> Value {
    with(order(MARKER, &jane()), "/contact/emails/0", json!(format!("{MARKER}@example.com")))
}

/// The marked event as text, with one piece of it replaced.
fn replaced(from: &str, to: &str) -> String {
    let text = marked().to_string();
    assert!(text.contains(from), "{from} is not in {text}");
    text.replacen(from, to, 1)
}

fn set(pointer: &str, value: Value) -> String {
    with(marked(), pointer, value).to_string()
}

fn in_minutes(minutes: i64) -> String {
    (Timestamp::now() + SignedDuration::from_mins(minutes)).to_string()
}

/// A body, its status, the pointer and the code of its one error.
type Case = (String, u16, &'static str, &'static str);

fn unreadable() -> Vec<Case> {
    vec![
        (String::new(), 400, "", "malformed_json"),
        (marked().to_string().trim_end_matches('}').to_owned(), 400, "", "malformed_json"),
        (format!("{{\"source\": {MARKER}}}"), 400, "", "malformed_json"),
        (format!("{} {MARKER}", marked()), 400, "", "malformed_json"),
    ]
}

fn ill_formed() -> Vec<Case> {
    let nested = format!("{}\"{MARKER}\"{}", "[".repeat(70), "]".repeat(70));
    vec![
        (replaced("{", "{\"source\":\"zq-marker\","), 422, "/source", "duplicate_key"),
        (
            replaced("\"given_name\"", "\"family_name\":\"x\",\"given_name\""),
            422,
            "/contact/family_name",
            "duplicate_key",
        ),
        (replaced("Jane", "zq-marker\\u0000"), 422, "/contact/given_name", "nul_character"),
        (replaced("Jane", "zq-marker\\ud800"), 422, "/contact/given_name", "lone_surrogate"),
        (set("/zq-marker", json!(1)).replace("zq-marker\":1", "colour\":1"), 422, "/colour", "unknown_field"),
        (set("/contact/nickname", json!(MARKER)), 422, "/contact/nickname", "unknown_field"),
        (set("/traits", json!({"x": "nested"})).replace("\"nested\"", &nested), 422, DEEP, "too_deep"),
        (json!([MARKER]).to_string(), 422, "", "wrong_type"),
    ]
}

/// Where 64 levels end in a list of lists under `/traits/x`.
const DEEP: &str = "/traits/x/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/0/\
    0/0/0/0/0/0/0/0/0/0/0/0/0/0";

fn ill_valued() -> Vec<Case> {
    let many = |count: usize| json!(vec![format!("{MARKER}@example.com"); count]);
    let handles = |count: usize| json!(vec![json!({"network": "x", "value": MARKER}); count]);
    let long = MARKER.repeat(100);
    vec![
        (set("/source", json!("  ")), 422, "/source", "empty"),
        (set("/source_event_id", json!("")), 422, "/source_event_id", "empty"),
        (set("/channel", json!(long)), 422, "/channel", "too_long"),
        (set("/occurred_at", json!(MARKER)), 422, "/occurred_at", "invalid_value"),
        (set("/occurred_at", json!("1969-12-31T23:59:59Z")), 422, "/occurred_at", "time_out_of_range"),
        (set("/occurred_at", json!(in_minutes(6))), 422, "/occurred_at", "time_out_of_range"),
        (set("/direction", json!(MARKER)), 422, "/direction", "invalid_value"),
        (set("/contact/emails", many(21)), 422, "/contact/emails", "too_many"),
        (set("/contact/phones", many(21)), 422, "/contact/phones", "too_many"),
        (set("/contact/handles", handles(21)), 422, "/contact/handles", "too_many"),
        (
            set("/contact/emails/0", json!({"value": MARKER, "assurance": MARKER})),
            422,
            "/contact/emails/0/assurance",
            "invalid_value",
        ),
        (set("/contact/phones/0/region", json!(MARKER)), 422, "/contact/phones/0/region", "invalid_region"),
        (
            set("/contact/handles/0", json!({"network": "", "value": MARKER})),
            422,
            "/contact/handles/0/network",
            "empty",
        ),
        (set("/contact/attributes", json!({"size": [MARKER]})), 422, "/contact/attributes/size", "wrong_type"),
        (set("/satisfaction", json!({"score": 6, "scale": 5})), 422, "/satisfaction/score", "out_of_range"),
        (set("/consent", json!({"email": MARKER})), 422, "/consent/email", "invalid_value"),
    ]
}

fn without_what_is_required() -> Vec<Case> {
    let missing = |pointer: &'static str| (set(pointer, Value::Null), 422, pointer, "missing_field");
    vec![missing("/source"), missing("/source_event_id"), missing("/channel"), missing("/occurred_at")]
}

fn cases() -> Vec<Case> {
    [unreadable(), ill_formed(), ill_valued(), without_what_is_required()].concat()
}

#[tokio::test]
async fn a_bad_event_is_refused_with_a_pointer_and_a_code_and_nothing_is_stored() {
    let server = TestServer::start().await;
    let client = server.client();
    for (body, status, pointer, code) in cases() {
        let answer = client.check(Call::post("/v1/events").body("application/json", body)).await.expect(status);
        let expected = json!([{"pointer": pointer, "code": code}]);
        assert_eq!(answer.json()["errors"], expected, "not the mistake that was made\n{answer}");
        assert_silent(&answer);
    }
    assert_eq!(client.assignments().await, "");
}

#[tokio::test]
async fn in_a_batch_each_bad_event_is_refused_likewise() {
    let server = TestServer::start().await;
    let client = server.client();
    let cases: Vec<Case> = cases().into_iter().filter(|(body, ..)| !body.is_empty()).collect();
    let lines: Vec<&str> = cases.iter().map(|(body, ..)| body.as_str()).collect();
    let answer = client.check(Call::post("/v1/events/batch").body("application/x-ndjson", lines.join("\n"))).await;
    assert_silent(&answer);
    let items = answer.expect(200).json()["items"].clone();
    for (item, (body, status, pointer, code)) in items.as_array().unwrap().iter().zip(cases) {
        let expected = json!({"status": status, "errors": [{"pointer": pointer, "code": code}]});
        assert_eq!(*item, expected, "{body}");
    }
    assert_eq!(client.assignments().await, "");
}

#[tokio::test]
async fn all_mistakes_of_an_event_are_told_at_once() {
    let server = TestServer::start().await;
    let event = with(with(marked(), "/source", json!("")), "/occurred_at", json!("1950-01-01T00:00:00Z"));
    let problem = server.client().post("/v1/events", &event).await.expect(422).json();
    let pointers: Vec<&Value> = problem["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/source", "/occurred_at"]);
}

#[tokio::test]
async fn what_is_just_within_the_limits_is_taken() {
    let server = TestServer::start().await;
    let client = server.client();
    let mailboxes: Vec<String> = (0..20).map(|number| format!("jane{number}@example.com")).collect();
    for (id, pointer, value) in [
        ("1", "/occurred_at", json!("1970-01-01T00:00:00Z")),
        ("2", "/occurred_at", json!(in_minutes(4))),
        ("3", "/contact/emails", json!(mailboxes)),
    ] {
        client.store(&with(order(id, &jane()), pointer, value)).await;
    }
}
