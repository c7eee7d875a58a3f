//! Whether the service lives, and whether it is ready to be asked.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::response::IntoResponse;

use super::ctx::{Answer, Ctx};
use super::site::Site;

/// How long an answer of the folder counts: anyone may ask, and asking writes a file.
const PROBE_EVERY: Duration = Duration::from_secs(5);

/// It lives: it answers.
pub(super) fn alive(_: &Ctx) -> Answer {
    Ok("ok\n".into_response())
}

/// It is ready: the writer runs, the clock is trusted, the folder can be written, and nothing in
/// the ledger has been found damaged. Where it ends TLS itself, it shows a certificate that holds.
pub(super) fn ready(ctx: &Ctx) -> Answer {
    let checks = checks(&ctx.site);
    let sound = checks.iter().all(|(_, sound)| *sound);
    let status = if sound {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let lines: String = checks
        .iter()
        .map(|(name, sound)| format!("{name} {}\n", if *sound { "ok" } else { "failing" }))
        .collect();
    Ok((status, lines).into_response())
}

/// Each check by name; that of the certificate where this server ends TLS itself.
pub(super) fn checks(site: &Site) -> Vec<(&'static str, bool)> {
    let certificate = site.app.certificate();
    let certificate = certificate.map(|_| ("certificate", site.app.certificate_holds()));
    let all = [
        ("writer", site.app.writer_is_alive()),
        ("clock", site.app.clock().step().is_none()),
        ("folder", folder_is_writable(site)),
        ("ledger", !site.app.is_damaged()),
    ];
    all.into_iter().chain(certificate).collect()
}

/// What the folder last said, and when it was asked.
#[derive(Default)]
pub(super) struct Probe(Mutex<Option<(Instant, bool)>>);

fn folder_is_writable(site: &Site) -> bool {
    let mut last = site.probe.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((at, sound)) = *last
        && at.elapsed() < PROBE_EVERY
    {
        return sound;
    }
    let file = site.app.folder().snapshots().join("ready.probe");
    let sound = std::fs::write(&file, b"ready").is_ok() && std::fs::remove_file(&file).is_ok();
    *last = Some((Instant::now(), sound));
    sound
}
