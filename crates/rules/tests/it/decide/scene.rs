//! A person, a device, a system, a line and a task, and the permits between them.

use sekisho_domain::check::{CheckResult, DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceKey};
use sekisho_domain::event::Event;
use sekisho_domain::field::{Value, Values};
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{
    AccountId, DeviceId, LineId, PermitId, PersonId, PostId, SystemId, TaskId, UnitId,
};
use sekisho_domain::name::Line as Text;
use sekisho_domain::permit::event::{Applied, Approved, Request};
use sekisho_domain::permit::particulars::{
    Byod, Connection, Destination, Line, LineKind, OffSite, Reconnection, RemoteAccess, TakeOut,
    Telework, TeleworkPlace,
};
use sekisho_domain::permit::{
    Capacity, Clause, Conditions, Deadlines, Decision as Taken, NumberSeries, Particulars,
    PermitKind, PermitNumber, Place, Route, Term,
};
use sekisho_domain::profile::Profile;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::{Act, Decision, Ground, Origin, Outing, Question, Rulebook, decide};

use crate::fixture::{NOW, Scene, fresh};
use crate::permits::{person, sealed};

/// The person whom all these tests speak of.
pub struct Office {
    pub scene: Scene,
    pub now: Timestamp,
    pub clock_sure: bool,
    pub next: u32,
}

pub fn unit() -> UnitId {
    UnitId::new(fresh(2, 0))
}

pub fn system() -> SystemId {
    SystemId::new(fresh(20, 0))
}

pub fn line() -> LineId {
    LineId::new(fresh(21, 0))
}

pub fn task() -> TaskId {
    TaskId::new(fresh(22, 0))
}

fn officer() -> PostId {
    PostId::new(fresh(4, 900))
}

pub fn highest() -> Grade {
    "C3I2A2".parse().unwrap()
}

/// An enrolled device of the person is always the same one.
pub fn device() -> DeviceId {
    crate::fixture::device(0)
}

impl Office {
    /// Nobody, nothing: only the organisation.
    pub fn empty() -> Self {
        Self {
            scene: Scene::new(Profile::Gov),
            now: NOW,
            clock_sure: true,
            next: 1,
        }
    }

    /// A member with an account, a device in order, a system with a grade, a line and a task of the
    /// highest grade. No permits.
    pub fn without_permits(class: DeviceClass, grade: Grade) -> Self {
        let mut office = Self::empty();
        office.member();
        office.account();
        office.enrol(device(), class, Some(person()));
        office.pass_all(device());
        office.system(grade, true);
        office.line("internal");
        office.task("allowed", highest());
        office
    }

    pub fn member(&mut self) {
        self.scene.apply(Event::PersonRegistered {
            person: person(),
            unit: unit(),
            profile: sealed(),
        });
    }

    pub fn account(&mut self) {
        let account = AccountId::new(fresh(23, self.fresh()));
        self.scene.apply(Event::AccountIssued {
            account,
            person: person(),
        });
    }

    pub fn enrol(&mut self, device: DeviceId, class: DeviceClass, user: Option<PersonId>) {
        let ordinal = u32::try_from(self.scene.world.devices.len()).unwrap();
        self.scene.apply(Event::DeviceEnrolled {
            device,
            ordinal,
            key: DeviceKey::try_from(format!("{ordinal:0>44}")).unwrap(),
            class,
            unit: unit(),
            user,
        });
    }

    /// Of a device that was just enrolled: its user declares its state.
    pub fn declares(&mut self, device: DeviceId) {
        self.scene.apply(Event::DeviceDeclares { device });
    }

    pub fn result(&mut self, device: DeviceId, check: DeviceCheck, outcome: Outcome) {
        let result = CheckResult {
            outcome,
            reason: Reason::new("check.never"),
            observed_at: self.now,
            received_at: self.now,
            fresh_until: self.now.after(Span::days(1)),
        };
        self.scene.posture.set(device, check, &result, 1);
    }

