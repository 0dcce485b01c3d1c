//! Comparing identifiers: mailboxes, telephone numbers, accounts and external ids. Each takes the best pair.

use super::{Features, Level};
use crate::domain::{
    contact::Assurance,
    normalize::{
        edits,
        email::NormalEmail,
        frequency,
        handle::NormalHandle,
        name::Name,
        phone::{MisdialledPhone, NormalPhone},
    },
};

/// Shorter account names are too often the same by chance.
const DISTINCTIVE: usize = 5;
/// Of shorter ids so many are given out that most have neighbours.
const LONG_ID: usize = 6;

/// Mailboxes: equal match keys, the same local part elsewhere, or one edit apart at the same provider.
#[must_use]
pub fn email(a: &Features, b: &Features) -> Level {
    best(&a.emails, &b.emails, |x, y| email_pair(x, y, a, b))
}

/// Telephone numbers: equal in any plan variant, or one digit off. Two extensions of one line are two telephones.
#[must_use]
pub fn phone(a: &Features, b: &Features) -> Level {
    let whole = best(&a.phones, &b.phones, phone_pair);
    let mistyped = |broken: &[MisdialledPhone], phones: &[NormalPhone]| {
        broken.iter().any(|broken| phones.iter().any(|phone| broken.repairs.iter().any(|repair| repair == phone.key())))
    };
    let alike = a.misdialled.iter().any(|x| b.misdialled.iter().any(|y| x.number == y.number))
        || mistyped(&a.misdialled, &b.phones)
        || mistyped(&b.misdialled, &a.phones);
    if alike { stronger(whole, Level::Mistyped) } else { whole }
}

/// Accounts: equal on one network, the same name on another, or a mailbox's local part.
#[must_use]
pub fn handle(a: &Features, b: &Features) -> Level {
    let accounts = best(&a.handles, &b.handles, |x, y| handle_pair(x, y, a, b));
    if accounts.is_exact() || accounts == Level::OtherNetwork {
        return accounts;
    }
    let mailbox = |handles: &[NormalHandle], emails: &[NormalEmail]| {
        best(handles, emails, |handle, email| {
            let same = handle.value == email.local() && tells(&handle.value, a, b);
            if same { Level::EmailLocalPart } else { Level::Else }
        })
    };
    let crossed = stronger(mailbox(&a.handles, &b.emails), mailbox(&b.handles, &a.emails));
    // A handle against a mailbox that differs is no disagreement: then the field counts as missing.
    if crossed == Level::EmailLocalPart { crossed } else { accounts }
}

/// External ids: equal within one namespace. Ids of different namespaces are never compared.
#[must_use]
pub fn external_id(a: &Features, b: &Features) -> Level {
    best(&a.external_ids, &b.external_ids, |x, y| {
        if x.namespace != y.namespace {
            Level::Null
        } else if x.value == y.value {
            exact(x.assurance, y.assurance)
        } else if is_one_edit(&x.value, &y.value) {
            Level::OneEdit
        } else if x.is_national() {
            Level::Else
        } else {
            Level::Different
        }
    })
}

/// Ids of a kind that a state gives to one person: equal, or one edit apart. What is given out in one go, to twins say,
/// differs in the last digit, so that an edit there does not count.
#[must_use]
pub fn national_id(a: &Features, b: &Features) -> Level {
    best(&a.external_ids, &b.external_ids, |x, y| {
        if x.namespace != y.namespace || !x.is_national() {
            Level::Null
        } else if x.value == y.value {
            Level::Exact
        } else if x.value.chars().last() == y.value.chars().last() && is_one_edit(&x.value, &y.value) {
            Level::OneEdit
        } else {
            Level::Else
        }
    })
}

fn is_one_edit(x: &str, y: &str) -> bool {
    x.len().min(y.len()) >= LONG_ID && edits::is_one(x, y)
}

