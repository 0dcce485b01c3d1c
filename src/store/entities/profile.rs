//! Profiles as stored.

use sea_orm::entity::prelude::*;

/// A row of `profiles`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "profiles")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// Never reused.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Shared by profiles with possible matches between them.
    pub component_id: Uuid,
    /// Where its records went, once it is retired.
    pub survivor_id: Option<Uuid>,
    /// Grows with each change of the golden record.
    pub version: i64,
    /// The commit that wrote it last.
    pub position: i64,
    /// 1 where it fits two profiles that contradict each other.
    pub ambiguous: i64,
    /// The golden record as JSON.
    pub golden: String,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
