//! Looks for the worst mistakes and has them explained.

use super::{
    pairing::best_pair,
    progress,
    shown::{FalseJoin, Listed, Miss, Mistakes, Pair, Side},
    truth::{Known, Name, Place, Truth},
    world::World,
};
use crate::{
    domain::{
        contact::Contact,
        evaluation::{
            Judged,
            mistakes::{self, false_joins, false_pairs_of, misses},
        },
        id::{ProfileId, RecordId},
        subject::Subject,
    },
    engine::Engine,
    reads::explain::explain_pair,
    store::{StoreError, records, tenants::Tenant},
};

/// How many mistakes to show, and how much of them.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// So many of each kind.
    pub show: usize,
    /// Whether with the contacts.
    pub contacts: bool,
}

/// A stored event with somebody in it.
#[derive(Clone, Copy)]
pub struct Stored<'a> {
    name: &'a Name,
    /// What is known of it.
    pub known: &'a Known,
    /// Its record.
    pub record: RecordId,
    /// The profile that holds it.
    pub profile: ProfileId,
}

/// What pairs are explained by.
struct Showing<'a> {
    engine: &'a Engine,
    tenant: &'a Tenant,
    world: &'a World,
    stored: &'a [Stored<'a>],
    wanted: Wanted,
}

/// Looks for the worst mistakes and explains them.
///
/// # Errors
/// What the database says.
pub async fn mistakes(
    engine: &Engine,
    tenant: &Tenant,
    world: &World,
    truth: &Truth,
    wanted: Wanted,
) -> Result<Mistakes, StoreError> {
    let stored: Vec<Stored<'_>> = truth.iter().filter_map(|(name, known)| stored(name, known)).collect();
    let rows = stored.iter().map(|event| Judged {
        predicted: event.profile,
        entity: &event.known.entity,
        link: &event.known.link,
    });
    let rows: Vec<Judged<ProfileId, &String>> = rows.collect();
    let (joined, missed) = (false_joins(&rows, wanted.show), misses(&rows, wanted.show));
    let bar = progress::bar(joined.worst.len() + missed.worst.len(), "explaining mistakes");
    let showing = Showing { engine, tenant, world, stored: &stored, wanted };
    let nobody = truth.values().filter(|known| known.place == Place::Nobody);
    let mut shown = Mistakes {
        nobody_false_pairs: false_pairs_of(nobody.map(|known| &known.entity)),
        false_joins: Listed::of(&joined),
        misses: Listed::of(&missed),
    };
    for join in joined.worst {
        shown.false_joins.worst.extend(showing.false_join(&join).await?);
        bar.inc(1);
    }
    for miss in missed.worst {
        shown.misses.worst.extend(showing.miss(&miss).await?);
        bar.inc(1);
    }
    Ok(shown)
}

fn stored<'a>(name: &'a Name, known: &'a Known) -> Option<Stored<'a>> {
    match known.place {
        Place::In(record, profile) => Some(Stored { name, known, record, profile }),
        Place::Missing | Place::Nobody => None,
    }
}

impl Showing<'_> {
    async fn false_join(&self, join: &mistakes::FalseJoin) -> Result<Option<FalseJoin>, StoreError> {
        let two = |x: &Stored<'_>, y: &Stored<'_>| x.known.entity != y.known.entity;
        let best = best_pair(self.world, self.stored, &join.rows, &join.rows, two);
        let Some(pair) = self.explain(best).await? else { return Ok(None) };
        Ok(Some(FalseJoin {
            profile_id: pair.a.profile_id,
            events: join.rows.len(),
            entities: join.entities,
            false_pairs: join.pairs,
            pair,
        }))
    }

    async fn miss(&self, miss: &mistakes::Miss) -> Result<Option<Miss>, StoreError> {
        let best = best_pair(self.world, self.stored, &miss.a, &miss.b, |x, y| x.known.link == y.known.link);
        let Some(pair) = self.explain(best).await? else { return Ok(None) };
        Ok(Some(Miss {
            entity_id: pair.a.entity_id.clone(),
            events: [miss.a.len(), miss.b.len()],
            missed_pairs: miss.pairs,
            pair,
        }))
    }

    /// None where a record has gone meanwhile.
    async fn explain(&self, pair: Option<(usize, usize)>) -> Result<Option<Pair>, StoreError> {
        let Some((a, b)) = pair.map(|(a, b)| (&self.stored[a], &self.stored[b])) else { return Ok(None) };
        let subjects = [Subject::Record(a.record), Subject::Record(b.record)];
        let explained = explain_pair(&self.engine.connection, self.engine.rulebook(self.tenant), subjects).await?;
        let Some(explanation) = explained else { return Ok(None) };
        Ok(Some(Pair { a: self.side(a).await?, b: self.side(b).await?, explanation }))
    }

    async fn side(&self, of: &Stored<'_>) -> Result<Side, StoreError> {
        let alike = |event: &&Stored<'_>| event.record == of.record && event.known.entity == of.known.entity;
        Ok(Side {
            record_id: of.record,
            profile_id: of.profile,
            entity_id: of.known.entity.clone(),
            events: self.stored.iter().filter(alike).map(|event| event.name.clone()).collect(),
            contact: if self.wanted.contacts { self.contact(of.record).await? } else { None },
        })
    }

    async fn contact(&self, record: RecordId) -> Result<Option<Contact>, StoreError> {
        let found = records::find(&self.engine.connection, self.tenant.id, vec![record.uuid()]).await?;
        Ok(found.into_iter().next().map(|record| record.contact))
    }
}
