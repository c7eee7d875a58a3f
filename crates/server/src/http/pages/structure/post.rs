//! One post: who holds it, and what changes it.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::{Command, StructureCommand};
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::id::{PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_messages::{Lang, day, t};

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::super::person::trail as people_trail;
use super::super::register::referents::{Things, called, unit_called};
use super::ask::{Ask, Wrong, name, start, text, texts};
use super::{buttons, history};
use crate::console::components::{Definitions, Tone, alert};
use crate::console::fields::{Entered, Referents, Words};
use crate::console::layout::Place;
use crate::console::register::{DetailView, detail_page};
use crate::console::words::{list as words_list, role as role_word};

const WORDS: Words = Words::register("post");
const CHANGE: &[Field] = &[
    Field::new("title_ja", FieldKind::Line, true, false),
    Field::new("title_en", FieldKind::Line, false, false),
    Field::new("unit", FieldKind::Reference(UnitId::PREFIX), true, false),
    Field::new("roles", FieldKind::Choice(&Role::CODES), true, true),
];
const ABOLISH: &[Field] = &[Field::new("last_day", FieldKind::Date, true, false)];

fn asked(ctx: &Ctx) -> Result<Post, Fault> {
    ctx.live()?;
    let id: PostId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let world = ctx.site.app.world();
    world.posts.get(&id).cloned().ok_or_else(Fault::not_found)
}

fn path(id: PostId) -> String {
    format!("/organisation/posts/{id}")
}

fn trail(lang: Lang) -> Vec<(String, String)> {
    people_trail(lang).into_iter().take(1).collect()
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let post = asked(ctx)?;
    let lang = ctx.lang;
    let may = ctx.may(Action::ChangePost, Subject::Unit(post.unit));
    let mut acts = Vec::new();
    if may && !post.is_abolished(ctx.now) {
        for (label, what) in [
            (t!(lang, "register.change"), "change"),
            (t!(lang, "register.post_abolish"), "abolish"),
        ] {
            acts.push((label, format!("{}/{what}", path(post.id))));
        }
    }
    let note = markup! {
        @if let Some(until) = post.until {
            @let last = day(lang, until.before(Span::millis(1)));
            (alert(Tone::Info, &t!(lang, "register.post_ends", last = last), &markup! {}))
        }
        (buttons(&acts))
    };
    let view = DetailView {
        trail: trail(lang),
        title: called(ctx, &post.title),
        lead: markup! { (t!(lang, "register.post_one_lead")) },
        links: Vec::new(),
        note,
        facts: facts(ctx, &post),
        sections: vec![(
            t!(lang, "domain.holder").into_owned(),
            holders(ctx, post.id),
        )],
        history: history(ctx, &post.id.to_string())?,
    };
    Ok(html(detail_page(&ctx.frame(Place::Organisation), &view)))
}

fn facts(ctx: &Ctx, post: &Post) -> Definitions {
    let lang = ctx.lang;
    let world = ctx.site.app.world();
    let unit = unit_called(ctx, &world, post.unit);
    let roles = post.roles.iter().map(|role| role_word(lang, *role));
    vec![
        (
            t!(lang, "domain.unit"),
            markup! { a href={ "/organisation/units/" (post.unit) } { (unit) } },
        ),
        (
            t!(lang, "domain.roles"),
            markup! { (words_list(lang, roles)) },
        ),
        (
            t!(lang, "register.id"),
            markup! { code class="digest" { (post.id) } },
        ),
    ]
}

fn holders(ctx: &Ctx, post: PostId) -> Markup {
    let lang = ctx.lang;
    let list: Vec<PersonId> = {
        let world = ctx.site.app.world();
        world.holders(post, ctx.now).collect()
    };
    let things = Things { ctx };
    markup! {
        @if list.is_empty() { p class="muted" { (t!(lang, "domain.vacant")) } }
        ul class="plain-list" {
            @for person in &list {
                li {
                    @match things.get(PersonId::PREFIX, &person.to_string()) {
                        Some(it) => {
                            @if let Some(href) = &it.href { a href=(href) { (it.name) } } @else { (it.name) }
                        },
                        None => { (t!(lang, "register.someone")) },
                    }
                }
            }
        }
    }
}

fn gated(ctx: &Ctx) -> Result<(Post, bool), Fault> {
    let post = asked(ctx)?;
    let abolish = match ctx.parameter("act") {
        "change" => false,
        "abolish" => true,
        _ => return Err(Fault::not_found()),
    };
    ctx.gate(Action::ChangePost, Subject::Unit(post.unit))?;
    Ok((post, abolish))
}

fn ask_of(ctx: &Ctx, post: &Post, abolish: bool) -> Ask {
    let lang = ctx.lang;
    let back = path(post.id);
    let mut trail = trail(lang);
    trail.push((called(ctx, &post.title), back.clone()));
    let (title, lead, what, fields) = if abolish {
        (
            t!(lang, "register.post_abolish"),
            t!(lang, "register.post_abolish_lead"),
            "abolish",
            ABOLISH,
        )
    } else {
        (
            t!(lang, "register.change"),
            t!(lang, "register.post_change_lead"),
            "change",
            CHANGE,
        )
    };
    Ask {
        trail,
        title: title.into_owned(),
        lead: lead.into_owned(),
        path: format!("{back}/{what}"),
        back,
        words: WORDS,
        fields,
        danger: abolish,
        version: post.version,
    }
}

pub(in crate::http) fn ask(ctx: &Ctx) -> Answer {
    let (post, abolish) = gated(ctx)?;
    let roles = post.roles.iter().map(|role| role.code().to_owned());
    let en = post.title.en.as_ref().map_or("", |en| en.as_str());
    let values = Values::from([
        ("title_ja".to_owned(), Value::text(post.title.ja.as_str())),
        ("title_en".to_owned(), Value::text(en)),
        ("unit".to_owned(), Value::Text(post.unit.to_string())),
        ("roles".to_owned(), Value::Many(roles.collect())),
    ]);
    let form = ask_of(ctx, &post, abolish);
    let entered = Entered::of_values(ctx.lang, form.fields, &values);
    form.render(ctx, &entered, &Vec::new())
}

pub(in crate::http) fn carry_out(ctx: &Ctx, form: &Form) -> Answer {
    let (known, abolish) = gated(ctx)?;
    let expected: Option<u64> = form.get("expected").parse().ok();
    let post = known.clone();
    let command = |values: &Values| Ok(command(ctx, &post, abolish, expected, values));
    let fields = [("until", "last_day"), ("title", "title_ja")];
    ask_of(ctx, &known, abolish).submit(ctx, form, &fields, command)
}

fn command(
    ctx: &Ctx,
    known: &Post,
    abolish: bool,
    expected: Option<u64>,
    values: &Values,
) -> Result<Command, Wrong> {
    let command = if abolish {
        StructureCommand::AbolishPost {
            post: known.id,
            unit: known.unit,
            until: start(values, "last_day").map_or(ctx.now, |last| last.after(Span::days(1))),
            expected,
        }
    } else {
        let roles = texts(values, "roles").iter();
        let post = Post {
            title: name(ctx, values, "title_ja", "title_en")?,
            unit: text(values, "unit").parse().unwrap_or(known.unit),
            roles: roles.filter_map(|code| Role::from_code(code)).collect(),
            ..known.clone()
        };
        StructureCommand::ChangePost {
            post: Box::new(post),
            expected,
        }
    };
    Ok(Command::Structure(Box::new(command)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_can_be_given_to_a_post() {
        let offered = CHANGE.iter().find_map(|field| match field.kind {
            FieldKind::Choice(codes) if field.code == "roles" => Some(codes),
            _ => None,
        });
        assert_eq!(offered, Some(&Role::ALL.map(Role::code)[..]));
    }
}
