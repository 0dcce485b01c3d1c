//! Blocking: a few selective keys of each normal form. Records that share a live key are compared, no others are.

use super::{
    compare::name::{first_core_family, joined_family},
    contact::Assurance,
    keyed_hash::IdKey,
    model::Model,
    normalize::{
        address::NormalAddress, birth_date::BirthDate, email::NormalEmail, external_id::NormalExternalId,
        form::NormalForm, handle::NormalHandle, name::Name, nicknames, phone::NormalPhone,
    },
};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Which rule made a key.
#[derive(
    BorshDeserialize, BorshSerialize, Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// A mailbox's match key.
    Email,
    /// A telephone number's key.
    Phone,
    /// A network and an account on it.
    Handle,
    /// A namespace and an id.
    ExternalId,
    /// An account's name on any network, or a mailbox's local part.
    Account,
    /// Given and family name in either order, familiar forms included.
    FullName,
    /// One name and the initial of the other, in either order.
    NameInitial,
    /// A birth date and a name's first letter.
    BirthDate,
    /// A name and a town.
    NameLocality,
    /// One end of a mailbox's local part, and its domain.
    EmailHalf,
    /// How the family name begins, and the postal code.
    NamePostalCode,
}

/// A blocking key: what the tables hold is the hash alone.
///
/// An identifier that was merely claimed has a key of its own beside that of those who learnt it otherwise: so many may
/// claim an identifier that the claims join nobody any more, and those who really have it are not touched.
#[derive(BorshDeserialize, BorshSerialize, Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Key {
    /// A keyed hash of kind and value; of a claim its complement.
    pub hash: i64,
    /// Which rule made it.
    pub kind: KeyKind,
    /// Whether it is an identifier that was merely claimed.
    pub claimed: bool,
}

impl Key {
    /// The same value as those have it who learnt it otherwise than by a claim.
    #[must_use]
    pub const fn value(self) -> i64 {
        if self.claimed { !self.hash } else { self.hash }
    }

    /// The keys with any of which it is dead: itself, and a claim also with the value that it claims.
    #[must_use]
    pub const fn dies_with(self) -> [i64; 2] {
        [self.hash, self.value()]
    }

    /// The keys under which others may hold the same value.
    pub fn held_by_others(self) -> impl Iterator<Item = i64> {
        [Some(self.hash), self.kind.is_exact().then_some(!self.hash)].into_iter().flatten()
    }

    const fn learnt(self, assurance: Assurance) -> Self {
        match assurance {
            Assurance::Claimed => Self { hash: !self.hash, claimed: true, ..self },
            Assurance::Observed | Assurance::Verified => self,
        }
    }
}

impl KeyKind {
    /// Whether it is one exact identifier.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::Email | Self::Phone | Self::Handle | Self::ExternalId)
    }

    /// How many normal forms may share a key of this kind before it stops giving candidates.
    #[must_use]
    pub const fn cap(self, model: &Model) -> usize {
        if self.is_exact() { model.blocking.exact_cap } else { model.blocking.fuzzy_cap }
    }

    /// Its name in explanations.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Handle => "handle",
            Self::ExternalId => "external_id",
            Self::Account => "account",
            Self::FullName => "full_name",
            Self::NameInitial => "name_initial",
            Self::NameLocality => "name_locality",
            Self::EmailHalf => "email_half",
            Self::BirthDate => "birth_date",
            Self::NamePostalCode => "name_postal_code",
        }
    }

    /// Its letter in hashes; no other kind of key has it. Search takes capitals.
    const fn letter(self) -> u8 {
        match self {
            Self::Email => b'e',
            Self::Phone => b'p',
            Self::Handle => b'h',
            Self::ExternalId => b'x',
            Self::Account => b'a',
            Self::FullName => b'f',
            Self::NameInitial => b'i',
            Self::NameLocality => b'l',
            Self::EmailHalf => b'm',
            Self::BirthDate => b'b',
            Self::NamePostalCode => b'z',
        }
    }

    /// The key of a value of this kind, as those have it who learnt it otherwise than by a claim.
    #[must_use]
    pub fn key(self, id_key: &IdKey, parts: &[&str]) -> Key {
        Key { hash: id_key.key(self.letter(), parts), kind: self, claimed: false }
    }
}

/// The keys of a form's identifiers, in the order in which the form lists them.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Default)]
pub struct IdentifierKeys {
    /// Of the mailboxes.
    pub emails: Vec<Key>,
    /// Of the telephone numbers.
    pub phones: Vec<Key>,
    /// Of the accounts.
    pub handles: Vec<Key>,
    /// Of the ids.
    pub external_ids: Vec<Key>,
}

