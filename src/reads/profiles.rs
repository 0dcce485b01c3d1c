//! Profiles and their records.

use super::cursor::Page;
use crate::{
    domain::{
        contact::Contact,
        golden::{GoldenRecord, Include},
        id::{ProfileId, RecordId},
        normalize::form::{NormalForm, normalize},
        record::Observation,
    },
    store::{
        StoreError, TenantId, from_json,
        profiles::{self, ShownProfile, StoredProfile},
        records::{self, StoredRecord},
        to_json,
    },
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

/// A profile: a durable id, its golden record, and how much stands behind it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProfileView {
    /// The living profile's id.
    pub profile_id: ProfileId,
    /// The retired id that was asked for and redirects here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirected_from: Option<ProfileId>,
    /// The position of the state that is shown, where a past one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<i64>,
    /// Grows with each change of the golden record.
    pub version: i64,
    /// The commit that wrote it last.
    #[serde(skip)]
    pub position: i64,
    /// Whether it fits two profiles that contradict each other, and therefore stays apart.
    pub ambiguous: bool,
    /// How many records it holds.
    pub records: u64,
    /// How many events it holds.
    pub events: u64,
    /// When the person was first seen.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// When the person was last seen.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// The surviving attributes.
    #[schema(value_type = GoldenRecord)]
    pub golden: GoldenJson,
}

/// A golden record as JSON: what is stored is passed on as it is.
#[derive(Clone, Debug, Serialize)]
pub struct GoldenJson(Box<RawValue>);

impl GoldenJson {
    /// The golden record that it is.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`].
    pub fn read(&self) -> Result<GoldenRecord, StoreError> {
        from_json(self.0.get(), "golden record")
    }

    /// The attributes, with those parts of what stands behind them that are asked for.
    pub(super) fn of(golden: String, backing: Option<&str>, include: Include) -> Result<Self, StoreError> {
        let text = match backing {
            None => golden,
            Some(backing) => {
                let golden: GoldenRecord = from_json(&golden, "golden record")?;
                to_json(&golden.with(from_json(backing, "backing")?, include), "golden record")?
            }
        };
        RawValue::from_string(text).map(Self).map_err(|_| StoreError::Corrupt("golden record"))
    }
}

/// A record: one distinct contact as given, who saw it, and what it is compared by.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecordView {
    /// A keyed hash of the contact.
    pub record_id: RecordId,
    /// Where it belongs now.
    pub profile_id: ProfileId,
    /// How many events share it.
    pub events: u64,
    /// The contact as given, with the assurance of each identifier.
    pub contact: Contact,
    /// What it is compared by.
    #[schema(value_type = Object)]
    pub normal_form: NormalForm,
    /// Who saw it when.
    pub observations: Vec<Sighting>,
}

/// How often and when one source saw a record.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Sighting {
    /// Who saw it.
    pub source: String,
    /// The earliest event.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// The latest event.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// How many events.
    pub events: u64,
}

/// A profile by its id, or the survivor of a retired one.
///
/// # Errors
/// What the database says.
pub async fn by_id(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id: ProfileId,
    include: Include,
) -> Result<Option<ProfileView>, StoreError> {
    let backed = include != Include::default();
    let found = profiles::survivor(connection, tenant, id.uuid(), backed).await?;
    let Some(found) = found else { return Ok(None) };
    let mut view = view(found, include)?;
    view.redirected_from = Some(id).filter(|asked| *asked != view.profile_id);
    Ok(Some(view))
}

/// The living profile that an id stands for.
///
/// # Errors
/// What the database says.
pub async fn living(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id: ProfileId,
) -> Result<Option<ProfileId>, StoreError> {
    let found = profiles::survivor(connection, tenant, id.uuid(), false).await?;
    Ok(found.map(|profile| ProfileId::from_uuid(profile.id)))
}

/// A page of a profile's records, by id.
///
/// # Errors
/// What the database says.
pub async fn records(
    connection: &DatabaseConnection,
    tenant: TenantId,
    profile: ProfileId,
    after: Option<Uuid>,
    limit: u64,
) -> Result<Page<RecordView>, StoreError> {
    let found = records::page(connection, tenant, profile.uuid(), after.unwrap_or_default(), limit + 1).await?;
    Ok(Page::cut(found.into_iter().map(record_view).collect(), limit, |last| last.record_id.uuid()))
}

/// One record.
///
/// # Errors
/// What the database says.
pub async fn record(
    connection: &DatabaseConnection,
    tenant: TenantId,
    id: RecordId,
) -> Result<Option<RecordView>, StoreError> {
    Ok(records::find(connection, tenant, vec![id.uuid()]).await?.pop().map(record_view))
}

/// Puts a profile together for a caller.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn view(profile: ShownProfile, include: Include) -> Result<ProfileView, StoreError> {
    let count = |number| u64::try_from(number).map_err(|_| StoreError::Corrupt("count"));
    Ok(ProfileView {
        profile_id: ProfileId::from_uuid(profile.id),
        redirected_from: None,
        as_of: None,
        version: profile.version,
        position: profile.position,
        ambiguous: profile.ambiguous != 0,
        records: count(profile.records)?,
        events: count(profile.events)?,
        first_at: time(profile.first_at)?,
        last_at: time(profile.last_at)?,
        golden: GoldenJson::of(profile.golden, profile.backing.as_deref(), include)?,
    })
}

/// Puts a profile together that is known in full, without what stands behind its golden record.
///
/// # Errors
/// [`StoreError::Corrupt`].
pub fn stored_view(profile: &StoredProfile) -> Result<ProfileView, StoreError> {
    Ok(ProfileView {
        profile_id: profile.id,
        redirected_from: None,
        as_of: None,
        version: profile.version,
        position: profile.position,
        ambiguous: profile.ambiguous,
        records: profile.held.records,
        events: profile.held.events,
        first_at: time(profile.held.first_at)?,
        last_at: time(profile.held.last_at)?,
        golden: GoldenJson::of(to_json(&profile.golden, "golden record")?, None, Include::default())?,
    })
}

fn time(at: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(at).map_err(|_| StoreError::Corrupt("time"))
}

/// Puts a record together for a caller.
pub(super) fn record_view(record: StoredRecord) -> RecordView {
    RecordView {
        record_id: record.id,
        profile_id: record.profile,
        events: record.events(),
        normal_form: normalize(&record.contact).0,
        observations: record.observations.iter().map(sighting).collect(),
        contact: record.contact,
    }
}

fn sighting(observation: &Observation) -> Sighting {
    Sighting {
        source: observation.source.clone(),
        first_at: observation.first_at,
        last_at: observation.last_at,
        events: observation.count,
    }
}
