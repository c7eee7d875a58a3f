//! What was entered on the chief's page and in the form of treatments, and what it means.

use std::collections::BTreeMap;

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::Conclusion;
use sekisho_domain::risk::{
    Answer, Answered, Condition, Lowered, Question, Raised, Rank, RiskContent, RiskSubject,
    Scenario, TaskLimit, Treatment,
};
use sekisho_domain::time::{Timestamp, parse_date};
use sekisho_messages::Lang;

use super::super::super::form::Form;
use super::super::{line, sentence};

/// What is wrong, with the id it is about.
pub(super) type Errors = Vec<(String, String)>;

/// What was entered, as it was.
#[derive(Clone, Debug, Default)]
pub(super) struct Entered {
    pub(super) grade: String,
    pub(super) places: Vec<String>,
    pub(super) answers: BTreeMap<&'static str, String>,
    pub(super) cases: Vec<String>,
    pub(super) conclusion: String,
    pub(super) reason: String,
    pub(super) raised: [String; 3],
    pub(super) lowered: [String; 3],
}

fn many(form: &Form, name: &str) -> Vec<String> {
    form.pairs()
        .filter(|(known, value)| *known == name && !value.is_empty())
        .map(|(_, value)| value.to_owned())
        .collect()
}

impl Entered {
    pub(super) fn of_form(form: &Form) -> Self {
        let get = |name: &str| form.get(name).to_owned();
        Self {
            grade: get("grade"),
            places: many(form, "places"),
            answers: Question::ALL
                .iter()
                .map(|it| (it.code(), get(it.code())))
                .collect(),
            cases: many(form, "cases"),
            conclusion: get("conclusion"),
            reason: get("reason"),
            raised: [get("raised"), get("raised_to"), get("raised_reason")],
            lowered: [get("lowered"), get("lowered_to"), get("lowered_permit")],
        }
    }

    pub(super) fn of_content(content: &RiskContent) -> Self {
        let raised = content.raised.first().map(|it| {
            [
                it.scenario.code().to_owned(),
                it.to.number().to_string(),
                it.reason.as_str().to_owned(),
            ]
        });
        let lowered = content.lowered.first().map(|it| {
            [
                it.scenario.code().to_owned(),
                it.to.number().to_string(),
                it.permit.to_string(),
            ]
        });
        let answers = content.answers.iter();
        Self {
            grade: content.grade.to_string(),
            places: content
                .places
                .iter()
                .map(|it| it.code().to_owned())
                .collect(),
            answers: answers
                .map(|(question, it)| (question.code(), it.code().to_owned()))
                .collect(),
            cases: content.cases.iter().map(shown).collect(),
            conclusion: content.conclusion.code().to_owned(),
            reason: content.reason.as_str().to_owned(),
            raised: raised.unwrap_or_default(),
            lowered: lowered.unwrap_or_default(),
        }
    }

