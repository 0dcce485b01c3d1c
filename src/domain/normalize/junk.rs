//! Values that people and machines put where a real one is missing: stored and shown, never matched by.
//!
//! The lists are our own collection of what web forms, caller displays and CRM imports contain. Whole values are
//! compared, never parts: `Christopher Null` and `Test Valley Ltd` stay.

use rustc_hash::FxHashSet;
use std::sync::LazyLock;

/// Folded texts (see [`super::text::fold`]) that stand for a missing one. Sorted.
#[rustfmt::skip] // A table in rows.
const TEXTS: &[&str] = &[
    "abonent", "abonne absent", "abonne inconnu", "anonim", "anonimo", "anonym", "anonyme", "anonymous",
    "anonymous caller", "anonymous user", "anonymus", "asd", "asdasd", "asdf", "asdf asdf", "asdfasdf", "asdfgh",
    "asdfghjkl", "bilinmiyor", "blank", "blocked", "brak", "brak danych", "caller unknown", "cell phone", "client",
    "client anonyme", "cliente", "confidential", "consumidor final", "customer", "declined", "default",
    "desconhecido", "desconocido", "does not exist", "dummy", "empty", "entfallt", "foo", "foo bar", "foobar", "gast",
    "geen", "guest", "guest user", "inconnu", "invalid", "invitado", "invite", "kein", "keine", "keine angabe",
    "keine angaben", "klant", "klient", "kunde", "missing", "mobile caller", "n a", "na", "nao disponivel",
    "nao informado", "neant", "neizvestno", "nessuno", "neuvedeno", "new customer", "nicht angegeben",
    "nicht bekannt", "nicht verfugbar", "nieznany", "nil", "no aplica", "no caller id", "no data", "no disponible",
    "no especificado", "no informado", "no name", "no name given", "no nombre", "no value", "non communique",
    "non disponibile", "non disponible", "non renseigne", "none", "none given", "none provided", "not applicable",
    "not available", "not disclosed", "not given", "not known", "not listed", "not provided", "not set",
    "not specified", "not supplied", "null", "null null", "number withheld", "numero oculto", "numero privado",
    "numero privato", "numero prive", "onbekend", "ospite", "out of area", "payphone", "placeholder", "private",
    "private caller", "private number", "privato", "prive", "qwe", "qwer", "qwert", "qwerty", "qwertz", "redacted",
    "refused", "restricted", "sans objet", "sconosciuto", "sem informacao", "sin datos", "sin especificar",
    "sin informacion", "sin nombre", "suppressed", "tba", "tbc", "tbd", "tbd tbd", "tel", "telefon", "test",
    "test customer", "test test", "test user", "teste", "tester", "testing", "testtest", "to be advised",
    "toll free call", "toll free caller", "tuntematon", "ubekendt", "ukendt", "ukjent", "unavailable", "unbekannt",
    "undefined", "unidentified", "unidentified caller", "unkn", "unknown", "unknown caller", "unknown customer",
    "unknown name", "unknown number", "unknown unknown", "unknown user", "unlisted", "unnamed", "unspecified", "user",
    "utente", "visitante", "visiteur", "visitor", "void", "walk in", "walk in customer", "web user", "webuser",
    "wireless", "wireless caller", "withheld", "xx", "xxx", "xxxx", "xxxxx", "xyz", "zz", "zzz",
];

/// Folded names that are a form's own labels or an agent's shrug. Sorted.
#[rustfmt::skip] // A table in rows.
const NAMES: &[&str] = &[
    "a customer", "a guest", "account holder", "admin", "administrator", "all customers", "apellido", "bewohner",
    "caller", "card holder", "cardholder", "cash customer", "cash sale", "client name", "cognome", "customer name",
    "customer service", "dear customer", "do not contact", "do not use", "duplicate", "facebook user", "familienname",
    "family name", "familyname", "first last", "first name", "first name last name", "firstname",
    "firstname lastname", "full name", "fullname", "given name", "homeowner", "instagram user", "last name",
    "lastname", "mr", "mr mrs", "mrs", "ms", "mx", "my name", "nachname", "name", "name surname", "name unknown",
    "new caller", "new contact", "new lead", "new user", "nom", "nom prenom", "nombre apellido", "nome",
    "nome cognome", "nome sobrenome", "occupant", "office", "owner", "prenom", "prenom nom", "reception", "resident",
    "sales", "sobrenome", "spam", "spam caller", "surname", "telegram user", "the customer", "the manager",
    "the occupier", "the resident", "unsubscribed", "user name", "username", "voornaam", "vorname",
    "vorname nachname", "whatsapp user", "your name",
];

