//! Every kind of event with its version and payload.

use super::{Assessment, BlobRef, CheckChange, EventError, Sealed, VerdictChange};
use crate::access::{AccessRecord, Cut};
use crate::access_rules::AccessRules;
use crate::admission::AdmissionRecord;
use crate::appointment::Appointment;
use crate::attestation::Attestation;
use crate::checklist;
use crate::code::Reason;
use crate::concern;
use crate::delegation::Delegation;
use crate::device::{DeviceClass, DeviceKey, DeviceState};
use crate::exception;
use crate::feed::FeedState;
use crate::id::{
    AccountId, ApiTokenId, AppointmentId, DelegationId, DeviceId, MoveListId, PermitId, PersonId,
    PlanId, PostId, RiskId, RuleId, StandInId, UnitId,
};
use crate::moves::Skipped;
use crate::name::{Line, Name};
use crate::opinion;
use crate::organisation::Organisation;
use crate::permit::event::{
    Answer, Applied, Approved, Ended, Extended, ExtensionAsked, ObligationMet, Rerouted,
    Resubmitted, Resumed, Suspended, Viewed,
};
use crate::plan;
use crate::post::Post;
use crate::profile::Profile;
use crate::register::{EntryId, Particulars, Register};
use crate::risk;
use crate::rule;
use crate::sighting::{NotOurs, Sighting};
use crate::stand_in::StandIn;
use crate::time::{Interval, Timestamp};
use crate::token::Token;
use crate::unit::{Share, Unit};
use crate::working_day::Holidays;
use crate::world::PermitRules;
use serde::{Deserialize, Serialize};
use serde_json::Value;

