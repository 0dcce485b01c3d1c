//! Writing down where the surviving values came from and which values lost.

use super::ranking::Survivor;
use crate::domain::golden::{Alternative, Provenance};
use serde::Serialize;
use std::collections::BTreeMap;

/// What is noted beside the values, by their pointers.
#[derive(Default)]
pub(super) struct Notes {
    pub provenance: BTreeMap<String, Provenance>,
    pub alternatives: BTreeMap<String, Vec<Alternative>>,
}

impl Notes {
    /// The first survives, the rest are alternatives.
    pub fn first<K, V: Serialize, W>(&mut self, pointer: &str, survivors: Vec<Survivor<K, V, W>>) -> Option<V> {
        let mut survivors = survivors.into_iter();
        let first = survivors.next()?;
        self.survived(pointer, first.provenance);
        for loser in survivors {
            self.lost(pointer, &loser.value, loser.provenance);
        }
        Some(first.value)
    }

    /// All survive, in this order.
    pub fn all<K, V, W, T>(
        &mut self,
        pointer: &str,
        survivors: Vec<Survivor<K, V, W>>,
        show: impl Fn(V, W) -> T,
    ) -> Vec<T> {
        let numbered = survivors.into_iter().enumerate();
        numbered
            .map(|(index, survivor)| {
                self.survived(&format!("{pointer}/{index}"), survivor.provenance);
                show(survivor.value, survivor.worth)
            })
            .collect()
    }

    /// Notes where a surviving value came from.
    pub fn survived(&mut self, pointer: &str, provenance: Provenance) {
        self.provenance.insert(pointer.to_owned(), provenance);
    }

    /// Notes a value that lost.
    pub fn lost(&mut self, pointer: &str, value: &impl Serialize, provenance: Provenance) {
        // Plain data with text keys always serialises.
        let value = serde_json::to_value(value).unwrap_or_default();
        self.alternatives.entry(pointer.to_owned()).or_default().push(Alternative { value, provenance });
    }
}

/// The RFC 6901 pointer of a named value of an attribute: `/traits/plan`.
pub(super) fn pointer(attribute: &str, name: &str) -> String {
    format!("/{attribute}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::pointer;

    #[test]
    fn pointers_are_escaped() {
        assert_eq!(pointer("traits", "a/b~c"), "/traits/a~1b~0c");
    }
}