/// Local parts that are junk at any domain. Sorted.
#[rustfmt::skip] // A table in rows.
const LOCAL_PARTS: &[&str] = &[
    "anonymous", "asd", "asdasd", "asdf", "asdfasdf", "asdfgh", "declined", "donotemail", "donthave", "dummy", "fake",
    "fakeemail", "foo", "foobar", "invalid", "keine", "keineemail", "myemail", "n.a", "no", "no-email",
    "no-mail", "no.email", "no.mail", "no_email", "noemail", "noemailprovided", "nomail", "none", "noone", "nospam",
    "not-provided", "not.provided", "notavailable", "notgiven", "notprovided", "noway", "null", "placeholder", "qwe",
    "qwerty", "refused", "sinemail", "temp", "test", "test1", "test123", "test2", "teste", "testemail", "testing",
    "testtest", "testuser", "undefined", "unknown", "user", "xxx", "xxxx", "youremail", "yourname",
];

/// Domains that are junk with any local part. Sorted.
#[rustfmt::skip] // A table in rows.
const DOMAINS: &[&str] = &[
    "asd.com", "asdf.com", "blank.com", "fake.com", "fakeemail.com", "na.com", "na.na", "no-email.com", "no.com",
    "no.email", "no.no", "noemail.com", "noemail.net", "noemail.org", "nomail.com", "none.com", "none.net",
    "none.none", "noreply.com", "notavailable.com", "notprovided.com", "nowhere.com", "null.com", "null.null",
    "test.com", "test.de", "test.test", "unknown.com", "unknown.email", "xxx.com", "yourdomain.com",
];

/// Full keypad spellings of withheld numbers, which carriers send as a caller's number: ANONYMOUS, BLOCKED, PRIVATE,
/// RESTRICTED, UNAVAILABLE, UNKNOWN. Sorted.
const KEYPAD_WORDS: &[&str] = &["2562533", "266696687", "7378742833", "7748283", "86282452253", "8656696"];

static TEXT_SET: Set = LazyLock::new(|| TEXTS.iter().copied().collect());
// Somebody may well be called Na.
static NAME_SET: Set =
    LazyLock::new(|| TEXTS.iter().chain(NAMES).copied().filter(|placeholder| *placeholder != "na").collect());
static LOCAL_PART_SET: Set = LazyLock::new(|| LOCAL_PARTS.iter().copied().collect());
static DOMAIN_SET: Set = LazyLock::new(|| DOMAINS.iter().copied().collect());

/// A table made ready for being asked often.
type Set = LazyLock<FxHashSet<&'static str>>;

/// Whether a folded text stands for a missing one: `unknown`, `n a`, `keine angabe`. An empty text does not.
#[must_use]
pub fn is_placeholder_text(folded: &str) -> bool {
    TEXT_SET.contains(folded)
}

/// Whether a folded whole name stands for a missing one: placeholder texts, a form's labels (`first name last name`),
/// one letter repeated (`xxx`), no letter at all (a number in the name's place). An empty name does not.
#[must_use]
pub fn is_placeholder_name(folded: &str) -> bool {
    NAME_SET.contains(folded) || is_one_letter_repeated(folded) || has_no_letter(folded)
}

/// Whether a normal address is junk: `test@test.com`, `noemail@…`, `a@a.com`, `anybody@none.com`, `….invalid`.
#[must_use]
pub fn is_placeholder_email(address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(local, domain)| is_placeholder_mailbox(local, domain))
}

/// The same of a local part and a domain.
#[must_use]
pub fn is_placeholder_mailbox(local: &str, domain: &str) -> bool {
    let is_name = || domain.split('.').next() == Some(local);
    LOCAL_PART_SET.contains(local)
        || DOMAIN_SET.contains(domain)
        || domain.ends_with(".invalid")
        || (is_name()
            && (local.len() == 1 || is_one_letter_repeated(local) || is_placeholder_text(local) || is_abc(local)))
}

