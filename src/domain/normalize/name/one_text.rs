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
        Some(given) => around_comma(first, given),
        None => in_order(&first, titled),
    };
    Some(Name { suffix, ..name })
}

/// `Doe, Jane`; the particles of `Dijk, Jane van` belong before the family name.
fn around_comma(family: Vec<Word>, mut given: Vec<Word>) -> Name {
    let is_vietnamese = family.first().is_some_and(|word| word.is(Role::VietnameseFamily));
    let particles = given.iter().rev().take_while(|word| !is_vietnamese && word.is(Role::Particle)).count();
    let start = if particles < given.len() { given.len() - particles } else { given.len() };
    let family = [given.split_off(start), family].concat();
    Name { given: flat(&given), family: flat(&family), suffix: None, order_known: true }
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
    let folded = if text.contains(['&', '+']) { fold(&text.replace(['&', '+'], " and ")) } else { fold(text) };
    let words: Vec<&str> = folded.split(' ').collect();
    words.len() > 2 && words[1..words.len() - 1].iter().any(|word| is(Role::And, word))
}
