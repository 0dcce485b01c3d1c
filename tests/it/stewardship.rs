//! Whatever comes in and whatever stewards do, in any sequence: after each step everything holds that always holds, and what is
//! stored is what a computation over all of it makes anew. In the end the journal tells the same.
//!
//! `ONEFOLD_CASES=1000 cargo test --test it stewardship` draws 1,000 sequences, in a minute and a half on two cores.

use crate::{
    database::{ID_KEY, TestDatabase},
    order_free::{contact, tenant},
};
use onefold::{
    actions::{
        ingest::ingest,
        judge::{JudgeError, Ruling, judge, withdraw},
        memory::Memory,
        prepare::{PreparedEvent, prepare},
        redraw::{RedrawError, Redrawing, Wish, redraw},
        review::{self, Deciding, ReviewError},
        undo::undo_run,
    },
    domain::{
        choice::{Choice, Choices, EMAIL, told},
        cluster::Verdict,
        golden::{GoldenRecord, Include},
        id::{JudgementId, ProfileId, RecordId, ReviewId, RunId},
        judgement::{Judgement, choices},
        resolution::{Prepared, resolve_all},
        review::{Decision, ReviewKind, Subject as Reviewed},
        sharing::is_learnt,
        source::Sources,
        subject::Subject,
        survivorship::{Member, Statement, survive},
    },
    engine::Engine,
    reads::{
        everything::{self, Page},
        explain::explain_pair,
        exports::assignments_page,
        past::Past,
        profiles::by_id,
    },
    store::{entities::judgement, lane, records::StoredRecord, rulebook::Rulebook, sources, tenants::Tenant},
};
use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement as Sql};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// More than any case has of anything.
const ALL: u64 = 1_000;
/// Sequences are drawn by so many threads, each with a database of its own.
const THREADS: u32 = 2;
const WHOLE: Include = Include { provenance: true, alternatives: true };

/// Something that happens; what it happens to is picked among what is there.
#[derive(Clone, Debug)]
enum Step {
    /// An event comes in, to stay or to be taken back.
    Event(Value, bool),
    /// A steward rules of two records.
    Judge(Verdict, Index, Index),
    /// Merges two profiles, and may choose the name of the second.
    Merge(Index, Index, bool),
    /// Splits a record off.
    Split(Index, Index),
    /// Chooses a value.
    Choose(Index, Index),
    /// Decides a review.
    Decide(Index, Decision),
    /// Takes a decision back.
    Undecide(Index),
    /// Withdraws a judgement.
    Withdraw(Index),
    /// The events that were to be taken back are.
    TakeBack,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let index = || any::<Index>();
    let verdict = prop_oneof![Just(Verdict::Same), Just(Verdict::Different)];
    let decision = prop_oneof![Just(Decision::Same), Just(Decision::Different), Just(Decision::Dismiss)];
    let step = prop_oneof![
        8 => (contact(), prop::bool::weighted(0.2)).prop_map(|(contact, gone)| Step::Event(contact, gone)),
        2 => (verdict, index(), index()).prop_map(|(verdict, a, b)| Step::Judge(verdict, a, b)),
        2 => (index(), index(), any::<bool>()).prop_map(|(a, b, named)| Step::Merge(a, b, named)),
        2 => (index(), index()).prop_map(|(profile, record)| Step::Split(profile, record)),
        3 => (index(), index()).prop_map(|(profile, what)| Step::Choose(profile, what)),
        2 => (index(), decision).prop_map(|(review, decision)| Step::Decide(review, decision)),
        1 => index().prop_map(Step::Undecide),
        3 => index().prop_map(Step::Withdraw),
        1 => Just(Step::TakeBack),
    ];
    vec(step, 6..24)
}

/// A tenant, and what must not be forgotten of it.
struct World<'a> {
    engine: &'a Engine,
    tenant: Tenant,
    sources: Sources,
    memory: Memory,
    /// The events that are stored, and whether they are to be taken back.
    events: Vec<bool>,
    sent: usize,
    /// The last version of each id that was ever given.
    versions: BTreeMap<Uuid, i64>,
}

