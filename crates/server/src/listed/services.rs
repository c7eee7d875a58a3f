//! Outside services that logs show to be used: a row for each unit. Persons are not in it.

use sekisho_domain::field::{FieldKind, Value, Values};
use sekisho_domain::id::UnitId;
use sekisho_domain::sighting::{Lack, NotOurs};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, contains, text};
use sekisho_tabular::Fault;

use super::{Column, List, day, row, said, said_if};
use crate::app::App;
use crate::service_use::{ServiceInUse, Standing, UnitUse};
use crate::tables::FileFormat;

const STATES: &[&str] = &["open", "registered", "not_ours", "ended"];

pub(super) const LIST: List = List(
    "services.title",
    &[
        Column::line("service", "services.service"),
        Column::line("kind", "services.kind"),
        Column::choice("state", STATES, "services.standing", "services.state"),
        Column::choice("lack", Lack::CODES, "listed.lack", "services.lack"),
        Column::choice("why", NotOurs::CODES, "services.why", "services.why"),
        Column::of("unit", FieldKind::Reference(UnitId::PREFIX), "listed.unit"),
        Column::line("times", "services.times"),
        Column::line("bytes", "listed.bytes"),
        Column::of("people", FieldKind::Number, "services.people"),
        Column::of("first_on", FieldKind::Date, "services.first_at"),
        Column::of("last_on", FieldKind::Date, "services.last_at"),
    ],
);

/// What was used in all, or by one unit.
struct Use {
    unit: Option<UnitId>,
    times: u64,
    bytes: u64,
    people: u32,
    first_at: Timestamp,
    last_at: Timestamp,
}

impl From<&UnitUse> for Use {
    fn from(it: &UnitUse) -> Self {
        Self {
            unit: it.unit,
            times: it.times,
            bytes: it.bytes,
            people: it.people,
            first_at: it.first_at,
            last_at: it.last_at,
        }
    }
}

/// By its units; a service whose use lies further back than those are counted has one row without a unit.
fn uses(service: &ServiceInUse) -> Vec<Use> {
    if service.units.is_empty() {
        return vec![Use {
            unit: None,
            times: service.times,
            bytes: service.bytes,
            people: service.people,
            first_at: service.first_at,
            last_at: service.last_at,
        }];
    }
    service.units.iter().map(Use::from).collect()
}

fn rows(service: &ServiceInUse, lang: Lang) -> Vec<Values> {
    let key = format!("services.kind.{}", service.known.kind.as_str());
    let kind = if contains(&key) {
        text(lang, &key, &[]).into_owned()
    } else {
        service.known.kind.as_str().to_owned()
    };
    let (lack, why) = match &service.standing {
        Standing::Registered(_) => (None, None),
        Standing::Open(lack) => (Some(lack.code()), None),
        Standing::NotOurs(why) => (None, Some(why.code())),
    };
    let one = |used: Use| {
        row([
            ("service", said(service.service.as_str())),
            ("kind", said(kind.as_str())),
            ("state", said(service.standing.code())),
            ("lack", said_if(lack)),
            ("why", said_if(why)),
            ("unit", said_if(used.unit.map(|it| it.to_string()))),
            ("times", said(used.times.to_string())),
            ("bytes", said(used.bytes.to_string())),
            ("people", Value::Number(used.people)),
            ("first_on", said(day(used.first_at))),
            ("last_on", said(day(used.last_at))),
        ])
    };
    uses(service).into_iter().map(one).collect()
}

/// Services in use as a file.
///
/// # Errors
/// Cells that the format cannot hold.
pub fn services(
    app: &App,
    services: &[ServiceInUse],
    form: (FileFormat, Lang),
) -> Result<Vec<u8>, Vec<Fault>> {
    let rows: Vec<Values> = services.iter().flat_map(|it| rows(it, form.1)).collect();
    LIST.write(app, &rows, form)
}
