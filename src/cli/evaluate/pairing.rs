//! Which two records of two sets of events come closest.

use super::{show::Stored, world::World};
use crate::domain::resolution::{Weights, weigh};
use std::collections::BTreeSet;

/// Of each side so many records are tried at the most.
const TRIED: usize = 500;

/// How close two nodes are before they are weighed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closeness {
    Strangers,
    /// Too many have what they have in common.
    DeadKey,
    Candidates,
    OneForm,
}

/// The places of the closest two events that `belongs` lets through: of one normal form, else candidates, else with a dead
/// key in common, else any; among those, of the highest weight. Ties go by the order of the events.
#[must_use]
pub fn best_pair(
    world: &World,
    stored: &[Stored<'_>],
    a: &[usize],
    b: &[usize],
    belongs: impl Fn(&Stored<'_>, &Stored<'_>) -> bool,
) -> Option<(usize, usize)> {
    let (a, b) = (distinct(world, stored, a), distinct(world, stored, b));
    let mut closest = Closeness::Strangers;
    let mut pairs = Vec::new();
    for (x, node) in &a {
        for (y, other) in b.iter().filter(|(y, _)| belongs(&stored[*x], &stored[*y])) {
            let closeness = closeness(world, *node, *other);
            if closeness > closest {
                pairs.clear();
                closest = closeness;
            }
            if closeness == closest {
                pairs.push([(*x, *node), (*y, *other)]);
            }
        }
    }
    heaviest(world, &pairs)
}

/// The first event of each node and link, with its node.
fn distinct(world: &World, stored: &[Stored<'_>], rows: &[usize]) -> Vec<(usize, usize)> {
    let mut seen = BTreeSet::new();
    let nodes = rows.iter().filter_map(|row| Some((*row, world.node(stored[*row].record)?)));
    nodes.filter(|(row, node)| seen.insert((*node, &stored[*row].known.link))).take(TRIED).collect()
}

fn closeness(world: &World, a: usize, b: usize) -> Closeness {
    let share = || world.forms[a].keys.iter().any(|x| world.forms[b].keys.iter().any(|y| x.value() == y.value()));
    if a == b {
        Closeness::OneForm
    } else if world.meet(a, b) {
        Closeness::Candidates
    } else if share() {
        Closeness::DeadKey
    } else {
        Closeness::Strangers
    }
}

fn heaviest(world: &World, pairs: &[[(usize, usize); 2]]) -> Option<(usize, usize)> {
    let (unknown, mut best) = (Weights::default(), None::<(f64, (usize, usize))>);
    for [(x, node), (y, other)] in pairs {
        let (a, b) = (world.forms[*node].alive(&world.dead), world.forms[*other].alive(&world.dead));
        let weight = weigh(&a.node, &b.node, &world.model, &unknown).weight;
        if best.is_none_or(|(known, _)| weight > known) {
            best = Some((weight, (*x, *y)));
        }
    }
    best.map(|(_, pair)| pair)
}
