//! The record of what became of devices: all of it as observations, what is of record in the ledger.

use sekisho_domain::actor::Actor;
use sekisho_domain::admission::{ADMISSION_RECORDS_MAX, AdmissionOutcome, AdmissionRecord};
use sekisho_domain::command::Command;
use sekisho_domain::id::{DeviceId, LineId, PermitId, PersonId};
use sekisho_domain::name::Line;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_store::StoreError;
use sekisho_store::observations::{AdmissionsOf, NewAdmission};

use super::connection::{Connection, Place};
use super::desk::{Held, WAITING_MAX};
use super::disconnect::Done;
use super::judge::{Answered, Presented};
use crate::access::log::LogError;
use crate::app::App;

/// The same goes into the ledger once in so long, with how often it came.
const QUIET: Span = Span::minutes(10);

/// A period, its end left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// From when on.
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
}

/// What became of a device, as it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    /// When.
    pub at: Timestamp,
    /// Which device, where one is named.
    pub device: Option<DeviceId>,
    /// In whose name it was asked.
    pub person: Option<PersonId>,
    /// Which line.
    pub line: Option<LineId>,
    /// What became of it.
    pub outcome: AdmissionOutcome,
    /// Whether it came back from outside, or nobody knew.
    pub came_back: bool,
    /// The permission to join again that it rests on.
    pub permit: Option<PermitId>,
    /// What was missing, by stable codes.
    pub missing: Vec<String>,
}

