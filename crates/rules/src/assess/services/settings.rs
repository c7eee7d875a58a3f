//! Conference tools are used with the settings that they need, on clients without known vulnerabilities
//! (notices, 4).

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::register::conference_tool::ConferenceScope;
use sekisho_domain::register::{ConferenceTool, Entry, EntryId, Register};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::{Counts, Evidence, Finding, Verdict};

use super::super::Ground;
use super::super::concerned::{CONCERNED, Concerned, Thing};
use super::super::part::Part;
use super::{Tally, name, nothing_in, of_register};
use crate::access::Clients;
use crate::catalogue::Row;

/// How long a look at a tool's settings counts.
const SETTINGS_FRESH: Span = Span::days(180);

/// Each tool: of those that we introduced every setting was looked at, lately, and something is done
/// instead of those that are off. Those of others have no settings of ours. Which versions of their clients
/// run, and whether something is known against them, the devices tell: of all devices, since a client may be
/// on any of them.
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
        } else if let Some(code) = look_lacks(tool, ground.now) {
            tally.fail(Some(entry.id), lacks(code));
        } else if tool.version.is_none() && tool.packages.is_empty() {
            tally.fail(Some(entry.id), lacks("services.version-unknown"));
        } else if tool.packages.is_empty() {
            off += u32::from(!tool.measures_off.is_empty());
            tally.unknown(Some(entry.id), lacks("services.packages-unstated"));
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
    let mut part = tally.part(Reason::new("services.settings-checked").with("n", all));
    let clients = ground.access.clients().fleet(ground.world, ground.now);
    if part.verdict == Verdict::Met
        && let Some(reason) = in_the_dark(ground, &clients)
    {
        let kept = std::mem::take(&mut part.concerned);
        part = Part::of(Verdict::Unknown, reason);
        part.concerned = kept;
    }
    if row.confirm {
        part.finding = Some(found(off, clients.counts, all));
    }
    part.concerned.extend(on_devices(ground, &clients));
    part.concerned.truncate(CONCERNED);
    part.evidence
        .extend(newest.map(|at| of_register(Register::ConferenceTool, at)));
    part.evidence.extend(clients.oldest.map(|at| Evidence {
        source: "check:clients".to_owned(),
        // By the day, since every report would make another assessment.
        at: at.day_begun(),
        digest: None,
    }));
    part
}

fn vulnerable(clients: Counts) -> Reason {
    let reason = Reason::new("services.clients-vulnerable").with("n", clients.fail);
    reason.with("all", clients.total())
}

/// The tools that we introduced.
fn ours<'g>(ground: &'g Ground<'_>) -> impl Iterator<Item = (&'g Entry, &'g ConferenceTool)> {
    let all = ground.world.registers.nouns::<ConferenceTool>();
    all.filter(|(_, tool)| tool.scope != ConferenceScope::Others)
}

/// What is not known of clients: by which names they are reported, where no tool says so; on some devices; or
/// of a tool of ours of which no device shows one, so that its names may be wrong.
fn in_the_dark(ground: &Ground<'_>, clients: &Clients<'_>) -> Option<Reason> {
    let lacks = |code, entry: &Entry| Reason::new(code).with("tool", name(ground, entry.id));
    let mut all = ground.world.registers.nouns::<ConferenceTool>().peekable();
    let first = all.peek().map(|(entry, _)| *entry);
    if all.all(|(_, tool)| tool.packages.is_empty()) {
        return first.map(|entry| lacks("services.packages-unstated", entry));
    }
    let counts = clients.counts;
    if counts.unknown > 0 || counts.total() == 0 {
        return Some(Reason::new("services.clients-unknown").with("n", counts.unknown));
    }
    let is_unseen = |entry: &Entry| match entry.id {
        EntryId::ConferenceTool(id) => clients.of_tool(id).is_empty(),
        _ => false,
    };
    let unseen = ours(ground).find(|(entry, _)| is_unseen(entry));
    unseen.map(|(entry, _)| lacks("services.client-unseen", entry))
}

/// The devices whose clients something is known against, or of which too little is known.
fn on_devices(ground: &Ground<'_>, clients: &Clients<'_>) -> Vec<Concerned> {
    let tools = ground.world.registers.nouns::<ConferenceTool>();
    let ids = tools.filter_map(|(entry, _)| match entry.id {
        EntryId::ConferenceTool(id) => Some(id),
        _ => None,
    });
    let on: Vec<_> = ids.flat_map(|id| clients.of_tool(id)).collect();
    let of = |wanted: Outcome| on.iter().filter(move |on| on.outcome == wanted);
    let worst = of(Outcome::Fail).chain(of(Outcome::Unknown));
    let concerned = worst.take(CONCERNED).map(|on| Concerned {
        what: Thing::Device(on.device),
        person: None,
        outcome: on.outcome,
        reason: on.client.reason.clone(),
    });
    concerned.collect()
}

/// What was found: settings that are off, and devices with known vulnerabilities.
fn found(off: u32, clients: Counts, all: u32) -> Finding {
    let reason = if clients.fail > 0 {
        Some(vulnerable(clients))
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

/// What is wrong with the day on which a tool's settings were looked at; nothing where that was lately. A day
/// that has not come says of no look.
pub(super) fn look_lacks(tool: &ConferenceTool, now: Timestamp) -> Option<&'static str> {
    let day = tool.settings_reviewed;
    let day = day.and_then(|day| Timestamp::start_of_jst_day(day).ok());
    match day.filter(|day| *day <= now) {
        None => Some("services.settings-undated"),
        Some(day) if now < day.after(SETTINGS_FRESH) => None,
        Some(_) => Some("services.settings-old"),
    }
}
