//! What switches tell of connections (accounting): that one began, goes on, or ended.

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::time::Timestamp;
use sekisho_store::StoreError;

use super::connection::{Connection, Gone, Place};
use super::desk::Held;
use super::record::{keep, of_connection};
use crate::app::App;

/// A connection of which a switch says that it began or goes on.
enum Told {
    /// It stands.
    Stands(Connection),
    /// It was taken for ended, and stands again.
    Again(Connection),
    /// Nothing that is known of, or that was told to be over.
    Nothing,
}

impl App {
    /// Notes that a connection began or goes on, and how the switch names it. One that was taken for ended stands
    /// again, as it was answered: so it is asked about again like any other, and ended where it has to be.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn note_session(&self, place: &Place) -> Result<(), StoreError> {
        let now = self.now();
        let told = {
            let mut held = self.access().inside().held();
            told(&mut held, place, now)
        };
        match told {
            Told::Nothing => Ok(()),
            Told::Stands(known) => self.shown_inside(known.device, now),
            Told::Again(known) => {
                tracing::warn!(
                    code = "lines.goes-on",
                    switch = %place.switch,
                    device = %known.device,
                    "a connection that was taken for ended goes on"
                );
                self.keep_connection(place)
            }
        }
    }

    /// Notes that a connection ended: by itself, unless its switch is being asked to end it. A switch that does so may
    /// tell of the end before it answers; then whoever asked it says what became of the connection.
    pub fn note_gone(&self, gone: &Gone) {
        let now = self.now();
        let mut held = self.access().inside().held();
        let held = &mut *held;
        let key = gone.place.key();
        let session = gone.place.session.as_deref();
        let again = session.is_some_and(|it| held.past.is_over(&key, it, now));
        let known = held.connections.get(&key);
        if let Some(session) = session
            && (known.is_some() || held.past.remembers(&key))
        {
            held.past.over(&key, session, now);
        }
        if again || known.is_none_or(|known| !gone.ends(known, now)) {
            return;
        }
        if let Some(known) = held.connections.remove(&key) {
            let ending = held.ending.get_mut(&key);
            match ending.filter(|it| it.since == known.since) {
                Some(ending) => ending.told_over = true,
                None => {
                    let answered = of_connection(&known);
                    keep(held, &known.place, &answered, AdmissionOutcome::Left, now);
                }
            }
            held.past.left(&key, known, now);
            held.moved.insert(key);
        }
    }
}

fn told(held: &mut Held, place: &Place, now: Timestamp) -> Told {
    let key = place.key();
    let Some(session) = &place.session else {
        return Told::Nothing;
    };
    if held.past.is_over(&key, session, now) {
        return Told::Nothing;
    }
    if let Some(known) = held.connections.get_mut(&key) {
        if known.place.session.as_ref() != Some(session) {
            known.place.session = Some(session.clone());
            held.moved.insert(key);
        }
        return Told::Stands(known.clone());
    }
    let Some(mut known) = held.past.take(&key, now) else {
        return Told::Nothing;
    };
    known.place.session = Some(session.clone());
    held.connections.insert(key, known.clone());
    Told::Again(known)
}
