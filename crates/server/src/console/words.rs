//! Names of domain values as people read them.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_domain::authorise::{Action, BOOTSTRAP, GRANTS};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::{Param, Reason};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::FactKind;
use sekisho_domain::profile::Profile;
use sekisho_domain::register::Register;
use sekisho_domain::requirement::Force;
use sekisho_domain::role::Role;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Arg, Lang, contains, feed_part, text};
use sekisho_rules::catalogue::{Document, Source};
use sekisho_rules::decide::{LaterCheck, Missing};

/// A text in the languages it exists in. English falls back to Japanese, marked as such.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Localised {
    /// In Japanese, or in the only form there is.
    pub ja: String,
    /// In English.
    pub en: Option<String>,
}

impl Localised {
    /// A text with both forms.
    #[must_use]
    pub fn both(ja: &str, en: &str) -> Self {
        Self {
            ja: ja.to_owned(),
            en: Some(en.to_owned()),
        }
    }

    /// The form for a language.
    #[must_use]
    pub fn get(&self, lang: Lang) -> &str {
        match (lang, &self.en) {
            (Lang::En, Some(en)) => en,
            _ => &self.ja,
        }
    }

    /// The form for a language, marked with `lang` where it is not in that language.
    #[must_use]
    pub fn show(&self, lang: Lang) -> Markup {
        match (lang, &self.en) {
            (Lang::Ja, _) => html! { (self.ja) },
            (Lang::En, Some(en)) => html! { (en) },
            (Lang::En, None) => html! { span lang="ja" { (self.ja) } },
        }
    }
}

/// What is missing, as the rule says; of a permit that is there for a named part alone, that.
#[must_use]
pub fn missing(lang: Lang, it: &Missing) -> Cow<'_, str> {
    match lang {
        _ if it.is_of_part() => text(lang, "access.one-part", &[]),
        Lang::Ja => Cow::Borrowed(&it.rule.ja),
        Lang::En => Cow::Borrowed(&it.rule.en),
    }
}

/// What an action is called.
#[must_use]
pub fn action(lang: Lang, action: Action) -> Cow<'static, str> {
    text(lang, format!("console.action.{}", action.code()), &[])
}

/// The roles that may do something, in words.
#[must_use]
pub fn who_may(lang: Lang, action: Action) -> String {
    let mut roles: Vec<Role> = GRANTS
        .iter()
        .filter(|grant| grant.action == action)
        .map(|grant| grant.role)
        .collect();
    roles.sort_unstable();
    roles.dedup();
    let mut names: Vec<String> = roles
        .into_iter()
        .map(|one| role(lang, one).into_owned())
        .collect();
    if BOOTSTRAP.contains(&action) {
        names.push(text(lang, "console.bootstrap_officer", &[]).into_owned());
    }
    if names.is_empty() {
        names.push(text(lang, "common.role.operator", &[]).into_owned());
    }
    let separator = match lang {
        Lang::Ja => "、",
        Lang::En => ", ",
    };
    names.join(separator)
}

/// The word for a verdict.
#[must_use]
pub fn verdict(lang: Lang, verdict: Verdict) -> Cow<'static, str> {
    text(lang, format!("common.verdict.{}", verdict.code()), &[])
}

/// The word for the outcome of a check.
#[must_use]
pub fn outcome(lang: Lang, outcome: Outcome) -> Cow<'static, str> {
    text(lang, format!("common.outcome.{}", outcome.code()), &[])
}

/// The term for a role.
#[must_use]
pub fn role(lang: Lang, role: Role) -> Cow<'static, str> {
    text(lang, format!("common.role.{}", role.code()), &[])
}

/// The word for the force of a row.
#[must_use]
pub fn force(lang: Lang, force: Force) -> Cow<'static, str> {
    text(lang, format!("common.force.{}", force.code()), &[])
}

/// The name of a profile.
#[must_use]
pub fn profile(lang: Lang, profile: Profile) -> Cow<'static, str> {
    text(lang, format!("common.profile.{}", profile.code()), &[])
}