fn email_pair(x: &NormalEmail, y: &NormalEmail, a: &Features, b: &Features) -> Level {
    if x.key() == y.key() {
        return if x.role { Level::ExactRole } else { exact(x.assurance, y.assurance) };
    }
    if x.role || y.role || is_foreign(x.local()) != is_foreign(y.local()) {
        return Level::Else;
    }
    if x.local() == y.local() {
        return if tells(x.local(), a, b) { Level::SameLocalPart } else { Level::Else };
    }
    if x.domain() == y.domain() && is_slip(x.local(), y.local()) {
        return if is_nobody_elses(x.local(), y.local()) { Level::Mistyped } else { Level::OneEdit };
    }
    if is_garbled(x, y) { Level::Close } else { Level::Else }
}

fn phone_pair(x: &NormalPhone, y: &NormalPhone) -> Level {
    if x.key() == y.key() {
        let other_extension = x.extension.is_some() && y.extension.is_some() && x.extension != y.extension;
        return if other_extension { Level::Else } else { exact(x.assurance, y.assurance) };
    }
    if x.key().len() >= 8 && edits::is_one(x.key(), y.key()) {
        return Level::OneEdit;
    }
    Level::Else
}

fn handle_pair(x: &NormalHandle, y: &NormalHandle, a: &Features, b: &Features) -> Level {
    if x.value != y.value {
        return if x.network == y.network { Level::Else } else { Level::Null };
    }
    if x.network == y.network {
        return exact(x.assurance, y.assurance);
    }
    if tells(&x.value, a, b) { Level::OtherNetwork } else { Level::Else }
}

const fn exact(x: Assurance, y: Assurance) -> Level {
    match (x, y) {
        (Assurance::Claimed, _) | (_, Assurance::Claimed) => Level::ExactClaimed,
        _ => Level::Exact,
    }
}

/// The strongest level over all pairs; null where a side is empty.
fn best<X, Y>(xs: &[X], ys: &[Y], compare: impl Fn(&X, &Y) -> Level) -> Level {
    let compare = &compare;
    xs.iter().flat_map(|x| ys.iter().map(move |y| compare(x, y))).fold(Level::Null, stronger)
}

/// Of two levels the one that says more; levels are declared from strong to weak, and null says least.
fn stronger(a: Level, b: Level) -> Level {
    match (a, b) {
        (Level::Null, other) | (other, Level::Null) => other,
        (a, b) => a.min(b),
    }
}

/// Whether letters stand in it that pass for Latin ones: Greek, Cyrillic, Armenian.
fn is_foreign(local: &str) -> bool {
    !local.is_ascii() && local.contains(|c: char| matches!(c, '\u{370}'..='\u{58f}'))
}

/// One edit, of letters: an account that differs in a digit (`maria1`, `maria2`) is usually somebody else's.
fn is_slip(x: &str, y: &str) -> bool {
    x.len().min(y.len()) >= DISTINCTIVE && edits::is_one(x, y) && letters_differ(x, y)
}

/// A few slips over the whole of a long address. At a large provider the domain is no evidence, so that the local part has
/// to be alike by itself.
fn is_garbled(x: &NormalEmail, y: &NormalEmail) -> bool {
    x.key().len().min(y.key().len()) >= 12
        && edits::within(x.local(), y.local(), 2).is_some()
        && edits::within(x.key(), y.key(), 3).is_some()
        && letters_differ(x.key(), y.key())
}

/// Whether two local parts with one edit between them are too long for two people to have chosen both, and the edit makes
/// no other person's name or initial of it.
fn is_nobody_elses(x: &str, y: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let shorter = x.len().min(y.len());
    let long = shorter >= 12 || (shorter >= 9 && digits(x) >= 2 && digits(y) >= 2);
    long && x.is_ascii() && y.is_ascii() && !other_initial(x, y) && !other_name(x, y)
}

