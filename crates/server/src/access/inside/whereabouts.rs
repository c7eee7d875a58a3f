//! Where devices have been: evidence comes from reports and from tunnels, and is stored before it counts.

use core::net::{IpAddr, Ipv4Addr};

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::fact::{FactValue, NetworkMedium, Networks, Observation, Seen};
use sekisho_domain::id::{DeviceId, PermitId};
use sekisho_domain::permit::{EndKind, PermitKind, Place};
use sekisho_domain::register::inside::brings;
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::{Gateway, NetworkLine, Register, Registered as _};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_rules::decide::{Outing, TakenOut, Whereabouts};
use sekisho_store::StoreError;

use crate::access::origin_of;
use crate::app::App;
use crate::identity::tunnel_session::open_sessions;

/// So often it is stored up to when devices were shown inside. Each report and each word of a switch moves it: with a
/// transaction for each of them whoever asks at a switch would wait behind them.
const SHOWN_EVERY: Span = Span::seconds(10);

impl App {
    /// Changes what is known of a device's whereabouts, and stores it where that changed. Up to when it was shown
    /// inside is stored later, for many devices at once: what a crash loses of that errs to silence.
    ///
    /// # Errors
    /// The codes of the database; then nothing changed.
    pub(super) fn change_whereabouts(
        &self,
        device: DeviceId,
        change: impl FnOnce(&mut Whereabouts) -> bool,
    ) -> Result<Whereabouts, StoreError> {
        let mistaken = self.mistaken(device);
        let mut held = self.access().inside().held();
        let known = held.whereabouts.get(&device).copied().unwrap_or_default();
        let mut next = known;
        if let Some(address) = mistaken {
            next.take_back(address);
        }
        let news = change(&mut next) || mistaken.is_some();
        let but_shown = Whereabouts {
            shown_until: known.shown_until,
            ..next
        };
        if news && but_shown == known && next != known {
            held.whereabouts.insert(device, next);
            held.shown.insert(device);
        } else if news && next != known {
            // It holds nothing that could not be written.
            let stored = serde_json::to_string(&next).unwrap_or_default();
            let row = [(device.to_string(), stored)];
            self.observations().put_whereabouts(&row)?;
            held.whereabouts.insert(device, next);
            held.shown.remove(&device);
        }
        Ok(next)
    }

    /// Takes back what accounted for a device's time outside, since the connection that it let on is over: the device
    /// must not come in by the same again. What has let it in since it was last inside as told stays.
    ///
    /// # Errors
    /// The codes of the database; then nothing changed.
    pub(super) fn take_back(
        &self,
        device: DeviceId,
        inside_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        self.change_whereabouts(device, |it| {
            let rested = it.rests_on.is_some() && it.inside_at == inside_at;
            if rested {
                it.reopen();
            }
            rested
        })?;
        Ok(())
    }

    /// Stores up to when devices were shown inside, once in [`SHOWN_EVERY`] or as the last thing. Nothing else of them
    /// can be stored meanwhile: so what is stored never goes back behind that.
    ///
    /// # Errors
    /// The codes of the database; then it goes on waiting.
    pub(super) fn store_shown(&self, last: bool) -> Result<(), StoreError> {
        let now = self.now();
        let mut held = self.access().inside().held();
        let due = last || held.shown_stored_at.after(SHOWN_EVERY) <= now;
        if held.shown.is_empty() || !due {
            return Ok(());
        }
        let stored = |device: &DeviceId| {
            let it = held.whereabouts.get(device)?;
            let stored = serde_json::to_string(it).ok()?;
            Some((device.to_string(), stored))
        };
        let rows: Vec<_> = held.shown.iter().filter_map(stored).collect();
        self.observations().put_whereabouts(&rows)?;
        held.shown.clear();
        held.shown_stored_at = now;
        Ok(())
    }

    /// The address by which alone a device was taken to be outside, where it has turned out to be no gateway's.
    /// One that is no longer in use was one while the device was seen there.
    fn mistaken(&self, device: DeviceId) -> Option<Ipv4Addr> {
        let address = {
            let held = self.access().inside().held();
            held.whereabouts.get(&device)?.by_gateway?.address
        };
        let world = self.world();
        let mut gateways = world.registers.all(Register::Gateway);
        let is_one = gateways.any(|entry| {
            Gateway::of(&entry.particulars).is_some_and(|gateway| {
                if entry.is_active() {
                    brings(&world, gateway, address)
                } else {
                    // The lines of today say nothing of one that is no longer in use.
                    gateway.brings(address)
                }
            })
        });
        let inside = place_of(&world, IpAddr::V4(address)) != Here::Outside;
        (!is_one && inside).then_some(address)
    }

