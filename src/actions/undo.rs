//! Undo: takes an import back, as if its events had never come.

use super::{
    memory::Memory,
    reresolve::resize,
    workspace::{Anew, Context, Workspace},
};
use crate::{
    domain::{
        contact::Event,
        id::{ProfileId, RecordId, RunId},
        record::{Observation, gather},
    },
    engine::Engine,
    store::{
        StoreError,
        entities::event,
        events, from_json,
        lane::{self, Lane},
        runs, sources,
        tenants::Tenant,
    },
};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// So many events are withdrawn in one transaction.
const BATCH: u64 = 500;

/// Withdraws all events that an import brought, in short transactions between which others get their turn; `progress` is
/// told how many are withdrawn so far. Returns how many there were.
///
/// # Errors
/// What the database says; what was withdrawn until then stays withdrawn, and undoing again goes on.
pub async fn undo_run(
    engine: &Engine,
    tenant: &Tenant,
    run: RunId,
    mut progress: impl FnMut(u64),
) -> Result<u64, StoreError> {
    let mut withdrawn = 0;
    loop {
        let mut lane = lane::enter(&engine.lanes, tenant.id).await?;
        let brought = events::of_run(&lane, tenant.id, run.uuid(), BATCH).await?;
        if brought.is_empty() {
            if let Some(mut row) = runs::find(&lane, tenant.id, run.uuid()).await? {
                "undone".clone_into(&mut row.state);
                runs::put(&lane, row).await?;
            }
            lane.commit().await?;
            return Ok(withdrawn);
        }
        let model = engine.rulebook(tenant).in_lane(&lane).await?;
        let sources = sources::all(&lane, tenant.id).await?;
        let sized = model.for_size(lane.mark.forms);
        let context = Context { id_key: &tenant.id_key, model: &sized, sources: &sources, anew: Anew::of(&lane) };
        let grown = withdraw(&mut lane, context, &brought).await?;
        lane.tally.events -= i64::try_from(brought.len()).unwrap_or(i64::MAX);
        resize(&mut lane, grown, Context { model: &model, ..context }, &mut Memory::none()).await?;
        lane.commit().await?;
        withdrawn += u64::try_from(brought.len()).unwrap_or(0);
        progress(withdrawn);
    }
}

/// Withdraws events: their records see what is left of their events, and records without any go.
/// Returns by how many normal forms there are more now: none, or fewer.
async fn withdraw(lane: &mut Lane, context: Context<'_>, gone: &[event::Model]) -> Result<i64, StoreError> {
    let touched: BTreeSet<Uuid> = gone.iter().filter_map(|event| event.record_id).collect();
    let touched: Vec<Uuid> = touched.into_iter().collect();
    events::delete(lane, lane.tenant, gone.iter().map(|event| event.id).collect()).await?;
    let mut left = observations(lane, touched.clone()).await?;
    let mut memory = Memory::none();
    let mut workspace = Workspace::new(context, &mut memory);
    workspace.load_records(lane, touched.iter().copied().map(RecordId::from_uuid)).await?;
    let profiles: BTreeSet<ProfileId> = workspace.records.values().map(|record| record.profile).collect();
    // Which keys are dead is judged once: by who is left.
    workspace.load_stored_components(lane, profiles).await?;
    for id in touched.into_iter().map(RecordId::from_uuid) {
        match left.remove(&id) {
            Some(observations) => workspace.see(id, observations),
            None => workspace.remove(lane, id).await?,
        }
    }
    workspace.revive_keys(lane).await?;
    workspace.load_former(lane).await?;
    workspace.regroup(|| ProfileId::from_uuid(Uuid::now_v7()));
    let grown = workspace.grown();
    workspace.save(lane, Timestamp::now()).await?;
    Ok(grown)
}

/// What the events that are left tell of each record.
async fn observations(lane: &Lane, records: Vec<Uuid>) -> Result<BTreeMap<RecordId, Vec<Observation>>, StoreError> {
    let mut told = Vec::new();
    for row in events::of_records(lane, lane.tenant, records).await? {
        let event: Event = from_json(&row.body, "event")?;
        told.extend(row.record_id.map(|record| (RecordId::from_uuid(record), event)));
    }
    Ok(gather(told))
}
