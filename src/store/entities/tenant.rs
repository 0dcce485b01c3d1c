//! Tenants: isolated customer bases.

use sea_orm::entity::prelude::*;

/// A row of `tenants`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenants")]
pub struct Model {
    /// The number inside.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// The name outside.
    pub name: String,
    /// 32 secret bytes for ids and blocking keys.
    pub id_key: Vec<u8>,
    /// Microseconds since 1970.
    pub created_at: i64,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
