//! Judgements, and where their records are now.

use crate::{
    domain::{
        golden::GoldenRecord,
        id::{JudgementId, ProfileId},
        judgement::{Judged, Judgement},
    },
    store::{StoreError, TenantId, from_json, judgements, profiles, records},
};
use sea_orm::DatabaseConnection;

/// A judgement, in force or withdrawn, with the profiles that hold its records now.
///
/// # Errors
/// What the database says.
pub async fn by_id(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id: JudgementId,
) -> Result<Option<Judged>, StoreError> {
    let Some(judgement) = judgements::find(connection, tenant, id.uuid()).await? else { return Ok(None) };
    let held = records::find(connection, tenant, judgement.records().map(|id| id.uuid()).collect()).await?;
    Ok(Some(Judged { judgement, profiles: held.iter().map(|record| record.profile).collect() }))
}

/// The judgements by which stewards chose values of a profile's golden record, or of its survivor's; none where it is not known.
///
/// # Errors
/// What the database says.
pub async fn chosen(
    connection: &DatabaseConnection,
    tenant: TenantId,
    profile: ProfileId,
) -> Result<Option<Vec<Judgement>>, StoreError> {
    let Some(found) = profiles::survivor(connection, tenant, profile.uuid(), false).await? else { return Ok(None) };
    let golden: GoldenRecord = from_json(&found.golden, "golden record")?;
    let ids = golden.chosen.values().map(JudgementId::uuid).collect();
    let mut chosen = judgements::find_all(connection, tenant, ids).await?;
    chosen.sort_unstable_by_key(|judgement| judgement.judgement_id);
    Ok(Some(chosen))
}
