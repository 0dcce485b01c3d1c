//! Clusters while they form, step by step.

use super::{Apart, Cluster, Edge, How, Join, Judgement, Node, Partition, Possible, Verdict, conflict::Bits};
use crate::domain::{
    compare::{
        Features,
        name::{self, NameLevels},
    },
    model::Model,
    normalize::name::Name,
    score::link,
};
use rustc_hash::FxHashMap;
use std::{
    borrow::Cow,
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};
use uuid::Uuid;

/// A cluster while it forms.
#[derive(Default)]
pub(super) struct Whole<'a> {
    /// None once it is part of another.
    pub nodes: Vec<usize>,
    /// Those of its only node, until it takes in another.
    pub features: Cow<'a, Features>,
    /// Each distinct name, by its number, with how many nodes bear it.
    pub names: Vec<(usize, usize)>,
    /// The most identifiers that one of its nodes learnt otherwise than by a claim.
    learnt: usize,
    ambiguous: bool,
    /// The smallest node id: what ties go by.
    id: Uuid,
    /// The judgements of difference it stands in, by number and side.
    ruled: BTreeSet<(usize, bool)>,
}

/// All clusters of a component while they form.
pub(super) struct Forming<'a> {
    pub model: &'a Model,
    pub unique: &'a BTreeSet<String>,
    edges: &'a [Edge],
    /// By node, the links it has.
    links: Vec<Vec<usize>>,
    named: Vec<bool>,
    /// By node, the cluster it is in.
    of: Vec<usize>,
    /// Clusters by number; a joined one is left empty.
    pub wholes: Vec<Whole<'a>>,
    names: Vec<&'a Name>,
    name_levels: RefCell<FxHashMap<(usize, usize), NameLevels>>,
    joins: Vec<Join>,
}

impl Whole<'_> {
    /// Whether a steward ruled that they are two people.
    pub fn is_ruled_apart(&self, other: &Whole) -> bool {
        self.ruled.iter().any(|(judgement, side)| other.ruled.contains(&(*judgement, !side)))
    }

    fn absorb(&mut self, other: Self) {
        self.nodes.extend(other.nodes);
        self.features.to_mut().absorb(&other.features);
        for (name, count) in other.names {
            match self.names.binary_search_by_key(&name, |(known, _)| *known) {
                Ok(at) => self.names[at].1 += count,
                Err(at) => self.names.insert(at, (name, count)),
            }
        }
        self.learnt = self.learnt.max(other.learnt);
        self.id = self.id.min(other.id);
        self.ruled.extend(other.ruled);
    }
}

