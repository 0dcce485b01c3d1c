//! Events: one, many, and back again.

use super::{
    auth::{ReadProfiles, Require, WriteEvents},
    extract::{Batch, Json, Path, Query},
    problem::{ApiError, Bodied, ConflictCode, Conflicting, Keyed, Missing, Queried},
};
use crate::{
    actions::{
        access::{Grant, Scope},
        ingest::{Answer, Ingested, Outcome},
        prepare::{PreparedEvent, prepare},
        writer::Urgency,
    },
    domain::{
        contact::{Assurance, Contact, Event},
        id::{EventId, ProfileId, RecordId},
        keyed_hash::IdKey,
        normalize::form::Warning,
        source::Sources,
        validate::{self, ErrorCode, FieldError},
    },
    reads::events::{self, StoredEvent},
};
use actix_web::{HttpRequest, HttpResponse, Responder, get, http::StatusCode, post, web};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What became of an event. A key without `profiles:read` is told the event's id alone.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Receipt {
    /// The event's id.
    pub event_id: EventId,
    /// Its record; missing where nobody is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_id: Option<RecordId>,
    /// Whose it is; missing where nobody is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_id: Option<ProfileId>,
    /// What it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// All profiles it touched, retired ones included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Vec<ProfileId>>,
    /// Values that were kept as given and match nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warnings: Option<Vec<Warning>>,
}

/// One result for each item, in order.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BatchReceipt {
    /// The results.
    pub items: Vec<BatchItem>,
}

/// What became of one item: as if it had been posted alone.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum BatchItem {
    /// It is stored.
    Stored(StoredItem),
    /// It is not.
    Refused(RefusedItem),
}

/// An item that is stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StoredItem {
    /// 201 stored, 200 stored before.
    pub status: u16,
    /// What became of it.
    #[serde(flatten)]
    pub receipt: Receipt,
}

/// An item that is not stored.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RefusedItem {
    /// 400 unreadable, 409 another event has this id, 422 invalid, 500 our fault.
    pub status: u16,
    /// What is wrong with it.
    pub errors: Vec<FieldError>,
}

/// What the source calls an event.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SourceName {
    /// The system that sent it.
    source: String,
    /// Its id there.
    source_event_id: String,
}

/// A receipt with its status: 201 where the event is new, 200 where it was stored before.
struct Posted(StatusCode, Receipt);

impl Responder for Posted {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::build(self.0).json(self.1)
    }
}

/// Send an event
///
/// Stores it, resolves who it was, and answers when both are durable. The same event again gets the first answer.
#[utoipa::path(tag = "events", request_body = Event, responses(
    (status = 201, description = "Stored", body = Receipt),
    (status = 200, description = "Stored before: the first answer", body = Receipt),
    Keyed, Bodied, Conflicting))]
#[post("/v1/events")]
pub async fn post_event(caller: Require<WriteEvents, Json<Event>>) -> Result<Posted, ApiError> {
    let (caller, Json(event)) = caller.parts();
    ApiError::check(check(&event, &caller.grant))?;
    let sources = caller.engine.sources(caller.tenant.id).await?;
    let prepared = prepare(event, &caller.tenant.id_key, &sources)?;
    let ingested = caller.engine.writer.write(&caller.tenant, Urgency::Interactive, vec![prepared]).await?.pop();
    let (status, answer) = match ingested {
        Some(Ingested::Stored(answer)) => (StatusCode::CREATED, answer),
        Some(Ingested::Replayed(answer)) => (StatusCode::OK, answer),
        Some(Ingested::Conflict) | None => return Err(ApiError::Conflict(ConflictCode::EventDiffers)),
    };
    caller.holds(answer.position);
    Ok(Posted(status, Receipt::of(answer, &caller.grant)))
}

/// Send many events
///
/// A JSON array, or one event a line (NDJSON). One result for each, in order; a bad one does not spoil the rest.
#[utoipa::path(tag = "events",
    request_body(content((Vec<Event> = "application/json"), (String = "application/x-ndjson"))),
    responses((status = 200, description = "One result for each item, in order", body = BatchReceipt), Keyed, Bodied))]
#[post("/v1/events/batch")]
pub async fn post_batch(caller: Require<WriteEvents, Batch>) -> Result<Json<BatchReceipt>, ApiError> {
    let (caller, Batch(batch)) = caller.parts();
    let sources = caller.engine.sources(caller.tenant.id).await?;
    let (grant, id_key) = (caller.grant.clone(), caller.tenant.id_key.clone());
    // Off the worker: normalising thousands of contacts would hold up the other requests of its thread.
    let items = web::block(move || batch.into_iter().map(|item| ready(item, &grant, &id_key, &sources)).collect());
    let items: Vec<Result<PreparedEvent, RefusedItem>> =
        items.await.map_err(|_| super::problem::Cause::new("thread pool"))?;
    let events: Vec<PreparedEvent> = items.iter().filter_map(|item| item.as_ref().ok().cloned()).collect();
    let mut ingested = Vec::with_capacity(events.len());
    for part in events.chunks(PART) {
        ingested.extend(caller.engine.writer.write(&caller.tenant, Urgency::Bulk, part.to_vec()).await?);
    }
    ingested.iter().filter_map(Ingested::answer).for_each(|answer| caller.holds(answer.position));
    let mut ingested = ingested.into_iter();
    let result = |item: Result<PreparedEvent, RefusedItem>| match item {
        Ok(_) => BatchItem::of(ingested.next(), &caller.grant),
        Err(refused) => BatchItem::Refused(refused),
    };
    Ok(Json(BatchReceipt { items: items.into_iter().map(result).collect() }))
}

