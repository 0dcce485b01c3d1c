//! The normal form of a mailbox, and its match key.

use super::provider::{alias, mended};
use crate::domain::contact::Assurance;
use crate::domain::normalize::{form::WarningCode, junk, text};
use borsh::{BorshDeserialize, BorshSerialize};
use rustc_hash::FxHashSet;
use serde::Serialize;
use std::{borrow::Cow, sync::LazyLock};
use unicode_normalization::UnicodeNormalization;

/// A mailbox in normal form.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NormalEmail {
    /// Trimmed, NFKC, lower case, the domain in ASCII (IDNA).
    pub address: String,
    /// Its [`key`](Self::key), where that is not `address`.
    #[serde(skip)]
    other_key: Option<String>,
    /// Where the key's local part ends.
    #[serde(skip)]
    at: usize,
    /// A mailbox of a role (`info@`, `sales@`), not of a person.
    #[serde(skip)]
    pub role: bool,
    /// How it was learnt.
    pub assurance: Assurance,
}

impl NormalEmail {
    /// What exact matching goes by: `address` after the provider's rules (plus tags, dots) and with a mistyped
    /// well-known domain mended.
    #[must_use]
    pub fn key(&self) -> &str {
        self.other_key.as_deref().unwrap_or(&self.address)
    }

    /// The local part of the key.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.key()[..self.at]
    }

    /// The domain of the key.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.key()[self.at + "@".len()..]
    }
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

static ROLE: LazyLock<FxHashSet<&'static str>> = LazyLock::new(|| ROLES.iter().copied().collect());

/// Normalises a mailbox. `mailto:` and a display name around it (`Jane <j@x.org>`) are taken off.
///
/// For the key, a plus tag goes at every domain (a provider that does not know them has no such mailbox), dots go at
/// Gmail, domains of one mailbox become one, and a domain one typing slip from a large provider is mended.
/// Homoglyphs stay what they are: a Cyrillic `а` never becomes an ASCII `a`.
///
/// # Errors
/// `InvalidEmail` for what is no mailbox, `Placeholder` for junk such as `test@test.com` or `unknown`.
pub fn normalize(value: &str, assurance: Assurance) -> Result<NormalEmail, WarningCode> {
    let folded = folded(value);
    let (given_local, given_domain) = parts(&folded).ok_or_else(|| refusal(value))?;
    let mended = mended(&given_domain);
    let domain = alias(&mended);
    let local = stripped(given_local, domain);
    let is_key = *local == *given_local && *domain == *given_domain;
    let is_junk = junk::is_placeholder_mailbox;
    if is_junk(given_local, &given_domain) || (!is_key && is_junk(&local, domain)) {
        return Err(WarningCode::Placeholder);
    }
    let address = mailbox(given_local, &given_domain);
    let other_key = (!is_key).then(|| mailbox(&local, domain));
    Ok(NormalEmail { address, other_key, at: local.len(), role: is_role(&local), assurance })
}

/// Why a text is no mailbox: a placeholder, or a mistake.
fn refusal(value: &str) -> WarningCode {
    if junk::is_placeholder_text(&text::fold(value)) { WarningCode::Placeholder } else { WarningCode::InvalidEmail }
}

/// Local part and domain in normal form, if the text holds exactly one address.
fn parts(folded: &str) -> Option<(&str, Cow<'_, str>)> {
    let (local, domain) = bare(folded).split_once('@')?;
    let domain = ascii_domain(domain)?;
    let is_short = local.len() + "@".len() + domain.len() <= LONGEST;
    (is_short && is_local_part(local)).then_some((local, domain))
}

fn mailbox(local: &str, domain: &str) -> String {
    let mut mailbox = String::with_capacity(local.len() + "@".len() + domain.len());
    mailbox.push_str(local);
    mailbox.push('@');
    mailbox.push_str(domain);
    mailbox
}

/// NFKC and lower case, without invisible characters.
fn folded(value: &str) -> Cow<'_, str> {
    if value.is_ascii() {
        return if value.bytes().any(|b| b.is_ascii_uppercase()) {
            value.to_ascii_lowercase().into()
        } else {
            value.into()
        };
    }
    // Twice, since lower-casing can leave a pair that composes.
    let lower = value.chars().filter(|c| !text::is_invisible(*c)).nfkc().collect::<String>().to_lowercase();
    lower.nfkc().collect()
}

/// Takes off `mailto:`, a display name, and brackets, quotes and punctuation around the address.
fn bare(folded: &str) -> &str {
    if folded.bytes().all(is_plain_byte) {
        return folded;
    }
    let inner = folded.rsplit_once('<').map_or(folded, |(_, after)| after.split('>').next().unwrap_or(after));
    let inner = inner.trim();
    let inner = inner.strip_prefix("mailto:").map_or(inner, |rest| rest.split('?').next().unwrap_or(rest));
    inner.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | ':' | '(' | ')' | '[' | ']'))
}

/// What most addresses are made of, and nothing that stands around one.
const fn is_plain_byte(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'+' | b'@')
}

