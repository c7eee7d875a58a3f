//! The first run: founding the organisation by the one-time link.

use axum::http::StatusCode;
use maud::html as markup;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, FirstOfficer, NewPerson};
use sekisho_domain::id::{AccountId, AppointmentId, OrganisationId, PersonId, PostId, UnitId};
use sekisho_domain::name::Name;
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_messages::{Lang, t, text};

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::new_account::NewAccount;
use super::{line, mail_address, optional_line, passkeys, reading, sentence, sign_in};
use crate::app::directory::{PROFILE_PURPOSE, PersonProfile};
use crate::app::fresh;
use crate::console::layout::{Place, heading};
use crate::console::set_up::{Entry, SetUp, page};
use crate::identity::link::Purpose;
use crate::identity::passkey::{For, NewPasskey};
use crate::identity::policy;
use crate::identity::token::Token;

/// Where someone lands who has no link: how to come by one.
pub(in crate::http) fn waiting(ctx: &Ctx) -> Answer {
    if ctx.site.app.world().organisation.is_some() {
        return Ok(redirect("/"));
    }
    let lang = ctx.lang;
    let title = t!(lang, "setup.waiting");
    let lead = t!(lang, "setup.waiting_lead");
    let main = markup! { (heading(&[], &markup! { (title) }, &markup! { (lead) })) };
    Ok(html(crate::console::layout::page(
        &ctx.frame(Place::Elsewhere),
        &title,
        &main,
    )))
}

/// The form, for the holder of the link.
pub(in crate::http) fn form(ctx: &Ctx, token: &Token) -> Answer {
    let profile = Entry {
        value: Profile::Gov.code().to_owned(),
        error: None,
    };
    let view = SetUp {
        csrf: ctx.csrf()?,
        token: token.text(),
        profile,
        passkey: passkeys::address(ctx, &format!("/link/{}", token.text())),
        ..SetUp::default()
    };
    show(ctx, &view)
}

fn show(ctx: &Ctx, view: &SetUp) -> Answer {
    let mut frame = ctx.frame(Place::Elsewhere);
    // The token stands in the path: no link of this page may carry it on.
    frame.path = "/".to_owned();
    Ok(html(page(&frame, view)))
}

/// What the form says, once it is sound.
struct Founding {
    organisation: Name,
    profile: Profile,
    officer: Name,
    mail: Option<String>,
    login: String,
}

/// A challenge to make the first officer's key. The account that it is for exists from the form
/// on, when it is answered.
pub(super) fn challenge(ctx: &Ctx, form: &Form, token: &Token) -> Answer {
    let login = policy::login(form.get("login"))
        .map_err(|error| Fault::new(StatusCode::UNPROCESSABLE_ENTITY, error.code()))?;
    let name = line(ctx.lang, form.get("officer_name"));
    let name = name.map_or_else(|_| login.clone(), String::from);
    let whom = For {
        account: AccountId::new(fresh()?),
        login: &login,
        name: &name,
    };
    passkeys::make(ctx, whom, token.hash())
}

/// How the first officer will sign in.
enum Means {
    /// By a password of this hash.
    Password(String),
    /// By a passkey.
    Passkey(Box<NewPasskey>),
}

/// The means that the form brings; what is wrong with a passkey is shown beside it.
fn means(ctx: &Ctx, form: &Form, token: &Token) -> Result<Result<Means, String>, Fault> {
    let credential = form.get("credential");
    if credential.is_empty() {
        let hash = ctx.site.desk.passwords().hash(form.get("password"));
        return Ok(Ok(Means::Password(hash.map_err(Fault::internal)?)));
    }
    let bound = (token.hash(), ctx.now);
    let made = ctx.site.desk.passkeys();
    match made.finish_registration(&ctx.host, credential, bound) {
        Ok(made) => Ok(Ok(Means::Passkey(Box::new(made)))),
        Err(error) => Ok(Err(sentence(ctx.lang, error.code(), &[]))),
    }
}

pub(in crate::http) fn found(ctx: &Ctx, form: &Form) -> Answer {
    let gone = || Fault::new(StatusCode::GONE, "link.invalid");
    let app = &ctx.site.app;
    let token = Token::parse(form.get("token")).ok_or_else(gone)?;
    let (purpose, now) = (Purpose::SetUp.code(), ctx.now.as_millis());
    app.accounts()
        .link(token.hash(), purpose, now)?
        .ok_or_else(gone)?;
    if app.world().organisation.is_some() {
        return Err(Fault::new(StatusCode::CONFLICT, "organisation.exists"));
    }
    let mut view = entered(ctx, form, &token)?;
    let again = |view: &SetUp| {
        let mut response = show(ctx, view)?;
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(response)
    };
    let Some(founding) = examine(ctx.lang, form, &mut view) else {
        return again(&view);
    };
    let means = match means(ctx, form, &token)? {
        Ok(means) => means,
        Err(said) => {
            view.password_error = Some(said);
            return again(&view);
        }
    };
    // From here on the link is used: of two who press at once only one goes on.
    app.accounts()
        .use_link(token.hash(), purpose, now)?
        .ok_or_else(gone)?;
    let account = carry_out(ctx, &founding, &means)?;
    sign_in::begin(ctx, account)?;
    Ok(redirect(match means {
        Means::Password(_) => "/set-up/second-factor",
        // Whoever holds the key has shown that, and to the key who it is: two factors.
        Means::Passkey(_) => "/",
    }))
}

