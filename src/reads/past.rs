//! The past: profiles, records and events as they were known at a position.
//!
//! Which records a profile held, and which values were chosen for it, is told by its journal, what was known of them by the events that were stored by then. What
//! was taken back since, and what sources are registered as, is seen as it is now.

use super::{
    cursor::Page,
    events::{StoredEvent, read_event},
    profiles::{GoldenJson, ProfileView, RecordView, record_view},
};
use crate::{
    domain::{
        choice::Choices,
        contact::Event,
        diff::{Difference, differences},
        golden::{GoldenRecord, Include},
        id::{JudgementId, ProfileId, RecordId},
        journal::{Happened, Particulars},
        judgement::choices,
        record::{Observation, gather},
        source::Sources,
        survivorship::{Member, Policy, Statement, survive},
    },
    store::{
        StoreError, TenantId, commits,
        entities::event,
        events::{self, TimelineFilter},
        from_json, journal as journals, judgements,
        profiles::{self, Held},
        records::{self, StoredRecord},
        to_json,
    },
};
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    str::FromStr,
};
use utoipa::ToSchema;
use uuid::Uuid;

/// A moment to look back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// Right after the commit of this position.
    Position(i64),
    /// At this time: after the last commit that was recorded by then.
    Time(Timestamp),
}

/// It is neither a position nor a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMoment;

impl FromStr for AsOf {
    type Err = InvalidMoment;

    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        match text.parse() {
            Ok(position) if position >= 0 => Ok(Self::Position(position)),
            _ => text.parse().map(Self::Time).map_err(|_| InvalidMoment),
        }
    }
}

/// A tenant's past.
pub struct Past<'a> {
    /// Where to read.
    pub connection: &'a DatabaseConnection,
    /// Whose.
    pub tenant: TenantId,
    /// Its sources, as they are now.
    pub sources: Sources,
    /// How golden records are made.
    pub policy: Policy,
}

/// How a profile came to be another one between two moments.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProfileDiff {
    /// The profile.
    pub profile_id: ProfileId,
    /// The position of the earlier state.
    pub from: i64,
    /// The position of the later state.
    pub to: i64,
    /// Records that it holds now and did not hold before.
    pub records_added: Vec<RecordId>,
    /// Records that it held and holds no more.
    pub records_removed: Vec<RecordId>,
    /// Attributes of the golden record that are not what they were.
    pub differences: Vec<Difference>,
}

/// Where an id came from and where it went.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Lineage {
    /// The id that was asked for.
    pub profile_id: ProfileId,
    /// The living profile that it stands for.
    pub living: ProfileId,
    /// All ids that stand for the same.
    pub redirects: Vec<ProfileId>,
    /// What passed between it and other profiles, oldest first.
    pub steps: Vec<LineageStep>,
}

/// Something that passed between a profile and others.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineageStep {
    /// The commit that did it.
    pub position: i64,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// What happened.
    pub kind: Happened,
    /// The profiles that records came from or went to.
    pub profiles: Vec<ProfileId>,
}

/// A profile as the journal has it at a position.
struct Known {
    id: ProfileId,
    records: BTreeSet<RecordId>,
    chosen: Vec<JudgementId>,
    version: i64,
    ambiguous: bool,
}

impl Known {
    fn nothing(id: ProfileId) -> Self {
        Self { id, records: BTreeSet::new(), chosen: Vec::new(), version: 0, ambiguous: false }
    }
}

/// A profile's records as they were known, what was chosen for it, and its events by then.
struct Then {
    known: Known,
    records: Vec<StoredRecord>,
    choices: Choices,
    events: Vec<event::Model>,
}

