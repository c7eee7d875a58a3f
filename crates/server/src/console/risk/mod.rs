//! Risk assessments: the list with its matrix and trend, the chief's page, and one assessment with what it
//! rests on.

mod annex;
mod chart;
mod form;
mod list;
mod parts;
mod show;

use maud::{Markup, html};
use sekisho_domain::plan::RiskLevel;
use sekisho_messages::{Lang, text};

use super::components::{Icon, icon};

pub use annex::{AnnexView, Drawn, annex_page};
pub use chart::{Month, matrix, trend};
pub use form::{AskView, RiskForm, ask_page, form_page};
pub use list::{ListView, RiskRow, list_page};
pub use parts::{Options, TreatmentForm, treatments};
pub use show::{BoundLine, FactLine, ScenarioLine, ShowView, show_page};

/// The path of the list.
pub const PATH: &str = "/risks";

/// A level, as a badge of icon and word.
#[must_use]
pub fn level_badge(lang: Lang, level: RiskLevel) -> Markup {
    let (class, sign) = match level {
        RiskLevel::Low => ("met", Icon::Pass),
        RiskLevel::Medium => ("findings", Icon::Findings),
        RiskLevel::High => ("not_met", Icon::Fail),
    };
    html! {
        span class={ "badge badge--" (class) } {
            (icon(sign)) (text(lang, format!("case.level.{}", level.code()), &[]))
        }
    }
}
