//! Explain: any two records, or profiles by the pair of their records that fits best.

use super::component::{self, Loaded, Rules};
use crate::{
    domain::{
        explain::{Explanation, Fate, Side, explain},
        id::{ProfileId, RecordId},
        resolution::{Weights, weigh},
        source::Sources,
        subject::Subject,
    },
    store::{StoreError, profiles, records},
};
use sea_orm::DatabaseConnection;
use std::collections::BTreeSet;

/// Of a profile so many records are tried at the most.
const TRIED: usize = 200;

/// Explains two records or profiles; none where one of them is not known.
///
/// # Errors
/// What the database says.
pub async fn explain_pair(
    connection: &DatabaseConnection,
    rules: Rules<'_>,
    sources: &Sources,
    subjects: [Subject; 2],
) -> Result<Option<Explanation>, StoreError> {
    let (Some(a), Some(b)) =
        (holder(connection, rules, subjects[0]).await?, holder(connection, rules, subjects[1]).await?)
    else {
        return Ok(None);
    };
    let loaded = component::load(connection, rules, BTreeSet::from([a, b])).await?;
    let (a, b) = (members(&loaded, subjects[0], a), members(&loaded, subjects[1], b));
    let Some((x, y)) = best_pair(&loaded, &a, &b) else { return Ok(None) };
    let (Some(x_prepared), Some(y_prepared)) = (loaded.prepared_of(x), loaded.prepared_of(y)) else { return Ok(None) };
    let fate = fate(&loaded, sources, x, y);
    let sides = [Side { record: x, prepared: x_prepared }, Side { record: y, prepared: y_prepared }];
    Ok(Some(explain(sides[0], sides[1], fate, &loaded.dead, &loaded.model)))
}

/// The living profile that a subject belongs to.
async fn holder(
    connection: &DatabaseConnection,
    rules: Rules<'_>,
    subject: Subject,
) -> Result<Option<ProfileId>, StoreError> {
    match subject {
        Subject::Record(id) => {
            Ok(records::find(connection, rules.tenant, vec![id.uuid()]).await?.first().map(|record| record.profile))
        }
        Subject::Profile(id) => {
            let found = profiles::find(connection, rules.tenant, vec![id.uuid()]).await?;
            Ok(found.first().map(|profile| profile.survivor.unwrap_or(profile.id)))
        }
    }
}

/// The records of a subject, at most so many as are tried.
fn members(loaded: &Loaded, subject: Subject, profile: ProfileId) -> Vec<RecordId> {
    match subject {
        Subject::Record(id) => vec![id],
        Subject::Profile(_) => {
            let held = loaded.records.values().filter(|record| record.profile == profile);
            held.take(TRIED).map(|record| record.id).collect()
        }
    }
}

/// What became of the profiles of two records.
fn fate(loaded: &Loaded, sources: &Sources, a: RecordId, b: RecordId) -> Fate {
    let (a, b) = (&loaded.records[&a], &loaded.records[&b]);
    if a.profile == b.profile {
        return Fate::Together;
    }
    let components = loaded.cluster(sources);
    Fate::Apart(components.iter().find_map(|component| component.between(a.node, b.node)).map(|possible| possible.why))
}

fn best_pair(loaded: &Loaded, a: &[RecordId], b: &[RecordId]) -> Option<(RecordId, RecordId)> {
    let (mut weights, mut best) = (Weights::new(), None::<(f64, RecordId, RecordId)>);
    for x in a {
        for y in b {
            let (one, other) =
                (loaded.prepared_of(*x)?.alive(&loaded.dead), loaded.prepared_of(*y)?.alive(&loaded.dead));
            let weight = weigh(&one.node, &other.node, &loaded.model, &mut weights).weight;
            if best.is_none_or(|(known, _, _)| weight > known) {
                best = Some((weight, *x, *y));
            }
        }
    }
    best.map(|(_, x, y)| (x, y))
}
