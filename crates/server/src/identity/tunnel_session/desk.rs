//! What is done with sessions: the device's wish, the person's word, the answer.

use sekisho_domain::device::DeviceKey;
use sekisho_domain::id::{AccountId, DeviceId, PersonId, TunnelSessionId};
use sekisho_domain::register::EntryId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_store::StoreError;
use sekisho_store::accounts::{NewTunnel, TokenHash, Tunnel, TunnelRequest};
use sekisho_store::keyring::Purpose;

use super::code::UserCode;
use super::judge::{Ended, Known, LONGEST, State, judge, may_use};
use super::wireguard_key::WireGuardKey;
use crate::app::{App, fresh};

/// How long a code can be entered, in milliseconds.
const CODE_FOR: i64 = 10 * 60 * 1000;
/// Seconds between two questions of a device.
pub const POLL_EVERY: u32 = 5;
/// How often another code is drawn where one is taken: of 20^8 hardly any ever is.
const DRAWS: usize = 4;

/// What stands in the way.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Another device has that WireGuard key.
    #[error("another device has that key")]
    KeyInUse,
    /// Nothing waits under that code, or no longer.
    #[error("nothing waits under that code")]
    NoSuchCode,
    /// The person may not use the device.
    #[error("the person may not use that device")]
    NotYours,
    /// The device has no such session.
    #[error("no such session")]
    NoSuchSession,
    /// The clock was set, and nobody has confirmed it.
    #[error("the clock is not certain")]
    Clock,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl DeskError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::KeyInUse => "tunnel.key-in-use",
            Self::NoSuchCode => "tunnel.code",
            Self::NotYours => "tunnel.not-yours",
            Self::NoSuchSession => "tunnel.unknown",
            Self::Clock => "clock",
            Self::Store(error) => error.code(),
        }
    }
}

/// A wish that was taken.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The session.
    pub session: TunnelSessionId,
    /// What a person has to enter.
    pub code: UserCode,
    /// Until when.
    pub until: Timestamp,
}

/// A wish, as the person sees it who entered its code.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The session.
    pub session: TunnelSessionId,
    /// The device.
    pub device: DeviceId,
    /// When it asked.
    pub requested_at: Timestamp,
}

/// A session in which device and person are together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenTunnel {
    /// Its id.
    pub session: TunnelSessionId,
    /// The device.
    pub device: DeviceId,
    /// The device's key in the ledger.
    pub device_key: DeviceKey,
    /// The person.
    pub person: PersonId,
    /// The account by which the person was signed in.
    pub account: AccountId,
    /// The peer at the gateway.
    pub wireguard_key: WireGuardKey,
    /// When the person said yes.
    pub confirmed_at: Timestamp,
    /// When it ends, whatever happens.
    pub until: Timestamp,
}

/// Takes a device's wish. That the device is in use and signed the request the caller has checked.
///
/// # Errors
/// [`DeskError::KeyInUse`], [`DeskError::Store`].
pub fn request(app: &App, device: DeviceId, key: &WireGuardKey) -> Result<Wish, DeskError> {
    let session = TunnelSessionId::new(fresh()?);
    let now = app.now();
    let until = now.as_millis().saturating_add(CODE_FOR);
    let (id, device) = (session.to_string(), device.to_string());
    for _ in 0..DRAWS {
        let code = UserCode::fresh()?;
        let taken = app.accounts().request_tunnel(&NewTunnel {
            session: &id,
            device: &device,
            key: key.as_str(),
            code: hash(app, &code)?,
            requested_at: now.as_millis(),
            code_until: until,
        })?;
        match taken {
            TunnelRequest::Waiting => {
                let until = Timestamp::from_millis(until);
                return Ok(Wish {
                    session,
                    code,
                    until,
                });
            }
            TunnelRequest::KeyInUse => return Err(DeskError::KeyInUse),
            TunnelRequest::CodeTaken => {}
        }
    }
    Err(DeskError::NoSuchCode)
}

/// What waits under a code, for a person who may use that device.
///
/// # Errors
/// [`DeskError::NoSuchCode`], [`DeskError::NotYours`], [`DeskError::Store`].
pub fn waiting(app: &App, code: &UserCode, person: PersonId) -> Result<Waiting, DeskError> {
    let now = app.now();
    let found = app
        .accounts()
        .tunnel_of_code(hash(app, code)?, now.as_millis())?;
    let stored = found.ok_or(DeskError::NoSuchCode)?;
    let (Ok(session), Ok(device)) = (stored.session.parse(), stored.device.parse()) else {
        return Err(DeskError::NoSuchCode);
    };
    let world = app.world();
    let known = known(&world, device, None, now);
    if !matches!(judge(&stored, known, now), State::Waiting { .. }) {
        return Err(DeskError::NoSuchCode);
    }
    if !uses(&world, device, person, now) {
        return Err(DeskError::NotYours);
    }
    Ok(Waiting {
        session,
        device,
        requested_at: Timestamp::from_millis(stored.requested_at),
    })
}

