//! Likeness of single words: what a slip of the finger, a bad ear or a bad scan makes of one.

use rphonetic::{DoubleMetaphone, Encoder};
use strsim::{jaro_winkler, osa_distance};

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
    osa_distance(a, b) <= allowed || (shorter >= 5 && jaro_winkler(a, b) >= 0.93) || is_stirred(a, b)
}

/// The same letters in another order, or all but one of them.
#[must_use]
pub fn is_stirred(a: &str, b: &str) -> bool {
    let shorter = a.len().min(b.len());
    let mut counts = [0_i32; 128];
    for byte in a.bytes() {
        counts[usize::from(byte & 127)] += 1;
    }
    for byte in b.bytes() {
        counts[usize::from(byte & 127)] -= 1;
    }
    let (more, fewer) = counts.iter().fold((0, 0), |(more, fewer), n| (more + (*n).max(0), fewer + (-*n).max(0)));
    let off = more.max(fewer);
    (shorter >= 4 && off == 0) || (shorter >= 5 && off == 1 && more != fewer)
}

/// Whether one word is the beginning of the other, cut short.
#[must_use]
pub fn is_cut_short(a: &str, b: &str) -> bool {
    a.len().min(b.len()) >= 3 && (a.starts_with(b) || b.starts_with(a))
}

/// Codes are compared whole: cut after four sounds, `Konstantin` and `Konstanze` would sound alike.
const LONGEST_CODE: usize = 16;

/// Whether two words are pronounced alike by an English ear (Double Metaphone, by Lawrence Philips).
#[must_use]
pub fn sounds_alike(a: &str, b: &str) -> bool {
    let encoder = DoubleMetaphone::new(Some(LONGEST_CODE));
    let (code, other) = (encoder.encode(a), encoder.encode(b));
    code.len() >= 2 && code == other
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
