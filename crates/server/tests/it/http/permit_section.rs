//! A section with its officers, and everything that applications refer to.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RegisterCommand};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::field::{FieldKind, Value, Values};
use sekisho_domain::id::{
    AccountId, ConferenceToolId, DeviceId, LineId, MediumId, PersonId, ServiceId, SystemId, TaskId,
    UnitId,
};
use sekisho_domain::permit::{Permit, PermitKind, Status};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_server::app::fresh;

use super::agents::key;
use super::house::{Browser, House, Reply};

/// A person with an account.
pub type Who = (PersonId, AccountId);

pub struct Section {
    pub house: House,
    pub unit: UnitId,
    pub staff: Who,
    pub diso: Who,
    pub isso: Who,
    pub exceptions: Who,
    pub hiso: Who,
    pub issued: DeviceId,
    pub byod: DeviceId,
    entries: BTreeMap<Register, EntryId>,
}

/// What stands in the registers, by field.
const ENTRIES: &[(Register, &[(&str, &str)])] = &[
    (Register::Line, &[("name", "庁内LAN"), ("kind", "internal")]),
    (
        Register::System,
        &[
            ("name", "文書管理システム"),
            ("highest", "C2I2A1"),
            ("host", "own_premises"),
            ("asking_proxies", "forward_auth"),
        ],
    ),
    (
        Register::Task,
        &[
            ("name", "予算要求の調整"),
            ("grade", "C2I2A1"),
            ("state", "allowed"),
        ],
    ),
    (
        Register::Medium,
        &[("number", "USB-1"), ("kind", "usb_memory")],
    ),
    (
        Register::Service,
        &[
            ("name", "地図サービス"),
            ("provider", "地図社"),
            ("kind", "terms"),
            ("highest", "C1I1A1"),
            ("terms_version", "2026年版"),
            ("judged_terms", "2026年版"),
            ("judged_on", "2026-11-02"),
            ("judgement", "acceptable"),
        ],
    ),
    (
        Register::ConferenceTool,
        &[
            ("name", "会議サービス"),
            ("scope", "organisation"),
            ("contract", "会議サービス利用契約"),
            ("own", "c2"),
        ],
    ),
];

fn new_id(register: Register) -> EntryId {
    let fresh = fresh().unwrap();
    match register {
        Register::Line => LineId::new(fresh).into(),
        Register::System => SystemId::new(fresh).into(),
        Register::Task => TaskId::new(fresh).into(),
        Register::Medium => MediumId::new(fresh).into(),
        Register::Service => ServiceId::new(fresh).into(),
        _ => ConferenceToolId::new(fresh).into(),
    }
}

impl Section {
    pub async fn new() -> Self {
        let house = House::founded().await;
        let root = house.root();
        let unit = house.unit("総務課").await;
        let authority = Role::ExceptionAuthority;
        let mut section = Self {
            unit,
            hiso: house.officer("hiso", root, Role::Hiso).await,
            isso: house.officer("isso", root, Role::Isso).await,
            exceptions: house.officer("authority", root, authority).await,
            diso: house.officer("diso", unit, Role::Diso).await,
            staff: house.officer("staff", unit, Role::Staff).await,
            issued: DeviceId::new(fresh().unwrap()),
            byod: DeviceId::new(fresh().unwrap()),
            entries: BTreeMap::new(),
            house,
        };
        section.enrol(section.issued, 1, DeviceClass::Issued).await;
        section.enrol(section.byod, 2, DeviceClass::Byod).await;
        for (register, values) in ENTRIES {
            let id = section.enter(*register, values).await;
            section.entries.insert(*register, id);
        }
        section
    }

    async fn enrol(&self, device: DeviceId, seed: u8, class: DeviceClass) {
        let command = Command::EnrolDevice {
            device,
            key: key(seed).1,
            class,
            unit: self.unit,
            user: Some(self.staff.0),
            source: sekisho_domain::device::StateSource::Observed,
        };
        let operator = Actor::Operator;
        self.house.app.command(operator, command).await.unwrap();
    }

    async fn enter(&self, register: Register, values: &[(&str, &str)]) -> EntryId {
        let flags = register.fields().iter();
        let flags = flags.filter(|field| field.kind == FieldKind::Flag);
        let mut all: Values = flags
            .map(|field| (field.code.to_owned(), Value::Flag(true)))
            .collect();
        for (code, value) in values {
            all.insert((*code).to_owned(), Value::Text((*value).to_owned()));
        }
        let (keeper, unit) = match register {
            Register::Task | Register::Medium => (self.diso, Some(self.unit)),
            Register::Line | Register::System => (self.isso, None),
            _ => (self.hiso, None),
        };
        if keeper == self.isso {
            all.insert("officer".to_owned(), Value::Text(self.post(self.isso)));
        }
        if register == Register::Service {
            all.insert("judged_by".to_owned(), Value::Text(self.post(self.hiso)));
        }
        if register == Register::ConferenceTool {
            all.insert("owner".to_owned(), Value::Text(self.post(self.hiso)));
        }
        let id = new_id(register);
        let command = RegisterCommand::Enter {
            id,
            unit,
            particulars: register.read(&all).unwrap(),
            remark: None,
        };
        let command = Command::Register(Box::new(command));
        let actor = Actor::person(keeper.0);
        self.house.app.command(actor, command).await.unwrap();
        id
    }

    /// The entry of a register.
    pub fn entry(&self, register: Register) -> EntryId {
        self.entries[&register]
    }

