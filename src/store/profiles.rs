//! Profiles: durable ids, each with its golden record or the id that it redirects to.

use super::{
    StoreError, TenantId,
    bulk::{Column, Rows},
    from_json,
    lane::Lane,
    records::StoredRecord,
    to_json,
};
use crate::domain::{
    golden::{Backing, GoldenRecord},
    id::ProfileId,
    parallel,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use std::{cmp::Reverse, sync::Arc};
use uuid::Uuid;

/// A profile as the rest of the house knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredProfile {
    /// Given once.
    pub id: ProfileId,
    /// Shared by profiles with possible matches between them, or with records of which a value was chosen together.
    pub component: Uuid,
    /// Where its records went, once it is retired.
    pub survivor: Option<ProfileId>,
    /// Grows with each change of the golden record.
    pub version: i64,
    /// The commit that wrote it last.
    pub position: i64,
    /// Whether it fits two profiles that contradict each other, and therefore stays apart.
    pub ambiguous: bool,
    /// How much it holds.
    pub held: Held,
    /// The surviving attributes alone: what stands behind them is made anew with them, and read only to be shown.
    pub golden: GoldenRecord,
}

/// A profile to be shown: its golden record stays the JSON that is stored.
#[derive(Clone, Debug, FromQueryResult)]
pub struct ShownProfile {
    /// Given once.
    pub id: Uuid,
    /// Grows with each change of the golden record.
    pub version: i64,
    /// The commit that wrote it last.
    pub position: i64,
    /// 1 where it fits two profiles that contradict each other.
    pub ambiguous: i64,
    /// How many records it holds.
    pub records: i64,
    /// How many events it holds.
    pub events: i64,
    /// Microseconds since 1970; 0 where it holds none.
    pub first_at: i64,
    /// Microseconds since 1970; 0 where it holds none.
    pub last_at: i64,
    /// The surviving attributes as JSON.
    pub golden: String,
    /// What stands behind them as JSON, where it was asked for.
    pub backing: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    component_id: Uuid,
    survivor_id: Option<Uuid>,
    version: i64,
    position: i64,
    ambiguous: i64,
    records: i64,
    events: i64,
    first_at: i64,
    last_at: i64,
    golden: String,
}

/// The columns of a [`Row`].
const PLAIN: &str = "p.id, p.component_id, p.survivor_id, p.version, p.position, p.ambiguous, p.records, p.events, \
    p.first_at, p.last_at, p.golden";

/// The columns of a [`ShownProfile`] but for the backing.
const SHOWN: &str = "p.id, p.version, p.position, p.ambiguous, p.records, p.events, p.first_at, p.last_at, p.golden";

/// What the records of a profile sum up to. It stands in the profile's row, so that reading a profile reads that row alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// How many records it holds.
    pub records: u64,
    /// How many events it holds.
    pub events: u64,
    /// When the person was first seen, in microseconds since 1970; 0 where it holds nothing.
    pub first_at: i64,
    /// When the person was last seen, in microseconds since 1970; 0 where it holds nothing.
    pub last_at: i64,
}

impl Held {
    /// The sum of all records of a profile.
    #[must_use]
    pub fn of(records: &[&StoredRecord]) -> Self {
        let seen = || records.iter().map(|record| record.seen());
        Self {
            records: records.len() as u64,
            events: records.iter().map(|record| record.events()).sum(),
            first_at: seen().map(|(first, _)| first).min().unwrap_or(0),
            last_at: seen().map(|(_, last)| last).max().unwrap_or(0),
        }
    }
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
    select(connection, tenant, ids, &[("profiles p", "p.id = given.id")]).await
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
    let of_component = "p.component_id = s.component_id AND p.survivor_id IS NULL";
    let tables = [("profiles s", "s.id = given.id"), ("profiles p", of_component)];
    let mut found = select(connection, tenant, profiles, &tables).await?;
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
    select(connection, tenant, survivors, &[("profiles p", "p.survivor_id = given.id")]).await
}

