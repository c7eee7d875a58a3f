//! Forgetting a person: a page that says what it does, and the doing.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::authorise::Action;
use sekisho_domain::id::PersonId;
use sekisho_messages::t;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::form::Form;
use super::person::{asked, shown_name, trail};
use super::{form_refusal, sentence};
use crate::console::components::{
    Field, Input, Tone, alert, confirmation, csrf_field, error_summary, field,
};
use crate::console::layout::{Place, heading, page};

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let person = asked(ctx, Action::ForgetPerson)?;
    render(ctx, person, &[])
}

fn render(ctx: &Ctx, person: PersonId, wrong: &[(&'static str, String)]) -> Answer {
    let lang = ctx.lang;
    let name = shown_name(ctx, person);
    let held = ctx.site.app.world().posts_held(person, ctx.now).count();
    let errors: Vec<(&str, &str)> = wrong.iter().map(|(n, e)| (*n, e.as_str())).collect();
    let at = |field: &str| errors.iter().find(|(n, _)| *n == field).map(|(_, e)| *e);
    let csrf = ctx.live()?.csrf();
    let own = format!("/organisation/people/{person}");
    let mut trail = trail(lang);
    trail.push((name.clone(), own.clone()));
    let title = t!(lang, "people.forget_title", name = name.as_str());
    let main = markup! {
        (heading(&trail, &markup! { (title) }, &markup! { (t!(lang, "people.forget_lead")) }))
        (error_summary(lang, &errors))
        (alert(Tone::Warning, &t!(lang, "people.forget_what"), &markup! {
            ul class="consequences" {
                li { (t!(lang, "people.forget_names")) }
                li { (t!(lang, "people.forget_account")) }
                li { (t!(lang, "people.forget_chain")) }
                li { (t!(lang, "people.forget_backups")) }
                li { (t!(lang, "people.forget_stays")) }
            }
        }))
        @if held > 0 {
            (alert(Tone::Error, &t!(lang, "people.forget_holds"), &markup! {
                p { a href=(own) { (t!(lang, "people.forget_holds_how")) } }
            }))
        } @else {
            form method="post" action={ (own) "/forget" } class="form" {
                (csrf_field(&csrf))
                (field(lang, &Field {
                    name: "name", label: t!(lang, "people.forget_type", name = name.as_str()),
                    support: Some(t!(lang, "people.forget_type_support")), required: true, input: Input::Text,
                    value: "", error: at("name"), autocomplete: "off", lang: None,
                }))
                (confirmation(lang, "confirmed", &t!(lang, "people.forget_confirm"), at("confirmed")))
                button class="button button--danger" type="submit" { (t!(lang, "people.forget_do")) }
            }
        }
    };
    let mut frame = ctx.frame(Place::Organisation);
    frame.path = format!("/organisation/people/{person}/forget");
    let mut response = html(page(&frame, &title, &main));
    if !wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// Names are compared without blanks, of which Japanese writing knows two.
fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

pub(in crate::http) fn forget(ctx: &Ctx, form: &Form) -> Answer {
    let person = asked(ctx, Action::ForgetPerson)?;
    let typed = without_blanks(form.get("name"));
    let mut wrong = Vec::new();
    if typed != without_blanks(&shown_name(ctx, person)) && typed != person.to_string() {
        wrong.push(("name", sentence(ctx.lang, "form.name-differs", &[])));
    }
    if form.get("confirmed") != "yes" {
        wrong.push(("confirmed", sentence(ctx.lang, "form.confirm", &[])));
    }
    if !wrong.is_empty() {
        return render(ctx, person, &wrong);
    }
    match ctx.site.app.forget(ctx.actor()?, person) {
        Ok(_) => Ok(redirect(&format!("/organisation/people/{person}"))),
        Err(error) => {
            let (_, said) = form_refusal(ctx.lang, error)?;
            render(ctx, person, &[("name", said)])
        }
    }
}