/// Whether the digits of a telephone number are junk: one digit alone (`0000000000`), with a country code before it too
/// (`+1 000 000 0000`), the keyboard's row (`123456789`, `987654321`), or a withheld number's keypad word.
#[must_use]
pub fn is_placeholder_number(digits: &str) -> bool {
    if digits.len() < 3 {
        return digits.bytes().any(|b| b == b'0') && digits.bytes().all(|b| b == b'0');
    }
    let run = same_digits_at_end(digits);
    run == digits.len() || run >= 9 || is_keyboard_row(digits) || KEYPAD_WORDS.contains(&digits)
}

fn is_keyboard_row(digits: &str) -> bool {
    let starts = |row: &str| digits.len() <= row.len() && digits.bytes().zip(row.bytes()).all(|(a, b)| a == b);
    digits.len() >= 6
        && ["12345678901234567890", "01234567890123456789", "98765432109876543210"].into_iter().any(starts)
}

fn same_digits_at_end(digits: &str) -> usize {
    let last = digits.bytes().last();
    digits.bytes().rev().take_while(|b| Some(*b) == last).count()
}

fn is_one_letter_repeated(folded: &str) -> bool {
    folded.len() >= 3 && folded.bytes().all(|b| b.is_ascii_lowercase() && folded.starts_with(char::from(b)))
}

fn has_no_letter(folded: &str) -> bool {
    !folded.is_empty() && !folded.bytes().any(|b| b.is_ascii_alphabetic())
}

fn is_abc(local: &str) -> bool {
    matches!(local, "abc" | "abcd" | "email" | "123" | "1234" | "12345")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_tables_are_sorted_and_folded() {
        for table in [TEXTS, NAMES, LOCAL_PARTS, DOMAINS, KEYPAD_WORDS] {
            for pair in table.windows(2) {
                assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
            }
        }
        for text in TEXTS.iter().chain(NAMES) {
            assert_eq!(crate::domain::normalize::text::fold(text), *text);
        }
    }

    #[test]
    fn texts() {
        for junk in ["unknown", "n a", "none", "test", "wireless caller", "keine angabe", "sin nombre", "inconnu"] {
            assert!(is_placeholder_text(junk), "{junk}");
        }
        for real in ["", "x", "no", "other", "aaa", "null museum", "jane doe"] {
            assert!(!is_placeholder_text(real), "{real}");
        }
    }

    #[test]
    fn names() {
        for junk in ["first name last name", "asdf", "no name", "guest", "xxx", "aaaa", "0123 456", "vorname nachname"]
        {
            assert!(is_placeholder_name(junk), "{junk}");
        }
        for real in ["", "john doe", "na", "bo", "j", "christopher null", "private benjamin", "aa"] {
            assert!(!is_placeholder_name(real), "{real}");
        }
    }

    #[test]
    fn emails() {
        for junk in [
            "test@test.com",
            "test@gmail.com",
            "noemail@shop.org",
            "x@none.com",
            "a@a.com",
            "none@none.fr",
            "j@x.invalid",
        ] {
            assert!(is_placeholder_email(junk), "{junk}");
        }
        for real in ["jane.doe@example.com", "a@b.com", "test.valley@x.org", "jane@shop.test", "no at all", "jd@jd.com"]
        {
            assert!(!is_placeholder_email(real), "{real}");
        }
    }

    #[test]
    fn numbers() {
        for junk in [
            "0000000000",
            "5555555555",
            "10000000000",
            "123456789",
            "1234567890",
            "0123456789",
            "987654321",
            "266696687",
            "0",
        ] {
            assert!(is_placeholder_number(junk), "{junk}");
        }
        for real in ["", "2025550173", "442072222222", "12345", "1234567980", "77"] {
            assert!(!is_placeholder_number(real), "{real}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(given in ".*") {
            let _ = is_placeholder_text(&given);
            let _ = is_placeholder_name(&given);
            let _ = is_placeholder_email(&given);
            let _ = is_placeholder_number(&given);
        }
    }
}