/// Whether the two differ at either end or in a word so short that it may be initials: `featherstone.a`, `jm.featherstone`.
fn other_initial(x: &str, y: &str) -> bool {
    let start = x.bytes().zip(y.bytes()).take_while(|(a, b)| a == b).count();
    let end = x.bytes().rev().zip(y.bytes().rev()).take_while(|(a, b)| a == b).count();
    let word = |text: &str| {
        let (before, after) = text.as_bytes().split_at(start.min(text.len()));
        let letters = |b: &&u8| b.is_ascii_alphabetic();
        before.iter().rev().take_while(letters).count() + after.iter().take_while(letters).count()
    };
    start < 2 || end < 1 || word(x).min(word(y)) < 4
}

/// Whether the place where the two differ lies in a word that is a known name in both: `mariorossi`, `mariarossi`.
fn other_name(x: &str, y: &str) -> bool {
    let start = x.bytes().zip(y.bytes()).take_while(|(a, b)| a == b).count();
    let most = x.len().min(y.len()) - start;
    let end = x.bytes().rev().zip(y.bytes().rev()).take_while(|(a, b)| a == b).count().min(most);
    (0..=start).any(|from| {
        (0..=end).any(|behind| {
            let (a, b) = (&x[from..x.len() - behind], &y[from..y.len() - behind]);
            a.len() > 2 && b.len() > 2 && frequency::is_common(a) && frequency::is_common(b)
        })
    })
}

fn letters_differ(x: &str, y: &str) -> bool {
    let letters = |c: &char| !c.is_ascii_digit();
    x.chars().filter(letters).ne(y.chars().filter(letters))
}

/// Whether an account's name says more than the names beside it: one that can be made from a person's name is shared by
/// everybody of that name.
fn tells(account: &str, a: &Features, b: &Features) -> bool {
    account.chars().count() >= DISTINCTIVE && !a.names.iter().chain(&b.names).any(|name| derives_from(account, name))
}

/// Whether the account's name is made of the person's names and initials, with at most one digit behind.
#[must_use]
pub fn derives_from(account: &str, name: &Name) -> bool {
    let plain: String = account.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.strip_suffix(|c: char| c.is_ascii_digit()).unwrap_or(&plain);
    let words: Vec<&str> = name.given.iter().chain(&name.family).map(String::as_str).collect();
    !plain.is_empty() && consists_of(plain, &words)
}

/// Whether `text` is a sequence of distinct words or their initials, at least one of them whole.
fn consists_of(text: &str, words: &[&str]) -> bool {
    fn rest(text: &str, words: &[&str], whole: bool) -> bool {
        if text.is_empty() {
            return whole;
        }
        (0..words.len()).any(|index| {
            let word = words[index];
            let others: Vec<&str> = words.iter().enumerate().filter(|(i, _)| *i != index).map(|(_, w)| *w).collect();
            let initial = word.get(..1).and_then(|first| text.strip_prefix(first));
            text.strip_prefix(word).is_some_and(|left| rest(left, &others, whole || word.len() > 1))
                || initial.is_some_and(|left| rest(left, &others, whole))
        })
    }
    // Names of more words than this are cut: the search would try every order of them.
    rest(text, &words[..words.len().min(5)], false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(given: &[&str], family: &[&str]) -> Name {
        let words = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        Name { given: words(given), family: words(family), ..Name::default() }
    }

    #[test]
    fn account_names_that_derive_from_a_name() {
        let maria = name(&["maria", "elena"], &["rossi"]);
        for account in ["maria.rossi", "mrossi", "rossi_maria", "maria.rossi1", "rossi", "me.rossi"] {
            assert!(derives_from(account, &maria), "{account}");
        }
        for account in ["maria.rossi84", "sunflower", "mr", "marian.rossi", ""] {
            assert!(!derives_from(account, &maria), "{account}");
        }
    }

    #[test]
    fn a_digit_makes_another_account_and_a_letter_a_slip() {
        assert!(!is_slip("maria.rossi1", "maria.rossi2"));
        assert!(is_slip("maria.rossi", "maria.rosi"));
        assert!(is_slip("cameron84", "camreon84"));
        assert!(!is_slip("ann", "anna"));
    }
}
