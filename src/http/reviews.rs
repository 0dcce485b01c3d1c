//! Reviews: the stewards' queue.

use super::{
    auth::{ReadProfiles, Require, WriteReviews},
    extract::{Json, Path, Query},
    judgements::reason,
    paging::{checked, place},
    problem::{ApiError, Bodied, ConflictCode, Conflicting, Keyed, Missing, Queried},
};
use crate::{
    actions::review::{self, Amended, Deciding, ReviewError, Taking},
    domain::{
        id::ReviewId,
        review::{Decision, ReviewKind, ReviewState},
        validate::{ErrorCode, FieldError},
    },
    reads::{
        cursor::Page,
        reviews::{self, Review, ReviewDetail},
    },
    store::reviews::ReviewFilter,
};
use actix_web::{delete, get, patch, post};
use jiff::Timestamp;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// So many reviews are decided at once.
pub const MAX_REVIEWS: usize = 500;
/// So many characters the name of a steward may have.
const MAX_NAME: usize = 200;

/// A review's id, and what is to become of it.
type OfReview<T> = (Path<ReviewId>, Json<T>);

/// Which part of the queue.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
struct Queue {
    /// How many items, at most 500.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
    /// The `next` of the page before.
    after: Option<String>,
    /// In this state; without it those that are open.
    state: ReviewState,
    /// Of this kind alone.
    kind: Option<ReviewKind>,
    /// Of this steward alone.
    assignee: Option<String>,
    /// Whether to show those, too, that were put off until later.
    snoozed: bool,
}

/// What a steward makes of a review.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDecision {
    /// What. Only of two profiles can be ruled whether they are the same person.
    decision: Decision,
    /// Why, in the steward's words; it may be left out.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// What a steward makes of several reviews.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewDecisions {
    /// Of which ones.
    #[schema(min_items = 1, max_items = 500)]
    reviews: Vec<ReviewId>,
    /// What.
    decision: Decision,
    /// Why, in the steward's words; it may be left out.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// Who looks after a review, and when. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewTaking {
    /// A steward; null for nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, max_length = 200)]
    assignee: Amended<String>,
    /// Until when it is left out of the queue; null for not at all.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, format = DateTime)]
    snoozed_until: Amended<Timestamp>,
}

/// What is given, null included; what is left out does not come here.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Amended<T>, D::Error> {
    Option::deserialize(deserializer).map(Amended::Set)
}

/// What waits for a steward, the most valuable first
///
/// The value is how many events are at stake, rounded down to a power of two, times how likely it is that something is to be
/// done.
#[utoipa::path(tag = "reviews", params(Queue),
    responses((status = 200, description = "A page of reviews", body = Page<Review>), Keyed, Queried))]
#[get("/v1/reviews")]
pub async fn get_reviews(caller: Require<ReadProfiles, Query<Queue>>) -> Result<Json<Page<Review>>, ApiError> {
    let (caller, Query(queue)) = caller.parts();
    let after: Option<(f64, Uuid)> = place(queue.after)?;
    let limit = checked(queue.limit)?;
    let awake_at = (!queue.snoozed).then(|| Timestamp::now().as_microsecond());
    let filter = ReviewFilter { state: queue.state, kind: queue.kind, assignee: queue.assignee, awake_at };
    let (connection, tenant) = (&caller.engine.reads, &caller.tenant);
    Ok(Json(reviews::page(connection, tenant.id, &tenant.id_key, &filter, after, limit).await?))
}

/// One review, with its profiles as they are now
#[utoipa::path(tag = "reviews", params(ReviewId),
    responses((status = 200, description = "The review", body = ReviewDetail), Keyed, Missing))]
#[get("/v1/reviews/{id}")]
pub async fn get_review(caller: Require<ReadProfiles, Path<ReviewId>>) -> Result<Json<ReviewDetail>, ApiError> {
    let (connection, tenant) = (&caller.engine.reads, &caller.tenant);
    let found = reviews::by_id(connection, tenant.id, &tenant.id_key, caller.input.0).await?;
    found.map(Json).ok_or(ApiError::NotFound)
}

/// Decide a review
///
/// `same` and `different` make a judgement over all records that the two profiles hold at that moment; `dismiss` rules
/// nothing, and closes the review until there is more reason for it.
#[utoipa::path(tag = "reviews", params(ReviewId), request_body = NewDecision,
    responses((status = 200, description = "Decided", body = Review), Keyed, Missing, Bodied, Conflicting))]
