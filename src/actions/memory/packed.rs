//! What is remembered, packed into bytes: a fraction of what it takes up while it is worked on.

use crate::{
    domain::id::{ProfileId, RecordId},
    store::{
        StoreError, from_json,
        profiles::{Held, StoredProfile},
        records::StoredRecord,
        to_json,
    },
};
use borsh::{BorshDeserialize, BorshSerialize};
use std::sync::Arc;
use uuid::Uuid;

/// Bytes, shared between the places that know them.
pub(super) type Packed = Arc<[u8]>;

/// Packs plain data; none where it does not serialise, which plain data does.
pub(super) fn pack<T: BorshSerialize>(value: &T) -> Option<Packed> {
    Some(borsh::to_vec(value).ok()?.into())
}

/// What was packed.
fn unpack<T: BorshDeserialize>(packed: &[u8]) -> Option<T> {
    borsh::from_slice(packed).ok()
}

/// What was packed, to be shared.
pub(super) fn unpacked<T: BorshDeserialize>(packed: &[u8]) -> Option<Arc<T>> {
    unpack(packed).map(Arc::new)
}

/// A record but for its id.
#[derive(BorshSerialize, BorshDeserialize)]
struct PackedRecord {
    node: Uuid,
    profile: Uuid,
    /// As JSON.
    contact: String,
    /// As JSON.
    observations: String,
}

/// A profile but for its id. Its component comes first: it is asked for alone.
#[derive(BorshSerialize, BorshDeserialize)]
struct PackedProfile {
    component: Uuid,
    survivor: Option<Uuid>,
    version: i64,
    position: i64,
    ambiguous: bool,
    records: u64,
    events: u64,
    first_at: i64,
    last_at: i64,
    /// As JSON.
    golden: String,
}

pub(super) fn pack_record(record: &StoredRecord) -> Option<Packed> {
    pack(&PackedRecord {
        node: record.node.uuid(),
        profile: record.profile.uuid(),
        contact: to_json(&record.contact, "contact").ok()?,
        observations: to_json(&record.observations, "observations").ok()?,
    })
}

pub(super) fn unpack_record(id: RecordId, packed: &[u8]) -> Option<Arc<StoredRecord>> {
    let PackedRecord { node, profile, contact, observations } = unpack(packed)?;
    let read = || -> Result<StoredRecord, StoreError> {
        Ok(StoredRecord {
            id,
            node: RecordId::from_uuid(node),
            profile: ProfileId::from_uuid(profile),
            contact: from_json(&contact, "contact")?,
            observations: from_json(&observations, "observations")?,
        })
    };
    read().ok().map(Arc::new)
}

pub(super) fn pack_profile(profile: &StoredProfile) -> Option<Packed> {
    let Held { records, events, first_at, last_at } = profile.held;
    pack(&PackedProfile {
        component: profile.component,
        survivor: profile.survivor.map(|id| id.uuid()),
        version: profile.version,
        position: profile.position,
        ambiguous: profile.ambiguous,
        records,
        events,
        first_at,
        last_at,
        golden: to_json(&profile.golden, "golden record").ok()?,
    })
}

/// The component of a packed profile.
pub(super) fn component_of(profile: &[u8]) -> Option<Uuid> {
    Uuid::deserialize(&mut &*profile).ok()
}

pub(super) fn unpack_profile(id: ProfileId, packed: &[u8]) -> Option<Arc<StoredProfile>> {
    let profile: PackedProfile = unpack(packed)?;
    let PackedProfile { records, events, first_at, last_at, .. } = profile;
    Some(Arc::new(StoredProfile {
        id,
        component: profile.component,
        survivor: profile.survivor.map(ProfileId::from_uuid),
        version: profile.version,
        position: profile.position,
        ambiguous: profile.ambiguous,
        held: Held { records, events, first_at, last_at },
        golden: from_json(&profile.golden, "golden record").ok()?,
    }))
}
