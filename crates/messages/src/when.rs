//! Dates, ages and counts as people in each country write them.

use sekisho_domain::time::{Era, Span, Timestamp};
use sekisho_domain::working_day::Calendar;

use crate::catalogue::text;
use crate::lang::Lang;
use crate::t;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

fn month(number: i8) -> &'static str {
    let index = usize::try_from(number - 1).unwrap_or(0);
    MONTHS.get(index).copied().unwrap_or("Jan")
}

/// A day in Japan: `2026年11月23日（令和8年）`, `23 Nov 2026`.
#[must_use]
pub fn day(lang: Lang, at: Timestamp) -> String {
    let day = at.jst_date();
    match lang {
        Lang::Ja => {
            let era = match Era::of(day) {
                Some((era, 1)) => format!("（{}元年）", era.kanji()),
                Some((era, year)) => format!("（{}{year}年）", era.kanji()),
                None => String::new(),
            };
            format!("{}年{}月{}日{era}", day.year(), day.month(), day.day())
        }
        Lang::En => format!("{} {} {}", day.day(), month(day.month()), day.year()),
    }
}

/// An instant in Japan Standard Time: `2026年11月23日（令和8年）10:15`, `23 Nov 2026 10:15 JST`.
#[must_use]
pub fn date(lang: Lang, at: Timestamp) -> String {
    let clock = at.jst().strftime("%H:%M").to_string();
    match lang {
        Lang::Ja => format!("{}{clock}", day(lang, at)),
        Lang::En => format!("{} {clock} JST", day(lang, at)),
    }
}

/// An instant where the year is plain from the context: `11月23日 10:15`, `23 Nov 10:15`.
#[must_use]
pub fn month_day(lang: Lang, at: Timestamp) -> String {
    let jst = at.jst();
    let clock = jst.strftime("%H:%M").to_string();
    match lang {
        Lang::Ja => format!("{}月{}日 {clock}", jst.month(), jst.day()),
        Lang::En => format!("{} {} {clock}", jst.day(), month(jst.month())),
    }
}

/// A length of time in its largest whole unit: `3分`, `2 hours`; under a minute `1分未満`.
#[must_use]
pub fn duration(lang: Lang, span: Span) -> String {
    let minutes = span.as_millis() / 60_000;
    match minutes {
        0 => t!(lang, "common.span.moment").into_owned(),
        1..60 => t!(lang, "common.span.minutes", n = minutes).into_owned(),
        60..2880 => t!(lang, "common.span.hours", n = minutes / 60).into_owned(),
        _ => t!(lang, "common.span.days", n = minutes / 1440).into_owned(),
    }
}

/// How long ago, or how far ahead, an instant is: `3分前`, `3 min ago`, `2日後`, `in 2 days`.
#[must_use]
pub fn age(lang: Lang, at: Timestamp, now: Timestamp) -> String {
    let (past, span) = if at <= now {
        (true, now.since(at))
    } else {
        (false, at.since(now))
    };
    if span < Span::minutes(1) {
        return t!(lang, "common.age.now").into_owned();
    }
    let span = duration(lang, span);
    if past {
        t!(lang, "common.age.past", span = span).into_owned()
    } else {
        t!(lang, "common.age.ahead", span = span).into_owned()
    }
}

/// The last day on which something is in time that is late from an instant on, and how many working
/// days are left: `2026年12月1日（令和8年）まで（あと2営業日）`, `by 1 Dec 2026 (2 working days left)`.
#[must_use]
pub fn deadline(lang: Lang, late: Timestamp, now: Timestamp, calendar: &Calendar<'_>) -> String {
    let last = day(lang, Timestamp::from_millis(late.as_millis() - 1));
    match calendar.left(now, late) {
        None => t!(lang, "working-day.late", day = last).into_owned(),
        Some(0) => t!(lang, "working-day.today", day = last).into_owned(),
        Some(n) => t!(lang, "working-day.left", day = last, n = n).into_owned(),
    }
}

/// What is counted, for the counter word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// Rows, permits, findings: 件.
    Item,
    /// Machines: 台.
    Machine,
    /// People: 人.
    Person,
}

/// A number with its counter word: `1,234件`, `12 devices`, `1 person`.
#[must_use]
pub fn count(lang: Lang, n: u64, of: Counter) -> String {
    let key = match of {
        Counter::Item => "common.count.item",
        Counter::Machine => "common.count.machine",
        Counter::Person => "common.count.person",
    };
    let shown = i64::try_from(n).unwrap_or(i64::MAX);
    text(lang, key, &[("n", shown.into())]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn dates_are_in_jst_with_the_era() {
        let when = at("2026-11-23T01:15:00Z");
        assert_eq!(date(Lang::Ja, when), "2026年11月23日（令和8年）10:15");
        assert_eq!(date(Lang::En, when), "23 Nov 2026 10:15 JST");
        assert_eq!(month_day(Lang::Ja, when), "11月23日 10:15");
        assert_eq!(month_day(Lang::En, when), "23 Nov 10:15");
        assert_eq!(day(Lang::Ja, at("2019-05-01")), "2019年5月1日（令和元年）");
        assert_eq!(day(Lang::Ja, at("2019-04-30")), "2019年4月30日（平成31年）");
    }

    #[test]
    fn ages_are_said_in_one_unit() {
        let now = at("2026-11-23T01:15:00Z");
        for (span, ja, en) in [
            (Span::seconds(59), "たった今", "just now"),
            (Span::minutes(3), "3分前", "3 min ago"),
            (Span::minutes(60), "1時間前", "1 hour ago"),
            (Span::hours(47), "47時間前", "47 hours ago"),
            (Span::hours(48), "2日前", "2 days ago"),
            (Span::days(1234), "1,234日前", "1,234 days ago"),
        ] {
            assert_eq!(age(Lang::Ja, now.before(span), now), ja);
            assert_eq!(age(Lang::En, now.before(span), now), en);
        }
        assert_eq!(age(Lang::Ja, now.after(Span::days(3)), now), "3日後");
        assert_eq!(age(Lang::En, now.after(Span::days(3)), now), "in 3 days");
    }

    #[test]
    fn a_deadline_says_what_is_left() {
        let calendar = Calendar::new(None);
        let said = |lang, now| deadline(lang, at("2026-12-02"), at(now), &calendar);
        assert_eq!(
            said(Lang::Ja, "2026-11-27"),
            "2026年12月1日（令和8年）まで（あと2営業日）"
        );
        assert_eq!(
            said(Lang::En, "2026-11-30"),
            "by 1 Dec 2026 (1 working day left)"
        );
        assert_eq!(
            said(Lang::Ja, "2026-12-01"),
            "2026年12月1日（令和8年）まで（本日）"
        );
        assert_eq!(said(Lang::En, "2026-12-02"), "was due by 1 Dec 2026");
    }

    #[test]
    fn counts_have_their_counter() {
        assert_eq!(count(Lang::Ja, 2000, Counter::Person), "2,000人");
        assert_eq!(count(Lang::En, 1, Counter::Person), "1 person");
        assert_eq!(count(Lang::En, 2, Counter::Item), "2 items");
    }
}
