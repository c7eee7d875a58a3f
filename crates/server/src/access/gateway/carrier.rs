//! The gateway at which tunnels meet, one at a time.

use std::sync::{Mutex, PoisonError};

use sekisho_domain::id::GatewayId;
use sekisho_domain::register::{EntryId, Gateway};
use sekisho_domain::time::Timestamp;
use sekisho_store::{Accounts, StoreError};

use super::standing::{Pulse, awaited_until, choose};
use crate::app::App;

/// Which gateway the tunnels led to last. It is stored: after a start nobody has been heard yet, and whoever asks
/// first is not the one that has them.
#[derive(Default)]
pub(super) struct Carrier(Mutex<Known>);

#[derive(Default)]
struct Known {
    last: Option<GatewayId>,
    /// What is stored; none before that was read.
    stored: Option<Option<GatewayId>>,
}

impl Known {
    /// Reads what is stored, once.
    fn read(&mut self, accounts: &Accounts) -> Result<(), StoreError> {
        if self.stored.is_none() {
            // An id of a form that nothing has any more is none.
            let stored = accounts.carrier()?.and_then(|it| it.parse().ok());
            self.last = self.last.or(stored);
            self.stored = Some(stored);
        }
        Ok(())
    }

    /// Notes the one that has them now, and stores it where it is another one.
    fn put(&mut self, accounts: &Accounts, gateway: GatewayId) -> Result<(), StoreError> {
        self.last = Some(gateway);
        if self.stored != Some(self.last) {
            accounts.put_carrier(&gateway.to_string())?;
            self.stored = Some(self.last);
        }
        Ok(())
    }
}

impl Carrier {
    /// The one that had them last, as far as that was read.
    pub(super) fn last(&self) -> Option<GatewayId> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).last
    }
}

/// Whether the gateway that had the tunnels before the server's start is still waited for: it has not said hello and
/// asked for its table since, and may yet.
pub(super) fn is_awaited(
    entry: &Gateway,
    pulse: Option<Pulse>,
    begun_at: Timestamp,
    now: Timestamp,
) -> bool {
    let heard = pulse.is_some_and(Pulse::was_heard);
    !heard && begun_at <= now && now < awaited_until(entry, begun_at)
}

impl App {
    /// The gateway at which tunnels meet, one at a time: of those in use that have said hello and are
    /// heard, the one that had them last, else the first by id. Shortly after the server's start none while the one
    /// that had them before is still waited for.
    #[must_use]
    pub fn gateway_for_tunnels(&self) -> Option<(GatewayId, Gateway)> {
        // One after the other: whoever makes a table looks at the World while the desk is held.
        let desk = self.access().gateways();
        let greeted = desk.greeted();
        let known: Vec<(GatewayId, Gateway)> = {
            let world = self.world();
            let all = world.registers.nouns::<Gateway>();
            all.filter(|(entry, it)| entry.is_active() && it.key.is_some())
                .filter_map(|(entry, it)| match entry.id {
                    EntryId::Gateway(id) => Some((id, it.clone())),
                    _ => None,
                })
                .collect()
        };
        let (now, begun_at) = (self.now(), self.access().begun_at());
        let lock = desk.carrier.0.lock();
        let mut carrier = lock.unwrap_or_else(PoisonError::into_inner);
        // Without it tunnels might be led away from where they are: then to none, until it can be read.
        carrier.read(self.accounts()).map_err(untold).ok()?;
        let last = known.iter().find(|(id, _)| Some(*id) == carrier.last);
        let awaited = |(id, entry): &(GatewayId, Gateway)| {
            is_awaited(entry, greeted.get(id).copied(), begun_at, now)
        };
        if last.is_some_and(awaited) {
            return None;
        }
        let standings = known.iter().filter_map(|(id, entry)| {
            let pulse = greeted.get(id)?;
            Some((*id, pulse.standing(entry, now)))
        });
        let chosen = choose(standings, carrier.last)?;
        // What was not stored is tried again the next time.
        let _ = carrier.put(self.accounts(), chosen).map_err(untold);
        drop(carrier);
        known.into_iter().find(|(id, _)| *id == chosen)
    }
}

fn untold(error: StoreError) {
    let code = error.code();
    tracing::warn!(code, %error, "which gateway has the tunnels could not be read or stored");
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::{Fresh, LineId, PostId};
    use sekisho_domain::name::Line;
    use sekisho_domain::time::Span;

    use super::super::desk::GatewaySight;
    use super::*;

    const BEGUN: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    #[test]
    fn the_gateway_that_had_the_tunnels_is_waited_for_until_it_is_heard_or_its_time_is_over() {
        let entry = Gateway {
            name: Line::parse("g").unwrap(),
            line: LineId::new(Fresh([1; 16])),
            officer: PostId::new(Fresh([2; 16])),
            key: None,
            device: None,
            endpoint: "gate.example.jp:51820".parse().unwrap(),
            network: "10.90.0.0/24".parse().unwrap(),
            lease_seconds: Some(60),
            inside: Vec::new(),
        };
        let heard = Pulse::of(&GatewaySight {
            heard_at: Some(BEGUN),
            ..GatewaySight::default()
        });
        let silent = Pulse::default();
        for (pulse, seconds, expected) in [
            (None, 0, true),
            (Some(silent), 0, true),
            (Some(heard), 0, false),
            (None, 24, true),
            (None, 25, false),
            (Some(silent), 25, false),
        ] {
            let now = BEGUN.after(Span::seconds(seconds));
            let awaited = is_awaited(&entry, pulse, BEGUN, now);
            assert_eq!(awaited, expected, "{pulse:?} {seconds}");
        }
        // A clock that was set back makes nobody wait for long.
        let before = BEGUN.before(Span::seconds(1));
        assert!(!is_awaited(&entry, None, BEGUN, before));
    }
}
