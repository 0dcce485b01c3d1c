//! The last cleaning of a name's parts, whichever fields they came from.

use super::{
    Name,
    edges::{leading_titles, trailing_suffixes},
    organisation::are_organisation,
    role::{Role, is},
    word::spaced,
};
use crate::domain::normalize::{form::WarningCode, frequency, junk};

/// Cleans the parts of a name until nothing changes any more.
pub(super) fn finish(mut name: Name) -> Result<Option<Name>, WarningCode> {
    refuse_placeholder(&name)?;
    let given = count(&name);
    clean(&mut name);
    if count(&name) < given {
        refuse_placeholder(&name)?;
    }
    name.order_known &= count(&name) > 0;
    let words: Vec<&str> = words(&name).collect();
    Ok((!words.is_empty() && !are_organisation(&words)).then_some(name))
}

/// Whatever changes anything takes a word away.
fn clean(name: &mut Name) {
    let mut before = usize::MAX;
    while count(name) < before {
        before = count(name);
        part_repeated(name);
        clean_given(name);
        clean_family(name);
    }
}

fn words(name: &Name) -> impl Iterator<Item = &str> {
    name.given.iter().chain(&name.family).map(String::as_str)
}

fn count(name: &Name) -> usize {
    name.given.len() + name.family.len()
}

fn refuse_placeholder(name: &Name) -> Result<(), WarningCode> {
    let mut whole = String::with_capacity(words(name).map(|word| word.len() + 1).sum());
    for word in words(name) {
        whole.push_str(if whole.is_empty() { "" } else { " " });
        whole.push_str(word);
    }
    if junk::is_placeholder_name(&whole) { Err(WarningCode::Placeholder) } else { Ok(()) }
}

/// Some forms take the full name in both fields.
fn part_repeated(name: &mut Name) {
    if name.given == name.family && name.given.len() > 1 {
        name.given.truncate(name.given.len() - 1);
        name.family.drain(..name.given.len());
        name.order_known = false;
    }
}

fn clean_given(name: &mut Name) {
    name.given.drain(..leading_titles(&name.given));
    let (keep, suffix) = trailing_suffixes(&name.given, 1, 3);
    name.given.truncate(keep);
    name.suffix = name.suffix.take().or(suffix);
    // Some forms repeat the family name in the given name's field.
    if !name.family.is_empty() && name.given.len() > name.family.len() && name.given.ends_with(&name.family) {
        name.given.truncate(name.given.len() - name.family.len());
    }
    if junk::is_placeholder_name(&spaced(&name.given)) && !name.family.is_empty() {
        name.given.clear();
    }
}

fn clean_family(name: &mut Name) {
    if name.family.len() > 1 && is(Role::Title, &name.family[0]) {
        name.family.remove(0);
    }
    // Some forms repeat the given names in the family name's field; but Martin Martin Garcia has them both.
    let repeats =
        !name.given.is_empty() && name.family.len() > name.given.len() && name.family.starts_with(&name.given);
    if repeats && !name.given.iter().any(|word| frequency::is_common_family(word)) {
        name.family.drain(..name.given.len());
    }
    let (keep, suffix) = trailing_suffixes(&name.family, usize::from(name.given.is_empty()), 2);
    name.family.truncate(keep);
    name.suffix = name.suffix.take().or(suffix);
    if name.family.len() > 1 && name.family[0] == "mc" {
        name.family.remove(0);
        name.family[0].insert_str(0, "mc");
    }
    if junk::is_placeholder_name(&spaced(&name.family)) && !name.given.is_empty() {
        name.family.clear();
    }
}
