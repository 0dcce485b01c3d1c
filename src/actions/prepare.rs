//! What can be done to an event before the lane: reading its contact, normalising it and hashing it.

use crate::{
    domain::{
        contact::{Assurance, Contact, Event},
        id::{EventId, RunId},
        keyed_hash::IdKey,
        normalize::form::{Warning, WarningCode, normalize},
        record::{Observation, Record, event_id, fill},
        resolution::Prepared,
        source::Sources,
    },
    store::{StoreError, to_json},
};
use jiff::Timestamp;
use std::sync::Arc;

/// An event, ready for the lane. Thousands wait for it in a large load: what only its body tells stays there.
#[derive(Clone, Debug)]
pub struct PreparedEvent {
    /// Derived from source and source event id.
    pub id: EventId,
    /// Which system sent it.
    pub source: String,
    /// Which channel it came by.
    pub channel: String,
    /// What kind of event it is, if it says so.
    pub kind: Option<String>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// The event as it will be stored; two events of one meaning have equal bodies.
    pub body: String,
    /// Its record and normal form; none where nobody is in it.
    pub record: Option<(Record, Arc<Prepared>)>,
    /// What it tells about its record.
    pub observation: Observation,
    /// Values that match nobody.
    pub warnings: Vec<Warning>,
    /// The version of the sources that it was read by: by others its phone numbers may be of other regions.
    pub sources: i64,
    /// The import that brings it.
    pub run: Option<RunId>,
}

/// Prepares a valid event.
///
/// # Errors
/// When it cannot be written as JSON, which validation rules out.
pub fn prepare(event: Event, id_key: &IdKey, sources: &Sources) -> Result<PreparedEvent, StoreError> {
    let filled = fill(&event, sources.get(&event.source).default_region.as_deref());
    let (form, warnings) = normalize(&filled);
    let record = (form.names_somebody() || carries_unreadable(&filled, &warnings)).then(|| {
        let record = Record::of(&filled, id_key);
        let prepared = Arc::new(Prepared::of_form(form, &record.contact, id_key));
        (record, prepared)
    });
    Ok(PreparedEvent {
        id: event_id(id_key, &event.source, &event.source_event_id),
        body: to_json(&event, "event")?,
        observation: Observation::of(&event, record.as_ref().map(|(record, _)| record.id)),
        record,
        warnings,
        sources: sources.version(),
        run: None,
        occurred_at: event.occurred_at,
        source: event.source,
        channel: event.channel,
        kind: event.kind,
    })
}

/// Whether the channel itself carried an identifier that does not read as one, such as a text message's short code: its
/// events belong together, though nothing else is matched by it.
fn carries_unreadable(contact: &Contact, warnings: &[Warning]) -> bool {
    let claimed = Some(Assurance::Claimed);
    let learnt = |field: &str, index: usize| match field {
        "emails" => contact.emails.get(index).map(|email| email.assurance != claimed),
        "phones" => contact.phones.get(index).map(|phone| phone.assurance != claimed),
        "handles" => contact.handles.get(index).map(|handle| handle.assurance != claimed),
        _ => contact.external_ids.get(index).map(|id| id.assurance != claimed),
    };
    warnings.iter().filter(|warning| warning.code != WarningCode::Placeholder).any(|warning| {
        let place = warning.pointer.strip_prefix("/contact/").and_then(|rest| rest.split_once('/'));
        let index = place.and_then(|(field, index)| index.parse().ok().map(|index: usize| (field, index)));
        index.and_then(|(field, index)| learnt(field, index)).unwrap_or(false)
    })
}

/// The warnings that an event was answered with the first time: they are a function of the event and its source.
#[must_use]
pub fn warnings(event: &Event, sources: &Sources) -> Vec<Warning> {
    normalize(&fill(event, sources.get(&event.source).default_region.as_deref())).1
}
