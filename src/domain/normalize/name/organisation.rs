//! Telling organisations from people.

use super::role::{Role, Roles, is, knows_given};
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
    are_organisation(&folded.split(' ').collect::<Vec<_>>())
        || ends_in_legal_form(text)
        || (!text.is_ascii() && LEGAL_FORMS_WITHIN.iter().any(|form| text.contains(form)))
        || text.split_whitespace().any(is_domain)
}

/// Whether folded words are evidently the name of an organisation.
pub(super) fn are_organisation(words: &[&str]) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let is_person = || words.len() == 2 && knows_given(first) && frequency::is_common_family(last);
    words.iter().enumerate().any(|(index, word)| {
        let roles = Roles::of(word);
        roles.has(Role::Organisation)
            || (index == 0 && roles.has(Role::OrganisationFirst))
            || (index + 1 == words.len() && roles.has(Role::OrganisationLast) && !is_person())
    })
}

fn ends_in_legal_form(text: &str) -> bool {
    let Some((name, form)) = text.trim().rsplit_once(char::is_whitespace) else { return false };
    // Иванов А.С. is a person with his initials.
    if form.contains(|c: char| ('\u{370}'..='\u{52f}').contains(&c)) {
        return false;
    }
    let is_mark = |c: char| matches!(c, '.' | '/');
    let marks = form.matches(is_mark).count();
    let capitals = form.chars().all(|c| is_mark(c) || c.is_uppercase()) && name.chars().any(char::is_lowercase);
    (capitals || form.contains('/') || marks >= 2) && is(Role::LegalForm, &fold(&form.replace(is_mark, "")))
}

/// `example.com`, but not a mailbox.
fn is_domain(token: &str) -> bool {
    let Some((_, ending)) = token.rsplit_once('.') else { return false };
    let ending = ending.to_lowercase();
    !token.contains('@') && matches!(ending.as_str(), "com" | "org" | "net" | "io" | "shop")
}
