//! `compare` and `normalise`: what one contact costs before any database is asked.

use super::{
    figure::{Bar, Figure},
    setting::Setting,
    stats::{median, number},
};
use onefold::domain::{contact::Contact, keyed_hash::IdKey, model::Model, resolution::Prepared, score::score};
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use serde_json::{Value, from_value, json};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// How often the measured is done in a round at full scale.
const TIMES: u32 = 50_000;
/// After so many times it is the other's turn.
const TURN: usize = 100;
/// Two texts of 22 letters, a few edits apart.
const TEXTS: [&str; 2] = ["johanna.feldmann.north", "johana.feldmannn.south"];
const PHONES: [(&str, &str); 2] = [("030 901820", "DE"), ("+49 151 23456789", "DE")];

/// Nanoseconds of a comparison of two prepared contacts, beside an edit distance of two texts of 22 letters. Of two
/// pairs, one person written in two ways and two people of one town, the slower one counts.
pub fn compare(setting: Setting) -> Vec<Figure> {
    let model = Model::default_model().expect("the built-in model").for_size(1 << 20);
    let [jane, other_spelling, neighbour] = contacts().map(|contact| prepare(&contact));
    let osa = || {
        let [a, b] = TEXTS.map(black_box);
        black_box(strsim::osa_distance(a, b));
    };
    let of_pair = |other: &Prepared| {
        let scored = || {
            black_box(score(black_box(&jane.node.features), black_box(&other.node.features), &model));
        };
        in_turns(setting, osa, scored)
    };
    let pairs = [of_pair(&other_spelling), of_pair(&neighbour)];
    eprintln!("compare: one person {:.0} ns, neighbours {:.0} ns", pairs[0].1, pairs[1].1);
    let (floor, value) = if pairs[0].1 >= pairs[1].1 { pairs[0] } else { pairs[1] };
    vec![figure("compare", value, floor, 12.0)]
}

/// Nanoseconds of reading a contact, normal form and blocking keys, beside what the phone library takes to parse its
/// two numbers and to say whether they are valid.
pub fn normalise(setting: Setting) -> Vec<Figure> {
    let [contact, ..] = contacts();
    let parse = || {
        for (text, region) in PHONES.map(black_box) {
            let number = PHONE_NUMBER_UTIL.parse(text, Region::from_code(region).ok()).expect("a number");
            black_box(number.is_valid());
        }
    };
    let prepared = || {
        black_box(prepare(black_box(&contact)));
    };
    let (floor, value) = in_turns(setting, parse, prepared);
    vec![figure("normalise", value, floor, 3.0)]
}

fn figure(name: &str, value: f64, floor: f64, bar: f64) -> Figure {
    Figure { name: name.to_owned(), value, unit: "ns", floor: Some(floor), bar: Bar::AtMost(bar) }
}

/// The medians of both, in nanoseconds. They take turns within a round, too, so that what else the machine does slows down both.
fn in_turns(setting: Setting, floor: impl Fn(), ours: impl Fn()) -> (f64, f64) {
    let turns = setting.count(TIMES).div_ceil(TURN);
    let (mut floors, mut all) = (Vec::new(), Vec::new());
    for _ in 0..setting.rounds {
        let (mut of_floor, mut of_ours) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..turns {
            of_floor += turn(&floor);
            of_ours += turn(&ours);
        }
        let each = |time: Duration| time.as_secs_f64() * 1e9 / number(turns * TURN);
        floors.push(each(of_floor));
        all.push(each(of_ours));
    }
    (median(&floors), median(&all))
}

fn turn(work: impl Fn()) -> Duration {
    let started = Instant::now();
    for _ in 0..TURN {
        work();
    }
    started.elapsed()
}

fn prepare(contact: &Contact) -> Prepared {
    Prepared::of(contact, &IdKey::new([7; 32]))
}

/// Two mailboxes, two numbers, name and address: somebody, the same in another spelling, and a neighbour.
fn contacts() -> [Contact; 3] {
    let phones = PHONES.map(|(value, region)| json!({"value": value, "region": region}));
    [
        contact(json!({"given_name": "Johanna", "family_name": "Feldmann", "phones": phones,
            "emails": ["johanna.feldmann@example.com", "jo.feldmann84@example.org"],
            "addresses": [{"street_address": "12 Station Street", "locality": "Northford", "postal_code": "10115"}]})),
        contact(
            json!({"name": "Feldman, Johana", "phones": [{"value": "+49 30 901821"}, {"value": "+49 151 23456780"}],
            "emails": ["johana.feldmann@example.com", "feldmann.jo84@example.net"],
            "addresses": [{"street_address": "Station St 12", "locality": "Northford", "postal_code": "10117"}]}),
        ),
        contact(json!({"given_name": "Tobias", "family_name": "Lindberg", "phones": [{"value": "+49 30 771234"},
            {"value": "+49 160 98765432"}], "emails": ["tobias.lindberg@example.com", "t.lindberg71@example.org"],
            "addresses": [{"street_address": "3 Mill Street", "locality": "Northford", "postal_code": "10115"}]})),
    ]
}

fn contact(value: Value) -> Contact {
    from_value(value).expect("a contact")
}
