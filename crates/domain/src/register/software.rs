//! The lists of software (7.1.1(1)(b)): allowed, forbidden, allowed under conditions.

use jiff::civil::Date;

use super::{Fault, RegisterNoun};
use crate::name::Line;

crate::choice! {
    /// Which list software stands on.
    pub enum SoftwareList {
        /// 利用を認めるソフトウェア.
        Allow = "allow",
        /// 利用を禁止するソフトウェア.
        Deny = "deny",
        /// Allowed under conditions.
        Conditional = "conditional",
    }
}

crate::noun! {
    /// An entry of the lists of software.
    pub struct Software {
        /// Its name.
        pub name: Line,
        /// Who makes it.
        pub publisher: Option<Line>,
        /// Which versions are meant, in words; all where nothing stands.
        pub versions: Option<Line>,
        /// Names of the packages or programs by which devices report it.
        pub packages: Vec<Line>,
        /// The list.
        pub list: SoftwareList,
        /// Under which condition.
        pub condition: Option<Line>,
        /// For which work.
        pub purpose: Option<Line>,
        /// When the entry is to be looked at again.
        pub review_by: Option<Date>,
    }
}

impl RegisterNoun for Software {
    const KEYS: &'static [&'static str] = &["name"];

    fn fault(&self) -> Option<Fault> {
        (self.list == SoftwareList::Conditional && self.condition.is_none())
            .then(|| Fault::new("software.no-condition", "condition"))
    }

    /// The same name may stand for other versions, so both together are the key.
    fn key(&self, field: &str) -> Option<String> {
        let versions = self.versions.as_ref().map_or("", Line::as_str);
        (field == "name").then(|| format!("{}\u{1f}{versions}", self.name.as_str()))
    }
}
