//! From a rule that forbids to what is missing, who can grant it and what can be done.

use sekisho_domain::device::StateSource;
use sekisho_domain::permit::PermitKind;
use sekisho_domain::role::Role;

use super::checks::{Failing, Put};
use super::decision::Missing;
use super::facts::{Facts, Ground};
use super::fix::{Fix, Grantor};
use super::held::{Held, Shortfall};
use super::lack::{CheckSet, Lack};
use super::question::{Act, Outing, Question};
use super::rulebook::{Rule, Rulebook};

/// What explanations look at.
pub(super) struct Case<'a> {
    pub(super) book: &'a Rulebook,
    pub(super) ground: Ground<'a>,
    pub(super) question: &'a Question,
    pub(super) facts: &'a Facts,
}

impl Case<'_> {
    /// What a rule says is missing.
    pub(super) fn missing(&self, rule: &Rule, own: bool) -> Missing {
        let mut missing = Missing {
            rule: rule.id.clone(),
            own,
            clause: rule.clause.clone(),
            lack: rule.lack,
            ja: rule.ja.clone(),
            en: rule.en.clone(),
            failing: Vec::new(),
            permit: None,
            from: None,
            grantor: None,
            fixes: Vec::new(),
        };
        match rule.lack {
            Some(Lack::Permit(kind)) => self.permit(kind, &mut missing),
            Some(Lack::Posture(set)) => self.posture(set, &mut missing),
            Some(lack) => {
                missing.grantor = Some(self.grantor(lack));
                missing.fixes.extend(self.fix(lack));
            }
            None => {}
        }
        missing
    }

    fn permit(&self, kind: PermitKind, missing: &mut Missing) {
        let role = self.ground.world.permits.approver(kind);
        missing.grantor = Some(Grantor::Role(role));
        let fix = match self.facts.held.nearest(kind) {
            Held::None | Held::Covering(_) => Fix::Apply(kind),
            Held::Short(permit, shortfall) => {
                missing.permit = Some(permit);
                match shortfall {
                    Shortfall::NotTakenUp => Fix::TakeUp(permit),
                    Shortfall::Suspended => Fix::Resume(permit),
                    Shortfall::Waiting => Fix::AwaitDecision(permit),
                    Shortfall::SentBack => Fix::Resubmit(permit),
                    Shortfall::Hours(at) | Shortfall::NotBegun(at) => {
                        missing.from = Some(at);
                        Fix::Apply(kind)
                    }
                    Shortfall::Grade | Shortfall::Ended | Shortfall::Refused => Fix::Apply(kind),
                }
            }
        };
        if matches!(fix, Fix::TakeUp(_)) {
            missing.grantor = Some(Grantor::Oneself);
        }
        missing.fixes.push(fix);
    }

    fn posture(&self, set: CheckSet, missing: &mut Missing) {
        missing.grantor = Some(Grantor::Oneself);
        let Some(device) = self.question.device else {
            return;
        };
        missing.failing = self.failing(set);
        let sets = self.book.sets();
        let declared = self.facts.device.source == StateSource::Declared;
        if declared && set != CheckSet::Alarm {
            let proves = !sets.of(set, StateSource::Declared).is_empty();
            missing.fixes.push(if proves {
                Fix::Declare(device)
            } else {
                Fix::UseObserved
            });
            return;
        }
        let checks = missing.failing.iter().map(|failing| failing.check);
        missing
            .fixes
            .extend(checks.map(|check| Fix::Check(device, check)));
    }

    fn failing(&self, set: CheckSet) -> Vec<Failing> {
        let Some(device) = self.question.device else {
            return Vec::new();
        };
        let since = match self.question.act {
            Act::Join {
                outing: Outing::Back { since, .. },
                ..
            } => Some(since),
            _ => None,
        };
        let Ground { posture, now, .. } = self.ground;
        let put = Put {
            device,
            source: self.facts.device.source,
            since,
        };
        self.book.sets().failing(set, posture, put, now)
    }

    fn fix(&self, lack: Lack) -> Option<Fix> {
        let device = self.question.device;
        let task = self.question.task;
        Some(match lack {
            Lack::Clock => Fix::ConfirmClock,
            Lack::Person => Fix::OpenAccount,
            Lack::DeviceAbsent => Fix::UseDevice,
            Lack::DeviceUnknown => Fix::EnrolDevice,
            Lack::DeviceSuspended => Fix::ResumeDevice(device?),
            Lack::DeviceRetired => Fix::UseOtherDevice,
            // Nobody's own device becomes somebody else's.
            Lack::DeviceNotTheirs if !self.facts.device.issued => Fix::UseOtherDevice,
            Lack::DeviceNotTheirs => Fix::AssignDevice(device?),
            Lack::SystemUnknown => Fix::RegisterSystem(self.system()?),
            Lack::SystemNotRemote => Fix::OpenToOutside(self.system()?),
            Lack::LineUnknown => Fix::RegisterLine(self.line()?),
            Lack::PlaceOutside => Fix::ComeInside,
            Lack::TaskUnknown => Fix::RegisterTask(task?),
            Lack::TaskStopped => Fix::AllowTask(task?),
            Lack::TaskGrade => Fix::RaiseTaskGrade(task?),
            Lack::Posture(_) | Lack::Permit(_) => return None,
        })
    }

    fn system(&self) -> Option<sekisho_domain::id::SystemId> {
        match self.question.act {
            Act::Reach { system, .. } => Some(system),
            Act::Join { .. } => None,
        }
    }

    fn line(&self) -> Option<sekisho_domain::id::LineId> {
        match self.question.act {
            Act::Join { line, .. } => Some(line),
            Act::Reach { .. } => None,
        }
    }

    /// Who can grant what is neither a permit nor a state of the device.
    fn grantor(&self, lack: Lack) -> Grantor {
        match lack {
            Lack::Clock => Grantor::Operator,
            Lack::DeviceAbsent | Lack::DeviceRetired | Lack::PlaceOutside => Grantor::Oneself,
            Lack::Person => Grantor::Role(Role::Iso),
            Lack::TaskUnknown | Lack::TaskStopped | Lack::TaskGrade => Grantor::Role(Role::Hiso),
            Lack::DeviceUnknown | Lack::DeviceSuspended | Lack::DeviceNotTheirs
                if self.facts.device.is_enrolled() && !self.facts.device.issued =>
            {
                Grantor::Role(Role::Tmo)
            }
            _ => Grantor::Role(Role::Isso),
        }
    }
}
