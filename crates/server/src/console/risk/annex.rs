//! The annex: what a year's losses may come to, for talks about budgets. Drawn when asked for and never kept.

use std::fmt::Write as _;

use maud::{Markup, html};
use sekisho_messages::{Lang, t, text};

use super::super::components::{
    Column, Field, Input, Tone, alert, cell, definitions, error_at, error_summary, field,
    row_header, submit, table,
};
use super::super::layout::{Frame, heading, page as frame_page};
use super::PATH;
use crate::risk::{LOSS_FIELDS, LossAsked, three_figures, whole_yen};

/// The annex's view-model.
#[derive(Clone, Debug)]
pub struct AnnexView {
    /// What was entered.
    pub asked: LossAsked,
    /// What is wrong, with the field that it is about.
    pub errors: Vec<(String, String)>,
    /// What was drawn, where anything was.
    pub drawn: Option<Drawn>,
}

/// What was drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// How many years.
    pub years: u32,
    /// From which seed.
    pub seed: u64,
    /// The mean of a year, in yen.
    pub mean: f64,
    /// By place: what so many years of a hundred stay below.
    pub shares: Vec<f64>,
}

impl Drawn {
    fn share(&self, place: usize) -> f64 {
        self.shares.get(place).copied().unwrap_or_default()
    }
}

/// An amount in words.
fn yen(lang: Lang, amount: f64) -> String {
    match whole_yen(amount) {
        Some(whole) => t!(lang, "risk.annex.yen.0", n = three_figures(whole)).into_owned(),
        None => t!(lang, "risk.annex.beyond").into_owned(),
    }
}

/// A power of ten, in words: by ten thousands in Japanese, by thousands in English.
fn power(lang: Lang, tens: u32) -> String {
    let size = match lang {
        Lang::Ja => 4,
        Lang::En => 3,
    };
    let key = format!("risk.annex.yen.{}", tens / size);
    text(lang, key, &[("n", 10u32.pow(tens % size).into())]).into_owned()
}

const LEFT: f64 = 48.0;
const RIGHT: f64 = 584.0;
const TOP: f64 = 12.0;
const HEIGHT: f64 = 190.0;
/// Most powers of ten that are named below the chart.
const NAMED: u32 = 6;

/// Where an amount lies, and what share of the years loses more.
struct Point {
    yen: u64,
    log: f64,
    beyond: u8,
}

fn points(shares: &[f64]) -> Vec<Point> {
    let hundredths = (0u8..100).zip(shares);
    let point = |(below, amount): (u8, &f64)| {
        let yen = whole_yen(*amount).filter(|it| *it >= 1)?;
        Some(Point {
            yen,
            log: amount.max(1.0).log10(),
            beyond: 100 - below,
        })
    };
    hundredths.filter_map(point).collect()
}

fn height(beyond: u8) -> f64 {
    TOP + HEIGHT - HEIGHT * f64::from(beyond) / 100.0
}

/// What share of the years loses more than an amount, amounts by powers of ten.
fn exceedance(lang: Lang, shares: &[f64]) -> Markup {
    let points = points(shares);
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return html! { p class="muted" { (t!(lang, "risk.annex.no-chart")) } };
    };
    let from = first.yen.ilog10();
    let to = last.yen.ilog10() + 1;
    let across = |log: f64| {
        let share = (log - f64::from(from)) / f64::from(to - from);
        LEFT + (RIGHT - LEFT) * share
    };
    let mut line = String::new();
    for (place, point) in points.iter().enumerate() {
        let step = if place == 0 { 'M' } else { 'L' };
        // Writing to a String cannot fail.
        let _ = write!(
            line,
            "{step}{:.1} {:.1}",
            across(point.log),
            height(point.beyond)
        );
    }
    let every = (to - from).div_ceil(NAMED).max(1);
    let named = (from..=to).filter(|tens| (tens - from).is_multiple_of(every));
    html! {
        figure class="chart" {
            svg class="trend exceedance" viewBox="0 0 640 236" role="img"
                aria-labelledby="annex-title annex-desc" {
                title id="annex-title" { (t!(lang, "risk.annex.chart")) }
                desc id="annex-desc" { (t!(lang, "risk.annex.chart-desc")) }
                @for share in [0u8, 25, 50, 75, 100] {
                    @let y = format!("{:.1}", height(share));
                    line class=(if share == 0 { "axis" } else { "grid" }) x1="48" x2="584" y1=(y) y2=(y) {}
                    text class="tick" x="42" y=(format!("{:.1}", height(share) + 4.0)) text-anchor="end" { (share) "%" }
                }
                @for tens in named {
                    text class=(if (tens - from) / every % 2 == 1 { "tick tick--second" } else { "tick" })
                        x=(format!("{:.1}", across(f64::from(tens)))) y="220" text-anchor="middle" { (power(lang, tens)) }
                }
                path d=(line) fill="none" {}
            }
        }
    }
}

