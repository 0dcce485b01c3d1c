//! The normal form of a telephone number: its first reading that makes sense.

use super::{
    plan::{is_read_as_it_stands, key},
    readings::{bare, doubled, readings, with_extension},
};
use crate::domain::{
    contact::Assurance,
    normalize::{form::WarningCode, junk, text},
};
use borsh::{BorshDeserialize, BorshSerialize};
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, Region};
use serde::Serialize;
use std::borrow::Cow;

/// A telephone number in normal form.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NormalPhone {
    /// E.164, such as `+442079460958`.
    pub number: String,
    /// The extension's digits, kept apart: two extensions of one line are two telephones.
    pub extension: Option<String>,
    /// Its [`key`](Self::key), where that is not `number`.
    #[serde(skip)]
    other_key: Option<String>,
    /// Whether the country's plan knows it, now or in an older spelling; if not it may be mistyped, or new.
    pub valid: bool,
    /// How it was learnt.
    pub assurance: Assurance,
}

impl NormalPhone {
    /// The one spelling of the number that all its plan variants share (BR ninth digit, AR 9, MX 1): what exact matching
    /// goes by, together with the extension.
    #[must_use]
    pub fn key(&self) -> &str {
        self.other_key.as_deref().unwrap_or(&self.number)
    }
}

/// Fewest digits after the country code of a number that the plan's metadata does not know. Valid ones may be shorter.
pub(super) const FEWEST_DIGITS: usize = 7;

/// Normalises a telephone number in any notation: `tel:` and `whatsapp:` URIs, full-width digits, `00` for `+`, `(0)`.
///
/// `region` (ISO 3166-1 alpha-2, any case) is where a number without country code is read; without it such a number is
/// refused. Of several readings the first valid one wins, else the first of a possible length: sources know ranges that
/// metadata does not. Numbers that can be dialled only locally are refused, as they exist in many places.
///
/// # Errors
/// `InvalidPhone` for what can be no number, `Placeholder` for junk such as `0000000000` or `unknown`.
pub fn normalize(value: &str, region: Option<&str>, assurance: Assurance) -> Result<NormalPhone, WarningCode> {
    let plain = text::visible(value);
    // A number mostly has no letters, and every word has.
    let has_words = may_hold_words(&plain);
    let is_junk = has_words && junk::is_placeholder_text(&text::fold(&plain));
    if is_junk || junk::is_placeholder_number(&digits(&plain)) {
        return Err(WarningCode::Placeholder);
    }
    let plain = if has_words { with_extension(&plain) } else { plain };
    let region = region.and_then(|code| Region::from_code(code.trim()).ok());
    let (read, valid) = read(&plain, region).ok_or(WarningCode::InvalidPhone)?;
    if junk::is_placeholder_number(read.national()) {
        return Err(WarningCode::Placeholder);
    }
    let other_key = match key(&read.e164) {
        Cow::Borrowed(_) => None,
        Cow::Owned(key) => Some(key),
    };
    Ok(NormalPhone { number: read.e164, extension: read.number.extension, other_key, valid, assurance })
}

/// Whether there may be letters in it, of any script.
fn may_hold_words(plain: &str) -> bool {
    plain.bytes().any(|b| !b.is_ascii() || b.is_ascii_alphabetic())
}

/// ASCII digits of a text that went through NFKC, in order.
pub(super) fn digits(text: &str) -> String {
    let mut digits = String::with_capacity(text.len());
    digits.extend(text.bytes().filter(u8::is_ascii_digit).map(char::from));
    digits
}

/// A number as the library read it, with its E.164 form, which is asked for more than once.
struct Reading {
    number: PhoneNumber,
    e164: String,
}

impl Reading {
    fn of(number: PhoneNumber) -> Self {
        // What the library's own formatting comes to, without what it does for other formats.
        let e164 = format!("+{}{}", number.country_code, number.get_national_significant_number());
        Self { number, e164 }
    }

    /// The digits after the country code.
    fn national(&self) -> &str {
        let code = match self.number.country_code {
            ..10 => 1,
            10..100 => 2,
            100.. => 3,
        };
        self.e164.get("+".len() + code..).unwrap_or_default()
    }

    /// Valid today or by an older plan.
    fn is_good(&self) -> bool {
        self.number.is_valid() || was_valid(&self.e164)
    }

    /// Whether its E.164 form reads as the same number: some impossible ones lose a further prefix each time they are
    /// read. One that was read from that very form need not be read again, nor one that loses no prefix.
    fn is_settled(&self, given: &str) -> bool {
        is_spelt(&self.e164, given)
            || is_read_as_it_stands(self.number.country_code, self.national())
            || PHONE_NUMBER_UTIL.parse(&self.e164, None).map(Self::of).is_ok_and(|again| {
                (again.number.country_code, again.national()) == (self.number.country_code, self.national())
            })
    }

