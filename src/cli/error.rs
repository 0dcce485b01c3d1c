//! What can go wrong in a command, in words for whoever typed it. Nothing here quotes the data.

use super::import::mapping::MappingError;
use crate::{
    actions::remodel::RemodelError,
    domain::{id::RunId, model::ModelError},
    engine::StartError,
    store::{StoreError, citus::CitusError},
};
use std::{io, path::PathBuf};

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The database or the model does not open.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database failed on the way.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// The tables cannot be distributed.
    #[error(transparent)]
    Citus(#[from] CitusError),
    /// The database holds no default tenant.
    #[error("the database has no tenant `default`")]
    NoTenant,
    /// Others kept the database busy for minutes.
    #[error("the database stayed busy for too long; the same command goes on where this one stopped")]
    Busy,
    /// A file does not open or read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A CSV was given without the mapping that says what its columns mean.
    #[error("a CSV needs a mapping: --map map.toml (`onefold import --help` shows one)")]
    NoMapping,
    /// The mapping was refused, or does not fit the file.
    #[error("the mapping: {0}")]
    Mapping(#[from] MappingError),
    /// No import has this id.
    #[error("there is no import run {0}")]
    UnknownRun(RunId),
    /// The truth lacks a column.
    #[error("the truth has no column `{0}`")]
    TruthColumn(&'static str),
    /// The truth is no CSV.
    #[error("the truth: {0}")]
    Truth(csv::Error),
    /// The truth leaves nothing to judge.
    #[error("the truth holds no rows to judge")]
    NoTruth,
    /// A model was refused.
    #[error("{}: {reason}", path.display())]
    Model {
        /// Its file.
        path: PathBuf,
        /// Line and reason.
        reason: ModelError,
    },
    /// What is wanted of the model does not fit what is under way.
    #[error(transparent)]
    Remodel(RemodelError),
    /// The OpenAPI document cannot be written.
    #[error("the OpenAPI document cannot be written")]
    Document,
    /// The file holds somebody's data.
    #[error("{} holds something other than the demo; choose another file with --database", .0.display())]
    NotDemo(PathBuf),
    /// The demo's events do not read: a test rules it out.
    #[error("the demo's events do not read")]
    Fixture,
    /// Logging was set up twice, or its filter does not read.
    #[error("logging cannot be set up: check ONEFOLD_LOG")]
    Logging,
    /// There is no such key to revoke.
    #[error("there is no such key, or it is revoked already")]
    UnknownKey,
    /// The server failed.
    #[error("serving: {0}")]
    Serve(io::Error),
    /// The output cannot be written.
    #[error("writing: {0}")]
    Write(io::Error),
}

impl CliError {
    /// A file that does not open or read.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// Whether the reader of our output went away, as `head` does: no failure, just the end.
    #[must_use]
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Write(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
