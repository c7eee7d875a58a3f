//! What is done with a permit besides deciding on an application: a page that says what it means, asks
//! for what is needed, and carries it out.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::command::{PermitAct, PermitCommand};
use sekisho_domain::field::{Field, FieldKind, Value};
use sekisho_domain::permit::{ActKind, HoldCause, Obligation, Permit, Proof};
use sekisho_messages::{Lang, t, text};

use super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::register::referents::Things;
use super::super::sentence;
use super::acts::May;
use super::form::{
    Fail, Wrong, after_day, anchored, answer, at, commanded, day, needed, sealed, wrong,
};
use super::{asked, path, title};
use crate::console::components::confirmation;
use crate::console::fields::{Entered, FieldForm, Words, inputs, read, sentence as field_sentence};
use crate::console::layout::Place;
use crate::console::register::{FormView, Remark, form_page};

/// Causes for which people hold a permit.
const CAUSES: &[&str] = &["condition", "incident", "officer"];

/// What the path names.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Asked {
    act: ActKind,
    duty: Option<Obligation>,
}

impl Asked {
    fn of(ctx: &Ctx) -> Result<Self, Fault> {
        let plain = |act| Self { act, duty: None };
        Ok(match ctx.parameter("act") {
            "activate" => plain(ActKind::Activate),
            "withdraw" => plain(ActKind::Withdraw),
            "extension" => plain(ActKind::AskExtension),
            "return" => plain(ActKind::Return),
            "suspend" => plain(ActKind::Suspend),
            "resume" => plain(ActKind::Resume),
            "revoke" => plain(ActKind::Revoke),
            "view" => plain(ActKind::View),
            duty => Self {
                act: ActKind::Meet,
                duty: Some(Obligation::from_code(duty).ok_or_else(Fault::not_found)?),
            },
        })
    }

    /// The fields that are asked for.
    fn fields(self) -> Vec<Field> {
        match self.act {
            ActKind::AskExtension => vec![day("extend_until", true)],
            ActKind::Suspend => vec![Field {
                code: "cause",
                kind: FieldKind::Choice(CAUSES),
                required: true,
                many: false,
            }],
            _ => Vec::new(),
        }
    }

    /// Whether a text is asked for, and whether it must be there.
    fn asks_text(self) -> Option<bool> {
        match self.act {
            ActKind::AskExtension | ActKind::Revoke => Some(true),
            ActKind::Suspend | ActKind::Resume => Some(false),
            ActKind::Meet => self.duty.map(Obligation::is_stated_by_the_applicant),
            _ => None,
        }
    }

    /// Whether it must be confirmed: what cannot be undone, and what is declared.
    fn is_confirmed(self) -> bool {
        matches!(
            self.act,
            ActKind::Activate
                | ActKind::Withdraw
                | ActKind::Return
                | ActKind::Revoke
                | ActKind::Meet
                | ActKind::View
        )
    }

    fn is_dangerous(self) -> bool {
        matches!(
            self.act,
            ActKind::Withdraw | ActKind::Revoke | ActKind::Suspend
        )
    }

    /// The key of what is said about it.
    fn words(self, lang: Lang, what: &str) -> String {
        text(lang, format!("permits.do.{}_{what}", self.act.code()), &[]).into_owned()
    }

    /// What it is called.
    fn heading(self, lang: Lang) -> String {
        match self.duty {
            None => text(lang, format!("permits.act.{}", self.act.code()), &[]).into_owned(),
            Some(duty) => text(lang, format!("permits.duty_do.{}", duty.code()), &[]).into_owned(),
        }
    }
}

/// The permit, where the reader may do what the path names.
fn allowed(ctx: &Ctx) -> Result<(Permit, Asked), Fault> {
    let permit = asked(ctx)?;
    let what = Asked::of(ctx)?;
    let may = May::of(ctx, &permit);
    let status = permit.status(ctx.now);
    let can = match what.duty {
        None => may.act(&permit, status, what.act),
        Some(duty) => may.meets(status, duty),
    };
    if can {
        return Ok((permit, what));
    }
    // The gate says why not, where it is the reader; else the state of the permit does not allow it.
    let action = match what.act {
        ActKind::Resume | ActKind::Revoke | ActKind::View => Action::DecidePermit,
        ActKind::Suspend => Action::HoldPermit,
        ActKind::Meet
            if !what
                .duty
                .is_some_and(Obligation::is_stated_by_the_applicant) =>
        {
            Action::ReceivePermit
        }
        _ => Action::ApplyPermit,
    };
    ctx.gate(action, Subject::Permit(permit.id))?;
    if action == Action::ApplyPermit && !may.own {
        return Err(Fault::denied(Denied::OutOfReach, action));
    }
    Err(super::not_now(ctx, &permit, what.act))
}

pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let (permit, what) = allowed(ctx)?;
    render(ctx, &permit, what, &Entered::default(), "", &Vec::new())
}

