//! Explain: any two records, or profiles by the pair of their records that fits best.

use super::component::{self, Clustered, Loaded};
use crate::{
    domain::{
        explain::{Explanation, Fate, Ruled, Side, explain},
        id::{JudgementId, ProfileId, RecordId},
        judgement::{Judgement, People},
        resolution::{Weights, weigh},
        subject::Subject,
    },
    store::{StoreError, profiles, records, rulebook::Rulebook},
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
    rules: Rulebook<'_>,
    subjects: [Subject; 2],
) -> Result<Option<Explanation>, StoreError> {
    let (Some(a), Some(b)) =
        (holder(connection, rules, subjects[0]).await?, holder(connection, rules, subjects[1]).await?)
    else {
        return Ok(None);
    };
    let loaded = component::load(connection, rules, BTreeSet::from([a, b])).await?;
    let holders = [a, b];
    let (a, b) = (members(&loaded, subjects[0], a), members(&loaded, subjects[1], b));
    let Some((x, y)) = best_pair(&loaded, &a, &b) else { return Ok(None) };
    let (Some(x_prepared), Some(y_prepared)) = (loaded.prepared_of(x), loaded.prepared_of(y)) else { return Ok(None) };
    let of_both = judged(&loaded, subjects, holders);
    let apart = loaded.records[&x].profile != loaded.records[&y].profile;
    let components = if apart || !of_both.is_empty() { loaded.cluster() } else { Vec::new() };
    let is_suspended = |id: JudgementId| components.iter().any(|c| c.partition.suspended.contains(&id.uuid()));
    let judgements = of_both
        .into_iter()
        .map(|(judgement, people)| Ruled::of(judgement, people, is_suspended(judgement.judgement_id)));
    let fate = fate(&loaded, &components, x, y);
    let sides = [Side { record: x, prepared: x_prepared }, Side { record: y, prepared: y_prepared }];
    Ok(Some(explain(sides[0], sides[1], fate, judgements.collect(), &loaded.dead, &loaded.model)))
}

/// The living profile that a subject belongs to.
async fn holder(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    subject: Subject,
) -> Result<Option<ProfileId>, StoreError> {
    match subject {
        Subject::Record(id) => {
            Ok(records::find(connection, rules.tenant.id, vec![id.uuid()]).await?.first().map(|record| record.profile))
        }
        Subject::Profile(id) => {
            let found = profiles::find(connection, rules.tenant.id, vec![id.uuid()]).await?;
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

/// The judgements in force that speak of both subjects: of a record, or any of its normal form, and of all records of a profile.
fn judged(loaded: &Loaded, subjects: [Subject; 2], holders: [ProfileId; 2]) -> Vec<(&Judgement, &People)> {
    let is = |subject: Subject, holder: ProfileId| {
        let node = match subject {
            Subject::Record(id) => loaded.records.get(&id).map(|record| record.node),
            Subject::Profile(_) => None,
        };
        move |id: &RecordId| {
            let here = loaded.records.get(id).filter(|record| record.profile == holder);
            here.is_some_and(|record| node.is_none_or(|node| record.node == node))
        }
    };
    let speaks = |people: &People| people.speaks_of(is(subjects[0], holders[0]), is(subjects[1], holders[1]));
    let people = loaded.judgements.iter().filter_map(|judgement| Some((judgement, judgement.people()?)));
    people.filter(|(_, people)| speaks(people)).collect()
}

/// What became of the profiles of two records.
fn fate(loaded: &Loaded, components: &[Clustered], a: RecordId, b: RecordId) -> Fate {
    let (a, b) = (&loaded.records[&a], &loaded.records[&b]);
    if a.profile == b.profile {
        return Fate::Together;
    }
    Fate::Apart(components.iter().find_map(|component| component.between(a.node, b.node)).map(|possible| possible.why))
}

fn best_pair(loaded: &Loaded, a: &[RecordId], b: &[RecordId]) -> Option<(RecordId, RecordId)> {
    let (unknown, mut best) = (Weights::default(), None::<(f64, RecordId, RecordId)>);
    for x in a {
        for y in b {
            let (one, other) =
                (loaded.prepared_of(*x)?.alive(&loaded.dead), loaded.prepared_of(*y)?.alive(&loaded.dead));
            let weight = weigh(&one.node, &other.node, &loaded.model, &unknown).weight;
            if best.is_none_or(|(known, _, _)| weight > known) {
                best = Some((weight, *x, *y));
            }
        }
    }
    best.map(|(_, x, y)| (x, y))
}
