//! The plain attributes: one value, or one primary value, by the policy's preference.

use super::{
    Preference,
    notes::Notes,
    ranking::{Stated, survivors},
    witness::Witness,
};
use crate::domain::{
    choice::ADDRESS,
    contact::{Address, Contact},
    golden::{name_of, pointer},
    normalize::{
        address,
        birth_date::{self, BirthDate},
        junk::is_placeholder_text,
        text::fold,
    },
};
use serde_json::Value;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// A date of the calendar comes before a text that is none.
pub(super) fn birth_date(seen: &[Witness<'_>], preference: Preference, notes: &mut Notes<'_>) -> Option<String> {
    let dates = survivors(seen, preference.order(), |witness| {
        let given = witness.contact.birth_date.as_deref()?;
        let normal = birth_date::normalize(given).0?;
        let worth = matches!(normal, BirthDate::Date { .. });
        Some(Stated { value: show_date(&normal, given), key: normal, worth, polish: () })
    });
    notes.first("/birth_date", dates)
}

fn show_date(normal: &BirthDate, given: &str) -> String {
    match normal {
        BirthDate::Date { year, month, day } => format!("{year:04}-{month:02}-{day:02}"),
        BirthDate::Digits(_) => given.trim().to_owned(),
    }
}

/// All addresses that differ in normal form, the primary one first: the one that a steward chose, or the best.
pub(super) fn addresses(seen: &[Witness<'_>], preference: Preference, notes: &mut Notes<'_>) -> Vec<Address> {
    let mut addresses = survivors(seen, preference.order(), |witness| {
        witness.contact.addresses.iter().filter_map(|given| {
            // In reverse, so that of one record's addresses the one with a street comes first.
            let key = Reverse(address::normalize(given)?);
            Some(Stated { key, value: given.clone(), worth: (), polish: () })
        })
    });
    let chosen = notes.choice::<Address>(ADDRESS);
    if let Some(chosen) = chosen.as_ref().and_then(address::normalize) {
        addresses.retain(|other| other.key.0 != chosen);
    }
    notes.all("/addresses", chosen, addresses, |address, ()| address)
}

/// A plain text, unless it stands for a missing one.
pub(super) fn text(
    seen: &[Witness<'_>],
    preference: Preference,
    pointer: &str,
    read: impl Fn(&Contact) -> Option<&str>,
    notes: &mut Notes<'_>,
) -> Option<String> {
    let texts = survivors(seen, preference.order(), |witness| {
        let given = read(witness.contact)?.trim();
        Some(Stated { key: usable(fold(given))?, value: given.to_owned(), worth: (), polish: () })
    });
    notes.first(pointer, texts)
}

/// Each attribute by itself.
pub(super) fn attributes(
    seen: &[Witness<'_>],
    preference: Preference,
    notes: &mut Notes<'_>,
) -> BTreeMap<String, Value> {
    let mut names: BTreeSet<String> = seen.iter().flat_map(|it| it.contact.attributes.keys().cloned()).collect();
    names.extend(notes.chosen_within("attributes").filter_map(name_of));
    let mut survived = BTreeMap::new();
    for name in names {
        let values = survivors(seen, preference.order(), |witness| {
            let given = witness.contact.attributes.get(&name)?;
            Some(Stated { key: attribute_key(given)?, value: given.clone(), worth: (), polish: () })
        });
        survived.extend(notes.first(&pointer("attributes", &name), values).map(|value| (name, value)));
    }
    survived
}

fn attribute_key(given: &Value) -> Option<String> {
    match given {
        Value::Null => None,
        Value::String(text) => usable(fold(text)),
        other => Some(other.to_string()),
    }
}

/// A folded text that says something.
fn usable(folded: String) -> Option<String> {
    Some(folded).filter(|text| !text.is_empty() && !is_placeholder_text(text))
}
