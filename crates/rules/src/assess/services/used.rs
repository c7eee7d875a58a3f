//! What logs show to be used, held against the registers and permits.

use std::collections::BTreeSet;

use sekisho_domain::code::Reason;
use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_domain::register::conference_tool::{ConferenceScope, MeetingHost};
use sekisho_domain::register::service::ServiceKind;
use sekisho_domain::register::{ConferenceTool, Register, Service};
use sekisho_domain::sighting::{Lack, Sighted};
use sekisho_domain::verdict::{Counts, Finding, Verdict};

use super::super::Ground;
use super::super::part::Part;
use super::super::period::start;
use super::terms::entry_of;
use super::{Tally, name, nothing_in, number, of_register, sources, unwatched};
use crate::catalogue::Row;

/// The findings that wait, of conference tools or of other services.
fn open<'a>(ground: &'a Ground<'_>, conference: bool) -> Vec<(&'a Sighted, Lack)> {
    let all = ground.world.open_sightings(ground.now);
    all.filter(|(it, _)| it.sighting.is_conference() == conference)
        .collect()
}

/// What the first of them lacks, and how many there are.
fn lacking(open: &[(&Sighted, Lack)]) -> Option<Reason> {
    let unlisted = open.iter().find(|(_, lack)| *lack == Lack::Unregistered);
    let (sighted, lack) = unlisted.or_else(|| open.first())?;
    let code = match lack {
        Lack::Unregistered => "services.unregistered",
        Lack::OutsideUnit => "services.outside-unit",
    };
    let first = sighted.sighting.name.ja.as_str();
    let reason = Reason::new(code).with("n", number(open.len()));
    Some(reason.with("first", first))
}

/// What the first of the uses lacks that no register carries; none where all of them are carried.
pub(super) fn unlisted(ground: &Ground<'_>, conference: bool) -> Option<Reason> {
    lacking(&open(ground, conference))
}

/// Nothing is used that no register carries.
pub(super) fn only_listed(row: &Row, ground: &Ground<'_>, conference: bool) -> Part {
    let known = ground.world.sightings.values();
    let known = known.filter(|it| it.sighting.is_conference() == conference);
    let open = open(ground, conference);
    let counts = Counts {
        fail: number(open.len()),
        pass: number(known.count()).saturating_sub(number(open.len())),
        ..Counts::default()
    };
    if let Some(reason) = lacking(&open) {
        let mut part = Part::of(Verdict::NotMet, reason.clone());
        part.counts = counts;
        part.evidence.extend(
            open.iter()
                .map(|(it, _)| sekisho_domain::verdict::Evidence {
                    source: format!("sighting:{}", it.sighting.service.as_str()),
                    at: it.opened_at,
                    digest: None,
                }),
        );
        if row.confirm {
            part.finding = Some(Finding {
                counts,
                reason: Some(reason),
                period: None,
            });
        }
        return part;
    }
    if let Some(part) = unwatched(ground, conference) {
        return part;
    }
    // The clause asks for a list of services; no list is none that stands empty.
    let registers = &ground.world.registers;
    if !conference && registers.active(Register::Service).next().is_none() {
        return nothing_in(Register::Service, ground);
    }
    let reason = Reason::new("services.all-registered").with("n", sources(ground));
    let mut part = Part::of(Verdict::Met, reason);
    part.counts = counts;
    part.evidence.extend(super::logs(ground));
    part
}

