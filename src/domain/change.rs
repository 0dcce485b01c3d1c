//! Changes of model: one after the other, each moving a tenant's records from the model before to its own.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a change of model stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeState {
    /// Its model is in force, and what was clustered by the one before is being clustered anew.
    Applying,
    /// The same, but nobody goes on clustering anew: what events, judgements and takebacks touch goes over, the rest waits.
    Paused,
    /// All is as its model has it.
    Applied,
    /// Another change took it back.
    RolledBack,
}

impl ChangeState {
    /// Its name in answers and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applying => "applying",
            Self::Paused => "paused",
            Self::Applied => "applied",
            Self::RolledBack => "rolled_back",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_answers() {
        for state in [ChangeState::Applying, ChangeState::Paused, ChangeState::Applied, ChangeState::RolledBack] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
