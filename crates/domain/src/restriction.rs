//! Handling restrictions (取扱制限): what may not be done with information, or only by permission
//! (requirements.md 2.3).
//!
//! A restriction is a verb that is denied or needs permission, with a parameter. Duties read as
//! the denial of their neglect: 暗号化必須 denies leaving information unencrypted, 令和9年3月31日まで保存
//! denies discarding it before then. Which dimension of the grade it serves follows from the verb.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::field::{FieldFault, FieldKind, FieldType, Value};
use crate::role::Role;
use crate::time::parse_date;

/// Which dimension of the grade a restriction serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// 機密性.
    Confidentiality,
    /// 完全性.
    Integrity,
    /// 可用性.
    Availability,
}

crate::choice! {
    /// What is restricted.
    pub enum Verb {
        /// 複製.
        Copy = "copy",
        /// 配付.
        Distribute = "distribute",
        /// Leaving it unencrypted: 暗号化必須.
        LeaveUnencrypted = "leave_unencrypted",
        /// 転送.
        Forward = "forward",
        /// 再利用.
        Reuse = "reuse",
        /// 送信.
        Send = "send",
        /// Disclosing it to others than those concerned: 関係者限り.
        Disclose = "disclose",
        /// Printing.
        Print = "print",
        /// 書換.
        Rewrite = "rewrite",
        /// 削除.
        Delete = "delete",
        /// Discarding it before a day: ○○まで保存.
        Discard = "discard",
        /// Keeping it once its time is over: 保存期間満了後廃棄.
        KeepOn = "keep_on",
        /// Leaving it unrecovered for so many hours: ○○以内復旧.
        LeaveUnrecovered = "leave_unrecovered",
    }
}

impl Verb {
    /// The dimension it serves.
    #[must_use]
    pub const fn dimension(self) -> Dimension {
        match self {
            Self::Copy
            | Self::Distribute
            | Self::LeaveUnencrypted
            | Self::Forward
            | Self::Reuse
            | Self::Send
            | Self::Disclose
            | Self::Print
            | Self::KeepOn => Dimension::Confidentiality,
            Self::Rewrite | Self::Delete | Self::Discard => Dimension::Integrity,
            Self::LeaveUnrecovered => Dimension::Availability,
        }
    }
}

/// How far the verb is restricted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Force {
    /// Not at all: 禁止.
    Deny,
    /// Only by permission of this role: 要許可.
    PermitBy(Role),
}

/// Up to when or how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bound {
    /// Before a day in Japan.
    Until(Date),
    /// So many hours.
    Hours(u32),
}

/// One handling restriction, written `copy:deny`, `copy:by=diso`, `discard:deny:until=2027-03-31`,
/// `leave_unrecovered:deny:hours=3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Restriction {
    /// What is restricted.
    pub verb: Verb,
    /// How far.
    pub force: Force,
    /// Up to when or how much, where there is such a bound.
    pub bound: Option<Bound>,
}

/// The text is no handling restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a handling restriction")]
pub struct RestrictionError;

/// The words that documents carry, and what they mean.
const WORDS: &[(&str, Verb, Force)] = &[
    ("複製禁止", Verb::Copy, Force::Deny),
    ("複製要許可", Verb::Copy, Force::PermitBy(Role::Diso)),
    ("配付禁止", Verb::Distribute, Force::Deny),
    ("配付要許可", Verb::Distribute, Force::PermitBy(Role::Diso)),
    ("暗号化必須", Verb::LeaveUnencrypted, Force::Deny),
    ("転送禁止", Verb::Forward, Force::Deny),
    ("転送要許可", Verb::Forward, Force::PermitBy(Role::Diso)),
    ("再利用禁止", Verb::Reuse, Force::Deny),
    ("再利用要許可", Verb::Reuse, Force::PermitBy(Role::Diso)),
    ("送信禁止", Verb::Send, Force::Deny),
    ("送信要許可", Verb::Send, Force::PermitBy(Role::Diso)),
    ("関係者限り", Verb::Disclose, Force::Deny),
    ("印刷禁止", Verb::Print, Force::Deny),
    ("書換禁止", Verb::Rewrite, Force::Deny),
    ("書換要許可", Verb::Rewrite, Force::PermitBy(Role::Diso)),
    ("削除禁止", Verb::Delete, Force::Deny),
    ("削除要許可", Verb::Delete, Force::PermitBy(Role::Diso)),
    ("保存期間満了後廃棄", Verb::KeepOn, Force::Deny),
];

