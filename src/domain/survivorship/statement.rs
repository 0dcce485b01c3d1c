//! What a contact states, read once: reading names and numbers takes far longer than choosing among them, and a record is
//! chosen from each time anything happens to its profile.

use super::{
    identifiers::{self, Emails, Pairs, Phones},
    names::{self, StatedNames},
};
use crate::domain::contact::Contact;
use borsh::{BorshDeserialize, BorshSerialize};

/// The usable names and identifiers of a contact.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug)]
pub struct Statement {
    pub(super) names: Option<StatedNames>,
    pub(super) emails: Emails,
    pub(super) phones: Phones,
    pub(super) handles: Pairs,
    pub(super) external_ids: Pairs,
}

impl Statement {
    /// Reads a contact whose assurances and phone regions are filled in.
    #[must_use]
    pub fn of(contact: &Contact) -> Self {
        Self {
            names: names::stated(contact),
            emails: identifiers::stated_emails(contact),
            phones: identifiers::stated_phones(contact),
            handles: identifiers::stated_handles(contact),
            external_ids: identifiers::stated_external_ids(contact),
        }
    }
}
