//! Reviews, with what a steward needs to see of them.

use super::{
    cursor::Page,
    profiles::{ProfileView, view},
    shared::{self, SharedIdentifier},
};
use crate::{
    domain::{
        cluster::Apart,
        golden::Include,
        id::{JudgementId, ProfileId, ReviewId},
        keyed_hash::IdKey,
        review::{Decided, ReviewKind, ReviewState},
    },
    store::{
        StoreError, TenantId, from_json, profiles,
        reviews::{self, ReviewFilter, StoredReview},
    },
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// What waits for a steward, or waited.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Review {
    /// Its id: the same for the same subject, whenever there is reason to look at it.
    pub review_id: ReviewId,
    /// Why a steward should look.
    pub kind: ReviewKind,
    /// How it stands.
    pub state: ReviewState,
    /// How much looking is worth: events at stake, rounded down to a power of two, times how likely it is that something is to be
    /// done. The queue is in this order.
    pub value: f64,
    /// The profiles it is about: two of a possible match or an ambiguity, the merged one of a big merge.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<ProfileId>,
    /// Of a pair: the match weight of the strongest link between them, in bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// Of a pair: why they are two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Apart>,
    /// Of a contradiction: the judgement that is suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judgement_id: Option<JudgementId>,
    /// Of a shared identifier: which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identifier: Option<SharedIdentifier>,
    /// The last commit that changed what it says or how it stands.
    pub position: i64,
    /// When there was first reason to look, or reason again.
    #[schema(value_type = String, format = DateTime)]
    pub opened_at: Timestamp,
    /// Who looks after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// Until when it is left out of the queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Timestamp>,
    /// What a steward decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided: Option<Decided>,
}

/// A review with the profiles that it is about, as they are now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewDetail {
    /// The review.
    #[serde(flatten)]
    pub review: Review,
    /// Its profiles, or those that they were merged into, each once.
    pub current: Vec<ProfileView>,
}

/// A page of reviews, the most valuable first.
///
/// # Errors
/// What the database says.
pub async fn page(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    filter: &ReviewFilter,
    after: Option<(f64, Uuid)>,
    limit: u64,
) -> Result<Page<Review>, StoreError> {
    let rows = reviews::page(connection, tenant, filter, after, limit + 1).await?;
    let rows = Page::cut(rows, limit, |last| (last.value, last.id));
    Ok(Page { items: views(connection, tenant, id_key, &rows.items).await?, next: rows.next })
}

/// Reviews by their ids, in that order; those that are not known are left out.
///
/// # Errors
/// What the database says.
pub async fn by_ids(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    ids: &[ReviewId],
) -> Result<Vec<Review>, StoreError> {
    let rows = reviews::find(connection, tenant, ids.iter().map(ReviewId::uuid).collect()).await?;
    let mut found = views(connection, tenant, id_key, &rows).await?;
    let place: HashMap<ReviewId, usize> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    found.sort_by_key(|review| place.get(&review.review_id).copied());
    Ok(found)
}

/// A review with its profiles.
///
/// # Errors
/// What the database says.
pub async fn by_id(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    id: ReviewId,
) -> Result<Option<ReviewDetail>, StoreError> {
    let Some(review) = by_ids(connection, tenant, id_key, &[id]).await?.pop() else { return Ok(None) };
    let mut current: Vec<ProfileView> = Vec::new();
    for asked in &review.profiles {
        let Some(found) = profiles::survivor(connection, tenant, asked.uuid(), false).await? else { continue };
        let profile = view(found, Include::default())?;
        if current.iter().all(|known| known.profile_id != profile.profile_id) {
            current.push(profile);
        }
    }
    Ok(Some(ReviewDetail { review, current }))
}

async fn views(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id_key: &IdKey,
    rows: &[StoredReview],
) -> Result<Vec<Review>, StoreError> {
    let keys = rows.iter().filter_map(|row| key(row).transpose()).collect::<Result<Vec<i64>, _>>()?;
    let mut identifiers = shared::of(connection, tenant, id_key, keys).await?;
    let mut view = |row: &StoredReview| -> Result<Review, StoreError> {
        let identifier = key(row)?.and_then(|key| identifiers.remove(&key));
        Ok(Review { identifier, ..read(row)? })
    };
    rows.iter().map(&mut view).collect()
}

/// The key that a review of a shared identifier is about.
fn key(row: &StoredReview) -> Result<Option<i64>, StoreError> {
    let is_shared = row.kind()? == ReviewKind::SharedIdentifier;
    Ok(is_shared.then(|| row.one.as_u64_pair().1.cast_signed()))
}

fn read(row: &StoredReview) -> Result<Review, StoreError> {
    let time = |at: i64| Timestamp::from_microsecond(at).map_err(|_| StoreError::Corrupt("review"));
    let kind = row.kind()?;
    let of_profiles = kind.is_pair() || kind == ReviewKind::BigMerge;
    let profiles = [Some(row.one), row.other].into_iter().flatten().filter(|_| of_profiles);
    Ok(Review {
        review_id: ReviewId::from_uuid(row.id),
        kind,
        state: row.state()?,
        value: row.value,
        profiles: profiles.map(ProfileId::from_uuid).collect(),
        weight: kind.is_pair().then_some(row.measure),
        why: row.why.as_deref().map(|why| from_json(why, "review")).transpose()?,
        judgement_id: (kind == ReviewKind::Contradiction).then(|| JudgementId::from_uuid(row.one)),
        identifier: None,
        position: row.position,
        opened_at: time(row.opened_at)?,
        assignee: row.assignee.clone(),
        snoozed_until: row.snoozed_until.map(time).transpose()?,
        decided: row.decided()?,
    })
}