impl Restriction {
    /// Whether everything this restricts is restricted at least as far by another.
    #[must_use]
    pub fn is_covered_by(&self, other: &Self) -> bool {
        let force = other.force == Force::Deny || other.force == self.force;
        let bound = match (self.bound, other.bound) {
            (mine, theirs) if mine == theirs => true,
            (Some(_), None) => true,
            (Some(Bound::Until(mine)), Some(Bound::Until(theirs))) => mine <= theirs,
            (Some(Bound::Hours(mine)), Some(Bound::Hours(theirs))) => mine >= theirs,
            _ => false,
        };
        self.verb == other.verb && force && bound
    }

    /// The word that documents carry for exactly this, where there is one without a bound.
    #[must_use]
    pub fn document_word(&self) -> Option<&'static str> {
        let same = |(_, verb, force): &&(&str, Verb, Force)| {
            *verb == self.verb && *force == self.force && self.bound.is_none()
        };
        WORDS.iter().find(same).map(|(word, ..)| *word)
    }

    fn word(text: &str) -> Option<Self> {
        let plain = WORDS.iter().find(|(word, ..)| *word == text);
        if let Some((_, verb, force)) = plain {
            return Some(Self {
                verb: *verb,
                force: *force,
                bound: None,
            });
        }
        let bounded = |verb, bound| Self {
            verb,
            force: Force::Deny,
            bound: Some(bound),
        };
        if let Some(day) = text.strip_suffix("まで保存") {
            let day = parse_date(day).ok()?;
            return Some(bounded(Verb::Discard, Bound::Until(day)));
        }
        let hours = text.strip_suffix("時間以内復旧")?.parse().ok()?;
        Some(bounded(Verb::LeaveUnrecovered, Bound::Hours(hours)))
    }
}

impl fmt::Display for Restriction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb.code())?;
        match self.force {
            Force::Deny => f.write_str(":deny")?,
            Force::PermitBy(role) => write!(f, ":by={}", role.code())?,
        }
        match self.bound {
            None => Ok(()),
            Some(Bound::Until(day)) => write!(f, ":until={day}"),
            Some(Bound::Hours(hours)) => write!(f, ":hours={hours}"),
        }
    }
}

impl FromStr for Restriction {
    type Err = RestrictionError;

    /// Reads the stable form, or the words that documents carry (複製禁止, 令和9年3月31日まで保存).
    fn from_str(text: &str) -> Result<Self, RestrictionError> {
        let text = text.trim();
        if let Some(known) = Self::word(text) {
            return Ok(known);
        }
        let mut parts = text.split(':');
        let verb = parts.next().and_then(Verb::from_code);
        let force = match parts.next() {
            Some("deny") => Some(Force::Deny),
            Some(by) => by
                .strip_prefix("by=")
                .and_then(Role::from_code)
                .map(Force::PermitBy),
            None => None,
        };
        let bound = match parts.next() {
            None => None,
            Some(bound) => Some(read_bound(bound).ok_or(RestrictionError)?),
        };
        match (verb, force, parts.next()) {
            (Some(verb), Some(force), None) => Ok(Self { verb, force, bound }),
            _ => Err(RestrictionError),
        }
    }
}

