//! Reviews: written with the change that gives a reason for them, or takes it away.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    commits::DAY,
    from_json,
    lane::Lane,
    to_json,
};
use crate::domain::{
    id::ReviewId,
    review::{Decided, Reason, ReviewKind, ReviewState},
};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, TryGetable};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    fmt::Write,
};
use uuid::Uuid;

/// A review as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct StoredReview {
    /// A keyed hash of what it is about.
    pub id: Uuid,
    kind: String,
    /// What it is about.
    pub one: Uuid,
    /// The other one of a pair.
    pub other: Option<Uuid>,
    state: String,
    /// How much looking is worth.
    pub value: f64,
    /// The bits of a pair, or how many it is about.
    pub measure: f64,
    /// Why a pair is two, as JSON.
    pub why: Option<String>,
    /// The last commit that wrote it.
    pub position: i64,
    /// Microseconds since 1970.
    pub opened_at: i64,
    /// Who looks after it.
    pub assignee: Option<String>,
    /// Microseconds since 1970.
    pub snoozed_until: Option<i64>,
    decided: Option<String>,
}

/// Which reviews to show.
#[derive(Clone, Debug, Default)]
pub struct ReviewFilter {
    /// In this state.
    pub state: ReviewState,
    /// Of this kind alone.
    pub kind: Option<ReviewKind>,
    /// Of this steward alone.
    pub assignee: Option<String>,
    /// Without those that sleep for longer, in microseconds since 1970.
    pub awake_at: Option<i64>,
}

const COLUMNS: &str = "v.id, v.kind, v.one, v.other, v.state, v.value, v.measure, v.why, v.position, v.opened_at, \
    v.assignee, v.snoozed_until, v.decided";

/// Reasons that a dismissed review was dismissed in view of. That still more share an identifier is no news.
const KNOWN: &str = "excluded.state = 'open' AND reviews.state = 'dismissed' \
    AND (excluded.measure <= reviews.measure OR reviews.kind = 'shared_identifier')";

/// What of a review may be written anew.
#[derive(FromQueryResult)]
pub struct Standing {
    id: Uuid,
    kind: String,
    one: Uuid,
    other: Option<Uuid>,
    state: String,
    value: f64,
    measure: f64,
    why: Option<String>,
    opened_at: i64,
}

impl Standing {
    /// An open review with this reason.
    fn of(id: ReviewId, reason: &Reason, why: Option<String>, at: Timestamp) -> Self {
        let (one, other) = reason.subject.ids();
        Self {
            id: id.uuid(),
            kind: reason.subject.kind().name().to_owned(),
            one,
            other,
            state: ReviewState::Open.name().to_owned(),
            value: reason.value,
            measure: reason.measure,
            why,
            opened_at: at.as_microsecond(),
        }
    }

    /// Whether it says already all that writing this reason would have it say.
    fn says(&self, reason: &Reason, why: Option<&str>) -> bool {
        let is_known = self.state == ReviewState::Dismissed.name() && reason.measure <= self.measure;
        let (value, measure) = (self.value.total_cmp(&reason.value), self.measure.total_cmp(&reason.measure));
        self.why.as_deref() == why && value.is_eq() && (measure.is_eq() || is_known)
    }
}

impl StoredReview {
    /// What kind it is.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn kind(&self) -> Result<ReviewKind, StoreError> {
        let kind = ReviewKind::ALL.into_iter().find(|kind| kind.name() == self.kind);
        kind.ok_or(StoreError::Corrupt("review"))
    }

    /// How it stands.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn state(&self) -> Result<ReviewState, StoreError> {
        from_json(&format!("\"{}\"", self.state), "review")
    }

    /// What was decided.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn decided(&self) -> Result<Option<Decided>, StoreError> {
        self.decided.as_deref().map(|decided| from_json(decided, "review")).transpose()
    }
}

