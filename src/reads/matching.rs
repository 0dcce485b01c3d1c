//! Match: who could this contact be? Fuzzy, and nothing is written.

use super::profiles::{ProfileView, view};
use crate::{
    domain::{
        contact::Contact,
        golden::Include,
        id::{ProfileId, RecordId},
        keyed_hash::IdKey,
        model::Model,
        resolution::Prepared,
        score::{Contribution, Decision, Score, score},
    },
    store::{StoreError, TenantId, keys, lane, profiles, records},
};
use sea_orm::DatabaseConnection;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;
use uuid::Uuid;

/// Profiles that a contact may belong to, the best first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Matches {
    /// The model that weighed them.
    pub model_version: String,
    /// At most ten; those that say nothing are left out.
    pub items: Vec<Ranked>,
}

/// A profile and how well the contact fits it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Ranked {
    /// In bits: log2 of the odds that it is this person.
    pub weight: f64,
    /// What that means under the model's thresholds.
    pub decision: Decision,
    /// The record that fits best.
    pub record_id: RecordId,
    /// How each comparison with it came out.
    pub contributions: Vec<Contribution>,
    /// The profile.
    pub profile: ProfileView,
}

/// So many profiles are ranked at the most.
const LIMIT: usize = 10;
/// Profiles below this many bits are left out: nobody would look at them.
const WORTH_SHOWING: f64 = -10.0;

/// Ranks profiles by how well a contact fits them.
///
/// # Errors
/// What the database says.
pub async fn rank(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    model: &Model,
    contact: &Contact,
) -> Result<Matches, StoreError> {
    let model = &model.for_size(lane::forms(connection, tenant).await?);
    let asked = Prepared::of(contact, id_key);
    let hashes: BTreeSet<i64> = asked.keys.iter().flat_map(|key| key.held_by_others()).collect();
    let dead = keys::dead(connection, tenant, hashes.iter().copied().collect()).await?;
    let asked = asked.alive(&dead);
    let hashes: Vec<i64> = asked.keys.iter().flat_map(|key| key.held_by_others()).chain([asked.form_key]).collect();
    let candidates: BTreeSet<Uuid> =
        keys::candidates(connection, tenant, hashes).await?.into_iter().map(|row| row.record_id).collect();
    let mut best: BTreeMap<ProfileId, (Score, RecordId)> = BTreeMap::new();
    for record in records::find(connection, tenant, candidates.into_iter().collect()).await? {
        let theirs = Prepared::of(&record.contact, id_key);
        let score = score(&asked.node.features, &theirs.node.features, model);
        let better = best.get(&record.profile).is_none_or(|(known, _)| known.weight < score.weight);
        if score.weight >= WORTH_SHOWING && better {
            best.insert(record.profile, (score, record.id));
        }
    }
    let mut ranked: Vec<(ProfileId, Score, RecordId)> =
        best.into_iter().map(|(profile, (score, record))| (profile, score, record)).collect();
    ranked.sort_by(|x, y| y.1.weight.total_cmp(&x.1.weight).then_with(|| x.0.cmp(&y.0)));
    ranked.truncate(LIMIT);
    let ids = ranked.iter().map(|(profile, _, _)| profile.uuid()).collect();
    let mut views = BTreeMap::new();
    for found in profiles::largest_first(connection, tenant, ids).await? {
        let view = view(found, Include::default())?;
        views.insert(view.profile_id, view);
    }
    let items = ranked.into_iter().filter_map(|(id, score, record_id)| {
        views.remove(&id).map(|profile| Ranked {
            weight: score.weight,
            decision: score.decision(model),
            record_id,
            contributions: score.contributions,
            profile,
        })
    });
    Ok(Matches { model_version: model.version.clone(), items: items.collect() })
}
