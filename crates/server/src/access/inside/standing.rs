//! How a device stands at the internal lines, for whoever looks at it: what became of it last, and what
//! would be answered now.

use sekisho_domain::admission::AdmissionOutcome;
use sekisho_domain::id::{DeviceId, LineId, PermitId, PersonId};
use sekisho_domain::register::NetworkLine;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::{Decision, Inspection, Outing, Put};
use sekisho_store::StoreError;

use super::connection::{Connection, Place};
use super::judge::{Name, name_of, question};
use super::record::Period;
use crate::app::App;

/// How far back what became of a device is looked for.
const BACK: Span = Span::days(400);

/// What became of a device last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// What.
    pub outcome: AdmissionOutcome,
    /// When.
    pub at: Timestamp,
    /// At which line, where the switch belongs to one.
    pub line: Option<LineId>,
    /// At which port, while the connection stands.
    pub place: Option<Place>,
    /// What was missing, by stable codes; none of a connection that stands.
    pub missing: Vec<String>,
}

/// How a device stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtLines {
    /// What became of it last; none where it never asked.
    pub last: Option<Last>,
    /// Whether it was outside.
    pub outing: Outing,
    /// The permission by which it may have been, where nothing shows that it stayed.
    pub taken_out: Option<PermitId>,
    /// What would be answered now at that line, and in whose name; without a person where a shared device
    /// stands there by itself. None where no line is known, or a device that is nobody's is not issued.
    pub now: Option<(Option<PersonId>, Decision)>,
    /// The inspection as it stands.
    pub inspection: Inspection,
}

impl App {
    /// How a device stands at the internal lines. None where no line has switches that ask and it was
    /// never asked about.
    ///
    /// # Errors
    /// The codes of the database.
    pub fn at_lines(
        &self,
        device: DeviceId,
        now: Timestamp,
    ) -> Result<Option<AtLines>, StoreError> {
        let last = self.last_at_line(device, now)?;
        let asked_about = |world: &sekisho_domain::world::World| {
            let mut lines = world.registers.nouns::<NetworkLine>();
            lines.any(|(entry, line)| entry.is_active() && !line.switches.is_empty())
        };
        if last.is_none() && !asked_about(&self.world()) {
            return Ok(None);
        }
        let standing = last.as_ref().filter(|it| it.place.is_some());
        let at_switch = standing.map(|it| it.outcome);
        let (outing, taken_out) = self.outing_and_why(device, at_switch, now);
        let name = name_of(&self.world(), device, outing, now);
        let line = last.as_ref().and_then(|it| it.line);
        let line = line.filter(|_| name != Name::Unknown);
        let decision = line.map(|line| {
            let person = name.person();
            let asked = question(person, line, device, outing);
            (person, self.preview(&asked))
        });
        let book = self.access().rulebook();
        let inspection = self.with_ground(|ground| {
            let known = ground.world.device(device);
            let put = Put {
                device,
                source: known.map(|it| it.source).unwrap_or_default(),
                since: outing.back_since(),
            };
            book.sets().inspection(ground.posture, put, now)
        });
        Ok(Some(AtLines {
            last,
            outing,
            taken_out,
            now: decision,
            inspection,
        }))
    }

    /// The connection that stands and was answered last, else what was kept last.
    fn last_at_line(&self, device: DeviceId, now: Timestamp) -> Result<Option<Last>, StoreError> {
        let connections = self.access().inside().connections().into_iter();
        let standing = connections
            .filter(|it| it.device == device)
            .max_by_key(Connection::answered_at);
        if let Some(it) = standing {
            return Ok(Some(Last {
                outcome: it.outcome,
                at: it.answered_at(),
                line: Some(it.line),
                place: Some(it.place),
                missing: Vec::new(),
            }));
        }
        let period = Period {
            from: now.before(BACK),
            until: now.after(Span::minutes(1)),
        };
        let kept = self.admissions(Some(device), false, period, 1)?;
        Ok(kept.into_iter().next().map(|it| Last {
            outcome: it.outcome,
            at: it.at,
            line: it.line,
            place: None,
            missing: it.missing,
        }))
    }
}
