//! `onefold demo`: a company's months of contact events through the real pipeline, what came of them, and a server on it.

use super::{error::CliError, say};
use crate::{
    actions::{
        access::{self, DEFAULT_TENANT, Scope},
        ingest::{Ingested, Outcome, ingest},
        memory::Memory,
        prepare::prepare,
        writer::count,
    },
    config::Database,
    domain::contact::Event,
    engine::{Engine, StartError},
    http::json::parse,
    reads::{
        events,
        exports::assignments_page,
        lookup::{self, Lookup},
        profiles::ProfileView,
    },
    server,
    store::{sources, tenants::Tenant},
    telemetry::{self, LogFormat},
};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    collections::BTreeMap,
    fmt::Write,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
};

const EVENTS: &str = include_str!("../../fixtures/demo/events.ndjson");

/// People whose golden records show well what resolution does; fixtures/demo/README.md tells their stories.
const SHOWN: [&str; 3] = ["idris.bellamy@example.com", "maren.lindqvist@example.com", "sophie.m@example.org"];

/// So many events are written together: few enough for the progress to be seen.
const BATCH: usize = 25;

/// What the demo does.
#[derive(Args)]
pub struct Demo {
    /// Where the demo's database lies; a demo that is there already is shown as it is
    #[arg(long, default_value = "onefold-demo.db", value_name = "FILE")]
    database: PathBuf,
    /// The address to listen on
    #[arg(long, env = "ONEFOLD_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The admin key; without it one is made and printed
    #[arg(long, env = "ONEFOLD_ADMIN_KEY", hide_env_values = true)]
    admin_key: Option<String>,
    /// Stop after loading
    #[arg(long)]
    no_serve: bool,
}

/// Loads the demo, shows what came of it, and serves it until Ctrl-C.
///
/// # Errors
/// Whatever keeps the demo from loading or the server from starting.
pub async fn run(args: Demo) -> Result<ExitCode, CliError> {
    telemetry::init(LogFormat::Pretty, telemetry::QUIET).map_err(|_| CliError::Logging)?;
    let listener = if args.no_serve { None } else { Some(TcpListener::bind(args.listen).map_err(StartError::Listen)?) };
    let engine = Engine::open(&Database::at(format!("sqlite://{}", args.database.display()))).await?;
    let tenant = engine.tenant(DEFAULT_TENANT).await?.ok_or(CliError::NoTenant)?;
    if !is_demo(&engine, &tenant).await? {
        return Err(CliError::NotDemo(args.database));
    }
    let outcomes = load(&engine, &tenant).await?;
    say(&summary(&outcomes))?;
    for email in SHOWN {
        for profile in find(&engine, &tenant, email).await? {
            say(&portrait(&profile)?)?;
        }
    }
    let Some(listener) = listener else {
        engine.close().await;
        return Ok(ExitCode::SUCCESS);
    };
    let key = args.admin_key.map_or_else(|| access::new_key(DEFAULT_TENANT), Ok).map_err(StartError::from)?;
    access::keep_key(&engine.connection, DEFAULT_TENANT, &key, "demo", &[Scope::Admin]).await?;
    serve(engine, listener, &key).await
}

/// Whether a database is empty or holds the demo: nobody's data is mixed with it.
async fn is_demo(engine: &Engine, tenant: &Tenant) -> Result<bool, CliError> {
    let (connection, id_key) = (&engine.connection, &tenant.id_key);
    let (some, _) = assignments_page(connection, tenant.id, None, 1).await?;
    let first: Option<Event> = EVENTS.lines().next().and_then(|line| parse(line.as_bytes()).ok());
    let Some(first) = first.filter(|_| !some.is_empty()) else { return Ok(some.is_empty()) };
    Ok(events::by_source(connection, tenant.id, id_key, &first.source, &first.source_event_id).await?.is_some())
}

