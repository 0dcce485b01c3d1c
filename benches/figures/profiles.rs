//! `profile_get`, `lookup` and `lookup_p99*`: reads among a hundred thousand profiles.

use super::{
    bare::BareServer,
    database::{Backend, Database},
    dice::Dice,
    figure::{Bar, Figure},
    load::{CONNECTIONS, Requests, closed, open},
    people::events::{Occurrence, Stream},
    product::{EventFile, Server, assignments},
    setting::Setting,
    stats::{median, millis, percentile, rate},
    wire::{Wire, get},
};
use reqwest::Url;
use serde_json::Value;
use std::{collections::BTreeSet, net::SocketAddr};
use uuid::Uuid;

/// How many people there are at full scale, each with one event.
const PEOPLE: u32 = 100_000;
/// How many of them are asked for, in turns.
const ASKED: usize = 5_000;
/// How many seconds a round takes at full scale, and how many a server is warmed up for.
const SECONDS: f64 = 5.0;
const WARM_UP_SECONDS: f64 = 2.0;
/// How many seconds latencies are taken at full scale, and at how many requests a second.
const LATENCY_SECONDS: f64 = 30.0;
const LATENCY_RATE: f64 = 1_000.0;

/// A server over many profiles, and some of those it can be asked for.
struct World {
    server: Server,
    database: Database,
    /// Paths of profiles.
    profiles: Vec<String>,
    /// Paths of lookups by mailbox.
    lookups: Vec<String>,
}

/// Reads a second, beside those of the bare server; and the 99th percentile of a lookup's latency.
pub async fn rates(setting: Setting) -> Vec<Figure> {
    let world = World::build(Backend::Postgres, setting).await;
    let bodies = world.bodies().await;
    let bare = BareServer::start(&world.database, &bodies).await;
    let floor = requests(bodies.into_iter().map(|(id, _)| BareServer::path(id)));
    let mut figures = Vec::new();
    for (name, paths) in [("profile_get", &world.profiles), ("lookup", &world.lookups)] {
        let ours = requests(paths.iter().cloned());
        let (floor, value) = in_turns(name, (bare.address, &floor), (world.server.address, &ours), setting).await;
        figures.push(Figure {
            name: name.to_owned(),
            value,
            unit: "requests/s",
            floor: Some(floor),
            bar: Bar::AtLeast(0.6),
        });
    }
    figures.push(world.latency("lookup_p99", setting).await);
    figures
}

/// The 99th percentile of a lookup's latency on SQLite.
pub async fn latency_on_sqlite(setting: Setting) -> Vec<Figure> {
    let world = World::build(Backend::Sqlite, setting).await;
    vec![world.latency("lookup_p99_sqlite", setting).await]
}

/// The medians of the bare server's rate and of onefold's.
async fn in_turns(
    name: &str,
    floor: (SocketAddr, &Requests),
    ours: (SocketAddr, &Requests),
    setting: Setting,
) -> (f64, f64) {
    let time = setting.seconds(SECONDS);
    // Connections to the database are opened, and statements prepared, before anything counts.
    for (address, requests) in [floor, ours] {
        closed(address, requests, CONNECTIONS, setting.seconds(WARM_UP_SECONDS)).await;
    }
    let (mut floors, mut rates) = (Vec::new(), Vec::new());
    for round in 1..=setting.rounds {
        for ((address, requests), rates) in [(floor, &mut floors), (ours, &mut rates)] {
            let done = closed(address, requests, CONNECTIONS, time).await;
            rates.push(rate(done.count, done.time));
        }
        eprintln!("{name} {round}: floor {:.0}/s, onefold {:.0}/s", floors[round - 1], rates[round - 1]);
    }
    (median(&floors), median(&rates))
}

impl World {
    async fn build(backend: Backend, setting: Setting) -> Self {
        let database = Database::fresh(backend).await;
        let events = Stream::of_strangers().some(setting.count(PEOPLE));
        EventFile::of(&events).import(&database);
        database.settle().await;
        let profiles = profile_ids(&database).into_iter().map(|id| format!("/v1/profiles/{id}")).collect();
        let lookups = events.iter().filter_map(mailbox).map(|mailbox| lookup_path(&mailbox)).collect();
        let (profiles, lookups) = (sample(profiles), sample(lookups));
        let world = Self { server: Server::start(&database), database, profiles, lookups };
        world.assert_found().await;
        world
    }

    /// Every lookup that is measured finds somebody.
    async fn assert_found(&self) {
        let mut wire = Wire::connect(self.server.address).await;
        for path in &self.lookups {
            let found: Value = serde_json::from_slice(wire.expect(&get(path), 200).await).expect("JSON");
            assert!(found["items"][0]["profile_id"].is_string(), "{path} finds nobody");
        }
    }

    /// What onefold answers for the profiles, each with an id for the bare server.
    async fn bodies(&self) -> Vec<(Uuid, String)> {
        let mut wire = Wire::connect(self.server.address).await;
        let (mut bodies, mut dice) = (Vec::new(), Dice::of("bare", 1));
        for path in &self.profiles {
            let body = String::from_utf8(wire.expect(&get(path), 200).await.to_vec()).expect("UTF-8");
            bodies.push((Uuid::from_u64_pair(dice.next(), dice.next()), body));
        }
        bodies
    }

    async fn latency(&self, name: &str, setting: Setting) -> Figure {
        let lookups = requests(self.lookups.iter().cloned());
        closed(self.server.address, &lookups, CONNECTIONS, setting.seconds(WARM_UP_SECONDS)).await;
        let latencies = open(self.server.address, &lookups, LATENCY_RATE, setting.seconds(LATENCY_SECONDS)).await;
        let value = percentile(&millis(&latencies), 99);
        Figure { name: name.to_owned(), value, unit: "ms", floor: None, bar: Bar::AtMost(5.0) }
    }
}

/// The path of a lookup by mailbox.
pub fn lookup_path(mailbox: &str) -> String {
    let url = Url::parse_with_params("http://localhost/v1/profiles/lookup", [("email", mailbox)]).expect("a URL");
    format!("{}?{}", url.path(), url.query().expect("a query"))
}

fn requests(paths: impl Iterator<Item = String>) -> Requests {
    Requests::repeated(paths.map(|path| get(&path)).collect(), 200)
}

fn profile_ids(database: &Database) -> BTreeSet<String> {
    let id = |line: &str| {
        let row: Value = serde_json::from_str(line).expect("JSON");
        row["profile_id"].as_str().map(str::to_owned)
    };
    assignments(database).lines().filter_map(id).collect()
}

fn mailbox(event: &Occurrence) -> Option<String> {
    let event: Value = serde_json::from_str(&event.body).expect("JSON");
    event["contact"]["emails"][0]["value"].as_str().map(str::to_owned)
}

/// Some from everywhere, in no order.
fn sample(mut all: Vec<String>) -> Vec<String> {
    all.sort_by_cached_key(|text| *blake3::hash(text.as_bytes()).as_bytes());
    all.truncate(ASKED);
    all
}