events! {
    /// The organisation was founded in this ledger.
    OrganisationFounded {
        /// The organisation.
        organisation: Organisation,
    } = "organisation.founded", 1;
    /// The organisation answers to another notice from now on.
    ProfileChanged {
        /// The profile from now on.
        profile: Profile,
        /// Whether the annexed clauses are judged although the profile does not ask it.
        clauses_opted_in: bool,
    } = "organisation.profile-changed", 1;
    /// A version of the built-in catalogue is in force.
    CatalogueAdopted {
        /// Its version.
        catalogue: String,
        /// SHA-256 in hex of its canonical form.
        digest: String,
    } = "catalogue.adopted", 1;
    /// A unit was founded.
    UnitFounded {
        /// The unit.
        unit: Unit,
    } = "unit.founded", 1;
    /// A post was created.
    PostCreated {
        /// The post.
        post: Post,
    } = "post.created", 1;
    /// A person became known. Name, kana and mail are sealed.
    PersonRegistered {
        /// The person.
        person: PersonId,
        /// The unit the person belongs to.
        unit: UnitId,
        /// Name and mail under the person's key.
        profile: Sealed,
    } = "person.registered", 1;
    /// A person was forgotten: the key is destroyed. Nothing else changes.
    PersonForgotten {
        /// The person.
        person: PersonId,
    } = "person.forgotten", 1;
    /// A person may found units and posts and make appointments, until CISO and HISO are
    /// appointed.
    BootstrapOpened {
        /// The bootstrap officer.
        person: PersonId,
    } = "bootstrap.opened", 1;
    /// A person was appointed to a post.
    AppointmentMade {
        /// The appointment.
        appointment: Appointment,
    } = "appointment.made", 1;
    /// An appointment ends.
    AppointmentEnded {
        /// Which.
        appointment: AppointmentId,
        /// The first instant at which it no longer holds.
        until: Timestamp,
    } = "appointment.ended", 1;
    /// A person can sign in.
    AccountIssued {
        /// The account.
        account: AccountId,
        /// Whose.
        person: PersonId,
    } = "account.issued", 1;
    /// A person can no longer sign in with an account.
    AccountClosed {
        /// The account.
        account: AccountId,
    } = "account.closed", 1;
    /// A device was enrolled with a key made on it.
    DeviceEnrolled {
        /// The device.
        device: DeviceId,
        /// Its place in the order of enrolment.
        ordinal: u32,
        /// Its key.
        key: DeviceKey,
        /// Whose it is.
        class: DeviceClass,
        /// The unit that answers for it.
        unit: UnitId,
        /// The person who uses it, where one person does.
        user: Option<PersonId>,
    } = "device.enrolled", 1;
    /// The state of a device that was just enrolled is declared by the person who uses it.
    DeviceDeclares {
        /// The device.
        device: DeviceId,
    } = "device.declares", 1;
    /// A device's place in its life changed.
    DeviceStateChanged {
        /// The device.
        device: DeviceId,
        /// Where it stands from now on.
        state: DeviceState,
        /// Why.
        reason: Reason,
    } = "device.state-changed", 1;
    /// A check came out differently for a set of devices.
    CheckChanged {
        /// What changed.
        change: CheckChange,
    } = "check.changed", 1;
    /// A row's verdict changed.
    VerdictChanged {
        /// What changed.
        change: VerdictChange,
    } = "verdict.changed", 1;
    /// The catalogue was assessed.
    AssessmentHeld {
        /// What was held.
        held: Assessment,
    } = "assessment.held", 1;
    /// The holder of a post attested a row.
    AttestationMade {
        /// The attestation.
        attestation: Attestation,
        /// What was said, under its author's key.
        statement: Option<Sealed>,
    } = "attestation.made", 1;
    /// A feed was brought in.
    FeedImported {
        /// Its state.
        feed: FeedState,
    } = "feed.imported", 1;
    /// Someone read personal observations, for a stated purpose.
    PersonalRead {
        /// Of whom or what.
        subject: String,
        /// The purpose, under the reader's key.
        purpose: Sealed,
    } = "personal.read", 1;
    /// An operator confirmed that the clock is right after a step.
    ClockConfirmed {
        /// The size of the step in milliseconds.
        step: i64,
    } = "clock.confirmed", 1;
    /// Where checkpoints leave to was changed.
    CheckpointTargetsSet {
        /// Codes of the targets (`file`, `mail`, `witness`).
        targets: Vec<String>,
    } = "checkpoint.targets-set", 1;
    /// The decision point refused access, or gave it to those who administer what they reach.
    AccessRecorded {
        /// What was asked and answered.
        access: AccessRecord,
    } = "access.recorded", 1;
    /// An officer cut tunnels off.
    AccessCut {
        /// What, and why.
        cut: Cut,
    } = "access.cut", 1;
    /// The organisation's own rules of access are others from now on.
    AccessRulesSet {
        /// The version in force from now on.
        rules: AccessRules,
    } = "access_rules.set", 1;
    /// A device was refused at an internal line, set apart or taken off it, or let onto it by a
    /// permission to join again.
    AdmissionRecorded {
        /// What became of it.
        admission: AdmissionRecord,
    } = "admission.recorded", 1;
    /// Two officers took up the bootstrap officer's powers for an hour.
    BreakGlassOpened {
        /// The officer who asked.
        first: PersonId,
        /// The officer who agreed.
        second: PersonId,
        /// The first instant at which the powers are no longer held.
        until: Timestamp,
        /// Why, under the first officer's key.
        reason: Sealed,
    } = "break_glass.opened", 1;
    /// What is known of a person changed.
    PersonChanged {
        /// The person.
        person: PersonId,
        /// The unit from now on, where that changes.
        unit: Option<UnitId>,
        /// Name and mail from now on, under the person's key, where they change.
        profile: Option<Sealed>,
    } = "person.changed", 1;
    /// Many people were registered at once, with their appointments.
    PeopleImported {
        /// Who: [`Arrival`](crate::arrival::Arrival)s, one a line.
        document: BlobRef,
        /// How many.
        entered: u32,
    } = "people.imported", 1;
    /// A person left the organisation.
    PersonLeft {
        /// The person.
        person: PersonId,
        /// The first instant at which the person is no longer there.
        from: Timestamp,
    } = "person.left", 1;
    /// A person who had left is back.
    PersonReturned {
        /// The person.
        person: PersonId,
        /// The unit.
        unit: UnitId,
    } = "person.returned", 1;
    /// A unit bears another name.
    UnitRenamed {
        /// The unit.
        unit: UnitId,
        /// The name.
        name: Name,
        /// From when.
        from: Timestamp,
    } = "unit.renamed", 1;
    /// A unit stands below another.
    UnitMoved {
        /// The unit.
        unit: UnitId,
        /// The unit above.
        parent: UnitId,
        /// From when.
        from: Timestamp,
    } = "unit.moved", 1;
    /// A unit is abolished and succeeded by others.
    UnitAbolished {
        /// The unit.
        unit: UnitId,
        /// The first instant at which it no longer exists.
        until: Timestamp,
        /// Its heirs; what is not shared out follows to the first.
        heirs: Vec<UnitId>,
        /// What follows to another heir than the first.
        shares: Vec<Share>,
    } = "unit.abolished", 1;
    /// A post changed: title, roles or unit.
    PostChanged {
        /// The post as it is from now on.
        post: Post,
    } = "post.changed", 1;
    /// A post is abolished.
    PostAbolished {
        /// The post.
        post: PostId,
        /// The first instant at which it no longer exists.
        until: Timestamp,
    } = "post.abolished", 1;
    /// An entry was entered into a register.
    RegisterEntered {
        /// The entry.
        id: EntryId,
        /// The unit that answers for it.
        unit: Option<UnitId>,
        /// What the register holds of it.
        particulars: Particulars,
        /// What was said, under its author's key.
        remark: Option<Sealed>,
    } = "register.entered", 1;
    /// An entry of a register changed.
    RegisterChanged {
        /// The entry.
        id: EntryId,
        /// The unit that answers for it from now on.
        unit: Option<UnitId>,
        /// What the register holds of it from now on.
        particulars: Particulars,
        /// What was said, under its author's key.
        remark: Option<Sealed>,
    } = "register.changed", 1;
    /// An entry of a register is no longer in use.
    RegisterRetired {
        /// The entry.
        id: EntryId,
        /// What was said, under its author's key.
        remark: Option<Sealed>,
    } = "register.retired", 1;
    /// A retired entry is in use again.
    RegisterRestored {
        /// The entry.
        id: EntryId,
        /// What was said, under its author's key.
        remark: Option<Sealed>,
    } = "register.restored", 1;
    /// The owner of a register said that there is nothing to enter into it.
    RegisterDeclaredEmpty {
        /// The register.
        register: Register,
        /// How long the word stands, unless an entry comes.
        valid: Interval,
    } = "register.declared-empty", 1;
    /// Many entries were entered and changed at once.
    RegisterImported {
        /// The register.
        register: Register,
        /// Their rows: [`ImportRow`](crate::register::ImportRow)s, one a line.
        document: BlobRef,
        /// How many are new.
        entered: u32,
        /// How many changed.
        changed: u32,
    } = "register.imported", 1;
    /// A list of personnel moves was accepted.
    MovesAccepted {
        /// The list.
        list: MoveListId,
        /// The instant from which it holds.
        at: Timestamp,
        /// Its lines: [`MoveLine`](crate::moves::MoveLine)s, one a line.
        document: BlobRef,
        /// How many.
        lines: u32,
    } = "moves.accepted", 1;
    /// A list of personnel moves was taken back before its day.
    MovesWithdrawn { #[doc = "The list."] list: MoveListId } = "moves.withdrawn", 1;
    /// Lines of a list were carried out; what followed from them is recorded before.
    MovesCarriedOut {
        /// The list.
        list: MoveListId,
        /// How many lines are settled now.
        through: u32,
        /// Those of them that could not be carried out any more.
        skipped: Vec<Skipped>,
    } = "moves.carried-out", 1;
    /// Break-glass was closed before its time, or the program noted that its time was over.
    BreakGlassClosed { #[doc = "When it had been opened."] opened_at: Timestamp } = "break_glass.closed", 1;
    /// Another table of national holidays counts for the years that it knows.
    HolidaysReplaced {
        /// The days.
        holidays: Holidays,
        /// SHA-256 in hex of the file as it was brought in.
        digest: String,
    } = "holidays.replaced", 1;
    /// An API token was issued. Its secret is nowhere in the ledger.
    TokenIssued { #[doc = "The token."] token: Token } = "token.issued", 1;
    /// An API token was revoked.
    TokenRevoked { #[doc = "Which."] token: ApiTokenId } = "token.revoked", 1;
    /// A permit was applied for.
    PermitApplied { #[doc = "The application."] applied: Box<Applied> } = "permit.applied", 1;
    /// What was sent back was changed and handed in again.
    PermitResubmitted { #[doc = "What is asked for now."] step: Box<Resubmitted> } = "permit.resubmitted", 1;
    /// An application was sent back to the applicant.
    PermitSentBack { #[doc = "By whom and why."] step: Box<Answer> } = "permit.sent-back", 1;
    /// The applicant took an application back.
    PermitWithdrawn { #[doc = "Which."] permit: PermitId } = "permit.withdrawn", 1;
    /// An application was refused.
    PermitRefused { #[doc = "By whom and why."] step: Box<Answer> } = "permit.refused", 1;
    /// A permit was given.
    PermitApproved {
        /// Number, term, conditions, and who decided.
        step: Box<Approved>,
    } = "permit.approved", 1;
    /// The applicant took a permit up.
    PermitActivated { #[doc = "Which."] permit: PermitId } = "permit.activated", 1;
    /// A permit does not hold for the time being.
    PermitSuspended { #[doc = "Why."] step: Suspended } = "permit.suspended", 1;
    /// A permit holds again.
    PermitResumed { #[doc = "Who decided."] step: Resumed } = "permit.resumed", 1;
    /// The applicant asked for a later end.
    PermitExtensionAsked { #[doc = "What is asked for."] step: Box<ExtensionAsked> } = "permit.extension-asked", 1;
    /// The end of a permit was put off.
    PermitExtended { #[doc = "Until when, and who decided."] step: Extended } = "permit.extended", 1;
    /// A later end was refused.
    PermitExtensionRefused { #[doc = "By whom and why."] step: Box<Answer> } = "permit.extension-refused", 1;
    /// A permit ended for good.
    PermitEnded { #[doc = "How and when."] step: Box<Ended> } = "permit.ended", 1;
    /// Something owed at the end of a permit was done.
    PermitObligationMet {
        /// What, and on what it rests.
        step: Box<ObligationMet>,
    } = "permit.obligation-met", 1;
    /// A permit has ended and nothing is owed any more.
    PermitClosed { #[doc = "Which."] permit: PermitId } = "permit.closed", 1;
    /// The holder of a post viewed what a stand-in decided.
    PermitViewed { #[doc = "Which permit and post."] step: Viewed } = "permit.viewed", 1;
    /// Another post decides on what waits.
    PermitRerouted { #[doc = "Which."] step: Rerouted } = "permit.rerouted", 1;
    /// How permits are numbered and who decides was settled.
    PermitRulesSet { #[doc = "The rules from now on."] rules: PermitRules } = "permit.rules-set", 1;
    /// A stand-in for the holder of a post was named.
    StandInNamed { #[doc = "The stand-in."] stand_in: StandIn } = "stand_in.named", 1;
    /// A stand-in ends.
    StandInEnded {
        /// Which.
        stand_in: StandInId,
        /// The first instant at which it no longer holds.
        until: Timestamp,
    } = "stand_in.ended", 1;
    /// Decisions were delegated to another post.
    DelegationMade { #[doc = "The delegation."] delegation: Delegation } = "delegation.made", 1;
    /// A delegation ends.
    DelegationEnded {
        /// Which.
        delegation: DelegationId,
        /// The first instant at which it no longer holds.
        until: Timestamp,
    } = "delegation.ended", 1;
    /// A plan of telework was drafted, or its draft written anew.
    PlanDrafted { #[doc = "What it says."] drafted: Box<plan::PlanDrafted> } = "plan.drafted", 1;
    /// A draft was thrown away.
    PlanDropped { #[doc = "Which."] plan: PlanId } = "plan.dropped", 1;
    /// A draft was proposed for approval.
    PlanProposed { #[doc = "Which."] proposed: plan::PlanProposed } = "plan.proposed", 1;
    /// A proposal was sent back.
    PlanSentBack { #[doc = "Which, and why."] step: plan::PlanSentBack } = "plan.sent-back", 1;
    /// A plan was approved, and its baseline frozen.
    PlanApproved { #[doc = "Which, and until when."] approved: Box<plan::PlanApproved> } = "plan.approved", 1;
    /// Use was held against the plan.
    PlanEvaluated { #[doc = "What was measured."] evaluated: Box<plan::PlanEvaluated> } = "plan.evaluated", 1;
    /// A case was opened: use departed from the plan.
    CaseOpened { #[doc = "What fired, for whom."] opened: Box<plan::CaseOpened> } = "case.opened", 1;
    /// More came to an open case.
    CaseGrown { #[doc = "All that is measured now."] grown: Box<plan::CaseGrown> } = "case.grown", 1;
    /// What a case was opened for is gone again.
    CaseSubsided { #[doc = "Which."] subsided: Box<plan::CaseSubsided> } = "case.subsided", 1;
    /// A case was reassessed and closed.
    CaseClosed { #[doc = "What was found."] closed: Box<plan::CaseClosed> } = "case.closed", 1;
    /// A case was closed by an approved risk assessment.
    CaseAssessed { #[doc = "Which, and what was found."] closed: Box<plan::CaseAssessed> } = "case.closed", 2;
    /// A risk assessment was drafted, or its draft written anew; its inputs were frozen.
    RiskDrafted { #[doc = "What it says and what was found."] drafted: Box<risk::RiskDrafted> } = "risk.drafted", 1;
    /// A draft was thrown away.
    RiskDropped { #[doc = "Which."] risk: RiskId } = "risk.dropped", 1;
    /// A draft was proposed for approval.
    RiskProposed { #[doc = "Which."] proposed: risk::RiskProposed } = "risk.proposed", 1;
    /// A proposal was sent back.
    RiskSentBack { #[doc = "Which, and why."] step: risk::RiskSentBack } = "risk.sent-back", 1;
    /// A risk assessment was approved; its treatments hold from now on.
    RiskApproved { #[doc = "Which."] approved: risk::RiskApproved } = "risk.approved", 1;
    /// Somebody looked at an exception again.
    ExceptionReviewed { #[doc = "What was found."] step: Box<exception::Reviewed> } = "exception.reviewed", 1;
    /// An exception became ordinary operation.
    ExceptionRegularised {
        /// By which clause.
        step: Box<exception::Regularised>,
    } = "exception.regularised", 1;
    /// An exception was stopped.
    ExceptionStopped { #[doc = "Why."] step: Box<exception::Stopped> } = "exception.stopped", 1;
    /// It was decided that an exception goes on as one.
    ExceptionDecidedAgain {
        /// Until when it is to be looked at again.
        step: Box<exception::DecidedAgain>,
    } = "exception.decided-again", 1;
    /// Logs show use of an outside service that no register carries, or use of a new kind.
    ServiceSighted { #[doc = "All that was seen."] sighting: Box<Sighting> } = "service.sighted", 1;
    /// An officer said that such use is not the organisation's.
    ServiceDisowned {
        /// Which service.
        service: Line,
        /// Why.
        why: NotOurs,
        /// What was said beside, under its author's key.
        note: Option<Sealed>,
    } = "service.disowned", 1;
    /// An officer said that a source of logs is none any more.
    LogSourceRetired { #[doc = "Which."] source: Line } = "service.log-source-retired", 1;
    /// The next version of a rule was drafted, or its draft written anew.
    RuleDrafted { #[doc = "What it says."] drafted: Box<rule::RuleDrafted> } = "rule.drafted", 1;
    /// The draft of a rule was thrown away.
    RuleDropped { #[doc = "Which."] rule: RuleId } = "rule.dropped", 1;
    /// The draft of a rule was proposed for approval.
    RuleProposed { #[doc = "Which."] proposed: rule::RuleProposed } = "rule.proposed", 1;
    /// A proposed rule was sent back.
    RuleSentBack { #[doc = "Which, and why."] step: rule::RuleSentBack } = "rule.sent-back", 1;
    /// A version of a rule was approved.
    RuleApproved { approved: rule::RuleApproved } = "rule.approved", 1;
    /// A person said to have read a version of a rule.
    RuleAcknowledged { #[doc = "Who, and which version."] step: rule::RuleAcknowledged } = "rule.acknowledged", 1;
    /// It was looked at whether a rule works.
    RuleChecked { #[doc = "What was found."] checked: Box<rule::RuleChecked> } = "rule.checked", 1;
    /// The promotion body gave an opinion on a proposal.
    OpinionGiven { opinion: Box<opinion::Opinion> } = "opinion.given", 1;
    /// Whoever approved something weighed the promotion body's opinion on it.
    OpinionWeighed { #[doc = "What was weighed."] weighed: opinion::Weighed } = "opinion.weighed", 1;
    /// Whether approvals wait for an opinion was settled.
    OpinionGateSet { #[doc = "Whether they do."] gate: opinion::GateSet } = "opinion.gate-set", 1;
    /// Unease was told.
    ConcernTold { #[doc = "What, and until when it is to be answered."] told: Box<concern::ConcernTold> } = "concern.told", 1;
    /// The reporter said more of it.
    ConcernSaid { #[doc = "What."] said: concern::ConcernSaid } = "concern.said", 1;
    /// A report was looked at, or answered.
    ConcernAnswered { #[doc = "How."] answered: concern::ConcernAnswered } = "concern.answered", 1;
    /// A report became an incident, which was entered just before.
    ConcernTurned { #[doc = "Which."] turned: concern::ConcernTurned } = "concern.turned", 1;
    /// The words of a report without a name were destroyed.
    ConcernErased { #[doc = "Of which."] erased: concern::ConcernErased } = "concern.erased", 1;
    /// It was chosen whether reports without a name are taken.
    ConcernRulesSet { #[doc = "Whether they are."] nameless: bool } = "concern.rules-set", 1;
    /// An item of a checklist was answered.
    ChecklistAnswered { #[doc = "How."] answered: Box<checklist::ChecklistAnswered> } = "checklist.answered", 1;
}
