//! The columns of a table, with the words of both languages.

use sekisho_domain::field::{Field, FieldKind};
use sekisho_domain::id::UnitId;
use sekisho_messages::{Lang, contains, t, text};
use sekisho_tabular::Layout;
use sekisho_tabular::layout::{Column, ID, UNIT, Word};

use super::table_of::TableOf;

/// Longest name of a sheet that spreadsheets take, in characters.
const SHEET_NAME_MAX: usize = 31;

/// Fields for which offices have other headings than ours: `import.heading.<field>`.
const ALIASED: &[&str] = &[
    "asset", "number", "serial", "maker", "model", "form", "kind", "os", "user", "owner", "keeper",
    "place", "acquired", "until", "highest", "grade", "name",
];

/// The columns of a table, with headings and words in a language; those of the other one and those
/// that offices use are understood too.
#[must_use]
pub fn layout(of: TableOf, lang: Lang) -> Layout {
    let id = of.prefix().map(|prefix| id_column(prefix, lang));
    let unit = match of {
        TableOf::Register(register) => Some(unit_column(register.needs_unit(), lang)),
        _ => None,
    };
    let own = of
        .fields()
        .iter()
        .map(|field| field_column(of, field, lang));
    Layout {
        name: sheet_name(&text(lang, of.name_key(), &[])),
        columns: id.into_iter().chain(unit).chain(own).collect(),
    }
}

fn other(lang: Lang) -> Lang {
    match lang {
        Lang::Ja => Lang::En,
        Lang::En => Lang::Ja,
    }
}

/// A name of a sheet, without what spreadsheets refuse in one.
pub(super) fn sheet_name(text: &str) -> String {
    text.chars()
        .map(|c| {
            if matches!(c, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'') {
                ' '
            } else {
                c
            }
        })
        .take(SHEET_NAME_MAX)
        .collect()
}

fn id_column(prefix: &'static str, lang: Lang) -> Column {
    let field = Field {
        code: ID,
        kind: FieldKind::Reference(prefix),
        required: false,
        many: false,
    };
    let others = vec![t!(other(lang), "import.column.id").into_owned()];
    Column::of(
        &field,
        t!(lang, "import.column.id").into_owned(),
        others,
        Vec::new(),
    )
}

fn unit_column(required: bool, lang: Lang) -> Column {
    let field = Field {
        code: UNIT,
        kind: FieldKind::Reference(UnitId::PREFIX),
        required,
        many: false,
    };
    let mut others = vec![t!(other(lang), "import.column.unit").into_owned()];
    for lang in [Lang::Ja, Lang::En] {
        others.extend(listed(&t!(lang, "import.heading.unit")));
    }
    Column::of(
        &field,
        t!(lang, "import.column.unit").into_owned(),
        others,
        Vec::new(),
    )
}

fn field_column(of: TableOf, field: &Field, lang: Lang) -> Column {
    let key = of.field_key(field.code);
    let mut others = vec![text(other(lang), &key, &[]).into_owned()];
    let aliased = matches!(of, TableOf::Register(_)) && ALIASED.contains(&field.code);
    let also = match aliased {
        true => format!("import.heading.{}", field.code),
        false => format!("import.also.{}.{}", of.code(), field.code),
    };
    if contains(&also) {
        for lang in [Lang::Ja, Lang::En] {
            others.extend(listed(&text(lang, &also, &[])));
        }
    }
    let word = |code: &str, key: &str| {
        let mut others = vec![text(other(lang), key, &[]).into_owned(), code.to_owned()];
        let also = format!("import.also.{}.{}.{code}", of.code(), field.code);
        if contains(&also) {
            for lang in [Lang::Ja, Lang::En] {
                others.extend(listed(&text(lang, &also, &[])));
            }
        }
        Word {
            code: code.to_owned(),
            label: text(lang, key, &[]).into_owned(),
            others,
        }
    };
    let words = match field.kind {
        FieldKind::Choice(codes) => codes
            .iter()
            .map(|code| word(code, &of.choice_key(field.code, code)))
            .collect(),
        FieldKind::Flag => vec![word("yes", "import.word.yes"), word("no", "import.word.no")],
        _ => Vec::new(),
    };
    Column::of(field, text(lang, &key, &[]).into_owned(), others, words)
}

/// A message that lists words.
fn listed(text: &str) -> Vec<String> {
    text.split(['、', ','])
        .map(|word| word.trim().to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_heading_means_one_column_in_both_languages() {
        for of in TableOf::all() {
            for lang in [Lang::Ja, Lang::En] {
                let layout = layout(of, lang);
                for column in &layout.columns {
                    let meant = layout.meant_by(&column.label).map(|it| it.code.as_str());
                    assert_eq!(meant, Some(column.code.as_str()), "{of:?} {}", column.label);
                    for (index, word) in column.words.iter().enumerate() {
                        let twin = column.words[..index]
                            .iter()
                            .find(|it| it.label == word.label);
                        assert_eq!(twin, None, "{of:?} {}", column.code);
                    }
                }
            }
        }
    }
}
