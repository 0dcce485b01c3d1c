//! Logs and metrics. Neither ever holds personal data, and labels come from closed lists.

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, Opts, Registry, Result, TextEncoder,
    core::Collector, exponential_buckets,
};
use std::{io::IsTerminal, time::Duration};
use tracing_subscriber::{EnvFilter, fmt, util::SubscriberInitExt};

/// The variable that chooses what is logged, such as `onefold=debug,warn`.
pub const LOG_VARIABLE: &str = "ONEFOLD_LOG";

/// From a cached read to a slow export, in seconds.
const SECONDS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    Json,
    /// For people.
    #[default]
    Pretty,
}

/// What a server logs unless `ONEFOLD_LOG` says otherwise: its own doings, and of the libraries what is wrong.
pub const SERVING: &str = "warn,onefold=info";
/// What a command that prints data logs unless `ONEFOLD_LOG` says otherwise.
pub const QUIET: &str = "warn";

/// Starts logging to stderr. `ONEFOLD_LOG` chooses what, else `default` does.
///
/// # Errors
/// A malformed `ONEFOLD_LOG`, or logging was started before.
pub fn init(format: LogFormat, default: &str) -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let directives = std::env::var(LOG_VARIABLE).unwrap_or_else(|_| default.to_owned());
    let lines = fmt().with_env_filter(EnvFilter::try_new(directives)?).with_writer(std::io::stderr);
    // Colours are for terminals.
    let lines = lines.with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init()?,
        LogFormat::Pretty => lines.finish().try_init()?,
    }
    Ok(())
}

/// What is counted. One per process; the registry is its own, so that tests don't share one.
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    request_seconds: HistogramVec,
    events: IntCounterVec,
    merges: IntCounter,
    splits: IntCounter,
    reviews: IntCounter,
    queue_depth: IntGauge,
    batch_size: Histogram,
    commit_seconds: Histogram,
}

impl Metrics {
    /// All metrics at zero.
    ///
    /// # Errors
    /// Only if two metrics had one name.
    pub fn new() -> Result<Self> {
        let registry = Registry::new();
        let build = Opts::new("onefold_build_info", "Always 1; the label says which version runs.");
        kept(&registry, IntGauge::with_opts(build.const_label("version", env!("CARGO_PKG_VERSION"))))?.set(1);
        Ok(Self {
            requests: kept(&registry, requests())?,
            request_seconds: kept(&registry, request_seconds())?,
            events: kept(&registry, events())?,
            merges: kept(&registry, IntCounter::new("onefold_merges_total", "Merges of profiles."))?,
            splits: kept(&registry, IntCounter::new("onefold_splits_total", "Splits of profiles."))?,
            reviews: kept(
                &registry,
                IntCounter::new("onefold_reviews_total", "Events that a steward should look at."),
            )?,
            queue_depth: kept(&registry, IntGauge::new("onefold_lane_queue_depth", "Writes that wait for a lane."))?,
            batch_size: kept(&registry, batch_size())?,
            commit_seconds: kept(&registry, commit_seconds())?,
            registry,
        })
    }

    /// A request was answered. `route` is a template, never a path; `method` one of the known ones.
    pub fn request(&self, route: &str, method: &str, status: u16, took: Duration) {
        self.requests.with_label_values(&[route, method, &status.to_string()]).inc();
        self.request_seconds.with_label_values(&[route, method]).observe(took.as_secs_f64());
    }

    /// An event came out as `created`, `attached`…
    pub fn event(&self, outcome: &'static str) {
        self.events.with_label_values(&[outcome]).inc();
    }

    /// Profiles were merged into others.
    pub fn merged(&self, count: u64) {
        self.merges.inc_by(count);
    }

    /// Profiles were split off others.
    pub fn split(&self, count: u64) {
        self.splits.inc_by(count);
    }

    /// An event made a possible match or an ambiguity: a steward should look.
    pub fn review_raised(&self) {
        self.reviews.inc();
    }

    /// So many writes wait for a lane.
    pub fn set_queue_depth(&self, count: i64) {
        self.queue_depth.set(count);
    }

    /// A lane committed a batch.
    #[expect(clippy::cast_precision_loss, reason = "a batch is far smaller than 2^52")]
    pub fn committed(&self, batch_size: usize, took: Duration) {
        self.batch_size.observe(batch_size as f64);
        self.commit_seconds.observe(took.as_secs_f64());
    }

    /// Everything in the Prometheus text format.
    #[must_use]
    pub fn render(&self) -> String {
        TextEncoder::new().encode_to_string(&self.registry.gather()).unwrap_or_default()
    }
}

/// Registers a collector and hands it back.
fn kept<C: Collector + Clone + 'static>(registry: &Registry, collector: Result<C>) -> Result<C> {
    let collector = collector?;
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

fn requests() -> Result<IntCounterVec> {
    let opts = Opts::new("http_requests_total", "Requests by route template, method and status.");
    IntCounterVec::new(opts, &["route", "method", "status"])
}

fn request_seconds() -> Result<HistogramVec> {
    let opts = HistogramOpts::new("http_request_duration_seconds", "Time until the answer's head was ready.");
    HistogramVec::new(opts.buckets(SECONDS.to_vec()), &["route", "method"])
}

fn events() -> Result<IntCounterVec> {
    IntCounterVec::new(Opts::new("onefold_events_total", "Events by outcome."), &["outcome"])
}

fn batch_size() -> Result<Histogram> {
    let opts = HistogramOpts::new("onefold_lane_batch_size", "Writes per commit of a lane.");
    Histogram::with_opts(opts.buckets(exponential_buckets(1.0, 2.0, 14)?))
}

fn commit_seconds() -> Result<Histogram> {
    let opts = HistogramOpts::new("onefold_lane_commit_seconds", "Time of a lane's transaction with its commit.");
    Histogram::with_opts(opts.buckets(SECONDS.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_rendered() {
        let metrics = Metrics::new().unwrap();
        metrics.request("/v1/events", "POST", 201, Duration::from_millis(3));
        metrics.event("created");
        metrics.merged(2);
        metrics.split(1);
        metrics.review_raised();
        metrics.set_queue_depth(5);
        metrics.committed(100, Duration::from_millis(2));
        let text = metrics.render();
        for line in [
            r#"http_requests_total{method="POST",route="/v1/events",status="201"} 1"#,
            r#"http_request_duration_seconds_bucket{method="POST",route="/v1/events",le="0.005"} 1"#,
            r#"onefold_events_total{outcome="created"} 1"#,
            "onefold_merges_total 2",
            "onefold_splits_total 1",
            "onefold_reviews_total 1",
            "onefold_lane_queue_depth 5",
            r#"onefold_lane_batch_size_bucket{le="128"} 1"#,
            "onefold_lane_commit_seconds_count 1",
            concat!(r#"onefold_build_info{version=""#, env!("CARGO_PKG_VERSION"), r#""} 1"#),
        ] {
            assert!(text.lines().any(|l| l == line), "no {line} in\n{text}");
        }
    }
}
