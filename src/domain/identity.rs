//! Identity: which profile id each cluster keeps when clusters change. Ids never die: what a cluster does not keep
//! redirects to where most of its records went, or, where none is left, to where that is which it was merged into, or sent
//! to last.

use super::id::ProfileId;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

/// What becomes of the ids that a set of clusters had before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inheritance {
    /// By cluster: the id it keeps, or none where it needs a new one.
    pub kept: Vec<Option<ProfileId>>,
    /// Retired ids, each with the cluster that holds most of its records.
    pub retired: Vec<(ProfileId, usize)>,
    /// Ids that were retired before and stay so, each with the cluster that holds most of its records, or what it was sent to last.
    pub redirected: Vec<(ProfileId, usize)>,
}

/// An id that was retired before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Former {
    /// The id.
    pub id: ProfileId,
    /// The living profile that it redirects to.
    pub survivor: ProfileId,
    /// The profile that it was merged into, or sent to last since then; it may be retired itself by now.
    pub into: ProfileId,
    /// How many records it held.
    pub records: usize,
    /// By cluster, how many of them are there.
    pub held: BTreeMap<usize, usize>,
    /// By cluster, how many are there of the records that the living profile held before.
    pub beside: BTreeMap<usize, usize>,
}

impl Former {
    /// Whether what it was merged with is for the most part in other clusters.
    fn is_parted(&self, cluster: usize) -> bool {
        self.beside.values().max() > self.beside.get(&cluster)
    }
}

/// Decides from how many records of which old profile each cluster holds. A part that was a profile before takes its own id
/// back. Else the id that a steward `chose` goes where most of its records are; then the old profile that contributed most
/// records to a cluster gives its id; among equals the oldest (ids are ordered by time).
#[must_use]
pub fn inherit(clusters: &[BTreeMap<ProfileId, usize>], former: &[Former], chosen: Option<ProfileId>) -> Inheritance {
    let mut claims: Vec<(usize, ProfileId, usize)> = Vec::new();
    for (cluster, contributions) in clusters.iter().enumerate() {
        claims.extend(contributions.iter().map(|(profile, records)| (*records, *profile, cluster)));
    }
    let is_other = |profile| Some(profile) != chosen;
    claims.sort_by_key(|(records, profile, cluster)| (is_other(*profile), Reverse(*records), *profile, *cluster));
    let mut inheritance = Inheritance { kept: reclaim(clusters, former), ..Inheritance::default() };
    let mut given: BTreeSet<ProfileId> = inheritance.kept.iter().flatten().copied().collect();
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
    for former in former.iter().filter(|former| !given.contains(&former.id)) {
        let most = former.held.iter().max_by_key(|(cluster, held)| (**held, Reverse(**cluster)));
        inheritance.redirected.extend(most.map(|(cluster, _)| (former.id, *cluster)));
    }
    if !former.is_empty() {
        follow(&mut inheritance, former);
    }
    inheritance
}

/// Has a retired id none of whose records is left redirect to where that is which it was merged into, or sent to last.
fn follow(inheritance: &mut Inheritance, former: &[Former]) {
    let kept = inheritance.kept.iter().enumerate().filter_map(|(cluster, id)| Some(((*id)?, cluster)));
    let moved = inheritance.retired.iter().chain(&inheritance.redirected).copied();
    let place: BTreeMap<ProfileId, usize> = kept.chain(moved).collect();
    let into: BTreeMap<ProfileId, ProfileId> = former.iter().map(|former| (former.id, former.into)).collect();
    for former in former.iter().filter(|former| !place.contains_key(&former.id)) {
        // Each was sent to what was alive then and was retired later, so that this ends.
        let mut line = std::iter::successors(Some(former.into), |id| into.get(id).copied()).take(into.len() + 1);
        let cluster = line.find_map(|id| place.get(&id).copied());
        inheritance.redirected.extend(cluster.map(|cluster| (former.id, cluster)));
    }
}

