//! Timelines: whatever is asked for and however it is paged, what comes is what sorting all events would give; and how long
//! the first page of a long one takes.

use crate::{
    client::Client,
    database::{ID_KEY, TestDatabase},
    sample::{jane, order, shuffled, with},
    server::TestServer,
};
use jiff::Timestamp;
use onefold::{
    actions::access::DEFAULT_TENANT,
    domain::{
        contact::Contact,
        golden::{Backing, GoldenRecord},
        id::{ProfileId, RecordId},
        marks::{Marks, Name},
        record::{Observation, event_id},
    },
    reads::events::timeline,
    store::{
        entities::event,
        events::{self, TimelineFilter},
        lane,
        profiles::{self, Held, StoredProfile},
        records::{self, StoredRecord},
    },
};
use proptest::{option::weighted, prelude::*, sample::select, test_runner::TestRunner};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

const CHANNELS: [&str; 3] = ["order", "in_store", "crm"];
/// What came by none of them is asked for too.
const ASKED_CHANNELS: [&str; 4] = ["order", "in_store", "crm", "fax"];
const TYPES: [&str; 2] = ["purchase", "return"];
const SOURCES: [&str; 2] = ["shop", "till"];
/// Seconds at which events happen: many at once, some close together, some long before.
const SECONDS: [i64; 12] = [0, 0, 0, 0, 1, 2, 3, 60, 3_600, 1_000_000, 2_000_000, 90_000_000];

/// What is asked of a timeline.
#[derive(Clone, Debug)]
struct Asked {
    channel: Option<&'static str>,
    kind: Option<&'static str>,
    source: Option<&'static str>,
    from: Option<i64>,
    to: Option<i64>,
    limit: usize,
}

fn asked() -> impl Strategy<Value = Asked> {
    let one_of = |of: &'static [&'static str]| weighted(0.3, select(of));
    let time = || weighted(0.3, select(&SECONDS[..]));
    (one_of(&ASKED_CHANNELS), one_of(&TYPES), one_of(&SOURCES), time(), time(), 7..60_usize)
        .prop_map(|(channel, kind, source, from, to, limit)| Asked { channel, kind, source, from, to, limit })
}

/// A time as events tell it.
fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

/// Events of one person under a few spellings of her name.
fn events_of_jane() -> Vec<Value> {
    let event = |number: usize| {
        let name = ["Jane Doe", "JANE DOE", "jane doe", "Jane  DOE"][number % 4];
        let event = order(&number.to_string(), &with(jane(), "/company", json!(format!("{name} {}", number % 7))));
        let event = with(event, "/occurred_at", json!(at(SECONDS[number * 7 % SECONDS.len()])));
        let event = with(event, "/channel", json!(CHANNELS[if number.is_multiple_of(29) { 2 } else { number % 2 }]));
        let event = with(event, "/type", json!(TYPES[usize::from(number.is_multiple_of(5))]));
        with(event, "/source", json!(SOURCES[usize::from(number.is_multiple_of(3))]))
    };
    shuffled((0..200).map(event).collect(), 7)
}

impl Asked {
    fn query(&self) -> String {
        let time = |second: i64| at(second).to_string();
        let parts = [
            ("channel", self.channel.map(str::to_owned)),
            ("type", self.kind.map(str::to_owned)),
            ("source", self.source.map(str::to_owned)),
            ("from", self.from.map(time)),
            ("to", self.to.map(time)),
        ];
        let given = parts.into_iter().filter_map(|(name, value)| Some(format!("&{name}={}", value?)));
        format!("limit={}{}", self.limit, given.collect::<String>())
    }

    fn takes(&self, event: &Value) -> bool {
        let is = |name: &str, asked: Option<&str>| asked.is_none_or(|asked| event[name] == asked);
        let time: Timestamp = event["occurred_at"].as_str().unwrap().parse().unwrap();
        is("channel", self.channel)
            && is("type", self.kind)
            && is("source", self.source)
            && self.from.is_none_or(|from| time >= at(from))
            && self.to.is_none_or(|to| time < at(to))
    }

    /// What comes of sorting all events.
    fn expected(&self, all: &[Value]) -> Vec<String> {
        let mut taken: Vec<(Timestamp, Uuid, String)> = all
            .iter()
            .filter(|event| self.takes(event))
            .map(|event| {
                let [source, id] = ["source", "source_event_id"].map(|name| event[name].as_str().unwrap());
                let time = event["occurred_at"].as_str().unwrap().parse().unwrap();
                (time, event_id(&ID_KEY, source, id).uuid(), id.to_owned())
            })
            .collect();
        taken.sort();
        taken.into_iter().rev().map(|(_, _, id)| id).collect()
    }

    /// What comes of asking page by page.
    async fn paged(&self, client: &Client, profile: &str) -> Vec<String> {
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = client.get(&format!("/v1/profiles/{profile}/events?{}{after}", self.query())).await;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() == self.limit || page["next"].is_null());
            found.extend(items.iter().map(|item| item["event"]["source_event_id"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { return found };
            after = format!("&after={next}");
        }
    }
}

#[test]
fn whatever_is_asked_for_pages_as_if_all_events_were_sorted() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(TestServer::start());
    let (client, all) = (server.client(), events_of_jane());
    runtime.block_on(client.store_all(&all));
    let first = runtime.block_on(client.get("/v1/events?source=till&source_event_id=0"));
    let profile = first["profile_id"].as_str().unwrap();
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    let held = TestRunner::new(config).run(&asked(), |asked| {
        prop_assert_eq!(runtime.block_on(asked.paged(&client, profile)), asked.expected(&all));
        Ok(())
    });
    held.unwrap();
}

