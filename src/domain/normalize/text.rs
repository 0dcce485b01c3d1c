//! Folding text for comparison: NFKC, transliterated to ASCII, lower case, words parted by one blank.

use super::transliterate::to_latin;
use deunicode::deunicode;
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Folds a text to lower-case ASCII words of letters and digits: `"Ósk  ÞÓRA-Lind"` → `"osk thora lind"`, `"Ελένη"` →
/// `"eleni"`.
/// Apostrophes vanish (`O'Brien` → `obrien`), every other mark, emoji too, parts words. Idempotent.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return words_of(text);
    }
    let words: String = text.chars().filter(|c| !vanishes(*c)).nfkc().map(word_or_blank).collect();
    words_of(&deunicode(&to_latin(&words)))
}

/// The words of an ASCII text, in lower case.
fn words_of(ascii: &str) -> String {
    if ascii.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return ascii.to_ascii_lowercase();
    }
    let mut words = String::with_capacity(ascii.len());
    let mut parted = false;
    for byte in ascii.bytes() {
        if byte.is_ascii_alphanumeric() {
            if parted && !words.is_empty() {
                words.push(' ');
            }
            parted = false;
            words.push(char::from(byte.to_ascii_lowercase()));
        } else {
            parted |= !matches!(byte, b'\'' | b'`');
        }
    }
    words
}

/// A text in NFKC.
pub(super) fn compatible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { text.into() } else { text.nfkc().collect() }
}

/// A text in NFKC, without invisible characters.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() { text.into() } else { text.nfkc().filter(|c| !is_invisible(*c)).collect() }
}

/// Letters, digits and the marks that belong to them stay. The rest would be transliterated to words (`😀` →
/// `grinning`).
fn word_or_blank(c: char) -> char {
    if c.is_alphanumeric() || is_combining_mark(c) || vanishes(c) { c } else { ' ' }
}

/// Apostrophes and invisible characters, which part no words.
fn vanishes(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | '‘' | '’' | '‛' | 'ʹ' | 'ʻ' | 'ʼ' | 'ʽ' | '′' | '＇' | '׳' | '״') || is_invisible(c)
}

/// Soft hyphen, zero-width blanks and joiners, marks of writing direction, byte order mark.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::fold;
    use proptest::prelude::*;

    #[test]
    fn folding_leaves_plain_words() {
        for (given, expected) in [
            ("  Ósk ÞÓRA-Lind ", "osk thora lind"),
            ("O'Brien", "obrien"),
            ("O’Brien", "obrien"),
            ("O´Brien", "obrien"),
            ("Мария Иванова", "maria ivanova"),
            ("Straße", "strasse"),
            ("Ｊａｎｅ　Ｄｏｅ", "jane doe"),
            ("Jane 😀 Doe", "jane doe"),
            ("Ja\u{200b}ne\u{a0}Doe", "jane doe"),
            ("e\u{301}lodie", "elodie"),
            ("c/o Jane", "c o jane"),
            ("!!", ""),
            ("", ""),
        ] {
            assert_eq!(fold(given), expected, "{given}");
        }
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(given in "\\PC*|.*|[α-ωΆ-Ώϊΐ\u{301}\u{308} ]{0,12}|[а-яёіїєґђћЉ\u{301} ]{0,12}|[א-ת\u{5b0} ]{0,9}|[ا-يةىعبد\u{651} ]{0,9}") {
            let folded = fold(&given);
            prop_assert!(folded.chars().all(|c| c == ' ' || c.is_ascii_digit() || c.is_ascii_lowercase()));
            prop_assert_eq!(fold(&folded), folded);
        }
    }
}