/// The name of a check of a device.
#[must_use]
pub fn check(lang: Lang, check: DeviceCheck) -> Cow<'static, str> {
    text(lang, format!("device.check.{}", check.code()), &[])
}

/// The name of what is to become a check of the inspection.
#[must_use]
pub fn later_check(lang: Lang, check: LaterCheck) -> Cow<'static, str> {
    text(lang, format!("inside.later.{}", check.code()), &[])
}

/// That such a thing is not part of the list yet, and what follows from that.
#[must_use]
pub fn later_check_state(lang: Lang) -> String {
    text(lang, "inside.not_yet_how", &[]).into_owned()
}

/// The name of a class of device.
#[must_use]
pub fn class(lang: Lang, class: DeviceClass) -> Cow<'static, str> {
    text(lang, format!("device.class.{}", class.code()), &[])
}

/// The name of a kind of fact.
#[must_use]
pub fn fact_kind(lang: Lang, kind: FactKind) -> Cow<'static, str> {
    text(lang, format!("fact.kind.{}", kind.code()), &[])
}

/// The name of a register or check that carries a row; its code where it has no name.
#[must_use]
pub fn carrier(lang: Lang, code: &str) -> Cow<'static, str> {
    let key = format!("requirement.carrier.{code}");
    if contains(&key) {
        text(lang, key, &[])
    } else {
        Cow::Owned(code.to_owned())
    }
}

/// Names in one line.
#[must_use]
pub fn list(lang: Lang, names: impl IntoIterator<Item = Cow<'static, str>>) -> String {
    let separator = match lang {
        Lang::Ja => "、",
        Lang::En => ", ",
    };
    names.into_iter().collect::<Vec<_>>().join(separator)
}

/// The names of the registers and checks whose codes stand in a reason's parameter.
#[must_use]
pub fn carriers(lang: Lang, codes: &str) -> String {
    list(lang, codes.split(", ").map(|code| carrier(lang, code)))
}

/// The code of the reason of rows that nothing can feed yet.
pub const NOT_YET: &str = "carrier.not-yet";

/// The names of what use is measured by, of their codes.
fn feeds(lang: Lang, codes: &str) -> String {
    let name = |code| text(lang, format!("plan.feed.{code}"), &[]);
    list(lang, codes.split(", ").map(name))
}

/// A reason as a sentence, with registers and checks by their names.
#[must_use]
pub fn reason(lang: Lang, reason: &Reason) -> String {
    match reason.params.get("carrier") {
        Some(Param::Text(codes)) if reason.code == NOT_YET => {
            let names = carriers(lang, codes);
            sekisho_messages::reason(lang, &Reason::new(NOT_YET).with("carrier", names))
        }
        _ => match reason.params.get("feeds") {
            Some(Param::Text(codes)) => {
                let reason = reason.clone().with("feeds", feeds(lang, codes));
                sekisho_messages::reason(lang, &reason)
            }
            _ => sekisho_messages::reason(lang, reason),
        },
    }
}

/// Where a row comes from: the document and the place in it.
#[must_use]
pub fn source(lang: Lang, source: &Source) -> String {
    let document = match source.document {
        Document::FrontPage => "front_page",
        Document::Gov => "gov",
        Document::Ci => "ci",
        Document::Clauses => "clauses",
    };
    let name = text(lang, format!("requirement.document.{document}"), &[]);
    // The catalogue sets a space before the bracket; in print there is none.
    format!("{name} {}", source.clause.replace(" (", "("))
}