    /// Where a device has been, as the register of gateways stands now.
    fn known_whereabouts(&self, device: DeviceId) -> Whereabouts {
        let mistaken = self.mistaken(device);
        let held = self.access().inside().held();
        let mut known = held.whereabouts.get(&device).copied().unwrap_or_default();
        if let Some(address) = mistaken {
            known.take_back(address);
        }
        known
    }

    /// The address of a device of which nothing but entries of gateways say that it has come through there: it has
    /// no tunnel of its own.
    ///
    /// # Errors
    /// The codes of the database.
    fn said_by_gateway_alone(
        &self,
        device: DeviceId,
        address: Option<IpAddr>,
    ) -> Result<Option<Through>, StoreError> {
        let Some(IpAddr::V4(address)) = address.map(|it| it.to_canonical()) else {
            return Ok(None);
        };
        let gateways = gateways_at(&self.world(), address);
        if gateways.is_empty() {
            return Ok(None);
        }
        let has_tunnel = open_sessions(self)?.iter().any(|it| it.device == device);
        Ok((!has_tunnel).then_some(Through { address, gateways }))
    }

    /// The times in which a device may have been outside, since it was taken out by a permission.
    pub(super) fn taken_out(&self, device: DeviceId, now: Timestamp) -> Vec<TakenOut> {
        TakenOut::of(&self.world(), device, now)
    }

    /// What a question about joining has to say of a device.
    #[must_use]
    pub fn outing(&self, device: DeviceId, now: Timestamp) -> Outing {
        self.outing_and_why(device, None, now).0
    }

    /// As [`Self::outing`] for a device that stands at a switch with an outcome. So it has not left, whatever it may
    /// have done before; and what let it in has to hold on.
    pub(super) fn outing_at_switch(
        &self,
        device: DeviceId,
        outcome: AdmissionOutcome,
        now: Timestamp,
    ) -> Outing {
        self.outing_and_why(device, Some(outcome), now).0
    }

    /// The same, with the permission by which a device may have been outside, where nothing shows that it stayed.
    pub(super) fn outing_and_why(
        &self,
        device: DeviceId,
        at_switch: Option<AdmissionOutcome>,
        now: Timestamp,
    ) -> (Outing, Option<PermitId>) {
        let mut known = self.known_whereabouts(device);
        let world = self.world();
        if at_switch.is_none() {
            known.presume_outside(&TakenOut::of(&world, device, now));
        }
        let outing = if at_switch == Some(AdmissionOutcome::Admitted) {
            known.outing_while_joined(now)
        } else {
            known.outing(now, |permit| ended_in_order(&world, permit, now))
        };
        (outing, known.taken_out)
    }

    /// Notes that a device is shown at one of our lines.
    ///
    /// # Errors
    /// The codes of the database.
    pub(super) fn shown_inside(&self, device: DeviceId, at: Timestamp) -> Result<(), StoreError> {
        let taken = self.taken_out(device, at);
        if !taken.is_empty() {
            self.change_whereabouts(device, |it| it.shown_inside(at, &taken))?;
        }
        Ok(())
    }

    /// Notes that a device was at an outside line.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn seen_outside(&self, device: DeviceId, at: Timestamp) -> Result<(), StoreError> {
        self.change_whereabouts(device, |it| it.seen_outside(at))?;
        Ok(())
    }

    /// Draws from a report that its device was at an outside line: from the address that it came from, and from the
    /// networks that the device says it joined.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn locate_outside(
        &self,
        device: DeviceId,
        address: Option<IpAddr>,
        seen: &[Observation],
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        let Told {
            here, by_networks, ..
        } = Told::of(&self.world(), address, seen, received_at);
        let by_address = (here == Some(Here::Outside)).then_some(received_at);
        let through = match by_address {
            Some(_) => self.said_by_gateway_alone(device, address)?,
            None => None,
        };
        self.change_whereabouts(device, |it| {
            if let Some(Through { address, gateways }) = &through {
                // What the device says itself comes first, and stands without the register.
                let said = by_networks.is_some_and(|at| it.seen_outside(at));
                // Another entry says it where one of those that name this address leaves out the first.
                let by_another = |first| gateways.iter().any(|it| !it.brings(first));
                return it.seen_through(*address, received_at, by_another) || said;
            }
            by_address
                .max(by_networks)
                .is_some_and(|at| it.seen_outside(at))
        })?;
        Ok(())
    }

    /// Draws from a report that its device is at one of our lines, where nothing in it says otherwise.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn locate_inside(
        &self,
        device: DeviceId,
        address: Option<IpAddr>,
        seen: &[Observation],
        received_at: Timestamp,
    ) -> Result<(), StoreError> {
        let told = Told::of(&self.world(), address, seen, received_at);
        if !told.of_networks || told.by_networks.is_some() {
            return Ok(());
        }
        match told.here {
            Some(Here::Inside) => {
                let taken = self.taken_out(device, received_at);
                self.change_whereabouts(device, |it| it.reported_inside(received_at, &taken))?;
                Ok(())
            }
            Some(Here::Quarantine) => self.shown_inside(device, received_at),
            Some(Here::Outside) | None => Ok(()),
        }
    }
}

