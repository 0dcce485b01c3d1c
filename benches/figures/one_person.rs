//! `one_person_*`: sixteen clients at once send events of one person, who spells her contact in two hundred ways.

use super::{
    database::{Backend, Database},
    figure::{Bar, Figure},
    load::{Requests, closed},
    product::Server,
    profiles::lookup_path,
    setting::Setting,
    stats::{median, rate},
    wire::{Wire, get, post},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

/// How many events are sent at full scale.
const EVENTS: u32 = 10_000;
/// How many clients send them.
const CLIENTS: usize = 16;
/// One event in so many brings a new record, until there are so many records.
const NEW: usize = 5;
const RECORDS: usize = 200;
/// All events are sent, however long it takes.
const FOREVER: Duration = Duration::MAX;
/// 2025-01-01, in seconds since 1970.
const BEGINNING: i64 = 1_735_689_600;

const MAILBOX: &str = "johanna.feldmann@example.com";
const NAMES: [&str; 5] =
    ["Johanna Feldmann", "J. Feldmann", "Johanna Maria Feldmann", "Feldmann, Johanna M.", "Johanna Feldman"];
const COMPANIES: [&str; 5] = ["Northwind", "Northwind Traders", "Northwind Traders Ltd", "NW Traders", "N. Traders"];
const STREETS: [&str; 8] = [
    "12 Station Street",
    "Station Street 12",
    "12 Station St",
    "12a Station Street",
    "12 Station Road",
    "Station Road",
    "14 Station Street",
    "Station Street",
];

/// Events a second, from the first to the last.
pub async fn measure(backend: Backend, setting: Setting) -> Vec<Figure> {
    let events = setting.count(EVENTS);
    let mut rates = Vec::new();
    for round in 1..=setting.rounds {
        let database = Database::fresh(backend).await;
        let server = Server::start(&database);
        let requests = (0..events).map(|number| post("/v1/events", &event(number))).collect();
        let done = closed(server.address, &Requests::once(requests, 201), CLIENTS, FOREVER).await;
        assert_one(&server, events).await;
        rates.push(rate(done.count, done.time));
        eprintln!("one_person_{backend} {round}: {:.0}/s", rates[round - 1]);
    }
    let name = format!("one_person_{backend}");
    vec![Figure { name, value: median(&rates), unit: "events/s", floor: None, bar: Bar::AtLeast(1_000.0) }]
}

/// All events and records are one profile's.
async fn assert_one(server: &Server, events: usize) {
    let mut wire = Wire::connect(server.address).await;
    let found: Value = serde_json::from_slice(wire.expect(&get(&lookup_path(MAILBOX)), 200).await).expect("JSON");
    let profile = &found["items"][0];
    assert_eq!(profile["events"], events, "she is not one profile: {found}");
    assert_eq!(profile["records"], events.div_ceil(NEW).min(RECORDS), "not as many records as spellings: {found}");
}

fn event(number: usize) -> String {
    let spelling = number / NEW % RECORDS;
    let (name, rest) = (NAMES[spelling % NAMES.len()], spelling / NAMES.len());
    let contact = json!({"name": name, "company": COMPANIES[rest % COMPANIES.len()],
        "emails": [MAILBOX], "external_ids": [{"namespace": "crm", "value": "feldmann-1"}],
        "addresses": [{"street_address": STREETS[rest / COMPANIES.len() % STREETS.len()], "locality": "Northford"}]});
    let number = i64::try_from(number).expect("a number of an event");
    let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(BEGINNING + number);
    json!({"source": "crm", "source_event_id": format!("feldmann-{number}"), "channel": "crm", "type": "update",
        "occurred_at": at.to_string(), "contact": contact})
    .to_string()
}
