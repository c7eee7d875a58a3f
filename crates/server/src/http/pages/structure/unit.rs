//! One unit, and what changes it: another name, another place in the tree, its end with heirs.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, StructureCommand};
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::id::UnitId;
use sekisho_domain::time::Span;
use sekisho_domain::unit::Unit;
use sekisho_messages::{Lang, day, t};

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::person::trail as people_trail;
use super::super::register::referents::{called, unit_called};
use super::ask::{Ask, Wrong, name, start, text, texts};
use super::{buttons, history};
use crate::console::components::{Definitions, Tone, alert};
use crate::console::fields::{Entered, Words};
use crate::console::layout::Place;
use crate::console::register::{DetailView, detail_page};

const WORDS: Words = Words::register("unit");
const FROM: Field = Field::new("from", FieldKind::Date, true, false);
const RENAME: &[Field] = &[
    Field::new("name_ja", FieldKind::Line, true, false),
    Field::new("name_en", FieldKind::Line, false, false),
    FROM,
];
const MOVE: &[Field] = &[
    Field::new("parent", FieldKind::Reference(UnitId::PREFIX), true, false),
    FROM,
];
const ABOLISH: &[Field] = &[
    Field::new("last_day", FieldKind::Date, true, false),
    Field::new("heirs", FieldKind::Reference(UnitId::PREFIX), true, true),
];

fn asked(ctx: &Ctx) -> Result<Unit, Fault> {
    ctx.live()?;
    let id: UnitId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let world = ctx.site.app.world();
    world.units.get(&id).cloned().ok_or_else(Fault::not_found)
}

fn path(id: UnitId) -> String {
    format!("/organisation/units/{id}")
}

fn trail(lang: Lang) -> Vec<(String, String)> {
    let mut list: Vec<_> = people_trail(lang).into_iter().take(1).collect();
    list.push((
        t!(lang, "register.unit").into_owned(),
        "/organisation/units".to_owned(),
    ));
    list
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let unit = asked(ctx)?;
    let lang = ctx.lang;
    let may = ctx.may(Action::Reorganise, Subject::Unit(unit.id));
    let over = unit.is_abolished(ctx.now);
    let mut acts = Vec::new();
    let root = ctx.site.app.world().organisation.as_ref().map(|it| it.root);
    if may && !over {
        let all = [
            (t!(lang, "register.unit_rename"), "rename"),
            (t!(lang, "register.unit_move"), "move"),
            (t!(lang, "register.unit_abolish"), "abolish"),
        ];
        // The whole stands below nothing and is never abolished.
        let most = if root == Some(unit.id) { 1 } else { all.len() };
        let fitting = all.into_iter().take(most);
        acts.extend(fitting.map(|(label, what)| (label, format!("{}/{what}", path(unit.id)))));
    }
    let view = DetailView {
        trail: trail(lang),
        title: called(ctx, unit.name_at(ctx.now)),
        lead: markup! { (t!(lang, "register.unit_one_lead")) },
        links: Vec::new(),
        note: markup! { (notice(ctx, &unit)) (buttons(&acts)) },
        facts: facts(ctx, &unit),
        sections: vec![(t!(lang, "domain.posts").into_owned(), posts(ctx, unit.id))],
        history: history(ctx, &unit.id.to_string())?,
    };
    Ok(html(detail_page(&ctx.frame(Place::Organisation), &view)))
}

/// What will change, or has ended.
fn notice(ctx: &Ctx, unit: &Unit) -> Markup {
    let lang = ctx.lang;
    let coming = unit.renamed.iter().filter(|it| it.from > ctx.now);
    let coming: Vec<String> = coming
        .map(|it| {
            t!(
                lang,
                "register.unit_will_be",
                name = called(ctx, &it.name),
                from = day(lang, it.from)
            )
            .into_owned()
        })
        .collect();
    markup! {
        @if let Some(until) = unit.valid.until {
            @let last = day(lang, until.before(Span::millis(1)));
            (alert(Tone::Info, &t!(lang, "register.unit_ends", last = last), &heirs(ctx, unit)))
        }
        @for said in &coming { (alert(Tone::Info, said, &markup! {})) }
    }
}

fn heirs(ctx: &Ctx, unit: &Unit) -> Markup {
    let world = ctx.site.app.world();
    let names: Vec<(UnitId, String)> = unit
        .heirs
        .iter()
        .map(|heir| (*heir, unit_called(ctx, &world, *heir)))
        .collect();
    markup! { ul { @for (id, name) in &names { li { a href=(path(*id)) { (name) } } } } }
}