impl Past<'_> {
    /// The position of a moment: that of the last commit by then.
    ///
    /// # Errors
    /// What the database says.
    pub async fn position(&self, moment: AsOf) -> Result<i64, StoreError> {
        match moment {
            AsOf::Position(position) => commits::until(self.connection, self.tenant, position).await,
            AsOf::Time(time) => commits::until_time(self.connection, self.tenant, time).await,
        }
    }

    /// A profile, or what its id redirected to then; none where the id was not given yet.
    ///
    /// # Errors
    /// What the database says.
    pub async fn profile(
        &self,
        asked: ProfileId,
        position: i64,
        include: Include,
    ) -> Result<Option<ProfileView>, StoreError> {
        let Some(then) = self.then(asked, position).await? else { return Ok(None) };
        let (golden, backing) = self.golden(&then).apart();
        let held = Held::of(&then.records.iter().collect::<Vec<_>>());
        let time = |at| Timestamp::from_microsecond(at).map_err(|_| StoreError::Corrupt("time"));
        let backing = (include != Include::default()).then(|| to_json(&backing, "backing")).transpose()?;
        Ok(Some(ProfileView {
            profile_id: then.known.id,
            redirected_from: Some(asked).filter(|asked| *asked != then.known.id),
            as_of: Some(position),
            version: then.known.version,
            position,
            ambiguous: then.known.ambiguous,
            records: held.records,
            events: held.events,
            first_at: time(held.first_at)?,
            last_at: time(held.last_at)?,
            golden: GoldenJson::of(to_json(&golden, "golden record")?, backing.as_deref(), include)?,
        }))
    }

    /// A page of the records that a profile held, by id.
    ///
    /// # Errors
    /// What the database says.
    pub async fn records(
        &self,
        asked: ProfileId,
        position: i64,
        after: Option<Uuid>,
        limit: u64,
    ) -> Result<Option<Page<RecordView>>, StoreError> {
        let Some(then) = self.then(asked, position).await? else { return Ok(None) };
        let mut records = then.records;
        records.sort_unstable_by_key(|record| record.id);
        let rest = records.into_iter().filter(|record| after.is_none_or(|after| record.id.uuid() > after));
        let items = rest.map(|record| record_view(StoredRecord { profile: then.known.id, ..record })).collect();
        Ok(Some(Page::cut(items, limit, |last: &RecordView| last.record_id.uuid())))
    }

    /// A page of the timeline that a profile had, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn timeline(
        &self,
        asked: ProfileId,
        position: i64,
        filter: &TimelineFilter,
        after: Option<(i64, Uuid)>,
        limit: u64,
    ) -> Result<Option<Page<StoredEvent>>, StoreError> {
        let Some(then) = self.then(asked, position).await? else { return Ok(None) };
        let mut events = then.events;
        events.retain(|event| filter.takes(event));
        events.sort_unstable_by_key(|event| std::cmp::Reverse((event.occurred_at, event.id)));
        let rest = events.iter().filter(|event| after.is_none_or(|after| (event.occurred_at, event.id) < after));
        let read = rest.map(|row| read_event(row, Some(then.known.id)));
        let items = read.collect::<Result<Vec<StoredEvent>, _>>()?;
        Ok(Some(Page::cut(items, limit, |last| (last.event.occurred_at.as_microsecond(), last.event_id.uuid()))))
    }

    /// How a profile changed between two positions; none where its id was not given by the later one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn diff(&self, asked: ProfileId, from: i64, to: i64) -> Result<Option<ProfileDiff>, StoreError> {
        let Some(after) = self.then(asked, to).await? else { return Ok(None) };
        let before = self.then(asked, from).await?;
        let value = |then: &Then| -> Result<serde_json::Value, StoreError> {
            from_json(&to_json(&self.golden(then).apart().0, "golden record")?, "golden record")
        };
        let held = before.as_ref().map(|then| then.known.records.clone()).unwrap_or_default();
        let golden = before.map_or(Ok(serde_json::Value::Null), |then| value(&then))?;
        Ok(Some(ProfileDiff {
            profile_id: after.known.id,
            from,
            to,
            records_added: after.known.records.difference(&held).copied().collect(),
            records_removed: held.difference(&after.known.records).copied().collect(),
            differences: differences(&golden, &value(&after)?),
        }))
    }

    fn golden(&self, then: &Then) -> GoldenRecord {
        let statements: Vec<Statement> = then.records.iter().map(|record| Statement::of(&record.contact)).collect();
        let members = then.records.iter().zip(&statements).map(|(record, statement)| Member {
            record: record.id,
            contact: &record.contact,
            statement,
            observations: &record.observations,
        });
        survive(&members.collect::<Vec<_>>(), &then.choices, &self.sources, &self.policy)
    }

    async fn then(&self, asked: ProfileId, position: i64) -> Result<Option<Then>, StoreError> {
        let Some(known) = self.known(asked, position).await? else { return Ok(None) };
        let ids: Vec<Uuid> = known.records.iter().map(RecordId::uuid).collect();
        let mut events = events::of_records(self.connection, self.tenant, ids.clone()).await?;
        events.retain(|event| event.position <= position);
        let mut observed = observed(&events)?;
        let mut records = records::find(self.connection, self.tenant, ids).await?;
        for record in &mut records {
            record.observations = observed.remove(&record.id).unwrap_or_default();
        }
        let chosen = known.chosen.iter().map(JudgementId::uuid).collect();
        let chosen = judgements::find_all(self.connection, self.tenant, chosen).await?;
        Ok(Some(Then { known, records, choices: choices(&chosen), events }))
    }

    /// What the journal says of an id, or of the one that it redirected to then.
    async fn known(&self, asked: ProfileId, position: i64) -> Result<Option<Known>, StoreError> {
        let mut known = Known::nothing(asked);
        loop {
            let entries = journals::until(self.connection, self.tenant, known.id.uuid(), position).await?;
            let mut survivor = None;
            for row in &entries {
                let entry: Particulars = from_json(&row.detail, "journal entry")?;
                for gone in &entry.records_removed {
                    known.records.remove(gone);
                }
                known.records.extend(entry.records_added);
                (known.version, known.ambiguous, survivor) = (entry.version, entry.ambiguous, entry.survivor);
                known.chosen = entry.chosen;
            }
            match survivor {
                _ if entries.is_empty() => return Ok(None),
                None => return Ok(Some(known)),
                Some(survivor) => known = Known::nothing(survivor),
            }
        }
    }
}

