//! Whatever the order and the batches, whatever came twice or was taken back, and whenever stewards ruled or withdrew, what is
//! stored in the end gives the same people and the same golden records, byte by byte: those of the reference, which compares
//! all pairs of contacts and knows neither indexes nor increments.
//!
//! Events are drawn from few people, mailboxes, numbers and accounts, so that they clash, bridge and contradict a lot.
//! `ONEFOLD_CASES=10000 cargo test --test it order_free` draws more of them.

use crate::{
    database::{ID_KEY, TestDatabase},
    people::Person,
    reference::{self, People, Ruled},
};
use jiff::Timestamp;
use onefold::{
    actions::{
        access::DEFAULT_TENANT,
        ingest::ingest,
        judge::{Ruling, judge, withdraw},
        memory::Memory,
        pipeline::{Pipeline, Underway},
        prepare::{PreparedEvent, prepare},
        remodel::step,
        undo::undo_run,
    },
    domain::{
        cluster::Verdict,
        golden::Include,
        id::{RecordId, RunId},
        marks::Marks,
        model::Model,
        source::Source,
        subject::Subject,
    },
    engine::Engine,
    reads::{exports::assignments_page, profiles::by_id},
    store::{
        StoreError,
        entities::record,
        events,
        models::Models,
        sources,
        tenants::{self, Tenant},
    },
};
use proptest::{
    collection::vec,
    option::weighted,
    prelude::*,
    sample::{Index, select},
    test_runner::TestRunner,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};
use uuid::Uuid;

/// Cases are drawn by so many threads, each with a database of its own.
const THREADS: u32 = 2;
/// More than any case has events.
pub const ALL: u64 = 1_000;
/// How the ids of events begin that are taken back.
const GONE: &str = "gone-";

const CHANNELS: [&str; 8] = ["email", "phone", "web_form", "chat", "social", "crm", "order", "whatsapp"];
/// A full name alone, or given and family name.
const NAMES: [(&str, &str); 18] = [
    ("Jane Featherstone", ""),
    ("Featherstone Jane", ""),
    ("Featherstone, Janet", ""),
    ("J. Featherstone", ""),
    ("Jane Featherstnoe", ""),
    ("Jnae Featherstone", ""),
    ("Jane Featherstone Jr.", ""),
    ("Jane", "Featherstone"),
    ("Featherstone", "Jane"),
    ("", "Featherstone"),
    ("Jane", ""),
    ("Ole Brandt", ""),
    ("Ole Brandt Jr", ""),
    ("Ole Brandt Sr", ""),
    ("Brandt", "Ole"),
    ("Mira Okafor", ""),
    ("Mira", "Okafor-Brandt"),
    ("unknown", ""),
];
const EMAILS: [&str; 8] = [
    "jane.f84@example.com",
    "janef84@example.com",
    "jane.f84@example.org",
    "featherstone@example.org",
    "ole.brandt@example.org",
    "ole.brnadt@example.org",
    "info@example.net",
    "test@test.com",
];
/// The first is a switchboard's.
const PHONES: [&str; 7] =
    ["+442079460100", "+442079460100", "+442079460100", "+442079460101", "+442079460110", "020 7946 0101 ext. 7", "12"];
const HANDLES: [&str; 4] = ["featherfoot", "okafor.mira", "ole.brandt", "@Featherfoot"];
/// Of the loyalty programme everybody has one id at most.
const IDS: [(&str, &str); 6] =
    [("shop", "C-1"), ("shop", "C-2"), ("helpdesk", "C-1"), ("loyalty", "1"), ("loyalty", "2"), ("loyalty", "3")];
const BIRTH_DATES: [&str; 5] = ["1984-03-09", "1984-09-03", "1984-03-08", "1951-11-30", "9 March"];
const ADDRESSES: [(&str, &str); 4] =
    [("1 Mill Lane", "EX4 2AB"), ("1 Mill Ln", "EX4 2AB"), ("7 Quay", "EX4 2AB"), ("7 Quay", "D-99999")];

