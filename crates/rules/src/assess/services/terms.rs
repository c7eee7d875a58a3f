//! Services under their provider's terms: what may be put there, how their terms were judged, with what
//! measures they are used, and whether the procedure for applying is set up and used (4.1.2).

use sekisho_domain::code::Reason;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::ServiceId;
use sekisho_domain::permit::{Particulars, Permit, PermitKind, Status};
use sekisho_domain::register::service::{Judgement, ServiceKind, TermsState};
use sekisho_domain::register::{ConferenceTool, Entry, EntryId, Register, Service};
use sekisho_domain::role::Role;
use sekisho_domain::verdict::Verdict;

use super::super::Ground;
use super::super::part::Part;
use super::{Tally, name, none_of_kind, number, of_register, title, unwatched};

/// The services under terms that are in use.
fn under_terms<'a>(ground: &'a Ground<'_>) -> impl Iterator<Item = (&'a Entry, &'a Service)> {
    let all = ground.world.registers.nouns::<Service>();
    all.filter(|(_, it)| it.kind == ServiceKind::Terms)
}

/// Permits for services that were given and have not ended, those held included.
fn permits<'a>(ground: &'a Ground<'_>) -> impl Iterator<Item = &'a Permit> {
    given(ground, PermitKind::Service)
}

fn given<'a>(ground: &'a Ground<'_>, kind: PermitKind) -> impl Iterator<Item = &'a Permit> {
    let live = [Status::Approved, Status::Active, Status::Suspended];
    let all = ground.world.permits.of_kind(kind);
    all.filter(move |permit| live.contains(&permit.status(ground.now)))
}

fn evidence(mut part: Part, tally_newest: Option<sekisho_domain::time::Timestamp>) -> Part {
    let of = |at| of_register(Register::Service, at);
    part.evidence.extend(tally_newest.map(of));
    part
}

/// Neither a service under terms nor a permit for one is for C2 or C3. The commands let neither pass; a
/// ledger that held one would show it.
pub(super) fn without_secrets(ground: &Ground<'_>) -> Part {
    let mut tally = Tally::default();
    for (entry, service) in under_terms(ground) {
        tally.seen(entry.changed_at);
        if service.highest.is_confidential() {
            let reason =
                Reason::new("services.for-secrets").with("service", title(&entry.particulars));
            tally.fail(Some(entry.id), reason);
        } else {
            tally.pass();
        }
    }
    // A tool may have been decided on before its service was entered as one under terms.
    for (entry, tool) in ground.world.registers.nouns::<ConferenceTool>() {
        if ground.world.is_under_terms(tool) && tool.is_for_secrets() {
            let reason = Reason::new("services.for-secrets");
            tally.fail(
                Some(entry.id),
                reason.with("service", title(&entry.particulars)),
            );
        } else if tool.is_for_secrets() && !tool.states_ground() {
            // It may be one of those that were entered before a ground was asked for.
            let reason = Reason::new("services.ground-unknown");
            let reason = reason.with("tool", title(&entry.particulars));
            tally.unknown(Some(entry.id), reason);
        }
    }
    let (mut secret, mut all) = (0u32, 0u32);
    for permit in permits(ground) {
        all += 1;
        if permit.grade.is_none_or(Grade::is_confidential) {
            secret += 1;
        } else {
            tally.pass();
        }
    }
    for _ in 0..secret {
        let reason = Reason::new("permit.service-with-secrets");
        tally.fail(None, reason.with("n", secret).with("all", all));
    }
    meetings(ground, &mut tally);
    if tally.counts.total() == 0 {
        return none_of_kind(Register::Service, ground);
    }
    let well = Reason::new("services.without-secrets").with("n", tally.counts.total());
    let newest = tally.newest;
    evidence(tally.part(well), newest)
}

/// Permits for conference tools on their providers' terms, and for those that may be. A tool may have been changed
/// under permits that were given before that was asked.
fn meetings(ground: &Ground<'_>, tally: &mut Tally) {
    let (mut secret, mut all) = (0u32, 0u32);
    for permit in given(ground, PermitKind::Conference) {
        let Particulars::Conference(meeting) = permit.particulars.as_ref() else {
            continue;
        };
        let known = ground.world.registers.get::<ConferenceTool>(meeting.tool);
        let Some((entry, tool)) = known else { continue };
        let is_secret = permit.grade.is_none_or(Grade::is_confidential);
        if ground.world.is_under_terms(tool) {
            all += 1;
            if is_secret {
                secret += 1;
            } else {
                tally.pass();
            }
        } else if is_secret && !tool.states_ground() {
            let reason = Reason::new("services.ground-unknown");
            let reason = reason.with("tool", title(&entry.particulars));
            tally.unknown(Some(entry.id), reason);
        }
    }
    for _ in 0..secret {
        let reason = Reason::new("permit.conference-with-secrets");
        tally.fail(None, reason.with("n", secret).with("all", all));
    }
}

