//! Exceptions as a table file: XLSX and CSV out, by the mechanism of the registers.

use sekisho_domain::exception::{Judgement, MeasureStanding};
use sekisho_domain::field::{Field, FieldKind, Value, Values};
use sekisho_domain::id::UnitId;
use sekisho_domain::permit::Permit;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Lang, t};
use sekisho_rules::exception::Standings;
use sekisho_tabular::{Fault, Layout};

use super::state::ExceptionState;
use crate::app::App;
use crate::tables::{FileFormat, Names, list_column, write_list};

/// The columns.
const COLUMNS: [Field; 13] = [
    Field::new("number", FieldKind::Line, true, false),
    Field::new("requirement", FieldKind::Line, true, false),
    Field::new("unit", FieldKind::Reference(UnitId::PREFIX), true, false),
    Field::new(
        "state",
        FieldKind::Choice(ExceptionState::CODES),
        true,
        false,
    ),
    Field::new("urgent", FieldKind::Flag, false, false),
    Field::new("from", FieldKind::Date, true, false),
    Field::new("until", FieldKind::Date, true, false),
    Field::new("review_on", FieldKind::Date, true, false),
    Field::new("renewed", FieldKind::Number, true, false),
    Field::new("days", FieldKind::Number, true, false),
    Field::new("measures", FieldKind::Line, false, true),
    Field::new(
        "standing",
        FieldKind::Choice(MeasureStanding::CODES),
        false,
        false,
    ),
    Field::new(
        "judgement",
        FieldKind::Choice(Judgement::CODES),
        false,
        false,
    ),
];

fn layout(lang: Lang) -> Layout {
    let columns = COLUMNS.iter().map(|field| {
        let heading = format!("exception.column.{}", field.code);
        list_column(field, lang, &heading, |code| {
            format!("exception.{}.{code}", field.code)
        })
    });
    Layout {
        name: t!(lang, "exception.title").into_owned(),
        columns: columns.collect(),
    }
}

fn values(
    world: &World,
    standings: &mut Standings<'_>,
    permit: &Permit,
    now: Timestamp,
) -> Option<Values> {
    let exception = permit.exception()?;
    let grant = permit.grant()?;
    let (_, until) = permit.life_until(now)?;
    let began = world.exception_began(permit)?;
    let record = world.exception_record(permit.id);
    let last = Timestamp::from_millis(grant.term.until.as_millis() - 1);
    let review = world.exception_review_on(permit);
    let text = |text: String| Value::Text(text);
    let days = u32::try_from(until.since(began).whole_days()).unwrap_or_default();
    let plain = exception.measures.iter().map(|it| it.text());
    let standing = standings.gravest(permit);
    let all = [
        ("number", text(grant.number.to_string())),
        (
            "requirement",
            text(exception.requirement.as_str().to_owned()),
        ),
        ("unit", text(world.unit_of_permit(permit, now).to_string())),
        (
            "state",
            text(ExceptionState::of(world, permit, now)?.code().to_owned()),
        ),
        ("urgent", Value::Flag(exception.urgent)),
        ("from", text(grant.term.from.jst_date().to_string())),
        ("until", text(last.jst_date().to_string())),
        (
            "review_on",
            review.map_or(Value::Empty, |day| text(day.to_string())),
        ),
        ("renewed", Value::Number(record.renewed)),
        ("days", Value::Number(days)),
        ("measures", Value::Many(plain.collect())),
        ("standing", text(standing.code().to_owned())),
        (
            "judgement",
            record
                .reviews
                .last()
                .map_or(Value::Empty, |it| text(it.judgement.code().to_owned())),
        ),
    ];
    let given = all.into_iter().filter(|(_, value)| !value.is_empty());
    Some(
        given
            .map(|(code, value)| (code.to_owned(), value))
            .collect(),
    )
}

/// Exceptions as a file.
pub struct ExceptionTable;

impl ExceptionTable {
    /// Writes exceptions as a file; those that were never given are left out.
    ///
    /// # Errors
    /// Cells that the format cannot hold.
    pub fn export(
        app: &App,
        permits: &[Permit],
        format: FileFormat,
        lang: Lang,
    ) -> Result<Vec<u8>, Vec<Fault>> {
        let layout = layout(lang);
        let now = app.now();
        let (names, rows) = {
            let world = app.world();
            let directory = app.directory();
            let posture = app.posture();
            let names = Names::gather(&world, &directory, &layout, now, false);
            let mut standings = Standings::new(&world, &posture, now);
            let rows = permits
                .iter()
                .filter_map(|permit| values(&world, &mut standings, permit, now));
            (names, rows.collect::<Vec<Values>>())
        };
        write_list(&layout, &rows, &names, (format, lang))
    }
}
