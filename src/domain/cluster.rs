//! Clustering: which nodes of a component are one person. A node is a normal form, whatever number of records have it.
//!
//! Nodes with a personal name come first: their links, from strong to weak, join clusters that do not conflict. Then
//! clusters are compared as wholes. Nodes without a name join among themselves, and each such group is placed with the
//! cluster it fits best, unless a cluster that contradicts that one fits about as well: then it stays apart, ambiguous.
//! The result is a function of the set of nodes: ties go by node id, never by the order of arrival.

use super::{
    compare::{Features, name},
    model::Model,
    normalize::{external_id::NormalExternalId, name::Name},
    score::score,
};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// One normal form of the component.
#[derive(Clone, Debug)]
pub struct Node {
    /// A hash of the normal form: what ties go by.
    pub id: Uuid,
    /// What it is compared by.
    pub features: Features,
}

/// Two nodes that are at least a possible match.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// Index of the one node.
    pub a: usize,
    /// Index of the other.
    pub b: usize,
    /// The match weight in bits.
    pub weight: f64,
    /// Whether all that speaks for it is one claimed identifier.
    pub claim: bool,
}

/// A set of nodes held to be one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Indices of its nodes, ascending.
    pub nodes: Vec<usize>,
    /// Whether it fits two clusters that contradict each other about equally well, and therefore stays apart.
    pub ambiguous: bool,
}

/// Two clusters that a steward may want to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Possible {
    /// Index of the one cluster.
    pub a: usize,
    /// Index of the other.
    pub b: usize,
    /// The weight of the strongest link between them, in bits.
    pub weight: f64,
}

/// What becomes of a set of nodes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Partition {
    /// The clusters, by their smallest node.
    pub clusters: Vec<Cluster>,
    /// Links of at least a possible match that did not join.
    pub possibles: Vec<Possible>,
}

/// Partitions nodes. `unique` names the namespaces of which a person has at most one id.
#[must_use]
pub fn partition(nodes: &[Node], edges: &[Edge], model: &Model, unique: &BTreeSet<String>) -> Partition {
    let edges = within_caps(nodes, edges, model.cluster.component_cap);
    let mut forming = Forming::new(nodes, model, unique);
    forming.join_named(&edges);
    forming.join_wholes(&edges);
    forming.join_nameless(&edges);
    forming.place_nameless(&edges);
    forming.finish(&edges)
}

/// Orders links from strong to weak and leaves out those that would make a component larger than the cap.
fn within_caps(nodes: &[Node], edges: &[Edge], cap: usize) -> Vec<Edge> {
    let mut edges = edges.to_vec();
    let ids = |edge: &Edge| {
        let (a, b) = (nodes[edge.a].id, nodes[edge.b].id);
        (a.min(b), a.max(b))
    };
    edges.sort_by(|x, y| y.weight.total_cmp(&x.weight).then_with(|| ids(x).cmp(&ids(y))));
    let mut parts = DisjointSets::new(nodes.len());
    edges.retain(|edge| parts.join_within(edge.a, edge.b, cap));
    edges
}

/// A cluster while it forms.
struct Whole {
    nodes: Vec<usize>,
    features: Features,
    /// Each distinct name with the number of nodes that bear it.
    names: BTreeMap<Name, usize>,
    ambiguous: bool,
    /// The smallest node id: what ties go by.
    id: Uuid,
}

struct Forming<'a> {
    model: &'a Model,
    unique: &'a BTreeSet<String>,
    named: Vec<bool>,
    /// By node, the cluster it is in.
    of: Vec<usize>,
    /// Clusters by number; a joined one leaves a gap.
    wholes: BTreeMap<usize, Whole>,
}

impl<'a> Forming<'a> {
    fn new(nodes: &[Node], model: &'a Model, unique: &'a BTreeSet<String>) -> Self {
        let whole = |(index, node): (usize, &Node)| {
            let names = node.features.names.iter().map(|name| (name.clone(), 1)).collect();
            let features = node.features.clone();
            (index, Whole { nodes: vec![index], features, names, ambiguous: false, id: node.id })
        };
        Self {
            model,
            unique,
            named: nodes.iter().map(|node| !node.features.names.is_empty()).collect(),
            of: (0..nodes.len()).collect(),
            wholes: nodes.iter().enumerate().map(whole).collect(),
        }
    }

    /// Named nodes: links of a match, from strong to weak, join clusters that do not conflict.
    fn join_named(&mut self, edges: &[Edge]) {
        for edge in edges.iter().filter(|edge| edge.weight >= self.model.match_at) {
            let (a, b) = (self.of[edge.a], self.of[edge.b]);
            let both_named = self.named[edge.a] && self.named[edge.b];
            if both_named && a != b && !self.merely_claimed(edge.claim, a, b) && !self.conflict(a, b) {
                self.join(a, b);
            }
        }
    }

