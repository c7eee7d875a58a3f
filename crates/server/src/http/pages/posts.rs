//! Every post with its unit, roles and holders, and what remains to be done at the beginning.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::{PersonId, PostId};
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_messages::t;

use super::super::ctx::Ctx;
use super::organisation_choices::{Narrowed, first_sorted};
use super::{localised, person_name, unit_name};
use crate::console::components::{Column, Tone, alert, cell, empty_state, row_header, table};
use crate::console::words;

/// So many posts stand in the table.
const POSTS_MAX: usize = 50;
/// So many holders of a post are named; its page names all.
const HOLDERS_MAX: usize = 5;

/// A person's name, leading to the person's page; the id for those who may not read names.
fn person(ctx: &Ctx, person: PersonId) -> Markup {
    let may = ctx.may(Action::ReadDirectory, Subject::Person(person));
    let id = person.to_string();
    if !may {
        return markup! { (id) };
    }
    let name = person_name(ctx, person).unwrap_or_else(|| id.clone());
    markup! { a href={ "/organisation/people/" (id) } { (name) } }
}

/// The first posts that fit, each with its unit and its holders, and how many more there are.
fn shown(ctx: &Ctx, narrowed: &Narrowed) -> (Vec<(String, Post, Vec<PersonId>)>, usize) {
    let world = ctx.site.app.world();
    let posts = world.posts.values();
    let posts = posts.filter(|post| narrowed.shows(ctx, &world, post));
    let mut known: Vec<(String, &Post)> = posts
        .map(|post| {
            let unit = unit_name(&world, post.unit).get(ctx.lang).to_owned();
            (unit, post)
        })
        .collect();
    let more = first_sorted(&mut known, POSTS_MAX, |a, b| {
        (&a.0, &a.1.title.ja, a.1.id).cmp(&(&b.0, &b.1.title.ja, b.1.id))
    });
    let held = known.into_iter().map(|(unit, post)| {
        let holders = world.holders(post.id, ctx.now).collect();
        (unit, post.clone(), holders)
    });
    (held.collect(), more)
}

/// The posts that fit and who holds them.
pub(super) fn list(ctx: &Ctx, narrowed: &Narrowed) -> Markup {
    let lang = ctx.lang;
    let (known, more) = shown(ctx, narrowed);
    let unit = Column::text(t!(lang, "domain.unit"));
    let title = Column::text(t!(lang, "domain.post"));
    let roles = Column::text(t!(lang, "domain.roles"));
    let holder = Column::text(t!(lang, "domain.holder"));
    let row = |(of, post, mut holders): (String, Post, Vec<PersonId>)| {
        holders.sort_unstable();
        let names = words::list(lang, post.roles.iter().map(|role| words::role(lang, *role)));
        vec![
            row_header(
                &title,
                &markup! { a href={ "/organisation/posts/" (post.id) } { (localised(&post.title).show(lang)) } },
            ),
            cell(&unit, &markup! { (of) }),
            cell(&roles, &markup! { (names) }),
            cell(
                &holder,
                &markup! {
                    @if holders.is_empty() { span class="muted" { (t!(lang, "domain.vacant")) } }
                    @for (n, who) in holders.iter().take(HOLDERS_MAX).enumerate() { @if n > 0 { " / " } (person(ctx, *who)) }
                    @if holders.len() > HOLDERS_MAX {
                        " " span class="muted" { (t!(lang, "domain.more_holders", n = (holders.len() - HOLDERS_MAX) as u64)) }
                    }
                },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = known.into_iter().map(row).collect();
    markup! {
        @if rows.is_empty() { (empty_state(&t!(lang, "domain.no_post_fits"), &t!(lang, "domain.no_post_fits_how"))) }
        @else { (table(&t!(lang, "domain.posts"), &[title, unit, roles, holder], &rows)) }
        @if more > 0 { p class="field-support" { (t!(lang, "domain.narrow_more", n = more as u64)) } }
    }
}

/// How far the appointment to a role has come.
enum Step {
    Appointed(PersonId),
    Vacant(PostId),
    NoPost,
}

fn step(ctx: &Ctx, role: Role) -> Step {
    let world = ctx.site.app.world();
    let has = |post: &Post| post.roles.contains(&role);
    let holds = world.appointments.values().find(|held| {
        let post = world.posts.get(&held.post);
        post.is_some_and(has)
    });
    if let Some(held) = holds {
        return Step::Appointed(held.person);
    }
    let post = world.posts.values().find(|post| has(post));
    post.map_or(Step::NoPost, |post| Step::Vacant(post.id))
}

/// The two appointments that end the bootstrap power, and what remains to be done for each.
pub(super) fn first_steps(ctx: &Ctx) -> Markup {
    let lang = ctx.lang;
    let item = |role: Role| {
        markup! {
            li {
                p { strong { (words::role(lang, role)) } }
                @match step(ctx, role) {
                    Step::Appointed(who) => p { (t!(lang, "people.first.appointed")) (t!(lang, "console.colon")) (person(ctx, who)) },
                    Step::Vacant(post) => {
                        p class="stale" { (t!(lang, "people.first.vacant")) }
                        p { a href={ "/organisation?post=" (post) "#post" } { (t!(lang, "people.first.appoint")) } }
                    },
                    Step::NoPost => {
                        p class="stale" { (t!(lang, "people.first.no_post")) }
                        p { a href={ "/organisation?role=" (role.code()) "#post_unit" } { (t!(lang, "people.first.create")) } }
                    },
                }
            }
        }
    };
    alert(
        Tone::Info,
        &t!(lang, "domain.bootstrap"),
        &markup! {
            p { (t!(lang, "domain.bootstrap_how")) }
            ul class="first-posts" { (item(Role::Ciso)) (item(Role::Hiso)) }
        },
    )
}
