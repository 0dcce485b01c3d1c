//! Events: immutable, found by id, by record in time order, and by the import that brought them.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    entities::event,
    lane::Lane,
};
use crate::domain::marks::{Marks, Name};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use std::fmt::Write;
use uuid::Uuid;

/// A place in a timeline: where the next page goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineCursor {
    /// Microseconds since 1970.
    pub occurred_at: i64,
    /// Breaks ties.
    pub id: Uuid,
}

/// Which events of a timeline to show.
#[derive(Clone, Debug, Default)]
pub struct TimelineFilter {
    /// Of this channel alone.
    pub channel: Option<String>,
    /// Of this type alone.
    pub kind: Option<String>,
    /// Of this source alone.
    pub source: Option<String>,
    /// Not before, in microseconds since 1970.
    pub from: Option<i64>,
    /// Before, in microseconds since 1970.
    pub to: Option<i64>,
}

impl TimelineFilter {
    /// Whether it leaves out some of the events of a time.
    #[must_use]
    pub const fn picks(&self) -> bool {
        self.channel.is_some() || self.kind.is_some() || self.source.is_some()
    }

    /// Whether an event is among those to show.
    #[must_use]
    pub fn takes(&self, event: &event::Model) -> bool {
        let is = |wanted: &Option<String>, has: &str| wanted.as_deref().is_none_or(|wanted| wanted == has);
        let time = self.from.unwrap_or(i64::MIN)..self.to.unwrap_or(i64::MAX);
        is(&self.channel, &event.channel)
            && is(&self.kind, &event.kind)
            && is(&self.source, &event.source)
            && time.contains(&event.occurred_at)
    }

    /// What records that hold such an event are marked with, each with one of these.
    fn marks(&self) -> Vec<Marks> {
        let given = [
            self.channel.as_deref().map(Name::Channel),
            self.kind.as_deref().map(Name::Kind),
            self.source.as_deref().map(Name::Source),
        ];
        let names: Vec<Name<'_>> = given.into_iter().flatten().collect();
        Marks::wanted(&names).collect()
    }
}

/// An event and the profile that holds it now.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Assignment {
    /// The event.
    pub id: Uuid,
    /// The event as JSON.
    pub body: String,
    /// Its record.
    pub record_id: Option<Uuid>,
    /// The profile that holds the record now.
    pub profile_id: Option<Uuid>,
}

/// The events with these ids, as many of them as there are.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Vec<event::Model>, StoreError> {
    look_up(connection, tenant, ids, "e.id = given.id").await
}

/// Adds events.
pub fn insert(lane: &Lane, events: Vec<event::Model>) {
    let rows = Rows::new()
        .with("id", Column::Uuids(events.iter().map(|e| e.id).collect()))
        .with("record_id", Column::MaybeUuids(events.iter().map(|e| e.record_id).collect()))
        .with("occurred_at", Column::Numbers(events.iter().map(|e| e.occurred_at).collect()))
        .with("source", Column::Texts(events.iter().map(|e| e.source.clone()).collect()))
        .with("channel", Column::Texts(events.iter().map(|e| e.channel.clone()).collect()))
        .with("kind", Column::Texts(events.iter().map(|e| e.kind.clone()).collect()))
        .with("outcome", Column::Numbers(events.iter().map(|e| e.outcome).collect()))
        .with("profile_id", Column::MaybeUuids(events.iter().map(|e| e.profile_id).collect()))
        .with("changed", Column::MaybeTexts(events.iter().map(|e| e.changed.clone()).collect()))
        .with("position", Column::Numbers(events.iter().map(|e| e.position).collect()))
        .with("run_id", Column::MaybeUuids(events.iter().map(|e| e.run_id).collect()))
        .with("body", Column::Texts(events.into_iter().map(|e| e.body).collect()));
    lane.insert("events", "", rows);
}

/// A page of a profile's timeline over all its records, newest first.
///
/// The page is found in the index `events_timeline` alone; only its own events are read whole.
///
/// # Errors
/// What the database says.
pub async fn timeline<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profile: Uuid,
    filter: &TimelineFilter,
    after: Option<TimelineCursor>,
    limit: u64,
) -> Result<Vec<event::Model>, StoreError> {
    let mut values: Vec<sea_orm::Value> = vec![tenant.into(), profile.into()];
    let conditions = timeline_conditions(filter, after, &mut values);
    let sql = format!(
        "SELECT e.* FROM (SELECT i.id FROM records r CROSS JOIN events i WHERE r.tenant_id = $1 AND r.profile_id = $2 \
         AND i.tenant_id = $1 AND i.record_id = r.id{conditions} ORDER BY i.occurred_at DESC, i.id DESC LIMIT {limit}) page \
         CROSS JOIN events e WHERE e.tenant_id = $1 AND e.id = page.id ORDER BY e.occurred_at DESC, e.id DESC"
    );
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(event::Entity::find().from_raw_sql(statement).all(connection).await?)
}

