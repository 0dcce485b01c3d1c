//! Trial: what another model would make of some profiles. Nothing is written, and the lane is left to others.

use super::{
    memory::Memory,
    workspace::{Anew, Context, Workspace},
};
use crate::{
    domain::{
        explain::Explanation,
        id::{ProfileId, RecordId},
        model::Model,
        trial::{Becoming, Counts, Group, groups},
    },
    store::{
        StoreError, lane,
        profiles::{self, Living},
        sources,
        tenants::Tenant,
    },
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What would become of some profiles.
pub struct Tried {
    /// In counts.
    pub counts: Counts,
    /// Examples.
    pub examples: Vec<Example>,
    /// The last profile that was tried; none where there surely are no more.
    pub last: Option<ProfileId>,
}

/// What would change, by the pair of records that fits best across it.
pub struct Example {
    /// What would happen.
    pub what: Becoming,
    /// The profiles as they are.
    pub profiles: Vec<ProfileId>,
    /// How many they would be.
    pub into: usize,
    /// How the two stand to each other then.
    pub then: Explanation,
}

/// Which profiles to try.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// Those after this one.
    pub after: Option<ProfileId>,
    /// So many at most.
    pub limit: u64,
    /// So many examples at most.
    pub examples: usize,
}

/// Tries a model on a part of the living profiles. Profiles that hang together, under either model, are counted with the part that
/// the first of them is in.
///
/// # Errors
/// What the database says.
pub async fn tried(
    connection: &DatabaseConnection,
    tenant: &Tenant,
    model: &Model,
    part: Part,
) -> Result<Tried, StoreError> {
    let lane = lane::look(connection, tenant.id).await?;
    let after = part.after.map_or_else(Uuid::nil, |id| id.uuid());
    let ids = profiles::living_ids(&lane, tenant.id, Living::All, after, part.limit).await?;
    // A part that is not full is the last one.
    let last = ids.last().copied().filter(|_| ids.len() as u64 == part.limit);
    let sources = sources::all(&lane, tenant.id).await?;
    let (model, mut memory) = (model.for_size(lane.mark.forms), Memory::none());
    let context = Context { id_key: &tenant.id_key, model: &model, sources: &sources, anew: Anew::Everything };
    let mut workspace = Workspace::new(context, &mut memory);
    let ids: BTreeSet<ProfileId> = ids.into_iter().collect();
    workspace.load_components(&lane, ids.clone()).await?;
    let before: BTreeMap<RecordId, ProfileId> =
        workspace.records.values().map(|record| (record.id, record.profile)).collect();
    let versions: BTreeMap<ProfileId, i64> = workspace.profiles.values().map(|p| (p.id, p.version)).collect();
    workspace.regroup(|| ProfileId::from_uuid(Uuid::now_v7()));
    let moves: Vec<_> = before.iter().map(|(record, was)| (*record, *was, workspace.records[record].profile)).collect();
    let is_first = |group: &Group| group.before.keys().next().is_some_and(|first| ids.contains(first));
    let groups: Vec<Group> = groups(&moves).into_iter().filter(is_first).collect();
    let examples = groups.iter().filter_map(|group| example(&workspace, group)).take(part.examples).collect();
    let changes = workspace.changes(&lane, Timestamp::now())?;
    let renamed = changes.profiles().filter(|profile| versions.get(&profile.id) != Some(&profile.version));
    let renamed: BTreeSet<ProfileId> = renamed.map(|profile| profile.id).collect();
    let mut counts = Counts::default();
    for group in &groups {
        counts.add(group, group.before.keys().any(|id| renamed.contains(id)));
    }
    Ok(Tried { counts, examples, last })
}

fn example(workspace: &Workspace<'_>, group: &Group) -> Option<Example> {
    let [a, b] = group.sides()?;
    Some(Example {
        what: group.becoming(),
        profiles: group.before.keys().copied().collect(),
        into: group.after.len(),
        then: workspace.explain(&a, &b)?,
    })
}
