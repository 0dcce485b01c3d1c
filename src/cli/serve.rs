//! `onefold serve`.

use super::error::CliError;
use crate::{
    actions::access::{self, DEFAULT_TENANT, Scope},
    config::Serve,
    engine::{Engine, StartError},
    server,
    store::api_keys,
    telemetry,
};
use std::{net::TcpListener, process::ExitCode, sync::Arc};

/// Serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// Whatever keeps the server from starting.
pub async fn run(args: Serve) -> Result<ExitCode, CliError> {
    telemetry::init(args.log_format, telemetry::SERVING).map_err(|_| CliError::Logging)?;
    // First of all: a server that cannot listen must not make a database, or a key that is shown only once.
    let listener = TcpListener::bind(args.listen).map_err(StartError::Listen)?;
    let engine = Engine::open(&args.database).await?;
    if let Some(key) = first_key(&engine, args.admin_key.as_deref()).await? {
        eprintln!("The admin key, shown this once: {key}");
    }
    engine.go_on().await?;
    let address = listener.local_addr().map_err(StartError::Listen)?;
    let engine = Arc::new(engine);
    let server = server::serve(Arc::clone(&engine), listener).map_err(StartError::Listen)?;
    // Whoever started us with port 0 waits for this line.
    eprintln!(
        "onefold listens on http://{address}, console at http://{address}/console, documentation at http://{address}/docs/"
    );
    server.await.map_err(CliError::Serve)?;
    engine.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Gives an empty database its admin key: the operator's, which is not shown again, or a new one, which is returned.
///
/// # Errors
/// What the database says.
async fn first_key(engine: &Engine, given: Option<&str>) -> Result<Option<String>, CliError> {
    if !api_keys::all(&engine.connection, DEFAULT_TENANT).await?.is_empty() {
        return Ok(None);
    }
    let key =
        given.map_or_else(|| access::new_key(DEFAULT_TENANT), |key| Ok(key.to_owned())).map_err(StartError::from)?;
    access::keep_key(&engine.connection, DEFAULT_TENANT, &key, "admin", &[Scope::Admin]).await?;
    Ok(given.is_none().then_some(key))
}
