//! The page of API tokens: those of the reader's posts, and a form for a new one. The secret is shown
//! once, on the page that follows.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::command::Command;
use sekisho_domain::id::{ApiTokenId, PersonId, PostId};
use sekisho_domain::name::Line;
use sekisho_domain::time::{Interval, Span, Timestamp, parse_date};
use sekisho_domain::token::{KnownToken, Token, TokenHolder, TokenScope};
use sekisho_messages::{Lang, day, t, text};

use super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::organisation::somewhere;
use super::{localised, person_name, refused, sentence};
use crate::app::{CommandError, fresh};
use crate::console::components::{
    Choice, Column, Field, Input, Tone, alert, cell, choices, csrf_field, empty_state,
    error_summary, field, row_header, select, submit, table,
};
use crate::console::layout::{Place, heading, page};
use crate::identity::api_token;
use crate::identity::token::Token as Secret;

/// Life of a token, unless another end is entered.
const LASTS: Span = Span::days(90);

/// What was entered and what is wrong with it.
#[derive(Default)]
struct Entered {
    label: String,
    last_day: String,
    holder: String,
    wrong: Vec<(&'static str, String)>,
}

impl Entered {
    fn error(&self, name: &str) -> Option<&str> {
        let found = self.wrong.iter().find(|(field, _)| *field == name);
        found.map(|(_, error)| error.as_str())
    }
}

fn enter(ctx: &Ctx) -> Result<PersonId, Fault> {
    let person = ctx.live()?.person;
    if somewhere(ctx, Action::IssueToken) {
        return Ok(person);
    }
    Err(Fault::denied(Denied::NoAuthority, Action::IssueToken))
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let person = enter(ctx)?;
    render(ctx, person, &Entered::default(), None)
}

fn render(ctx: &Ctx, person: PersonId, entered: &Entered, secret: Option<&str>) -> Answer {
    let lang = ctx.lang;
    let title = t!(lang, "token.title");
    let known = known(ctx, person);
    let errors: Vec<(&str, &str)> = entered
        .wrong
        .iter()
        .map(|(name, error)| (*name, error.as_str()))
        .collect();
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "token.lead")) }))
        (error_summary(lang, &errors))
        @if let Some(secret) = secret {
            (alert(Tone::Success, &t!(lang, "token.secret"), &markup! {
                p { (t!(lang, "token.secret_how")) }
                p { code class="secret" { (secret) } }
            }))
        }
        @if known.is_empty() {
            (empty_state(&t!(lang, "token.none"), &t!(lang, "token.none_how")))
        } @else {
            (list(ctx, &known)?)
        }
        (form(ctx, person, entered)?)
    };
    let mut response = html(page(&ctx.frame(Place::Tokens), &title, &main));
    if !entered.wrong.is_empty() {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// The tokens that the reader may see: one's own, or all for whoever keeps them all.
fn known(ctx: &Ctx, person: PersonId) -> Vec<KnownToken> {
    let all = ctx.may(Action::IssueToken, Subject::Body);
    let world = ctx.site.app.world();
    let seen = world.tokens.values();
    let seen = seen.filter(|it| all || it.token.issuer == person);
    let mut seen: Vec<KnownToken> = seen.cloned().collect();
    seen.sort_by_key(|it| (!it.in_force(ctx.now), it.token.valid.from, it.token.id));
    seen
}

fn list(ctx: &Ctx, known: &[KnownToken]) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let csrf = ctx.live()?.csrf();
    let columns = [
        Column::text(t!(lang, "token.label")),
        Column::text(t!(lang, "token.holder")),
        Column::text(t!(lang, "token.scope")),
        Column::text(t!(lang, "token.until")),
        Column::text(t!(lang, "token.state")),
    ];
    let rows: Vec<Vec<Markup>> = known
        .iter()
        .map(|it| {
            let token = &it.token;
            let scope: Vec<String> = token.scope.iter().map(|it| scope_word(lang, *it)).collect();
            let last = token
                .valid
                .until
                .map(|until| until.before(Span::seconds(1)));
            vec![
                row_header(&columns[0], &markup! { (token.label.as_str()) }),
                cell(&columns[1], &holder(ctx, token)),
                cell(&columns[2], &markup! { (scope.join(" / ")) }),
                cell(
                    &columns[3],
                    &markup! { @if let Some(last) = last { (day(lang, last)) } },
                ),
                cell(&columns[4], &state(ctx, it, &csrf)),
            ]
        })
        .collect();
    Ok(table(&t!(lang, "token.title"), &columns, &rows))
}

