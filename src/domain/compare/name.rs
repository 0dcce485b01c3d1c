//! Comparing personal names: order-free, with familiar forms, initials, misspellings and names that sound alike.

use super::{Features, Level};
use crate::domain::normalize::{frequency, name::Name, nicknames};
use rphonetic::{DoubleMetaphone, Encoder};
use std::cmp::Ordering;
use strsim::{jaro_winkler, osa_distance};

/// How two names stand to each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NameLevels {
    /// Given names.
    pub given: Level,
    /// Family names.
    pub family: Level,
    /// Jr, Sr, III.
    pub suffix: Level,
    /// An upper bound in bits on what equal given names can say: −log2 of the name's frequency.
    pub given_bound: f64,
    /// The same for family names.
    pub family_bound: f64,
}

const NOTHING: NameLevels = NameLevels {
    given: Level::Null,
    family: Level::Null,
    suffix: Level::Null,
    given_bound: f64::INFINITY,
    family_bound: f64::INFINITY,
};

/// Particles of family names, which forms often leave out.
const PARTICLES: [&str; 26] = [
    "al", "bin", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du", "el", "ibn", "la", "las",
    "le", "los", "ten", "ter", "van", "von", "y", "zu", "zur",
];

/// The levels of the pair of names that agrees most.
#[must_use]
pub fn name(a: &Features, b: &Features) -> NameLevels {
    let pairs = a.names.iter().flat_map(|x| b.names.iter().map(move |y| pair(x, y)));
    pairs.max_by(by_agreement).unwrap_or(NOTHING)
}

/// Two names. Where given and family names do not agree as they stand, they are tried crosswise. Symmetric.
#[must_use]
pub fn pair(x: &Name, y: &Name) -> NameLevels {
    let straight = aligned(x, y);
    if straight.given != Level::Else && straight.family != Level::Else {
        return straight;
    }
    // Either name may be the one with its parts swapped, and given names are judged by other rules than family names.
    let (one, other) = (aligned(x, &swapped(y)), aligned(&swapped(x), y));
    let crossed = if by_agreement(&one, &other).is_lt() { other } else { one };
    // Crosswise only a full agreement counts, lest strangers be made to agree by trying twice.
    let convinces = |level| matches!(level, Level::Exact | Level::Close | Level::Nickname | Level::Null);
    if convinces(crossed.given) && convinces(crossed.family) && agreement(&crossed) > agreement(&straight) {
        crossed
    } else {
        straight
    }
}

fn swapped(name: &Name) -> Name {
    Name { given: name.family.clone(), family: name.given.clone(), ..name.clone() }
}

/// Which agrees more. Total: two that come out equal are alike in everything, whichever order they were compared in.
fn by_agreement(x: &NameLevels, y: &NameLevels) -> Ordering {
    let levels = |l: &NameLevels| (l.given, l.family, l.suffix);
    (agreement(x).total_cmp(&agreement(y)))
        .then_with(|| levels(x).cmp(&levels(y)))
        .then_with(|| x.given_bound.total_cmp(&y.given_bound))
        .then_with(|| x.family_bound.total_cmp(&y.family_bound))
}

/// Whether the names speak for two people: what the average over pairs of a cluster is taken of. Positive agrees.
/// Frequencies take no part: a common name is no disagreement.
#[must_use]
pub fn agreement(levels: &NameLevels) -> f64 {
    let given = match levels.given {
        Level::Exact => 6.5,
        Level::Nickname => 5.0,
        Level::Close => 4.5,
        Level::Initial => 2.0,
        Level::Else => -11.0,
        _ => 0.0,
    };
    let family = match levels.family {
        Level::Exact => 9.0,
        Level::Close => 6.5,
        Level::SoundsAlike => 4.0,
        Level::Else => -6.0,
        _ => 0.0,
    };
    given + family + if levels.suffix == Level::Else { -20.0 } else { 0.0 }
}

fn aligned(x: &Name, y: &Name) -> NameLevels {
    let (given, given_bound) = given(x, y);
    let (family, family_bound) = family(x, y);
    NameLevels { given, family, suffix: suffix(x, y), given_bound, family_bound }
}

fn suffix(x: &Name, y: &Name) -> Level {
    match (&x.suffix, &y.suffix) {
        (Some(a), Some(b)) if a == b => Level::Exact,
        (Some(_), Some(_)) => Level::Else,
        _ => Level::Null,
    }
}

/// The first given names, or any two of them at one level less.
fn given(x: &Name, y: &Name) -> (Level, f64) {
    let (Some(first), Some(other)) = (x.given.first(), y.given.first()) else {
        return (Level::Null, f64::INFINITY);
    };
    let level = given_words(first, other);
    if level != Level::Else {
        return (level, frequency::given_bits(first).min(frequency::given_bits(other)));
    }
    // A stray blank parts one name into two words: `benja min`.
    let (joined, other) = (x.given.concat(), y.given.concat());
    let joined_alike = joined == other || is_misspelt_given(&joined, &other);
    let shared = x.given.iter().any(|word| word.len() > 2 && y.given.contains(word));
    (if joined_alike || shared { Level::Close } else { Level::Else }, f64::INFINITY)
}