/// What a report tells of where its device was.
struct Told {
    here: Option<Here>,
    /// When it was last at an outside line by the networks that it joined.
    by_networks: Option<Timestamp>,
    /// Whether it tells of networks at all.
    of_networks: bool,
}

impl Told {
    fn of(
        world: &World,
        address: Option<IpAddr>,
        seen: &[Observation],
        received_at: Timestamp,
    ) -> Self {
        let networks = || {
            seen.iter().filter_map(|it| match &it.seen {
                Seen::Value(FactValue::Networks(networks)) => Some(networks),
                _ => None,
            })
        };
        Self {
            here: address.map(|address| place_of(world, address)),
            by_networks: networks()
                .filter_map(|networks| outside_by(world, networks, received_at))
                .max(),
            of_networks: networks().next().is_some(),
        }
    }
}

/// An address that gateways' entries name, and these.
struct Through {
    address: Ipv4Addr,
    gateways: Vec<Gateway>,
}

/// The gateways in use through which whoever has an address has come.
fn gateways_at(world: &World, address: Ipv4Addr) -> Vec<Gateway> {
    let all = world.registers.nouns::<Gateway>();
    all.filter(|(_, gateway)| brings(world, gateway, address))
        .map(|(_, gateway)| gateway.clone())
        .collect()
}

/// Whether a permission's term is over, or it was given back: nobody took it away. An exception is of no use past its
/// end, however it ended.
pub(super) fn ended_in_order(world: &World, permit: PermitId, now: Timestamp) -> bool {
    let permit = world.permits.get(permit);
    let end = permit
        .filter(|permit| permit.kind() != PermitKind::Exception)
        .and_then(|permit| permit.grant()?.end(now));
    end.is_some_and(|end| matches!(end.how, EndKind::Expired | EndKind::Returned))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Here {
    Inside,
    /// Being inspected: inside the area, and proof of nothing.
    Quarantine,
    Outside,
}

fn place_of(world: &World, address: IpAddr) -> Here {
    if let IpAddr::V4(address) = address.to_canonical() {
        let quarantined = world.registers.nouns::<NetworkLine>().any(|(_, line)| {
            line.quarantine_network
                .is_some_and(|network| network.contains(address))
        });
        if quarantined {
            return Here::Quarantine;
        }
    }
    match origin_of(world, address).place {
        Place::ControlledArea => Here::Inside,
        _ => Here::Outside,
    }
}

/// When a device was last at an outside line by the networks that it joined. A cable says nothing by
/// its name, which is the same everywhere: where a device was taken out by permission, that says it. A tunnel is no line
/// that a device is joined to.
fn outside_by(world: &World, networks: &Networks, received_at: Timestamp) -> Option<Timestamp> {
    let mut newest = None;
    for network in &networks.networks {
        if !matches!(network.medium, NetworkMedium::Wifi | NetworkMedium::Mobile) {
            continue;
        }
        let known = world.registers.nouns::<NetworkLine>().any(|(_, line)| {
            let names = |name: &str| line.seen_as.iter().any(|seen| seen.as_str() == name);
            line.kind == LineKind::Internal
                && (names(&network.name) || network.gateway_mac.as_deref().is_some_and(names))
        });
        let at = if network.joined {
            Some(received_at)
        } else {
            // A device's clock that runs ahead must not make its time outside come after its return.
            network.last_joined.map(|at| at.min(received_at))
        };
        if !known {
            newest = newest.max(at);
        }
    }
    newest
}
