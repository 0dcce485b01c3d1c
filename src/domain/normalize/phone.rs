//! Telephone numbers: E.164, with the variants that changed number plans left behind.

mod misdialled;

pub use misdialled::{MisdialledPhone, misdialled};

use super::{form::WarningCode, junk, text};
use crate::domain::contact::Assurance;
use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};
use serde::Serialize;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// A telephone number in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NormalPhone {
    /// E.164, such as `+442079460958`.
    pub number: String,
    /// The extension's digits, kept apart: two extensions of one line are two telephones.
    pub extension: Option<String>,
    /// The one spelling of the number that all its plan variants share (BR ninth digit, AR 9, MX 1): what exact
    /// matching goes by, together with the extension. Equals `number` where the plan has no variants.
    pub key: String,
    /// Whether the country's plan knows it, now or in an older spelling; if not it may be mistyped, or new.
    pub valid: bool,
    /// How it was learnt.
    pub assurance: Assurance,
}

/// Fewest digits after the country code of a number that the plan's metadata does not know. Valid ones may be shorter.
const FEWEST_DIGITS: usize = 7;

/// Fewest digits of a number that is tried as international though neither `+` nor `00` says so.
const FEWEST_INTERNATIONAL: usize = 11;

/// Mobile prefixes of Vietnam before and since September 2018 (Ministry of Information and Communications).
#[rustfmt::skip] // A table in rows.
const VIETNAMESE: &[(&str, &str)] = &[
    ("120", "70"), ("121", "79"), ("122", "77"), ("123", "83"), ("124", "84"), ("125", "85"), ("126", "76"),
    ("127", "81"),
    ("128", "78"), ("129", "82"), ("162", "32"), ("163", "33"), ("164", "34"), ("165", "35"), ("166", "36"),
    ("167", "37"),
    ("168", "38"), ("169", "39"), ("186", "56"), ("188", "58"), ("199", "59"),
];

/// Normalises a telephone number in any notation: `tel:` and `whatsapp:` URIs, full-width digits, `00` for `+`, `(0)`.
///
/// `region` (ISO 3166-1 alpha-2, any case) is where a number without country code is read; without it such a number is
/// refused. Of several readings the first valid one wins, else the first of a possible length: sources know ranges that
/// metadata does not. Numbers that can be dialled only locally are refused, as they exist in many places.
///
/// # Errors
/// `InvalidPhone` for what can be no number, `Placeholder` for junk such as `0000000000` or `unknown`.
pub fn normalize(value: &str, region: Option<&str>, assurance: Assurance) -> Result<NormalPhone, WarningCode> {
    let plain: String = value.nfkc().filter(|c| !text::is_invisible(*c)).collect();
    if junk::is_placeholder_number(&digits(&plain)) || junk::is_placeholder_text(&text::fold(&plain)) {
        return Err(WarningCode::Placeholder);
    }
    let region = region.and_then(|code| Region::from_code(code.trim()).ok());
    let (parsed, valid) = read(&plain, region).ok_or(WarningCode::InvalidPhone)?;
    if junk::is_placeholder_number(&parsed.get_national_significant_number()) {
        return Err(WarningCode::Placeholder);
    }
    let number = parsed.format_as(PhoneNumberFormat::E164).into_owned();
    let key = key(&number).into_owned();
    Ok(NormalPhone { number, extension: parsed.extension, key, valid, assurance })
}

/// ASCII digits of a text that went through NFKC, in order.
fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// The first valid reading, else the first one of a possible length; and whether it is valid.
fn read(plain: &str, region: Option<Region>) -> Option<(PhoneNumber, bool)> {
    let mut possible = None;
    for reading in readings(plain, region) {
        let Some(number) = PHONE_NUMBER_UTIL.parse(reading.as_ref(), region).ok().filter(is_settled) else { continue };
        if number.is_valid() || was_valid(&number) {
            return Some((number, true));
        }
        if possible.is_none() && is_possible(&number) && !has_letters(plain) {
            possible = Some((number, false));
        }
    }
    possible
}

/// The ways to read a text, likeliest first: as it stands, without a `(0)`, with `00` for `+`, with the `+` lost.
fn readings(plain: &str, region: Option<Region>) -> impl Iterator<Item = Cow<'_, str>> {
    let (bare, is_messenger) = bare(plain);
    let is_international = bare.starts_with('+');
    let without_trunk = bare.contains("(0)").then(|| bare.replace("(0)", "").into());
    let after_zeros = bare.strip_prefix("00").map(|rest| format!("+{rest}").into());
    let may_lack_plus =
        !is_international && !bare.starts_with('0') && !has_letters(bare) && (is_messenger || region.is_some());
    let with_plus = (may_lack_plus && digits(bare).len() >= FEWEST_INTERNATIONAL).then(|| format!("+{bare}").into());
    std::iter::once(bare.into()).chain(without_trunk).chain(after_zeros).chain(with_plus)
}

/// The number without its URI scheme, and whether the scheme is a messenger's, which always gives international
/// numbers.
fn bare(plain: &str) -> (&str, bool) {
    let trimmed = plain.trim();
    match trimmed.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("whatsapp") => (rest.trim(), true),
        Some((scheme, rest)) if ["tel", "sms", "callto"].iter().any(|s| scheme.eq_ignore_ascii_case(s)) => {
            (rest.trim_start_matches('/').trim(), false)
        }
        _ => (trimmed, false),
    }
}

