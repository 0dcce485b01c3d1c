//! Variants of a number that changed number plans left behind.

use std::borrow::Cow;

/// Mobile prefixes of Vietnam before and since September 2018 (Ministry of Information and Communications).
#[rustfmt::skip] // A table in rows.
const VIETNAMESE: &[(&str, &str)] = &[
    ("120", "70"), ("121", "79"), ("122", "77"), ("123", "83"), ("124", "84"), ("125", "85"), ("126", "76"),
    ("127", "81"),
    ("128", "78"), ("129", "82"), ("162", "32"), ("163", "33"), ("164", "34"), ("165", "35"), ("166", "36"),
    ("167", "37"),
    ("168", "38"), ("169", "39"), ("186", "56"), ("188", "58"), ("199", "59"),
];

/// The one spelling that the plan's variants share: the current one, but Argentina's without the mobile 9.
///
/// - Brazil: mobile numbers got a ninth digit, a leading 9 after the area (Anatel, 2012 to 2016).
/// - Argentina: from abroad mobile numbers take a 9 before the area; the old 15 after it is the parser's to undo.
/// - Mexico: from abroad mobile numbers took a 1 before the area until 2019.
/// - Vietnam: mobile numbers lost a digit in 2018. Ivory Coast: ten digits since 2021. Benin: a leading 01 since 2024.
/// - Colombia: landlines got a leading 60 in 2021.
pub(super) fn key(number: &str) -> Cow<'_, str> {
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
    } else if let Some(national) = number.strip_prefix("+57") {
        (national.len() == 8).then(|| format!("+5760{national}"))
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

/// Whether a national number is surely read as it stands behind its country code, and nothing taken off it as a prefix for
/// calls within the country. Known of large countries whose only such prefix is one digit, or that have none (metadata of
/// libphonenumber); of others nothing is promised.
pub(super) fn is_read_as_it_stands(country: i32, national: &str) -> bool {
    match country {
        30 | 34 | 39 | 45 | 47 | 48 | 52 | 65 | 351 | 420 => true,
        1 => !national.starts_with('1'),
        7 => !national.starts_with('8'),
        27 | 31 | 32 | 33 | 40 | 41 | 43 | 44 | 46 | 49 | 64 | 90 | 91 | 92 | 234 | 254 | 256 | 353 | 358 | 359
        | 380 | 381 | 385 | 386 | 421 | 971 | 972 => !national.starts_with('0'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rlibphonenumber::PHONE_NUMBER_UTIL;

    #[test]
    fn what_stands_as_it_is_reads_as_it_is() {
        for country in (1..1000).filter(|country| is_read_as_it_stands(*country, "2")) {
            for number in (0..1_000_000_u64).step_by(9973) {
                let length = 6 + usize::try_from(number % 7).unwrap();
                let national = format!("{number:06}{:07}", number * 7919 % 10_000_000)[..length].to_owned();
                if is_read_as_it_stands(country, &national) {
                    let read = PHONE_NUMBER_UTIL.parse(format!("+{country}{national}"), None).unwrap();
                    assert_eq!(
                        (read.country_code, read.get_national_significant_number()),
                        (country, national),
                        "+{country}"
                    );
                }
            }
        }
    }
}
