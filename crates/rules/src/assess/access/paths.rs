//! The path of remote access (7.3.1(4)): everything that leads in from outside is a tunnel that ends in a
//! gateway of ours.
//!
//! Subjects are the gateways, the lines for remote access, and the systems that may be reached from
//! outside.

use sekisho_domain::code::Reason;
use sekisho_domain::id::LineId;
use sekisho_domain::register::NetworkLine;
use sekisho_domain::register::System;
use sekisho_domain::register::line::LineKind;

use super::guards::{Guard, Guards};
use super::tally::{Judged, Tally};
use super::{name, none_of};
use crate::assess::concerned::Thing;
use crate::assess::part::Part;

pub(super) fn judge(guards: &Guards<'_, '_>) -> Part {
    let mut tally = Tally::barred(guards.not_whole());
    for (id, entry) in &guards.gateways {
        tally.add(Thing::Entry((*id).into()), guards.gateway(*id, entry));
    }
    let for_remote = |(_, line): &&(LineId, &NetworkLine)| line.kind == LineKind::RemoteAccess;
    for (id, line) in guards.lines.iter().filter(for_remote) {
        tally.add(Thing::Entry((*id).into()), of_line(*id, line, guards));
    }
    for (id, system) in guards.remote() {
        let path = match guards.of(id, system) {
            Some(Guard::Gateway) => Judged::Pass,
            // What asks is a proxy; whether what leads to it is encrypted is not seen here.
            Some(Guard::Asked) => {
                let reason = Reason::new("reach.path-unseen");
                Judged::Unknown(reason.with("system", name(guards.ground, id)))
            }
            None => Judged::Unknown(guards.unguarded(id, system)),
        };
        tally.add(Thing::Entry(id.into()), path.or(guards.strays(id)));
    }
    tally.part(none_of::<System>(guards.ground, "access.none-remote"))
}

/// A line for remote access: encrypted by the register, and ending in a gateway.
pub(super) fn of_line(id: LineId, line: &NetworkLine, guards: &Guards<'_, '_>) -> Judged {
    let of = |code| Reason::new(code).with("line", name(guards.ground, id));
    if line.kind == LineKind::RemoteAccess && !line.encrypted {
        return Judged::Fail(of("reach.line-plain"), None);
    }
    let mut leading = guards.leading_to(id).peekable();
    if leading.peek().is_none() {
        return Judged::Unknown(of("reach.line-without-gateway"));
    }
    leading
        .map(|(gateway, entry)| guards.gateway(gateway, entry))
        .fold(Judged::Pass, Judged::or)
}
