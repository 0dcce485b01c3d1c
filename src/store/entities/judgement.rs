//! Judgements as stored.

use sea_orm::entity::prelude::*;

/// A row of `judgements`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "judgements")]
pub struct Model {
    /// Whose.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: i32,
    /// The judgement.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// same or different, as JSON; none where a value is chosen.
    pub verdict: Option<String>,
    /// Record ids as JSON.
    pub a: String,
    /// Record ids as JSON; none where a value is chosen.
    pub b: Option<String>,
    /// The attribute whose value is chosen.
    pub attribute: Option<String>,
    /// That value as JSON.
    pub value: Option<String>,
    /// Why, in the steward's words.
    pub reason: String,
    /// Who: the name of an API key.
    pub actor: String,
    /// Microseconds since 1970.
    pub created_at: i64,
    /// The judgement that it was given with, and is withdrawn with.
    pub part_of: Option<Uuid>,
    /// Microseconds since 1970; none while it is in force.
    pub withdrawn_at: Option<i64>,
    /// Who withdrew it: the name of an API key.
    pub withdrawn_by: Option<String>,
}

/// None: tables are joined by hand, within one tenant.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
