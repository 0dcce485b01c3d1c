//! Identifiers: every usable one survives, those learnt in the strongest way first, then the most recent.

use super::{
    notes::Notes,
    ranking::{Order, Stated, survivors},
    witness::Witness,
};
use crate::domain::{
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

/// Mailboxes of roles (`info@`) come last. Of the spellings of one mailbox, one with a mistyped domain comes last.
pub(super) fn emails(seen: &[Witness<'_>], notes: &mut Notes) -> Vec<GoldenEmail> {
    let emails = survivors(seen, Order::Strongest, |witness| witness.statement.emails.iter().map(Stated::borrowed));
    notes.all("/emails", emails, |value, (_, assurance)| GoldenEmail { value: value.clone(), assurance })
}

/// Reads the mailboxes of a contact.
pub(super) fn stated_emails(contact: &Contact) -> Emails {
    contact.emails.iter().filter_map(stated_email).collect()
}

fn stated_email(email: &Email) -> Option<Stated<String, String, Worth, Worth>> {
    let normal = email::normalize(&email.value, learnt(email.assurance)).ok()?;
    let well_typed = normal.address.ends_with(&format!("@{}", normal.domain));
    Some(Stated {
        key: normal.key,
        value: email.value.trim().to_owned(),
        worth: (!normal.role, normal.assurance),
        polish: (well_typed, normal.assurance),
    })
}

/// Numbers in E.164. A number and each of its extensions are kept apart.
pub(super) fn phones(seen: &[Witness<'_>], notes: &mut Notes) -> Vec<GoldenPhone> {
    let phones = survivors(seen, Order::Strongest, |witness| witness.statement.phones.iter().map(Stated::borrowed));
    notes.all("/phones", phones, |(value, extension), assurance| GoldenPhone {
        value: value.clone(),
        extension: extension.clone(),
        assurance,
    })
}

/// Reads the telephone numbers of a contact.
pub(super) fn stated_phones(contact: &Contact) -> Phones {
    let read = contact.phones.iter().filter_map(|given| {
        let normal = phone::normalize(&given.value, given.region.as_deref(), learnt(given.assurance)).ok()?;
        Some(stated((normal.key, normal.extension.clone()), (normal.number, normal.extension), normal.assurance))
    });
    read.collect()
}

/// Accounts in normal form.
pub(super) fn handles(seen: &[Witness<'_>], notes: &mut Notes) -> Vec<GoldenHandle> {
    let handles = survivors(seen, Order::Strongest, |witness| witness.statement.handles.iter().map(Stated::borrowed));
    notes.all("/handles", handles, |(network, value), assurance| GoldenHandle {
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
pub(super) fn external_ids(seen: &[Witness<'_>], notes: &mut Notes) -> Vec<GoldenExternalId> {
    let ids = survivors(seen, Order::Strongest, |witness| witness.statement.external_ids.iter().map(Stated::borrowed));
    notes.all("/external_ids", ids, |(namespace, value), assurance| GoldenExternalId {
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
