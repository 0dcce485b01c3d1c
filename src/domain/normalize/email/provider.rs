//! Large providers: which domains are one mailbox's, and which one a mistyped domain was meant to be.

use super::slip::{is_mistyped_ending, is_one_slip};
use rustc_hash::FxHashMap;
use std::{borrow::Cow, sync::LazyLock};

/// A provider's name, and the endings it is found under.
type Provider = (&'static str, &'static [&'static str]);

/// Large providers by name, and the endings they are found under: what a domain can be mended to that is mistyped in its
/// name or in its ending.
const PROVIDERS: &[Provider] = &[
    ("gmail", &["com"]),
    ("googlemail", &["com"]),
    (
        "yahoo",
        &[
            "com", "co.uk", "co.in", "co.id", "co.jp", "com.ar", "com.au", "com.br", "com.cn", "com.hk", "com.mx",
            "com.ph", "com.sg", "com.tr", "com.tw", "com.vn", "ca", "cn", "de", "es", "fr", "ie", "in", "it", "gr",
            "no", "pl", "ro", "se",
        ],
    ),
    (
        "hotmail",
        &[
            "com", "co.uk", "co.jp", "com.ar", "com.au", "com.br", "com.tr", "be", "ca", "ch", "cl", "de", "dk", "es",
            "fi", "fr", "gr", "it", "nl", "no", "se",
        ],
    ),
    (
        "outlook",
        &["com", "com.au", "com.br", "com.ar", "be", "cl", "de", "dk", "es", "fr", "ie", "it", "jp", "pt", "sa"],
    ),
    ("icloud", &["com"]),
    ("protonmail", &["com", "ch"]),
    ("fastmail", &["com", "fm"]),
    ("rocketmail", &["com"]),
    ("comcast", &["net"]),
    ("verizon", &["net"]),
    ("bellsouth", &["net"]),
    ("sbcglobal", &["net"]),
    ("earthlink", &["net"]),
    ("btinternet", &["com"]),
    ("wanadoo", &["fr"]),
    ("laposte", &["net"]),
    ("freenet", &["de"]),
    ("t-online", &["de"]),
    ("virgilio", &["it"]),
    ("rambler", &["ru"]),
    ("yandex", &["ru", "com", "by", "kz", "ua"]),
    ("windowslive", &["com"]),
    ("rediffmail", &["com"]),
    ("foxmail", &["com"]),
    ("hanmail", &["net"]),
    ("bigpond", &["com", "net.au", "com.au"]),
    ("optusnet", &["com.au"]),
    ("blueyonder", &["co.uk"]),
    ("ntlworld", &["com"]),
    ("talktalk", &["net"]),
    ("virginmedia", &["com"]),
    ("optonline", &["net"]),
    ("sympatico", &["ca"]),
    ("videotron", &["ca"]),
    ("telefonica", &["net"]),
    ("prodigy", &["net.mx"]),
    ("seznam", &["cz"]),
    ("centrum", &["cz", "sk"]),
    ("interia", &["pl", "eu"]),
    ("tiscali", &["it", "co.uk"]),
    ("bluewin", &["ch"]),
    ("skynet", &["be"]),
    ("telenet", &["be"]),
    ("xs4all", &["nl"]),
    ("ziggo", &["nl"]),
    ("casema", &["nl"]),
    ("hetnet", &["nl"]),
    ("posteo", &["de"]),
    ("otenet", &["gr"]),
    ("comhem", &["se"]),
    ("luukku", &["com"]),
    ("superonline", &["com"]),
];

/// Large providers whose names are short or plain words, so that a name one slip away is likely to be somebody's own:
/// only an ending that doesn't exist is mended.
#[rustfmt::skip] // A table in rows.
const MENDED_IN_THE_ENDING: &[Provider] = &[
    ("aol", &["com", "co.uk", "de", "fr", "it"]), ("msn", &["com"]), ("me", &["com"]), ("mac", &["com"]),
    ("live", &["com", "co.uk", "com.ar", "com.au", "com.mx", "com.pt", "be", "ca", "cl", "de", "dk", "fr", "it", "nl",
        "no", "se"]),
    ("mail", &["com", "ru"]), ("att", &["net"]), ("cox", &["net"]), ("sky", &["com"]), ("shaw", &["ca"]),
    ("uol", &["com.br"]), ("bol", &["com.br"]), ("ig", &["com.br"]), ("terra", &["com.br", "com", "es"]),
    ("globo", &["com"]), ("web", &["de"]), ("gmx", &["net", "de", "at", "ch", "com"]), ("arcor", &["de"]),
    ("chello", &["at"]), ("libero", &["it"]), ("alice", &["it"]), ("tin", &["it"]), ("orange", &["fr"]),
    ("free", &["fr"]), ("sfr", &["fr"]), ("neuf", &["fr"]), ("bbox", &["fr"]), ("home", &["nl"]), ("kpnmail", &["nl"]),
    ("sapo", &["pt"]), ("wp", &["pl"]), ("o2", &["pl", "co.uk"]), ("op", &["pl"]), ("onet", &["pl", "eu"]),
    ("email", &["cz"]), ("azet", &["sk"]), ("abv", &["bg"]), ("list", &["ru"]), ("inbox", &["ru", "lv"]),
    ("bk", &["ru"]), ("ukr", &["net"]), ("qq", &["com"]), ("163", &["com"]), ("126", &["com"]), ("sina", &["com"]),
    ("sohu", &["com"]), ("naver", &["com"]), ("daum", &["net"]), ("nate", &["com"]), ("walla", &["co.il", "com"]),
    ("telia", &["com"]), ("online", &["no"]), ("proton", &["me"]),
];

/// The endings of all large providers, by name.
static ENDINGS: LazyLock<FxHashMap<&'static str, &'static [&'static str]>> =
    LazyLock::new(|| PROVIDERS.iter().chain(MENDED_IN_THE_ENDING).copied().collect());

/// Large providers by the first letter of their names, which is never the one that is mistyped.
static BY_LETTER: LazyLock<FxHashMap<Option<u8>, Vec<Provider>>> = LazyLock::new(|| {
    let mut providers: FxHashMap<_, Vec<Provider>> = FxHashMap::default();
    for (name, endings) in PROVIDERS {
        providers.entry(name.bytes().next()).or_default().push((name, endings));
    }
    providers
});

/// Domains that are left alone though they look like a slip: people's own.
const REAL_NEIGHBOURS: &[&str] = &["gail.com"];

/// Domains of one mailbox: what is sent to the left one arrives where the right one does.
/// Sources: the help pages of Google, Apple, Proton and Yandex on the domains of their addresses.
const ALIASES: &[(&str, &str)] = &[
    ("googlemail.com", "gmail.com"),
    ("mac.com", "icloud.com"),
    ("me.com", "icloud.com"),
    ("pm.me", "proton.me"),
    ("protonmail.ch", "proton.me"),
    ("protonmail.com", "proton.me"),
    ("ya.ru", "yandex.ru"),
    ("yandex.by", "yandex.ru"),
    ("yandex.com", "yandex.ru"),
    ("yandex.kz", "yandex.ru"),
    ("yandex.ua", "yandex.ru"),
];

/// The domain of the mailbox that receives what `domain` does.
pub(super) fn alias(domain: &str) -> &str {
    ALIASES.iter().find(|(from, _)| *from == domain).map_or(domain, |(_, to)| to)
}

/// The large provider's domain that is one slip away, else the domain itself.
pub(super) fn mended(domain: &str) -> Cow<'_, str> {
    let Some((name, ending)) = domain.split_once('.').filter(|_| !REAL_NEIGHBOURS.contains(&domain)) else {
        return domain.into();
    };
    let mended = match endings_of(name) {
        Some(endings) if endings.contains(&ending) => None,
        Some(endings) => mended_ending(name, ending, endings).map(|ending| format!("{name}.{ending}")),
        None => alike(name)
            .iter()
            .find(|(provider, endings)| is_one_slip(name, provider) && endings.contains(&ending))
            .map(|(provider, _)| format!("{provider}.{ending}")),
    };
    mended.map_or(domain.into(), Cow::Owned)
}

/// The providers whose names begin as this one does.
fn alike(name: &str) -> &'static [Provider] {
    BY_LETTER.get(&name.bytes().next()).map_or(&[], Vec::as_slice)
}

fn endings_of(name: &str) -> Option<&'static [&'static str]> {
    ENDINGS.get(name).copied()
}

/// The only ending of a provider that this one can be a slip for. One that is cut short of several (`yahoo.co`) is left
/// alone.
fn mended_ending(name: &str, typed: &str, endings: &[&'static str]) -> Option<&'static str> {
    if endings.iter().any(|ending| ending.contains('.') && ending.starts_with(typed)) {
        return None;
    }
    let is_distinct = PROVIDERS.iter().any(|(provider, _)| *provider == name);
    let mut candidates =
        endings.iter().filter(|meant| is_mistyped_ending(typed, meant) && (is_distinct || typed.len() >= meant.len()));
    candidates.next().copied().filter(|_| candidates.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_stands_once() {
        assert_eq!(ENDINGS.len(), PROVIDERS.len() + MENDED_IN_THE_ENDING.len());
    }
}