#[post("/v1/reviews/{id}/decision")]
pub async fn post_decision(caller: Require<WriteReviews, OfReview<NewDecision>>) -> Result<Json<Review>, ApiError> {
    let (caller, (Path(id), Json(new))) = caller.parts();
    let NewDecision { decision, reason } = new;
    decide(&caller, vec![id], decision, reason).await?.pop().map(Json).ok_or(ApiError::NotFound)
}

/// Decide several reviews, all or none of them
#[utoipa::path(tag = "reviews", request_body = NewDecisions,
    responses((status = 200, description = "Decided", body = Vec<Review>), Keyed, Missing, Bodied, Conflicting))]
#[post("/v1/reviews/decisions")]
pub async fn post_decisions(caller: Require<WriteReviews, Json<NewDecisions>>) -> Result<Json<Vec<Review>>, ApiError> {
    let (caller, Json(new)) = caller.parts();
    let distinct: BTreeSet<ReviewId> = new.reviews.iter().copied().collect();
    let mistake = match new.reviews.len() {
        0 => Some(ErrorCode::Empty),
        many if many > MAX_REVIEWS => Some(ErrorCode::TooMany),
        many if many > distinct.len() => Some(ErrorCode::Overlap),
        _ => None,
    };
    ApiError::check(mistake.map(|code| FieldError::new("/reviews", code)).into_iter().collect())?;
    Ok(Json(decide(&caller, new.reviews, new.decision, new.reason).await?))
}

/// Take a decision back
///
/// Its judgement is withdrawn, profiles that it had joined take their ids back, and the review is open again unless there is
/// no reason for it any more.
#[utoipa::path(tag = "reviews", params(ReviewId),
    responses((status = 200, description = "Taken back", body = Review), Keyed, Missing, Conflicting))]
#[delete("/v1/reviews/{id}/decision")]
pub async fn delete_decision(caller: Require<WriteReviews, Path<ReviewId>>) -> Result<Json<Review>, ApiError> {
    let (caller, Path(id)) = caller.parts();
    let rules = caller.engine.rulebook(&caller.tenant);
    review::undo(&caller.engine.lanes, rules, &[id], &caller.grant.actor()).await?;
    shown(&caller, &[id]).await?.pop().map(Json).ok_or(ApiError::NotFound)
}

/// Put a review into somebody's hands, or off until later
#[utoipa::path(tag = "reviews", params(ReviewId), request_body = NewTaking,
    responses((status = 200, description = "As it stands now", body = Review), Keyed, Missing, Bodied))]
#[patch("/v1/reviews/{id}")]
pub async fn patch_review(caller: Require<WriteReviews, OfReview<NewTaking>>) -> Result<Json<Review>, ApiError> {
    let (caller, (Path(id), Json(new))) = caller.parts();
    let mistake = match &new.assignee {
        Amended::Set(Some(name)) if name.is_empty() => Some(ErrorCode::Empty),
        Amended::Set(Some(name)) if name.chars().count() > MAX_NAME => Some(ErrorCode::TooLong),
        _ => None,
    };
    ApiError::check(mistake.map(|code| FieldError::new("/assignee", code)).into_iter().collect())?;
    let taking = Taking { assignee: new.assignee, snoozed_until: new.snoozed_until };
    review::take(&caller.engine.lanes, caller.tenant.id, id, taking).await?;
    shown(&caller, &[id]).await?.pop().map(Json).ok_or(ApiError::NotFound)
}

async fn decide(
    caller: &Require<WriteReviews>,
    reviews: Vec<ReviewId>,
    decision: Decision,
    why: String,
) -> Result<Vec<Review>, ApiError> {
    ApiError::check(reason(&why).into_iter().collect())?;
    let deciding = Deciding { reviews, decision, reason: why, actor: caller.grant.actor() };
    let rules = caller.engine.rulebook(&caller.tenant);
    review::decide(&caller.engine.lanes, rules, &deciding).await?;
    shown(caller, &deciding.reviews).await
}

/// What was just changed, as the database itself has it: a replica may lag behind.
async fn shown(caller: &Require<WriteReviews>, ids: &[ReviewId]) -> Result<Vec<Review>, ApiError> {
    let (connection, tenant) = (&caller.engine.connection, &caller.tenant);
    Ok(reviews::by_ids(connection, tenant.id, &tenant.id_key, ids).await?)
}

impl From<ReviewError> for ApiError {
    fn from(error: ReviewError) -> Self {
        match error {
            ReviewError::Unknown => Self::NotFound,
            ReviewError::AlreadyDone => Self::Conflict(ConflictCode::AlreadyDone),
            ReviewError::Misfit(error) => Self::Invalid(vec![error]),
            ReviewError::Store(error) => error.into(),
        }
    }
}
