//! What rules of an organisation's own could see when a question was answered, in a form that is kept
//! with the answer: so that other rules can be put to the same facts later, exactly.
//!
//! What follows from the question (who, which device, system and task) and from its time (hour and
//! weekday) is not repeated. A test holds that what comes out is the context that was decided on.

use cedar_policy::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::UnitId;
use sekisho_domain::restriction::Restriction;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;

use super::decision::{Decision, Denied};
use super::explain::Case;
use super::facts::{Facts, Ground};
use super::memory::Answer;
use super::more::More;
use super::question::{Act, Question};
use super::rulebook::{Asked, Rulebook};
use super::stated;
use super::stated::{FLAGS, Stated};

/// The edition of [`FLAGS`] and of what stands beside them. Raise it when either changes: facts of
/// another edition are not put to rules.
const EDITION: u32 = 3;

/// Where it stands, behind the facts of the built-in rulebook, whether the day is a working day.
const WORKING_DAY: usize = FLAGS.len();
/// The same for whether the device's state is declared. Answers from before there were such devices
/// lack it, which says what was so.
const DECLARED: usize = WORKING_DAY + 1;

/// The facts of a moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seen {
    #[serde(rename = "v")]
    edition: u32,
    #[serde(rename = "b")]
    flags: u64,
    #[serde(rename = "g")]
    grade: Grade,
    /// The built-in rules that were excused; it has stood under this name, or nowhere where none was, in every edition.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    excused: Vec<String>,
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    roles: Vec<Role>,
    /// The person's unit and those above it.
    #[serde(rename = "u", default, skip_serializing_if = "Vec::is_empty")]
    units: Vec<UnitId>,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    failing: Vec<DeviceCheck>,
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    restrictions: Vec<Restriction>,
}

/// An answer that was given, as far as other rules are concerned.
#[derive(Clone, Copy, Debug)]
pub struct Then<'a> {
    /// What was asked.
    pub question: &'a Question,
    /// What rules could see.
    pub seen: &'a Seen,
    /// When it was answered.
    pub at: Timestamp,
}

/// What rules of an organisation's own say to an answer of earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnAnswer {
    /// None of them forbids it.
    Allowed,
    /// These forbid it, by their ids.
    Forbidden(Vec<String>),
    /// They cannot be evaluated, which forbids.
    Failed(String),
}

/// Answers a question as [`decide`](super::decide) does, and says what rules could see. Also whether
/// the built-in rules alone allowed it; none where that was not found out.
#[must_use]
pub fn decide_seen(
    book: &Rulebook,
    ground: Ground<'_>,
    question: &Question,
) -> (Decision, Seen, Option<bool>) {
    let facts = Facts::of(ground, book.sets(), question);
    let stated = stated(book, ground, question, &facts);
    let more = More::of(ground, question, &facts);
    let case = Case {
        book,
        ground,
        question,
        facts: &facts,
    };
    let decision = case.decide(stated, || &more);
    let seen = Seen::of(book, &facts, stated, more);
    let built_in = match &decision {
        Decision::Allow(_) => Some(true),
        Decision::Deny(Denied::Missing(missing)) => Some(missing.iter().all(|it| it.own)),
        Decision::Deny(Denied::Failed(_)) => None,
    };
    (decision, seen, built_in)
}

impl Seen {
    fn of(book: &Rulebook, facts: &Facts, stated: Stated, more: More) -> Self {
        let excused = book.excused(stated).into_iter();
        let mut excused: Vec<String> = excused.map(str::to_owned).collect();
        excused.sort_unstable();
        // Equal facts are kept once, in whatever order they were found.
        let mut roles = more.roles;
        roles.sort_unstable();
        let mut restrictions = more.restrictions;
        restrictions.sort_unstable();
        Self {
            edition: EDITION,
            flags: stated.flags()
                | u64::from(more.working_day) << WORKING_DAY
                | u64::from(more.declared) << DECLARED,
            grade: facts.grade,
            excused,
            roles,
            units: more.units,
            failing: more.failing,
            restrictions,
        }
    }

