//! The checklist of JNSA with its answers (PUB-3, CI-6), and the earlier advisories that the notices cite
//! (PUB-4, CI-6).
//!
//! The list passes where every one of its four chapters has items and every item is answered within the
//! last year, what is said to be done with something that shows it. What the answers are is for the
//! promotion body to weigh: the rows ask that they are there. So "no" with its reason is an answer, and
//! the row says how many there are.

use sekisho_domain::check::Outcome;
use sekisho_domain::checklist::{Answer, Standing};
use sekisho_domain::code::Reason;
use sekisho_domain::profile::Profile;
use sekisho_domain::register::advisory::{Cited, Disposition};
use sekisho_domain::register::checklist_item::Chapter;
use sekisho_domain::register::{Advisory, Entry};
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::Ground;
use super::concerned::{CONCERNED, Concerned, Thing};
use super::part::Part;
use crate::catalogue::Row;

/// The rows that ask for JNSA's list. What carries them is a review by such a list.
const LISTS: [&str; 2] = ["PUB-3", NEWSLETTER];
/// What carries them.
const REVIEW: &str = "REV";
/// The earlier advisories are on record, each with what was done about it.
const ADVISORIES: &str = "CK-ADV-OPEN";
/// The row that asks for the newsletter that carried the list, and by what it is on record.
const NEWSLETTER: &str = "CI-6";
const ON_RECORD: &str = "ADV";

/// Whether checklists or earlier advisories answer a carrier of a row.
pub(super) fn answers(row: &Row, carrier: &str) -> bool {
    let id = row.id.as_str();
    match carrier {
        REVIEW => LISTS.contains(&id),
        ON_RECORD => id == NEWSLETTER,
        _ => carrier == ADVISORIES,
    }
}

/// What they say; none where they do not answer the carrier.
pub(super) fn judge(row: &Row, carrier: &str, ground: &Ground<'_>) -> Option<Part> {
    if !answers(row, carrier) {
        return None;
    }
    Some(match carrier {
        REVIEW => checklist(ground),
        _ => advisories(row, ground),
    })
}

fn checklist(ground: &Ground<'_>) -> Part {
    let all = ground.world.checklist_items(ground.now);
    let items: Vec<_> = all
        .filter(|(_, _, item, _)| item.chapter.is_jnsa())
        .collect();
    if items.is_empty() {
        return Part::of(Verdict::Unknown, Reason::new("checklist.none"));
    }
    let empty = |chapter: &Chapter| !items.iter().any(|(_, _, item, _)| item.chapter == *chapter);
    let missing = Chapter::JNSA
        .iter()
        .filter(|chapter| empty(chapter))
        .count();
    if missing > 0 {
        let reason = Reason::new("checklist.chapters-empty").with("n", missing);
        return Part::of(Verdict::Unknown, reason);
    }
    let mut counts = Counts::default();
    let (mut negative, mut concerned) = (0_u32, Vec::new());
    for (_, entry, _, standing) in &items {
        let (outcome, code) = match standing {
            Standing::Answered(answer) => {
                counts.pass += 1;
                negative += u32::from(matches!(answer, Answer::No | Answer::Partly));
                continue;
            }
            Standing::Unanswered => (Outcome::Fail, "checklist.unanswered"),
            Standing::Stale => (Outcome::Unknown, "checklist.stale"),
            Standing::Reworded => (Outcome::Unknown, "checklist.reworded"),
            Standing::Unshown => (Outcome::Unknown, "checklist.unshown"),
        };
        match outcome {
            Outcome::Fail => counts.fail += 1,
            _ => counts.unknown += 1,
        }
        concerned.push(named(entry, outcome, code));
    }
    let reason = if counts.fail > 0 {
        Reason::new("checklist.not-answered").with("n", counts.fail)
    } else if counts.unknown > 0 {
        Reason::new("checklist.answers-old").with("n", counts.unknown)
    } else {
        Reason::new("checklist.answered").with("negative", negative)
    };
    let mut part = Part::of(counts.verdict(), reason.with("all", items.len()));
    part.counts = counts;
    concerned.sort_by_key(|it| it.outcome != Outcome::Fail);
    concerned.truncate(CONCERNED);
    part.concerned = concerned;
    let newest = items.iter().filter_map(|(id, ..)| {
        let newest = ground.world.checklist.newest(*id);
        newest.map(|given| given.at)
    });
    part.evidence.extend(newest.max().map(|at| Evidence {
        source: "checklist:jnsa".to_owned(),
        at,
        digest: None,
    }));
    part
}

/// The documents that a row asks to be on record.
fn asked(row: &Row, profile: Profile) -> Vec<Cited> {
    if row.id.as_str() == NEWSLETTER {
        return vec![Cited::Newsletter263];
    }
    // Each notice cites its own besides those of the front page.
    let gov = [Cited::ConferenceApril3, Cited::ConferenceApril9];
    let front = [Cited::TeleworkApril14, Cited::PublicMay21];
    let mut asked = front.to_vec();
    if profile != Profile::Ci {
        asked.extend(gov);
    }
    if profile != Profile::Gov {
        asked.push(Cited::TeleworkApril7);
    }
    asked
}

fn advisories(row: &Row, ground: &Ground<'_>) -> Part {
    let organisation = ground.world.organisation.as_ref();
    let Some(profile) = organisation.map(|it| it.profile) else {
        return Part::of(Verdict::Unknown, Reason::new("profile.not-set"));
    };
    let asked = asked(row, profile);
    let all: Vec<(&Entry, &Advisory)> = ground.world.registers.nouns::<Advisory>().collect();
    if all.is_empty() {
        return Part::of(Verdict::Unknown, Reason::new("earlier.none"));
    }
    let is_there = |cited: &&Cited| all.iter().any(|(_, it)| it.cited == Some(**cited));
    let missing = asked.iter().filter(|it| !is_there(it)).count();
    // The newsletter is a source; the others are to be dealt with, like everything that was taken up.
    let speaks_of = |it: &Advisory| match row.id.as_str() {
        NEWSLETTER => it.cited == Some(Cited::Newsletter263),
        _ => true,
    };
    let of_row = || all.iter().filter(|(_, it)| speaks_of(it));
    let needs_word = |it: &Advisory| {
        it.disposition == Disposition::Open && it.cited != Some(Cited::Newsletter263)
    };
    let open: Vec<_> = of_row().filter(|(_, it)| needs_word(it)).collect();
    let counts = Counts {
        pass: number(of_row().count() - open.len()),
        fail: number(open.len() + missing),
        ..Counts::default()
    };
    let reason = if missing > 0 {
        Reason::new("earlier.missing").with("n", missing)
    } else if open.is_empty() {
        Reason::new("earlier.all-disposed").with("n", counts.pass)
    } else {
        Reason::new("earlier.open").with("n", open.len())
    };
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    let first = open.iter().take(CONCERNED);
    let first = first.map(|(entry, _)| named(entry, Outcome::Fail, "earlier.is-open"));
    part.concerned = first.collect();
    let newest = of_row().map(|(entry, _)| entry.changed_at).max();
    part.evidence.extend(newest.map(|at| Evidence {
        source: "register:advisory".to_owned(),
        at,
        digest: None,
    }));
    part
}

fn named(entry: &Entry, outcome: Outcome, code: &'static str) -> Concerned {
    Concerned {
        what: Thing::Entry(entry.id),
        person: None,
        outcome,
        reason: Reason::new(code),
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
