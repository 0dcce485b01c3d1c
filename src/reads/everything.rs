//! Everything: all records of a tenant and what stewards ruled of them, page by page.

use crate::{
    domain::{id::ProfileId, judgement::Judgement},
    store::{
        StoreError, TenantId, judgements, profiles,
        records::{self, StoredRecord},
    },
};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The records of some profiles.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// All records of each profile.
    pub records: Vec<StoredRecord>,
    /// The judgements in force that speak of one of them; another page may bring them again.
    pub judgements: Vec<Judgement>,
}

/// A page of all living profiles' records after `after`, and where the next page goes on; none after the last. What is
/// written between two pages may be missed: whoever needs one state of things reads while nothing is written.
///
/// # Errors
/// What the database says.
pub async fn page<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    after: Option<ProfileId>,
    limit: u64,
) -> Result<(Page, Option<ProfileId>), StoreError> {
    let after = after.map_or_else(Uuid::nil, |id| id.uuid());
    let profiles = profiles::living(connection, tenant, after, limit).await?;
    let next = profiles.last().map(|profile| profile.id);
    let ids = profiles.iter().map(|profile| profile.id.uuid()).collect();
    let records = records::of_profiles(connection, tenant, ids).await?;
    let judged = records.iter().map(|record| record.id.uuid()).collect();
    let judgements = judgements::of_records(connection, tenant, judged).await?;
    Ok((Page { records, judgements }, next))
}