fn facts(ctx: &Ctx, unit: &Unit) -> Definitions {
    let lang = ctx.lang;
    let world = ctx.site.app.world();
    let above = unit.parent_at(ctx.now);
    let above = above.map(|id| (id, unit_called(ctx, &world, id)));
    let people = world.people.iter();
    let people = people.filter(|(person, _)| world.unit_of(**person, ctx.now) == Some(unit.id));
    let count = people.count();
    vec![
        (
            t!(lang, "register.unit.parent"),
            markup! { @if let Some((id, name)) = above { a href=(path(id)) { (name) } } @else { "–" } },
        ),
        (t!(lang, "people.list"), markup! { (count) }),
        (
            t!(lang, "people.from"),
            markup! { (day(lang, unit.valid.from)) },
        ),
        (
            t!(lang, "register.id"),
            markup! { code class="digest" { (unit.id) } },
        ),
    ]
}

fn posts(ctx: &Ctx, unit: UnitId) -> Markup {
    let lang = ctx.lang;
    let list: Vec<(String, String)> = {
        let world = ctx.site.app.world();
        let there = world.posts.values();
        let there = there.filter(|post| post.unit == unit && world.post_in_force(post.id, ctx.now));
        there
            .map(|post| {
                (
                    format!("/organisation/posts/{}", post.id),
                    called(ctx, &post.title),
                )
            })
            .collect()
    };
    markup! {
        @if list.is_empty() { p class="muted" { (t!(lang, "register.unit_no_posts")) } }
        ul class="plain-list" { @for (href, title) in &list { li { a href=(href) { (title) } } } }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Rename,
    Move,
    Abolish,
}

fn act(ctx: &Ctx) -> Result<Act, Fault> {
    match ctx.parameter("act") {
        "rename" => Ok(Act::Rename),
        "move" => Ok(Act::Move),
        "abolish" => Ok(Act::Abolish),
        _ => Err(Fault::not_found()),
    }
}

fn ask_of(ctx: &Ctx, unit: &Unit, act: Act) -> Ask {
    let lang = ctx.lang;
    let back = path(unit.id);
    let mut trail = trail(lang);
    trail.push((called(ctx, unit.name_at(ctx.now)), back.clone()));
    let (title, lead, what, fields) = match act {
        Act::Rename => (
            t!(lang, "register.unit_rename"),
            t!(lang, "register.unit_rename_lead"),
            "rename",
            RENAME,
        ),
        Act::Move => (
            t!(lang, "register.unit_move"),
            t!(lang, "register.unit_move_lead"),
            "move",
            MOVE,
        ),
        Act::Abolish => (
            t!(lang, "register.unit_abolish"),
            t!(lang, "register.unit_abolish_lead"),
            "abolish",
            ABOLISH,
        ),
    };
    Ask {
        trail,
        title: title.into_owned(),
        lead: lead.into_owned(),
        path: format!("{back}/{what}"),
        back,
        words: WORDS,
        fields,
        danger: act == Act::Abolish,
        version: unit.version,
    }
}

fn gated(ctx: &Ctx) -> Result<(Unit, Act), Fault> {
    let (unit, act) = (asked(ctx)?, act(ctx)?);
    ctx.gate(Action::Reorganise, Subject::Unit(unit.id))?;
    Ok((unit, act))
}

pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let (unit, act) = gated(ctx)?;
    let now = unit.name_at(ctx.now);
    let mut values = Values::new();
    if act == Act::Rename {
        values.insert("name_ja".to_owned(), Value::text(now.ja.as_str()));
        let en = now.en.as_ref().map_or("", |en| en.as_str());
        values.insert("name_en".to_owned(), Value::text(en));
    }
    let form = ask_of(ctx, &unit, act);
    let entered = Entered::of_values(ctx.lang, form.fields, &values);
    form.render(ctx, &entered, &Vec::new())
}

pub(in crate::http) fn carry_out(ctx: &Ctx, form: &Form) -> Answer {
    let (known, act) = gated(ctx)?;
    let unit = known.id;
    let expected = form.get("expected").parse().ok();
    let command = |values: &Values| Ok(command(ctx, unit, act, expected, values));
    let fields = [(
        "from",
        if act == Act::Abolish {
            "last_day"
        } else {
            "from"
        },
    )];
    ask_of(ctx, &known, act).submit(ctx, form, &fields, command)
}

fn command(
    ctx: &Ctx,
    unit: UnitId,
    act: Act,
    expected: Option<u64>,
    values: &Values,
) -> Result<Command, Wrong> {
    let from = super::ask::from_now(ctx, values, "from");
    let command = match act {
        Act::Rename => StructureCommand::RenameUnit {
            unit,
            name: name(ctx, values, "name_ja", "name_en")?,
            from,
            expected,
        },
        Act::Move => StructureCommand::MoveUnit {
            unit,
            parent: text(values, "parent").parse().map_err(|_| Wrong::new())?,
            from,
            expected,
        },
        Act::Abolish => StructureCommand::AbolishUnit {
            unit,
            until: start(values, "last_day").map_or(ctx.now, |last| last.after(Span::days(1))),
            heirs: texts(values, "heirs")
                .iter()
                .filter_map(|id| id.parse().ok())
                .collect(),
            shares: Vec::new(),
            expected,
        },
    };
    Ok(Command::Structure(Box::new(command)))
}