/// What a filter and a cursor ask of an event `i` and its record `r`, as SQL. A record that was last seen before a time has
/// no event after it, and one without the marks of a channel none that came by it.
fn timeline_conditions(
    filter: &TimelineFilter,
    after: Option<TimelineCursor>,
    values: &mut Vec<sea_orm::Value>,
) -> String {
    let mut conditions = marked(filter, values);
    let mut also = |condition: &str, value: Option<sea_orm::Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions += " AND ";
            conditions += &condition.replace('?', &format!("${}", values.len()));
        }
    };
    also("i.channel = ?", filter.channel.clone().map(Into::into));
    also("i.kind = ?", filter.kind.clone().map(Into::into));
    also("i.source = ?", filter.source.clone().map(Into::into));
    also("i.occurred_at >= ? AND r.last_at >= ?", filter.from.map(Into::into));
    also("i.occurred_at < ? AND r.first_at < ?", filter.to.map(Into::into));
    also("i.occurred_at <= ? AND r.first_at <= ?", after.map(|cursor| cursor.occurred_at.into()));
    if let Some(cursor) = after {
        values.push(cursor.id.into());
        let at = values.len();
        // Writing to a String cannot fail.
        let _ = write!(conditions, " AND (i.occurred_at, i.id) < (${}, ${at})", at - 1);
    }
    conditions
}

/// That a record `r` may hold what a filter picks, as SQL.
fn marked(filter: &TimelineFilter, values: &mut Vec<sea_orm::Value>) -> String {
    if !filter.picks() {
        return String::new();
    }
    let one_of = filter.marks().into_iter().map(|marks| {
        values.push(marks.bits().into());
        format!("(r.marks & ${0}) = ${0}", values.len())
    });
    format!(" AND ({})", one_of.collect::<Vec<_>>().join(" OR "))
}

/// A page of all events with the profile that holds each now, by event id from `after` on.
///
/// # Errors
/// What the database says.
pub async fn assignments<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    after: Uuid,
    limit: u64,
) -> Result<Vec<Assignment>, StoreError> {
    let sql = format!(
        "SELECT e.id, e.body, e.record_id, r.profile_id FROM events e \
         LEFT JOIN records r ON r.tenant_id = $1 AND r.id = e.record_id \
         WHERE e.tenant_id = $1 AND e.id > $2 ORDER BY e.id LIMIT {limit}"
    );
    let values = [tenant.into(), after.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(Assignment::find_by_statement(statement).all(connection).await?)
}

/// All events of records, oldest first.
///
/// # Errors
/// What the database says.
pub async fn of_records<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    records: Vec<Uuid>,
) -> Result<Vec<event::Model>, StoreError> {
    let mut found = look_up(connection, tenant, records, "e.record_id = given.id").await?;
    found.sort_unstable_by_key(|event| (event.occurred_at, event.id));
    Ok(found)
}

async fn look_up<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
    by: &str,
) -> Result<Vec<event::Model>, StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(ids));
    Ok(rows.look_up(connection, tenant, "e.*", &[("events e", by)]).await?)
}

/// Some events that an import brought.
///
/// # Errors
/// What the database says.
pub async fn of_run<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    run: Uuid,
    limit: u64,
) -> Result<Vec<event::Model>, StoreError> {
    let of_run = event::Entity::find()
        .filter(event::Column::TenantId.eq(tenant))
        .filter(event::Column::RunId.eq(run))
        .order_by_asc(event::Column::Id);
    Ok(of_run.limit(limit).all(connection).await?)
}

/// Deletes events.
///
/// # Errors
/// What the database says.
pub async fn delete<C: ConnectionTrait>(connection: &C, tenant: TenantId, ids: Vec<Uuid>) -> Result<(), StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let sql = "DELETE FROM events WHERE tenant_id = $1 AND id IN (SELECT id FROM {rows})";
    Ok(rows.execute(connection, tenant, sql).await?)
}
