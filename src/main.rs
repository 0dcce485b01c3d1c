//! The `onefold` binary: reads the command line and does what it says.

use clap::Parser;
use mimalloc::MiMalloc;
use onefold::cli::{Cli, run};
use std::process::ExitCode;

/// Names, keys and forms are many small allocations, made by one thread and dropped by another.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    // Boxed: the futures of all commands together would be large on the stack.
    match Box::pin(run(Cli::parse())).await {
        Ok(code) => code,
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("onefold: {error}");
            ExitCode::FAILURE
        }
    }
}
