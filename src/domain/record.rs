//! Records: distinct contacts as given, named by a keyed hash of their content, so that many events share one.

use super::{
    channel,
    contact::{Address, Assurance, Consent, Contact, Event},
    id::{EventId, RecordId},
    keyed_hash::IdKey,
    marks::Marks,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, btree_map::Entry};

/// One distinct contact as given: trimmed, in canonical order, every assurance and phone region filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// A keyed hash of `contact`.
    pub id: RecordId,
    /// What was given.
    pub contact: Contact,
}

/// What one source saw of one record: all that golden records need to know of its events, and what timelines filter by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Who saw it.
    pub source: String,
    /// The earliest `occurred_at`.
    pub first_at: Timestamp,
    /// The latest `occurred_at`.
    pub last_at: Timestamp,
    /// How many events.
    pub count: u64,
    /// What its events can be filtered by.
    pub marks: Marks,
    /// The latest value of each trait.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub traits: BTreeMap<String, Seen<Value>>,
    /// The latest word on each consent.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consent: BTreeMap<String, Seen<Consent>>,
}

/// A value and the event that brought it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen<T> {
    /// The value.
    pub value: T,
    /// The event's `occurred_at`.
    pub at: Timestamp,
    /// The event's id in its source: ties in time go by it.
    pub source_event_id: String,
}

/// The event's id: a keyed hash of what names it within its tenant.
#[must_use]
pub fn event_id(key: &IdKey, source: &str, source_event_id: &str) -> EventId {
    EventId::from_uuid(key.id("event", &[source.as_bytes(), source_event_id.as_bytes()]))
}

/// Fills in what the event leaves to its channel and its source: the assurance of each identifier and the region of each
/// national phone number. Order and number of values stay, so that positions still point into the event.
#[must_use]
pub fn fill(event: &Event, default_region: Option<&str>) -> Contact {
    let observed = channel::observes(&event.channel);
    let learnt = |given: Option<Assurance>, observed: bool| {
        Some(given.unwrap_or(if observed { Assurance::Observed } else { Assurance::Claimed }))
    };
    let mut contact = event.contact.clone();
    for email in &mut contact.emails {
        email.assurance = learnt(email.assurance, observed.emails);
    }
    for phone in &mut contact.phones {
        phone.assurance = learnt(phone.assurance, observed.phones);
        phone.region = phone.region.take().or_else(|| default_region.map(str::to_owned)).map(|r| r.to_uppercase());
    }
    for handle in &mut contact.handles {
        handle.assurance = learnt(handle.assurance, observed.handles);
    }
    for external_id in &mut contact.external_ids {
        external_id.assurance = learnt(external_id.assurance, observed.external_ids);
    }
    contact
}

impl Record {
    /// The record of a filled contact: trimmed, sorted, without doubles, then hashed.
    #[must_use]
    pub fn of(filled: &Contact, key: &IdKey) -> Self {
        let contact = canonical(filled);
        // Serialising plain data with string keys cannot fail; an empty text would only make an id nobody shares.
        let content = serde_json::to_vec(&contact).unwrap_or_default();
        Self { id: RecordId::from_uuid(key.id("record", &[&content])), contact }
    }
}

impl Observation {
    /// What a single event tells of its record, if it has one.
    #[must_use]
    pub fn of(event: &Event, record: Option<RecordId>) -> Self {
        let at = event.occurred_at;
        Self {
            source: event.source.clone(),
            first_at: at,
            last_at: at,
            count: 1,
            marks: record.map(|record| Marks::of(event, record)).unwrap_or_default(),
            traits: event.traits.iter().map(|(name, value)| (name.clone(), seen(event, value.clone()))).collect(),
            consent: event.consent.iter().map(|(name, word)| (name.clone(), seen(event, *word))).collect(),
        }
    }

    /// Takes in another observation of the same record by the same source. Commutative and associative.
    pub fn absorb(&mut self, other: Self) {
        self.first_at = self.first_at.min(other.first_at);
        self.last_at = self.last_at.max(other.last_at);
        self.count += other.count;
        self.marks |= other.marks;
        for (name, theirs) in other.traits {
            let newer = self.traits.get(&name).is_none_or(|ours| ours.rank() < theirs.rank());
            if newer {
                self.traits.insert(name, theirs);
            }
        }
        for (name, theirs) in other.consent {
            // A withdrawal wins where two events name the same instant.
            let newer = self
                .consent
                .get(&name)
                .is_none_or(|ours| (ours.at, ours.value, ours.rank()) < (theirs.at, theirs.value, theirs.rank()));
            if newer {
                self.consent.insert(name, theirs);
            }
        }
    }
}

