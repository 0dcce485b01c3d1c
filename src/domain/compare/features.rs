//! What comparisons look at: the values of one contact, or of a whole cluster taken together.

use crate::domain::{
    contact::Assurance,
    normalize::{
        address::NormalAddress,
        birth_date::BirthDate,
        email::NormalEmail,
        external_id::NormalExternalId,
        form::NormalForm,
        handle::NormalHandle,
        name::Name,
        phone::{MisdialledPhone, NormalPhone},
    },
};
use borsh::{BorshDeserialize, BorshSerialize};

/// The values of one contact, or the union over the contacts of a cluster.
#[derive(BorshDeserialize, BorshSerialize, Clone, Debug, Default)]
pub struct Features {
    /// Mailboxes.
    pub emails: Vec<NormalEmail>,
    /// Telephone numbers.
    pub phones: Vec<NormalPhone>,
    /// Telephone numbers with a digit too many or too few.
    pub misdialled: Vec<MisdialledPhone>,
    /// Accounts.
    pub handles: Vec<NormalHandle>,
    /// Ids.
    pub external_ids: Vec<NormalExternalId>,
    /// Distinct names.
    pub names: Vec<Name>,
    /// Distinct birth dates.
    pub birth_dates: Vec<BirthDate>,
    /// Addresses.
    pub addresses: Vec<NormalAddress>,
    /// Distinct companies.
    pub companies: Vec<String>,
    /// Distinct further facts, by name.
    pub attributes: Vec<(String, String)>,
}

impl Features {
    /// The features of one normal form.
    #[must_use]
    pub fn of(form: NormalForm) -> Self {
        Self {
            emails: form.emails,
            phones: form.phones,
            misdialled: form.misdialled,
            handles: form.handles,
            external_ids: form.external_ids,
            names: form.name.into_iter().collect(),
            birth_dates: form.birth_date.into_iter().collect(),
            addresses: form.addresses,
            companies: form.company.into_iter().collect(),
            attributes: form.attributes.into_iter().collect(),
        }
    }

    /// Whether it holds anything that could tell two people of one name apart.
    #[must_use]
    pub fn tells_namesakes_apart(&self) -> bool {
        !(self.emails.is_empty()
            && self.phones.is_empty()
            && self.misdialled.is_empty()
            && self.handles.is_empty()
            && self.external_ids.is_empty()
            && self.birth_dates.is_empty()
            && self.addresses.is_empty()
            && self.companies.is_empty())
    }

    /// How many distinct identifiers were observed or verified, and not merely claimed.
    #[must_use]
    pub fn identifiers_learnt(&self) -> usize {
        let learnt = |assurance: Assurance| assurance > Assurance::Claimed;
        distinct(self.emails.iter().filter(|email| learnt(email.assurance)).map(NormalEmail::key))
            + distinct(self.phones.iter().filter(|phone| learnt(phone.assurance)).map(NormalPhone::key))
            + distinct(self.handles.iter().filter(|h| learnt(h.assurance)).map(|h| (&h.network, &h.value)))
            + distinct(self.external_ids.iter().filter(|id| learnt(id.assurance)).map(|id| (&id.namespace, &id.value)))
    }

    /// Takes in the features of another form; the order in which forms are taken in does not matter.
    pub fn absorb(&mut self, other: &Self) {
        merge(&mut self.emails, &other.emails);
        merge(&mut self.phones, &other.phones);
        merge(&mut self.misdialled, &other.misdialled);
        merge(&mut self.handles, &other.handles);
        merge(&mut self.external_ids, &other.external_ids);
        merge(&mut self.names, &other.names);
        merge(&mut self.birth_dates, &other.birth_dates);
        merge(&mut self.addresses, &other.addresses);
        merge(&mut self.companies, &other.companies);
        merge(&mut self.attributes, &other.attributes);
    }
}

/// How many different values there are; of one contact they are few.
fn distinct<T: PartialEq>(mut values: impl Iterator<Item = T> + Clone) -> usize {
    let mut count = 0;
    while let Some(value) = values.next() {
        count += usize::from(values.clone().all(|later| later != value));
    }
    count
}

fn merge<T: Clone + Ord>(into: &mut Vec<T>, from: &[T]) {
    if !from.is_empty() {
        into.extend_from_slice(from);
        into.sort();
        into.dedup();
    }
}
