//! The ledger's page.

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::event::StoredEvent;
use sekisho_ledger::digest::entry_hash;
use sekisho_messages::{contains, text};

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::super::verification::{self, State};
use super::person_name;
use crate::app::stored;
use crate::console::components::Pages;
use crate::console::layout::Place;
use crate::console::ledger::{LedgerView, Outlet, RecordItem, Verification, page};
use crate::reconcile::{self, Failure, TargetStatus};

/// Records on one page of the list.
const PER_PAGE: u64 = 20;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::ReadLedger, Subject::Body)?;
    let app = &ctx.site.app;
    let may_verify = ctx.may(Action::VerifyLedger, Subject::Body);
    // The first look after a start sets it going; from then on it is asked for.
    if matches!(ctx.site.verifier.state(), State::NotYet) {
        verification::start(&ctx.site);
    }
    let head = app.head();
    let chosen: Option<u64> = ctx.query("record").and_then(|n| n.parse().ok());
    let until = match (
        chosen,
        ctx.query("before").and_then(|n| n.parse::<u64>().ok()),
    ) {
        (Some(record), _) => record.saturating_add(PER_PAGE / 2),
        (None, Some(before)) => before,
        (None, None) => head.size,
    };
    let until = until.min(head.size);
    let first = until.saturating_sub(PER_PAGE);
    let view = LedgerView {
        origin: app.verifier().name().to_owned(),
        size: head.size,
        root: head
            .checkpoint
            .lines()
            .nth(2)
            .unwrap_or_default()
            .to_owned(),
        last_at: (head.size > 0).then(|| app.world().recorded_at),
        checkpoint: (!head.checkpoint.is_empty()).then_some(head.checkpoint),
        verifier_key: app.verifier().to_string(),
        verification: known(ctx),
        verify: may_verify.then(|| ctx.csrf()).transpose()?,
        outlets: outlets(ctx),
        records: records(ctx, first, until)?,
        chosen,
        pages: pages(first, until, head.size),
    };
    Ok(html(page(&ctx.live_frame(Place::Ledger), &view)))
}

/// Begins a verification and leads back to the page, which shows how far it is.
pub(in crate::http) fn verify(ctx: &Ctx, _: &Form) -> Answer {
    ctx.gate(Action::VerifyLedger, Subject::Body)?;
    verification::start(&ctx.site);
    Ok(redirect("/ledger"))
}

fn known(ctx: &Ctx) -> Verification {
    match ctx.site.verifier.state() {
        State::NotYet => Verification::NotYet,
        State::Running { done, of } => Verification::Running { done, of },
        State::Failed { at, code } => Verification::Failed {
            at,
            why: super::sentence(ctx.lang, code, &[]),
        },
        State::Done { at, report } if report.is_clean() => Verification::Sound {
            records: report.records,
            at,
            outside: report.unknown.is_empty(),
        },
        State::Done { at, report } => {
            let place = report.findings.first().map_or_else(String::new, |finding| {
                let key = format!("ledger.finding.{}", finding.code);
                let what = if contains(&key) {
                    text(ctx.lang, key, &[]).into_owned()
                } else {
                    finding.code.to_string()
                };
                format!("{what} ({})", finding.place)
            });
            Verification::Broken { at, place }
        }
    }
}

/// Where checkpoints leave to. The folder inside the data folder is no such place: what is there
/// has not left.
fn outlets(ctx: &Ctx) -> Vec<Outlet> {
    let folder = ctx.site.app.folder().checkpoints().display().to_string();
    let failed = |failure: &Failure| {
        super::sentence(
            ctx.lang,
            &failure.code,
            &[("detail", failure.detail.as_str().into())],
        )
    };
    let outlet = |target: TargetStatus| Outlet {
        kind: target.kind,
        outside: target.outside,
        last: target.last_size.zip(target.last_at),
        waiting: target.waiting,
        failure: target.last_error.as_ref().map(failed),
        target: if target.outside {
            place(&target.target)
        } else {
            folder.clone()
        },
    };
    match reconcile::status(&ctx.site.app) {
        Ok(targets) => targets.into_iter().map(outlet).collect(),
        Err(failure) => {
            tracing::warn!(code = %failure.code, "the state of checkpoint targets is unreadable");
            Vec::new()
        }
    }
}

/// The place of a target without its kind.
fn place(target: &str) -> String {
    let (_, place) = target.split_once(':').unwrap_or(("", target));
    place.to_owned()
}

fn records(ctx: &Ctx, first: u64, until: u64) -> Result<Vec<RecordItem>, Fault> {
    let mut items = Vec::new();
    let store = ctx.site.app.open_ledger()?;
    let mut read: Vec<(u64, String, Option<StoredEvent>)> = Vec::new();
    store.range(first, until - first, &mut |row| {
        let hash = entry_hash(&row.salt, row.record).to_string();
        read.push((row.seq, hash, stored::event(row.record).ok()));
        Ok(())
    })?;
    for (sequence, hash, event) in read.into_iter().rev() {
        let Some(event) = event else { continue };
        let kind = event.event.kind().0;
        let key = format!("domain.event.{kind}");
        items.push(RecordItem {
            sequence,
            at: event.recorded_at,
            what: if contains(&key) {
                text(ctx.lang, key, &[]).into_owned()
            } else {
                kind.to_owned()
            },
            kind: kind.to_owned(),
            actor: actor(ctx, &event.actor),
            hash,
        });
    }
    Ok(items)
}

/// Who acted, in words; a person's name only for those who may read it.
fn actor(ctx: &Ctx, actor: &Actor) -> String {
    let word = |key: &'static str| text(ctx.lang, key, &[]).into_owned();
    match actor {
        Actor::Operator => word("domain.actor.operator"),
        Actor::System => word("domain.actor.system"),
        Actor::Setup => word("domain.actor.setup"),
        Actor::Nobody => word("domain.actor.nobody"),
        Actor::Device { device } => super::devices::name(ctx, *device),
        Actor::Service { token, .. } => super::service_name(ctx, *token),
        Actor::Person { person, .. } => {
            let named = ctx.may(Action::ReadDirectory, Subject::Person(*person));
            let name = named.then(|| person_name(ctx, *person)).flatten();
            name.unwrap_or_else(|| person.to_string())
        }
    }
}

fn pages(first: u64, until: u64, size: u64) -> Option<Pages> {
    let newer = until.saturating_add(PER_PAGE).min(size);
    (size > PER_PAGE).then(|| Pages {
        previous: (until < size).then(|| format!("/ledger?before={newer}")),
        next: (first > 0).then(|| format!("/ledger?before={first}")),
        first: size - until + 1,
        last: size - first,
        total: size,
    })
}