    pub fn pass_all(&mut self, device: DeviceId) {
        for check in DeviceCheck::ALL {
            self.result(device, check, Outcome::Pass);
        }
    }

    pub fn system(&mut self, grade: Grade, remote: bool) {
        let fields = [
            ("name", text("人事給与")),
            ("officer", text(&officer().to_string())),
            ("highest", text(&grade.to_string())),
            ("host", text("own_premises")),
            ("remote", Value::Flag(remote)),
        ];
        self.write(Register::System, system().into(), &fields);
    }

    pub fn line(&mut self, kind: &str) {
        let fields = [
            ("name", text("庁内LAN")),
            ("kind", text(kind)),
            ("encrypted", Value::Flag(false)),
            ("officer", text(&officer().to_string())),
        ];
        self.write(Register::Line, line().into(), &fields);
    }

    pub fn task(&mut self, state: &str, grade: Grade) {
        let fields = [
            ("name", text("審査")),
            ("grade", text(&grade.to_string())),
            ("state", text(state)),
        ];
        self.write(Register::Task, task().into(), &fields);
    }

    /// The register of devices names the person as the user.
    pub fn assign(&mut self, device: DeviceId) {
        let fields = [
            ("asset", text(&device.to_string())),
            ("form", text("notebook")),
            ("user", text(&person().to_string())),
            ("privacy_filter", Value::Flag(true)),
            ("wire_lock", Value::Flag(true)),
        ];
        self.write(Register::IssuedDevice, device.into(), &fields);
    }

    /// Enters an entry or changes it, and brings it back into use.
    pub fn write(&mut self, register: Register, id: EntryId, fields: &[(&str, Value)]) {
        let values: Values = fields
            .iter()
            .map(|(code, value)| ((*code).to_owned(), value.clone()))
            .collect();
        let particulars = register.read(&values).unwrap();
        let known = self
            .scene
            .world
            .registers
            .entry(id)
            .map(|it| it.is_active());
        let (unit, remark) = (None, None);
        let event = match known {
            None => Event::RegisterEntered {
                id,
                unit,
                particulars,
                remark,
            },
            Some(_) => Event::RegisterChanged {
                id,
                unit,
                particulars,
                remark,
            },
        };
        self.scene.apply(event);
        if known == Some(false) {
            self.scene
                .apply(Event::RegisterRestored { id, remark: None });
        }
    }

    pub fn fresh(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// Applies for a permit.
    pub fn apply(
        &mut self,
        particulars: Particulars,
        grade: Option<Grade>,
        wanted: Term,
    ) -> PermitId {
        let permit = PermitId::new(fresh(8, self.fresh()));
        let applied = Box::new(Applied {
            permit,
            applicant: person(),
            request: Request {
                particulars,
                grade,
                wanted,
                unit: unit(),
                route: route(),
                purpose: sealed(),
            },
        });
        self.scene.apply(Event::PermitApplied { applied });
        permit
    }

    pub fn approve(&mut self, permit: PermitId) {
        self.approve_on(permit, None);
    }

    pub fn approve_on(&mut self, permit: PermitId, conditions: Option<Conditions>) {
        let known = self.scene.world.permits.get(permit).unwrap();
        let (kind, term) = (known.kind(), known.wanted);
        let for_everybody = known.is_for_everybody();
        let step = Box::new(Approved {
            permit,
            number: PermitNumber {
                series: NumberSeries::at(kind, NOW, false),
                serial: self.fresh(),
            },
            decision: Taken {
                by: person(),
                capacity: Capacity::Holder,
                route: route(),
            },
            term,
            deadlines: Deadlines::default(),
            conditions,
            remark: None,
            for_everybody,
        });
        self.scene.apply(Event::PermitApproved { step });
    }

    pub fn take_up(&mut self, permit: PermitId) {
        self.scene.apply(Event::PermitActivated { permit });
    }

    /// A permit of a kind for everything that is asked, in force now.
    pub fn give(&mut self, kind: PermitKind, asked: &Question) -> PermitId {
        let mut particulars = particulars(kind, asked.device, asked.origin.place);
        // Whoever names no task applies for one that the plan and the risk assessments allow.
        if let (Particulars::Telework(it), None) = (&mut particulars, asked.task)
            && (self.scene.world.plan.line(it.task).is_some()
                || !self.scene.world.risks.limiting.is_empty())
        {
            it.task = TaskId::new(fresh(33, 1));
        }
        let permit = self.apply(particulars, Some(highest()), self.term());
        self.approve(permit);
        self.take_up(permit);
        permit
    }

    pub fn term(&self) -> Term {
        Term {
            from: self.now.before(Span::days(1)),
            until: self.now.after(Span::days(30)),
        }
    }

    pub fn decide(&self, book: &Rulebook, question: &Question) -> Decision {
        decide(book, self.ground(), question)
    }

    pub fn ground(&self) -> Ground<'_> {
        Ground {
            supposed: None,
            world: &self.scene.world,
            posture: &self.scene.posture,
            now: self.now,
            clock_sure: self.clock_sure,
        }
    }
}