/// The terms of each service were judged acceptable as they are now, and whoever holds a permit had read
/// that edition.
pub(super) fn judged(ground: &Ground<'_>) -> Part {
    let mut tally = Tally::default();
    for (entry, service) in under_terms(ground) {
        tally.seen(entry.changed_at);
        let lacks = |code| Reason::new(code).with("service", title(&entry.particulars));
        match service.terms_state() {
            TermsState::Judged(Judgement::Acceptable | Judgement::Conditional) => tally.pass(),
            TermsState::Judged(Judgement::Unacceptable) => {
                tally.fail(Some(entry.id), lacks("services.terms-unacceptable"));
            }
            TermsState::Changed => tally.fail(Some(entry.id), lacks("services.terms-changed")),
            TermsState::Unjudged => tally.fail(Some(entry.id), lacks("services.terms-unjudged")),
            TermsState::Unread => tally.fail(Some(entry.id), lacks("services.terms-unread")),
        }
    }
    let (mut all, mut old) = (0u32, 0u32);
    for permit in permits(ground) {
        all += 1;
        if terms_changed(permit, ground) {
            old += 1;
        } else {
            tally.pass();
        }
    }
    for _ in 0..old {
        let reason = Reason::new("permit.terms-changed");
        tally.fail(None, reason.with("n", old).with("all", all));
    }
    if tally.counts.total() == 0 {
        return none_of_kind(Register::Service, ground);
    }
    let well = Reason::new("services.terms-judged").with("n", tally.counts.total());
    let newest = tally.newest;
    evidence(tally.part(well), newest)
}

/// Whether the register knows another edition of the terms than the one that was read: another version, or other
/// bytes of the same, noted after the day of reading or after the permit was applied for.
fn terms_changed(permit: &Permit, ground: &Ground<'_>) -> bool {
    let Particulars::Service(read) = permit.particulars.as_ref() else {
        return false;
    };
    let known = ground.world.registers.get::<Service>(read.service);
    let now = known.and_then(|(_, service)| service.terms_version.as_ref());
    let changed_at = ground.world.terms_changed_at(read.service);
    let since =
        changed_at.is_some_and(|at| permit.applied_at < at || read.terms_read_on < at.jst_date());
    now.is_some_and(|now| *now != read.terms_edition || since)
}

/// Each permit in force says with which measures the service is used. Whether they are taken no setting of
/// somebody else's service shows: that is attested.
pub(super) fn with_measures(ground: &Ground<'_>) -> Part {
    let mut tally = Tally::default();
    for permit in permits(ground) {
        let Particulars::Service(asked) = permit.particulars.as_ref() else {
            continue;
        };
        if asked.measures.is_empty() {
            let reason = Reason::new("services.permit-without-measures");
            let id = EntryId::from(asked.service);
            tally.fail(Some(id), reason.with("service", name(ground, id)));
        } else {
            tally.pass();
        }
    }
    if tally.counts.total() > 0 {
        let well = Reason::new("services.permits-with-measures").with("n", tally.counts.total());
        let mut part = tally.part(well);
        part.evidence.push(of_permits(ground));
        return part;
    }
    if let Some(part) = unwatched(ground, false) {
        return part;
    }
    if uses_any(ground) {
        let reason = Reason::new("permit.none").with("kind", PermitKind::Service.code());
        return Part::of(Verdict::Unknown, reason);
    }
    let mut part = Part::of(Verdict::Met, Reason::new("services.none-used"));
    part.evidence.extend(super::logs(ground));
    part
}

/// Whether logs show use of any service under terms.
fn uses_any(ground: &Ground<'_>) -> bool {
    let seen = ground.access.services();
    under_terms(ground).any(|(entry, _)| seen.used_at(entry.id, ground.now).is_some())
}

/// The procedure is set up: somebody decides on applications; and it is used: some were decided on.
pub(super) fn procedure(ground: &Ground<'_>) -> Part {
    let mut all = ground.world.permits.of_kind(PermitKind::Service);
    if under_terms(ground).next().is_none() && all.next().is_none() {
        return none_of_kind(Register::Service, ground);
    }
    let posts = ground.world.posts.values();
    let mut deciders = posts.filter(|post| post.roles.contains(&Role::Diso));
    let decides = deciders.any(|post| ground.world.holders(post.id, ground.now).next().is_some());
    if !decides {
        let reason = Reason::new("services.nobody-decides");
        return Part::of(Verdict::NotMet, reason);
    }
    let all = ground.world.permits.of_kind(PermitKind::Service);
    // What was taken back, or waits with the applicant, nobody has decided.
    let decided = all
        .filter(|permit| permit.grant().is_some() || permit.status(ground.now) == Status::Refused);
    let decided = number(decided.count());
    if decided == 0 {
        return Part::of(Verdict::Unknown, Reason::new("services.never-applied"));
    }
    let reason = Reason::new("services.procedure-used").with("n", decided);
    let mut part = Part::of(Verdict::Met, reason);
    part.evidence.push(of_permits(ground));
    part
}

/// The register of permits as evidence.
fn of_permits(ground: &Ground<'_>) -> sekisho_domain::verdict::Evidence {
    sekisho_domain::verdict::Evidence {
        source: "register:permits".to_owned(),
        at: ground.world.recorded_at,
        digest: None,
    }
}

/// The entry of a service.
pub(super) fn entry_of(service: ServiceId) -> EntryId {
    EntryId::from(service)
}