/// So many events of a batch are written in one transaction.
const PART: usize = 500;

/// One event
#[utoipa::path(tag = "events", params(EventId),
    responses((status = 200, description = "The event", body = StoredEvent), Keyed, Missing))]
#[get("/v1/events/{id}")]
pub async fn get_event(caller: Require<ReadProfiles, Path<EventId>>) -> Result<Json<StoredEvent>, ApiError> {
    let found = events::by_id(&caller.engine.connection, caller.tenant.id, caller.input.0).await?;
    found.map(Json).ok_or(ApiError::NotFound)
}

/// One event by what its source calls it
#[utoipa::path(tag = "events", params(SourceName),
    responses((status = 200, description = "The event", body = StoredEvent), Keyed, Missing, Queried))]
#[get("/v1/events")]
pub async fn find_event(caller: Require<ReadProfiles, Query<SourceName>>) -> Result<Json<StoredEvent>, ApiError> {
    let (connection, tenant) = (&caller.engine.connection, &caller.tenant);
    let Query(SourceName { source, source_event_id }) = caller.input;
    let found = events::by_source(connection, tenant.id, &tenant.id_key, &source, &source_event_id).await?;
    found.map(Json).ok_or(ApiError::NotFound)
}

impl Receipt {
    fn of(answer: Answer, grant: &Grant) -> Self {
        let may_read = grant.allows(Scope::ProfilesRead);
        Self {
            event_id: answer.event_id,
            record_id: answer.record_id.filter(|_| may_read),
            profile_id: answer.profile_id.filter(|_| may_read),
            outcome: may_read.then_some(answer.outcome),
            changed: may_read.then_some(answer.changed),
            warnings: may_read.then_some(answer.warnings),
        }
    }
}

impl BatchItem {
    fn of(ingested: Option<Ingested>, grant: &Grant) -> Self {
        let stored = |status, answer| Self::Stored(StoredItem { status, receipt: Receipt::of(answer, grant) });
        match ingested {
            Some(Ingested::Stored(answer)) => stored(201, answer),
            Some(Ingested::Replayed(answer)) => stored(200, answer),
            Some(Ingested::Conflict) | None => {
                let errors = vec![FieldError::new("/source_event_id", ErrorCode::EventDiffers)];
                Self::Refused(RefusedItem { status: 409, errors })
            }
        }
    }
}

impl RefusedItem {
    fn new(errors: Vec<FieldError>) -> Self {
        let unreadable = errors.iter().any(|error| error.code.is_unreadable());
        Self { status: if unreadable { 400 } else { 422 }, errors }
    }
}

fn ready(
    item: Result<Event, Vec<FieldError>>,
    grant: &Grant,
    id_key: &IdKey,
    sources: &Sources,
) -> Result<PreparedEvent, RefusedItem> {
    let event = item.map_err(RefusedItem::new)?;
    let errors = check(&event, grant);
    if !errors.is_empty() {
        return Err(RefusedItem::new(errors));
    }
    prepare(event, id_key, sources).map_err(|_| RefusedItem { status: 500, errors: Vec::new() })
}

/// What is wrong with an event from this caller.
fn check(event: &Event, grant: &Grant) -> Vec<FieldError> {
    let mut errors = validate::event(event, Timestamp::now());
    if !grant.allows(Scope::EventsVerify) {
        let verified = verified(&event.contact);
        errors.extend(verified.map(|pointer| FieldError::new(pointer, ErrorCode::NotAllowed)));
    }
    errors
}

/// Where a contact says that an identifier is verified: not every key may.
fn verified(contact: &Contact) -> impl Iterator<Item = String> {
    let emails = contact.emails.iter().map(|email| email.assurance);
    let phones = contact.phones.iter().map(|phone| phone.assurance);
    let handles = contact.handles.iter().map(|handle| handle.assurance);
    let external_ids = contact.external_ids.iter().map(|external_id| external_id.assurance);
    (emails.enumerate().map(|(i, a)| ("emails", i, a)))
        .chain(phones.enumerate().map(|(i, a)| ("phones", i, a)))
        .chain(handles.enumerate().map(|(i, a)| ("handles", i, a)))
        .chain(external_ids.enumerate().map(|(i, a)| ("external_ids", i, a)))
        .filter(|(_, _, assurance)| *assurance == Some(Assurance::Verified))
        .map(|(field, index, _)| format!("/contact/{field}/{index}/assurance"))
}