/// What these events tell of their records: one observation for each source.
#[must_use]
pub fn gather(events: impl IntoIterator<Item = (RecordId, Event)>) -> BTreeMap<RecordId, Vec<Observation>> {
    let mut by_source: BTreeMap<(RecordId, String), Observation> = BTreeMap::new();
    for (record, event) in events {
        let observation = Observation::of(&event, Some(record));
        match by_source.entry((record, event.source)) {
            Entry::Occupied(mut known) => known.get_mut().absorb(observation),
            Entry::Vacant(place) => {
                place.insert(observation);
            }
        }
    }
    let mut by_record: BTreeMap<RecordId, Vec<Observation>> = BTreeMap::new();
    for ((record, _), observation) in by_source {
        by_record.entry(record).or_default().push(observation);
    }
    by_record
}

impl<T> Seen<T> {
    /// Later is greater; at one instant the greater source event id.
    pub fn rank(&self) -> (Timestamp, &str) {
        (self.at, &self.source_event_id)
    }
}

fn seen<T>(event: &Event, value: T) -> Seen<T> {
    Seen { value, at: event.occurred_at, source_event_id: event.source_event_id.clone() }
}

/// Trims every text, drops empty ones, sorts lists and removes doubles.
fn canonical(filled: &Contact) -> Contact {
    let mut contact = filled.clone();
    for text in [
        &mut contact.name,
        &mut contact.given_name,
        &mut contact.family_name,
        &mut contact.birth_date,
        &mut contact.company,
        &mut contact.job_title,
        &mut contact.language,
    ] {
        trim(text);
    }
    for email in &mut contact.emails {
        email.value = email.value.trim().to_owned();
    }
    for phone in &mut contact.phones {
        phone.value = phone.value.trim().to_owned();
    }
    for handle in &mut contact.handles {
        handle.network = handle.network.trim().to_owned();
        handle.value = handle.value.trim().to_owned();
    }
    for external_id in &mut contact.external_ids {
        external_id.namespace = external_id.namespace.trim().to_owned();
        external_id.value = external_id.value.trim().to_owned();
    }
    for address in &mut contact.addresses {
        trim_address(address);
    }
    sort_lists(&mut contact);
    contact
}

fn trim(text: &mut Option<String>) {
    *text = text.take().map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
}

fn trim_address(address: &mut Address) {
    trim(&mut address.street_address);
    trim(&mut address.locality);
    trim(&mut address.region);
    trim(&mut address.postal_code);
    trim(&mut address.country);
}

fn sort_lists(contact: &mut Contact) {
    contact.emails.retain(|email| !email.value.is_empty());
    contact.phones.retain(|phone| !phone.value.is_empty());
    contact.handles.retain(|handle| !handle.value.is_empty());
    contact.external_ids.retain(|external_id| !external_id.value.is_empty());
    contact.addresses.retain(|address| *address != Address::default());
    contact.emails.sort();
    contact.emails.dedup();
    contact.phones.sort();
    contact.phones.dedup();
    contact.handles.sort();
    contact.handles.dedup();
    contact.external_ids.sort();
    contact.external_ids.dedup();
    contact.addresses.sort();
    contact.addresses.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> Event {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn order_and_blanks_do_not_make_another_record() {
        let key = IdKey::new([7; 32]);
        let a = event(
            r#"{"source":"s","source_event_id":"1","channel":"email","occurred_at":"2026-01-01T00:00:00Z",
            "contact":{"name":" Jane ","emails":["b@x.org","a@x.org"]}}"#,
        );
        let b = event(
            r#"{"source":"t","source_event_id":"2","channel":"email","occurred_at":"2026-02-01T00:00:00Z",
            "contact":{"name":"Jane","emails":["a@x.org",{"value":"b@x.org","assurance":"observed"}]}}"#,
        );
        assert_eq!(Record::of(&fill(&a, None), &key), Record::of(&fill(&b, None), &key));
        assert_ne!(Record::of(&fill(&a, None), &key).id, Record::of(&fill(&a, None), &IdKey::new([8; 32])).id);
    }

    #[test]
    fn what_a_channel_carries_is_observed_and_the_rest_claimed() {
        let call = event(
            r#"{"source":"s","source_event_id":"1","channel":"phone","occurred_at":"2026-01-01T00:00:00Z",
            "contact":{"emails":["a@x.org"],"phones":["020 7946 0958"]}}"#,
        );
        let filled = fill(&call, Some("gb"));
        assert_eq!(filled.emails[0].assurance, Some(Assurance::Claimed));
        assert_eq!(filled.phones[0].assurance, Some(Assurance::Observed));
        assert_eq!(filled.phones[0].region.as_deref(), Some("GB"));
    }
}