/// By cluster, the retired id that it takes back: where a living profile falls apart, each part that holds what a retired
/// one held and not what that was merged with, but for one part that is left to the living id.
fn reclaim(clusters: &[BTreeMap<ProfileId, usize>], former: &[Former]) -> Vec<Option<ProfileId>> {
    let mut parts: BTreeMap<ProfileId, usize> = BTreeMap::new();
    let alone = |cluster: &BTreeMap<ProfileId, usize>| cluster.keys().next().copied().filter(|_| cluster.len() == 1);
    for profile in clusters.iter().filter_map(alone) {
        *parts.entry(profile).or_default() += 1;
    }
    let mut claims: Vec<(usize, usize, ProfileId, ProfileId, usize)> = Vec::new();
    for former in former {
        let parted = former.held.iter().filter(|(cluster, _)| former.is_parted(**cluster));
        claims.extend(parted.map(|(cluster, held)| (*held, former.records, former.id, former.survivor, *cluster)));
    }
    claims.sort_by(|x, y| y.0.cmp(&x.0).then_with(|| (x.1, x.2, x.4).cmp(&(y.1, y.2, y.4))));
    let (mut kept, mut given) = (vec![None; clusters.len()], BTreeSet::new());
    for (_, _, id, survivor, cluster) in claims {
        let left = parts.get(&survivor).copied().unwrap_or(0);
        if left > 1 && alone(&clusters[cluster]) == Some(survivor) && kept[cluster].is_none() && given.insert(id) {
            kept[cluster] = Some(id);
            parts.insert(survivor, left - 1);
        }
    }
    kept
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
        let merged = inherit(&[BTreeMap::from([(id(1), 2), (id(2), 3)])], &[], None);
        assert_eq!((merged.kept, merged.retired), (vec![Some(id(2))], vec![(id(1), 0)]));
        let tie = inherit(&[BTreeMap::from([(id(2), 1), (id(1), 1)])], &[], None);
        assert_eq!(tie.kept, vec![Some(id(1))]);
    }

    #[test]
    fn a_chosen_id_stays_though_another_one_holds_more() {
        let merged = inherit(&[BTreeMap::from([(id(1), 2), (id(2), 3)])], &[], Some(id(1)));
        assert_eq!((merged.kept, merged.retired), (vec![Some(id(1))], vec![(id(2), 0)]));
        let parted = inherit(&[BTreeMap::from([(id(1), 1)]), BTreeMap::from([(id(1), 4)])], &[], Some(id(1)));
        assert_eq!(parted.kept, [None, Some(id(1))]);
    }

    #[test]
    fn a_split_leaves_the_id_with_the_larger_part() {
        let split = inherit(&[BTreeMap::from([(id(1), 1)]), BTreeMap::from([(id(1), 4)]), BTreeMap::new()], &[], None);
        assert_eq!((split.kept, split.retired), (vec![None, Some(id(1)), None], vec![]));
    }

    /// A retired id that redirects to 1, merged with a record of the first cluster.
    fn former(number: u128, records: usize, held: &[(usize, usize)]) -> Former {
        let held = held.iter().copied().collect();
        Former { id: id(number), survivor: id(1), into: id(1), records, held, beside: BTreeMap::from([(0, 1)]) }
    }

    #[test]
    fn a_part_takes_its_own_id_back_and_what_stays_retired_follows_its_records() {
        let of_one = |records| BTreeMap::from([(id(1), records)]);
        let parts = inherit(&[of_one(1), of_one(9)], &[former(2, 1, &[(1, 1)])], None);
        assert_eq!((parts.kept, parts.redirected), (vec![Some(id(1)), Some(id(2))], vec![]));
        let parts = inherit(&[of_one(2), of_one(9)], &[former(2, 1, &[(0, 1)]), former(3, 1, &[(1, 1)])], None);
        assert_eq!((parts.kept, parts.redirected), (vec![Some(id(1)), Some(id(3))], vec![(id(2), 0)]));
        let nested = [former(2, 2, &[(1, 1), (2, 1)]), former(3, 1, &[(2, 1)])];
        let parts = inherit(&[of_one(1), of_one(1), of_one(1)], &nested, None);
        assert_eq!(parts.kept, [Some(id(1)), Some(id(2)), Some(id(3))]);
        let parts = inherit(&[of_one(1), of_one(2)], &[former(2, 2, &[(1, 2)]), former(3, 1, &[(1, 1)])], None);
        assert_eq!((parts.kept, parts.redirected), (vec![Some(id(1)), Some(id(2))], vec![(id(3), 1)]));
    }

    #[test]
    fn an_id_without_records_comes_back_with_what_it_was_merged_into() {
        let parts = [BTreeMap::from([(id(1), 1)]), BTreeMap::from([(id(1), 1)])];
        let emptied = [former(2, 1, &[(1, 1)]), Former { into: id(2), ..former(3, 1, &[]) }];
        let emptied = [&emptied[..], &[Former { into: id(3), ..former(4, 1, &[]) }]].concat();
        let parts = inherit(&parts, &emptied, None);
        assert_eq!((parts.kept, parts.redirected), (vec![Some(id(1)), Some(id(2))], vec![(id(3), 1), (id(4), 1)]));
    }

    #[test]
    fn a_living_id_stays_while_one_part_is_left() {
        let whole = [BTreeMap::new(), BTreeMap::from([(id(1), 1)])];
        let whole = inherit(&whole, &[former(2, 1, &[(1, 1)])], None);
        assert_eq!((whole.kept, whole.redirected), (vec![None, Some(id(1))], vec![(id(2), 1)]));
        let joined = [BTreeMap::from([(id(1), 1)]), BTreeMap::from([(id(1), 1), (id(4), 1)])];
        let joined = inherit(&joined, &[former(2, 1, &[(1, 1)])], None);
        assert_eq!(joined.kept, [Some(id(1)), Some(id(4))]);
    }
}
