//! The pure functions, for whoever works on them: `cargo bench --bench core`.

#![allow(clippy::expect_used, reason = "a benchmark that cannot go on fails")]

use divan::{Bencher, black_box};
use onefold::domain::{
    blocking::{IdentifierKeys, keys},
    contact::{Assurance, Contact},
    keyed_hash::IdKey,
    model::Model,
    normalize::{email, form, name, phone},
    resolution::Prepared,
    score::score,
};
use serde_json::{from_value, json};

const KEY: IdKey = IdKey::new([7; 32]);

fn main() {
    divan::main();
}

/// Two mailboxes, two numbers, a name and an address.
fn jane() -> Contact {
    from_value(json!({"given_name": "Jane", "family_name": "Featherstone",
        "emails": ["jane.featherstone@example.com", "jfeather84@example.org"],
        "phones": [{"value": "020 7946 0958", "region": "GB"}, {"value": "+44 7911 123456"}],
        "addresses": [{"street_address": "12 Station Street", "locality": "Northford", "postal_code": "NF1 2AB"}]}))
    .expect("a contact")
}

/// The same, in another spelling.
fn jayne() -> Contact {
    from_value(json!({"name": "Fetherstone, Jayne", "phones": [{"value": "020 7946 0959", "region": "GB"}],
        "emails": ["jane.fetherstone@example.com"], "addresses": [{"locality": "Northford"}]}))
    .expect("a contact")
}

/// Nothing in common.
fn tobias() -> Contact {
    from_value(
        json!({"name": "Tobias Lindberg", "emails": ["tlind@example.net"], "phones": [{"value": "+49 30 771234"}]}),
    )
    .expect("a contact")
}

#[divan::bench]
fn email_of_a_contact() -> bool {
    email::normalize(black_box("Jane.Featherstone+news@Example.com"), Assurance::Observed).is_ok()
}

#[divan::bench(args = ["+44 20 7946 0958", "020 7946 0958", "020 7946 095"])]
fn phone_of_a_contact(value: &str) -> bool {
    phone::normalize(black_box(value), Some("GB"), Assurance::Observed).is_ok()
}

#[divan::bench]
fn name_of_a_contact(bencher: Bencher<'_, '_>) {
    let contact = jane();
    bencher.bench(|| name::normalize(black_box(&contact)));
}

#[divan::bench]
fn normal_form(bencher: Bencher<'_, '_>) {
    let contact = jane();
    bencher.bench(|| form::normalize(black_box(&contact)));
}

/// A number that no plan knows is read in every way in which it may have been mistyped.
#[divan::bench]
fn normal_form_with_a_mistyped_number(bencher: Bencher<'_, '_>) {
    let mut contact = jane();
    for phone in &mut contact.phones {
        phone.value.pop();
    }
    bencher.bench(|| form::normalize(black_box(&contact)));
}

#[divan::bench]
fn blocking_keys(bencher: Bencher<'_, '_>) {
    let form = form::normalize(&jane()).0;
    bencher.bench(|| keys(black_box(&form), &IdentifierKeys::of(&form, &KEY), &KEY));
}

#[divan::bench]
fn everything_before_a_comparison(bencher: Bencher<'_, '_>) {
    let contact = jane();
    bencher.bench(|| Prepared::of(black_box(&contact), &KEY));
}

#[divan::bench]
fn comparison_of_one_person(bencher: Bencher<'_, '_>) {
    compare(bencher, &jane(), &jayne());
}

#[divan::bench]
fn comparison_of_strangers(bencher: Bencher<'_, '_>) {
    compare(bencher, &jane(), &tobias());
}

fn compare(bencher: Bencher<'_, '_>, a: &Contact, b: &Contact) {
    let model = Model::default_model().expect("the built-in model");
    let [a, b] = [a, b].map(|contact| Prepared::of(contact, &KEY).node);
    bencher.bench(|| score(black_box(&a.features), black_box(&b.features), &model));
}
