//! Likeness of single words: what a slip of the finger, a bad ear or a bad scan makes of one.

use crate::domain::normalize::edits;
use rphonetic::{DoubleMetaphone, Encoder};
use rustc_hash::FxHashMap;
use std::cell::RefCell;

/// Whether one word is the other with a slip or two in it, by what its length allows: a letter missed, doubled, replaced
/// or swapped with the next, or the letters of a longer word stirred.
#[must_use]
pub fn is_slip(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    let allowed = match shorter {
        0..=2 => return false,
        3..=5 => 1,
        6..=9 => 2,
        _ => 3,
    };
    edits::within(a, b, allowed).is_some() || (shorter >= 5 && edits::are_alike(a, b, 0.93)) || is_stirred(a, b)
}

/// The same letters in another order, or all but one of them.
#[must_use]
pub fn is_stirred(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    if shorter < 4 || a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let missing = edits::missing(a, b);
    let off = missing.least_edits();
    off == 0 || (shorter >= 5 && off == 1 && missing.in_first != missing.in_second)
}

/// Whether one word is the beginning of the other, cut short.
#[must_use]
pub fn is_cut_short(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= 3 && (a.starts_with(b) || b.starts_with(a))
}

/// Whether two words are pronounced alike by an English ear (Double Metaphone, by Lawrence Philips).
#[must_use]
pub fn sounds_alike(a: &str, b: &str) -> bool {
    let code = sound(a);
    code[1] != 0 && code == sound(b)
}

/// Codes are compared whole: cut after four sounds, `Konstantin` and `Konstanze` would sound alike.
const LONGEST_CODE: usize = 16;

/// How a word sounds, filled up with zeros.
type Sound = [u8; LONGEST_CODE];

/// So many words are kept in mind at most: about half a megabyte.
const MOST_HEARD: usize = 1 << 13;

thread_local! {
    /// How words heard lately sound. Hearing one is dear, and each name is compared with many others.
    static HEARD: RefCell<FxHashMap<Box<str>, Sound>> = RefCell::default();
}

fn sound(word: &str) -> Sound {
    HEARD.with_borrow_mut(|heard| {
        if let Some(known) = heard.get(word) {
            return *known;
        }
        if heard.len() >= MOST_HEARD {
            heard.clear();
        }
        let mut sound = Sound::default();
        for (place, letter) in sound.iter_mut().zip(DoubleMetaphone::new(Some(LONGEST_CODE)).encode(word).bytes()) {
            *place = letter;
        }
        heard.insert(word.into(), sound);
        sound
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips() {
        for (a, b) in [
            ("rogers", "roers"),
            ("alan", "allan"),
            ("bebra", "berbra"),
            ("sheilla", "xeilla"),
            ("jessica", "aessicj"),
            ("williams", "lwisliaml"),
            ("noah", "nhoa"),
            ("braithwaite", "braithwatie"),
        ] {
            assert!(is_slip(a, b) && is_slip(b, a), "{a} {b}");
        }
        for (a, b) in [("jo", "joe"), ("anna", "otto"), ("smith", "jones"), ("martin", "morgan"), ("", "")] {
            assert!(!is_slip(a, b) && !is_slip(b, a), "{a} {b}");
        }
    }
}
