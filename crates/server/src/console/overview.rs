//! The overview: the notices by section, the trend, and what needs someone.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Counter, Lang, count, number, t, text};

use super::components::{
    Column, Icon, Tile, age, cell, empty_state, icon, instant, row_badge, row_header, table, tiles,
    verdict_badge,
};
use super::layout::{Frame, heading, page as frame_page};
pub use super::section::Section;
use super::svg::{Day, VerdictCounts, ring, stacked_bar, trend};
use super::words::{self, Localised};

/// One section with its counts.
#[derive(Clone, Debug)]
pub struct SectionRow {
    /// The section.
    pub section: Section,
    /// Its rows by verdict.
    pub counts: VerdictCounts,
    /// Of these, by verdict, the rows whose confirmation found something adverse.
    pub findings: VerdictCounts,
    /// When the newest evidence in it was received; none without any.
    pub evidence_at: Option<Timestamp>,
}

/// Something that somebody must do.
#[derive(Clone, Debug)]
pub struct Need {
    /// The requirement it arises from.
    pub requirement: String,
    /// The requirement in words.
    pub text: Localised,
    /// Its verdict.
    pub verdict: Verdict,
    /// Whether it is met and its confirmation found something adverse.
    pub findings: bool,
    /// Why, as a sentence in the page's language.
    pub reason: String,
    /// What to do, as a sentence in the page's language.
    pub next_step: String,
    /// Who must act.
    pub owner: Role,
    /// Since when the verdict stands.
    pub since: Option<Timestamp>,
    /// Where it is done or shown.
    pub href: String,
}

/// The overview.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Name of the profile's source, as a heading line: which notice is judged.
    pub profile: sekisho_domain::profile::Profile,
    /// When the last assessment ended; none before the first.
    pub assessed_at: Option<Timestamp>,
    /// All rows by verdict.
    pub counts: VerdictCounts,
    /// Of these, by verdict, the rows whose confirmation found something adverse.
    pub findings: VerdictCounts,
    /// The sections that the profile has.
    pub sections: Vec<SectionRow>,
    /// The days of the trend, oldest first; at most 30.
    pub trend: Vec<Day>,
    /// What needs someone, gravest first; the first few. Without the rows of `waiting`.
    pub needs: Vec<Need>,
    /// Rows that wait for a register or check that does not exist yet.
    pub waiting: u32,
    /// How many things need someone altogether.
    pub needs_total: u32,
    /// Devices enrolled.
    pub devices: u32,
    /// Devices with at least one failing check.
    pub failing_devices: u32,
    /// Devices of which something is unknown or stale and nothing fails.
    pub unknown_devices: u32,
}

fn summary(lang: Lang, view: &Overview) -> Markup {
    let settled = view.counts.met + view.counts.attested;
    let aside = view.counts.not_applicable;
    let judged = VerdictCounts {
        not_applicable: 0,
        ..view.counts
    };
    let tile = |verdict: Verdict| Tile {
        label: verdict_badge(lang, verdict),
        value: number(i64::from(view.counts.of(verdict))),
        unit: t!(lang, "overview.unit").into_owned(),
        note: html! {
            (text(lang, format!("overview.tile.{}", verdict.code()), &[]))
            @let findings = view.findings.of(verdict);
            @if findings > 0 {
                a class="tile-findings" href="/requirements?findings=1" {
                    (t!(lang, "overview.with_findings", n = findings))
                }
            }
        },
        href: Some(format!("/requirements?verdict={}", verdict.code())),
    };
    let list = [
        Verdict::NotMet,
        Verdict::Unknown,
        Verdict::Met,
        Verdict::Attested,
    ]
    .map(tile);
    html! {
        section class="summary" aria-label=(t!(lang, "overview.summary")) {
            div class="summary-ring" {
                (ring(lang, &judged, &number(i64::from(settled)), &format!("/ {}", number(i64::from(judged.total())))))
                p {
                    (t!(lang, "overview.settled"))
                    @if aside > 0 {
                        br; a class="muted" href="/requirements?verdict=not_applicable" { (t!(lang, "overview.settled_of", n = aside)) }
                    }
                }
            }
            (tiles(&list))
        }
    }
}

fn needs(frame: &Frame, view: &Overview) -> Markup {
    let lang = frame.lang;
    html! {
        section class="needs" aria-labelledby="needs" {
            h2 id="needs" { (t!(lang, "overview.needs")) }
            @if view.needs_total == 0 {
                (empty_state(&t!(lang, "overview.needs_none"), &t!(lang, "overview.needs_none_how")))
            } @else {
                ol class="need-list" {
                    @for need in &view.needs { (one_need(frame, need)) }
                    @if view.waiting > 0 { (waiting(lang, view.waiting)) }
                }
                @if view.needs_total as usize > view.needs.len() + usize::from(view.waiting > 0) {
                    p { a href="/requirements?open=1" { (t!(lang, "overview.needs_all", n = view.needs_total)) } }
                    @let menu = frame.counts.open_requirements;
                    @if menu != view.needs_total {
                        p class="small muted" { (t!(lang, "overview.needs_beside_menu", menu = menu, n = view.needs_total.saturating_sub(menu))) }
                    }
                }
            }
        }
    }
}

/// All rows that nothing can feed yet, as one item: nobody can act on them one by one.
fn waiting(lang: Lang, rows: u32) -> Markup {
    html! {
        li class="need need--unknown" {
            p class="need-head" { (verdict_badge(lang, Verdict::Unknown)) }
            p class="need-what" { a href="/requirements?waiting=1" { (t!(lang, "overview.waiting", n = rows)) } }
            p class="need-todo" { (t!(lang, "overview.waiting_how")) }
        }
    }
}

