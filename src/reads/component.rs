//! Components: everything that hangs together with some profiles, clustered once more to tell how and why.

use crate::{
    domain::{
        cluster::{Join, Partition, Possible},
        id::{ProfileId, RecordId},
        judgement::Judgement,
        model::Model,
        resolution::{Prepared, Weights, links, resolve},
        sharing::DeadKeys,
        source::Sources,
    },
    store::{
        StoreError, judgements, keys, profiles,
        records::{self, StoredRecord},
        rulebook::Rulebook,
        sources,
    },
};
use sea_orm::DatabaseConnection;
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};
use uuid::Uuid;

/// The records of some components, and what clustering them says.
pub struct Loaded {
    /// The model, for as many normal forms as there are.
    pub model: Model,
    /// All records, by id.
    pub records: BTreeMap<RecordId, StoredRecord>,
    /// The nodes, each by the record that stands for it.
    pub nodes: Vec<RecordId>,
    /// What the nodes are compared and found by.
    pub prepared: Vec<Prepared>,
    /// Those of their keys that are dead.
    pub dead: DeadKeys,
    /// What stewards ruled of the records.
    pub judgements: Vec<Judgement>,
    /// The tenant's sources.
    pub sources: Sources,
}

/// Loads the whole components of these profiles.
///
/// # Errors
/// What the database says.
pub async fn load(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    of: BTreeSet<ProfileId>,
) -> Result<Loaded, StoreError> {
    let (tenant, id_key) = (rules.tenant.id, &rules.tenant.id_key);
    let of = of.iter().map(ProfileId::uuid).collect();
    let found = profiles::of_components(connection, tenant, of).await?;
    let ids = found.iter().map(|profile| profile.id.uuid()).collect();
    let records = records::of_profiles(connection, tenant, ids).await?;
    let judged: Vec<Uuid> = records.iter().map(|record| record.id.uuid()).collect();
    let judgements = judgements::of_records(connection, tenant, judged).await?;
    let nodes: Vec<&StoredRecord> = records.iter().filter(|record| record.node == record.id).collect();
    let prepared: Vec<Prepared> = nodes.iter().map(|node| Prepared::of(&node.contact, id_key)).collect();
    let hashes: BTreeSet<i64> =
        prepared.iter().flat_map(|prepared| &prepared.keys).flat_map(|key| key.dies_with()).collect();
    let dead = keys::dead(connection, tenant, hashes.into_iter().collect()).await?;
    let model = rules.model(connection).await?;
    let nodes = nodes.iter().map(|node| node.id).collect();
    let records = records.into_iter().map(|record| (record.id, record)).collect();
    let sources = sources::all(connection, tenant).await?;
    Ok(Loaded { model, records, nodes, prepared, dead, judgements, sources })
}

/// One component as it was clustered, in terms of records.
pub struct Clustered {
    /// The partition; its indices point into `nodes`.
    pub partition: Partition,
    /// Its nodes, each by the record that stands for it.
    pub nodes: Vec<RecordId>,
}

impl Loaded {
    /// Clusters the components, as the last write did.
    #[must_use]
    pub fn cluster(&self) -> Vec<Clustered> {
        let alive: Vec<Cow<'_, Prepared>> = self.prepared.iter().map(|node| node.alive(&self.dead)).collect();
        let nodes: Vec<&Prepared> = alive.iter().map(AsRef::as_ref).collect();
        let edges = links(&nodes, &self.model, &Weights::default());
        let place: HashMap<RecordId, usize> = self.nodes.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let node = |id: &RecordId| self.records.get(id).and_then(|record| place.get(&record.node).copied());
        let rulings: Vec<_> = self.judgements.iter().filter_map(|judgement| judgement.over_nodes(node)).collect();
        resolve(&nodes, &edges, &rulings, &self.model, &self.sources.unique_namespaces())
            .into_iter()
            .map(|component| Clustered {
                nodes: component.nodes.iter().map(|at| self.nodes[*at]).collect(),
                partition: component.partition,
            })
            .collect()
    }

    /// What a record is compared and found by.
    #[must_use]
    pub fn prepared_of(&self, record: RecordId) -> Option<&Prepared> {
        let node = self.records.get(&record)?.node;
        self.nodes.iter().position(|id| *id == node).map(|at| &self.prepared[at])
    }
}

impl Clustered {
    /// The cluster that holds a node.
    fn cluster_of(&self, node: RecordId) -> Option<usize> {
        let at = self.nodes.iter().position(|id| *id == node)?;
        self.partition.clusters.iter().position(|cluster| cluster.nodes.contains(&at))
    }

    /// Why the clusters of two nodes are two; none where nothing links them.
    #[must_use]
    pub fn between(&self, a: RecordId, b: RecordId) -> Option<Possible> {
        let (a, b) = (self.cluster_of(a)?, self.cluster_of(b)?);
        self.partition.possibles.iter().find(|p| (p.a, p.b) == (a.min(b), a.max(b))).copied()
    }

    /// The clusters that something links to that of a node, each by one of its nodes, and why they are not one with it.
    #[must_use]
    pub fn possibles(&self, node: RecordId) -> Vec<(RecordId, Possible)> {
        let Some(cluster) = self.cluster_of(node) else { return Vec::new() };
        let here = self.partition.possibles.iter().filter(|possible| possible.a == cluster || possible.b == cluster);
        let other = |possible: &Possible| if possible.a == cluster { possible.b } else { possible.a };
        let first = |cluster: usize| self.partition.clusters[cluster].nodes.first().map(|at| self.nodes[*at]);
        here.filter_map(|possible| Some((first(other(possible))?, *possible))).collect()
    }

    /// The steps by which the cluster of a node came about, in order.
    #[must_use]
    pub fn joins(&self, node: RecordId) -> Vec<Join> {
        let Some(cluster) = self.cluster_of(node) else { return Vec::new() };
        let members = &self.partition.clusters[cluster].nodes;
        self.partition.joins.iter().filter(|join| members.contains(&join.a)).copied().collect()
    }
}
