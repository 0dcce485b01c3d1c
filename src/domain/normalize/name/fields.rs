//! The name fields of a contact: which of them is believed, and how one completes another.

use super::{
    Name,
    clean::finish,
    one_text::whole,
    role::{Role, is, knows_given},
    word::spaced,
    words::words,
};
use crate::domain::{
    contact::Contact,
    normalize::{form::WarningCode, frequency, junk, nicknames, text::fold},
};

/// Normalises the name fields of a contact. `given_name` and `family_name` win over `name`, which completes them where
/// one is missing. `None` when there is no name, or only an organisation's, a mailbox, a handle or a number.
///
/// # Errors
/// [`WarningCode::Placeholder`] when the name is one that people type to be left alone.
pub fn normalize(contact: &Contact) -> Result<Option<Name>, WarningCode> {
    let given = Field::read(contact.given_name.as_deref());
    let family = Field::read(contact.family_name.as_deref());
    let name = Field::read(contact.name.as_deref());
    let junk = [&given, &family, &name].into_iter().any(|field| matches!(field, Field::Junk));
    let draft = match (given, family, name) {
        (Field::Text(given), Field::Text(family), _) => separate(given, family),
        (Field::Text(given), _, name) => given_only(&given, &name),
        (_, Field::Text(family), name) => Some(family_only(&family, &name)),
        (_, _, Field::Text(name)) => whole(name.text),
        _ if junk => return Err(WarningCode::Placeholder),
        _ => None,
    };
    draft.map_or(Ok(None), finish)
}

/// A name field: missing, filled in to be left alone, or usable.
enum Field<'a> {
    Missing,
    Junk,
    Text(Given<'a>),
}

/// What a usable name field holds.
struct Given<'a> {
    text: &'a str,
    /// Its folded words, at least one.
    words: Vec<String>,
}

impl<'a> Field<'a> {
    fn read(given: Option<&'a str>) -> Self {
        let Some(text) = given else { return Self::Missing };
        let folded = fold(text);
        let (is_junk, words) = if is_plain(text) {
            (junk::is_placeholder_name(&folded), parted(folded))
        } else {
            let words = words(text).into_iter().flat_map(|word| word.parts).collect::<Vec<_>>();
            (is_junk(&spaced(&words), &folded), words)
        };
        match words.is_empty() {
            true => Self::Missing,
            false if is_junk => Self::Junk,
            false => Self::Text(Given { text, words }),
        }
    }

    /// Its text, read as a full name.
    fn whole(&self) -> Option<Name> {
        if let Self::Text(name) = self { whole(name.text) } else { None }
    }
}

/// The words of a folded text.
fn parted(folded: String) -> Vec<String> {
    match folded.as_str() {
        "" => Vec::new(),
        several if several.contains(' ') => several.split(' ').map(str::to_owned).collect(),
        _ => vec![folded],
    }
}

/// Whether a text is of nothing but ASCII letters and blanks: then its words are what it folds to.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphabetic() || b == b' ')
}

/// Whether either the words of a field or the whole of it are what people type to be left alone; mostly they are the same.
fn is_junk(words: &str, whole: &str) -> bool {
    junk::is_placeholder_name(words) || (whole != words && junk::is_placeholder_name(whole))
}

/// Both fields are given.
fn separate(given: Given, family: Given) -> Option<Name> {
    if given.words.len() > 1 && family.words.iter().all(|word| is(Role::Suffix, word)) {
        return whole(&format!("{} {}", given.text, family.text));
    }
    let full = [&given, &family].into_iter().filter_map(parted_by_comma).find(|full| tells_both(full, &given, &family));
    let apart = || Name { given: given.words, family: family.words, suffix: None, order_known: true };
    Some(full.unwrap_or_else(apart))
}

/// `Doe, Jane`, typed into one field.
fn parted_by_comma(field: &Given) -> Option<Name> {
    let name = field.text.contains(',').then(|| whole(field.text)).flatten()?;
    (!name.given.is_empty() && !name.family.is_empty()).then_some(name)
}

/// Whether the other field repeats a part of the full name that one holds. `Jane, Marie` beside `Doe` are given names.
fn tells_both(full: &Name, given: &Given, family: &Given) -> bool {
    given.words == full.given || family.words == full.family || given.words == family.words
}

/// The given name alone: the full name tells the rest; without one it may hold both.
fn given_only(given: &Given, name: &Field) -> Option<Name> {
    let words = &given.words;
    let completed = name.whole().and_then(|name| family_of(words, name));
    if completed.is_some() {
        return completed;
    }
    if let Some(full) = parted_by_comma(given) {
        return Some(full);
    }
    if words.iter().all(|word| knows_given(word)) && !words.last().is_some_and(|w| frequency::is_common_family(w)) {
        return Some(Name { given: words.clone(), ..Name::default() });
    }
    whole(given.text)
}

/// Adds to the given names what else the full name holds.
fn family_of(given: &[String], name: Name) -> Option<Name> {
    let mut completed = Name { given: given.to_vec(), order_known: true, ..Name::default() };
    let contains = contains(&name, given);
    let (mut rest, family) = (without(name.given, given), without(name.family, given));
    if contains && !family.is_empty() {
        let (middle, front): (Vec<_>, Vec<_>) = rest.into_iter().partition(|w| w.len() == 1 || knows_given(w));
        completed.given.extend(middle);
        completed.family.extend(front);
    } else if contains || family.is_empty() {
        rest.retain(|word| !given.iter().any(|given| nicknames::related(word, given)));
        completed.family.extend(rest);
    }
    completed.family.extend(family);
    completed.suffix = name.suffix;
    (!completed.family.is_empty()).then_some(completed)
}

/// The family name alone: the full name tells the given names.
fn family_only(family: &Given, name: &Field) -> Name {
    if let Some(full) = parted_by_comma(family) {
        return full;
    }
    let mut completed = Name { family: family.words.clone(), order_known: true, ..Name::default() };
    if let Some(name) = name.whole() {
        let contains = contains(&name, &completed.family);
        completed.given = without(name.given, &completed.family);
        if contains {
            completed.given.extend(without(name.family, &completed.family));
        }
        completed.suffix = name.suffix;
    }
    completed
}

fn contains(name: &Name, words: &[String]) -> bool {
    words.iter().all(|word| name.given.contains(word) || name.family.contains(word))
}

fn without(words: Vec<String>, others: &[String]) -> Vec<String> {
    words.into_iter().filter(|word| !others.contains(word)).collect()
}