type Texts = &'static [&'static str];

fn identifiers() -> impl Strategy<Value = Value> {
    let few = |of: Texts| vec((select(of), select(&[None, None, Some("claimed"), Some("verified")][..])), 0..2);
    let ids = vec(select(&IDS[..]), 0..2);
    (few(&EMAILS), few(&PHONES), few(&HANDLES), ids).prop_map(|(emails, phones, handles, ids)| {
        let given = |(value, assurance): (&str, Option<&str>)| match assurance {
            Some(assurance) => json!({"value": value, "assurance": assurance}),
            None => json!({"value": value}),
        };
        let with = |mut object: Value, name: &str, value: &str| {
            object[name] = value.into();
            object
        };
        json!({
            "emails": emails.into_iter().map(given).collect::<Vec<_>>(),
            "phones": phones.into_iter().map(|phone| with(given(phone), "region", "GB")).collect::<Vec<_>>(),
            "handles": handles.into_iter().map(|h| with(given(h), "network", "instagram")).collect::<Vec<_>>(),
            "external_ids": ids.iter().map(|(namespace, id)| json!({"namespace": namespace, "value": id})).collect::<Vec<_>>(),
        })
    })
}

/// Somebody, or what is known of them.
pub fn contact() -> impl Strategy<Value = Value> {
    let name = weighted(0.6, select(&NAMES[..]));
    let birth_date = weighted(0.2, select(&BIRTH_DATES[..]));
    let address = weighted(0.2, select(&ADDRESSES[..]));
    (identifiers(), name, birth_date, address).prop_map(|(mut contact, name, birth_date, address)| {
        match name {
            Some((whole, "")) => contact["name"] = whole.into(),
            Some(("", family)) => contact["family_name"] = family.into(),
            Some((given, family)) => {
                contact["given_name"] = given.into();
                contact["family_name"] = family.into();
            }
            None => {}
        }
        if let Some(date) = birth_date {
            contact["birth_date"] = date.into();
        }
        if let Some((street, code)) = address {
            contact["addresses"] = json!([{"street_address": street, "postal_code": code, "country": "GB"}]);
        }
        contact
    })
}

/// Events whose ids begin with `prefix`. Some happen at the same second, and some say the same.
fn events(prefix: &'static str, count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Value>> {
    let consent = weighted(0.2, select(&["granted", "withdrawn"][..]));
    vec((select(&CHANNELS[..]), contact(), 0..60, consent), count).prop_map(move |drawn| {
        let event = |(number, (channel, contact, second, consent)): (usize, (&str, Value, i32, Option<&str>))| {
            let consent: BTreeMap<&str, &str> = consent.into_iter().map(|consent| ("email", consent)).collect();
            json!({"source": (if number % 2 == 0 { "a" } else { "b" }), "source_event_id": format!("{prefix}{number}"),
                "channel": channel, "occurred_at": format!("2026-05-01T10:00:{second:02}Z"), "contact": contact,
                "traits": {"plan": number}, "consent": consent})
        };
        drawn.into_iter().enumerate().map(event).collect()
    })
}

/// Now and then a crowd calls from the switchboard: strangers, and accounts without a name.
fn crowd() -> impl Strategy<Value = Vec<Value>> {
    let named = weighted(0.3, vec((any::<bool>(), select(&["crm", "order", "phone", "chat"][..])), 3..12));
    named.prop_map(|callers| {
        let event = |(number, (named, channel)): (u32, (bool, &str))| {
            let Person { given, family, account, .. } = Person::number(number);
            let mut contact = json!({"phones": [PHONES[0]]});
            if named {
                contact["given_name"] = given.into();
                contact["family_name"] = family.into();
            } else {
                contact["external_ids"] = json!([account]);
            }
            json!({"source": "switchboard", "source_event_id": format!("caller-{number}"), "channel": channel,
                "occurred_at": "2026-05-02T10:00:00Z", "contact": contact})
        };
        (0..).zip(callers.unwrap_or_default()).map(event).collect()
    })
}

