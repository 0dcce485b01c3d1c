//! Names: given, family and display name as one unit of one record, so that they always belong together.
//!
//! Completeness comes first: a full given and family name, then one of them with an initial for the other, then a single
//! word, then initials. Among equally complete names the policy decides. Of the spellings of one name those with given and
//! family name apart come first, then those in mixed case. Placeholders never survive.

use super::{
    Preference,
    notes::Notes,
    ranking::{Stated, Survivor, survivors},
    witness::Witness,
};
use crate::domain::{
    contact::Contact,
    golden::Given,
    normalize::{
        junk::is_placeholder_name,
        name::{self, Name},
        text::fold,
    },
};
use borsh::{BorshDeserialize, BorshSerialize};

/// What a person is called.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Default, PartialEq)]
pub(super) struct Names {
    pub name: Option<String>,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

/// How much of a name is there, from little to much.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Completeness {
    Initials,
    OneWord,
    WordAndInitial,
    Full,
}

/// Reads one part of a name.
type Read = fn(&Contact) -> Option<&str>;

/// Chooses the names. Where a steward did, the parts beside the whole name are those of records that state the same name,
/// unless they are chosen themselves.
pub(super) fn choose(seen: &[Witness<'_>], preference: Preference, notes: &mut Notes<'_>) -> Names {
    let order = preference.order_of_names();
    let mut ranked = survivors(seen, order, |witness| witness.statement.names.as_ref().map(Stated::borrowed));
    let chosen = notes.choice::<String>("/name");
    let stated = match &chosen {
        Some(name) => place_of(name, &ranked).map(|place| ranked.remove(place)),
        None if ranked.is_empty() => None,
        None => Some(ranked.remove(0)),
    };
    for loser in ranked {
        notes.lost("/name", &loser.value.name, loser.provenance);
    }
    let (names, given) = stated.map(|it| (it.value.clone(), it.provenance)).unzip();
    let mut names: Names = names.unwrap_or_default();
    for (pointer, part, read) in [
        ("/given_name", &mut names.given_name, (|c| c.given_name.as_deref()) as Read),
        ("/family_name", &mut names.family_name, |c| c.family_name.as_deref()),
    ] {
        choose_part(pointer, part, given.as_ref(), notes, || {
            survivors(seen, order, |witness| stated_part(self::part(read(witness.contact))))
        });
    }
    match chosen {
        Some(_) => names.name = chosen,
        None => given.into_iter().for_each(|given| notes.survived("/name", given)),
    }
    names
}

/// Where among the names that records state this one is.
fn place_of(name: &str, ranked: &[Survivor<&Key, &Names, Completeness>]) -> Option<usize> {
    let stated = stated(&Contact { name: Some(name.to_owned()), ..Contact::default() })?;
    ranked.iter().position(|known| *known.key == stated.key)
}

/// Puts the part of a name in its place that a steward chose, or leaves that of the whole name; notes what lost.
fn choose_part(
    pointer: &str,
    part: &mut Option<String>,
    whole: Option<&Given>,
    notes: &mut Notes<'_>,
    ranked: impl FnOnce() -> Vec<Survivor<String, String, ()>>,
) {
    if let Some(chosen) = notes.choice::<String>(pointer) {
        for loser in ranked().into_iter().filter(|other| other.value != chosen) {
            notes.lost(pointer, &loser.value, loser.provenance);
        }
        *part = Some(chosen);
    } else if let (Some(part), Some(whole)) = (part, whole) {
        note_part(pointer, &fold(part), whole, ranked(), notes);
    }
}

/// Notes where a part of the name came from (the whole name's record, but all events that carried the part) and which
/// other values of the part lost.
fn note_part(
    pointer: &str,
    chosen: &str,
    whole: &Given,
    ranked: Vec<Survivor<String, String, ()>>,
    notes: &mut Notes<'_>,
) {
    for Survivor { key, value, provenance, .. } in ranked {
        if key == chosen {
            let (record_id, source) = (whole.record_id, whole.source.clone());
            notes.survived(pointer, Given { record_id, source, ..provenance });
        } else {
            notes.lost(pointer, &value, provenance);
        }
    }
}

/// Given words, family words, suffix.
pub(super) type Key = (Vec<String>, Vec<String>, Option<String>);

/// The names that a contact states.
pub(super) type StatedNames = Stated<Key, Names, Completeness, (bool, bool)>;

/// Reads the names of a contact.
pub(super) fn stated(contact: &Contact) -> Option<StatedNames> {
    let normal = usable(contact)?;
    let names = names(contact, &normal);
    let apart = names.given_name.is_some() && names.family_name.is_some();
    let polish = (apart, is_mixed_case(names.name.as_deref()?));
    let worth = completeness(&normal);
    Some(Stated { key: (normal.given, normal.family, normal.suffix), value: names, worth, polish })
}

fn stated_part(part: Option<String>) -> Option<Stated<String, String, (), bool>> {
    let value = part?;
    Some(Stated { key: fold(&value), polish: is_mixed_case(&value), value, worth: () })
}

fn usable(contact: &Contact) -> Option<Name> {
    name::normalize(contact).ok().flatten()
}

fn names(contact: &Contact, normal: &Name) -> Names {
    let given_name = part(contact.given_name.as_deref());
    let family_name = part(contact.family_name.as_deref());
    let name = full_name(contact, normal).or_else(|| joined(given_name.as_deref(), family_name.as_deref()));
    Names { name, given_name, family_name }
}

/// The full name as given, unless it lacks the given or the family name, or tells others than the parts beside it.
fn full_name(contact: &Contact, normal: &Name) -> Option<String> {
    let full = Contact { name: contact.name.clone(), ..Contact::default() };
    if contact.given_name.is_none() && contact.family_name.is_none() {
        return full.name.as_deref().map(tidy);
    }
    let alone = usable(&full)?;
    let tells = |words: &[String]| {
        words.is_empty() || words.iter().any(|word| alone.given.contains(word) || alone.family.contains(word))
    };
    full.name.filter(|_| tells(&normal.given) && tells(&normal.family)).as_deref().map(tidy)
}

fn joined(given: Option<&str>, family: Option<&str>) -> Option<String> {
    let parts: Vec<_> = given.into_iter().chain(family).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// A given or family name that says something.
fn part(given: Option<&str>) -> Option<String> {
    let folded = fold(given?);
    given.filter(|_| !folded.is_empty() && !is_placeholder_name(&folded)).map(tidy)
}

/// Single blanks between words, none around.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn completeness(name: &Name) -> Completeness {
    let is_word = |words: &[String]| words.iter().any(|word| word.chars().count() > 1);
    match (is_word(&name.given), is_word(&name.family)) {
        (true, true) => Completeness::Full,
        (true, false) if !name.family.is_empty() => Completeness::WordAndInitial,
        (false, true) if !name.given.is_empty() => Completeness::WordAndInitial,
        (false, false) => Completeness::Initials,
        _ => Completeness::OneWord,
    }
}

/// Neither shouted nor mumbled; scripts without case are neither.
fn is_mixed_case(text: &str) -> bool {
    text.to_uppercase() == text.to_lowercase() || (text != text.to_uppercase() && text != text.to_lowercase())
}
