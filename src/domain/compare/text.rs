//! Comparing companies and further facts: support for what identifiers and names say, never enough by itself.

use super::{Features, Level, word};

/// Where they work: equal, spelt nearly alike, or one the beginning of the other (`acme`, `acme ltd`).
#[must_use]
pub fn company(a: &Features, b: &Features) -> Level {
    best(a.companies.iter().flat_map(|x| b.companies.iter().map(move |y| pair(x, y))))
}

/// A fact of this name: equal, spelt nearly alike, or one the beginning of the other (`f`, `female`).
#[must_use]
pub fn attribute(a: &Features, b: &Features, name: &str) -> Level {
    let xs = values(a, name);
    best(xs.flat_map(|x| values(b, name).map(move |y| pair(x, y))))
}

fn values<'a>(features: &'a Features, name: &'a str) -> impl Iterator<Item = &'a str> {
    features.attributes.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
}

/// Levels are declared from strong to weak.
fn best(levels: impl Iterator<Item = Level>) -> Level {
    levels.min().unwrap_or(Level::Null)
}

fn pair(x: &str, y: &str) -> Level {
    let begins = x.starts_with(y) || y.starts_with(x);
    match x == y {
        true => Level::Exact,
        false if begins || word::is_slip(x, y) => Level::Close,
        false => Level::Else,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_by_level() {
        for (x, y, level) in [
            ("acme", "acme", Level::Exact),
            ("acme", "acme ltd", Level::Close),
            ("contoso", "contsoo", Level::Close),
            ("f", "female", Level::Close),
            ("f", "m", Level::Else),
        ] {
            assert_eq!((pair(x, y), pair(y, x)), (level, level), "{x} {y}");
        }
        assert_eq!(company(&Features::default(), &Features::default()), Level::Null);
    }
}
