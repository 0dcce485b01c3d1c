//! The golden record: what is known of a person, one value where many were given, and where each value came from.

use super::{
    contact::{Address, Assurance, Consent},
    id::{JudgementId, RecordId},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A profile's surviving attributes. What is not known is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct GoldenRecord {
    /// The name to display: the full name as given, else given and family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given names, where they were given apart; always of the same record as `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Family names, where they were given apart; always of the same record as `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Usable mailboxes, the primary one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<GoldenEmail>,
    /// Usable telephone numbers, the primary one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<GoldenPhone>,
    /// Usable accounts on networks, the primary one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handles: Vec<GoldenHandle>,
    /// Usable ids in other systems, the primary one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<GoldenExternalId>,
    /// An ISO date, or the text that was given in place of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// Postal addresses that differ in more than spelling, the primary one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// What they do there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    /// A BCP 47 language tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Further facts that a model may compare by.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
    /// Facts that identify nobody.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub traits: BTreeMap<String, Value>,
    /// By purpose or channel: may the company write to them?
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub consent: BTreeMap<String, Consent>,
    /// By the pointers of the attributes whose values a steward chose, the judgements that say so.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub chosen: BTreeMap<String, JudgementId>,
    /// Where each value came from, by its RFC 6901 pointer: `/name`, `/emails/0`, `/traits/plan`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub provenance: BTreeMap<String, Provenance>,
    /// The values that lost, best first, by the pointer of the attribute they lost: `/family_name`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub alternatives: BTreeMap<String, Vec<Alternative>>,
}

/// A mailbox of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GoldenEmail {
    /// As given; several spellings of one mailbox (upper case, plus tags…) are listed once.
    pub value: String,
    /// The strongest way it was learnt.
    pub assurance: Assurance,
}

/// A telephone number of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GoldenPhone {
    /// E.164, such as `+442079460958`.
    pub value: String,
    /// The extension's digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// The strongest way it was learnt.
    pub assurance: Assurance,
}

/// An account of a person on a network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GoldenHandle {
    /// The network's usual name.
    pub network: String,
    /// The account's name, without `@` or URL.
    pub value: String,
    /// The strongest way it was learnt.
    pub assurance: Assurance,
}

/// A person's id in another system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GoldenExternalId {
    /// The system that gave the id.
    pub namespace: String,
    /// The id.
    pub value: String,
    /// The strongest way it was learnt.
    pub assurance: Assurance,
}

impl GoldenPhone {
    /// The number with its extension, as one text: `+442079460958 ext. 7`.
    #[must_use]
    pub fn written(&self) -> String {
        let extension = self.extension.iter().map(|extension| format!(" ext. {extension}"));
        std::iter::once(self.value.clone()).chain(extension).collect()
    }
}

/// The RFC 6901 pointer of a named value of an attribute: `/traits/plan`.
#[must_use]
pub fn pointer(attribute: &str, name: &str) -> String {
    format!("/{attribute}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The name in such a pointer; none where it has only one part.
#[must_use]
pub fn name_of(pointer: &str) -> Option<String> {
    let (_, name) = pointer.strip_prefix('/')?.split_once('/')?;
    Some(name.replace("~1", "/").replace("~0", "~"))
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Provenance {
    /// Records gave it.
    Given(Given),
    /// A steward chose it, whatever the records give.
    ByHand(ByHand),
}

/// Where a value came from that a steward chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ByHand {
    /// The judgement that says so.
    pub judgement_id: JudgementId,
    /// What decided between this value and the others: `by_hand`.
    pub rule: Rule,
}

/// Where a value came from that records gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Given {
    /// The record that gave it: the best-ranked of those that did.
    pub record_id: RecordId,
    /// The source that saw that record.
    pub source: String,
    /// When the value was first seen, by any source.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// When the value was last seen, by any source.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// How many events carried the value. Of traits and consent the latest word of each source on each record counts.
    pub count: u64,
    /// What decided between this value and the others.
    pub rule: Rule,
}

/// A rule of survivorship.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Carried by the most events, then the most recent.
    MostFrequent,
    /// Seen most recently.
    MostRecent,
    /// Learnt in the strongest way (`verified`, `observed`, `claimed`), then the most recent.
    Strongest,
    /// The latest word on it.
    Latest,
    /// A steward chose it.
    ByHand,
}

/// A value that lost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Alternative {
    /// The value.
    pub value: Value,
    /// Where it came from, and the rule by which its attribute is decided where nobody chooses.
    pub provenance: Given,
}

/// What stands behind a golden record's attributes: much more than they are, and seldom asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Backing {
    /// See [`GoldenRecord::provenance`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub provenance: BTreeMap<String, Provenance>,
    /// See [`GoldenRecord::alternatives`].
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub alternatives: BTreeMap<String, Vec<Alternative>>,
}

/// Which of the further parts of a golden record to show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Include {
    /// Where each value came from.
    pub provenance: bool,
    /// The values that lost.
    pub alternatives: bool,
}

impl GoldenRecord {
    /// The attributes alone, and what stands behind them.
    #[must_use]
    pub fn apart(mut self) -> (Self, Backing) {
        let provenance = std::mem::take(&mut self.provenance);
        let alternatives = std::mem::take(&mut self.alternatives);
        (self, Backing { provenance, alternatives })
    }

    /// The attributes with those parts of what stands behind them that are asked for.
    #[must_use]
    pub fn with(mut self, backing: Backing, include: Include) -> Self {
        if include.provenance {
            self.provenance = backing.provenance;
        }
        if include.alternatives {
            self.alternatives = backing.alternatives;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{name_of, pointer};

    #[test]
    fn names_in_pointers_are_escaped() {
        assert_eq!(pointer("traits", "a/b~c"), "/traits/a~1b~0c");
        assert_eq!(name_of("/traits/a~1b~0c").as_deref(), Some("a/b~c"));
        assert_eq!(name_of("/name"), None);
    }
}
