//! Ingest: events in, each to its record, each record to its profile, in one transaction for the whole batch.

mod answer;

pub use answer::{Answer, Ingested, Outcome, first_answer};

use super::{
    memory::Memory,
    prepare::{PreparedEvent, prepare},
    reresolve::{resize, takes_step},
    workspace::{Anew, Changes, Context, Workspace},
};
use crate::{
    domain::{
        id::{EventId, ProfileId, RecordId},
        source::Sources,
    },
    store::{
        StoreError,
        entities::{event, run},
        events, from_json,
        lane::{self, Lane, Mark},
        records::StoredRecord,
        rulebook::Rulebook,
        runs,
        tenants::Tenant,
        to_json,
    },
};
use futures_util::try_join;
use jiff::Timestamp;
use sea_orm::DatabaseConnection;
use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};
use uuid::Uuid;

/// A batch of so many events writes much.
const LARGE: usize = 500;

/// A batch of events that is decided, and not written yet.
pub struct Decided {
    /// What each event is answered with, in their order, once the batch is written.
    pub ingested: Vec<Ingested>,
    lane: Lane,
    news: Option<News>,
}

/// What a batch brings, if it brings anything.
struct News {
    changes: Changes,
    events: Vec<event::Model>,
    /// Whether all records were clustered anew, in part as what is written already.
    resized: bool,
}

/// Stores a batch of events and resolves their records. Answers come in the order of the events.
///
/// # Errors
/// What the database says; then nothing of the batch is stored.
pub async fn ingest(
    connection: &DatabaseConnection,
    rules: Rulebook<'_>,
    memory: &mut Memory,
    batch: &[PreparedEvent],
) -> Result<Vec<Ingested>, StoreError> {
    let lane = lane::enter(connection, rules.tenant.id).await?;
    let mut decided = decide(lane, rules, memory, batch).await?;
    let (ingested, is_news) = (std::mem::take(&mut decided.ingested), decided.is_news());
    let generation = decided.write(None).await?;
    if is_news {
        memory.committed(generation);
    }
    Ok(ingested)
}

/// Decides what a batch of events changes. What is remembered is what will be, once it is written.
///
/// # Errors
/// What the database says; [`StoreError::Overtaken`] where the commit that the lane follows is not what was expected.
pub async fn decide(
    mut lane: Lane,
    rules: Rulebook<'_>,
    memory: &mut Memory,
    batch: &[PreparedEvent],
) -> Result<Decided, StoreError> {
    lane.is_large = batch.len() >= LARGE;
    if lane.mark.changing {
        // Then more is read than is remembered of what is about to be written.
        lane.hold().await?;
    }
    let (model, sources) = (&*rules.in_lane(&lane).await?, &*memory.sources(&lane).await?);
    let batch = &*current(batch, rules.tenant, sources)?;
    if memory.awaits(batch.iter().map(|event| event.id)) {
        lane.hold().await?;
    }
    memory.begin(&mut lane).await?;
    let sized = model.for_size(lane.mark.forms);
    let context = Context { id_key: &rules.tenant.id_key, model: &sized, sources, anew: Anew::of(&lane) };
    let expected = fresh(batch, &HashMap::new());
    let ahead = async {
        // Of a large batch all may be stored: then it is not resolved in vain.
        if lane.is_large { Ok(None) } else { resolve(context, memory, &lane, &expected).await.map(Some) }
    };
    let (stored, resolved) = try_join!(stored(&lane, batch), ahead)?;
    let fresh = fresh(batch, &stored);
    if fresh.is_empty() {
        memory.keep_on(lane.mark.generation);
        let ingested = batch.iter().map(|event| replay(event, &stored, sources)).collect::<Result<_, _>>()?;
        return Ok(Decided { ingested, lane, news: None });
    }
    let workspace = match resolved.filter(|_| stored.is_empty()) {
        Some(workspace) => workspace,
        None => resolve(context, memory, &lane, &fresh).await?,
    };
    let (answers, grown) = (answers(&workspace, &fresh, lane.mark.position), workspace.grown());
    let changes = workspace.changes(&lane, Timestamp::now())?;
    let rows = fresh.iter().zip(&answers).map(|(event, answer)| row(&lane, event, answer));
    let mut news = News { changes, events: rows.collect::<Result<_, _>>()?, resized: false };
    if takes_step(lane.mark.forms, grown, model) {
        lane.hold().await?;
        std::mem::take(&mut news.changes).write(&mut lane).await?;
        news.resized = true;
    }
    resize(&mut lane, grown, Context { model, ..context }, memory).await?;
    let mut answers: HashMap<EventId, (&str, Answer)> =
        fresh.iter().map(|event| event.body.as_str()).zip(answers).map(|(body, a)| (a.event_id, (body, a))).collect();
    let mut first = BTreeSet::new();
    let answer = |event| answer(event, &mut answers, &mut first, &stored, sources);
    let ingested = batch.iter().map(answer).collect::<Result<_, _>>()?;
    Ok(Decided { ingested, lane, news: Some(news) })
}