    /// Clusters as wholes: the best linked pair that is a match is joined, until none is.
    fn join_wholes(&mut self, edges: &[Edge]) {
        let mut weights = BTreeMap::new();
        loop {
            let pairs: BTreeSet<(usize, usize)> = edges
                .iter()
                .filter(|edge| self.named[edge.a] && self.named[edge.b])
                .map(|edge| ordered(self.of[edge.a], self.of[edge.b]))
                .filter(|(a, b)| a != b)
                .collect();
            for pair in &pairs {
                weights.entry(*pair).or_insert_with(|| self.weigh(pair.0, pair.1));
            }
            let best = pairs.into_iter().filter(|pair| weights[pair] >= self.model.match_at).max_by(|x, y| {
                weights[x].total_cmp(&weights[y]).then_with(|| self.ids(y.0, y.1).cmp(&self.ids(x.0, x.1)))
            });
            let Some((a, b)) = best else { return };
            let joined = self.join(a, b);
            weights.retain(|pair, _| ![pair.0, pair.1].iter().any(|side| *side == a || *side == b || *side == joined));
        }
    }

    /// Two wholes: the more pairs of nodes there are to try, the less the best of them says.
    fn weigh(&self, a: usize, b: usize) -> f64 {
        if self.conflict(a, b) {
            return f64::NEG_INFINITY;
        }
        let (mut x, mut y) = (&self.wholes[&a], &self.wholes[&b]);
        if y.id < x.id {
            (x, y) = (y, x);
        }
        let score = score(&x.features, &y.features, self.model);
        if self.merely_claimed(score.rests_on_a_claim(), a, b) {
            return f64::NEG_INFINITY;
        }
        #[expect(clippy::cast_precision_loss, reason = "a component is far smaller than 2^52 nodes")]
        let tried = (x.nodes.len() * y.nodes.len()) as f64;
        score.weight - tried.log2()
    }

    /// Nodes without a name join among themselves.
    fn join_nameless(&mut self, edges: &[Edge]) {
        for edge in edges.iter().filter(|edge| edge.weight >= self.model.match_at) {
            let (a, b) = (self.of[edge.a], self.of[edge.b]);
            if !self.named[edge.a]
                && !self.named[edge.b]
                && a != b
                && !self.merely_claimed(edge.claim, a, b)
                && !self.conflict(a, b)
            {
                self.join(a, b);
            }
        }
    }

    /// Each nameless group goes to the cluster it fits best, and ties together clusters that it fits and that agree.
    fn place_nameless(&mut self, edges: &[Edge]) {
        let mut groups: Vec<(f64, Uuid, usize)> = Vec::new();
        for (number, whole) in &self.wholes {
            if !self.named[whole.nodes[0]] {
                let strongest = self.places(*number, edges).first().map_or(f64::NEG_INFINITY, |place| place.0);
                groups.push((strongest, whole.id, *number));
            }
        }
        groups.sort_by(|x, y| y.0.total_cmp(&x.0).then_with(|| x.1.cmp(&y.1)));
        for (_, _, group) in groups {
            self.place(group, edges);
        }
    }

    fn place(&mut self, group: usize, edges: &[Edge]) {
        let places = self.places(group, edges);
        let Some((best_weight, best)) = places.first().copied() else { return };
        let contradicts = |(weight, other): &(f64, usize)| {
            best_weight - weight < self.model.cluster.margin && self.conflict(best, *other)
        };
        if places[1..].iter().any(contradicts) {
            if let Some(whole) = self.wholes.get_mut(&group) {
                whole.ambiguous = true;
            }
            return;
        }
        let mut home = self.join(group, best);
        for (_, other) in &places[1..] {
            // What joins two named clusters is the group alone: their names must agree, and not merely fail to contradict.
            let agree = |a: &Whole, b: &Whole| names_agree(&a.names, &b.names) > 0.0;
            if !self.conflict(home, *other) && agree(&self.wholes[&home], &self.wholes[other]) {
                home = self.join(home, *other);
            }
        }
    }

    /// The named clusters that a nameless group matches, best first.
    fn places(&self, group: usize, edges: &[Edge]) -> Vec<(f64, usize)> {
        let mut weights: BTreeMap<usize, f64> = BTreeMap::new();
        for edge in edges {
            let (a, b) = (self.of[edge.a], self.of[edge.b]);
            let other = if a == group { b } else { a };
            if a == b || (a != group && b != group) || self.wholes[&other].names.is_empty() {
                continue;
            }
            if !self.merely_claimed(edge.claim, a, b) && !self.conflict(group, other) {
                let weight = weights.entry(other).or_insert(f64::NEG_INFINITY);
                *weight = weight.max(edge.weight);
            }
        }
        for (other, weight) in &mut weights {
            if *weight < self.model.match_at {
                *weight = weight.max(self.weigh(group, *other));
            }
        }
        let mut places: Vec<(f64, usize)> =
            weights.into_iter().filter(|(_, w)| *w >= self.model.match_at).map(|(other, w)| (w, other)).collect();
        places.sort_by(|x, y| y.0.total_cmp(&x.0).then_with(|| self.wholes[&x.1].id.cmp(&self.wholes[&y.1].id)));
        places
    }