    /// Long enough to be dialled from anywhere, by the plan's lengths.
    fn is_possible(&self) -> bool {
        self.national().len() >= FEWEST_DIGITS
            && self.number.is_possible_with_reason() == Ok(NumberLengthType::IsPossible)
    }
}

/// The first valid reading, else the only one without a country code that was written twice, else the first of a
/// possible length; and whether it is valid.
fn read(plain: &str, region: Option<Region>) -> Option<(Reading, bool)> {
    let mut possible = None;
    for given in readings(plain, region) {
        let Ok(number) = PHONE_NUMBER_UTIL.parse(given.as_ref(), region) else { continue };
        let reading = Reading::of(number);
        if !reading.is_settled(&given) {
            continue;
        }
        if reading.is_good() {
            return Some((reading, true));
        }
        if possible.is_none() && reading.is_possible() && !has_letters(plain) {
            possible = Some(reading);
        }
    }
    // Asked of the possible number too, so that its E.164 form reads as it does.
    let one = |possible: Reading| match once(&possible.e164) {
        Some(good) => (good, true),
        None => (possible, false),
    };
    once(plain).map(|good| (good, true)).or_else(|| possible.map(one))
}

/// Without the country code that stands twice, if exactly one such reading is valid.
fn once(plain: &str) -> Option<Reading> {
    let mut valid = doubled(plain).filter_map(|(code, given)| {
        let reading = Reading::of(PHONE_NUMBER_UTIL.parse(&given, None).ok()?);
        let is_of_code = reading.number.country_code.to_string() == code;
        (is_of_code && reading.is_settled(&given) && reading.is_good()).then_some(reading)
    });
    valid.next().filter(|_| valid.next().is_none())
}

/// Whether a reading is a number's E.164 form but for marks between the digits.
fn is_spelt(international: &str, reading: &str) -> bool {
    let is_mark = |b: u8| matches!(b, b' ' | b'-' | b'.' | b'(' | b')');
    reading.starts_with('+') && reading.bytes().filter(|b| !is_mark(*b)).eq(international.bytes())
}

/// Whether it is a valid number in the spelling of an older plan.
fn was_valid(e164: &str) -> bool {
    let current = key(e164);
    current != e164 && PHONE_NUMBER_UTIL.parse(&current, None).is_ok_and(|number| number.is_valid())
}

