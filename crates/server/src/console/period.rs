//! What a row that asks to confirm was confirmed over.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Finding, PeriodStart};
use sekisho_messages::{Lang, t};

use super::components::{definitions, instant};

/// The period of a confirmation and what was found in it.
#[derive(Clone, Copy, Debug)]
pub struct PeriodView {
    /// Whether it starts with the owner's last word, or so many days back.
    pub start: PeriodStart,
    /// Its first instant.
    pub from: Timestamp,
    /// Its last.
    pub to: Timestamp,
    /// Subjects that fail at its end.
    pub failing: u32,
    /// Subjects that failed within it and do not at its end.
    pub failed_within: u32,
    /// The longest stretch without evidence, in days; 0 where there was none.
    pub longest_unobserved_days: u32,
}

impl PeriodView {
    /// The period of a finding made at an instant; none where the record holds none.
    #[must_use]
    pub fn of(finding: &Finding, at: Timestamp) -> Option<Self> {
        let period = finding.period?;
        Some(Self {
            start: period.start,
            from: period.start.from(at),
            to: at,
            failing: finding.counts.fail,
            failed_within: period.failed_within,
            longest_unobserved_days: period.longest_unobserved_days,
        })
    }
}

/// From when to when, and the three counts.
pub(super) fn section(lang: Lang, period: &PeriodView) -> Markup {
    let why = match period.start {
        PeriodStart::Attested(_) => t!(lang, "period.since_word"),
        PeriodStart::LastDays(days) => t!(lang, "period.last_days", n = days),
    };
    let devices = |n: u32| html! { (t!(lang, "period.devices", n = n)) };
    let longest = match period.longest_unobserved_days {
        0 => html! { (t!(lang, "period.no_gap")) },
        days => html! { (t!(lang, "period.days", n = days)) },
    };
    let list = [
        (
            t!(lang, "period.span"),
            html! {
                (instant(lang, period.from)) " – " (instant(lang, period.to))
                p class="small muted" { (why) }
            },
        ),
        (t!(lang, "period.failing"), devices(period.failing)),
        (
            t!(lang, "period.failed_within"),
            devices(period.failed_within),
        ),
        (t!(lang, "period.longest"), longest),
    ];
    html! {
        section class="period" {
            h2 { (t!(lang, "period.title")) }
            (definitions(&list))
        }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::time::Span;
    use sekisho_domain::verdict::{Counts, Period};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

    #[test]
    fn the_section_says_from_when_to_when_and_what_was_found() {
        let finding = Finding {
            counts: Counts {
                fail: 31,
                ..Counts::default()
            },
            reason: None,
            period: Some(Period {
                start: PeriodStart::LastDays(28),
                failed_within: 17,
                longest_unobserved_days: 9,
            }),
        };
        let view = PeriodView::of(&finding, NOW).expect("a period");
        assert_eq!(view.from, NOW.before(Span::days(28)));
        for lang in [Lang::Ja, Lang::En] {
            let page = section(lang, &view).into_string();
            for part in [
                "31",
                "17",
                "9",
                "28",
                &view.from.to_rfc3339(),
                &NOW.to_rfc3339(),
            ] {
                assert!(page.contains(part), "{part} in {page}");
            }
        }
    }

    #[test]
    fn a_record_from_before_periods_has_none() {
        let finding = Finding {
            counts: Counts::default(),
            reason: None,
            period: None,
        };
        assert!(PeriodView::of(&finding, NOW).is_none());
    }
}
