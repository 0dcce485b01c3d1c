//! Explanations: why two records are one person, or why not, in bits.

use super::{
    blocking::{Capped, Key, KeyKind},
    compare::name,
    id::RecordId,
    model::Model,
    resolution::Prepared,
    score::{Contribution, Decision, score},
};
use serde::Serialize;
use std::{collections::BTreeMap, fmt::Write};
use utoipa::ToSchema;

/// How the match weight of two records comes about, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The one record.
    pub record_a: RecordId,
    /// The other.
    pub record_b: RecordId,
    /// Whether they belong to one profile.
    pub together: bool,
    /// Why they are, or are not.
    pub reason: Reason,
    /// The match weight in bits: prior and contributions together.
    pub weight: f64,
    /// What the weight alone means.
    pub decision: Decision,
    /// Bits before any field is looked at.
    pub prior: f64,
    /// What each comparison adds.
    pub contributions: Vec<Contribution>,
    /// Whether the weight was held below a match because names and addresses alone spoke for it.
    pub held: bool,
    /// From how many bits on two contacts are one person.
    pub match_at: f64,
    /// From how many bits on a steward should look.
    pub possible_at: f64,
    /// The blocking keys they share.
    pub shared_keys: Vec<SharedKey>,
    /// The model that weighed them.
    pub model_version: String,
    /// All of it as text.
    pub text: String,
}

/// A blocking key that two records share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SharedKey {
    /// Which rule made it.
    pub kind: KeyKind,
    /// Whether it gives candidates; a key that too many share does not.
    pub live: bool,
}

/// Why two records are in one profile, or are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Their normal forms are equal.
    SameForm,
    /// Their weight is a match.
    Match,
    /// Other records of the profile tie them together.
    ThroughOthers,
    /// Their weight is no match.
    WeightTooLow,
    /// Their names, or ids of which a person has one, speak for two people.
    Conflict,
    /// They share no live key, so they were never compared.
    NoSharedKey,
    /// The profile of one fits two others that contradict each other.
    Ambiguous,
    /// One claimed identifier is all that speaks for it, and both are established without it.
    ClaimOnly,
    /// What the records' profiles hold besides keeps them apart.
    KeptApart,
}

/// What is known of a record besides its normal form.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The record.
    pub record: RecordId,
    /// What it is compared by.
    pub prepared: &'a Prepared,
    /// Whether its profile stays apart as ambiguous.
    pub ambiguous: bool,
}

/// Explains two records. `capped` holds those of their keys that are over their cap.
#[must_use]
pub fn explain(a: Side<'_>, b: Side<'_>, together: bool, capped: &Capped, model: &Model) -> Explanation {
    let score = score(&a.prepared.node.features, &b.prepared.node.features, model);
    let shared_keys = shared(&a.prepared.keys, &b.prepared.keys, capped);
    let decision = score.decision(model);
    let same_form = a.prepared.form == b.prepared.form;
    let claim = score.rests_on_a_claim();
    let reason = match (together, decision) {
        (true, _) if same_form => Reason::SameForm,
        (true, Decision::Match) => Reason::Match,
        (true, _) => Reason::ThroughOthers,
        _ if !shared_keys.iter().any(|key| key.live) => Reason::NoSharedKey,
        (false, Decision::PossibleMatch | Decision::NoMatch) => Reason::WeightTooLow,
        _ if names_disagree(a.prepared, b.prepared) => Reason::Conflict,
        _ if a.ambiguous || b.ambiguous => Reason::Ambiguous,
        _ if claim => Reason::ClaimOnly,
        _ => Reason::KeptApart,
    };
    let mut explanation = Explanation {
        record_a: a.record,
        record_b: b.record,
        together,
        reason,
        weight: score.weight,
        decision,
        prior: model.prior,
        contributions: score.contributions,
        held: score.held,
        match_at: model.match_at,
        possible_at: model.possible_at,
        shared_keys,
        model_version: model.version.clone(),
        text: String::new(),
    };
    explanation.text = text(&explanation);
    explanation
}

fn shared(a: &[Key], b: &[Key], capped: &Capped) -> Vec<SharedKey> {
    let mut kinds: BTreeMap<KeyKind, bool> = BTreeMap::new();
    for key in a.iter().filter(|key| b.contains(key)) {
        *kinds.entry(key.kind).or_default() |= !capped.contains(&key.hash);
    }
    kinds.into_iter().map(|(kind, live)| SharedKey { kind, live }).collect()
}

fn names_disagree(a: &Prepared, b: &Prepared) -> bool {
    match (&a.form.name, &b.form.name) {
        (Some(x), Some(y)) => name::agreement(&name::pair(x, y)) < 0.0,
        _ => false,
    }
}

impl Reason {
    /// In words a steward can read.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SameForm => "They are one person: normalised, the two contacts are equal.",
            Self::Match => "They are one person: the weight is a match.",
            Self::ThroughOthers => "They are one person: other records of the profile tie them together.",
            Self::WeightTooLow => "They are kept apart: the weight is below a match.",
            Self::Conflict => {
                "They are kept apart: their names, or ids of which a person has one, speak for two people."
            }
            Self::NoSharedKey => "They are kept apart: they share no live blocking key, so they were never compared.",
            Self::Ambiguous => "They are kept apart: one of them fits two profiles that contradict each other.",
            Self::ClaimOnly => {
                "They are kept apart: all that speaks for them is one identifier that was merely claimed."
            }
            Self::KeptApart => "They are kept apart: what their profiles hold besides speaks against it.",
        }
    }
}

/// The waterfall, one line a step.
fn text(explanation: &Explanation) -> String {
    let mut text = format!("{}\n", explanation.reason.sentence());
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{:>8.2}  prior", explanation.prior);
    for step in explanation.contributions.iter().filter(|step| step.level != super::compare::Level::Null) {
        let _ = writeln!(text, "{:>+8.2}  {}: {}", step.bits, step.comparison, step.level);
    }
    let held = if explanation.held { ", held below a match: names and addresses alone" } else { "" };
    let _ = writeln!(text, "{:>8.2}  match weight{held}", explanation.weight);
    let _ = write!(
        text,
        "A match is from {:.1} bits on, a possible match from {:.1}; model {}.",
        explanation.match_at, explanation.possible_at, explanation.model_version
    );
    text
}
