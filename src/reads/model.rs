//! The model in force, and how it came to be that.

use crate::{
    domain::{change::ChangeState, model::Model},
    store::{StoreError, TenantId, entities::change, models},
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use utoipa::ToSchema;

/// So many changes are told of.
const TOLD: u64 = 20;

/// The model in force.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModelStatus {
    /// What it calls itself.
    pub version: String,
    /// Bits before any field is looked at, for as many contacts as there are.
    pub prior: f64,
    /// From how many bits on two contacts are one person.
    pub match_at: f64,
    /// From how many bits on a steward should look.
    pub possible_at: f64,
    /// The model itself, as TOML.
    pub toml: String,
    /// The change that is under way; null where all is as the model has it.
    pub change: Option<ModelChange>,
    /// The last changes, the latest first. Number 0 is what was in force before the first one.
    pub history: Vec<ModelChange>,
}

/// A change of model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelChange {
    /// They are counted from 1.
    pub number: i64,
    /// What its model calls itself.
    pub version: String,
    /// How it stands.
    pub state: ChangeState,
    /// The change that it takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverts: Option<i64>,
    /// Who wanted it.
    pub actor: String,
    /// When it came into force.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was done; null while it is under way.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Timestamp>,
    /// How many profiles were gone through.
    pub done: i64,
    /// How many there were to go through.
    pub total: i64,
}

impl ModelChange {
    /// As it is shown.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn of(row: &change::Model) -> Result<Self, StoreError> {
        let time = |micros| Timestamp::from_microsecond(micros).map_err(|_| StoreError::Corrupt("time"));
        Ok(Self {
            number: row.number,
            version: row.version.clone(),
            state: row.state()?,
            reverts: row.reverts,
            actor: row.actor.clone(),
            created_at: time(row.created_at)?,
            finished_at: row.finished_at.map(time).transpose()?,
            done: row.done,
            total: row.total,
        })
    }

    /// Whether it is under way.
    #[must_use]
    pub const fn is_under_way(&self) -> bool {
        matches!(self.state, ChangeState::Applying | ChangeState::Paused)
    }
}

/// The model in force, which is given, and the last changes.
///
/// # Errors
/// What the database says.
pub async fn status(
    connection: &DatabaseConnection,
    tenant: TenantId,
    model: &Model,
) -> Result<ModelStatus, StoreError> {
    let rows = models::latest(connection, tenant, TOLD).await?;
    let history = rows.iter().map(ModelChange::of).collect::<Result<Vec<_>, _>>()?;
    Ok(ModelStatus {
        toml: model.text().to_owned(),
        version: model.version.clone(),
        prior: model.prior,
        match_at: model.match_at,
        possible_at: model.possible_at,
        change: history.iter().find(|change| change.is_under_way()).cloned(),
        history,
    })
}
