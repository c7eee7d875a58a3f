//! The form (様式) of a permit: what stands on it.

use maud::html as markup;
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::permit::{Life, Obligation, Obligations, Permit};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_messages::{t, text};

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::register::referents::called;
use super::content::{Look, asked_for, granted, unit_then, written};
use super::{applicant, asked, decider, history, path, post_called};
use crate::console::layout::Place;
use crate::console::permits::{Done, PaperView, paper, status_word};

/// Which document it is, and the last part of the keys of its words.
#[derive(Clone, Copy)]
enum Paper {
    Application,
    Permit,
    Refusal,
}

impl Paper {
    const fn code(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Permit => "permit",
            Self::Refusal => "refusal",
        }
    }
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let permit = asked(ctx)?;
    let lang = ctx.lang;
    let paper_kind = match permit.life {
        Life::Granted(_) => Paper::Permit,
        Life::Refused(_) => Paper::Refusal,
        _ => Paper::Application,
    };
    let kind = permit.kind().code();
    let records = ctx.site.app.records(&permit.records)?;
    let subject = text(lang, format!("permits.paper_subject.{kind}"), &[]);
    let code = paper_kind.code();
    let said = |what: &str| {
        let key = format!("permits.{what}.{code}");
        text(lang, key, &[("subject", subject.as_ref().into())]).into_owned()
    };
    let day_of_it = of_day(&permit, &records, paper_kind);
    let (to, from) = parties(ctx, &permit, paper_kind, day_of_it);
    let mut decided = match paper_kind {
        Paper::Application => Vec::new(),
        Paper::Permit | Paper::Refusal => granted(ctx, &permit, Look::Paper(day_of_it)),
    };
    if !decided.is_empty() {
        let said = markup! { (written(lang, day_of_it)) };
        decided.insert(0, (t!(lang, "permits.paper_day"), said));
        // What became of it since: nobody takes a permit that is held or over for one that holds.
        let now = status_word(lang, permit.status(ctx.now));
        decided.push((t!(lang, "permits.paper_now"), markup! { (now) }));
    }
    if let Some(reason) = refused_because(ctx, &records)? {
        let said = markup! { p class="statement" { (reason) } };
        decided.push((t!(lang, "permits.reason"), said));
    }
    let view = PaperView {
        back: path(permit.id),
        title: said("paper_title"),
        number: permit.grant().map(|grant| grant.number.to_string()),
        day: written(lang, day_of_it),
        to,
        from,
        opening: said("paper_opening"),
        asked: asked_for(ctx, &permit, Look::Paper(day_of_it))?,
        decided,
        // Who was refused undertakes nothing and owes nothing.
        undertakes: match paper_kind {
            Paper::Refusal => Vec::new(),
            Paper::Application | Paper::Permit => undertakes(ctx, kind),
        },
        ends: match paper_kind {
            Paper::Refusal => Vec::new(),
            Paper::Application | Paper::Permit => ends(ctx, &permit, &records),
        },
        foot: t!(
            lang,
            "permits.paper_foot",
            id = permit.id.to_string(),
            day = written(lang, ctx.now)
        )
        .into_owned(),
    };
    let mut frame = ctx.frame(Place::Elsewhere);
    frame.path = format!("{}/form", path(permit.id));
    Ok(html(paper(&frame, &view)))
}

/// Why it was refused, where it was.
fn refused_because(ctx: &Ctx, records: &[(u64, StoredEvent)]) -> Result<Option<String>, Fault> {
    let refused = records
        .iter()
        .rev()
        .find_map(|(_, stored)| match &stored.event {
            Event::PermitRefused { step } => Some(&step.reason),
            _ => None,
        });
    refused
        .map(|reason| history::opened(ctx, reason))
        .transpose()
}

/// The day that it bears: of the application, or of the decision.
fn of_day(permit: &Permit, records: &[(u64, StoredEvent)], paper: Paper) -> Timestamp {
    let decided = records.iter().rev().find(|(_, stored)| {
        matches!(
            stored.event,
            Event::PermitApproved { .. } | Event::PermitRefused { .. }
        )
    });
    match (paper, decided) {
        (Paper::Permit | Paper::Refusal, Some((_, stored))) => stored.recorded_at,
        _ => permit.applied_at,
    }
}

/// To whom it goes, and from whom it comes.
fn parties(ctx: &Ctx, permit: &Permit, paper: Paper, at: Timestamp) -> (String, Vec<String>) {
    let lang = ctx.lang;
    let (organisation, unit, route) = {
        let world = ctx.site.app.world();
        let known = world.organisation.as_ref();
        (
            known.map(|it| called(ctx, &it.name)).unwrap_or_default(),
            unit_then(ctx, &world, permit, at),
            world.route_of(permit, ctx.now).unwrap_or(permit.route),
        )
    };
    let person = applicant(ctx, permit);
    let addressed = |name: &str| t!(lang, "permits.paper_to", name = name).into_owned();
    let decision = match &permit.life {
        Life::Granted(grant) => Some(grant.decision),
        Life::Refused(decision) => Some(*decision),
        _ => None,
    };
    match (paper, decision) {
        (Paper::Permit | Paper::Refusal, Some(decision)) => {
            let to = addressed(&format!("{unit} {person}"));
            let post = post_called(ctx, &ctx.site.app.world(), decision.route.post);
            let by = history::decided_by(ctx, &decision);
            let from = if by.trim().is_empty() { post } else { by };
            (to, vec![organisation, from])
        }
        _ => {
            let to = addressed(&format!("{organisation} {}", decider(ctx, &route)));
            (to, vec![unit, person])
        }
    }
}

/// What the applicant of a kind undertakes.
fn undertakes(ctx: &Ctx, kind: &str) -> Vec<String> {
    let lines = text(ctx.lang, format!("permits.paper_undertake.{kind}"), &[]);
    lines.lines().map(str::to_owned).collect()
}

/// What is done at the end, with the day on which it was.
fn ends(ctx: &Ctx, permit: &Permit, records: &[(u64, StoredEvent)]) -> Vec<Done> {
    let lang = ctx.lang;
    let all = Obligations::of(permit.kind(), permit.grade);
    let met = |duty: Obligation| {
        records.iter().find(|(_, stored)| {
            matches!(&stored.event, Event::PermitObligationMet { step } if step.obligation == duty)
        })
    };
    let mut list = Vec::new();
    for duty in all.iter() {
        let done = met(duty).map(|(_, stored)| {
            let who = history::acted(ctx, permit, &stored.actor, None);
            markup! { (written(lang, stored.recorded_at)) " " (who) }
        });
        let due = permit.grant().map(|grant| {
            let last = grant.late(duty, ctx.now).before(Span::millis(1));
            written(lang, last)
        });
        list.push(Done {
            what: text(lang, format!("permits.duty.{}", duty.code()), &[]).into_owned(),
            due,
            done,
        });
    }
    list
}
