//! Taking an entry out of use, taking it into use again, and saying that a register is empty.

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::Subject;
use sekisho_domain::command::RegisterCommand;
use sekisho_domain::register::{Entry, Register};
use sekisho_messages::{day, t};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::form::Form;
use super::super::sentence;
use super::change::{Fail, Wrong, anchored, commanded, keeper_of, sealed};
use super::{asked, entry_path, name, path, title, trail};
use crate::console::components::{Tone, alert, confirmation};
use crate::console::layout::Place;
use crate::console::register::{FormView, Remark, form_page};

/// What is done to an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Retire,
    Restore,
}

pub(in crate::http) fn ask_retire(ctx: &Ctx) -> Answer {
    ask(ctx, Act::Retire)
}

pub(in crate::http) fn ask_restore(ctx: &Ctx) -> Answer {
    ask(ctx, Act::Restore)
}

pub(in crate::http) fn retire(ctx: &Ctx, form: &Form) -> Answer {
    act(ctx, form, Act::Retire)
}

pub(in crate::http) fn restore(ctx: &Ctx, form: &Form) -> Answer {
    act(ctx, form, Act::Restore)
}

fn ask(ctx: &Ctx, act: Act) -> Answer {
    let register = asked(ctx)?;
    let entry = keeper_of(ctx, register)?;
    render(ctx, &entry, act, "", &Vec::new())
}

fn act(ctx: &Ctx, form: &Form, act: Act) -> Answer {
    let register = asked(ctx)?;
    let entry = keeper_of(ctx, register)?;
    let remark = form.get("remark").trim();
    let work = || {
        if act == Act::Retire && form.get("confirmed") != "yes" {
            let said = sentence(ctx.lang, "form.confirm", &[]);
            return Err(Fail::Wrong(vec![("confirmed".to_owned(), said)]));
        }
        let remark = sealed(ctx, remark)?;
        let (id, expected) = (entry.id, form.get("expected").parse().ok());
        let command = match act {
            Act::Retire => RegisterCommand::Retire {
                register,
                id,
                remark,
                expected,
            },
            Act::Restore => RegisterCommand::Restore {
                register,
                id,
                remark,
                expected,
            },
        };
        commanded(ctx, register, command)
    };
    match work() {
        Ok(()) => Ok(redirect(&entry_path(register, entry.id))),
        Err(Fail::Wrong(wrong)) => render(ctx, &entry, act, remark, &wrong),
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

fn render(ctx: &Ctx, entry: &Entry, act: Act, remark: &str, wrong: &Wrong) -> Answer {
    let lang = ctx.lang;
    let register = entry.register();
    let back = entry_path(register, entry.id);
    let mut trail = trail(lang, register);
    trail.push((title(lang, entry), back.clone()));
    let at = |code: &str| {
        wrong
            .iter()
            .find(|(it, _)| it == code)
            .map(|(_, said)| said.as_str())
    };
    let (heading, lead, what) = match act {
        Act::Retire => (
            t!(lang, "register.retire"),
            t!(lang, "register.retire_lead"),
            "retire",
        ),
        Act::Restore => (
            t!(lang, "register.restore"),
            t!(lang, "register.restore_lead"),
            "restore",
        ),
    };
    let view = FormView {
        trail,
        title: heading.clone().into_owned(),
        lead: lead.into_owned(),
        note: markup! {},
        action: format!("{back}/{what}"),
        csrf: ctx.live()?.csrf(),
        hidden: vec![("expected", entry.version.to_string())],
        inputs: markup! {
            @if act == Act::Retire { (confirmation(lang, "confirmed", &t!(lang, "register.retire_confirm"), at("confirmed"))) }
        },
        remark: Some(Remark {
            label: t!(lang, "register.reason").into_owned(),
            support: Some(t!(lang, "register.remark_support").into_owned()),
            required: false,
            value: remark.to_owned(),
            error: at("remark").map(str::to_owned),
        }),
        submit: heading.into_owned(),
        danger: act == Act::Retire,
        back,
        errors: errors(wrong),
    };
    answer(
        form_page(&ctx.frame(Place::Register(register)), &view),
        wrong,
    )
}

fn errors(wrong: &Wrong) -> Vec<(String, String)> {
    let mut list = anchored(wrong);
    for (id, _) in &mut list {
        if id == "f-confirmed" {
            "confirmed".clone_into(id);
        }
    }
    list
}

fn answer(page: Markup, wrong: &Wrong) -> Answer {
    let mut response = html(page);
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// What stands above the list of a register that was said to be empty.
pub(super) fn note(ctx: &Ctx, register: Register) -> Markup {
    let lang = ctx.lang;
    let word = ctx
        .site
        .app
        .world()
        .registers
        .declared_empty(register, ctx.now);
    let Some(word) = word else {
        return markup! {};
    };
    let from = day(lang, word.from);
    let body = markup! {
        @if let Some(until) = word.until { p { (t!(lang, "register.declared_until", until = day(lang, until))) } }
    };
    alert(
        Tone::Info,
        &t!(lang, "register.declared", from = from),
        &body,
    )
}

pub(in crate::http) fn ask_empty(ctx: &Ctx) -> Answer {
    let register = asked(ctx)?;
    ctx.gate(register.keep(), Subject::Body)?;
    render_empty(ctx, register, &Vec::new())
}

pub(in crate::http) fn declare_empty(ctx: &Ctx, form: &Form) -> Answer {
    let register = asked(ctx)?;
    ctx.gate(register.keep(), Subject::Body)?;
    if form.get("confirmed") != "yes" {
        let said = sentence(ctx.lang, "form.confirm", &[]);
        return render_empty(ctx, register, &vec![("confirmed".to_owned(), said)]);
    }
    match commanded(ctx, register, RegisterCommand::DeclareEmpty { register }) {
        Ok(()) => {
            ctx.site.app.judge_anew();
            Ok(redirect(&path(register)))
        }
        Err(Fail::Wrong(wrong)) => render_empty(ctx, register, &wrong),
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

fn render_empty(ctx: &Ctx, register: Register, wrong: &Wrong) -> Answer {
    let lang = ctx.lang;
    let at = wrong.iter().find(|(it, _)| it == "confirmed");
    let at = at.map(|(_, said)| said.as_str());
    let confirm = t!(
        lang,
        "register.declare_confirm",
        register = name(lang, register)
    );
    let view = FormView {
        trail: trail(lang, register),
        title: t!(lang, "register.declare_empty").into_owned(),
        lead: t!(lang, "register.declare_lead").into_owned(),
        note: markup! {},
        action: format!("{}/empty", path(register)),
        csrf: ctx.live()?.csrf(),
        hidden: Vec::new(),
        inputs: confirmation(lang, "confirmed", &confirm, at),
        remark: None,
        submit: t!(lang, "register.declare_do").into_owned(),
        danger: false,
        back: path(register),
        errors: errors(wrong),
    };
    answer(
        form_page(&ctx.frame(Place::Register(register)), &view),
        wrong,
    )
}