/// A row of `profiles`.
struct ProfileRow {
    id: Uuid,
    survivor: Option<Uuid>,
    version: i64,
    records: i64,
}

impl<'a> World<'a> {
    async fn of(engine: &'a Engine) -> Self {
        let tenant = tenant(engine).await;
        let sources = sources::all(&engine.connection, tenant.id).await.unwrap();
        let memory = Memory::new([0, 1 << 16, 1 << 24][tenant.id.unsigned_abs() as usize % 3]);
        Self { engine, tenant, sources, memory, events: Vec::new(), sent: 0, versions: BTreeMap::new() }
    }

    fn rules(&self) -> Rulebook<'_> {
        self.engine.rulebook(&self.tenant)
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Step::Event(contact, gone) => self.event(contact, *gone).await,
            Step::Judge(verdict, a, b) => self.judge(*verdict, a, b).await,
            Step::Merge(a, b, named) => self.merge(a, b, *named).await,
            Step::Split(profile, record) => self.split(profile, record).await,
            Step::Choose(profile, what) => self.choose(profile, what).await,
            Step::Decide(review, decision) => self.decide(review, *decision).await,
            Step::Undecide(review) => self.undecide(review).await,
            Step::Withdraw(judgement) => self.withdraw(judgement).await,
            Step::TakeBack => {
                undo_run(self.engine, &self.tenant, run(), |_| ()).await.unwrap();
                self.events.retain(|gone| !gone);
            }
        }
    }

    async fn event(&mut self, contact: &Value, gone: bool) {
        self.sent += 1;
        let event = json!({"source": (if self.sent.is_multiple_of(2) { "a" } else { "b" }),
            "source_event_id": self.sent.to_string(), "channel": "order", "contact": contact,
            "occurred_at": format!("2026-05-01T10:00:{:02}Z", 59 - self.sent % 60)});
        let prepared = prepare(serde_json::from_value(event).unwrap(), &ID_KEY, &self.sources).unwrap();
        let prepared = PreparedEvent { run: gone.then(run), ..prepared };
        let rules = self.engine.rulebook(&self.tenant);
        ingest(&self.engine.connection, rules, &mut self.memory, &[prepared]).await.unwrap();
        self.events.push(gone);
    }

    /// A record of Jane's, told from her others by its company.
    async fn jane(&mut self, contact: &Value, gone: bool) -> RecordId {
        let mut contact = contact.clone();
        contact["given_name"] = json!("Jane");
        contact["family_name"] = json!("Featherstone");
        contact["company"] = json!(format!("Mill {}", self.sent));
        self.record(&contact, gone).await
    }

    /// The record that an event gives for the first time.
    async fn record(&mut self, contact: &Value, gone: bool) -> RecordId {
        let before: BTreeSet<RecordId> = self.everything().await.records.iter().map(|record| record.id).collect();
        self.event(contact, gone).await;
        let records = self.everything().await.records;
        records.iter().map(|record| record.id).find(|id| !before.contains(id)).unwrap()
    }

    /// The profile of a record.
    async fn home(&self, record: RecordId) -> ProfileId {
        let records = self.everything().await.records;
        records.iter().find(|stored| stored.id == record).unwrap().profile
    }

    /// The profile that an id stands for.
    async fn living(&self, id: ProfileId) -> ProfileId {
        self.profiles().await[&id.uuid()].survivor.map_or(id, ProfileId::from_uuid)
    }

    async fn everything(&self) -> Page {
        everything::page(&self.engine.connection, self.tenant.id, None, ALL).await.unwrap().0
    }

    /// The living profiles, each with its records.
    async fn held(&self) -> Vec<(ProfileId, Vec<RecordId>)> {
        let mut held: BTreeMap<ProfileId, Vec<RecordId>> = BTreeMap::new();
        for record in self.everything().await.records {
            held.entry(record.profile).or_default().push(record.id);
        }
        held.into_iter().collect()
    }

    async fn judge(&self, verdict: Verdict, a: &Index, b: &Index) {
        let records = self.everything().await.records;
        if records.is_empty() {
            return;
        }
        let side = |index: &Index| [Subject::Record(index.get(&records).id)].into();
        let ruling = Ruling { verdict, a: side(a), b: side(b), reason: String::new(), actor: "test".into() };
        let judged = judge(&self.engine.connection, self.rules(), ruling).await;
        assert!(matches!(judged, Ok(_) | Err(JudgeError::NotTwoSets(_))), "{judged:?}");
    }

    async fn golden(&self, id: ProfileId) -> GoldenRecord {
        let view = by_id(&self.engine.connection, self.tenant.id, id, WHOLE).await.unwrap().unwrap();
        view.golden.read().unwrap()
    }

    async fn merge(&self, a: &Index, b: &Index, named: bool) {
        let held = self.held().await;
        if held.len() < 2 {
            return;
        }
        let (a, b) = (a.get(&held).0, b.get(&held).0);
        if a != b {
            let name = told(&self.golden(b).await, "/name").filter(|_| named);
            let values = name.map(|value| Choice { attribute: "/name".parse().unwrap(), value });
            self.redraw(Wish::Merge(vec![a, b], values.into_iter().collect())).await;
        }
    }

    async fn split(&self, profile: &Index, record: &Index) {
        let mut held = self.held().await;
        held.retain(|(_, records)| records.len() > 1);
        if let Some((id, records)) = (!held.is_empty()).then(|| profile.get(&held)) {
            self.redraw(Wish::Split(*id, vec![[*record.get(records)].into()])).await;
        }
    }

    async fn choose(&self, profile: &Index, what: &Index) {
        let held = self.held().await;
        let Some((id, _)) = (!held.is_empty()).then(|| profile.get(&held)) else { return };
        let golden = self.golden(*id).await;
        let last = golden.emails.last().map(|email| (EMAIL, json!(email.value)));
        let values = ["/company", "/name", "/attributes/size"].map(|it| (it, json!(format!("Mill {}", self.sent))));
        let values: Vec<(&str, Value)> = values.into_iter().chain(last).collect();
        let (attribute, value) = what.get(&values).clone();
        self.redraw(Wish::Choose(*id, Choice { attribute: attribute.parse().unwrap(), value })).await;
    }

    /// What a steward wants and what was ruled before may contradict each other.
    async fn redraw(&self, wish: Wish) {
        let redrawing = Redrawing { wish, reason: String::new(), actor: "test".into(), version: None, dry_run: false };
        let done = redraw(&self.engine.connection, self.rules(), redrawing.clone()).await;
        assert!(matches!(done, Ok(_) | Err(RedrawError::Contradiction)), "{redrawing:?}: {:?}", done.err());
    }

    async fn decide(&self, index: &Index, decision: Decision) {
        let open = self.reviews("state = 'open'").await;
        let Some((id, kind, ..)) = (!open.is_empty()).then(|| index.get(&open)) else { return };
        let decision = if kind.is_pair() { decision } else { Decision::Dismiss };
        let reviews = vec![ReviewId::from_uuid(*id)];
        let deciding = Deciding { reviews, decision, reason: String::new(), actor: "test".into() };
        review::decide(&self.engine.connection, self.rules(), &deciding).await.unwrap();
    }

    async fn undecide(&self, index: &Index) {
        let closed = self.reviews("state IN ('decided', 'dismissed')").await;
        let Some((id, ..)) = (!closed.is_empty()).then(|| index.get(&closed)) else { return };
        let undone = review::undo(&self.engine.connection, self.rules(), &[ReviewId::from_uuid(*id)], "test").await;
        assert!(matches!(undone, Ok(()) | Err(ReviewError::AlreadyDone)), "{undone:?}");
    }

    async fn withdraw(&self, index: &Index) {
        let rows = judgement::Entity::find()
            .filter(judgement::Column::TenantId.eq(self.tenant.id))
            .filter(judgement::Column::WithdrawnAt.is_null());
        let rows = rows.all(&self.engine.connection).await.unwrap();
        if let Some(row) = (!rows.is_empty()).then(|| index.get(&rows)) {
            let id = JudgementId::from_uuid(row.id);
            withdraw(&self.engine.connection, self.rules(), id, "test").await.unwrap();
        }
    }

    /// Id, kind and profiles, or what else they are about, of the reviews in some state.
    async fn reviews(&self, state: &str) -> Vec<(Uuid, ReviewKind, Uuid, Option<Uuid>)> {
        let sql = format!("SELECT id, kind, one, other FROM reviews WHERE tenant_id = $1 AND {state} ORDER BY id");
        let rows = self.query(&sql).await;
        let kind = |name: String| ReviewKind::ALL.into_iter().find(|kind| kind.name() == name).unwrap();
        let read = |row: &sea_orm::QueryResult| {
            let column = |name: &str| row.try_get("", name).unwrap();
            (column("id"), kind(row.try_get("", "kind").unwrap()), column("one"), row.try_get("", "other").unwrap())
        };
        rows.iter().map(read).collect()
    }

    async fn query(&self, sql: &str) -> Vec<sea_orm::QueryResult> {
        let backend = self.engine.connection.get_database_backend();
        let statement = Sql::from_sql_and_values(backend, sql, [self.tenant.id.into()]);
        self.engine.connection.query_all_raw(statement).await.unwrap()
    }

    async fn profiles(&self) -> BTreeMap<Uuid, ProfileRow> {
        let rows = self.query("SELECT id, survivor_id, version, records FROM profiles WHERE tenant_id = $1").await;
        let read = |row: &sea_orm::QueryResult| ProfileRow {
            id: row.try_get("", "id").unwrap(),
            survivor: row.try_get("", "survivor_id").unwrap(),
            version: row.try_get("", "version").unwrap(),
            records: row.try_get("", "records").unwrap(),
        };
        rows.iter().map(read).map(|row| (row.id, row)).collect()
    }

    /// All that always holds.
    async fn holds(&mut self) {
        let Page { records, judgements } = self.everything().await;
        let in_force: BTreeMap<_, Judgement> = judgements.into_iter().map(|it| (it.judgement_id, it)).collect();
        let judgements: Vec<Judgement> = in_force.into_values().collect();
        let suspended = self.people_are_those_of_all(&records, &judgements).await;
        are_ruled(&records, &judgements, &suspended);
        self.golden_records_are_made_of_all(&records, &judgements).await;
        self.ids_live(&records).await;
        let stored = assignments_page(&self.engine.connection, self.tenant.id, None, ALL).await.unwrap().0;
        assert_eq!(stored.len(), self.events.len(), "events are lost");
        if let [first, .., last] = records.as_slice() {
            self.is_explained(first, last).await;
        }
    }

    /// The partition is that of all records compared with all, and the reviews are those that it gives reasons for. Returns the
    /// judgements that are suspended.
    async fn people_are_those_of_all(&self, records: &[StoredRecord], judgements: &[Judgement]) -> BTreeSet<Uuid> {
        let mut nodes: BTreeMap<Uuid, Prepared> = BTreeMap::new();
        let mut node_of: BTreeMap<RecordId, Uuid> = BTreeMap::new();
        for record in records {
            let prepared = Prepared::of(&record.contact, &ID_KEY);
            node_of.insert(record.id, prepared.node.id);
            nodes.entry(prepared.node.id).or_insert(prepared);
        }
        let forms = i64::try_from(nodes.len()).unwrap();
        assert_eq!(lane::standing(&self.engine.connection, self.tenant.id).await.unwrap().forms, forms);
        let ids: Vec<Uuid> = nodes.keys().copied().collect();
        let prepared: Vec<&Prepared> = nodes.values().collect();
        let place = |record: &RecordId| ids.binary_search(node_of.get(record)?).ok();
        let rulings: Vec<_> = judgements.iter().filter_map(|judgement| judgement.over_nodes(place)).collect();
        let model = self.rules().model(&self.engine.connection).await.unwrap();
        let (dead, components) = resolve_all(&prepared, &rulings, &model, &self.sources.unique_namespaces());

        let holder: BTreeMap<Uuid, ProfileId> =
            records.iter().map(|record| (node_of[&record.id], record.profile)).collect();
        let mut by_profile: BTreeMap<ProfileId, BTreeSet<RecordId>> = BTreeMap::new();
        for record in records {
            by_profile.entry(record.profile).or_default().insert(record.id);
        }
        let (mut people, mut reasons) = (BTreeSet::new(), BTreeSet::new());
        for component in &components {
            let of_cluster = |cluster: usize| -> BTreeSet<Uuid> {
                let nodes = component.partition.clusters[cluster].nodes.iter();
                nodes.map(|local| ids[component.nodes[*local]]).collect()
            };
            let profile = |cluster: usize| holder[of_cluster(cluster).first().unwrap()];
            for cluster in 0..component.partition.clusters.len() {
                let nodes = of_cluster(cluster);
                let held = records.iter().filter(|record| nodes.contains(&node_of[&record.id]));
                people.insert(held.map(|record| record.id).collect::<BTreeSet<_>>());
            }
            let pairs = component.partition.possibles.iter();
            reasons.extend(pairs.filter_map(|it| Reviewed::pair(profile(it.a), profile(it.b), it.why)));
            let suspended = component.partition.suspended.iter().copied();
            reasons.extend(suspended.map(|id| Reviewed::Suspended(JudgementId::from_uuid(id))));
        }
        assert_eq!(by_profile.into_values().collect::<BTreeSet<_>>(), people, "{judgements:#?}");
        let keys = prepared.iter().flat_map(|prepared| &prepared.keys);
        let shared = keys.filter(|key| dead.contains_key(&key.hash) && is_learnt(**key));
        reasons.extend(shared.map(|key| Reviewed::Key(key.hash)));
        self.reviews_have_reasons(&reasons).await;
        components.iter().flat_map(|component| component.partition.suspended.iter().copied()).collect()
    }

    /// Each open review has its reason, each reason its review, and none speaks of a retired profile.
    async fn reviews_have_reasons(&self, reasons: &BTreeSet<Reviewed>) {
        let due: BTreeSet<Uuid> = reasons.iter().map(|reason| reason.review(&ID_KEY).uuid()).collect();
        let open = self.reviews("state = 'open'").await;
        let profiles = self.profiles().await;
        for (id, kind, one, other) in &open {
            assert!(*kind == ReviewKind::BigMerge || due.contains(id), "{kind:?} has no reason: {one} {other:?}");
            let spoken_of = [Some(*one), *other].into_iter().flatten();
            if kind.is_pair() || *kind == ReviewKind::BigMerge {
                assert!(spoken_of.into_iter().all(|id| profiles[&id].survivor.is_none()), "{kind:?} of a retired one");
            }
        }
        let seen = self.reviews("state IN ('open', 'dismissed')").await;
        let seen: BTreeSet<Uuid> = seen.into_iter().map(|review| review.0).collect();
        let missing: Vec<&Reviewed> =
            reasons.iter().filter(|reason| !seen.contains(&reason.review(&ID_KEY).uuid())).collect();
        assert!(missing.is_empty(), "no review for {missing:?}");
    }

    /// Each golden record is what its records give and what was chosen of them.
    async fn golden_records_are_made_of_all(&self, records: &[StoredRecord], judgements: &[Judgement]) {
        let place: BTreeMap<RecordId, ProfileId> = records.iter().map(|record| (record.id, record.profile)).collect();
        let mut chosen: BTreeMap<ProfileId, Vec<&Judgement>> = BTreeMap::new();
        for judgement in judgements {
            let counts = judgement.chosen().map(|chosen| {
                let mut counts: BTreeMap<ProfileId, (usize, RecordId)> = BTreeMap::new();
                for (record, profile) in chosen.records.iter().filter_map(|id| Some((*id, *place.get(id)?))) {
                    let (count, smallest) = counts.entry(profile).or_insert((0, record));
                    (*count, *smallest) = (*count + 1, record.min(*smallest));
                }
                counts
            });
            let most = |(profile, (count, smallest))| (std::cmp::Reverse(count), smallest, profile);
            if let Some((.., holder)) = counts.into_iter().flatten().map(most).min() {
                chosen.entry(holder).or_default().push(judgement);
            }
        }
        let policy = self.rules().model(&self.engine.connection).await.unwrap().survivorship;
        let profiles: BTreeSet<ProfileId> = place.values().copied().collect();
        for id in profiles {
            let held: Vec<&StoredRecord> = records.iter().filter(|record| record.profile == id).collect();
            let statements: Vec<Statement> = held.iter().map(|record| Statement::of(&record.contact)).collect();
            let members = held.iter().zip(&statements).map(|(record, statement)| Member {
                record: record.id,
                contact: &record.contact,
                statement,
                observations: &record.observations,
            });
            let members: Vec<Member<'_>> = members.collect();
            let choices: Choices = chosen.remove(&id).map(choices).unwrap_or_default();
            let expected = survive(&members, &choices, &self.sources, &policy);
            assert_eq!(self.golden(id).await, expected, "{choices:?}");
        }
    }

    /// An id that was given always resolves, in one step, and versions only grow.
    async fn ids_live(&mut self, records: &[StoredRecord]) {
        let profiles = self.profiles().await;
        let held: BTreeSet<Uuid> = records.iter().map(|record| record.profile.uuid()).collect();
        let full = profiles.values().filter(|profile| profile.records > 0).map(|profile| profile.id);
        assert_eq!(full.collect::<BTreeSet<_>>(), held);
        for (id, version) in &self.versions {
            assert!(profiles[id].version >= *version, "the version of {id} shrank");
        }
        for profile in profiles.values() {
            assert!(profile.survivor.is_none_or(|survivor| profiles[&survivor].survivor.is_none()));
            self.versions.insert(profile.id, profile.version);
        }
    }

    async fn is_explained(&self, a: &StoredRecord, b: &StoredRecord) {
        let both = [Subject::Record(a.id), Subject::Record(b.id)];
        let told = explain_pair(&self.engine.connection, self.rules(), both).await.unwrap().unwrap();
        assert_eq!(told.together, a.profile == b.profile);
    }

    /// The journal, replayed, tells what is stored.
    async fn replays(&self) {
        let (connection, tenant) = (&self.engine.connection, self.tenant.id);
        let policy = self.rules().model(connection).await.unwrap().survivorship;
        let past = Past { connection, tenant, sources: self.sources.clone(), policy };
        for id in self.versions.keys().map(|id| ProfileId::from_uuid(*id)) {
            let mut then = past.profile(id, i64::MAX, WHOLE).await.unwrap().unwrap();
            then.as_of = None;
            let now = by_id(connection, tenant, id, WHOLE).await.unwrap().unwrap();
            assert_eq!(serde_json::to_value(then).unwrap(), serde_json::to_value(now).unwrap());
            let held = past.records(id, i64::MAX, None, ALL).await.unwrap().unwrap().items;
            let held: BTreeSet<RecordId> = held.iter().map(|record| record.record_id).collect();
            let stored = self.everything().await.records;
            let living = self.profiles().await[&id.uuid()].survivor.map_or(id, ProfileId::from_uuid);
            let stored = stored.iter().filter(|record| record.profile == living);
            assert_eq!(held, stored.map(|record| record.id).collect());
        }
    }
}