/// Writes profiles as they are now, new or changed, each with what stands behind its golden record.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn upsert(lane: &Lane, backed: &[(Arc<StoredProfile>, Backing)]) -> Result<(), StoreError> {
    let profiles = || backed.iter().map(|(profile, _)| profile);
    let golden = profiles().map(|profile| to_json(&profile.golden, "golden record")).collect::<Result<_, _>>()?;
    let backing = backed.iter().map(|(_, backing)| to_json(backing, "backing")).collect::<Result<_, _>>()?;
    let replace = "ON CONFLICT (tenant_id, id) DO UPDATE SET component_id = excluded.component_id, \
                   survivor_id = excluded.survivor_id, version = excluded.version, position = excluded.position, \
                   ambiguous = excluded.ambiguous, records = excluded.records, events = excluded.events, \
                   first_at = excluded.first_at, last_at = excluded.last_at, golden = excluded.golden, \
                   backing = excluded.backing";
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let rows = Rows::new()
        .with("id", Column::Uuids(profiles().map(|p| p.id.uuid()).collect()))
        .with("component_id", Column::Uuids(profiles().map(|p| p.component).collect()))
        .with("survivor_id", Column::MaybeUuids(profiles().map(|p| p.survivor.map(|id| id.uuid())).collect()))
        .with("version", Column::Numbers(profiles().map(|p| p.version).collect()))
        .with("position", Column::Numbers(profiles().map(|p| p.position).collect()))
        .with("ambiguous", Column::Numbers(profiles().map(|p| i64::from(p.ambiguous)).collect()))
        .with("records", Column::Numbers(profiles().map(|p| number(p.held.records)).collect()))
        .with("events", Column::Numbers(profiles().map(|p| number(p.held.events)).collect()))
        .with("first_at", Column::Numbers(profiles().map(|p| p.held.first_at).collect()))
        .with("last_at", Column::Numbers(profiles().map(|p| p.held.last_at).collect()))
        .with("golden", Column::Texts(golden))
        .with("backing", Column::Texts(backing));
    lane.insert("profiles", replace, rows);
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
    // Joined with the rows, SQLite would hold each of them against all that was ever retired.
    let sql = "UPDATE profiles SET survivor_id = \
               (SELECT given.survivor FROM {rows} WHERE given.retired = profiles.survivor_id) \
               WHERE tenant_id = $1 AND survivor_id IN (SELECT given.retired FROM {rows})";
    Ok(rows.execute(connection, tenant, sql).await?)
}

async fn select<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
    tables: &[(&str, &str)],
) -> Result<Vec<StoredProfile>, StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let mut found: Vec<Row> = rows.look_up(connection, tenant, PLAIN, tables).await?;
    found.sort_unstable_by_key(|row| row.id);
    parallel::map(&found, read).into_iter().collect()
}

/// Reads a row.
///
/// # Errors
/// [`StoreError::Corrupt`].
fn read(row: &Row) -> Result<StoredProfile, StoreError> {
    let count = |number| u64::try_from(number).map_err(|_| StoreError::Corrupt("count"));
    let held =
        Held { records: count(row.records)?, events: count(row.events)?, first_at: row.first_at, last_at: row.last_at };
    Ok(StoredProfile {
        id: ProfileId::from_uuid(row.id),
        component: row.component_id,
        survivor: row.survivor_id.map(ProfileId::from_uuid),
        version: row.version,
        position: row.position,
        ambiguous: row.ambiguous != 0,
        held,
        golden: from_json(&row.golden, "golden record")?,
    })
}

/// The profile with this id, or the survivor it redirects to, in one round trip; with what stands behind its golden record
/// where `backed` says so.
///
/// # Errors
/// What the database says.
pub async fn survivor<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    id: Uuid,
    backed: bool,
) -> Result<Option<ShownProfile>, StoreError> {
    let backing = if backed { "p.backing" } else { "NULL AS backing" };
    let sql = format!(
        "SELECT {SHOWN}, {backing} FROM profiles p WHERE p.tenant_id = $1 AND p.id = \
         coalesce((SELECT s.survivor_id FROM profiles s WHERE s.tenant_id = $1 AND s.id = $2), $2)"
    );
    let values = [tenant.into(), id.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(ShownProfile::find_by_statement(statement).one(connection).await?)
}

/// A profile that holds a record with a key.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Holder {
    /// The key.
    pub key: i64,
    /// Who has it.
    #[sea_orm(nested)]
    pub profile: ShownProfile,
}

