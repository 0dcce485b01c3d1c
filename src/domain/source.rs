//! Sources: the systems that send events, and what their registration says about them.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// What is registered of a source. A source that was never registered has the defaults.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Source {
    /// How far its values are trusted in golden records, 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    pub trust: u8,
    /// Among sources of equal trust the higher priority wins, 0 to 100.
    #[schema(minimum = 0, maximum = 100)]
    pub priority: u8,
    /// The country (ISO 3166-1 alpha-2) that national phone numbers are of where an event does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_region: Option<String>,
    /// Namespaces of external ids of which a person has at most one: two values keep people apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unique_namespaces: Vec<String>,
    /// How long the source's events are to be kept, in days; none keeps them until they are erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

impl Default for Source {
    fn default() -> Self {
        Self { trust: 50, priority: 50, default_region: None, unique_namespaces: Vec::new(), retention_days: None }
    }
}

/// All registered sources of a tenant, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    version: i64,
    by_name: BTreeMap<String, Source>,
}

impl Sources {
    /// The sources as they are after so many registrations and changes.
    #[must_use]
    pub fn new(version: i64, sources: impl IntoIterator<Item = (String, Source)>) -> Self {
        Self { version, by_name: sources.into_iter().collect() }
    }

    /// How many registrations and changes there were.
    #[must_use]
    pub const fn version(&self) -> i64 {
        self.version
    }

    /// What is registered of a source, or the defaults.
    #[must_use]
    pub fn get(&self, name: &str) -> Source {
        self.by_name.get(name).cloned().unwrap_or_default()
    }

    /// All that are registered, by name.
    pub fn named(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.by_name.iter().map(|(name, source)| (name.as_str(), source))
    }

    /// The namespaces of which a person has at most one id, as any source declares them.
    #[must_use]
    pub fn unique_namespaces(&self) -> BTreeSet<String> {
        self.by_name
            .values()
            .flat_map(|source| source.unique_namespaces.iter().map(|name| name.to_lowercase()))
            .collect()
    }
}

impl FromIterator<(String, Source)> for Sources {
    fn from_iter<I: IntoIterator<Item = (String, Source)>>(sources: I) -> Self {
        Self::new(0, sources)
    }
}
