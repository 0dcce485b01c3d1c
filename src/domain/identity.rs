//! Identity: which profile id each cluster keeps when clusters change. Ids never die: what a cluster does not keep
//! redirects to where most of its records went.

use super::id::ProfileId;
use std::collections::{BTreeMap, BTreeSet};

/// What becomes of the ids that a set of clusters had before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inheritance {
    /// By cluster: the id it keeps, or none where it needs a new one.
    pub kept: Vec<Option<ProfileId>>,
    /// Retired ids, each with the cluster that holds most of its records.
    pub retired: Vec<(ProfileId, usize)>,
}

/// Decides from how many records of which old profile each cluster holds. The old profile that contributed most records
/// to a cluster gives its id; among equals the oldest (ids are ordered by time).
#[must_use]
pub fn inherit(clusters: &[BTreeMap<ProfileId, usize>]) -> Inheritance {
    let mut claims: Vec<(usize, ProfileId, usize)> = Vec::new();
    for (cluster, contributions) in clusters.iter().enumerate() {
        claims.extend(contributions.iter().map(|(profile, records)| (*records, *profile, cluster)));
    }
    claims.sort_by(|x, y| y.0.cmp(&x.0).then_with(|| (x.1, x.2).cmp(&(y.1, y.2))));
    let mut inheritance = Inheritance { kept: vec![None; clusters.len()], retired: Vec::new() };
    let mut given = BTreeSet::new();
    for (_, profile, cluster) in &claims {
        if inheritance.kept[*cluster].is_none() && given.insert(*profile) {
            inheritance.kept[*cluster] = Some(*profile);
        }
    }
    for (_, profile, cluster) in claims {
        if given.insert(profile) {
            inheritance.retired.push((profile, cluster));
        }
    }
    inheritance
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn id(number: u128) -> ProfileId {
        ProfileId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_merge_keeps_the_larger_and_then_the_older_id() {
        let merged = inherit(&[BTreeMap::from([(id(1), 2), (id(2), 3)])]);
        assert_eq!((merged.kept, merged.retired), (vec![Some(id(2))], vec![(id(1), 0)]));
        let tie = inherit(&[BTreeMap::from([(id(2), 1), (id(1), 1)])]);
        assert_eq!(tie.kept, vec![Some(id(1))]);
    }

    #[test]
    fn a_split_leaves_the_id_with_the_larger_part() {
        let split = inherit(&[BTreeMap::from([(id(1), 1)]), BTreeMap::from([(id(1), 4)]), BTreeMap::new()]);
        assert_eq!((split.kept, split.retired), (vec![None, Some(id(1)), None], vec![]));
    }
}
