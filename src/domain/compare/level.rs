//! The names of the comparisons and of their levels, as models and explanations write them.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Mailboxes, the best pair.
    Email,
    /// Telephone numbers, the best pair.
    Phone,
    /// Accounts on networks, the best pair, and against mailboxes.
    Handle,
    /// Ids of one namespace, the best pair.
    ExternalId,
    /// Given names and initials.
    GivenName,
    /// Family names.
    FamilyName,
    /// Jr, Sr, III.
    NameSuffix,
    /// Birth dates.
    BirthDate,
    /// Postal codes of the best pair of addresses.
    PostalCode,
    /// Street and house number of the best pair of addresses.
    Street,
    /// Towns of the best pair of addresses.
    Locality,
}

/// How two values stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A side has no value: says nothing, weighs 0.
    Null,
    /// Equal normal forms.
    Exact,
    /// Equal, but on one side only claimed.
    ExactClaimed,
    /// Equal, but a mailbox of a role, which several people read.
    ExactRole,
    /// The same local part at another provider.
    SameLocalPart,
    /// The same account name on another network.
    OtherNetwork,
    /// The account's name is the local part of the mailbox.
    EmailLocalPart,
    /// One familiar form of the other.
    Nickname,
    /// Day and month changed places.
    Swapped,
    /// One letter or digit off, or two neighbours swapped.
    OneEdit,
    /// Spelt nearly alike, or one a part of the other.
    Close,
    /// Spelt differently, sounds alike.
    SoundsAlike,
    /// One is the other's initial.
    Initial,
    /// None of the above.
    Else,
}

impl Comparison {
    /// All comparisons, in the order of explanations.
    pub const ALL: [Self; 11] = [
        Self::Email,
        Self::Phone,
        Self::Handle,
        Self::ExternalId,
        Self::GivenName,
        Self::FamilyName,
        Self::NameSuffix,
        Self::BirthDate,
        Self::PostalCode,
        Self::Street,
        Self::Locality,
    ];

    /// The levels it can yield, null first, else last.
    #[must_use]
    pub const fn levels(self) -> &'static [Level] {
        use Level::{
            Close, Else, EmailLocalPart, Exact, ExactClaimed, ExactRole, Initial, Nickname, Null, OneEdit,
            OtherNetwork, SameLocalPart, SoundsAlike, Swapped,
        };
        match self {
            Self::Email => &[Null, Exact, ExactClaimed, ExactRole, SameLocalPart, OneEdit, Else],
            Self::Phone => &[Null, Exact, ExactClaimed, OneEdit, Else],
            Self::Handle => &[Null, Exact, ExactClaimed, OtherNetwork, EmailLocalPart, Else],
            Self::ExternalId => &[Null, Exact, ExactClaimed, Else],
            Self::GivenName => &[Null, Exact, Nickname, Close, Initial, Else],
            Self::FamilyName => &[Null, Exact, Close, SoundsAlike, Else],
            Self::NameSuffix | Self::PostalCode | Self::Locality => &[Null, Exact, Else],
            Self::BirthDate => &[Null, Exact, Swapped, OneEdit, Else],
            Self::Street => &[Null, Exact, Close, Else],
        }
    }

    /// Whether agreement on it can place a person, unlike names and addresses, which many people share.
    #[must_use]
    pub const fn identifies(self) -> bool {
        matches!(self, Self::Email | Self::Phone | Self::Handle | Self::ExternalId | Self::BirthDate)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
