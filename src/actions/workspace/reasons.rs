//! Reasons for a steward to look, as clustering leaves them, and what is no longer a reason.

use super::Workspace;
use crate::domain::{
    cluster::Apart,
    id::{JudgementId, ProfileId, RecordId, ReviewId},
    review::{BIG, Reason, ReviewKind, Subject, at_stake, likelihood},
    sharing::is_learnt,
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Two profiles between which something speaks for one person.
#[derive(Clone, Copy)]
pub(super) struct Link {
    pub a: ProfileId,
    pub b: ProfileId,
    pub weight: f64,
    pub why: Apart,
}

/// How likely something is to be done about an identifier that many share: the most are rightly dead.
const SHARED: f64 = 0.1;
/// How likely a large profile is too large.
const LARGE: f64 = 0.5;

impl Workspace<'_> {
    /// All reasons there are, with the ids of their reviews. Profiles must be brought up to date.
    pub(super) fn reasons(&self) -> Vec<(ReviewId, Reason)> {
        let links = self.pairs().map(|(_, reason)| reason);
        let suspended = self.suspended.iter().filter_map(|id| self.suspension(*id));
        let shared = self.killed.values().filter(|(key, _)| is_learnt(*key)).map(|(key, death)| {
            let count = count(death.count);
            Reason { subject: Subject::Key(key.hash), value: count * SHARED, measure: count, why: None }
        });
        let merged = self.fates.iter().filter(|(_, fate)| !fate.merged.is_empty());
        let merged = merged.filter_map(|(id, _)| self.large(*id));
        self.with_reviews(links.chain(suspended).chain(shared).chain(merged))
    }

    /// Those that remembered reviews say, whether or not they are reasons still.
    pub(super) fn standing(&self) -> Vec<(ReviewId, Reason)> {
        self.with_reviews(self.standing.values().copied())
    }

    fn with_reviews(&self, reasons: impl Iterator<Item = Reason>) -> Vec<(ReviewId, Reason)> {
        reasons.map(|reason| (reason.subject.review(self.context.id_key), reason)).collect()
    }

    /// The reasons to look at two profiles, each with the component that they are in.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Uuid, Reason)> {
        let pair = |link: &Link| Some((self.profiles.get(&link.a)?.component, self.linked(link)?));
        self.links.iter().filter_map(pair)
    }

    fn linked(&self, link: &Link) -> Option<Reason> {
        let subject = Subject::pair(link.a, link.b, link.why)?;
        let value = self.at_stake([link.a, link.b]) * likelihood(link.weight);
        Some(Reason { subject, value, measure: link.weight, why: Some(link.why) })
    }

    fn suspension(&self, id: JudgementId) -> Option<Reason> {
        let judgement = self.judgements.get(&id)?;
        let holder = |record: RecordId| Some(self.records.get(&record)?.profile);
        let profiles: BTreeSet<ProfileId> = judgement.records().filter_map(holder).collect();
        let value = self.at_stake(profiles);
        Some(Reason { subject: Subject::Suspended(id), value, measure: count(judgement.records().count()), why: None })
    }

    fn large(&self, id: ProfileId) -> Option<Reason> {
        let profile = self.profiles.get(&id).filter(|profile| profile.survivor.is_none())?;
        let records = usize::try_from(profile.held.records).unwrap_or(usize::MAX);
        let value = self.at_stake([id]) * LARGE;
        let reason = Reason { subject: Subject::Merged(id), value, measure: count(records), why: None };
        (records > BIG).then_some(reason)
    }

    /// The events of these profiles.
    fn at_stake(&self, profiles: impl IntoIterator<Item = ProfileId>) -> f64 {
        at_stake(profiles.into_iter().filter_map(|id| self.profiles.get(&id)).map(|profile| profile.held.events).sum())
    }

    /// What was looked at anew: of these, whatever is no reason now is none any more.
    pub(super) fn looked_at(&self) -> Vec<(ReviewKind, Uuid)> {
        let pairs = self.tied.iter().map(ProfileId::uuid);
        let pairs = pairs.flat_map(|id| [(ReviewKind::PossibleMatch, id), (ReviewKind::Ambiguity, id)]);
        let ruled = self.ruled.iter().map(|judgement| &judgement.judgement_id);
        let judged = self.judgements.keys().chain(ruled).map(|id| (ReviewKind::Contradiction, id.uuid()));
        let revived = self.revived.iter().map(|hash| (ReviewKind::SharedIdentifier, Subject::Key(*hash).ids().0));
        let parted = self.fates.iter().filter(|(_, fate)| !fate.split.is_empty()).map(|(id, _)| id);
        let parted = parted.chain(self.retired.keys()).map(|id| (ReviewKind::BigMerge, id.uuid()));
        pairs.chain(judged).chain(revived).chain(parted).collect()
    }
}

/// As a number to reckon with: nobody counts beyond what it holds exactly.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