impl<'a> Forming<'a> {
    /// Each node by itself. Links come from strong to weak.
    pub fn new(
        nodes: &[&'a Node],
        edges: &'a [Edge],
        judgements: &[Judgement],
        model: &'a Model,
        unique: &'a BTreeSet<String>,
    ) -> Self {
        let mut names: Vec<&Name> = nodes.iter().flat_map(|node| &node.features.names).collect();
        names.sort_unstable();
        names.dedup();
        let mut wholes: Vec<Whole> = nodes.iter().enumerate().map(|(index, node)| alone(index, node, &names)).collect();
        for (number, judgement) in judgements.iter().enumerate().filter(|(_, j)| j.verdict == Verdict::Different) {
            for (side, members) in [(false, &judgement.a), (true, &judgement.b)] {
                for node in members {
                    wholes[*node].ruled.insert((number, side));
                }
            }
        }
        let mut links = vec![Vec::new(); nodes.len()];
        for (index, edge) in edges.iter().enumerate() {
            links[edge.a].push(index);
            links[edge.b].push(index);
        }
        Self {
            model,
            unique,
            edges,
            links,
            named: nodes.iter().map(|node| !node.features.names.is_empty()).collect(),
            of: (0..nodes.len()).collect(),
            wholes,
            names,
            name_levels: RefCell::default(),
            joins: Vec::new(),
        }
    }

    /// Two names by their numbers.
    pub fn pair(&self, a: usize, b: usize) -> (&'a Name, &'a Name) {
        (self.names[a], self.names[b])
    }

    /// How two names, by their numbers, stand to each other.
    pub fn name_levels(&self, a: usize, b: usize) -> NameLevels {
        let compare = || name::pair(self.names[a], self.names[b], self.model);
        *self.name_levels.borrow_mut().entry(ordered(a, b)).or_insert_with(compare)
    }

    /// What stewards ruled to be one, whatever speaks against it.
    pub fn join_judged(&mut self, groups: &[Vec<usize>]) {
        for pair in groups.iter().flat_map(|group| group.windows(2)) {
            if self.of[pair[0]] != self.of[pair[1]] {
                self.join(pair[0], pair[1], How::Judged, None);
            }
        }
    }

    /// Named nodes: links of a match, from strong to weak, join clusters that do not conflict.
    pub fn join_named(&mut self) {
        self.join_links(true, How::Match);
    }

    /// Nodes without a name join among themselves.
    pub fn join_nameless(&mut self) {
        self.join_links(false, How::Nameless);
    }

    fn join_links(&mut self, named: bool, how: How) {
        for edge in self.edges.iter().take_while(|edge| edge.weight >= self.model.match_at) {
            let (a, b) = (self.of[edge.a], self.of[edge.b]);
            let of_kind = self.named[edge.a] == named && self.named[edge.b] == named;
            if of_kind && a != b && !self.merely_claimed(edge.claim, a, b) && self.conflict(a, b).is_none() {
                self.join(edge.a, edge.b, how, Some(edge.weight));
            }
        }
    }

    /// Clusters as wholes: the best linked pair that is a match is joined, until none is.
    pub fn join_wholes(&mut self) {
        let named = |edge: &&Edge| self.named[edge.a] && self.named[edge.b];
        let mut open: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for edge in self.edges.iter().filter(named) {
            let pair = ordered(self.of[edge.a], self.of[edge.b]);
            if pair.0 != pair.1 && !open.contains_key(&pair) {
                open.insert(pair, self.weigh(pair.0, pair.1));
            }
        }
        loop {
            let matches = open.iter().filter(|(_, weight)| **weight >= self.model.match_at);
            let best = matches.max_by(|x, y| x.1.total_cmp(y.1).then_with(|| self.ids(*y.0).cmp(&self.ids(*x.0))));
            let Some(((a, b), weight)) = best.map(|(pair, weight)| (*pair, *weight)) else { return };
            let Some((node, other)) = self.strongest(a, b) else { return };
            let into = self.join(node, other, How::Wholes, Some(weight));
            let stale: BTreeSet<usize> = open
                .keys()
                .flat_map(|(x, y)| [(*x, *y), (*y, *x)])
                .filter(|(x, _)| *x == a || *x == b)
                .map(|(_, other)| other)
                .collect();
            open.retain(|(x, y), _| ![*x, *y].iter().any(|side| *side == a || *side == b));
            for other in stale.into_iter().filter(|other| *other != a && *other != b) {
                open.insert(ordered(into, other), self.weigh(into, other));
            }
        }
    }

    /// Two wholes: the more pairs of nodes there are to try, the less the best of them says.
    fn weigh(&self, a: usize, b: usize) -> f64 {
        if self.conflict(a, b).is_some() {
            return f64::NEG_INFINITY;
        }
        let (mut x, mut y) = (&self.wholes[a], &self.wholes[b]);
        if y.id < x.id {
            (x, y) = (y, x);
        }
        let link = link(&x.features, &y.features, self.model);
        if self.merely_claimed(link.claim, a, b) {
            return f64::NEG_INFINITY;
        }
        #[expect(clippy::cast_precision_loss, reason = "a component is far smaller than 2^52 nodes")]
        let tried = (x.nodes.len() * y.nodes.len()) as f64;
        link.weight - tried.log2()
    }

    /// Each nameless group goes to the cluster it fits best, and ties together clusters that it fits and that agree.
    pub fn place_nameless(&mut self) {
        let mut groups: Vec<(f64, Uuid, usize)> = Vec::new();
        for (number, whole) in self.wholes.iter().enumerate() {
            if whole.names.is_empty() && !whole.nodes.is_empty() {
                let strongest = self.places(number).first().map_or(f64::NEG_INFINITY, |place| place.0);
                groups.push((strongest, whole.id, number));
            }
        }
        groups.sort_by(|x, y| y.0.total_cmp(&x.0).then_with(|| x.1.cmp(&y.1)));
        for (_, _, group) in groups {
            self.place(group);
        }
    }

    fn place(&mut self, group: usize) {
        let places = self.places(group);
        let Some((best_weight, best)) = places.first().copied() else { return };
        // What somebody merely claims does not blur whose it is.
        let outdone = |other: usize| self.is_claim(group, other) && !self.is_claim(group, best);
        let contradicts = |(weight, other): &(f64, usize)| {
            let close = best_weight - weight < self.model.cluster.margin;
            close && !outdone(*other) && !self.may_be_bridged(best, *other)
        };
        if places[1..].iter().any(contradicts) {
            self.wholes[group].ambiguous = true;
            return;
        }
        let Some((node, home)) = self.strongest(group, best) else { return };
        let mut into = self.join(node, home, How::Placed, Some(best_weight));
        for (weight, other) in &places[1..] {
            if let Some((node, bridged)) = self.strongest(into, *other)
                && self.may_be_bridged(into, *other)
            {
                into = self.join(node, bridged, How::Bridged, Some(*weight));
            }
        }
    }

    /// Whether a nameless group alone may join two named clusters: their names must agree, and not merely fail to contradict.
    fn may_be_bridged(&self, a: usize, b: usize) -> bool {
        let in_full: Bits = |levels, _, model| levels.agreement_in_full(model);
        self.names_agree(&self.wholes[a], &self.wholes[b], in_full) > 0 && self.conflict(a, b).is_none()
    }

    /// The named clusters that a nameless group matches, best first.
    fn places(&self, group: usize) -> Vec<(f64, usize)> {
        let mut weights: BTreeMap<usize, f64> = BTreeMap::new();
        for link in self.wholes[group].nodes.iter().flat_map(|node| &self.links[*node]) {
            let edge = &self.edges[*link];
            let (a, b) = (self.of[edge.a], self.of[edge.b]);
            let other = if a == group { b } else { a };
            let is_place = a != b && !self.wholes[other].names.is_empty();
            if is_place && !self.merely_claimed(edge.claim, a, b) {
                let weight = weights.entry(other).or_insert(f64::NEG_INFINITY);
                *weight = weight.max(edge.weight);
            }
        }
        weights.retain(|other, _| self.conflict(group, *other).is_none());
        for (other, weight) in &mut weights {
            if *weight < self.model.match_at {
                *weight = weight.max(self.weigh(group, *other));
            }
        }
        let mut places: Vec<(f64, usize)> =
            weights.into_iter().filter(|(_, w)| *w >= self.model.match_at).map(|(other, w)| (w, other)).collect();
        places.sort_by(|x, y| y.0.total_cmp(&x.0).then_with(|| self.wholes[x.1].id.cmp(&self.wholes[y.1].id)));
        places
    }

    /// Whether a link rests on one claimed identifier while both sides are somebody without it. A side without a name and
    /// with at most one identifier that was not merely claimed is nobody much without it: the claim places it.
    fn merely_claimed(&self, claim: bool, a: usize, b: usize) -> bool {
        let stands_alone = |whole: &Whole| whole.learnt > 1 || (whole.learnt == 1 && !whole.names.is_empty());
        claim && stands_alone(&self.wholes[a]) && stands_alone(&self.wholes[b])
    }

    /// Whether the strongest link between two clusters rests on a claim.
    fn is_claim(&self, a: usize, b: usize) -> bool {
        self.strongest_link(a, b).is_some_and(|link| link.claim)
    }

    /// The nodes of the strongest link between two clusters.
    fn strongest(&self, a: usize, b: usize) -> Option<(usize, usize)> {
        self.strongest_link(a, b).map(|link| (link.a, link.b))
    }

    fn strongest_link(&self, a: usize, b: usize) -> Option<&Edge> {
        let (few, other) = if self.wholes[a].nodes.len() <= self.wholes[b].nodes.len() { (a, b) } else { (b, a) };
        let links = self.wholes[few].nodes.iter().flat_map(|node| &self.links[*node]);
        let between = |link: &&usize| {
            let edge = &self.edges[**link];
            ordered(self.of[edge.a], self.of[edge.b]) == ordered(few, other)
        };
        // Links are ordered from strong to weak.
        links.filter(between).min().map(|link| &self.edges[*link])
    }

    /// Makes the clusters of two nodes one.
    fn join(&mut self, node: usize, other: usize, how: How, weight: Option<f64>) -> usize {
        let (into, from) = ordered(self.of[node], self.of[other]);
        self.joins.push(Join { a: node, b: other, how, weight });
        let gone = std::mem::take(&mut self.wholes[from]);
        for node in &gone.nodes {
            self.of[*node] = into;
        }
        self.wholes[into].absorb(gone);
        into
    }

    fn ids(&self, pair: (usize, usize)) -> (Uuid, Uuid) {
        ordered(self.wholes[pair.0].id, self.wholes[pair.1].id)
    }

    /// The clusters as they are now; `cut` are the links that the component's cap left out.
    pub fn finish(self, cut: &[Edge]) -> Partition {
        let mut numbers = Vec::with_capacity(self.wholes.len());
        let mut next = 0;
        for whole in &self.wholes {
            numbers.push(next);
            next += usize::from(!whole.nodes.is_empty());
        }
        let mut possibles: BTreeMap<(usize, usize), Possible> = BTreeMap::new();
        let kept = self.edges.iter().map(|edge| (edge, false));
        for (edge, is_cut) in kept.chain(cut.iter().map(|edge| (edge, true))) {
            let (a, b) = ordered(self.of[edge.a], self.of[edge.b]);
            if a != b {
                let (weight, pair) = (edge.weight, (numbers[a], numbers[b]));
                let why = || if is_cut { Apart::ComponentCap } else { self.why_apart(edge, a, b) };
                possibles.entry(pair).or_insert_with(|| Possible { a: pair.0, b: pair.1, weight, why: why() });
            }
        }
        let possibles = possibles.into_values().collect();
        let left = self.wholes.into_iter().filter(|whole| !whole.nodes.is_empty());
        let clusters = left.map(|Whole { mut nodes, ambiguous, .. }| {
            nodes.sort_unstable();
            Cluster { nodes, ambiguous }
        });
        Partition { clusters: clusters.collect(), possibles, joins: self.joins, suspended: BTreeSet::new() }
    }

    fn why_apart(&self, strongest: &Edge, a: usize, b: usize) -> Apart {
        if let Some(why) = self.conflict(a, b) {
            why
        } else if self.wholes[a].ambiguous || self.wholes[b].ambiguous {
            Apart::Ambiguous
        } else if strongest.weight >= self.model.match_at && self.merely_claimed(strongest.claim, a, b) {
            Apart::ClaimOnly
        } else {
            Apart::Weight
        }
    }
}

fn alone<'a>(index: usize, node: &'a Node, names: &[&Name]) -> Whole<'a> {
    let numbers = node.features.names.iter().filter_map(|name| names.binary_search(&name).ok());
    Whole {
        nodes: vec![index],
        features: Cow::Borrowed(&node.features),
        names: numbers.map(|number| (number, 1)).collect(),
        learnt: node.features.identifiers_learnt(),
        ambiguous: false,
        id: node.id,
        ruled: BTreeSet::new(),
    }
}

fn ordered<T: Ord>(a: T, b: T) -> (T, T) {
    if a <= b { (a, b) } else { (b, a) }
}
