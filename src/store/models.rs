//! The models that tenants applied, by number, each with how far the change to it has come.

use super::{StoreError, TenantId, entities::change, from_json};
use crate::domain::{
    change::ChangeState,
    model::{Model, ModelError},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

/// So many models are kept read at once.
const KEPT: usize = 1_000;

/// The model of the process, for tenants that never applied one, and those that others applied, each read once: what a number
/// names never changes.
pub struct Models {
    base: Arc<Model>,
    applied: RwLock<HashMap<(TenantId, i64), Arc<Model>>>,
}

impl Models {
    /// Nothing read yet.
    #[must_use]
    pub fn new(base: Model) -> Self {
        Self { base: Arc::new(base), applied: RwLock::default() }
    }

    /// The model of this number; of 0, and so of every tenant that never applied one, that of the process.
    ///
    /// # Errors
    /// What the database says; [`StoreError::Corrupt`] where this version of the program does not read the model.
    pub async fn get<C: ConnectionTrait>(
        &self,
        connection: &C,
        tenant: TenantId,
        number: i64,
    ) -> Result<Arc<Model>, StoreError> {
        if number == 0 {
            return Ok(Arc::clone(&self.base));
        }
        if let Some(known) = self.applied.read().unwrap_or_else(PoisonError::into_inner).get(&(tenant, number)) {
            return Ok(Arc::clone(known));
        }
        let row = find(connection, tenant, number).await?.ok_or(StoreError::Corrupt("number of a model"))?;
        let model = Arc::new(row.model().map_err(|_| StoreError::Corrupt("model"))?);
        let mut applied = self.applied.write().unwrap_or_else(PoisonError::into_inner);
        if applied.len() >= KEPT {
            applied.clear();
        }
        applied.insert((tenant, number), Arc::clone(&model));
        Ok(model)
    }
}

impl change::Model {
    /// The model that it brings.
    ///
    /// # Errors
    /// Where it does not read.
    pub fn model(&self) -> Result<Model, ModelError> {
        Model::from_toml(&self.text)
    }

    /// How it stands.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn state(&self) -> Result<ChangeState, StoreError> {
        from_json(&format!("\"{}\"", self.state), "change of model")
    }
}

/// The change with this number.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    number: i64,
) -> Result<Option<change::Model>, StoreError> {
    Ok(change::Entity::find_by_id((tenant, number)).one(connection).await?)
}

/// The last changes, the latest first.
///
/// # Errors
/// What the database says.
pub async fn latest<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    limit: u64,
) -> Result<Vec<change::Model>, StoreError> {
    let all = change::Entity::find().filter(change::Column::TenantId.eq(tenant));
    Ok(all.order_by_desc(change::Column::Number).limit(limit).all(connection).await?)
}

/// Adds a change, or writes how far it has come.
///
/// # Errors
/// What the database says.
pub async fn put<C: ConnectionTrait>(connection: &C, change: change::Model) -> Result<(), StoreError> {
    let progress = [change::Column::State, change::Column::FinishedAt, change::Column::Done, change::Column::SweptTo];
    let key = [change::Column::TenantId, change::Column::Number];
    let replace = OnConflict::columns(key).update_columns(progress).to_owned();
    let row = change::ActiveModel::from(change);
    change::Entity::insert(row).on_conflict(replace).exec_without_returning(connection).await?;
    Ok(())
}