    /// Whether this program knows what they mean.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.edition == EDITION
    }

    /// The person's unit at that time, by its id.
    #[must_use]
    pub fn unit(&self) -> Option<UnitId> {
        self.units.first().copied()
    }

    /// The context that was decided on.
    ///
    /// # Errors
    /// What Cedar says of it, in its words.
    pub fn context(&self, question: &Question, at: Timestamp) -> Result<Context, String> {
        let mut all = Map::new();
        let flag = |place: usize| json!(self.flags >> place & 1 == 1);
        for (place, (record, name, _)) in FLAGS.iter().enumerate() {
            match *record {
                "" => put(&mut all, name, flag(place)),
                record => put(&mut all, &format!("{record}.{name}"), flag(place)),
            }
        }
        let two = |high: bool| if high { 2 } else { 1 };
        let grade = self.grade;
        let level = grade.confidentiality.level();
        put(&mut all, "grade.confidentiality", json!(level));
        put(
            &mut all,
            "grade.integrity",
            json!(two(grade.needs_integrity())),
        );
        let high = grade.needs_availability();
        put(&mut all, "grade.availability", json!(two(high)));
        put(&mut all, "excused", json!(self.excused));
        let named = |id: Option<String>| json!(id.unwrap_or_default());
        let system = match &question.act {
            Act::Reach { system, .. } => Some(system.to_string()),
            Act::Join { .. } => None,
        };
        let moment = at.jst();
        for (path, value) in [
            ("more.roles", json!(codes(&self.roles, |it| it.code()))),
            ("more.units", json!(self.units)),
            ("more.unit", named(self.unit().map(|it| it.to_string()))),
            (
                "more.device",
                named(question.device.map(|it| it.to_string())),
            ),
            ("more.declared", flag(DECLARED)),
            ("more.system", named(system)),
            ("more.task", named(question.task.map(|it| it.to_string()))),
            ("more.failing", json!(codes(&self.failing, |it| it.code()))),
            ("more.restrictions", json!(self.restrictions)),
            ("more.working_day", flag(WORKING_DAY)),
            ("more.hour", json!(moment.hour())),
            (
                "more.weekday",
                json!(moment.weekday().to_monday_one_offset()),
            ),
        ] {
            put(&mut all, path, value);
        }
        Context::from_json_value(Value::Object(all), None).map_err(|error| error.to_string())
    }
}

impl Rulebook {
    /// What the organisation's own rules of this book say to an answer that was given earlier.
    #[must_use]
    pub fn own_answer(&self, then: Then<'_>) -> OwnAnswer {
        let context = then.seen.context(then.question, then.at);
        let request = context.and_then(|it| self.names.request_on(then.question, it));
        match request.map(|request| self.ask_own(&request).named()) {
            Ok(answer) => answer,
            Err(error) => OwnAnswer::Failed(error),
        }
    }
}

impl Rulebook {
    /// Whether an answer that let somebody through rested on an exception from a row of the catalogue: without one the
    /// built-in rules would have forbidden it. Which one it was, where several depart from that row, is not kept.
    /// None where it cannot be told: no built-in rule rests on the row, or the facts are of another edition.
    #[must_use]
    pub fn rested_on(&self, row: &str, question: &Question, seen: &Seen) -> Option<bool> {
        let of_row = self.places().of_row(row);
        if of_row == 0 || !seen.is_known() {
            return None;
        }
        let excused = self.places().of_ids(&seen.excused);
        if excused & of_row == 0 {
            return Some(false);
        }
        let without = Stated::again(question, seen.flags, seen.grade, excused & !of_row);
        match self.ask_built_in(without).ok()? {
            Answer::Allowed => Some(false),
            Answer::Forbidden(_) => Some(true),
        }
    }

    /// The built-in rules that were excused where an answer that let somebody through rested on exceptions at all: with
    /// none of them the built-in rules would have forbidden it, or cannot be evaluated. None where it rested on none,
    /// and then [`Self::rested_on`] is so of no row either: an exception never forbids.
    #[must_use]
    pub fn rested<'a>(&self, question: &Question, seen: &'a Seen) -> Option<&'a [String]> {
        if seen.excused.is_empty() {
            return None;
        }
        let without = Stated::again(question, seen.flags, seen.grade, 0);
        match self.ask_built_in(without) {
            Ok(Answer::Allowed) => None,
            Ok(Answer::Forbidden(_)) | Err(_) => Some(&seen.excused),
        }
    }

    /// Whether an answer may rest on an exception from a row of the catalogue, by the built-in rules that were excused
    /// with it: one of them rests on the row, or nobody knows on what one of them did.
    #[must_use]
    pub fn may_rest_on(&self, row: &str, excused: &[String]) -> bool {
        let of_row = self.places().of_row(row);
        excused.iter().any(|id| {
            let place = self.places().of_ids(std::slice::from_ref(id));
            place == 0 || place & of_row != 0
        })
    }

    /// Whether a built-in rule rests on a row of the catalogue, so that an exception from it changes answers.
    #[must_use]
    pub fn rests_on_row(&self, row: &str) -> bool {
        self.places().of_row(row) != 0
    }
}

impl Asked<'_> {
    fn named(self) -> OwnAnswer {
        match self {
            Self::Allowed => OwnAnswer::Allowed,
            Self::Forbidden(rules) => {
                OwnAnswer::Forbidden(rules.into_iter().map(|rule| rule.id.clone()).collect())
            }
            Self::Failed(error) => OwnAnswer::Failed(error),
        }
    }
}

fn codes<T>(list: &[T], code: impl Fn(&T) -> &'static str) -> Vec<&'static str> {
    list.iter().map(code).collect()
}

fn put(all: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            all.insert(path.to_owned(), value);
        }
        Some((record, member)) => {
            let record = all.entry(record).or_insert_with(|| json!({}));
            if let Value::Object(members) = record {
                members.insert(member.to_owned(), value);
            }
        }
    }
}