/// Whether letters stand in the number itself: a vanity number, or a text that happens to hold digits. An extension's
/// don't count.
pub(super) fn has_letters(plain: &str) -> bool {
    let number = plain.split([';', 'x', 'X']).next().unwrap_or(plain);
    let number = number.trim_end_matches(|c: char| c.is_ascii_alphabetic() || matches!(c, '.' | ' ' | ','));
    bare(number).0.contains(|c: char| c.is_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rlibphonenumber::PhoneNumberFormat;

    fn number(value: &str, region: Option<&str>) -> Result<String, WarningCode> {
        normalize(value, region, Assurance::Claimed).map(|phone| phone.number)
    }

    #[test]
    fn notations() {
        for (given, region, expected) in [
            ("020 7946 0958", Some("GB"), "+442079460958"),
            ("020 7946 0958", Some("gb"), "+442079460958"),
            ("+44 (0)20 7946 0958", None, "+442079460958"),
            ("+44 (0)20 7946 0958", Some("US"), "+442079460958"),
            ("0044 20 7946 0958", None, "+442079460958"),
            ("0044 20 7946 0958", Some("GB"), "+442079460958"),
            ("0044 20 7946 0958", Some("US"), "+442079460958"),
            ("442079460958", Some("US"), "+442079460958"),
            ("whatsapp:447700900123", None, "+447700900123"),
            ("whatsapp:+44 7700 900123", None, "+447700900123"),
            ("tel:+44-20-7946-0958", None, "+442079460958"),
            ("TEL:020-7946-0958;phone-context=+44", None, "+442079460958"),
            ("＋４４２０７９４６０９５８", None, "+442079460958"),
            ("(202) 555-0173", Some("US"), "+12025550173"),
            ("1-800-FLOWERS", Some("US"), "+18003569377"),
            ("\u{202a}+44 20 7946 0958\u{202c}", None, "+442079460958"),
            ("+39 06 6982 0000", None, "+390669820000"),
            ("030 901820", Some("DE"), "+4930901820"),
            ("001 202 555 0173", Some("GB"), "+12025550173"),
            ("001 (202) 555-0173", Some("JP"), "+12025550173"),
            ("011 44 20 7946 0958", Some("GB"), "+442079460958"),
            ("011 44 20 7946 0958", None, "+442079460958"),
            ("0011 44 20 7946 0958", Some("NZ"), "+442079460958"),
            ("+0 20 7946 0958", Some("GB"), "+442079460958"),
            ("+0044 20 7946 0958", None, "+442079460958"),
            ("++44 20 7946 0958", None, "+442079460958"),
            ("+44 44 7911 123456", None, "+447911123456"),
            ("+44 +44 7911 123456", None, "+447911123456"),
            ("+44 0044 7911 123456", None, "+447911123456"),
            ("+49 4941 12345", None, "+49494112345"),
            ("+49 0171 1234567", None, "+491711234567"),
            ("+351 351 912 345 678", None, "+351912345678"),
            ("(0xx11) 98765-4321", Some("BR"), "+5511987654321"),
            ("0 15 11 98765-4321", Some("BR"), "+5511987654321"),
            ("044 55 1234 5678", Some("MX"), "+525512345678"),
            ("045 55 1234 5678", Some("MX"), "+525512345678"),
            ("01 55 1234 5678", Some("MX"), "+525512345678"),
            ("8 (916) 123-45-67", Some("RU"), "+79161234567"),
            ("٠٥٠١٢٣٤٥٦٧", Some("SA"), "+966501234567"),
        ] {
            assert_eq!(number(given, region).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn extensions_are_apart() {
        for given in [
            "+12025550173 ext. 89",
            "+12025550173x89",
            "tel:+1-202-555-0173;ext=89",
            "+1 202 555 0173 #89",
            "+1 202 555 0173 ramal 89",
            "+1 202 555 0173 poste: 89",
            "+1 202 555 0173 DW 89",
            "+1 202 555 0173 доб. 89",
            "+1 202 555 0173 内線89",
        ] {
            let phone = normalize(given, None, Assurance::Claimed).unwrap();
            assert_eq!((phone.number.as_str(), phone.extension.as_deref()), ("+12025550173", Some("89")), "{given}");
        }
    }

    #[test]
    fn keys_are_shared_by_plan_variants() {
        for (variants, key) in [
            (["+55 11 98765-4321", "+55 11 8765-4321", "0055 11 8765 4321"], "+5511987654321"),
            (["+55 11 3765-4321", "+551137654321", "whatsapp:551137654321"], "+551137654321"),
            (["+54 9 11 2345-6789", "+54 11 2345-6789", "+54 11 15 2345-6789"], "+541123456789"),
            (["+52 1 55 1234 5678", "+52 55 1234 5678", "whatsapp:5215512345678"], "+525512345678"),
            (["+84 120 123 4567", "+84 70 123 4567", "0084 70 123 4567"], "+84701234567"),
            (["+225 07 12 34 56", "+225 07 07 12 34 56", "002250707123456"], "+2250707123456"),
            (["+57 1 3456780", "+57 601 3456780", "0057 601 3456780"], "+576013456780"),
            (["+229 97 12 34 56", "+229 01 97 12 34 56", "+2290197123456"], "+2290197123456"),
        ] {
            for given in variants {
                assert_eq!(normalize(given, None, Assurance::Claimed).unwrap().key(), key, "{given}");
            }
        }
        assert_eq!(normalize("011 15 2345-6789", Some("AR"), Assurance::Claimed).unwrap().key(), "+541123456789");
    }

    #[test]
    fn refused() {
        for (given, region) in [
            ("", None),
            ("call me", Some("GB")),
            ("020 7946 0958", None),
            ("555-0173", Some("US")),
            ("+999 12345678", None),
            ("12", Some("DE")),
            ("jane2079460958@x.org", Some("DE")),
            ("020 7946 0958", Some("nowhere")),
            ("+1 202 555 01734444", None),
            ("+44 44 123", None),
        ] {
            assert_eq!(number(given, region), Err(WarningCode::InvalidPhone), "{given}");
        }
        for given in
            ["0000000000", "+1 000 000 0000", "123456789", "+1 555 555 5555", "unknown", "ANONYMOUS", "+266696687", "0"]
        {
            assert_eq!(number(given, Some("US")), Err(WarningCode::Placeholder), "{given}");
        }
    }

    proptest! {
        #[test]
        fn numbers_are_spelt_as_the_library_does(given in "\\+(39|44|1|49|7|225|800)0{0,3}[0-9]{4,12}") {
            if let Ok(number) = PHONE_NUMBER_UTIL.parse(&given, None) {
                let spelt = number.format_as(PhoneNumberFormat::E164).into_owned();
                prop_assert_eq!(Reading::of(number).e164, spelt);
            }
        }

        #[test]
        fn normalising_is_idempotent(
            given in ".*|\\+?[0-9 ()-]{5,16}|\\+(54|52|55|39|44|1|49)[0-9]{6,12}",
            region in proptest::option::of("[A-Z]{2}|US|AR|MX|BR|IT|DE|..")
        ) {
            if let Ok(once) = normalize(&given, region.as_deref(), Assurance::Observed) {
                let again = normalize(&once.number, region.as_deref(), Assurance::Observed);
                prop_assert_eq!(again.as_ref().map(|p| (&*p.number, p.key())), Ok((&*once.number, once.key())));
                prop_assert_eq!(key(once.key()), once.key());
            }
        }
    }
}
