//! Profiles: durable ids, each with its golden record or the id that it redirects to.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    entities::profile,
    from_json, to_json,
};
use crate::domain::{golden::GoldenRecord, id::ProfileId};
use sea_orm::{ConnectionTrait, EntityTrait, FromQueryResult, Statement};
use uuid::Uuid;

/// A profile as the rest of the house knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredProfile {
    /// Given once.
    pub id: ProfileId,
    /// Shared by profiles with possible matches between them.
    pub component: Uuid,
    /// Where its records went, once it is retired.
    pub survivor: Option<ProfileId>,
    /// Grows with each change of the golden record.
    pub version: i64,
    /// The commit that wrote it last.
    pub position: i64,
    /// Whether it fits two profiles that contradict each other, and therefore stays apart.
    pub ambiguous: bool,
    /// The golden record, with provenance and alternatives.
    pub golden: GoldenRecord,
}

/// The profiles with these ids, alive or retired.
///
/// # Errors
/// What the database says.
pub async fn find<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Vec<StoredProfile>, StoreError> {
    select(connection, tenant, ids, "CROSS JOIN profiles p WHERE p.tenant_id = $1 AND p.id = given.id").await
}

/// All living profiles of the components that these profiles are in.
///
/// # Errors
/// What the database says.
pub async fn of_components<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profiles: Vec<Uuid>,
) -> Result<Vec<StoredProfile>, StoreError> {
    let joined = "CROSS JOIN profiles s CROSS JOIN profiles p WHERE s.tenant_id = $1 AND s.id = given.id \
                  AND p.tenant_id = $1 AND p.component_id = s.component_id AND p.survivor_id IS NULL";
    let mut found = select(connection, tenant, profiles, joined).await?;
    found.dedup_by_key(|profile| profile.id);
    Ok(found)
}

/// All profiles that redirect to one of these.
///
/// # Errors
/// What the database says.
pub async fn retired_into<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    survivors: Vec<Uuid>,
) -> Result<Vec<StoredProfile>, StoreError> {
    select(connection, tenant, survivors, "CROSS JOIN profiles p WHERE p.tenant_id = $1 AND p.survivor_id = given.id")
        .await
}

/// Writes profiles as they are now, new or changed.
///
/// # Errors
/// What the database says.
pub async fn upsert<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    profiles: &[&StoredProfile],
) -> Result<(), StoreError> {
    let golden = profiles.iter().map(|profile| to_json(&profile.golden, "golden record")).collect::<Result<_, _>>()?;
    let replace = "ON CONFLICT (tenant_id, id) DO UPDATE SET component_id = excluded.component_id, \
                   survivor_id = excluded.survivor_id, version = excluded.version, position = excluded.position, \
                   ambiguous = excluded.ambiguous, golden = excluded.golden";
    Rows::new()
        .with("id", Column::Uuids(profiles.iter().map(|p| p.id.uuid()).collect()))
        .with("component_id", Column::Uuids(profiles.iter().map(|p| p.component).collect()))
        .with("survivor_id", Column::MaybeUuids(profiles.iter().map(|p| p.survivor.map(|id| id.uuid())).collect()))
        .with("version", Column::Numbers(profiles.iter().map(|p| p.version).collect()))
        .with("position", Column::Numbers(profiles.iter().map(|p| p.position).collect()))
        .with("ambiguous", Column::Numbers(profiles.iter().map(|p| i64::from(p.ambiguous)).collect()))
        .with("golden", Column::Texts(golden))
        .insert(connection, tenant, "profiles", replace)
        .await?;
    Ok(())
}

/// Points what redirects to a profile that is now itself retired straight to the survivor.
///
/// # Errors
/// What the database says.
pub async fn redirect<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    retired: Vec<(Uuid, Uuid)>,
) -> Result<(), StoreError> {
    let (from, to) = retired.into_iter().unzip();
    let rows = Rows::new().with("retired", Column::Uuids(from)).with("survivor", Column::Uuids(to));
    let sql = "UPDATE profiles SET survivor_id = given.survivor FROM {rows} \
               WHERE tenant_id = $1 AND survivor_id = given.retired";
    Ok(rows.execute(connection, tenant, sql).await?)
}

async fn select<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
    joined: &str,
) -> Result<Vec<StoredProfile>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT p.* FROM {{rows}} {joined} ORDER BY p.id");
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let statement = rows.statement(connection.get_database_backend(), tenant, &sql);
    let found = profile::Entity::find().from_raw_sql(statement).all(connection).await?;
    found.iter().map(read).collect()
}