/// Writes how reviews stand after the subjects of those [`standing`] were looked at anew, and these reasons were found,
/// there and elsewhere. Reasons open reviews, or keep them open; what was looked at and has no reason any more is settled.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn renew(
    lane: &Lane,
    mut standing: BTreeMap<Uuid, Standing>,
    reasons: &[(ReviewId, Reason)],
    position: i64,
    at: Timestamp,
) -> Result<(), StoreError> {
    let mut news = Vec::with_capacity(reasons.len());
    for (id, reason) in reasons {
        let why = why(reason)?;
        if standing.remove(&id.uuid()).is_none_or(|review| !review.says(reason, why.as_deref())) {
            news.push(Standing::of(*id, reason, why, at));
        }
    }
    let settled = ReviewState::Settled.name();
    news.extend(standing.into_values().map(|review| Standing { state: settled.to_owned(), ..review }));
    put(lane, news, position);
    Ok(())
}

/// By id the reviews with these reasons, which are known to be open or dismissed.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn known(reasons: &[(ReviewId, Reason)], at: Timestamp) -> Result<BTreeMap<Uuid, Standing>, StoreError> {
    let standing = |(id, reason): &(ReviewId, Reason)| Ok((id.uuid(), Standing::of(*id, reason, why(reason)?, at)));
    reasons.iter().map(standing).collect()
}

/// Why a pair is two, as JSON.
fn why(reason: &Reason) -> Result<Option<String>, StoreError> {
    reason.why.map(|why| to_json(&why, "review")).transpose()
}

/// Opens reviews, keeps them open, or settles them. One that was dismissed stays so unless there is more reason now.
fn put(lane: &Lane, news: Vec<Standing>, position: i64) {
    let rows = Rows::new()
        .with("id", Column::Uuids(news.iter().map(|review| review.id).collect()))
        .with("kind", Column::Texts(news.iter().map(|review| review.kind.clone()).collect()))
        .with("one", Column::Uuids(news.iter().map(|review| review.one).collect()))
        .with("other", Column::MaybeUuids(news.iter().map(|review| review.other).collect()))
        .with("state", Column::Texts(news.iter().map(|review| review.state.clone()).collect()))
        .with("value", Column::Reals(news.iter().map(|review| review.value).collect()))
        .with("measure", Column::Reals(news.iter().map(|review| review.measure).collect()))
        .with("position", Column::Numbers(vec![position; news.len()]))
        .with("opened_at", Column::Numbers(news.iter().map(|review| review.opened_at).collect()))
        .with("why", Column::MaybeTexts(news.into_iter().map(|review| review.why).collect()));
    let replace = format!(
        "ON CONFLICT (tenant_id, id) DO UPDATE SET value = excluded.value, why = excluded.why, \
         position = excluded.position, \
         measure = CASE WHEN {KNOWN} THEN reviews.measure ELSE excluded.measure END, \
         state = CASE WHEN {KNOWN} THEN reviews.state ELSE excluded.state END, \
         decided = CASE WHEN excluded.state = 'settled' OR ({KNOWN}) THEN reviews.decided ELSE NULL END, \
         opened_at = CASE WHEN reviews.state = 'open' OR excluded.state = 'settled' OR ({KNOWN}) \
         THEN reviews.opened_at ELSE excluded.opened_at END"
    );
    lane.insert("reviews", replace, rows);
}

/// By id the open and the dismissed reviews of these kinds that speak of these subjects. A pair is found by the smaller id: whoever
/// looks at one of the two looks at both.
///
/// # Errors
/// What the database says.
pub async fn standing<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    subjects: &[(ReviewKind, Uuid)],
) -> Result<BTreeMap<Uuid, Standing>, StoreError> {
    // One of several kinds is looked up once: what else there is of it is little.
    let asked: HashSet<(&str, Uuid)> = subjects.iter().map(|(kind, subject)| (kind.name(), *subject)).collect();
    let ids: BTreeSet<Uuid> = subjects.iter().map(|(_, subject)| *subject).collect();
    let rows = Rows::new().with("subject", Column::Uuids(ids.into_iter().collect()));
    let columns = "v.id, v.kind, v.one, v.other, v.state, v.value, v.measure, v.why, v.opened_at";
    let standing = [("reviews v", "v.one = given.subject AND v.state IN ('open', 'dismissed')")];
    let found: Vec<Standing> = rows.look_up(connection, tenant, columns, &standing).await?;
    let is_asked = |review: &Standing| asked.contains(&(review.kind.as_str(), review.one));
    Ok(found.into_iter().filter(is_asked).map(|review| (review.id, review)).collect())
}

/// The reviews with these ids, as many of them as there are.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Vec<StoredReview>, StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(ids));
    Ok(rows.look_up(connection, tenant, COLUMNS, &[("reviews v", "v.id = given.id")]).await?)
}