/// Sends the events through the pipeline; returns how many came out how.
async fn load(engine: &Engine, tenant: &Tenant) -> Result<BTreeMap<&'static str, u64>, CliError> {
    let sources = sources::all(&engine.connection, tenant.id).await?;
    let events = EVENTS.lines().map(|line| parse::<Event>(line.as_bytes())).collect::<Result<Vec<_>, _>>();
    let events = events.map_err(|_| CliError::Fixture)?;
    let bar = ProgressBar::new(events.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} events, {per_sec}") {
        bar.set_style(style);
    }
    let (mut outcomes, mut memory) = (BTreeMap::new(), Memory::none());
    for batch in events.chunks(BATCH) {
        let prepared = batch.iter().map(|event| prepare(event.clone(), &tenant.id_key, &sources));
        let prepared = prepared.collect::<Result<Vec<_>, _>>()?;
        let answers = ingest(&engine.lanes, engine.rulebook(tenant), &mut memory, &prepared).await?;
        count(&engine.metrics, &answers);
        for answer in &answers {
            let (Ingested::Stored(answer) | Ingested::Replayed(answer)) = answer else { continue };
            *outcomes.entry(answer.outcome.name()).or_default() += 1;
        }
        bar.inc(batch.len() as u64);
    }
    bar.finish_and_clear();
    Ok(outcomes)
}

fn summary(outcomes: &BTreeMap<&'static str, u64>) -> String {
    let of = |outcome: Outcome| outcomes.get(outcome.name()).copied().unwrap_or(0);
    let total: u64 = outcomes.values().sum();
    let mut text = format!("{total} events of an outdoor shop, from fixtures/demo:\n");
    for (outcome, meaning) in [
        (Outcome::Created, "made a new profile"),
        (Outcome::Attached, "went to a known profile"),
        (Outcome::Merged, "showed that profiles are one person"),
        (Outcome::Split, "showed that a profile is several people"),
        (Outcome::Possible, "made a profile that may be somebody known: for a steward"),
        (Outcome::Ambiguous, "fit two people and stayed apart"),
        (Outcome::Unresolved, "had nobody in them"),
    ] {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:>6}  {meaning}", of(outcome));
    }
    text
}

async fn find(engine: &Engine, tenant: &Tenant, email: &str) -> Result<Vec<ProfileView>, CliError> {
    let lookup = Lookup { email: Some(email.to_owned()), ..Lookup::default() };
    let Ok(key) = lookup.key(&tenant.id_key) else { return Ok(Vec::new()) };
    Ok(lookup::by_key(&engine.connection, tenant.id, &tenant.id_key, key).await?.items)
}

/// A golden record on a few lines.
fn portrait(profile: &ProfileView) -> Result<String, CliError> {
    let golden = profile.golden.read()?;
    let mut text = String::new();
    let _ = writeln!(text, "{}", golden.name.as_deref().unwrap_or("(no name)"));
    let mut line = |label: &str, values: Vec<String>| {
        if !values.is_empty() {
            let _ = writeln!(text, "  {label:<10} {}", values.join(", "));
        }
    };
    line("emails", golden.emails.iter().map(|email| email.value.clone()).collect());
    line("phones", golden.phones.iter().map(|phone| phone.value.clone()).collect());
    line("handles", golden.handles.iter().map(|handle| format!("{}:{}", handle.network, handle.value)).collect());
    line("ids", golden.external_ids.iter().map(|id| format!("{}:{}", id.namespace, id.value)).collect());
    line("traits", golden.traits.iter().map(|(name, value)| format!("{name}={value}")).collect());
    let (records, events) = (profile.records, profile.events);
    let (first, last) = (profile.first_at.strftime("%F"), profile.last_at.strftime("%F"));
    let _ = writeln!(text, "  {events} events and {records} distinct contacts from {first} to {last}");
    let _ = write!(text, "  {}", profile.profile_id);
    Ok(text + "\n")
}

async fn serve(engine: Engine, listener: TcpListener, key: &str) -> Result<ExitCode, CliError> {
    let address = listener.local_addr().map_err(StartError::Listen)?;
    let engine = Arc::new(engine);
    let server = server::serve(Arc::clone(&engine), listener).map_err(StartError::Listen)?;
    say(&format!("Console        http://{address}/console"))?;
    say(&format!("API            http://{address}/v1"))?;
    say(&format!("Documentation  http://{address}/docs/"))?;
    say(&format!("Admin key      {key}"))?;
    say(&format!(
        "Try            curl -H 'Authorization: Bearer {key}' 'http://{address}/v1/profiles/search?q=idris'"
    ))?;
    say("Ctrl-C stops it.")?;
    server.await.map_err(CliError::Serve)?;
    engine.close().await;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_of_the_demo_reads() {
        let events: Result<Vec<Event>, _> = EVENTS.lines().map(|line| parse(line.as_bytes())).collect();
        assert!(events.unwrap().len() >= 400);
    }
}
