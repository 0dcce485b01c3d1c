//! Search keys: what a steward types leads to these, as keyed hashes like blocking keys.

use super::{compare::Features, keyed_hash::IdKey, normalize::text::fold};
use std::{collections::BTreeSet, ops::RangeInclusive};

/// A prefix shorter than this finds too much.
pub const SHORTEST_PREFIX: usize = 3;
/// So many last digits of a number are enough.
pub const SHORTEST_NUMBER: usize = 4;

/// What somebody searches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Term {
    /// A mailbox, in full.
    Email(String),
    /// The last digits of a telephone number.
    Digits(String),
    /// Words, or beginnings of words, of a name.
    Words(Vec<String>),
}

impl Term {
    /// Reads what was typed; none where it is too short to search for.
    #[must_use]
    pub fn read(query: &str) -> Option<Self> {
        let query = query.trim();
        if query.contains('@') {
            return Some(Self::Email(query.to_owned()));
        }
        let digits: String = query.chars().filter(char::is_ascii_digit).collect();
        if digits.len() >= SHORTEST_NUMBER && !query.chars().any(char::is_alphabetic) {
            return Some(Self::Digits(digits));
        }
        let words: Vec<String> =
            fold(query).split(' ').filter(|word| word.len() >= SHORTEST_PREFIX).map(str::to_owned).collect();
        (!words.is_empty()).then_some(Self::Words(words))
    }

    /// The keys that lead to all that the term may mean, the likeliest first; what they lead to is then held against
    /// [`Self::fits`]. A mailbox is looked up by its blocking key.
    #[must_use]
    pub fn keys(&self, id_key: &IdKey) -> Vec<RangeInclusive<i64>> {
        match self {
            Self::Email(_) => Vec::new(),
            Self::Digits(digits) => {
                let key = digits_key(digits, id_key);
                vec![key..=key]
            }
            // The longest word is the rarest; as a whole word first, then as a beginning.
            Self::Words(words) => {
                let longest = words.iter().max_by_key(|word| word.len()).map_or("", String::as_str);
                let key = word_key(longest, id_key);
                vec![key..=key, (key & !OF_WORD)..=(key | OF_WORD)]
            }
        }
    }

    /// Whether a contact is what was searched for.
    #[must_use]
    pub fn fits(&self, contact: &Features) -> bool {
        match self {
            Self::Email(_) => true,
            Self::Digits(digits) => contact.phones.iter().any(|phone| phone.number.ends_with(digits.as_str())),
            Self::Words(words) => {
                words.iter().all(|word| name_words(contact).iter().any(|name| name.starts_with(word.as_str())))
            }
        }
    }
}

/// All search keys of a contact, sorted and without doubles. Mailboxes are found by their blocking keys.
#[must_use]
pub fn search_keys(contact: &Features, id_key: &IdKey) -> Vec<i64> {
    let mut keys = BTreeSet::new();
    for word in name_words(contact).into_iter().filter(|word| word.len() >= SHORTEST_PREFIX) {
        keys.insert(word_key(word, id_key));
    }
    for phone in &contact.phones {
        keys.insert(digits_key(&phone.number, id_key));
    }
    keys.into_iter().collect()
}

fn name_words(contact: &Features) -> Vec<&str> {
    contact.names.iter().flat_map(|name| name.given.iter().chain(&name.family)).map(String::as_str).collect()
}

/// The bits of a word's key that are the word's own; the others say how it begins, so that all words that begin alike are one range.
const OF_WORD: i64 = 0xffff_ffff;

fn word_key(word: &str, id_key: &IdKey) -> i64 {
    let prefix = word.get(..SHORTEST_PREFIX).unwrap_or(word);
    (id_key.key(b'P', &[prefix]) & !OF_WORD) | (id_key.key(b'W', &[word]) & OF_WORD)
}

fn digits_key(digits: &str, id_key: &IdKey) -> i64 {
    let last = digits.get(digits.len().saturating_sub(SHORTEST_NUMBER)..).unwrap_or(digits);
    id_key.key(b'D', &[last])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_as_what_it_looks_like() {
        assert_eq!(Term::read("+44 20 7946 0958"), Some(Term::Digits("442079460958".into())));
        assert_eq!(Term::read("0958"), Some(Term::Digits("0958".into())));
        assert_eq!(Term::read(" Zoë Kraft "), Some(Term::Words(vec!["zoe".into(), "kraft".into()])));
        assert_eq!(Term::read("a@x.org"), Some(Term::Email("a@x.org".into())));
        assert_eq!(Term::read("jo"), None);
        assert_eq!(Term::read("95"), None);
    }

    #[test]
    fn a_word_has_a_key_of_its_own_among_those_that_begin_alike() {
        let key = IdKey::new([7; 32]);
        let term = Term::Words(vec!["kra".into()]);
        let ranges = term.keys(&key);
        for (word, [is_it, begins_so]) in
            [("kra", [true, true]), ("kraft", [false, true]), ("kramer", [false, true]), ("klee", [false, false])]
        {
            let of = word_key(word, &key);
            assert_eq!([ranges[0].contains(&of), ranges[1].contains(&of)], [is_it, begins_so], "{word}");
        }
        assert_ne!(word_key("kraft", &key), word_key("kramer", &key));
    }
}
