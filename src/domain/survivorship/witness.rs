//! Who vouches for a value: each record, with how often, when and by which source it was seen.

use super::{Member, Policy, Statement};
use crate::domain::{contact::Contact, id::RecordId, record::Observation, source::Sources};
use jiff::{SignedDuration, Timestamp};

/// A record and who saw it.
pub(super) struct Witness<'a> {
    pub contact: &'a Contact,
    pub statement: &'a Statement,
    pub sightings: Vec<Sighting<'a>>,
    record: RecordId,
}

/// One record as one source saw it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Sighting<'a> {
    pub record: RecordId,
    pub source: &'a str,
    pub last_at: Timestamp,
    pub first_at: Timestamp,
    /// Events in all.
    pub count: u64,
    /// Events of the last `recent_days`, as far as can be told.
    pub recent: u64,
    pub trust: Trust,
}

/// How far a source is trusted: trust, then priority.
pub(super) type Trust = (u8, u8);

/// The members in the order of their ids, their observations in the order of their sources.
pub(super) fn witnesses<'a>(members: &[Member<'a>], sources: &Sources, policy: &Policy) -> Vec<Witness<'a>> {
    let since = recent_since(members, policy);
    let mut witnesses: Vec<_> = members.iter().map(|member| witness(member, sources, since)).collect();
    witnesses.sort_by_key(|witness| witness.record);
    witnesses
}

fn witness<'a>(member: &Member<'a>, sources: &Sources, since: Timestamp) -> Witness<'a> {
    let mut sightings: Vec<_> =
        member.observations.iter().map(|seen| sighting(member.record, seen, sources, since)).collect();
    sightings.sort();
    Witness { contact: member.contact, statement: member.statement, sightings, record: member.record }
}

fn sighting<'a>(record: RecordId, seen: &'a Observation, sources: &Sources, since: Timestamp) -> Sighting<'a> {
    let source = sources.get(&seen.source);
    Sighting {
        record,
        source: &seen.source,
        last_at: seen.last_at,
        first_at: seen.first_at,
        count: seen.count,
        recent: count_since(seen, since),
        trust: (source.trust, source.priority),
    }
}

/// The start of the recent past: `recent_days` before the newest observation.
fn recent_since(members: &[Member<'_>], policy: &Policy) -> Timestamp {
    let newest = members.iter().flat_map(|m| m.observations).map(|seen| seen.last_at).max().unwrap_or(Timestamp::MIN);
    newest.checked_sub(SignedDuration::from_hours(24 * i64::from(policy.recent_days))).unwrap_or(Timestamp::MIN)
}

/// How many of the events seen are not older than `since`. Only the first and the last event's times are known: those
/// between count as evenly spread.
fn count_since(seen: &Observation, since: Timestamp) -> u64 {
    if seen.last_at < since {
        return 0;
    }
    if seen.first_at >= since {
        return seen.count;
    }
    let span = seen.last_at.as_nanosecond() - seen.first_at.as_nanosecond();
    let within = seen.last_at.as_nanosecond() - since.as_nanosecond();
    let between = i128::from(seen.count.saturating_sub(2)) * within / span;
    u64::try_from(between).unwrap_or(seen.count).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::marks::Marks;
    use std::collections::BTreeMap;

    #[test]
    fn events_between_the_first_and_the_last_count_as_evenly_spread() {
        let day = |n: i64| Timestamp::from_second(n * 86_400).unwrap();
        let seen = |first, last, count| Observation {
            source: "crm".into(),
            first_at: day(first),
            last_at: day(last),
            count,
            marks: Marks::default(),
            traits: BTreeMap::new(),
            consent: BTreeMap::new(),
        };
        for (first, last, count, expected) in [
            (0, 99, 7, 0),     // all before
            (100, 200, 7, 7),  // all within
            (0, 100, 7, 1),    // the last one alone
            (0, 200, 102, 51), // half of the hundred between, and the last
            (0, 200, 2, 1),
        ] {
            assert_eq!(count_since(&seen(first, last, count), day(100)), expected, "{first} {last} {count}");
        }
    }
}
