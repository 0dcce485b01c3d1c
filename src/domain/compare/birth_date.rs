//! Comparing birth dates.

use super::{Features, Level};
use crate::domain::normalize::{birth_date::BirthDate, edits};

/// The best pair: equal digits, day and month swapped, one digit off (or two neighbours swapped), two of three parts equal,
/// close in time, or different.
#[must_use]
pub fn birth_date(a: &Features, b: &Features) -> Level {
    let pairs = a.birth_dates.iter().flat_map(|x| b.birth_dates.iter().map(move |y| pair(x, y)));
    pairs.min().unwrap_or(Level::Null)
}

fn pair(x: &BirthDate, y: &BirthDate) -> Level {
    if x == y {
        return Level::Exact;
    }
    if let (BirthDate::Date { year, month, day }, BirthDate::Date { year: y2, month: m2, day: d2 }) = (x, y)
        && (year, month, day) == (y2, d2, m2)
    {
        return Level::Swapped;
    }
    match edits::within(&x.digits(), &y.digits(), 1) {
        Some(0) => Level::Exact,
        Some(_) => Level::OneEdit,
        None => nearness(x, y),
    }
}

/// Dates taken down by ear or from bad paper are off in one part, or by little in each: a digit of the year, a month, a
/// few days.
fn nearness(x: &BirthDate, y: &BirthDate) -> Level {
    let (BirthDate::Date { year, month, day }, BirthDate::Date { year: y2, month: m2, day: d2 }) = (x, y) else {
        return Level::Else;
    };
    let equal = [year == y2, month == m2, day == d2].into_iter().filter(|equal| *equal).count();
    let off = (year.abs_diff(*y2), month.abs_diff(*m2), day.abs_diff(*d2));
    if equal == 2 || (matches!(off.0, 0 | 1 | 10) && off.1 <= 1 && off.2 <= 3) { Level::Near } else { Level::Else }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_by_level() {
        let date = |year, month, day| BirthDate::Date { year, month, day };
        let born = date(1990, 3, 12);
        for (other, level) in [
            (born.clone(), Level::Exact),
            (date(1990, 12, 3), Level::Swapped),
            (date(1990, 3, 21), Level::OneEdit),
            (date(1991, 3, 12), Level::OneEdit),
            (BirthDate::Digits("19900312".into()), Level::Exact),
            (BirthDate::Digits("1990312".into()), Level::OneEdit),
            (date(1985, 6, 7), Level::Else),
        ] {
            assert_eq!(pair(&born, &other), level, "{other:?}");
            assert_eq!(pair(&other, &born), level, "{other:?}");
        }
    }
}