/// How events come in: early ones, then those to be taken back go, then late ones. What stewards rule of two events they rule
/// as soon as both are there; what they withdraw they withdraw in the end.
#[derive(Clone, Debug)]
pub struct Arrival {
    pub early: Vec<Value>,
    pub late: Vec<Value>,
    pub rulings: Vec<Ruled>,
    pub withdrawn: Vec<Ruled>,
    /// Sizes of the batches, over and over.
    pub batches: Vec<usize>,
}

impl Arrival {
    /// All these events together, with these rulings.
    pub fn at_once(stored: Vec<Value>, rulings: Vec<Ruled>) -> Self {
        Self { batches: vec![stored.len()], early: stored, late: Vec::new(), rulings, withdrawn: Vec::new() }
    }
}

/// Rulings over pairs of these events.
fn rulings(stored: &[Value], drawn: &[(Index, Index, bool)]) -> Vec<Ruled> {
    let id = |index: &Index| index.get(stored)["source_event_id"].as_str().unwrap().to_owned();
    let ruled = |(a, b, same): &(Index, Index, bool)| Ruled {
        verdict: if *same { Verdict::Same } else { Verdict::Different },
        a: id(a),
        b: id(b),
    };
    drawn.iter().map(ruled).collect()
}

/// Events that are stored in the end and rulings that hold in the end, and how they come to be: some events come twice, and
/// others come and go, as rulings do.
pub fn histories() -> impl Strategy<Value = (Vec<Value>, Arrival)> {
    let ruled = || vec((any::<Index>(), any::<Index>(), any::<bool>()), 0..3);
    let drawn = (events("", 2..14), crowd(), events(GONE, 0..4), vec(any::<Index>(), 0..4), ruled(), ruled());
    drawn.prop_flat_map(|(mut stored, crowd, gone, again, ruled, taken_back)| {
        stored.extend(crowd);
        let (rulings, withdrawn) = (rulings(&stored, &ruled), rulings(&stored, &taken_back));
        let mut stay = stored.clone();
        stay.extend(again.iter().map(|index| index.get(&stored).clone()));
        let late = 0..=stay.len();
        (Just(stored), Just(gone), Just(stay).prop_shuffle(), late, vec(1..8_usize, 1..4)).prop_flat_map(
            move |(stored, gone, mut stay, late, batches)| {
                let late = stay.split_off(stay.len() - late);
                let early = Just([stay, gone].concat()).prop_shuffle();
                let (rulings, withdrawn) = (rulings.clone(), withdrawn.clone());
                let arrival = early.prop_map(move |early| Arrival {
                    early,
                    late: late.clone(),
                    rulings: rulings.clone(),
                    withdrawn: withdrawn.clone(),
                    batches: batches.clone(),
                });
                (Just(stored), arrival)
            },
        )
    })
}

/// Who belongs together, with their golden records; the ids of profiles left out.
pub type Outcome = BTreeSet<(BTreeSet<String>, String)>;

/// A tenant of its own for each outcome: a new database would cost more than the whole case.
pub async fn tenant(engine: &Engine) -> Tenant {
    static COUNT: AtomicI32 = AtomicI32::new(DEFAULT_TENANT + 1);
    let id = COUNT.fetch_add(1, Ordering::Relaxed);
    let tenant = Tenant { id, name: id.to_string(), id_key: ID_KEY };
    tenants::create(&engine.connection, &tenant, Timestamp::UNIX_EPOCH).await.unwrap();
    let trusted = Source { trust: 70, unique_namespaces: vec!["loyalty".into()], ..Source::default() };
    sources::put(&engine.connection, id, "a", &trusted).await.unwrap();
    tenant
}

