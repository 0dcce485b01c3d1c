//! The tenant's choices: the `[survivorship]` table of the model file.

use super::ranking::Order;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which value of each attribute survives. Emails, phones, handles and external ids all survive, the strongest first; of
/// traits and consent the latest word does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// `most_frequent` counts the events of the last `recent_days`, and of these those of the best-trusted source. A full
    /// name comes before an abbreviated one either way.
    pub names: Preference,
    /// `most_frequent` counts all events.
    pub birth_date: Preference,
    /// Which address comes first; `most_frequent` counts all events.
    pub address: Preference,
    /// `most_frequent` counts all events.
    pub company: Preference,
    /// `most_frequent` counts all events.
    pub job_title: Preference,
    /// `most_frequent` counts all events.
    pub language: Preference,
    /// For each of the attributes; `most_frequent` counts all events.
    pub attributes: Preference,
    /// How far back from the profile's newest observation names are counted, in days.
    pub recent_days: u32,
}

/// What to prefer among the values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preference {
    /// The value of the most events, then the most recent.
    MostFrequent,
    /// The value seen last.
    MostRecent,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            names: Preference::MostFrequent,
            birth_date: Preference::MostFrequent,
            address: Preference::MostRecent,
            company: Preference::MostRecent,
            job_title: Preference::MostRecent,
            language: Preference::MostRecent,
            attributes: Preference::MostRecent,
            recent_days: 365,
        }
    }
}

impl Preference {
    /// How the values of most attributes are ordered by this preference.
    pub(super) fn order(self) -> Order {
        match self {
            Self::MostFrequent => Order::Frequent,
            Self::MostRecent => Order::Recent,
        }
    }

    /// How names are ordered by this preference.
    pub(super) fn order_of_names(self) -> Order {
        match self {
            Self::MostFrequent => Order::LatelyFrequent,
            Self::MostRecent => Order::Recent,
        }
    }
}
