//! Registered sources.

use sea_orm::entity::prelude::*;

/// A row of `sources`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sources")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// The name that events give.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// The registration as JSON.
    pub settings: String,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
