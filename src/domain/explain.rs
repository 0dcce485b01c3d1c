//! Explanations: why two records are one person, or why not, in bits.

use super::{
    blocking::{Key, KeyKind},
    cluster::{Apart, Verdict},
    id::{JudgementId, RecordId},
    judgement::{Judgement, People},
    model::Model,
    resolution::Prepared,
    score::{Contribution, Decision, score},
    sharing::{DeadKeys, Shared},
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
    /// What stewards ruled of both.
    pub judgements: Vec<Ruled>,
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
    /// Why it joins nobody; none where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead: Option<Shared>,
}

/// A judgement in force that speaks of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ruled {
    /// Its id.
    pub judgement_id: JudgementId,
    /// What was ruled.
    pub verdict: Verdict,
    /// Why, in the steward's words.
    pub reason: String,
    /// Whether it rules nothing because a judgement of difference contradicts it.
    pub suspended: bool,
}

impl Ruled {
    /// A judgement as it bears on the two, and what it rules of them.
    #[must_use]
    pub fn of(judgement: &Judgement, people: &People, suspended: bool) -> Self {
        let Judgement { judgement_id, reason, .. } = judgement;
        Self { judgement_id: *judgement_id, verdict: people.verdict, reason: reason.clone(), suspended }
    }
}

/// Why two records are in one profile, or are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Their normal forms are equal.
    SameForm,
    /// A steward ruled that they are one person.
    JudgedSame,
    /// Their weight is a match.
    Match,
    /// Other records of the profile tie them together.
    ThroughOthers,
    /// Their weight is no match.
    WeightTooLow,
    /// They share no live key, so they were never compared.
    NoSharedKey,
    /// A steward ruled that they are two people.
    Judged,
    /// The names of their profiles speak for two people.
    Names,
    /// Their profiles were born a generation apart.
    BirthDates,
    /// Their profiles have different ids of a kind of which a person has one.
    UniqueIds,
    /// The profile of one fits two others that contradict each other.
    Ambiguous,
    /// One claimed identifier is all that speaks for it, and both are established without it.
    ClaimOnly,
    /// All they have in common is shared by too many.
    Shared,
    /// Together with others they would be too many to be looked at as one component.
    ComponentCap,
    /// What the records' profiles hold besides makes the whole too weak.
    KeptApart,
}

/// What became of the profiles of two records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They are one.
    Together,
    /// They are two, and if there is a link between them this is why.
    Apart(Option<Apart>),
}

/// A record and what it is compared by.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// The record.
    pub record: RecordId,
    /// What it is compared by.
    pub prepared: &'a Prepared,
}

/// Explains two records. `dead` holds those of their keys that are dead, `judgements` what stewards ruled of both.
#[must_use]
pub fn explain(
    a: Side<'_>,
    b: Side<'_>,
    fate: Fate,
    judgements: Vec<Ruled>,
    dead: &DeadKeys,
    model: &Model,
) -> Explanation {
    let (x, y) = (a.prepared.alive(dead), b.prepared.alive(dead));
    let score = score(&x.node.features, &y.node.features, model);
    let shared_keys = shared(&a.prepared.keys, &b.prepared.keys, dead);
    let decision = score.decision(model);
    let is_ruled = |verdict| judgements.iter().any(|ruled| ruled.verdict == verdict && !ruled.suspended);
    let reason = match fate {
        Fate::Together if a.prepared.form_key == b.prepared.form_key => Reason::SameForm,
        Fate::Together if is_ruled(Verdict::Same) => Reason::JudgedSame,
        Fate::Together if decision == Decision::Match => Reason::Match,
        Fate::Together => Reason::ThroughOthers,
        Fate::Apart(_) if is_ruled(Verdict::Different) => Reason::Judged,
        Fate::Apart(why) => apart(why, decision, &shared_keys),
    };
    let mut explanation = Explanation {
        record_a: a.record,
        record_b: b.record,
        together: fate == Fate::Together,
        reason,
        weight: score.weight,
        decision,
        prior: model.prior,
        contributions: score.contributions,
        held: score.held,
        match_at: model.match_at,
        possible_at: model.possible_at,
        shared_keys,
        judgements,
        model_version: model.version.clone(),
        text: String::new(),
    };
    explanation.text = text(&explanation);
    explanation
}

