//! The organisation's page: posts and their holders, and a form for each thing that can be done.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::PersonId;
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_messages::{t, text};

use super::super::ctx::{Answer, Ctx, html};
use super::super::form::Form;
use super::organisation::somewhere;
use super::register::import::place::files;
use super::{localised, person_name, unit_name};
use crate::console::components::{
    Field, Input, Tone, alert, csrf_field, error_summary, field, submit,
};
use crate::console::layout::{Place, heading, page};
use crate::console::words;
use crate::tables::TableOf;

/// People and units that a list to choose from holds.
const CHOICES: usize = 2000;

/// What the page says besides the registers.
#[derive(Default)]
pub(super) struct Said {
    /// The form, and what is wrong at which of its fields.
    pub(super) wrong: Vec<(&'static str, String)>,
    /// A one-time link or secret to hand over, and what it is for.
    pub(super) handed: Option<(&'static str, String)>,
}

impl Said {
    pub(super) fn wrong(field: &'static str, sentence: String) -> Self {
        Self {
            wrong: vec![(field, sentence)],
            handed: None,
        }
    }

    pub(super) fn at(&self, field: &str) -> Option<&str> {
        self.wrong
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, sentence)| sentence.as_str())
    }
}

/// What was entered, to be shown again.
pub(super) fn form_of(form: &Form) -> impl Fn(&str) -> String + '_ {
    |name| form.get(name).to_owned()
}

pub(super) fn render(ctx: &Ctx, entered: impl Fn(&str) -> String, said: &Said) -> Answer {
    let lang = ctx.lang;
    let title = t!(lang, "domain.organisation");
    let csrf = ctx.live()?.csrf();
    let form = FormParts {
        ctx,
        csrf: &csrf,
        said,
        entered: &entered,
    };
    let errors: Vec<(&str, &str)> = said.wrong.iter().map(|(n, e)| (*n, e.as_str())).collect();
    let over = ctx.site.app.world().bootstrap_is_over();
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "domain.organisation_lead")) }))
        (error_summary(lang, &errors))
        @if let Some((key, secret)) = &said.handed {
            (alert(Tone::Success, &text(lang, *key, &[]), &markup! {
                p { code class="secret" { (secret) } }
                p { (t!(lang, "domain.handed_once")) }
            }))
        }
        @if !over { (super::posts::first_steps(ctx)) }
        @if somewhere(ctx, Action::ReadDirectory) {
            p class="actions" {
                a class="button button--secondary" href="/organisation/people" { (t!(lang, "people.list")) }
                a class="button button--secondary" href="/organisation/units" { (t!(lang, "register.unit")) }
                a class="button button--secondary" href="/organisation/moves" { (t!(lang, "tables.of.moves")) }
            }
        }
        section { h2 { (t!(lang, "domain.posts")) } (super::posts::list(ctx)) (files(ctx, TableOf::Posts)) }
        @if somewhere(ctx, Action::FoundUnit) { (form.unit()) }
        @if somewhere(ctx, Action::CreatePost) { (form.post()) }
        @if somewhere(ctx, Action::RegisterPerson) { (form.person()) }
        @if somewhere(ctx, Action::Appoint) { (form.appointment()) }
        @if somewhere(ctx, Action::EnrolDevice) { (form.enrolment()) }
    };
    let mut response = html(page(&ctx.frame(Place::Elsewhere), &title, &main));
    if !said.wrong.is_empty() {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

struct FormParts<'a, F> {
    ctx: &'a Ctx,
    csrf: &'a str,
    said: &'a Said,
    entered: &'a F,
}

