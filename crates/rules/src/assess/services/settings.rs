//! Conference tools are used with the settings that they need, on clients without known vulnerabilities
//! (notices, 4).

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::code::Reason;
use sekisho_domain::register::conference_tool::ConferenceScope;
use sekisho_domain::register::{ConferenceTool, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Counts, Finding, Verdict};

use super::super::part::Part;
use super::super::{Ground, registers, table};
use super::{Tally, name, nothing_in, of_register};
use crate::catalogue::Row;

/// What is asked of the devices on which clients run: our own choice, since no notice names it.
const CLIENTS: [DeviceCheck; 2] = [DeviceCheck::Advisories, DeviceCheck::SecurityUpdates];

/// Each tool: of those that we introduced every setting was looked at, lately, and something is done
/// instead of those that are off. Those of others have no settings of ours. The clients are known by the
/// devices: whatever is installed there is held against advisories, a client among it.
pub(super) fn judge(row: &Row, ground: &Ground<'_>) -> Part {
    let mut tally = Tally::default();
    let mut off = 0u32;
    for (entry, tool) in ground.world.registers.nouns::<ConferenceTool>() {
        tally.seen(entry.changed_at);
        let lacks = |code| Reason::new(code).with("tool", name(ground, entry.id));
        if tool.scope == ConferenceScope::Others {
            tally.pass();
        } else if !tool.is_checked() {
            tally.fail(Some(entry.id), lacks("services.settings-open"));
        } else if !looked_at(tool, ground.now) {
            tally.fail(Some(entry.id), lacks("services.settings-old"));
        } else if tool.version.is_none() {
            tally.fail(Some(entry.id), lacks("services.version-unknown"));
        } else {
            off += u32::from(!tool.measures_off.is_empty());
            tally.pass();
        }
    }
    let all = tally.counts.total();
    if all == 0 {
        return nothing_in(Register::ConferenceTool, ground);
    }
    let newest = tally.newest;
    let fails = tally.counts.fail;
    let mut part = tally.part(Reason::new("services.settings-checked").with("n", all));
    let clients = clients(ground);
    if fails == 0 && (clients.unknown > 0 || clients.total() == 0) {
        let reason = Reason::new("services.clients-unknown").with("n", clients.unknown);
        let kept = std::mem::take(&mut part.concerned);
        part = Part::of(Verdict::Unknown, reason);
        part.concerned = kept;
    }
    if row.confirm {
        part.finding = Some(found(off, clients, all));
    }
    part.evidence
        .extend(newest.map(|at| of_register(Register::ConferenceTool, at)));
    part
}

/// What was found: settings that are off, and devices with known vulnerabilities.
fn found(off: u32, clients: Counts, all: u32) -> Finding {
    let reason = if clients.fail > 0 {
        let reason = Reason::new("services.clients-vulnerable").with("n", clients.fail);
        Some(reason.with("all", clients.total()))
    } else if off > 0 {
        Some(
            Reason::new("services.settings-off")
                .with("n", off)
                .with("all", all),
        )
    } else {
        None
    };
    Finding {
        counts: Counts {
            fail: clients.fail + off,
            ..clients
        },
        reason,
        period: None,
    }
}

fn looked_at(tool: &ConferenceTool, now: Timestamp) -> bool {
    let day = tool.settings_reviewed;
    let day = day.and_then(|day| Timestamp::start_of_jst_day(day).ok());
    day.is_some_and(|day| now < day.after(registers::SETTINGS_FRESH))
}

fn clients(ground: &Ground<'_>) -> Counts {
    let fleets = ground.devices.fleets(true, true);
    let asked = table::Asked {
        checks: &CLIENTS,
        word: false,
    };
    table::sum(&fleets, asked, None).counts
}
