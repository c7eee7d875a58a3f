//! The permits of a population: every kind and every state, applied for over a year and decided by
//! the posts that do decide.

use std::collections::HashMap;

use sekisho_domain::device::DeviceClass;
use sekisho_domain::event::Event;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::PermitId;
use sekisho_domain::permit::event::{
    Answer, Applied, Approved, Ended, ExtensionAsked, ObligationMet, Request, Suspended,
};
use sekisho_domain::permit::{
    Capacity, Deadlines, Decision, EndKind, HoldCause, NumberSeries, Obligation, Obligations,
    Particulars, PermitKind, PermitNumber, Proof, Route, Term,
};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::working_day::Calendar;

use super::mix::{KINDS, STATES, State, draw};
use super::office::{OFFICERS, Office, PER_SECTION, id};
use super::{Text, Texts, ready};
use crate::demo::asked::particulars;
use crate::random::SplitMix64;

/// What happens to a permit at one instant.
#[derive(Clone, Copy)]
enum Step {
    Apply,
    SendBack,
    Withdraw,
    Refuse,
    Approve,
    Activate,
    Suspend,
    AskExtension,
    End,
    Meet(Obligation),
    Close,
}

/// One permit to be.
pub(super) struct Plan {
    pub(super) id: PermitId,
    pub(super) number: u32,
    /// By number.
    pub(super) applicant: u32,
    pub(super) section: u32,
    pub(super) particulars: Particulars,
    pub(super) grade: Option<Grade>,
    pub(super) state: State,
    pub(super) applied: Timestamp,
    pub(super) term: Term,
    pub(super) ended: Timestamp,
}

/// Hands the events of all permits over, in the order of time.
pub(super) fn events<E>(
    office: Office,
    now: Timestamp,
    texts: &mut Texts<'_>,
    put: &mut impl FnMut(Timestamp, Event) -> Result<(), E>,
) -> Result<(), E> {
    if office.size.people < PER_SECTION {
        return Ok(());
    }
    let mut all: Vec<(Timestamp, u32, Step)> = Vec::new();
    let size = office.size;
    for number in 0..size.permits + size.ready * ready::EACH {
        let plan = Plan::of(office, now, number);
        all.extend(
            plan.steps()
                .into_iter()
                .map(|(at, step)| (at, number, step)),
        );
    }
    // The steps of one permit stay in their order: the sort is stable.
    all.sort_by_key(|(at, number, _)| (*at, *number));
    let mut serials = HashMap::new();
    for (at, number, step) in all {
        let plan = Plan::of(office, now, number);
        put(at, plan.event(office, at, step, texts, &mut serials))?;
    }
    Ok(())
}

impl Plan {
    /// Those of people who are ready to work from elsewhere come after all others.
    fn of(office: Office, now: Timestamp, number: u32) -> Self {
        match number.checked_sub(office.size.permits) {
            Some(nth) => ready::plan(office, now, nth),
            None => Self::drawn(office, now, number),
        }
    }

    fn drawn(office: Office, now: Timestamp, number: u32) -> Self {
        let mut random = SplitMix64::fork(office.seed, "permit", u64::from(number));
        let section = random.below(office.size.people / PER_SECTION);
        let place = OFFICERS + random.below(PER_SECTION - OFFICERS);
        let applicant = section * PER_SECTION + place;
        let device = applicant % office.size.devices.max(1);
        let kind = match (draw(&mut random, &KINDS, 100), Office::class(device)) {
            (PermitKind::TakeOut | PermitKind::OffSite, DeviceClass::Byod) => PermitKind::Byod,
            (kind, _) => kind,
        };
        let state = draw(&mut random, &STATES, 1000);
        let things = office.things(&mut random, section);
        let applied = now.before(Span::hours(1 + Self::age(state, &mut random)));
        let from = applied.after(Span::days(3));
        let until = match state {
            State::Owing | State::Overdue | State::Closed => {
                applied.after(Span::days(6 + random.below(60)))
            }
            _ => now.after(Span::hours(1 + random.below(180 * 24))),
        };
        let ended = match state {
            State::Owing => now.before(Span::hours(1 + random.below(24))),
            State::Overdue => now.before(Span::days(20 + random.below(40))),
            _ => until,
        };
        let until = until.max(ended);
        let particulars = particulars(
            kind,
            office.device(device),
            &things,
            applied,
            number as usize,
        )
        .expect("every register of a population has entries");
        Self {
            id: PermitId::new(id(office.seed, "permit", number)),
            number,
            applicant,
            section,
            grade: grade_of(&particulars),
            particulars,
            state,
            applied,
            term: Term { from, until },
            ended,
        }
    }