fn holder(ctx: &Ctx, token: &Token) -> Markup {
    let lang = ctx.lang;
    let title = {
        let world = ctx.site.app.world();
        world
            .posts
            .get(&token.post)
            .map(|post| localised(&post.title))
            .unwrap_or_default()
    };
    let issuer = person_name(ctx, token.issuer).unwrap_or_else(|| token.issuer.to_string());
    markup! {
        (title.show(lang)) " "
        span class="muted" {
            (text(lang, format!("token.holder.{}", token.holder.code()), &[])) " · " (issuer)
        }
    }
}

fn state(ctx: &Ctx, known: &KnownToken, csrf: &str) -> Markup {
    let lang = ctx.lang;
    let held = {
        let world = ctx.site.app.world();
        world.token_appointment(&known.token, ctx.now).is_some()
    };
    let word = match (known.revoked_at.is_some(), known.in_force(ctx.now), held) {
        (true, ..) => "token.state.revoked",
        (false, false, _) => "token.state.over",
        (false, true, false) => "token.state.post_left",
        (false, true, true) => "token.state.in_force",
    };
    markup! {
        (text(lang, word, &[]))
        @if known.in_force(ctx.now) {
            form method="post" action={ "/tokens/" (known.token.id) "/revoke" } {
                (csrf_field(csrf))
                button class="button button--secondary" type="submit" {
                    (t!(lang, "token.revoke"))
                    span class="visually-hidden" { " " (known.token.label.as_str()) }
                }
            }
        }
    }
}

fn scope_word(lang: Lang, scope: TokenScope) -> String {
    text(lang, format!("token.scope.{}", scope.code()), &[]).into_owned()
}

/// The posts that the reader holds.
fn posts(ctx: &Ctx, person: PersonId) -> Vec<(String, String)> {
    let world = ctx.site.app.world();
    let held = world.posts_held(person, ctx.now);
    held.map(|(_, post)| {
        let title = localised(&post.title).get(ctx.lang).to_owned();
        (post.id.to_string(), title)
    })
    .collect()
}

fn form(ctx: &Ctx, person: PersonId, entered: &Entered) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let posts = posts(ctx, person);
    let last_day = if entered.last_day.is_empty() {
        ctx.now.after(LASTS).jst_date().to_string()
    } else {
        entered.last_day.clone()
    };
    let holders = TokenHolder::ALL.map(|holder| Choice {
        value: holder.code(),
        label: text(lang, format!("token.holder.{}", holder.code()), &[]),
        support: text(lang, format!("token.holder.{}_how", holder.code()), &[]),
    });
    let may_be = if ctx.may(Action::IssueToken, Subject::Body) {
        &holders[..]
    } else {
        &holders[..1]
    };
    let chosen = if entered.holder.is_empty() {
        TokenHolder::Post.code()
    } else {
        &entered.holder
    };
    Ok(markup! {
        section aria-labelledby="new-token" {
            h2 id="new-token" { (t!(lang, "token.new")) }
            form method="post" action="/tokens" {
                (csrf_field(&ctx.live()?.csrf()))
                (field(lang, &Field {
                    name: "label", label: t!(lang, "token.label"), support: Some(t!(lang, "token.label_how")),
                    required: true, input: Input::Text, value: &entered.label, error: entered.error("label"),
                    autocomplete: "off", lang: None,
                }))
                (select(lang, "post", &t!(lang, "token.post"), &posts, entered.error("post")))
                (choices(lang, "holder", &t!(lang, "token.holder"), may_be, chosen, entered.error("holder")))
                (scopes(lang, entered.error("scope")))
                (field(lang, &Field {
                    name: "last_day", label: t!(lang, "token.last_day"), support: Some(t!(lang, "token.last_day_how")),
                    required: true, input: Input::Date, value: &last_day, error: entered.error("last_day"),
                    autocomplete: "off", lang: None,
                }))
                (submit(&t!(lang, "token.issue")))
            }
        }
    })
}

