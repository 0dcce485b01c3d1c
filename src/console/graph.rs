//! How a profile holds together, as a picture: its records on a circle, and the steps that joined them.

use super::{chart::fixed, text};
use crate::domain::{graph::Graph, id::RecordId};
use maud::{Markup, html};
use std::collections::HashMap;
use std::f64::consts::TAU;

/// Of larger profiles no picture is drawn: nobody could read it.
const DRAWN: usize = 60;
const MIDDLE: f64 = 160.0;
const RADIUS: f64 = 130.0;

/// The picture, and every step in words.
pub fn graph(graph: &Graph) -> Markup {
    html! {
        @if graph.members.len() <= DRAWN { (picture(graph)) }
        @else { p class="muted" { "With " (graph.members.len()) " records there is no picture." } }
        @if !graph.joins.is_empty() {
            details {
                summary { (text::count(graph.joins.len() as u64, "step")) " in words" }
                ol class="small" { @for join in graph.joins.iter().take(DRAWN) { li { (join.text) } } }
            }
        }
        @if !graph.possibles.is_empty() {
            h3 { "Kept apart from" }
            ul class="small" {
                @for possible in graph.possibles.iter().take(DRAWN) {
                    li { a href={ "/console/profiles/" (possible.profile_id) } { (text::id(possible.profile_id)) } " "
                        (possible.text) }
                }
            }
        }
    }
}

fn picture(graph: &Graph) -> Markup {
    let places = places(graph);
    let at = |id: &RecordId| places.get(id).copied().unwrap_or((MIDDLE, MIDDLE));
    html! {
        svg class="graph" viewBox="0 0 320 320" role="img" aria-label="How the records hold together" {
            @for join in &graph.joins {
                @let ((x1, y1), (x2, y2)) = (at(&join.record_a), at(&join.record_b));
                line class=(text::name(&join.how).replace(' ', "-")) x1=(fixed(x1)) y1=(fixed(y1)) x2=(fixed(x2)) y2=(fixed(y2)) {
                    title { (join.text) }
                }
            }
            @for member in &graph.members {
                @let (x, y) = at(&member.record_id);
                circle class=(if member.is_node { "node" } else { "same" }) cx=(fixed(x)) cy=(fixed(y)) r="7" {
                    title { (member.record_id) ": " (text::count(member.events, "event")) " from " (text::visible(&member.sources.join(", "))) }
                }
            }
        }
    }
}

fn places(graph: &Graph) -> HashMap<RecordId, (f64, f64)> {
    let number = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    let many = number(graph.members.len().max(1));
    let place = |(place, member): (usize, &crate::domain::graph::GraphMember)| {
        let angle = TAU * number(place) / many;
        let radius = if graph.members.len() == 1 { 0.0 } else { RADIUS };
        (member.record_id, (MIDDLE + radius * angle.sin(), MIDDLE - radius * angle.cos()))
    };
    graph.members.iter().enumerate().map(place).collect()
}
