//! The own account: password, second factor, passkeys, language.

use maud::{Markup, html as markup};
use sekisho_domain::id::AccountId;
use sekisho_messages::{Lang, t};
use sekisho_store::accounts::Account;

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::{passkeys, sentence, sign_in};
use crate::console::components::{
    Field, Input, Tone, alert, csrf_field, definitions, field, submit,
};
use crate::console::layout::{Place, heading, page};
use crate::console::passkey::{self, Own};
use crate::console::personal;
use crate::identity::passkey::PasskeyError;
use crate::identity::policy;
use crate::identity::sign_in::{Refused, set_totp};

/// What is wrong with one of the forms, as a sentence.
#[derive(Default)]
struct Wrong {
    current: Option<String>,
    new: Option<String>,
    remove: Option<String>,
    /// The name entered for a passkey, and what is wrong.
    passkey: Option<(String, String)>,
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    render(ctx, &Wrong::default())
}

fn render(ctx: &Ctx, wrong: &Wrong) -> Answer {
    let live = ctx.live()?;
    let account = ctx.site.app.accounts().get(&live.account.to_string())?;
    let account = account.ok_or_else(Fault::sign_in)?;
    let lang = ctx.lang;
    let title = t!(lang, "setup.account");
    let csrf = live.csrf();
    let mut readings = Vec::new();
    let own: Vec<_> = {
        let world = ctx.site.app.world();
        let own = world.devices.iter().filter(|d| d.user == Some(live.person));
        own.map(|device| device.id).collect()
    };
    for device in own {
        readings.extend(super::personal::readings(ctx, device)?);
    }
    let fresh = live.is_fresh(ctx.now);
    let own = Own {
        csrf: &csrf,
        list: passkeys::entries(ctx, &account.account)?,
        address: passkeys::address(ctx, "/account"),
        fresh,
        name: wrong.passkey.as_ref().map_or("", |(name, _)| name.as_str()),
        wrong_name: wrong.passkey.as_ref().map(|(_, said)| said.as_str()),
    };
    let on = account.totp.is_some();
    let state = if on {
        t!(lang, "setup.totp_on")
    } else {
        t!(lang, "setup.totp_off")
    };
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "setup.account_lead")) }))
        (definitions(&[
            (t!(lang, "setup.login"), markup! { (account.login) }),
            (t!(lang, "setup.totp"), markup! { (state) }),
        ]))
        @if !readings.is_empty() {
            h2 { (t!(lang, "personal.of_you")) }
            p { (t!(lang, "personal.of_you_lead")) }
            (personal::readings(lang, ctx.now, &readings, true))
        }
        (passkey::section(lang, &own))
        (language(ctx, &csrf))
        (password(lang, &csrf, &account, fresh, wrong))
        h2 { (t!(lang, "setup.totp")) }
        @if account.password.is_none() {
            p { (t!(lang, "passkey.no_totp_without_password")) }
        } @else if on {
            form method="post" action="/account/second-factor/remove" class="form" {
                (csrf_field(&csrf))
                (current_password(lang, "remove_current", wrong.remove.as_deref()))
                (submit(&t!(lang, "setup.totp_remove")))
            }
        } @else {
            (alert(Tone::Info, &t!(lang, "setup.totp_off_how"), &markup! {
                p { a href="/set-up/second-factor" { (t!(lang, "setup.totp_begin")) } }
            }))
        }
    };
    Ok(html(page(&ctx.frame(Place::Elsewhere), &title, &main)))
}

/// The form that changes the password, or sets the first one of an account that signs in by
/// passkeys: the passkey that has just signed in stands in place of the current password.
fn password(lang: Lang, csrf: &str, account: &Account, fresh: bool, wrong: &Wrong) -> Markup {
    let first = account.password.is_none();
    markup! {
        @if first {
            h2 { (t!(lang, "passkey.set_password")) }
            p { (t!(lang, "passkey.set_password_lead")) }
        } @else { h2 { (t!(lang, "setup.change_password")) } }
        @if !first || fresh {
            form method="post" action="/account/password" class="form" {
                (csrf_field(csrf))
                @if !first { (current_password(lang, "current", wrong.current.as_deref())) }
                (new_password(lang, wrong.new.as_deref()))
                @if first { (submit(&t!(lang, "passkey.set_password_do"))) }
                @else { (submit(&t!(lang, "setup.change_password_do"))) }
            }
        } @else {
            p { a href="/sign-in?again=1&next=/account" { (t!(lang, "passkey.sign_in_again")) } }
        }
    }
}

/// The language in which this person is written to; pages follow it too.
fn language(ctx: &Ctx, csrf: &str) -> Markup {
    let lang = ctx.lang;
    markup! {
        h2 { (t!(lang, "passkey.language")) }
        p { (t!(lang, "passkey.language_lead")) }
        form method="post" action="/account/language" class="form" {
            (csrf_field(csrf))
            div class="buttons" {
                @for it in [Lang::Ja, Lang::En] {
                    button class="button button--secondary" type="submit" name="language" value=(it.tag())
                        lang=(it.tag()) aria-pressed=[(it == lang).then_some("true")] { (it.name()) }
                }
            }
        }
    }
}

