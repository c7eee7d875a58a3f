//! Layouts: the columns of a register's table, with the words that people have for them.

use sekisho_domain::field::{Field, FieldKind};
use sekisho_domain::fold;

/// The column of an entry's id.
pub const ID: &str = "@id";
/// The column of the unit that answers for an entry.
pub const UNIT: &str = "@unit";

/// A word for a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The choice's code.
    pub code: String,
    /// The word that exports print.
    pub label: String,
    /// Every other word that is understood.
    pub others: Vec<String>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The field's code, [`ID`] or [`UNIT`].
    pub code: String,
    /// What it takes.
    pub kind: FieldKind,
    /// Whether it must hold something.
    pub required: bool,
    /// Whether it takes several values.
    pub many: bool,
    /// The heading that exports print.
    pub label: String,
    /// Every other heading that is understood.
    pub others: Vec<String>,
    /// The words for its choices.
    pub words: Vec<Word>,
}

impl Column {
    /// The column of a field.
    #[must_use]
    pub fn of(field: &Field, label: String, others: Vec<String>, words: Vec<Word>) -> Self {
        Self {
            code: field.code.to_owned(),
            kind: field.kind,
            required: field.required,
            many: field.many,
            label,
            others,
            words,
        }
    }

    /// Whether a heading, folded, is this column's own.
    fn is_own(&self, folded: &str) -> bool {
        fold::search(&self.label) == folded || folded.replace('_', "") == self.code.replace('_', "")
    }

    /// Whether a heading, folded, is another word for this column.
    fn is_also(&self, folded: &str) -> bool {
        self.others.iter().any(|name| fold::search(name) == folded)
    }
}

/// The columns of a table, in the order of the export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The name of the sheet that exports write.
    pub name: String,
    /// The columns.
    pub columns: Vec<Column>,
}

impl Layout {
    /// A column by its code.
    #[must_use]
    pub fn column(&self, code: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.code == code)
    }

    /// The column that a heading means: as a whole, without what stands in parentheses and marks of
    /// duty (`（必須）`, `※`, `*`), or by its last part under a merged heading. Another column's own
    /// heading goes before every other word.
    #[must_use]
    pub fn meant_by(&self, heading: &str) -> Option<&Column> {
        let whole = fold::search(heading);
        let bare = bare(&whole);
        let last = heading.rsplit('\n').next().map(fold::search);
        let find = |text: &str| {
            let own = self.columns.iter().find(|column| column.is_own(text));
            own.or_else(|| self.columns.iter().find(|column| column.is_also(text)))
        };
        find(&whole).or_else(|| find(&bare)).or_else(|| {
            let last = last?;
            find(&last).or_else(|| find(&self::bare(&last)))
        })
    }
}

/// A folded heading without parentheses and marks.
fn bare(folded: &str) -> String {
    let mut depth = 0_u32;
    let mut text = String::new();
    for c in folded.chars() {
        match c {
            '(' | '[' | '〔' | '【' => depth += 1,
            ')' | ']' | '〕' | '】' => depth = depth.saturating_sub(1),
            '※' | '*' | '●' | '○' | '■' | '◎' => {}
            c if depth == 0 => text.push(c),
            _ => {}
        }
    }
    for mark in ["必須", "任意"] {
        if let Some(rest) = text.strip_suffix(mark).filter(|rest| !rest.is_empty()) {
            text.truncate(rest.len());
        }
    }
    text
}