const LONG_RECORDS: i64 = 1_000;
const LONG_EVENTS: i64 = 100_000;
/// Between two events: ten minutes.
const STEP: i64 = 600_000_000;
const START: i64 = 1_600_000_000_000_000;

fn long_record(number: i64) -> Uuid {
    Uuid::from_u128(u128::from(number.unsigned_abs()) << 64 | u128::from(number.unsigned_abs()))
}

/// One event in 10,000 is a letter; of the rest each channel, type and source has its share.
fn long_event(number: i64) -> event::Model {
    let body = json!({"source": "shop", "source_event_id": number.to_string(), "channel": "email",
        "occurred_at": Timestamp::from_microsecond(START + number * STEP).unwrap(), "contact": jane(),
        "content": {"text": "x".repeat(200)}});
    let pick = |of: &[&str]| of[usize::try_from(number * 7_919 % 104_729).unwrap() % of.len()].to_owned();
    event::Model {
        tenant_id: DEFAULT_TENANT,
        id: Uuid::from_u128(u128::from(number.unsigned_abs()) << 32 | 7),
        record_id: Some(long_record(number * 31 % LONG_RECORDS)),
        occurred_at: START + number * STEP,
        source: pick(&["shop", "till", "helpdesk", "crm", "app"]),
        channel: if number % 10_000 == 77 {
            "letter".into()
        } else {
            pick(&["email", "phone", "chat", "order", "sms", "app"])
        },
        kind: pick(&["message", "purchase", "call", "return"]),
        outcome: 1,
        profile_id: None,
        changed: None,
        position: 1,
        run_id: None,
        body: body.to_string(),
    }
}

/// Those of all events of a record.
fn marks_of(record: i64) -> Marks {
    let holds = |number: &i64| number * 31 % LONG_RECORDS == record;
    (0..LONG_EVENTS).filter(holds).map(long_event).fold(Marks::default(), |marks, event| {
        let names = [Name::Channel(&event.channel), Name::Kind(&event.kind), Name::Source(&event.source)];
        marks | Marks::made(RecordId::from_uuid(long_record(record)), &names)
    })
}

/// A profile of a thousand records and a hundred thousand events, written straight into the tables.
async fn long_profile(connection: &DatabaseConnection) -> ProfileId {
    let profile = ProfileId::from_uuid(Uuid::from_u128(7));
    let time = |number: i64| Timestamp::from_microsecond(START + number * STEP).unwrap();
    let record = |number: i64| {
        let id = RecordId::from_uuid(long_record(number));
        let seen = Observation {
            source: "shop".into(),
            first_at: time(0),
            last_at: time(LONG_EVENTS),
            count: 100,
            marks: marks_of(number),
            traits: [].into(),
            consent: [].into(),
        };
        StoredRecord { id, node: id, profile, contact: Contact::default(), observations: vec![seen] }
    };
    let members: Vec<Arc<StoredRecord>> = (0..LONG_RECORDS).map(record).map(Arc::new).collect();
    let lane = lane::enter(connection, DEFAULT_TENANT).await.unwrap();
    records::upsert(&lane, &members).unwrap();
    for first in (0..LONG_EVENTS).step_by(5_000) {
        let some = (first..first + 5_000).map(long_event).collect();
        events::insert(&lane, some);
    }
    let stored = StoredProfile {
        id: profile,
        component: profile.uuid(),
        survivor: None,
        version: 1,
        position: 1,
        ambiguous: false,
        held: Held::of(&members.iter().map(AsRef::as_ref).collect::<Vec<_>>()),
        golden: GoldenRecord::default(),
    };
    let backed = [(Arc::new(stored), Backing::default())];
    profiles::upsert(&lane, &backed).unwrap();
    lane.commit().await.unwrap();
    profile
}

/// How long a page takes: the median of many.
async fn median(
    connection: &DatabaseConnection,
    profile: ProfileId,
    filter: &TimelineFilter,
    after: Option<(i64, Uuid)>,
) -> Duration {
    let mut taken = Vec::new();
    for _ in 0..21 {
        let started = Instant::now();
        timeline(connection, DEFAULT_TENANT, profile, filter.clone(), after, 50).await.unwrap().unwrap();
        taken.push(started.elapsed());
    }
    taken.sort();
    taken[taken.len() / 2]
}

#[tokio::test]
#[ignore = "a minute, and a release build"]
async fn a_page_of_a_hundred_thousand_events_of_a_thousand_records_takes_twenty_milliseconds_at_the_most() {
    let database = TestDatabase::fresh().await;
    let connection = database.connect().await;
    let profile = long_profile(&connection).await;
    let of = |change: fn(&mut TimelineFilter)| {
        let mut filter = TimelineFilter::default();
        change(&mut filter);
        filter
    };
    let middle = START + LONG_EVENTS / 2 * STEP;
    let mut cases = vec![
        ("all", TimelineFilter::default()),
        ("a channel", of(|filter| filter.channel = Some("email".into()))),
        ("a type", of(|filter| filter.kind = Some("return".into()))),
        ("a source", of(|filter| filter.source = Some("till".into()))),
        ("a rare channel", of(|filter| filter.channel = Some("letter".into()))),
        ("an unknown channel", of(|filter| filter.channel = Some("fax".into()))),
    ];
    cases.push(("until then", TimelineFilter { to: Some(middle), ..TimelineFilter::default() }));
    cases.push(("since then", TimelineFilter { from: Some(middle), ..TimelineFilter::default() }));
    for (name, filter) in cases {
        for (page, after) in [("first page", None), ("later page", Some((middle, Uuid::nil())))] {
            let taken = median(&connection, profile, &filter, after).await;
            eprintln!("{name}, {page}: {taken:?}");
            assert!(taken <= Duration::from_millis(20), "{name}, {page}: {taken:?}");
        }
    }
}
