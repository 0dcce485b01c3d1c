//! The reference: what the engine must come to, worked out in the plainest way. All contacts are compared with all others whose
//! keys they share; there is no index, nothing is kept from one event to the next, and no database.

use crate::database::ID_KEY;
use onefold::actions::prepare::prepare;
use onefold::domain::{
    blocking::Key,
    cluster::{Edge, Judgement, Verdict},
    contact::Event,
    model::Model,
    resolution::{Link, Prepared, Weights, resolve, weigh},
    sharing::{DeadKeys, verdict},
    source::Sources,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// Who belongs together: the ids of their events in their sources.
pub type People = BTreeSet<BTreeSet<String>>;

/// What a steward rules of the records of two events.
#[derive(Clone, Debug)]
pub struct Ruled {
    /// Whether they are one person.
    pub verdict: Verdict,
    /// The one event's id in its source.
    pub a: String,
    /// The other's.
    pub b: String,
}

/// Which pairs are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pairs {
    /// Those that share a live key.
    Blocked,
    /// All: what blocking costs is the difference.
    All,
}

/// A contact's record, what it is compared by, and the events that brought it.
struct Known {
    prepared: Arc<Prepared>,
    records: BTreeSet<Uuid>,
    events: BTreeSet<String>,
}

/// The people among events, given rulings over those that are there.
pub fn people(events: &[Value], rulings: &[Ruled], model: &Model, sources: &Sources) -> People {
    resolved(events, rulings, model, sources, Pairs::Blocked)
}

/// The same, comparing these pairs.
pub fn resolved(events: &[Value], rulings: &[Ruled], model: &Model, sources: &Sources, pairs: Pairs) -> People {
    let mut record_of: BTreeMap<String, Uuid> = BTreeMap::new();
    let mut forms: BTreeMap<Uuid, Known> = BTreeMap::new();
    for event in events {
        let event: Event = serde_json::from_value(event.clone()).unwrap();
        let source_event_id = event.source_event_id.clone();
        // Nobody may be in it.
        let Some((record, prepared)) = prepare(event, &ID_KEY, sources).unwrap().record else { continue };
        record_of.insert(source_event_id.clone(), record.id.uuid());
        let known = forms.entry(prepared.node.id).or_insert_with(|| Known {
            prepared,
            records: BTreeSet::new(),
            events: BTreeSet::new(),
        });
        known.records.insert(record.id.uuid());
        known.events.insert(source_event_id);
    }
    let known: Vec<Known> = forms.into_values().collect();
    let model = model.for_size(i64::try_from(known.len()).unwrap());
    let dead = dead(&known, &model);
    let alive: Vec<Prepared> = known.iter().map(|known| known.prepared.alive(&dead).into_owned()).collect();
    let edges = edges(&alive, &model, pairs);
    let node = |event: &String| {
        let record = record_of.get(event)?;
        known.iter().position(|known| known.records.contains(record))
    };
    let judgements: Vec<Judgement> = (1..)
        .zip(rulings)
        .filter(|(_, ruled)| record_of.get(&ruled.a) != record_of.get(&ruled.b))
        .filter_map(|(id, ruled)| {
            let (a, b) = (vec![node(&ruled.a)?], vec![node(&ruled.b)?]);
            Some(Judgement { id: Uuid::from_u128(id), verdict: ruled.verdict, a, b })
        })
        .collect();
    let nodes: Vec<&Prepared> = alive.iter().collect();
    let components = resolve(&nodes, &edges, &judgements, &model, &sources.unique_namespaces());
    let clusters = components.iter().flat_map(|component| {
        component.partition.clusters.iter().map(|cluster| {
            let members = cluster.nodes.iter().map(|local| component.nodes[*local]);
            members.flat_map(|node| known[node].events.iter().cloned()).collect()
        })
    });
    clusters.collect()
}

/// The keys that too many share, each judged by going through everybody.
fn dead(known: &[Known], model: &Model) -> DeadKeys {
    let keys: BTreeSet<Key> = known.iter().flat_map(|known| known.prepared.keys.iter().copied()).collect();
    let death = |key: &Key| {
        let prepared = known.iter().map(|known| known.prepared.as_ref());
        let holders: Vec<&Prepared> = prepared.filter(|prepared| prepared.keys.contains(key)).collect();
        verdict(*key, &holders, model)
    };
    keys.iter().filter_map(|key| Some((key.hash, death(key)?))).collect()
}

/// The links between all pairs that are to be compared.
fn edges(alive: &[Prepared], model: &Model, pairs: Pairs) -> Vec<Edge> {
    let mut edges = Vec::new();
    for b in 0..alive.len() {
        for a in 0..b {
            let share = alive[a].keys.iter().any(|x| alive[b].keys.iter().any(|y| x.value() == y.value()));
            if share || pairs == Pairs::All {
                let link: Link = weigh(&alive[a].node, &alive[b].node, model, &Weights::default());
                if link.matters(model) {
                    edges.push(Edge { a, b, weight: link.weight, claim: link.claim });
                }
            }
        }
    }
    edges
}
