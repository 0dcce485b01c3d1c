//! The truth: whose each event really is, and where it is stored.

use super::progress;
use crate::{
    cli::error::CliError,
    domain::id::{ProfileId, RecordId},
    reads::exports::assignments_page,
    store::{StoreError, TenantId},
};
use sea_orm::DatabaseConnection;
use serde::Serialize;
use std::{collections::BTreeMap, fmt, io::Read};

const PAGE: u64 = 1_000;

/// An event, as its source calls it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Name {
    /// The system that sent it.
    pub source: String,
    /// Its id there.
    pub source_event_id: String,
}

/// What is known of an event.
#[derive(Clone, Debug)]
pub struct Known {
    /// The person it is of.
    pub entity: String,
    /// What its own identifiers tie it to.
    pub link: String,
    /// Where it is.
    pub place: Place,
}

/// Where an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is not stored.
    Missing,
    /// It is stored, and nobody is in it.
    Nobody,
    /// In a record, and the profile that holds it.
    In(RecordId, ProfileId),
}

/// By name, so that nothing depends on the order of the file.
pub type Truth = BTreeMap<Name, Known>;

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.source, self.source_event_id)
    }
}

/// Reads a truth; nothing of it is found yet.
///
/// # Errors
/// A column that is not there, a file that is no CSV, or has no rows to judge.
pub fn read(file: impl Read) -> Result<Truth, CliError> {
    let mut csv = csv::Reader::from_reader(file);
    let header = csv.headers().map_err(CliError::Truth)?.clone();
    let column = |name: &str| header.iter().position(|other| other.trim_start_matches('\u{feff}') == name);
    let must = |name| column(name).ok_or(CliError::TruthColumn(name));
    let (source, id, entity) = (must("source")?, must("source_event_id")?, must("entity_id")?);
    let (link, determinable) = (column("link_id"), column("determinable"));
    let mut truth = Truth::new();
    for row in csv.records() {
        let row = row.map_err(CliError::Truth)?;
        let cell = |at: usize| row.get(at).unwrap_or_default().to_owned();
        if determinable.is_none_or(|at| cell(at) != "0") {
            let link = link.map(cell).filter(|link| !link.is_empty()).unwrap_or_else(|| cell(entity));
            let known = Known { entity: cell(entity), link, place: Place::Missing };
            truth.insert(Name { source: cell(source), source_event_id: cell(id) }, known);
        }
    }
    if truth.is_empty() { Err(CliError::NoTruth) } else { Ok(truth) }
}

/// Finds out where each event is.
///
/// # Errors
/// What the database says.
pub async fn find(connection: &DatabaseConnection, tenant: TenantId, truth: &mut Truth) -> Result<(), StoreError> {
    let bar = progress::bar(truth.len(), "finding events");
    let mut after = None;
    loop {
        let (rows, next) = assignments_page(connection, tenant, after, PAGE).await?;
        for row in rows {
            let name = Name { source: row.source, source_event_id: row.source_event_id };
            if let Some(known) = truth.get_mut(&name) {
                known.place = row.record_id.zip(row.profile_id).map_or(Place::Nobody, |(r, p)| Place::In(r, p));
                bar.inc(1);
            }
        }
        let Some(next) = next else { return Ok(()) };
        after = Some(next);
    }
}
