//! From a text to its words: mailboxes, links, digits, emoji and brackets go, initials are parted.

use super::{
    role::{Role, is, knows_given},
    word::Word,
};
use crate::domain::normalize::{
    frequency,
    text::{fold, is_invisible},
};
use std::borrow::Cow;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words of a piece of a full name: initials written together are parted, one word in Chinese or Korean characters
/// is parted into family and given name, and what follows `née` is dropped.
pub(super) fn name_words(piece: &str) -> Vec<Word> {
    let mut words = words(piece);
    if let [word] = words.as_slice()
        && word.east_asian
        && let Some((family, given)) = part_east_asian(piece)
    {
        return Word::read(&family).into_iter().chain(Word::read(&given)).collect();
    }
    if let Some(at) =
        words.iter().position(|word| word.is(Role::Formerly)).filter(|at| *at > 0 && *at + 1 < words.len())
    {
        words.truncate(at);
    }
    let mixed = words.iter().any(|word| !word.capitals && word.letters() > 1);
    words.into_iter().flat_map(|word| if mixed { part_initials(word) } else { vec![word] }).collect()
}

/// `JD` among words that are not all capitals.
fn part_initials(word: Word) -> Vec<Word> {
    let text = word.single();
    let known = knows_given(text)
        || frequency::is_common_family(text)
        || [Role::Title, Role::WeakTitle, Role::Suffix, Role::PostNominal].iter().any(|role| is(*role, text));
    if !word.capitals || text.len() != 2 || known {
        return vec![word];
    }
    text.chars().map(|c| Word { parts: vec![c.to_string()], ..word }).collect()
}

/// The first character is the family name; the first two of four or more.
fn part_east_asian(piece: &str) -> Option<(String, String)> {
    let characters: Vec<char> = piece.nfkc().filter(|c| c.is_alphabetic()).collect();
    let kana = characters.iter().any(|c| matches!(c, '\u{3040}'..='\u{30ff}'));
    let family = if characters.len() < 4 { 1 } else { 2 };
    let (family, given) = characters.split_at_checked(family)?;
    (!kana && !given.is_empty()).then(|| (family.iter().collect(), given.iter().collect()))
}

/// The words of a text, without mailboxes, links, digits, emoji and what stands in brackets.
pub(super) fn words(text: &str) -> Vec<Word> {
    let plain = plain(text);
    let is_address = |token: &str| token.contains('@') || (token.contains(':') && token.contains("://"));
    let mut spelt = String::with_capacity(plain.len() + 1);
    for token in plain.split_whitespace().filter(|token| !is_address(token)) {
        spelt.push_str(&letters(token));
        if !is_elided(token) {
            spelt.push(' ');
        }
    }
    spelt.split_whitespace().filter_map(Word::read).collect()
}

/// NFKC with one kind of apostrophe, without brackets and invisible characters.
fn plain(text: &str) -> Cow<'_, str> {
    let outside = without_brackets(text);
    if outside.is_ascii() && !outside.contains('`') {
        return outside;
    }
    let spelt = outside.replace(['´', '`', '‘', '’', 'ʼ'], "'").replace("Mª", "Maria ");
    spelt.chars().filter(|c| !is_invisible(*c)).nfkc().collect()
}

/// `O'`, `Dell'` and `عبد` (servant of), which belong to the next word; quotes on both sides don't.
fn is_elided(token: &str) -> bool {
    token == "عبد" || token.ends_with('\'') && token.starts_with(char::is_alphabetic) && token.len() < 6
}

/// One token, all but letters, apostrophes and inner hyphens blanked; abbreviated degrees and ordinals in one word.
fn letters(token: &str) -> Cow<'_, str> {
    if token.bytes().all(|b| b.is_ascii_alphabetic()) && !is(Role::PostNominal, &token.to_ascii_lowercase()) {
        return token.into();
    }
    let squeezed = token.replace('.', "").trim_end_matches(',').to_lowercase();
    match squeezed.as_str() {
        "2nd" => return "ii".into(),
        "3rd" => return "iii".into(),
        "4th" => return "iv".into(),
        degree if is(Role::PostNominal, degree) => return squeezed.into(),
        _ => {}
    }
    let keep = |c: char| c.is_alphabetic() || is_combining_mark(c) || matches!(c, '\'' | '-' | '‐' | '‑');
    let blanked: String = token.chars().map(|c| if keep(c) { c } else { ' ' }).collect();
    match blanked.split_once('-') {
        Some((title, rest)) if is(Role::WeakTitle, &fold(title)) => format!("{title} {rest}").into(),
        _ => blanked.into(),
    }
}

/// Drops what stands in brackets, unless nothing else has letters.
pub(super) fn without_brackets(text: &str) -> Cow<'_, str> {
    if !text.contains(['(', '[', '{', '<', '（', ')', ']', '}', '>', '）']) {
        return text.into();
    }
    let mut depth = 0_usize;
    let mut outside = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '(' | '[' | '{' | '<' | '（' => depth += 1,
            ')' | ']' | '}' | '>' | '）' => depth = depth.saturating_sub(1),
            _ if depth == 0 => outside.push(c),
            _ => {}
        }
        if depth > 0 && !outside.ends_with(' ') {
            outside.push(' ');
        }
    }
    if outside.chars().any(char::is_alphabetic) { outside.into() } else { text.into() }
}
