//! Units, posts, people and appointments: founded and made here, so that CISO and the head
//! officer can be appointed and the bootstrap officer's power ends.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::command::{Command, NewPerson};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::{AccountId, AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::name::Name;
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp, parse_date};
use sekisho_messages::{t, text};

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::new_account::NewAccount;
use super::{line, localised, optional_line, person_name, refused, sentence, unit_name};
use crate::app::directory::{PROFILE_PURPOSE, PersonProfile};
use crate::app::{CommandError, fresh};
use crate::console::components::{
    Field, Input, Tone, alert, csrf_field, error_summary, field, submit,
};
use crate::console::layout::{Place, heading, page};
use crate::console::words::{self, Localised};
use crate::identity::link::{self, Enrolment, Issuer, Purpose};
use crate::identity::policy;
use crate::identity::sign_in::is_open;

/// People and units that a list to choose from holds.
const CHOICES: usize = 2000;

/// What the page says besides the registers.
#[derive(Default)]
struct Said {
    /// The form, and what is wrong at which of its fields.
    wrong: Vec<(&'static str, String)>,
    /// A one-time link or secret to hand over, and what it is for.
    handed: Option<(&'static str, String)>,
}

impl Said {
    fn wrong(field: &'static str, sentence: String) -> Self {
        Self {
            wrong: vec![(field, sentence)],
            handed: None,
        }
    }

    fn at(&self, field: &str) -> Option<&str> {
        self.wrong
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, sentence)| sentence.as_str())
    }
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    enter(ctx)?;
    render(ctx, form_of(&Form::default()), &Said::default())
}

/// What can be done or read here.
const HERE: [Action; 6] = [
    Action::ReadDirectory,
    Action::FoundUnit,
    Action::CreatePost,
    Action::RegisterPerson,
    Action::Appoint,
    Action::EnrolDevice,
];

/// The page is for whoever may do any of it, be it for one unit only.
fn enter(ctx: &Ctx) -> Result<(), Fault> {
    ctx.live()?;
    if HERE.into_iter().any(|action| somewhere(ctx, action)) {
        return Ok(());
    }
    Err(Fault::denied(Denied::NoAuthority, Action::ReadDirectory))
}

/// A form is for whoever may do this, be it for one unit only; for which comes after.
fn enter_for(ctx: &Ctx, action: Action) -> Result<(), Fault> {
    ctx.live()?;
    if somewhere(ctx, action) {
        Ok(())
    } else {
        Err(Fault::denied(Denied::NoAuthority, action))
    }
}

/// Whether the reader may do something for the whole or for a unit.
fn somewhere(ctx: &Ctx, action: Action) -> bool {
    let Ok(actor) = ctx.actor() else { return false };
    let answer = ctx.site.app.authorise(&actor, action, Subject::Body);
    !matches!(answer, Err(Denied::NoAuthority))
}

/// What was entered, to be shown again.
fn form_of(form: &Form) -> impl Fn(&str) -> String + '_ {
    |name| form.get(name).to_owned()
}