    /// What it means. What only another way of writing can say (several weaknesses, treatments) is kept of
    /// what was known.
    pub(super) fn read(
        &self,
        lang: Lang,
        subject: RiskSubject,
        known: Option<&RiskContent>,
    ) -> Result<RiskContent, Errors> {
        let mut errors = Errors::new();
        let wrong = |id: &str, code: &str| (id.to_owned(), sentence(lang, code, &[]));
        let grade = self.grade.parse::<Grade>();
        if grade.is_err() {
            errors.push(wrong("grade", "case.choose"));
        }
        let places: Vec<TeleworkPlace> = self
            .places
            .iter()
            .filter_map(|code| TeleworkPlace::from_code(code))
            .collect();
        if places.is_empty() {
            errors.push(wrong("places", "risk.no-place"));
        }
        let mut answers = BTreeMap::new();
        for question in Question::ALL {
            let code = self.answers.get(question.code());
            match code.and_then(|code| Answer::from_code(code)) {
                Some(answer) => {
                    answers.insert(*question, answer);
                }
                None => errors.push(wrong(question.code(), "risk.unanswered")),
            }
        }
        let reason = line(lang, &self.reason);
        let reason = reason.map_err(|said| errors.push(("reason".to_owned(), said)));
        let conclusion = match self.conclusion.as_str() {
            "" => known.map_or(Some(Conclusion::Unchanged), |it| Some(it.conclusion)),
            code => Conclusion::from_code(code),
        };
        if conclusion.is_none() {
            errors.push(wrong("conclusion", "case.choose"));
        }
        let raised = self.raised(lang).map_err(|wrong| errors.push(wrong));
        let lowered = self.lowered(lang).map_err(|wrong| errors.push(wrong));
        let (Ok(grade), Ok(reason), Some(conclusion), Ok(raised), Ok(lowered)) =
            (grade, reason, conclusion, raised, lowered)
        else {
            return Err(errors);
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(RiskContent {
            subject,
            grade,
            places,
            cases: self.answered(),
            answers,
            raised: raised.into_iter().collect(),
            lowered: lowered.into_iter().collect(),
            conclusion,
            reason,
            treatments: known.map_or_else(Vec::new, |it| it.treatments.clone()),
        })
    }

    /// The cases, each at the version that the page showed: what came to one since was not looked at.
    fn answered(&self) -> Vec<Answered> {
        let shown = self.cases.iter().filter_map(|it| it.split_once('@'));
        shown
            .filter_map(|(case, version)| {
                Some(Answered {
                    case: case.parse().ok()?,
                    version: version.parse().ok()?,
                })
            })
            .collect()
    }

    fn raised(&self, lang: Lang) -> Result<Option<Raised>, (String, String)> {
        let [scenario, to, reason] = &self.raised;
        if scenario.is_empty() {
            return Ok(None);
        }
        let wrong = |id: &str, code: &str| (id.to_owned(), sentence(lang, code, &[]));
        let scenario = Scenario::from_code(scenario);
        let (Some(scenario), Some(to)) = (scenario, rank(to)) else {
            return Err(wrong("raised", "case.choose"));
        };
        let reason = line(lang, reason).map_err(|said| ("raised_reason".to_owned(), said))?;
        Ok(Some(Raised {
            scenario,
            to,
            reason,
        }))
    }

    fn lowered(&self, lang: Lang) -> Result<Option<Lowered>, (String, String)> {
        let [scenario, to, permit] = &self.lowered;
        if scenario.is_empty() {
            return Ok(None);
        }
        let read = (Scenario::from_code(scenario), rank(to), permit.parse().ok());
        let (Some(scenario), Some(to), Some(permit)) = read else {
            let said = sentence(lang, "risk.lowered-without-exception", &[]);
            return Err(("lowered".to_owned(), said));
        };
        Ok(Some(Lowered {
            scenario,
            to,
            permit,
        }))
    }
}

/// A case as the page shows it: its id and version.
fn shown(it: &Answered) -> String {
    format!("{}@{}", it.case, it.version)
}

fn rank(text: &str) -> Option<Rank> {
    Rank::try_from(text.parse::<u8>().ok()?).ok()
}

fn grade(form: &Form, name: &str) -> Option<Grade> {
    form.get(name).parse().ok()
}

fn places(form: &Form, name: &str) -> Vec<TeleworkPlace> {
    let codes = many(form, name);
    let places = codes.iter();
    places
        .filter_map(|code| TeleworkPlace::from_code(code))
        .collect()
}

fn read_condition(lang: Lang, form: &Form, errors: &mut Errors) -> Condition {
    let further = many(form, "further");
    let has = |code: &str| further.iter().any(|it| it == code);
    let mut hour = |name: &str| {
        let text = form.get(name).trim();
        if text.is_empty() {
            return None;
        }
        let read = text.parse::<u32>().ok();
        if read.is_none() {
            errors.push((name.to_owned(), sentence(lang, "risk.hours", &[])));
        }
        read
    };
    Condition {
        ceiling: grade(form, "condition_ceiling"),
        places: places(form, "condition_places"),
        from_hour: hour("from_hour"),
        until_hour: hour("until_hour"),
        working_days_only: has("working_days_only"),
        two_persons: has("two_persons"),
        closed_room: has("closed_room"),
    }
}

/// What is done about a risk, as it was entered.
pub(super) fn read_treatments(lang: Lang, form: &Form) -> Result<Vec<Treatment>, Errors> {
    let mut errors = Errors::new();
    let mut all = Vec::new();
    if form.get("stop") == "yes" {
        all.push(Treatment::Stop);
    }
    let limit = TaskLimit {
        ceiling: grade(form, "limit_ceiling"),
        places: places(form, "limit_places"),
    };
    if limit != TaskLimit::default() {
        all.push(Treatment::Limit(limit));
    }
    if let Some(check) = DeviceCheck::from_code(form.get("measure")) {
        all.push(Treatment::Measure { check });
    }
    let condition = read_condition(lang, form, &mut errors);
    if condition != Condition::default() {
        all.push(Treatment::Condition(condition));
    }
    let until = form.get("accept_until").trim();
    if !until.is_empty() {
        match after_day(until) {
            Some(until) => all.push(Treatment::Accept { until }),
            None => errors.push((
                "accept_until".to_owned(),
                sentence(lang, "risk.acceptance-day", &[]),
            )),
        }
    }
    if errors.is_empty() {
        Ok(all)
    } else {
        Err(errors)
    }
}

/// The first instant after a day, as entered.
fn after_day(text: &str) -> Option<Timestamp> {
    let next = parse_date(text).ok()?.tomorrow().ok()?;
    Timestamp::start_of_jst_day(next).ok()
}
