//! Parts of forms: lists of options, boxes to tick, and the form of what is done about a risk.

use maud::{Markup, html};
use sekisho_messages::{Lang, t};

use super::super::components::{Field, Input, csrf_field, field};

/// Options of one question: value, word, and whether it is chosen.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// All of them.
    pub list: Vec<(String, String, bool)>,
}

/// What is wrong, with the id it is about.
pub type Errors = Vec<(String, String)>;

/// What is wrong at a place.
pub(super) fn at<'a>(errors: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = errors.iter().find(|(id, _)| id == name);
    found.map(|(_, said)| said.as_str())
}

fn wrong(name: &str, error: Option<&str>) -> Markup {
    html! { @if let Some(error) = error { p class="field-error" id={ (name) "-error" } { (error) } } }
}

/// A question with one answer out of few.
pub(super) fn radios(name: &str, legend: &str, options: &Options, error: Option<&str>) -> Markup {
    html! {
        fieldset class="field choices" {
            legend { (legend) }
            (wrong(name, error))
            @for (index, (value, word, chosen)) in options.list.iter().enumerate() {
                @let id = if index == 0 { name.to_owned() } else { format!("{name}-{value}") };
                div class="choice" {
                    input type="radio" id=(id) name=(name) value=(value) checked[*chosen] required;
                    div { label for=(id) { (word) } }
                }
            }
        }
    }
}

/// Boxes to tick, as many as wanted.
pub(super) fn boxes(name: &str, legend: &str, options: &Options, error: Option<&str>) -> Markup {
    html! {
        fieldset class="field choices" {
            legend { (legend) }
            (wrong(name, error))
            @for (index, (value, word, chosen)) in options.list.iter().enumerate() {
                @let id = if index == 0 { name.to_owned() } else { format!("{name}-{value}") };
                div class="choice" {
                    input type="checkbox" id=(id) name=(name) value=(value) checked[*chosen];
                    div { label for=(id) { (word) } }
                }
            }
        }
    }
}

/// A list of which one may be chosen; the first, without a value, is none.
pub(super) fn choose(name: &str, label: &str, options: &Options, error: Option<&str>) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (label) }
            (wrong(name, error))
            select id=(name) name=(name) aria-invalid=[error.map(|_| "true")] {
                @for (value, word, chosen) in &options.list { option value=(value) selected[*chosen] { (word) } }
            }
        }
    }
}

/// A line of text.
pub(super) fn line(
    lang: Lang,
    (name, label): (&'static str, String),
    support: Option<String>,
    (required, value): (bool, &str),
    error: Option<&str>,
) -> Markup {
    field(
        lang,
        &Field {
            name,
            label: label.into(),
            support: support.map(Into::into),
            required,
            input: Input::Text,
            value,
            error,
            autocomplete: "off",
            lang: None,
        },
    )
}

/// The form of what is done about a risk.
#[derive(Clone, Debug)]
pub struct TreatmentForm {
    /// Token against forged requests.
    pub csrf: String,
    /// Where it goes.
    pub action: String,
    /// The revision that the page shows.
    pub revision: u64,
    /// Whether the task is stopped.
    pub stop: bool,
    /// The ceilings that a limit may have.
    pub limit_ceiling: Options,
    /// The places that a limit may have.
    pub limit_places: Options,
    /// The checks that a measure may be bound to.
    pub measure: Options,
    /// The ceilings that a condition may have.
    pub condition_ceiling: Options,
    /// The places that a condition may have.
    pub condition_places: Options,
    /// Hours of a condition.
    pub hours: (String, String),
    /// Further conditions.
    pub further: Options,
    /// The last day of an acceptance.
    pub accept_until: String,
    /// What is wrong.
    pub errors: Errors,
}

/// The form.
#[must_use]
pub fn treatments(lang: Lang, it: &TreatmentForm) -> Markup {
    let label = |key: &str| t!(lang, key).into_owned();
    let stop = Options {
        list: vec![(
            "yes".to_owned(),
            label("risk.treatment.stop-label"),
            it.stop,
        )],
    };
    html! {
        form method="post" action=(it.action) class="form" {
            (csrf_field(&it.csrf))
            input type="hidden" name="expected" value=(it.revision);
            (boxes("stop", &label("risk.treatment.stop"), &stop, at(&it.errors, "stop")))
            (choose("limit_ceiling", &label("risk.treatment.limit-ceiling"), &it.limit_ceiling, at(&it.errors, "limit")))
            (boxes("limit_places", &label("risk.treatment.limit-places"), &it.limit_places, None))
            (choose("measure", &label("risk.treatment.measure-label"), &it.measure, at(&it.errors, "measure")))
            details open[it.hours.0.len() + it.hours.1.len() > 0] {
                summary { (label("risk.treatment.condition")) }
                (choose("condition_ceiling", &label("risk.treatment.condition-ceiling"), &it.condition_ceiling, at(&it.errors, "condition")))
                (boxes("condition_places", &label("risk.treatment.condition-places"), &it.condition_places, None))
                (line(lang, ("from_hour", label("risk.treatment.from-hour")), None, (false, &it.hours.0), at(&it.errors, "from_hour")))
                (line(lang, ("until_hour", label("risk.treatment.until-hour")), None, (false, &it.hours.1), at(&it.errors, "until_hour")))
                (boxes("further", &label("risk.treatment.further"), &it.further, None))
            }
            (line(lang, ("accept_until", label("risk.treatment.accept-until")), Some(label("risk.treatment.accept-support")), (false, &it.accept_until), at(&it.errors, "accept_until")))
            div class="buttons" { button class="button button--secondary" type="submit" { (label("risk.treatment.save")) } }
        }
    }
}
