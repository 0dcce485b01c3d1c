//! Shared identifiers: those that so many have that they join nobody.

use super::cursor::Page;
use crate::{
    domain::{
        blocking::{IdentifierKeys, Key, KeyKind},
        keyed_hash::IdKey,
        normalize::form::normalize,
        sharing::Shared,
    },
    store::{
        StoreError, TenantId,
        keys::{self, DeadIdentifier},
        records::{self, StoredRecord},
    },
};
use sea_orm::DatabaseConnection;
use serde::Serialize;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use uuid::Uuid;

/// An identifier that joins nobody, because so many have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SharedIdentifier {
    /// Email, phone, handle or external id.
    pub kind: KeyKind,
    /// The value as it is compared.
    pub value: String,
    /// The network of a handle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// The namespace of an external id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Why it joins nobody.
    pub why: Shared,
    /// How many contacts, names or identifiers decided it; of contacts at least so many.
    pub count: usize,
}

/// A page of shared identifiers, in an order that says nothing.
///
/// # Errors
/// What the database says.
pub async fn page(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    after: Option<i64>,
    limit: u64,
) -> Result<Page<SharedIdentifier>, StoreError> {
    let dead = keys::dead_identifiers(connection, tenant, after, limit + 1).await?;
    let dead = Page::cut(dead, limit, |last| last.key);
    let found = values(connection, tenant, id_key, &dead.items).await?;
    Ok(Page { items: found.into_iter().map(|(_, identifier)| identifier).collect(), next: dead.next })
}

/// Those of these keys that are identifiers which join nobody, by their keys.
///
/// # Errors
/// What the database says.
pub async fn of(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    keys: Vec<i64>,
) -> Result<HashMap<i64, SharedIdentifier>, StoreError> {
    let dead = keys::dead_identifiers_of(connection, tenant, keys).await?;
    Ok(values(connection, tenant, id_key, &dead).await?.into_iter().collect())
}

/// The identifiers, read from a record that has each.
async fn values(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    dead: &[DeadIdentifier],
) -> Result<Vec<(i64, SharedIdentifier)>, StoreError> {
    let holders: BTreeSet<Uuid> = dead.iter().filter_map(|dead| dead.record_id).collect();
    let holders = records::find(connection, tenant, holders.into_iter().collect()).await?;
    let holders: HashMap<Uuid, StoredRecord> = holders.into_iter().map(|record| (record.id.uuid(), record)).collect();
    let found = dead.iter().filter_map(|dead| Some((dead.key, read(dead, holders.get(&dead.record_id?)?, id_key)?)));
    Ok(found.collect())
}

/// The identifier among those of a record whose hash is the key.
fn read(dead: &DeadIdentifier, holder: &StoredRecord, id_key: &IdKey) -> Option<SharedIdentifier> {
    let form = normalize(&holder.contact).0;
    let keys = IdentifierKeys::of(&form, id_key);
    let place = |keys: &[Key]| keys.iter().position(|key| key.hash == dead.key);
    let (mut network, mut namespace) = (None, None);
    let value = match dead.kind {
        KeyKind::Email => form.emails[place(&keys.emails)?].key().to_owned(),
        KeyKind::Phone => form.phones[place(&keys.phones)?].key().to_owned(),
        KeyKind::Handle => {
            let handle = &form.handles[place(&keys.handles)?];
            network = Some(handle.network.clone());
            handle.value.clone()
        }
        KeyKind::ExternalId => {
            let id = &form.external_ids[place(&keys.external_ids)?];
            namespace = Some(id.namespace.clone());
            id.value.clone()
        }
        _ => return None,
    };
    Some(SharedIdentifier { kind: dead.kind, value, network, namespace, why: dead.death.why, count: dead.death.count })
}
