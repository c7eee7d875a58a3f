//! What the organisation settles about permits: who decides where the notices name no one, and how
//! numbers run.

use std::collections::BTreeMap;

use maud::html as markup;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::PermitCommand;
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::role::Role;
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::form::Form;
use super::super::register::referents::Things;
use super::form::{Fail, Wrong, anchored, answer, commanded};
use crate::console::fields::{Entered, FieldForm, Words, inputs, read};
use crate::console::layout::Place;
use crate::console::register::{FormView, form_page};

/// The kinds of which the deciding role can be chosen: the field of each, and the roles.
const CHOOSABLE: &[(PermitKind, &str, &[&str])] = &[
    (PermitKind::TakeOut, "approver_po", &["isso", "diso", "iso"]),
    (
        PermitKind::Peripheral,
        "approver_pp",
        &["isso", "diso", "iso"],
    ),
    (
        PermitKind::Service,
        "approver_pv",
        &["diso", "iso", "hiso", "service_owner"],
    ),
];

fn fields() -> Vec<Field> {
    let roles = CHOOSABLE.iter().map(|(_, code, roles)| Field {
        code,
        kind: FieldKind::Choice(roles),
        required: true,
        many: false,
    });
    let by_half = Field {
        code: "by_half",
        kind: FieldKind::Flag,
        required: true,
        many: false,
    };
    roles.chain([by_half]).collect()
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.gate(Action::SetPermitRules, Subject::Body)?;
    let mut values = Values::new();
    {
        let world = ctx.site.app.world();
        for (kind, code, _) in CHOOSABLE {
            let role = world.permits.approver(*kind).code();
            values.insert((*code).to_owned(), Value::Text(role.to_owned()));
        }
        let by_half = Value::Flag(world.permits.rules().by_half);
        values.insert("by_half".to_owned(), by_half);
    }
    let entered = Entered::of_values(ctx.lang, &fields(), &values);
    render(ctx, &entered, &Vec::new())
}

pub(in crate::http) fn set(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::SetPermitRules, Subject::Body)?;
    let entered = Entered::of_pairs(form.pairs());
    let read = read(&fields(), &entered, &Things { ctx });
    let mut approvers = BTreeMap::new();
    for (kind, code, _) in CHOOSABLE {
        let role = match read.values.get(*code) {
            Some(Value::Text(code)) => Role::from_code(code),
            _ => None,
        };
        // The default is not written down: it stays the default.
        if let Some(role) = role.filter(|role| *role != kind.approver().0) {
            approvers.insert(*kind, role);
        }
    }
    let by_half = read.values.get("by_half") == Some(&Value::Flag(true));
    let command = PermitCommand::SetRules { by_half, approvers };
    match commanded(ctx, command, &|_| String::new()) {
        Ok(()) => Ok(redirect("/permits/rules")),
        Err(Fail::Wrong(wrong)) => render(ctx, &entered, &wrong),
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

fn render(ctx: &Ctx, entered: &Entered, wrong: &Wrong) -> Answer {
    let lang = ctx.lang;
    let fields = fields();
    let form = FieldForm {
        lang,
        words: Words::permit("any"),
        fields: &fields,
        entered,
        errors: wrong,
        referents: &Things { ctx },
    };
    let view = FormView {
        trail: Vec::new(),
        title: t!(lang, "permits.rules").into_owned(),
        lead: t!(lang, "permits.rules_lead").into_owned(),
        note: markup! {},
        action: "/permits/rules".to_owned(),
        csrf: ctx.live()?.csrf(),
        hidden: Vec::new(),
        inputs: markup! { (inputs(&form)) },
        remark: None,
        submit: t!(lang, "permits.rules_do").into_owned(),
        danger: false,
        back: "/permits".to_owned(),
        errors: anchored(wrong),
    };
    answer(form_page(&ctx.frame(Place::PermitRules), &view), wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_chosen_is_what_the_domain_lets_be_chosen() {
        for kind in PermitKind::ALL {
            let own: Vec<&str> = kind.choosable().iter().map(|role| role.code()).collect();
            let here = CHOOSABLE.iter().find(|(it, ..)| it == kind);
            let here = here.map_or(&[][..], |(_, _, roles)| *roles);
            assert_eq!(here, own.as_slice(), "{kind:?}");
        }
    }
}
