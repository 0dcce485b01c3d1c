//! Numbers that a digit was lost from or slipped into: too short or too long for their country, and so nobody's as they
//! stand. What they were meant to be is one of few numbers.

use super::{
    number::FEWEST_DIGITS,
    plan::{is_read_as_it_stands, key},
    readings::readings,
};
use crate::domain::{contact::Assurance, normalize::text};
use borsh::{BorshDeserialize, BorshSerialize};
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, Region};
use serde::Serialize;
use std::collections::BTreeSet;

/// A number that cannot be dialled, and the valid ones that are one digit away from it.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct MisdialledPhone {
    /// Country code and digits as read, with a `+`.
    pub number: String,
    /// The keys of the numbers it may stand for, sorted.
    #[serde(skip)]
    pub repairs: Vec<String>,
    /// How it was learnt.
    pub assurance: Assurance,
}

/// Reads what is no telephone number as one that lacks a digit or has one too many; none where no such reading makes a
/// valid number.
#[must_use]
pub fn misdialled(value: &str, region: Option<&str>, assurance: Assurance) -> Option<MisdialledPhone> {
    let plain = text::visible(value);
    let region = region.and_then(|code| Region::from_code(code.trim()).ok());
    readings(&plain, region).find_map(|reading| {
        let parsed = PHONE_NUMBER_UTIL.parse(reading.as_ref(), region).ok()?;
        let national = parsed.get_national_significant_number();
        let country = parsed.country_code;
        let repairs: BTreeSet<String> = one_digit_away(&national)
            .into_iter()
            .filter(|national| is_valid(country, national))
            .map(|national| key(&format!("+{country}{national}")).into_owned())
            .collect();
        let repairs: Vec<String> = repairs.into_iter().collect();
        let number = format!("+{country}{national}");
        (!repairs.is_empty()).then_some(MisdialledPhone { number, repairs, assurance })
    })
}

/// Whether a number reads as a valid one. Reading takes longer than asking, and there are a hundred to ask about: it is
/// left out where it is known what it would say.
fn is_valid(country: i32, national: &str) -> bool {
    if is_read_as_it_stands(country, national) && !national.starts_with('0') {
        let number = |digits| PhoneNumber { country_code: country, national_number: digits, ..PhoneNumber::default() };
        return national.parse().is_ok_and(|digits| number(digits).is_valid());
    }
    PHONE_NUMBER_UTIL.parse(format!("+{country}{national}"), None).is_ok_and(|number| number.is_valid())
}

/// The national numbers with a digit taken out or put in.
fn one_digit_away(national: &str) -> BTreeSet<String> {
    if national.len() < FEWEST_DIGITS {
        return BTreeSet::new();
    }
    let shorter = (0..national.len()).map(|at| [&national[..at], &national[at + 1..]].concat());
    let put_in = |at: usize| (0..10).map(move |digit| format!("{}{digit}{}", &national[..at], &national[at..]));
    shorter.chain((0..=national.len()).flat_map(put_in)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_the_wrong_length_are_one_digit_from_valid_ones() {
        for (given, region, meant) in [
            ("+4474361263364", None, "+447436126336"),
            ("212 555 013", Some("US"), "+12125550132"),
            ("0749 156 224", Some("GB"), "+447491562244"),
        ] {
            let found = misdialled(given, region, Assurance::Observed).unwrap();
            assert!(found.repairs.iter().any(|repair| repair == meant), "{given}: {found:?}");
        }
        for (given, region) in [("", None), ("call me", Some("GB")), ("12", Some("DE"))] {
            assert_eq!(misdialled(given, region, Assurance::Observed), None, "{given}");
        }
    }
}