    /// How many hours ago it was applied for.
    fn age(state: State, random: &mut SplitMix64) -> u32 {
        let days = |least: u32, most: u32, random: &mut SplitMix64| {
            least * 24 + random.below((most - least) * 24)
        };
        match state {
            State::Applied => days(0, 10, random),
            State::SentBack | State::Approved => days(2, 20, random),
            State::Withdrawn | State::Refused => days(4, 360, random),
            State::Active | State::Held | State::Asking => days(5, 170, random),
            State::Owing => days(10, 60, random),
            State::Overdue => days(70, 120, random),
            State::Closed => days(90, 360, random),
        }
    }

    fn steps(&self) -> Vec<(Timestamp, Step)> {
        let applied = self.applied;
        let later = |hours| applied.after(Span::hours(hours));
        let mut steps = vec![(applied, Step::Apply)];
        let given = [(later(24), Step::Approve), (later(30), Step::Activate)];
        match self.state {
            State::Applied => {}
            State::SentBack => steps.push((later(20), Step::SendBack)),
            State::Withdrawn => steps.push((later(20), Step::Withdraw)),
            State::Refused => steps.push((later(20), Step::Refuse)),
            State::Approved => steps.push((later(24), Step::Approve)),
            State::Active => steps.extend(given),
            State::Held => {
                steps.extend(given);
                steps.push((later(60), Step::Suspend));
            }
            State::Asking => {
                steps.extend(given);
                steps.push((later(90), Step::AskExtension));
            }
            State::Owing | State::Overdue | State::Closed => {
                steps.extend(given);
                steps.push((self.ended, Step::End));
                let owed = Obligations::of(self.particulars.kind(), self.grade);
                if self.state == State::Closed {
                    let met = self.ended.after(Span::hours(20));
                    steps.extend(owed.iter().map(|one| (met, Step::Meet(one))));
                    steps.push((met, Step::Close));
                } else if owed.is_empty() {
                    steps.push((self.ended, Step::Close));
                }
            }
        }
        steps
    }

    fn route(&self, office: Office) -> Route {
        let kind = self.particulars.kind();
        let (role, _) = kind.approver();
        let post = match role {
            Role::Isso => office.systems_officer(self.section),
            Role::ExceptionAuthority => office.exceptions(),
            _ => office.chief(self.section),
        };
        Route {
            post,
            role,
            clause: kind.clause(),
        }
    }

    fn decision(&self, office: Office) -> Decision {
        let route = self.route(office);
        let holder = match route.role {
            Role::Isso => office.systems_officer_of(self.section),
            Role::ExceptionAuthority => office.central_holder(route.role),
            _ => office.chief_of(self.section),
        };
        let standing_in = office.stand_in(self.section);
        let standing_in = standing_in.filter(|(_, person)| {
            // What a stand-in decides waits to be viewed; most has been viewed since.
            route.role == Role::Diso && *person != self.applicant && self.number.is_multiple_of(16)
        });
        let (by, capacity) = match standing_in {
            Some((stand_in, person)) => (person, Capacity::StandIn { stand_in }),
            None => (holder, Capacity::Holder),
        };
        Decision {
            by: office.person(by),
            capacity,
            route,
        }
    }

