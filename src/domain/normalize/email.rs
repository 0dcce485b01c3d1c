//! Mailboxes: the normal form, and the match key beside it that folds what providers ignore.

use super::{form::WarningCode, junk, text};
use crate::domain::contact::Assurance;
use serde::Serialize;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// A mailbox in normal form.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct NormalEmail {
    /// Trimmed, NFKC, lower case, the domain in ASCII (IDNA).
    pub address: String,
    /// What exact matching goes by: `address` after the provider's rules (plus tags, dots) and with a mistyped
    /// well-known domain mended.
    pub key: String,
    /// The local part of `key`.
    pub local: String,
    /// The domain of `key`.
    pub domain: String,
    /// A mailbox of a role (`info@`, `sales@`), not of a person.
    pub role: bool,
    /// How it was learnt.
    pub assurance: Assurance,
}

/// The longest address that can be sent to (RFC 5321, 4.5.3.1.3).
const LONGEST: usize = 254;

/// Local parts of roles, without dots, hyphens and underscores. Sorted.
#[rustfmt::skip] // A table in rows.
const ROLES: &[&str] = &[
    "abuse", "accounting", "accounts", "admin", "administracion", "administration", "administrator", "anfrage",
    "atencion", "atencioncliente", "atendimento", "bestellung", "bestellungen", "billing", "biuro", "booking",
    "bookings", "buchhaltung", "buero", "careers", "commercial", "compras", "compta", "comptabilite", "contabilidad",
    "contact", "contacto", "contactus", "contato", "contatti", "customer", "customercare", "customerservice",
    "customersupport", "dispatch", "donotreply", "empfang", "enquiries", "enquiry", "export", "facturacion",
    "faturamento", "feedback", "finance", "financeiro", "hello", "help", "helpdesk", "hola", "hostmaster", "hr",
    "info", "infos", "inquiries", "invoice", "invoices", "jobs", "kontakt", "kundenservice", "legal", "mailerdaemon",
    "management", "marketing", "news", "newsletter", "noreply", "notifications", "office", "orcamento", "order",
    "orders", "ordini", "payments", "pedidos", "postmaster", "press", "presse", "privacy", "purchasing", "recepcion",
    "reception", "rechnung", "replies", "reply", "reservas", "reservations", "returns", "rh", "root", "sac", "sales",
    "secretariat", "security", "sekretariat", "service", "services", "shop", "soporte", "store", "suporte", "support",
    "team", "tech", "ufficio", "vendas", "vendite", "ventas", "verkauf", "vertrieb", "webmaster", "zentrale",
];

/// Large providers by name, and the endings they are found under: what a mistyped domain can be mended to.
const PROVIDERS: &[(&str, &[&str])] = &[
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
    ("yandex", &["ru", "com"]),
];

/// Domains that are left alone though they look like a slip: people's own, or cut short of more than one provider's.
const REAL_NEIGHBOURS: &[&str] = &["gail.com", "hotmail.co", "yahoo.co"];

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
    ("yandex.com", "yandex.ru"),
];

/// Normalises a mailbox. `mailto:` and a display name around it (`Jane <j@x.org>`) are taken off.
///
/// For the key, a plus tag goes at every domain (a provider that does not know them has no such mailbox), dots go at
/// Gmail, domains of one mailbox become one, and a domain one typing slip from a large provider is mended.
/// Homoglyphs stay what they are: a Cyrillic `а` never becomes an ASCII `a`.
///
/// # Errors
/// `InvalidEmail` for what is no mailbox, `Placeholder` for junk such as `test@test.com` or `unknown`.
pub fn normalize(value: &str, assurance: Assurance) -> Result<NormalEmail, WarningCode> {
    let address = address(value).ok_or_else(|| refusal(value))?;
    let (given_local, given_domain) = address.split_once('@').ok_or(WarningCode::InvalidEmail)?;
    let domain = alias(&mended(given_domain)).to_owned();
    let local = stripped(given_local, &domain).into_owned();
    let key = format!("{local}@{domain}");
    if junk::is_placeholder_email(&address) || junk::is_placeholder_email(&key) {
        return Err(WarningCode::Placeholder);
    }
    let role = is_role(&local);
    Ok(NormalEmail { address, key, local, domain, role, assurance })
}

/// Why a text is no mailbox: a placeholder, or a mistake.
fn refusal(value: &str) -> WarningCode {
    if junk::is_placeholder_text(&text::fold(value)) { WarningCode::Placeholder } else { WarningCode::InvalidEmail }
}

/// The address in normal form, if the text holds exactly one.
fn address(value: &str) -> Option<String> {
    let folded = folded(value);
    let (local, domain) = bare(&folded).split_once('@')?;
    let domain = ascii_domain(domain)?;
    let address = format!("{local}@{domain}");
    (is_local_part(local) && address.len() <= LONGEST).then_some(address)
}

/// NFKC and lower case, without invisible characters.
fn folded(value: &str) -> String {
    if value.is_ascii() {
        return value.to_ascii_lowercase();
    }
    // Twice, since lower-casing can leave a pair that composes.
    let lower = value.chars().filter(|c| !text::is_invisible(*c)).nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect()
}

