//! Opinions of the promotion body, the newest first, each with what an approval answered to it.

use sekisho_domain::field::{FieldKind, Value, Values};
use sekisho_domain::name::Line;
use sekisho_domain::opinion::{Stance, Subject};
use sekisho_messages::Lang;
use sekisho_tabular::Fault;

use super::{Column, List, day, row, said, said_if};
use crate::app::App;
use crate::tables::FileFormat;

pub(super) const LIST: List = List(
    "opinion.title",
    &[
        Column::of("at", FieldKind::Date, "opinion.at"),
        Column::choice("kind", &Subject::KINDS, "listed.kind", "opinion.kind"),
        Column::line("subject", "opinion.on"),
        Column::line("state", "listed.version"),
        Column::choice("stance", Stance::CODES, "opinion.stance", "opinion.stance"),
        Column::line("sentence", "opinion.sentence"),
        Column::of(
            "contradictions",
            FieldKind::Number,
            "opinion.contradictions",
        ),
        Column::of("results", FieldKind::Number, "opinion.results"),
        Column::line("answer", "opinion.answer"),
    ],
);

/// Opinions as a file.
///
/// # Errors
/// Cells that the format cannot hold.
pub fn opinions(app: &App, form: (FileFormat, Lang)) -> Result<Vec<u8>, Vec<Fault>> {
    let rows: Vec<Values> = {
        let world = app.world();
        let given = world.opinions.given.iter().rev();
        given
            .map(|it| {
                let opinion = &it.opinion;
                let weighed = world.opinions.weighed(opinion.proposal);
                let answer = weighed.and_then(|it| it.weighed.answer.as_ref());
                row([
                    ("at", said(day(it.at))),
                    ("kind", said(opinion.proposal.subject.kind())),
                    ("subject", said(opinion.proposal.subject.to_string())),
                    ("state", said(opinion.proposal.state.to_string())),
                    ("stance", said(opinion.stance.code())),
                    ("sentence", said(opinion.sentence.as_str())),
                    ("contradictions", Value::Number(opinion.contradictions)),
                    ("results", Value::Number(opinion.results)),
                    ("answer", said_if(answer.map(Line::as_str))),
                ])
            })
            .collect()
    };
    LIST.write(app, &rows, form)
}
