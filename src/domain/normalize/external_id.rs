//! Ids in other systems: exact, scoped by namespace.

use super::{form::WarningCode, junk, text};
use crate::domain::contact::Assurance;
use borsh::{BorshDeserialize, BorshSerialize};
use serde::Serialize;

/// An external id in normal form.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct NormalExternalId {
    /// The namespace, trimmed and in lower case.
    pub namespace: String,
    /// The id, trimmed.
    pub value: String,
    /// How it was learnt.
    pub assurance: Assurance,
}

/// Words in the names of namespaces whose ids a state gives to one person: social security, tax, health and identity
/// numbers, by their usual names in several countries.
#[rustfmt::skip] // A table in rows.
const NATIONAL: &[&str] = &[
    "aadhaar", "ahv", "avs", "bsn", "cedula", "cf", "codicefiscale", "cpf", "cpr", "curp", "dni", "fiscalcode",
    "fodselsnummer", "hetu", "identitycard", "insee", "medicareid", "medicarenumber", "nationalid", "nationalidnumber",
    "nationalinsurance", "nhs", "nhsnumber", "nhsno", "nin", "nino", "nir", "nss", "passport", "passportno",
    "passportnumber", "personalausweis", "personnummer", "pesel", "rodnecislo", "rut", "sin", "socialinsurance",
    "socialsecurity", "socialsecurityid", "socialsecuritynumber", "socsec", "socsecid", "ssn", "steuerid", "svnr",
    "taxid", "taxidnumber", "tfn", "tckn",
];

impl NormalExternalId {
    /// Whether a state gives ids of this kind, each to one person.
    #[must_use]
    pub fn is_national(&self) -> bool {
        let plain: String = self.namespace.chars().filter(char::is_ascii_alphanumeric).collect();
        let words = self.namespace.split(|c: char| !c.is_ascii_alphanumeric());
        words.chain([plain.as_str()]).any(|word| NATIONAL.contains(&word))
    }
}

/// Normalises an external id. Upper and lower case of the id stay: many systems give ids that differ by case alone.
///
/// # Errors
/// `Placeholder` for an empty id or namespace and for what systems write in an id's place: `0`, `-1`, `null`, `guest`,
/// a UUID of zeros.
pub fn normalize(namespace: &str, value: &str, assurance: Assurance) -> Result<NormalExternalId, WarningCode> {
    let namespace = namespace.trim().to_lowercase();
    let value = value.trim();
    if namespace.is_empty() || is_placeholder(value) {
        return Err(WarningCode::Placeholder);
    }
    Ok(NormalExternalId { namespace, value: value.to_owned(), assurance })
}

fn is_placeholder(value: &str) -> bool {
    let zeros_or_marks = value.chars().all(|c| c == '0' || c.is_ascii_punctuation());
    zeros_or_marks
        || value == "-1"
        || value.eq_ignore_ascii_case("nan")
        || junk::is_placeholder_text(&text::fold(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_stay_exact() {
        let id = normalize(" Shopify:Main ", " 00aB-7 ", Assurance::Claimed).unwrap();
        assert_eq!((id.namespace.as_str(), id.value.as_str()), ("shopify:main", "00aB-7"));
    }

    #[test]
    fn placeholders_match_nobody() {
        for value in [
            "",
            " ",
            "0",
            "000",
            "-1",
            "-",
            "null",
            "NULL",
            "None",
            "undefined",
            "n/a",
            "NaN",
            "guest",
            "(none)",
            "0000-0000",
        ] {
            assert_eq!(normalize("crm", value, Assurance::Claimed), Err(WarningCode::Placeholder), "{value}");
        }
        assert_eq!(normalize(" ", "7", Assurance::Claimed), Err(WarningCode::Placeholder));
    }

    proptest! {
        #[test]
        fn normalising_is_idempotent(namespace in ".*", value in ".*|[0-9nulaN/-]{0,6}") {
            if let Ok(once) = normalize(&namespace, &value, Assurance::Observed) {
                prop_assert_eq!(normalize(&once.namespace, &once.value, Assurance::Observed), Ok(once));
            }
        }
    }
}
