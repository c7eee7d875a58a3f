//! What switches tell of connections (accounting): that one began, goes on, or ended.

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::id::DeviceId;
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
    /// tell of the end before it answers; then whoever asked it says what became of the connection. One that ended
    /// when what it rested on did was ended for that: the switch was told how long it may last.
    pub fn note_gone(&self, gone: &Gone) {
        let now = self.now();
        let run_out = {
            let mut held = self.access().inside().held();
            run_out(&mut held, gone, now)
        };
        if let Some((device, inside_at)) = run_out
            && let Err(error) = self.take_back(device, inside_at)
        {
            tracing::warn!(code = error.code(), %error, "where a device was could not be stored");
        }
    }
}

/// Notes the end of a connection. Names its device, and when that was last inside, where it ended by its time and not
/// because its switch is being asked.
fn run_out(held: &mut Held, gone: &Gone, now: Timestamp) -> Option<(DeviceId, Option<Timestamp>)> {
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
        return None;
    }
    let known = held.connections.remove(&key)?;
    let ending = held.ending.get_mut(&key);
    let ending = ending.filter(|it| it.since == known.since);
    let by_itself = ending.is_none();
    if let Some(ending) = ending {
        ending.told_over = true;
    } else {
        let answered = of_connection(&known);
        keep(held, &known.place, &answered, AdmissionOutcome::Left, now);
    }
    let run_out = by_itself && known.has_run_out(now);
    let device = known.device;
    let whereabouts = held.whereabouts.get(&device);
    let inside_at = whereabouts.and_then(|it| it.inside_at);
    held.past.left(&key, known, now);
    held.moved.insert(key);
    run_out.then_some((device, inside_at))
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
