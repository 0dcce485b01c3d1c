//! Putting the values of an attribute in order, best first.

use super::witness::{Sighting, Trust, Witness};
use crate::domain::golden::{Given, Rule};
use borsh::{BorshDeserialize, BorshSerialize};
use jiff::Timestamp;
use std::{cmp::Reverse, collections::BTreeMap, iter};

/// What decides between values of equal worth.
#[derive(Clone, Copy)]
pub(super) enum Order {
    /// Most events of the recent past and of its best-trusted source, then the most recent.
    LatelyFrequent,
    /// Most events in all, then the most recent.
    Frequent,
    /// The most recent.
    Recent,
    /// The most recent too: the worth of an identifier is its assurance.
    Strongest,
}

/// A value that a contact gives.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub(super) struct Stated<K, V, W, P> {
    /// Its normal form. Values with equal ones are spellings of one value.
    pub key: K,
    /// How it is shown.
    pub value: V,
    /// What makes it better than other values, before all else.
    pub worth: W,
    /// What makes it the better spelling, before all else.
    pub polish: P,
}

impl<K, V, W: Copy, P: Copy> Stated<K, V, W, P> {
    /// The same without copies of key and value.
    pub fn borrowed(&self) -> Stated<&K, &V, W, P> {
        Stated { key: &self.key, value: &self.value, worth: self.worth, polish: self.polish }
    }
}

/// A value in its best spelling.
pub(super) struct Survivor<K, V, W> {
    pub key: K,
    pub value: V,
    /// The greatest of its spellings'.
    pub worth: W,
    pub provenance: Given,
}

/// One value, its spellings, and who vouches for it.
struct Variant<'w, 'a, V, W, P> {
    worth: W,
    spellings: Vec<Spelling<'w, 'a, V, P>>,
    witnesses: Vec<&'w Witness<'a>>,
}

struct Spelling<'w, 'a, V, P> {
    value: V,
    polish: P,
    witnesses: Vec<&'w Witness<'a>>,
}

/// How well sightings stand: greater is better.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Standing {
    tier: Option<Tier>,
    frequency: u64,
    last_at: Timestamp,
    trust: Trust,
}

/// Seen in the recent past or not, then the source's trust.
type Tier = (bool, Trust);

/// The values that the contacts give, best first; ties go by normal form.
pub(super) fn survivors<'w, 'a, K: Ord, V: PartialEq, W: Ord + Copy, P: Ord + Copy, I>(
    witnesses: &'w [Witness<'a>],
    order: Order,
    read: impl Fn(&'w Witness<'a>) -> I,
) -> Vec<Survivor<K, V, W>>
where
    I: IntoIterator<Item = Stated<K, V, W, P>>,
{
    let mut variants: Vec<_> = variants(witnesses, read).into_iter().collect();
    variants.sort_by_cached_key(|(_, variant)| Reverse((variant.worth, Standing::of(order, &variant.witnesses))));
    variants.into_iter().filter_map(|(key, variant)| variant.survivor(key, order)).collect()
}

fn variants<'w, 'a, K: Ord, V: PartialEq, W: Ord + Copy, P: Ord + Copy, I>(
    witnesses: &'w [Witness<'a>],
    read: impl Fn(&'w Witness<'a>) -> I,
) -> BTreeMap<K, Variant<'w, 'a, V, W, P>>
where
    I: IntoIterator<Item = Stated<K, V, W, P>>,
{
    let mut variants = BTreeMap::new();
    for witness in witnesses.iter().filter(|witness| !witness.sightings.is_empty()) {
        for Stated { key, value, worth, polish } in read(witness) {
            let variant =
                variants.entry(key).or_insert_with(|| Variant { worth, spellings: Vec::new(), witnesses: Vec::new() });
            variant.worth = variant.worth.max(worth);
            add(&mut variant.witnesses, witness);
            variant.spell(value, polish, witness);
        }
    }
    variants
}

