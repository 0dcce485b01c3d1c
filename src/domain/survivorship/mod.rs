//! Survivorship: which of the values that a person's records give make the golden record.
//!
//! The result is a function of the set of members and observations alone: records are put in the order of their ids and
//! observations in that of their sources before anything is compared, and no clock is read. What stewards chose comes before
//! all that records give. "Recent" is relative to the
//! profile's newest observation. A record that no source has observed says nothing.

mod identifiers;
mod names;
mod notes;
mod policy;
mod ranking;
mod single;
mod statement;
#[cfg(test)]
mod tests;
mod traits;
mod witness;

pub use identifiers::{same_mailbox, same_number};
pub use policy::{Policy, Preference};
pub use statement::Statement;

use super::{
    choice::Choices, contact::Contact, golden::GoldenRecord, id::RecordId, marks::Marks, record::Observation,
    source::Sources,
};
use jiff::Timestamp;
use notes::Notes;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A record of a profile, with what each source saw of it.
#[derive(Clone, Copy, Debug)]
pub struct Member<'a> {
    /// The record's id.
    pub record: RecordId,
    /// What was given; assurances and phone regions filled in.
    pub contact: &'a Contact,
    /// The same, read.
    pub statement: &'a Statement,
    /// One for each source, in any order.
    pub observations: &'a [Observation],
}

/// The golden record of a profile's members, given what stewards chose.
#[must_use]
pub fn survive(members: &[Member<'_>], choices: &Choices, sources: &Sources, policy: &Policy) -> GoldenRecord {
    let seen = &witness::witnesses(members, sources, policy);
    let mut notes = Notes::new(choices);
    let names = names::choose(seen, policy.names, &mut notes);
    GoldenRecord {
        name: names.name,
        given_name: names.given_name,
        family_name: names.family_name,
        emails: identifiers::emails(seen, &mut notes),
        phones: identifiers::phones(seen, &mut notes),
        handles: identifiers::handles(seen, &mut notes),
        external_ids: identifiers::external_ids(seen, &mut notes),
        birth_date: single::birth_date(seen, policy.birth_date, &mut notes),
        addresses: single::addresses(seen, policy.address, &mut notes),
        company: single::text(seen, policy.company, "/company", |c| c.company.as_deref(), &mut notes),
        job_title: single::text(seen, policy.job_title, "/job_title", |c| c.job_title.as_deref(), &mut notes),
        language: single::text(seen, policy.language, "/language", |c| c.language.as_deref(), &mut notes),
        attributes: single::attributes(seen, policy.attributes, &mut notes),
        traits: traits::traits(members, &mut notes),
        consent: traits::consent(members, &mut notes),
        chosen: notes.chosen,
        provenance: notes.provenance,
        alternatives: notes.alternatives,
    }
}

/// The golden record of a contact by itself: what of it can be read, and how it is spelled.
#[must_use]
pub fn alone(contact: &Contact) -> GoldenRecord {
    let once = Observation {
        source: String::new(),
        first_at: Timestamp::UNIX_EPOCH,
        last_at: Timestamp::UNIX_EPOCH,
        count: 1,
        marks: Marks::default(),
        traits: BTreeMap::new(),
        consent: BTreeMap::new(),
    };
    let (record, statement) = (RecordId::from_uuid(Uuid::nil()), Statement::of(contact));
    let member = Member { record, contact, statement: &statement, observations: &[once] };
    survive(&[member], &Choices::new(), &Sources::default(), &Policy::default()).apart().0
}