/// Stewards' rulings apply: whom they hold apart is apart, and whom they join is one, unless that is contradicted.
fn are_ruled(records: &[StoredRecord], judgements: &[Judgement], suspended: &BTreeSet<Uuid>) {
    let known: BTreeMap<RecordId, &StoredRecord> = records.iter().map(|record| (record.id, record)).collect();
    for judgement in judgements {
        let Some(people) = judgement.people() else { continue };
        let find = |side: &[RecordId]| side.iter().filter_map(|id| known.get(id).copied()).collect::<Vec<_>>();
        let (a, b) = (find(&people.a), find(&people.b));
        match people.verdict {
            Verdict::Same if suspended.contains(&judgement.judgement_id.uuid()) => {}
            Verdict::Same => {
                let profiles: BTreeSet<ProfileId> = a.iter().chain(&b).map(|record| record.profile).collect();
                assert!(profiles.len() < 2, "joined and not one: {judgement:?}");
            }
            Verdict::Different => {
                let alike = |x: &StoredRecord, y: &StoredRecord| x.node != y.node && x.profile == y.profile;
                assert!(!a.iter().any(|x| b.iter().any(|y| alike(x, y))), "held apart and one: {judgement:?}");
            }
        }
    }
}

fn run() -> RunId {
    RunId::from_uuid(Uuid::from_u128(1))
}

