//! The organisation's page: posts and their holders, and a form for each thing that can be done.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::Action;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::role::Role;
use sekisho_messages::{t, text};

use super::super::ctx::{Answer, Ctx, html};
use super::super::form::Form;
use super::super::options::TlsSource;
use super::organisation::somewhere;
use super::organisation_choices::{Choices, MOST, Narrowed};
use super::register::import::place::files;
use crate::console::components::{
    Field, Input, Tone, alert, csrf_field, error_summary, field, submit,
};
use crate::console::layout::{Place, heading, page};
use crate::console::svg::qr_code;
use crate::console::words;
use crate::tables::TableOf;

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

/// The command by which a device is enrolled, where the server is known by its own authority. The
/// secret is no part of it: arguments are seen by every user of a machine.
fn enrolment(ctx: &Ctx) -> Option<String> {
    let options = &ctx.site.options;
    let own = options.tls == Some(TlsSource::BuiltIn);
    own.then(|| {
        let known = ctx.site.app.authorities().serving(ctx.now).fingerprint();
        format!(
            "sekisho agent enrol --server {} --ca-sha256 {known}",
            options.url()
        )
    })
}

pub(super) fn render(ctx: &Ctx, entered: impl Fn(&str) -> String, said: &Said) -> Answer {
    let lang = ctx.lang;
    let title = t!(lang, "domain.organisation");
    let csrf = ctx.live()?.csrf();
    let narrowed = Narrowed::of(ctx);
    let form = FormParts {
        ctx,
        csrf: &csrf,
        said,
        entered: &entered,
        narrowed: &narrowed,
    };
    let errors: Vec<(&str, &str)> = said.wrong.iter().map(|(n, e)| (*n, e.as_str())).collect();
    let (over, is_long) = {
        let world = ctx.site.app.world();
        let longest = world.people.len().max(world.posts.len());
        let longest = longest.max(world.units.len());
        (world.bootstrap_is_over(), longest > MOST)
    };
    let posts = super::posts::list(ctx, &narrowed);
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "domain.organisation_lead")) }))
        (error_summary(lang, &errors))
        @if let Some((key, secret)) = &said.handed {
            (alert(Tone::Success, &text(lang, *key, &[]), &markup! {
                @if *key == "domain.telephone_link" {
                    p { (t!(lang, "domain.telephone_scan")) }
                    @if let Some(picture) = qr_code(secret, &t!(lang, "domain.telephone_qr")) { p { (picture) } }
                    p { (t!(lang, "domain.telephone_type")) }
                }
                p { code class="secret" { (secret) } }
                p { (t!(lang, "domain.handed_once")) }
                @if let (true, Some(command)) = (*key == "domain.enrolment_secret", enrolment(ctx)) {
                    p { (t!(lang, "domain.enrolment_command")) }
                    p { code { (command) } }
                }
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
        (narrowed.form(ctx, is_long))
        section { h2 { (t!(lang, "domain.posts")) } (posts) (files(ctx, TableOf::Posts)) }
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
    narrowed: &'a Narrowed,
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

    fn select(&self, name: &'static str, required: bool, options: &Choices) -> Markup {
        let lang = self.ctx.lang;
        let chosen = (self.entered)(name);
        let error = self.said.at(name);
        markup! {
            div class="field" {
                label for=(name) { (text(lang, format!("domain.field.{name}"), &[])) }
                @if let Some(error) = error { p class="field-error" id={ (name) "-error" } { (error) } }
                select id=(name) name=(name) required[required] aria-invalid=[error.map(|_| "true")]
                    aria-describedby=[error.map(|_| format!("{name}-error"))] {
                    @if !required || options.list.is_empty() { option value="" { "–" } }
                    @for (value, label) in &options.list {
                        option value=(value) selected[*value == chosen] { (label) }
                    }
                }
                @if options.more > 0 {
                    p class="field-support" { (t!(lang, "domain.narrow_more", n = options.more as u64)) }
                }
            }
        }
    }

    fn units(&self, name: &str, action: Action) -> Choices {
        self.narrowed.units(self.ctx, action, &(self.entered)(name))
    }

    fn people(&self, name: &str) -> Choices {
        self.narrowed.people(self.ctx, &(self.entered)(name))
    }

    fn unit(&self) -> Markup {
        let fields = markup! {
            (self.select("parent", true, &self.units("parent", Action::FoundUnit))) (self.line("unit_ja", true)) (self.line("unit_en", false))
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
        let roles = Choices {
            list: roles,
            more: 0,
        };
        let fields = markup! {
            (self.select("post_unit", true, &self.units("post_unit", Action::CreatePost))) (self.line("title_ja", true)) (self.line("title_en", false))
            (self.select("role", true, &roles)) (self.select("second_role", false, &roles))
        };
        self.form("/organisation/posts", "domain.create_post", &fields)
    }

    fn person(&self) -> Markup {
        let fields = markup! {
            (self.select("person_unit", true, &self.units("person_unit", Action::RegisterPerson))) (self.line("name_ja", true)) (self.line("name_kana", false))
            (self.line("name_en", false)) (self.line("mail", false)) (self.line("login", false))
        };
        self.form("/organisation/people", "domain.register_person", &fields)
    }

    fn appointment(&self) -> Markup {
        let posts = self.narrowed.posts(self.ctx, &(self.entered)("post"));
        let fields = markup! {
            (self.select("person", true, &self.people("person"))) (self.select("post", true, &posts))
            (self.line("from", false)) (self.line("last_day", false))
        };
        self.form("/organisation/appointments", "domain.appoint", &fields)
    }

    fn enrolment(&self) -> Markup {
        let lang = self.ctx.lang;
        let class = |class| (words::class(lang, class), class);
        let classes = [class(DeviceClass::Issued), class(DeviceClass::Byod)]
            .map(|(label, class)| (class.code().to_owned(), label.into_owned()));
        let classes = Choices {
            list: classes.into(),
            more: 0,
        };
        let form = |code| (code, text(lang, format!("domain.device_form.{code}"), &[]));
        let forms = [form("computer"), form("telephone")]
            .map(|(code, label)| (code.to_owned(), label.into_owned()));
        let forms = Choices {
            list: forms.into(),
            more: 0,
        };
        let fields = markup! {
            (self.select("device_unit", true, &self.units("device_unit", Action::EnrolDevice)))
            (self.select("device_form", true, &forms)) (self.select("class", true, &classes))
            (self.select("user", false, &self.people("user")))
            p class="field-support" { (t!(lang, "domain.telephone_user")) }
        };
        self.form(
            "/organisation/enrolments",
            "domain.hand_out_enrolment",
            &fields,
        )
    }
}
