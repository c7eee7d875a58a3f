//! Matrix and trend, drawn as SVG. Colours come from the stylesheet; each cell and column says its number,
//! and the same numbers stand beside as text.

use maud::{Markup, html};
use sekisho_domain::plan::RiskLevel;
use sekisho_domain::risk::Rank;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, day as day_text, number, t, text};

use super::super::components::{Column, cell, row_header, table};

/// The assessments in force at the end of a month, by level: low, medium, high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// An instant of that day.
    pub at: Timestamp,
    /// How many of each level.
    pub counts: [u32; 3],
}

const CELL: u32 = 96;
const LEFT: u32 = 44;
const TOP: u32 = 8;

const fn level_class(level: RiskLevel) -> &'static str {
    match level {
        RiskLevel::Low => "risk-low",
        RiskLevel::Medium => "risk-medium",
        RiskLevel::High => "risk-high",
    }
}

/// How many assessments lie where: rows are importance, columns likelihood. `level_of` says what a product
/// counts as.
#[must_use]
pub fn matrix(
    lang: Lang,
    counts: &dyn Fn(Rank, Rank) -> u32,
    level_of: &dyn Fn(u8) -> RiskLevel,
) -> Markup {
    let (width, height) = (LEFT + 3 * CELL, TOP + 3 * CELL + 34);
    let across: [(u32, Rank); 3] = [(0, Rank::One), (1, Rank::Two), (2, Rank::Three)];
    let down: [(u32, Rank); 3] = [(0, Rank::Three), (1, Rank::Two), (2, Rank::One)];
    html! {
        figure class="chart risk-matrix" {
            svg viewBox={ "0 0 " (width) " " (height) } role="img" aria-labelledby="matrix-title matrix-desc" {
                title id="matrix-title" { (t!(lang, "risk.matrix")) }
                desc id="matrix-desc" { (t!(lang, "risk.matrix-desc")) }
                @for (row, importance) in down {
                    @let y = TOP + row * CELL;
                    text class="tick" x=(LEFT - 10) y=(y + CELL / 2 + 4) text-anchor="end" { (importance.number()) }
                    @for (column, likelihood) in across {
                        @let x = LEFT + column * CELL;
                        @let count = counts(importance, likelihood);
                        @let level = level_of(importance.number() * likelihood.number());
                        rect class={ "risk-cell " (level_class(level)) } x=(x) y=(y) width=(CELL - 4) height=(CELL - 4) rx="4" {}
                        text class="risk-count" x=(x + CELL / 2 - 2) y=(y + CELL / 2 + 2) text-anchor="middle" {
                            @if count > 0 { (number(i64::from(count))) } @else { "–" }
                        }
                        text class="tick" x=(x + CELL / 2 - 2) y=(y + CELL - 16) text-anchor="middle" {
                            (text(lang, format!("case.level.{}", level.code()), &[]))
                        }
                    }
                }
                @for (column, likelihood) in across {
                    text class="tick" x=(LEFT + column * CELL + CELL / 2 - 2) y=(TOP + 3 * CELL + 12) text-anchor="middle" { (likelihood.number()) }
                }
                text class="tick" x=(LEFT + 3 * CELL / 2) y=(TOP + 3 * CELL + 30) text-anchor="middle" { (t!(lang, "risk.likelihood")) }
                text class="tick" transform={ "translate(14 " (TOP + 3 * CELL / 2) ") rotate(-90)" } text-anchor="middle" { (t!(lang, "risk.importance")) }
            }
        }
    }
}

const WIDTH: u32 = 640;
const HEIGHT: u32 = 160;

fn columns(months: &[Month], top: u32) -> Markup {
    let count = u32::try_from(months.len()).unwrap_or(1).max(1);
    let pitch = (WIDTH - LEFT) / count;
    let width = (pitch * 6 / 10).max(2);
    let scaled = |count: u32| count * HEIGHT / top.max(1);
    html! {
        @for (index, month) in (0u32..).zip(months) {
            @let x = LEFT + pitch * index + (pitch - width) / 2;
            @let [low, medium, high] = month.counts;
            // Heights are differences of running sums, so that rounding never adds up.
            @for (level, below, upto) in [
                (RiskLevel::Low, 0, low),
                (RiskLevel::Medium, low, low + medium),
                (RiskLevel::High, low + medium, low + medium + high),
            ] {
                @if upto > below {
                    rect class={ "risk-cell " (level_class(level)) } x=(x) width=(width)
                        y=(TOP + HEIGHT - scaled(upto)) height=((scaled(upto) - scaled(below)).max(1)) {}
                }
            }
            @let date = month.at.jst_date();
            text class=(if index % 2 == 0 { "tick" } else { "tick tick--second" }) x=(x + width / 2)
                y=(TOP + HEIGHT + 18) text-anchor="middle" { (date.month()) "/" (date.day()) }
        }
        line class="axis" x1=(LEFT) x2=(WIDTH) y1=(TOP + HEIGHT) y2=(TOP + HEIGHT) {}
        text class="tick" x=(LEFT - 8) y=(TOP + 10) text-anchor="end" { (number(i64::from(top))) }
        text class="tick" x=(LEFT - 8) y=(TOP + HEIGHT) text-anchor="end" { "0" }
    }
}

/// How many assessments were in force at the ends of months, by level, the oldest first.
#[must_use]
pub fn trend(lang: Lang, months: &[Month]) -> Markup {
    let most = months.iter().map(|it| it.counts.iter().sum::<u32>()).max();
    let top = most.unwrap_or(0).max(4);
    let word = |level: RiskLevel| text(lang, format!("case.level.{}", level.code()), &[]);
    let levels = [RiskLevel::Low, RiskLevel::Medium, RiskLevel::High];
    let day = Column::text(t!(lang, "console.chart.day"));
    let series = levels.map(|level| Column::number(word(level)));
    let mut heads = vec![day.clone()];
    heads.extend(series.iter().cloned());
    let row = |month: &Month| {
        let mut row = vec![row_header(&day, &html! { (day_text(lang, month.at)) })];
        row.extend(
            series
                .iter()
                .zip(month.counts)
                .map(|(column, count)| cell(column, &html! { (number(i64::from(count))) })),
        );
        row
    };
    let rows: Vec<Vec<Markup>> = months.iter().map(row).collect();
    html! {
        figure class="chart" {
            svg class="trend" viewBox={ "0 0 " (WIDTH) " " (TOP + HEIGHT + 26) } role="img"
                aria-labelledby="risk-trend-title risk-trend-desc" {
                title id="risk-trend-title" { (t!(lang, "risk.trend")) }
                desc id="risk-trend-desc" { (t!(lang, "risk.trend-desc")) }
                (columns(months, top))
            }
            ul class="legend" {
                @for level in levels {
                    li {
                        svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" {
                            rect class={ "risk-cell " (level_class(level)) } width="14" height="14" {}
                        }
                        (word(level))
                    }
                }
            }
            details class="numbers" {
                summary { (t!(lang, "console.chart.as_table")) }
                (table(&t!(lang, "risk.trend"), &heads, &rows))
            }
        }
    }
}
