//! Invented people, as many as you like: no name, mailbox, number, account or id of one is near one of another.

use serde_json::{Value, json};

const CONSONANTS: &[u8] = b"bdfgjklmnprstvwz";
const VOWELS: &[u8] = b"aeiou";
/// How many telephone numbers there are, and a factor that scrambles them.
const NUMBERS: u64 = 1_000_000;
const SCRAMBLE: u64 = 387_421;

/// Somebody who does not exist.
#[derive(Clone, Debug)]
pub struct Person {
    pub given: String,
    pub family: String,
    /// A private mailbox and one at work.
    pub emails: [String; 2],
    pub phone: String,
    /// An account of the shop's.
    pub account: Value,
    /// An account on a network.
    pub handle: Value,
}

impl Person {
    /// The same number is the same person.
    pub fn number(number: u32) -> Self {
        Self {
            given: capital(&word("given", number)),
            family: capital(&word("family", number)),
            emails: [mailbox("private", number), mailbox("work", number).replace(".com", ".org")],
            phone: phone(number),
            account: account("shop", number),
            handle: json!({"network": "instagram", "value": letters("handle", number)}),
        }
    }
}

/// A mailbox that says nothing of a name. Each `kind` has its own.
pub fn mailbox(kind: &str, number: u32) -> String {
    format!("{}@example.com", letters(kind, number))
}

/// An id in another system: `kind` is its namespace.
pub fn account(kind: &str, number: u32) -> Value {
    json!({"namespace": kind, "value": letters(kind, number)})
}

/// A number in a range that Britain gives to nobody (04). Its two last digits are check digits, so that no two numbers are
/// one edit apart.
pub fn phone(number: u32) -> String {
    let digits = format!("{:06}", (u64::from(number) + 1) * SCRAMBLE % NUMBERS);
    let check = digits.bytes().zip(1..).map(|(digit, place)| u32::from(digit - b'0') * place * place).sum::<u32>() % 97;
    format!("+4440{digits}{check:02}")
}

/// Twelve letters.
fn letters(kind: &str, number: u32) -> String {
    dice(kind, number)[..12].iter().map(|die| char::from(b'a' + die % 26)).collect()
}

/// Five syllables.
fn word(kind: &str, number: u32) -> String {
    let pick = |letters: &[u8], die: u8| char::from(letters[usize::from(die) % letters.len()]);
    dice(kind, number)[..10].chunks(2).flat_map(|dice| [pick(CONSONANTS, dice[0]), pick(VOWELS, dice[1])]).collect()
}

fn dice(kind: &str, number: u32) -> [u8; 32] {
    *blake3::hash(format!("{kind} {number}").as_bytes()).as_bytes()
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

#[test]
fn people_are_strangers_to_each_other() {
    let people: Vec<Person> = (0..300).map(Person::number).collect();
    for (place, a) in people.iter().enumerate() {
        for b in &people[..place] {
            for (x, y) in [(&a.phone, &b.phone), (&a.family, &b.family), (&a.emails[0], &b.emails[0])] {
                assert!(strsim::osa_distance(x, y) > 1, "{x} is next to {y}");
            }
        }
    }
}
