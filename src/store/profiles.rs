//! Profiles: durable ids, each with its golden record or the id that it redirects to.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    entities::profile,
    from_json, to_json,
};
use crate::domain::{golden::GoldenRecord, id::ProfileId};
use sea_orm::{ConnectionTrait, EntityTrait};
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
    select(connection, tenant, ids, "p.id = given.id").await
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
    let join = "p.survivor_id IS NULL AND p.component_id IN \
                (SELECT s.component_id FROM profiles s WHERE s.tenant_id = $1 AND s.id = given.id)";
    let mut found = select(connection, tenant, profiles, join).await?;
    found.dedup_by_key(|profile| profile.id);
    Ok(found)
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
    join: &str,
) -> Result<Vec<StoredProfile>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("SELECT p.* FROM {{rows}} JOIN profiles p ON p.tenant_id = $1 AND {join} ORDER BY p.id");
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let statement = rows.statement(connection.get_database_backend(), tenant, &sql);
    let found = profile::Entity::find().from_raw_sql(statement).all(connection).await?;
    found.into_iter().map(read).collect()
}

/// Reads a row.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn read(row: profile::Model) -> Result<StoredProfile, StoreError> {
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
