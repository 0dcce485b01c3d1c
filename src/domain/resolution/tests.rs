//! Small worlds: a few contacts, and who of them is one person.

use super::{Prepared, resolve_all};
use crate::domain::{
    contact::Event,
    keyed_hash::IdKey,
    model::Model,
    record::{Record, fill},
    score::score,
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The people among contacts, each as the positions of their contacts; and the positions that stay apart as ambiguous.
fn people(contacts: &[(&str, Value)]) -> (BTreeSet<Vec<usize>>, Vec<usize>) {
    people_with(contacts, &BTreeSet::new())
}

fn people_with(contacts: &[(&str, Value)], unique: &BTreeSet<String>) -> (BTreeSet<Vec<usize>>, Vec<usize>) {
    let (id_key, model) = (IdKey::new([3; 32]), Model::default_model().unwrap());
    let prepare = |(channel, contact): &(&str, Value)| {
        let event: Event = serde_json::from_value(json!({"source": "s", "source_event_id": "1", "channel": channel,
            "occurred_at": "2026-01-01T00:00:00Z", "contact": contact}))
        .unwrap();
        Prepared::of(&Record::of(&fill(&event, None), &id_key).contact, &id_key)
    };
    // Equal normal forms are one node.
    let mut nodes: BTreeMap<_, (Prepared, Vec<usize>)> = BTreeMap::new();
    for (position, contact) in contacts.iter().enumerate() {
        let prepared = prepare(contact);
        nodes.entry(prepared.node.id).or_insert_with(|| (prepared, Vec::new())).1.push(position);
    }
    let nodes: Vec<(Prepared, Vec<usize>)> = nodes.into_values().collect();
    let prepared: Vec<&Prepared> = nodes.iter().map(|(prepared, _)| prepared).collect();
    let (mut people, mut ambiguous) = (BTreeSet::new(), Vec::new());
    for component in resolve_all(&prepared, &[], &model, unique).1 {
        for cluster in component.partition.clusters {
            let mut positions: Vec<usize> =
                cluster.nodes.iter().flat_map(|local| nodes[component.nodes[*local]].1.iter().copied()).collect();
            positions.sort_unstable();
            if cluster.ambiguous {
                ambiguous.extend(&positions);
            }
            people.insert(positions);
        }
    }
    (people, ambiguous)
}

fn groups(expected: &[&[usize]]) -> BTreeSet<Vec<usize>> {
    expected.iter().map(|group| group.to_vec()).collect()
}

const LINE: &str = "+442079460101";

#[test]
fn a_household_on_one_line_stays_three_people_and_a_nameless_call_is_nobodys() {
    let member = |name| ("order", json!({"name": name, "phones": [LINE]}));
    let world = [member("Ruth Pell"), member("Adam Pell"), member("Nora Pell"), ("phone", json!({"phones": [LINE]}))];
    let (people, ambiguous) = people(&world);
    assert_eq!(people, groups(&[&[0], &[1], &[2], &[3]]));
    assert_eq!(ambiguous, [3]);
}

#[test]
fn a_nameless_call_goes_to_the_one_who_has_the_line() {
    let world = [("order", json!({"name": "Ruth Pell", "phones": [LINE]})), ("phone", json!({"phones": [LINE]}))];
    assert_eq!(people(&world).0, groups(&[&[0, 1]]));
}

#[test]
fn a_nameless_contact_with_two_identifiers_bridges_profiles_whose_names_agree() {
    let world = [
        ("order", json!({"name": "Ruth Pell", "phones": [LINE]})),
        ("email", json!({"name": "Ruth Pell", "emails": ["rp1961@example.com"]})),
        ("crm", json!({"phones": [LINE], "emails": ["rp1961@example.com"]})),
    ];
    assert_eq!(people(&world[..2]).0, groups(&[&[0], &[1]]));
    assert_eq!(people(&world).0, groups(&[&[0, 1, 2]]));
}

#[test]
fn a_married_name_stays_one_person_and_namesakes_stay_two() {
    let married = [
        ("email", json!({"name": "Ruth Pell", "emails": ["rp1961@example.com"]})),
        ("email", json!({"name": "Ruth Ashgrove", "emails": ["rp1961@example.com"]})),
    ];
    assert_eq!(people(&married).0, groups(&[&[0, 1]]));
    let namesakes = [
        ("crm", json!({"name": "Ruth Pell", "emails": ["ruthp@example.com"], "birth_date": "1961-03-04"})),
        ("crm", json!({"name": "Ruth Pell", "emails": ["pell.r@example.org"], "birth_date": "1988-11-20"})),
    ];
    assert_eq!(people(&namesakes).0, groups(&[&[0], &[1]]));
}

#[test]
fn a_suffix_keeps_father_and_son_apart() {
    let address = json!([{"street_address": "4 Mill Lane", "postal_code": "AB1 2CD", "country": "GB"}]);
    let of = |name| ("order", json!({"name": name, "phones": [LINE], "addresses": address}));
    assert_eq!(people(&[of("Henry Okoro Sr"), of("Henry Okoro Jr")]).0, groups(&[&[0], &[1]]));
}

#[test]
fn names_alone_never_match_and_neither_do_names_with_addresses() {
    let address = json!([{"street_address": "4 Mill Lane", "locality": "Cray", "postal_code": "AB1 2CD"}]);
    let of =
        |extra: Value| ("web_form", json!({"name": "Ottoline Fairweather", "addresses": address, "company": extra}));
    assert_eq!(people(&[of("A".into()), of("B".into())]).0, groups(&[&[0], &[1]]));
}

#[test]
fn a_claim_places_a_thin_contact_but_joins_no_two_who_stand_without_it() {
    let ruth = ("email", json!({"name": "Ruth Pell", "emails": ["rp1961@example.com"]}));
    let device =
        ("app", json!({"external_ids": [{"namespace": "device", "value": "d-1"}], "emails": ["rp1961@example.com"]}));
    assert_eq!(people(&[ruth.clone(), device]).0, groups(&[&[0, 1]]));
    let established = (
        "chat",
        json!({"emails": ["rp1961@example.com"],
        "external_ids": [{"namespace": "device", "value": "d-1"}, {"namespace": "account", "value": "a-1"}]}),
    );
    assert_eq!(people(&[ruth, established]).0, groups(&[&[0], &[1]]));
}

#[test]
fn two_ids_of_which_a_person_has_one_keep_people_apart() {
    let of = |id| {
        (
            "crm",
            json!({"name": "Ruth Pell", "emails": ["rp1961@example.com"],
        "external_ids": [{"namespace": "crm", "value": id}]}),
        )
    };
    let unique = BTreeSet::from(["crm".to_owned()]);
    assert_eq!(people(&[of("1"), of("2")]).0, groups(&[&[0, 1]]));
    assert_eq!(people_with(&[of("1"), of("2")], &unique).0, groups(&[&[0], &[1]]));
}

#[test]
fn what_is_missing_weighs_nothing_and_comparisons_are_symmetric() {
    let model = Model::default_model().unwrap();
    let id_key = IdKey::new([3; 32]);
    let contact = |value: Value| Prepared::of(&serde_json::from_value(value).unwrap(), &id_key);
    let full = contact(json!({"name": "Ruth Pell", "emails": ["rp1961@example.com"], "birth_date": "1961-03-04"}));
    let thin = contact(json!({"phones": [LINE]}));
    let weigh = |a: &Prepared, b: &Prepared| score(&a.node.features, &b.node.features, &model);
    assert!((weigh(&full, &thin).weight - model.prior).abs() < f64::EPSILON);
    assert_eq!(weigh(&full, &thin), weigh(&thin, &full));
}

/// Contacts whose names are swapped, doubled, shortened and misspelt, and whose identifiers nearly agree.
fn contact() -> impl Strategy<Value = Value> {
    let words = ["bill", "william", "smith", "smyth", "garcia", "lopez", "b", "maria", "mariah", "arnold"];
    let name = || vec(select(words.to_vec()), 0..3).prop_map(|words| words.join(" "));
    let emails = vec(
        select(vec!["bill.smith@example.com", "garcia84@example.com", "gracia84@example.com", "info@example.org"]),
        0..3,
    );
    let dates = select(vec![None, Some("1961-03-04"), Some("1961-04-03"), Some("1961 03 4"), Some("1988-11-20")]);
    let streets = select(vec![None, Some("4 Mill Lane"), Some("4 Mill Ln"), Some("9 Mall Lane")]);
    (name(), name(), emails, dates, streets).prop_map(|(given, family, emails, date, street)| {
        let addresses: Vec<Value> = street.iter().map(|street| json!({"street_address": street})).collect();
        json!({"given_name": given, "family_name": family, "emails": emails, "birth_date": date, "addresses": addresses})
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scores_are_symmetric_for_contacts_and_for_wholes(contacts in vec(contact(), 2..5), cut in 1..4_usize) {
        let (id_key, model) = (IdKey::new([3; 32]), Model::default_model().unwrap());
        let whole = |part: &[Value]| {
            let mut features = crate::domain::compare::Features::default();
            for contact in part {
                let contact = serde_json::from_value(contact.clone()).unwrap();
                features.absorb(&Prepared::of(&contact, &id_key).node.features);
            }
            features
        };
        let (a, b) = contacts.split_at(cut.min(contacts.len() - 1));
        let (a, b) = (whole(a), whole(b));
        prop_assert_eq!(score(&a, &b, &model), score(&b, &a, &model));
    }
}
