//! Explaining: why what was clustered anew is together, or is not.

use super::Workspace;
use crate::domain::{
    explain::{Explanation, Fate, Ruled, Side, explain},
    id::RecordId,
    resolution::{Weights, weigh},
    sharing::DeadKeys,
};

/// Of each side so many records are tried at the most.
const TRIED: usize = 50;

impl Workspace<'_> {
    /// How the two records that fit best across two sets stand to each other. Of sets that are apart dead keys count, too: they may be
    /// what held them together before.
    #[must_use]
    pub fn explain(&self, a: &[RecordId], b: &[RecordId]) -> Option<Explanation> {
        let pairs = a.iter().take(TRIED).flat_map(|x| b.iter().take(TRIED).map(move |y| (*x, *y)));
        let joined = self.records.get(a.first()?)?.profile == self.records.get(b.first()?)?.profile;
        let dead = if joined { &self.dead } else { &DeadKeys::default() };
        let weighed = pairs.filter_map(|(x, y)| Some((self.weight(x, y, dead)?, x, y)));
        let (_, x, y) = weighed.max_by(|one, other| one.0.total_cmp(&other.0))?;
        let judgements = self.judgements.values().filter_map(|judgement| Some((judgement, judgement.people()?)));
        let of_both = judgements.filter(|(_, people)| people.speaks_of(self.alike(x), self.alike(y)));
        let is_suspended = |id| self.suspended.contains(&id);
        let ruled =
            of_both.map(|(judgement, people)| Ruled::of(judgement, people, is_suspended(judgement.judgement_id)));
        let [x, y] = [self.side(x)?, self.side(y)?];
        Some(explain(x, y, self.fate(x.record, y.record), ruled.collect(), &self.dead, self.context.model))
    }

    fn weight(&self, a: RecordId, b: RecordId, dead: &DeadKeys) -> Option<f64> {
        let [a, b] = [self.side(a)?, self.side(b)?].map(|side| side.prepared.live_node(dead));
        Some(weigh(&a, &b, self.context.model, &Weights::default()).weight)
    }

    fn side(&self, record: RecordId) -> Option<Side<'_>> {
        let prepared = self.prepared.get(&self.records.get(&record)?.node)?;
        Some(Side { record, prepared })
    }

    /// Whether a record has the normal form of another one.
    fn alike(&self, record: RecordId) -> impl Fn(&RecordId) -> bool {
        let node = |id: RecordId| self.records.get(&id).map(|record| record.node);
        move |id| node(*id).is_some() && node(*id) == node(record)
    }

    fn fate(&self, a: RecordId, b: RecordId) -> Fate {
        let (a, b) = (self.records[&a].profile, self.records[&b].profile);
        if a == b {
            return Fate::Together;
        }
        let link = self.links.iter().find(|link| (link.a, link.b) == (a, b) || (link.b, link.a) == (a, b));
        Fate::Apart(link.map(|link| link.why))
    }
}
