//! The items of checklists, as the organisation loads them from a copy of its own. How each is answered
//! stands in [`checklist`](crate::checklist).
//!
//! JNSA published its list (「緊急事態宣言解除後のセキュリティ・チェックリスト」, 19 May 2020) in four
//! viewpoints. The form has those four; the texts of the items are JNSA's and come from the
//! organisation's copy.

use jiff::civil::Date;

use super::{Fault, RegisterNoun};
use crate::name::Line;

crate::choice! {
    /// The chapter that an item stands in: the four of JNSA's list, or one of another list.
    pub enum Chapter {
        /// Restarting systems that had been stopped.
        Restarting = "restarting",
        /// Joining devices that had been outside to the internal network.
        Joining = "joining",
        /// Tasks and rules that were changed as emergency measures.
        Emergency = "emergency",
        /// Work and security in the time that follows.
        Onward = "onward",
        /// A chapter of another list.
        Other = "other",
    }
}

impl Chapter {
    /// The four of JNSA's list, in its order.
    pub const JNSA: [Self; 4] = [
        Self::Restarting,
        Self::Joining,
        Self::Emergency,
        Self::Onward,
    ];

    /// Whether it is of JNSA's list.
    #[must_use]
    pub fn is_jnsa(self) -> bool {
        self != Self::Other
    }
}

crate::noun! {
    /// An item of a checklist.
    pub struct ChecklistItem {
        /// The list that it is of.
        pub list: Line,
        /// The day of the list's edition.
        pub edition: Date,
        /// Where the copy came from.
        pub source: Option<Line>,
        /// The chapter.
        pub chapter: Chapter,
        /// What the chapter of another list is called.
        pub heading: Option<Line>,
        /// The item's number in its list.
        pub number: Line,
        /// What it asks.
        pub text: Line,
    }
}

impl RegisterNoun for ChecklistItem {
    const KEYS: &'static [&'static str] = &["number"];

    fn fault(&self) -> Option<Fault> {
        (self.chapter == Chapter::Other && self.heading.is_none())
            .then(|| Fault::new("checklist.no-heading", "heading"))
    }

    /// Numbers are of their list.
    fn key(&self, field: &str) -> Option<String> {
        (field == "number").then(|| format!("{}\u{1f}{}", self.list.as_str(), self.number.as_str()))
    }
}
