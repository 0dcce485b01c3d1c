//! The model in force, a change under way with how far it has come, and the changes before.

use super::text;
use crate::{
    domain::{compare::Comparison, model::Model},
    reads::model::{ModelChange, ModelStatus},
};
use maud::{Markup, html};

/// The part of the settings that shows it.
pub fn shown(model: &Model, status: &ModelStatus) -> Markup {
    html! {
        p { "Version " strong { (text::value(&model.version)) } ". A match from " (format!("{:.1}", model.match_at))
            " bits on, a review from " (format!("{:.1}", model.possible_at)) " bits on." }
        @if let Some(change) = &status.change { (under_way(change)) }
        @if !status.history.is_empty() { (history(&status.history)) }
        (weights(model))
    }
}

fn under_way(change: &ModelChange) -> Markup {
    html! {
        p {
            label for="progress" { "The change to it is " (text::name(&change.state)) ": " (change.done) " of " (change.total)
                " profiles have gone over. " }
            progress id="progress" max=(change.total.max(1)) value=(change.done) {}
        }
    }
}

fn history(changes: &[ModelChange]) -> Markup {
    html! {
        table {
            thead { tr { th { "Change" } th { "Model" } th { "State" } th { "By" } th { "Since" } } }
            tbody {
                @for change in changes {
                    tr {
                        td class="number" { (change.number) }
                        td { (text::value(&change.version)) @if let Some(number) = change.reverts { ", takes " (number) " back" } }
                        td { (text::name(&change.state)) }
                        td { (text::value(&change.actor)) }
                        td { (text::time(change.created_at)) }
                    }
                }
            }
        }
    }
}

fn weights(model: &Model) -> Markup {
    html! {
        div class="scroll" tabindex="0" role="region" aria-label="Weights" {
            table {
                thead { tr { th { "Comparison" } th { "Bits by level" } } }
                tbody {
                    @for comparison in Comparison::all() {
                        tr {
                            th scope="row" { (text::words(&comparison.to_string())) }
                            td {
                                @for level in comparison.levels() {
                                    span class="tag" { (text::name(level)) " " (format!("{:+.1}", model.bits(comparison, *level))) } " "
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
