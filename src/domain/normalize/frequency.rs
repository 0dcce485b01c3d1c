//! How common a name is, from a static table: agreeing on a rare one says more.
//!
//! The classes in `given_names.txt` and `family_names.txt` are rough and written by hand from general knowledge of
//! census statistics, for a population mixed of the countries that customers usually come from. They never depend on
//! what is stored: a decision must not change because other people's events came first.

use super::edits;
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// A class of names by how many per cent of people bear each of them: word → bits.
type Table = FxHashMap<&'static str, f64>;

static GIVEN: LazyLock<Table> = LazyLock::new(|| parse(include_str!("given_names.txt")));
static FAMILY: LazyLock<Table> = LazyLock::new(|| parse(include_str!("family_names.txt")));

/// Bits of a given name that is not in the table: about one person in two thousand.
const RARE_GIVEN_BITS: f64 = 11.0;
/// Bits of a family name that is not in the table: about one person in eight thousand.
const RARE_FAMILY_BITS: f64 = 13.0;
/// Bits of an initial: about one person in sixteen, letters being unevenly spread.
const INITIAL_BITS: f64 = 4.0;

/// Bits of surprise in one folded word of a given name: −log2 of the share of people who bear it. 11 for a word that is
/// not in the table, 4 for an initial, 0 for no word.
#[must_use]
pub fn given_bits(folded: &str) -> f64 {
    bits(&GIVEN, folded, RARE_GIVEN_BITS)
}

/// Bits of surprise in one folded word of a family name: −log2 of the share of people who bear it. 13 for a word that is
/// not in the table, 4 for an initial, 0 for no word; a particle such as `van` has about 4.
#[must_use]
pub fn family_bits(folded: &str) -> f64 {
    bits(&FAMILY, folded, RARE_FAMILY_BITS)
}

/// Whether a folded word is in the table of given names.
#[must_use]
pub fn is_common_given(folded: &str) -> bool {
    GIVEN.contains_key(folded)
}

/// Whether a folded word is one slip away from a longer name of the table of given names.
#[must_use]
pub fn is_near_given(folded: &str) -> bool {
    GIVEN.keys().any(|name| {
        name.len() >= 5 && name.len().abs_diff(folded.len()) <= 1 && edits::within(name, folded, 1).is_some()
    })
}

/// Whether a folded word is in either table.
#[must_use]
pub fn is_common(folded: &str) -> bool {
    is_common_given(folded) || is_common_family(folded)
}

/// Whether a folded word is in the table of family names.
#[must_use]
pub fn is_common_family(folded: &str) -> bool {
    FAMILY.contains_key(folded)
}

fn bits(table: &Table, folded: &str, rare: f64) -> f64 {
    match folded.len() {
        0 => 0.0,
        1 => INITIAL_BITS,
        _ => table.get(folded).copied().unwrap_or(rare),
    }
}

/// Reads a table: `= share` opens a class, `#` a remark, every other line holds words.
fn parse(table: &'static str) -> Table {
    let mut names = Table::default();
    let mut class = f64::NAN;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("= ") {
            Some(percent) => class = percent.parse::<f64>().map_or(f64::NAN, |percent| -(percent / 100.0).log2()),
            None => names.extend(line.split(' ').filter(|word| !word.is_empty()).map(|word| (word, class))),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_tables_are_large_folded_and_free_of_doubles() {
        for (table, text, least) in
            [(&GIVEN, include_str!("given_names.txt"), 400), (&FAMILY, include_str!("family_names.txt"), 500)]
        {
            let words = text.lines().filter(|l| !l.starts_with(['#', '='])).flat_map(str::split_whitespace);
            assert_eq!(words.count(), table.len());
            assert!(table.len() >= least, "{}", table.len());
            for (word, bits) in table.iter() {
                assert!(word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
                assert!((4.0..13.0).contains(bits), "{word} {bits}");
            }
        }
    }

    #[test]
    fn common_names_have_few_bits() {
        assert!((family_bits("smith") - 7.0).abs() < 0.1);
        assert!(family_bits("smith") < family_bits("hughes"));
        assert!(family_bits("hughes") < family_bits("featherstonehaugh"));
        assert!(given_bits("maria") < given_bits("anna"));
        assert!(given_bits("anna") < given_bits("balthasar"));
        assert!(family_bits("van") < 5.0);
    }

    #[test]
    fn initials_say_little_and_nothing_says_nothing() {
        assert!(given_bits("j") < given_bits("maria"));
        assert!(given_bits("").abs() < f64::EPSILON);
    }

    proptest! {
        #[test]
        fn bits_lie_between_nothing_and_rare(word in ".{0,12}") {
            prop_assert!((0.0..=11.0).contains(&given_bits(&word)));
            prop_assert!((0.0..=13.0).contains(&family_bits(&word)));
        }
    }
}
