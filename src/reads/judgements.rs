//! Judgements, and where their records are now.

use crate::{
    domain::{id::JudgementId, judgement::Judged},
    store::{StoreError, TenantId, judgements, records},
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
