//! Numbers that a digit was lost from or slipped into: too short or too long for their country, and so nobody's as they
//! stand. What they were meant to be is one of few numbers.

use super::{number::FEWEST_DIGITS, plan::key, readings::readings};
use crate::domain::{contact::Assurance, normalize::text};
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use serde::Serialize;
use std::collections::BTreeSet;

/// A number that cannot be dialled, and the valid ones that are one digit away from it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
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
        let repairs: Vec<String> = one_digit_away(&national)
            .into_iter()
            .map(|national| format!("+{country}{national}"))
            .filter(|number| PHONE_NUMBER_UTIL.parse(number, None).is_ok_and(|number| number.is_valid()))
            .map(|number| key(&number).into_owned())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let number = format!("+{country}{national}");
        (!repairs.is_empty()).then_some(MisdialledPhone { number, repairs, assurance })
    })
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
