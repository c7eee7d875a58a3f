//! Units, posts, people and appointments: founded and made here, so that CISO and the head
//! officer can be appointed and the bootstrap officer's power ends.

use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::command::{Command, NewPerson};
use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::id::{AccountId, AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::name::Name;
use sekisho_domain::post::Post;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp, parse_date};

use super::super::ctx::{Answer, Ctx, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::new_account::NewAccount;
use super::organisation_page::{Said, form_of, render};
use super::{form_refusal, line, mail_address, optional_line, reading, sentence};
use crate::app::directory::{PROFILE_PURPOSE, PersonProfile};
use crate::app::fresh;
use crate::identity::link::{self, Enrolment, Issuer, Purpose};
use crate::identity::policy;
use crate::identity::sign_in::is_open;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    enter(ctx)?;
    // The first steps lead here with what they speak of already chosen.
    let chosen = |name: &str| match name {
        "role" | "post" => ctx.query(name).unwrap_or_default(),
        _ => String::new(),
    };
    render(ctx, chosen, &Said::default())
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
pub(super) fn somewhere(ctx: &Ctx, action: Action) -> bool {
    let Ok(actor) = ctx.actor() else { return false };
    let answer = ctx.site.app.authorise(&actor, action, Subject::Body);
    !matches!(answer, Err(Denied::NoAuthority))
}

/// What is wrong: a field that cannot be read, or a refusal of the command.
pub(super) enum Wrong {
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
pub(super) fn carry_out(
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
        Err(error) => {
            let (field, sentence) = form_refusal(ctx.lang, error)?;
            let at = field.and_then(|f| fields.iter().find(|(of, _)| *of == f).map(|(_, at)| *at));
            Err(Wrong::At(at.unwrap_or(other), sentence))
        }
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
        let post = Post::created(PostId::new(fresh()?), unit, title, roles);
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
        reading(lang, form.get("name_kana"), None).map_err(|e| Wrong::At("name_kana", e))?;
    let mail = mail_address(lang, form.get("mail")).map_err(|e| Wrong::At("mail", e))?;
    let login = match form.get("login").trim() {
        "" => None,
        wanted => Some(checked_login(ctx, wanted)?),
    };
    let person = PersonId::new(fresh()?);
    let profile = PersonProfile { name: known, mail };
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
    let link = issue_account(ctx, person, &login)?;
    Ok(Some(("domain.link_for_password", link)))
}

/// A login that can be given, or what is wrong with it.
pub(super) fn checked_login(ctx: &Ctx, wanted: &str) -> Result<String, Wrong> {
    let login = policy::login(wanted);
    let login = login.map_err(|e| Wrong::At("login", sentence(ctx.lang, e.code(), &[])))?;
    if login_is_taken(ctx, &login)? {
        return Err(Wrong::At("login", sentence(ctx.lang, "login.taken", &[])));
    }
    Ok(login)
}

/// Issues an account; what comes back is the one-time link to choose its password.
pub(super) fn issue_account(ctx: &Ctx, person: PersonId, login: &str) -> Result<String, Wrong> {
    let account = AccountId::new(fresh()?);
    NewAccount {
        account,
        person,
        login,
    }
    .with(ctx, None, || {
        carry_out(ctx, Command::IssueAccount { account, person }, &[], "login")
    })?;
    let token = link::for_account(
        ctx.site.app.accounts(),
        Purpose::ChoosePassword,
        account,
        person,
        ctx.now,
    )?;
    Ok(format!("/link/{}", token.text()))
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
pub(super) fn day(ctx: &Ctx, form: &Form, name: &'static str) -> Result<Option<Timestamp>, Wrong> {
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
        let source = match form.get("device_form") {
            "telephone" => StateSource::Declared,
            _ => StateSource::Observed,
        };
        if source == StateSource::Declared && user.is_none() {
            let wrong = sentence(ctx.lang, "device.declared-by-nobody", &[]);
            return Err(Wrong::At("user", wrong));
        }
        let issuer = Issuer::Person(ctx.live()?.person);
        let allowed = Enrolment {
            unit,
            class: class.ok_or_else(choose)?,
            user,
            issuer,
            source,
        };
        let secret = link::enrolment(ctx.site.app.accounts(), &allowed, ctx.now)?;
        Ok(Some(match source {
            StateSource::Observed => ("domain.enrolment_secret", secret),
            StateSource::Declared => (
                "domain.telephone_link",
                link::telephone_address(&ctx.site.options.url(), &secret),
            ),
        }))
    };
    enter_for(ctx, Action::EnrolDevice)?;
    finish(ctx, form, work())
}
