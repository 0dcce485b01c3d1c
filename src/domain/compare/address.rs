//! Comparing postal addresses: code, street and town of the pair of addresses that agrees most.

use super::{Features, Level};
use crate::domain::normalize::address::NormalAddress;
use strsim::{jaro_winkler, osa_distance};

/// How two contacts' addresses stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressLevels {
    /// The codes.
    pub postal_code: Level,
    /// Street and house number.
    pub street: Level,
    /// The towns.
    pub locality: Level,
}

const NOTHING: AddressLevels = AddressLevels { postal_code: Level::Null, street: Level::Null, locality: Level::Null };

/// The levels of the pair of addresses that agrees in most parts.
#[must_use]
pub fn address(a: &Features, b: &Features) -> AddressLevels {
    let pairs = a.addresses.iter().flat_map(|x| b.addresses.iter().map(move |y| pair(x, y)));
    pairs.max_by_key(|levels| agreement(*levels)).unwrap_or(NOTHING)
}

fn agreement(levels: AddressLevels) -> [u8; 3] {
    let rank = |level| match level {
        Level::Exact => 3,
        Level::Close => 2,
        Level::Null => 1,
        _ => 0,
    };
    [rank(levels.street), rank(levels.postal_code), rank(levels.locality)]
}

fn pair(x: &NormalAddress, y: &NormalAddress) -> AddressLevels {
    if !x.country.is_empty() && !y.country.is_empty() && x.country != y.country {
        return AddressLevels { postal_code: Level::Else, street: Level::Else, locality: Level::Else };
    }
    AddressLevels {
        postal_code: equal(&x.postal_code, &y.postal_code),
        street: street(x, y),
        locality: locality(&x.locality, &y.locality),
    }
}

fn equal(x: &str, y: &str) -> Level {
    match (x, y) {
        ("", _) | (_, "") => Level::Null,
        _ if x == y => Level::Exact,
        _ => Level::Else,
    }
}

fn locality(x: &str, y: &str) -> Level {
    match equal(x, y) {
        Level::Else if x.len().min(y.len()) >= 6 && osa_distance(x, y) <= 1 => Level::Exact,
        level => level,
    }
}

fn street(x: &NormalAddress, y: &NormalAddress) -> Level {
    if x.street.is_empty() || y.street.is_empty() {
        return Level::Null;
    }
    let houses_agree = x.house.is_empty() || y.house.is_empty() || x.house == y.house;
    if x.street == y.street && houses_agree {
        Level::Exact
    } else if jaro_winkler(&x.street, &y.street) >= 0.9 && houses_agree {
        Level::Close
    } else {
        Level::Else
    }
}
