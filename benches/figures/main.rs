//! The figures of `docs/performance.md`, on the real binary and real databases. `scripts/bench` runs it.
//!
//! A row prints one line of JSON on stdout; everything else goes to stderr. Absolute figures stand beside a floor that
//! is measured in the same run and in turns with them. Whoever adds a row: [`rows`] lists them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that cannot go on fails")]

mod bare;
mod database;
mod dice;
mod figure;
mod floor;
mod load;
mod people;
mod product;
mod setting;
mod stats;
mod wire;

mod contacts;
mod import;
mod one_person;
mod post;
mod profiles;
mod rows;
mod scaling;
mod timeline;
mod turns;

use database::Backend;
use futures_util::FutureExt;
use mimalloc::MiMalloc;
use rows::{GROUPS, names};
use setting::Setting;
use std::{panic::AssertUnwindSafe, path::PathBuf, process::ExitCode};

/// The allocator of the released binary, for the rows that measure its functions rather than the binary itself.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    if std::env::args().len() == 1 {
        // So does `cargo test --all-targets`, which is not meant to measure for an hour.
        eprintln!("nothing is measured without arguments: see scripts/bench");
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if let [argument, url] = arguments.as_slice()
        && argument == bare::ARGUMENT
    {
        return ExitCode::from(u8::from(bare::serve(url).is_err()));
    }
    // One thread: the client is to leave the cores to those that it measures.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("no runtime");
    if let [argument, backend, binaries @ ..] = arguments.as_slice()
        && argument == turns::ARGUMENT
        && !binaries.is_empty()
    {
        let Some(backend) = Backend::of(backend) else {
            eprintln!("{backend} is neither postgres nor sqlite");
            return ExitCode::from(2);
        };
        let binaries: Vec<PathBuf> = binaries.iter().map(PathBuf::from).collect();
        runtime.block_on(turns::measure(backend, &binaries, Setting::of_environment()));
        return ExitCode::SUCCESS;
    }
    let unknown = arguments.iter().find(|wanted| !names().any(|name| name.starts_with(wanted.as_str())));
    if let Some(unknown) = unknown {
        eprintln!("no row is named {unknown}; there are:");
        names().for_each(|name| eprintln!("  {name}"));
        return ExitCode::from(2);
    }
    let is_wanted =
        |name: &str| arguments.is_empty() || arguments.iter().any(|wanted| name.starts_with(wanted.as_str()));
    if runtime.block_on(run(&is_wanted)) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs the groups that hold a wanted row, and tells whether all wanted rows are good enough. A row that fails is told
/// on stderr, and the others run all the same.
async fn run(is_wanted: &dyn Fn(&str) -> bool) -> bool {
    let setting = Setting::of_environment();
    let mut all_ok = true;
    for group in GROUPS.into_iter().filter(|group| group.rows.iter().any(|name| is_wanted(name))) {
        let Ok(figures) = AssertUnwindSafe(group.measure(setting)).catch_unwind().await else {
            eprintln!("{} could not be measured", group.rows.join(", "));
            all_ok = false;
            continue;
        };
        for figure in figures.iter().filter(|figure| is_wanted(&figure.name)) {
            println!("{}", figure.line());
            all_ok &= figure.is_ok();
        }
    }
    all_ok
}
