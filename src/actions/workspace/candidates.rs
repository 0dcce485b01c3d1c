//! Candidates: the stored nodes that share a live key with nodes here, and which of them matter.

use super::{Anew, Workspace, keys_at_stake::AtStake};
use crate::{
    domain::{
        blocking::Key,
        id::{ProfileId, RecordId},
        parallel,
        resolution::{pair, weigh},
    },
    store::{StoreError, lane::Lane},
};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// So many candidates are looked at together: each takes some kilobytes while it is.
const PORTION: usize = 4_096;

/// Which stored nodes share live keys with which nodes here: as places in a list, as they are many.
#[derive(Default)]
struct Sharing {
    ids: Vec<RecordId>,
    /// A stored node and one here, sorted and without doubles.
    pairs: Vec<(u32, u32)>,
}

/// A stored node that shares live keys with nodes here.
struct Candidate<'a> {
    id: RecordId,
    ids: &'a [RecordId],
    pairs: &'a [(u32, u32)],
}

impl Sharing {
    /// The place of a node, a new one where it has none yet.
    fn place(&mut self, id: RecordId, places: &mut FxHashMap<RecordId, u32>) -> u32 {
        *places.entry(id).or_insert_with(|| {
            self.ids.push(id);
            u32::try_from(self.ids.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn candidates(&self) -> impl Iterator<Item = Candidate<'_>> {
        let ids = self.ids.as_slice();
        self.pairs.chunk_by(|x, y| x.0 == y.0).map(move |pairs| Candidate { id: ids[pairs[0].0 as usize], ids, pairs })
    }
}

impl Candidate<'_> {
    /// The nodes that it shares keys with.
    fn nodes(&self) -> impl Iterator<Item = RecordId> {
        self.pairs.iter().map(|(_, node)| self.ids[*node as usize])
    }
}

impl Workspace<'_> {
    /// Finds the stored nodes that share a key with these, settles which keys are dead now, and returns the profiles whose
    /// components the change can reach.
    pub(super) async fn find_candidates(
        &mut self,
        lane: &Lane,
        nodes: &[RecordId],
    ) -> Result<BTreeSet<ProfileId>, StoreError> {
        let mut sharing: BTreeMap<Key, Vec<RecordId>> = BTreeMap::new();
        for node in nodes {
            for key in &self.prepared[node].keys {
                sharing.entry(*key).or_default().push(*node);
            }
        }
        let mut at_stake = self.load_holders(lane, sharing).await?;
        if self.context.anew == Anew::Everything {
            self.doubt(lane, &mut at_stake).await?;
        }
        let mut reached = self.settle_keys(&at_stake);
        self.load_deaths(lane).await?;
        let (sharing, owners) = (self.sharing(&at_stake), at_stake.owners());
        drop(at_stake);
        self.reach_linked(lane, &sharing, &mut reached).await?;
        self.let_go(owners.into_iter(), &reached);
        self.profiles_of(lane, reached).await
    }

    /// Adds the stored nodes that share a live key with nodes here, and matter to them.
    async fn reach_linked(
        &mut self,
        lane: &Lane,
        sharing: &Sharing,
        reached: &mut BTreeSet<RecordId>,
    ) -> Result<(), StoreError> {
        // Who is reached already need not be asked twice.
        let mut candidates: Vec<Candidate<'_>> =
            sharing.candidates().filter(|candidate| !reached.contains(&candidate.id)).collect();
        // So that what a portion looks up lies close together in the index.
        candidates.sort_unstable_by_key(|candidate| candidate.id);
        for portion in candidates.chunks(PORTION) {
            let ids = || portion.iter().map(|candidate| candidate.id);
            self.prepare_nodes(lane, ids().collect()).await?;
            self.load_deaths(lane).await?;
            self.weigh_candidates(portion, reached);
            self.let_go(ids(), reached);
        }
        Ok(())
    }

    /// Adds those candidates that matter to a node here.
    fn weigh_candidates(&mut self, candidates: &[Candidate<'_>], reached: &mut BTreeSet<RecordId>) {
        let (dead, model, prepared, weights) = (&self.dead, self.context.model, &self.prepared, &self.weights);
        let link = |candidate: &Candidate<'_>| {
            let stored = prepared.get(&candidate.id)?.live_node(dead);
            candidate.nodes().find_map(|node| {
                let node = prepared[&node].live_node(dead);
                let link = weigh(&stored, &node, model, weights);
                link.matters(model).then(|| (pair(&stored, &node), link))
            })
        };
        let links = parallel::map(candidates, link);
        for (candidate, link) in candidates.iter().zip(links) {
            if let Some(link) = link {
                reached.insert(candidate.id);
                self.weights.extend([link]);
            }
        }
    }

    /// Lets those go that matter to nobody: they are most of all candidates, and by far.
    fn let_go(&mut self, candidates: impl Iterator<Item = RecordId>, reached: &BTreeSet<RecordId>) {
        let mut gone = Vec::new();
        for id in candidates {
            if !reached.contains(&id) && !self.records.contains_key(&id) {
                gone.extend(self.prepared.remove(&id).map(|prepared| (id, prepared)));
                self.homes.remove(&id);
            }
        }
        self.memory.keep_forms(gone.iter().map(|(id, prepared)| (*id, &**prepared)));
        parallel::put_away(gone.len(), gone);
    }

    /// Stored nodes, each with the nodes here that it shares a live key with.
    fn sharing(&self, at_stake: &AtStake) -> Sharing {
        let is_alive = |hash: &i64| !self.dead.contains_key(hash);
        let mut sharing = Sharing::default();
        let mut places = FxHashMap::default();
        for (key, new) in at_stake.gained.iter().filter(|(key, _)| key.dies_with().iter().all(is_alive)) {
            let held = key.held_by_others().filter(is_alive).filter_map(|hash| at_stake.holders.get(&hash));
            let new: Vec<u32> = new.iter().map(|node| sharing.place(*node, &mut places)).collect();
            for candidate in held.flatten() {
                let candidate = sharing.place(*candidate, &mut places);
                sharing.pairs.extend(new.iter().filter(|node| **node != candidate).map(|node| (candidate, *node)));
            }
        }
        sharing.pairs.sort_unstable();
        sharing.pairs.dedup();
        sharing
    }
}
