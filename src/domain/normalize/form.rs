//! The normal form of a contact: everything that comparisons and blocking keys are made from, and nothing else.

use super::{address, birth_date, email, external_id, handle, junk, name, phone, text};
use crate::domain::contact::{Assurance, Contact, Phone};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What records are compared by. Lists are sorted and free of doubles, so that equal forms are equal values. Serialised it
/// is what a node's id is made from: what follows from other fields, such as an address's key, is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NormalForm {
    /// Usable mailboxes.
    pub emails: Vec<email::NormalEmail>,
    /// Usable telephone numbers.
    pub phones: Vec<phone::NormalPhone>,
    /// Telephone numbers with a digit too many or too few.
    pub misdialled: Vec<phone::MisdialledPhone>,
    /// Usable accounts.
    pub handles: Vec<handle::NormalHandle>,
    /// Usable ids.
    pub external_ids: Vec<external_id::NormalExternalId>,
    /// A usable personal name.
    pub name: Option<name::Name>,
    /// A date, or the digits of one.
    pub birth_date: Option<birth_date::BirthDate>,
    /// Postal addresses with at least one usable part.
    pub addresses: Vec<address::NormalAddress>,
    /// The company's name, folded.
    pub company: Option<String>,
    /// Further facts by name, folded.
    pub attributes: BTreeMap<String, String>,
}

/// A value that was kept as given but that nobody is matched by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// Where in the event it stands (RFC 6901).
    pub pointer: String,
    /// What is wrong with it.
    pub code: WarningCode,
}

/// Why a value matches nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarningCode {
    /// Not a mailbox.
    InvalidEmail,
    /// Not a telephone number of the region given, or of any without one.
    InvalidPhone,
    /// Not an account name.
    InvalidHandle,
    /// Not a date; compared by its digits where it has some.
    InvalidBirthDate,
    /// A value that people type to be left alone, such as `test@test.com`.
    Placeholder,
}

impl NormalForm {
    /// Whether it holds anything that could say who somebody is: an identifier or a name.
    #[must_use]
    pub fn names_somebody(&self) -> bool {
        self.has_identifier() || self.name.is_some()
    }

    /// Whether it holds an email, phone, handle or external id.
    #[must_use]
    pub fn has_identifier(&self) -> bool {
        !(self.emails.is_empty()
            && self.phones.is_empty()
            && self.misdialled.is_empty()
            && self.handles.is_empty()
            && self.external_ids.is_empty())
    }
}

/// Normalises a contact whose assurances and phone regions are filled in.
#[must_use]
pub fn normalize(contact: &Contact) -> (NormalForm, Vec<Warning>) {
    let mut warnings = Vec::new();
    let phones = phones(contact);
    let mut form = NormalForm {
        emails: usable(
            contact.emails.iter().map(|e| email::normalize(&e.value, assurance(e.assurance))),
            "emails",
            &mut warnings,
        ),
        misdialled: misdialled(contact, &phones),
        phones: usable(phones.into_iter(), "phones", &mut warnings),
        handles: usable(
            contact.handles.iter().map(|h| handle::normalize(&h.network, &h.value, assurance(h.assurance))),
            "handles",
            &mut warnings,
        ),
        external_ids: usable(
            contact.external_ids.iter().map(|x| external_id::normalize(&x.namespace, &x.value, assurance(x.assurance))),
            "external_ids",
            &mut warnings,
        ),
        name: None,
        birth_date: None,
        addresses: contact.addresses.iter().filter_map(address::normalize).collect(),
        company: contact.company.as_deref().map(text::fold).filter(|c| !c.is_empty() && !junk::is_placeholder_text(c)),
        attributes: attributes(contact),
    };
    match name::normalize(contact) {
        Ok(name) => form.name = name,
        Err(code) => warnings.push(Warning { pointer: "/contact/name".into(), code }),
    }
    if let Some(given) = contact.birth_date.as_deref() {
        let (date, code) = birth_date::normalize(given);
        form.birth_date = date;
        warnings.extend(code.map(|code| Warning { pointer: "/contact/birth_date".into(), code }));
    }
    sort_and_dedup(&mut form);
    (form, warnings)
}

/// The strongest assurance is not assumed: what was never filled in counts as claimed.
fn assurance(given: Option<Assurance>) -> Assurance {
    given.unwrap_or(Assurance::Claimed)
}

/// The normal values of a field; the others become warnings.
fn usable<N>(values: impl Iterator<Item = Result<N, WarningCode>>, field: &str, warnings: &mut Vec<Warning>) -> Vec<N> {
    let mut normal = Vec::with_capacity(values.size_hint().0);
    for (index, value) in values.enumerate() {
        match value {
            Ok(value) => normal.push(value),
            Err(code) => warnings.push(Warning { pointer: format!("/contact/{field}/{index}"), code }),
        }
    }
    normal
}

type ReadPhone = Result<phone::NormalPhone, WarningCode>;

fn phones(contact: &Contact) -> Vec<ReadPhone> {
    let read = |p: &Phone| phone::normalize(&p.value, p.region.as_deref(), assurance(p.assurance));
    contact.phones.iter().map(read).collect()
}

/// What was not read as a valid number and may be one all the same.
fn misdialled(contact: &Contact, read: &[ReadPhone]) -> Vec<phone::MisdialledPhone> {
    let is_settled = |read: &ReadPhone| match read {
        Ok(phone) => phone.valid,
        Err(code) => *code == WarningCode::Placeholder,
    };
    let unsettled = contact.phones.iter().zip(read).filter(|(_, read)| !is_settled(read));
    unsettled.filter_map(|(p, _)| phone::misdialled(&p.value, p.region.as_deref(), assurance(p.assurance))).collect()
}

fn attributes(contact: &Contact) -> BTreeMap<String, String> {
    let folded = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text::fold(text),
        other => other.to_string(),
    };
    contact
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), folded(value)))
        .filter(|(_, value)| !value.is_empty() && !junk::is_placeholder_text(value))
        .collect()
}

/// Sorts each list; of one identifier learnt in several ways the strongest assurance stays.
fn sort_and_dedup(form: &mut NormalForm) {
    form.emails.sort();
    form.emails.reverse();
    form.emails.dedup_by(|weaker, kept| weaker.address == kept.address);
    form.phones.sort();
    form.phones.reverse();
    form.phones.dedup_by(|weaker, kept| weaker.number == kept.number && weaker.extension == kept.extension);
    form.misdialled.sort();
    form.misdialled.reverse();
    form.misdialled.dedup_by(|weaker, kept| weaker.number == kept.number);
    form.handles.sort();
    form.handles.reverse();
    form.handles.dedup_by(|weaker, kept| weaker.network == kept.network && weaker.value == kept.value);
    form.external_ids.sort();
    form.external_ids.reverse();
    form.external_ids.dedup_by(|weaker, kept| weaker.namespace == kept.namespace && weaker.value == kept.value);
    form.addresses.sort();
    form.addresses.dedup();
}
