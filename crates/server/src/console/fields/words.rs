//! The words of a noun and its fields.

use std::borrow::Cow;

use sekisho_messages::{Lang, contains, text};

/// Where the words of a noun are found: `register` and `medium` for `register.medium.serial`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The area of the catalogue: `register` or `permit`.
    pub area: &'static str,
    /// The code of the noun in that area.
    pub noun: &'static str,
}

impl Words {
    /// The words of a register's entries.
    #[must_use]
    pub const fn register(noun: &'static str) -> Self {
        Self {
            area: "register",
            noun,
        }
    }

    /// The words of a kind of permit.
    #[must_use]
    pub const fn permit(kind: &'static str) -> Self {
        Self {
            area: "permit",
            noun: kind,
        }
    }

    /// The key of something about the noun. What several nouns of an area have in common stands once,
    /// under `any`.
    fn key(self, rest: &str) -> String {
        let key = |noun: &str| match self.area {
            "permit" => format!("permit.{noun}.{rest}"),
            _ => format!("register.{noun}.{rest}"),
        };
        let own = key(self.noun);
        if contains(&own) { own } else { key("any") }
    }

    fn optional(lang: Lang, key: String) -> Option<Cow<'static, str>> {
        contains(&key).then(|| text(lang, key, &[]))
    }

    fn of_noun(self, lang: Lang, what: &str) -> Cow<'static, str> {
        let key = match self.area {
            "permit" => format!("permit.{}_{what}", self.noun),
            _ => format!("register.{}_{what}", self.noun),
        };
        text(lang, key, &[])
    }

    /// What the noun is for.
    #[must_use]
    pub fn lead(self, lang: Lang) -> Cow<'static, str> {
        self.of_noun(lang, "lead")
    }

    /// What is said where there is none yet.
    #[must_use]
    pub fn empty(self, lang: Lang) -> Cow<'static, str> {
        self.of_noun(lang, "empty")
    }

    /// What is done to enter one.
    #[must_use]
    pub fn to_enter(self, lang: Lang) -> Cow<'static, str> {
        self.of_noun(lang, "add")
    }

    /// What is asked for in words.
    #[must_use]
    pub fn account(self, lang: Lang) -> Cow<'static, str> {
        self.of_noun(lang, "account")
    }

    /// The label of a field.
    #[must_use]
    pub fn label(self, lang: Lang, field: &str) -> Cow<'static, str> {
        text(lang, self.key(field), &[])
    }

    /// How a field is filled in, where the label does not say it.
    #[must_use]
    pub fn help(self, lang: Lang, field: &str) -> Option<Cow<'static, str>> {
        Self::optional(lang, self.key(&format!("{field}_help")))
    }

    /// The name of a choice.
    #[must_use]
    pub fn choice(self, lang: Lang, field: &str, code: &str) -> Cow<'static, str> {
        text(lang, self.key(&format!("{field}.{code}")), &[])
    }

    /// What a choice means, where its name does not say it.
    #[must_use]
    pub fn choice_help(self, lang: Lang, field: &str, code: &str) -> Option<Cow<'static, str>> {
        Self::optional(lang, self.key(&format!("{field}.{code}_help")))
    }
}
