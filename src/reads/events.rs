//! Events and timelines.

use super::{
    cursor::Page,
    window::{Span, windows},
};
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
        from_json,
        profiles::{self, ShownProfile},
        records,
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
    read_event(&row, holder.first().map(|record| record.profile)).map(Some)
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

/// A page of the timeline of a profile or, of a retired one, its survivor, newest first; none where there is no such profile.
///
/// # Errors
/// What the database says.
pub async fn timeline(
    connection: &DatabaseConnection,
    tenant: TenantId,
    profile: ProfileId,
    filter: TimelineFilter,
    after: Option<(i64, Uuid)>,
    limit: u64,
) -> Result<Option<Page<StoredEvent>>, StoreError> {
    let Some(living) = profiles::survivor(connection, tenant, profile.uuid(), false).await? else { return Ok(None) };
    let after = after.map(|(occurred_at, id)| TimelineCursor { occurred_at, id });
    let mut rows = Vec::new();
    let mut window = filter.clone();
    for begin in windows_of(&living, &filter, after, limit) {
        window.from = begin.or(filter.from);
        // Not just what is missing: a statement of another text would be planned anew.
        rows.extend(events::timeline(connection, tenant, living.id, &window, after, limit + 1).await?);
        if rows.len() as u64 > limit {
            break;
        }
        // The next one holds what lies before this one.
        window.to = begin;
    }
    let holder = Some(ProfileId::from_uuid(living.id));
    let found: Vec<StoredEvent> = rows.iter().map(|row| read_event(row, holder)).collect::<Result<_, _>>()?;
    Ok(Some(Page::cut(found, limit, |last| (last.event.occurred_at.as_microsecond(), last.event_id.uuid()))))
}

/// A first window holds so many times the page, as far as can be told, and the next is so many times as long.
const UNFILTERED: (u64, i128) = (2, 16);
/// Where a channel, a type or a source is asked for, a longer window leaves out the others. What is too rare for it costs
/// the next ones little: most records do not hold it, and are passed over.
const FILTERED: (u64, i128) = (8, 16);

fn windows_of(
    profile: &ShownProfile,
    filter: &TimelineFilter,
    after: Option<TimelineCursor>,
    limit: u64,
) -> impl Iterator<Item = Option<i64>> {
    let cursor = after.map_or(i64::MAX, |cursor| cursor.occurred_at.saturating_add(1));
    let asked = filter.from.unwrap_or(i64::MIN)..filter.to.unwrap_or(i64::MAX).min(cursor);
    let events = u64::try_from(profile.events).unwrap_or(0);
    let span = Span { first_at: profile.first_at, last_at: profile.last_at, events };
    let (margin, growth) = if filter.picks() { FILTERED } else { UNFILTERED };
    windows(span, asked, limit * margin, growth)
}

/// Puts an event together for a caller, with the profile that holds it.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub(super) fn read_event(row: &event::Model, profile: Option<ProfileId>) -> Result<StoredEvent, StoreError> {
    Ok(StoredEvent {
        event_id: EventId::from_uuid(row.id),
        record_id: row.record_id.map(RecordId::from_uuid),
        profile_id: profile,
        event: from_json(&row.body, "event")?,
    })
}
