//! API keys: hashes of them.

use sea_orm::entity::prelude::*;

/// A row of `api_keys`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// The beginning of the hash.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The hash of the key.
    pub hash: Vec<u8>,
    /// What it is for.
    pub name: String,
    /// Names parted by blanks.
    pub scopes: String,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// When it was taken back.
    pub revoked_at: Option<i64>,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