/// The person says yes. `console` is the session in which he is signed in.
///
/// # Errors
/// As [`waiting`]; [`DeskError::Clock`] while it is not certain what time it is.
pub fn confirm(
    app: &App,
    code: &UserCode,
    (account, person): (AccountId, PersonId),
    console: TokenHash,
) -> Result<Waiting, DeskError> {
    if app.clock().step().is_some() {
        return Err(DeskError::Clock);
    }
    let waits = waiting(app, code, person)?;
    let now = app.now().as_millis();
    let confirmed = app.accounts().confirm_tunnel(
        &waits.session.to_string(),
        (&account.to_string(), console),
        now,
        now.saturating_add(LONGEST),
    )?;
    if confirmed {
        // A tunnel leads from outside: with it the outing is known of before any report says so.
        app.seen_outside(waits.device, Timestamp::from_millis(now))?;
        app.access().touch();
        let (session, device) = (waits.session, waits.device);
        tracing::info!(code = "tunnel.confirmed", %session, %device, %person, "a tunnel was confirmed");
        Ok(waits)
    } else {
        Err(DeskError::NoSuchCode)
    }
}

/// The person says no.
///
/// # Errors
/// As [`waiting`].
pub fn refuse(app: &App, code: &UserCode, person: PersonId) -> Result<Waiting, DeskError> {
    let waits = waiting(app, code, person)?;
    let session = waits.session.to_string();
    app.accounts().end_tunnel(&session, Ended::Refused.code())?;
    Ok(waits)
}

/// Where a session of a device stands; one that is open with all that is known of it.
///
/// # Errors
/// [`DeskError::NoSuchSession`], also for one of another device; [`DeskError::Store`].
pub fn state(
    app: &App,
    device: DeviceId,
    session: TunnelSessionId,
) -> Result<(State, Option<OpenTunnel>), DeskError> {
    let stored = app.accounts().tunnel(&session.to_string())?;
    let stored = stored.filter(|row| row.device == device.to_string());
    let stored = stored.ok_or(DeskError::NoSuchSession)?;
    let now = app.now();
    let world = app.world();
    Ok(of(&world, &stored, now))
}

/// The device ends its session.
///
/// # Errors
/// As [`state`].
pub fn end(app: &App, device: DeviceId, session: TunnelSessionId) -> Result<(), DeskError> {
    state(app, device, session)?;
    let id = session.to_string();
    app.accounts().end_tunnel(&id, Ended::ByDevice.code())?;
    app.access().touch();
    Ok(())
}

/// Every session that is open now: what gateways may let in.
///
/// # Errors
/// The codes of the store.
pub fn open_sessions(app: &App) -> Result<Vec<OpenTunnel>, StoreError> {
    let now = app.now();
    let rows = app.accounts().tunnels(now.as_millis())?;
    let world = app.world();
    Ok(rows
        .iter()
        .filter_map(|row| of(&world, row, now).1)
        .collect())
}

/// A session, if it is open now.
///
/// # Errors
/// The codes of the store.
pub fn open_of(app: &App, session: TunnelSessionId) -> Result<Option<OpenTunnel>, StoreError> {
    let stored = app.accounts().tunnel(&session.to_string())?;
    let now = app.now();
    let world = app.world();
    Ok(stored.and_then(|row| of(&world, &row, now).1))
}

fn hash(app: &App, code: &UserCode) -> Result<TokenHash, StoreError> {
    let key = app.keyring().active(Purpose::Session)?;
    Ok(code.hash(key.secret()))
}

fn of(world: &World, stored: &Tunnel, now: Timestamp) -> (State, Option<OpenTunnel>) {
    let parsed = (stored.session.parse(), stored.device.parse());
    let (Ok(session), Ok(device)) = parsed else {
        return (State::Ended(Ended::Over), None);
    };
    let account = stored.account.as_deref().and_then(|it| it.parse().ok());
    let state = judge(stored, known(world, device, account, now), now);
    let State::Open { person, until } = state else {
        return (state, None);
    };
    let open = || {
        Some(OpenTunnel {
            session,
            device,
            device_key: world.device(device)?.key.clone(),
            person,
            account: account?,
            wireguard_key: WireGuardKey::parse(&stored.key)?,
            confirmed_at: Timestamp::from_millis(stored.confirmed_at?),
            until,
        })
    };
    match open() {
        Some(open) => (state, Some(open)),
        None => (State::Ended(Ended::Over), None),
    }
}

fn known(world: &World, device: DeviceId, account: Option<AccountId>, now: Timestamp) -> Known {
    let person = account.and_then(|account| world.person_of_account(account));
    Known {
        device: world.device(device).map(|known| known.state),
        person,
        may_use: person.is_some_and(|person| uses(world, device, person, now)),
    }
}

/// Whether a person may use a device, by the register where it is there.
fn uses(world: &World, device: DeviceId, person: PersonId, now: Timestamp) -> bool {
    let entry = EntryId::Device(device);
    let registered = world.registers.entry(entry);
    let enrolled = world.device(device).and_then(|known| known.user);
    let user = registered.map_or(enrolled, |it| it.particulars.person());
    may_use(
        (person, world.unit_of(person, now)),
        (user, world.unit_of_entry(entry, now)),
        |unit, above| world.unit_is_within(unit, above, now),
    )
}
