//! Reasons, from stable codes to sentences.

use std::borrow::Cow;

use sekisho_domain::code::{Param, Reason};
use sekisho_domain::time::Timestamp;

use crate::args::Arg;
use crate::catalogue::{contains, text};
use crate::lang::Lang;
use crate::when::day;

/// The sentence of a reason: `reason.<code>`.
#[must_use]
pub fn reason(lang: Lang, reason: &Reason) -> String {
    sentence(lang, "reason", reason)
}

/// What to do, as a sentence: `next.<code>`.
#[must_use]
pub fn next_step(lang: Lang, step: &Reason) -> String {
    sentence(lang, "next", step)
}

fn sentence(lang: Lang, family: &str, reason: &Reason) -> String {
    let args: Vec<(&str, Arg<'_>)> = reason
        .params
        .iter()
        .map(|(name, param)| (name.as_ref(), argument(lang, name, param)))
        .collect();
    text(lang, format!("{family}.{}", reason.code), &args).into_owned()
}

/// A parameter as people read it: codes by their word, days in the language's own way.
fn argument<'a>(lang: Lang, name: &str, param: &'a Param) -> Arg<'a> {
    match param {
        Param::Int(number) => Arg::Number(*number),
        Param::Time { at } => Arg::from(day(lang, *at)),
        Param::Text(value) => match word(lang, name, value) {
            Some(word) => Arg::Text(word),
            None if name == "until" || name == "ended" => Timestamp::parse(value)
                .map_or_else(|_| Arg::from(value), |at| Arg::from(day(lang, at))),
            None => Arg::from(value),
        },
    }
}

/// The word for a code, where a parameter is one; none where it is shown as it is.
#[must_use]
pub fn word(lang: Lang, name: &str, value: &str) -> Option<Cow<'static, str>> {
    let key = match name {
        "feed" => format!("common.feed.{value}"),
        "profile" => format!("common.profile.{value}"),
        "fact" => format!("fact.kind.{value}"),
        "cause" => format!("cause.{value}"),
        "register" => format!("register.{value}"),
        "role" => format!("common.role.{value}"),
        "kind" => format!("permits.kind.{value}"),
        "act" => format!("permits.act.{value}"),
        "of" => format!("permits.of.{value}"),
        // What an agent runs inside of; anything else a collector names is shown as it is.
        "what" => format!("fact.place.{value}"),
        "part" => return feed_part(lang, value),
        _ => return None,
    };
    contains(&key).then(|| text(lang, key, &[]))
}

/// What a part of a feed is called, with the release it is of (`debian_support_ended@bookworm`);
/// none for what is no part of a feed.
#[must_use]
pub fn feed_part(lang: Lang, part: &str) -> Option<Cow<'static, str>> {
    let (name, release) = match part.split_once('@') {
        Some((name, release)) => (name, Some(release)),
        None => (part, None),
    };
    let key = format!("common.feed_part.{name}");
    let name = contains(&key).then(|| text(lang, key, &[]))?;
    let Some(release) = release else {
        return Some(name);
    };
    let args = [("name", Arg::from(name)), ("release", Arg::from(release))];
    Some(text(lang, "common.feed_part.of_release", &args))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_agent_runs_inside_of_is_named_in_words() {
        let hidden = |what: &str| Reason::new("unseen.hidden").with("what", what);
        let said = reason(Lang::Ja, &hidden("sandbox"));
        assert!(said.starts_with("サンドボックスの中"), "{said}");
        let said = reason(Lang::En, &hidden("sandbox"));
        assert!(said.ends_with("from inside a sandbox."), "{said}");
        let said = reason(Lang::En, &hidden("/proc/1"));
        assert!(said.contains("/proc/1"), "{said}");
    }

    #[test]
    fn parts_of_feeds_were_named_by_their_codes() {
        let stale = Reason::new("feed.part-stale")
            .with("feed", "debian")
            .with("part", "debian_support_ended@bookworm")
            .with("days", 400_i64)
            .with("max", 7_i64);
        let said = reason(Lang::Ja, &stale);
        assert!(
            said.contains("サポート終了パッケージの一覧（bookworm）"),
            "{said}"
        );
        assert_eq!(feed_part(Lang::En, "xl/workbook.xml"), None);
    }

    #[test]
    fn kinds_of_permits_and_roles_were_shown_as_codes() {
        let none = Reason::new("permit.none").with("kind", "po");
        let said = reason(Lang::Ja, &none);
        assert!(said.contains("支給端末の持ち出し"), "{said}");
        assert_eq!(
            word(Lang::En, "role", "auditor").as_deref(),
            Some("Chief Information Security Auditor")
        );
        assert_eq!(word(Lang::En, "kind", "loss"), None);
    }

    #[test]
    fn parameters_are_put_in_as_people_read_them() {
        let supported = Reason::new("os.supported-until")
            .with("product", "Debian")
            .with("version", "12")
            .with("until", "2028-06-30");
        assert_eq!(
            reason(Lang::Ja, &supported),
            "Debian 12 は2028年6月30日（令和10年）までサポートされます。"
        );
        assert_eq!(
            reason(Lang::En, &supported),
            "Debian 12 is supported until 30 Jun 2028."
        );
        let missing = Reason::new("unseen.not-reported").with("fact", "screen_lock");
        assert_eq!(
            reason(Lang::Ja, &missing),
            "端末から「画面ロック」の報告がありません。"
        );
        assert_eq!(
            next_step(Lang::En, &Reason::new("attest")),
            "Check it and record an attestation."
        );
        assert_eq!(
            reason(Lang::En, &Reason::new("no.such")),
            "[reason.no.such]"
        );
    }
}