/// The page with what is wrong with a passkey.
pub(super) fn passkey_refused(ctx: &Ctx, name: &str, code: &str) -> Answer {
    let said = sentence(ctx.lang, code, &[]);
    let mut response = render(
        ctx,
        &Wrong {
            passkey: Some((name.to_owned(), said)),
            ..Wrong::default()
        },
    )?;
    *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

fn current_password(lang: Lang, name: &'static str, error: Option<&str>) -> Markup {
    field(
        lang,
        &Field {
            name,
            label: t!(lang, "setup.current_password"),
            support: None,
            required: true,
            input: Input::Password,
            value: "",
            error,
            autocomplete: "current-password",
            lang: None,
        },
    )
}

/// The two fields of a new password.
pub(in crate::http) fn new_password(lang: Lang, error: Option<&str>) -> Markup {
    let first = Field {
        name: "password",
        label: t!(lang, "setup.password"),
        support: Some(t!(lang, "setup.password_support")),
        required: true,
        input: Input::NewPassword,
        value: "",
        error,
        autocomplete: "new-password",
        lang: None,
    };
    let again = Field {
        name: "password_again",
        label: t!(lang, "setup.password_again"),
        support: None,
        error: None,
        ..first.clone()
    };
    markup! { (field(lang, &first)) (field(lang, &again)) }
}

/// The hash of a new password that was entered twice, or what is wrong with it.
pub(in crate::http) fn hashed(
    ctx: &Ctx,
    account: AccountId,
    form: &Form,
) -> Result<String, String> {
    let known = ctx.site.app.accounts().get(&account.to_string());
    let known = known.map_err(|e| sentence(ctx.lang, e.code(), &[]))?;
    let login = known.map(|account| account.login).unwrap_or_default();
    let names = names_around(ctx, account);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (password, again) = (form.get("password"), form.get("password_again"));
    policy::password(&login, &names, password, again)
        .map_err(|e| sentence(ctx.lang, e.code(), &[]))?;
    let hash = ctx.site.desk.passwords().hash(form.get("password"));
    hash.map_err(|e| sentence(ctx.lang, e.code(), &[]))
}

/// Names that somebody would try who guesses the password of an account.
fn names_around(ctx: &Ctx, account: AccountId) -> Vec<String> {
    let world = ctx.site.app.world();
    let directory = ctx.site.app.directory();
    let person = world.person_of_account(account);
    let person = person.and_then(|person| directory.get(person));
    let organisation = world.organisation.as_ref();
    let names = [
        person.as_ref().map(|it| &it.name),
        organisation.map(|it| &it.name),
    ];
    let names = names.into_iter().flatten();
    names
        .flat_map(|name| {
            let all = [Some(&name.ja), name.en.as_ref(), name.kana.as_ref()];
            all.into_iter().flatten().map(|it| it.as_str().to_owned())
        })
        .collect()
}

/// Confirms the own password before something is changed.
fn confirm(ctx: &Ctx, account: AccountId, password: &str) -> Result<Option<String>, Fault> {
    match ctx
        .site
        .desk
        .confirm(ctx.site.books(), account, password, ctx.attempt())
    {
        Ok(()) => Ok(None),
        Err(Refused::TooMany { wait }) => Err(Fault::too_many("sign-in.too-many", wait)),
        Err(Refused::Store(error)) => Err(error.into()),
        Err(refused) => Ok(Some(sentence(ctx.lang, refused.code(), &[]))),
    }
}

pub(in crate::http) fn change_password(ctx: &Ctx, form: &Form) -> Answer {
    let live = ctx.live()?;
    let account = live.account;
    let known = ctx.site.app.accounts().get(&account.to_string())?;
    let first = known.is_some_and(|known| known.password.is_none());
    if first && !live.is_fresh(ctx.now) {
        return Err(Fault::new(
            axum::http::StatusCode::CONFLICT,
            PasskeyError::NotFresh.code(),
        ));
    }
    let wrong = if first {
        None
    } else {
        confirm(ctx, account, form.get("current"))?
    };
    if let Some(wrong) = wrong {
        return render(
            ctx,
            &Wrong {
                current: Some(wrong),
                ..Wrong::default()
            },
        );
    }
    let hash = match hashed(ctx, account, form) {
        Ok(hash) => hash,
        Err(wrong) => {
            return render(
                ctx,
                &Wrong {
                    new: Some(wrong),
                    ..Wrong::default()
                },
            );
        }
    };
    // Every session of the account ends, wherever it is; this browser gets a new one.
    ctx.site
        .app
        .accounts()
        .set_password(&account.to_string(), &hash)?;
    sign_in::begin(ctx, account)?;
    Ok(redirect("/account"))
}

pub(in crate::http) fn remove_second_factor(ctx: &Ctx, form: &Form) -> Answer {
    let account = ctx.live()?.account;
    if let Some(wrong) = confirm(ctx, account, form.get("remove_current"))? {
        return render(
            ctx,
            &Wrong {
                remove: Some(wrong),
                ..Wrong::default()
            },
        );
    }
    set_totp(ctx.site.books(), account, None)?;
    Ok(redirect("/account"))
}