    fn event(
        &self,
        office: Office,
        at: Timestamp,
        step: Step,
        texts: &mut Texts<'_>,
        serials: &mut HashMap<NumberSeries, u32>,
    ) -> Event {
        let permit = self.id;
        let mut text = || texts(self.applicant, Text::Words);
        let answer = |reason| Answer {
            permit,
            decision: self.decision(office),
            reason,
        };
        match step {
            Step::Apply => Event::PermitApplied {
                applied: Box::new(self.applied(office, text())),
            },
            Step::SendBack => Event::PermitSentBack {
                step: Box::new(answer(text())),
            },
            Step::Withdraw => Event::PermitWithdrawn { permit },
            Step::Refuse => Event::PermitRefused {
                step: Box::new(answer(text())),
            },
            Step::Approve => Event::PermitApproved {
                step: Box::new(self.approved(office, at, serials)),
            },
            Step::Activate => Event::PermitActivated { permit },
            Step::Suspend => Event::PermitSuspended {
                step: Suspended {
                    permit,
                    cause: HoldCause::Officer,
                    remark: None,
                },
            },
            Step::AskExtension => Event::PermitExtensionAsked {
                step: Box::new(ExtensionAsked {
                    permit,
                    until: self.term.until.after(Span::days(30)),
                    route: self.route(office),
                    reason: text(),
                }),
            },
            Step::End => Event::PermitEnded {
                step: Box::new(self.end()),
            },
            Step::Meet(obligation) => Event::PermitObligationMet {
                step: Box::new(ObligationMet {
                    permit,
                    obligation,
                    proof: Proof::Received,
                    statement: None,
                }),
            },
            Step::Close => Event::PermitClosed { permit },
        }
    }

    fn applied(&self, office: Office, purpose: sekisho_domain::event::Sealed) -> Applied {
        Applied {
            permit: self.id,
            applicant: office.person(self.applicant),
            request: Request {
                particulars: self.particulars.clone(),
                grade: self.grade,
                wanted: self.term,
                unit: office.section(self.section),
                route: self.route(office),
                purpose,
            },
        }
    }

    fn approved(
        &self,
        office: Office,
        at: Timestamp,
        serials: &mut HashMap<NumberSeries, u32>,
    ) -> Approved {
        let series = NumberSeries::at(self.particulars.kind(), at, false);
        let serial = serials.entry(series).or_default();
        *serial += 1;
        Approved {
            permit: self.id,
            number: PermitNumber {
                series,
                serial: *serial,
            },
            decision: self.decision(office),
            term: self.term,
            deadlines: deadlines(&self.particulars, self.grade, self.term.until),
            conditions: None,
            remark: None,
            for_everybody: matches!(&self.particulars, Particulars::Exception(it) if it.is_open()),
        }
    }

    fn end(&self) -> Ended {
        let how = if self.ended < self.term.until {
            EndKind::Returned
        } else {
            EndKind::Expired
        };
        Ended {
            permit: self.id,
            how,
            at: self.ended,
            deadlines: if self.ended == self.term.until {
                Deadlines::default()
            } else {
                deadlines(&self.particulars, self.grade, self.ended)
            },
            decision: None,
            remark: None,
        }
    }
}

/// Until when what is owed from an end on may take, as commands fix it.
fn deadlines(particulars: &Particulars, grade: Option<Grade>, end: Timestamp) -> Deadlines {
    let owed = Obligations::of(particulars.kind(), grade);
    Deadlines::from_end(owed, end, &Calendar::new(None))
}

/// What the registers of a population declare for an application: the grade of its task, else the
/// highest of its system; raised by what it states.
fn grade_of(particulars: &Particulars) -> Option<Grade> {
    let declared = if !particulars.tasks().is_empty() {
        Some("C2I1A1")
    } else if !particulars.systems().is_empty() {
        Some("C2I2A2")
    } else {
        None
    };
    let declared = declared.and_then(|text| text.parse::<Grade>().ok());
    let stated = particulars.stated_grade();
    declared.into_iter().chain(stated).reduce(Grade::join)
}