/// Any visible characters but those that need quoting; at least one letter or digit. More lenient than RFC 5321 (dots
/// may stand anywhere), as some providers were.
fn is_local_part(local: &str) -> bool {
    let forbidden = |c: char| match c {
        '"' | '(' | ')' | ',' | ':' | ';' | '<' | '>' | '[' | '\\' | ']' | '@' => true,
        c if c.is_ascii() => !c.is_ascii_graphic(),
        c => c.is_whitespace() || c.is_control(),
    };
    local.len() <= 64
        && local.chars().any(char::is_alphanumeric)
        && (local.bytes().all(|b| b != b'@' && is_plain_byte(b)) || !local.chars().any(forbidden))
}

/// The domain in ASCII: two labels at least, the last one no number.
fn ascii_domain(domain: &str) -> Option<Cow<'_, str>> {
    let domain = domain.trim_end_matches('.');
    let ascii: Cow<'_, str> =
        if is_plain(domain) { domain.into() } else { idna::domain_to_ascii_strict(domain).ok()?.into() };
    let (_, last) = ascii.rsplit_once('.')?;
    (last.len() >= 2 && last.bytes().any(|b| b.is_ascii_alphabetic())).then_some(ascii)
}

/// Whether a domain is of lower-case ASCII labels within the limits, so that IDNA leaves it as it is.
fn is_plain(domain: &str) -> bool {
    let is_plain_label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-')
            && !(label.starts_with(b"-") || label.ends_with(b"-") || label.get(2..4) == Some(b"--"))
    };
    domain.len() <= 253 && domain.as_bytes().split(|b| *b == b'.').all(is_plain_label)
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
    let is_mark = |c: char| matches!(c, '.' | '-' | '_');
    if !local.contains(is_mark) {
        return ROLE.contains(local);
    }
    let mut plain = local.to_owned();
    plain.retain(|c| !is_mark(c));
    ROLE.contains(plain.as_str())
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
            ("jane@yandex.by", "jane@yandex.ru"),
            ("jane-shop@yahoo.com", "jane-shop@yahoo.com"),
            ("jane.doe@outlook.com", "jane.doe@outlook.com"),
        ] {
            assert_eq!(of(given).key(), expected, "{given}");
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
            ("gmail.co", "gmail.com"),
            ("icloud.con", "icloud.com"),
            ("yahoo.co.ku", "yahoo.co.uk"),
            ("yahoo.com.uk", "yahoo.co.uk"),
            ("yahoo.couk", "yahoo.co.uk"),
            ("hotmial.fr", "hotmail.fr"),
            ("hotmail.rf", "hotmail.fr"),
            ("uol.con.br", "uol.com.br"),
            ("bol.com.rb", "bol.com.br"),
            ("web.ed", "web.de"),
            ("gmx.ent", "gmx.net"),
            ("gmx.dee", "gmx.de"),
            ("libero.ti", "libero.it"),
            ("orange.rf", "orange.fr"),
            ("wp.lp", "wp.pl"),
            ("qq.con", "qq.com"),
            ("163.cmo", "163.com"),
            ("mail.ur", "mail.ru"),
            ("seznan.cz", "seznam.cz"),
            ("redifmail.com", "rediffmail.com"),
            ("bigpnd.com", "bigpond.com"),
        ] {
            let mended = of(&format!("jane@{given}"));
            assert_eq!((mended.domain(), mended.address.clone()), (expected, format!("jane@{given}")));
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
            "outlook.co",
            "yahoo.se",
            "hotmail.es",
            "yahoo.cl",
            "me.co",
            "sky.co",
            "mail.co",
            "mail.cm",
            "live.co",
            "gmx.us",
            "gmx.com",
            "gmz.de",
            "wb.de",
            "we.de",
            "wp.com",
            "o3.pl",
            "q.com",
            "qqq.com",
            "164.com",
            "fre.fr",
            "aol.cl",
            "libro.it",
            "orage.fr",
            "tera.com.br",
            "never.com",
            "proton.com",
            "uol.com",
            "web.es",
        ] {
            assert_eq!(of(&format!("jane@{domain}")).domain(), domain);
        }
    }

    #[test]
    fn homoglyphs_stay_apart() {
        assert_ne!(of("jаne@x.org").key(), of("jane@x.org").key());
        assert_ne!(of("jane@gmаil.com").key(), of("jane@gmail.com").key());
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
        fn plain_domains_are_what_idna_leaves_alone(domain in "[a-z0-9-]{0,5}(\\.[a-z0-9-]{0,5}){0,3}|[a-z]{60,66}\\.x|([a-z]{61}\\.){3}[a-z]{64,68}") {
            if is_plain(&domain) {
                prop_assert_eq!(idna::domain_to_ascii_strict(&domain).ok(), Some(domain));
            }
        }

        #[test]
        fn normalising_is_idempotent(
            given in ".*|.{1,5}@[a-zäß.]{1,9}\\.[a-z]{2,3}|[a-z.+]{1,9}@(gmail|gmial|yaho|yahoo|hotmail|gmx|web|uol)\\.(com|con|co|uk|co.ku|ed|de|con.br)"
        ) {
            if let Ok(once) = normalize(&given, Assurance::Observed) {
                prop_assert_eq!(normalize(&once.address, Assurance::Observed), Ok(once.clone()));
                let again = normalize(once.key(), Assurance::Observed);
                prop_assert_eq!(again.as_ref().map(NormalEmail::key), Ok(once.key()));
            }
        }
    }
}
