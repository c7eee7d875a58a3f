//! What stands before systems and lines: gateways that were heard, and systems about which the decision
//! point is asked by what their entries name. What nothing stands before, nothing sees.

use sekisho_domain::access::Asker;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::id::{GatewayId, LineId, SystemId};
use sekisho_domain::posture::Standing;
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::{EntryId, Gateway, NetworkLine, System};
use sekisho_domain::time::{Span, Timestamp};

use super::tally::Judged;
use super::{Sight, name};

/// How long a gateway may be silent. One at work is heard every few minutes; what it opened has closed
/// long before by its lease. Our own choice.
const SILENT: Span = Span::hours(1);

/// How long a gateway may not have told what it counted: of its reports, which come every half minute, twenty. Our own
/// choice.
const UNREPORTED: Span = Span::minutes(10);

/// How far ahead of our time a gateway may have been heard. What is further was heard before the clock was set
/// back, nobody knows how long ago.
const AHEAD: Span = Span::seconds(5);

/// How long nothing may have asked, at a line or before a system. Both are used every working day, and
/// holidays last a few. Our own choice.
const UNWATCHED: Span = Span::days(7);

/// By what a system is guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guard {
    /// A gateway lets through what permits open, and nothing else.
    Gateway,
    /// What its entry names as standing before it asks the decision point.
    Asked,
}