impl Decided {
    /// Whether it brings anything but what is stored already.
    #[must_use]
    pub const fn is_news(&self) -> bool {
        self.news.is_some()
    }

    /// The events that are new.
    pub fn events(&self) -> impl Iterator<Item = EventId> {
        self.news.iter().flat_map(|news| &news.events).map(|event| EventId::from_uuid(event.id))
    }

    /// The lane's generation before it.
    #[must_use]
    pub const fn generation(&self) -> i64 {
        self.lane.mark.generation
    }

    /// Whether the next batch may be decided before this one is written: not where more was written than is remembered of it.
    #[must_use]
    pub fn may_be_followed(&self) -> bool {
        self.news.as_ref().is_none_or(|news| !news.resized)
    }

    /// What the lane's row says once this is written.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        if self.is_news() { self.lane.next() } else { self.lane.last() }
    }

    /// Writes the batch, and how far the import has come that brings it. Returns the lane's generation after it.
    ///
    /// # Errors
    /// What the database says; [`StoreError::Overtaken`]. Then nothing of the batch is stored.
    pub async fn write(mut self, run: Option<run::Model>) -> Result<i64, StoreError> {
        self.lane.wait().await?;
        if let Some(run) = run {
            self.lane.hold().await?;
            runs::put(&self.lane, run).await?;
        }
        let Some(news) = self.news else { return self.lane.leave().await };
        let mut lane = self.lane;
        lane.tally.events += i64::try_from(news.events.len()).unwrap_or(i64::MAX);
        news.changes.write(&mut lane).await?;
        events::insert(&lane, news.events);
        lane.commit().await
    }
}

/// The events as the sources in force have them read: what was prepared before a source changed is prepared anew.
fn current<'a>(
    batch: &'a [PreparedEvent],
    tenant: &Tenant,
    sources: &Sources,
) -> Result<Cow<'a, [PreparedEvent]>, StoreError> {
    if batch.iter().all(|event| event.sources == sources.version()) {
        return Ok(Cow::Borrowed(batch));
    }
    let anew = |event: &PreparedEvent| -> Result<PreparedEvent, StoreError> {
        Ok(PreparedEvent { run: event.run, ..prepare(from_json(&event.body, "event")?, &tenant.id_key, sources)? })
    };
    batch.iter().map(anew).collect()
}

/// The events of the batch that are stored already.
async fn stored(lane: &Lane, batch: &[PreparedEvent]) -> Result<HashMap<EventId, event::Model>, StoreError> {
    let ids: BTreeSet<Uuid> = batch.iter().map(|event| event.id.uuid()).collect();
    let found = events::find(lane, lane.tenant, ids.into_iter().collect()).await?;
    Ok(found.into_iter().map(|row| (EventId::from_uuid(row.id), row)).collect())
}

/// The events that are new, each id once.
fn fresh<'a>(batch: &'a [PreparedEvent], stored: &HashMap<EventId, event::Model>) -> Vec<&'a PreparedEvent> {
    let mut seen = BTreeSet::new();
    batch.iter().filter(|event| !stored.contains_key(&event.id) && seen.insert(event.id)).collect()
}

/// Loads what fresh events can change, takes their observations in, and decides what comes of it.
async fn resolve<'a>(
    context: Context<'a>,
    memory: &'a mut Memory,
    lane: &Lane,
    fresh: &[&PreparedEvent],
) -> Result<Workspace<'a>, StoreError> {
    let mut workspace = Workspace::new(context, memory);
    let given = fresh.iter().filter_map(|event| event.record.as_ref());
    let known = given.filter(|(_, prepared)| !workspace.is_new_form(prepared.form_key)).map(|(record, _)| record.id);
    workspace.load_records(lane, known.collect::<Vec<_>>()).await?;
    for event in fresh {
        let Some((record, prepared)) = &event.record else { continue };
        if !workspace.records.contains_key(&record.id) {
            let new = StoredRecord {
                id: record.id,
                node: record.id,
                profile: ProfileId::from_uuid(Uuid::nil()),
                contact: record.contact.clone(),
                observations: Vec::new(),
            };
            workspace.add(new, Arc::clone(prepared), event.id);
        }
        workspace.observe(record.id, event.id, event.observation.clone());
    }
    workspace.load_neighbourhood(lane).await?;
    workspace.regroup(|| ProfileId::from_uuid(Uuid::now_v7()));
    Ok(workspace)
}

