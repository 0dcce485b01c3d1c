//! Bulk imports as stored.

use sea_orm::entity::prelude::*;

/// A row of `runs`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "runs")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// The import.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// A hash of what the input begins with and of how it is mapped.
    pub digest: String,
    /// Lines done.
    pub lines: i64,
    /// Events stored.
    pub stored: i64,
    /// Lines rejected.
    pub rejected: i64,
    /// running, done or undone.
    pub state: String,
    /// Microseconds since 1970.
    pub started_at: i64,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
