//! The stream of events.

use super::{super::dice::Dice, channels::Channel, person::Person, words::SUBJECTS};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::HashSet;
use uuid::Uuid;

/// Of so many thousand events a thousand are a new person's.
const EVENTS_PER_THOUSAND_PEOPLE: u64 = 5_400;
/// When the stream begins: 2025-01-01, in seconds since 1970.
const BEGINNING: i64 = 1_735_689_600;
/// How many seconds lie between two events.
const PACE: i64 = 30;

/// An event, and what a store of any schema must know to file it.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The event as JSON, one line.
    pub body: String,
    /// Names its contact as given.
    pub record: Uuid,
    /// Whether this contact is given for the first time.
    pub is_new: bool,
    /// Microseconds since 1970.
    pub occurred_at: i64,
    pub source: &'static str,
    pub channel: &'static str,
}

/// Events without end, in the order of time.
pub struct Stream {
    dice: Dice,
    count: i64,
    people: u64,
    seen: HashSet<Uuid>,
    one_each: bool,
}

impl Stream {
    /// Customers who come back.
    pub fn new() -> Self {
        Self { dice: Dice::of("stream", 1), count: 0, people: 0, seen: HashSet::new(), one_each: false }
    }

    /// People who order once, each in a new profile.
    pub fn of_strangers() -> Self {
        Self { one_each: true, ..Self::new() }
    }

    /// The next so many events.
    pub fn some(&mut self, count: usize) -> Vec<Occurrence> {
        self.take(count).collect()
    }

    fn channel(&mut self) -> Channel {
        if self.one_each { Channel::shop() } else { Channel::any(&mut self.dice) }
    }

    fn person(&mut self) -> Person {
        let is_new = self.one_each || self.people == 0 || self.dice.below(EVENTS_PER_THOUSAND_PEOPLE) < 1_000;
        if is_new {
            self.people += 1;
        }
        let number = if is_new { self.people - 1 } else { self.dice.below(self.people) };
        Person::number(number)
    }
}

impl Iterator for Stream {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        let (person, channel) = (self.person(), self.channel());
        let contact = channel.contact(&person, &mut self.dice);
        let record = record(channel, &contact);
        let at = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(BEGINNING + self.count * PACE);
        let event = json!({"source": channel.source, "source_event_id": format!("e{}", self.count),
            "channel": channel.name, "type": channel.kind, "direction": "inbound", "occurred_at": at.to_string(),
            "contact": contact, "content": self.content()});
        self.count += 1;
        Some(Occurrence {
            body: event.to_string(),
            is_new: self.seen.insert(record),
            record,
            occurred_at: at.as_microsecond(),
            source: channel.source,
            channel: channel.name,
        })
    }
}

impl Stream {
    fn content(&mut self) -> Value {
        json!({"subject": self.dice.pick(SUBJECTS), "tags": [self.dice.pick(SUBJECTS)]})
    }
}

/// A contact that two channels learnt in two ways makes two records.
fn record(channel: Channel, contact: &Value) -> Uuid {
    let hash = blake3::hash(format!("{} {contact}", channel.name).as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.as_bytes()[..16]);
    Uuid::from_bytes(bytes)
}
