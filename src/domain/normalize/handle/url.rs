//! The account that a URL names.

use super::network::{NETWORKS, Rule};

/// First parts of a profile's path that the account's name comes after.
pub(super) const BEFORE_THE_NAME: &[&str] = &[
    "in", "pub", "pg", "u", "R", "messages", "user", "users", "add", "profile", "t", "s", "ti", "p", "channel", "c",
    "i", "_u",
];

/// Parts of paths that are pages of the network, not accounts.
const PAGES: &[&str] = &[
    "home", "explore", "search", "share", "intent", "login", "watch", "groups", "pages", "posts", "reel", "reels",
    "stories", "company", "school", "hashtag", "events", "settings", "message", "send", "joinchat", "jobs", "feed",
    "status",
];

/// Hosts of short links and invitations, which tell no account.
const OPAQUE_HOSTS: &[&str] = &["chat.whatsapp.com", "vm.tiktok.com", "vt.tiktok.com", "channel.whatsapp.com"];

/// Schemes of the networks' own apps.
const APPS: &[(&str, &str)] =
    &[("tg", "telegram"), ("whatsapp", "whatsapp"), ("viber", "viber"), ("fb-messenger", "messenger")];

/// Parameters that hold the account.
const PARAMETERS: &[&str] = &["id", "phone", "number", "domain", "screen_name", "user_id"];

/// The network and the account that a URL of a listed network names, whether it has a scheme or not.
pub(super) fn profile_url(value: &str) -> Option<(&'static str, Rule, String)> {
    if let Some((scheme, rest)) = value.split_once("://")
        && let Some((_, app)) = APPS.iter().find(|(one, _)| scheme.eq_ignore_ascii_case(one))
    {
        let (network, _, rule) = NETWORKS.iter().find(|(one, _, _)| one == app)?;
        let query = rest.split_once('?').map_or("", |(_, query)| query);
        return Some((network, *rule, percent_decoded(parameter(query).unwrap_or_default())));
    }
    let (host, path) = without_scheme(value).split_once('/')?;
    let host = host.to_ascii_lowercase();
    let (network, _, rule) = of_host(&host)?;
    if OPAQUE_HOSTS.contains(&host.as_str()) || is_post(network, path) {
        return Some((network, *rule, String::new()));
    }
    let account = in_path(path);
    let account = if *rule == Rule::Federated { on_server(&account, &host) } else { account };
    Some((network, *rule, account))
}

/// The listed network that a host belongs to.
fn of_host(host: &str) -> Option<&'static (&'static str, &'static [&'static str], Rule)> {
    let is_host = |one: &str| host.strip_suffix(one).is_some_and(|sub| sub.is_empty() || sub.ends_with('.'));
    // Many write `telegram.com` for `telegram.org`: the network's own name in any domain will do.
    let is_named = |one: &str| host.rsplit('.').nth(1) == Some(one);
    NETWORKS.iter().find(|(one, others, _)| is_named(one) || others.iter().any(|o| o.contains('.') && is_host(o)))
}

/// Instagram's `/p/…` is a post, while Facebook's is a page.
fn is_post(network: &str, path: &str) -> bool {
    network == "instagram" && (path.starts_with("p/") || path.starts_with("tv/"))
}

/// The account that a URL of some server of a federated network names: `https://social.example/@jane`.
pub(super) fn federated_url(value: &str) -> Option<String> {
    let (host, path) = without_scheme(value).split_once('/')?;
    let account = in_path(path);
    let names_account = path.starts_with('@') || path.starts_with("users/");
    (names_account && host.contains('.')).then(|| on_server(&account, &host.to_ascii_lowercase()))
}

fn on_server(account: &str, host: &str) -> String {
    let name = account.trim_start_matches('@');
    if name.is_empty() || name.contains('@') { name.to_owned() } else { format!("{name}@{host}") }
}

pub(super) fn without_scheme(value: &str) -> &str {
    match value.split_once("://") {
        Some((scheme, rest)) if ["https", "http", "at"].iter().any(|one| scheme.eq_ignore_ascii_case(one)) => rest,
        _ => value,
    }
}

/// The account in a URL's path and query; empty where the path is a page of the network.
pub(super) fn in_path(path: &str) -> String {
    let (path, query) = path.split_once(['?', '#']).unwrap_or((path, ""));
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default();
    let account = match first {
        "profile.php" | "send" | "send.php" | "intent" => parameter(query),
        // signal.me/#p/+44…
        "" => query.strip_prefix("p/"),
        "people" => parts.next_back(),
        before if BEFORE_THE_NAME.contains(&before) => parts.find(|p| !BEFORE_THE_NAME.contains(p)),
        name => Some(name),
    };
    percent_decoded(account.filter(|name| !PAGES.contains(name)).unwrap_or_default())
}

fn parameter(query: &str) -> Option<&str> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| PARAMETERS.contains(name))
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