pub async fn outcome(engine: &Engine, arrival: &Arrival) -> Outcome {
    let tenant = tenant(engine).await;
    let mut stewards = Stewards::new(engine, &tenant, arrival);
    write(engine, &tenant, &arrival.early, &arrival.batches, &mut stewards).await;
    undo_run(engine, &tenant, taken_back(), |_| ()).await.unwrap();
    write(engine, &tenant, &arrival.late, &arrival.batches, &mut stewards).await;
    stewards.withdraw().await;
    told(engine, &tenant).await
}

/// Stewards who rule as soon as they can.
pub struct Stewards<'a> {
    engine: &'a Engine,
    tenant: &'a Tenant,
    waiting: Vec<(&'a Ruled, bool)>,
    to_withdraw: Vec<onefold::domain::id::JudgementId>,
    /// Where the model changes meanwhile: so many profiles go over to the new one after each batch.
    pub portion: Option<u64>,
}

impl<'a> Stewards<'a> {
    pub fn new(engine: &'a Engine, tenant: &'a Tenant, arrival: &'a Arrival) -> Self {
        let kept = arrival.rulings.iter().map(|ruled| (ruled, true));
        let waiting = kept.chain(arrival.withdrawn.iter().map(|ruled| (ruled, false))).collect();
        Self { engine, tenant, waiting, to_withdraw: Vec::new(), portion: None }
    }

    /// Rules of what is there by now.
    pub async fn rule(&mut self) {
        if let Some(portion) = self.portion {
            step(&self.engine.lanes, self.engine.rulebook(self.tenant), portion).await.unwrap();
        }
        let records = records(self.engine, self.tenant).await;
        let rules = self.engine.rulebook(self.tenant);
        for (ruled, kept) in std::mem::take(&mut self.waiting) {
            let (Some(a), Some(b)) = (records.get(&ruled.a), records.get(&ruled.b)) else {
                self.waiting.push((ruled, kept));
                continue;
            };
            let (Some(a), Some(b)) = (a, b) else { continue };
            if a == b {
                continue;
            }
            let ruling = Ruling {
                verdict: ruled.verdict,
                a: [Subject::Record(*a)].into(),
                b: [Subject::Record(*b)].into(),
                reason: String::new(),
                actor: "test".into(),
            };
            let judged = judge(&self.engine.connection, rules, ruling).await.unwrap();
            if !kept {
                self.to_withdraw.push(judged.judgement.judgement_id);
            }
        }
    }

    pub async fn withdraw(self) {
        let rules = self.engine.rulebook(self.tenant);
        for id in self.to_withdraw {
            withdraw(&self.engine.connection, rules, id, "steward").await.unwrap();
        }
    }
}

/// The record of each event by its source's id; none where nobody is in it.
async fn records(engine: &Engine, tenant: &Tenant) -> BTreeMap<String, Option<RecordId>> {
    let rows = assignments_page(&engine.connection, tenant.id, None, ALL).await.unwrap().0;
    rows.into_iter().map(|row| (row.source_event_id, row.record_id)).collect()
}

/// The run that is taken back.
pub fn taken_back() -> RunId {
    RunId::from_uuid(Uuid::from_u128(1))
}

pub async fn write(engine: &Engine, tenant: &Tenant, events: &[Value], batches: &[usize], stewards: &mut Stewards<'_>) {
    let sources = sources::all(&engine.connection, tenant.id).await.unwrap();
    let ready = |event: &Value| {
        let gone = event["source_event_id"].as_str().unwrap().starts_with(GONE);
        let prepared = prepare(serde_json::from_value(event.clone()).unwrap(), &ID_KEY, &sources).unwrap();
        PreparedEvent { run: gone.then(taken_back), ..prepared }
    };
    // None, one that always forgets something, and one that holds everything: no difference must be seen.
    let mut memory = Memory::new([0, 1 << 16, 1 << 24][events.len() % 3]);
    let is_ahead = events.len().is_multiple_of(2);
    let mut events = events.iter().map(ready);
    let mut sizes = batches.iter().cycle();
    let batches = std::iter::from_fn(|| Some(events.by_ref().take(*sizes.next()?).collect::<Vec<_>>()));
    let batches = batches.take_while(|batch| !batch.is_empty());
    if is_ahead {
        return write_ahead(engine, tenant, memory, batches, stewards).await;
    }
    for batch in batches {
        ingest(&engine.connection, engine.rulebook(tenant), &mut memory, &batch).await.unwrap();
        stewards.rule().await;
    }
}