/// Takes off `mailto:`, a display name, and brackets, quotes and punctuation around the address.
fn bare(folded: &str) -> &str {
    let inner = folded.rsplit_once('<').map_or(folded, |(_, after)| after.split('>').next().unwrap_or(after));
    let inner = inner.trim();
    let inner = inner.strip_prefix("mailto:").map_or(inner, |rest| rest.split('?').next().unwrap_or(rest));
    inner.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | ':' | '(' | ')' | '[' | ']'))
}

/// Any visible characters but those that need quoting; at least one letter or digit. More lenient than RFC 5321 (dots
/// may stand anywhere), as some providers were.
fn is_local_part(local: &str) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "\"(),:;<>[\\]@".contains(c);
    local.len() <= 64 && local.chars().any(char::is_alphanumeric) && !local.contains(forbidden)
}

/// The domain in ASCII: two labels at least, the last one no number.
fn ascii_domain(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_strict(domain.trim_end_matches('.')).ok()?;
    let (_, last) = ascii.rsplit_once('.')?;
    (last.len() >= 2 && last.bytes().any(|b| b.is_ascii_alphabetic())).then_some(ascii)
}

/// The domain of the mailbox that receives what `domain` does.
fn alias(domain: &str) -> &str {
    ALIASES.iter().find(|(from, _)| *from == domain).map_or(domain, |(_, to)| to)
}

/// The local part without what its provider ignores.
fn stripped<'a>(local: &'a str, domain: &str) -> Cow<'a, str> {
    let untagged = local.split('+').next().filter(|l| l.chars().any(char::is_alphanumeric)).unwrap_or(local);
    if domain == "gmail.com" && untagged.contains('.') {
        return untagged.replace('.', "").into();
    }
    untagged.into()
}

fn is_role(local: &str) -> bool {
    let plain: String = local.chars().filter(|c| !matches!(c, '.' | '-' | '_')).collect();
    ROLES.binary_search(&plain.as_str()).is_ok()
}

/// The large provider's domain that is one slip away, else the domain itself.
fn mended(domain: &str) -> Cow<'_, str> {
    if is_known(domain) || REAL_NEIGHBOURS.contains(&domain) {
        return domain.into();
    }
    let Some((name, ending)) = domain.split_once('.') else { return domain.into() };
    for (provider, endings) in PROVIDERS {
        if name == *provider && endings.contains(&"com") && is_mistyped_com(ending) {
            return format!("{provider}.com").into();
        }
        if endings.contains(&ending) && is_one_slip(name, provider) {
            return format!("{provider}.{ending}").into();
        }
    }
    domain.into()
}

fn is_known(domain: &str) -> bool {
    domain.split_once('.').is_some_and(|(name, ending)| {
        PROVIDERS.iter().any(|(provider, endings)| *provider == name && endings.contains(&ending))
    })
}

/// `con`, `cmo`, `comm`, `cm`…: one edit from `com`, and not two labels.
fn is_mistyped_com(ending: &str) -> bool {
    !ending.contains('.') && strsim::osa_distance(ending, "com") == 1
}

/// Whether a name is one edit of the usual kinds from a provider's: a letter missed, doubled or swapped with the next,
/// or a neighbouring key hit. The first letter must be right: others are other providers' (`email`, `ymail`).
fn is_one_slip(name: &str, provider: &str) -> bool {
    name.as_bytes().first() == provider.as_bytes().first()
        && name.len().abs_diff(provider.len()) <= 1
        && strsim::osa_distance(name, provider) == 1
        && hits_neighbouring_key(name, provider)
}

/// Of two names one edit apart: whether the one letter that is replaced, if any is, was a neighbouring key.
fn hits_neighbouring_key(name: &str, provider: &str) -> bool {
    let replaced: Vec<(u8, u8)> = name.bytes().zip(provider.bytes()).filter(|(a, b)| a != b).collect();
    match *replaced.as_slice() {
        [(typed, meant)] if name.len() == provider.len() => are_neighbours(typed, meant),
        _ => true,
    }
}

