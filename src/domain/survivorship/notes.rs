//! Writing down where the surviving values came from and which values lost.

use super::ranking::Survivor;
use crate::domain::{
    choice::Choices,
    golden::{Alternative, ByHand, Given, Provenance, Rule},
    id::JudgementId,
};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// What is noted beside the values, by their pointers, and what stewards chose.
pub(super) struct Notes<'a> {
    pub provenance: BTreeMap<String, Provenance>,
    pub alternatives: BTreeMap<String, Vec<Alternative>>,
    pub chosen: BTreeMap<String, JudgementId>,
    choices: &'a Choices,
}

impl<'a> Notes<'a> {
    /// Nothing noted yet.
    pub const fn new(choices: &'a Choices) -> Self {
        Self { provenance: BTreeMap::new(), alternatives: BTreeMap::new(), chosen: BTreeMap::new(), choices }
    }

    /// What a steward chose survives, or else the first; the rest are alternatives.
    pub fn first<K, V, W>(&mut self, pointer: &str, survivors: Vec<Survivor<K, V, W>>) -> Option<V>
    where
        V: DeserializeOwned + PartialEq + Serialize,
    {
        let mut survivors = survivors.into_iter();
        let survived = self.choice(pointer).or_else(|| {
            let first = survivors.next()?;
            self.survived(pointer, first.provenance);
            Some(first.value)
        })?;
        for loser in survivors.filter(|it| it.value != survived) {
            self.lost(pointer, &loser.value, loser.provenance);
        }
        Some(survived)
    }

    /// All survive, in this order, after the `first` one if a steward chose one.
    pub fn all<K, V, W, T>(
        &mut self,
        pointer: &str,
        first: Option<T>,
        survivors: Vec<Survivor<K, V, W>>,
        show: impl Fn(V, W) -> T,
    ) -> Vec<T> {
        let mut all: Vec<T> = first.into_iter().collect();
        for survivor in survivors {
            self.survived(&format!("{pointer}/{}", all.len()), survivor.provenance);
            all.push(show(survivor.value, survivor.worth));
        }
        all
    }

    /// The value that a steward chose, if one did; then it is noted that it survives.
    pub fn choice<T: DeserializeOwned>(&mut self, pointer: &str) -> Option<T> {
        let value = self.chosen_value(pointer)?;
        self.note_choice(pointer);
        Some(value)
    }

    /// The value that a steward chose, whether or not it can survive.
    pub fn chosen_value<T: DeserializeOwned>(&self, pointer: &str) -> Option<T> {
        T::deserialize(&self.choices.get(pointer)?.1).ok()
    }

    /// Notes that the value which a steward chose survives.
    pub fn note_choice(&mut self, pointer: &str) {
        if let Some((judgement_id, _)) = self.choices.get(pointer) {
            let by_hand = ByHand { judgement_id: *judgement_id, rule: Rule::ByHand };
            self.provenance.insert(pointer.to_owned(), Provenance::ByHand(by_hand));
            self.chosen.insert(pointer.to_owned(), *judgement_id);
        }
    }

    /// The pointers within an attribute of which a steward chose the value.
    pub fn chosen_within(&self, attribute: &str) -> impl Iterator<Item = &'a str> {
        let choices: &'a Choices = self.choices;
        let within = format!("/{attribute}/");
        choices.keys().map(String::as_str).filter(move |pointer| pointer.starts_with(&within))
    }

    /// Notes where a surviving value came from.
    pub fn survived(&mut self, pointer: &str, given: Given) {
        self.provenance.insert(pointer.to_owned(), Provenance::Given(given));
    }

    /// Notes a value that lost.
    pub fn lost(&mut self, pointer: &str, value: &impl Serialize, provenance: Given) {
        // Plain data with text keys always serialises.
        let value = serde_json::to_value(value).unwrap_or_default();
        self.alternatives.entry(pointer.to_owned()).or_default().push(Alternative { value, provenance });
    }
}