fn read_bound(text: &str) -> Option<Bound> {
    if let Some(day) = text.strip_prefix("until=") {
        return parse_date(day).ok().map(Bound::Until);
    }
    let hours = text.strip_prefix("hours=")?.parse().ok()?;
    Some(Bound::Hours(hours))
}

impl TryFrom<String> for Restriction {
    type Error = RestrictionError;

    fn try_from(text: String) -> Result<Self, RestrictionError> {
        text.parse()
    }
}

impl From<Restriction> for String {
    fn from(restriction: Restriction) -> Self {
        restriction.to_string()
    }
}

impl FieldType for Restriction {
    const KIND: FieldKind = FieldKind::Restriction;
    const REQUIRED: bool = true;
    const MANY: bool = false;

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn read(value: &Value) -> Result<Self, FieldFault> {
        match value {
            Value::Text(text) => text.parse().map_err(|_| FieldFault::Form),
            Value::Empty => Err(FieldFault::Missing),
            _ => Err(FieldFault::Form),
        }
    }
}

/// The restrictions of a bundle: the union of those of its parts, without those that another
/// covers.
#[must_use]
pub fn union<'a>(all: impl IntoIterator<Item = &'a Restriction>) -> BTreeSet<Restriction> {
    let all: BTreeSet<Restriction> = all.into_iter().copied().collect();
    let covered = |one: &Restriction| {
        all.iter()
            .any(|other| other != one && one.is_covered_by(other))
    };
    all.iter().filter(|one| !covered(one)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Restriction {
        text.parse().unwrap()
    }

    #[test]
    fn the_words_of_documents_and_the_stable_form_mean_the_same() {
        let cases = [
            ("複製禁止", "copy:deny"),
            ("配付要許可", "distribute:by=diso"),
            ("暗号化必須", "leave_unencrypted:deny"),
            ("令和9年3月31日まで保存", "discard:deny:until=2027-03-31"),
            ("3時間以内復旧", "leave_unrecovered:deny:hours=3"),
            ("保存期間満了後廃棄", "keep_on:deny"),
        ];
        for (word, form) in cases {
            assert_eq!(read(word).to_string(), form);
            assert_eq!(read(form), read(word));
        }
        for (word, ..) in WORDS {
            assert_eq!(read(word).document_word(), Some(*word));
        }
        assert_eq!(read("copy:by=isso").document_word(), None);
        assert_eq!(read("copy:deny:hours=1").document_word(), None);
        for wrong in [
            "",
            "copy",
            "copy:maybe",
            "copy:by=nobody",
            "copy:deny:until=x",
            "copy:deny:hours=1:x",
            "禁止",
        ] {
            assert!(wrong.parse::<Restriction>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_restriction_of_the_vocabulary_survives_text() {
        for verb in Verb::ALL {
            for force in [Force::Deny, Force::PermitBy(Role::Isso)] {
                for bound in [
                    None,
                    Some(Bound::Hours(9)),
                    Some(Bound::Until(jiff::civil::date(2027, 3, 31))),
                ] {
                    let one = Restriction {
                        verb: *verb,
                        force,
                        bound,
                    };
                    assert_eq!(read(&one.to_string()), one);
                }
            }
        }
    }

    #[test]
    fn the_union_keeps_what_is_strictest() {
        let all = [
            "複製要許可",
            "複製禁止",
            "3時間以内復旧",
            "8時間以内復旧",
            "送信要許可",
            "send:by=isso",
        ]
        .map(read);
        let kept: Vec<String> = union(&all).iter().map(ToString::to_string).collect();
        // Two permissions of two roles are both needed.
        let expected = [
            "copy:deny",
            "send:by=diso",
            "send:by=isso",
            "leave_unrecovered:deny:hours=3",
        ];
        let mut expected: Vec<String> = expected.map(str::to_owned).to_vec();
        let mut kept = kept;
        expected.sort();
        kept.sort();
        assert_eq!(kept, expected);
        for one in all {
            assert!(union(&all).iter().any(|kept| one.is_covered_by(kept)));
        }
    }
}
