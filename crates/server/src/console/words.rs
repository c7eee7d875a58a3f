//! Names of domain values as people read them.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::fact::FactKind;
use sekisho_domain::profile::Profile;
use sekisho_domain::requirement::Force;
use sekisho_domain::role::Role;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Lang, text};

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

#[cfg(test)]
mod tests {
    use super::*;

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
