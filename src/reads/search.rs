//! Search: whole words or beginnings of a name, a mailbox, or the last digits of a telephone number.

use super::{
    lookup::{self, Found, Lookup},
    profiles::view,
};
use crate::{
    domain::{compare::Features, golden::Include, keyed_hash::IdKey, normalize::form::normalize, search::Term},
    store::{StoreError, TenantId, keys, profiles, records},
};
use sea_orm::DatabaseConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// So many records are looked at for one search.
const LOOKED_AT: u32 = 2_000;
/// So many profiles an answer has at the most.
const LIMIT: usize = 50;

/// The profiles that fit a term, those with most events first.
///
/// # Errors
/// What the database says.
pub async fn find(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    term: &Term,
) -> Result<Found, StoreError> {
    if let Term::Email(email) = term {
        let lookup = Lookup { email: Some(email.clone()), ..Lookup::default() };
        return match lookup.key(id_key) {
            Ok(key) => lookup::by_key(connection, tenant, id_key, key).await,
            Err(_) => Ok(Found { items: Vec::new() }),
        };
    }
    let mut ids = BTreeSet::new();
    for keys in term.keys(id_key) {
        let behind = keys::records(connection, tenant, keys, LOOKED_AT).await?;
        let fitting = records::find(connection, tenant, behind).await?.into_iter();
        let fitting = fitting.filter(|record| term.fits(&Features::of(normalize(&record.contact).0)));
        ids.extend(fitting.map(|record| record.profile.uuid()));
        if ids.len() >= LIMIT {
            break;
        }
    }
    let ids: Vec<Uuid> = ids.into_iter().take(LIMIT).collect();
    let found = profiles::largest_first(connection, tenant, ids).await?;
    let items = found.into_iter().map(|profile| view(profile, Include::default())).collect::<Result<_, _>>()?;
    Ok(Found { items })
}
