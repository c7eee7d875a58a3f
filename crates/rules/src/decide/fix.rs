//! What can be done about something that is missing. Every one of them is a thing that a person can
//! do in the program or on the device; a test carries all of them out and asks again.

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::id::{DeviceId, LineId, PermitId, RiskId, SystemId, TaskId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::role::Role;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fix {
    /// The operator confirms the server's time.
    ConfirmClock,
    /// The person is registered as a member and given an account.
    OpenAccount,
    /// Use an enrolled device. Those that replace the device say nothing of the other one: what that
    /// lacks is told when it asks, all of it at once.
    UseDevice,
    /// Enrol the device.
    EnrolDevice,
    /// Lift the suspension of the device.
    ResumeDevice(DeviceId),
    /// Use another device: this one is given up for good.
    UseOtherDevice,
    /// Use a device that was issued to the person or is the person's own: this one is somebody else's own.
    UseOwnDevice,
    /// The register names the person as its user.
    AssignDevice(DeviceId),
    /// The register of systems names it as in use.
    RegisterSystem(SystemId),
    /// The system's officer opens it to use from outside.
    OpenToOutside(SystemId),
    /// The register of lines names it as an internal line.
    RegisterLine(LineId),
    /// Join it inside the controlled area.
    ComeInside,
    /// The register of tasks names it as in use.
    RegisterTask(TaskId),
    /// The task is allowed again, after its risk was looked at.
    AllowTask(TaskId),
    /// The task's grade is raised in the register, or a lower part of the system is used.
    RaiseTaskGrade(TaskId),
    /// The plan of telework is changed: it refuses the task, or limits it to others or a lower grade.
    ChangePlan(TaskId),
    /// The risk is assessed again, or what was decided about it is changed: it stops the task or limits it.
    ReviewRisk(RiskId),
    /// Bring a check of the device into order, and let it report.
    Check(DeviceId, DeviceCheck),
    /// Bring the device, whose state is declared, into order, and declare it again on it.
    Declare(DeviceId),
    /// Use a device that an agent looks at: no declaration is enough for this.
    UseObserved,
    /// Apply for a permit that covers what is asked.
    Apply(PermitKind),
    /// Apply for a permit for the whole of the system: the one that is there is for a named part.
    ApplyWhole(PermitKind),
    /// Take up a permit that was given.
    TakeUp(PermitId),
    /// Wait for the decision on what was applied for.
    AwaitDecision(PermitId),
    /// Hand in again what was sent back, and wait for the decision.
    Resubmit(PermitId),
    /// Its officer lets the permit hold again.
    Resume(PermitId),
}

impl Fix {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ConfirmClock => "confirm-clock",
            Self::OpenAccount => "open-account",
            Self::UseDevice => "use-device",
            Self::EnrolDevice => "enrol-device",
            Self::ResumeDevice(_) => "resume-device",
            Self::UseOtherDevice => "use-other-device",
            Self::UseOwnDevice => "use-own-device",
            Self::AssignDevice(_) => "assign-device",
            Self::RegisterSystem(_) => "register-system",
            Self::OpenToOutside(_) => "open-to-outside",
            Self::RegisterLine(_) => "register-line",
            Self::ComeInside => "come-inside",
            Self::RegisterTask(_) => "register-task",
            Self::AllowTask(_) => "allow-task",
            Self::RaiseTaskGrade(_) => "raise-task-grade",
            Self::ChangePlan(_) => "change-plan",
            Self::ReviewRisk(_) => "review-risk",
            Self::Check(..) => "check",
            Self::Declare(_) => "declare",
            Self::UseObserved => "use-observed",
            Self::Apply(_) => "apply",
            Self::ApplyWhole(_) => "apply-whole",
            Self::TakeUp(_) => "take-up",
            Self::AwaitDecision(_) => "await-decision",
            Self::Resubmit(_) => "resubmit",
            Self::Resume(_) => "resume",
        }
    }
}

/// Who can grant what is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grantor {
    /// The person alone.
    Oneself,
    /// The holder of a role; the console finds the post.
    Role(Role),
    /// Whoever operates the server.
    Operator,
}
