//! Words in and around names that are no names: titles, suffixes, particles, legal forms.

use crate::domain::normalize::{frequency, nicknames};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// What a word that is no name does in one.
#[derive(Clone, Copy)]
pub(super) enum Role {
    Title,
    WeakTitle,
    AfterTitle,
    Suffix,
    LongSuffix,
    PostNominal,
    Particle,
    VietnameseFamily,
    VietnameseMiddle,
    Formerly,
    And,
    Organisation,
    OrganisationLast,
    OrganisationFirst,
    LegalForm,
}

impl Role {
    fn bit(self) -> u16 {
        1 << self as u16
    }

    fn read(heading: &str) -> Option<Self> {
        Some(match heading {
            "title" => Self::Title,
            "weak_title" => Self::WeakTitle,
            "after_title" => Self::AfterTitle,
            "suffix" => Self::Suffix,
            "long_suffix" => Self::LongSuffix,
            "post_nominal" => Self::PostNominal,
            "particle" => Self::Particle,
            "vietnamese_family" => Self::VietnameseFamily,
            "vietnamese_middle" => Self::VietnameseMiddle,
            "formerly" => Self::Formerly,
            "and" => Self::And,
            "organisation" => Self::Organisation,
            "organisation_last" => Self::OrganisationLast,
            "organisation_first" => Self::OrganisationFirst,
            "legal_form" => Self::LegalForm,
            _ => return None,
        })
    }
}

/// The roles of each word, a bit each.
static ROLES: LazyLock<FxHashMap<&'static str, u16>> = LazyLock::new(|| {
    let mut roles = FxHashMap::default();
    let mut role = None;
    for line in include_str!("roles.txt").lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("= ") {
            Some(heading) => role = Role::read(heading),
            None => {
                for word in line.split_whitespace() {
                    *roles.entry(word).or_default() |= role.map_or(0, Role::bit);
                }
            }
        }
    }
    roles
});

/// The roles of one word.
#[derive(Clone, Copy)]
pub(super) struct Roles(u16);

impl Roles {
    pub(super) fn of(word: &str) -> Self {
        Self(ROLES.get(word).copied().unwrap_or_default())
    }

    pub(super) fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }
}

pub(super) fn is(role: Role, word: &str) -> bool {
    Roles::of(word).has(role)
}

pub(super) fn knows_given(word: &str) -> bool {
    frequency::is_common_given(word) || !nicknames::groups(word).is_empty()
}
