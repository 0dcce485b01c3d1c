//! Accounts on networks: URL and `@` stripped, upper and lower case by the network's rules.

use super::{form::WarningCode, junk, text};
use crate::domain::contact::Assurance;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

/// An account in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NormalHandle {
    /// The network's one name: `x` for Twitter too.
    pub network: String,
    /// The account's name.
    pub value: String,
    /// How it was learnt.
    pub assurance: Assurance,
}

/// How a network writes its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Names that ignore case; numeric ids beside them.
    Name,
    /// Telephone numbers, and names or ids beside them: `WhatsApp`, Viber, Signal.
    Number,
    /// Ids that differ by case alone. So is every network that isn't listed: a forum may well tell `Jane` from `jane`.
    Exact,
}

/// The networks' one names, the other names and the hosts they go by, and their rules.
const NETWORKS: &[(&str, &[&str], Rule)] = &[
    ("x", &["twitter", "x.com", "twitter.com", "nitter.net"], Rule::Name),
    ("instagram", &["ig", "insta", "instagram.com", "instagr.am"], Rule::Name),
    ("facebook", &["fb", "facebook.com", "fb.com", "fb.me", "web.facebook.com"], Rule::Name),
    ("messenger", &["facebook_messenger", "fb_messenger", "messenger.com", "m.me"], Rule::Name),
    ("telegram", &["tg", "telegram.org", "t.me", "telegram.me", "telegram.dog"], Rule::Name),
    ("whatsapp", &["wa", "whatsapp_business", "wa.me", "whatsapp.com", "api.whatsapp.com"], Rule::Number),
    ("viber", &["viber.com"], Rule::Number),
    ("signal", &["signal.me"], Rule::Number),
    ("linkedin", &["li", "linked_in", "linkedin.com"], Rule::Name),
    ("tiktok", &["tik_tok", "tt", "tiktok.com"], Rule::Name),
    ("youtube", &["yt", "youtube.com"], Rule::Exact),
    ("line", &["line.me"], Rule::Exact),
    ("reddit", &["reddit.com"], Rule::Name),
    ("github", &["github.com"], Rule::Name),
    ("snapchat", &["snap", "snapchat.com"], Rule::Name),
    ("threads", &["threads.net", "threads.com"], Rule::Name),
    ("bluesky", &["bsky", "bsky.app"], Rule::Name),
    ("mastodon", &[], Rule::Name),
    ("pinterest", &["pinterest.com"], Rule::Name),
    ("twitch", &["twitch.tv"], Rule::Name),
    ("discord", &["discord.com"], Rule::Name),
    ("vk", &["vkontakte", "vk.com"], Rule::Name),
    ("wechat", &["weixin"], Rule::Name),
    ("skype", &[], Rule::Name),
];

/// First parts of a profile's path that the account's name comes after.
const BEFORE_THE_NAME: &[&str] =
    &["in", "pub", "u", "user", "users", "add", "profile", "t", "s", "ti", "p", "channel", "c", "i", "_u"];

/// Parts of paths that are pages of the network, not accounts.
const PAGES: &[&str] = &[
    "home", "explore", "search", "share", "intent", "login", "watch", "groups", "pages", "posts", "reel", "reels",
    "stories", "company", "school", "hashtag", "events", "settings", "messages", "send", "joinchat", "jobs", "feed",
    "status",
];

/// The longest account that is kept; the longest known (`WhatsApp`'s business-scoped ids) have 131 characters.
const LONGEST: usize = 200;

/// Normalises an account: URLs of known networks, a leading `@`, queries and trailing slashes go; a URL's host outranks
/// the network given. Names of known networks lose their case. What is exact stays exact: accounts of networks that
/// aren't listed, and `WhatsApp`'s business-scoped user ids (`US.1Ab…`). A `WhatsApp` account that is a telephone
/// number is its digits.
/// Dots stay, in Facebook's names too, where they mean nothing: email addresses are compared with them.
///
/// # Errors
/// `InvalidHandle` for what is no account, `Placeholder` for junk such as `unknown` or `0`.
pub fn normalize(network: &str, value: &str, assurance: Assurance) -> Result<NormalHandle, WarningCode> {
    let (named, known_rule) = network_of(network);
    let (network, rule, account) = match profile_url(value.trim()) {
        Some((host_network, host_rule, account)) => (host_network.to_owned(), host_rule, account),
        None => (named, known_rule.unwrap_or(Rule::Exact), value.trim().to_owned()),
    };
    let is_listed = NETWORKS.iter().any(|(name, _, _)| *name == network);
    let value = if is_listed { by_rule(rule, &account) } else { without_at(&account).to_owned() };
    if is_placeholder(&value, rule) {
        return Err(WarningCode::Placeholder);
    }
    if network.is_empty() || !is_account(&value, is_listed) {
        return Err(WarningCode::InvalidHandle);
    }
    Ok(NormalHandle { network, value, assurance })
}

