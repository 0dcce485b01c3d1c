//! Trials: what another model would make of the profiles that there are, in counts.

use super::{
    explain::Explanation,
    id::{ProfileId, RecordId},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// What would become of profiles. Each is counted once, with all others that records would go to or come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// How many were tried.
    pub profiles: u64,
    /// Those that would stay as they are.
    pub unchanged: u64,
    /// Those that would keep their records and get another golden record.
    pub changed: u64,
    /// Those that would be one with others.
    pub merged: Moved,
    /// Those that would fall apart.
    pub split: Moved,
    /// Those that would exchange records with others.
    pub redrawn: Moved,
}

/// So many profiles would become so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Moved {
    /// How many there are.
    pub profiles: u64,
    /// How many there would be.
    pub into: u64,
}

/// What would become of profiles that hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Becoming {
    /// They would keep their records.
    Kept,
    /// Several would be one.
    Merged,
    /// One would be several.
    Split,
    /// Several would be several others.
    Redrawn,
}

/// An example of what would change.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sample {
    /// What would happen.
    pub what: Becoming,
    /// The profiles as they are.
    pub profiles: Vec<ProfileId>,
    /// How many they would be.
    pub into: usize,
    /// How the two records that fit best across what would be joined or parted stand to each other as it is; none where one of them
    /// has gone meanwhile.
    pub now: Option<Explanation>,
    /// The same as the other model has it.
    pub then: Explanation,
}

/// Profiles that exchange records with each other alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// The records of each profile before.
    pub before: BTreeMap<ProfileId, Vec<RecordId>>,
    /// The records of each profile after.
    pub after: BTreeMap<ProfileId, Vec<RecordId>>,
}

impl Group {
    /// What becomes of its profiles.
    #[must_use]
    pub fn becoming(&self) -> Becoming {
        match (self.before.len(), self.after.len()) {
            (1, 1) => Becoming::Kept,
            (_, 1) => Becoming::Merged,
            (1, _) => Becoming::Split,
            _ => Becoming::Redrawn,
        }
    }

    /// Two sets of its records that are to be joined or parted; none where none are.
    #[must_use]
    pub fn sides(&self) -> Option<[Vec<RecordId>; 2]> {
        let sets = match self.becoming() {
            Becoming::Kept => return None,
            Becoming::Merged | Becoming::Redrawn => &self.before,
            Becoming::Split => &self.after,
        };
        let mut sets = sets.values().cloned();
        Some([sets.next()?, sets.flatten().collect()])
    }
}

/// The groups among records, each given with its profile before and after.
#[must_use]
pub fn groups(moves: &[(RecordId, ProfileId, ProfileId)]) -> Vec<Group> {
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    for (record, was, is) in moves {
        before.entry(*was).or_insert_with(Vec::new).push((*record, *is));
        after.entry(*is).or_insert_with(Vec::new).push((*record, *was));
    }
    let mut groups = Vec::new();
    while let Some(first) = before.keys().next().copied() {
        let (mut group, mut open) = (Group::default(), BTreeSet::from([first]));
        while let Some(was) = open.pop_first() {
            let Some(held) = before.remove(&was) else { continue };
            let reached: BTreeSet<ProfileId> = held.iter().map(|(_, is)| *is).collect();
            group.before.insert(was, held.into_iter().map(|(record, _)| record).collect());
            for is in reached {
                let Some(held) = after.remove(&is) else { continue };
                open.extend(held.iter().map(|(_, was)| *was));
                group.after.insert(is, held.into_iter().map(|(record, _)| record).collect());
            }
        }
        groups.push(group);
    }
    groups
}

impl Counts {
    /// Counts what becomes of a group; `renamed` of one that is kept says whether its golden record is another one.
    pub fn add(&mut self, group: &Group, renamed: bool) {
        let profiles = group.before.len() as u64;
        self.profiles += profiles;
        let moved = match group.becoming() {
            Becoming::Kept if renamed => {
                self.changed += 1;
                return;
            }
            Becoming::Kept => {
                self.unchanged += 1;
                return;
            }
            Becoming::Merged => &mut self.merged,
            Becoming::Split => &mut self.split,
            Becoming::Redrawn => &mut self.redrawn,
        };
        moved.profiles += profiles;
        moved.into += group.after.len() as u64;
    }

    /// Adds what was counted of other profiles.
    pub fn absorb(&mut self, other: &Self) {
        self.profiles += other.profiles;
        self.unchanged += other.unchanged;
        self.changed += other.changed;
        for (ours, theirs) in
            [(&mut self.merged, other.merged), (&mut self.split, other.split), (&mut self.redrawn, other.redrawn)]
        {
            ours.profiles += theirs.profiles;
            ours.into += theirs.into;
        }
    }

    /// How many profiles there would be.
    #[must_use]
    pub const fn after(&self) -> u64 {
        self.unchanged + self.changed + self.merged.into + self.split.into + self.redrawn.into
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn counted(moves: &[(u128, u128, u128)]) -> Counts {
        let id = |number| ProfileId::from_uuid(Uuid::from_u128(number));
        let moves: Vec<_> =
            moves.iter().map(|(r, b, a)| (RecordId::from_uuid(Uuid::from_u128(*r)), id(*b), id(*a))).collect();
        let mut counts = Counts::default();
        for group in groups(&moves) {
            counts.add(&group, false);
        }
        counts
    }

    #[test]
    fn what_hangs_together_is_counted_once() {
        let counts = counted(&[(1, 1, 1), (2, 2, 3), (3, 3, 3), (4, 4, 4), (5, 4, 9), (6, 5, 5), (7, 5, 6), (8, 6, 6)]);
        assert_eq!((counts.profiles, counts.unchanged, counts.after()), (6, 1, 6));
        assert_eq!(counts.merged, Moved { profiles: 2, into: 1 });
        assert_eq!(counts.split, Moved { profiles: 1, into: 2 });
        assert_eq!(counts.redrawn, Moved { profiles: 2, into: 2 });
    }
}
