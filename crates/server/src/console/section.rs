//! The sections of the notices.

use std::borrow::Cow;

use sekisho_messages::{Lang, text};

/// A section of the notices. The order is theirs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Front page and common references.
    FrontPage,
    /// 1: reassessment of risk.
    Risk,
    /// 2: rules.
    Rules,
    /// 3(1): issued devices.
    IssuedDevices,
    /// 3(2): BYOD.
    Byod,
    /// 3(3): internal lines and systems.
    Lines,
    /// 4: conference systems.
    Conference,
    /// 5: the promotion body.
    PromotionBody,
    /// 6: references of the notice to operators.
    References,
    /// The excerpt of the Unified Standards.
    UnifiedStandards,
}

impl Section {
    /// Every section in order.
    pub const ALL: [Self; 10] = [
        Self::FrontPage,
        Self::Risk,
        Self::Rules,
        Self::IssuedDevices,
        Self::Byod,
        Self::Lines,
        Self::Conference,
        Self::PromotionBody,
        Self::References,
        Self::UnifiedStandards,
    ];

    /// The stable code, also the value of `?section=`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FrontPage => "front_page",
            Self::Risk => "risk",
            Self::Rules => "rules",
            Self::IssuedDevices => "issued_devices",
            Self::Byod => "byod",
            Self::Lines => "lines",
            Self::Conference => "conference",
            Self::PromotionBody => "promotion_body",
            Self::References => "references",
            Self::UnifiedStandards => "unified_standards",
        }
    }

    /// The section of a code; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|section| section.code() == code)
    }

    /// The section that a requirement id stands in; none for ids of no notice.
    #[must_use]
    pub fn of(requirement: &str) -> Option<Self> {
        if requirement.starts_with("PUB-") {
            return Some(Self::FrontPage);
        }
        if requirement.starts_with("US-") {
            return Some(Self::UnifiedStandards);
        }
        let rest = requirement
            .strip_prefix("GOV-")
            .or_else(|| requirement.strip_prefix("CI-"))?;
        let found = [
            ("1-", Self::Risk),
            ("2-", Self::Rules),
            ("3-1-", Self::IssuedDevices),
            ("3-2-", Self::Byod),
            ("3-3-", Self::Lines),
            ("4-", Self::Conference),
            ("5-", Self::PromotionBody),
            ("6", Self::References),
        ];
        found
            .into_iter()
            .find(|(prefix, _)| rest.starts_with(prefix))
            .map(|(_, section)| section)
    }

    /// The section's name.
    #[must_use]
    pub fn name(self, lang: Lang) -> Cow<'static, str> {
        text(lang, format!("overview.section.{}", self.code()), &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_finds_its_section() {
        for (id, section) in [
            ("PUB-3", Some(Section::FrontPage)),
            ("GOV-1-a", Some(Section::Risk)),
            ("CI-2-e", Some(Section::Rules)),
            ("GOV-3-1-c", Some(Section::IssuedDevices)),
            ("CI-3-2-n", Some(Section::Byod)),
            ("GOV-3-3-e", Some(Section::Lines)),
            ("CI-4-0", Some(Section::Conference)),
            ("GOV-5-a", Some(Section::PromotionBody)),
            ("CI-6", Some(Section::References)),
            ("US-8.1.1-3-h-ア", Some(Section::UnifiedStandards)),
            ("X-1", None),
        ] {
            assert_eq!(Section::of(id), section, "{id}");
        }
    }
}
