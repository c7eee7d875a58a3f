//! Accounts for many people at once: a list goes in, a sheet of one-time links comes out, once.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::id::PersonId;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::super::form::Form;
use super::organisation::{Wrong, checked_login, issue_account, somewhere};
use super::{person_name, sentence};
use crate::console::issue_list::{self, Handed, Sheet, View};
use crate::console::layout::Place;
use crate::identity::link::Purpose;

/// Most accounts of one list: the request ends in time, and the sheet can be handled.
pub(super) const LIST_MAX: usize = 200;

/// One line of the list that was entered.
struct Line {
    number: usize,
    person: PersonId,
    login: String,
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    enter(ctx)?;
    let view = View {
        csrf: ctx.live()?.csrf(),
        list: proposed(ctx)?,
        most: LIST_MAX,
        wrong: Vec::new(),
        handed: None,
    };
    Ok(html(issue_list::page(
        &ctx.frame(Place::Organisation),
        &view,
    )))
}

fn enter(ctx: &Ctx) -> Result<(), Fault> {
    ctx.live()?;
    if somewhere(ctx, Action::IssueAccount) {
        Ok(())
    } else {
        Err(Fault::denied(Denied::NoAuthority, Action::IssueAccount))
    }
}

/// People who have an account that is not closed.
fn holders(ctx: &Ctx) -> BTreeSet<PersonId> {
    let world = ctx.site.app.world();
    let open = world.accounts.values().filter(|account| !account.closed);
    open.map(|account| account.person).collect()
}

/// The list to begin with: who has no account, with the mail address's first part as login.
fn proposed(ctx: &Ctx) -> Result<String, Fault> {
    let holders = holders(ctx);
    let people: Vec<PersonId> = ctx.site.app.world().people.keys().copied().collect();
    let mut found = Vec::new();
    for person in people {
        if holders.contains(&person) || !ctx.may(Action::IssueAccount, Subject::Person(person)) {
            continue;
        }
        let directory = ctx.site.app.directory();
        // Who was forgotten has no name and gets no account.
        let Some(known) = directory.get(person) else {
            continue;
        };
        let name = known.name.ja.as_str().to_owned();
        let kana = known.name.kana.as_ref().map_or("", |kana| kana.as_str());
        let local = known
            .mail
            .as_deref()
            .and_then(|mail| mail.split('@').next());
        let local = local.unwrap_or_default().to_ascii_lowercase();
        found.push((kana.to_owned(), name, person, local));
    }
    found.sort();
    found.truncate(LIST_MAX);
    let mut list = String::new();
    let mut used = BTreeSet::new();
    for (_, name, person, local) in found {
        let free = checked_login(ctx, &local).is_ok() && used.insert(local.clone());
        let login = if free { local.as_str() } else { "" };
        list.push_str(&format!("{person},{login},{name}\n"));
    }
    Ok(list)
}

/// Lines at fault: which, and what is wrong with it.
type Faults = Vec<(usize, String)>;

/// Reads and checks the whole list; nothing is issued while one line of it is wrong.
fn read(ctx: &Ctx, text: &str) -> Result<Result<Vec<Line>, Faults>, Fault> {
    let holders = holders(ctx);
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    let (mut people, mut logins) = (BTreeSet::new(), BTreeSet::new());
    for (index, line) in text.lines().enumerate() {
        let mut fields = line.split([',', '\t']).map(str::trim);
        let (person, login) = (fields.next().unwrap_or(""), fields.next().unwrap_or(""));
        // A line without a login is one that stays as it is.
        if person.is_empty() || login.is_empty() {
            continue;
        }
        let number = index + 1;
        match examined(ctx, person, login, &holders)? {
            Ok(line) if !people.insert(line.0) => {
                wrong.push((number, sentence(ctx.lang, "accounts.twice", &[])));
            }
            Ok(line) if !logins.insert(line.1.clone()) => {
                wrong.push((number, sentence(ctx.lang, "login.taken", &[])));
            }
            Ok((person, login)) => lines.push(Line {
                number,
                person,
                login,
            }),
            Err(said) => wrong.push((number, said)),
        }
    }
    if wrong.is_empty() && lines.is_empty() {
        wrong.push((1, sentence(ctx.lang, "accounts.empty", &[])));
    }
    if lines.len() > LIST_MAX {
        wrong.push((LIST_MAX + 1, sentence(ctx.lang, "accounts.too-many", &[])));
    }
    Ok(if wrong.is_empty() {
        Ok(lines)
    } else {
        Err(wrong)
    })
}

fn examined(
    ctx: &Ctx,
    person: &str,
    login: &str,
    holders: &BTreeSet<PersonId>,
) -> Result<Result<(PersonId, String), String>, Fault> {
    let said = |code: &str| Ok(Err(sentence(ctx.lang, code, &[])));
    // Whoever may not issue it learns nothing of who there is.
    let Ok(id) = person.parse::<PersonId>() else {
        return said("accounts.person");
    };
    let named = ctx.site.app.directory().get(id).is_some();
    if !named || !ctx.may(Action::IssueAccount, Subject::Person(id)) {
        return said("accounts.person");
    }
    if holders.contains(&id) {
        return said("accounts.has-one");
    }
    match checked_login(ctx, login) {
        Ok(login) => Ok(Ok((id, login))),
        Err(Wrong::At(_, sentence)) => Ok(Err(sentence)),
        Err(Wrong::Fault(fault)) => Err(fault),
    }
}

