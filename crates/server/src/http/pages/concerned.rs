//! What a row names one by one, as far as the reader may see it.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::register::EntryId;
use sekisho_rules::assess::{Concerned, Thing};
use sekisho_rules::catalogue::Row;

use super::super::ctx::Ctx;
use crate::console::requirement::{SubjectCheck, SubjectItem};
use crate::console::words;
use crate::service_use::{ServiceInUse, in_use};

/// The devices and entries that a row names.
pub(super) fn list(ctx: &Ctx, row: &Row, concerned: &[Concerned]) -> Vec<SubjectItem> {
    let check = words::list(
        ctx.lang,
        row.checks().map(|it| words::carrier(ctx.lang, it)),
    );
    let uses = Uses::of(ctx, concerned);
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
            href: uses.page(ctx, it).unwrap_or_else(|| href.clone()),
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

/// Use of services that somebody had not applied for. Who it was no row names: the page of the service shows it for a
/// stated purpose, and leads there whoever may see its use.
struct Uses(Vec<ServiceInUse>);

impl Uses {
    /// Reads them where a row speaks of any. Where they cannot be read, nothing leads there.
    fn of(ctx: &Ctx, concerned: &[Concerned]) -> Self {
        let speaks = concerned.iter().any(is_not_applied_for);
        if !speaks || !ctx.may(Action::ReadServiceUse, Subject::Body) {
            return Self(Vec::new());
        }
        Self(in_use(&ctx.site.app).unwrap_or_default())
    }

    fn page(&self, ctx: &Ctx, it: &Concerned) -> Option<String> {
        let Thing::Entry(id) = it.what else {
            return None;
        };
        if !is_not_applied_for(it) {
            return None;
        }
        let world = ctx.site.app.world();
        let used = self.0.iter().find(|used| {
            let carriers = world.carriers(&used.known.domains, used.known.is_conference());
            carriers.iter().any(|carrier| carrier.id == id)
        })?;
        Some(super::services::people::place(used))
    }
}

fn is_not_applied_for(it: &Concerned) -> bool {
    &*it.reason.code == "services.not-applied"
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
