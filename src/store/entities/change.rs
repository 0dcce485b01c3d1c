//! Changes of model as stored.

use sea_orm::entity::prelude::*;

/// A row of `models`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "models")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// Which one: they are counted from 1. 0 is what was in force before the first.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// What the model calls itself.
    pub version: String,
    /// The model, as TOML.
    pub text: String,
    /// applying, paused, applied or `rolled_back`.
    pub state: String,
    /// The change that this one takes back.
    pub reverts: Option<i64>,
    /// Who wanted it.
    pub actor: String,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// Microseconds since 1970; none while it is under way.
    pub finished_at: Option<i64>,
    /// How many profiles were gone through.
    pub done: i64,
    /// How many there were to go through.
    pub total: i64,
    /// The last one that was gone through.
    pub swept_to: Uuid,
    /// The last one that there was when it began; nil where there was none.
    pub last: Uuid,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