pub(in crate::http) fn issue(ctx: &Ctx, form: &Form) -> Answer {
    enter(ctx)?;
    let live = ctx.live()?;
    let csrf = live.csrf();
    ctx.site
        .sheets
        .take(live.person, ctx.now.as_millis())
        .map_err(|wait| Fault::too_many("accounts.too-often", wait))?;
    let entered = form.get("list");
    let lines = match read(ctx, entered)? {
        Ok(lines) => lines,
        Err(wrong) => {
            // What was only looked at is not counted: the list is corrected and sent again.
            ctx.site.sheets.give_back(live.person);
            return again(ctx, csrf, entered, wrong, None);
        }
    };
    let (sheet, failed) = carry_out(ctx, &lines)?;
    tracing::info!(
        code = "account.sheet",
        count = sheet.handed.len(),
        "accounts were issued by list"
    );
    match failed {
        // What was issued must be seen: its links are shown once.
        Some(wrong) => again(ctx, csrf, &left(entered, wrong.0), vec![wrong], Some(sheet)),
        None if form.get("as") == "csv" => Ok(csv(ctx.lang, &sheet)),
        None => {
            let view = View {
                csrf,
                list: String::new(),
                most: LIST_MAX,
                wrong: Vec::new(),
                handed: Some(sheet),
            };
            Ok(html(issue_list::page(
                &ctx.frame(Place::Organisation),
                &view,
            )))
        }
    }
}

/// Issues line by line; what is issued stays, and the first line that fails ends it.
fn carry_out(ctx: &Ctx, lines: &[Line]) -> Result<(Sheet, Option<(usize, String)>), Fault> {
    let base = base(ctx);
    let until = ctx.now.as_millis() + Purpose::ChoosePassword.lifetime();
    let mut sheet = Sheet {
        until: Timestamp::from_millis(until),
        handed: Vec::new(),
    };
    for line in lines {
        match issue_account(ctx, line.person, &line.login) {
            Ok(path) => sheet.handed.push(Handed {
                name: person_name(ctx, line.person).unwrap_or_default(),
                login: line.login.clone(),
                link: format!("{base}{path}"),
            }),
            Err(Wrong::At(_, said)) => return Ok((sheet, Some((line.number, said)))),
            Err(Wrong::Fault(fault)) if sheet.handed.is_empty() => return Err(fault),
            Err(Wrong::Fault(_)) => {
                let said = sentence(ctx.lang, "accounts.cut-off", &[]);
                return Ok((sheet, Some((line.number, said))));
            }
        }
    }
    Ok((sheet, None))
}

fn again(
    ctx: &Ctx,
    csrf: String,
    list: &str,
    wrong: Vec<(usize, String)>,
    handed: Option<Sheet>,
) -> Answer {
    let view = View {
        csrf,
        list: list.to_owned(),
        most: LIST_MAX,
        wrong,
        handed,
    };
    let page = issue_list::page(&ctx.frame(Place::Organisation), &view);
    let mut response = html(page);
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// The lines from this one on.
fn left(list: &str, number: usize) -> String {
    let mut left: Vec<&str> = list.lines().skip(number - 1).collect();
    left.push("");
    left.join("\n")
}

/// The address of this server as the officer's own browser has it.
fn base(ctx: &Ctx) -> String {
    let scheme = if ctx.site.options.https {
        "https"
    } else {
        "http"
    };
    format!("{scheme}://{}", ctx.host)
}

/// A field of a table file (RFC 4180), which no spreadsheet takes for a formula.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

/// The sheet as a table file in UTF-8 with a byte order mark, as spreadsheets expect.
fn csv(lang: Lang, sheet: &Sheet) -> Response {
    let until = sekisho_messages::date(lang, sheet.until);
    let heads = [
        t!(lang, "people.name"),
        t!(lang, "setup.login"),
        t!(lang, "accounts.link"),
        t!(lang, "accounts.until"),
    ];
    let mut text = String::from("\u{feff}");
    text.push_str(&heads.map(|head| quoted(&head)).join(","));
    text.push_str("\r\n");
    for row in &sheet.handed {
        let fields = [&row.name, &row.login, &row.link, &until];
        text.push_str(&fields.map(|field| quoted(field)).join(","));
        text.push_str("\r\n");
    }
    let mut response = Response::new(Body::from(text));
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"sekisho-accounts.csv\""),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_and_no_formulas() {
        for (text, expected) in [
            ("佐藤 花子", "\"佐藤 花子\""),
            ("a \"b\", c", "\"a \"\"b\"\", c\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@x", "\"'@x\""),
            ("-1", "\"'-1\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn what_is_left_begins_at_the_line_that_failed() {
        assert_eq!(left("a\nb\nc", 2), "b\nc\n");
        assert_eq!(left("a", 1), "a\n");
    }
}
