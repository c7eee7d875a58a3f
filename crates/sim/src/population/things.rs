//! The registers of a population, sized by its people.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{
    ConferenceToolId, LineId, MediumId, ServiceId, SoftwareId, SystemId, TaskId,
};
use sekisho_domain::name::Line;
use sekisho_domain::register::conference_tool::{Ceiling, ConferenceScope, MeetingHost};
use sekisho_domain::register::device::DeviceForm;
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::medium::MediumKind;
use sekisho_domain::register::service::ServiceKind;
use sekisho_domain::register::software::SoftwareList;
use sekisho_domain::register::system::SystemHost;
use sekisho_domain::register::task::TaskState;
use sekisho_domain::register::{
    ByodDevice, ConferenceTool, EntryId, IssuedDevice, Medium, NetworkLine, Particulars, Service,
    Software, System, Task,
};

use super::office::{Office, id};
use crate::demo::asked::Things;
use crate::organisation::line;
use crate::random::SplitMix64;

/// Lines; the first is internal.
const LINES: u32 = 40;
/// Conference tools.
const TOOLS: u32 = 12;
/// One medium for so many people.
const PEOPLE_PER_MEDIUM: u32 = 4;
/// Sections that share a system.
const SECTIONS_PER_SYSTEM: u32 = 5;
/// Sections that share a service.
const SECTIONS_PER_SERVICE: u32 = 10;
/// One entry of software for so many people.
const PEOPLE_PER_SOFTWARE: u32 = 100;
/// One medium in so many was retired.
const RETIRED: u32 = 20;

const MODELS: [&str; 6] = [
    "見本ノート 14",
    "ミホンノート 13",
    "見本モバイル X",
    "見本デスク M",
    "ﾀﾌﾞﾚｯﾄ 10",
    "ＭＩＨＯＮ Ｐｒｏ",
];

fn grade(text: &str) -> Grade {
    text.parse().expect("the grades here are of their form")
}

fn some(text: String) -> Option<Line> {
    Some(line(&text))
}

impl Office {
    const fn media(self) -> u32 {
        1 + self.size.people / PEOPLE_PER_MEDIUM
    }

    const fn systems(self) -> u32 {
        1 + self.sections() / SECTIONS_PER_SYSTEM
    }

    const fn services(self) -> u32 {
        1 + self.sections() / SECTIONS_PER_SERVICE
    }

    pub(super) fn task(self, number: u32) -> TaskId {
        TaskId::new(id(self.seed, "task", number))
    }

    fn system(self, number: u32) -> SystemId {
        SystemId::new(id(self.seed, "system", number))
    }

    /// The system that people of a section ask about.
    pub(super) fn system_of(self, section: u32) -> SystemId {
        self.system(section / SECTIONS_PER_SYSTEM)
    }

    fn line(self, number: u32) -> LineId {
        LineId::new(id(self.seed, "line", number))
    }

    fn medium(self, number: u32) -> MediumId {
        MediumId::new(id(self.seed, "medium", number))
    }

    fn service(self, number: u32) -> ServiceId {
        ServiceId::new(id(self.seed, "service", number))
    }

    fn tool(self, number: u32) -> ConferenceToolId {
        ConferenceToolId::new(id(self.seed, "tool", number))
    }

    /// The section whose bureau answers for a system.
    const fn section_of_system(self, system: u32) -> u32 {
        let section = system * SECTIONS_PER_SYSTEM;
        if section < self.sections() {
            section
        } else {
            self.sections() - 1
        }
    }

    /// What people of a section ask about.
    pub(super) fn things(self, random: &mut SplitMix64, section: u32) -> Things {
        Things {
            task: Some(self.task(section)),
            system: Some(self.system_of(section)),
            line: Some(self.line(0)),
            medium: Some(self.medium(random.below(self.media()))),
            service: Some(self.service(section / SECTIONS_PER_SERVICE)),
            tool: Some((self.tool(random.below(TOOLS)), MeetingHost::Own)),
        }
    }

    /// Every entry.
    pub(super) fn entries<E>(self, put: &mut impl FnMut(Event) -> Result<(), E>) -> Result<(), E> {
        let mut enter = |id: EntryId, section: Option<u32>, particulars| {
            put(Event::RegisterEntered {
                id,
                unit: section.map(|it| self.section(it)),
                particulars,
                remark: None,
            })
        };
        for number in 0..LINES {
            enter(self.line(number).into(), None, self.network_line(number))?;
        }
        for number in 0..self.systems() {
            enter(
                self.system(number).into(),
                None,
                self.information_system(number),
            )?;
        }
        for number in 0..self.services() {
            enter(self.service(number).into(), None, external_service(number))?;
        }
        for number in 0..TOOLS {
            enter(self.tool(number).into(), None, self.conference_tool(number))?;
        }
        for number in 0..self.size.people / PEOPLE_PER_SOFTWARE {
            let id = SoftwareId::new(id(self.seed, "software", number));
            enter(id.into(), None, software(number))?;
        }
        for number in 0..self.sections() {
            enter(self.task(number).into(), Some(number), task(number))?;
        }
        for number in 0..self.media() {
            let section = number % self.sections();
            enter(self.medium(number).into(), Some(section), medium(number))?;
        }
        for number in 0..self.size.devices {
            let section = self.section_of(self.user(number).unwrap_or(0));
            let particulars = self.device_entry(number);
            enter(self.device(number).into(), Some(section), particulars)?;
        }
        for number in (0..self.media()).step_by(RETIRED as usize) {
            put(Event::RegisterRetired {
                id: self.medium(number).into(),
                remark: None,
            })?;
        }
        Ok(())
    }

