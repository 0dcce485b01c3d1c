//! An account's name by its network's rule.

use super::network::Rule;
use crate::domain::normalize::text;
use unicode_normalization::UnicodeNormalization;

/// An account as its network writes it.
pub(super) fn by_rule(rule: Rule, account: &str) -> String {
    let plain: String = account.nfkc().filter(|c| !text::is_invisible(*c)).collect();
    let plain = without_at(&plain).trim_end_matches(|c: char| c == '/' || c.is_whitespace());
    match rule {
        Rule::Exact => plain.to_owned(),
        Rule::NameOrId if is_channel_id(plain) => plain.to_owned(),
        Rule::Name | Rule::NameOrId => lower(plain),
        Rule::Federated => lower(plain.strip_prefix("acct:").unwrap_or(plain)),
        Rule::Domain => without_own_domain(&lower(plain)).to_owned(),
        Rule::Number if is_scoped_id(plain) => with_country_in_capitals(plain),
        Rule::Number => number(plain).unwrap_or_else(|| lower(plain)),
    }
}

fn lower(account: &str) -> String {
    account.to_lowercase().nfkc().collect()
}

/// `jane.bsky.social` is Jane; people with a domain of their own have it in full.
fn without_own_domain(account: &str) -> &str {
    let name = account.strip_suffix(".bsky.social").unwrap_or(account);
    if name.is_empty() || name.contains('.') { account } else { name }
}

/// `YouTube`'s channel ids: `UC` and 22 more signs.
fn is_channel_id(account: &str) -> bool {
    account.len() == 24 && account.starts_with("UC")
}

/// The country's letters of a business-scoped id ignore case, its other signs may not.
fn with_country_in_capitals(id: &str) -> String {
    let (country, rest) = id.split_at(2);
    country.to_ascii_uppercase() + rest
}

/// A business-scoped user id: a country's two capitals, a full stop, letters and digits (Meta, `WhatsApp` Business
/// Platform). In small letters it is one only where a long number follows: names have full stops too.
fn is_scoped_id(account: &str) -> bool {
    account.split_once('.').is_some_and(|(country, rest)| {
        let is_long_number = rest.len() >= 10 && rest.bytes().all(|b| b.is_ascii_digit());
        country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase() || (is_long_number && b.is_ascii_lowercase()))
            && !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
    })
}

/// The digits of a telephone number, without `+`, `00` and the suffix of a messenger's internal address
/// (`447700900123@s.whatsapp.net`).
fn number(account: &str) -> Option<String> {
    let account = account.strip_prefix("whatsapp:").or(account.strip_prefix("tel:")).unwrap_or(account);
    let number = ["@s.whatsapp.net", "@c.us"].iter().find_map(|suffix| account.strip_suffix(suffix)).unwrap_or(account);
    // A device of the account: `447700900123:12@s.whatsapp.net`.
    let number = number.split_once(':').map_or(number, |(number, _)| number);
    let only_digits = number.chars().all(|c| c.is_ascii_digit() || "+-(). ".contains(c));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (only_digits && digits.len() >= 7).then(|| digits.to_owned())
}

pub(super) fn without_at(account: &str) -> &str {
    account.trim_start_matches(|c: char| c == '@' || c.is_whitespace()).trim_end()
}
