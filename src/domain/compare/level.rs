//! The names of the comparisons and of their levels, as models and explanations write them.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;
use utoipa::ToSchema;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// Where they work.
    Company,
    /// A further fact by name, as in `contact.attributes`.
    Attribute(&'static str),
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
    /// A slip in one that is too long or too odd to be another person's by chance.
    Mistyped,
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
    /// Two of year, month and day are equal, or each is off by little.
    Near,
    /// Spelt nearly alike, or one a part of the other.
    Close,
    /// Spelt differently, sounds alike.
    SoundsAlike,
    /// One is the other's initial.
    Initial,
    /// The same street, another house.
    OtherHouse,
    /// Different, of a kind of which people have several.
    Different,
    /// None of the above.
    Else,
}

/// Of each comparison but attributes its name, in the order of explanations.
const NAMED: [(Comparison, &str); Comparison::NAMED] = [
    (Comparison::Email, "email"),
    (Comparison::Phone, "phone"),
    (Comparison::Handle, "handle"),
    (Comparison::ExternalId, "external_id"),
    (Comparison::GivenName, "given_name"),
    (Comparison::FamilyName, "family_name"),
    (Comparison::NameSuffix, "name_suffix"),
    (Comparison::BirthDate, "birth_date"),
    (Comparison::PostalCode, "postal_code"),
    (Comparison::Street, "street"),
    (Comparison::Locality, "locality"),
    (Comparison::Company, "company"),
];

impl Level {
    /// How many levels there are.
    pub const COUNT: usize = Self::Else as usize + 1;

    /// Whether both have the value, however they learnt it.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::Exact | Self::ExactClaimed)
    }

    /// Whether it places a person by itself: both have the value, or one has it with what can only be a slip.
    #[must_use]
    pub const fn places(self) -> bool {
        self.is_exact() || matches!(self, Self::Mistyped)
    }
}

impl Comparison {
    /// How many there are but those of attributes.
    pub const NAMED: usize = 12;

    /// All comparisons but those of attributes, which a model names, in the order of explanations.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMED.into_iter().map(|(comparison, _)| comparison)
    }

    /// Its place among all comparisons but attributes.
    #[must_use]
    pub const fn place(self) -> Option<usize> {
        Some(match self {
            Self::Email => 0,
            Self::Phone => 1,
            Self::Handle => 2,
            Self::ExternalId => 3,
            Self::GivenName => 4,
            Self::FamilyName => 5,
            Self::NameSuffix => 6,
            Self::BirthDate => 7,
            Self::PostalCode => 8,
            Self::Street => 9,
            Self::Locality => 10,
            Self::Company => 11,
            Self::Attribute(_) => return None,
        })
    }

    /// The levels it can yield, null first, else last.
    #[must_use]
    pub const fn levels(self) -> &'static [Level] {
        use Level::{
            Close, Different, Else, EmailLocalPart, Exact, ExactClaimed, ExactRole, Initial, Mistyped, Near, Nickname,
            Null, OneEdit, OtherHouse, OtherNetwork, SameLocalPart, SoundsAlike, Swapped,
        };
        match self {
            Self::Email => &[Null, Exact, ExactClaimed, Mistyped, ExactRole, SameLocalPart, OneEdit, Close, Else],
            Self::Phone => &[Null, Exact, ExactClaimed, Mistyped, OneEdit, Else],
            Self::Handle => &[Null, Exact, ExactClaimed, OtherNetwork, EmailLocalPart, Else],
            Self::ExternalId => &[Null, Exact, ExactClaimed, OneEdit, Different, Else],
            Self::GivenName => &[Null, Exact, Nickname, Close, Initial, Else],
            Self::FamilyName => &[Null, Exact, Close, SoundsAlike, Else],
            Self::NameSuffix => &[Null, Exact, Else],
            Self::BirthDate => &[Null, Exact, Swapped, OneEdit, Near, Else],
            Self::PostalCode => &[Null, Exact, OneEdit, Else],
            Self::Street => &[Null, Exact, Close, OtherHouse, Else],
            Self::Locality | Self::Company | Self::Attribute(_) => &[Null, Exact, Close, Else],
        }
    }

    /// Whether agreement on it can place a person, unlike names and addresses, which many people share.
    #[must_use]
    pub const fn identifies(self) -> bool {
        self.is_identifier() || matches!(self, Self::BirthDate)
    }

    /// Whether it compares something that is given to one person, or to few.
    #[must_use]
    pub const fn is_identifier(self) -> bool {
        matches!(self, Self::Email | Self::Phone | Self::Handle | Self::ExternalId)
    }

    /// Whether it compares a part of the name.
    #[must_use]
    pub const fn is_name(self) -> bool {
        matches!(self, Self::GivenName | Self::FamilyName)
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, NAMED.iter().find(|(comparison, _)| comparison == self)) {
            (Self::Attribute(name), _) => write!(f, "attributes.{name}"),
            (_, Some((_, name))) => f.write_str(name),
            (_, None) => Err(fmt::Error),
        }
    }
}

impl Serialize for Comparison {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Comparison {
    /// The name of an attribute is kept for the life of the process: models are few, and small.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Some((comparison, _)) = NAMED.iter().find(|(_, name)| *name == text) {
            return Ok(*comparison);
        }
        match text.strip_prefix("attributes.") {
            Some(name) if !name.is_empty() => Ok(Self::Attribute(String::from(name).leak())),
            _ => Err(D::Error::custom(format!("there is no comparison of `{text}`"))),
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_go_by_the_order_of_explanations() {
        for (place, comparison) in Comparison::all().enumerate() {
            assert_eq!(comparison.place(), Some(place), "{comparison}");
        }
        assert_eq!(Comparison::Attribute("gender").place(), None);
    }
}
