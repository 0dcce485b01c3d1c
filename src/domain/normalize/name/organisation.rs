//! Telling organisations from people.

use super::role::{Role, is, knows_given};
use crate::domain::normalize::{frequency, text::fold};

/// Legal forms of scripts that write them without blanks around them, or fold to next to nothing.
const LEGAL_FORMS_WITHIN: &[&str] = &[
    "株式会社",
    "有限会社",
    "合同会社",
    "有限公司",
    "集团",
    "集團",
    "주식회사",
    "유한회사",
    "(주)",
    "㈱",
    "㈜",
    "شركة",
    "בע\"מ",
    "בע״מ",
];

/// Whether a text is evidently the name of an organisation rather than of a person: `Acme GmbH`, `Team Berlin`.
#[must_use]
pub fn is_organisation(text: &str) -> bool {
    let folded = fold(text);
    let words: Vec<&str> = folded.split(' ').collect();
    let (first, last) = (words[0], words[words.len() - 1]);
    words.iter().any(|word| is(Role::Organisation, word))
        || is(Role::OrganisationFirst, first)
        || (is(Role::OrganisationLast, last)
            && !(words.len() == 2 && knows_given(first) && frequency::is_common_family(last)))
        || ends_in_legal_form(text)
        || LEGAL_FORMS_WITHIN.iter().any(|form| text.contains(form))
        || text.split_whitespace().any(is_domain)
}

fn ends_in_legal_form(text: &str) -> bool {
    let Some((name, form)) = text.trim().rsplit_once(char::is_whitespace) else { return false };
    // Иванов А.С. is a person with his initials.
    if form.contains(|c: char| ('\u{370}'..='\u{52f}').contains(&c)) {
        return false;
    }
    let bare = form.replace(['.', '/'], "");
    let capitals = bare.chars().all(char::is_uppercase) && name.chars().any(char::is_lowercase);
    (capitals || form.contains('/') || bare.len() + 2 <= form.len()) && is(Role::LegalForm, &fold(&bare))
}

/// `example.com`, but not a mailbox.
fn is_domain(token: &str) -> bool {
    let ending = token.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    !token.contains('@') && ending.is_some_and(|e| matches!(e.as_str(), "com" | "org" | "net" | "io" | "shop"))
}
