//! Who decides for whom: stand-ins (代決) and standing delegations (専決).

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject, reached};
use sekisho_domain::command::PermitCommand;
use sekisho_domain::delegation::Delegation;
use sekisho_domain::field::{Field, FieldFault, FieldKind, Value, Values};
use sekisho_domain::id::{DelegationId, PersonId, PostId, StandInId};
use sekisho_domain::permit::{PermitKind, Term};
use sekisho_domain::stand_in::{Absence, StandIn};
use sekisho_domain::time::{Interval, Span};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::register::referents::Things;
use super::deputy_lists as lists;
use super::form::{Fail, Wrong, after_day, anchored, commanded, day, first_instant, wrong};
use crate::app::fresh;
use crate::console::components::{csrf_field, error_summary, submit};
use crate::console::fields::{
    Entered, FieldForm, Found, Referent, Referents, Words, inputs, read, sentence as field_sentence,
};
use crate::console::layout::{Place, heading, page};

fn stand_in_fields() -> Vec<Field> {
    vec![
        Field::new("post", FieldKind::Reference(PostId::PREFIX), true, false),
        Field::new(
            "person",
            FieldKind::Reference(PersonId::PREFIX),
            true,
            false,
        ),
        Field::new("absence", FieldKind::Choice(Absence::CODES), true, false),
        day("term_from", true),
        day("term_until", true),
        Field::new(
            "stand_in_kinds",
            FieldKind::Choice(PermitKind::CODES),
            false,
            true,
        ),
    ]
}

fn delegation_fields() -> Vec<Field> {
    vec![
        Field::new("post", FieldKind::Reference(PostId::PREFIX), true, false),
        Field::new("to", FieldKind::Reference(PostId::PREFIX), true, false),
        Field::new("kinds", FieldKind::Choice(PermitKind::CODES), true, true),
        Field::new("ceiling", FieldKind::Grade, false, false),
        day("term_from", true),
        day("delegation_until", false),
    ]
}

const WORDS: Words = Words::permit("any");

/// What is chosen from: all posts for who may name for any, else those held.
struct Choices<'a> {
    things: Things<'a>,
    held: Option<Vec<PostId>>,
}

impl<'a> Choices<'a> {
    fn of(ctx: &'a Ctx, action: Action) -> Result<Self, Fault> {
        let actor = ctx.actor()?;
        let person = ctx.live()?.person;
        let held = {
            let world = ctx.site.app.world();
            let reached = reached(&world, &actor, action, ctx.now);
            let only = !reached.body && reached.units.is_empty();
            only.then(|| {
                world
                    .posts_held(person, ctx.now)
                    .map(|(_, it)| it.id)
                    .collect()
            })
        };
        Ok(Self {
            things: Things { ctx },
            held,
        })
    }
}

impl Referents for Choices<'_> {
    fn get(&self, prefix: &str, id: &str) -> Option<Referent> {
        self.things.get(prefix, id)
    }

    fn few(&self, prefix: &str) -> Option<Vec<Referent>> {
        match &self.held {
            Some(held) if prefix == PostId::PREFIX => {
                let known = held.iter().map(ToString::to_string);
                Some(known.filter_map(|id| self.get(prefix, &id)).collect())
            }
            _ => self.things.few(prefix),
        }
    }

    fn find(&self, prefix: &str, query: &str) -> Found {
        self.things.find(prefix, query)
    }

    fn further(&self, prefix: &str, id: &str) -> Option<String> {
        self.things.further(prefix, id)
    }
}

/// The two forms of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    StandIn,
    Delegation,
}

impl Which {
    const fn action(self) -> Action {
        match self {
            Self::StandIn => Action::NameStandIn,
            Self::Delegation => Action::Delegate,
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::StandIn => "/permits/stand-ins",
            Self::Delegation => "/permits/delegations",
        }
    }

    fn fields(self) -> Vec<Field> {
        match self {
            Self::StandIn => stand_in_fields(),
            Self::Delegation => delegation_fields(),
        }
    }
}

fn reaches(ctx: &Ctx, action: Action) -> Result<bool, Fault> {
    let actor = ctx.actor()?;
    let world = ctx.site.app.world();
    Ok(!reached(&world, &actor, action, ctx.now).is_nothing())
}

