//! Reclustering: what stewards ruled is put into effect, and what that changes is told.

use super::{
    memory::Memory,
    workspace::{Anew, Changes, Context, Workspace},
};
use crate::{
    domain::{
        id::{ProfileId, RecordId},
        judgement::Judgement,
    },
    store::{StoreError, lane::Lane, profiles::StoredProfile, rulebook::Rulebook, sources},
};
use jiff::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What rulings make of the profiles that they concern; not written yet.
pub struct Reclustered {
    /// The profiles that change, as they were.
    pub before: Vec<Arc<StoredProfile>>,
    /// The living ones of them, and new ones, as they will be.
    pub after: Vec<Arc<StoredProfile>>,
    /// Which profile will hold each record that the rulings speak of.
    pub holders: BTreeMap<RecordId, ProfileId>,
    /// What is to be written.
    pub changes: Changes,
}

/// Clusters anew what these judgements concern, which are written already. The `chosen` id survives where its records go.
///
/// # Errors
/// What the database says.
pub async fn recluster(
    lane: &Lane,
    rules: Rulebook<'_>,
    judgements: &[Judgement],
    chosen: Option<ProfileId>,
    at: Timestamp,
) -> Result<Reclustered, StoreError> {
    let (sized, mut memory) = (rules.in_lane(lane).await?.for_size(lane.mark.forms), Memory::none());
    let sources = sources::all(lane, lane.tenant).await?;
    let context = Context { id_key: &rules.tenant.id_key, model: &sized, sources: &sources, anew: Anew::of(lane) };
    let mut workspace = Workspace::new(context, &mut memory);
    workspace.chosen = chosen;
    workspace.ruled = judgements.to_vec();
    let spoken_of: BTreeSet<RecordId> = judgements.iter().flat_map(Judgement::records).collect();
    workspace.load_records(lane, spoken_of.iter().copied()).await?;
    let concerned = workspace.records.values().map(|record| record.profile).collect();
    workspace.load_components(lane, concerned).await?;
    workspace.load_former(lane).await?;
    let stood = workspace.profiles.clone();
    workspace.regroup(|| ProfileId::from_uuid(Uuid::now_v7()));
    let holder = |id: RecordId| Some((id, workspace.records.get(&id)?.profile));
    let holders = spoken_of.into_iter().filter_map(holder).collect();
    let changes = workspace.changes(lane, at)?;
    let touched = || changes.profiles();
    Ok(Reclustered {
        before: touched().filter_map(|profile| stood.get(&profile.id)).filter(|was| is_living(was)).cloned().collect(),
        after: touched().filter(|profile| is_living(profile)).cloned().collect(),
        holders,
        changes,
    })
}

fn is_living(profile: &StoredProfile) -> bool {
    profile.survivor.is_none()
}