impl IdentifierKeys {
    /// Those of a form.
    #[must_use]
    pub fn of(form: &NormalForm, id_key: &IdKey) -> Self {
        let email = |x: &NormalEmail| KeyKind::Email.key(id_key, &[x.key()]).learnt(x.assurance);
        let phone = |x: &NormalPhone| KeyKind::Phone.key(id_key, &[x.key()]).learnt(x.assurance);
        let handle = |x: &NormalHandle| KeyKind::Handle.key(id_key, &[&x.network, &x.value]).learnt(x.assurance);
        let id = |x: &NormalExternalId| KeyKind::ExternalId.key(id_key, &[&x.namespace, &x.value]).learnt(x.assurance);
        Self {
            emails: form.emails.iter().map(email).collect(),
            phones: form.phones.iter().map(phone).collect(),
            handles: form.handles.iter().map(handle).collect(),
            external_ids: form.external_ids.iter().map(id).collect(),
        }
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = Key> {
        self.emails.iter().chain(&self.phones).chain(&self.handles).chain(&self.external_ids).copied()
    }
}

/// All blocking keys of a normal form, sorted and without doubles.
#[must_use]
pub fn keys(form: &NormalForm, identifiers: &IdentifierKeys, id_key: &IdKey) -> Vec<Key> {
    let mut keys = Vec::with_capacity(expected(form));
    keys.extend(identifiers.all());
    accounts(form, id_key, &mut keys);
    // What a mistyped number may stand for it merely claims.
    let repairs = form.misdialled.iter().flat_map(|broken| &broken.repairs);
    keys.extend(repairs.map(|number| KeyKind::Phone.key(id_key, &[number]).learnt(Assurance::Claimed)));
    if let Some(name) = &form.name {
        names(name, &form.addresses, id_key, &mut keys);
    }
    if let Some(date) = &form.birth_date {
        birth_date(date, form.name.as_ref(), id_key, &mut keys);
    }
    keys.sort_unstable_by_key(|key| key.hash);
    keys.dedup();
    keys
}

/// About how many keys there will be.
fn expected(form: &NormalForm) -> usize {
    /// Of a name with a familiar form or two and an address.
    const OF_A_NAME: usize = 12;
    let of_identifiers = 4 * form.emails.len() + form.phones.len() + 2 * form.handles.len() + form.external_ids.len();
    of_identifiers + form.name.as_ref().map_or(0, |_| OF_A_NAME)
}

/// Shorter accounts are shared by too many.
const DISTINCTIVE_ACCOUNT: usize = 5;

fn accounts(form: &NormalForm, id_key: &IdKey, keys: &mut Vec<Key>) {
    for email in form.emails.iter().filter(|email| !email.role && email.local().len() >= DISTINCTIVE_ACCOUNT) {
        keys.push(KeyKind::Account.key(id_key, &[email.local()]));
        email_halves(email, id_key, keys);
    }
    for handle in form.handles.iter().filter(|handle| handle.value.len() >= DISTINCTIVE_ACCOUNT) {
        keys.push(KeyKind::Account.key(id_key, &[&handle.value]));
    }
}

fn names(name: &Name, addresses: &[NormalAddress], id_key: &IdKey, keys: &mut Vec<Key>) {
    full_name(name, id_key, keys);
    name_initial(name, id_key, keys);
    for address in addresses.iter().filter(|address| !address.locality.is_empty()) {
        let words = name.given.first().into_iter().chain(name.family.first()).filter(|word| word.len() > 1);
        keys.extend(words.map(|word| KeyKind::NameLocality.key(id_key, &[word, &address.locality])));
    }
    for address in addresses.iter().filter(|address| !address.postal_code.is_empty()) {
        keys.extend(
            family_start(name).map(|start| KeyKind::NamePostalCode.key(id_key, &[start, &address.postal_code])),
        );
    }
}

/// Both ends of a longer local part: a slip in the one leaves the other. Their length grows in steps, so that most slips
/// that add or lose a letter leave it.
fn email_halves(email: &NormalEmail, id_key: &IdKey, keys: &mut Vec<Key>) {
    let (local, domain) = (email.local(), email.domain());
    let letters = local.chars().count();
    let length = letters / 4 * 2;
    if length >= 4 {
        let (start, _) = parted(local, length);
        let (_, end) = parted(local, letters - length);
        // The order tells which end it is.
        keys.push(KeyKind::EmailHalf.key(id_key, &[start, domain]));
        keys.push(KeyKind::EmailHalf.key(id_key, &[domain, end]));
    }
}

/// A text in two, the first part so many letters long.
fn parted(text: &str, letters: usize) -> (&str, &str) {
    // Each letter is a byte then.
    if text.is_ascii() {
        return text.split_at(letters);
    }
    text.split_at(text.char_indices().nth(letters).map_or(text.len(), |(at, _)| at))
}

/// One name in full and the initial of the other: a slip in either name leaves one of the two.
fn name_initial(name: &Name, id_key: &IdKey, keys: &mut Vec<Key>) {
    let family = joined_family(name);
    let (Some(given), false) = (name.given.first(), family.is_empty()) else { return };
    for (word, other) in [(given.as_str(), &*family), (&*family, given.as_str())] {
        if word.len() > 1 {
            keys.push(KeyKind::NameInitial.key(id_key, &[word, &other[..1]]));
        }
    }
}

/// Both orders make one key, so that swapped fields still meet.
fn full_name(name: &Name, id_key: &IdKey, keys: &mut Vec<Key>) {
    let family = joined_family(name);
    let Some(given) = name.given.first().filter(|_| !family.is_empty()) else { return };
    let mut insert = |given: &str| {
        let (first, second) = if given < &*family { (given, &*family) } else { (&*family, given) };
        keys.push(KeyKind::FullName.key(id_key, &[first, second]));
    };
    insert(given);
    for group in nicknames::groups(given) {
        insert(nicknames::sign(*group));
    }
}

fn birth_date(date: &BirthDate, name: Option<&Name>, id_key: &IdKey, keys: &mut Vec<Key>) {
    let date = date.digits();
    let words = name.into_iter().flat_map(|name| name.given.first().into_iter().chain(name.family.first()));
    let initials: BTreeSet<&str> = words.filter_map(|word| word.get(..1)).collect();
    for initial in initials {
        keys.push(KeyKind::BirthDate.key(id_key, &[&date, initial]));
    }
}

fn family_start(name: &Name) -> Option<&str> {
    let first = first_core_family(name)?;
    Some(first.get(..3).unwrap_or(first))
}
