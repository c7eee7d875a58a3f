//! A small ministry for the tests of permits, made by commands.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{
    Application, Command, NewPerson, PermitAct, PermitCommand, RegisterCommand,
};
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::field::Value;
use sekisho_domain::id::{
    AppointmentId, ConferenceToolId, DeviceId, LineId, MediumId, PermitId, PersonId, PostId,
    ServiceId, SystemId, TaskId, UnitId,
};
use sekisho_domain::permit::{Particulars, Permit, Term};
use sekisho_domain::post::Post;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Timestamp};
use sekisho_domain::world::World;

use crate::commands::{act, at, founded, fresh, name, officer, root, sealed};

/// Days in seconds.
pub const DAY: i64 = 86_400;

/// An instant so many days after the beginning.
pub fn day(n: i64) -> Timestamp {
    at(n * DAY)
}

/// Who is in it; each by a number, which also makes ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Who(pub u64);

pub const CISO: Who = Who(1001);
pub const BUREAU_HEAD: Who = Who(1002);
pub const CHIEF: Who = Who(1003);
pub const DEPUTY: Who = Who(1004);
pub const STAFF: Who = Who(1005);
pub const COLLEAGUE: Who = Who(1006);
pub const SYSTEMS: Who = Who(1007);
pub const EXCEPTIONS: Who = Who(1008);
pub const AUDITOR: Who = Who(1009);
pub const OTHER_CHIEF: Who = Who(1010);
pub const OTHER_STAFF: Who = Who(1011);
/// The first officer, who holds the post of the head of information security.
pub const HEAD: Who = Who(1);
pub const BYOD_OFFICER: Who = Who(1012);

pub fn person(who: Who) -> PersonId {
    PersonId::new(fresh(who.0))
}

pub fn post_of(who: Who) -> PostId {
    PostId::new(fresh(who.0 + 1000))
}

pub fn appointment_of(who: Who) -> AppointmentId {
    AppointmentId::new(fresh(who.0 + 2000))
}

pub fn issued(who: Who) -> DeviceId {
    DeviceId::new(fresh(who.0 + 3000))
}

pub fn own(who: Who) -> DeviceId {
    DeviceId::new(fresh(who.0 + 4000))
}

pub const BUREAU: u64 = 101;
pub const SECTION: u64 = 102;
pub const OTHER_SECTION: u64 = 103;
pub const TEAM: u64 = 104;

pub fn unit(n: u64) -> UnitId {
    UnitId::new(fresh(n))
}

pub fn permit(n: u64) -> PermitId {
    PermitId::new(fresh(10_000 + n))
}

/// A world in which things happen one after another.
pub struct Scene {
    pub world: World,
    pub now: Timestamp,
}

impl Scene {
    /// The ministry: bureau over two sections, a team below one; every post with its holder.
    pub fn new() -> Self {
        let mut scene = Self {
            world: founded(),
            now: at(1),
        };
        let first = Actor::person(officer());
        for (id, parent) in [
            (unit(BUREAU), root()),
            (unit(SECTION), unit(BUREAU)),
            (unit(OTHER_SECTION), unit(BUREAU)),
            (unit(TEAM), unit(SECTION)),
        ] {
            let valid = Interval::starting(at(1));
            let found = Command::FoundUnit {
                id,
                parent,
                name: name(&id.to_string()),
                valid,
            };
            scene.must(&first, &found);
        }
        for (who, of, role) in [
            (BUREAU_HEAD, unit(BUREAU), Role::Iso),
            (CHIEF, unit(SECTION), Role::Diso),
            (DEPUTY, unit(SECTION), Role::Staff),
            (STAFF, unit(TEAM), Role::Staff),
            (COLLEAGUE, unit(TEAM), Role::Staff),
            (SYSTEMS, root(), Role::Isso),
            (EXCEPTIONS, root(), Role::ExceptionAuthority),
            (AUDITOR, root(), Role::Auditor),
            (OTHER_CHIEF, unit(OTHER_SECTION), Role::Diso),
            (OTHER_STAFF, unit(OTHER_SECTION), Role::Staff),
            (BYOD_OFFICER, root(), Role::Tmo),
            (CISO, root(), Role::Ciso),
        ] {
            scene.appoint(who, of, role);
        }
        scene.registers();
        for who in [STAFF, CHIEF, COLLEAGUE] {
            scene.enrol(issued(who), DeviceClass::Issued, who);
            scene.enrol(own(who), DeviceClass::Byod, who);
        }
        scene
    }

