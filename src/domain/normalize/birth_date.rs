//! Birth dates: a calendar date, or the digits of what should have been one.

use super::{form::WarningCode, junk, text};
use borsh::{BorshDeserialize, BorshSerialize};
use jiff::civil::Date;
use serde::Serialize;

/// A birth date in normal form.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum BirthDate {
    /// A valid date of the calendar.
    Date {
        /// Year, four digits.
        year: i16,
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// The digits of a text that is no date, such as `19901345`: at most eight, the year first where it is known.
    Digits(String),
}

impl BirthDate {
    /// What it is compared and found by: year, month and day as eight digits, or the digits there are.
    #[must_use]
    pub fn digits(&self) -> String {
        match self {
            Self::Date { year, month, day } => format!("{year:04}{month:02}{day:02}"),
            Self::Digits(digits) => digits.clone(),
        }
    }
}

/// Dates that systems fill in: the smallest or largest they know, the first day of their calendar.
const PLACEHOLDERS: &[(i32, u8, u8)] = &[
    (1, 1, 1),
    (1111, 11, 11),
    (1753, 1, 1),
    (1800, 1, 1),
    (1899, 12, 30),
    (1899, 12, 31),
    (1900, 1, 1),
    (1901, 1, 1),
    (1904, 1, 1),
    (1970, 1, 1),
    (2099, 12, 31),
    (2222, 2, 2),
    (9999, 12, 31),
];

/// Folded month names and their usual short forms, by month: English, German, French, Spanish, Portuguese, Italian,
/// Dutch.
const MONTHS: &[(i8, &[&str])] = &[
    (
        1,
        &[
            "jan", "january", "januar", "janner", "janvier", "janv", "enero", "ene", "janeiro", "gennaio", "gen",
            "januari",
        ],
    ),
    (2, &["feb", "february", "februar", "fevrier", "fevr", "fev", "febrero", "fevereiro", "febbraio", "februari"]),
    (3, &["mar", "march", "marz", "maerz", "mars", "marzo", "marco", "maart", "mrt"]),
    (4, &["apr", "april", "avril", "avr", "abril", "abr", "aprile"]),
    (5, &["may", "mai", "mayo", "maio", "maggio", "mag", "mei"]),
    (6, &["jun", "june", "juni", "juin", "junio", "junho", "giugno", "giu"]),
    (7, &["jul", "july", "juli", "juillet", "juil", "julio", "julho", "luglio", "lug"]),
    (8, &["aug", "august", "aout", "agosto", "ago", "augustus"]),
    (9, &["sep", "sept", "september", "septembre", "septiembre", "setembro", "set", "settembre", "sett"]),
    (10, &["oct", "october", "okt", "oktober", "octobre", "octubre", "outubro", "out", "ottobre", "ott"]),
    (11, &["nov", "november", "novembre", "noviembre", "novembro"]),
    (12, &["dec", "december", "dez", "dezember", "decembre", "diciembre", "dic", "dezembro", "dicembre"]),
];

/// Words beside a date that say nothing; the last six are year, month and day in Chinese, Japanese and Korean, folded.
const FILLERS: &[&str] = &[
    "st", "nd", "rd", "th", "of", "the", "de", "del", "le", "er", "den", "dob", "born", "geb", "nian", "yue", "ri",
    "nyeon", "weol", "il",
];

/// What a text says: a date if it is one, and what is wrong with it if anything is.
///
/// ISO dates (a time after them is ignored), `1990/12/31`, `19901231`, `31.12.1990`, `31121990`, `31 Dec 1990`,
/// `December 31, 1990` and `1990年12月31日` are dates. Of `03/04/1990` the day is read first, and the month first where
/// that alone makes a date (`12/31/1990`): a swapped pair is for the comparison to see. Two-digit years aren't read,
/// as the century would be a guess. Years are 1850 to 2099. Whatever else has at least six digits is kept as digits.
#[must_use]
pub fn normalize(given: &str) -> (Option<BirthDate>, Option<WarningCode>) {
    let folded = text::fold(given);
    if folded.is_empty() && given.trim().is_empty() {
        return (None, None);
    }
    let parts = parts(&folded);
    if junk::is_placeholder_text(&folded) || is_placeholder(&parts) {
        return (None, Some(WarningCode::Placeholder));
    }
    if let Some(date) = read(&parts) {
        return (Some(date), None);
    }
    (digits(&parts).map(BirthDate::Digits), Some(WarningCode::InvalidBirthDate))
}

