//! The ways to read a text as a telephone number.

use super::number::{digits, has_letters};
use rlibphonenumber::Region;
use std::borrow::Cow;

/// Fewest digits of a number that is tried as international though neither `+` nor `00` says so.
const FEWEST_INTERNATIONAL: usize = 11;

/// Words for an extension that the library doesn't know.
const EXTENSIONS: &[&str] = &[
    "ramal",
    "poste",
    "interno",
    "wew",
    "linka",
    "durchwahl",
    "klappe",
    "dw",
    "toestel",
    "dahili",
    "anknytning",
    "доб",
    "вн",
    "εσωτ",
    "内線",
    "分机",
    "分機",
    "내선",
];

/// The ways to read a text, likeliest first: as it stands, without a `(0)`, with `00` for `+`, with the `+` lost, with
/// another country's prefix for calls abroad, without what number plans once wanted. The first is mostly enough, so that
/// the others are made on demand.
pub(super) fn readings(plain: &str, region: Option<Region>) -> impl Iterator<Item = Cow<'_, str>> {
    let (bare, is_messenger) = bare(plain);
    let others = std::iter::once_with(move || other_readings(bare, is_messenger, region));
    std::iter::once(bare.into()).chain(others.flatten())
}

fn other_readings(bare: &str, is_messenger: bool, region: Option<Region>) -> impl Iterator<Item = Cow<'_, str>> {
    let is_international = bare.starts_with('+');
    let without_trunk = bare.contains("(0)").then(|| bare.replace("(0)", "").into());
    let after_zeros = abroad(bare, "00");
    let may_lack_plus =
        !is_international && !bare.starts_with('0') && !has_letters(bare) && (is_messenger || region.is_some());
    let with_plus = (may_lack_plus && digits(bare).len() >= FEWEST_INTERNATIONAL).then(|| format!("+{bare}").into());
    without_trunk
        .into_iter()
        .chain(after_zeros)
        .chain(with_plus)
        .chain(["0011", "011"].into_iter().filter_map(|prefix| abroad(bare, prefix)))
        .chain(false_plus(bare))
        .chain(once_dialled(bare, region))
}

/// What follows a prefix for calls abroad: `00` of most countries, `011` of North America, `0011` of Australia.
fn abroad<'a>(bare: &str, prefix: &str) -> Option<Cow<'a, str>> {
    bare.strip_prefix(prefix).map(|rest| format!("+{rest}").into())
}

/// `+0…`, `++44…`, `+0044…`: a plus too many.
fn false_plus<'a>(bare: &str) -> impl Iterator<Item = Cow<'a, str>> {
    let rest = bare.trim_start_matches(['+', ' ']);
    let at_home = (bare.starts_with("+0") || bare.starts_with("+ 0")).then(|| rest.to_owned().into());
    let abroad = bare.starts_with('+').then(|| format!("+{}", rest.trim_start_matches(['0', ' '])).into());
    at_home.into_iter().chain(abroad)
}

/// Without the prefixes that people still write: Brazil's `0xx` for any carrier, Mexico's `01`, `044` and `045`.
fn once_dialled<'a>(bare: &str, region: Option<Region>) -> Option<Cow<'a, str>> {
    let plain = digits(bare);
    match region? {
        Region::BR if bare.to_lowercase().contains("0xx") => Some(plain.trim_start_matches('0').to_owned().into()),
        Region::MX => {
            let rest = ["044", "045", "01"].iter().find_map(|prefix| plain.strip_prefix(prefix))?;
            (rest.len() == 10).then(|| rest.to_owned().into())
        }
        _ => None,
    }
}

/// The readings without a country code that may have been written twice (`+44 44 7…`, `+44 0044 7…`), each after that code.
pub(super) fn doubled(plain: &str) -> impl Iterator<Item = (String, String)> {
    let (bare, _) = bare(plain);
    let digits = if bare.starts_with(['+', '0']) && !has_letters(bare) { digits(bare) } else { String::new() };
    (1..=3).filter_map(move |length| {
        let (code, rest) = digits.trim_start_matches('0').split_at_checked(length)?;
        let rest = rest.trim_start_matches('0');
        rest.starts_with(code).then(|| (code.to_owned(), format!("+{rest}")))
    })
}

/// The text with a word for an extension that the library understands.
pub(super) fn with_extension(plain: &str) -> Cow<'_, str> {
    let lower = plain.to_lowercase();
    let parted = EXTENSIONS.iter().find_map(|word| {
        let (number, extension) = lower.rsplit_once(word)?;
        let extension = extension.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ':'));
        let is_one = (1..=7).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_digit());
        (is_one && digits(number).len() > 4).then(|| format!("{} ext. {extension}", number.trim_end()))
    });
    parted.map_or(plain.into(), Cow::Owned)
}

/// The number without its URI scheme, and whether the scheme is a messenger's, which always gives international
/// numbers.
pub(super) fn bare(plain: &str) -> (&str, bool) {
    let trimmed = plain.trim();
    match trimmed.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("whatsapp") => (rest.trim(), true),
        Some((scheme, rest)) if ["tel", "sms", "callto"].iter().any(|s| scheme.eq_ignore_ascii_case(s)) => {
            (rest.trim_start_matches('/').trim(), false)
        }
        _ => (trimmed, false),
    }
}
