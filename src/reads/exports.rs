//! Exports: which profile holds each event now, and all profiles, page by page in the order of their ids.

use crate::{
    domain::{
        golden::GoldenRecord,
        id::{EventId, ProfileId, RecordId},
    },
    store::{
        StoreError, TenantId,
        events::{self, Assignment},
        from_json, profiles,
    },
};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An event and whose it is now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AssignmentRow {
    /// The system that sent the event.
    pub source: String,
    /// The event's id in that system.
    pub source_event_id: String,
    /// The event's id here.
    pub event_id: EventId,
    /// Its record; null where nobody is in the event.
    #[schema(required)]
    pub record_id: Option<RecordId>,
    /// The profile that holds it now; null where nobody is in the event.
    #[schema(required)]
    pub profile_id: Option<ProfileId>,
}

/// A living profile.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProfileRow {
    /// Its id.
    pub profile_id: ProfileId,
    /// Grows with each change of the golden record.
    pub version: i64,
    /// Whether it fits two profiles that contradict each other, and therefore stays apart.
    pub ambiguous: bool,
    /// The surviving attributes.
    pub golden: GoldenRecord,
}

/// A page of all events after `after`, and where the next page goes on; none after the last.
///
/// # Errors
/// What the database says.
pub async fn assignments_page<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    after: Option<EventId>,
    limit: u64,
) -> Result<(Vec<AssignmentRow>, Option<EventId>), StoreError> {
    let after = after.map_or_else(Uuid::nil, |id| id.uuid());
    let found = events::assignments(connection, tenant, after, limit).await?;
    let next = next(&found, limit, |row| EventId::from_uuid(row.id));
    Ok((found.iter().map(assignment_row).collect::<Result<_, _>>()?, next))
}

/// A page of all profiles after `after`, and where the next page goes on; none after the last. Retired profiles and those
/// that hold nothing any more are left out, so that a page may be short.
///
/// # Errors
/// What the database says.
pub async fn profiles_page<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    after: Option<ProfileId>,
    limit: u64,
) -> Result<(Vec<ProfileRow>, Option<ProfileId>), StoreError> {
    let after = after.map_or_else(Uuid::nil, |id| id.uuid());
    let found = profiles::living(connection, tenant, after, limit).await?;
    let next = next(&found, limit, |profile| profile.id);
    let held = found.into_iter().filter(|profile| profile.held.records > 0);
    Ok((held.map(profile_row).collect(), next))
}

fn profile_row(profile: profiles::StoredProfile) -> ProfileRow {
    ProfileRow {
        profile_id: profile.id,
        version: profile.version,
        ambiguous: profile.ambiguous,
        golden: profile.golden,
    }
}

/// The last of a full page.
fn next<T, I>(page: &[T], limit: u64, id: impl Fn(&T) -> I) -> Option<I> {
    let full = u64::try_from(page.len()).is_ok_and(|length| length >= limit);
    page.last().filter(|_| full).map(id)
}

/// What an export needs of a stored event.
#[derive(Deserialize)]
struct Named {
    source: String,
    source_event_id: String,
}

fn assignment_row(row: &Assignment) -> Result<AssignmentRow, StoreError> {
    let named: Named = from_json(&row.body, "event")?;
    Ok(AssignmentRow {
        source: named.source,
        source_event_id: named.source_event_id,
        event_id: EventId::from_uuid(row.id),
        record_id: row.record_id.map(RecordId::from_uuid),
        profile_id: row.profile_id.map(ProfileId::from_uuid),
    })
}
