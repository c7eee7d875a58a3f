//! Reports of unease: that they can be told, and are answered in time (GOV-1-a, CI-1-a).

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::register::{Entry, EntryId, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::Ground;
use super::concerned::{CONCERNED, Concerned, Thing};
use super::part::Part;

/// The carrier.
const CONCERN: &str = "CONCERN";

/// Whether reports of unease answer a carrier.
pub(super) fn answers(carrier: &str) -> bool {
    carrier == CONCERN
}

/// What they say. A report past its time fails. That nobody told anything passes only where somebody
/// could: without a way to tell, silence says nothing.
pub(super) fn judge(ground: &Ground<'_>) -> Part {
    let world = ground.world;
    let open: Vec<(&Entry, Timestamp)> = world
        .open_concerns()
        .filter_map(|(_, entry, _)| Some((entry, world.concern_due(entry)?)))
        .collect();
    let late: Vec<&(&Entry, Timestamp)> = open.iter().filter(|it| it.1 <= ground.now).collect();
    let all = world.registers.active(Register::Concern).count();
    let counts = Counts {
        pass: number(all - late.len()),
        fail: number(late.len()),
        ..Counts::default()
    };
    let mut part = if !late.is_empty() {
        let reason = Reason::new("concern.late").with("n", late.len());
        let mut part = counted(counts, reason.with("all", open.len()));
        part.concerned = late.iter().take(CONCERNED).map(|it| named(it)).collect();
        part
    } else if !can_be_told(ground) {
        Part::of(Verdict::Unknown, Reason::new("concern.no-way"))
    } else if open.is_empty() && all == 0 {
        Part::of(Verdict::Met, Reason::new("concern.none-told"))
    } else if let Some(due) = open.iter().map(|it| it.1).min() {
        let reason = Reason::new("concern.in-time").with("n", open.len());
        counted(counts, reason.with("due", due))
    } else {
        counted(counts, Reason::new("concern.all-answered").with("n", all))
    };
    part.evidence.push(Evidence {
        source: "register:concern".to_owned(),
        at: newest(ground).unwrap_or_else(|| ground.now.day_begun()),
        digest: None,
    });
    part
}

/// Whether anybody can tell of unease: without a name, or by an account of one's own.
fn can_be_told(ground: &Ground<'_>) -> bool {
    let world = ground.world;
    let someone = || {
        let mut people = world.accounts_of.keys();
        people.any(|person| world.is_member(*person, ground.now) && world.has_open_account(*person))
    };
    world.concerns.takes_nameless() || someone()
}

fn newest(ground: &Ground<'_>) -> Option<Timestamp> {
    let all = ground.world.registers.active(Register::Concern);
    all.map(|entry| entry.changed_at).max()
}

fn counted(counts: Counts, reason: Reason) -> Part {
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    part
}

fn named((entry, due): &(&Entry, Timestamp)) -> Concerned {
    let id: EntryId = entry.id;
    Concerned {
        what: Thing::Entry(id),
        person: None,
        outcome: Outcome::Fail,
        reason: Reason::new("concern.is-late").with("due", *due),
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
