//! What the applications of the demonstration say.

use sekisho_domain::exception::CompensatingMeasure;
use sekisho_domain::grade::{Confidentiality, Grade};
use sekisho_domain::id::{
    ConferenceToolId, DeviceId, LineId, MediumId, ServiceId, SystemId, TaskId,
};
use sekisho_domain::name::Line as Text;
use sekisho_domain::permit::particulars::{
    Byod, Conference, Connection, Destination, EquipmentKind, Exception, Line, LineKind, Media,
    OffSite, Peripheral, Reconnection, RemoteAccess, Service, Software, TakeOut, Telework,
    TeleworkPlace,
};
use sekisho_domain::permit::{Particulars, PermitKind, Place};
use sekisho_domain::register::conference_tool::{Ceiling, MeetingHost};
use sekisho_domain::register::service::{Judgement, ServiceKind, TermsState};
use sekisho_domain::register::task::TaskState;
use sekisho_domain::register::{
    ConferenceTool, EntryId, Medium, NetworkLine, Registered, Service as ServiceEntry, System, Task,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;

use crate::organisation::line as text;

/// One entry of each register that applications refer to, where there is one.
pub(crate) struct Things {
    pub(crate) task: Option<TaskId>,
    pub(crate) system: Option<SystemId>,
    pub(crate) line: Option<LineId>,
    pub(crate) medium: Option<MediumId>,
    pub(crate) service: Option<ServiceId>,
    pub(crate) tool: Option<(ConferenceToolId, MeetingHost)>,
}

impl Things {
    pub(super) fn of(world: &World) -> Self {
        let tools = world.registers.nouns::<ConferenceTool>();
        let mut decided = tools.filter_map(|(entry, tool)| {
            let mut hosts = MeetingHost::ALL.iter().copied();
            let host = hosts
                .find(|host| matches!(tool.ceiling(*host), Some(Ceiling::C2 | Ceiling::C3)))?;
            match entry.id {
                EntryId::ConferenceTool(id) => Some((id, host)),
                _ => None,
            }
        });
        // Only where the terms were judged acceptable as they are is anything given.
        let terms = |service: &ServiceEntry| {
            let judged = matches!(
                service.terms_state(),
                TermsState::Judged(Judgement::Acceptable | Judgement::Conditional)
            );
            service.kind == ServiceKind::Terms && judged
        };
        Self {
            // One that may be done by telework and talked about in a meeting.
            task: first::<Task, _>(world, |task| {
                task.state == TaskState::Allowed
                    && task.grade.confidentiality <= Confidentiality::C2
            }),
            system: first::<System, _>(world, |_| true),
            line: first::<NetworkLine, _>(world, |line| line.kind.is_internal()),
            medium: first::<Medium, _>(world, |it| it.highest.is_none_or(Grade::is_confidential)),
            service: first::<ServiceEntry, _>(world, terms),
            tool: decided.next(),
        }
    }
}

fn first<N: Registered + 'static, I: std::str::FromStr>(
    world: &World,
    is_meant: impl Fn(&N) -> bool,
) -> Option<I> {
    let mut nouns = world.registers.nouns::<N>();
    let (entry, _) = nouns.find(|(_, noun)| is_meant(noun))?;
    entry.id.to_string().parse().ok()
}

/// An application of a kind; none where the register that it needs is empty.
pub(crate) fn particulars(
    kind: PermitKind,
    device: DeviceId,
    things: &Things,
    now: Timestamp,
    number: usize,
) -> Option<Particulars> {
    let grades = Grade::all();
    let grade = grades[number % grades.len()];
    Some(match kind {
        PermitKind::Telework => Particulars::Telework(Telework {
            task: things.task?,
            place: TeleworkPlace::ALL[number % TeleworkPlace::ALL.len()],
            device: Some(device),
            grade: None,
            days_per_week: Some(number as u32 % 5 + 1),
        }),
        PermitKind::RemoteAccess => Particulars::RemoteAccess(RemoteAccess {
            system: things.system?,
            part: None,
            task: things.task,
            device,
            grade: None,
            from_hour: Some(7),
            until_hour: Some(22),
        }),
        PermitKind::Conference => {
            let (tool, host) = things.tool?;
            Particulars::Conference(Conference {
                tool,
                host,
                grade: "C2I1A1".parse().ok()?,
                task: things.task,
                outsiders: number.is_multiple_of(2),
                recorded: false,
            })
        }
        PermitKind::Service => Particulars::Service(Service {
            service: things.service?,
            task: None,
            grade: "C1I1A1".parse().ok()?,
            terms_edition: text("2026-10"),
            terms_read_on: now.before(Span::days(3)).jst_date(),
            secondary_use_judged: true,
            location_judged: true,
            loss_judged: true,
            acceptable: true,
            measures: Vec::new(),
        }),
        other => return carried(other, (device, grade), things, now, number),
    })
}