    /// Whether something says that these are two people: names that on average disagree, or two ids where a person has one.
    fn conflict(&self, a: usize, b: usize) -> bool {
        let (x, y) = (&self.wholes[&a], &self.wholes[&b]);
        names_agree(&x.names, &y.names) < 0.0
            || ids_contradict(&x.features.external_ids, &y.features.external_ids, self.unique)
    }

    /// Whether a link rests on one claimed identifier while both sides are somebody without it. A side without a name and
    /// with at most one identifier that was not merely claimed is nobody much without it: the claim places it.
    fn merely_claimed(&self, claim: bool, a: usize, b: usize) -> bool {
        let stands_alone = |whole: &Whole| {
            let learnt = whole.features.identifiers_learnt();
            learnt > 1 || (learnt == 1 && !whole.names.is_empty())
        };
        claim && stands_alone(&self.wholes[&a]) && stands_alone(&self.wholes[&b])
    }

    fn join(&mut self, a: usize, b: usize) -> usize {
        let (into, from) = ordered(a, b);
        if let Some(gone) = self.wholes.remove(&from)
            && let Some(whole) = self.wholes.get_mut(&into)
        {
            for node in &gone.nodes {
                self.of[*node] = into;
            }
            whole.nodes.extend(gone.nodes);
            whole.features.absorb(&gone.features);
            for (name, count) in gone.names {
                *whole.names.entry(name).or_default() += count;
            }
            whole.id = whole.id.min(gone.id);
        }
        into
    }

    fn ids(&self, a: usize, b: usize) -> (Uuid, Uuid) {
        ordered(self.wholes[&a].id, self.wholes[&b].id)
    }

    fn finish(self, edges: &[Edge]) -> Partition {
        let numbers: BTreeMap<usize, usize> = self.wholes.keys().enumerate().map(|(index, n)| (*n, index)).collect();
        let mut strongest: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for edge in edges {
            let pair = ordered(numbers[&self.of[edge.a]], numbers[&self.of[edge.b]]);
            if pair.0 != pair.1 {
                let weight = strongest.entry(pair).or_insert(edge.weight);
                *weight = weight.max(edge.weight);
            }
        }
        let clusters = self.wholes.into_values().map(|whole| {
            let mut nodes = whole.nodes;
            nodes.sort_unstable();
            Cluster { nodes, ambiguous: whole.ambiguous }
        });
        Partition {
            clusters: clusters.collect(),
            possibles: strongest.into_iter().map(|((a, b), weight)| Possible { a, b, weight }).collect(),
        }
    }
}

/// How far the names of two clusters agree, summed over their pairs: below zero they speak for two people.
fn names_agree(xs: &BTreeMap<Name, usize>, ys: &BTreeMap<Name, usize>) -> f64 {
    let pairs = xs.iter().flat_map(|(x, n)| ys.iter().map(move |(y, m)| (x, y, n * m)));
    #[expect(clippy::cast_precision_loss, reason = "a component is far smaller than 2^52 nodes")]
    pairs.map(|(x, y, times)| name::agreement(&name::pair(x, y)) * times as f64).sum()
}

fn ids_contradict(xs: &[NormalExternalId], ys: &[NormalExternalId], unique: &BTreeSet<String>) -> bool {
    unique.iter().any(|namespace| {
        let values = |ids: &[NormalExternalId]| -> BTreeSet<String> {
            ids.iter().filter(|id| id.namespace == *namespace).map(|id| id.value.clone()).collect()
        };
        let (x, y) = (values(xs), values(ys));
        !x.is_empty() && !y.is_empty() && x.is_disjoint(&y)
    })
}

fn ordered<T: Ord>(a: T, b: T) -> (T, T) {
    if a <= b { (a, b) } else { (b, a) }
}

/// Union–find with the sizes of the sets.
pub struct DisjointSets {
    parent: Vec<usize>,
    size: Vec<usize>,
}

impl DisjointSets {
    /// `count` sets of one each.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { parent: (0..count).collect(), size: vec![1; count] }
    }

    /// The representative of the set that holds `item`.
    pub fn find(&mut self, mut item: usize) -> usize {
        while self.parent[item] != item {
            self.parent[item] = self.parent[self.parent[item]];
            item = self.parent[item];
        }
        item
    }

    /// Joins two sets unless together they would hold more than `cap` items; says whether they are one now.
    pub fn join_within(&mut self, a: usize, b: usize, cap: usize) -> bool {
        let (a, b) = (self.find(a), self.find(b));
        if a == b {
            return true;
        }
        if self.size[a] + self.size[b] > cap {
            return false;
        }
        self.parent[b] = a;
        self.size[a] += self.size[b];
        true
    }
}