/// Junk texts, zeros alone, and telephone numbers nobody has where accounts are numbers.
fn is_placeholder(value: &str, rule: Rule) -> bool {
    let zeros = !value.is_empty() && value.bytes().all(|b| b == b'0');
    zeros
        || (rule == Rule::Number && junk::is_placeholder_number(value))
        || junk::is_placeholder_text(&text::fold(value))
}

fn without_at(account: &str) -> &str {
    account.trim_start_matches(|c: char| c == '@' || c.is_whitespace()).trim_end()
}

/// The network's one name, and its rule if it is listed.
fn network_of(given: &str) -> (String, Option<Rule>) {
    let name = given.trim().to_lowercase();
    let plain = name.replace([' ', '-'], "_");
    let listed = NETWORKS.iter().find(|(one, others, _)| *one == plain || others.contains(&plain.as_str()));
    listed.map_or((name, None), |(one, _, rule)| ((*one).to_owned(), Some(*rule)))
}

/// The network and the account that a URL of a listed network names, whether it has a scheme or not.
fn profile_url(value: &str) -> Option<(&'static str, Rule, String)> {
    let (host, path) = without_scheme(value).split_once('/')?;
    let host = host.to_ascii_lowercase();
    let is_host = |one: &str| host.strip_suffix(one).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
    // Many write `telegram.com` for `telegram.org`: the network's own name in any domain will do.
    let is_named = |one: &str| host.rsplit('.').nth(1) == Some(one);
    let (network, _, rule) = NETWORKS
        .iter()
        .find(|(one, others, _)| is_named(one) || others.iter().any(|o| o.contains('.') && is_host(o)))?;
    Some((network, *rule, in_path(path)))
}

fn without_scheme(value: &str) -> &str {
    match value.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http") => rest,
        _ => value,
    }
}

/// The account in a URL's path and query; empty where the path is a page of the network.
fn in_path(path: &str) -> String {
    let (path, query) = path.split_once(['?', '#']).unwrap_or((path, ""));
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    let account = match first {
        "profile.php" | "send" | "send.php" => parameter(query, &["id", "phone"]),
        "people" => parts.next_back(),
        before if BEFORE_THE_NAME.contains(&before) => parts.find(|p| !BEFORE_THE_NAME.contains(p)),
        name => Some(name),
    };
    percent_decoded(account.filter(|name| !PAGES.contains(name)).unwrap_or_default())
}

fn parameter<'a>(query: &'a str, names: &[&str]) -> Option<&'a str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| names.contains(name))
        .map(|(_, value)| value)
}

/// Undoes `%C3%A9`; what is no UTF-8 then stays as it was.
fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let byte = after.get(..2).filter(|_| *first == b'%').and_then(hexadecimal);
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(decoded).unwrap_or_else(|_| text.to_owned())
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u8::from_str_radix(digits, 16).ok()
}

fn by_rule(rule: Rule, account: &str) -> String {
    let plain: String = account.nfkc().filter(|c| !text::is_invisible(*c)).collect();
    let plain = without_at(&plain).trim_end_matches(|c: char| c == '/' || c.is_whitespace());
    match rule {
        Rule::Exact => plain.to_owned(),
        Rule::Name => plain.to_lowercase().nfkc().collect(),
        Rule::Number if is_scoped_id(plain) => plain.to_owned(),
        Rule::Number => number(plain).unwrap_or_else(|| plain.to_lowercase().nfkc().collect()),
    }
}

/// A business-scoped user id: a country's two capitals, a full stop, letters and digits (Meta, `WhatsApp` Business
/// Platform).
fn is_scoped_id(account: &str) -> bool {
    account.split_once('.').is_some_and(|(country, rest)| {
        country.len() == 2
            && country.bytes().all(|b| b.is_ascii_uppercase())
            && !rest.is_empty()
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
    })
}

/// The digits of a telephone number, without `+`, `00` and the suffix of a messenger's internal address
/// (`447700900123@s.whatsapp.net`).
fn number(account: &str) -> Option<String> {
    let account = account.strip_prefix("whatsapp:").or(account.strip_prefix("tel:")).unwrap_or(account);
    let number = ["@s.whatsapp.net", "@c.us"].iter().find_map(|suffix| account.strip_suffix(suffix)).unwrap_or(account);
    let only_digits = number.chars().all(|c| c.is_ascii_digit() || "+-(). ".contains(c));
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (only_digits && digits.len() >= 7).then(|| digits.to_owned())
}

