//! Personal names: order, initials, suffixes, compound and particle surnames, scripts.
//!
//! Separate fields are believed; one text is taken apart by comma, capitals, particles and, where these are silent, by the
//! static tables of common names. A guess is marked as one ([`Name::order_known`]). Names in Chinese, Japanese and Korean
//! characters stand family first and become one word for the family and one for the given name (`王小明` →
//! `wang`/`xiaoming`); Japanese ones get Chinese readings, so they agree among themselves but not with Latin spellings.

mod clean;
mod edges;
mod fields;
mod one_text;
mod order;
mod organisation;
mod role;
#[cfg(test)]
mod tests;
mod word;
mod words;

pub use fields::normalize;
pub use organisation::is_organisation;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::Serialize;

/// A personal name in normal form: folded to plain lower-case ASCII words (see [`super::text::fold`]).
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Name {
    /// Given names and initials, in order: `["jane", "q"]`. A word of one letter is an initial.
    pub given: Vec<String>,
    /// Family names with their particles as words: `["van", "der", "berg"]`, `["garcia", "marquez"]`.
    pub family: Vec<String>,
    /// `jr`, `sr`, `ii`, `iii`, `iv`, `neto`, `sobrinho`: keeps people apart.
    pub suffix: Option<String>,
    /// Whether given and family are known apart (separate fields, a comma, a family name in capitals), or only guessed
    /// from the order.
    pub order_known: bool,
}