fn given_words(a: &str, b: &str) -> Level {
    if a == b {
        return if a.len() == 1 { Level::Initial } else { Level::Exact };
    }
    if a.len() == 1 || b.len() == 1 {
        return if a.as_bytes().first() == b.as_bytes().first() { Level::Initial } else { Level::Else };
    }
    if nicknames::related(a, b) {
        return Level::Nickname;
    }
    if is_misspelt_given(a, b) { Level::Close } else { Level::Else }
}

/// A misspelling, and not two names: very short names, and pairs of listed names, are never merely close.
fn is_misspelt_given(a: &str, b: &str) -> bool {
    let both_listed = frequency::is_common_given(a) && frequency::is_common_given(b);
    let shorter = a.len().min(b.len());
    if both_listed || shorter < 3 {
        return false;
    }
    let distance = osa_distance(a, b);
    distance == 1
        || (shorter >= 7 && distance == 2)
        || (shorter >= 5 && (jaro_winkler(a, b) >= 0.93 || sounds_alike(a, b)))
}

fn family(x: &Name, y: &Name) -> (Level, f64) {
    let (a, b) = (core(&x.family), core(&y.family));
    if a.is_empty() || b.is_empty() {
        return (Level::Null, f64::INFINITY);
    }
    let (a_joined, b_joined) = (a.concat(), b.concat());
    let bound = frequency::family_bits(&a_joined).min(frequency::family_bits(&b_joined));
    // Particles are written together as often as apart: `le goff`, `legoff`.
    if a_joined == b_joined || x.family.concat() == y.family.concat() {
        return (if a_joined.len() == 1 { Level::SoundsAlike } else { Level::Exact }, bound);
    }
    if a_joined.len() == 1 || b_joined.len() == 1 {
        let alike = a_joined.as_bytes().first() == b_joined.as_bytes().first();
        return (if alike { Level::SoundsAlike } else { Level::Else }, f64::INFINITY);
    }
    let level = if part_of(&a, &b) || is_misspelt_family(&a_joined, &b_joined) {
        Level::Close
    } else if sounds_alike(&a_joined, &b_joined) {
        Level::SoundsAlike
    } else {
        Level::Else
    };
    (level, bound)
}

/// The family name without its particles, unless it is nothing but particles.
#[must_use]
pub fn core_family(name: &Name) -> Vec<&str> {
    core(&name.family)
}

fn core(family: &[String]) -> Vec<&str> {
    let words: Vec<&str> = family.iter().map(String::as_str).filter(|word| !PARTICLES.contains(word)).collect();
    if words.is_empty() { family.iter().map(String::as_str).collect() } else { words }
}

/// One of two compound names in full inside the other: `garcia` in `garcia marquez`.
fn part_of(a: &[&str], b: &[&str]) -> bool {
    let inside = |short: &[&str], long: &[&str]| short.iter().all(|word| word.len() > 2 && long.contains(word));
    inside(a, b) || inside(b, a)
}

fn is_misspelt_family(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    let distance = osa_distance(a, b);
    (shorter >= 4 && distance == 1) || (shorter >= 7 && distance == 2) || (shorter >= 5 && jaro_winkler(a, b) >= 0.93)
}

fn sounds_alike(a: &str, b: &str) -> bool {
    let encoder = DoubleMetaphone::default();
    let (code, other) = (encoder.encode(a), encoder.encode(b));
    code.len() >= 2 && code == other
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(given: &str, family: &str) -> Name {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        Name { given: words(given), family: words(family), suffix: None, order_known: true }
    }

    #[test]
    fn names_by_level() {
        for (x, y, given, family) in [
            (("jane", "doe"), ("jane", "doe"), Level::Exact, Level::Exact),
            (("jane", "doe"), ("doe", "jane"), Level::Exact, Level::Exact),
            (("j", "bolander"), ("jane", "bolander"), Level::Initial, Level::Exact),
            (("anna", "rossi"), ("hanna", "rossi"), Level::Else, Level::Exact),
            (("maria", "garcia marquez"), ("maria", "garcia"), Level::Exact, Level::Close),
            (("ludwig", "van der berg"), ("ludwig", "berg"), Level::Exact, Level::Exact),
            (("yannick", "le goff"), ("yannick", "legoff"), Level::Exact, Level::Exact),
            (("katherine", "meyer"), ("katherine", "maier"), Level::Exact, Level::SoundsAlike),
            (("katherine", "miller"), ("katherine", "kowalska"), Level::Exact, Level::Else),
            (("valentine", ""), ("valentine", "bolander"), Level::Exact, Level::Null),
        ] {
            let (x, y) = (name(x.0, x.1), name(y.0, y.1));
            for levels in [pair(&x, &y), pair(&y, &x)] {
                assert_eq!((levels.given, levels.family), (given, family), "{x:?} {y:?}");
            }
        }
    }
}