impl<'w, 'a, V: PartialEq, W, P: Ord + Copy> Variant<'w, 'a, V, W, P> {
    fn spell(&mut self, value: V, polish: P, witness: &'w Witness<'a>) {
        if let Some(known) = self.spellings.iter_mut().find(|known| known.value == value) {
            known.polish = known.polish.max(polish);
            add(&mut known.witnesses, witness);
        } else {
            self.spellings.push(Spelling { value, polish, witnesses: vec![witness] });
        }
    }

    /// The value in its best spelling; of equal ones that of the first record.
    fn survivor<K>(self, key: K, order: Order) -> Option<Survivor<K, V, W>> {
        let best = self
            .spellings
            .into_iter()
            .min_by_key(|spelling| Reverse((spelling.polish, Standing::of(order, &spelling.witnesses))))?;
        let provenance = provenance(order, &best.witnesses, &self.witnesses)?;
        Some(Survivor { key, value: best.value, worth: self.worth, provenance })
    }
}

/// Adds a witness once: one record may spell a value in two ways.
fn add<'w, 'a>(witnesses: &mut Vec<&'w Witness<'a>>, witness: &'w Witness<'a>) {
    if !witnesses.last().is_some_and(|last| std::ptr::eq(*last, witness)) {
        witnesses.push(witness);
    }
}

/// Record and source are of the best sighting of the spelling; times and count are of the value in any spelling.
fn provenance(order: Order, spelling: &[&Witness<'_>], value: &[&Witness<'_>]) -> Option<Given> {
    let best =
        sightings(spelling).min_by_key(|sighting| Reverse(Standing::of_sightings(order, iter::once(*sighting))))?;
    Some(Given {
        record_id: best.record,
        source: best.source.to_owned(),
        first_at: sightings(value).map(|sighting| sighting.first_at).min()?,
        last_at: sightings(value).map(|sighting| sighting.last_at).max()?,
        count: sightings(value).map(|sighting| sighting.count).fold(0, u64::saturating_add),
        rule: order.rule(),
    })
}

fn sightings<'s, 'a>(witnesses: &'s [&'s Witness<'a>]) -> impl Iterator<Item = &'s Sighting<'a>> + Clone {
    witnesses.iter().flat_map(|witness| &witness.sightings)
}

impl Order {
    fn rule(self) -> Rule {
        match self {
            Self::LatelyFrequent | Self::Frequent => Rule::MostFrequent,
            Self::Recent => Rule::MostRecent,
            Self::Strongest => Rule::Strongest,
        }
    }
}

impl Standing {
    fn of(order: Order, witnesses: &[&Witness<'_>]) -> Self {
        Self::of_sightings(order, sightings(witnesses))
    }

    fn of_sightings<'s, 'a: 's>(order: Order, seen: impl Iterator<Item = &'s Sighting<'a>> + Clone) -> Self {
        let (last_at, trust) = seen.clone().map(|s| (s.last_at, s.trust)).max().unwrap_or_default();
        let (tier, frequency) = match order {
            Order::LatelyFrequent => lately(seen),
            Order::Frequent => (None, seen.map(|s| s.count).fold(0, u64::saturating_add)),
            Order::Recent | Order::Strongest => (None, 0),
        };
        Self { tier, frequency, last_at, trust }
    }
}

/// The best tier, and the number of events in it: recent ones, or where there are none all.
fn lately<'s, 'a: 's>(seen: impl Iterator<Item = &'s Sighting<'a>> + Clone) -> (Option<Tier>, u64) {
    let best = seen.clone().map(tier).max();
    let counts = seen.filter(|s| Some(tier(s)) == best).map(|s| if s.recent > 0 { s.recent } else { s.count });
    (best, counts.fold(0, u64::saturating_add))
}

fn tier(sighting: &Sighting<'_>) -> Tier {
    (sighting.recent > 0, sighting.trust)
}