/// One run of digits or letters of a folded text.
#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    Number(&'a str),
    Month(i8),
    Word,
}

/// The runs that matter: the date itself, without fillers and without the time after it.
fn parts(folded: &str) -> Vec<Part<'_>> {
    let mut parts: Vec<Part> = Vec::new();
    for run in folded.split(' ').flat_map(runs) {
        if is_time_mark(run) && parts.len() >= 3 {
            break;
        }
        if !FILLERS.contains(&run) {
            parts.push(part(run));
        }
    }
    // An hour of two digits follows a full date: `1990-12-31 00:00`.
    if parts.len() > 3 && parts.iter().skip(3).all(|p| matches!(p, Part::Number(n) if n.len() <= 9)) {
        parts.truncate(3);
    }
    parts
}

/// Parts letters from digits: `31st` → `31`, `st`. Folded text is ASCII, so that any index is a boundary.
fn runs(word: &str) -> impl Iterator<Item = &str> {
    let bytes = word.as_bytes();
    let mut start = 0;
    std::iter::from_fn(move || {
        let first = bytes.get(start)?.is_ascii_digit();
        let length = bytes.iter().skip(start).take_while(|b| b.is_ascii_digit() == first).count();
        let run = word.get(start..start + length);
        start += length;
        run
    })
}

fn is_time_mark(run: &str) -> bool {
    matches!(run, "t" | "z" | "am" | "pm" | "utc" | "gmt")
}

fn part(run: &str) -> Part<'_> {
    if run.bytes().all(|b| b.is_ascii_digit()) {
        return Part::Number(run);
    }
    MONTHS.iter().find(|(_, names)| names.contains(&run)).map_or(Part::Word, |(month, _)| Part::Month(*month))
}

fn read(parts: &[Part]) -> Option<BirthDate> {
    match *parts {
        [Part::Number(run)] if run.len() == 8 => in_one_run(run),
        [Part::Number(y), Part::Number(m), Part::Number(d)] if y.len() == 4 => date(y, m, d).or_else(|| date(y, d, m)),
        [Part::Number(d), Part::Number(m), Part::Number(y)] => date(y, m, d).or_else(|| date(y, d, m)),
        [Part::Number(y), Part::Month(m), Part::Number(d)] if y.len() == 4 => in_month(y, m, d),
        [Part::Number(d), Part::Month(m), Part::Number(y)] | [Part::Month(m), Part::Number(d), Part::Number(y)] => {
            in_month(y, m, d)
        }
        _ => None,
    }
}

/// `19901231`, else `31121990`, else `12311990`.
fn in_one_run(run: &str) -> Option<BirthDate> {
    let cut = |from: usize, to: usize| run.get(from..to).unwrap_or_default();
    date(cut(0, 4), cut(4, 6), cut(6, 8))
        .or_else(|| date(cut(4, 8), cut(2, 4), cut(0, 2)))
        .or_else(|| date(cut(4, 8), cut(0, 2), cut(2, 4)))
}

fn date(year: &str, month: &str, day: &str) -> Option<BirthDate> {
    in_month(year, month.parse().ok()?, day)
}

fn in_month(year: &str, month: i8, day: &str) -> Option<BirthDate> {
    if year.len() != 4 || day.len() > 2 {
        return None;
    }
    let (year, day) = (year.parse().ok().filter(|y| (1850..=2099).contains(y))?, day.parse().ok()?);
    Date::new(year, month, day).ok().map(|_| BirthDate::Date { year, month, day })
}

fn is_placeholder(parts: &[Part]) -> bool {
    let joined = joined(parts);
    let zeros = !joined.is_empty() && joined.bytes().all(|b| b == b'0');
    zeros
        || (joined.len() >= 6 && junk::is_placeholder_number(&joined))
        || PLACEHOLDERS.iter().any(|(y, m, d)| joined == format!("{y:04}{m:02}{d:02}"))
        || is_filled_in(parts)
}

/// Whether the date that the parts make is one that systems fill in.
fn is_filled_in(parts: &[Part]) -> bool {
    let Some(BirthDate::Date { year, month, day }) = read(parts) else { return false };
    PLACEHOLDERS
        .iter()
        .any(|(y, m, d)| (i32::from(year), i16::from(month), i16::from(day)) == (*y, (*m).into(), (*d).into()))
}