/// What so many years of a hundred lose more than.
fn numbers(lang: Lang, drawn: &Drawn) -> Markup {
    let columns = [
        Column::number(t!(lang, "risk.annex.share")),
        Column::number(t!(lang, "risk.annex.more-than")),
    ];
    let [share, amount] = &columns;
    let rows: Vec<Vec<Markup>> = [50usize, 80, 90, 95, 99]
        .into_iter()
        .map(|below| {
            vec![
                row_header(share, &html! { (100 - below) "%" }),
                cell(amount, &html! { (yen(lang, drawn.share(below))) }),
            ]
        })
        .collect();
    table(&t!(lang, "risk.annex.chart"), &columns, &rows)
}

fn result(lang: Lang, drawn: &Drawn) -> Markup {
    let amount = |amount: f64| html! { (yen(lang, amount)) };
    let facts = vec![
        (t!(lang, "risk.annex.mean"), amount(drawn.mean)),
        (t!(lang, "risk.annex.median"), amount(drawn.share(50))),
        (t!(lang, "risk.annex.p95"), amount(drawn.share(95))),
        (
            t!(lang, "risk.annex.drawn"),
            html! { (t!(lang, "risk.annex.drawn-of", years = drawn.years, seed = drawn.seed.to_string())) },
        ),
    ];
    html! {
        section aria-labelledby="drawn" {
            h2 id="drawn" { (t!(lang, "risk.annex.result")) }
            (definitions(&facts))
            (exceedance(lang, &drawn.shares))
            (numbers(lang, drawn))
        }
    }
}

fn form(lang: Lang, view: &AnnexView) -> Markup {
    html! {
        (error_summary(lang, &view.errors))
        form method="get" action={ (PATH) "/annex" } class="form" {
            @for name in LOSS_FIELDS {
                (field(lang, &Field {
                    name,
                    label: text(lang, format!("risk.annex.field.{name}"), &[]),
                    support: Some(text(lang, format!("risk.annex.support.{name}"), &[])),
                    required: matches!(name, "frequency" | "low" | "high"),
                    input: Input::Text,
                    value: view.asked.text(name),
                    error: error_at(&view.errors, name),
                    autocomplete: "off",
                    lang: None,
                }))
            }
            (submit(&t!(lang, "risk.annex.draw")))
        }
    }
}

/// The annex.
#[must_use]
pub fn annex_page(frame: &Frame, view: &AnnexView) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "risk.annex.title");
    let trail = [(t!(lang, "risk.title").into_owned(), PATH.to_owned())];
    let mind = html! {
        ul {
            @for key in ["decides-nothing", "not-kept", "no-data", "tail"] {
                li { (text(lang, format!("risk.annex.mind.{key}"), &[])) }
            }
        }
    };
    let main = html! {
        (heading(&trail, &html! { (title) }, &html! { (t!(lang, "risk.annex.lead")) }))
        (alert(Tone::Warning, &t!(lang, "risk.annex.never-default"), &mind))
        (form(lang, view))
        @if let Some(drawn) = &view.drawn { (result(lang, drawn)) }
    };
    frame_page(frame, &title, &main)
}
