//! Scoring: the levels of two contacts, weighed by the model and added up to a match weight in bits.

use super::{
    compare::{Comparison, Features, Level, address, birth_date, identifier, name, text},
    model::Model,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A match weight and what it is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Prior and contributions together, in bits (log2 of the odds that the two are one person).
    pub weight: f64,
    /// One for each comparison, in the order of [`Comparison::all`], then those of attributes.
    pub contributions: Vec<Contribution>,
    /// Whether names, addresses and mailboxes of a role alone would have made a match: then the weight is held below it.
    pub held: bool,
}

/// What one comparison adds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Contribution {
    /// What was compared: `email`, `given_name`, …, or `attributes.` and the name of one.
    #[schema(value_type = String, example = "given_name")]
    pub comparison: Comparison,
    /// How the two values stand to each other.
    pub level: Level,
    /// What that weighs.
    pub bits: f64,
}

/// What two contacts have to do with each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// The match weight in bits.
    pub weight: f64,
    /// Whether all that speaks for it is one claimed identifier.
    pub claim: bool,
    /// Whether both learnt one identifier otherwise than by a claim.
    pub identifier: bool,
}

/// What a match weight means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// One person.
    Match,
    /// A steward should look.
    PossibleMatch,
    /// Nothing that tells.
    NoMatch,
}

/// Names, addresses and mailboxes of a role alone are held this far below a match.
const HELD_BELOW_MATCH: f64 = 0.5;

/// Given and family name of which neither is in a table of common ones.
const RARE_NAME: f64 = 16.0;

impl Score {
    /// What the weight means under the model's thresholds.
    #[must_use]
    pub fn decision(&self, model: &Model) -> Decision {
        if self.weight >= model.match_at {
            Decision::Match
        } else if self.weight >= model.possible_at {
            Decision::PossibleMatch
        } else {
            Decision::NoMatch
        }
    }
}

impl Link {
    /// Whether it ties the two into one component: a possible match, or an identifier in common, whatever the names say.
    #[must_use]
    pub fn matters(&self, model: &Model) -> bool {
        self.identifier || self.weight >= model.possible_at
    }
}

/// Whether both learnt one identifier otherwise than by a claim, a mailbox of a role aside.
fn share_an_identifier(contributions: &[Contribution]) -> bool {
    contributions.iter().any(|c| c.comparison.is_identifier() && c.level == Level::Exact)
}

/// Whether all that speaks for one person is a single identifier that somebody merely claimed. A shared address is no
/// second voice: many people live in one town.
fn rests_on_a_claim(contributions: &[Contribution]) -> bool {
    let other_family = |c: &Contribution| c.comparison == Comparison::FamilyName && c.level == Level::Else;
    let other_family = contributions.iter().any(other_family);
    let speaks = |comparison: Comparison| match comparison {
        Comparison::GivenName => !other_family,
        Comparison::FamilyName => true,
        _ => comparison.identifies(),
    };
    let mut supports = contributions.iter().filter(|c| c.bits > 0.0 && speaks(c.comparison));
    matches!((supports.next(), supports.next()), (Some(only), None) if only.level == Level::ExactClaimed)
}

/// A name that is merely close has about eight neighbours to be close to.
fn bound(level: Level, bits: f64) -> f64 {
    if level == Level::Close { bits - 3.0 } else { bits }
}

/// Agreeing on a common name cannot say more than that one person in so many bears it; agreeing on one that no table
/// lists says more than the model's average, by half of what its rarity suggests.
fn by_frequency(bits: f64, level: Level, bound: f64) -> f64 {
    let rare = matches!(level, Level::Exact | Level::Close) && bound.is_finite() && bound > bits;
    if rare { f64::midpoint(bits, bound) } else { bits.min(bound) }
}