/// Who has nothing to name does not see the page.
fn enter(ctx: &Ctx, action: Action) -> Result<(), Fault> {
    if reaches(ctx, action)? {
        return Ok(());
    }
    let denied = sekisho_domain::authorise::Denied::NoAuthority;
    Err(Fault::denied(denied, action))
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    enter(ctx, Action::NameStandIn)?;
    let fresh = Entered::of_values(ctx.lang, &stand_in_fields(), &today(ctx));
    render(ctx, Which::StandIn, &fresh, &Vec::new())
}

fn today(ctx: &Ctx) -> Values {
    let today = Value::Text(ctx.now.jst_date().to_string());
    [("term_from".to_owned(), today)].into()
}

pub(in crate::http) fn name_stand_in(ctx: &Ctx, form: &Form) -> Answer {
    submitted(ctx, form, Which::StandIn)
}

pub(in crate::http) fn delegate(ctx: &Ctx, form: &Form) -> Answer {
    submitted(ctx, form, Which::Delegation)
}

fn submitted(ctx: &Ctx, form: &Form, which: Which) -> Answer {
    enter(ctx, which.action())?;
    let entered = Entered::of_pairs(form.pairs());
    if entered.looks_for().is_some() {
        return render(ctx, which, &entered, &Vec::new());
    }
    match carry_out(ctx, which, &entered) {
        Ok(()) => Ok(redirect("/permits/deputies")),
        Err(Fail::Wrong(wrong)) => render(ctx, which, &entered, &wrong),
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

/// What was entered, without faults.
fn understood(ctx: &Ctx, which: Which, entered: &Entered) -> Result<Values, Fail> {
    let fields = which.fields();
    let mut all = read(&fields, entered, &Things { ctx });
    for field in fields.iter().filter(|it| it.required) {
        let there = all.values.get(field.code).is_some_and(|it| !it.is_empty());
        let told = all.faults.iter().any(|(code, _)| code == field.code);
        if !there && !told {
            let missing = crate::console::fields::Fault::Field(FieldFault::Missing);
            all.faults.push((field.code.to_owned(), missing));
        }
    }
    if all.faults.is_empty() {
        return Ok(all.values);
    }
    let place = |code: &str| fields.iter().position(|it| it.code == code);
    all.faults.sort_by_key(|(code, _)| place(code));
    let said = |(code, fault): (String, _)| {
        let said = field_sentence(ctx.lang, WORDS, &code, fault);
        (code, said)
    };
    Err(Fail::Wrong(all.faults.into_iter().map(said).collect()))
}

fn chosen<T: std::str::FromStr>(values: &Values, code: &str) -> Option<T> {
    match values.get(code)? {
        Value::Text(text) => text.parse().ok(),
        _ => None,
    }
}

fn kinds(values: &Values, code: &str) -> Vec<PermitKind> {
    match values.get(code) {
        Some(Value::Many(list)) => list
            .iter()
            .filter_map(|code| PermitKind::from_code(code))
            .collect(),
        _ => Vec::new(),
    }
}

fn carry_out(ctx: &Ctx, which: Which, entered: &Entered) -> Result<(), Fail> {
    let values = understood(ctx, which, entered)?;
    let form = || wrong("", super::super::sentence(ctx.lang, "form.choose", &[]));
    let post: PostId = chosen(&values, "post").ok_or_else(form)?;
    let from = first_instant(&values, "term_from").ok_or_else(form)?;
    let command = match which {
        Which::StandIn => PermitCommand::NameStandIn(StandIn {
            id: StandInId::new(fresh()?),
            post,
            person: chosen(&values, "person").ok_or_else(form)?,
            absence: match values.get("absence") {
                Some(Value::Text(code)) => Absence::from_code(code).ok_or_else(form)?,
                _ => return Err(form()),
            },
            kinds: kinds(&values, "stand_in_kinds"),
            valid: Term {
                from,
                until: after_day(&values, "term_until").ok_or_else(form)?,
            },
        }),
        Which::Delegation => PermitCommand::Delegate(Delegation {
            id: DelegationId::new(fresh()?),
            post,
            to: chosen(&values, "to").ok_or_else(form)?,
            kinds: kinds(&values, "kinds"),
            ceiling: chosen(&values, "ceiling"),
            valid: Interval {
                from,
                until: after_day(&values, "delegation_until"),
            },
        }),
    };
    let fields = which.fields();
    commanded(ctx, command, &|field| match field {
        "valid" if which == Which::StandIn => "term_until".to_owned(),
        "valid" => "delegation_until".to_owned(),
        field if fields.iter().any(|it| it.code == field) => field.to_owned(),
        _ => String::new(),
    })
}

pub(in crate::http) fn end_stand_in(ctx: &Ctx, _form: &Form) -> Answer {
    let id: StandInId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    ctx.gate(Action::NameStandIn, Subject::StandIn(id))?;
    ended(ctx, PermitCommand::EndStandIn { stand_in: id })
}

pub(in crate::http) fn end_delegation(ctx: &Ctx, _form: &Form) -> Answer {
    let id: DelegationId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    ctx.gate(Action::Delegate, Subject::Delegation(id))?;
    // The writer's time may be a moment ahead of the request's.
    let until = ctx.site.app.now().after(Span::seconds(1));
    ended(
        ctx,
        PermitCommand::EndDelegation {
            delegation: id,
            until,
        },
    )
}

fn ended(ctx: &Ctx, command: PermitCommand) -> Answer {
    match commanded(ctx, command, &|_| String::new()) {
        Ok(()) => Ok(redirect("/permits/deputies")),
        Err(Fail::Wrong(wrong)) => render(ctx, Which::StandIn, &Entered::default(), &wrong),
        Err(Fail::Fault(fault)) => Err(fault),
    }
}

fn render(ctx: &Ctx, which: Which, entered: &Entered, wrong: &Wrong) -> Answer {
    let lang = ctx.lang;
    let errors = anchored(wrong);
    let errors: Vec<(&str, &str)> = errors
        .iter()
        .map(|(id, said)| (id.as_str(), said.as_str()))
        .collect();
    let title = t!(lang, "permits.deputies");
    let form = |of: Which| form(ctx, of, (of == which).then_some((entered, wrong)));
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "permits.deputies_lead")) }))
        (error_summary(lang, &errors))
        section aria-labelledby="stand-ins" {
            h2 id="stand-ins" { (t!(lang, "permits.stand_ins")) }
            (lists::stand_ins(ctx)?)
            details open[which == Which::StandIn && (!wrong.is_empty() || entered.looks_for().is_some())] {
                summary { (t!(lang, "permits.name_stand_in")) }
                (form(Which::StandIn)?)
            }
        }
        section aria-labelledby="delegations" {
            h2 id="delegations" { (t!(lang, "permits.delegations")) }
            (lists::delegations(ctx)?)
            details open[which == Which::Delegation] {
                summary { (t!(lang, "permits.make_delegation")) }
                (form(Which::Delegation)?)
            }
        }
    };
    let mut frame = ctx.frame(Place::Deputies);
    frame.path = "/permits/deputies".to_owned();
    let mut response = html(page(&frame, &title, &main));
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn form(ctx: &Ctx, which: Which, sent: Option<(&Entered, &Wrong)>) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    // Two forms with the same fields on one page would share ids: only the one at hand is shown
    // with its inputs, the other is led to.
    let Some((entered, wrong)) = sent else {
        let asks = match which {
            Which::StandIn => "/permits/deputies",
            Which::Delegation => "/permits/delegations/new",
        };
        return Ok(
            markup! { p { a class="button button--secondary" href=(asks) { (t!(lang, "permits.open_form")) } } },
        );
    };
    let fields = which.fields();
    let choices = Choices::of(ctx, which.action())?;
    let form = FieldForm {
        lang,
        words: WORDS,
        fields: &fields,
        entered,
        errors: wrong,
        referents: &choices,
    };
    Ok(markup! {
        form method="post" action=(which.path()) class="form" {
            (csrf_field(&ctx.live()?.csrf()))
            button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true" { (t!(lang, "permits.deputy_do")) }
            (inputs(&form))
            (submit(&t!(lang, "permits.deputy_do")))
        }
    })
}

pub(in crate::http) fn new_delegation(ctx: &Ctx) -> Answer {
    enter(ctx, Action::Delegate)?;
    let fresh = Entered::of_values(ctx.lang, &delegation_fields(), &today(ctx));
    render(ctx, Which::Delegation, &fresh, &Vec::new())
}
