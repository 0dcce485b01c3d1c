//! Records as stored.

use sea_orm::entity::prelude::*;

/// A row of `records`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "records")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// A hash of the contact.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The first record with the same normal form.
    pub node_id: Uuid,
    /// Where it belongs now.
    pub profile_id: Uuid,
    /// The contact as JSON.
    pub contact: String,
    /// Who saw it when, as JSON.
    pub observations: String,
    /// How many events share it.
    pub events: i64,
    /// When it was first seen, in microseconds since 1970.
    pub first_at: i64,
    /// When it was last seen, in microseconds since 1970.
    pub last_at: i64,
    /// What its events can be filtered by: a Bloom filter.
    pub marks: i64,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
