//! Which words of a full name without a comma are the family name: capitals, particles, the usual order.

use super::{
    Name,
    role::{Role, knows_given},
    word::{Word, flat},
};
use crate::domain::normalize::frequency;
use std::ops::Range;

/// Endings that given names hardly have; English ones such as `-ton` and `-ley` are given names nowadays.
#[rustfmt::skip] // A table in rows.
const FAMILY_ENDINGS: &[&str] = &[
    "mann", "berg", "berger", "burg", "stein", "feld", "bauer", "hofer", "huber", "meier", "meyer", "maier", "dorf",
    "sson", "ssen", "strom", "qvist", "quist", "lund", "gaard", "stad", "stra", "ov", "ova", "eev", "eeva", "iev",
    "ieva", "enko", "chuk", "sky", "ski", "ska", "skaya", "skii", "wicz", "czyk", "ovic", "evic", "ovich", "evich",
    "escu", "shvili", "adze", "idze", "poulos", "poulou", "akis", "idis", "idou", "oglu", "ez", "elli", "etti",
    "ucci", "eau", "ieux", "smith", "worth", "field",
];

/// Words without a comma between them.
pub(super) fn in_order(words: &[Word], titled: bool) -> Name {
    let family = match words {
        [_] => return if titled { name_of(&[], words) } else { name_of(words, &[]) },
        _ if words.iter().all(|word| word.east_asian) => 0..1,
        _ => match family_in_capitals(words) {
            Some(family) => return Name { order_known: true, ..around(words, family) },
            None => family_by_order(words, titled),
        },
    };
    around(words, family)
}

/// The family name that is written in capitals among other words: `DOE Jane`, `Jane DOE`.
fn family_in_capitals(words: &[Word]) -> Option<Range<usize>> {
    let loud = |word: &Word| word.is_family_in_capitals();
    if !words.iter().any(|word| !word.capitals && word.letters() > 1) {
        return None;
    }
    let leading = words.iter().take_while(|word| loud(word)).count();
    if leading > 0 {
        return Some(0..leading);
    }
    let trailing = words.iter().rev().take_while(|word| loud(word)).count();
    let start = words.len() - trailing;
    (trailing > 0).then(|| with_particles(words, start)..words.len())
}

/// The family name by the usual order: the last word with its particles, unless the tables know better.
fn family_by_order(words: &[Word], titled: bool) -> Range<usize> {
    if is_vietnamese(words) {
        return 0..1;
    }
    let last = words.len() - 1;
    let particles = words[..last].iter().take_while(|word| word.is(Role::Particle)).count();
    if particles == last && (titled || last > 1) {
        return 0..words.len();
    }
    if stands_family_first(words) {
        return 0..1;
    }
    let mut start = with_particles(words, last);
    while start > 1 && words[start - 1].is_surely_family() {
        start = with_particles(words, start - 1);
    }
    start..words.len()
}

/// `Nguyen Van An`.
fn is_vietnamese(words: &[Word]) -> bool {
    matches!(words, [first, second, _, ..] if first.is(Role::VietnameseFamily) && second.is(Role::VietnameseMiddle))
}

/// `Иванова Мария Сергеевна`: a patronymic at the end stands after the given name.
fn ends_in_patronymic(words: &[Word]) -> bool {
    const ENDINGS: [&str; 7] = ["ovich", "evich", "ovna", "evna", "ichna", "ovych", "ivna"];
    let [first, _, last] = words else { return false };
    !knows_given(first.first()) && ENDINGS.iter().any(|ending| last.single().ends_with(ending))
}

/// `Bolzmann C.`, `Müller Hans`.
fn stands_family_first(words: &[Word]) -> bool {
    let Some(first) = words.first() else { return false };
    let others_are_initials = words[1..].iter().all(|word| word.letters() == 1);
    ends_in_patronymic(words)
        || (others_are_initials && looks_like_family(first))
        || (first.is_surely_family()
            && words[1..].iter().all(|word| knows_given(word.first()) && !frequency::is_common_family(word.first())))
}

/// Before initials: `Bolzmann C.`, but `Ada L.`, who keeps her family name to herself.
fn looks_like_family(word: &Word) -> bool {
    let text = word.first();
    word.letters() > 1
        && !knows_given(text)
        && (frequency::is_common_family(text)
            || FAMILY_ENDINGS.iter().any(|ending| text.len() > ending.len() + 1 && text.ends_with(ending)))
}

/// Moves the start of a family name back over its particles, never over the first word.
fn with_particles(words: &[Word], mut start: usize) -> usize {
    while start > 1 {
        let before = &words[start - 1];
        let of_hoff = before.first() == "t" && words[start - 2].first() == "van";
        if before.is(Role::Particle) || of_hoff {
            start -= 1;
        } else if start > 2 && before.first() == "y" && !before.capitals {
            start -= 2;
        } else {
            break;
        }
    }
    start
}

fn around(words: &[Word], family: Range<usize>) -> Name {
    let given = [&words[..family.start], &words[family.end..]].concat();
    name_of(&given, &words[family])
}

fn name_of(given: &[Word], family: &[Word]) -> Name {
    Name { given: flat(given), family: flat(family), suffix: None, order_known: false }
}
