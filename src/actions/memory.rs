//! What a writer remembers of a tenant from one of its commits to the next, so that it need not load it again.
//!
//! A memory is good for the state that its own last commit left. Whoever else writes moves the lane's generation on: then
//! all is forgotten but what follows from a contact alone, which a record's id stands for and which therefore never changes.

mod dead;
mod index;
mod keep;
mod keys;
mod packed;
mod share;
mod warm;
mod young;

pub use index::KeyIndex;

use crate::{
    domain::{
        id::{EventId, ProfileId, RecordId},
        keyed_hash::IdKey,
        parallel,
        resolution::Prepared,
        review::Reason,
        source::Sources,
        survivorship::Statement,
    },
    store::{StoreError, lane::Lane, profiles::StoredProfile, records::StoredRecord, sources},
};
use dead::Dead;
use keys::read_index;
use packed::{Packed, component_of, pack, unpack_profile, unpack_record, unpacked};
use quick_cache::unsync::Cache;
use rustc_hash::FxHashSet;
use share::{Bytes, FORMS, LISTS, PROFILES, RECORDS, STATEMENTS};
use std::sync::Arc;
use uuid::Uuid;
use warm::{Kept, Warm};
use young::Young;

/// A key with the node that has it, in the index.
const KEY: usize = 16;
/// Dead keys may take one of so many bytes.
const PART_OF_DEAD: usize = 16;
/// So many keys a normal form has, as far as may be said beforehand.
const KEYS_OF_A_FORM: usize = 12;

/// What is remembered of one tenant.
pub struct Memory {
    /// The lane's generation that our last commit left; none while a batch is under way, or after one that failed.
    generation: Option<i64>,
    /// All keys of the tenant and who has them, as long as they fit; only where all dead keys are known.
    index: Option<KeyIndex>,
    dead: Dead,
    /// How many bytes there are for all of it.
    bytes: usize,
    /// How many of them the index may take.
    budget: usize,
    /// Whether an index that is not there may be read from the tables.
    reads_index: bool,
    sources: Option<Arc<Sources>>,
    /// Whether no judgement is in force.
    unjudged: bool,
    forms: Cache<RecordId, Packed, Bytes>,
    statements: Cache<RecordId, Packed, Bytes>,
    records: Cache<RecordId, Packed, Bytes>,
    profiles: Cache<ProfileId, Packed, Bytes>,
    /// By profile all its records.
    members: Cache<ProfileId, Arc<[RecordId]>, Bytes>,
    /// By their name components, each whole.
    components: Cache<Uuid, Arc<Together>, Bytes>,
    young: Young,
    warm: Warm,
}

/// A profile and all its records, as they are remembered.
struct PackedWhole {
    id: ProfileId,
    profile: Packed,
    records: Vec<(RecordId, Kept<StoredRecord>)>,
}

/// A profile and all its records.
pub struct Whole {
    /// The profile.
    pub profile: Arc<StoredProfile>,
    /// Its records.
    pub records: Vec<Arc<StoredRecord>>,
}

/// A component as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Together {
    /// All its living profiles.
    pub profiles: Vec<ProfileId>,
    /// All reasons to look at two of them: what their reviews say that are open or dismissed.
    pub reasons: Vec<Reason>,
}

/// What is remembered of components.
#[derive(Default)]
pub struct Recalled {
    /// Their living profiles, each once.
    pub wholes: Vec<Whole>,
    /// All reasons to look at two of those.
    pub reasons: Vec<Reason>,
    /// Profiles of whose components not all is here.
    pub missing: Vec<ProfileId>,
}

