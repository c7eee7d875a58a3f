//! The frame around every page.

use sekisho_domain::authorise::{Action, Denied, GRANTS, Subject, reached};
use sekisho_domain::code::{Param, Reason};
use sekisho_domain::permit::Status;
use sekisho_domain::verdict::Verdict;
use sekisho_messages::{Arg, error_text};

use super::super::ctx::{Ctx, is_nameless};
use super::organisation::somewhere;
use super::{localised, person_name, standing, tally};
use crate::console::layout::{
    AlarmNote, BreakGlassNote, Frame, LedgerFoot, NavCounts, PermitCounts, Place, SignedIn,
};
use crate::reconcile;

/// What the organisation's page is for.
const ORGANISING: [Action; 6] = [
    Action::ReadDirectory,
    Action::FoundUnit,
    Action::CreatePost,
    Action::RegisterPerson,
    Action::Appoint,
    Action::EnrolDevice,
];

impl Ctx {
    /// The frame of a page that stands still.
    pub(in crate::http) fn frame(&self, place: Place) -> Frame {
        let nameless = is_nameless(&self.path);
        let place = if nameless { Place::Nameless } else { place };
        let signed_in = self.signed_in();
        let inside = signed_in.is_some();
        let (organisation, demo) = {
            let world = self.site.app.world();
            let known = world.organisation.as_ref();
            (
                known.map(|o| localised(&o.name)),
                known.is_some_and(|o| o.demo),
            )
        };
        Frame {
            lang: self.lang,
            place,
            path: if nameless {
                String::new()
            } else {
                self.path_and_query()
            },
            organisation,
            signed_in,
            counts: if inside {
                self.counts()
            } else {
                NavCounts::default()
            },
            may_organise: inside && self.may_organise(),
            may_handle_mail: inside && self.may(Action::HandleMail, Subject::Body),
            cases: if inside { self.open_cases() } else { None },
            rules_to_read: self.rules_to_read(),
            opinions: if inside { self.opinions() } else { None },
            reads_access_rules: inside && self.may(Action::ReadAccessRules, Subject::Body),
            may_issue_tokens: inside && somewhere(self, Action::IssueToken),
            demo,
            break_glass: inside.then(|| self.break_glass()).flatten(),
            alarms: self.alarms(inside),
            ledger: inside.then(|| self.ledger_foot()).flatten(),
            now: self.now,
            live: false,
            again: None,
        }
    }

    /// The frame of a page that follows changes.
    pub(in crate::http) fn live_frame(&self, place: Place) -> Frame {
        Frame {
            live: true,
            ..self.frame(place)
        }
    }

    /// The frame of a page that waits for work under way.
    pub(in crate::http) fn waiting_frame(&self, place: Place) -> Frame {
        Frame {
            again: Some(2),
            ..self.live_frame(place)
        }
    }

    /// How many cases wait in the reader's reach; none for who reads none.
    fn open_cases(&self) -> Option<u32> {
        let actor = self.actor().ok()?;
        let world = self.site.app.world();
        let reach = reached(&world, &actor, Action::ReadCases, self.now);
        if reach.is_nothing() {
            return None;
        }
        let within =
            |above: &sekisho_domain::id::UnitId, unit| world.unit_is_within(unit, *above, self.now);
        let open = world.plan.open().filter(|case| {
            let unit = case.opened.scope.unit();
            reach.body
                || unit.is_some_and(|unit| reach.units.iter().any(|above| within(above, unit)))
        });
        u32::try_from(open.count()).ok()
    }

    /// How many rules whoever is signed in has still to read.
    fn rules_to_read(&self) -> u32 {
        let Ok(live) = self.live() else { return 0 };
        let world = self.site.app.world();
        let to_read = world.rules_to_read(live.person, self.now).len();
        u32::try_from(to_read).unwrap_or(u32::MAX)
    }

    /// How many proposals wait for an opinion of whoever may give one; none for who reads none.
    fn opinions(&self) -> Option<u32> {
        if !self.may(Action::ReadOpinions, Subject::Body) {
            return None;
        }
        if !self.may(Action::GiveOpinion, Subject::Body) {
            return Some(0);
        }
        let waiting = self.site.app.world().awaiting_opinion(self.now).len();
        u32::try_from(waiting).ok()
    }

    fn signed_in(&self) -> Option<SignedIn> {
        let live = self.session.as_ref()?;
        let post = {
            let world = self.site.app.world();
            let title = world
                .posts_held(live.person, self.now)
                .next()
                .map(|(_, post)| localised(&post.title));
            title.map(|title| title.get(self.lang).to_owned())
        };
        Some(SignedIn {
            name: person_name(self, live.person).unwrap_or_else(|| live.person.to_string()),
            post,
            csrf: live.csrf(),
        })
    }

