//! One person: posts, account, and what can be done about them.

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::appointment::Appointment;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::{AccountId, PersonId};
use sekisho_messages::{Lang, t, text};

use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::super::form::Form;
use super::organisation::{Wrong, checked_login, issue_account};
use super::organisation_page::Said;
use super::{localised, person_name, sentence, unit_name};
use crate::console::components::{
    Column, Field, Input, Tone, alert, cell, confirmation, csrf_field, definitions, error_summary,
    field, instant, row_header, submit, table,
};
use crate::console::layout::{Place, heading, page};
use crate::console::words::Localised;

/// The person who is asked for, where the reader may know the name.
pub(super) fn asked(ctx: &Ctx, action: Action) -> Result<PersonId, Fault> {
    let id: PersonId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    ctx.gate(action, Subject::Person(id))?;
    if ctx.site.app.world().people.contains_key(&id) {
        Ok(id)
    } else {
        Err(Fault::not_found())
    }
}

/// The name, or the id where there is none any more.
pub(super) fn shown_name(ctx: &Ctx, person: PersonId) -> String {
    person_name(ctx, person).unwrap_or_else(|| person.to_string())
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let person = asked(ctx, Action::ReadDirectory)?;
    render(ctx, person, &Said::default())
}

/// The trail to a person's page.
pub(super) fn trail(lang: Lang) -> Vec<(String, String)> {
    vec![
        (
            t!(lang, "domain.organisation").into_owned(),
            "/organisation".to_owned(),
        ),
        (
            t!(lang, "people.list").into_owned(),
            "/organisation/people".to_owned(),
        ),
    ]
}

