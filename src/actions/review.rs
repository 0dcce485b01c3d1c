//! Review: a steward decides what waits for one, takes a decision back, or puts it off. What is ruled is a judgement.

use super::{
    judge::{given, members, now},
    recluster::recluster,
};
use crate::{
    domain::{
        cluster::Verdict,
        id::{ProfileId, ReviewId},
        judgement::{Judgement, Matter, People},
        review::{Decided, Decision, ReviewState},
        validate::{ErrorCode, FieldError},
    },
    store::{
        StoreError, judgements,
        lane::{self, Lane},
        reviews::{self, StoredReview},
        rulebook::Rulebook,
    },
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// What a steward makes of some reviews.
#[derive(Clone, Debug)]
pub struct Deciding {
    /// Of which ones.
    pub reviews: Vec<ReviewId>,
    /// What.
    pub decision: Decision,
    /// Why, in the steward's words.
    pub reason: String,
    /// Who: the name of the API key.
    pub actor: String,
}

/// Who looks after a review, and when.
#[derive(Clone, Debug, Default)]
pub struct Taking {
    /// Who, or nobody.
    pub assignee: Amended<String>,
    /// Until when it sleeps, or not at all.
    pub snoozed_until: Amended<Timestamp>,
}

/// What becomes of a value.
#[derive(Clone, Debug, Default)]
pub enum Amended<T> {
    /// It stays as it is.
    #[default]
    Kept,
    /// It is this from now on, or none.
    Set(Option<T>),
}

impl<T> Amended<T> {
    /// The value then.
    #[must_use]
    pub fn of(self, was: Option<T>) -> Option<T> {
        match self {
            Self::Kept => was,
            Self::Set(now) => now,
        }
    }

    /// Another value in its place.
    #[must_use]
    pub fn map<U>(self, other: impl FnOnce(T) -> U) -> Amended<U> {
        match self {
            Self::Kept => Amended::Kept,
            Self::Set(value) => Amended::Set(value.map(other)),
        }
    }
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// One of the reviews is not known.
    #[error("unknown")]
    Unknown,
    /// One of them is closed; or, to take a decision back, open.
    #[error("decided before")]
    AlreadyDone,
    /// One of them is of a kind that nothing can be ruled of.
    #[error("nothing to rule")]
    Misfit(FieldError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Decides reviews, all or none, in one commit.
///
/// # Errors
/// See [`ReviewError`]; then nothing changed.
pub async fn decide(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    deciding: &Deciding,
) -> Result<(), ReviewError> {
    let lane = lane::enter(connection, rules.tenant.id).await?;
    let found = find(&lane, &deciding.reviews).await?;
    let (mut rulings, at) = (Vec::new(), now());
    for review in &found {
        if review.state()? != ReviewState::Open {
            return Err(ReviewError::AlreadyDone);
        }
        let ruling = rule(&lane, review, deciding, at).await?;
        let decided = Decided {
            decision: deciding.decision,
            reason: deciding.reason.clone(),
            actor: deciding.actor.clone(),
            at,
            judgement_id: ruling.as_ref().map(|ruling| ruling.judgement_id),
        };
        let state = if ruling.is_some() { ReviewState::Decided } else { ReviewState::Dismissed };
        let position = marked_at(&lane, ruling.as_ref());
        reviews::mark(&lane, lane.tenant, review.id, state, Some(&decided), position).await?;
        rulings.extend(ruling);
    }
    put_into_effect(lane, rules, &rulings, at).await
}

/// Takes the decisions of reviews back, all or none, in one commit: they are open again, unless there is no reason for them any
/// more.
///
/// # Errors
/// See [`ReviewError`]; then nothing changed.
pub async fn undo(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    ids: &[ReviewId],
    actor: &str,
) -> Result<(), ReviewError> {
    let lane = lane::enter(connection, rules.tenant.id).await?;
    let (mut withdrawn, at) = (Vec::new(), now());
    for review in find(&lane, ids).await? {
        withdrawn.extend(take_back(&lane, &review, actor, at).await?);
    }
    put_into_effect(lane, rules, &withdrawn, at).await
}

/// The ruling that a decision was, withdrawn; none where it was none, or was withdrawn before.
async fn take_back(
    lane: &Lane,
    review: &StoredReview,
    actor: &str,
    at: Timestamp,
) -> Result<Option<Judgement>, ReviewError> {
    let is_open = review.state()? == ReviewState::Open;
    let decided = review.decided()?.filter(|_| !is_open).ok_or(ReviewError::AlreadyDone)?;
    let judgement = match decided.judgement_id {
        Some(id) => judgements::find(lane, lane.tenant, id.uuid()).await?,
        None => None,
    };
    // What is clustered anew finds the reason again, if it is still there; of what nobody ruled nothing changed.
    let state = if judgement.is_some() { ReviewState::Settled } else { ReviewState::Open };
    let mut standing = judgement.filter(|judgement| judgement.withdrawn_at.is_none());
    let position = marked_at(lane, standing.as_ref());
    reviews::mark(lane, lane.tenant, review.id, state, None, position).await?;
    if let Some(judgement) = &mut standing {
        judgements::withdraw(lane, lane.tenant, judgement, actor, at).await?;
    }
    Ok(standing)
}

/// Puts a review into somebody's hands, or off.
///
/// # Errors
/// See [`ReviewError`]; then nothing changed.
pub async fn take(
    connection: &DatabaseConnection,
    tenant: i32,
    id: ReviewId,
    taking: Taking,
) -> Result<(), ReviewError> {
    let lane = lane::enter(connection, tenant).await?;
    let review = find_one(&lane, id).await?;
    let until = taking.snoozed_until.map(Timestamp::as_microsecond).of(review.snoozed_until);
    reviews::take(&lane, lane.tenant, review.id, taking.assignee.of(review.assignee), until).await?;
    lane.leave().await?;
    Ok(())
}

async fn find_one(lane: &Lane, id: ReviewId) -> Result<StoredReview, ReviewError> {
    find(lane, &[id]).await?.pop().ok_or(ReviewError::Unknown)
}

/// The reviews in the order in which they are asked for, each once.
async fn find(lane: &Lane, ids: &[ReviewId]) -> Result<Vec<StoredReview>, ReviewError> {
    let found = reviews::find(lane, lane.tenant, ids.iter().map(ReviewId::uuid).collect()).await?;
    let mut found: HashMap<Uuid, StoredReview> = found.into_iter().map(|review| (review.id, review)).collect();
    ids.iter().map(|id| found.remove(&id.uuid()).ok_or(ReviewError::Unknown)).collect()
}

/// The ruling that a decision is, written down; none where there is nothing to rule.
async fn rule(
    lane: &Lane,
    review: &StoredReview,
    deciding: &Deciding,
    at: Timestamp,
) -> Result<Option<Judgement>, ReviewError> {
    let verdict = match deciding.decision {
        Decision::Same => Verdict::Same,
        Decision::Different => Verdict::Different,
        Decision::Dismiss => return Ok(None),
    };
    let misfit = || ReviewError::Misfit(FieldError::new("/decision", ErrorCode::InvalidValue));
    let other = review.other.ok_or_else(misfit)?;
    let held = members(lane, vec![review.one, other]).await?;
    let side = |profile: Uuid| held.get(&ProfileId::from_uuid(profile)).cloned().ok_or(ReviewError::AlreadyDone);
    let people = People { verdict, a: side(review.one)?, b: side(other)? };
    let judgement = given(Matter::People(people), &deciding.reason, &deciding.actor, at);
    judgements::insert(lane, &judgement).await?;
    Ok(Some(judgement))
}

/// The position to mark a review with: where nothing is ruled or withdrawn, this is no commit of its own.
fn marked_at(lane: &Lane, ruling: Option<&Judgement>) -> i64 {
    if ruling.is_some() { lane.mark.position } else { lane.last().position }
}

async fn put_into_effect(
    mut lane: Lane,
    rules: Rulebook<'_>,
    rulings: &[Judgement],
    at: Timestamp,
) -> Result<(), ReviewError> {
    if rulings.is_empty() {
        lane.leave().await?;
        return Ok(());
    }
    let made = recluster(&lane, rules, rulings, None, at).await?;
    made.changes.write(&mut lane).await?;
    lane.commit().await?;
    Ok(())
}
