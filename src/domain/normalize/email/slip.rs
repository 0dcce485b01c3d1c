//! Slips of the keyboard in a mail domain.

use crate::domain::normalize::edits;

/// Country codes that are other ones with their letters swapped, as `se` is `es`: no slips.
const REAL_SWAPPED: &[&str] = &["ac", "as", "es", "gs", "lc", "nc", "ni", "se"];

/// Whether an ending is one slip from another: in one of its labels, or by its dot alone (`couk`).
pub(super) fn is_mistyped_ending(typed: &str, meant: &str) -> bool {
    if typed.split('.').count() != meant.split('.').count() {
        return !typed.contains('.') && meant.replace('.', "") == typed;
    }
    let mut slips = typed.split('.').zip(meant.split('.')).filter(|(typed, meant)| typed != meant);
    slips.next().is_some_and(|(typed, meant)| is_mistyped_label(typed, meant)) && slips.next().is_none()
}

/// `con`, `cmo`, `comm`, `cm`… for `com`; of two letters only ones swapped or doubled (`ed`, `dee`), as most others are
/// another country's.
fn is_mistyped_label(typed: &str, meant: &str) -> bool {
    match (typed.len(), meant.len()) {
        (2, 2) => typed.bytes().rev().eq(meant.bytes()) && !REAL_SWAPPED.contains(&typed),
        (_, 2) => typed == "com" && meant == "co" || is_doubled(typed, meant),
        _ => edits::is_one(typed, meant),
    }
}

/// One letter typed twice.
fn is_doubled(typed: &str, meant: &str) -> bool {
    let bytes = typed.as_bytes();
    bytes.len() == meant.len() + 1 && bytes.windows(2).any(|pair| pair[0] == pair[1]) && edits::is_one(typed, meant)
}

/// Whether a name is one edit of the usual kinds from a provider's: a letter missed, doubled or swapped with the next,
/// or a neighbouring key hit. The first letter must be right: others are other providers' (`email`, `ymail`).
pub(super) fn is_one_slip(name: &str, provider: &str) -> bool {
    name.as_bytes().first() == provider.as_bytes().first()
        && name.len().abs_diff(provider.len()) <= 1
        && edits::is_one(name, provider)
        && hits_neighbouring_key(name, provider)
}

/// Of two names one edit apart: whether the one letter that is replaced, if any is, was a neighbouring key.
fn hits_neighbouring_key(name: &str, provider: &str) -> bool {
    let replaced: Vec<(u8, u8)> = name.bytes().zip(provider.bytes()).filter(|(a, b)| a != b).collect();
    match *replaced.as_slice() {
        [(typed, meant)] if name.len() == provider.len() => are_neighbours(typed, meant),
        _ => true,
    }
}

/// Keys side by side or above one another on QWERTY, and signs that look alike.
fn are_neighbours(a: u8, b: u8) -> bool {
    const ROWS: [&[u8]; 4] = [b"1234567890-", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];
    let place = |key: u8| {
        ROWS.iter().enumerate().find_map(|(row, keys)| keys.iter().position(|k| *k == key).map(|column| (row, column)))
    };
    let alike = |a: u8, b: u8| matches!((a, b), (b'l', b'i' | b'1') | (b'i', b'1') | (b'o', b'0'));
    let touching = match (place(a), place(b)) {
        (Some((row, column)), Some((other_row, other))) if row == other_row => column.abs_diff(other) == 1,
        (Some((upper, column)), Some((lower, other))) if upper + 1 == lower => column == other || column == other + 1,
        (Some((lower, other)), Some((upper, column))) if upper + 1 == lower => column == other || column == other + 1,
        _ => false,
    };
    touching || alike(a, b) || alike(b, a)
}
