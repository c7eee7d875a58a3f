//! Tables with proper headers. When narrow, a row becomes a card and every cell shows its
//! header: the label is carried in `data-label`, the table roles are kept explicit because
//! changing `display` would drop them.

use std::borrow::Cow;

use maud::{Markup, html};

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its header.
    pub label: Cow<'static, str>,
    /// Whether it holds numbers, set to the right.
    pub numeric: bool,
}

impl Column {
    /// A column of text.
    #[must_use]
    pub fn text(label: impl Into<Cow<'static, str>>) -> Self {
        Self {
            label: label.into(),
            numeric: false,
        }
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(label: impl Into<Cow<'static, str>>) -> Self {
        Self {
            label: label.into(),
            numeric: true,
        }
    }
}

/// A table with a caption for screen readers. Rows hold one [`row_header`] or [`cell`] for every
/// column.
#[must_use]
pub fn table(caption: &str, columns: &[Column], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div class="table-wrap" {
            table role="table" {
                caption class="visually-hidden" { (caption) }
                thead role="rowgroup" {
                    tr role="row" {
                        @for column in columns {
                            th scope="col" role="columnheader" class=[column.numeric.then_some("num")] {
                                (column.label)
                            }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for row in rows {
                        tr role="row" { @for cell in row { (cell) } }
                    }
                }
            }
        }
    }
}

/// A cell under a column.
#[must_use]
pub fn cell(column: &Column, content: &Markup) -> Markup {
    html! {
        td role="cell" data-label=(column.label) class=[column.numeric.then_some("num")] {
            div class="cell" { (content) }
        }
    }
}

/// The cell that names its row.
#[must_use]
pub fn row_header(column: &Column, content: &Markup) -> Markup {
    html! {
        th scope="row" role="rowheader" data-label=(column.label) {
            div class="cell" { (content) }
        }
    }
}
