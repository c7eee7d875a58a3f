//! Verdicts over time, as stacked columns with a table of the same numbers.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Lang, day as day_text, number, t};

use super::bar::VerdictCounts;
use crate::console::components::{Column, cell, row_header, table};
use crate::console::words;

/// The counts of one day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// An instant of that day.
    pub at: Timestamp,
    /// What was known at its end; none where nothing was assessed.
    pub counts: Option<VerdictCounts>,
}

const LEFT: u32 = 40;
const WIDTH: u32 = 640;
const TOP: u32 = 16;
const HEIGHT: u32 = 190;

/// A round number of at least `most`, divisible by four.
fn ceiling(most: u32) -> u32 {
    // Quarters of the axis, in tenths of a power of ten.
    const QUARTERS: [u32; 8] = [10, 15, 20, 25, 30, 40, 50, 75];
    let mut power: u32 = 1;
    while power <= 10_000_000 {
        let found = QUARTERS
            .into_iter()
            .map(|quarter| quarter * power)
            .filter(|tenths| tenths.is_multiple_of(10))
            .map(|tenths| tenths / 10 * 4)
            .find(|top| *top >= most);
        if let Some(top) = found {
            return top;
        }
        power *= 10;
    }
    most
}

fn grid(top: u32) -> Markup {
    html! {
        @for line in 0..=4u32 {
            @let y = TOP + HEIGHT - HEIGHT * line / 4;
            line class=(if line == 0 { "axis" } else { "grid" }) x1=(LEFT) x2=(WIDTH) y1=(y) y2=(y) {}
            text class="tick" x=(LEFT - 8) y=(y + 4) text-anchor="end" { (number(i64::from(top / 4 * line))) }
        }
    }
}

fn scaled(count: u32, top: u32) -> u32 {
    u32::try_from(u64::from(count) * u64::from(HEIGHT) / u64::from(top.max(1))).unwrap_or(HEIGHT)
}

fn column(counts: &VerdictCounts, top: u32, x: u32, width: u32) -> Markup {
    let mut y = TOP + HEIGHT;
    let mut below: u32 = 0;
    html! {
        @for verdict in VerdictCounts::ORDER {
            @if counts.of(verdict) > 0 {
                // Heights are differences of running sums, so that rounding never adds up.
                @let upper = TOP + HEIGHT - scaled(below + counts.of(verdict), top);
                @let height = (y - upper).max(1);
                rect class={ "fill--" (verdict.code()) } x=(x) y=(upper) width=(width) height=(height) {}
                @if verdict == Verdict::NotMet || verdict == Verdict::Unknown {
                    rect fill={ "url(#trend-" (verdict.code()) ")" } x=(x) y=(upper) width=(width) height=(height) {}
                }
                @let () = { y = upper; below += counts.of(verdict); };
            }
        }
    }
}

fn patterns() -> Markup {
    html! {
        defs {
            pattern id="trend-not_met" width="6" height="6" patternUnits="userSpaceOnUse" {
                path class="pattern-line" d="M-1 1l2-2M0 6l6-6M5 7l2-2" {}
            }
            pattern id="trend-unknown" width="6" height="6" patternUnits="userSpaceOnUse" {
                circle class="pattern-dot" cx="2" cy="2" r="1" {}
                circle class="pattern-dot" cx="5" cy="5" r="1" {}
            }
        }
    }
}

fn columns(days: &[Day], top: u32) -> Markup {
    let count = u32::try_from(days.len()).unwrap_or(1).max(1);
    let pitch = (WIDTH - LEFT) / count;
    let width = (pitch * 7 / 10).clamp(2, 44);
    html! {
        @for (index, day) in (0u32..).zip(days) {
            @let x = LEFT + pitch * index + (pitch - width) / 2;
            @let date = day.at.jst_date();
            @if let Some(counts) = &day.counts { (column(counts, top, x, width)) }
            @else { text class="tick" x=(x + width / 2) y=(TOP + HEIGHT - 6) text-anchor="middle" { "–" } }
            @let second = (count - 1 - index) % 2 == 1;
            @let sparse = count > 15 && !(count - 1 - index).is_multiple_of(5);
            @if !sparse {
                text class=(if second { "tick tick--second" } else { "tick" }) x=(x + width / 2)
                    y=(TOP + HEIGHT + 18) text-anchor="middle" { (date.month()) "/" (date.day()) }
            }
        }
    }
}

/// The legend: a swatch with the same pattern as in the chart, and the word.
fn legend(lang: Lang, used: &[Verdict]) -> Markup {
    html! {
        ul class="legend" {
            @for verdict in used {
                li {
                    svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true" {
                        rect class={ "fill--" (verdict.code()) } width="14" height="14" {}
                        @if *verdict == Verdict::NotMet || *verdict == Verdict::Unknown {
                            rect fill={ "url(#trend-" (verdict.code()) ")" } width="14" height="14" {}
                        }
                    }
                    (words::verdict(lang, *verdict))
                }
            }
        }
    }
}

fn numbers(lang: Lang, days: &[Day], title: &str) -> Markup {
    let day = Column::text(t!(lang, "console.chart.day"));
    let series: Vec<(Verdict, Column)> = VerdictCounts::ORDER
        .into_iter()
        .map(|verdict| (verdict, Column::number(words::verdict(lang, verdict))))
        .collect();
    let mut columns = vec![day.clone()];
    columns.extend(series.iter().map(|(_, column)| column.clone()));
    let rows: Vec<Vec<Markup>> = days
        .iter()
        .map(|entry| {
            let mut row = vec![row_header(&day, &html! { (day_text(lang, entry.at)) })];
            row.extend(series.iter().map(|(verdict, column)| {
                let shown = entry
                    .counts
                    .map_or_else(|| "–".to_owned(), |c| number(i64::from(c.of(*verdict))));
                cell(column, &html! { (shown) })
            }));
            row
        })
        .collect();
    html! {
        details class="numbers" {
            summary { (t!(lang, "console.chart.as_table")) }
            (table(title, &columns, &rows))
        }
    }
}

/// Stacked columns of the verdicts, oldest day first.
#[must_use]
pub fn trend(lang: Lang, title: &str, days: &[Day]) -> Markup {
    let most = days
        .iter()
        .filter_map(|day| day.counts)
        .map(|c| c.total())
        .max();
    let top = ceiling(most.unwrap_or(4));
    let used: Vec<Verdict> = VerdictCounts::ORDER
        .into_iter()
        .filter(|verdict| {
            days.iter()
                .filter_map(|day| day.counts)
                .any(|c| c.of(*verdict) > 0)
        })
        .collect();
    let latest = days.iter().rev().find_map(|day| day.counts);
    let description = latest
        .map(|counts| counts.describe(lang))
        .unwrap_or_default();
    html! {
        figure class="chart" {
            svg class="trend" viewBox={ "0 0 " (WIDTH) " " (TOP + HEIGHT + 26) } role="img"
                aria-labelledby="trend-title trend-desc" {
                title id="trend-title" { (title) }
                desc id="trend-desc" { (description) }
                (patterns()) (grid(top)) (columns(days, top))
            }
            (legend(lang, &used))
            (numbers(lang, days, title))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_on_a_round_number() {
        for (most, top) in [
            (0, 4),
            (4, 4),
            (5, 8),
            (9, 12),
            (98, 100),
            (149, 160),
            (2001, 3000),
        ] {
            assert_eq!(ceiling(most), top, "{most}");
        }
    }
}
