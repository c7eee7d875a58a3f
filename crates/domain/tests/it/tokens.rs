//! API tokens: never more than the post, never more than the scope, and dead with either.

use std::collections::BTreeSet;

use sekisho_domain::account::Account;
use sekisho_domain::actor::Actor;
use sekisho_domain::appointment::{Appointment, AppointmentKind};
use sekisho_domain::authorise::{Action, Basis, Denied, Subject, authorise};
use sekisho_domain::break_glass::BreakGlass;
use sekisho_domain::command::{Command, decide};
use sekisho_domain::event::{Event, StoredEvent};
use sekisho_domain::id::{
    AccountId, ApiTokenId, AppointmentId, Fresh, OrganisationId, PersonId, PostId, UnitId,
};
use sekisho_domain::name::{Line, Name};
use sekisho_domain::organisation::Organisation;
use sekisho_domain::post::Post;
use sekisho_domain::profile::Profile;
use sekisho_domain::role::Role;
use sekisho_domain::time::{Interval, Span, Timestamp};
use sekisho_domain::token::{
    KnownToken, TOKEN_MAX, TOKENS_OF_A_POST, Token, TokenHolder, TokenScope,
};
use sekisho_domain::unit::Unit;
use sekisho_domain::world::{NoDocuments, World};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

const ROOT: u8 = 1;
const SECTION: u8 = 2;
const ELSEWHERE: u8 = 3;
const HOLDER: u8 = 10;
const COLLEAGUE: u8 = 11;
const STRANGER: u8 = 12;
/// The post that a token is for, and another one of the same holder.
const POST: u8 = 20;
const OTHER_POST: u8 = 21;

fn fresh(byte: u8) -> Fresh {
    Fresh([byte; 16])
}

fn unit(byte: u8) -> UnitId {
    UnitId::new(fresh(byte))
}

fn person(byte: u8) -> PersonId {
    PersonId::new(fresh(byte))
}

fn post(byte: u8) -> PostId {
    PostId::new(fresh(byte))
}

fn name() -> Name {
    Name::ja(Line::parse("名").unwrap())
}

/// The holder sits in the section with a post of a role and a second one; a colleague beside, a
/// stranger elsewhere.
fn world(role: Role, second: Role) -> World {
    let mut world = World {
        organisation: Some(Organisation {
            id: OrganisationId::new(fresh(1)),
            name: name(),
            profile: Profile::Gov,
            clauses_opted_in: false,
            root: unit(ROOT),
            demo: false,
        }),
        ..World::default()
    };
    for (id, parent) in [(ROOT, None), (SECTION, Some(ROOT)), (ELSEWHERE, Some(ROOT))] {
        let since = Interval::starting(Timestamp::from_millis(0));
        let one = Unit::founded(unit(id), parent.map(unit), name(), since);
        world.units.insert(one.id, one);
    }
    for (who, of) in [
        (HOLDER, SECTION),
        (COLLEAGUE, SECTION),
        (STRANGER, ELSEWHERE),
    ] {
        world.people.insert(person(who), unit(of));
    }
    for (id, role) in [(POST, role), (OTHER_POST, second)] {
        let made = Post::created(post(id), unit(SECTION), name(), vec![role]);
        world.posts.insert(made.id, made);
        appoint(
            &mut world,
            id,
            HOLDER,
            Interval::starting(Timestamp::from_millis(0)),
        );
    }
    world
}

fn appoint(world: &mut World, to: u8, who: u8, valid: Interval) {
    let id = AppointmentId::new(fresh(to.wrapping_mul(3).wrapping_add(who)));
    let appointment = Appointment {
        id,
        person: person(who),
        post: post(to),
        valid,
        kind: AppointmentKind::Regular,
    };
    world.appointments.insert(id, appointment);
    world
        .appointments_of
        .entry(person(who))
        .or_default()
        .push(id);
    world.appointments_to.entry(post(to)).or_default().push(id);
}