fn apart(why: Option<Apart>, decision: Decision, shared_keys: &[SharedKey]) -> Reason {
    match why {
        Some(Apart::Judged) => Reason::Judged,
        Some(Apart::Names) => Reason::Names,
        Some(Apart::BirthDates) => Reason::BirthDates,
        Some(Apart::UniqueIds) => Reason::UniqueIds,
        Some(Apart::Ambiguous) => Reason::Ambiguous,
        Some(Apart::ClaimOnly) => Reason::ClaimOnly,
        Some(Apart::ComponentCap) => Reason::ComponentCap,
        _ if shared_keys.is_empty() => Reason::NoSharedKey,
        _ if shared_keys.iter().all(|key| key.dead.is_some()) => Reason::Shared,
        _ if decision == Decision::Match => Reason::KeptApart,
        _ => Reason::WeightTooLow,
    }
}

/// The kinds of keys that both have; of one kind a live key counts before a dead one.
fn shared(a: &[Key], b: &[Key], dead: &DeadKeys) -> Vec<SharedKey> {
    let mut kinds: BTreeMap<KeyKind, Option<Shared>> = BTreeMap::new();
    for (key, other) in a.iter().flat_map(|key| b.iter().map(move |other| (key, other))) {
        if key.value() == other.value() && key.kind == other.kind {
            let death =
                [key.hash, other.hash, key.value()].iter().find_map(|hash| dead.get(hash)).map(|death| death.why);
            let known = kinds.entry(key.kind).or_insert(death);
            *known = known.and(death);
        }
    }
    kinds.into_iter().map(|(kind, dead)| SharedKey { kind, dead }).collect()
}

impl Reason {
    /// In words a steward can read.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::SameForm => "They are one person: normalised, the two contacts are equal.",
            Self::JudgedSame => "They are one person: a steward ruled it.",
            Self::Match => "They are one person: the weight is a match.",
            Self::ThroughOthers => "They are one person: other records of the profile tie them together.",
            Self::WeightTooLow => "They are kept apart: the weight is below a match.",
            Self::NoSharedKey => "They are kept apart: they share no blocking key, so they were never compared.",
            Self::Judged => "They are kept apart: a steward ruled that they are two people.",
            Self::Names => "They are kept apart: the names of their profiles speak for two people.",
            Self::BirthDates => "They are kept apart: their birth dates lie a generation apart.",
            Self::UniqueIds => "They are kept apart: they have different ids of a kind of which a person has one.",
            Self::Shared => "They are kept apart: all they have in common is shared by too many.",
            Self::ComponentCap => "They are kept apart: with all that hangs together with them they would be too many.",
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
    for key in &explanation.shared_keys {
        let live = if key.dead.is_some() { ", which is shared by too many and joins nobody" } else { "" };
        let _ = writeln!(text, "          key in common: {}{live}", key.kind.label());
    }
    for ruled in &explanation.judgements {
        let _ = writeln!(text, "          {}", sentence(ruled));
    }
    let _ = write!(
        text,
        "A match is from {:.1} bits on, a possible match from {:.1}; model {}.",
        explanation.match_at, explanation.possible_at, explanation.model_version
    );
    text
}

fn sentence(ruled: &Ruled) -> String {
    let verdict = match ruled.verdict {
        Verdict::Same => "one person",
        Verdict::Different => "two people",
    };
    let suspended = if ruled.suspended { ", which another ruling suspends" } else { "" };
    let because = if ruled.reason.is_empty() { String::new() } else { format!(": {}", ruled.reason) };
    format!("a steward ruled that they are {verdict} ({}){suspended}{because}", ruled.judgement_id)
}
