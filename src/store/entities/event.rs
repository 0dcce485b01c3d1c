//! Events as stored.

use sea_orm::entity::prelude::*;

/// A row of `events`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "events")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// Derived from source and source event id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The record it shares; none where nobody is in it.
    pub record_id: Option<Uuid>,
    /// Microseconds since 1970.
    pub occurred_at: i64,
    /// Who sent it.
    pub source: String,
    /// Over which channel.
    pub channel: String,
    /// Its type in the words of the source, or nothing.
    pub kind: String,
    /// The first answer: what it did.
    pub outcome: i64,
    /// The first answer: whose it was then.
    pub profile_id: Option<Uuid>,
    /// The first answer: further profiles it touched, as JSON.
    pub changed: Option<String>,
    /// The commit that brought it.
    pub position: i64,
    /// The import that brought it.
    pub run_id: Option<Uuid>,
    /// The event as JSON.
    pub body: String,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