/// The profiles that hold records with these keys, in one round trip: of each key the `limit` with most events.
///
/// # Errors
/// What the database says.
pub async fn by_keys<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    keys: Vec<i64>,
    limit: usize,
) -> Result<Vec<Holder>, StoreError> {
    // Several records of a profile have the key: it is told once.
    let ranked = "DISTINCT given.key, h.id, \
                  dense_rank() OVER (PARTITION BY given.key ORDER BY h.events DESC, h.id) AS place";
    let holders = [
        ("record_keys k", "k.key = given.key"),
        ("records r", "r.id = k.record_id"),
        ("profiles h", "h.id = r.profile_id"),
    ];
    let (shown, among) =
        (format!("given.key, {SHOWN}, NULL AS backing"), format!("p.id = given.id AND given.place <= {limit}"));
    let rows = Rows::new().with("key", Column::Numbers(keys));
    let steps: [(&str, &[(&str, &str)]); 2] = [(ranked, &holders), (&shown, &[("profiles p", &among)])];
    Ok(rows.look_up_in_steps(connection, tenant, &steps).await?)
}

/// The profiles with these ids, most events first.
///
/// # Errors
/// What the database says.
pub async fn largest_first<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    ids: Vec<Uuid>,
) -> Result<Vec<ShownProfile>, StoreError> {
    let rows = Rows::new().with("id", Column::Uuids(ids));
    let (columns, by) = (format!("{SHOWN}, NULL AS backing"), [("profiles p", "p.id = given.id")]);
    let mut found: Vec<ShownProfile> = rows.look_up(connection, tenant, &columns, &by).await?;
    found.sort_unstable_by_key(|profile| (Reverse(profile.events), profile.id));
    Ok(found)
}

/// Which living profiles to go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Living {
    /// All of them.
    All,
    /// Those that something could part: they hold several records, or share a component with another one. Of a shared
    /// component all but the profile that it is named after are among them.
    Tied,
}

/// The ids of a page of living profiles, from `after` on.
///
/// # Errors
/// What the database says.
pub async fn living_ids<C: ConnectionTrait>(
    connection: &C,
    tenant: TenantId,
    which: Living,
    after: Uuid,
    limit: u64,
) -> Result<Vec<ProfileId>, StoreError> {
    let tied = match which {
        Living::All => "",
        Living::Tied => "AND (p.records > 1 OR p.component_id <> p.id)",
    };
    let sql = format!(
        "SELECT p.id FROM profiles p WHERE p.tenant_id = $1 AND p.id > $2 AND p.survivor_id IS NULL {tied} \
         ORDER BY p.id LIMIT {limit}"
    );
    let values = [tenant.into(), after.into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let ids = connection.query_all_raw(statement).await?;
    ids.iter().map(|row| Ok(ProfileId::from_uuid(row.try_get("", "id")?))).collect()
}

/// The living profile with the largest id.
///
/// # Errors
/// What the database says.
pub async fn last_living<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<Option<Uuid>, StoreError> {
    let sql = "SELECT p.id FROM profiles p WHERE p.tenant_id = $1 AND p.survivor_id IS NULL ORDER BY p.id DESC LIMIT 1";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map(|row| row.try_get("", "id")).transpose()?)
}

/// How many profiles are alive.
///
/// # Errors
/// What the database says.
pub async fn count_living<C: ConnectionTrait>(connection: &C, tenant: TenantId) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) AS number FROM profiles p WHERE p.tenant_id = $1 AND p.survivor_id IS NULL";
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into()]);
    let row = connection.query_one_raw(statement).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get("", "number"))?)
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
        "SELECT {PLAIN} FROM profiles p WHERE p.tenant_id = $1 AND p.id > $2 AND p.survivor_id IS NULL \
         ORDER BY p.id LIMIT {limit}"
    );
    let statement =
        Statement::from_sql_and_values(connection.get_database_backend(), sql, [tenant.into(), after.into()]);
    Row::find_by_statement(statement).all(connection).await?.iter().map(read).collect()
}
