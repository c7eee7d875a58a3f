//! Conference tools by what their register has on record: that they are known, how they stand in operation,
//! and what may be handled with them (notices, 4).
//!
//! An entry by itself confirms nothing. A tool passes where all that the row asks for stands in its entry and
//! still holds; it fails where something is known to be wrong, and is unknown where something is not on record.

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::register::conference_tool::ConferenceScope;
use sekisho_domain::register::{ConferenceTool, Entry, EntryId, Register};
use sekisho_domain::verdict::{Evidence, Verdict};

use super::super::Ground;
use super::super::part::Part;
use super::{
    Tally, logs, name, none_of_kind, nothing_in, number, of_register, settings, unwatched, used,
};
use crate::access::Clients;
use crate::catalogue::Row;

/// What an entry lacks: whether something is known to be wrong or is not on record, and the code of the reason.
type Lacking = (Outcome, &'static str);

/// A tool with its entry.
type Entered<'g> = (&'g Entry, &'g ConferenceTool);

/// Tools that were introduced for the whole: each has a post in office that answers for it, and logs show no
/// use that might be of another.
pub(super) fn known(ground: &Ground<'_>) -> Part {
    let of_whole = tools(ground, |it| it.scope == ConferenceScope::Organisation);
    if of_whole.is_empty() {
        return none_of_kind(Register::ConferenceTool, ground);
    }
    let well = "services.tools-known";
    let part = told(ground, &of_whole, well, |_, tool| {
        owner_lacks(ground, tool).into_iter().collect()
    });
    if part.verdict != Verdict::Met {
        return part;
    }
    let others = used::unlisted(ground, true).map(|reason| Part::of(Verdict::Unknown, reason));
    by_logs(ground, part, others.or_else(|| unwatched(ground, true)))
}

/// Tools that we introduced: a post in office answers for each, its version is known, its settings were looked
/// at lately, and logs tell when it was used last. A tool that only others host is theirs to operate.
pub(super) fn operated(ground: &Ground<'_>) -> Part {
    let ours = tools(ground, |it| it.scope != ConferenceScope::Others);
    if ours.is_empty() {
        return none_of_kind(Register::ConferenceTool, ground);
    }
    let clients = clients(ground, &ours);
    let mut part = told(ground, &ours, "services.tools-operated", |entry, tool| {
        let look = settings::look_lacks(tool, ground.now);
        let unseen = tool.domains.is_empty();
        let lacks = [
            owner_lacks(ground, tool),
            version_lacks(&clients, entry, tool),
            look.map(|code| (Outcome::Unknown, code)),
            unseen.then_some((Outcome::Unknown, "services.tool-without-domains")),
        ];
        lacks.into_iter().flatten().collect()
    });
    let seen = ground.access.services();
    let last = ours
        .iter()
        .filter_map(|(entry, _)| seen.used_at(entry.id, ground.now));
    part.evidence.extend(last.max().map(|at| Evidence {
        source: "services:used".to_owned(),
        // By the day, since every use would make another assessment.
        at: at.min(ground.now).day_begun(),
        digest: None,
    }));
    if part.verdict != Verdict::Met {
        return part;
    }
    by_logs(ground, part, unwatched(ground, true))
}

/// What may be handled is decided for every tool and host. A row that asks to confirm it is not answered by a
/// blank cell; one that asks for the decision itself fails.
pub(super) fn graded(row: &Row, ground: &Ground<'_>) -> Part {
    let all = tools(ground, |_| true);
    if all.is_empty() {
        return nothing_in(Register::ConferenceTool, ground);
    }
    let blank = if row.confirm {
        Outcome::Unknown
    } else {
        Outcome::Fail
    };
    told(ground, &all, "services.tools-graded", |_, tool| {
        let is_blank = !tool.is_decided();
        let lacks = is_blank.then_some((blank, "services.host-undecided"));
        lacks.into_iter().collect()
    })
}

fn tools<'g>(ground: &'g Ground<'_>, wanted: fn(&ConferenceTool) -> bool) -> Vec<Entered<'g>> {
    let all = ground.world.registers.nouns::<ConferenceTool>();
    all.filter(|(_, tool)| wanted(tool)).collect()
}

/// What the tools lack, tool by tool.
fn told(
    ground: &Ground<'_>,
    tools: &[Entered<'_>],
    well: &'static str,
    lacks: impl Fn(&Entry, &ConferenceTool) -> Vec<Lacking>,
) -> Part {
    let mut tally = Tally::default();
    for &(entry, tool) in tools {
        tally.seen(entry.changed_at);
        let lacks = lacks(entry, tool).into_iter().map(|(outcome, code)| {
            let reason = Reason::new(code).with("tool", name(ground, entry.id));
            (outcome, reason)
        });
        tally.entry(entry.id, lacks.collect());
    }
    let newest = tally.newest;
    let mut part = tally.part(Reason::new(well).with("n", number(tools.len())));
    part.concerned.sort_by_key(|it| it.outcome != Outcome::Fail);
    part.evidence
        .extend(newest.map(|at| of_register(Register::ConferenceTool, at)));
    part
}

/// A part that is met, as the logs leave it.
fn by_logs(ground: &Ground<'_>, mut part: Part, doubt: Option<Part>) -> Part {
    if let Some(mut doubt) = doubt {
        doubt.evidence = part.evidence;
        return doubt;
    }
    part.evidence.extend(logs(ground));
    part
}

fn owner_lacks(ground: &Ground<'_>, tool: &ConferenceTool) -> Option<Lacking> {
    let Some(post) = tool.owner else {
        return Some((Outcome::Unknown, "services.owner-unstated"));
    };
    let is_vacant = ground.world.holders(post, ground.now).next().is_none();
    is_vacant.then_some((Outcome::Fail, "services.owner-vacant"))
}

/// The clients that devices show, where the version of a tool is known by these alone.
fn clients<'g>(ground: &'g Ground<'_>, tools: &[Entered<'_>]) -> Clients<'g> {
    let mut tools = tools.iter();
    if tools.any(|(_, tool)| tool.version.is_none() && !tool.packages.is_empty()) {
        ground.access.clients().fleet(ground.world, ground.now)
    } else {
        Clients::default()
    }
}

/// Which version is in use is noted, or a device shows it now.
fn version_lacks(clients: &Clients<'_>, entry: &Entry, tool: &ConferenceTool) -> Option<Lacking> {
    if tool.version.is_some() {
        return None;
    }
    if tool.packages.is_empty() {
        return Some((Outcome::Unknown, "services.version-unknown"));
    }
    let is_shown = match entry.id {
        EntryId::ConferenceTool(id) => !clients.of_tool(id).is_empty(),
        _ => false,
    };
    (!is_shown).then_some((Outcome::Unknown, "services.client-unseen"))
}
