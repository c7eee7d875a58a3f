//! Names of people: a projection of the ledger, decrypted in memory and nowhere else
//! (decision 6).

use std::collections::HashMap;

use sekisho_domain::arrival::Arrival;
use sekisho_domain::event::{Event, Sealed};
use sekisho_domain::id::PersonId;
use sekisho_domain::name::Name;
use sekisho_domain::world::Documents;
use sekisho_store::keyring::{PeopleKeys, Sealed as StoredSealed};
use sekisho_store::{StoreCode, StoreError};
use serde::{Deserialize, Serialize};

/// What is kept of a person under the person's own key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonProfile {
    /// Name with its reading.
    pub name: Name,
    /// Mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
}

/// The purpose under which a profile is sealed.
pub const PROFILE_PURPOSE: &str = "person.profile";

/// Names by person.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    people: HashMap<PersonId, PersonProfile>,
}

impl Directory {
    /// Takes in what an event says of a person. A forgotten person's text stays shut.
    pub(super) fn follow(&mut self, event: &Event, keys: &PeopleKeys, docs: &dyn Documents) {
        match event {
            Event::PeopleImported { document, .. } => {
                let arrivals = docs.arrivals(&document.blob).unwrap_or_default();
                let named = opened(&arrivals, keys).into_iter();
                self.come(named.map(|(arrival, profile)| (arrival.person, profile)));
            }
            Event::PersonRegistered {
                person, profile, ..
            }
            | Event::PersonChanged {
                person,
                profile: Some(profile),
                ..
            } => {
                if let Some(profile) = opened_or_told(profile, keys) {
                    self.people.insert(*person, profile);
                }
            }
            Event::PersonForgotten { person } => self.remove(*person),
            _ => {}
        }
    }

    /// Takes in people who come at once.
    pub(super) fn come(&mut self, named: impl IntoIterator<Item = (PersonId, PersonProfile)>) {
        self.people.extend(named);
    }

    /// Drops a person.
    pub(super) fn remove(&mut self, person: PersonId) {
        self.people.remove(&person);
    }

    /// What is known of a person; none for strangers and the forgotten.
    #[must_use]
    pub fn get(&self, person: PersonId) -> Option<&PersonProfile> {
        self.people.get(&person)
    }

    /// Everyone with what is known of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (PersonId, &PersonProfile)> {
        self.people
            .iter()
            .map(|(person, profile)| (*person, profile))
    }

    /// How many people have a name.
    #[must_use]
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// Whether nobody has a name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// Those who come with what is said of them; without those who are forgotten.
pub(super) fn opened<'a>(
    arrivals: &'a [Arrival],
    keys: &PeopleKeys,
) -> Vec<(&'a Arrival, PersonProfile)> {
    arrivals
        .iter()
        .filter_map(|it| Some((it, opened_or_told(&it.profile, keys)?)))
        .collect()
}

/// What a profile says; none where it is forgotten, or cannot be opened, which the log tells.
fn opened_or_told(sealed: &Sealed, keys: &PeopleKeys) -> Option<PersonProfile> {
    open(sealed, keys).unwrap_or_else(|error| {
        let person = sealed.person;
        tracing::warn!(code = error.code(), %person, "a name cannot be opened");
        None
    })
}

fn open(sealed: &Sealed, keys: &PeopleKeys) -> Result<Option<PersonProfile>, StoreError> {
    let person = sealed.person.to_string();
    let stored = StoredSealed {
        key: sealed.key.clone(),
        nonce: sealed.nonce.clone(),
        ciphertext: sealed.ciphertext.clone(),
    };
    match keys.open_sealed(&person, PROFILE_PURPOSE, &stored) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|_| StoreError::refused(StoreCode::BadValue, person)),
        Err(error) if error.kind() == StoreCode::Forgotten => Ok(None),
        Err(error) => Err(error),
    }
}
