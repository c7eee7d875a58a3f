//! What a table is of: a register of things, the organisation's units, posts or people, or a list of
//! personnel moves. Shell, pages, API, help and messages ask this one type.

use sekisho_domain::authorise::Action;
use sekisho_domain::command::{IMPORT_MAX, MOVES_MAX, ROSTER_MAX};
use sekisho_domain::field::{Field, FieldKind};
use sekisho_domain::id::{PersonId, PostId, UnitId};
use sekisho_domain::moves::MoveKind;
use sekisho_domain::register::Register;
use sekisho_domain::role::Role;

/// What a table is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TableOf {
    /// The entries of a register.
    Register(Register),
    /// The organisation's units.
    Units,
    /// Posts.
    Posts,
    /// People.
    People,
    /// The lines of a list of personnel moves, which is read and never written out.
    Moves,
}

const fn line(code: &'static str, required: bool) -> Field {
    Field::new(code, FieldKind::Line, required, false)
}

const fn unit(required: bool) -> Field {
    Field::new(
        "unit",
        FieldKind::Reference(UnitId::PREFIX),
        required,
        false,
    )
}

const UNITS: &[Field] = &[
    line("name_ja", true),
    line("name_kana", false),
    line("name_en", false),
    // The unit above may be a new one of the same file, so it is looked up when all rows are read.
    line("parent", false),
];

const POSTS: &[Field] = &[
    unit(true),
    line("title_ja", true),
    line("title_kana", false),
    line("title_en", false),
    Field::new("roles", FieldKind::Choice(&Role::CODES), true, true),
];

const PEOPLE: &[Field] = &[
    line("name_ja", true),
    line("name_kana", false),
    line("name_en", false),
    line("mail", false),
    unit(true),
    Field::new("posts", FieldKind::Reference(PostId::PREFIX), false, true),
];

const MOVES: &[Field] = &[
    Field::new("kind", FieldKind::Choice(MoveKind::CODES), true, false),
    Field::new(
        "person",
        FieldKind::Reference(PersonId::PREFIX),
        true,
        false,
    ),
    // Posts may be named by their titles alone, which mean something beside the person and the unit.
    line("from", false),
    line("to", false),
    unit(false),
    Field::new("on", FieldKind::Date, false, false),
];

impl TableOf {
    /// What is no register of things.
    pub const ORGANISATION: [Self; 4] = [Self::Units, Self::Posts, Self::People, Self::Moves];

    /// Everything that a table can be of, in the order shown.
    pub fn all() -> impl Iterator<Item = Self> {
        let registers = Register::ALL.iter().copied().map(Self::Register);
        registers.chain(Self::ORGANISATION)
    }

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Register(register) => register.code(),
            Self::Units => "unit",
            Self::Posts => "post",
            Self::People => "person",
            Self::Moves => "moves",
        }
    }

    /// What a code means; none for unknown codes.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|it| it.code() == code)
    }

    /// The key of the name among the messages.
    #[must_use]
    pub fn name_key(self) -> String {
        match self {
            Self::Register(register) => register.name_key(),
            other => format!("tables.of.{}", other.code()),
        }
    }

    /// The key of a field's label among the messages.
    #[must_use]
    pub fn field_key(self, field: &str) -> String {
        format!("register.{}.{field}", self.code())
    }

    /// The key of the word for one of a field's choices among the messages.
    #[must_use]
    pub fn choice_key(self, field: &str, choice: &str) -> String {
        format!("register.{}.{field}.{choice}", self.code())
    }

    /// The columns besides those that every register has.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Register(register) => register.fields(),
            Self::Units => UNITS,
            Self::Posts => POSTS,
            Self::People => PEOPLE,
            Self::Moves => MOVES,
        }
    }

    /// The prefix of the ids that rows may carry; lines of moves have none.
    #[must_use]
    pub const fn prefix(self) -> Option<&'static str> {
        match self {
            Self::Register(register) => Some(register.prefix()),
            Self::Units => Some(UnitId::PREFIX),
            Self::Posts => Some(PostId::PREFIX),
            Self::People => Some(PersonId::PREFIX),
            Self::Moves => None,
        }
    }

    /// What whoever brings such a table in must be allowed to do.
    #[must_use]
    pub const fn keep(self) -> Action {
        match self {
            Self::Register(register) => register.keep(),
            Self::Units => Action::FoundUnit,
            Self::Posts => Action::CreatePost,
            Self::People => Action::RegisterPerson,
            Self::Moves => Action::AcceptMoves,
        }
    }

    /// What whoever takes such a table out must be allowed to do.
    #[must_use]
    pub const fn read_action(self) -> Action {
        match self {
            Self::Register(register) => register.read_action(),
            _ => Action::ReadDirectory,
        }
    }

    /// Whether those who may do it for one unit alone bring tables in too: then every row is asked for.
    #[must_use]
    pub const fn is_kept_by_unit(self) -> bool {
        matches!(self, Self::Units | Self::Posts | Self::People)
    }

    /// Whether tables are brought in at all: what is told in people's own words is told by them.
    #[must_use]
    pub const fn is_imported(self) -> bool {
        match self {
            Self::Register(register) => !register.needs_words(),
            _ => true,
        }
    }

    /// Most rows of a table that is brought in.
    #[must_use]
    pub const fn rows_max(self) -> usize {
        match self {
            Self::Moves => MOVES_MAX,
            Self::Units | Self::Posts => ROSTER_MAX,
            _ => IMPORT_MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_means_one_thing() {
        for it in TableOf::all() {
            assert_eq!(TableOf::from_code(it.code()), Some(it));
        }
        assert_eq!(TableOf::from_code("people"), None);
    }
}