impl App {
    /// What became of devices in a period, the newest first, at most `limit`; of those that came back
    /// from outside alone where that is asked. What cannot be read is left out.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn admissions(
        &self,
        device: Option<DeviceId>,
        only_came_back: bool,
        period: Period,
        limit: usize,
    ) -> Result<Vec<Admission>, StoreError> {
        let device = device.map(|device| device.to_string());
        let of = device
            .as_deref()
            .map_or(AdmissionsOf::Any, AdmissionsOf::Device);
        let period = (period.from.as_millis(), period.until.as_millis());
        let rows = self
            .observations()
            .admissions(of, only_came_back, period, limit)?;
        Ok(rows.iter().filter_map(|it| read(&it.admission)).collect())
    }

    /// Keeps an answer, and the connection that follows from it.
    pub(super) fn note_answer(&self, presented: &Presented, answered: &Answered, now: Timestamp) {
        let place = &presented.place;
        let mut held = self.access().inside().held();
        let key = place.key();
        let connection = match (answered.device, answered.line) {
            (Some(device), Some(line))
                if matches!(
                    answered.outcome,
                    AdmissionOutcome::Admitted | AdmissionOutcome::Quarantined
                ) =>
            {
                let standing = held.connections.get(&key);
                let (session, since) = goes_on(standing, device, place, now);
                Some(Connection {
                    device,
                    person: answered.person,
                    line,
                    outcome: answered.outcome,
                    place: Place {
                        session,
                        ..place.clone()
                    },
                    permit: answered.permit,
                    since,
                    answered_at: Some(now),
                    ends_at: answered.ends_at,
                })
            }
            _ => None,
        };
        // Whatever was there before, this is what the switch was told last.
        held.past.answered(&key, place.session.as_deref());
        let gone = match connection {
            Some(connection) => {
                held.connections.insert(key.clone(), connection);
                None
            }
            None => held.connections.remove(&key),
        };
        if gone.is_some() {
            // Its end is still to be told, and what comes late of it must not count for the next one.
            held.past.remember(&key, now);
        }
        held.moved.insert(key);
        keep(&mut held, place, answered, answered.outcome, now);
    }

    /// Stores a connection that stands, or that there is none.
    pub(super) fn keep_connection(&self, place: &Place) -> Result<(), StoreError> {
        let key = place.key();
        let stored = {
            let held = self.access().inside().held();
            let it = held.connections.get(&key);
            it.and_then(|it| serde_json::to_string(it).ok())
        };
        self.observations().add_admissions(&[], &[(key, stored)])
    }

    /// Keeps that a connection was ended, or could not be.
    pub(super) fn note_ended(
        &self,
        known: &Connection,
        missing: Vec<String>,
        done: Done,
        now: Timestamp,
    ) {
        let mut held = self.access().inside().held();
        let outcome = what_became(&mut held, known, done);
        let key = known.place.key();
        let stands = held.connections.get(&key);
        if outcome == AdmissionOutcome::Disconnected
            && let Some(ended) = stands.filter(|it| it.is_as_it_was(known)).cloned()
        {
            held.connections.remove(&key);
            held.past.left(&key, ended, now);
            held.moved.insert(key);
        }
        let left = outcome == AdmissionOutcome::Left;
        let answered = Answered {
            missing: if left { Vec::new() } else { missing },
            ..of_connection(known)
        };
        keep(&mut held, &known.place, &answered, outcome, now);
    }

    /// Stores what came since the last time.
    ///
    /// # Errors
    /// [`LogError`]; what is not stored goes on waiting.
    pub fn keep_admissions(&self) -> Result<(), LogError> {
        self.store_admissions()?;
        self.store_shown(false)?;
        self.record_admissions(false)?;
        Ok(())
    }

    /// Stores what came since the last time, and records in the ledger all that waits for it however lately the same
    /// was recorded: before the program ends, since nobody remembers it afterwards.
    ///
    /// # Errors
    /// [`LogError`]; what is not stored is lost with the program.
    pub fn keep_last_admissions(&self) -> Result<(), LogError> {
        self.store_admissions()?;
        self.store_shown(true)?;
        while self.record_admissions(true)? {}
        Ok(())
    }

    fn store_admissions(&self) -> Result<(), LogError> {
        let desk = self.access().inside();
        let (rows, moved) = {
            let mut held = desk.held();
            let rows = std::mem::take(&mut held.rows);
            let keys: Vec<String> = held.moved.drain().collect();
            let stored = |key: &String| {
                let it = held.connections.get(key)?;
                serde_json::to_string(it).ok()
            };
            let moved: Vec<_> = keys.iter().map(|key| (key.clone(), stored(key))).collect();
            (rows, moved)
        };
        if rows.is_empty() && moved.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.observations().add_admissions(&rows, &moved) {
            let mut held = desk.held();
            let newer = std::mem::replace(&mut held.rows, rows);
            held.rows.extend(newer);
            held.moved.extend(moved.into_iter().map(|(key, _)| key));
            return Err(error.into());
        }
        self.follow_admissions(&rows);
        Ok(())
    }

    /// Records in the ledger what is due there, or all that waits: so much as it takes at once. Whether there was
    /// anything.
    fn record_admissions(&self, last: bool) -> Result<bool, LogError> {
        let now = self.now();
        let due: Vec<AdmissionRecord> = {
            let mut held = self.access().inside().held();
            held.of_record
                .retain(|_, it| it.times > 0 || it.recorded_at.after(QUIET) > now);
            let due = held
                .of_record
                .iter()
                .filter(|(_, it)| it.times > 0 && (last || it.recorded_at.after(QUIET) <= now));
            due.map(|(record, it)| AdmissionRecord {
                times: it.times,
                first_at: it.first_at,
                last_at: it.last_at,
                ..record.clone()
            })
            .take(ADMISSION_RECORDS_MAX)
            .collect()
        };
        if due.is_empty() {
            return Ok(false);
        }
        let records = due.clone();
        self.command_blocking(
            Actor::System,
            Command::RecordAdmissions { records },
            Vec::new(),
        )?;
        let mut held = self.access().inside().held();
        for record in due {
            let times = record.times;
            if let Some(it) = held.of_record.get_mut(&bare(record)) {
                it.recorded_at = now;
                it.times = it.times.saturating_sub(times);
            }
        }
        Ok(true)
    }
}

