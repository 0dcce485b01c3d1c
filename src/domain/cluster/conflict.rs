//! What says that two clusters are two people, whatever else they have in common.

use super::{
    Apart,
    forming::{Forming, Whole},
};
use crate::domain::{
    compare::{
        Features, Level,
        address::address,
        birth_date::birth_date,
        identifier::{email, external_id, handle, national_id, phone},
        name::{self, NameLevels},
    },
    model::Model,
    normalize::{birth_date::BirthDate, external_id::NormalExternalId, name::Name},
};
use std::collections::BTreeSet;

/// What is asked of two names, given how they stand to each other, in bits.
pub(super) type Bits = fn(&NameLevels, (&Name, &Name), &Model) -> f64;

impl Forming<'_> {
    /// Why two clusters are two people for certain; none where nothing says so.
    pub(super) fn conflict(&self, a: usize, b: usize) -> Option<Apart> {
        let (x, y) = (&self.wholes[a], &self.wholes[b]);
        if x.is_ruled_apart(y) {
            Some(Apart::Judged)
        } else if self.names_conflict(x, y) || self.next_owners(x, y) {
            Some(Apart::Names)
        } else if born_generations_apart(&x.features, &y.features) {
            Some(Apart::BirthDates)
        } else if ids_contradict(&x.features.external_ids, &y.features.external_ids, self.unique) {
            Some(Apart::UniqueIds)
        } else {
            None
        }
    }

    /// How many more pairs of names, one of each cluster, agree than disagree: below zero they speak for two people. Counted,
    /// so that a single name in full does not outvote many others. Where there are given names in full these alone count: an
    /// initial or a familiar form fits two people of a household, and makes them no one person.
    pub(super) fn names_agree(&self, x: &Whole, y: &Whole, bits: Bits) -> i64 {
        let (mut full, mut partial) = (None, 0);
        for (name, count) in &x.names {
            for (other, other_count) in &y.names {
                let times = i64::try_from(count * other_count).unwrap_or(i64::MAX);
                let (levels, names) = (self.name_levels(*name, *other), self.pair(*name, *other));
                let agreement = bits(&levels, names, self.model);
                let vote = match agreement.total_cmp(&0.0) {
                    _ if agreement == 0.0 => 0,
                    std::cmp::Ordering::Greater => times,
                    _ => -times,
                };
                if name::are_full(names.0, names.1, &levels) {
                    full = Some(full.unwrap_or(0) + vote);
                } else {
                    partial += vote;
                }
            }
        }
        full.unwrap_or(partial)
    }

    /// Another family name beside a telephone alone, where something of their own differs: the number's next owner, or a
    /// colleague on one line, who happens to have the given name. Who takes a new name keeps a mailbox or an account.
    fn next_owners(&self, x: &Whole, y: &Whole) -> bool {
        let (a, b) = (&x.features, &y.features);
        let in_full: Bits = |levels, _, model| levels.agreement_in_full(model);
        // The names first: comparing all that two large clusters have is dear.
        if self.names_agree(x, y, in_full) >= 0 || !phone(a, b).places() {
            return false;
        }
        let kept = [email(a, b), handle(a, b), external_id(a, b)];
        let differs = kept.contains(&Level::Else) || birth_date(a, b) == Level::Else;
        differs && !kept.into_iter().any(Level::places)
    }

    /// Names most pairs of which disagree: a household shares phone, address and family name, and that never makes two people
    /// one. What a household does not share speaks against that reading: a national id, or a birth date together with an
    /// identifier. Twins share a birth date and a phone, but no id; and both their names are known ones.
    fn names_conflict(&self, x: &Whole, y: &Whole) -> bool {
        let agree = |bits: Bits| self.names_agree(x, y, bits) >= 0;
        if agree(|levels, _, model| levels.agreement(model)) {
            return false;
        }
        if !agree(|levels, _, model| levels.suffix_agreement(model)) {
            return true;
        }
        let (a, b) = (&x.features, &y.features);
        let (born, home) = (birth_date(a, b), address(a, b));
        let born_alike = matches!(born, Level::Exact | Level::Swapped | Level::OneEdit);
        let same_house = matches!(home.street, Level::Exact | Level::Close);
        let same_street = home.street == Level::OtherHouse && home.postal_code == Level::Exact;
        match national_id(a, b) {
            Level::Exact => {
                return !(born_alike
                    || same_house
                    || same_street
                    || agree(|levels, _, model| levels.family_agreement(model)));
            }
            Level::OneEdit
                if born_alike || (same_house && agree(|levels, _, model| levels.family_agreement(model))) =>
            {
                return false;
            }
            _ if born_alike && external_id(a, b).is_exact() => return false,
            _ => {}
        }
        // Twins have something of their own, be it a mailbox.
        let theirs = [email(a, b), phone(a, b), handle(a, b)];
        let nothing_differs = theirs.into_iter().all(|level| level == Level::Null || level.is_exact());
        let one_home = same_house && home.postal_code == Level::Exact;
        let shared = theirs.into_iter().any(Level::is_exact) || one_home;
        !(born == Level::Exact && shared && nothing_differs && agree(NameLevels::lenient_agreement))
    }
}

/// Father and son of one name in one house: all birth dates of the one lie so many years from all of the other that one of
/// them is not mistyped but another's, and nothing else tells that they are one.
fn born_generations_apart(a: &Features, b: &Features) -> bool {
    const GENERATION: u16 = 15;
    let apart = |x: &BirthDate, y: &BirthDate| match (x, y) {
        (BirthDate::Date { year, .. }, BirthDate::Date { year: other, .. }) => year.abs_diff(*other) >= GENERATION,
        _ => false,
    };
    let far = a.birth_dates.iter().all(|x| b.birth_dates.iter().all(|y| apart(x, y)));
    if birth_date(a, b) != Level::Else || !far || !matches!(address(a, b).street, Level::Exact | Level::Close) {
        return false;
    }
    ![email(a, b), handle(a, b), external_id(a, b)].into_iter().any(Level::is_exact)
}

/// Ids of one kind of which a person has one, and none of them in common.
fn ids_contradict(xs: &[NormalExternalId], ys: &[NormalExternalId], unique: &BTreeSet<String>) -> bool {
    unique.iter().any(|namespace| {
        let of_kind = |id: &&NormalExternalId| id.namespace == *namespace;
        let mut one = xs.iter().filter(of_kind).peekable();
        let has = |value: &str| ys.iter().filter(of_kind).any(|id| id.value == value);
        one.peek().is_some() && ys.iter().any(|id| of_kind(&id)) && !one.any(|id| has(&id.value))
    })
}