/// A source of evidence by its name, and what tells it from others of that name.
#[must_use]
pub fn evidence_source(lang: Lang, code: &str) -> (Cow<'static, str>, Option<String>) {
    let (kind, what) = code.split_once(':').unwrap_or(("", code));
    if let ("check", Some(known)) = (kind, DeviceCheck::from_code(what)) {
        return (check(lang, known), None);
    }
    if let ("declaration", Some(known)) = (kind, DeviceCheck::from_code(what)) {
        let told = text(lang, "requirement.evidence_source.declared", &[]);
        return (check(lang, known), Some(told.into_owned()));
    }
    if let ("register", Some(known)) = (kind, Register::from_code(what)) {
        return (text(lang, known.name_key(), &[]), None);
    }
    let (name, rest) = match kind {
        "feed" => {
            let (feed, data) = what.split_once('/').unwrap_or((what, ""));
            let more = (!data.is_empty() && data != feed)
                .then(|| feed_part(lang, data).map_or_else(|| data.to_owned(), Cow::into_owned));
            (format!("common.feed.{feed}"), more)
        }
        "plan" => {
            let (what, beside) = what.split_once('/').unwrap_or((what, ""));
            let more = (!beside.is_empty()).then(|| {
                let names = [("feeds", Arg::from(feeds(lang, beside)))];
                text(lang, "requirement.evidence_source.not-watched", &names).into_owned()
            });
            (format!("requirement.evidence_source.plan.{what}"), more)
        }
        "attestation" => (
            "requirement.part.attestation".to_owned(),
            Some(what.to_owned()),
        ),
        _ => (format!("requirement.evidence_source.{kind}.{what}"), None),
    };
    if contains(&name) {
        (text(lang, name, &[]), rest)
    } else {
        (Cow::Owned(code.to_owned()), None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_name() {
        for action in Action::ALL {
            let key = format!("console.action.{}", action.code());
            assert!(contains(&key), "{key}");
        }
    }

    #[test]
    fn every_carrier_of_the_catalogue_has_its_name() {
        let catalogue = sekisho_rules::catalogue::Catalogue::builtin().unwrap();
        for row in catalogue.rows() {
            for code in &row.carried_by {
                for lang in Lang::ALL {
                    assert_ne!(carrier(lang, code), code.as_str(), "{}", row.id);
                }
            }
        }
    }

    #[test]
    fn a_reason_names_the_carriers_it_waits_for() {
        let waiting = Reason::new(NOT_YET).with("carrier", "PLAN, CK-TRG-VOLUME");
        let said = reason(Lang::En, &waiting);
        assert!(said.contains("Telework plan, Growth in volume"), "{said}");
        assert!(!said.contains("CK-"), "{said}");
    }

    #[test]
    fn sources_of_evidence_have_names() {
        let cases = [
            ("check:security_updates", "Security updates applied", None),
            (
                "feed:debian/debian_changelogs",
                "Debian security data",
                Some("changelogs of packages"),
            ),
            (
                "feed:kev/kev",
                "Known exploited vulnerabilities (CISA KEV)",
                None,
            ),
            ("register:appointments", "Register of appointments", None),
            ("register:medium", "Removable media", None),
            ("services:logs", "Logs of resolvers and proxies", None),
            (
                "services:used",
                "Last use of the conference tools, by the logs",
                None,
            ),
            ("plan:evaluation", "Evaluation of use", None),
            (
                "plan:evaluation/detections",
                "Evaluation of use",
                Some("not yet part of what is watched: Detections of attacks"),
            ),
            ("unheard:of", "unheard:of", None),
        ];
        for (code, name, detail) in cases {
            let found = evidence_source(Lang::En, code);
            assert_eq!(
                (found.0.as_ref(), found.1.as_deref()),
                (name, detail),
                "{code}"
            );
        }
    }

    #[test]
    fn every_value_of_the_domain_has_its_word() {
        let mut words: Vec<Cow<'static, str>> = Vec::new();
        for lang in Lang::ALL {
            words.extend(Verdict::ALL.map(|v| verdict(lang, v)));
            words.extend(Role::ALL.map(|r| role(lang, r)));
            words.extend(Profile::ALL.map(|p| profile(lang, p)));
            words.extend(DeviceCheck::ALL.map(|c| check(lang, c)));
            words.extend(FactKind::ALL.map(|k| fact_kind(lang, k)));
            words.extend([DeviceClass::Issued, DeviceClass::Byod].map(|c| class(lang, c)));
            words
                .extend([Outcome::Pass, Outcome::Fail, Outcome::Unknown].map(|o| outcome(lang, o)));
            let forces = [Force::M, Force::N, Force::I, Force::E, Force::S, Force::G];
            words.extend(forces.map(|f| force(lang, f)));
        }
        let missing: Vec<_> = words.iter().filter(|word| word.starts_with('[')).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