fn token(holder: TokenHolder, scope: &[TokenScope]) -> Token {
    Token {
        id: ApiTokenId::new(fresh(1)),
        label: Line::parse("人事連携").unwrap(),
        holder,
        post: post(POST),
        issuer: person(HOLDER),
        scope: scope.iter().copied().collect(),
        valid: Interval {
            from: NOW,
            until: Some(NOW.after(Span::days(30))),
        },
    }
}

fn with(mut world: World, token: Token) -> World {
    let known = KnownToken {
        token,
        revoked_at: None,
    };
    world.tokens.insert(known.token.id, known);
    world
}

fn actor(holder: TokenHolder) -> Actor {
    let token = ApiTokenId::new(fresh(1));
    match holder {
        TokenHolder::Post => Actor::Person {
            person: person(HOLDER),
            appointment: None,
            via: Some(token),
        },
        TokenHolder::Service => Actor::Service {
            token,
            appointment: None,
        },
    }
}

fn subjects() -> Vec<Subject> {
    vec![
        Subject::Body,
        Subject::Unit(unit(ROOT)),
        Subject::Unit(unit(SECTION)),
        Subject::Unit(unit(ELSEWHERE)),
        Subject::Person(person(HOLDER)),
        Subject::Person(person(COLLEAGUE)),
        Subject::Person(person(STRANGER)),
        Subject::Post(post(POST)),
        // Held by the same person, and nothing to a token of the first.
        Subject::Post(post(OTHER_POST)),
    ]
}

/// What a signed-in holder of that one post may do.
fn by_the_post_alone(role: Role, action: Action, subject: Subject) -> bool {
    let mut alone = world(role, Role::Staff);
    let held = alone.appointments_of.get_mut(&person(HOLDER));
    held.unwrap().truncate(1);
    let signed_in = Actor::person(person(HOLDER));
    authorise(&alone, &signed_in, action, subject, NOW).is_ok()
}

