//! What a tenant's records are clustered by.

use super::{
    StoreError,
    lane::{self, Lane},
    models::Models,
    tenants::Tenant,
};
use crate::domain::model::Model;
use sea_orm::ConnectionTrait;
use std::sync::Arc;

/// Whose records are clustered, and the models that there are. Which of them is in force, and what sources there are, is read
/// where the clustering is done, as it is then.
#[derive(Clone, Copy)]
pub struct Rulebook<'a> {
    /// Whose records they are.
    pub tenant: &'a Tenant,
    /// Where the model in force is found.
    pub models: &'a Models,
}

impl Rulebook<'_> {
    /// The model in force in the lane, of whatever size.
    ///
    /// # Errors
    /// What the database says.
    pub async fn in_lane(&self, lane: &Lane) -> Result<Arc<Model>, StoreError> {
        self.models.get(lane, lane.tenant, lane.mark.model).await
    }

    /// The model in force as of the last commit, for as many normal forms as the tenant holds.
    ///
    /// # Errors
    /// What the database says.
    pub async fn model<C: ConnectionTrait>(&self, connection: &C) -> Result<Model, StoreError> {
        let standing = lane::standing(connection, self.tenant.id).await?;
        Ok(self.models.get(connection, self.tenant.id, standing.model).await?.for_size(standing.forms))
    }
}
