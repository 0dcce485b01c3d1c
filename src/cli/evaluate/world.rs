//! All that is stored of a tenant, as the clusterer sees it, in memory.

use super::progress;
use crate::{
    domain::{
        cluster,
        id::{JudgementId, RecordId},
        judgement::Judgement,
        model::Model,
        resolution::{Component, Prepared, resolve_all},
        sharing::DeadKeys,
        source::Sources,
    },
    engine::Engine,
    reads::everything,
    store::{StoreError, keys, lane, records::StoredRecord, sources, tenants::Tenant},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The records of so many profiles are read at a time.
const PAGE: u64 = 1_000;
/// The keys of so many normal forms are asked for at a time.
const FORMS: usize = 1_000;

/// The stored normal forms, and by what they are compared.
pub struct World {
    /// The model in force, for so many normal forms.
    pub model: Model,
    /// What is registered of the sources.
    pub sources: Sources,
    /// The normal forms, by node.
    pub forms: Vec<Prepared>,
    /// The keys that are stored as dead.
    pub dead: DeadKeys,
    /// What stewards ruled, over nodes.
    rulings: Vec<cluster::Judgement>,
    /// By record, its node.
    nodes: HashMap<RecordId, usize>,
    /// By node, the values of its live keys, sorted.
    live: Vec<Vec<i64>>,
}

/// What the pages bring, before all of it is there.
#[derive(Default)]
struct Read {
    forms: Vec<Prepared>,
    places: HashMap<RecordId, usize>,
    node_of: Vec<(RecordId, RecordId)>,
    judgements: BTreeMap<JudgementId, Judgement>,
}

impl World {
    /// Reads everything.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load(engine: &Engine, tenant: &Tenant) -> Result<Self, StoreError> {
        let connection = &engine.connection;
        let model = engine.rulebook(tenant).model(connection).await?;
        let forms = lane::standing(connection, tenant.id).await?.forms;
        let read = read(engine, tenant, usize::try_from(forms).unwrap_or(0)).await?;
        let nodes: HashMap<RecordId, usize> = read
            .node_of
            .into_iter()
            .filter_map(|(record, node)| read.places.get(&node).map(|at| (record, *at)))
            .collect();
        let rulings = read
            .judgements
            .values()
            .filter_map(|ruling| ruling.over_nodes(|record| nodes.get(record).copied()))
            .collect();
        let dead = dead(engine, tenant, &read.forms).await?;
        let live = read.forms.iter().map(|form| live(form, &dead)).collect();
        let sources = sources::all(connection, tenant.id).await?;
        Ok(Self { model, sources, forms: read.forms, dead, rulings, nodes, live })
    }

    /// The node of a record; none where it was written a moment ago.
    #[must_use]
    pub fn node(&self, record: RecordId) -> Option<usize> {
        self.nodes.get(&record).copied()
    }

    /// Whether two nodes share a live key.
    #[must_use]
    pub fn meet(&self, a: usize, b: usize) -> bool {
        let (few, many) = if self.live[a].len() <= self.live[b].len() {
            (&self.live[a], &self.live[b])
        } else {
            (&self.live[b], &self.live[a])
        };
        few.iter().any(|value| many.binary_search(value).is_ok())
    }

    /// Clusters everything by another model. Returns by node the cluster it is in.
    #[must_use]
    pub fn clusters(&self, model: &Model) -> Vec<usize> {
        let nodes: Vec<&Prepared> = self.forms.iter().collect();
        let (_, components) = resolve_all(&nodes, &self.rulings, model, &self.sources.unique_namespaces());
        let mut of = vec![0; nodes.len()];
        let clusters = components.iter().flat_map(|component| {
            let Component { nodes, partition } = component;
            partition.clusters.iter().map(move |cluster| cluster.nodes.iter().map(move |local| nodes[*local]))
        });
        for (number, members) in clusters.enumerate() {
            for node in members {
                of[node] = number;
            }
        }
        of
    }
}

async fn read(engine: &Engine, tenant: &Tenant, forms: usize) -> Result<Read, StoreError> {
    let bar = progress::bar(forms, "reading records");
    let (mut read, mut after) = (Read::default(), None);
    loop {
        let (page, next) = everything::page(&engine.connection, tenant.id, after, PAGE).await?;
        for record in page.records {
            read.take(&record, tenant);
        }
        read.judgements.extend(page.judgements.into_iter().map(|judgement| (judgement.judgement_id, judgement)));
        bar.set_position(u64::try_from(read.forms.len()).unwrap_or(u64::MAX));
        let Some(next) = next else { return Ok(read) };
        after = Some(next);
    }
}

impl Read {
    fn take(&mut self, record: &StoredRecord, tenant: &Tenant) {
        self.node_of.push((record.id, record.node));
        if record.node == record.id && !self.places.contains_key(&record.id) {
            self.places.insert(record.id, self.forms.len());
            self.forms.push(Prepared::of(&record.contact, &tenant.id_key));
        }
    }
}

/// Which keys of these forms are stored as dead.
async fn dead(engine: &Engine, tenant: &Tenant, forms: &[Prepared]) -> Result<DeadKeys, StoreError> {
    let mut dead = DeadKeys::default();
    for some in forms.chunks(FORMS) {
        let keys = some.iter().flat_map(|form| &form.keys);
        let hashes: BTreeSet<i64> = keys.flat_map(|key| key.dies_with()).collect();
        dead.extend(keys::dead(&engine.connection, tenant.id, hashes.into_iter().collect()).await?);
    }
    Ok(dead)
}

fn live(form: &Prepared, dead: &DeadKeys) -> Vec<i64> {
    let values: BTreeSet<i64> = form.alive(dead).keys.iter().map(|key| key.value()).collect();
    values.into_iter().collect()
}
