//! Scenarios and properties of survivorship: events in, golden record out.

use super::{Member, Policy, Statement, survive};
use crate::domain::{
    choice::Choices,
    contact::Event,
    golden::{GoldenRecord, Include},
    id::JudgementId,
    keyed_hash::IdKey,
    record::{Observation, Record, fill},
    source::{Source, Sources},
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Records in the order of the events that made them, each with its observations in that order.
fn stored(events: &[Event]) -> Vec<(Record, Vec<Observation>)> {
    let mut records: Vec<(Record, Vec<Observation>)> = Vec::new();
    for event in events {
        let record = Record::of(&fill(event, None), &IdKey::new([7; 32]));
        let at = records.iter().position(|known| known.0 == record).unwrap_or_else(|| {
            records.push((record, Vec::new()));
            records.len() - 1
        });
        let (new, observations) = (Observation::of(event, Some(records[at].0.id)), &mut records[at].1);
        match observations.iter_mut().find(|known| known.source == new.source) {
            Some(known) => known.absorb(new),
            None => observations.push(new),
        }
    }
    records
}

fn golden_with(events: &[Event], sources: &Sources, policy: &Policy) -> GoldenRecord {
    golden_given(events, &Choices::new(), sources, policy)
}

fn golden_given(events: &[Event], choices: &Choices, sources: &Sources, policy: &Policy) -> GoldenRecord {
    let stored = stored(events);
    let statements: Vec<Statement> = stored.iter().map(|(record, _)| Statement::of(&record.contact)).collect();
    let members: Vec<_> = stored
        .iter()
        .zip(&statements)
        .map(|((record, observations), statement)| Member {
            record: record.id,
            contact: &record.contact,
            statement,
            observations,
        })
        .collect();
    survive(&members, choices, sources, policy)
}

/// `crm` is trusted most, `web` least, and any other source as by default.
fn sources() -> Sources {
    let trusted = |trust| Source { trust, ..Source::default() };
    [("crm".to_owned(), trusted(90)), ("web".to_owned(), trusted(10))].into_iter().collect()
}

/// Events of one source per row: source, channel, day (`2026-01-31`), contact, further fields of the event.
fn events(rows: &[(&str, &str, &str, Value, Value)]) -> Vec<Event> {
    let event = |(number, (source, channel, day, contact, further)): (usize, &(&str, &str, &str, Value, Value))| {
        let mut event = further.clone();
        event["source"] = json!(source);
        event["source_event_id"] = json!(number.to_string());
        event["channel"] = json!(channel);
        event["occurred_at"] = json!(format!("{day}T12:00:00Z"));
        event["contact"] = contact.clone();
        serde_json::from_value(event).unwrap()
    };
    rows.iter().enumerate().map(event).collect()
}

/// Events that only say who it was: source, day, contact.
fn contacts(rows: &[(&str, &str, Value)]) -> Vec<Event> {
    let rows: Vec<_> =
        rows.iter().map(|(source, day, contact)| (*source, "crm", *day, contact.clone(), json!({}))).collect();
    events(&rows)
}

fn golden(events: &[Event]) -> GoldenRecord {
    golden_with(events, &sources(), &Policy::default())
}

/// The values alone.
fn values(events: &[Event]) -> Value {
    serde_json::to_value(golden(events).apart().0).unwrap()
}

/// Scenario, events, expected values.
fn check(table: &[(&str, Vec<Event>, Value)]) {
    for (scenario, events, expected) in table {
        assert_eq!(values(events), *expected, "{scenario}");
    }
}

fn jane(family: &str) -> Value {
    json!({"given_name": "Jane", "family_name": family})
}

fn name(name: &str) -> Value {
    json!({"name": name})
}

#[test]
fn the_best_name_survives_as_one_unit() {
    let jane_doe = json!({"name": "Jane Doe", "given_name": "Jane", "family_name": "Doe"});
    let table = [
        (
            "the most frequent wins over a newer typo",
            contacts(&[
                ("shop", "2026-01-01", jane("Doe")),
                ("shop", "2026-01-02", jane("Doe")),
                ("shop", "2026-01-03", jane("Deo")),
            ]),
            jane_doe.clone(),
        ),
        (
            "of equally frequent ones the newer wins: a married name",
            contacts(&[("shop", "2026-01-01", jane("Doe")), ("shop", "2026-03-01", jane("Smith"))]),
            json!({"name": "Jane Smith", "given_name": "Jane", "family_name": "Smith"}),
        ),
        (
            "a maiden name of years loses once it is a year out of use",
            contacts(&[
                ("shop", "2020-01-01", jane("Doe")),
                ("shop", "2021-01-01", jane("Doe")),
                ("shop", "2022-01-01", jane("Doe")),
                ("shop", "2026-03-01", jane("Smith")),
            ]),
            json!({"name": "Jane Smith", "given_name": "Jane", "family_name": "Smith"}),
        ),
        (
            "a household member who wrote once",
            contacts(&[
                ("shop", "2026-01-01", jane("Doe")),
                ("shop", "2026-01-02", jane("Doe")),
                ("shop", "2026-01-03", json!({"given_name": "John", "family_name": "Doe"})),
            ]),
            jane_doe.clone(),
        ),
        (
            "the better-trusted source wins over the more frequent name",
            contacts(&[
                ("crm", "2026-01-01", jane("Doe")),
                ("web", "2026-01-02", jane("Roe")),
                ("web", "2026-01-03", jane("Roe")),
            ]),
            jane_doe.clone(),
        ),
        (
            "trust counts among the last year's observations only",
            contacts(&[("crm", "2024-01-01", jane("Doe")), ("web", "2026-01-02", jane("Roe"))]),
            json!({"name": "Jane Roe", "given_name": "Jane", "family_name": "Roe"}),
        ),
        (
            "a full name wins over a single word or an initial, however frequent, new and trusted",
            contacts(&[
                ("web", "2020-01-01", jane("Doe")),
                ("crm", "2026-01-01", json!({"given_name": "Jane"})),
                ("crm", "2026-01-02", json!({"given_name": "J.", "family_name": "Doe"})),
                ("crm", "2026-01-02", name("J.")),
            ]),
            jane_doe.clone(),
        ),
    ];
    check(&table);
}

#[test]
fn names_are_shown_as_given() {
    let jane_doe = json!({"name": "Jane Doe", "given_name": "Jane", "family_name": "Doe"});
    let table = [
        (
            "placeholders never survive",
            contacts(&[
                ("web", "2020-01-01", jane("Doe")),
                ("crm", "2026-01-01", name("Unknown Caller")),
                ("crm", "2026-01-02", name("test test")),
            ]),
            jane_doe.clone(),
        ),
        ("nothing but a placeholder is no name", contacts(&[("crm", "2026-01-01", name("unknown"))]), json!({})),
        (
            "a name given apart and in mixed case is the better spelling",
            contacts(&[
                ("shop", "2026-01-01", jane("Doe")),
                ("shop", "2026-01-02", json!({"given_name": "JANE", "family_name": "DOE"})),
                ("shop", "2026-01-03", name("Jane  Doe")),
            ]),
            jane_doe,
        ),
        ("a full name stays as given", contacts(&[("shop", "2026-01-03", name("Jane  Q. Doe"))]), name("Jane Q. Doe")),
        (
            "the full name beside its parts is the one to display",
            contacts(&[(
                "shop",
                "2026-01-03",
                json!({"name": "Jane Q. Doe", "given_name": "Jane", "family_name": "Doe"}),
            )]),
            json!({"name": "Jane Q. Doe", "given_name": "Jane", "family_name": "Doe"}),
        ),
        (
            "a full name that tells another person than its parts is not shown",
            contacts(&[(
                "shop",
                "2026-01-03",
                json!({"name": "John Roe", "given_name": "Jane", "family_name": "Doe"}),
            )]),
            json!({"name": "Jane Doe", "given_name": "Jane", "family_name": "Doe"}),
        ),
        (
            "nor one that tells less",
            contacts(&[("shop", "2026-01-03", json!({"name": "J. Doe", "given_name": "Jane", "family_name": "Doe"}))]),
            json!({"name": "Jane Doe", "given_name": "Jane", "family_name": "Doe"}),
        ),
        (
            "a part that stands for a missing one is not shown",
            contacts(&[("shop", "2026-01-03", json!({"given_name": "Unknown", "family_name": "Doe"}))]),
            json!({"name": "Doe", "family_name": "Doe"}),
        ),
        (
            "any script",
            contacts(&[("shop", "2026-01-03", json!({"name": "王小明", "given_name": "小明", "family_name": "王"}))]),
            json!({"name": "王小明", "given_name": "小明", "family_name": "王"}),
        ),
        (
            "a given name never meets another record's family name",
            contacts(&[
                ("shop", "2026-01-01", json!({"given_name": "Jane"})),
                ("shop", "2026-01-03", json!({"family_name": "Smith"})),
            ]),
            json!({"name": "Smith", "family_name": "Smith"}),
        ),
    ];
    check(&table);
}

#[test]
fn identifiers() {
    let table = [
        (
            "verified, then observed, then claimed, whatever their age",
            events(&[
                ("shop", "web_form", "2026-03-01", json!({"emails": ["claimed@x.org"]}), json!({})),
                ("shop", "email", "2026-02-01", json!({"emails": ["observed@x.org"]}), json!({})),
                (
                    "shop",
                    "web_form",
                    "2020-01-01",
                    json!({"emails": [{"value": "proved@x.org", "assurance": "verified"}]}),
                    json!({}),
                ),
            ]),
            json!({"emails": [
                {"value": "proved@x.org", "assurance": "verified"},
                {"value": "observed@x.org", "assurance": "observed"},
                {"value": "claimed@x.org", "assurance": "claimed"},
            ]}),
        ),
        (
            "of equally strong ones the most recent, then by value; roles last",
            contacts(&[
                ("shop", "2026-01-03", json!({"emails": ["info@x.org"]})),
                ("shop", "2026-01-01", json!({"emails": ["old@x.org"]})),
                ("shop", "2026-01-02", json!({"emails": ["b@x.org", "a@x.org"]})),
            ]),
            json!({"emails": [
                {"value": "a@x.org", "assurance": "observed"},
                {"value": "b@x.org", "assurance": "observed"},
                {"value": "old@x.org", "assurance": "observed"},
                {"value": "info@x.org", "assurance": "observed"},
            ]}),
        ),
        (
            "spellings of one mailbox are one, as strong as the strongest, spelt as that one",
            events(&[
                ("shop", "email", "2026-01-01", json!({"emails": ["Jane.Doe@Example.com"]}), json!({})),
                ("shop", "web_form", "2026-02-01", json!({"emails": ["jane.doe@example.com"]}), json!({})),
            ]),
            json!({"emails": [{"value": "Jane.Doe@Example.com", "assurance": "observed"}]}),
        ),
        (
            "what is unusable is not listed",
            contacts(&[(
                "shop",
                "2026-01-01",
                json!({"emails": ["nonsense", "test@test.com"], "phones": ["00000000"]}),
            )]),
            json!({}),
        ),
        (
            "numbers in E.164, with their extensions apart",
            contacts(&[(
                "shop",
                "2026-01-01",
                json!({"phones": [{"value": "020 7946 0958", "region": "GB"}, "+44 20 7946 0958 ext. 12"]}),
            )]),
            json!({"phones": [
                {"value": "+442079460958", "assurance": "observed"},
                {"value": "+442079460958", "extension": "12", "assurance": "observed"},
            ]}),
        ),
        (
            "accounts and ids",
            contacts(&[(
                "shop",
                "2026-01-01",
                json!({"handles": [{"network": "Instagram", "value": "@JaneDoe"}, {"network": "instagram", "value": "janedoe"}],
                    "external_ids": [{"namespace": "shop", "value": "B7"}, {"namespace": "crm", "value": "B7"}]}),
            )]),
            json!({"handles": [{"network": "instagram", "value": "janedoe", "assurance": "observed"}],
            "external_ids": [
                {"namespace": "crm", "value": "B7", "assurance": "observed"},
                {"namespace": "shop", "value": "B7", "assurance": "observed"},
            ]}),
        ),
    ];
    check(&table);
}

#[test]
fn plain_attributes() {
    let (old, new) =
        (json!({"street_address": "1 High Street", "locality": "York", "postal_code": "YO1 7HH"}), "2 Low Road");
    let table = [
        (
            "company, job title, language and attributes: the most recent that says something",
            contacts(&[
                ("shop", "2026-01-01", json!({"company": "Acme", "job_title": "Clerk", "language": "en-GB"})),
                ("shop", "2026-02-01", json!({"company": "Ajax", "attributes": {"size": "M", "seats": 2}})),
                ("web", "2026-03-01", json!({"company": "n/a", "attributes": {"size": null}})),
            ]),
            json!({"company": "Ajax", "job_title": "Clerk", "language": "en-GB", "attributes": {"size": "M", "seats": 2}}),
        ),
        (
            "birth date: the most frequent, and a date before what is none",
            contacts(&[
                ("shop", "2026-01-01", json!({"birth_date": "1990-01-02"})),
                ("shop", "2026-02-01", json!({"birth_date": "1990-01-02"})),
                ("shop", "2026-03-01", json!({"birth_date": "1990-02-01"})),
                ("shop", "2026-03-02", json!({"birth_date": "1990-13-45"})),
                ("shop", "2026-03-03", json!({"birth_date": "1990-13-45"})),
                ("shop", "2026-03-04", json!({"birth_date": "1990-13-45"})),
            ]),
            json!({"birth_date": "1990-01-02"}),
        ),
        (
            "addresses: distinct by normal form, the most recent first",
            contacts(&[
                ("shop", "2026-01-01", json!({"addresses": [old]})),
                ("shop", "2026-02-01", json!({"addresses": [{"street_address": new}]})),
                (
                    "shop",
                    "2025-02-01",
                    json!({"addresses": [{"street_address": "1 HIGH STREET", "locality": "york", "postal_code": "yo17hh"}]}),
                ),
            ]),
            json!({"addresses": [{"street_address": new}, old]}),
        ),
    ];
    check(&table);
}

#[test]
fn traits_and_consent() {
    let nobody = json!({});
    let row = |source, day, further| (source, "chat", day, nobody.clone(), further);
    let table = [
        (
            "the latest value of each trait",
            events(&[
                row("shop", "2026-02-01", json!({"traits": {"plan": "gold"}})),
                row("crm", "2026-01-01", json!({"traits": {"plan": "free", "seats": 3}})),
            ]),
            json!({"traits": {"plan": "gold", "seats": 3}}),
        ),
        (
            "the latest word on consent",
            events(&[
                row("shop", "2026-01-01", json!({"consent": {"email": "withdrawn"}})),
                row("web", "2026-02-01", json!({"consent": {"email": "granted"}})),
            ]),
            json!({"consent": {"email": "granted"}}),
        ),
        (
            "at the same instant a withdrawal wins, whoever sent it",
            events(&[
                row("web", "2026-01-01", json!({"consent": {"email": "withdrawn", "sms": "granted"}})),
                row("zendesk", "2026-01-01", json!({"consent": {"email": "granted", "sms": "withdrawn"}})),
            ]),
            json!({"consent": {"email": "withdrawn", "sms": "withdrawn"}}),
        ),
    ];
    check(&table);
}

#[test]
fn a_losing_value_is_an_alternative_with_its_provenance() {
    let events = contacts(&[
        ("shop", "2026-01-01", jane("Doe")),
        ("crm", "2026-01-02", jane("Smith")),
        ("shop", "2026-01-03", jane("Doe")),
        ("shop", "2026-01-04", json!({"given_name": "Jane", "family_name": "Smith", "company": "Acme"})),
    ]);
    let stored = stored(&events);
    let golden = serde_json::to_value(golden(&events)).unwrap();
    assert_eq!(
        golden["provenance"]["/family_name"],
        json!({"record_id": stored[1].0.id, "source": "crm", "first_at": "2026-01-02T12:00:00Z",
            "last_at": "2026-01-04T12:00:00Z", "count": 2, "rule": "most_frequent"})
    );
    assert_eq!(golden["provenance"]["/given_name"]["count"], 4);
    assert_eq!(golden["provenance"]["/company"]["rule"], "most_recent");
    let lost = json!({"record_id": stored[0].0.id, "source": "shop", "first_at": "2026-01-01T12:00:00Z",
        "last_at": "2026-01-03T12:00:00Z", "count": 2, "rule": "most_frequent"});
    assert_eq!(
        golden["alternatives"],
        json!({"/family_name": [{"value": "Doe", "provenance": lost}], "/name": [{"value": "Jane Doe", "provenance": lost}]})
    );
}

#[test]
fn a_view_shows_what_is_asked_for() {
    let golden = golden(&contacts(&[("shop", "2026-01-01", jane("Doe")), ("crm", "2026-01-02", jane("Smith"))]));
    let (bare, backing) = golden.clone().apart();
    let both = Include { provenance: true, alternatives: true };
    assert_eq!(bare.clone().with(backing.clone(), both), golden);
    assert_eq!(bare.clone().with(backing, Include::default()), bare);
    assert!(bare.provenance.is_empty() && bare.alternatives.is_empty());
    assert_eq!(bare.name.as_deref(), Some("Jane Smith"));
    let text = serde_json::to_string(&golden).unwrap();
    assert_eq!(serde_json::from_str::<GoldenRecord>(&text).unwrap(), golden);
}

#[test]
fn every_value_has_a_provenance() {
    let events = events(&[(
        "shop",
        "crm",
        "2026-01-01",
        json!({"given_name": "Jane", "family_name": "Doe", "emails": ["a@x.org", "b@x.org"],
            "attributes": {"a/b": 1}, "birth_date": "1990-01-02"}),
        json!({"traits": {"plan": "gold"}, "consent": {"email": "granted"}}),
    )]);
    let golden = golden(&events);
    let plain = serde_json::to_value(&golden).unwrap();
    assert_eq!(golden.provenance.len(), 9);
    for pointer in golden.provenance.keys() {
        assert!(plain.pointer(pointer).is_some(), "{pointer}");
    }
}

#[test]
fn nothing_observed_is_nothing_known() {
    assert_eq!(golden(&[]), GoldenRecord::default());
    let (record, _) = stored(&contacts(&[("shop", "2026-01-01", jane("Doe"))])).remove(0);
    let statement = &Statement::of(&record.contact);
    let member = Member { record: record.id, contact: &record.contact, statement, observations: &[] };
    assert_eq!(survive(&[member], &Choices::new(), &sources(), &Policy::default()), GoldenRecord::default());
}

#[test]
fn the_policy_is_a_table_of_the_model_file() {
    let policy: Policy = toml::from_str("names = \"most_recent\"\nrecent_days = 30").unwrap();
    assert_eq!(policy.recent_days, 30);
    assert_eq!(policy.birth_date, Policy::default().birth_date);
    assert!(toml::from_str::<Policy>("name = \"most_recent\"").is_err());
    let events = contacts(&[
        ("crm", "2026-01-01", jane("Doe")),
        ("crm", "2026-01-02", jane("Doe")),
        ("web", "2026-01-03", jane("Roe")),
    ]);
    assert_eq!(golden_with(&events, &sources(), &policy).family_name.as_deref(), Some("Roe"));
}

/// A few values of everything, so that doubles and ties are frequent.
fn any_event() -> impl Strategy<Value = Event> {
    let contact = (
        prop::sample::select(vec![None, Some("Jane"), Some("JANE"), Some("J."), Some("Joan"), Some("unknown")]),
        prop::sample::select(vec![None, Some("Doe"), Some("doe"), Some("Smith")]),
        prop::sample::subsequence(vec!["a@x.org", "A@x.org", "b@gmail.com", "b+c@gmail.com", "info@x.org", "no"], 0..4),
        prop::sample::select(vec![None, Some("1990-01-02"), Some("2.1.1990"), Some("1991-01-02"), Some("1990-13-45")]),
        prop::sample::select(vec![None, Some("Acme"), Some("ACME"), Some("Ajax")]),
        prop::sample::subsequence(vec!["1 High Street", "1 high st", "2 Low Road"], 0..3),
    );
    let event = (
        prop::sample::select(vec!["crm", "web", "shop", "zendesk"]),
        prop::sample::select(vec!["email", "web_form", "crm"]),
        prop::sample::select(vec!["2024-01-01", "2025-06-01", "2026-01-01", "2026-01-02"]),
        prop::sample::select(vec![json!({}), json!({"plan": "gold"}), json!({"plan": "free", "seats": 1.5})]),
        prop::sample::select(vec![json!({}), json!({"email": "granted"}), json!({"email": "withdrawn"})]),
    );
    (contact, event).prop_map(
        |((given, family, emails, born, company, streets), (source, channel, day, traits, consent))| {
            let addresses: Vec<_> = streets.iter().map(|street| json!({"street_address": street})).collect();
            let contact = json!({"given_name": given, "family_name": family, "emails": emails, "birth_date": born,
            "company": company, "addresses": addresses});
            events(&[(source, channel, day, contact, json!({"traits": traits, "consent": consent}))]).remove(0)
        },
    )
}

/// The same events in two orders, each with an id of its own.
fn two_orders() -> impl Strategy<Value = (Vec<Event>, Vec<Event>)> {
    prop::collection::vec(any_event(), 0..14).prop_flat_map(|mut events| {
        for (number, event) in events.iter_mut().enumerate() {
            event.source_event_id = number.to_string();
        }
        (Just(events.clone()), Just(events).prop_shuffle())
    })
}

proptest! {
    /// Order of events (so of absorbing), of members and of observations: none of them matters, to the byte.
    #[test]
    fn order_does_not_matter((events, shuffled) in two_orders()) {
        let text = |events: &[Event]| serde_json::to_string(&golden(events)).unwrap();
        prop_assert_eq!(text(&events), text(&shuffled));
    }

    #[test]
    fn a_name_is_of_one_record((events, _) in two_orders()) {
        let golden = golden(&events);
        let same = |event: &Event| {
            event.contact.given_name == golden.given_name && event.contact.family_name == golden.family_name
        };
        let only_part = golden.given_name.is_none() || golden.family_name.is_none();
        prop_assert!(only_part || events.iter().any(same), "{:?} {:?}", golden.given_name, golden.family_name);
    }
}

/// Events, what is chosen, the golden record with `chosen` left out, and the values that lost.
type Chosen = (&'static str, Vec<Event>, Value, Value, Value);

#[test]
fn what_a_steward_chose_comes_before_all_that_records_give() {
    let both = || contacts(&[("shop", "2026-01-01", jane("Doe")), ("shop", "2026-01-02", jane("Roe"))]);
    let reached = |at: Value| contacts(&[("shop", "2026-01-01", at.clone()), ("shop", "2026-01-02", at)]);
    let table: [Chosen; 7] = [
        (
            "a name with the parts that records give beside it",
            both(),
            json!({"/name": "Jane Doe"}),
            json!({"name": "Jane Doe", "given_name": "Jane", "family_name": "Doe"}),
            json!({"/name": ["Jane Roe"], "/family_name": ["Roe"]}),
        ),
        (
            "a name that no record gives",
            both(),
            json!({"/name": "Jane Poe"}),
            json!({"name": "Jane Poe"}),
            json!({"/name": ["Jane Roe", "Jane Doe"]}),
        ),
        (
            "a part of the name",
            both(),
            json!({"/family_name": "Poe"}),
            json!({"name": "Jane Roe", "given_name": "Jane", "family_name": "Poe"}),
            json!({"/name": ["Jane Doe"], "/family_name": ["Roe", "Doe"]}),
        ),
        (
            "a mailbox in any spelling, and one that is not theirs",
            reached(
                json!({"emails": ["a@example.com", "b@example.com"], "phones": ["+442079460958", "+442079460101"]}),
            ),
            json!({"/emails/0": "B@EXAMPLE.com", "/phones/0": "+442079460777"}),
            json!({"emails": [
                {"value": "b@example.com", "assurance": "observed"},
                {"value": "a@example.com", "assurance": "observed"}],
                "phones": [
                {"value": "+442079460101", "assurance": "observed"},
                {"value": "+442079460958", "assurance": "observed"}]}),
            json!({}),
        ),
        (
            "a number",
            reached(json!({"phones": ["+442079460958", "+442079460101"]})),
            json!({"/phones/0": "+44 20 7946 0958"}),
            json!({"phones": [
                {"value": "+442079460958", "assurance": "observed"},
                {"value": "+442079460101", "assurance": "observed"}]}),
            json!({}),
        ),
        (
            "an address that is theirs and moves ahead",
            reached(json!({"addresses": [{"street_address": "1 Mill Lane"}, {"street_address": "7 Quay"}]})),
            json!({"/addresses/0": {"street_address": "7 quay"}}),
            json!({"addresses": [{"street_address": "7 quay"}, {"street_address": "1 Mill Lane"}]}),
            json!({}),
        ),
        (
            "plain attributes, known and new",
            contacts(&[("shop", "2026-01-01", json!({"company": "Acme", "attributes": {"size": 1}}))]),
            json!({"/company": "Bolt", "/birth_date": "1990-01-02", "/attributes/size": 1, "/attributes/a~1b": "c"}),
            json!({"company": "Bolt", "birth_date": "1990-01-02", "attributes": {"size": 1, "a/b": "c"}}),
            json!({"/company": ["Acme"]}),
        ),
    ];
    for (scenario, events, chosen, expected, lost) in table {
        let id = JudgementId::from_uuid(uuid::Uuid::from_u128(7));
        let chosen = chosen.as_object().unwrap().iter();
        let choices: Choices = chosen.map(|(pointer, value)| (pointer.clone(), (id, value.clone()))).collect();
        let golden = serde_json::to_value(golden_given(&events, &choices, &sources(), &Policy::default())).unwrap();
        let mut told = golden.clone();
        for part in ["chosen", "provenance", "alternatives"] {
            told.as_object_mut().unwrap().remove(part);
        }
        assert_eq!(told, expected, "{scenario}");
        let kept = golden["chosen"].as_object().cloned().unwrap_or_default();
        for pointer in choices.keys().filter(|pointer| !(scenario.contains("not theirs") && *pointer == "/phones/0")) {
            assert_eq!(kept.get(pointer), Some(&json!(id)), "{scenario} {pointer}");
            let by_hand = json!({"judgement_id": id, "rule": "by_hand"});
            assert_eq!(golden["provenance"][pointer], by_hand, "{scenario} {pointer}");
        }
        let empty = serde_json::Map::new();
        let values = |of: &Value| of.as_array().unwrap().iter().map(|it| it["value"].clone()).collect::<Vec<_>>();
        let alternatives = golden["alternatives"].as_object().unwrap_or(&empty).iter();
        let alternatives: Value = alternatives
            .map(|(pointer, lost)| (pointer.clone(), json!(values(lost))))
            .collect::<serde_json::Map<_, _>>()
            .into();
        assert_eq!(alternatives, lost, "{scenario}");
    }
}