fn one_need(frame: &Frame, need: &Need) -> Markup {
    let lang = frame.lang;
    html! {
        li class={ "need need--" (if need.findings { "findings" } else { need.verdict.code() }) } {
            p class="need-head" {
                (row_badge(lang, need.verdict, need.findings))
                span class="code" { (need.requirement) }
                @if let Some(since) = need.since { span class="muted need-age" { (age(lang, since, frame.now)) } }
            }
            p class="need-what" { a href=(need.href) { (need.text.show(lang)) } }
            p class="need-why" { (need.reason) }
            p class="need-todo" { strong { (words::role(lang, need.owner)) } (t!(lang, "console.colon")) (need.next_step) }
        }
    }
}

/// Verdicts that have their column even where there is none of them.
const fn always(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::NotMet | Verdict::Unknown | Verdict::Met)
}

fn sections(frame: &Frame, view: &Overview) -> Markup {
    let lang = frame.lang;
    let name = Column::text(t!(lang, "overview.column.section"));
    let share = Column::text(t!(lang, "overview.column.share"));
    let evidence = Column::text(t!(lang, "overview.column.evidence"));
    let series: Vec<(Verdict, Column)> = Verdict::ALL
        .into_iter()
        .filter(|verdict| {
            let any = view.sections.iter().any(|row| row.counts.of(*verdict) > 0);
            always(*verdict) || any
        })
        .map(|verdict| {
            let label = text(lang, format!("overview.column.{}", verdict.code()), &[]);
            (verdict, Column::number(label))
        })
        .collect();
    let mut columns = vec![name.clone(), share.clone()];
    columns.extend(series.iter().map(|(_, column)| column.clone()));
    columns.push(evidence.clone());
    let rows: Vec<Vec<Markup>> = view
        .sections
        .iter()
        .map(|row| {
            let href = format!("/requirements?section={}", row.section.code());
            let mut cells = vec![
                row_header(&name, &html! { a href=(href) { (row.section.name(lang)) } }),
                cell(&share, &stacked_bar(lang, &row.counts)),
            ];
            cells.extend(series.iter().map(|(verdict, column)| {
                let n = row.counts.of(*verdict);
                let class = if n == 0 {
                    "zero".to_owned()
                } else {
                    format!("n--{}", verdict.code())
                };
                cell(
                    column,
                    &html! {
                        span class=(class) { (number(i64::from(n))) }
                        @let findings = row.findings.of(*verdict);
                        @if findings > 0 {
                            span class="n-note" { (t!(lang, "overview.of_these_findings", n = findings)) }
                        }
                    },
                )
            }));
            let when = row.evidence_at.map(|at| age(lang, at, frame.now));
            let none = html! { span class="muted" { (t!(lang, "overview.no_evidence")) } };
            cells.push(cell(&evidence, &when.unwrap_or(none)));
            cells
        })
        .collect();
    html! {
        section class="sections" aria-labelledby="sections" {
            h2 id="sections" { (t!(lang, "overview.sections")) }
            (table(&t!(lang, "overview.sections"), &columns, &rows))
        }
    }
}

fn devices(lang: Lang, view: &Overview) -> Markup {
    let machines = |n: u32| count(lang, u64::from(n), Counter::Machine);
    let sound = view
        .devices
        .saturating_sub(view.failing_devices + view.unknown_devices);
    let counts = VerdictCounts {
        met: sound,
        unknown: view.unknown_devices,
        not_met: view.failing_devices,
        ..VerdictCounts::default()
    };
    let link = |state: &str, outcome: Outcome, label: Cow<'static, str>| {
        html! {
            a href={ "/devices?state=" (state) } {
                span class={ "device-mark device-mark--" (state) } { (icon(Icon::from(outcome))) }
                (label)
            }
        }
    };
    html! {
        section class="devices-now" aria-labelledby="devices" {
            h2 id="devices" { (t!(lang, "overview.devices", all = machines(view.devices))) }
            (stacked_bar(lang, &counts))
            p class="device-line" {
                (link("sound", Outcome::Pass, t!(lang, "overview.devices_sound", n = machines(sound))))
                (link("unknown", Outcome::Unknown, t!(lang, "overview.devices_unknown", n = machines(view.unknown_devices))))
                (link("failing", Outcome::Fail, t!(lang, "overview.devices_failing", n = machines(view.failing_devices))))
            }
        }
    }
}

fn verdicts_over_time(lang: Lang, view: &Overview) -> Markup {
    html! {
        section aria-labelledby="trend" {
            h2 id="trend" { (t!(lang, "overview.trend")) }
            @if view.trend.iter().any(|day| day.counts.is_some()) {
                (trend(lang, &t!(lang, "overview.trend"), &view.trend))
            } @else {
                (empty_state(&t!(lang, "overview.trend_none"), &t!(lang, "overview.trend_none_how")))
            }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &Overview) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "overview.title");
    let source = text(
        lang,
        format!("overview.source.{}", view.profile.code()),
        &[],
    );
    let lead = html! {
        (source)
        span class="lead-line" {
            @if let Some(at) = view.assessed_at {
                (t!(lang, "overview.assessed")) (t!(lang, "console.colon")) (instant(lang, at))
            } @else { (t!(lang, "overview.not_assessed")) }
        }
    };
    let main = html! {
        (heading(&[], &html! { (title) }, &lead))
        (summary(lang, view))
        div class="split" {
            div class="column" { (verdicts_over_time(lang, view)) (devices(lang, view)) (sections(frame, view)) }
            (needs(frame, view))
        }
    };
    frame_page(frame, &title, &main)
}
