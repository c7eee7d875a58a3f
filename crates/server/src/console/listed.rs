//! Where a list is saved as a file.

use sekisho_messages::{Lang, t};

use super::register::LinkTo;

/// The links beside a list at a path: as XLSX and as CSV.
#[must_use]
pub fn files(lang: Lang, path: &str) -> [LinkTo; 2] {
    let link = |label: std::borrow::Cow<'static, str>, format: &str| LinkTo {
        label: label.into_owned(),
        href: format!("{path}/table?format={format}"),
        primary: false,
    };
    [
        link(t!(lang, "plan.export-xlsx"), "xlsx"),
        link(t!(lang, "plan.export-csv"), "csv"),
    ]
}