#[test]
fn after_any_step_of_any_sequence_everything_holds_and_the_journal_tells_it() {
    let cases: u32 = std::env::var("ONEFOLD_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(100);
    let threads: Vec<_> = (0..THREADS).map(|_| std::thread::spawn(move || draw(cases.div_ceil(THREADS)))).collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[tokio::test]
async fn an_id_without_records_comes_back_to_where_it_was_sent_last() {
    let database = TestDatabase::quick().await;
    let engine = Engine::open(&database.settings()).await.unwrap();
    let mut world = World::of(&engine).await;
    let (mailbox, phone) = (json!({"emails": ["jane.featherstone@example.com"]}), json!({"phones": ["+442079460958"]}));
    let both = json!({"emails": mailbox["emails"], "phones": phone["phones"]});
    let [jane, emptied] = [world.jane(&mailbox, false).await, world.jane(&phone, true).await];
    assert_ne!(world.home(jane).await, world.home(emptied).await);
    let retired = world.home(emptied).await;
    let bridge = world.jane(&both, false).await;
    let mut stays = Vec::new();
    for _ in 0..4 {
        stays.push(world.jane(&mailbox, false).await);
    }
    let whole = world.home(jane).await;
    for record in [emptied, bridge, stays[3]] {
        assert_eq!(world.home(record).await, whole);
    }
    // The larger part keeps the id, and what was retired goes with its record to a new one.
    world.redraw(Wish::Split(whole, vec![[jane, emptied, bridge].into()])).await;
    let part = world.home(emptied).await;
    assert_eq!([world.home(jane).await, world.home(stays[0]).await, world.living(retired).await], [part, whole, part]);
    world.take(&Step::TakeBack).await;
    assert_eq!(world.living(retired).await, part);

    let other = json!({"given_name": "Otto", "family_name": "Brandt", "emails": ["otto@example.org"]});
    let other = world.record(&other, false).await;
    let other = world.home(other).await;
    world.redraw(Wish::Merge(vec![other, part], Vec::new())).await;
    assert_eq!(world.living(retired).await, other);
    let judgements = world.everything().await.judgements;
    // Ids go by time: the last one joins, too, as the split did those whom it left together.
    let joins = |judgement: &&Judgement| judgement.people().is_some_and(|people| people.verdict == Verdict::Same);
    let merge = judgements.iter().rfind(joins).unwrap().judgement_id;
    withdraw(&engine.connection, world.rules(), merge, "test").await.unwrap();
    assert_eq!(world.living(retired).await, part);
    world.holds().await;
    world.replays().await;
}

fn draw(cases: u32) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(TestDatabase::quick());
    let engine = runtime.block_on(Engine::open(&database.settings())).unwrap();
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let held = TestRunner::new(config).run(&steps(), |steps| {
        runtime.block_on(async {
            let mut world = World::of(&engine).await;
            for step in &steps {
                world.take(step).await;
                world.holds().await;
            }
            world.replays().await;
        });
        Ok(())
    });
    held.unwrap();
}