#[test]
fn a_token_may_what_both_post_and_scope_may() {
    for role in Role::ALL {
        // The second post must lend nothing to the token of the first.
        for second in [Role::Hiso, Role::Staff] {
            let world = world(role, second);
            for scope in TokenScope::ALL {
                for holder in TokenHolder::ALL {
                    let world = with(world.clone(), token(holder, &[scope]));
                    for action in Action::ALL {
                        for subject in subjects() {
                            let found = authorise(&world, &actor(holder), action, subject, NOW);
                            let name =
                                format!("{role:?} {holder:?} {scope:?} {action:?} {subject:?}");
                            if !scope.actions().contains(&action) || !scope.is_open_to(holder) {
                                assert_eq!(found, Err(Denied::OutOfScope), "{name}");
                                continue;
                            }
                            let by_post = by_the_post_alone(role, action, subject);
                            let own = matches!(subject, Subject::Person(it) if it == person(HOLDER))
                                || matches!(subject, Subject::Post(it) if it == post(POST));
                            match (holder, found) {
                                (TokenHolder::Post, found) => {
                                    assert_eq!(found.is_ok(), by_post, "{name}");
                                }
                                (TokenHolder::Service, Ok(basis)) => {
                                    assert!(by_post, "{name}");
                                    assert!(matches!(basis, Basis::Appointment(_)), "{name}");
                                }
                                // What is the holder's own is not the service's.
                                (TokenHolder::Service, Err(_)) => {
                                    assert!(!by_post || own, "{name}");
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn no_scope_holds_what_only_people_do() {
    let never = [
        Action::IssueToken,
        Action::IssueAccount,
        Action::OpenBreakGlass,
        Action::CloseBreakGlass,
        Action::Attest,
        Action::ForgetPerson,
        Action::ReadPersonal,
        Action::Configure,
        Action::Backup,
        Action::FoundOrganisation,
        Action::ChangeProfile,
        Action::AdoptCatalogue,
        Action::ConfirmClock,
        Action::Report,
        Action::RecordVerdict,
        Action::HandleMail,
    ];
    let mut seen = BTreeSet::new();
    for scope in TokenScope::ALL {
        assert_eq!(TokenScope::from_code(scope.code()), Some(scope));
        for action in scope.actions() {
            assert!(!never.contains(action), "{scope:?} {action:?}");
            assert!(seen.insert(*action), "{action:?} is in two scopes");
        }
    }
}

#[test]
fn a_token_ends_with_its_time_its_revocation_and_its_post() {
    let read = |world: &World, holder, at| {
        authorise(world, &actor(holder), Action::ReadStatus, Subject::Body, at).is_ok()
    };
    let end = NOW.after(Span::days(30));
    for holder in TokenHolder::ALL {
        let fine = with(
            world(Role::Hiso, Role::Staff),
            token(holder, &[TokenScope::Read]),
        );
        assert!(read(&fine, holder, NOW) && read(&fine, holder, end.before(Span::seconds(1))));
        assert!(!read(&fine, holder, end) && !read(&fine, holder, NOW.before(Span::seconds(1))));
        // The other kind of actor gets nothing by it.
        for other in TokenHolder::ALL.into_iter().filter(|it| *it != holder) {
            assert!(!read(&fine, other, NOW), "{holder:?}");
        }
        let mut revoked = fine.clone();
        revoked
            .tokens
            .values_mut()
            .for_each(|it| it.revoked_at = Some(NOW));
        assert!(!read(&revoked, holder, NOW), "{holder:?}");
        // The issuer leaves the post, and a successor comes.
        let mut moved = fine.clone();
        let later = NOW.after(Span::days(1));
        for it in moved.appointments.values_mut() {
            it.valid.until = Some(later);
        }
        assert!(
            read(&moved, holder, NOW) && !read(&moved, holder, later),
            "{holder:?}"
        );
        appoint(&mut moved, POST, COLLEAGUE, Interval::starting(later));
        assert_eq!(read(&moved, holder, later), holder == TokenHolder::Service);
    }
}

#[test]
fn powers_of_emergencies_are_no_programs() {
    let mut world = with(
        world(Role::Staff, Role::Staff),
        token(TokenHolder::Post, &TokenScope::ALL),
    );
    world.bootstrap = Some(person(HOLDER));
    world.break_glass = Some(BreakGlass {
        first: person(HOLDER),
        second: person(COLLEAGUE),
        opened_at: NOW,
        until: NOW.after(Span::hours(1)),
        closed_at: None,
    });
    let signed_in = Actor::person(person(HOLDER));
    let subject = Subject::Unit(unit(ROOT));
    assert!(authorise(&world, &signed_in, Action::FoundUnit, subject, NOW).is_ok());
    let by_token = authorise(
        &world,
        &actor(TokenHolder::Post),
        Action::FoundUnit,
        subject,
        NOW,
    );
    assert_eq!(by_token, Err(Denied::NoAuthority));
}

fn issue(world: &World, by: &Actor, token: Token) -> Result<(), String> {
    let command = Command::IssueToken {
        token: Box::new(token),
    };
    let decided = decide(world, by, &command, NOW);
    decided
        .map(|_| ())
        .map_err(|refusal| refusal.reason.code.to_string())
}

#[test]
fn tokens_are_issued_by_hand_for_ones_own_post_within_bounds() {
    let signed_in = Actor::person(person(HOLDER));
    let hiso = world(Role::Hiso, Role::Staff);
    let good = token(TokenHolder::Post, &[TokenScope::Read]);
    assert_eq!(issue(&hiso, &signed_in, good.clone()), Ok(()));
    let service = token(TokenHolder::Service, &[TokenScope::Read]);
    assert_eq!(issue(&hiso, &signed_in, service.clone()), Ok(()));
    // A service account is for those who run the whole; an officer of a section gets a token.
    let diso = world(Role::Diso, Role::Staff);
    assert_eq!(issue(&diso, &signed_in, good.clone()), Ok(()));
    assert_eq!(
        issue(&diso, &signed_in, service).unwrap_err(),
        "authorise.out-of-reach"
    );
    let staff = world(Role::Staff, Role::Staff);
    assert_eq!(
        issue(&staff, &signed_in, good.clone()).unwrap_err(),
        "authorise.no-authority"
    );
    let stranger = Actor::person(person(STRANGER));
    assert_eq!(
        issue(&hiso, &stranger, good.clone()).unwrap_err(),
        "authorise.no-authority"
    );
}

#[test]
fn a_token_out_of_bounds_is_refused() {
    let signed_in = Actor::person(person(HOLDER));
    let hiso = world(Role::Hiso, Role::Staff);
    let good = token(TokenHolder::Post, &[TokenScope::Read]);
    let of_another_post = Token {
        post: post(99),
        ..good.clone()
    };
    let ending = |until| Token {
        valid: Interval { from: NOW, until },
        ..good.clone()
    };
    let too_late = NOW.after(TOKEN_MAX).after(Span::seconds(1));
    let decides = token(TokenHolder::Service, &[TokenScope::Decide]);
    for (wrong, code) in [
        (token(TokenHolder::Post, &[]), "token.no-scope"),
        (decides, "token.people-only"),
        (of_another_post, "token.post-not-held"),
        (ending(None), "token.no-end"),
        (ending(Some(NOW)), "token.end-in-past"),
        (ending(Some(too_late)), "token.too-long"),
    ] {
        assert_eq!(issue(&hiso, &signed_in, wrong).unwrap_err(), code);
    }
    let known = with(hiso.clone(), good.clone());
    let twice = issue(&known, &signed_in, good.clone());
    assert_eq!(twice.unwrap_err(), "token.exists");
    // What no scope allows the gate refuses already.
    let again = Token {
        id: ApiTokenId::new(fresh(2)),
        ..good.clone()
    };
    let by_token = issue(&known, &actor(TokenHolder::Post), again);
    assert_eq!(by_token.unwrap_err(), "authorise.out-of-scope");
    let mut full = hiso;
    for number in 0..TOKENS_OF_A_POST {
        let id = ApiTokenId::new(Fresh([u8::try_from(number).unwrap() + 2; 16]));
        full = with(full, Token { id, ..good.clone() });
    }
    let one_more = issue(&full, &signed_in, good);
    assert_eq!(one_more.unwrap_err(), "token.too-many");
}

fn stored(event: Event, at: Timestamp) -> StoredEvent {
    StoredEvent {
        actor: Actor::System,
        recorded_at: at,
        effective_from: None,
        event,
    }
}

#[test]
fn closing_an_account_revokes_what_acts_in_its_name() {
    let mut world = with(
        world(Role::Hiso, Role::Staff),
        token(TokenHolder::Post, &[TokenScope::Read]),
    );
    let service = Token {
        id: ApiTokenId::new(fresh(2)),
        ..token(TokenHolder::Service, &[TokenScope::Read])
    };
    world = with(world, service);
    let account = AccountId::new(fresh(9));
    let known = Account {
        id: account,
        person: person(HOLDER),
        closed: false,
    };
    world.accounts.insert(account, known);
    let signed_in = Actor::person(person(HOLDER));
    let decided = decide(&world, &signed_in, &Command::CloseAccount { account }, NOW).unwrap();
    for event in decided.events {
        world.apply(&stored(event, NOW), &NoDocuments).unwrap();
    }
    let in_force: Vec<TokenHolder> = world
        .tokens
        .values()
        .filter(|it| it.in_force(NOW))
        .map(|it| it.token.holder)
        .collect();
    assert_eq!(in_force, [TokenHolder::Service]);
    // Revoking again changes nothing.
    let command = Command::RevokeToken {
        token: ApiTokenId::new(fresh(1)),
        issuer: person(HOLDER),
    };
    assert!(
        decide(&world, &signed_in, &command, NOW)
            .unwrap()
            .events
            .is_empty()
    );
}

#[test]
fn a_record_says_by_which_token_it_was_made() {
    let via = serde_json::to_value(actor(TokenHolder::Post)).unwrap();
    assert!(via["via"].as_str().unwrap().starts_with("tok_"), "{via}");
    let plain = serde_json::to_value(Actor::person(person(HOLDER))).unwrap();
    assert!(plain.get("via").is_none(), "{plain}");
    let read: Actor = serde_json::from_value(via).unwrap();
    assert_eq!(read, actor(TokenHolder::Post));
}
