//! The internal lines that are reached from outside (notices, 3 (3)): only guarded paths lead to them.

use sekisho_domain::id::LineId;
use sekisho_domain::register::NetworkLine;
use sekisho_domain::register::line::LineKind;

use super::guards::Guards;
use super::none_of;
use super::paths::of_line;
use super::tally::{Judged, Tally};
use crate::assess::concerned::Thing;
use crate::assess::part::Part;

pub(super) fn judge(guards: &Guards<'_, '_>) -> Part {
    let mut tally = Tally::barred(guards.not_whole());
    for (id, line) in &guards.lines {
        if is_reached(*id, line, guards) {
            tally.add(Thing::Entry((*id).into()), of(*id, line, guards));
        }
    }
    tally.part(none_of::<NetworkLine>(guards.ground, "access.none-reached"))
}

/// Whether an internal line is reached from outside: it is itself a way in, a gateway leads to it, or a
/// system stands on it that may be reached from outside.
fn is_reached(id: LineId, line: &NetworkLine, guards: &Guards<'_, '_>) -> bool {
    line.kind == LineKind::RemoteAccess
        || (line.kind == LineKind::Internal
            && (guards.leading_to(id).next().is_some()
                || guards
                    .remote()
                    .any(|(_, system)| system.lines.contains(&id))))
}

/// Every way to it is guarded: the gateways that lead there, and whatever stands before its systems.
fn of(id: LineId, line: &NetworkLine, guards: &Guards<'_, '_>) -> Judged {
    let systems = guards
        .remote()
        .filter(|(_, system)| system.lines.contains(&id));
    let systems = systems.map(|(system, entry)| {
        let guarded = match guards.of(system, entry) {
            Some(_) => Judged::Pass,
            None => Judged::Unknown(guards.unguarded(system, entry)),
        };
        guarded.or(guards.strays(system))
    });
    let systems: Vec<Judged> = systems.collect();
    // A line that only proxies lead to has no gateway, and its systems say whether they are guarded.
    let by_proxies = !systems.is_empty() && guards.leading_to(id).next().is_none();
    let way = if by_proxies && line.kind == LineKind::Internal {
        Judged::Pass
    } else {
        of_line(id, line, guards)
    };
    systems.into_iter().fold(way, Judged::or)
}
