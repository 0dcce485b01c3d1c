//! Lookup: who has this identifier? Exact, normalised like an event's.

use super::profiles::{ProfileView, view};
use crate::{
    domain::{
        blocking::{Key, KeyKind},
        contact::Assurance,
        golden::Include,
        keyed_hash::IdKey,
        normalize::{email, external_id, handle, phone},
    },
    store::{
        StoreError, TenantId,
        profiles::{self, Holder, ShownProfile},
    },
};
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};
use utoipa::{IntoParams, ToSchema};

/// Exactly one identifier to look up by.
#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Lookup {
    /// A mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A telephone number; international, or national with `region`.
    pub phone: Option<String>,
    /// The country (ISO 3166-1 alpha-2) of a national number.
    pub region: Option<String>,
    /// `network:account`.
    pub handle: Option<String>,
    /// `namespace:id`; the namespace ends at the last colon.
    pub external_id: Option<String>,
}

/// The profiles that hold an identifier, those with most events first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Found {
    /// None where nobody is known by it; several where it is shared, by a household for instance.
    pub items: Vec<ProfileView>,
}

/// Why nothing was looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// No identifier is given, or more than one.
    NotOne,
    /// This parameter is not an identifier of its kind.
    Invalid(&'static str),
}

/// So many profiles share an identifier at the most in an answer.
const LIMIT: usize = 50;

impl Lookup {
    /// The blocking key of the identifier.
    ///
    /// # Errors
    /// Where there is not exactly one, or it does not read as one of its kind.
    pub fn key(&self, id_key: &IdKey) -> Result<Key, Unfit> {
        match (&self.email, &self.phone, &self.handle, &self.external_id) {
            (Some(text), None, None, None) => email_key(text, id_key),
            (None, Some(text), None, None) => phone_key(text, self.region.as_deref(), id_key),
            (None, None, Some(text), None) => handle_key(text, id_key),
            (None, None, None, Some(text)) => external_id_key(text, id_key),
            _ => Err(Unfit::NotOne),
        }
    }
}

/// Who is looked for: whoever of a tenant's has one of these keys.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    tenant: TenantId,
    /// An identifier's key, and the one that those have who learnt it otherwise.
    keys: [i64; 2],
}

impl Wanted {
    /// Whoever has an identifier, however it was learnt.
    #[must_use]
    pub fn of(tenant: TenantId, key: Key) -> Self {
        let mut held = key.held_by_others();
        Self { tenant, keys: [key.hash, key.hash].map(|own| held.next().unwrap_or(own)) }
    }
}

/// The profiles behind an identifier's key, however they learnt it.
///
/// # Errors
/// What the database says.
pub async fn by_key(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    key: Key,
) -> Result<Found, StoreError> {
    let holders = holders(connection, vec![Wanted::of(tenant, key)]).await?;
    found(holders.into_iter().flatten(), id_key, key)
}

/// Who has what is wanted, those with most events first: one round trip to the database for each tenant.
///
/// # Errors
/// What the database says.
pub async fn holders(
    connection: &DatabaseConnection,
    wanted: Vec<Wanted>,
) -> Result<Vec<Vec<ShownProfile>>, StoreError> {
    let mut held: HashMap<(TenantId, i64), Vec<ShownProfile>> = HashMap::new();
    let mut keys: BTreeMap<TenantId, BTreeSet<i64>> = BTreeMap::new();
    for Wanted { tenant, keys: own } in &wanted {
        keys.entry(*tenant).or_default().extend(own);
    }
    for (tenant, keys) in keys {
        for Holder { key, profile } in profiles::by_keys(connection, tenant, keys.into_iter().collect(), LIMIT).await? {
            held.entry((tenant, key)).or_default().push(profile);
        }
    }
    let largest_first = |Wanted { tenant, keys }: Wanted| {
        let mut held: Vec<ShownProfile> =
            keys.iter().filter_map(|key| held.get(&(tenant, *key))).flatten().cloned().collect();
        held.sort_unstable_by_key(|profile| (Reverse(profile.events), profile.id));
        held.dedup_by_key(|profile| profile.id);
        held.truncate(LIMIT);
        held
    };
    Ok(wanted.into_iter().map(largest_first).collect())
}

/// What is told of those who have an identifier's key.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn found(holders: impl IntoIterator<Item = ShownProfile>, id_key: &IdKey, key: Key) -> Result<Found, StoreError> {
    let mut items = Vec::new();
    for profile in holders {
        let profile = view(profile, Include::default())?;
        // A mistyped number is found by the numbers it may stand for, and is none of them.
        if key.kind != KeyKind::Phone || has_phone(&profile, key, id_key)? {
            items.push(profile);
        }
    }
    Ok(Found { items })
}

fn has_phone(profile: &ProfileView, key: Key, id_key: &IdKey) -> Result<bool, StoreError> {
    let phones = profile.golden.read()?.phones;
    Ok(phones.iter().any(|phone| phone_key(&phone.value, None, id_key) == Ok(key)))
}

fn email_key(text: &str, id_key: &IdKey) -> Result<Key, Unfit> {
    let email = email::normalize(text, Assurance::Claimed).map_err(|_| Unfit::Invalid("email"))?;
    Ok(KeyKind::Email.key(id_key, &[email.key()]))
}

fn phone_key(text: &str, region: Option<&str>, id_key: &IdKey) -> Result<Key, Unfit> {
    let phone = phone::normalize(text, region, Assurance::Claimed).map_err(|_| Unfit::Invalid("phone"))?;
    Ok(KeyKind::Phone.key(id_key, &[phone.key()]))
}

fn handle_key(text: &str, id_key: &IdKey) -> Result<Key, Unfit> {
    let (network, account) = text.split_once(':').ok_or(Unfit::Invalid("handle"))?;
    let handle = handle::normalize(network, account, Assurance::Claimed).map_err(|_| Unfit::Invalid("handle"))?;
    Ok(KeyKind::Handle.key(id_key, &[&handle.network, &handle.value]))
}

fn external_id_key(text: &str, id_key: &IdKey) -> Result<Key, Unfit> {
    let unfit = Unfit::Invalid("external_id");
    let (namespace, id) = text.rsplit_once(':').ok_or(unfit)?;
    let id = external_id::normalize(namespace, id, Assurance::Claimed).map_err(|_| unfit)?;
    Ok(KeyKind::ExternalId.key(id_key, &[&id.namespace, &id.value]))
}
