//! The machines report: signed on the machine, checked and taken in as from any device.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use sekisho_ledger::digest::Digest;
use sekisho_protocol::agent::{PATH_REPORT, Report, signing_input};
use sekisho_server::app::App;
use sekisho_server::assessor::take_report;
use sekisho_server::identity::device_key;
use sekisho_store::{StoreCode, StoreError};

use super::{FillError, Progress, Stage};
use crate::organisation::{Enrolled, Ministry};

/// Seconds between reports that the demonstration's devices would be told.
const EVERY: u32 = 3_600;

/// Threads that send at once. Storing is one at a time; making and judging is not.
const SENDERS: usize = 4;

/// Which machines send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// Those that have never sent.
    First,
    /// All that send at all.
    Next,
}

/// Sends the reports and says how many were taken in.
pub(super) fn send(
    app: &App,
    ministry: &Ministry,
    which: Which,
    stop: &(dyn Fn() -> bool + Sync),
    progress: &mut Progress<'_>,
) -> Result<usize, FillError> {
    let due = due(app, ministry, which)?;
    progress(Stage::Reports, 0, due.len());
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let (sender, taken) = mpsc::channel();
    let threads = std::thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(SENDERS);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, due, next, failed) = (sender.clone(), &due, &next, &failed);
            scope.spawn(move || {
                while !failed.load(Ordering::Relaxed) && !stop() {
                    let Some((device, sequence)) = due.get(next.fetch_add(1, Ordering::Relaxed))
                    else {
                        return;
                    };
                    let result = report(app, device, *sequence);
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    // The other end waits for every report and goes away last.
                    let _ = sender.send(result);
                }
            });
        }
        drop(sender);
        let mut done = 0;
        for result in taken {
            result?;
            done += 1;
            progress(Stage::Reports, done, due.len());
        }
        Ok(done)
    })
}

/// The devices that are to send, with the number of their report.
fn due<'a>(
    app: &App,
    ministry: &'a Ministry,
    which: Which,
) -> Result<Vec<(&'a Enrolled, u64)>, StoreError> {
    let mut due = Vec::new();
    for device in ministry
        .devices
        .iter()
        .filter(|device| !device.machine.silent)
    {
        let last = app.observations().last_sequence(&device.id.to_string())?;
        let last = last.and_then(|last| u64::try_from(last).ok());
        match (which, last) {
            (Which::First, Some(_)) => {}
            (_, last) => due.push((device, last.unwrap_or(0) + 1)),
        }
    }
    Ok(due)
}

/// One report, from the machine's signature to the store.
fn report(app: &App, device: &Enrolled, sequence: u64) -> Result<(), FillError> {
    let now = app.now();
    // A report is plain data and always serialises.
    let body = serde_json::to_vec(&device.machine.report(now)).unwrap_or_default();
    let digest = Digest::of(&body).to_string();
    let signed = signing_input("POST", PATH_REPORT, device.id, now, sequence, &digest);
    let signature = device.machine.sign(&signed);
    // From here on as the server does with what comes over the network.
    let enrolled = app.world().device(device.id).map(|known| known.key.clone());
    let unknown = || StoreError::refused(StoreCode::Unknown, device.id.to_string());
    let key = enrolled.ok_or_else(unknown)?;
    if !device_key::verify(&key, &signed, &signature) {
        return Err(FillError::Signature { key });
    }
    let unreadable = |_| StoreError::refused(StoreCode::BadInput, "report");
    let report: Report = serde_json::from_slice(&body).map_err(unreadable)?;
    take_report(app, device.id, sequence, &body, &report, EVERY)?;
    Ok(())
}
