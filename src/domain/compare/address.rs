//! Comparing postal addresses: code, street and town of the pair of addresses that agrees most.

use super::{Features, Level, word};
use crate::domain::normalize::{address::NormalAddress, edits};
use std::borrow::Cow;

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
        Level::Exact => 4,
        Level::Close | Level::OneEdit => 3,
        Level::OtherHouse => 2,
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
        postal_code: postal_code(&x.postal_code, &y.postal_code),
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

fn postal_code(x: &str, y: &str) -> Level {
    match equal(x, y) {
        Level::Else if edits::within(x, y, 1).is_some() => Level::OneEdit,
        level => level,
    }
}

fn locality(x: &str, y: &str) -> Level {
    match equal(x, y) {
        Level::Else if word::is_slip(&in_one(x), &in_one(y)) => Level::Close,
        level => level,
    }
}

/// Blanks are lost and gained in streets, and the name of the quarter or the building stands behind them or not.
fn street(x: &NormalAddress, y: &NormalAddress) -> Level {
    if x.street.is_empty() || y.street.is_empty() {
        return Level::Null;
    }
    let same_house = x.house.is_empty() || y.house.is_empty() || x.house == y.house;
    let (a, b) = (in_one(&x.street), in_one(&y.street));
    let same = a == b;
    let alike = same || edits::are_alike(&a, &b, 0.9) || word::is_slip(&a, &b) || begins_alike(&x.street, &y.street);
    match (same, alike, same_house) {
        (true, _, true) => Level::Exact,
        (_, true, true) => Level::Close,
        (_, true, false) => Level::OtherHouse,
        _ => Level::Else,
    }
}

/// Without its blanks.
fn in_one(text: &str) -> Cow<'_, str> {
    if text.contains(' ') { text.replace(' ', "").into() } else { text.into() }
}

/// The first two words are the whole of one street and the start of the other.
fn begins_alike(x: &str, y: &str) -> bool {
    let (short, long) = if x.len() <= y.len() { (x, y) } else { (y, x) };
    short.contains(' ') && long.strip_prefix(short).is_some_and(|rest| rest.starts_with(' '))
}
