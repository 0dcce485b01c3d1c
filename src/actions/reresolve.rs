//! Re-resolving: a tenant's records are clustered anew because the rules they were clustered by have changed.

use super::{
    memory::Memory,
    workspace::{Anew, Context, Workspace},
};
use crate::{
    domain::{id::ProfileId, model::Model},
    store::{
        StoreError,
        lane::Lane,
        profiles::{self, Living},
    },
};
use jiff::Timestamp;
use std::collections::BTreeSet;
use uuid::Uuid;

/// So many profiles begin a portion; what they may be linked to comes along. Everybody else waits for all of them, and fewer
/// keep the cores less busy.
const PORTION: u64 = 2_000;

/// Notes by how many normal forms the tenant grew. Where this takes the prior of the model, which is given for no size, to another
/// step all records are clustered anew by it at once, so that the partition remains a function of what is stored.
///
/// # Errors
/// What the database says.
pub async fn resize(lane: &mut Lane, grown: i64, context: Context<'_>, memory: &mut Memory) -> Result<(), StoreError> {
    let (before, now) = (context.model.for_size(lane.mark.forms), context.model.for_size(lane.mark.forms + grown));
    let steps = takes_step(lane.mark.forms, grown, context.model);
    lane.mark.forms += grown;
    if !steps {
        return Ok(());
    }
    let all = now.prior > before.prior;
    let anew = if all { context.anew.max(Anew::Links) } else { context.anew };
    let context = Context { model: &now, anew, ..context };
    // Less prior parts what was linked; only more of it can link what was not.
    let (which, mut after) = (if all { Living::All } else { Living::Tied }, Uuid::nil());
    loop {
        let portion = profiles::living_ids(lane, lane.tenant, which, after, PORTION).await?;
        let Some(last) = portion.last() else { return Ok(()) };
        after = last.uuid();
        // Each portion has a position of its own: a profile may be in two of them.
        lane.mark.position += 1;
        reresolve(lane, context, memory, portion.into_iter().collect()).await?;
    }
}

/// Whether growing takes the model's prior to another step. It is taken from a table of few figures: a step is crossed where
/// another one comes out.
#[must_use]
pub fn takes_step(forms: i64, grown: i64, model: &Model) -> bool {
    model.for_size(forms).prior.total_cmp(&model.for_size(forms + grown).prior).is_ne()
}

/// Clusters the components of these profiles anew, and where there may be other links all that they lead to.
///
/// # Errors
/// What the database says.
pub async fn reresolve(
    lane: &mut Lane,
    context: Context<'_>,
    memory: &mut Memory,
    profiles: BTreeSet<ProfileId>,
) -> Result<(), StoreError> {
    let mut workspace = Workspace::new(context, memory);
    workspace.load_components(lane, profiles).await?;
    if context.anew == Anew::Everything {
        workspace.load_former(lane).await?;
    }
    workspace.regroup(|| ProfileId::from_uuid(Uuid::now_v7()));
    workspace.save(lane, Timestamp::now()).await
}
