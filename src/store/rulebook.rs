//! What a tenant's records are clustered by.

use super::tenants::Tenant;
use crate::domain::model::Model;

/// Whose records are clustered, and by which model. Its sources are read where the clustering is done, as they are then.
#[derive(Clone, Copy)]
pub struct Rulebook<'a> {
    /// Whose records they are.
    pub tenant: &'a Tenant,
    /// The model in force, of whatever size.
    pub model: &'a Model,
}
