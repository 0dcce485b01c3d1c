//! The sweeper: goes through profiles in the background while a model changes, one sweep a tenant.

use super::remodel::sweep;
use crate::store::{TenantId, models::Models, rulebook::Rulebook, tenants::Tenant};
use sea_orm::DatabaseConnection;
use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::runtime::Handle;

/// Starts sweeps.
pub struct Sweeper {
    /// Where lanes are held.
    lanes: DatabaseConnection,
    models: Arc<Models>,
    /// Where sweeps run: not on a thread that serves requests.
    runtime: Handle,
    sweeps: Arc<Sweeps>,
}

/// Whose sweeps are under way, and whether each was asked for once more since it began: it may be about to end because its change
/// was paused.
type Sweeps = Mutex<HashMap<TenantId, bool>>;

impl Sweeper {
    /// A sweeper without sweeps; they run on the runtime that this is called on.
    ///
    /// # Panics
    /// Outside a runtime.
    #[must_use]
    pub fn new(lanes: DatabaseConnection, models: Arc<Models>) -> Self {
        Self { lanes, models, runtime: Handle::current(), sweeps: Arc::default() }
    }

    /// Has the change of a tenant's model gone on with, if there is one. What keeps it from that is logged: the change stays as it
    /// is, and is gone on with when it is asked for again.
    pub fn start(&self, tenant: &Arc<Tenant>) {
        match self.sweeps.lock().unwrap_or_else(PoisonError::into_inner).entry(tenant.id) {
            Entry::Occupied(mut again) => {
                again.insert(true);
                return;
            }
            Entry::Vacant(first) => first.insert(false),
        };
        let (lanes, models, sweeps) = (self.lanes.clone(), Arc::clone(&self.models), Arc::clone(&self.sweeps));
        let tenant = Arc::clone(tenant);
        self.runtime.spawn(async move {
            loop {
                let rules = Rulebook { tenant: &tenant, models: &models };
                if let Err(error) = sweep(&lanes, rules, |_| ()).await {
                    tracing::error!(tenant = tenant.id, error = %error, "a change of model broke off");
                }
                if !goes_on(&sweeps, tenant.id) {
                    return;
                }
            }
        });
    }
}

/// Whether a sweep that ended was asked for once more.
fn goes_on(sweeps: &Sweeps, tenant: TenantId) -> bool {
    let mut sweeps = sweeps.lock().unwrap_or_else(PoisonError::into_inner);
    let again = sweeps.insert(tenant, false).unwrap_or(false);
    if !again {
        sweeps.remove(&tenant);
    }
    again
}