pub fn reach(place: Place) -> Question {
    Question {
        person: Some(person()),
        device: Some(device()),
        act: Act::Reach {
            system: system(),
            part: None,
        },
        origin: Origin { place, line: None },
        task: None,
        grade: None,
    }
}

pub fn join(outing: Outing) -> Question {
    Question {
        act: Act::Join {
            line: line(),
            outing,
        },
        ..reach(Place::ControlledArea)
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn route() -> Route {
    Route {
        post: officer(),
        role: Role::Diso,
        clause: Clause::Default,
    }
}

/// What a permit of a kind says that covers everything.
pub fn particulars(kind: PermitKind, device: Option<DeviceId>, place: Place) -> Particulars {
    let named = device.unwrap_or_else(self::device);
    match kind {
        PermitKind::Telework => Particulars::Telework(Telework {
            task: task(),
            place: if place == Place::OutsideArea {
                TeleworkPlace::SatelliteOffice
            } else {
                TeleworkPlace::Home
            },
            device: None,
            grade: Some(highest()),
            days_per_week: None,
        }),
        PermitKind::TakeOut => Particulars::TakeOut(TakeOut {
            device: named,
            destination: Destination::Home,
            grade: highest(),
        }),
        PermitKind::OffSite => Particulars::OffSite(OffSite {
            device: named,
            place,
            task: None,
            grade: highest(),
            restrictions: Vec::new(),
            kept_on_device: false,
        }),
        PermitKind::Byod => Particulars::Byod(Byod {
            device: named,
            tasks: Vec::new(),
            grade: highest(),
            restrictions: Vec::new(),
            lines: vec![line()],
            systems: vec![system()],
        }),
        technical => of_lines(technical, named),
    }
}

fn of_lines(kind: PermitKind, named: DeviceId) -> Particulars {
    match kind {
        PermitKind::Reconnection => Particulars::Reconnection(Reconnection {
            device: named,
            line: None,
            outside_since: NOW.jst_date(),
            out_of_sight: false,
        }),
        PermitKind::Line => Particulars::Line(Line {
            kind: LineKind::Home,
            line: None,
            device: None,
            system: None,
            encrypted: true,
        }),
        PermitKind::Connection => Particulars::Connection(Connection {
            system: system(),
            line: line(),
            device: Some(named),
        }),
        PermitKind::RemoteAccess => Particulars::RemoteAccess(RemoteAccess {
            system: system(),
            part: None,
            task: None,
            device: named,
            grade: Some(highest()),
            from_hour: None,
            until_hour: None,
        }),
        other => panic!("nothing is reached by {other:?}"),
    }
}

/// An exception from a row.
pub fn exception(row: &str, place: Place) -> Particulars {
    Particulars::Exception(sekisho_domain::permit::particulars::Exception::bare(
        Text::parse(row).unwrap(),
        highest(),
        place,
        NOW.jst_date(),
    ))
}