fn render(ctx: &Ctx, entered: impl Fn(&str) -> String, said: &Said) -> Answer {
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
        @if !over { (alert(Tone::Info, &t!(lang, "domain.bootstrap"), &markup! { p { (t!(lang, "domain.bootstrap_how")) } })) }
        section { h2 { (t!(lang, "domain.posts")) } (posts(ctx)) }
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

/// Every post with its unit, roles and holders.
fn posts(ctx: &Ctx) -> Markup {
    let lang = ctx.lang;
    let known: Vec<(Localised, Post, Vec<PersonId>)> = {
        let world = ctx.site.app.world();
        let held = |post: &Post| world.holders(post.id, ctx.now).collect();
        world
            .posts
            .values()
            .map(|p| (unit_name(&world, p.unit), p.clone(), held(p)))
            .collect()
    };
    let named = |person: PersonId| {
        let may = ctx.may(Action::ReadDirectory, Subject::Person(person));
        may.then(|| person_name(ctx, person))
            .flatten()
            .unwrap_or_else(|| person.to_string())
    };
    let mut rows: Vec<[String; 4]> = known
        .into_iter()
        .map(|(unit, post, holders)| {
            let roles: Vec<_> = post
                .roles
                .iter()
                .map(|role| words::role(lang, *role))
                .collect();
            let holders: Vec<String> = holders.into_iter().map(named).collect();
            let title = localised(&post.title).get(lang).to_owned();
            [
                unit.get(lang).to_owned(),
                title,
                roles.join(" / "),
                holders.join(" / "),
            ]
        })
        .collect();
    rows.sort();
    markup! {
        div class="table-wrap" {
            table {
                thead { tr {
                    th scope="col" { (t!(lang, "domain.unit")) } th scope="col" { (t!(lang, "domain.post")) }
                    th scope="col" { (t!(lang, "domain.roles")) } th scope="col" { (t!(lang, "domain.holder")) }
                } }
                tbody { @for [unit, title, roles, holders] in &rows {
                    tr {
                        td { (unit) } td { (title) } td { (roles) }
                        td { @if holders.is_empty() { span class="muted" { (t!(lang, "domain.vacant")) } } @else { (holders) } }
                    }
                } }
            }
        }
    }
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
                    localised(&unit.name).get(ctx.lang).to_owned(),
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

/// What is wrong: a field that cannot be read, or a refusal of the command.
enum Wrong {
    At(&'static str, String),
    Fault(Fault),
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<sekisho_store::StoreError> for Wrong {
    fn from(error: sekisho_store::StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// Carries a command out; a refusal is shown at the field that the command's field came from.
fn carry_out(
    ctx: &Ctx,
    command: Command,
    fields: &[(&str, &'static str)],
    other: &'static str,
) -> Result<(), Wrong> {
    match ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new())
    {
        Ok(_) => Ok(()),
        Err(error @ CommandError::Refused(_)) if !error.code().starts_with("authorise.") => {
            let (field, sentence) = refused(ctx.lang, &error);
            let at = field.and_then(|f| fields.iter().find(|(of, _)| *of == f).map(|(_, at)| *at));
            Err(Wrong::At(at.unwrap_or(other), sentence))
        }
        Err(error) => Err(Wrong::Fault(error.into())),
    }
}

fn finish(ctx: &Ctx, form: &Form, done: Result<Option<(&'static str, String)>, Wrong>) -> Answer {
    match done {
        Ok(None) => Ok(redirect("/organisation")),
        Ok(handed) => {
            let said = Said {
                handed,
                ..Said::default()
            };
            render(ctx, form_of(&Form::default()), &said)
        }
        Err(Wrong::At(field, sentence)) => {
            render(ctx, form_of(form), &Said::wrong(field, sentence))
        }
        Err(Wrong::Fault(fault)) => Err(fault),
    }
}

fn id<T: std::str::FromStr>(ctx: &Ctx, form: &Form, name: &'static str) -> Result<T, Wrong> {
    let choose = || Wrong::At(name, sentence(ctx.lang, "form.choose", &[]));
    form.get(name).parse().map_err(|_| choose())
}

fn name(ctx: &Ctx, form: &Form, ja: &'static str, en: &'static str) -> Result<Name, Wrong> {
    Ok(Name {
        ja: line(ctx.lang, form.get(ja)).map_err(|e| Wrong::At(ja, e))?,
        en: optional_line(ctx.lang, form.get(en)).map_err(|e| Wrong::At(en, e))?,
        kana: None,
    })
}

pub(in crate::http) fn found_unit(ctx: &Ctx, form: &Form) -> Answer {
    let work = || {
        let parent: UnitId = id(ctx, form, "parent")?;
        ctx.gate(Action::FoundUnit, Subject::Unit(parent))?;
        let name = name(ctx, form, "unit_ja", "unit_en")?;
        let command = Command::FoundUnit {
            id: UnitId::new(fresh()?),
            parent,
            name,
            valid: Interval::starting(ctx.now),
        };
        carry_out(ctx, command, &[("parent", "parent")], "unit_ja")?;
        Ok(None)
    };
    enter_for(ctx, Action::FoundUnit)?;
    finish(ctx, form, work())
}

pub(in crate::http) fn create_post(ctx: &Ctx, form: &Form) -> Answer {
    let work = || {
        let unit: UnitId = id(ctx, form, "post_unit")?;
        ctx.gate(Action::CreatePost, Subject::Unit(unit))?;
        let title = name(ctx, form, "title_ja", "title_en")?;
        let choose = || Wrong::At("role", sentence(ctx.lang, "form.choose", &[]));
        let mut roles = vec![Role::from_code(form.get("role")).ok_or_else(choose)?];
        roles.extend(Role::from_code(form.get("second_role")));
        let post = Post {
            id: PostId::new(fresh()?),
            unit,
            title,
            roles,
        };
        carry_out(
            ctx,
            Command::CreatePost(Box::new(post)),
            &[("unit", "post_unit")],
            "title_ja",
        )?;
        Ok(None)
    };
    enter_for(ctx, Action::CreatePost)?;
    finish(ctx, form, work())
}

pub(in crate::http) fn register_person(ctx: &Ctx, form: &Form) -> Answer {
    enter_for(ctx, Action::RegisterPerson)?;
    finish(ctx, form, register(ctx, form))
}

fn register(ctx: &Ctx, form: &Form) -> Result<Option<(&'static str, String)>, Wrong> {
    let (app, lang) = (&ctx.site.app, ctx.lang);
    let unit: UnitId = id(ctx, form, "person_unit")?;
    ctx.gate(Action::RegisterPerson, Subject::Unit(unit))?;
    let mut known = name(ctx, form, "name_ja", "name_en")?;
    known.kana =
        optional_line(lang, form.get("name_kana")).map_err(|e| Wrong::At("name_kana", e))?;
    let mail = optional_line(lang, form.get("mail")).map_err(|e| Wrong::At("mail", e))?;
    let wanted = form.get("login").trim();
    let login = if wanted.is_empty() {
        None
    } else {
        let login = policy::login(wanted);
        let login = login.map_err(|e| Wrong::At("login", sentence(lang, e.code(), &[])))?;
        if login_is_taken(ctx, &login)? {
            return Err(Wrong::At("login", sentence(lang, "login.taken", &[])));
        }
        Some(login)
    };
    let person = PersonId::new(fresh()?);
    let profile = PersonProfile {
        name: known,
        mail: mail.map(String::from),
    };
    let profile = serde_json::to_vec(&profile).map_err(Fault::internal)?;
    let profile = app.seal(person, PROFILE_PURPOSE, &profile)?;
    let command = Command::RegisterPerson {
        person: NewPerson {
            id: person,
            profile,
        },
        unit,
    };
    carry_out(ctx, command, &[("unit", "person_unit")], "name_ja")?;
    let Some(login) = login else { return Ok(None) };
    let account = AccountId::new(fresh()?);
    NewAccount {
        account,
        person,
        login: &login,
    }
    .with(ctx, None, || {
        carry_out(ctx, Command::IssueAccount { account, person }, &[], "login")
    })?;
    let token = link::for_account(
        app.accounts(),
        Purpose::ChoosePassword,
        account,
        person,
        ctx.now,
    )?;
    Ok(Some((
        "domain.link_for_password",
        format!("/link/{}", token.text()),
    )))
}

/// Whether someone whom the ledger knows signs in with this login.
fn login_is_taken(ctx: &Ctx, login: &str) -> Result<bool, Wrong> {
    let known = ctx.site.app.accounts().by_login(login)?;
    let id = known.and_then(|account| account.account.parse().ok());
    Ok(id.is_some_and(|id| is_open(&ctx.site.app.world(), id)))
}

pub(in crate::http) fn appoint(ctx: &Ctx, form: &Form) -> Answer {
    let work = || {
        let person: PersonId = id(ctx, form, "person")?;
        ctx.gate(Action::Appoint, Subject::Person(person))?;
        let post: PostId = id(ctx, form, "post")?;
        let from = day(ctx, form, "from")?.unwrap_or(ctx.now);
        // Entered is the last day; the interval ends where the next day begins (decision 9).
        let until = day(ctx, form, "last_day")?;
        let until = until.map(|day| day.after(sekisho_domain::time::Span::days(1)));
        let valid = Interval { from, until };
        let command = Command::Appoint {
            id: AppointmentId::new(fresh()?),
            person,
            post,
            valid,
        };
        let fields = [
            ("person", "person"),
            ("post", "post"),
            ("valid", "last_day"),
        ];
        carry_out(ctx, command, &fields, "person")?;
        Ok(None)
    };
    enter_for(ctx, Action::Appoint)?;
    finish(ctx, form, work())
}

/// The beginning of a day entered by Japan's calendar; none when nothing is entered.
fn day(ctx: &Ctx, form: &Form, name: &'static str) -> Result<Option<Timestamp>, Wrong> {
    let entered = form.get(name).trim();
    if entered.is_empty() {
        return Ok(None);
    }
    let wrong = || Wrong::At(name, sentence(ctx.lang, "time.date-form", &[]));
    let date = parse_date(entered).map_err(|_| wrong())?;
    Timestamp::start_of_jst_day(date)
        .map(Some)
        .map_err(|_| wrong())
}

pub(in crate::http) fn hand_out_enrolment(ctx: &Ctx, form: &Form) -> Answer {
    let work = || {
        let unit: UnitId = id(ctx, form, "device_unit")?;
        ctx.gate(Action::EnrolDevice, Subject::Unit(unit))?;
        let class = [DeviceClass::Issued, DeviceClass::Byod];
        let class = class
            .into_iter()
            .find(|class| class.code() == form.get("class"));
        let choose = || Wrong::At("class", sentence(ctx.lang, "form.choose", &[]));
        let user: Option<PersonId> = if form.get("user").is_empty() {
            None
        } else {
            Some(id(ctx, form, "user")?)
        };
        let issuer = Issuer::Person(ctx.live()?.person);
        let allowed = Enrolment {
            unit,
            class: class.ok_or_else(choose)?,
            user,
            issuer,
        };
        let secret = link::enrolment(ctx.site.app.accounts(), &allowed, ctx.now)?;
        Ok(Some(("domain.enrolment_secret", secret)))
    };
    enter_for(ctx, Action::EnrolDevice)?;
    finish(ctx, form, work())
}
