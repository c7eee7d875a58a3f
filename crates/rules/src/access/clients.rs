//! What devices show of the clients of conference tools, and what that comes to over all of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use sekisho_domain::check::Outcome;
use sekisho_domain::device::DeviceState;
use sekisho_domain::id::{ConferenceToolId, DeviceId};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Counts;
use sekisho_domain::world::World;

use crate::check::{Client, DeviceClients, Tools};

/// The newest that each device shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClientsSeen(BTreeMap<DeviceId, Arc<DeviceClients>>);

impl ClientsSeen {
    /// Takes in what a device shows. What it showed before what is known says nothing.
    pub fn put(&mut self, device: DeviceId, shown: Arc<DeviceClients>) {
        let known = self.0.get(&device);
        if known.is_none_or(|known| known.received_at <= shown.received_at) {
            self.0.insert(device, shown);
        }
    }

    /// What it comes to over the devices in use.
    #[must_use]
    pub fn fleet(&self, world: &World, now: Timestamp) -> Clients<'_> {
        let tools = Tools::of(world);
        let mut clients = Clients::default();
        let active = world.devices.iter();
        for device in active.filter(|it| it.state == DeviceState::Active) {
            // What was looked for before the register said otherwise does not tell what is there.
            let shown = self.0.get(&device.id).filter(|it| {
                let asked = tools.mark() == Some(it.asked.as_str());
                asked && now < it.fresh_until
            });
            clients.add(device.id, shown.map(|it| &**it), now);
        }
        clients
    }
}

/// A client on a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientOn<'a> {
    /// The device.
    pub device: DeviceId,
    /// The client as it was judged.
    pub client: &'a Client,
    /// Whether something is known against it now.
    pub outcome: Outcome,
}

/// The clients on the devices in use.
#[derive(Clone, Debug, Default)]
pub struct Clients<'a> {
    /// Devices by the worst of what is known of their clients; one of which nothing fresh is known whole is
    /// unknown.
    pub counts: Counts,
    /// When the oldest report came that counts.
    pub oldest: Option<Timestamp>,
    /// How many devices there are of which not everything that is installed is known.
    pub dark: u32,
    of: BTreeMap<ConferenceToolId, Vec<ClientOn<'a>>>,
}

impl<'a> Clients<'a> {
    fn add(&mut self, device: DeviceId, shown: Option<&'a DeviceClients>, now: Timestamp) {
        let is_dark = shown.is_none_or(|it| it.unseen.is_some());
        self.dark += u32::from(is_dark);
        let mut worst = if is_dark {
            Outcome::Unknown
        } else {
            Outcome::Pass
        };
        let received_at = shown.map(|it| it.received_at);
        self.oldest = self.oldest.into_iter().chain(received_at).min();
        let clients = shown.map(|it| it.clients.as_slice());
        for client in clients.unwrap_or_default() {
            let over = client.until.is_some_and(|until| until <= now);
            let outcome = match client.outcome {
                Outcome::Pass if over => Outcome::Unknown,
                known => known,
            };
            worst = worse(worst, outcome);
            self.of.entry(client.tool).or_default().push(ClientOn {
                device,
                client,
                outcome,
            });
        }
        count(&mut self.counts, worst);
    }

    /// The clients of a tool, by device.
    #[must_use]
    pub fn of_tool(&self, tool: ConferenceToolId) -> &[ClientOn<'a>] {
        self.of.get(&tool).map_or(&[], Vec::as_slice)
    }

    /// The versions of a tool's client, by package and version: on how many devices each is seen, by what is
    /// known against it there.
    #[must_use]
    pub fn versions(&self, tool: ConferenceToolId) -> BTreeMap<(&'a str, &'a str), Counts> {
        let mut versions = BTreeMap::new();
        for on in self.of_tool(tool) {
            let key = (on.client.package.as_str(), on.client.version.as_str());
            count(versions.entry(key).or_default(), on.outcome);
        }
        versions
    }
}

const fn worse(one: Outcome, other: Outcome) -> Outcome {
    match (one, other) {
        (Outcome::Fail, _) | (_, Outcome::Fail) => Outcome::Fail,
        (Outcome::Unknown, _) | (_, Outcome::Unknown) => Outcome::Unknown,
        (Outcome::Pass, Outcome::Pass) => Outcome::Pass,
    }
}

const fn count(counts: &mut Counts, outcome: Outcome) {
    match outcome {
        Outcome::Pass => counts.pass += 1,
        Outcome::Fail => counts.fail += 1,
        Outcome::Unknown => counts.unknown += 1,
    }
}