    /// Whether there is anything on the organisation's page for the person, be it for one unit only.
    fn may_organise(&self) -> bool {
        let Ok(actor) = self.actor() else {
            return false;
        };
        ORGANISING.into_iter().any(|action| {
            let answer = self.site.app.authorise(&actor, action, Subject::Body);
            !matches!(answer, Err(Denied::NoAuthority))
        })
    }

    fn break_glass(&self) -> Option<BreakGlassNote> {
        let open = self.site.app.world().break_glass_open(self.now).cloned()?;
        let called = |person| {
            let named = self.may(Action::ReadDirectory, Subject::Person(person));
            let name = named.then(|| person_name(self, person)).flatten();
            let world = self.site.app.world();
            let title = world.posts_held(person, self.now).next();
            let title = title.map(|(_, post)| localised(&post.title));
            let title = title.map(|title| title.get(self.lang).to_owned());
            name.or(title).unwrap_or_else(|| person.to_string())
        };
        Some(BreakGlassNote {
            people: [called(open.first), called(open.second)],
            until: open.until,
            may_close: self.may(Action::CloseBreakGlass, Subject::Body),
        })
    }

    /// The alarms in force. Where and what to do is for those signed in: it names places.
    fn alarms(&self, inside: bool) -> Vec<AlarmNote> {
        let note = |reason: &Reason| {
            let detail = match reason.params.get("detail") {
                Some(Param::Text(detail)) => detail.as_str(),
                _ => "",
            };
            let said = error_text(self.lang, &reason.code, &[("detail", Arg::from(detail))]);
            let more = said.where_.into_iter().chain([said.todo]);
            AlarmNote {
                what: said.what,
                more: more.filter(|_| inside).collect(),
            }
        };
        self.site.app.alarms().iter().map(note).collect()
    }

    fn counts(&self) -> NavCounts {
        let tally = tally::devices(&self.site.app.world());
        let (mut open, mut all) = (0_u32, 0_u32);
        if let Some(assessment) = standing(self) {
            for (row, assessed) in self.site.catalogue.rows().iter().zip(&assessment.rows) {
                let verdict = assessed.verdict.verdict;
                all += u32::from(verdict != Verdict::NotApplicable);
                let binding = row.force_for(assessment.profile).is_binding();
                open += u32::from(binding && verdict.is_open());
            }
        }
        NavCounts {
            open_requirements: open,
            requirements: all,
            devices: tally.all(),
            failing_devices: tally.failing,
            permits: self.permit_counts(),
            sees_access: super::access::sees_others(self),
            concerns: super::unease::list::waiting_for(self),
            services: self.open_services(),
        }
    }

    /// Services in use that wait for a word, for those who see them.
    fn open_services(&self) -> Option<u32> {
        if !self.may(Action::ReadServiceUse, Subject::Body) {
            return None;
        }
        let world = self.site.app.world();
        let open = world.open_sightings(self.now).count();
        Some(u32::try_from(open).unwrap_or(u32::MAX))
    }

    /// What there is of permits for the reader, from the indices of the World.
    fn permit_counts(&self) -> PermitCounts {
        let (Ok(actor), Ok(live)) = (self.actor(), self.live()) else {
            return PermitCounts::default();
        };
        let (person, now) = (live.person, self.now);
        let world = self.site.app.world();
        let reaches = |action| reached(&world, &actor, action, now);
        let decides = world.posts_decided_by(person, now).into_iter().any(|post| {
            let known = world.posts.get(&post);
            let roles = known.map_or(&[][..], |post| post.roles.as_slice());
            GRANTS
                .iter()
                .any(|it| it.action == Action::DecidePermit && roles.contains(&it.role))
        });
        let reads = reaches(Action::ReadPermit);
        let waiting = world.waiting_for(person, now).len() + world.awaiting_view(person, now).len();
        let asks = |status| matches!(status, Status::SentBack | Status::Approved | Status::Ended);
        let own = world.permits.of_person(person);
        let to_do = own.filter(|it| asks(it.status(now))).count();
        PermitCounts {
            to_do: u32::try_from(to_do).unwrap_or(u32::MAX),
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            decides: decides || waiting > 0,
            reads: reads.body || !reads.units.is_empty(),
            deputes: !reaches(Action::NameStandIn).is_nothing(),
            rules: reaches(Action::SetPermitRules).body,
        }
    }

    fn ledger_foot(&self) -> Option<LedgerFoot> {
        let head = self.site.app.head();
        // The third line of a checkpoint is the root in base64 (C2SP tlog-checkpoint).
        let root = head.checkpoint.lines().nth(2)?.to_owned();
        // What cannot be read has not been shown to have left.
        let targets = reconcile::status(&self.site.app).unwrap_or_default();
        let left = targets
            .iter()
            .filter(|t| reconcile::has_left(std::slice::from_ref(t)));
        Some(LedgerFoot {
            size: head.size,
            root,
            checkpoint_left_at: left.filter_map(|target| target.last_at).max(),
        })
    }
}