/// Whoever used a service under terms held a permit for it.
pub(super) fn applied(ground: &Ground<'_>) -> Part {
    let (with, without, unknown) = ground.access.services().applied(ground.now);
    let mut tally = Tally::default();
    tally.counts.pass = with;
    let mut named = BTreeSet::new();
    for (_, service) in without {
        let id = entry_of(service);
        let reason = Reason::new("services.not-applied").with("service", name(ground, id));
        // Each counts; who they were is shown with the service, for a stated purpose (decision 7).
        tally.fail(named.insert(service).then_some(id), reason);
    }
    for (sighted, _) in open(ground, false) {
        let name = sighted.sighting.name.ja.as_str();
        let reason = Reason::new("services.used-unregistered").with("service", name);
        tally.fail(None, reason);
    }
    let terms = ground.world.registers.nouns::<Service>();
    let nameless = terms.filter(|(_, it)| it.kind == ServiceKind::Terms && it.domains.is_empty());
    for (entry, _) in nameless {
        // Nothing in a log could be put down to it.
        let reason = Reason::new("services.no-domains");
        tally.unknown(
            Some(entry.id),
            reason.with("service", name(ground, entry.id)),
        );
    }
    for service in unknown {
        let id = entry_of(service);
        let reason = Reason::new("services.nobody-known").with("service", name(ground, id));
        tally.unknown(Some(id), reason);
    }
    if tally.counts.fail == 0
        && let Some(part) = unwatched(ground, false)
    {
        return part;
    }
    if tally.counts.fail == 0 && !ground.access.services().is_whole() {
        return Part::of(Verdict::Unknown, Reason::new("services.uses-cut"));
    }
    let well = if with > 0 {
        Reason::new("services.all-applied").with("n", with)
    } else {
        Reason::new("services.none-used")
    };
    let mut part = tally.part(well);
    part.evidence.extend(super::logs(ground));
    part
}

/// The hosts that a row speaks of.
fn hosts(row: &Row) -> &'static [MeetingHost] {
    match row.id.as_str() {
        "GOV-4-d" => &[MeetingHost::Contractor],
        "GOV-4-e" => &[MeetingHost::External, MeetingHost::Individual],
        _ => &[
            MeetingHost::Contractor,
            MeetingHost::External,
            MeetingHost::Individual,
        ],
    }
}

/// Tools in meetings that others host: every tool that logs show is in the register, and for each of them
/// it is decided what may be handled there. Who hosted a meeting no log says; that is what permits (PC) say,
/// and tools that nobody of ours introduced are found where they are used without any such permit.
pub(super) fn of_others(row: &Row, ground: &Ground<'_>) -> Part {
    let open = open(ground, true);
    if let Some(reason) = lacking(&open) {
        let first = match reason.params.get("first") {
            Some(first) => first.clone(),
            None => return Part::of(Verdict::Unknown, reason),
        };
        let mut unclear = Reason::new("services.hosts-unknown").with("n", number(open.len()));
        unclear.params.insert("first".into(), first);
        return Part::of(Verdict::Unknown, unclear);
    }
    if let Some(part) = unwatched(ground, true) {
        return part;
    }
    let hosts = hosts(row);
    let mut tally = Tally::default();
    let mut found = Tally::default();
    for (entry, tool) in ground.world.registers.nouns::<ConferenceTool>() {
        tally.seen(entry.changed_at);
        if hosts.iter().any(|host| tool.is_blank(*host)) {
            let reason = Reason::new("services.host-undecided");
            tally.unknown(Some(entry.id), reason.with("tool", name(ground, entry.id)));
        } else {
            tally.pass();
        }
        let used = ground.access.services().used_at(entry.id, ground.now);
        if tool.scope == ConferenceScope::Others && used.is_some() {
            if is_permitted(row, ground, entry.id, hosts) {
                found.pass();
            } else {
                let reason = Reason::new("services.hosted-without-permit");
                found.fail(Some(entry.id), reason.with("tool", name(ground, entry.id)));
            }
        }
    }
    let n = tally.counts.total();
    let newest = tally.newest;
    let mut part = tally.part(Reason::new("services.hosts-known").with("n", n));
    part.finding = Some(Finding {
        counts: found.counts,
        reason: found.first.map(|(reason, _)| reason),
        period: None,
    });
    part.concerned.extend(found.concerned);
    part.evidence
        .extend(newest.map(|at| of_register(Register::ConferenceTool, at)));
    part.evidence.extend(super::logs(ground));
    part
}

/// Whether anybody holds, or held within the period, a permit for meetings with a tool that such a host
/// offers.
fn is_permitted(
    row: &Row,
    ground: &Ground<'_>,
    tool: sekisho_domain::register::EntryId,
    hosts: &[MeetingHost],
) -> bool {
    let from = start(row, ground).from(ground.now);
    let mut all = ground.world.permits.of_kind(PermitKind::Conference);
    all.any(|permit| {
        let of_tool = match permit.particulars.as_ref() {
            Particulars::Conference(it) => {
                sekisho_domain::register::EntryId::from(it.tool) == tool && hosts.contains(&it.host)
            }
            _ => false,
        };
        let grant = permit.grant();
        of_tool && grant.is_some_and(|grant| grant.term.until > from)
    })
}