fn answers(workspace: &Workspace<'_>, fresh: &[&PreparedEvent], position: i64) -> Vec<Answer> {
    let mut seen = BTreeSet::new();
    let mut answers = Vec::with_capacity(fresh.len());
    for event in fresh {
        let record = event.record.as_ref().map(|(record, _)| record.id);
        let profile = record.map(|id| workspace.records[&id].profile);
        let outcome = match (record, profile) {
            (Some(record), Some(profile)) => outcome(workspace, record, profile, &mut seen),
            _ => Outcome::Unresolved,
        };
        let news = matches!(outcome, Outcome::Merged | Outcome::Split);
        let others = profile.filter(|_| news).and_then(|profile| workspace.fates.get(&profile));
        let others = others.into_iter().flat_map(|fate| fate.merged.iter().chain(&fate.split)).copied();
        answers.push(Answer {
            event_id: event.id,
            position,
            record_id: record,
            profile_id: profile,
            outcome,
            changed: profile.into_iter().chain(others).collect(),
            warnings: event.warnings.clone(),
        });
    }
    answers
}

/// Of several events that bring one profile news together, the first one of the batch tells it.
fn outcome(workspace: &Workspace<'_>, record: RecordId, profile: ProfileId, seen: &mut BTreeSet<ProfileId>) -> Outcome {
    let fate = workspace.fates.get(&profile).filter(|_| workspace.is_new(record) && seen.insert(profile));
    match fate {
        Some(_) if workspace.profiles[&profile].ambiguous => Outcome::Ambiguous,
        Some(fate) if !fate.merged.is_empty() => Outcome::Merged,
        Some(fate) if !fate.split.is_empty() => Outcome::Split,
        Some(fate) if fate.created && !fate.possibles.is_empty() => Outcome::Possible,
        Some(fate) if fate.created => Outcome::Created,
        _ => Outcome::Attached,
    }
}

fn row(lane: &Lane, event: &PreparedEvent, answer: &Answer) -> Result<event::Model, StoreError> {
    let others = answer.changed.get(1..).filter(|others| !others.is_empty());
    Ok(event::Model {
        tenant_id: lane.tenant,
        id: event.id.uuid(),
        record_id: answer.record_id.map(|id| id.uuid()),
        occurred_at: event.occurred_at.as_microsecond(),
        source: event.source.clone(),
        channel: event.channel.clone(),
        kind: event.kind.clone().unwrap_or_default(),
        outcome: answer.outcome.code(),
        profile_id: answer.profile_id.map(|id| id.uuid()),
        changed: others.map(|others| to_json(&others, "changed profiles")).transpose()?,
        position: lane.mark.position,
        run_id: event.run.map(|id| id.uuid()),
        body: event.body.clone(),
    })
}

fn answer(
    event: &PreparedEvent,
    answers: &mut HashMap<EventId, (&str, Answer)>,
    first: &mut BTreeSet<EventId>,
    stored: &HashMap<EventId, event::Model>,
    sources: &Sources,
) -> Result<Ingested, StoreError> {
    match answers.get(&event.id) {
        None => replay(event, stored, sources),
        Some((_, answer)) if first.insert(event.id) => Ok(Ingested::Stored(answer.clone())),
        Some((body, answer)) if *body == event.body => Ok(Ingested::Replayed(answer.clone())),
        Some(_) => Ok(Ingested::Conflict),
    }
}

/// The first answer to an event that is stored already.
fn replay(
    event: &PreparedEvent,
    stored: &HashMap<EventId, event::Model>,
    sources: &Sources,
) -> Result<Ingested, StoreError> {
    match stored.get(&event.id) {
        Some(row) if row.body == event.body => Ok(Ingested::Replayed(first_answer(row, sources)?)),
        _ => Ok(Ingested::Conflict),
    }
}
