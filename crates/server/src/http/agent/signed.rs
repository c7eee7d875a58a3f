//! Requests that a device signs with its key.

use std::str::FromStr;

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use sekisho_domain::device::{DeviceKey, DeviceState};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;
use sekisho_ledger::Digest;
use sekisho_protocol::agent::{
    HEADER_DEVICE, HEADER_SEQUENCE, HEADER_SIGNATURE, HEADER_TIME, signing_input,
};

use super::super::ctx::Ctx;
use super::super::fault::Fault;
use crate::identity::device_key;

/// The device that signed a request.
pub(super) struct Speaker {
    pub(super) device: DeviceId,
    pub(super) key: DeviceKey,
    /// Suspended or active; a retired one is no speaker.
    pub(super) state: DeviceState,
    /// When it was sent, by the device's clock.
    pub(super) time: Timestamp,
    pub(super) sequence: u64,
}

/// What the headers of a signed request say: of a device, or of a gateway.
pub(in crate::http) struct Signed<Id> {
    pub(in crate::http) id: Id,
    pub(in crate::http) time: Timestamp,
    pub(in crate::http) sequence: u64,
    pub(in crate::http) signature: String,
}

impl<Id: FromStr> Signed<Id> {
    /// Reads them; `who` is the header that names the sender. Each stands there once.
    pub(in crate::http) fn read(headers: &HeaderMap, who: &str) -> Option<Self> {
        let one = |name: &str| {
            let mut values = headers.get_all(name).iter();
            let value = values.next()?.to_str().ok()?;
            values.next().is_none().then_some(value)
        };
        // Only the shortest form of a number: what is signed is its text.
        let number = |text: &str| {
            let number: i64 = text.parse().ok()?;
            (number >= 0 && number.to_string() == text).then_some(number)
        };
        Some(Self {
            id: one(who)?.parse().ok()?,
            time: Timestamp::from_millis(number(one(HEADER_TIME)?)?),
            sequence: u64::try_from(number(one(HEADER_SEQUENCE)?)?).ok()?,
            signature: one(HEADER_SIGNATURE)?.to_owned(),
        })
    }
}

/// Who signed the request that `ctx` is, with `body`.
pub(super) fn speaker(ctx: &Ctx, body: &Bytes) -> Result<Speaker, Fault> {
    // One answer for an unknown device and for a wrong signature: nobody learns which ids exist.
    let refused = || Fault::new(StatusCode::UNAUTHORIZED, "report.signature");
    let signed = Signed::<DeviceId>::read(&ctx.headers, HEADER_DEVICE)
        .ok_or_else(|| Fault::bad("report.headers"))?;
    let known = ctx
        .site
        .app
        .world()
        .device(signed.id)
        .map(|device| (device.key.clone(), device.state));
    let (key, state) = known.ok_or_else(refused)?;
    let digest = Digest::of(body).to_string();
    let Signed {
        id: device,
        time,
        sequence,
        signature,
    } = signed;
    let input = signing_input("POST", &ctx.path, device, time, sequence, &digest);
    if !device_key::verify(&key, &input, &signature) {
        return Err(refused());
    }
    // A certificate and a signature of two devices: one of the two is in wrong hands.
    if ctx.certified.is_some_and(|certified| certified != device) {
        tracing::warn!(code = "report.certificate", %device, "a request of one device came with the certificate of another");
        return Err(Fault::new(StatusCode::FORBIDDEN, "report.certificate"));
    }
    // Said only to the holder of the key.
    if state == DeviceState::Retired {
        return Err(retired());
    }
    Ok(Speaker {
        device,
        key,
        state,
        time,
        sequence,
    })
}

/// The same, for what only a device in use may ask, and never twice.
pub(super) fn active(ctx: &Ctx, body: &Bytes) -> Result<Speaker, Fault> {
    let speaker = speaker(ctx, body)?;
    if speaker.state == DeviceState::Suspended {
        return Err(Fault::new(StatusCode::FORBIDDEN, "device.suspended"));
    }
    let sequence = i64::try_from(speaker.sequence).unwrap_or(i64::MAX);
    let device = speaker.device.to_string();
    let accounts = ctx.site.app.accounts();
    if !accounts.count_device_request(&device, sequence)? {
        return Err(Fault::new(StatusCode::CONFLICT, "report.replayed"));
    }
    Ok(speaker)
}

/// The device was given up for good: nothing more of it is taken.
pub(super) fn retired() -> Fault {
    Fault::new(StatusCode::GONE, "device.retired")
}