fn observed(events: &[event::Model]) -> Result<BTreeMap<RecordId, Vec<Observation>>, StoreError> {
    let read = |row: &event::Model| {
        let record = RecordId::from_uuid(row.record_id?);
        Some(from_json::<Event>(&row.body, "event").map(|event| (record, event)))
    };
    Ok(gather(events.iter().filter_map(read).collect::<Result<Vec<_>, _>>()?))
}

/// Where an id came from and where it went; none where it was never given.
///
/// # Errors
/// What the database says.
pub async fn lineage(
    connection: &DatabaseConnection,
    tenant: TenantId,
    asked: ProfileId,
) -> Result<Option<Lineage>, StoreError> {
    let Some(living) = profiles::survivor(connection, tenant, asked.uuid(), false).await? else { return Ok(None) };
    let redirects = profiles::retired_into(connection, tenant, vec![living.id]).await?;
    let mut steps = Vec::new();
    for row in journals::until(connection, tenant, asked.uuid(), i64::MAX).await? {
        let entry = super::history::read(&row)?;
        let profiles = entry.particulars.other_profiles;
        if !profiles.is_empty() {
            let (position, recorded_at, kind) = (entry.position, entry.recorded_at, entry.kind);
            steps.push(LineageStep { position, recorded_at, kind, profiles });
        }
    }
    let redirects = redirects.iter().map(|profile| profile.id).collect();
    Ok(Some(Lineage { profile_id: asked, living: ProfileId::from_uuid(living.id), redirects, steps }))
}