/// What became of a connection that a switch was asked to end: by what it answered, and by whether it told meanwhile
/// that the connection is over, and nothing since that it goes on.
fn what_became(held: &mut Held, known: &Connection, done: Done) -> AdmissionOutcome {
    let key = known.place.key();
    let ending = held.ending.remove(&key);
    let standing = held.connections.get(&key);
    let is_over =
        ending.is_some_and(|it| it.told_over) && standing.is_none_or(|it| it.since != known.since);
    match done {
        Done::Settled => AdmissionOutcome::Disconnected,
        // It was asked, and the connection ended: what was lost is the answer.
        Done::Silent if is_over => AdmissionOutcome::Disconnected,
        // There was nothing to end any more.
        Done::Declined if is_over => AdmissionOutcome::Left,
        Done::Silent | Done::Declined => AdmissionOutcome::Stuck,
    }
}

/// The switch's name for the connection of which a device asks, and since when it stands. One that asks at a port
/// where it stands and names no connection signs in anew within that one, as far as the switch says: its end is told
/// by the name that it has, and of one without a name by when it began.
fn goes_on(
    standing: Option<&Connection>,
    device: DeviceId,
    place: &Place,
    now: Timestamp,
) -> (Option<String>, Timestamp) {
    match standing {
        Some(known) if place.session.is_none() && known.device == device => {
            (known.place.session.clone(), known.since)
        }
        _ => (place.session.clone(), now),
    }
}

/// A record without its count and times: by that equal ones are known.
fn bare(record: AdmissionRecord) -> AdmissionRecord {
    let never = Timestamp::from_millis(0);
    AdmissionRecord {
        times: 0,
        first_at: never,
        last_at: never,
        ..record
    }
}

pub(super) fn of_connection(known: &Connection) -> Answered {
    Answered {
        outcome: known.outcome,
        vlan: None,
        device: Some(known.device),
        line: Some(known.line),
        person: known.person,
        came_back: known.permit.is_some(),
        permit: known.permit,
        rests_on: None,
        ends_at: known.ends_at,
        missing: Vec::new(),
    }
}

pub(super) fn keep(
    held: &mut Held,
    place: &Place,
    answered: &Answered,
    outcome: AdmissionOutcome,
    now: Timestamp,
) {
    if held.rows.len() >= WAITING_MAX {
        held.lost += 1;
    } else {
        held.rows.push(NewAdmission {
            at: now.as_millis(),
            device: answered.device.map(|it| it.to_string()),
            person: answered.person.map(|it| it.to_string()),
            line: answered.line.map(|it| it.to_string()),
            outcome: outcome.code().to_owned(),
            switch: place.switch.to_string(),
            port: place.port.clone(),
            station: place.station.clone(),
            came_back: answered.came_back,
            permit: answered.permit.map(|it| it.to_string()),
            missing: serde_json::to_string(&answered.missing).unwrap_or_default(),
        });
    }
    let record = AdmissionRecord {
        device: answered.device,
        person: answered.person,
        line: answered.line,
        outcome,
        switch: place.switch,
        port: place
            .port
            .as_deref()
            .and_then(|port| Line::parse(port).ok()),
        permit: answered.permit,
        missing: answered.missing.clone(),
        times: 0,
        first_at: Timestamp::from_millis(0),
        last_at: Timestamp::from_millis(0),
    };
    let known = held.of_record.contains_key(&record);
    if record.is_of_record() && (known || held.of_record.len() < WAITING_MAX) {
        let tally = held.of_record.entry(record).or_default();
        if tally.times == 0 {
            tally.first_at = now;
        }
        tally.times = tally.times.saturating_add(1);
        tally.last_at = now;
    }
}

fn read(it: &NewAdmission) -> Option<Admission> {
    fn id<T: std::str::FromStr>(text: Option<&String>) -> Option<T> {
        text.and_then(|text| text.parse().ok())
    }
    Some(Admission {
        at: Timestamp::from_millis(it.at),
        device: id(it.device.as_ref()),
        person: id(it.person.as_ref()),
        line: id(it.line.as_ref()),
        outcome: AdmissionOutcome::from_code(&it.outcome)?,
        came_back: it.came_back,
        permit: id(it.permit.as_ref()),
        missing: serde_json::from_str(&it.missing).ok()?,
    })
}