pub(in crate::http) fn act(ctx: &Ctx, form: &Form) -> Answer {
    let (permit, what) = allowed(ctx)?;
    let entered = Entered::of_pairs(form.pairs());
    let said = form.get("remark").trim();
    match carry_out(ctx, &permit, what, &entered, form) {
        Ok(()) => Ok(redirect(&path(permit.id))),
        Err(Fail::Wrong(wrong)) => render(ctx, &permit, what, &entered, said, &wrong),
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

fn carry_out(
    ctx: &Ctx,
    permit: &Permit,
    what: Asked,
    entered: &Entered,
    form: &Form,
) -> Result<(), Fail> {
    let lang = ctx.lang;
    if what.is_confirmed() && form.get("confirmed") != "yes" {
        return Err(wrong("confirmed", sentence(lang, "form.confirm", &[])));
    }
    let act = command(ctx, permit, what, entered, form.get("remark").trim())?;
    let command = PermitCommand::Act {
        permit: permit.id,
        expected: form.get("expected").parse().ok(),
        act,
    };
    commanded(ctx, command, &|field| match field {
        "until" => "extend_until".to_owned(),
        "cause" => "cause".to_owned(),
        "reason" | "remark" | "statement" => "remark".to_owned(),
        _ => String::new(),
    })
}

fn command(
    ctx: &Ctx,
    permit: &Permit,
    what: Asked,
    entered: &Entered,
    said: &str,
) -> Result<PermitAct, Fail> {
    let lang = ctx.lang;
    let applicant = permit.applicant;
    let fields = what.fields();
    let read = read(&fields, entered, &Things { ctx });
    let text = |key: &str| needed(ctx, applicant, said, &text(lang, key, &[]));
    let missing = |code: &str| {
        let fault = read.faults.iter().find(|(it, _)| it == code);
        let missing =
            crate::console::fields::Fault::Field(sekisho_domain::field::FieldFault::Missing);
        let fault = fault.map_or(missing, |(_, fault)| *fault);
        wrong(
            code,
            field_sentence(lang, Words::permit("any"), code, fault),
        )
    };
    Ok(match what.act {
        ActKind::Activate => PermitAct::Activate,
        ActKind::Withdraw => PermitAct::Withdraw,
        ActKind::Return => PermitAct::Return,
        ActKind::View => PermitAct::View,
        ActKind::AskExtension => PermitAct::AskExtension {
            until: after_day(&read.values, "extend_until")
                .ok_or_else(|| missing("extend_until"))?,
            reason: text("permits.reason_missing")?,
        },
        ActKind::Suspend => {
            let cause = match read.values.get("cause") {
                Some(Value::Text(code)) => HoldCause::from_code(code),
                _ => None,
            };
            PermitAct::Suspend {
                cause: cause.ok_or_else(|| missing("cause"))?,
                remark: sealed(ctx, applicant, said)?,
            }
        }
        ActKind::Resume => PermitAct::Resume {
            remark: sealed(ctx, applicant, said)?,
        },
        ActKind::Revoke => PermitAct::Revoke {
            reason: text("permits.reason_missing")?,
        },
        _ => {
            let obligation = what.duty.ok_or_else(Fault::not_found)?;
            let stated = obligation.is_stated_by_the_applicant();
            PermitAct::Meet {
                obligation,
                proof: if stated {
                    Proof::Statement
                } else {
                    Proof::Received
                },
                statement: if stated {
                    Some(text("permits.statement_missing")?)
                } else {
                    sealed(ctx, applicant, said)?
                },
            }
        }
    })
}

fn render(
    ctx: &Ctx,
    permit: &Permit,
    what: Asked,
    entered: &Entered,
    said: &str,
    wrong: &Wrong,
) -> Answer {
    let lang = ctx.lang;
    let back = path(permit.id);
    let fields = what.fields();
    let form = FieldForm {
        lang,
        words: Words::permit("any"),
        fields: &fields,
        entered,
        errors: wrong,
        referents: &Things { ctx },
    };
    let remark = what.asks_text().map(|required| Remark {
        label: match (what.act, required) {
            (ActKind::Meet, true) => t!(lang, "permits.statement"),
            (ActKind::Meet, false) => t!(lang, "permits.received_remark"),
            _ => t!(lang, "permits.reason"),
        }
        .into_owned(),
        support: Some(t!(lang, "permits.text_support").into_owned()),
        required,
        value: said.to_owned(),
        error: at(wrong, "remark").map(str::to_owned),
    });
    let heading = what.heading(lang);
    let view = FormView {
        trail: vec![(title(ctx, permit), back.clone())],
        title: heading.clone(),
        lead: what.words(lang, "lead"),
        note: terms(ctx, permit, what),
        action: format!("{back}/{}", ctx.parameter("act")),
        csrf: ctx.live()?.csrf(),
        hidden: vec![("expected", permit.version().to_string())],
        inputs: markup! {
            (inputs(&form))
            @if what.is_confirmed() { (confirmation(lang, "confirmed", &what.words(lang, "confirm"), at(wrong, "confirmed"))) }
        },
        remark,
        submit: heading,
        danger: what.is_dangerous(),
        back,
        errors: anchored(wrong),
    };
    answer(form_page(&ctx.frame(Place::Permits), &view), wrong)
}

/// Under what one takes a permit up: its term and its conditions.
fn terms(ctx: &Ctx, permit: &Permit, what: Asked) -> Markup {
    if !matches!(what.act, ActKind::Activate | ActKind::AskExtension) {
        return markup! {};
    }
    let facts = super::content::granted(ctx, permit, super::content::Look::Screen);
    markup! { (crate::console::components::definitions(&facts)) }
}