    fn network_line(self, number: u32) -> Particulars {
        Particulars::Line(NetworkLine {
            name: line(&format!("回線 {number}")),
            kind: if number == 0 {
                LineKind::Internal
            } else {
                LineKind::ALL[number as usize % LineKind::ALL.len()]
            },
            provider: some("見本通信".to_owned()),
            seen_as: Vec::new(),
            encrypted: true,
            officer: Some(self.systems_officer(0)),
            switches: Vec::new(),
            vlan: None,
            quarantine_vlan: None,
            quarantine_network: None,
        })
    }

    fn information_system(self, number: u32) -> Particulars {
        Particulars::System(System {
            name: line(&format!("業務システム {number}")),
            purpose: some(format!("第{number}業務の記録と管理")),
            officer: self.systems_officer(self.section_of_system(number)),
            administrator: None,
            highest: grade("C2I2A2"),
            parts: Vec::new(),
            restrictions: Vec::new(),
            host: SystemHost::ALL[number as usize % SystemHost::ALL.len()],
            service: None,
            remote: true,
            lines: vec![self.line(0)],
            address: some(format!("198.18.{}.{}", number / 250, number % 250 + 1)),
            ports: ["443/tcp", "443/udp"]
                .map(|it| it.parse().expect("a port"))
                .into(),
            asking_proxies: Vec::new(),
            asking_tokens: Vec::new(),
        })
    }

    fn conference_tool(self, number: u32) -> Particulars {
        Particulars::ConferenceTool(ConferenceTool {
            name: line(&format!("会議サービス {number}")),
            provider: some("見本会議".to_owned()),
            scope: ConferenceScope::Organisation,
            owner: Some(self.systems_officer(0)),
            service: None,
            contract: some("会議サービス利用契約".to_owned()),
            own: Some(Ceiling::C2),
            contractor: Some(Ceiling::C1),
            external: Some(Ceiling::C1),
            individual: Some(Ceiling::Forbidden),
            restriction: None,
            own_restriction: None,
            contractor_restriction: None,
            external_restriction: None,
            individual_restriction: None,
            measures: Vec::new(),
            measures_off: Vec::new(),
            measures_instead: None,
            version: None,
            packages: Vec::new(),
            safe_from: None,
            settings_reviewed: None,
            domains: vec![line(&format!("k{number}.sample.invalid"))],
        })
    }

    fn device_entry(self, number: u32) -> Particulars {
        let n = number as usize;
        let model = line(MODELS[n % MODELS.len()]);
        let serial = line(&format!("SN{:08}", 1_000_003 + n * 13));
        let form = DeviceForm::ALL[n % DeviceForm::ALL.len()];
        let user = self.person(self.user(number).unwrap_or(0));
        match Self::class(number) {
            DeviceClass::Issued => Particulars::IssuedDevice(IssuedDevice {
                asset: line(&format!("端-{:06}", n + 1)),
                form,
                maker: some("見本電機".to_owned()),
                model: Some(model),
                serial: Some(serial),
                os: None,
                user: Some(user),
                place: some(format!("{}階", n % 20 + 1)),
                acquired: None,
                until: None,
                privacy_filter: true,
                wire_lock: true,
            }),
            DeviceClass::Byod => Particulars::ByodDevice(ByodDevice {
                owner: user,
                form,
                maker: some("見本電機".to_owned()),
                model: Some(model),
                serial: Some(serial),
                os: None,
                shared: false,
                agreed: None,
            }),
        }
    }
}

fn external_service(number: u32) -> Particulars {
    Particulars::Service(Service {
        name: line(&format!("日程調整サービス {number}")),
        provider: line("見本クラウド"),
        kind: ServiceKind::Terms,
        owner: None,
        tasks: Vec::new(),
        highest: grade("C1I1A1"),
        ismap: None,
        terms_version: some("2026年4月版".to_owned()),
        terms_seen: None,
        terms_address: None,
        terms_sha256: None,
        judged_terms: None,
        judged_sha256: None,
        judged_on: None,
        judged_by: None,
        judgement: None,
        conditions: None,
        data_place: None,
        domains: vec![line(&format!("n{number}.sample.invalid"))],
        procedure: None,
    })
}

fn software(number: u32) -> Particulars {
    Particulars::Software(Software {
        name: line(&format!("業務ソフト {number}")),
        publisher: some("見本ソフト".to_owned()),
        versions: None,
        packages: vec![line(&format!("gyomu-{number}"))],
        list: SoftwareList::Allow,
        condition: None,
        purpose: None,
        review_by: None,
    })
}

fn task(number: u32) -> Particulars {
    const NAMES: [&str; 5] = [
        "旅費の精算",
        "会議資料の作成",
        "契約事務",
        "統計の審査",
        "相談対応",
    ];
    Particulars::Task(Task {
        name: line(&format!(
            "{} {number}",
            NAMES[number as usize % NAMES.len()]
        )),
        grade: grade("C2I1A1"),
        state: TaskState::Allowed,
        limits: None,
        systems: Vec::new(),
        planned_people: Some(40),
    })
}

fn medium(number: u32) -> Particulars {
    Particulars::Medium(Medium {
        number: line(&format!("媒-{number:06}")),
        kind: MediumKind::ALL[number as usize % MediumKind::ALL.len()],
        serial: some(format!("M{number:07}")),
        model: some("見本メモリー".to_owned()),
        encrypted: true,
        highest: Some(grade("C2I2A1")),
        keeper: None,
        place: None,
        acquired: None,
    })
}
