//! Permits of every kind and in every state, applied for and decided by the commands of real life.
//!
//! What a kind refers to is taken from the registers as they are; a kind whose register is empty is
//! left out.

use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Application, Command, PermitAct, PermitCommand};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Sealed;
use sekisho_domain::id::{PermitId, PersonId};
use sekisho_domain::opinion::{Stance, Subject};
use sekisho_domain::permit::{HoldCause, Obligation, PermitKind, Proof, Route, Term, route};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_messages::{Lang, t};
use sekisho_server::app::{App, PERMIT_PURPOSE};
use sekisho_store::StoreError;

use super::asked::{Things, particulars};
use super::in_flight::carry_out;
use super::{FillError, Progress, Stage};
use crate::organisation::Ministry;
use crate::random::SplitMix64;

/// How far a permit of the demonstration has come.
const STATES: &[State] = &[
    State::Applied,
    State::Active,
    State::SentBack,
    State::Owing,
    State::Approved,
    State::Refused,
    State::Closed,
    State::Held,
    State::Asking,
    State::Withdrawn,
];

/// Permits of each kind.
const EACH: usize = 20;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Applied,
    SentBack,
    Withdrawn,
    Refused,
    Approved,
    Active,
    Held,
    Asking,
    Owing,
    Closed,
}

/// What the promotion body says of an exception.
const HEARD: &str = "代替措置により、規程の趣旨に反しない";

/// Applies for and decides what is not there yet.
pub(super) fn give(
    app: &App,
    ministry: &Ministry,
    progress: &mut Progress<'_>,
) -> Result<(), FillError> {
    let (mut commands, mut exceptions) = (Vec::new(), Vec::new());
    {
        let world = app.world();
        let things = Things::of(&world);
        let applicants = applicants(ministry);
        let kinds = PermitKind::ALL.iter();
        let kinds = kinds.flat_map(|kind| std::iter::repeat_n(*kind, EACH));
        for (number, kind) in kinds.enumerate() {
            let Some(permit) = plan(
                app,
                &world,
                &things,
                &applicants,
                (ministry.seed, number, kind),
            ) else {
                continue;
            };
            let kind = permit.application.particulars.kind();
            if kind == PermitKind::Exception {
                exceptions.push(permit);
            } else {
                commands.extend(permit.commands(app)?);
            }
        }
    }
    for exception in &exceptions {
        // What is asked for is heard by the promotion body before somebody decides.
        let mut steps = exception.commands(app)?.into_iter();
        carry_out(
            app,
            Stage::Permits,
            steps.next().into_iter().collect(),
            progress,
        )?;
        let about = Subject::Exception(exception.id);
        super::rules::heard(app, about, Stance::Agree, HEARD)?;
        commands.extend(steps);
    }
    carry_out(app, Stage::Permits, commands, progress)
}

/// Those who have a device, with it, by class: issued devices first.
fn applicants(ministry: &Ministry) -> Vec<(PersonId, crate::organisation::Enrolled)> {
    let devices = ministry.devices.iter();
    devices
        .map(|device| (device.user, device.clone()))
        .collect()
}

/// One permit to be.
struct Plan {
    id: PermitId,
    applicant: PersonId,
    decider: PersonId,
    receiver: PersonId,
    application: Application,
    owed: Vec<Obligation>,
    state: State,
}

fn plan(
    app: &App,
    world: &World,
    things: &Things,
    applicants: &[(PersonId, crate::organisation::Enrolled)],
    (seed, number, kind): (u64, usize, PermitKind),
) -> Option<Plan> {
    let id = SplitMix64::fork(seed, "permit", number as u64).fresh();
    let id = PermitId::new(id);
    if world.permits.get(id).is_some() {
        return None;
    }
    let class = if kind == PermitKind::Byod {
        DeviceClass::Byod
    } else {
        DeviceClass::Issued
    };
    let of_class = applicants
        .iter()
        .filter(|(_, device)| device.class == class);
    // A device is asked for once, so that nobody gets a second permit of a kind for it.
    let (applicant, device) = of_class
        .clone()
        .nth((number * 7) % of_class.count().max(1))?;
    let now = app.now();
    let particulars = particulars(kind, device.id, things, now, number)?;
    let grade = world.grade_of(&particulars);
    let unit = world.unit_of(*applicant, now)?;
    let Route { post, .. } = route(world, *applicant, unit, &particulars, grade, now).ok()?;
    let decider = world.holders(post, now).find(|who| who != applicant)?;
    // Nobody receives what they give back themselves.
    let receiver = receiver(world, now).filter(|who| who != applicant)?;
    let purpose = t!(Lang::Ja, "cli.demo.permit_purpose");
    let purpose = app
        .seal(*applicant, PERMIT_PURPOSE, purpose.as_bytes())
        .ok()?;
    let until = now.after(Span::days(30 + (number as u32 % 5) * 30));
    let owed = sekisho_domain::permit::Obligations::of(kind, grade);
    Some(Plan {
        id,
        applicant: *applicant,
        decider,
        receiver,
        application: Application {
            particulars,
            wanted: Term { from: now, until },
            purpose,
        },
        owed: owed.iter().collect(),
        state: STATES[number % STATES.len()],
    })
}