/// Reads a row.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(row: &profile::Model) -> Result<StoredProfile, StoreError> {
    Ok(StoredProfile {
        id: ProfileId::from_uuid(row.id),
        component: row.component_id,
        survivor: row.survivor_id.map(ProfileId::from_uuid),
        version: row.version,
        position: row.position,
        ambiguous: row.ambiguous != 0,
        golden: from_json(&row.golden, "golden record")?,
    })
}

/// A profile's row and what its records sum up to.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ProfileWithCounts {
    id: Uuid,
    component_id: Uuid,
    survivor_id: Option<Uuid>,
    version: i64,
    position: i64,
    ambiguous: i64,
    golden: String,
    /// How many records it holds.
    pub records: i64,
    /// How many events it holds.
    pub events: i64,
    /// Microseconds since 1970; 0 where it holds none.
    pub first_at: i64,
    /// Microseconds since 1970; 0 where it holds none.
    pub last_at: i64,
}

impl ProfileWithCounts {
    /// The profile alone.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn profile(self) -> Result<StoredProfile, StoreError> {
        read(&profile::Model {
            tenant_id: 0,
            id: self.id,
            component_id: self.component_id,
            survivor_id: self.survivor_id,
            version: self.version,
            position: self.position,
            ambiguous: self.ambiguous,
            golden: self.golden,
        })
    }
}

/// `sum` over bigint is numeric on PostgreSQL, hence the cast.
const COUNTED: &str = "SELECT p.id, p.component_id, p.survivor_id, p.version, p.position, p.ambiguous, p.golden, \
    count(r.id) AS records, CAST(coalesce(sum(r.events), 0) AS BIGINT) AS events, \
    coalesce(min(r.first_at), 0) AS first_at, coalesce(max(r.last_at), 0) AS last_at \
    FROM profiles p LEFT JOIN records r ON r.tenant_id = $1 AND r.profile_id = p.id WHERE p.tenant_id = $1 AND ";

const GROUPED: &str = " GROUP BY p.id, p.component_id, p.survivor_id, p.version, p.position, p.ambiguous, p.golden";

/// The profile with this id, or the survivor it redirects to, in one round trip.
///
/// # Errors
/// What the database says.
pub async fn with_counts<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    id: Uuid,
) -> Result<Option<ProfileWithCounts>, StoreError> {
    let sql = format!(
        "{COUNTED} p.id = coalesce((SELECT s.survivor_id FROM profiles s WHERE s.tenant_id = $1 AND s.id = $2), $2) {GROUPED}"
    );
    let values = [tenant.into(), id.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(ProfileWithCounts::find_by_statement(statement).one(connection).await?)
}

/// The profiles that hold a record with one of these keys, most events first, in one round trip.
///
/// # Errors
/// What the database says.
pub async fn by_key<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
    limit: u64,
) -> Result<Vec<ProfileWithCounts>, StoreError> {
    let sql = format!(
        "{COUNTED} p.id IN (SELECT h.profile_id FROM {{rows}} CROSS JOIN record_keys k CROSS JOIN records h \
         WHERE k.tenant_id = $1 AND k.key = given.key AND h.tenant_id = $1 AND h.id = k.record_id) \
         {GROUPED} ORDER BY events DESC, p.id LIMIT {limit}"
    );
    let rows = Rows::new().with("key", Column::Numbers(keys));
    let statement = rows.statement(connection.get_database_backend(), tenant, &sql);
    Ok(ProfileWithCounts::find_by_statement(statement).all(connection).await?)
}

/// Living profiles with these ids, most events first.
///
/// # Errors
/// What the database says.
pub async fn counted<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Vec<ProfileWithCounts>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("{COUNTED} p.id IN (SELECT given.id FROM {{rows}}) {GROUPED} ORDER BY events DESC, p.id");
    let statement =
        Rows::new().with("id", Column::Uuids(ids)).statement(connection.get_database_backend(), tenant, &sql);
    Ok(ProfileWithCounts::find_by_statement(statement).all(connection).await?)
}

/// A page of all living profiles, by id from `after` on.
///
/// # Errors
/// What the database says.
pub async fn living<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    after: Uuid,
    limit: u64,
) -> Result<Vec<StoredProfile>, StoreError> {
    let sql = format!(
        "SELECT * FROM profiles WHERE tenant_id = $1 AND id > $2 AND survivor_id IS NULL ORDER BY id LIMIT {limit}"
    );
    let statement =
        Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into(), after.into()]);
    let found = profile::Entity::find().from_raw_sql(statement).all(connection).await?;
    found.iter().map(read).collect()
}