/// Something visible, not too long; without blanks, slashes and control characters where the network is listed.
fn is_account(value: &str, is_listed: bool) -> bool {
    let forbidden = |c: char| c.is_control() || (is_listed && (c.is_whitespace() || c == '/'));
    value.len() <= LONGEST && value.chars().any(char::is_alphanumeric) && !value.contains(forbidden)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accounts() {
        for (network, given, expected) in [
            ("Twitter", "@JaneDoe", ("x", "janedoe")),
            ("x", "https://x.com/JaneDoe?s=20", ("x", "janedoe")),
            ("x", "https://mobile.twitter.com/JaneDoe/status/123", ("x", "janedoe")),
            ("ig", "https://www.instagram.com/jane.doe/", ("instagram", "jane.doe")),
            ("facebook", "https://www.facebook.com/profile.php?id=100012345&x=1", ("facebook", "100012345")),
            ("fb", "facebook.com/Jane.Doe", ("facebook", "jane.doe")),
            ("facebook", "https://de-de.facebook.com/people/Jane-Doe/100012345/", ("facebook", "100012345")),
            ("tg", "https://t.me/Jane_Doe", ("telegram", "jane_doe")),
            ("telegram", "123456789012", ("telegram", "123456789012")),
            ("linkedin", "https://uk.linkedin.com/in/Jane-Doe-1a2b/", ("linkedin", "jane-doe-1a2b")),
            ("linkedin", "https://www.linkedin.com/in/ren%C3%A9e", ("linkedin", "renée")),
            ("tiktok", "https://www.tiktok.com/@Jane.Doe/video/7", ("tiktok", "jane.doe")),
            ("messenger", "https://m.me/jane.doe", ("messenger", "jane.doe")),
            ("messenger", "2411876523456789", ("messenger", "2411876523456789")),
            ("whatsapp", "https://wa.me/447700900123?text=hi", ("whatsapp", "447700900123")),
            ("whatsapp", "+44 7700 900123", ("whatsapp", "447700900123")),
            ("whatsapp", "447700900123@c.us", ("whatsapp", "447700900123")),
            ("whatsapp", "https://api.whatsapp.com/send?phone=447700900123", ("whatsapp", "447700900123")),
            ("whatsapp", "US.13491208655302741918", ("whatsapp", "US.13491208655302741918")),
            ("whatsapp", "GB.1aB2c", ("whatsapp", "GB.1aB2c")),
            ("whatsapp", "@Jane_Doe", ("whatsapp", "jane_doe")),
            ("line", "U4af4980629", ("line", "U4af4980629")),
            ("youtube", "https://youtube.com/channel/UCaBc", ("youtube", "UCaBc")),
            ("mastodon", "@Jane@Social.example", ("mastodon", "jane@social.example")),
            ("Our Forum", " @JaneDoe ", ("our forum", "JaneDoe")),
            ("forum", "Jane Doe", ("forum", "Jane Doe")),
            ("web", "https://instagram.com/janedoe", ("instagram", "janedoe")),
        ] {
            let handle = normalize(network, given, Assurance::Claimed);
            let found = handle.as_ref().map(|h| (h.network.as_str(), h.value.as_str()));
            assert_eq!(found, Ok(expected), "{network} {given}");
        }
    }

    #[test]
    fn refused() {
        for (network, given) in [
            ("x", ""),
            ("x", "@"),
            ("", "jane"),
            ("x", "Jane Doe"),
            ("x", "https://x.com/home"),
            ("x", "https://x.com/i/status/7"),
            ("linkedin", "https://linkedin.com/company/x"),
        ] {
            assert_eq!(normalize(network, given, Assurance::Claimed), Err(WarningCode::InvalidHandle), "{given}");
        }
        for given in ["unknown", "@guest", "N/A", "0", "00000000"] {
            assert_eq!(normalize("x", given, Assurance::Claimed), Err(WarningCode::Placeholder), "{given}");
        }
    }

    proptest! {
        #[test]
        fn normalising_is_idempotent(
            network in "x|fb|whatsapp|youtube|telegram|forum|.{0,4}",
            given in ".*|@?[A-Za-z0-9._@ +%-]{1,16}|(https://)?(x.com|wa.me|facebook.com|t.me)/[@a-zA-Z0-9/?%=.]{0,12}"
        ) {
            if let Ok(once) = normalize(&network, &given, Assurance::Observed) {
                prop_assert_eq!(normalize(&once.network, &once.value, Assurance::Observed), Ok(once));
            }
        }
    }
}
