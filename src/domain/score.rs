//! Scoring: the levels of two contacts, weighed by the model and added up to a match weight in bits.

use super::{
    compare::{Comparison, Features, Level, address, birth_date, identifier, name},
    model::Model,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A match weight and what it is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Prior and contributions together, in bits (log2 of the odds that the two are one person).
    pub weight: f64,
    /// One for each comparison, in the order of [`Comparison::ALL`].
    pub contributions: Vec<Contribution>,
    /// Whether names, addresses and mailboxes of a role alone would have made a match: then the weight is held below it.
    pub held: bool,
}

/// What one comparison adds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
pub struct Contribution {
    /// What was compared.
    pub comparison: Comparison,
    /// How the two values stand to each other.
    pub level: Level,
    /// What that weighs.
    pub bits: f64,
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

    /// Whether all that speaks for one person is a single identifier that somebody merely claimed. A shared address is no
    /// second voice: many people live in one town.
    #[must_use]
    pub fn rests_on_a_claim(&self) -> bool {
        let speaks = |comparison: Comparison| {
            comparison.identifies() || matches!(comparison, Comparison::GivenName | Comparison::FamilyName)
        };
        let mut supports = self.contributions.iter().filter(|c| c.bits > 0.0 && speaks(c.comparison));
        matches!((supports.next(), supports.next()), (Some(only), None) if only.level == Level::ExactClaimed)
    }
}

/// Agreeing on a common name cannot say more than that one person in so many bears it; agreeing on one that no table
/// lists says more than the model's average, by half of what its rarity suggests.
fn by_frequency(bits: f64, level: Level, bound: f64) -> f64 {
    let rare = level == Level::Exact && bound.is_finite() && bound > bits;
    if rare { f64::midpoint(bits, bound) } else { bits.min(bound) }
}

/// Compares and weighs two contacts, or two clusters as wholes. Symmetric.
#[must_use]
pub fn score(a: &Features, b: &Features, model: &Model) -> Score {
    let names = name::name(a, b);
    let addresses = address::address(a, b);
    let contributions: Vec<Contribution> = Comparison::ALL
        .into_iter()
        .map(|comparison| {
            let (level, bound) = match comparison {
                Comparison::Email => (identifier::email(a, b), f64::INFINITY),
                Comparison::Phone => (identifier::phone(a, b), f64::INFINITY),
                Comparison::Handle => (identifier::handle(a, b), f64::INFINITY),
                Comparison::ExternalId => (identifier::external_id(a, b), f64::INFINITY),
                Comparison::GivenName => (names.given, names.given_bound),
                Comparison::FamilyName => (names.family, names.family_bound),
                Comparison::NameSuffix => (names.suffix, f64::INFINITY),
                Comparison::BirthDate => (birth_date::birth_date(a, b), f64::INFINITY),
                Comparison::PostalCode => (addresses.postal_code, f64::INFINITY),
                Comparison::Street => (addresses.street, f64::INFINITY),
                Comparison::Locality => (addresses.locality, f64::INFINITY),
            };
            Contribution { comparison, level, bits: by_frequency(model.bits(comparison, level), level, bound) }
        })
        .collect();
    let sum = model.prior + contributions.iter().map(|contribution| contribution.bits).sum::<f64>();
    let ceiling = model.match_at - HELD_BELOW_MATCH;
    // A mailbox of a role is read by several people: it says where somebody works.
    let places_somebody = |c: &Contribution| c.comparison.identifies() && c.bits > 0.0 && c.level != Level::ExactRole;
    let identified = contributions.iter().any(places_somebody);
    let held = !identified && sum > ceiling;
    Score { weight: if held { ceiling } else { sum }, contributions, held }
}
