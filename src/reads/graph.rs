//! Graph: how a profile holds together, and what it is kept apart from.

use super::component::{self, Clustered, Loaded};
use crate::{
    domain::{
        cluster::{How, Join},
        graph::{Graph, GraphJoin, GraphMember, GraphPossible},
        id::{ProfileId, RecordId},
        score::{Score, score},
    },
    store::{StoreError, profiles, records::StoredRecord, rulebook::Rulebook},
};
use sea_orm::DatabaseConnection;
use std::collections::BTreeSet;

/// A profile with its whole component, ready to be looked at.
pub struct Held {
    asked: ProfileId,
    profile: ProfileId,
    position: i64,
    loaded: Loaded,
}

/// Loads a profile, or the survivor of a retired one; none where there is no such profile.
///
/// # Errors
/// What the database says.
pub async fn load(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    asked: ProfileId,
) -> Result<Option<Held>, StoreError> {
    let mut found = profiles::find(connection, rules.tenant.id, vec![asked.uuid()]).await?;
    if let Some(survivor) = found.first().and_then(|profile| profile.survivor) {
        found = profiles::find(connection, rules.tenant.id, vec![survivor.uuid()]).await?;
    }
    let Some(profile) = found.pop() else { return Ok(None) };
    let loaded = component::load(connection, rules, BTreeSet::from([profile.id])).await?;
    Ok(Some(Held { asked, profile: profile.id, position: profile.position, loaded }))
}

impl Held {
    /// Clusters the component once more and tells how the profile came about. Much work where the component is large.
    #[must_use]
    pub fn graph(&self) -> Graph {
        let records: Vec<&StoredRecord> =
            self.loaded.records.values().filter(|record| record.profile == self.profile).collect();
        let mut joins: Vec<GraphJoin> = records
            .iter()
            .filter(|record| record.node != record.id)
            .map(|record| GraphJoin::new(record.node, record.id, How::SameForm, None, None))
            .collect();
        let mut possibles = Vec::new();
        if let Some(node) = records.first().map(|record| record.node) {
            let components = self.loaded.cluster();
            for component in components.iter().filter(|component| component.nodes.contains(&node)) {
                joins.extend(component.joins(node).iter().map(|join| self.join(component, join)));
                possibles = self.possibles(component, node);
            }
        }
        let mut graph = Graph {
            profile_id: self.profile,
            redirected_from: Some(self.asked).filter(|asked| *asked != self.profile),
            position: self.position,
            members: records.into_iter().map(member).collect(),
            joins,
            possibles,
            model_version: self.loaded.model.version.clone(),
            prior: self.loaded.model.prior,
            text: String::new(),
        };
        graph.tell();
        graph
    }

    fn join(&self, component: &Clustered, join: &Join) -> GraphJoin {
        let (a, b) = (component.nodes[join.a], component.nodes[join.b]);
        let score = self.score(a, b).filter(|_| join.weight.is_some());
        GraphJoin::new(a, b, join.how, join.weight, score.as_ref())
    }

    fn score(&self, a: RecordId, b: RecordId) -> Option<Score> {
        let (a, b) = (self.loaded.prepared_of(a)?.alive(&self.loaded.dead), self.loaded.prepared_of(b)?);
        let b = b.alive(&self.loaded.dead);
        Some(score(&a.node.features, &b.node.features, &self.loaded.model))
    }

    fn possibles(&self, component: &Clustered, node: RecordId) -> Vec<GraphPossible> {
        let others = component.possibles(node).into_iter().filter_map(|(other, possible)| {
            let profile = self.loaded.records.get(&other)?.profile;
            Some(GraphPossible::new(profile, possible.weight, possible.why))
        });
        let mut possibles: Vec<GraphPossible> = others.collect();
        possibles.sort_by(|x, y| y.weight.total_cmp(&x.weight).then_with(|| x.profile_id.cmp(&y.profile_id)));
        possibles
    }
}

fn member(record: &StoredRecord) -> GraphMember {
    GraphMember {
        record_id: record.id,
        node_id: record.node,
        is_node: record.node == record.id,
        events: record.events(),
        sources: record.observations.iter().map(|observation| observation.source.clone()).collect(),
    }
}