fn entered(ctx: &Ctx, form: &Form, token: &Token) -> Result<SetUp, Fault> {
    let entry = |name| Entry {
        value: form.get(name).to_owned(),
        error: None,
    };
    Ok(SetUp {
        csrf: ctx.csrf()?,
        token: token.text(),
        organisation_ja: entry("organisation_ja"),
        organisation_en: entry("organisation_en"),
        profile: entry("profile"),
        officer_name: entry("officer_name"),
        officer_kana: entry("officer_kana"),
        mail: entry("mail"),
        login: entry("login"),
        password_error: None,
        passkey: passkeys::address(ctx, &format!("/link/{}", token.text())),
    })
}

/// Reads every field and notes what is wrong at each.
fn examine(lang: Lang, form: &Form, view: &mut SetUp) -> Option<Founding> {
    fn keep<T>(slot: &mut Option<String>, read: Result<T, String>) -> Option<T> {
        read.map_err(|error| *slot = Some(error)).ok()
    }
    let ja = keep(
        &mut view.organisation_ja.error,
        line(lang, form.get("organisation_ja")),
    );
    let en = keep(
        &mut view.organisation_en.error,
        optional_line(lang, form.get("organisation_en")),
    );
    let profile = Profile::from_code(form.get("profile"))
        .ok_or_else(|| sentence(lang, "profile.unknown", &[]));
    let profile = keep(&mut view.profile.error, profile);
    let name = keep(
        &mut view.officer_name.error,
        line(lang, form.get("officer_name")),
    );
    let kana = keep(
        &mut view.officer_kana.error,
        reading(lang, form.get("officer_kana"), None),
    );
    let mail = keep(&mut view.mail.error, mail_address(lang, form.get("mail")));
    let login = policy::login(form.get("login")).map_err(|e| sentence(lang, e.code(), &[]));
    let login = keep(&mut view.login.error, login);
    let password = if form.get("credential").is_empty() {
        let (login, password) = (form.get("login"), form.get("password"));
        let names = ["organisation_ja", "organisation_en", "officer_name"].map(|it| form.get(it));
        policy::password(login, &names, password, form.get("password_again"))
    } else {
        Ok(())
    };
    let password = password.map_err(|e| sentence(lang, e.code(), &[]));
    let password = keep(&mut view.password_error, password);
    password?;
    Some(Founding {
        organisation: Name {
            ja: ja?,
            en: en?,
            kana: None,
        },
        profile: profile?,
        officer: Name {
            ja: name?,
            en: None,
            kana: kana?,
        },
        mail: mail?,
        login: login?,
    })
}

fn carry_out(ctx: &Ctx, founding: &Founding, means: &Means) -> Result<AccountId, Fault> {
    let app = &ctx.site.app;
    let (root, person) = (UnitId::new(fresh()?), PersonId::new(fresh()?));
    let post = PostId::new(fresh()?);
    let (account, hash) = match means {
        Means::Password(hash) => (AccountId::new(fresh()?), Some(hash.as_str())),
        Means::Passkey(made) => (made.account, None),
    };
    let profile = PersonProfile {
        name: founding.officer.clone(),
        mail: founding.mail.clone(),
    };
    let profile = serde_json::to_vec(&profile).map_err(Fault::internal)?;
    let role = Role::Hiso;
    let title = |lang| text(lang, format!("common.role.{}", role.code()), &[]).into_owned();
    let title = Name {
        ja: line(Lang::Ja, &title(Lang::Ja)).map_err(Fault::internal)?,
        en: Some(line(Lang::En, &title(Lang::En)).map_err(Fault::internal)?),
        kana: None,
    };
    let command = Command::FoundOrganisation {
        organisation: Box::new(Organisation {
            id: OrganisationId::new(fresh()?),
            name: founding.organisation.clone(),
            profile: founding.profile,
            clauses_opted_in: false,
            root,
            demo: false,
        }),
        officer: Box::new(FirstOfficer {
            person: NewPerson {
                id: person,
                profile: app.seal(person, PROFILE_PURPOSE, &profile)?,
            },
            account,
            post: Post::created(post, root, title, vec![role]),
            appointment: AppointmentId::new(fresh()?),
        }),
        catalogue: ctx.site.catalogue.version().to_owned(),
        catalogue_digest: ctx.site.catalogue.digest(),
    };
    let new = NewAccount {
        account,
        person,
        login: &founding.login,
    };
    new.with(ctx, hash, || {
        if let Means::Passkey(made) = means {
            let name = t!(ctx.lang, "passkey.first_name");
            made.store(app.accounts(), &name, ctx.now)
                .map_err(passkeys::fault)?;
        }
        app.command_blocking(Actor::Setup, command, Vec::new())
            .map_err(Fault::from)
    })?;
    tracing::info!(
        code = "organisation.founded",
        "the organisation was founded"
    );
    Ok(account)
}