    /// The post that someone holds.
    pub fn post(&self, (person, _): Who) -> String {
        let world = self.house.app.world();
        let held = world.posts_held(person, self.house.app.now()).next();
        held.unwrap().1.id.to_string()
    }

    /// What is entered into the form of a kind.
    pub fn form(&self, kind: PermitKind) -> Vec<(&'static str, String)> {
        let mut form = self.particulars(kind);
        let asks = |field: &sekisho_domain::field::Field| field.code == "grade" && field.required;
        if kind.fields().iter().any(asks) {
            let secret = if kind == PermitKind::Service {
                "1"
            } else {
                "2"
            };
            form.extend(
                [
                    ("f-grade-c", secret),
                    ("f-grade-i", "2"),
                    ("f-grade-a", "1"),
                ]
                .map(owned),
            );
        }
        form.extend(
            [
                ("f-term_from", "2026-11-20"),
                ("f-term_until", "2026-12-20"),
                ("remark", "出張先で資料を作成するため"),
            ]
            .map(owned),
        );
        form
    }

    fn particulars(&self, kind: PermitKind) -> Vec<(&'static str, String)> {
        use PermitKind as K;
        let issued = ("f-device", self.issued.to_string());
        let entry = |field, register| (field, self.entries[&register].to_string());
        let texts: &[(&str, &str)] = match kind {
            K::Telework => &[("f-place", "home")],
            K::TakeOut | K::Media => &[("f-destination", "home"), ("f-encrypted", "yes")],
            K::OffSite => &[
                ("f-place", "outside_organisation"),
                ("f-restrictions", "複製禁止\n暗号化必須"),
            ],
            K::Reconnection => &[("f-outside_since", "2026-11-01")],
            K::Software => &[("f-name", "図表作成")],
            K::Line => &[("f-kind", "home"), ("f-encrypted", "yes")],
            K::Peripheral => &[("f-kind", "printer"), ("f-model", "P-1")],
            K::Service => &[
                ("f-terms_edition", "2026年版"),
                ("f-terms_read_on", "R8.11.1"),
                ("f-secondary_use_judged", "yes"),
                ("f-location_judged", "yes"),
                ("f-loss_judged", "yes"),
                ("f-acceptable", "yes"),
            ],
            K::Conference => &[("f-host", "own")],
            K::Exception => &[
                ("f-requirement", "US-8.1.1-3-e"),
                ("f-place", "controlled"),
                ("f-review_on", "2026-12-10"),
            ],
            K::Byod | K::Connection | K::RemoteAccess => &[],
        };
        let things = match kind {
            K::Telework => vec![entry("f-task", Register::Task), issued],
            K::TakeOut | K::OffSite | K::Reconnection => vec![issued],
            K::Byod => vec![
                ("f-device", self.byod.to_string()),
                entry("f-tasks", Register::Task),
            ],
            K::Media => vec![entry("f-medium", Register::Medium)],
            K::Software => vec![("f-devices", self.issued.to_string())],
            K::Connection => vec![
                entry("f-system", Register::System),
                entry("f-line", Register::Line),
            ],
            K::Service => vec![entry("f-service", Register::Service)],
            K::Conference => vec![entry("f-tool", Register::ConferenceTool)],
            K::RemoteAccess => vec![entry("f-system", Register::System), issued],
            K::Line | K::Peripheral | K::Exception => Vec::new(),
        };
        let texts = texts.iter().copied().map(owned);
        things.into_iter().chain(texts).collect()
    }

    pub fn decider(&self, kind: PermitKind) -> Who {
        match kind.approver().0 {
            Role::Diso => self.diso,
            Role::Isso => self.isso,
            _ => self.exceptions,
        }
    }

    pub fn permit(&self, path: &str) -> Permit {
        let id = path.strip_prefix("/permits/").unwrap().parse().unwrap();
        self.house.app.world().permits.get(id).unwrap().clone()
    }

    pub fn status(&self, path: &str) -> Status {
        self.permit(path).status(self.house.app.now())
    }

    /// The path of a permit that the staff member has applied for.
    pub async fn applied(&self, kind: PermitKind) -> String {
        let mut browser = self.house.signed_in(self.staff.1);
        let path = format!("/permits/new/{}", kind.code());
        let page = browser.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{kind:?}");
        let done = send(&mut browser, &path, &borrowed(&self.form(kind))).await;
        let text = done.text();
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{kind:?}: {text}");
        done.header("location").to_owned()
    }

    pub async fn decided(&self, path: &str, who: Who, act: &str, said: &str) -> Reply {
        let mut browser = self.house.signed_in(who.1);
        let version = self.permit(path).version().to_string();
        let fields = [
            ("expected", version.as_str()),
            ("act", act),
            ("remark", said),
        ];
        send(&mut browser, &format!("{path}/decide"), &fields).await
    }

    pub async fn done(&self, path: &str, who: Who, act: &str, more: &[(&str, &str)]) -> Reply {
        let mut browser = self.house.signed_in(who.1);
        let to = format!("{path}/{act}");
        let asks = browser.get(&to).await;
        assert_eq!(asks.status, StatusCode::OK, "{act}: {}", asks.text());
        let fields = [&[("confirmed", "yes")], more].concat();
        send(&mut browser, &to, &fields).await
    }
}

fn owned((name, value): (&'static str, &str)) -> (&'static str, String) {
    (name, value.to_owned())
}

pub fn borrowed<'a>(form: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    form.iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

pub async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let all = [&[("csrf", csrf.as_str())], fields].concat();
    browser.post(path, &all).await
}

pub fn went(reply: &Reply) {
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
}