/// Keys side by side or above one another on QWERTY, and signs that look alike.
fn are_neighbours(a: u8, b: u8) -> bool {
    const ROWS: [&[u8]; 4] = [b"1234567890-", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];
    let place = |key: u8| {
        ROWS.iter().enumerate().find_map(|(row, keys)| keys.iter().position(|k| *k == key).map(|column| (row, column)))
    };
    let alike = |a: u8, b: u8| matches!((a, b), (b'l', b'i' | b'1') | (b'i', b'1') | (b'o', b'0'));
    let touching = match (place(a), place(b)) {
        (Some((row, column)), Some((other_row, other))) if row == other_row => column.abs_diff(other) == 1,
        (Some((upper, column)), Some((lower, other))) if upper + 1 == lower => column == other || column == other + 1,
        (Some((lower, other)), Some((upper, column))) if upper + 1 == lower => column == other || column == other + 1,
        _ => false,
    };
    touching || alike(a, b) || alike(b, a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(value: &str) -> NormalEmail {
        normalize(value, Assurance::Claimed).unwrap()
    }

    #[test]
    fn addresses() {
        for (given, expected) in [
            (" Jane.Doe@Example.COM ", "jane.doe@example.com"),
            ("mailto:jane@x.org?subject=Hi", "jane@x.org"),
            ("Jane Doe <Jane@x.org>", "jane@x.org"),
            ("\"Doe, Jane\" <mailto:jane@x.org>;", "jane@x.org"),
            ("ｊａｎｅ＠ｘ．ｏｒｇ", "jane@x.org"),
            ("jane@müller.de", "jane@xn--mller-kva.de"),
            ("jane@xn--mller-kva.de", "jane@xn--mller-kva.de"),
            ("ja\u{200b}ne@x.org.", "jane@x.org"),
            ("jürgen@x.org", "jürgen@x.org"),
            ("jane+shop@x.org", "jane+shop@x.org"),
        ] {
            assert_eq!(of(given).address, expected, "{given}");
        }
    }

    #[test]
    fn keys_fold_what_providers_ignore() {
        for (given, expected) in [
            ("J.a.n.e+news@GoogleMail.com", "jane@gmail.com"),
            ("jane.doe+a+b@x.org", "jane.doe@x.org"),
            ("+49@x.org", "+49@x.org"),
            ("jane@me.com", "jane@icloud.com"),
            ("jane@pm.me", "jane@proton.me"),
            ("jane-shop@yahoo.com", "jane-shop@yahoo.com"),
            ("jane.doe@outlook.com", "jane.doe@outlook.com"),
        ] {
            assert_eq!(of(given).key, expected, "{given}");
        }
    }

    #[test]
    fn mistyped_providers_are_mended_in_the_key_alone() {
        for (given, expected) in [
            ("gmial.com", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.cm", "gmail.com"),
            ("gmal.com", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("gmsil.com", "gmail.com"),
            ("gnail.com", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("hotmial.co.uk", "hotmail.co.uk"),
            ("outlok.com", "outlook.com"),
            ("yaho.com.br", "yahoo.com.br"),
            ("iclould.com", "icloud.com"),
        ] {
            let mended = of(&format!("jane@{given}"));
            assert_eq!((mended.domain.as_str(), mended.address), (expected, format!("jane@{given}")));
        }
    }

    #[test]
    fn real_domains_are_left_alone() {
        for domain in [
            "mail.com",
            "email.com",
            "ymail.com",
            "gmx.de",
            "gmx.at",
            "live.com",
            "aol.de",
            "aol.com",
            "msn.com",
            "mail.ru",
            "grail.com",
            "gail.com",
            "yahoo.fr",
            "yahoo.fi",
            "yahoo.ca",
            "yahoo.co",
            "hotmail.co",
            "outlook.pt",
            "cloud.com",
            "hotmail.cz",
            "proton.me",
            "x.org",
            "jane.gmial.com",
        ] {
            assert_eq!(of(&format!("jane@{domain}")).domain, domain);
        }
    }

    #[test]
    fn homoglyphs_stay_apart() {
        assert_ne!(of("jаne@x.org").key, of("jane@x.org").key);
        assert_ne!(of("jane@gmаil.com").key, of("jane@gmail.com").key);
    }

    #[test]
    fn roles() {
        for role in ["info@x.org", "No-Reply@x.org", "sales+uk@x.org", "ventas@x.es", "kontakt@x.de"] {
            assert!(of(role).role, "{role}");
        }
        assert!(!of("jane@x.org").role);
        assert!(ROLES.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn refused() {
        for given in
            ["", "jane", "jane@", "@x.org", "jane@x", "a@b@x.org", "ja ne@x.org", "j@x.1", "j@[10.0.0.1]", "...@x.org"]
        {
            assert_eq!(normalize(given, Assurance::Claimed), Err(WarningCode::InvalidEmail), "{given}");
        }
        for given in ["test@test.com", "te.st+1@gmail.com", "unknown", "N/A", "noemail@x.org", "a@a.com"] {
            assert_eq!(normalize(given, Assurance::Claimed), Err(WarningCode::Placeholder), "{given}");
        }
        assert!(normalize(&format!("j@{}.org", "x".repeat(60)), Assurance::Claimed).is_ok());
        assert!(normalize(&format!("j@{}.org", "x.".repeat(130)), Assurance::Claimed).is_err());
    }

    proptest! {
        #[test]
        fn normalising_is_idempotent(
            given in ".*|.{1,5}@[a-zäß.]{1,9}\\.[a-z]{2,3}|[a-z.+]{1,9}@(gmail|gmial|yaho|hotmail)\\.(com|con|co|uk)"
        ) {
            if let Ok(once) = normalize(&given, Assurance::Observed) {
                prop_assert_eq!(normalize(&once.address, Assurance::Observed), Ok(once.clone()));
                prop_assert_eq!(normalize(&once.key, Assurance::Observed).map(|e| e.key), Ok(once.key));
            }
        }
    }
}
