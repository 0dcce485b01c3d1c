//! Remodel: another model is put in force, and what was clustered by the one before is clustered anew, portion by portion.
//!
//! The first commit makes the new model the one in force. From then on whatever an event, a judgement or a takeback touches is
//! clustered wholly by it ([`Anew::Everything`]), and so is each portion of profiles that a sweep goes through; every profile that
//! was alive at first comes to its turn, unless it was touched before. Where one stands is written with each portion, so that
//! anybody may go on at any time, and several may sweep at once.

use super::{
    memory::Memory,
    patience::{Patience, TURN},
    reresolve::reresolve,
    workspace::{Anew, Context},
};
use crate::{
    domain::{change::ChangeState, model::Model},
    store::{
        StoreError,
        entities::change,
        lane::{self, Lane},
        models,
        profiles::{self, Living},
        rulebook::Rulebook,
        sources,
    },
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use tokio::time::sleep;
use uuid::Uuid;

/// So many profiles a sweep clusters anew in one commit; what they may be linked to comes along.
const PORTION: u64 = 250;

/// Why the model stayed as it was.
#[derive(Debug, thiserror::Error)]
pub enum RemodelError {
    /// A change is under way: it must end, or be rolled back.
    #[error("a change of model is under way")]
    UnderWay,
    /// No change is under way.
    #[error("no change of model is under way")]
    NotUnderWay,
    /// No model was in force before.
    #[error("no model was applied, so there is none to go back to")]
    NoneBefore,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts a model in force. The records are still to be gone through by [`sweep`].
///
/// # Errors
/// See [`RemodelError`]; then nothing changed.
pub async fn apply(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    model: &Model,
    actor: &str,
) -> Result<change::Model, RemodelError> {
    let lane = lane::enter(connection, rules.tenant.id).await?;
    if lane.mark.changing {
        return Err(RemodelError::UnderWay);
    }
    if lane.mark.model == 0 {
        // What there is to go back to.
        let base = rules.in_lane(&lane).await?;
        let first = change::Model { state: ChangeState::Applied.name().into(), ..row(&lane, 0, &base, "") };
        models::put(&lane, first).await?;
    }
    let next = row(&lane, lane.mark.model + 1, model, actor);
    Ok(open(lane, next).await?)
}

/// Puts the model in force again that was before the one in force now: a change like any other, which says what it takes back.
/// A change under way ends with it.
///
/// # Errors
/// See [`RemodelError`]; then nothing changed.
pub async fn roll_back(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    actor: &str,
) -> Result<change::Model, RemodelError> {
    let lane = lane::enter(connection, rules.tenant.id).await?;
    let mut current = find(&lane, lane.mark.model).await?;
    let former = find(&lane, lane.mark.model - 1).await?;
    let model = former.model().map_err(|_| StoreError::Corrupt("model"))?;
    end(&mut current, ChangeState::RolledBack);
    models::put(&lane, current).await?;
    let next = change::Model { reverts: Some(lane.mark.model), ..row(&lane, lane.mark.model + 1, &model, actor) };
    Ok(open(lane, next).await?)
}

/// Stops the sweep until it is told to go on.
///
/// # Errors
/// See [`RemodelError`]; then nothing changed.
pub async fn pause(connection: &DatabaseConnection, rules: Rulebook<'_>) -> Result<change::Model, RemodelError> {
    mark(connection, rules, ChangeState::Paused).await
}

/// Lets the sweep go on. One that was not paused stays as it is: whoever swept may have gone.
///
/// # Errors
/// See [`RemodelError`]; then nothing changed.
pub async fn resume(connection: &DatabaseConnection, rules: Rulebook<'_>) -> Result<change::Model, RemodelError> {
    mark(connection, rules, ChangeState::Applying).await
}

async fn mark(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    state: ChangeState,
) -> Result<change::Model, RemodelError> {
    let lane = lane::enter(connection, rules.tenant.id).await?;
    if !lane.mark.changing {
        return Err(RemodelError::NotUnderWay);
    }
    let mut change = find(&lane, lane.mark.model).await?;
    state.name().clone_into(&mut change.state);
    models::put(&lane, change.clone()).await?;
    // No profile changed, so the position stays.
    lane.leave().await?;
    Ok(change)
}

async fn find(lane: &Lane, number: i64) -> Result<change::Model, RemodelError> {
    models::find(lane, lane.tenant, number).await?.ok_or(RemodelError::NoneBefore)
}

/// A change that begins.
fn row(lane: &Lane, number: i64, model: &Model, actor: &str) -> change::Model {
    change::Model {
        tenant_id: lane.tenant,
        number,
        version: model.version.clone(),
        text: model.text().to_owned(),
        state: ChangeState::Applying.name().into(),
        reverts: None,
        actor: actor.to_owned(),
        created_at: Timestamp::now().as_microsecond(),
        finished_at: None,
        done: 0,
        total: 0,
        swept_to: Uuid::nil(),
        last: Uuid::nil(),
    }
}

async fn open(mut lane: Lane, mut change: change::Model) -> Result<change::Model, StoreError> {
    change.total = profiles::count_living(&lane, lane.tenant).await?;
    change.last = profiles::last_living(&lane, lane.tenant).await?.unwrap_or_default();
    models::put(&lane, change.clone()).await?;
    (lane.mark.model, lane.mark.changing) = (change.number, true);
    lane.commit().await?;
    Ok(change)
}

fn end(change: &mut change::Model, state: ChangeState) {
    state.name().clone_into(&mut change.state);
    change.finished_at = change.finished_at.or(Some(Timestamp::now().as_microsecond()));
}

/// Clusters the next profiles anew, so many, in a commit of its own. Returns how the change stands then; none where nothing is
/// to be done: no change is under way, or it is paused.
///
/// # Errors
/// What the database says; then nothing of the portion is written.
pub async fn step(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    portion: u64,
) -> Result<Option<change::Model>, StoreError> {
    let mut lane = lane::enter(connection, rules.tenant.id).await?;
    let under_way = if lane.mark.changing { models::find(&lane, lane.tenant, lane.mark.model).await? } else { None };
    let Some(mut change) = under_way else { return Ok(None) };
    if change.state()? != ChangeState::Applying {
        return Ok(None);
    }
    let mut portion = profiles::living_ids(&lane, lane.tenant, Living::All, change.swept_to, portion).await?;
    // Whoever came later is as the new model has it.
    portion.retain(|id| id.uuid() <= change.last);
    if let Some(last) = portion.last() {
        change.swept_to = last.uuid();
        // Some may have taken their ids back meanwhile.
        change.done = (change.done + i64::try_from(portion.len()).unwrap_or(0)).min(change.total);
        let sources = sources::all(&lane, lane.tenant).await?;
        let model = rules.in_lane(&lane).await?.for_size(lane.mark.forms);
        let id_key = &rules.tenant.id_key;
        let context = Context { id_key, model: &model, sources: &sources, anew: Anew::Everything };
        reresolve(&mut lane, context, &mut Memory::none(), portion.into_iter().collect()).await?;
    } else {
        end(&mut change, ChangeState::Applied);
        change.done = change.total;
        lane.mark.changing = false;
    }
    models::put(&lane, change.clone()).await?;
    lane.commit().await?;
    Ok(Some(change))
}

/// Goes through all profiles until the change is done, paused or taken over by another one, and leaves the lane to others in
/// between. `progress` is told how it stands.
///
/// # Errors
/// What the database says; [`StoreError::Busy`] where others keep the lane for minutes. What was done until then stays.
pub async fn sweep(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    mut progress: impl FnMut(&change::Model),
) -> Result<(), StoreError> {
    let mut patience = Patience::default();
    loop {
        match step(connection, rules, PORTION).await {
            Ok(None) => return Ok(()),
            Ok(Some(change)) => {
                progress(&change);
                if change.finished_at.is_some() {
                    return Ok(());
                }
                patience = Patience::default();
                sleep(TURN).await;
            }
            Err(error) => patience.bear(error).await?,
        }
    }
}
