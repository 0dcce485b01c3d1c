//! Mobile numbers of ten countries, in ranges that their plans give out, and the ways in which people write them.

use super::super::dice::Dice;
use serde_json::{Value, json};

/// A country's numbers.
struct Plan {
    region: &'static str,
    code: &'static str,
    /// What stands before a national number within the country.
    trunk: &'static str,
    /// How mobile numbers begin.
    begins: &'static [&'static str],
    /// How many digits follow.
    rest: usize,
    /// How many of ten thousand people are of this country.
    weight: u64,
}

const PLANS: [Plan; 10] = [
    plan("US", "1", "", &["212", "303", "305", "312", "415", "503", "617", "713"], 7, 3_200),
    plan("GB", "44", "0", &["74", "75", "77", "78", "79"], 8, 2_300),
    plan("ES", "34", "", &["60", "61", "62", "63", "64", "65", "66"], 7, 1_000),
    plan("FR", "33", "0", &["61", "62", "66", "67", "68"], 7, 800),
    plan("DE", "49", "0", &["151", "160", "170", "171", "175"], 8, 800),
    plan("BR", "55", "", &["119", "219", "319", "419", "519"], 8, 700),
    plan("PL", "48", "", &["50", "51", "60", "66", "69", "78"], 7, 500),
    plan("TR", "90", "0", &["532", "533", "535", "542", "555"], 7, 350),
    plan("RU", "7", "8", &["903", "905", "916", "926"], 7, 200),
    plan("GR", "30", "", &["694", "697", "698"], 7, 150),
];

/// A number that somebody has.
#[derive(Clone, Debug)]
pub struct Number {
    plan: usize,
    national: String,
}

const fn plan(
    region: &'static str,
    code: &'static str,
    trunk: &'static str,
    begins: &'static [&'static str],
    rest: usize,
    weight: u64,
) -> Plan {
    Plan { region, code, trunk, begins, rest, weight }
}

/// The place of a country, by how many people are of it.
pub fn country(dice: &mut Dice) -> usize {
    dice.weighted(PLANS.iter().map(|plan| plan.weight))
}

/// The ISO code of a country.
pub fn region(country: usize) -> &'static str {
    PLANS[country].region
}

impl Number {
    /// A number of the country.
    pub fn of(country: usize, dice: &mut Dice) -> Self {
        let plan = &PLANS[country];
        let begin = dice.pick(plan.begins);
        // No plan gives out subscriber numbers that begin with 0 or 1 everywhere; from 6 on all do.
        let first = 6 + dice.below(4);
        Self { plan: country, national: format!("{begin}{first}{}", dice.digits(plan.rest - 1)) }
    }

    /// As machines write it.
    pub fn e164(&self) -> Value {
        json!({"value": format!("+{}{}", PLANS[self.plan].code, self.national)})
    }

    /// As people write it: half of them with a plus and nothing else, most others as within their country, and one in a
    /// hundred without the last digit.
    pub fn written(&self, dice: &mut Dice) -> Value {
        let Plan { region, code, trunk, .. } = PLANS[self.plan];
        let (begin, rest) = self.national.split_at(3);
        let (middle, end) = rest.split_at(3);
        let within = |value: String| json!({"value": value, "region": region});
        match dice.below(100) {
            0..50 => self.e164(),
            50..65 => within(format!("{trunk}{begin} {middle} {end}")),
            65..75 => within(format!("({trunk}{begin}) {rest}")),
            75..85 => within(format!("{trunk}{begin}{rest}")),
            85..95 => json!({"value": format!("+{code} ({begin}) {middle}-{end}")}),
            95..99 => json!({"value": format!("00{code} {begin} {rest}"), "region": "GB"}),
            _ => json!({"value": format!("+{code}{}", &self.national[..self.national.len() - 1])}),
        }
    }
}
