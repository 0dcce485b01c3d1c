//! Explain: any two records, or profiles by the pair of their records that fits best.

use crate::{
    domain::{
        explain::{Explanation, Side, explain},
        id::{ProfileId, RecordId},
        keyed_hash::IdKey,
        model::Model,
        resolution::{Prepared, Weights, weigh},
    },
    store::{
        StoreError, TenantId, keys, profiles,
        records::{self, StoredRecord},
    },
};
use sea_orm::DatabaseConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// One of the two things to explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A record.
    Record(RecordId),
    /// A profile: all its records.
    Profile(ProfileId),
}

/// Of a profile so many records are tried at the most.
const TRIED: usize = 200;

/// Explains two records or profiles; none where one of them is not known.
///
/// # Errors
/// What the database says.
pub async fn explain_pair(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    model: &Model,
    subjects: [Subject; 2],
) -> Result<Option<Explanation>, StoreError> {
    let a = members(connection, tenant, subjects[0]).await?;
    let b = members(connection, tenant, subjects[1]).await?;
    let (a, b) = (prepare(a, id_key), prepare(b, id_key));
    let Some((x, y)) = best_pair(&a, &b, model) else { return Ok(None) };
    let hashes: BTreeSet<i64> = x.1.keys.iter().chain(&y.1.keys).map(|key| key.hash).collect();
    let capped = keys::capped(connection, tenant, hashes.into_iter().collect()).await?;
    let both: BTreeSet<Uuid> = [x.0.profile.uuid(), y.0.profile.uuid()].into();
    let holders = profiles::find(connection, tenant, both.into_iter().collect()).await?;
    let is_ambiguous = |candidate: &Candidate| holders.iter().any(|h| h.id == candidate.0.profile && h.ambiguous);
    let (a_ambiguous, b_ambiguous) = (is_ambiguous(x), is_ambiguous(y));
    Ok(Some(explain(
        Side { record: x.0.id, prepared: &x.1, ambiguous: a_ambiguous },
        Side { record: y.0.id, prepared: &y.1, ambiguous: b_ambiguous },
        x.0.profile == y.0.profile,
        &capped,
        model,
    )))
}

async fn members(
    connection: &DatabaseConnection,
    tenant: TenantId,
    subject: Subject,
) -> Result<Vec<StoredRecord>, StoreError> {
    match subject {
        Subject::Record(id) => records::find(connection, tenant, vec![id.uuid()]).await,
        Subject::Profile(id) => {
            let found = profiles::find(connection, tenant, vec![id.uuid()]).await?;
            let living = found.iter().map(|profile| profile.survivor.unwrap_or(profile.id).uuid()).collect();
            records::of_profiles(connection, tenant, living).await
        }
    }
}

fn prepare(records: Vec<StoredRecord>, id_key: &IdKey) -> Vec<(StoredRecord, Prepared)> {
    records
        .into_iter()
        .take(TRIED)
        .map(|record| {
            let prepared = Prepared::of(&record.contact, id_key);
            (record, prepared)
        })
        .collect()
}

type Candidate = (StoredRecord, Prepared);

fn best_pair<'a>(a: &'a [Candidate], b: &'a [Candidate], model: &Model) -> Option<(&'a Candidate, &'a Candidate)> {
    let mut weights = Weights::new();
    let mut best: Option<(f64, &Candidate, &Candidate)> = None;
    for x in a {
        for y in b {
            let weight = weigh(&x.1.node, &y.1.node, model, &mut weights).0;
            if best.is_none_or(|(known, _, _)| weight > known) {
                best = Some((weight, x, y));
            }
        }
    }
    best.map(|(_, x, y)| (x, y))
}