impl<F: Fn(&str) -> String> FormParts<'_, F> {
    fn form(&self, action: &str, title: &'static str, fields: &Markup) -> Markup {
        let lang = self.ctx.lang;
        markup! {
            section {
                h2 { (text(lang, title, &[])) }
                form method="post" action=(action) class="form" {
                    (csrf_field(self.csrf)) (fields) (submit(&t!(lang, "domain.do")))
                }
            }
        }
    }

    fn line(&self, name: &'static str, required: bool) -> Markup {
        let lang = self.ctx.lang;
        let value = (self.entered)(name);
        let label = text(lang, format!("domain.field.{name}"), &[]);
        let input = Input::Text;
        let (error, autocomplete) = (self.said.at(name), "off");
        field(
            lang,
            &Field {
                name,
                label,
                support: None,
                required,
                input,
                value: &value,
                error,
                autocomplete,
                lang: None,
            },
        )
    }

    fn select(&self, name: &'static str, required: bool, options: &[(String, String)]) -> Markup {
        let lang = self.ctx.lang;
        let chosen = (self.entered)(name);
        let error = self.said.at(name);
        markup! {
            div class="field" {
                label for=(name) { (text(lang, format!("domain.field.{name}"), &[])) }
                @if let Some(error) = error { p class="field-error" id={ (name) "-error" } { (error) } }
                select id=(name) name=(name) required[required] aria-invalid=[error.map(|_| "true")]
                    aria-describedby=[error.map(|_| format!("{name}-error"))] {
                    @if !required || options.is_empty() { option value="" { "–" } }
                    @for (value, label) in options {
                        option value=(value) selected[*value == chosen] { (label) }
                    }
                }
            }
        }
    }

    /// The units for which the reader may do something.
    fn units(&self, action: Action) -> Vec<(String, String)> {
        let ctx = self.ctx;
        let known: Vec<_> = {
            let world = ctx.site.app.world();
            world
                .units
                .values()
                .filter(|unit| unit.valid.holds(ctx.now))
                .cloned()
                .collect()
        };
        let mut units: Vec<(String, String)> = known
            .into_iter()
            .filter(|unit| ctx.may(action, Subject::Unit(unit.id)))
            .map(|unit| {
                (
                    unit.id.to_string(),
                    localised(unit.name_at(ctx.now)).get(ctx.lang).to_owned(),
                )
            })
            .collect();
        units.sort_by(|a, b| a.1.cmp(&b.1));
        units.truncate(CHOICES);
        units
    }

    fn people(&self) -> Vec<(String, String)> {
        let ids: Vec<PersonId> = self.ctx.site.app.world().people.keys().copied().collect();
        let named = |id: PersonId| {
            let may = self.ctx.may(Action::ReadDirectory, Subject::Person(id));
            let name = may.then(|| person_name(self.ctx, id)).flatten()?;
            Some((id.to_string(), name))
        };
        let mut people: Vec<(String, String)> = ids.into_iter().filter_map(named).collect();
        people.sort_by(|a, b| a.1.cmp(&b.1));
        people.truncate(CHOICES);
        people
    }

    fn unit(&self) -> Markup {
        let fields = markup! {
            (self.select("parent", true, &self.units(Action::FoundUnit))) (self.line("unit_ja", true)) (self.line("unit_en", false))
        };
        self.form("/organisation/units", "domain.found_unit", &fields)
    }

    fn post(&self) -> Markup {
        let lang = self.ctx.lang;
        let roles: Vec<(String, String)> = Role::ALL
            .into_iter()
            .filter(|role| *role != Role::Organisation)
            .map(|role| (role.code().to_owned(), words::role(lang, role).into_owned()))
            .collect();
        let fields = markup! {
            (self.select("post_unit", true, &self.units(Action::CreatePost))) (self.line("title_ja", true)) (self.line("title_en", false))
            (self.select("role", true, &roles)) (self.select("second_role", false, &roles))
        };
        self.form("/organisation/posts", "domain.create_post", &fields)
    }

    fn person(&self) -> Markup {
        let fields = markup! {
            (self.select("person_unit", true, &self.units(Action::RegisterPerson))) (self.line("name_ja", true)) (self.line("name_kana", false))
            (self.line("name_en", false)) (self.line("mail", false)) (self.line("login", false))
        };
        self.form("/organisation/people", "domain.register_person", &fields)
    }

    fn appointment(&self) -> Markup {
        let lang = self.ctx.lang;
        let mut posts: Vec<(String, String)> = {
            let world = self.ctx.site.app.world();
            let label = |post: &Post| {
                format!(
                    "{} – {}",
                    unit_name(&world, post.unit).get(lang),
                    localised(&post.title).get(lang)
                )
            };
            world
                .posts
                .values()
                .map(|post| (post.id.to_string(), label(post)))
                .collect()
        };
        posts.sort_by(|a, b| a.1.cmp(&b.1));
        let fields = markup! {
            (self.select("person", true, &self.people())) (self.select("post", true, &posts))
            (self.line("from", false)) (self.line("last_day", false))
        };
        self.form("/organisation/appointments", "domain.appoint", &fields)
    }

    fn enrolment(&self) -> Markup {
        let lang = self.ctx.lang;
        let class = |class| (words::class(lang, class), class);
        let classes = [class(DeviceClass::Issued), class(DeviceClass::Byod)]
            .map(|(label, class)| (class.code().to_owned(), label.into_owned()));
        let fields = markup! {
            (self.select("device_unit", true, &self.units(Action::EnrolDevice))) (self.select("class", true, &classes))
            (self.select("user", false, &self.people()))
        };
        self.form(
            "/organisation/enrolments",
            "domain.hand_out_enrolment",
            &fields,
        )
    }
}
