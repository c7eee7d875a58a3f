//! Handling restrictions (取扱制限) as people read and write them.

use sekisho_domain::restriction::{Bound, Force, Restriction, Verb};
use sekisho_messages::{Lang, text};

use super::super::words::role;
use super::date::civil_day;

/// A stored restriction in words.
pub(super) fn words(lang: Lang, stored: &str) -> String {
    let Ok(restriction) = stored.parse::<Restriction>() else {
        return stored.to_owned();
    };
    let own = |bound: Bound| match (restriction.verb, restriction.force, bound) {
        (Verb::Discard, Force::Deny, Bound::Until(_)) => Some("restriction.kept_until"),
        (Verb::LeaveUnrecovered, Force::Deny, Bound::Hours(_)) => {
            Some("restriction.recovered_within")
        }
        _ => None,
    };
    let Some(bound) = restriction.bound else {
        return unbounded(lang, &restriction);
    };
    let what = unbounded(lang, &restriction);
    match bound {
        Bound::Until(day) => {
            let key = own(bound).unwrap_or("restriction.until");
            let day = civil_day(lang, &day.to_string());
            text(lang, key, &[("what", what.into()), ("day", day.into())]).into_owned()
        }
        Bound::Hours(hours) => {
            let key = own(bound).unwrap_or("restriction.within");
            text(lang, key, &[("what", what.into()), ("hours", hours.into())]).into_owned()
        }
    }
}

/// A restriction in words.
#[must_use]
pub fn restriction_words(lang: Lang, restriction: &Restriction) -> String {
    words(lang, &restriction.to_string())
}

fn unbounded(lang: Lang, restriction: &Restriction) -> String {
    let verb = restriction.verb.code();
    match restriction.force {
        Force::Deny => text(lang, format!("restriction.{verb}.deny"), &[]).into_owned(),
        Force::PermitBy(by) => {
            let by = role(lang, by);
            text(
                lang,
                format!("restriction.{verb}.by"),
                &[("role", by.into())],
            )
            .into_owned()
        }
    }
}

/// A stored restriction as it is entered: the word that documents carry, where there is one.
pub(super) fn written(stored: &str) -> String {
    let known: Option<Restriction> = stored.parse().ok();
    let word = known.and_then(|it| it.document_word());
    word.unwrap_or(stored).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restrictions_are_told_in_words() {
        let cases = [
            ("copy:deny", "複製禁止", "No copying"),
            (
                "discard:deny:until=2027-03-31",
                "2027年3月31日（令和9年）まで保存",
                "Keep until 31 Mar 2027",
            ),
            (
                "leave_unrecovered:deny:hours=3",
                "3時間以内復旧",
                "Recover within 3 hours",
            ),
            (
                "copy:deny:hours=3",
                "複製禁止（3時間以内）",
                "No copying (within 3 hours)",
            ),
        ];
        for (stored, ja, en) in cases {
            assert_eq!(words(Lang::Ja, stored), ja);
            assert_eq!(words(Lang::En, stored), en);
        }
        assert_eq!(
            words(Lang::Ja, "send:by=diso"),
            "送信は課室情報セキュリティ責任者の許可が必要"
        );
        assert_eq!(written("copy:deny"), "複製禁止");
        assert_eq!(written("send:by=isso"), "send:by=isso");
    }
}
