//! From a rule that forbids to what is missing, who can grant it and what can be done.

use std::sync::Arc;

use sekisho_domain::device::StateSource;
use sekisho_domain::id::{PermitId, TaskId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;

use super::checks::Put;
use super::decision::Missing;
use super::facts::{Facts, Ground};
use super::fix::{Fix, Grantor};
use super::held::{Held, Shortfall, beyond_plan};
use super::lack::{CheckSet, Lack};
use super::question::{Act, Question};
use super::risk::{self, Bar, RiskBar};
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
    pub(super) fn missing(&self, rule: &Arc<Rule>, own: bool) -> Missing {
        let mut missing = Missing {
            rule: Arc::clone(rule),
            own,
            failing: Vec::new(),
            inspection: None,
            permit: None,
            from: None,
            risks: Vec::new(),
            grantor: None,
            fixes: Vec::new(),
        };
        match rule.lack {
            Some(Lack::Permit(kind)) => self.permit(kind, &mut missing),
            Some(Lack::Posture(set)) => self.posture(set, &mut missing),
            Some(
                lack @ (Lack::RiskStopped
                | Lack::RiskLimited
                | Lack::RiskMeasure
                | Lack::RiskCondition),
            ) => {
                self.task_risk(lack, &mut missing);
            }
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
        let Held::Short(permit, shortfall) = self.facts.held.nearest(kind) else {
            missing.fixes.push(Fix::Apply(kind));
            self.risk_of_new(kind, &mut missing.risks);
            self.name_risks(missing);
            return;
        };
        missing.permit = Some(permit);
        let fix = match shortfall {
            Shortfall::Plan | Shortfall::Risk => None,
            Shortfall::NotTakenUp => Some(Fix::TakeUp(permit)),
            Shortfall::Suspended => Some(Fix::Resume(permit)),
            Shortfall::Waiting => Some(Fix::AwaitDecision(permit)),
            Shortfall::SentBack => Some(Fix::Resubmit(permit)),
            Shortfall::Hours(at) | Shortfall::NotBegun(at) => {
                missing.from = Some(at);
                Some(Fix::Apply(kind))
            }
            Shortfall::Grade | Shortfall::Ended | Shortfall::Refused => Some(Fix::Apply(kind)),
            Shortfall::Part => Some(Fix::ApplyWhole(kind)),
        };
        if matches!(fix, Some(Fix::TakeUp(_))) {
            missing.grantor = Some(Grantor::Oneself);
        }
        let anew = matches!(fix, Some(Fix::Apply(_) | Fix::ApplyWhole(_)));
        missing.fixes.extend(fix);
        // What is applied for anew can be for another task; the permit that is there is for this one.
        if let Some(task) = self.planned_away(permit).filter(|_| !anew) {
            missing.grantor = Some(Grantor::Role(Role::Hiso));
            missing.fixes.push(Fix::ChangePlan(task));
        }
        if anew {
            self.risk_of_new(kind, &mut missing.risks);
        } else if let Some(known) = self.ground.permit(permit) {
            let device = self.question.device;
            missing.risks = risk::of_permit(self.ground, known, self.facts.grade, device);
        }
        self.name_risks(missing);
    }

    /// What risk assessments put in the way of the task that is named.
    fn task_risk(&self, lack: Lack, missing: &mut Missing) {
        let mut bars = risk::of_question(self.ground, self.question, self.facts.grade);
        bars.retain(|it| it.bar.lack() == lack);
        missing.risks = bars;
        self.name_risks(missing);
    }

    /// What a risk assessment of the whole puts in the way of any permit to telework, also of a new one.
    fn risk_of_new(&self, kind: PermitKind, risks: &mut Vec<RiskBar>) {
        if kind == PermitKind::Telework {
            risks.extend(risk::of_any(self.ground, self.question, self.facts.grade));
        }
    }

    /// Who can change that, and how.
    fn name_risks(&self, missing: &mut Missing) {
        for it in &missing.risks {
            let fix = match it.bar {
                Bar::Measure(check) => self.question.device.map(|device| Fix::Check(device, check)),
                _ => Some(Fix::ReviewRisk(it.risk)),
            };
            missing.fixes.extend(fix);
        }
        let measure = |it: &RiskBar| matches!(it.bar, Bar::Measure(_));
        if missing.risks.iter().any(|it| !measure(it)) {
            missing.grantor = Some(Grantor::Role(Role::Hiso));
        } else if !missing.risks.is_empty()
            && missing
                .fixes
                .iter()
                .all(|fix| matches!(fix, Fix::Check(..)))
        {
            missing.grantor = Some(Grantor::Oneself);
        }
    }

    /// The task of a permit that the plan of telework refuses or limits to others or less.
    fn planned_away(&self, permit: PermitId) -> Option<TaskId> {
        let Ground { world, now, .. } = self.ground;
        let permit = world.permits.get(permit)?;
        beyond_plan(world, permit, self.facts.grade, now)
    }

    fn posture(&self, set: CheckSet, missing: &mut Missing) {
        missing.grantor = Some(Grantor::Oneself);
        let Some(device) = self.question.device else {
            return;
        };
        let Ground { posture, now, .. } = self.ground;
        let sets = self.book.sets();
        let put = Put {
            device,
            source: self.facts.device.source,
            since: self.since(set),
        };
        missing.failing = sets.failing(set, posture, put, now);
        missing.inspection =
            (set == CheckSet::Inspection).then(|| sets.inspection(posture, put, now));
        if put.source == StateSource::Declared && set != CheckSet::Alarm {
            let proves = !sets.of(set, put.source).is_empty();
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

    /// From when on evidence counts, where the device came back: for its inspection alone.
    fn since(&self, set: CheckSet) -> Option<Timestamp> {
        match self.question.act {
            Act::Join { outing, .. } if set == CheckSet::Inspection => outing.back_since(),
            _ => None,
        }
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
            Lack::DeviceNotTheirs if !self.facts.device.issued => Fix::UseOwnDevice,
            Lack::DeviceNotTheirs => Fix::AssignDevice(device?),
            Lack::SystemUnknown => Fix::RegisterSystem(self.system()?),
            Lack::SystemNotRemote => Fix::OpenToOutside(self.system()?),
            Lack::LineUnknown => Fix::RegisterLine(self.line()?),
            Lack::PlaceOutside => Fix::ComeInside,
            Lack::TaskUnknown => Fix::RegisterTask(task?),
            Lack::TaskStopped => Fix::AllowTask(task?),
            Lack::TaskGrade => Fix::RaiseTaskGrade(task?),
            Lack::TaskRefused | Lack::TaskBeyondPlan => Fix::ChangePlan(task?),
            Lack::Posture(_)
            | Lack::Permit(_)
            | Lack::RiskStopped
            | Lack::RiskLimited
            | Lack::RiskMeasure
            | Lack::RiskCondition => return None,
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
            Lack::DeviceNotTheirs if !self.facts.device.issued => Grantor::Oneself,
            Lack::Person => Grantor::Role(Role::Iso),
            Lack::TaskUnknown
            | Lack::TaskStopped
            | Lack::TaskGrade
            | Lack::TaskRefused
            | Lack::TaskBeyondPlan => Grantor::Role(Role::Hiso),
            Lack::DeviceUnknown | Lack::DeviceSuspended
                if self.facts.device.is_enrolled() && !self.facts.device.issued =>
            {
                Grantor::Role(Role::Tmo)
            }
            _ => Grantor::Role(Role::Isso),
        }
    }
}