impl Memory {
    /// A memory of about so many bytes that begins empty.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        // About as much as all keys take of the nodes that the rest has room for.
        let budget = bytes / 8 * 3;
        let rest = bytes - budget;
        Self {
            generation: None,
            index: None,
            dead: Dead::Asked(0),
            bytes,
            budget,
            reads_index: false,
            sources: None,
            unjudged: false,
            forms: FORMS.cache(rest),
            statements: STATEMENTS.cache(rest),
            records: RECORDS.cache(rest),
            profiles: PROFILES.cache(rest),
            members: LISTS.cache(rest),
            components: LISTS.cache(rest),
            young: Young::default(),
            warm: Warm::default(),
        }
    }

    /// One that remembers nothing: for what happens now and then.
    #[must_use]
    pub fn none() -> Self {
        Self::new(0)
    }

    /// One for a large load: keys that are stored already are read into the index once, where they fit.
    #[must_use]
    pub fn for_load(bytes: usize) -> Self {
        Self { reads_index: true, ..Self::new(bytes) }
    }

    /// Begins a batch in the lane: forgets what others may have changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin(&mut self, lane: &mut Lane) -> Result<(), StoreError> {
        if self.generation.take() == Some(lane.mark.generation) {
            return self.shrink(lane).await;
        }
        self.records.clear();
        self.profiles.clear();
        self.members.clear();
        self.components.clear();
        self.young = Young::default();
        self.warm = Warm::default();
        self.unjudged = false;
        self.dead = Dead::Asked(0);
        self.index = None;
        // While the model changes keys come back to life that too many held, of which an index knows no holders.
        if !lane.mark.changing && self.budget > 0 {
            self.begin_index(lane).await?;
        }
        self.make_room();
        Ok(())
    }

    /// Begins with an index where nothing is stored, or where what is stored fits and is to be read.
    async fn begin_index(&mut self, lane: &Lane) -> Result<(), StoreError> {
        let forms = usize::try_from(lane.mark.forms).unwrap_or(usize::MAX);
        if forms == 0 {
            self.dead = Dead::none();
            self.index = Some(KeyIndex::default());
        } else if std::mem::take(&mut self.reads_index) && forms.saturating_mul(KEYS_OF_A_FORM * KEY) < self.budget {
            self.dead = Dead::read(lane, &self.young, self.most_of_dead()).await?;
            if self.dead.all().is_some() {
                self.index = Some(read_index(lane).await?);
            }
        }
        Ok(())
    }

    /// Gives up what takes too much. What it alone knows must be in the tables then.
    async fn shrink(&mut self, lane: &mut Lane) -> Result<(), StoreError> {
        let too_many_dead = self.dead.bytes() > self.most_of_dead();
        if too_many_dead || self.index.as_ref().is_some_and(|index| index.bytes() > self.budget) {
            lane.hold().await?;
            self.index = None;
        }
        if too_many_dead {
            self.dead = Dead::TooMany;
        }
        self.make_room();
        Ok(())
    }

    /// How many bytes dead keys may take.
    const fn most_of_dead(&self) -> usize {
        self.bytes / PART_OF_DEAD
    }

    /// What keys do not take is left to the rest.
    fn make_room(&mut self) {
        let index = self.index.as_ref().map_or(0, KeyIndex::bytes).min(self.budget);
        let left = self.bytes - index - self.dead.bytes().min(self.most_of_dead());
        self.forms.set_capacity(FORMS.of(left));
        self.statements.set_capacity(STATEMENTS.of(left));
        self.records.set_capacity(RECORDS.of(left));
        self.profiles.set_capacity(PROFILES.of(left));
        self.members.set_capacity(LISTS.of(left));
        self.components.set_capacity(LISTS.of(left));
    }

    /// The tenant's sources.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sources(&mut self, lane: &Lane) -> Result<Arc<Sources>, StoreError> {
        if let Some(known) = self.sources.as_ref().filter(|known| known.version() == lane.mark.sources) {
            return Ok(Arc::clone(known));
        }
        let sources = Arc::new(sources::all(lane, lane.tenant).await?);
        self.sources = Some(Arc::clone(&sources));
        Ok(sources)
    }

    /// What was remembered during the batch holds: the lane was committed.
    pub fn committed(&mut self, generation: i64) {
        self.young = Young::default();
        self.generation = Some(generation);
    }

    /// What was remembered during the batch, of these events, holds once the lane is committed, which is under way.
    pub fn await_commit(&mut self, generation: i64, events: impl Iterator<Item = EventId>) {
        self.young.events = events.collect();
        self.generation = Some(generation);
    }

    /// The batch brings no news: what was remembered holds on.
    pub const fn keep_on(&mut self, generation: i64) {
        self.generation = Some(generation);
    }

    /// What was remembered holds no more.
    pub const fn forget(&mut self) {
        self.generation = None;
    }

    /// Whether one of these events is of the batch that is being written.
    pub fn awaits(&self, mut events: impl Iterator<Item = EventId>) -> bool {
        events.any(|event| self.young.events.contains(&event))
    }

    /// The next batch is about to be remembered: the last one is committed by now.
    pub fn turn_over(&mut self) {
        self.young = Young::default();
    }

    /// Whether it is known that no judgement is in force.
    #[must_use]
    pub const fn is_unjudged(&self) -> bool {
        self.unjudged
    }

    /// Notes whether no judgement is in force.
    pub const fn note_unjudged(&mut self, unjudged: bool) {
        self.unjudged = unjudged;
    }

    /// The prepared forms of these records, as far as they are here.
    #[must_use]
    pub fn forms(&self, ids: &[RecordId]) -> Vec<Option<Arc<Prepared>>> {
        parallel::map(&self.kept_forms(ids.iter()), |kept| kept.as_ref()?.get(unpacked))
    }

    /// The prepared forms of these records; those that are not here are made anew.
    #[must_use]
    pub fn forms_of(&self, records: &[Arc<StoredRecord>], id_key: &IdKey) -> Vec<Arc<Prepared>> {
        let kept = self.kept_forms(records.iter().map(|record| &record.id));
        let known: Vec<_> = records.iter().zip(kept).collect();
        parallel::map(&known, |(record, kept)| {
            let remembered = kept.as_ref().and_then(|kept| kept.get(unpacked));
            remembered.unwrap_or_else(|| Arc::new(Prepared::of(&record.contact, id_key)))
        })
    }

    fn kept_forms<'a>(&self, ids: impl Iterator<Item = &'a RecordId>) -> Vec<Option<Kept<Prepared>>> {
        ids.map(|id| Kept::of(self.warm.forms.get(id), || self.forms.get(id).map(Arc::clone))).collect()
    }

    /// What records state.
    pub fn statements(&mut self, records: &[&StoredRecord]) -> Vec<Arc<Statement>> {
        let packed = |id| self.statements.get(id).map(Arc::clone);
        let kept = |id| Kept::of(self.warm.statements.get(id), || packed(id));
        let known: Vec<_> = records.iter().map(|record| (*record, kept(&record.id))).collect();
        let stated = parallel::map(&known, |(record, kept)| {
            if let Some(known) = kept.as_ref().and_then(|kept| kept.get(unpacked)) {
                return (known, None);
            }
            let statement = Statement::of(&record.contact);
            let packed = pack(&statement);
            (Arc::new(statement), packed)
        });
        let keep = |(record, (statement, packed)): (&&StoredRecord, (Arc<Statement>, Option<Packed>))| {
            if let Some(packed) = packed {
                self.statements.insert(record.id, packed);
            }
            self.warm.keep_statement(records.len(), record.id, &statement);
            statement
        };
        records.iter().zip(stated).map(keep).collect()
    }

    /// These records, as far as they are here.
    #[must_use]
    pub fn records(&self, ids: &[RecordId]) -> Vec<Option<Arc<StoredRecord>>> {
        let kept: Vec<_> = ids.iter().map(|id| (*id, self.kept_record(*id))).collect();
        parallel::map(&kept, |(id, kept)| kept.as_ref()?.get(|packed| unpack_record(*id, packed)))
    }

    fn kept_record(&self, id: RecordId) -> Option<Kept<StoredRecord>> {
        let packed = || self.young.records.get(&id).or_else(|| self.records.get(&id)).map(Arc::clone);
        Kept::of(self.warm.records.get(&id), packed)
    }

    /// Profiles, each with all its records, as far as all of that is here.
    #[must_use]
    pub fn wholes(&self, ids: &[ProfileId]) -> Vec<Option<Whole>> {
        let packed: Vec<Option<PackedWhole>> = ids.iter().map(|id| self.packed_whole(*id)).collect();
        parallel::map(&packed, |packed| packed.as_ref()?.unpack())
    }

    /// The components of these profiles.
    #[must_use]
    pub fn components(&self, of: impl IntoIterator<Item = ProfileId>) -> Recalled {
        let (mut here, mut recalled, mut seen) = (Vec::new(), Recalled::default(), FxHashSet::default());
        for profile in of {
            match self.packed_profile(profile).and_then(|packed| component_of(packed)) {
                Some(component) if !seen.insert(component) => {}
                Some(component) => match self.packed_component(component) {
                    Some((wholes, reasons)) => {
                        here.extend(wholes);
                        recalled.reasons.extend(reasons);
                    }
                    None => recalled.missing.push(profile),
                },
                None => recalled.missing.push(profile),
            }
        }
        for whole in parallel::map(&here, |packed| packed.unpack().ok_or(packed.id)) {
            match whole {
                Ok(whole) => recalled.wholes.push(whole),
                Err(id) => recalled.missing.push(id),
            }
        }
        recalled
    }

    fn packed_component(&self, component: Uuid) -> Option<(Vec<PackedWhole>, &[Reason])> {
        let together = self.young.components.get(&component).or_else(|| self.components.get(&component))?;
        let wholes = together.profiles.iter().map(|profile| self.packed_whole(*profile)).collect::<Option<_>>()?;
        Some((wholes, &together.reasons))
    }

    fn packed_whole(&self, id: ProfileId) -> Option<PackedWhole> {
        let profile = Arc::clone(self.packed_profile(id)?);
        let members = self.young.members.get(&id).or_else(|| self.members.get(&id))?;
        let record = |record: &RecordId| Some((*record, self.kept_record(*record)?));
        Some(PackedWhole { id, profile, records: members.iter().map(record).collect::<Option<_>>()? })
    }

    fn packed_profile(&self, id: ProfileId) -> Option<&Packed> {
        self.young.profiles.get(&id).or_else(|| self.profiles.get(&id))
    }
}

impl PackedWhole {
    fn unpack(&self) -> Option<Whole> {
        let profile = unpack_profile(self.id, &self.profile)?;
        let record = |(id, kept): &(RecordId, Kept<StoredRecord>)| kept.get(|packed| unpack_record(*id, packed));
        let records = self.records.iter().map(record).collect::<Option<_>>()?;
        Some(Whole { profile, records })
    }
}