/// A batch is decided while the one before is written, and anew where a steward's ruling came in between.
async fn write_ahead(
    engine: &Engine,
    tenant: &Tenant,
    memory: Memory,
    batches: impl Iterator<Item = Vec<PreparedEvent>>,
    stewards: &mut Stewards<'_>,
) {
    let (reads, lanes) = (engine.connection.clone(), engine.lanes.clone());
    let (tenant, models) = (Arc::new(tenant.clone()), Arc::clone(&engine.models));
    let mut pipeline = Pipeline::new(reads, lanes, tenant, models, memory);
    let mut sent: Option<(Vec<PreparedEvent>, Underway)> = None;
    for batch in batches {
        let decided = pipeline.decide(&batch).await;
        if let Some((before, underway)) = sent.take() {
            settle(&mut pipeline, &before, underway.durable().await.map(drop)).await;
        }
        match decided {
            Ok(decided) => {
                let underway = pipeline.send(decided, None);
                sent = Some((batch, underway));
            }
            Err(error) => settle(&mut pipeline, &batch, Err(error)).await,
        }
        stewards.rule().await;
    }
    if let Some((before, underway)) = sent {
        settle(&mut pipeline, &before, underway.durable().await.map(drop)).await;
    }
    stewards.rule().await;
}

/// Writes a batch anew that was overtaken.
async fn settle(pipeline: &mut Pipeline, batch: &[PreparedEvent], written: Result<(), StoreError>) {
    match written {
        Ok(()) => {}
        Err(StoreError::Overtaken) => {
            pipeline.start_over();
            pipeline.write(batch).await.unwrap();
        }
        Err(error) => panic!("{error}"),
    }
}

pub async fn told(engine: &Engine, tenant: &Tenant) -> Outcome {
    let mut members: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for row in assignments_page(&engine.connection, tenant.id, None, ALL).await.unwrap().0 {
        members.entry(row.profile_id).or_default().insert(row.source_event_id);
    }
    held_is_what_records_say(engine, tenant).await;
    marks_are_what_events_say(engine, tenant).await;
    let whole = Include { provenance: true, alternatives: true };
    let mut golden: BTreeMap<_, String> = BTreeMap::new();
    for id in members.keys().flatten() {
        let view = by_id(&engine.connection, tenant.id, *id, whole).await.unwrap().unwrap();
        golden.insert(Some(*id), serde_json::to_string(&view.golden).unwrap());
    }
    members.into_iter().map(|(id, events)| (events, golden.get(&id).cloned().unwrap_or_default())).collect()
}

/// What stands in the profiles' rows is what their records sum up to; retired ones hold nothing.
async fn held_is_what_records_say(engine: &Engine, tenant: &Tenant) {
    let sql = "SELECT count(*) AS wrong FROM profiles p WHERE p.tenant_id = $1 AND (p.records, p.events, p.first_at, p.last_at) \
               <> (SELECT count(*), coalesce(sum(r.events), 0), coalesce(min(r.first_at), 0), coalesce(max(r.last_at), 0) \
               FROM records r WHERE r.tenant_id = $1 AND r.profile_id = p.id)";
    let backend = engine.connection.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, [tenant.id.into()]);
    let row = engine.connection.query_one_raw(statement).await.unwrap().unwrap();
    assert_eq!(row.try_get::<i64>("", "wrong").unwrap(), 0);
}

