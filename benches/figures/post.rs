//! `post_*`: single events over 64 connections, each answered once it is durable; and how long a post takes at half
//! that rate.

use super::{
    database::{Backend, Database},
    figure::{Bar, Figure},
    floor::Floor,
    load::{CONNECTIONS, Requests, closed, open},
    people::events::{Occurrence, Stream},
    product::Server,
    setting::Setting,
    stats::{median, millis, percentile, rate, whole},
    wire::post,
};

/// How many events the floor writes in a round at full scale.
const EVENTS: u32 = 50_000;
/// How many seconds a round of posting takes at full scale.
const SECONDS: f64 = 10.0;
/// How many seconds a round of latencies takes at full scale.
const LATENCY_SECONDS: f64 = 10.0;

/// Posts a second, and the 99th percentile of their latencies at half that rate. It starts with an empty database.
pub async fn measure(backend: Backend, setting: Setting) -> Vec<Figure> {
    let database = Database::fresh(backend).await;
    let server = Server::start(&database);
    let (mut stream, mut floor) = (Stream::new(), Floor::fresh(backend).await);
    let (mut floors, mut ours) = (Vec::new(), Vec::new());
    for round in 1..=setting.rounds {
        let events = stream.some(setting.count(EVENTS));
        floors.push(rate(events.len(), floor.write(&events).await));
        let done = closed(server.address, &posts(events), CONNECTIONS, setting.seconds(SECONDS)).await;
        ours.push(rate(done.count, done.time));
        eprintln!("post_{backend} {round}: floor {:.0}/s, onefold {:.0}/s", floors[round - 1], ours[round - 1]);
    }
    let half = median(&ours) / 2.0;
    let time = setting.seconds(LATENCY_SECONDS);
    let mut latencies = Vec::new();
    for round in 1..=setting.rounds {
        let events = stream.some(whole(half * time.as_secs_f64()) + 1);
        let commits = percentile(&millis(&floor.keep_pace(&events, half).await), 99);
        let posts = open(server.address, &posts(events), half, time).await;
        latencies.push(percentile(&millis(&posts), 99));
        let ours = latencies[round - 1];
        eprintln!(
            "post_p99_{backend} {round}: at {half:.0} events/s the floor's own commits {commits:.1} ms, onefold {ours:.1} ms"
        );
    }
    vec![
        Figure {
            name: format!("post_{backend}"),
            value: median(&ours),
            unit: "events/s",
            floor: Some(median(&floors)),
            bar: Bar::AtLeast(0.2),
        },
        Figure {
            name: format!("post_p99_{backend}"),
            value: median(&latencies),
            unit: "ms",
            floor: None,
            bar: Bar::AtMost(25.0),
        },
    ]
}

/// Each event as a post of its own.
pub fn posts(events: Vec<Occurrence>) -> Requests {
    Requests::once(events.into_iter().map(|event| post("/v1/events", &event.body)).collect(), 201)
}
