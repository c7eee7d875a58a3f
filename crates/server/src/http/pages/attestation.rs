//! Attestations of a row: who may give one, what was said, and giving one. Rows that only machines
//! check and that ask to confirm are confirmed in the same way: a dated word of the owner, which
//! changes no verdict and ends the period looked back on.

use axum::http::StatusCode;
use sekisho_domain::attestation::{ATTESTATION_DEFAULT, Attestation};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::code::Reason;
use sekisho_domain::command::{Command, speaks_for_the_body};
use sekisho_domain::event::Event;
use sekisho_domain::id::{AppointmentId, AttestationId, PersonId};
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::time::{Interval, Span, Timestamp, parse_date};
use sekisho_domain::verdict::{Scope, Verdict};
use sekisho_domain::world::RecordedVerdict;
use sekisho_rules::assess::{attesters, bar_to_attesting};
use sekisho_rules::catalogue::{Parts, Row};

use super::super::ctx::{Answer, Ctx, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::{both, localised, sentence, standing};
use crate::app::{STATEMENT_PURPOSE, fresh};
use crate::console::requirement::{
    AttestForm, AttestationPart, AttestationState, AttestationWord, MayAttest, STATEMENT_MAX,
    Statement, WordKind,
};
use crate::console::requirements::href;
use crate::console::words;

/// Attestations of a row that are shown.
const SHOWN: usize = 10;

/// What a post attests, what has been attested, and what the reader can do. The verdict itself
/// rests on the rules; this also tells of an attestation that waits for the machine part.
pub(super) fn part(
    ctx: &Ctx,
    row: &Row,
    entered: Option<AttestForm>,
) -> Result<Option<AttestationPart>, Fault> {
    let kind = match row.parts {
        Parts::Machine if row.confirm => WordKind::Confirmation,
        Parts::Machine => return Ok(None),
        Parts::Attestation | Parts::Both => WordKind::Attestation,
    };
    // A row of the other notice is not confirmed at all.
    if kind == WordKind::Confirmation
        && bar(ctx, row).is_some_and(|why| why.code == "attestation.not-asked")
    {
        return Ok(None);
    }
    let given = given(ctx, row);
    let state = given.first().map_or(AttestationState::Missing, |word| {
        let until = word.valid.until.unwrap_or(word.valid.from);
        if ctx.now < until {
            let at = word.valid.from;
            AttestationState::Given { at, until }
        } else {
            AttestationState::Expired { until }
        }
    });
    let mut shown = Vec::new();
    for word in given.iter().take(SHOWN) {
        shown.push(view_of(ctx, word)?);
    }
    let what = row.attestation.as_ref().unwrap_or(&row.evidence);
    Ok(Some(AttestationPart {
        kind,
        what: both(what),
        by: attesters(row),
        state,
        words: shown,
        may: may(ctx, row, entered)?,
    }))
}

/// The words of the right posts on a row, newest first.
fn given(ctx: &Ctx, row: &Row) -> Vec<Attestation> {
    let by = attesters(row);
    let world = ctx.site.app.world();
    let by_right_post = |word: &Attestation| {
        let appointment = world.appointments.get(&word.appointment);
        let post = appointment.filter(|known| known.in_force(word.valid.from));
        let post = post.and_then(|known| world.posts.get(&known.post));
        post.is_some_and(|post| post.roles.iter().any(|role| by.contains(role)))
    };
    let mut given: Vec<Attestation> = world
        .attestations
        .values()
        .filter(|word| word.row == row.id && word.valid.from <= ctx.now && by_right_post(word))
        .cloned()
        .collect();
    given.sort_by_key(|word| std::cmp::Reverse((word.valid.from, word.id)));
    given
}

fn view_of(ctx: &Ctx, word: &Attestation) -> Result<AttestationWord, Fault> {
    let app = &ctx.site.app;
    let (post, author) = {
        let world = app.world();
        let appointment = world.appointments.get(&word.appointment);
        let post = appointment.and_then(|known| world.posts.get(&known.post));
        let title = post.map(|post| localised(&post.title)).unwrap_or_default();
        (title, appointment.map(|known| known.person))
    };
    let sequence = app.index().attestation(word.id);
    let numbers: Vec<u64> = sequence.into_iter().collect();
    let event = app.records(&numbers)?.into_iter().next();
    let statement = match event.map(|(_, stored)| stored.event) {
        Some(Event::AttestationMade {
            statement: Some(sealed),
            ..
        }) if author.is_some_and(|author| may_read(ctx, author)) => app
            .unseal(STATEMENT_PURPOSE, &sealed)?
            .map_or(Statement::Forgotten, Statement::Text),
        Some(Event::AttestationMade {
            statement: Some(_), ..
        }) => Statement::Hidden,
        _ => Statement::None,
    };
    Ok(AttestationWord {
        post,
        at: word.valid.from,
        until: word.valid.until.unwrap_or(word.valid.from),
        statement,
        sequence,
    })
}

/// Free text is for its author and for whoever may read the author's name.
fn may_read(ctx: &Ctx, author: PersonId) -> bool {
    let own = ctx
        .session
        .as_ref()
        .is_some_and(|live| live.person == author);
    own || ctx.may(Action::ReadDirectory, Subject::Person(author))
}

/// Why nobody can attest a row now, whoever asks.
fn bar(ctx: &Ctx, row: &Row) -> Option<Reason> {
    let judged = {
        let world = ctx.site.app.world();
        let known = world.organisation.as_ref();
        known.is_some_and(|known| row.judged_by(known.profile, known.clauses_opted_in))
    };
    if judged {
        bar_to_attesting(row).or_else(|| bar_to_confirming(ctx, row))
    } else {
        Some(Reason::new("attestation.not-asked"))
    }
}

/// Why a row that machines check cannot be confirmed now: not all of it is known over the whole
/// period, or the ledger does not have it so yet. A word would pass over what is not known.
fn bar_to_confirming(ctx: &Ctx, row: &Row) -> Option<Reason> {
    if row.parts != Parts::Machine {
        return None;
    }
    let now = standing(ctx).is_some_and(|assessment| {
        let mut rows = assessment.rows.iter();
        rows.any(|known| known.id == row.id && known.verdict.verdict == Verdict::Met)
    });
    let world = ctx.site.app.world();
    let recorded = world.verdicts.get(&(row.id.clone(), Scope::Body));
    let recorded = recorded.is_some_and(RecordedVerdict::is_machine_part_in_order);
    (!(now && recorded)).then(|| Reason::new("attestation.unconfirmed"))
}

/// The appointment under which the reader may attest a row.
fn appointment(ctx: &Ctx, row: &Row) -> Option<AppointmentId> {
    let person = ctx.session.as_ref()?.person;
    let by = attesters(row);
    let world = ctx.site.app.world();
    world
        .posts_held(person, ctx.now)
        .find(|(_, post)| {
            let mut roles = post.roles.iter();
            roles.any(|role| by.contains(role) && speaks_for_the_body(*role))
        })
        .map(|(appointment, _)| appointment.id)
}

fn may(ctx: &Ctx, row: &Row, entered: Option<AttestForm>) -> Result<MayAttest, Fault> {
    if let Some(why) = bar(ctx, row) {
        return Ok(MayAttest::NotYet(words::reason(ctx.lang, &why)));
    }
    if !attesters(row).into_iter().any(speaks_for_the_body) {
        return Ok(MayAttest::Nobody);
    }
    if appointment(ctx, row).is_none() {
        return Ok(MayAttest::Others);
    }
    let entered = entered.unwrap_or_else(|| AttestForm {
        last_day: latest(ctx.now),
        ..AttestForm::default()
    });
    Ok(MayAttest::Form(Box::new(AttestForm {
        csrf: ctx.live()?.csrf(),
        action: format!("{}/attestations", href(row.id.as_str())),
        ..entered
    })))
}

/// The last day on which an attestation given now can hold: it ends where the next day begins.
fn latest(now: Timestamp) -> String {
    let last = now.after(ATTESTATION_DEFAULT).before(Span::days(1));
    last.jst_date().to_string()
}

/// Gives an attestation.
pub(in crate::http) fn attest(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::Attest, Subject::Body)?;
    let id: RequirementId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    let row = ctx.site.catalogue.row(&id).ok_or_else(Fault::not_found)?;
    if let Some(why) = bar(ctx, row) {
        let code = match why.code.as_ref() {
            "carrier.not-yet" => "attestation.not-yet",
            "attestation.unconfirmed" => "attestation.unconfirmed",
            _ => "attestation.not-asked",
        };
        return Err(Fault::new(StatusCode::CONFLICT, code).with("carriers", &row.carriers()));
    }
    let appointment = appointment(ctx, row)
        .ok_or_else(|| Fault::new(StatusCode::FORBIDDEN, "attestation.wrong-post"))?;
    let entered = match row.parts {
        Parts::Machine => confirmed(ctx, form),
        Parts::Attestation | Parts::Both => entered(ctx, form),
    };
    let (statement, until) = match entered {
        Ok(entered) => entered,
        Err(wrong) => {
            let again = AttestForm {
                statement: form.get("statement").to_owned(),
                last_day: form.get("last_day").to_owned(),
                wrong,
                ..AttestForm::default()
            };
            let mut response = super::requirement::render(ctx, Some(again))?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let app = &ctx.site.app;
    let person = ctx.live()?.person;
    let sealed = match statement.as_str() {
        "" => None,
        said => Some(app.seal(person, STATEMENT_PURPOSE, said.as_bytes())?),
    };
    let attestation = Attestation {
        id: AttestationId::new(fresh()?),
        row: id,
        scope: Scope::Body,
        appointment,
        valid: Interval {
            from: ctx.now,
            until: Some(until),
        },
    };
    let command = Command::Attest {
        attestation: Box::new(attestation),
        statement: sealed,
    };
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    app.judge_anew();
    Ok(redirect(&format!("{}#attestations", href(row.id.as_str()))))
}

/// The statement and the end, or what is wrong with them.
fn entered(ctx: &Ctx, form: &Form) -> Result<(String, Timestamp), Vec<(&'static str, String)>> {
    let say = |code: &str| sentence(ctx.lang, code, &[]);
    let (statement, mut wrong) = statement(ctx, form);
    if statement.is_empty() {
        wrong.push(("statement", say("attestation.no-statement")));
    }
    let until = end(form.get("last_day").trim(), ctx.now)
        .map_err(|code| wrong.push(("last_day", say(code))));
    if form.get("confirmed") != "yes" {
        wrong.push(("confirmed", say("form.confirm")));
    }
    match until {
        Ok(until) if wrong.is_empty() => Ok((statement, until)),
        _ => Err(wrong),
    }
}

/// The remark and the longest time, or what is wrong: a confirmation needs no words of its own.
fn confirmed(ctx: &Ctx, form: &Form) -> Result<(String, Timestamp), Vec<(&'static str, String)>> {
    let (statement, mut wrong) = statement(ctx, form);
    if form.get("confirmed") != "yes" {
        wrong.push(("confirmed", sentence(ctx.lang, "form.confirm", &[])));
    }
    match wrong.is_empty() {
        true => Ok((statement, ctx.now.after(ATTESTATION_DEFAULT))),
        false => Err(wrong),
    }
}

/// The statement as it is kept, and what is wrong with it; one that is empty is for the caller.
fn statement(ctx: &Ctx, form: &Form) -> (String, Vec<(&'static str, String)>) {
    let say = |code: &str| sentence(ctx.lang, code, &[("most", STATEMENT_MAX.into())]);
    let mut wrong = Vec::new();
    let statement = form.get("statement").trim().replace("\r\n", "\n");
    let odd = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
    };
    if statement.chars().count() > STATEMENT_MAX {
        wrong.push(("statement", say("attestation.statement-too-long")));
    } else if statement.contains(odd) {
        wrong.push(("statement", say("name.forbidden-character")));
    }
    (statement, wrong)
}

/// Where a last day ends, or the code of what is wrong with it.
fn end(last_day: &str, now: Timestamp) -> Result<Timestamp, &'static str> {
    let day = parse_date(last_day).map_err(|_| "time.date-form")?;
    let start = Timestamp::start_of_jst_day(day).map_err(|_| "time.date-form")?;
    let until = start.after(Span::days(1));
    if until <= now {
        Err("attestation.end-in-past")
    } else if until > now.after(ATTESTATION_DEFAULT) {
        Err("attestation.too-long")
    } else {
        Ok(until)
    }
}
