//! `timeline_*`: the first page of the timeline of a profile with a thousand records and a hundred thousand events.

use super::{
    database::{Backend, Database},
    figure::{Bar, Figure},
    people::events::Stream,
    product::{EventFile, Server},
    profiles::lookup_path,
    setting::Setting,
    stats::{median, millis, whole},
    wire::{Wire, get},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Instant;

/// The regular customer's events at full scale.
const EVENTS: u32 = 100_000;
/// Each record is seen by so many of them.
const EVENTS_A_RECORD: usize = 100;
/// Events of other people at full scale.
const OTHERS: u32 = 100_000;
/// How often a page is asked for.
const REQUESTS: u32 = 200;
/// One event in so many came by the rare channel.
const RARE: usize = 4_999;
const MAILBOX: &str = "johanna.feldmann@example.com";
/// 2025-01-01, in seconds since 1970; and how many seconds lie between two of the customer's events.
const BEGINNING: i64 = 1_735_689_600;
const PACE: i64 = 300;

/// Channel, source and type of the customer's usual events.
const USUAL: [(&str, &str, &str); 4] = [
    ("email", "zendesk", "message"),
    ("chat", "chatwoot", "message"),
    ("phone", "telephony", "call"),
    ("order", "shopify", "purchase"),
];
const RARELY: (&str, &str, &str) = ("webinar", "webinars", "attendance");

/// The page in milliseconds, unfiltered and with the slowest of several filters.
pub async fn measure(backend: Backend, setting: Setting) -> Vec<Figure> {
    let database = Database::fresh(backend).await;
    EventFile::of(&Stream::new().some(setting.count(OTHERS))).import(&database);
    let events = setting.count(EVENTS);
    let mut file = EventFile::new();
    file.append((0..events).map(|number| event(number, events)));
    file.import(&database);
    database.settle().await;
    let server = Server::start(&database);
    let mut wire = Wire::connect(server.address).await;
    let path = format!("/v1/profiles/{}/events", customer(&mut wire, events).await);
    let requests = setting.count(REQUESTS).max(whole(f64::from(REQUESTS) / 10.0));
    let unfiltered = page(&mut wire, &path, requests).await;
    let mut filtered = Vec::new();
    for filter in filters() {
        let millis = page(&mut wire, &format!("{path}?{filter}"), requests).await;
        eprintln!("timeline_{backend} {filter}: {millis:.2} ms");
        filtered.push(millis);
    }
    let worst = filtered.into_iter().fold(0.0, f64::max);
    vec![figure(format!("timeline_{backend}"), unfiltered), figure(format!("timeline_filtered_{backend}"), worst)]
}

fn figure(name: String, value: f64) -> Figure {
    Figure { name, value, unit: "ms", floor: None, bar: Bar::AtMost(20.0) }
}

/// By each criterion alone and by all together: a common channel, a rare one, one that the customer never used, a day long
/// past.
fn filters() -> [String; 7] {
    let day = [at(500), at(788)].map(|time| time.to_string());
    let time = format!("from={}&to={}", day[0], day[1]);
    let ((rare, source, kind), (common, ..)) = (RARELY, USUAL[0]);
    [
        format!("channel={common}"),
        format!("channel={rare}"),
        "channel=survey".to_owned(),
        format!("source={source}"),
        format!("type={kind}"),
        time.clone(),
        format!("channel={common}&source=zendesk&type=message&{time}"),
    ]
}

/// The customer's profile, which holds all of the events.
async fn customer(wire: &mut Wire, events: usize) -> String {
    let found: Value = serde_json::from_slice(wire.expect(&get(&lookup_path(MAILBOX)), 200).await).expect("JSON");
    let profile = &found["items"][0];
    assert_eq!(profile["events"], events, "the customer is not one profile: {found}");
    assert_eq!(profile["records"], events.div_ceil(EVENTS_A_RECORD), "not as many records as contacts: {found}");
    profile["profile_id"].as_str().expect("an id").to_owned()
}

/// The median of many requests for one page, in milliseconds.
async fn page(wire: &mut Wire, path: &str, requests: usize) -> f64 {
    let request = get(path);
    let mut times = Vec::with_capacity(requests);
    for _ in 0..requests {
        let started = Instant::now();
        wire.expect(&request, 200).await;
        times.push(started.elapsed());
    }
    median(&millis(&times))
}

/// The customer's event of this number. The records differ by the job title alone, so that they are one person whatever the
/// limits on identifiers that many share.
fn event(number: usize, events: usize) -> String {
    let (channel, source, kind) = if number % RARE == 17 { RARELY } else { USUAL[number % 7 % USUAL.len()] };
    let records = events.div_ceil(EVENTS_A_RECORD);
    let contact = json!({"name": "Johanna Feldmann", "job_title": format!("Buyer {}", number % records),
        "emails": [{"value": MAILBOX, "assurance": "observed"}],
        "external_ids": [{"namespace": "shopify", "value": "feldmann-1", "assurance": "observed"}]});
    json!({"source": source, "source_event_id": format!("feldmann-{number}"), "channel": channel, "type": kind,
        "direction": "inbound", "occurred_at": at(number).to_string(), "contact": contact,
        "content": {"subject": "delivery", "tags": ["order"]}})
    .to_string()
}

fn at(number: usize) -> Timestamp {
    let number = i64::try_from(number).expect("a number of an event");
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(BEGINNING + number * PACE)
}
