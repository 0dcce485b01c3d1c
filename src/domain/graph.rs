//! Graphs: how the records of a profile hold together, and from whom it is kept apart, in words that a steward can read.

use super::{
    cluster::{Apart, How},
    id::{ProfileId, RecordId},
    score::{Contribution, Score},
};
use serde::Serialize;
use std::fmt::Write;
use utoipa::ToSchema;

/// How a profile holds together.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Graph {
    /// The living profile's id.
    pub profile_id: ProfileId,
    /// The retired id that was asked for and redirects here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirected_from: Option<ProfileId>,
    /// The commit that wrote the profile last.
    pub position: i64,
    /// Its records, by id.
    pub members: Vec<GraphMember>,
    /// The steps by which they became one, in order: one fewer than there are members.
    pub joins: Vec<GraphJoin>,
    /// Other profiles that something links to it and that are not it, the strongest link first.
    pub possibles: Vec<GraphPossible>,
    /// The model that weighed them.
    pub model_version: String,
    /// Bits before any field is looked at.
    pub prior: f64,
    /// All of it as text.
    pub text: String,
}

/// A record of a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GraphMember {
    /// The record.
    pub record_id: RecordId,
    /// The record that stands for all of its normal form.
    pub node_id: RecordId,
    /// Whether that is the record itself.
    pub is_node: bool,
    /// How many events share it.
    pub events: u64,
    /// Who saw it, by name.
    pub sources: Vec<String>,
}

/// A step by which a profile came about.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GraphJoin {
    /// A record of the one side.
    pub record_a: RecordId,
    /// A record of the other.
    pub record_b: RecordId,
    /// What made the sides one.
    pub how: How,
    /// The weight that decided, in bits; none where no weight did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// The step in words.
    pub text: String,
}

/// A profile that may be the same person.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GraphPossible {
    /// The other profile.
    pub profile_id: ProfileId,
    /// The weight of the strongest link to it, in bits.
    pub weight: f64,
    /// Why they are two.
    pub why: Apart,
    /// Why, in words.
    pub text: String,
}

impl GraphJoin {
    /// A step; `score` is how the two records themselves compare.
    #[must_use]
    pub fn new(record_a: RecordId, record_b: RecordId, how: How, weight: Option<f64>, score: Option<&Score>) -> Self {
        let bits = weight.map(|bits| format!(" ({bits:+.1} bits)")).unwrap_or_default();
        let (a, b) = (record_a, record_b);
        let mut text = match how {
            How::SameForm => format!("{a} and {b} are equal once normalised"),
            How::Judged => format!("{a} and {b} are one person: a steward ruled it"),
            How::Match => format!("{a} and {b} are a match{bits}"),
            How::Wholes => {
                format!("all that is known of the sides of {a} and {b} is a match{bits}; of these two alone")
            }
            How::Nameless => format!("{a} and {b}, both without a name, are a match{bits}"),
            How::Placed => format!("a side without a name goes where it fits best, by {a} and {b}{bits}"),
            How::Bridged => format!("a side without a name ties together two whose names agree, by {a} and {b}{bits}"),
        };
        if let Some(score) = score {
            text += ": ";
            text += &voices(&score.contributions);
        }
        Self { record_a, record_b, how, weight, text }
    }
}

impl GraphPossible {
    /// A profile that is kept apart.
    #[must_use]
    pub fn new(profile_id: ProfileId, weight: f64, why: Apart) -> Self {
        let text = format!("{profile_id} ({weight:+.1} bits) is kept apart: {}", apart(why));
        Self { profile_id, weight, why, text }
    }
}

impl Graph {
    /// Writes all of it as text.
    pub fn tell(&mut self) {
        let events: u64 = self.members.iter().map(|member| member.events).sum();
        let nodes = self.members.iter().filter(|member| member.is_node).count();
        let mut text = format!(
            "{}: {events} events, {} records, {nodes} distinct once normalised. Model {}, prior {:+.1} bits.\n",
            self.profile_id,
            self.members.len(),
            self.model_version,
            self.prior
        );
        // Writing to a String cannot fail.
        for (number, join) in self.joins.iter().enumerate() {
            let _ = writeln!(text, "{}. {}", number + 1, join.text);
        }
        for possible in &self.possibles {
            let _ = writeln!(text, "- {}", possible.text);
        }
        self.text = text;
    }
}

/// What weighs anything, the strongest first: `email exact +27.0, given_name different -11.0`.
fn voices(contributions: &[Contribution]) -> String {
    let mut heard: Vec<&Contribution> = contributions.iter().filter(|c| c.bits != 0.0).collect();
    heard.sort_by(|x, y| y.bits.abs().total_cmp(&x.bits.abs()));
    let told: Vec<String> = heard.iter().map(|c| format!("{} {} {:+.1}", c.comparison, c.level, c.bits)).collect();
    if told.is_empty() { "nothing speaks for or against it".into() } else { told.join(", ") }
}

const fn apart(why: Apart) -> &'static str {
    match why {
        Apart::Judged => "a steward ruled that they are two people.",
        Apart::Names => "most of their names disagree.",
        Apart::BirthDates => "their birth dates lie a generation apart.",
        Apart::UniqueIds => "they have different ids of a kind of which a person has one.",
        Apart::Ambiguous => "one of them fits two profiles that contradict each other.",
        Apart::ClaimOnly => "all that speaks for them is one identifier that was merely claimed.",
        Apart::ComponentCap => "with all that hangs together with them they would be too many.",
        Apart::Weight => "what speaks for them is too weak, taken together with all else that is known of them.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compare::{Comparison, Level};
    use uuid::Uuid;

    #[test]
    fn a_step_tells_what_weighed_most_first() {
        let [a, b] = [1, 2].map(|number| RecordId::from_uuid(Uuid::from_u128(number)));
        let said = |comparison, level, bits| Contribution { comparison, level, bits };
        let contributions = vec![
            said(Comparison::Email, Level::Exact, 27.0),
            said(Comparison::Phone, Level::Null, 0.0),
            said(Comparison::GivenName, Level::Different, -11.0),
        ];
        let score = Score { weight: 2.0, contributions, held: false };
        let join = GraphJoin::new(a, b, How::Match, Some(2.0), Some(&score));
        let expected = format!("{a} and {b} are a match (+2.0 bits): email exact +27.0, given_name different -11.0");
        assert_eq!(join.text, expected);
        assert!(GraphJoin::new(a, b, How::SameForm, None, None).text.ends_with("equal once normalised"));
    }
}
