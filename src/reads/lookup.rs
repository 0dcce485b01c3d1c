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
    store::{StoreError, TenantId, profiles},
};
use sea_orm::DatabaseConnection;
use serde::{Deserialize, Serialize};
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
const LIMIT: u64 = 50;

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
    let found = profiles::by_key(connection, tenant, key.held_by_others().collect(), LIMIT).await?;
    let mut items = Vec::with_capacity(found.len());
    for profile in found {
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
    Ok(KeyKind::Email.key(id_key, &[&email.key]))
}

fn phone_key(text: &str, region: Option<&str>, id_key: &IdKey) -> Result<Key, Unfit> {
    let phone = phone::normalize(text, region, Assurance::Claimed).map_err(|_| Unfit::Invalid("phone"))?;
    Ok(KeyKind::Phone.key(id_key, &[&phone.key]))
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