fn carried(
    kind: PermitKind,
    (device, grade): (DeviceId, Grade),
    things: &Things,
    now: Timestamp,
    number: usize,
) -> Option<Particulars> {
    let destination = Destination::ALL[number % Destination::ALL.len()];
    Some(match kind {
        PermitKind::TakeOut => Particulars::TakeOut(TakeOut {
            device,
            destination,
            grade,
        }),
        PermitKind::OffSite => Particulars::OffSite(OffSite {
            device,
            place: Place::OutsideOrganisation,
            task: things.task,
            grade,
            restrictions: vec!["copy:deny".parse().ok()?],
            kept_on_device: number.is_multiple_of(3),
        }),
        PermitKind::Byod => Particulars::Byod(Byod {
            device,
            tasks: things.task.into_iter().collect(),
            grade,
            restrictions: vec!["leave_unencrypted:deny".parse().ok()?],
            lines: things.line.into_iter().collect(),
            systems: things.system.into_iter().collect(),
        }),
        PermitKind::Reconnection => Particulars::Reconnection(Reconnection {
            device,
            line: things.line,
            outside_since: now.before(Span::days(14)).jst_date(),
            out_of_sight: false,
        }),
        PermitKind::Media => Particulars::Media(Media {
            medium: things.medium?,
            destination,
            // The media of the demonstration are kept for no more.
            grade: Grade {
                confidentiality: grade.confidentiality.min(Confidentiality::C2),
                ..grade
            },
            restrictions: Vec::new(),
            encrypted: true,
        }),
        other => return technical(other, (device, grade), things, now, number),
    })
}

fn technical(
    kind: PermitKind,
    (device, grade): (DeviceId, Grade),
    things: &Things,
    now: Timestamp,
    number: usize,
) -> Option<Particulars> {
    const SOFTWARE: [&str; 4] = [
        "図面閲覧ソフト",
        "音声文字起こし",
        "統計解析ソフト",
        "動画編集ソフト",
    ];
    const MODELS: [&str; 4] = [
        "U2725QE",
        "Jabra Evolve2 65",
        "LOGI C920",
        "ScanSnap iX1600",
    ];
    Some(match kind {
        PermitKind::Software => Particulars::Software(Software {
            name: text(SOFTWARE[number % SOFTWARE.len()]),
            publisher: None,
            version: None,
            listed: None,
            devices: vec![device],
            system: None,
        }),
        PermitKind::Line => Particulars::Line(Line {
            kind: LineKind::ALL[number % LineKind::ALL.len()],
            line: None,
            device: Some(device),
            system: None,
            encrypted: true,
        }),
        PermitKind::Connection => Particulars::Connection(Connection {
            system: things.system?,
            line: things.line?,
            device: Some(device),
        }),
        PermitKind::Peripheral => Particulars::Peripheral(Peripheral {
            kind: EquipmentKind::ALL[number % EquipmentKind::ALL.len()],
            model: text(MODELS[number % MODELS.len()]),
            serial: None,
            device: Some(device),
            system: None,
            own: number.is_multiple_of(4),
        }),
        _ => Particulars::Exception(Exception {
            device: Some(device),
            measures: compensated(),
            urgent: number.is_multiple_of(2),
            ..Exception::bare(
                Text::parse("US-8.1.1-3-e").ok()?,
                grade,
                Place::ControlledArea,
                now.after(Span::days(25)).jst_date(),
            )
        }),
    })
}

/// What is done instead, where an exception is made.
fn compensated() -> Vec<CompensatingMeasure> {
    let texts = [
        "firewall, disk_encryption: 端末を暗号化し、外からの接続を断る",
        "毎週、課長が利用の記録を確認する",
    ];
    let read = texts.iter().map(|text| CompensatingMeasure::parse(text));
    read.filter_map(Result::ok).collect()
}
