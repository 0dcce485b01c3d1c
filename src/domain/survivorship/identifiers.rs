//! Identifiers: every usable one survives, those learnt in the strongest way first, then the most recent.

use super::{
    notes::Notes,
    ranking::{Order, Stated, survivors},
    witness::Witness,
};
use crate::domain::{
    contact::{Assurance, Email},
    golden::{GoldenEmail, GoldenExternalId, GoldenHandle, GoldenPhone},
    normalize::{email, external_id, handle, phone},
};

/// Mailboxes of roles (`info@`) come last. Of the spellings of one mailbox, one with a mistyped domain comes last.
pub(super) fn emails(seen: &[Witness<'_>], notes: &mut Notes) -> Vec<GoldenEmail> {
    let emails = survivors(seen, Order::Strongest, |contact| contact.emails.iter().filter_map(stated_email));
    notes.all("/emails", emails, |value, (_, assurance)| GoldenEmail { value: value.to_owned(), assurance })
}

/// A person's or well typed, then how it was learnt.
type Worth = (bool, Assurance);

fn stated_email(email: &Email) -> Option<Stated<String, &str, Worth, Worth>> {
    let normal = email::normalize(&email.value, learnt(email.assurance)).ok()?;
    let well_typed = normal.address.ends_with(&format!("@{}", normal.domain));
    Some(Stated {
        key: normal.key,
        value: email.value.trim(),
        worth: (!normal.role, normal.assurance),
        polish: (well_typed, normal.assurance),
    })
}

/// Numbers in E.164. A number and each of its extensions are kept apart.
pub(super) fn phones(seen: &[Witness<'_>], notes: &mut Notes) -> Vec<GoldenPhone> {
    let phones = survivors(seen, Order::Strongest, |contact| {
        contact.phones.iter().filter_map(|given| {
            let normal = phone::normalize(&given.value, given.region.as_deref(), learnt(given.assurance)).ok()?;
            let key = (normal.key, normal.extension.clone());
            Some(stated(key, (normal.number, normal.extension), normal.assurance))
        })
    });
    notes.all("/phones", phones, |(value, extension), assurance| GoldenPhone { value, extension, assurance })
}

/// Accounts in normal form.
pub(super) fn handles(seen: &[Witness<'_>], notes: &mut Notes) -> Vec<GoldenHandle> {
    let handles = survivors(seen, Order::Strongest, |contact| {
        contact.handles.iter().filter_map(|given| {
            let normal = handle::normalize(&given.network, &given.value, learnt(given.assurance)).ok()?;
            let key = (normal.network, normal.value);
            Some(stated(key.clone(), key, normal.assurance))
        })
    });
    notes.all("/handles", handles, |(network, value), assurance| GoldenHandle { network, value, assurance })
}

/// Ids in normal form.
pub(super) fn external_ids(seen: &[Witness<'_>], notes: &mut Notes) -> Vec<GoldenExternalId> {
    let ids = survivors(seen, Order::Strongest, |contact| {
        contact.external_ids.iter().filter_map(|given| {
            let normal = external_id::normalize(&given.namespace, &given.value, learnt(given.assurance)).ok()?;
            let key = (normal.namespace, normal.value);
            Some(stated(key.clone(), key, normal.assurance))
        })
    });
    notes.all("/external_ids", ids, |(namespace, value), assurance| GoldenExternalId { namespace, value, assurance })
}

/// An identifier whose assurance alone makes it better.
fn stated<K, V>(key: K, value: V, assurance: Assurance) -> Stated<K, V, Assurance, Assurance> {
    Stated { key, value, worth: assurance, polish: assurance }
}

/// What was never filled in counts as claimed.
fn learnt(given: Option<Assurance>) -> Assurance {
    given.unwrap_or(Assurance::Claimed)
}
