//! Greek words as Greek passports spell them (after ELOT 743): `Ευαγγελία` → `Evangelia`.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A letter without its marks.
#[derive(Clone, Copy)]
struct Letter {
    /// In lower case.
    plain: char,
    /// A diaeresis: this vowel forms no digraph with the one before.
    apart: bool,
    /// An accent: this vowel forms no digraph with the one after.
    stressed: bool,
}

/// The word in Latin letters, in lower case.
pub(super) fn to_latin(word: &str) -> String {
    let letters = letters(word);
    let mut latin = String::with_capacity(letters.len() + 2);
    let mut rest = letters.as_slice();
    while let [letter, after @ ..] = rest {
        let digraph = after.first().and_then(|next| digraph(*letter, *next, after.get(1), latin.is_empty()));
        rest = if let Some(letters) = digraph {
            latin.push_str(letters);
            &after[1..]
        } else {
            match single(letter.plain) {
                Some(letters) => latin.push_str(letters),
                None => latin.push(letter.plain),
            }
            after
        };
    }
    latin
}

fn letters(word: &str) -> Vec<Letter> {
    let mut letters: Vec<Letter> = Vec::with_capacity(word.len() / 2);
    for c in word.nfd() {
        match letters.last_mut() {
            Some(letter) if is_combining_mark(c) => {
                letter.apart |= c == '\u{308}';
                letter.stressed |= matches!(c, '\u{300}' | '\u{301}' | '\u{342}');
            }
            _ => letters.extend(c.to_lowercase().map(|plain| Letter { plain, apart: false, stressed: false })),
        }
    }
    letters
}

/// Two letters of one sound; `then` follows them.
fn digraph(letter: Letter, next: Letter, then: Option<&Letter>, at_start: bool) -> Option<&'static str> {
    let together = !letter.stressed && !next.apart;
    Some(match (letter.plain, next.plain) {
        ('ο', 'υ') if together => "ou",
        ('α', 'υ') if together => {
            if is_voiced(then) {
                "av"
            } else {
                "af"
            }
        }
        ('ε', 'υ') if together => {
            if is_voiced(then) {
                "ev"
            } else {
                "ef"
            }
        }
        ('η', 'υ') if together => {
            if is_voiced(then) {
                "iv"
            } else {
                "if"
            }
        }
        ('μ', 'π') if at_start || then.is_none() => "b",
        ('ν', 'τ') if at_start => "d",
        ('γ', 'γ') => "ng",
        ('γ', 'ξ') => "nx",
        ('γ', 'χ') => "nch",
        _ => return None,
    })
}

/// Before a vowel or a voiced consonant `υ` is a v, else an f.
fn is_voiced(then: Option<&Letter>) -> bool {
    then.is_some_and(|letter| "αεηιουωβγδζλμνρ".contains(letter.plain))
}

fn single(letter: char) -> Option<&'static str> {
    Some(match letter {
        'α' => "a",
        'β' | 'ϐ' => "v",
        'γ' => "g",
        'δ' => "d",
        'ε' => "e",
        'ζ' => "z",
        'η' | 'ι' => "i",
        'θ' | 'ϑ' => "th",
        'κ' => "k",
        'λ' => "l",
        'μ' => "m",
        'ν' => "n",
        'ξ' => "x",
        'ο' | 'ω' => "o",
        'π' => "p",
        'ρ' => "r",
        'σ' | 'ς' => "s",
        'τ' => "t",
        'υ' => "y",
        'φ' => "f",
        'χ' => "ch",
        'ψ' => "ps",
        _ => return None,
    })
}