/// Who receives what is given back.
fn receiver(world: &World, now: Timestamp) -> Option<PersonId> {
    use sekisho_domain::role::Role;
    let mut posts: Vec<_> = world
        .posts
        .values()
        .filter(|post| post.roles.contains(&Role::Isso))
        .map(|post| post.id)
        .collect();
    posts.sort_unstable();
    posts
        .into_iter()
        .find_map(|post| world.holders(post, now).next())
}

impl Plan {
    fn commands(&self, app: &App) -> Result<Vec<(Actor, Command)>, StoreError> {
        let apply = PermitCommand::Apply {
            permit: self.id,
            applicant: self.applicant,
            application: self.application.clone(),
        };
        let mut commands = vec![(Actor::person(self.applicant), permit(apply))];
        for (by, act) in self.acts(app)? {
            let command = PermitCommand::Act {
                permit: self.id,
                expected: None,
                act,
            };
            commands.push((Actor::person(by), permit(command)));
        }
        Ok(commands)
    }

    fn reason(&self, app: &App) -> Result<Sealed, StoreError> {
        let text = t!(Lang::Ja, "cli.demo.permit_reason");
        app.seal(self.applicant, PERMIT_PURPOSE, text.as_bytes())
    }

    fn acts(&self, app: &App) -> Result<Vec<(PersonId, PermitAct)>, StoreError> {
        let approve = PermitAct::Approve {
            term: None,
            conditions: None,
            remark: None,
            answer: None,
        };
        let given = |more: Vec<(PersonId, PermitAct)>| {
            let mut acts = vec![
                (self.decider, approve.clone()),
                (self.applicant, PermitAct::Activate),
            ];
            acts.extend(more);
            acts
        };
        Ok(match self.state {
            State::Applied => Vec::new(),
            State::Withdrawn => vec![(self.applicant, PermitAct::Withdraw)],
            State::SentBack => {
                let reason = self.reason(app)?;
                vec![(self.decider, PermitAct::SendBack { reason })]
            }
            State::Refused => {
                let reason = self.reason(app)?;
                vec![(self.decider, PermitAct::Refuse { reason })]
            }
            State::Approved => vec![(self.decider, approve)],
            State::Active => given(Vec::new()),
            State::Held => {
                let (cause, remark) = (HoldCause::Officer, None);
                given(vec![(self.receiver, PermitAct::Suspend { cause, remark })])
            }
            State::Asking => {
                let until = self.application.wanted.until.after(Span::days(60));
                let reason = self.reason(app)?;
                given(vec![(
                    self.applicant,
                    PermitAct::AskExtension { until, reason },
                )])
            }
            State::Owing => given(vec![(self.applicant, PermitAct::Return)]),
            State::Closed => {
                let mut acts = vec![(self.applicant, PermitAct::Return)];
                for obligation in &self.owed {
                    acts.push(self.meet(app, *obligation)?);
                }
                given(acts)
            }
        })
    }

    fn meet(&self, app: &App, obligation: Obligation) -> Result<(PersonId, PermitAct), StoreError> {
        let stated = obligation.is_stated_by_the_applicant();
        let (by, proof, statement) = if stated {
            let text = t!(Lang::Ja, "cli.demo.permit_erased");
            let text = app.seal(self.applicant, PERMIT_PURPOSE, text.as_bytes())?;
            (self.applicant, Proof::Statement, Some(text))
        } else {
            (self.receiver, Proof::Received, None)
        };
        let act = PermitAct::Meet {
            obligation,
            proof,
            statement,
        };
        Ok((by, act))
    }
}

fn permit(command: PermitCommand) -> Command {
    Command::Permit(Box::new(command))
}