/// What stands in the records' rows is what the events that are left can be filtered by.
async fn marks_are_what_events_say(engine: &Engine, tenant: &Tenant) {
    let mut expected: BTreeMap<Uuid, Marks> = BTreeMap::new();
    for row in events::assignments(&engine.connection, tenant.id, Uuid::nil(), ALL).await.unwrap() {
        let Some(record) = row.record_id else { continue };
        *expected.entry(record).or_default() |=
            Marks::of(&serde_json::from_str(&row.body).unwrap(), RecordId::from_uuid(record));
    }
    let records = record::Entity::find().filter(record::Column::TenantId.eq(tenant.id));
    let records = records.all(&engine.connection).await.unwrap();
    let stored: BTreeMap<Uuid, i64> = records.iter().map(|row| (row.id, row.marks)).collect();
    assert_eq!(stored, expected.iter().map(|(id, marks)| (*id, marks.bits())).collect());
}

/// Who the engine says belongs together.
async fn people(engine: &Engine, tenant: &Tenant) -> People {
    let mut people: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for row in assignments_page(&engine.connection, tenant.id, None, ALL).await.unwrap().0 {
        if let Some(profile) = row.profile_id {
            people.entry(profile).or_default().insert(row.source_event_id);
        }
    }
    people.into_values().collect()
}

/// One event at a time, and after each of them the people are those of the reference.
async fn follows_the_reference(
    engine: &Engine,
    model: &Model,
    events: &[Value],
    rulings: &[Ruled],
) -> Result<(), TestCaseError> {
    let tenant = tenant(engine).await;
    let sources = sources::all(&engine.connection, tenant.id).await.unwrap();
    let arrival = Arrival {
        early: Vec::new(),
        late: Vec::new(),
        rulings: rulings.to_vec(),
        withdrawn: Vec::new(),
        batches: vec![1],
    };
    let mut stewards = Stewards::new(engine, &tenant, &arrival);
    for count in 1..=events.len() {
        write(engine, &tenant, &events[count - 1..count], &[1], &mut stewards).await;
        let expected = reference::people(&events[..count], rulings, model, &sources);
        prop_assert_eq!(people(engine, &tenant).await, expected, "after {} events", count);
    }
    Ok(())
}

#[test]
fn any_order_any_batches_replays_and_takebacks_give_the_same_people_and_golden_records() {
    check(&Model::default_model().unwrap(), 600);
}

#[test]
fn so_they_do_where_identifiers_are_often_shared_and_keys_and_components_over_their_caps() {
    let text = include_str!("../../src/domain/default_model.toml");
    let capped = text
        .replace("exact_cap = 200", "exact_cap = 3")
        .replace("fuzzy_cap = 50", "fuzzy_cap = 3")
        .replace("component_cap = 1000", "component_cap = 6")
        .replace("shared_names = 8", "shared_names = 2")
        .replace("shared_identifiers = 50", "shared_identifiers = 3");
    let model = Model::from_toml(&capped).unwrap();
    assert_eq!((model.blocking.exact_cap, model.blocking.fuzzy_cap, model.cluster.component_cap), (3, 3, 6));
    assert_eq!((model.cluster.shared_names, model.cluster.shared_identifiers), (2, 3));
    check(&model, 400);
}

/// Draws so many cases, or as many as the environment says, and resolves them by this model.
fn check(model: &Model, cases: u32) {
    let cases: u32 = std::env::var("ONEFOLD_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let model = model.clone();
            std::thread::spawn(move || draw(cases.div_ceil(THREADS), &model))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn draw(cases: u32, model: &Model) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::quick());
    let mut engine = runtime.block_on(Engine::open(&database.settings())).unwrap();
    engine.models = Arc::new(Models::new(model.clone()));
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let held = TestRunner::new(config).run(&histories(), |(stored, arrival)| {
        runtime.block_on(follows_the_reference(&engine, model, &stored, &arrival.rulings))?;
        let at_once = Arrival::at_once(stored, arrival.rulings.clone());
        let expected = runtime.block_on(outcome(&engine, &at_once));
        prop_assert_eq!(expected, runtime.block_on(outcome(&engine, &arrival)));
        Ok(())
    });
    held.unwrap();
}
