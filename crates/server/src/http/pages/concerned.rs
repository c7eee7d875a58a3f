//! What a row names one by one, as far as the reader may see it.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::register::EntryId;
use sekisho_rules::assess::{Concerned, Thing};
use sekisho_rules::catalogue::Row;

use super::super::ctx::Ctx;
use crate::console::requirement::{SubjectCheck, SubjectItem};
use crate::console::words;

/// The devices and entries that a row names.
pub(super) fn list(ctx: &Ctx, row: &Row, concerned: &[Concerned]) -> Vec<SubjectItem> {
    let check = words::list(
        ctx.lang,
        row.checks().map(|it| words::carrier(ctx.lang, it)),
    );
    let item = |it: &Concerned| {
        let (name, href) = match it.what {
            Thing::Device(device) => {
                let may = ctx.may(Action::ReadDevice, Subject::Device(device));
                let named = || {
                    (
                        super::devices::name(ctx, device),
                        format!("/devices/{device}"),
                    )
                };
                may.then(named)?
            }
            Thing::Entry(id) => entry(ctx, id)?,
            Thing::Case(case) => super::plan::named_case(ctx, case)?,
            Thing::Risk(risk) => super::risk::named_risk(ctx, risk)?,
            Thing::Rule(rule) => super::rules::named_rule(ctx, rule)?,
            Thing::Subject(about) => {
                let may = ctx.may(Action::ReadOpinions, Subject::Body);
                let (name, _) = may.then(|| super::opinions::named(ctx, about))?;
                (name, format!("/opinions/{about}"))
            }
            Thing::Permit(permit) => super::exceptions::named_permit(ctx, permit)?,
        };
        let person = it
            .person
            .filter(|person| ctx.may(Action::ReadDirectory, Subject::Person(*person)));
        let person = person.and_then(|person| super::person_name(ctx, person));
        let checks = vec![SubjectCheck {
            name: check.clone(),
            href: href.clone(),
            outcome: it.outcome,
            reason: words::reason(ctx.lang, &it.reason),
        }];
        Some(SubjectItem {
            name,
            href,
            person,
            checks,
        })
    };
    concerned.iter().filter_map(item).collect()
}

fn entry(ctx: &Ctx, id: EntryId) -> Option<(String, String)> {
    let (title, register) = {
        let world = ctx.site.app.world();
        let entry = world.registers.entry(id)?;
        (super::register::title(ctx.lang, entry), entry.register())
    };
    let may = ctx.may(register.read_action(), Subject::Entry(id));
    may.then(|| (title, super::register::entry_path(register, id)))
}
