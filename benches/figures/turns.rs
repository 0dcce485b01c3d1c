//! `turns`: how long posts take on servers of several binaries that stand side by side. What slows the machine for a while slows
//! all of them, so that versions are told apart where whole runs, one after the other, differ by more than they do.

use super::{
    database::{Backend, Database},
    load::{CONNECTIONS, closed, open},
    people::events::{Occurrence, Stream},
    post::posts,
    product::Server,
    setting::Setting,
    stats::{median, millis, number, percentile, rate, whole},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// The argument that has them taken.
pub const ARGUMENT: &str = "turns";
/// How many events each has stored before the first turn, at full scale.
const EVENTS: u32 = 80_000;
/// How many turns each takes a round.
const TURNS: usize = 5;
/// How many seconds a turn takes at full scale.
const SECONDS: f64 = 1.5;
/// In how many parts of a second the kernel counts.
const TICKS: f64 = 100.0;

/// One version.
struct Side {
    name: String,
    server: Server,
    stream: Stream,
    latencies: Vec<f64>,
    /// The 99th percentile of each turn.
    peaks: Vec<f64>,
    /// Seconds for which the cores were busy.
    busy: f64,
    _database: Database,
}

/// Has each of these binaries store the same events, and then posts at half the rate of the slowest of them, to one after the
/// other. Prints a line for each on stdout.
pub async fn measure(backend: Backend, binaries: &[PathBuf], setting: Setting) {
    let (mut sides, mut rates) = (Vec::new(), Vec::new());
    for binary in binaries {
        let (side, rate) = Side::start(binary, backend, setting).await;
        eprintln!("{}: {rate:.0} posts/s", side.name);
        sides.push(side);
        rates.push(rate);
    }
    let half = rates.into_iter().fold(f64::INFINITY, f64::min) / 2.0;
    for _ in 0..TURNS * setting.rounds {
        for side in &mut sides {
            side.take(half, setting.seconds(SECONDS)).await;
        }
        // Not always the same one is the first.
        sides.rotate_left(1);
    }
    for side in &sides {
        println!("{backend} at {half:.0} posts/s: {}", side.line());
    }
}

impl Side {
    async fn start(binary: &Path, backend: Backend, setting: Setting) -> (Self, f64) {
        let database = Database::fresh(backend).await;
        let server = Server::of(binary, &database);
        let mut stream = Stream::new();
        let events = posts(stream.some(setting.count(EVENTS)));
        let done = closed(server.address, &events, CONNECTIONS, Duration::MAX).await;
        let name = binary.display().to_string();
        let side =
            Self { name, server, stream, latencies: Vec::new(), peaks: Vec::new(), busy: 0.0, _database: database };
        (side, rate(done.count, done.time))
    }

    async fn take(&mut self, rate: f64, time: Duration) {
        let events: Vec<Occurrence> = self.stream.some(whole(rate * time.as_secs_f64()) + 1);
        let before = busy();
        let latencies = open(self.server.address, &posts(events), rate, time).await;
        self.busy += busy() - before;
        let latencies = millis(&latencies);
        self.peaks.push(percentile(&latencies, 99));
        self.latencies.extend(latencies);
    }

    fn line(&self) -> String {
        let [p50, p95, p99] = [50, 95, 99].map(|percent| percentile(&self.latencies, percent));
        let busy = 1e3 * self.busy / number(self.latencies.len());
        let usual = median(&self.peaks);
        format!(
            "p50 {p50:.1} p95 {p95:.1} p99 {p99:.1} ms, p99 of a turn in the middle {usual:.1}, {busy:.2} ms of CPU a post: {}",
            self.name
        )
    }
}

/// For how many seconds all cores together were busy since the machine was started, whoever kept them so.
fn busy() -> f64 {
    let stat = fs::read_to_string("/proc/stat").expect("/proc/stat");
    let fields = stat.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let ticks: Vec<f64> = fields.map(|field| field.parse().expect("ticks")).collect();
    // User, nice, system, idle, waiting for a disk, interrupts, soft interrupts.
    (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TICKS
}
