//! Which given names are short or familiar forms of one another, in several languages.
//!
//! The table beside this file, `nicknames.txt`, holds one group a line: a full form, its short forms and its usual
//! spellings. A name may stand in several groups (`alex`), and relation is not transitive: `alexander` and `alexandra`
//! are both `alex` and yet not each other. Likeness of letters plays no part.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

static GROUPS: LazyLock<FxHashMap<&'static str, Vec<u16>>> = LazyLock::new(|| parse(include_str!("nicknames.txt")));

/// The words of each group, by its id.
static WORDS: LazyLock<Vec<&'static str>> =
    LazyLock::new(|| include_str!("nicknames.txt").lines().filter(|line| !line.starts_with('#')).collect());

/// A word for each group, by its id.
static SIGNS: LazyLock<Vec<String>> = LazyLock::new(|| (0..WORDS.len()).map(|group| format!("#{group}")).collect());

/// Whether two folded given names are familiar forms of one name: they share a group. So `bill` and `william` are
/// related, and `bill` and `will` too. A name that is in no group is not even related to itself.
#[must_use]
pub fn related(a: &str, b: &str) -> bool {
    let others = groups(b);
    groups(a).iter().any(|group| others.contains(group))
}

/// The ids of the groups that a folded given name belongs to, ascending; empty when it is in none.
#[must_use]
pub fn groups(name: &str) -> &'static [u16] {
    GROUPS.get(name).map_or(&[], Vec::as_slice)
}

/// The other words of the groups that a folded given name belongs to.
pub fn of(name: &str) -> impl Iterator<Item = &'static str> {
    groups(name).iter().flat_map(|group| WORDS.get(usize::from(*group)).copied().unwrap_or_default().split(' '))
}

/// A word that stands for a group, and is no name.
#[must_use]
pub fn sign(group: u16) -> &'static str {
    SIGNS.get(usize::from(group)).map_or("", String::as_str)
}

/// Reads a table of one group a line; a group's id is its place among them.
fn parse(table: &'static str) -> FxHashMap<&'static str, Vec<u16>> {
    let mut names: FxHashMap<_, Vec<u16>> = FxHashMap::default();
    for (id, line) in (0..).zip(table.lines().filter(|line| !line.starts_with('#'))) {
        for name in line.split(' ') {
            names.entry(name).or_default().push(id);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{prelude::*, sample::select};

    fn names() -> Vec<&'static str> {
        let mut names: Vec<_> = GROUPS.keys().copied().collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn the_table_is_folded_and_says_nothing_twice() {
        for line in include_str!("nicknames.txt").lines().filter(|line| !line.starts_with('#')) {
            let mut words: Vec<_> = line.split(' ').collect();
            assert!(words.len() > 1, "{line}");
            assert!(words.iter().all(|w| w.len() > 1 && w.bytes().all(|b| b.is_ascii_lowercase())), "{line}");
            words.sort_unstable();
            words.dedup();
            assert_eq!(words.len(), line.split(' ').count(), "{line}");
        }
    }

    #[test]
    fn familiar_forms_are_related() {
        for pair in [
            "bill william",
            "bob robert",
            "liz elizabeth",
            "pepe jose",
            "lena magdalena",
            "lena helena",
            "sasha alexander",
            "sasha aleksandra",
            "hans johannes",
            "beppe giuseppe",
            "kuba jakub",
            "joao john",
            "mohamed muhammad",
            "mhmd mohammed",
            "kate catherine",
            "mariia maria",
            "dima dmitrii",
            "gosia malgorzata",
            "paco francisco",
            "bill will",
            "cory corey",
            "bridget brigitte",
            "lea leah",
            "kathryn katherine",
            "steven stephen",
            "jeffrey geoffrey",
            "jon jonathan",
            "hristos christos",
            "yiorgos giorgos",
            "sergey sergei",
            "yulia julia",
            "mohamad muhammad",
            "youssef yusuf",
            "moshe moses",
            "soren soeren",
            "al albert",
            "al alan",
            "al alfred",
        ] {
            let (a, b) = pair.split_once(' ').unwrap();
            assert!(related(a, b), "{pair}");
        }
    }

    #[test]
    fn names_that_merely_look_alike_are_not() {
        for pair in [
            "anna hanna",
            "anna hannah",
            "jon jan",
            "alexander alexandra",
            "maria mario",
            "maria marina",
            "daniel daniela",
            "paul paula",
            "andreas andrea",
            "martin martina",
            "michael michaela",
            "simon simone",
            "emma emily",
            "julia julian",
            "jens jonas",
            "jens hans",
            "jan hans",
            "jorg jurgen",
            "klaus niels",
            "sean ian",
            "molly megan",
            "ana maria",
            "julia juliana",
            "salem salim",
            "reza ali",
            "al ali",
            "noa noah",
            "xyzzy xyzzy",
        ] {
            let (a, b) = pair.split_once(' ').unwrap();
            assert!(!related(a, b), "{pair}");
        }
    }

    #[test]
    fn groups_are_ascending() {
        assert!(groups("alex").len() >= 2);
        assert!(groups("alex").is_sorted());
        assert!(groups("xyzzy").is_empty());
    }

    proptest! {
        #[test]
        fn relation_is_symmetric_and_means_a_shared_group(a in select(names()), b in select(names())) {
            prop_assert_eq!(related(a, b), related(b, a));
            prop_assert_eq!(related(a, b), groups(a).iter().any(|g| groups(b).contains(g)));
            prop_assert!(related(a, a));
        }
    }
}