/// A page of reviews, the most valuable first, from after a value and an id on.
///
/// # Errors
/// What the database says.
pub async fn page<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    filter: &ReviewFilter,
    after: Option<(f64, Uuid)>,
    limit: u64,
) -> Result<Vec<StoredReview>, StoreError> {
    let mut values: Vec<sea_orm::Value> = vec![tenant.into(), filter.state.name().into()];
    let mut conditions = String::new();
    let mut also = |condition: &str, given: Vec<sea_orm::Value>| {
        conditions += " AND ";
        let mut parts = condition.split('?');
        conditions += parts.next().unwrap_or_default();
        for (part, value) in parts.zip(given) {
            values.push(value);
            // Writing to a String cannot fail.
            let _ = write!(conditions, "${}{part}", values.len());
        }
    };
    if let Some(kind) = filter.kind {
        also("v.kind = ?", vec![kind.name().into()]);
    }
    if let Some(assignee) = &filter.assignee {
        also("v.assignee = ?", vec![assignee.clone().into()]);
    }
    if let Some(at) = filter.awake_at {
        also("(v.snoozed_until IS NULL OR v.snoozed_until <= ?)", vec![at.into()]);
    }
    if let Some((value, id)) = after {
        also("(v.value, v.id) < (?, ?)", vec![value.into(), id.into()]);
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM reviews v WHERE v.tenant_id = $1 AND v.state = $2{conditions} \
         ORDER BY v.value DESC, v.id DESC LIMIT {limit}"
    );
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(StoredReview::find_by_statement(statement).all(connection).await?)
}

/// Writes down how reviews stand now.
///
/// # Errors
/// What the database says.
pub async fn mark<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    id: Uuid,
    state: ReviewState,
    decided: Option<&Decided>,
    position: i64,
) -> Result<(), StoreError> {
    let decided = decided.map(|decided| to_json(decided, "review")).transpose()?;
    let sql = "UPDATE reviews SET state = $3, decided = $4, position = $5 WHERE tenant_id = $1 AND id = $2";
    let values = [tenant.into(), id.into(), state.name().into(), decided.into(), position.into()];
    connection.execute_raw(Statement::from_sql_and_values(connection.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Writes down who looks after a review, and until when it sleeps.
///
/// # Errors
/// What the database says.
pub async fn take<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    id: Uuid,
    assignee: Option<String>,
    snoozed_until: Option<i64>,
) -> Result<(), StoreError> {
    let sql = "UPDATE reviews SET assignee = $3, snoozed_until = $4 WHERE tenant_id = $1 AND id = $2";
    let values = [tenant.into(), id.into(), assignee.into(), snoozed_until.into()];
    connection.execute_raw(Statement::from_sql_and_values(connection.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// How many reviews are open, by kind, in the order of [`ReviewKind::ALL`].
///
/// # Errors
/// What the database says.
pub async fn open_by_kind<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
) -> Result<Vec<(ReviewKind, u64)>, StoreError> {
    let sql =
        "SELECT kind AS name, count(*) AS number FROM reviews WHERE tenant_id = $1 AND state = 'open' GROUP BY kind";
    let counts: HashMap<String, i64> = counts(connection, tenant, sql, "name").await?.into_iter().collect();
    let count = |kind: ReviewKind| Some((kind, u64::try_from(*counts.get(kind.name())?).ok()?));
    Ok(ReviewKind::ALL.into_iter().filter_map(count).collect())
}

/// How many of the reviews were opened each day (since 1970, UTC), the first day first.
///
/// # Errors
/// What the database says.
pub async fn opened_by_day<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
) -> Result<Vec<(i64, i64)>, StoreError> {
    let sql = format!(
        "SELECT opened_at / {DAY} AS day, count(*) AS number FROM reviews WHERE tenant_id = $1 \
         GROUP BY opened_at / {DAY} ORDER BY day"
    );
    counts(connection, tenant, &sql, "day").await
}

async fn counts<C: ConnectionTrait, T: TryGetable>(
    connection: &C,
    tenant: TenantId,
    sql: &str,
    by: &str,
) -> Result<Vec<(T, i64)>, StoreError> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get("", by)?, row.try_get("", "number")?))).collect()
}