pub(super) fn render(ctx: &Ctx, person: PersonId, said: &Said) -> Answer {
    let lang = ctx.lang;
    let name = shown_name(ctx, person);
    let forgotten = ctx.site.app.people().is_forgotten(&person.to_string());
    let errors: Vec<(&str, &str)> = said.wrong.iter().map(|(n, e)| (*n, e.as_str())).collect();
    let main = markup! {
        (heading(&trail(lang), &markup! { (name) }, &markup! { (t!(lang, "people.person_lead")) }))
        (error_summary(lang, &errors))
        @if let Some((key, secret)) = &said.handed {
            (alert(Tone::Success, &text(lang, *key, &[]), &markup! {
                p { code class="secret" { (secret) } }
                p { (t!(lang, "domain.handed_once")) }
            }))
        }
        @if forgotten { (alert(Tone::Info, &t!(lang, "people.is_forgotten"), &markup! { p { (t!(lang, "people.is_forgotten_how")) } })) }
        (super::structure::person::links(ctx, person))
        (about(ctx, person))
        section { h2 { (t!(lang, "people.appointments")) } (appointments(ctx, person)) }
        section { h2 { (t!(lang, "register.history")) } (super::structure::history_of(ctx, &person.to_string())?) }
        @if !forgotten && ctx.may(Action::IssueAccount, Subject::Person(person)) { (account(ctx, person, said)?) }
        @if !forgotten && ctx.may(Action::ForgetPerson, Subject::Person(person)) {
            section {
                h2 { (t!(lang, "people.forget")) }
                p { (t!(lang, "people.forget_lead")) }
                p { a class="button button--secondary" href={ "/organisation/people/" (person) "/forget" } { (t!(lang, "people.forget_go")) } }
            }
        }
    };
    let mut frame = ctx.frame(Place::Organisation);
    frame.path = format!("/organisation/people/{person}");
    let mut response = html(page(&frame, &name, &main));
    if !said.wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

fn about(ctx: &Ctx, person: PersonId) -> Markup {
    let lang = ctx.lang;
    let unit = {
        let world = ctx.site.app.world();
        world
            .people
            .get(&person)
            .map(|unit| unit_name(&world, *unit))
            .unwrap_or_default()
    };
    let mut list = vec![(t!(lang, "domain.unit"), unit.show(lang))];
    if let Some(known) = ctx.site.app.directory().get(person) {
        if let Some(kana) = &known.name.kana {
            list.push((t!(lang, "people.kana"), markup! { (kana.as_str()) }));
        }
        if let Some(mail) = &known.mail {
            list.push((t!(lang, "domain.field.mail"), markup! { (mail) }));
        }
    }
    list.push((
        t!(lang, "people.id"),
        markup! { code class="digest" { (person) } },
    ));
    definitions(&list)
}

/// Every appointment of the person, those in force first.
fn appointments(ctx: &Ctx, person: PersonId) -> Markup {
    let lang = ctx.lang;
    let mut known: Vec<(Appointment, Localised, Localised)> = {
        let world = ctx.site.app.world();
        let ids = world.appointments_of.get(&person).into_iter().flatten();
        ids.filter_map(|id| {
            let held = world.appointments.get(id)?;
            let post = world.posts.get(&held.post)?;
            Some((
                held.clone(),
                localised(&post.title),
                unit_name(&world, post.unit),
            ))
        })
        .collect()
    };
    known.sort_by_key(|(held, ..)| (!held.in_force(ctx.now), held.valid.from));
    if known.is_empty() {
        return markup! { p class="muted" { (t!(lang, "console.no_post")) } };
    }
    let may = ctx.may(Action::Appoint, Subject::Body);
    let post = Column::text(t!(lang, "domain.post"));
    let from = Column::text(t!(lang, "people.from"));
    let until = Column::text(t!(lang, "people.until"));
    let what = Column::text(t!(lang, "people.what"));
    let row = |(held, title, unit): (Appointment, Localised, Localised)| {
        let over = held.valid.until.is_some_and(|until| until <= ctx.now);
        vec![
            row_header(
                &post,
                &markup! { (title.show(lang)) p class="small muted" { (unit.show(lang)) } },
            ),
            cell(&from, &instant(lang, held.valid.from)),
            cell(
                &until,
                &markup! {
                    @if let Some(until) = held.valid.until { (instant(lang, until)) }
                    @else { span class="muted" { (t!(lang, "people.open")) } }
                },
            ),
            cell(
                &what,
                &markup! {
                    @if over { span class="muted" { (t!(lang, "people.over")) } }
                    @else if may { a href={ "/organisation/appointments/" (held.id) } { (t!(lang, "people.end")) } }
                    @else { "–" }
                },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = known.into_iter().map(row).collect();
    table(
        &t!(lang, "people.appointments"),
        &[post, from, until, what],
        &rows,
    )
}

/// The accounts of a person that are not closed.
fn open_accounts(ctx: &Ctx, person: PersonId) -> Vec<AccountId> {
    let world = ctx.site.app.world();
    let open = world
        .accounts
        .values()
        .filter(|a| a.person == person && !a.closed);
    open.map(|account| account.id).collect()
}

fn account(ctx: &Ctx, person: PersonId, said: &Said) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let csrf = ctx.live()?.csrf();
    let known = ctx.site.app.accounts().by_person(&person.to_string())?;
    let known = known.filter(|_| !open_accounts(ctx, person).is_empty());
    let to = |what: &str| format!("/organisation/people/{person}/{what}");
    Ok(markup! {
        section {
            h2 { (t!(lang, "people.account")) }
            @if let Some(known) = &known {
                (definitions(&[(t!(lang, "setup.login"), markup! { code { (known.login) } })]))
                h3 { (t!(lang, "people.reissue")) }
                p { (t!(lang, "people.reissue_lead")) }
                form method="post" action=(to("account")) class="form" {
                    (csrf_field(&csrf))
                    input type="hidden" name="login" value=(known.login);
                    (confirmation(lang, "reissue", &t!(lang, "people.reissue_confirm"), said.at("reissue")))
                    (submit(&t!(lang, "people.reissue_do")))
                }
                h3 { (t!(lang, "people.close")) }
                p { (t!(lang, "people.close_lead")) }
                form method="post" action=(to("close")) class="form" {
                    (csrf_field(&csrf))
                    (confirmation(lang, "close", &t!(lang, "people.close_confirm"), said.at("close")))
                    button class="button button--danger" type="submit" { (t!(lang, "people.close_do")) }
                }
            } @else {
                p { (t!(lang, "people.no_account")) }
                form method="post" action=(to("account")) class="form" {
                    (csrf_field(&csrf))
                    (field(lang, &Field {
                        name: "login", label: t!(lang, "setup.login"), support: None, required: true, input: Input::Text,
                        value: "", error: said.at("login"), autocomplete: "off", lang: None,
                    }))
                    (submit(&t!(lang, "people.issue_do")))
                }
            }
        }
    })
}

fn unconfirmed(ctx: &Ctx, field: &'static str) -> Said {
    Said::wrong(field, sentence(ctx.lang, "form.confirm", &[]))
}

/// Issues an account, in place of the one that there is. Closing the old one and issuing a new
/// one leaves both in the ledger: a link that lets somebody else in is never made unseen.
pub(in crate::http) fn issue(ctx: &Ctx, form: &Form) -> Answer {
    let person = asked(ctx, Action::IssueAccount)?;
    let old = open_accounts(ctx, person);
    let known = ctx.site.app.accounts().by_person(&person.to_string())?;
    let replaces = known.filter(|_| !old.is_empty());
    let login = match &replaces {
        Some(_) if form.get("reissue") != "yes" => {
            return render(ctx, person, &unconfirmed(ctx, "reissue"));
        }
        Some(known) => known.login.clone(),
        None => match checked_login(ctx, form.get("login")) {
            Ok(login) => login,
            Err(Wrong::At(field, said)) => return render(ctx, person, &Said::wrong(field, said)),
            Err(Wrong::Fault(fault)) => return Err(fault),
        },
    };
    for account in old {
        ctx.site.app.close_account(ctx.actor()?, account)?;
    }
    match issue_account(ctx, person, &login) {
        Ok(link) => {
            let said = Said {
                handed: Some(("domain.link_for_password", link)),
                ..Said::default()
            };
            render(ctx, person, &said)
        }
        Err(Wrong::At(field, said)) => render(ctx, person, &Said::wrong(field, said)),
        Err(Wrong::Fault(fault)) => Err(fault),
    }
}

/// Closes the person's account; whoever is signed in with it is signed out at once.
pub(in crate::http) fn close(ctx: &Ctx, form: &Form) -> Answer {
    let person = asked(ctx, Action::IssueAccount)?;
    if form.get("close") != "yes" {
        return render(ctx, person, &unconfirmed(ctx, "close"));
    }
    for account in open_accounts(ctx, person) {
        ctx.site.app.close_account(ctx.actor()?, account)?;
    }
    Ok(super::super::ctx::redirect(&format!(
        "/organisation/people/{person}"
    )))
}