/// Whether its E.164 form reads as the same number: some impossible ones lose a further prefix each time they are read.
fn is_settled(number: &PhoneNumber) -> bool {
    PHONE_NUMBER_UTIL.parse(number.format_as(PhoneNumberFormat::E164), None).is_ok_and(|again| {
        (again.country_code, again.get_national_significant_number())
            == (number.country_code, number.get_national_significant_number())
    })
}

/// Whether it is a valid number in the spelling of an older plan.
fn was_valid(number: &PhoneNumber) -> bool {
    let old = number.format_as(PhoneNumberFormat::E164);
    let current = key(&old);
    current != old && PHONE_NUMBER_UTIL.parse(&current, None).is_ok_and(|number| number.is_valid())
}

/// Long enough to be dialled from anywhere, by the plan's lengths.
fn is_possible(number: &PhoneNumber) -> bool {
    number.get_national_significant_number().len() >= FEWEST_DIGITS
        && number.is_possible_with_reason() == Ok(NumberLengthType::IsPossible)
}

/// Whether letters stand in the number itself: a vanity number, or a text that happens to hold digits. An extension's
/// don't count.
fn has_letters(plain: &str) -> bool {
    let number = plain.split([';', 'x', 'X']).next().unwrap_or(plain);
    let number = number.trim_end_matches(|c: char| c.is_ascii_alphabetic() || matches!(c, '.' | ' ' | ','));
    bare(number).0.contains(|c: char| c.is_alphabetic())
}

/// The one spelling that the plan's variants share: the current one, but Argentina's without the mobile 9.
///
/// - Brazil: mobile numbers got a ninth digit, a leading 9 after the area (Anatel, 2012 to 2016).
/// - Argentina: from abroad mobile numbers take a 9 before the area; the old 15 after it is the parser's to undo.
/// - Mexico: from abroad mobile numbers took a 1 before the area until 2019.
/// - Vietnam: mobile numbers lost a digit in 2018. Ivory Coast: ten digits since 2021. Benin: a leading 01 since 2024.
fn key(number: &str) -> Cow<'_, str> {
    let spelling = if let Some(national) = number.strip_prefix("+55") {
        brazilian(national)
    } else if let Some(rest) = number.strip_prefix("+549") {
        (rest.len() == 10).then(|| format!("+54{rest}"))
    } else if let Some(rest) = number.strip_prefix("+521") {
        (rest.len() == 10).then(|| format!("+52{rest}"))
    } else if let Some(national) = number.strip_prefix("+84") {
        vietnamese(national)
    } else if let Some(national) = number.strip_prefix("+225") {
        ivorian(national)
    } else if let Some(national) = number.strip_prefix("+229") {
        (national.len() == 8).then(|| format!("+22901{national}"))
    } else {
        None
    };
    spelling.map_or(number.into(), Cow::Owned)
}

/// A mobile number of eight digits after its area, with the ninth.
fn brazilian(national: &str) -> Option<String> {
    let (area, subscriber) = national.split_at_checked(2)?;
    (subscriber.len() == 8 && subscriber.starts_with(['6', '7', '8', '9'])).then(|| format!("+55{area}9{subscriber}"))
}

/// A mobile number of ten digits, with its three-digit prefix turned into one of two.
fn vietnamese(national: &str) -> Option<String> {
    let (old, rest) = national.split_at_checked(3).filter(|(_, rest)| rest.len() == 7)?;
    let (_, new) = VIETNAMESE.iter().find(|(prefix, _)| *prefix == old)?;
    Some(format!("+84{new}{rest}"))
}

/// A mobile number of eight digits, with the operator's prefix that its second digit tells.
fn ivorian(national: &str) -> Option<String> {
    let digits = national.as_bytes();
    let operator = match (digits.len(), digits.first()?, digits.get(1)?) {
        (8, b'0' | b'4'..=b'9', b'1'..=b'3') => "01",
        (8, b'0' | b'4'..=b'9', b'4'..=b'6') => "05",
        (8, b'0' | b'4'..=b'9', b'7'..=b'9') => "07",
        _ => return None,
    };
    Some(format!("+225{operator}{national}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
        ] {
            assert_eq!(number(given, region).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn extensions_are_apart() {
        for given in ["+12025550173 ext. 89", "+12025550173x89", "tel:+1-202-555-0173;ext=89", "+1 202 555 0173 #89"] {
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
            (["+229 97 12 34 56", "+229 01 97 12 34 56", "+2290197123456"], "+2290197123456"),
        ] {
            for given in variants {
                assert_eq!(normalize(given, None, Assurance::Claimed).unwrap().key, key, "{given}");
            }
        }
        assert_eq!(normalize("011 15 2345-6789", Some("AR"), Assurance::Claimed).unwrap().key, "+541123456789");
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
        fn normalising_is_idempotent(
            given in ".*|\\+?[0-9 ()-]{5,16}|\\+(54|52|55|39|44|1|49)[0-9]{6,12}",
            region in proptest::option::of("[A-Z]{2}|US|AR|MX|BR|IT|DE|..")
        ) {
            if let Ok(once) = normalize(&given, region.as_deref(), Assurance::Observed) {
                let again = normalize(&once.number, region.as_deref(), Assurance::Observed);
                prop_assert_eq!(again.as_ref().map(|p| (&p.number, &p.key)), Ok((&once.number, &once.key)));
                prop_assert_eq!(key(&once.key), once.key.as_str());
            }
        }
    }
}
