//! Identifiers: every usable one survives, those learnt in the strongest way first, then the most recent.

use super::{
    notes::Notes,
    ranking::{Order, Stated, Survivor, survivors},
    witness::Witness,
};
use crate::domain::{
    choice::{EMAIL, PHONE},
    contact::{Assurance, Contact, Email},
    golden::{GoldenEmail, GoldenExternalId, GoldenHandle, GoldenPhone},
    normalize::{email, external_id, handle, phone},
};

/// A person's or well typed, then how it was learnt.
type Worth = (bool, Assurance);

/// Mailboxes by their match keys, as given.
pub(super) type Emails = Vec<Stated<String, String, Worth, Worth>>;
/// Numbers in E.164 and extensions, by the keys of the numbers and by extension.
pub(super) type Phones = Vec<Stated<(String, Option<String>), (String, Option<String>), Assurance, Assurance>>;
/// Network and account, or namespace and id.
pub(super) type Pairs = Vec<Stated<(String, String), (String, String), Assurance, Assurance>>;

/// The one that a steward chose comes first, mailboxes of roles (`info@`) come last. Of the spellings of one mailbox, one with a mistyped domain comes last.
pub(super) fn emails(seen: &[Witness<'_>], notes: &mut Notes<'_>) -> Vec<GoldenEmail> {
    let mut emails = survivors(seen, Order::Strongest, |witness| witness.statement.emails.iter().map(Stated::borrowed));
    let show = |value: &String, (_, assurance)| GoldenEmail { value: value.clone(), assurance };
    let chosen = chosen(EMAIL, &mut emails, notes, |email, chosen| same_mailbox(email.value, chosen));
    notes.all("/emails", chosen.map(|email| show(email.value, email.worth)), emails, show)
}

/// Reads the mailboxes of a contact.
pub(super) fn stated_emails(contact: &Contact) -> Emails {
    contact.emails.iter().filter_map(stated_email).collect()
}

fn stated_email(email: &Email) -> Option<Stated<String, String, Worth, Worth>> {
    let normal = email::normalize(&email.value, learnt(email.assurance)).ok()?;
    let well_typed = normal.address.ends_with(&format!("@{}", normal.domain()));
    Some(Stated {
        key: normal.key().to_owned(),
        value: email.value.trim().to_owned(),
        worth: (!normal.role, normal.assurance),
        polish: (well_typed, normal.assurance),
    })
}

/// Numbers in E.164, the one that a steward chose first. A number and each of its extensions are kept apart.
pub(super) fn phones(seen: &[Witness<'_>], notes: &mut Notes<'_>) -> Vec<GoldenPhone> {
    let mut phones = survivors(seen, Order::Strongest, |witness| witness.statement.phones.iter().map(Stated::borrowed));
    let show = |(value, extension): &(String, Option<String>), assurance| GoldenPhone {
        value: value.clone(),
        extension: extension.clone(),
        assurance,
    };
    let chosen = chosen(PHONE, &mut phones, notes, |phone, chosen| number(chosen).as_ref() == Some(phone.key));
    notes.all("/phones", chosen.map(|phone| show(phone.value, phone.worth)), phones, show)
}

/// Takes the identifier out that a steward chose, if the records give it: whom one writes to must be found by it.
fn chosen<K, V, W>(
    pointer: &str,
    survivors: &mut Vec<Survivor<K, V, W>>,
    notes: &mut Notes<'_>,
    is: impl Fn(&Survivor<K, V, W>, &str) -> bool,
) -> Option<Survivor<K, V, W>> {
    let chosen: String = notes.chosen_value(pointer)?;
    let at = survivors.iter().position(|survivor| is(survivor, &chosen))?;
    notes.note_choice(pointer);
    Some(survivors.remove(at))
}

/// Whether two texts are spellings of one mailbox.
#[must_use]
pub fn same_mailbox(a: &str, b: &str) -> bool {
    let key = |text: &str| email::normalize(text, Assurance::Claimed).ok().map(|normal| normal.key().to_owned());
    key(a).is_some_and(|a| key(b) == Some(a))
}

/// Whether two texts are spellings of one telephone number, in any country's notation.
#[must_use]
pub fn same_number(a: &str, b: &str) -> bool {
    number(a).is_some_and(|a| number(b) == Some(a))
}

/// The keys of a number and its extension.
fn number(text: &str) -> Option<(String, Option<String>)> {
    let normal = phone::normalize(text, None, Assurance::Claimed).ok()?;
    Some((normal.key().to_owned(), normal.extension))
}

/// Reads the telephone numbers of a contact.
pub(super) fn stated_phones(contact: &Contact) -> Phones {
    let read = contact.phones.iter().filter_map(|given| {
        let normal = phone::normalize(&given.value, given.region.as_deref(), learnt(given.assurance)).ok()?;
        Some(stated(
            (normal.key().to_owned(), normal.extension.clone()),
            (normal.number, normal.extension),
            normal.assurance,
        ))
    });
    read.collect()
}

/// Accounts in normal form.
pub(super) fn handles(seen: &[Witness<'_>], notes: &mut Notes<'_>) -> Vec<GoldenHandle> {
    let handles = survivors(seen, Order::Strongest, |witness| witness.statement.handles.iter().map(Stated::borrowed));
    notes.all("/handles", None, handles, |(network, value), assurance| GoldenHandle {
        network: network.clone(),
        value: value.clone(),
        assurance,
    })
}

/// Reads the accounts of a contact.
pub(super) fn stated_handles(contact: &Contact) -> Pairs {
    let read = contact.handles.iter().filter_map(|given| {
        let normal = handle::normalize(&given.network, &given.value, learnt(given.assurance)).ok()?;
        let pair = (normal.network, normal.value);
        Some(stated(pair.clone(), pair, normal.assurance))
    });
    read.collect()
}

/// Ids in normal form.
pub(super) fn external_ids(seen: &[Witness<'_>], notes: &mut Notes<'_>) -> Vec<GoldenExternalId> {
    let ids = survivors(seen, Order::Strongest, |witness| witness.statement.external_ids.iter().map(Stated::borrowed));
    notes.all("/external_ids", None, ids, |(namespace, value), assurance| GoldenExternalId {
        namespace: namespace.clone(),
        value: value.clone(),
        assurance,
    })
}

/// Reads the ids of a contact.
pub(super) fn stated_external_ids(contact: &Contact) -> Pairs {
    let read = contact.external_ids.iter().filter_map(|given| {
        let normal = external_id::normalize(&given.namespace, &given.value, learnt(given.assurance)).ok()?;
        let pair = (normal.namespace, normal.value);
        Some(stated(pair.clone(), pair, normal.assurance))
    });
    read.collect()
}

/// An identifier whose assurance alone makes it better.
fn stated<K, V>(key: K, value: V, assurance: Assurance) -> Stated<K, V, Assurance, Assurance> {
    Stated { key, value, worth: assurance, polish: assurance }
}

/// What was never filled in counts as claimed.
fn learnt(given: Option<Assurance>) -> Assurance {
    given.unwrap_or(Assurance::Claimed)
}
