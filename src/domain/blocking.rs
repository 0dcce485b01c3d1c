//! Blocking: a few selective keys of each normal form. Records that share a live key are compared, no others are.

use super::{
    compare::name::core_family,
    keyed_hash::IdKey,
    model::Model,
    normalize::{birth_date::BirthDate, form::NormalForm, name::Name, nicknames},
};
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use utoipa::ToSchema;

/// The keys, among those looked at, that are over their cap and give no candidates.
pub type Capped = HashSet<i64>;

/// Which rule made a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
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
    /// A birth date and a name's first letter.
    BirthDate,
    /// How the family name begins, and the postal code.
    NamePostalCode,
}

/// A blocking key: what the tables hold is the hash alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// A keyed hash of kind and value.
    pub hash: i64,
    /// Which rule made it.
    pub kind: KeyKind,
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

    const fn label(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Handle => "handle",
            Self::ExternalId => "external_id",
            Self::Account => "account",
            Self::FullName => "full_name",
            Self::BirthDate => "birth_date",
            Self::NamePostalCode => "name_postal_code",
        }
    }

    /// The key of a value of this kind.
    #[must_use]
    pub fn key(self, id_key: &IdKey, parts: &[&str]) -> Key {
        let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
        Key { hash: id_key.key(self.label(), &parts), kind: self }
    }
}

/// All blocking keys of a normal form, sorted and without doubles.
#[must_use]
pub fn keys(form: &NormalForm, id_key: &IdKey) -> Vec<Key> {
    let mut keys = BTreeSet::new();
    identifiers(form, id_key, &mut keys);
    if let Some(name) = &form.name {
        full_name(name, id_key, &mut keys);
        for address in form.addresses.iter().filter(|address| !address.postal_code.is_empty()) {
            if let Some(start) = family_start(name) {
                keys.insert(KeyKind::NamePostalCode.key(id_key, &[start, &address.postal_code]));
            }
        }
    }
    if let Some(date) = &form.birth_date {
        birth_date(date, form.name.as_ref(), id_key, &mut keys);
    }
    keys.into_iter().collect()
}

/// Shorter accounts are shared by too many.
const DISTINCTIVE_ACCOUNT: usize = 5;

fn identifiers(form: &NormalForm, id_key: &IdKey, keys: &mut BTreeSet<Key>) {
    for email in &form.emails {
        keys.insert(KeyKind::Email.key(id_key, &[&email.key]));
        if !email.role && email.local.len() >= DISTINCTIVE_ACCOUNT {
            keys.insert(KeyKind::Account.key(id_key, &[&email.local]));
        }
    }
    for phone in &form.phones {
        keys.insert(KeyKind::Phone.key(id_key, &[&phone.key]));
    }
    for handle in &form.handles {
        keys.insert(KeyKind::Handle.key(id_key, &[&handle.network, &handle.value]));
        if handle.value.len() >= DISTINCTIVE_ACCOUNT {
            keys.insert(KeyKind::Account.key(id_key, &[&handle.value]));
        }
    }
    for external_id in &form.external_ids {
        keys.insert(KeyKind::ExternalId.key(id_key, &[&external_id.namespace, &external_id.value]));
    }
}

/// Both orders make one key, so that swapped fields still meet.
fn full_name(name: &Name, id_key: &IdKey, keys: &mut BTreeSet<Key>) {
    let family = core_family(name).concat();
    let Some(given) = name.given.first().filter(|_| !family.is_empty()) else { return };
    let mut insert = |given: &str| {
        let (first, second) = if given < family.as_str() { (given, family.as_str()) } else { (family.as_str(), given) };
        keys.insert(KeyKind::FullName.key(id_key, &[first, second]));
    };
    insert(given);
    for group in nicknames::groups(given) {
        insert(&format!("#{group}"));
    }
}

fn birth_date(date: &BirthDate, name: Option<&Name>, id_key: &IdKey, keys: &mut BTreeSet<Key>) {
    let date = date.digits();
    let words = name.into_iter().flat_map(|name| name.given.first().into_iter().chain(name.family.first()));
    let initials: BTreeSet<&str> = words.filter_map(|word| word.get(..1)).collect();
    for initial in initials {
        keys.insert(KeyKind::BirthDate.key(id_key, &[&date, initial]));
    }
}

fn family_start(name: &Name) -> Option<&str> {
    let first = *core_family(name).first()?;
    Some(first.get(..3).unwrap_or(first))
}
