//! The journal as stored.

use sea_orm::entity::prelude::*;

/// A row of `journal`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "journal")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// What it happened to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub profile_id: Uuid,
    /// The commit that did it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i64,
    /// What happened.
    pub kind: String,
    /// Microseconds since 1970.
    pub recorded_at: i64,
    /// The particulars as JSON.
    pub detail: String,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