    /// One entry of each register that applications refer to. The task is declared C1I1A1.
    fn registers(&mut self) {
        let officer = post_of(SYSTEMS).to_string();
        let id = |n: u64| fresh(900 + n);
        let fields = [("name", "照会"), ("grade", "C1I1A1"), ("state", "allowed")];
        self.enter(HEAD, TaskId::new(id(0)), Register::Task, &fields);
        let fields = [
            ("name", "文書"),
            ("officer", &officer),
            ("highest", "C2I2A1"),
            ("host", "own_premises"),
        ];
        self.enter(HEAD, SystemId::new(id(1)), Register::System, &fields);
        let fields = [
            ("name", "庁内"),
            ("kind", "internal"),
            ("officer", &officer),
        ];
        self.enter(SYSTEMS, LineId::new(id(2)), Register::Line, &fields);
        let fields = [("number", "M-1"), ("kind", "usb_memory")];
        self.enter(SYSTEMS, MediumId::new(id(3)), Register::Medium, &fields);
        let fields = [
            ("name", "翻訳"),
            ("provider", "社"),
            ("kind", "terms"),
            ("highest", "C1I1A1"),
            ("terms_version", "2026-10"),
            ("judged_terms", "2026-10"),
            ("judged_on", "2026-10-01"),
            ("judged_by", &officer),
            ("judgement", "acceptable"),
        ];
        self.enter(HEAD, ServiceId::new(id(4)), Register::Service, &fields);
        let fields = [
            ("name", "会議"),
            ("scope", "others"),
            ("contract", "会議サービス利用契約"),
            ("own", "c3"),
            ("external", "c2"),
            ("individual", "forbidden"),
        ];
        self.enter(
            HEAD,
            ConferenceToolId::new(id(5)),
            Register::ConferenceTool,
            &fields,
        );
    }

    pub fn enter(
        &mut self,
        who: Who,
        id: impl Into<EntryId>,
        register: Register,
        fields: &[(&str, &str)],
    ) {
        let values = fields
            .iter()
            .map(|(code, value)| ((*code).to_owned(), Value::Text((*value).to_owned())));
        let enter = RegisterCommand::Enter {
            id: id.into(),
            unit: Some(root()),
            particulars: register.read(&values.collect()).unwrap(),
            remark: None,
        };
        let actor = if who == HEAD { officer() } else { person(who) };
        self.must(&Actor::person(actor), &Command::Register(Box::new(enter)));
    }

    pub fn appoint(&mut self, who: Who, of: UnitId, role: Role) {
        let first = Actor::person(officer());
        let person = NewPerson {
            id: person(who),
            profile: sealed(person(who)),
        };
        self.must(&first, &Command::RegisterPerson { person, unit: of });
        let post = Post::created(post_of(who), of, name("官職"), vec![role]);
        self.must(&first, &Command::CreatePost(Box::new(post)));
        let appoint = Command::Appoint {
            id: appointment_of(who),
            person: self::person(who),
            post: post_of(who),
            valid: Interval::starting(at(1)),
        };
        self.must(&first, &appoint);
    }

    pub fn enrol(&mut self, device: DeviceId, class: DeviceClass, user: Who) {
        let key = DeviceKey::try_from(format!(
            "{:044}",
            device
                .to_bytes()
                .iter()
                .fold(0_u64, |sum, byte| sum * 31 + u64::from(*byte))
        ))
        .unwrap();
        let enrol = Command::EnrolDevice {
            device,
            key,
            class,
            unit: self.world.people[&person(user)],
            user: Some(person(user)),
            source: sekisho_domain::device::StateSource::Observed,
        };
        self.must(&Actor::Operator, &enrol);
    }

    /// Does a command that must be taken.
    pub fn must(&mut self, actor: &Actor, command: &Command) {
        let done = act(&mut self.world, actor, command, self.now);
        assert!(done.is_ok(), "{done:?}: {command:?}");
    }

    /// Asks for a command about permits.
    pub fn ask(&mut self, actor: &Actor, command: PermitCommand) -> Result<usize, String> {
        let command = Command::Permit(Box::new(command));
        act(&mut self.world, actor, &command, self.now)
    }

    /// Applies, for a term from today on.
    pub fn apply(&mut self, n: u64, who: Who, particulars: Particulars) -> Result<usize, String> {
        let wanted = Term {
            from: self.now,
            until: Timestamp::from_millis(self.now.as_millis() + 30 * DAY * 1000),
        };
        let command = PermitCommand::Apply {
            permit: permit(n),
            applicant: person(who),
            application: application(who, particulars, wanted),
        };
        self.ask(&Actor::person(person(who)), command)
    }

    /// Does something with a permit.
    pub fn act(&mut self, n: u64, who: Who, act: PermitAct) -> Result<usize, String> {
        self.act_as(n, &Actor::person(person(who)), act)
    }

    /// Does something with a permit, as any kind of actor.
    pub fn act_as(&mut self, n: u64, actor: &Actor, act: PermitAct) -> Result<usize, String> {
        let command = PermitCommand::Act {
            permit: permit(n),
            expected: None,
            act,
        };
        self.ask(actor, command)
    }

    pub fn permit(&self, n: u64) -> &Permit {
        self.world.permits.get(permit(n)).unwrap()
    }

    pub fn status(&self, n: u64) -> &'static str {
        self.permit(n).status(self.now).code()
    }
}

pub fn application(who: Who, particulars: Particulars, wanted: Term) -> Application {
    Application {
        particulars,
        wanted,
        purpose: sealed(person(who)),
    }
}

pub fn extend(until: Option<Timestamp>) -> PermitAct {
    PermitAct::Extend {
        until,
        answer: None,
    }
}

pub fn approve() -> PermitAct {
    PermitAct::Approve {
        term: None,
        conditions: None,
        remark: None,
        answer: None,
    }
}