/// The gateways, systems and lines in use.
pub(super) struct Guards<'g, 'a> {
    pub(super) ground: &'g Sight<'a>,
    pub(super) gateways: Vec<(GatewayId, &'a Gateway)>,
    pub(super) systems: Vec<(SystemId, &'a System)>,
    pub(super) lines: Vec<(LineId, &'a NetworkLine)>,
}

impl<'g, 'a> Guards<'g, 'a> {
    pub(super) fn new(ground: &'g Sight<'a>) -> Self {
        let registers = &ground.world.registers;
        let gateways = registers.nouns::<Gateway>().filter_map(|(entry, it)| {
            let EntryId::Gateway(id) = entry.id else {
                return None;
            };
            Some((id, it))
        });
        let systems = registers.nouns::<System>().filter_map(|(entry, it)| {
            let EntryId::System(id) = entry.id else {
                return None;
            };
            Some((id, it))
        });
        let lines = registers.nouns::<NetworkLine>().filter_map(|(entry, it)| {
            let EntryId::Line(id) = entry.id else {
                return None;
            };
            Some((id, it))
        });
        Self {
            gateways: gateways.collect(),
            systems: systems.collect(),
            lines: lines.collect(),
            ground,
        }
    }

    /// The systems that may be reached from outside by the register.
    pub(super) fn remote(&self) -> impl Iterator<Item = (SystemId, &'a System)> {
        self.systems.iter().copied().filter(|(_, it)| it.remote)
    }

    /// Whether a gateway is at work: heard of late, given its table and able to carry it out, it tells what it counts,
    /// and nothing but its tunnels leads through its machine.
    pub(super) fn at_work(&self, gateway: GatewayId) -> Result<(), Reason> {
        let seen = self.ground.access.gateway(gateway);
        let of = |code| Reason::new(code).with("gateway", name(self.ground, gateway));
        match seen.heard_at {
            None => Err(of("reach.gateway-never")),
            Some(at)
                if at.after(SILENT) <= self.ground.now || at > self.ground.now.after(AHEAD) =>
            {
                Err(of("reach.gateway-silent").with("at", at))
            }
            Some(_) if !seen.listed => Err(of("reach.gateway-unlisted")),
            Some(_) if seen.failing => Err(of("reach.gateway-failing")),
            Some(_) => match (seen.forwards_others, seen.reported_at) {
                (None, _) | (_, None) => Err(of("reach.gateway-forwards-unsaid")),
                (_, Some(at)) if !self.is_of_late(at) => {
                    Err(of("reach.gateway-unreported").with("at", at))
                }
                (Some(true), _) => Err(of("reach.gateway-forwards")),
                (Some(false), _) => Ok(()),
            },
        }
    }

    /// Whether a report of then still speaks for now.
    fn is_of_late(&self, at: Timestamp) -> bool {
        let now = self.ground.now;
        now < at.after(UNREPORTED) && at <= now.after(AHEAD)
    }

    /// Whether nothing but its tunnels leads into the machine of a gateway, by the checks of its device.
    pub(super) fn host(&self, gateway: GatewayId, entry: &Gateway) -> Judged {
        let Sight { posture, now, .. } = *self.ground;
        let of = |code| Reason::new(code).with("gateway", name(self.ground, gateway));
        let firewall = DeviceCheck::Firewall;
        let standing = entry
            .device
            .map(|device| posture.standing(device, firewall, now));
        match standing {
            Some(Standing::Fresh(Outcome::Pass, _, _)) => Judged::Pass,
            Some(Standing::Fresh(Outcome::Fail, _, _)) => {
                Judged::Fail(of("reach.gateway-host-open"), None)
            }
            _ => Judged::Unknown(of("reach.gateway-host-unseen")),
        }
    }

    /// A gateway and its machine together.
    pub(super) fn gateway(&self, gateway: GatewayId, entry: &Gateway) -> Judged {
        let at_work = self.at_work(gateway).err();
        let at_work = at_work.map_or(Judged::Pass, Judged::Unknown);
        at_work.or(self.host(gateway, entry))
    }

    /// The gateways that lead to a line.
    pub(super) fn leading_to(
        &self,
        line: LineId,
    ) -> impl Iterator<Item = (GatewayId, &'a Gateway)> {
        let all = self.gateways.iter().copied();
        all.filter(move |(_, gateway)| gateway.line == line)
    }

    /// By what a system is guarded; none where nothing is known to stand before it.
    pub(super) fn of(&self, system: SystemId, entry: &System) -> Option<Guard> {
        if self.behind_gateway(entry) {
            return Some(Guard::Gateway);
        }
        self.is_asked_about(system, entry).then_some(Guard::Asked)
    }

    /// Whether what stands before a system asks. What asked weeks ago may be gone since.
    fn is_asked_about(&self, system: SystemId, entry: &System) -> bool {
        let Sight {
            access, world, now, ..
        } = *self.ground;
        let asked = access.guard_asked_at(world, (system, entry), now);
        asked.is_some_and(|at| now < at.after(UNWATCHED))
    }

    /// Whether a gateway at work leads to a line of the system, and the register says enough of it for
    /// packets to be held against.
    fn behind_gateway(&self, entry: &System) -> bool {
        self.before(entry).any(|id| self.at_work(id).is_ok())
    }

    /// The gateways that guard a system where they are at work.
    fn before(&self, entry: &System) -> impl Iterator<Item = GatewayId> {
        let described = entry.network().is_some() && !entry.ports.is_empty();
        let all = self.gateways.iter().filter(move |_| described);
        let leading = all.filter(|(_, gateway)| entry.lines.contains(&gateway.line));
        leading.map(|(id, _)| *id)
    }

    /// Whether something at a line asks whom to let on.
    pub(super) fn watched(&self, line: LineId) -> bool {
        let at = self.ground.access.watched_at(line);
        at.is_some_and(|at| self.ground.now < at.after(UNWATCHED))
    }

    /// Whether use of a system over the internal lines that it stands on would be seen: each of them is
    /// watched, or what stands before the system asks.
    pub(super) fn inside(&self, system: SystemId, entry: &System) -> bool {
        let internal = |line: &LineId| {
            let mut lines = self.lines.iter();
            lines.any(|(id, it)| id == line && it.kind == LineKind::Internal)
        };
        self.is_asked_about(system, entry)
            || entry
                .lines
                .iter()
                .filter(|line| internal(line))
                .all(|line| self.watched(*line))
    }

    /// Why a system is not guarded: nothing asks about it, somebody of whom nobody said that it stands
    /// before the system, or what is wrong with the gateway that should guard it.
    pub(super) fn unguarded(&self, system: SystemId, entry: &System) -> Reason {
        let of = |code| Reason::new(code).with("system", name(self.ground, system));
        let Sight {
            access, world, now, ..
        } = *self.ground;
        let others = access
            .askers(system, now)
            .filter(|(by, at)| now < at.after(UNWATCHED) && !by.is_some_and(|it| entry.names(it)));
        match others.max_by_key(|(by, at)| (*at, *by)) {
            // What a gateway asked is none of these, and never noted.
            None | Some((Some(Asker::Gateway(_) | Asker::Line(_)), _)) => {
                let mut idle = self.before(entry).filter_map(|id| self.at_work(id).err());
                idle.next().unwrap_or_else(|| of("reach.system-unguarded"))
            }
            Some((Some(Asker::Token(id)), _)) => {
                let known = world.tokens.get(&id);
                let label = known.map(|it| it.token.label.as_str().to_owned());
                of("reach.token-unnamed").with("token", label.unwrap_or_else(|| id.to_string()))
            }
            Some((Some(Asker::Proxy(_)), _)) => of("reach.proxy-unnamed"),
            Some((None, _)) => of("reach.asker-unknown"),
        }
    }

    /// Traffic that reached a system without a permit for it.
    pub(super) fn strays(&self, system: SystemId) -> Judged {
        let strays = self.ground.access.strays(self.ground.now);
        let here = strays.filter(|(_, to, _)| *to == system);
        match here.map(|(_, _, at)| at).max() {
            None => Judged::Pass,
            Some(at) => {
                let reason = Reason::new("reach.stray").with("system", name(self.ground, system));
                Judged::Fail(reason.with("at", at), None)
            }
        }
    }

    /// Why what was seen is not all there was; none where it is.
    pub(super) fn not_whole(&self) -> Option<Reason> {
        let access = self.ground.access;
        if access.whole_from().is_none() {
            Some(Reason::new("access.not-read"))
        } else if access.answers_lost() > 0 {
            let answers = i64::try_from(access.answers_lost()).unwrap_or(i64::MAX);
            Some(Reason::new("access.answers-lost").with("answers", answers))
        } else {
            None
        }
    }
}
