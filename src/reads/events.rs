//! Events and timelines.

use super::cursor::Page;
use crate::{
    domain::{
        contact::Event,
        id::{EventId, ProfileId, RecordId},
        keyed_hash::IdKey,
        record::event_id,
    },
    store::{
        StoreError, TenantId,
        entities::event,
        events::{self, TimelineCursor, TimelineFilter},
        from_json, records,
    },
};
use sea_orm::DatabaseConnection;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// An event as it is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoredEvent {
    /// Its id.
    pub event_id: EventId,
    /// Its record; null where nobody is in it.
    pub record_id: Option<RecordId>,
    /// Whose it is now; null where nobody is in it.
    pub profile_id: Option<ProfileId>,
    /// The event as it was given.
    pub event: Event,
}

/// One event by its id.
///
/// # Errors
/// What the database says.
pub async fn by_id(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id: EventId,
) -> Result<Option<StoredEvent>, StoreError> {
    let Some(row) = events::find(connection, tenant, vec![id.uuid()]).await?.pop() else { return Ok(None) };
    let holder = records::find(connection, tenant, row.record_id.into_iter().collect()).await?;
    read(&row, holder.first().map(|record| record.profile)).map(Some)
}

/// One event by what its source calls it.
///
/// # Errors
/// What the database says.
pub async fn by_source(
    connection: &DatabaseConnection,
    tenant: TenantId,
    key: &IdKey,
    source: &str,
    source_event_id: &str,
) -> Result<Option<StoredEvent>, StoreError> {
    by_id(connection, tenant, event_id(key, source, source_event_id)).await
}

/// A page of a profile's timeline, newest first.
///
/// # Errors
/// What the database says.
pub async fn timeline(
    connection: &DatabaseConnection,
    tenant: TenantId,
    profile: ProfileId,
    filter: &TimelineFilter,
    after: Option<(i64, Uuid)>,
    limit: u64,
) -> Result<Page<StoredEvent>, StoreError> {
    let after = after.map(|(occurred_at, id)| TimelineCursor { occurred_at, id });
    let rows = events::timeline(connection, tenant, profile.uuid(), filter, after, limit + 1).await?;
    let found: Vec<StoredEvent> = rows.iter().map(|row| read(row, Some(profile))).collect::<Result<_, _>>()?;
    Ok(Page::cut(found, limit, |last| (last.event.occurred_at.as_microsecond(), last.event_id.uuid())))
}

fn read(row: &event::Model, profile: Option<ProfileId>) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        event_id: EventId::from_uuid(row.id),
        record_id: row.record_id.map(RecordId::from_uuid),
        profile_id: profile,
        event: from_json(&row.body, "event")?,
    })
}
