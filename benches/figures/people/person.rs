//! Somebody who does not exist. The same number is the same person.

use super::{
    super::dice::Dice,
    phones::{self, Number},
    words::{FAMILY_BEGINS, FAMILY_ENDS, FAMILY_MIDDLES, GIVEN, MAIL_DOMAINS, STREETS, TOWN_BEGINS, TOWN_ENDS},
};
use serde_json::{Value, json};

/// What is true of somebody, before anybody writes it down.
#[derive(Clone, Debug)]
pub struct Person {
    /// Counts people.
    pub number: u64,
    pub given: String,
    pub family: String,
    /// One to three mailboxes.
    pub emails: Vec<String>,
    /// One or two telephones.
    pub phones: Vec<Number>,
    /// Account name on social networks.
    pub account: String,
    pub birth_date: String,
    pub address: Value,
}

/// So many people in a row may be one office.
const OFFICE: u64 = 14;

impl Person {
    /// The person of this number.
    pub fn number(number: u64) -> Self {
        let mut dice = Dice::of("person", number);
        // What a household has in common is drawn from the household's dice.
        let mut home = home(number);
        let family = family(&mut home);
        let country = phones::country(&mut home);
        let address = address(country, &mut home);
        let given = dice.pick_skewed(GIVEN).to_owned();
        let born = 1940 + dice.below(66);
        let emails = emails(&given, &family, born, &mut dice);
        let phones = telephones(number, country, &mut home, &mut dice);
        let account = format!("{}{}{}", given.to_lowercase(), separator(&mut dice), dice.digits(5));
        let birth_date = format!("{born}-{:02}-{:02}", 1 + dice.below(12), 1 + dice.below(28));
        Self { number, given, family, emails, phones, account, birth_date, address }
    }

    /// An id in another system: `kind` is what it begins with.
    pub fn id(&self, kind: &str) -> String {
        format!("{kind}-{:07}", self.number)
    }
}

/// One pair of neighbours in twenty, by number, lives together.
fn home(number: u64) -> Dice {
    let together = Dice::of("household", number / 2).per_mille(50);
    if together { Dice::of("together", number / 2) } else { Dice::of("alone", number) }
}

fn family(dice: &mut Dice) -> String {
    let middle = dice.pick(FAMILY_MIDDLES);
    format!("{}{middle}{}", dice.pick_skewed(FAMILY_BEGINS), dice.pick_skewed(FAMILY_ENDS))
}

fn address(country: usize, dice: &mut Dice) -> Value {
    let town = format!("{}{}", dice.pick(TOWN_BEGINS), dice.pick(TOWN_ENDS));
    let street = format!("{} {} Street", 1 + dice.below(200), dice.pick(STREETS));
    json!({"street_address": street, "locality": town, "postal_code": dice.digits(5),
        "country": phones::region(country)})
}

fn emails(given: &str, family: &str, born: u64, dice: &mut Dice) -> Vec<String> {
    let count = 1 + dice.weighted([50, 35, 15].into_iter());
    (0..count).map(|_| email(&given.to_lowercase(), &family.to_lowercase(), born, dice)).collect()
}

fn email(given: &str, family: &str, born: u64, dice: &mut Dice) -> String {
    let domain = MAIL_DOMAINS[dice.weighted(MAIL_DOMAINS.iter().map(|(_, weight)| *weight))].0;
    let number = match dice.below(10) {
        0..2 => String::new(),
        2..5 => born.to_string(),
        5..8 => dice.digits(2),
        _ => dice.digits(4),
    };
    let between = separator(dice);
    match dice.below(5) {
        0 => format!("{family}{between}{given}{number}@{domain}"),
        1 => format!("{}{family}{number}@{domain}", &given[..1]),
        _ => format!("{given}{between}{family}{number}@{domain}"),
    }
}

fn separator(dice: &mut Dice) -> &'static str {
    dice.pick(&[".", "_", "", ""])
}

/// One in five has two telephones; at work that is the switchboard's.
fn telephones(number: u64, country: usize, home: &mut Dice, dice: &mut Dice) -> Vec<Number> {
    let shared = Number::of(country, home);
    let office = Dice::of("office", number / OFFICE).per_mille(20);
    let second = dice.per_mille(200).then(|| Number::of(country, dice));
    let switchboard = office.then(|| Number::of(0, &mut Dice::of("switchboard", number / OFFICE)));
    [Some(shared), switchboard.or(second)].into_iter().flatten().collect()
}
