//! Access: API keys, what they may do, and the first tenant of an empty database.

use crate::{
    domain::keyed_hash::IdKey,
    store::{
        StoreError, TenantId, api_keys,
        entities::api_key,
        tenants::{self, Tenant},
    },
};
use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::{fmt, str::FromStr};
use uuid::Uuid;

/// The tenant of an installation for one company.
pub const DEFAULT_TENANT: TenantId = 1;

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Send events.
    EventsWrite,
    /// Send events whose identifiers are said to be verified.
    EventsVerify,
    /// Read events, records and profiles.
    ProfilesRead,
    /// Judge, merge and split.
    ReviewWrite,
    /// Everything, register sources, and change the model.
    Admin,
}

/// The text names no scope.
#[derive(Debug, thiserror::Error)]
#[error("unknown scope; the scopes are events:write, events:verify, profiles:read, review:write, admin")]
pub struct UnknownScope;

/// What the database knows of a key that may be used.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The key's id, for logs.
    pub id: Uuid,
    /// Whose data it opens.
    pub tenant: TenantId,
    /// What it is called.
    name: String,
    scopes: Vec<Scope>,
}

/// Secret bytes could not be had from the operating system.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoEntropy;

impl Scope {
    const ALL: [Self; 5] = [Self::EventsWrite, Self::EventsVerify, Self::ProfilesRead, Self::ReviewWrite, Self::Admin];

    /// As commands and the API write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EventsWrite => "events:write",
            Self::EventsVerify => "events:verify",
            Self::ProfilesRead => "profiles:read",
            Self::ReviewWrite => "review:write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.name() == text).ok_or(UnknownScope)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Grant {
    /// Who does what is done with the key: its name, or its id where it has none.
    #[must_use]
    pub fn actor(&self) -> String {
        if self.name.trim().is_empty() { self.id.to_string() } else { self.name.clone() }
    }

    /// Whether the key may do this; `admin` may do everything.
    #[must_use]
    pub fn allows(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope) || self.scopes.contains(&Scope::Admin)
    }
}

/// Random bytes for secrets.
///
/// # Errors
/// Where the operating system has none.
pub fn secret() -> Result<[u8; 32], NoEntropy> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?;
    Ok(bytes)
}

/// A new key: it names its tenant, and is secret as a whole.
///
/// # Errors
/// Where the operating system has no random bytes.
pub fn new_key(tenant: TenantId) -> Result<String, NoEntropy> {
    Ok(format!("onefold_{tenant}_{}", BASE32_NOPAD.encode(&secret()?).to_lowercase()))
}

/// Keeps a key's hash with what it may do; returns the key's id.
///
/// # Errors
/// What the database says.
pub async fn keep_key<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    key: &str,
    name: &str,
    scopes: &[Scope],
) -> Result<Uuid, StoreError> {
    let (id, hash) = digest(key);
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    let row = api_key::Model {
        tenant_id: tenant,
        id,
        hash: hash.as_bytes().to_vec(),
        name: name.to_owned(),
        scopes: scopes.join(" "),
        created_at: Timestamp::now().as_microsecond(),
        revoked_at: None,
    };
    api_keys::insert(connection, row).await?;
    Ok(id)
}

/// What a presented key may do; none where it is unknown or revoked.
///
/// # Errors
/// What the database says.
pub async fn grant<C: ConnectionTrait>(connection: &C, key: &str) -> Result<Option<Grant>, StoreError> {
    let (id, hash) = digest(key);
    let row = api_keys::find(connection, tenant_of(key), id).await?;
    // `blake3::Hash` compares in constant time.
    let valid = |row: &api_key::Model| blake3::Hash::from_slice(&row.hash).is_ok_and(|stored| stored == hash);
    Ok(row.filter(|row| valid(row)).and_then(read))
}

/// What the key with this id may do; none where it is revoked.
///
/// # Errors
/// What the database says.
pub async fn grant_of(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<Grant>, StoreError> {
    Ok(api_keys::find(connection, tenant, id).await?.and_then(read))
}

/// A key that is not revoked.
fn read(row: api_key::Model) -> Option<Grant> {
    let scopes = row.scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect();
    row.revoked_at.is_none().then_some(Grant { id: row.id, tenant: row.tenant_id, name: row.name, scopes })
}

/// A key that the operator made up belongs to the default tenant.
fn tenant_of(key: &str) -> TenantId {
    let named = key.strip_prefix("onefold_").and_then(|rest| rest.split_once('_'));
    named.and_then(|(tenant, _)| tenant.parse().ok()).unwrap_or(DEFAULT_TENANT)
}

/// Keys are long and random: a plain fast hash hides them.
fn digest(key: &str) -> (Uuid, blake3::Hash) {
    let hash = blake3::hash(key.as_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hash.as_bytes()[..16]);
    (Uuid::from_bytes(id), hash)
}

/// Creates the default tenant where there is none.
///
/// # Errors
/// What the database says.
pub async fn found(connection: &DatabaseConnection, secret: [u8; 32]) -> Result<(), StoreError> {
    if tenants::all(connection).await?.is_empty() {
        let tenant = Tenant { id: DEFAULT_TENANT, name: "default".into(), id_key: IdKey::new(secret) };
        tenants::create(connection, &tenant, Timestamp::now()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_carry_their_tenant() {
        assert_eq!(tenant_of(&new_key(7).unwrap()), 7);
        assert_eq!(tenant_of("an-operators-own-secret"), DEFAULT_TENANT);
    }

    #[test]
    fn scopes_read_back() {
        for scope in Scope::ALL {
            assert_eq!(scope.name().parse::<Scope>().unwrap(), scope);
        }
        assert!("all".parse::<Scope>().is_err());
    }
}
