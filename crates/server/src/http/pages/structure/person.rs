//! What changes what is known of a person: unit, name, mail; leaving and coming back.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, PersonCommand};
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::id::{PersonId, UnitId};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::person::{shown_name, trail};
use super::super::{mail_address, reading};
use super::ask::{Ask, Wrong, name, text};
use crate::app::directory::{PROFILE_PURPOSE, PersonProfile};
use crate::console::fields::{Entered, Words};

const WORDS: Words = Words::register("person");
const UNIT: Field = Field::new("unit", FieldKind::Reference(UnitId::PREFIX), true, false);
const CHANGE: &[Field] = &[
    Field::new("name_ja", FieldKind::Line, true, false),
    Field::new("name_kana", FieldKind::Line, false, false),
    Field::new("name_en", FieldKind::Line, false, false),
    Field::new("mail", FieldKind::Line, false, false),
    UNIT,
];
const LEAVE: &[Field] = &[];
const RETURN: &[Field] = &[UNIT];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Change,
    Leave,
    Return,
}

fn gated(ctx: &Ctx) -> Result<(PersonId, Act), Fault> {
    let act = match ctx.parameter("act") {
        "change" => Act::Change,
        "leave" => Act::Leave,
        "return" => Act::Return,
        _ => return Err(Fault::not_found()),
    };
    let person = super::super::person::asked(ctx, Action::ChangePerson)?;
    Ok((person, act))
}

/// What can be done about a person, as links of the person's page.
pub(in crate::http) fn links(ctx: &Ctx, person: PersonId) -> maud::Markup {
    if !ctx.may(Action::ChangePerson, Subject::Person(person)) {
        return maud::html! {};
    }
    let lang = ctx.lang;
    let to = |what: &str| format!("/organisation/people/{person}/details/{what}");
    let here = ctx.site.app.world().is_member(person, ctx.now);
    let list = if here {
        vec![
            (t!(lang, "register.change"), to("change")),
            (t!(lang, "register.person_leave"), to("leave")),
        ]
    } else {
        vec![(t!(lang, "register.person_return"), to("return"))]
    };
    super::buttons(&list)
}

fn ask_of(ctx: &Ctx, person: PersonId, act: Act) -> Ask {
    let lang = ctx.lang;
    let back = format!("/organisation/people/{person}");
    let mut trail = trail(lang);
    trail.push((shown_name(ctx, person), back.clone()));
    let (title, lead, what, fields) = match act {
        Act::Change => (
            t!(lang, "register.change"),
            t!(lang, "register.person_change_lead"),
            "change",
            CHANGE,
        ),
        Act::Leave => (
            t!(lang, "register.person_leave"),
            t!(lang, "register.person_leave_lead"),
            "leave",
            LEAVE,
        ),
        Act::Return => (
            t!(lang, "register.person_return"),
            t!(lang, "register.person_return_lead"),
            "return",
            RETURN,
        ),
    };
    let version = {
        let world = ctx.site.app.world();
        world.person_versions.get(&person).copied().unwrap_or(0)
    };
    Ask {
        trail,
        title: title.into_owned(),
        lead: lead.into_owned(),
        path: format!("{back}/details/{what}"),
        back,
        words: WORDS,
        fields,
        danger: act == Act::Leave,
        version,
    }
}

fn unit_of(ctx: &Ctx, person: PersonId) -> Option<UnitId> {
    ctx.site.app.world().unit_of(person, ctx.now)
}

pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let (person, act) = gated(ctx)?;
    let mut values = Values::new();
    if let Some(known) = ctx.site.app.directory().get(person) {
        let line = |line: Option<&sekisho_domain::name::Line>| {
            Value::text(line.map_or("", |line| line.as_str()))
        };
        values.insert("name_ja".to_owned(), line(Some(&known.name.ja)));
        values.insert("name_kana".to_owned(), line(known.name.kana.as_ref()));
        values.insert("name_en".to_owned(), line(known.name.en.as_ref()));
        let mail = known.mail.as_deref().unwrap_or_default();
        values.insert("mail".to_owned(), Value::text(mail));
    }
    if let Some(unit) = unit_of(ctx, person) {
        values.insert("unit".to_owned(), Value::Text(unit.to_string()));
    }
    let form = ask_of(ctx, person, act);
    let entered = Entered::of_values(ctx.lang, form.fields, &values);
    form.render(ctx, &entered, &Vec::new())
}

pub(in crate::http) fn carry_out(ctx: &Ctx, form: &Form) -> Answer {
    let (person, act) = gated(ctx)?;
    let expected: Option<u64> = form.get("expected").parse().ok();
    let command = |values: &Values| match act {
        Act::Change => changed(ctx, person, expected, values),
        Act::Leave => Ok(Ok(PersonCommand::Leave { person, expected })),
        Act::Return => Ok(text(values, "unit")
            .parse()
            .map(|unit| PersonCommand::Return {
                person,
                unit,
                expected,
            })
            .map_err(|_| Wrong::new())),
    };
    let command = |values: &Values| {
        let made = command(values)?;
        Ok(made.map(|command| Command::Person(Box::new(command))))
    };
    ask_of(ctx, person, act).submit(ctx, form, &[("profile", "name_ja")], command)
}

/// The change, with what is left as it is left out.
fn changed(
    ctx: &Ctx,
    person: PersonId,
    expected: Option<u64>,
    values: &Values,
) -> Result<Result<PersonCommand, Wrong>, Fault> {
    let profile = match profile(ctx, person, values) {
        Ok(profile) => profile,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let same = ctx.site.app.directory().get(person) == Some(&profile);
    let unit: Option<UnitId> = text(values, "unit").parse().ok();
    let unit = unit.filter(|unit| unit_of(ctx, person) != Some(*unit));
    let sealed = if same {
        None
    } else {
        let bytes = serde_json::to_vec(&profile).map_err(Fault::internal)?;
        Some(ctx.site.app.seal(person, PROFILE_PURPOSE, &bytes)?)
    };
    Ok(Ok(PersonCommand::Change {
        person,
        unit,
        profile: sealed,
        expected,
    }))
}

fn profile(ctx: &Ctx, person: PersonId, values: &Values) -> Result<PersonProfile, Wrong> {
    let mut known = name(ctx, values, "name_ja", "name_en")?;
    let before = ctx.site.app.directory().get(person).cloned();
    let before = before.and_then(|it| it.name.kana);
    known.kana = reading(ctx.lang, text(values, "name_kana"), before.as_ref())
        .map_err(|said| vec![("name_kana".to_owned(), said)])?;
    let mail = mail_address(ctx.lang, text(values, "mail"));
    let mail = mail.map_err(|said| vec![("mail".to_owned(), said)])?;
    Ok(PersonProfile { name: known, mail })
}