/// The digits, at least six, at most eight.
fn digits(parts: &[Part]) -> Option<String> {
    let mut digits = joined(parts);
    digits.truncate(8);
    Some(digits).filter(|d| d.len() >= 6)
}

/// All digits, ordered as year, month, day where the year can be told by its length.
fn joined(parts: &[Part]) -> String {
    let numbers: Vec<&str> =
        parts.iter().filter_map(|p| if let Part::Number(n) = p { Some(*n) } else { None }).collect();
    match *numbers.as_slice() {
        [y, m, d] if y.len() == 4 => format!("{y}{m:0>2}{d:0>2}"),
        [d, m, y] if y.len() == 4 => format!("{y}{m:0>2}{d:0>2}"),
        _ => numbers.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn notations_of_a_date() {
        for given in [
            "1990-12-31",
            " 1990-12-31 ",
            "1990-12-31T00:00:00Z",
            "1990-12-31 00:00:00",
            "1990-12-31T10:00:00.000+02:00",
            "1990/12/31",
            "1990.12.31",
            "19901231",
            "31.12.1990",
            "31/12/1990",
            "31-12-1990 00:00",
            "31121990",
            "12/31/1990",
            "12311990",
            "31 Dec 1990",
            "31st December 1990",
            "Dec 31, 1990",
            "December 31st, 1990",
            "31. Dezember 1990",
            "31 de diciembre de 1990",
            "31 décembre 1990",
            "1990年12月31日",
            "1990년 12월 31일",
            "１９９０－１２－３１",
            "31-DEC-1990",
            "1990-31-12",
        ] {
            let date = BirthDate::Date { year: 1990, month: 12, day: 31 };
            assert_eq!(normalize(given), (Some(date), None), "{given}");
        }
        assert_eq!(normalize("03/04/1990"), (Some(BirthDate::Date { year: 1990, month: 4, day: 3 }), None));
        assert_eq!(normalize("1990-1-2"), (Some(BirthDate::Date { year: 1990, month: 1, day: 2 }), None));
    }

    #[test]
    fn what_is_no_date_is_kept_as_digits() {
        for (given, digits) in [
            ("19901345", "19901345"),
            ("1990-13-45", "19901345"),
            ("45.13.1990", "19901345"),
            ("1990-02-30", "19900230"),
            ("31.12.90", "311290"),
            ("1720-05-06", "17200506"),
        ] {
            let expected = (Some(BirthDate::Digits(digits.into())), Some(WarningCode::InvalidBirthDate));
            assert_eq!(normalize(given), expected, "{given}");
        }
        for given in ["1990", "in spring", "12/90", "!"] {
            assert_eq!(normalize(given), (None, Some(WarningCode::InvalidBirthDate)), "{given}");
        }
        assert_eq!(normalize("  "), (None, None));
    }

    #[test]
    fn placeholders() {
        for given in [
            "1900-01-01",
            "01.01.1900",
            "1 January 1900",
            "1970-01-01T00:00:00Z",
            "0000-00-00",
            "00/00/0000",
            "00000000",
            "0",
            "9999-12-31",
            "0001-01-01",
            "11111111",
            "11/11/1111",
            "unknown",
            "N/A",
            "99999999",
            "12345678",
        ] {
            assert_eq!(normalize(given), (None, Some(WarningCode::Placeholder)), "{given}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(given in ".*|[0-9]{0,9}|[0-9]{1,4}[-/. ][0-9A-Za-z]{1,4}[-/. ][0-9]{1,4}") {
            let (date, code) = normalize(&given);
            prop_assert!(date.is_none() || code != Some(WarningCode::Placeholder));
        }

        #[test]
        fn every_date_reads_the_same_in_iso_and_in_one_run(year in 1850i16..2100, month in 1i8..13, day in 1i8..29) {
            let (iso, code) = normalize(&format!("{year:04}-{month:02}-{day:02}"));
            if code.is_none() {
                prop_assert_eq!(&iso, &Some(BirthDate::Date { year, month, day }));
            }
            prop_assert_eq!((iso, code), normalize(&format!("{year:04}{month:02}{day:02}")));
        }
    }
}
