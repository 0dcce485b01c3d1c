//! A full name in one text: what is not the name goes, what is left is parted at its commas.

use super::{
    Name,
    edges::{drop_suffixes, drop_titles},
    order::in_order,
    organisation::is_organisation,
    role::{Role, is},
    word::{Word, flat},
    words::{name_words, without_brackets, words},
};
use crate::domain::normalize::text::fold;

/// A full name in one text.
pub(super) fn whole(text: &str) -> Option<Name> {
    let text = text.split(['|', ';']).find(|part| part.contains(char::is_alphabetic))?;
    if is_handle(text) || names_several(text) {
        return None;
    }
    let mut suffix = None;
    let mut titled = false;
    let mut pieces: Vec<Vec<Word>> = Vec::new();
    for (index, piece) in without_employer(&without_brackets(text))?.into_iter().enumerate() {
        let mut words = name_words(piece);
        titled |= drop_titles(&mut words);
        suffix = drop_suffixes(&mut words, index > 0).or(suffix);
        pieces.push(words);
    }
    let mut pieces = pieces.into_iter().filter(|words| !words.is_empty());
    let first = pieces.next()?;
    let name = match pieces.next() {
        Some(given) => Name { given: flat(&given), family: flat(&first), suffix: None, order_known: true },
        None => in_order(&first, titled),
    };
    Some(Name { suffix, ..name })
}

/// The pieces between commas. `Jane Doe, Acme Ltd` is a person with an employer; `Acme, Ltd` is an organisation.
fn without_employer(text: &str) -> Option<Vec<&str>> {
    let mut pieces: Vec<&str> = text.split([',', '،', '，', '、']).collect();
    if pieces.iter().all(|piece| !is_organisation(piece)) {
        return Some(pieces);
    }
    let is_full = |piece: &str| words(piece).len() > 1;
    let person = !is_organisation(pieces[0]) && is_full(pieces[0]);
    pieces.retain(|piece| !is_organisation(piece) || !is_full(piece));
    (person && !pieces.iter().any(|piece| is_organisation(piece))).then_some(pieces)
}

/// One word with digits or an underscore: an account, not a name.
fn is_handle(text: &str) -> bool {
    let text = text.trim();
    !text.contains(char::is_whitespace) && text.contains(|c: char| c.is_ascii_digit() || c == '_')
}

/// `Jane & John Doe`: not one person.
fn names_several(text: &str) -> bool {
    let folded = fold(&text.replace(['&', '+'], " and "));
    let words: Vec<&str> = folded.split(' ').collect();
    words.len() > 2 && words[1..words.len() - 1].iter().any(|word| is(Role::And, word))
}
