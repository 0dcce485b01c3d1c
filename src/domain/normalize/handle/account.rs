//! The normal form of an account.

use super::{
    network::{NETWORKS, Rule, network_of},
    rule::{by_rule, without_at},
    url::{BEFORE_THE_NAME, federated_url, in_path, profile_url, without_scheme},
};
use crate::domain::{
    contact::Assurance,
    normalize::{form::WarningCode, junk, text},
};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::Serialize;
use unicode_normalization::UnicodeNormalization;

/// An account in normal form.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NormalHandle {
    /// The network's one name: `x` for Twitter too.
    pub network: String,
    /// The account's name.
    pub value: String,
    /// How it was learnt.
    pub assurance: Assurance,
}

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
    let visible: String = value.nfkc().filter(|c| !text::is_invisible(*c)).collect();
    let (network, rule, account) = match profile_url(visible.trim()) {
        Some((host_network, host_rule, account)) => (host_network.to_owned(), host_rule, account),
        None => match known_rule {
            Some(rule) => (named, rule, written(visible.trim(), rule)),
            None => (named, Rule::Exact, value.trim().to_owned()),
        },
    };
    let is_listed = NETWORKS.iter().any(|(name, _, _)| *name == network);
    let value = if is_listed { by_rule(rule, &account) } else { without_at(&account).to_owned() };
    if is_placeholder(&value, rule) {
        return Err(WarningCode::Placeholder);
    }
    if network.is_empty() || !is_account(&value, is_listed) || is_invitation(&network, &value) {
        return Err(WarningCode::InvalidHandle);
    }
    Ok(NormalHandle { network, value, assurance })
}

/// The account in a text that is no URL of its network: a part of one (`in/jane-doe`), or a URL of any host where the
/// network has many.
fn written(value: &str, rule: Rule) -> String {
    let is_path = value.split_once('/').is_some_and(|(first, _)| first.is_empty() || BEFORE_THE_NAME.contains(&first));
    match rule {
        Rule::Federated => federated_url(value).unwrap_or_else(|| value.to_owned()),
        Rule::Domain => without_scheme(value).to_owned(),
        _ if is_path => in_path(value),
        _ => value.to_owned(),
    }
}

/// Junk texts, zeros alone, and telephone numbers nobody has where accounts are numbers.
fn is_placeholder(value: &str, rule: Rule) -> bool {
    let zeros = !value.is_empty() && value.bytes().all(|b| b == b'0');
    zeros
        || (rule == Rule::Number && junk::is_placeholder_number(value))
        || junk::is_placeholder_text(&text::fold(value))
}

/// Telegram's links to groups begin like those to telephone numbers.
fn is_invitation(network: &str, value: &str) -> bool {
    network == "telegram" && value.strip_prefix('+').is_some_and(|rest| !rest.bytes().all(|b| b.is_ascii_digit()))
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
            (
                "youtube",
                "https://youtube.com/channel/UCaBcDeFgHiJkLmNoPqRsTuV",
                ("youtube", "UCaBcDeFgHiJkLmNoPqRsTuV"),
            ),
            ("youtube", "https://www.youtube.com/@JaneDoe", ("youtube", "janedoe")),
            ("yt", "@JaneDoe", ("youtube", "janedoe")),
            ("x", "https://twitter.com/intent/user?screen_name=JaneDoe", ("x", "janedoe")),
            ("x", "\u{202a}https://x.com/@JaneDoe/\u{202c}", ("x", "janedoe")),
            ("facebook", "https://m.facebook.com/messages/t/100012345", ("facebook", "100012345")),
            ("facebook", "https://www.facebook.com/profile.php?sk=about&id=100012345", ("facebook", "100012345")),
            ("telegram", "tg://resolve?domain=Jane_Doe", ("telegram", "jane_doe")),
            ("telegram", "tg://user?id=123456789", ("telegram", "123456789")),
            ("telegram", "https://t.me/+447700900123", ("telegram", "+447700900123")),
            ("linkedin", "in/Jane-Doe-1a2b", ("linkedin", "jane-doe-1a2b")),
            ("linkedin", "/in/jane-doe/", ("linkedin", "jane-doe")),
            ("reddit", "u/Jane", ("reddit", "jane")),
            ("whatsapp", "whatsapp://send?phone=%2B447700900123", ("whatsapp", "447700900123")),
            ("whatsapp", "447700900123:12@s.whatsapp.net", ("whatsapp", "447700900123")),
            ("whatsapp", "us.13491208655302741918", ("whatsapp", "US.13491208655302741918")),
            ("whatsapp", "la.jane", ("whatsapp", "la.jane")),
            ("viber", "viber://chat?number=%2B447700900123", ("viber", "447700900123")),
            ("signal", "https://signal.me/#p/+447700900123", ("signal", "447700900123")),
            ("line", "https://line.me/R/ti/p/@abc123", ("line", "abc123")),
            ("tiktok", "https://m.tiktok.com/@Jane?lang=en", ("tiktok", "jane")),
            ("mastodon", "https://social.example/@Jane", ("mastodon", "jane@social.example")),
            ("mastodon", "https://social.example/users/Jane", ("mastodon", "jane@social.example")),
            ("web", "https://mastodon.social/@Jane", ("mastodon", "jane@mastodon.social")),
            ("fediverse", "acct:jane@social.example", ("mastodon", "jane@social.example")),
            ("bluesky", "https://bsky.app/profile/Jane.bsky.social", ("bluesky", "jane")),
            ("bsky", "@jane.example.com", ("bluesky", "jane.example.com")),
            ("bluesky", "at://jane.bsky.social", ("bluesky", "jane")),
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
            ("whatsapp", "https://chat.whatsapp.com/AbCdEfGh"),
            ("tiktok", "https://vm.tiktok.com/ZMabc/"),
            ("instagram", "https://www.instagram.com/p/CabcdEf/"),
            ("telegram", "https://t.me/+AbCdEfGh"),
            ("telegram", "https://t.me/joinchat/AbCd"),
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
            network in "x|fb|whatsapp|youtube|telegram|mastodon|bluesky|linkedin|forum|.{0,4}",
            given in ".*|@?[A-Za-z0-9._@ +%-]{1,16}|(https://)?(x.com|wa.me|facebook.com|t.me|bsky.app|mastodon.social|a.b|in|)/[@a-zA-Z0-9/?%=.]{0,12}"
        ) {
            if let Ok(once) = normalize(&network, &given, Assurance::Observed) {
                prop_assert_eq!(normalize(&once.network, &once.value, Assurance::Observed), Ok(once));
            }
        }
    }
}
