//! What a version of a rule says.

use serde::{Deserialize, Serialize};

use super::{Clause, ClauseNumber};
use crate::id::{PostId, UnitId};
use crate::name::Line;

/// Most clauses of a rule: the whole of it is one record.
pub const CLAUSES_MAX: usize = 300;
/// Most characters of all its clauses together.
pub const TEXT_MAX: usize = 100_000;

crate::noun! {
    /// What a rule says of itself.
    pub struct RuleHead {
        /// What it is called.
        pub title: Line,
        /// The same in English.
        pub title_en: Option<Line>,
        /// The post that answers for it.
        pub owner: PostId,
        /// Whether staff have to say that they have read it.
        pub acknowledge: bool,
        /// Whom it concerns: people of these units and those below; everyone where none is named.
        pub units: Vec<UnitId>,
        /// What was thought of in drawing it up.
        pub note: Option<Line>,
    }
}

/// All that a version says. One without clauses takes the rule out of force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleContent {
    /// Of itself.
    pub head: RuleHead,
    /// Its clauses, in the order printed.
    pub clauses: Vec<Clause>,
}

impl RuleContent {
    /// A clause by its number.
    #[must_use]
    pub fn clause(&self, number: ClauseNumber) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.number == number)
    }

    /// The highest number among its clauses; 0 where it has none.
    #[must_use]
    pub fn last_number(&self) -> u32 {
        let numbers = self.clauses.iter().map(|clause| clause.number.0.get());
        numbers.max().unwrap_or(0)
    }

    /// How many characters its clauses have together.
    #[must_use]
    pub fn length(&self) -> usize {
        let texts = self.clauses.iter();
        texts.map(|it| it.text.as_str().chars().count()).sum()
    }
}
