//! An application of each kind.

use sekisho_domain::grade::Grade;
use sekisho_domain::id::{ConferenceToolId, LineId, MediumId, ServiceId, SystemId, TaskId};
use sekisho_domain::name::Line as Text;
use sekisho_domain::permit::particulars::{
    Byod, Conference, Connection, Destination, EquipmentKind, Exception, Line, LineKind, Media,
    OffSite, Peripheral, Reconnection, RemoteAccess, Service, Software, TakeOut, Telework,
    TeleworkPlace,
};
use sekisho_domain::permit::{Particulars, PermitKind, Place};
use sekisho_domain::register::conference_tool::MeetingHost;

use super::scene::{Who, issued, own};
use crate::commands::fresh;

fn text(text: &str) -> Text {
    Text::parse(text).unwrap()
}

/// An application of each kind by a member of staff, with a grade where the kind asks for one.
pub fn particulars(kind: PermitKind, who: Who, grade: &str) -> Particulars {
    let grade = grade.parse().unwrap();
    let task = TaskId::new(fresh(900));
    let system = SystemId::new(fresh(901));
    match kind {
        PermitKind::Telework => Particulars::Telework(Telework {
            task,
            place: TeleworkPlace::Home,
            device: Some(issued(who)),
            grade: Some(grade),
            days_per_week: Some(3),
        }),
        PermitKind::Service => Particulars::Service(Service {
            service: ServiceId::new(fresh(904)),
            task: Some(task),
            grade,
            terms_edition: text("2026-10"),
            terms_read_on: jiff::civil::date(2026, 10, 1),
            secondary_use_judged: true,
            location_judged: true,
            loss_judged: true,
            acceptable: true,
            measures: Vec::new(),
        }),
        PermitKind::Conference => Particulars::Conference(Conference {
            tool: ConferenceToolId::new(fresh(905)),
            host: MeetingHost::External,
            grade,
            task: Some(task),
            outsiders: true,
            recorded: false,
        }),
        PermitKind::RemoteAccess => Particulars::RemoteAccess(RemoteAccess {
            system,
            part: None,
            task: Some(task),
            device: issued(who),
            grade: Some(grade),
            from_hour: Some(8),
            until_hour: Some(20),
        }),
        other => carried(other, who, grade),
    }
}

fn carried(kind: PermitKind, who: Who, grade: Grade) -> Particulars {
    let task = TaskId::new(fresh(900));
    let system = SystemId::new(fresh(901));
    let line = LineId::new(fresh(902));
    match kind {
        PermitKind::TakeOut => Particulars::TakeOut(TakeOut {
            device: issued(who),
            destination: Destination::Home,
            grade,
        }),
        PermitKind::OffSite => Particulars::OffSite(OffSite {
            device: issued(who),
            place: Place::OutsideOrganisation,
            task: Some(task),
            grade,
            restrictions: vec!["複製禁止".parse().unwrap()],
            kept_on_device: false,
        }),
        PermitKind::Byod => Particulars::Byod(Byod {
            device: own(who),
            tasks: vec![task],
            grade,
            restrictions: Vec::new(),
            lines: vec![line],
            systems: vec![system],
        }),
        PermitKind::Reconnection => Particulars::Reconnection(Reconnection {
            device: issued(who),
            line: Some(line),
            outside_since: jiff::civil::date(2027, 1, 4),
            out_of_sight: false,
        }),
        PermitKind::Media => Particulars::Media(Media {
            medium: MediumId::new(fresh(903)),
            destination: Destination::DomesticTrip,
            grade,
            restrictions: Vec::new(),
            encrypted: true,
        }),
        other => technical(other, who, grade),
    }
}

fn technical(kind: PermitKind, who: Who, grade: Grade) -> Particulars {
    let system = SystemId::new(fresh(901));
    let line = LineId::new(fresh(902));
    match kind {
        PermitKind::Software => Particulars::Software(Software {
            name: text("図面閲覧"),
            publisher: None,
            version: Some(text("1.2")),
            listed: None,
            devices: vec![issued(who)],
            system: None,
        }),
        PermitKind::Line => Particulars::Line(Line {
            kind: LineKind::Home,
            line: None,
            device: Some(issued(who)),
            system: None,
            encrypted: true,
        }),
        PermitKind::Connection => Particulars::Connection(Connection {
            system,
            line,
            device: None,
        }),
        PermitKind::Peripheral => Particulars::Peripheral(Peripheral {
            kind: EquipmentKind::Display,
            model: text("U2725"),
            serial: None,
            device: Some(issued(who)),
            system: None,
            own: false,
        }),
        _ => Particulars::Exception(Exception {
            device: Some(issued(who)),
            ..Exception::bare(
                text("US-8.1.1-3-e"),
                grade,
                Place::ControlledArea,
                jiff::civil::date(2027, 2, 1),
            )
        }),
    }
}
