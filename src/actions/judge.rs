//! Judge: a steward rules that records are one person, or that they are not; and takes the ruling back.

use super::workspace::{Context, Workspace};
use crate::{
    domain::{
        cluster::Verdict,
        id::{JudgementId, ProfileId, RecordId},
        judgement::Judgement,
        model::Model,
        source::Sources,
    },
    store::{
        StoreError, judgements,
        lane::{self, Lane},
        records,
        tenants::Tenant,
    },
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use std::collections::BTreeSet;
use uuid::Uuid;

/// What a steward rules.
#[derive(Clone, Debug)]
pub struct Ruling {
    /// Whether they are one person.
    pub verdict: Verdict,
    /// The one set of records.
    pub a: BTreeSet<RecordId>,
    /// The other.
    pub b: BTreeSet<RecordId>,
    /// Why, in the steward's words.
    pub reason: String,
    /// Who: the name of the API key.
    pub actor: String,
}

/// What a ruling did.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The ruling as it is kept.
    pub judgement: Judgement,
    /// The profiles that hold its records now.
    pub profiles: BTreeSet<ProfileId>,
}

/// Why nothing was ruled.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// One of the records, or the judgement itself, is not known.
    #[error("unknown")]
    Unknown,
    /// The two sets share a record, or one of them is empty.
    #[error("not two sets of records")]
    NotTwoSets,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Rules, and clusters anew what the ruling concerns.
///
/// # Errors
/// See [`JudgeError`]; then nothing changed.
pub async fn judge(
    connection: &DatabaseConnection,
    tenant: &Tenant,
    model: &Model,
    sources: &Sources,
    ruling: Ruling,
) -> Result<Judged, JudgeError> {
    if ruling.a.is_empty() || ruling.b.is_empty() || !ruling.a.is_disjoint(&ruling.b) {
        return Err(JudgeError::NotTwoSets);
    }
    let lane = lane::enter(connection, tenant.id).await?;
    let judgement = Judgement {
        judgement_id: JudgementId::from_uuid(Uuid::now_v7()),
        verdict: ruling.verdict,
        a: ruling.a.into_iter().collect(),
        b: ruling.b.into_iter().collect(),
        reason: ruling.reason,
        actor: ruling.actor,
        created_at: Timestamp::now(),
        withdrawn_at: None,
    };
    let known = records::find(&lane.tx, lane.tenant, judgement.records().map(|id| id.uuid()).collect()).await?;
    if known.len() < judgement.records().count() {
        return Err(JudgeError::Unknown);
    }
    judgements::insert(&lane.tx, lane.tenant, &judgement).await?;
    recluster(lane, tenant, model, sources, judgement).await
}

/// Takes a ruling back, and clusters anew what it concerned. One that is withdrawn already stays as it is.
///
/// # Errors
/// See [`JudgeError`]; then nothing changed.
pub async fn withdraw(
    connection: &DatabaseConnection,
    tenant: &Tenant,
    model: &Model,
    sources: &Sources,
    id: JudgementId,
) -> Result<Judged, JudgeError> {
    let lane = lane::enter(connection, tenant.id).await?;
    let mut judgement = judgements::find(&lane.tx, lane.tenant, id.uuid()).await?.ok_or(JudgeError::Unknown)?;
    if judgement.withdrawn_at.is_none() {
        let now = Timestamp::now();
        judgements::withdraw(&lane.tx, lane.tenant, &judgement, now).await?;
        judgement.withdrawn_at = Some(now);
    }
    recluster(lane, tenant, model, sources, judgement).await
}

async fn recluster(
    lane: Lane,
    tenant: &Tenant,
    model: &Model,
    sources: &Sources,
    judgement: Judgement,
) -> Result<Judged, JudgeError> {
    let sized = model.for_size(lane.forms);
    let mut workspace = Workspace::new(Context { id_key: &tenant.id_key, model: &sized, sources });
    workspace.load_records(&lane, judgement.records().map(|id| id.uuid()).collect()).await?;
    let concerned = workspace.records.values().map(|record| record.profile).collect();
    workspace.load_components(&lane, concerned).await?;
    workspace.regroup(|| ProfileId::from_uuid(Uuid::now_v7()));
    let holders = judgement.records().filter_map(|id| workspace.records.get(&id)).map(|record| record.profile);
    let profiles = holders.collect();
    workspace.save(&lane, judgement.withdrawn_at.unwrap_or(judgement.created_at)).await?;
    lane.commit().await?;
    Ok(Judged { judgement, profiles })
}
