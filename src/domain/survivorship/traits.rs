//! Traits and consent: the latest word counts. At one instant a withdrawal wins, then the greater source, event and record.

use super::{Member, notes::Notes, ranking::Survivor};
use crate::domain::{
    contact::Consent,
    golden::{Given, Rule, pointer},
    id::RecordId,
    record::{Observation, Seen},
};
use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::collections::BTreeMap;

/// What one source last said of one record.
struct Word<'a, T> {
    seen: &'a Seen<T>,
    source: &'a str,
    record: RecordId,
}

/// The latest value of each trait; `null` is a value.
pub(super) fn traits(members: &[Member<'_>], notes: &mut Notes<'_>) -> BTreeMap<String, Value> {
    latest("traits", words(members, |seen| &seen.traits), |_| (), notes)
}

/// The latest word on each consent.
pub(super) fn consent(members: &[Member<'_>], notes: &mut Notes<'_>) -> BTreeMap<String, Consent> {
    latest("consent", words(members, |seen| &seen.consent), |word| *word, notes)
}

fn words<'a, T>(
    members: &[Member<'a>],
    read: impl Fn(&'a Observation) -> &'a BTreeMap<String, Seen<T>>,
) -> BTreeMap<&'a str, Vec<Word<'a, T>>> {
    let mut words: BTreeMap<&str, Vec<_>> = BTreeMap::new();
    for member in members {
        for observation in member.observations {
            for (name, seen) in read(observation) {
                words.entry(name).or_default().push(Word { seen, source: &observation.source, record: member.record });
            }
        }
    }
    words
}

fn latest<T: Clone + DeserializeOwned + PartialEq + Serialize, Tie: Ord>(
    attribute: &str,
    words: BTreeMap<&str, Vec<Word<'_, T>>>,
    tie: impl Fn(&T) -> Tie,
    notes: &mut Notes<'_>,
) -> BTreeMap<String, T> {
    let mut survived = BTreeMap::new();
    for (name, mut words) in words {
        words.sort_by(|a, b| rank(b, &tie).cmp(&rank(a, &tie)));
        let values = values(words);
        survived.extend(notes.first(&pointer(attribute, name), values).map(|value| (name.to_owned(), value)));
    }
    survived
}

type Rank<'a, Tie> = (Timestamp, Tie, &'a str, &'a str, RecordId);

fn rank<'a, T, Tie>(word: &Word<'a, T>, tie: impl Fn(&T) -> Tie) -> Rank<'a, Tie> {
    (word.seen.at, tie(&word.seen.value), word.source, &word.seen.source_event_id, word.record)
}

/// The distinct values, in the order of the words.
fn values<T: Clone + PartialEq>(words: Vec<Word<'_, T>>) -> Vec<Survivor<(), T, ()>> {
    let mut values: Vec<Survivor<(), T, ()>> = Vec::new();
    for word in words {
        match values.iter_mut().find(|known| known.value == word.seen.value) {
            Some(known) => said_before(&mut known.provenance, word.seen.at),
            None => values.push(first_said(&word)),
        }
    }
    values
}

fn first_said<T: Clone>(word: &Word<'_, T>) -> Survivor<(), T, ()> {
    let at = word.seen.at;
    let provenance = Given {
        record_id: word.record,
        source: word.source.to_owned(),
        first_at: at,
        last_at: at,
        count: 1,
        rule: Rule::Latest,
    };
    Survivor { key: (), value: word.seen.value.clone(), worth: (), provenance }
}

/// Words come latest first.
fn said_before(provenance: &mut Given, at: Timestamp) {
    provenance.first_at = at;
    provenance.count += 1;
}