fn scopes(lang: Lang, error: Option<&str>) -> Markup {
    markup! {
        fieldset class="field" aria-describedby=[error.map(|_| "scope-error")] {
            legend { (t!(lang, "token.scope")) }
            @if let Some(error) = error { p class="field-error" id="scope-error" { (error) } }
            @for (index, scope) in TokenScope::ALL.into_iter().enumerate() {
                @let id = if index == 0 { "scope".to_owned() } else { format!("scope-{}", scope.code()) };
                div class="choice" {
                    input type="checkbox" id=(id) name={ "scope_" (scope.code()) } value="yes"
                        checked[scope == TokenScope::Read];
                    label for=(id) { (scope_word(lang, scope)) }
                }
            }
        }
    }
}

pub(in crate::http) fn issue(ctx: &Ctx, form: &Form) -> Answer {
    let person = enter(ctx)?;
    let mut entered = Entered {
        label: form.get("label").to_owned(),
        last_day: form.get("last_day").to_owned(),
        holder: form.get("holder").to_owned(),
        wrong: Vec::new(),
    };
    let Some(token) = read(ctx, form, person, &mut entered)? else {
        return render(ctx, person, &entered, None);
    };
    let secret = Secret::fresh()?;
    let (id, accounts) = (token.id.to_string(), ctx.site.app.accounts());
    // The secret first: a token without one could never be used, and would stand in the ledger.
    accounts.add_api_token(&id, &person.to_string(), secret.hash(), ctx.now.as_millis())?;
    let command = Command::IssueToken {
        token: Box::new(token),
    };
    match ctx
        .site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new())
    {
        Ok(_) => render(
            ctx,
            person,
            &Entered::default(),
            Some(&api_token::text(&secret)),
        ),
        Err(error) => {
            accounts.remove_api_token(&id)?;
            if !matches!(error, CommandError::Refused(_)) || error.code().starts_with("authorise.")
            {
                return Err(error.into());
            }
            let (field, said) = refused(ctx.lang, &error);
            let at = match field.as_deref() {
                Some("post") => "post",
                Some("scope") => "scope",
                Some("until") => "last_day",
                _ => "label",
            };
            entered.wrong.push((at, said));
            render(ctx, person, &entered, None)
        }
    }
}

/// The token that was asked for; none, and notes, where something is wrong.
fn read(
    ctx: &Ctx,
    form: &Form,
    issuer: PersonId,
    entered: &mut Entered,
) -> Result<Option<Token>, Fault> {
    let say = |code: &str| sentence(ctx.lang, code, &[]);
    let label = Line::parse(form.get("label"));
    if let Err(error) = &label {
        entered.wrong.push(("label", say(error.code())));
    }
    let post = form.get("post").parse::<PostId>();
    if post.is_err() {
        entered.wrong.push(("post", say("form.choose")));
    }
    let holder = TokenHolder::from_code(form.get("holder"));
    if holder.is_none() {
        entered.wrong.push(("holder", say("form.choose")));
    }
    let scope: BTreeSet<TokenScope> = TokenScope::ALL
        .into_iter()
        .filter(|scope| form.get(&format!("scope_{}", scope.code())) == "yes")
        .collect();
    if scope.is_empty() {
        entered.wrong.push(("scope", say("token.no-scope")));
    }
    // Entered is the last day; the interval ends where the next day begins (decision 9).
    let until = parse_date(form.get("last_day").trim()).ok();
    let until = until.and_then(|day| Timestamp::start_of_jst_day(day).ok());
    let until = until.map(|day| day.after(Span::days(1)));
    if until.is_none() {
        entered.wrong.push(("last_day", say("time.date-form")));
    }
    let (Ok(label), Ok(post), Some(holder), Some(until)) = (label, post, holder, until) else {
        return Ok(None);
    };
    if !entered.wrong.is_empty() {
        return Ok(None);
    }
    Ok(Some(Token {
        id: ApiTokenId::new(fresh()?),
        label,
        holder,
        post,
        issuer,
        scope,
        valid: Interval {
            from: ctx.now,
            until: Some(until),
        },
    }))
}

pub(in crate::http) fn revoke(ctx: &Ctx, _: &Form) -> Answer {
    enter(ctx)?;
    let id: ApiTokenId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let known = ctx.site.app.world().tokens.get(&id).cloned();
    let known = known.ok_or_else(Fault::not_found)?;
    let issuer = known.token.issuer;
    ctx.gate(Action::IssueToken, Subject::Person(issuer))?;
    let command = Command::RevokeToken { token: id, issuer };
    ctx.site
        .app
        .command_blocking(ctx.actor()?, command, Vec::new())?;
    ctx.site.app.accounts().remove_api_token(&id.to_string())?;
    Ok(redirect("/tokens"))
}
