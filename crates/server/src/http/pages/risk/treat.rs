//! What is done about a risk: its form, and writing it into the draft.

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::RiskId;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::risk::{Condition, RiskContent, RiskWork, TaskLimit, Treatment};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{t, text};

use super::super::super::ctx::{Answer, Ctx, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::entered::{Errors, read_treatments};
use super::form::{draft, grades, place_options, write};
use super::show::render;
use crate::console::risk::{Options, PATH, TreatmentForm};
use crate::console::words as console_words;

/// What is known, kind by kind: the page has one of each.
#[derive(Default)]
struct Known {
    stop: bool,
    limit: TaskLimit,
    measure: Option<DeviceCheck>,
    condition: Condition,
    until: Option<Timestamp>,
}

impl Known {
    fn of(treatments: &[Treatment]) -> Self {
        let mut known = Self::default();
        for treatment in treatments {
            match treatment {
                Treatment::Stop => known.stop = true,
                Treatment::Limit(it) => known.limit = it.clone(),
                Treatment::Measure { check } => known.measure = Some(*check),
                Treatment::Condition(it) => known.condition = it.clone(),
                Treatment::Accept { until } => known.until = Some(*until),
            }
        }
        known
    }
}

fn checks(ctx: &Ctx, chosen: Option<DeviceCheck>) -> Options {
    let mut list = vec![(String::new(), "–".to_owned(), chosen.is_none())];
    list.extend(DeviceCheck::ALL.iter().map(|it| {
        let word = console_words::check(ctx.lang, *it).into_owned();
        (it.code().to_owned(), word, chosen == Some(*it))
    }));
    Options { list }
}

fn further(ctx: &Ctx, condition: &Condition) -> Options {
    let all = [
        ("working_days_only", condition.working_days_only),
        ("two_persons", condition.two_persons),
        ("closed_room", condition.closed_room),
    ];
    let list = all.into_iter().map(|(code, is)| {
        let word = text(ctx.lang, format!("risk.further.{code}"), &[]).into_owned();
        (code.to_owned(), word, is)
    });
    Options {
        list: list.collect(),
    }
}

/// The form, as the draft has it.
pub(super) fn form(
    ctx: &Ctx,
    risk: RiskId,
    work: &RiskWork,
    errors: Errors,
) -> Result<TreatmentForm, Fault> {
    let known = Known::of(&work.content.treatments);
    let none = t!(ctx.lang, "risk.no-ceiling").into_owned();
    let grade = |it: Option<Grade>| {
        let chosen = it.map_or_else(String::new, |it| it.to_string());
        grades(Some(none.clone()), &chosen)
    };
    let places = |all: &[TeleworkPlace]| {
        let codes: Vec<String> = all.iter().map(|it| it.code().to_owned()).collect();
        place_options(ctx, &codes)
    };
    let hour = |it: Option<u32>| it.map_or_else(String::new, |it| it.to_string());
    let last_day = known.until.map(|it| {
        let last = Timestamp::from_millis(it.as_millis() - 1);
        last.jst_date().to_string()
    });
    let condition = &known.condition;
    Ok(TreatmentForm {
        csrf: ctx.live()?.csrf(),
        action: format!("{PATH}/{risk}/treatments"),
        revision: work.revision,
        stop: known.stop,
        limit_ceiling: grade(known.limit.ceiling),
        limit_places: places(&known.limit.places),
        measure: checks(ctx, known.measure),
        condition_ceiling: grade(condition.ceiling),
        condition_places: places(&condition.places),
        hours: (hour(condition.from_hour), hour(condition.until_hour)),
        further: further(ctx, condition),
        accept_until: last_day.unwrap_or_default(),
        errors,
    })
}

/// `POST /risks/{id}/treatments`: what is done about it; its inputs are frozen anew.
pub(in crate::http) fn treat(ctx: &Ctx, entered: &Form) -> Answer {
    let (risk, work) = draft(ctx)?;
    let treatments = match read_treatments(ctx.lang, entered) {
        Ok(treatments) => treatments,
        Err(errors) => return render(ctx, Errors::new(), errors),
    };
    let content = RiskContent {
        treatments,
        ..work.content
    };
    let expected = entered.get("expected").parse().ok();
    match write(ctx, (risk, expected), content) {
        Ok(()) => Ok(redirect(&format!("{PATH}/{risk}"))),
        Err(Ok(errors)) => render(ctx, Errors::new(), errors),
        Err(Err(fault)) => Err(fault),
    }
}
