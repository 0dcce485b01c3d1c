//! Match: who could this contact be? Fuzzy, and nothing is written.

use super::profiles::{ProfileView, view};
use crate::{
    domain::{
        contact::Contact,
        golden::Include,
        id::{ProfileId, RecordId},
        resolution::Prepared,
        score::{Contribution, Decision, Score, score},
    },
    store::{
        StoreError,
        keys::{self, KeyRow},
        profiles, records,
        rulebook::Rulebook,
    },
};
use sea_orm::DatabaseConnection;
use serde::Serialize;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};
use utoipa::ToSchema;
use uuid::Uuid;

/// Profiles that a contact may belong to, the best first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Matches {
    /// The model that weighed them.
    pub model_version: String,
    /// At most ten; those that say nothing are left out.
    pub items: Vec<Ranked>,
    /// How many distinct contacts share something with this one and were not looked at: those that share least.
    pub left_out: usize,
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

/// So many distinct contacts are compared with the one that is asked about.
const COMPARED: usize = 2_000;
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
    rules: Rulebook<'_>,
    contact: &Contact,
) -> Result<Matches, StoreError> {
    let (tenant, id_key) = (rules.tenant.id, &rules.tenant.id_key);
    let model = &rules.model(connection).await?;
    let asked = Prepared::of(contact, id_key);
    let hashes: BTreeSet<i64> = asked.keys.iter().flat_map(|key| key.held_by_others()).collect();
    let dead = keys::dead(connection, tenant, hashes.iter().copied().collect()).await?;
    let asked = asked.alive(&dead);
    let hashes: Vec<i64> = asked.keys.iter().flat_map(|key| key.held_by_others()).chain([asked.form_key]).collect();
    let mut candidates = nearest(&keys::candidates(connection, tenant, hashes).await?);
    let left_out = candidates.len().saturating_sub(COMPARED);
    candidates.truncate(COMPARED);
    let mut best: BTreeMap<ProfileId, (Score, RecordId)> = BTreeMap::new();
    for record in records::find(connection, tenant, candidates).await? {
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
    Ok(Matches { model_version: model.version.clone(), items: items.collect(), left_out })
}

/// The records behind keys, those that share the most of them first.
fn nearest(rows: &[KeyRow]) -> Vec<Uuid> {
    let mut shared: BTreeMap<Uuid, usize> = BTreeMap::new();
    for row in rows {
        *shared.entry(row.record_id).or_default() += 1;
    }
    let mut records: Vec<(usize, Uuid)> = shared.into_iter().map(|(record, keys)| (keys, record)).collect();
    records.sort_unstable_by_key(|(keys, record)| (Reverse(*keys), *record));
    records.into_iter().map(|(_, record)| record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_shares_the_most_comes_first() {
        let rows = [(1, 30), (1, 20), (2, 20), (3, 20), (2, 10), (3, 10), (4, 40)];
        let rows = rows.map(|(key, record)| KeyRow { key, record_id: Uuid::from_u128(record) });
        assert_eq!(nearest(&rows), [20, 10, 30, 40].map(Uuid::from_u128));
    }
}