/// Whether anything but names and addresses speaks for one person: an identifier, or what can only be a slip in one; or two
/// of an identifier that nearly agrees, a birth date and a name. Neighbours and colleagues have numbers one digit apart.
fn is_identified(contributions: &[Contribution]) -> bool {
    let supports = || contributions.iter().filter(|c| c.bits > 0.0 && c.level != Level::ExactRole);
    // Neighbours in a number plan may well have a given name in common.
    let is_next = |c: &Contribution| {
        c.level == Level::OneEdit && matches!(c.comparison, Comparison::Phone | Comparison::ExternalId)
    };
    let mut near = supports().filter(|c| c.comparison.identifies());
    match (near.next(), near.next()) {
        _ if supports().any(|c| c.comparison.is_identifier() && c.level.places()) => true,
        (None, _) => false,
        (Some(only), None) if is_next(only) => supports().any(|c| c.comparison == Comparison::FamilyName),
        (Some(_), None) => supports().any(|c| c.comparison.is_name()),
        _ => true,
    }
}

/// Two contacts that hold nothing but one and the same rare name. Equal ones are one record anyway.
fn is_rare_name_alone(a: &Features, b: &Features, contributions: &[Contribution]) -> bool {
    let bits: f64 = contributions.iter().filter(|c| c.comparison.is_name()).map(|c| c.bits).sum();
    bits >= RARE_NAME && !a.tells_namesakes_apart() && !b.tells_namesakes_apart()
}

/// Compares and weighs two contacts, or two clusters as wholes. Symmetric.
#[must_use]
pub fn score(a: &Features, b: &Features, model: &Model) -> Score {
    let named = named(a, b, model);
    let contributions: Vec<Contribution> = named.into_iter().chain(attributes(a, b, model)).collect();
    let (weight, held) = weight(a, b, &named, sum(contributions.iter().copied()), model);
    Score { weight, contributions, held }
}

/// What clustering needs to know of a [`score`]; no contributions are kept.
#[must_use]
pub fn link(a: &Features, b: &Features, model: &Model) -> Link {
    let named = named(a, b, model);
    let bits = sum(named.into_iter().chain(attributes(a, b, model)));
    let (weight, _) = weight(a, b, &named, bits, model);
    Link { weight, claim: rests_on_a_claim(&named), identifier: share_an_identifier(&named) }
}

fn sum(contributions: impl Iterator<Item = Contribution>) -> f64 {
    contributions.map(|contribution| contribution.bits).sum()
}

/// The match weight, and whether it is held below a match, where all contributions add up to so many bits: those of
/// attributes take no other part.
fn weight(a: &Features, b: &Features, named: &[Contribution], bits: f64, model: &Model) -> (f64, bool) {
    let sum = model.prior + bits;
    let ceiling = model.match_at - HELD_BELOW_MATCH;
    let held = sum > ceiling && !is_identified(named) && !is_rare_name_alone(a, b, named);
    (if held { ceiling } else { sum }, held)
}

/// The contributions of all comparisons but attributes.
fn named(a: &Features, b: &Features, model: &Model) -> [Contribution; Comparison::NAMED] {
    const FREE: f64 = f64::INFINITY;
    let names = name::name(a, b, model);
    let addresses = address::address(a, b);
    let levels = [
        (Comparison::Email, identifier::email(a, b), FREE),
        (Comparison::Phone, identifier::phone(a, b), FREE),
        (Comparison::Handle, identifier::handle(a, b), FREE),
        (Comparison::ExternalId, identifier::external_id(a, b), FREE),
        (Comparison::GivenName, names.given, bound(names.given, names.given_bound)),
        (Comparison::FamilyName, names.family, bound(names.family, names.family_bound)),
        (Comparison::NameSuffix, names.suffix, FREE),
        (Comparison::BirthDate, birth_date::birth_date(a, b), FREE),
        (Comparison::PostalCode, addresses.postal_code, FREE),
        (Comparison::Street, addresses.street, FREE),
        (Comparison::Locality, addresses.locality, FREE),
        (Comparison::Company, text::company(a, b), FREE),
    ];
    levels.map(|(comparison, level, bound)| contribution(comparison, level, bound, model))
}

/// The contributions of the attributes that the model names.
fn attributes(a: &Features, b: &Features, model: &Model) -> impl Iterator<Item = Contribution> {
    model.attributes().map(|comparison| {
        let level = match comparison {
            Comparison::Attribute(name) => text::attribute(a, b, name),
            _ => Level::Null,
        };
        contribution(comparison, level, f64::INFINITY, model)
    })
}

fn contribution(comparison: Comparison, level: Level, bound: f64, model: &Model) -> Contribution {
    Contribution { comparison, level, bits: by_frequency(model.bits(comparison, level), level, bound) }
}
