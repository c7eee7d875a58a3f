//! The navigation: what there is, in groups, so that a newcomer finds it.

use std::borrow::Cow;

use maud::{Markup, html};
use sekisho_domain::register::Register;
use sekisho_messages::{Lang, number, t, text};

use super::layout::{Frame, Place};

/// The path of the organisation's page.
const ORGANISATION: &str = "/organisation";

/// The groups in which registers stand, on their page and beside it.
pub const REGISTER_GROUPS: &[(&str, &[Register])] = &[
    (
        "things",
        &[
            Register::IssuedDevice,
            Register::ByodDevice,
            Register::Medium,
            Register::Software,
        ],
    ),
    (
        "connections",
        &[
            Register::System,
            Register::Line,
            Register::Gateway,
            Register::Service,
            Register::ConferenceTool,
        ],
    ),
    (
        "work",
        &[
            Register::Task,
            Register::Incident,
            Register::Concern,
            Register::Advisory,
            Register::ChecklistItem,
        ],
    ),
];

struct NavItem {
    place: Place,
    href: Cow<'static, str>,
    label: Cow<'static, str>,
    count: u32,
    alert: Option<Cow<'static, str>>,
    /// So many things wait for the reader here.
    waiting: u32,
}

struct NavGroup {
    heading: Option<Cow<'static, str>>,
    items: Vec<NavItem>,
}

fn plain(place: Place, href: &'static str, label: Cow<'static, str>) -> NavItem {
    NavItem {
        place,
        href: Cow::Borrowed(href),
        label,
        count: 0,
        alert: None,
        waiting: 0,
    }
}

/// Whether the page stands at a place. The pages of the organisation are known by their path.
fn stands_at(frame: &Frame, place: Place) -> bool {
    place == frame.place || (place == Place::Organisation && frame.path == ORGANISATION)
}

fn status(frame: &Frame) -> NavGroup {
    let (lang, counts) = (frame.lang, frame.counts);
    let open = counts.open_requirements;
    NavGroup {
        heading: None,
        items: vec![
            plain(Place::Overview, "/", t!(lang, "console.nav.overview")),
            NavItem {
                count: counts.requirements,
                alert: (open > 0).then(|| t!(lang, "console.nav.open", n = open)),
                ..plain(
                    Place::Requirements,
                    "/requirements",
                    t!(lang, "console.nav.requirements"),
                )
            },
        ],
    }
}

fn things(frame: &Frame) -> NavGroup {
    let (lang, counts) = (frame.lang, frame.counts);
    let failing = counts.failing_devices;
    let mut items = vec![
        NavItem {
            count: counts.devices,
            alert: (failing > 0).then(|| t!(lang, "console.nav.failing", n = failing)),
            ..plain(Place::Devices, "/devices", t!(lang, "console.nav.devices"))
        },
        plain(
            Place::Registers,
            "/registers",
            t!(lang, "console.nav.registers"),
        ),
    ];
    // Inside the registers the others stand at hand.
    if matches!(frame.place, Place::Registers | Place::Register(_)) {
        let all = REGISTER_GROUPS.iter().flat_map(|(_, list)| *list);
        items.extend(all.map(|register| register_item(lang, *register)));
    }
    if let Some(waiting) = counts.services {
        items.push(NavItem {
            waiting,
            ..plain(Place::Services, "/services", t!(lang, "services.title"))
        });
    }
    items.push(plain(
        Place::Conferences,
        "/conferences",
        t!(lang, "services.matrix"),
    ));
    NavGroup {
        heading: Some(t!(lang, "console.nav.group.things")),
        items,
    }
}

fn register_item(lang: Lang, register: Register) -> NavItem {
    NavItem {
        place: Place::Register(register),
        href: Cow::Owned(format!("/registers/{}", register.code())),
        label: text(lang, register.name_key(), &[]),
        count: 0,
        alert: None,
        waiting: 0,
    }
}

/// Permits: what everyone has first, then what officers have.
fn permits(frame: &Frame) -> NavGroup {
    let lang = frame.lang;
    let counts = frame.counts.permits;
    let mut items = vec![
        plain(Place::PermitNew, "/permits/new", t!(lang, "permits.apply")),
        NavItem {
            waiting: counts.to_do,
            ..plain(Place::Permits, "/permits", t!(lang, "permits.mine"))
        },
    ];
    if counts.decides {
        items.push(NavItem {
            waiting: counts.waiting,
            ..plain(
                Place::PermitsWaiting,
                "/permits/waiting",
                t!(lang, "permits.waiting"),
            )
        });
    }
    if counts.reads {
        items.push(plain(
            Place::PermitsAll,
            "/permits/all",
            t!(lang, "permits.all"),
        ));
        items.push(plain(
            Place::PermitsOwed,
            "/permits/owed",
            t!(lang, "permits.owed"),
        ));
    }
    if counts.reads || counts.decides {
        let label = t!(lang, "exception.title");
        items.push(plain(Place::Exceptions, super::exceptions::PATH, label));
    }
    if counts.deputes {
        let label = t!(lang, "permits.deputies");
        items.push(plain(Place::Deputies, "/permits/deputies", label));
    }
    if counts.rules {
        let label = t!(lang, "permits.rules");
        items.push(plain(Place::PermitRules, "/permits/rules", label));
    }
    NavGroup {
        heading: Some(t!(lang, "console.nav.group.permits")),
        items,
    }
}

/// Access: what everyone has first, then what officers have.
fn access(frame: &Frame) -> NavGroup {
    let lang = frame.lang;
    let mine = t!(lang, "access-page.mine");
    let mut items = vec![plain(Place::MyAccess, "/access/mine", mine)];
    if frame.counts.sees_access {
        let label = t!(lang, "access-page.title");
        items.push(plain(Place::Access, "/access", label));
    }
    NavGroup {
        heading: Some(t!(lang, "access-page.group")),
        items,
    }
}

/// The plan of telework: anyone reads it, officers have its cases.
fn plan(frame: &Frame) -> NavGroup {
    let lang = frame.lang;
    let title = t!(lang, "plan.title");
    let mut items = vec![plain(Place::Plan, super::plan::PATH, title)];
    if let Some(open) = frame.cases {
        items.push(NavItem {
            waiting: open,
            ..plain(
                Place::Cases,
                super::plan::CASES_PATH,
                t!(lang, "case.title"),
            )
        });
        // Whoever reads cases reads assessments too.
        let risks = t!(lang, "risk.title");
        items.push(plain(Place::Risks, super::risk::PATH, risks));
    }
    NavGroup {
        heading: Some(t!(lang, "plan.group")),
        items,
    }
}

/// Rules: anyone reads them, and sees how many are still to be read; officers have the opinions.
fn rules(frame: &Frame) -> NavGroup {
    let lang = frame.lang;
    let mut items = vec![NavItem {
        waiting: frame.rules_to_read,
        ..plain(Place::Rules, super::rules::PATH, t!(lang, "rule.title"))
    }];
    if let Some(waiting) = frame.opinions {
        items.push(NavItem {
            waiting,
            ..plain(
                Place::Opinions,
                super::rules::OPINIONS_PATH,
                t!(lang, "opinion.title"),
            )
        });
    }
    NavGroup {
        heading: Some(t!(lang, "rule.group")),
        items,
    }
}

/// What worries people, what went wrong, and what is to be looked through.
fn unease(frame: &Frame) -> NavGroup {
    let lang = frame.lang;
    NavGroup {
        heading: Some(t!(lang, "unease.group")),
        items: vec![
            NavItem {
                waiting: frame.counts.concerns,
                ..plain(
                    Place::Concerns,
                    super::unease::CONCERNS_PATH,
                    t!(lang, "unease.title"),
                )
            },
            plain(
                Place::Incidents,
                super::unease::INCIDENTS_PATH,
                t!(lang, "incident.title"),
            ),
            plain(
                Place::Checklists,
                super::checklist::PATH,
                t!(lang, "checklist.title"),
            ),
        ],
    }
}

fn house(frame: &Frame) -> NavGroup {
    let lang = frame.lang;
    let mut items = Vec::new();
    if frame.may_organise {
        let label = t!(lang, "console.nav.organisation");
        items.push(plain(Place::Organisation, ORGANISATION, label));
    }
    items.push(plain(
        Place::Ledger,
        "/ledger",
        t!(lang, "console.nav.ledger"),
    ));
    if frame.reads_access_rules {
        let label = t!(lang, "own-rules.title");
        items.push(plain(Place::AccessRules, "/access/rules", label));
    }
    if frame.may_handle_mail {
        items.push(plain(Place::Mail, "/mail", t!(lang, "mail.title")));
    }
    if frame.may_issue_tokens {
        items.push(plain(Place::Tokens, "/tokens", t!(lang, "token.title")));
    }
    NavGroup {
        heading: Some(t!(lang, "console.nav.group.house")),
        items,
    }
}

fn item(frame: &Frame, item: &NavItem) -> Markup {
    let inner = matches!(item.place, Place::Register(_)).then_some("nav-inner");
    html! {
        li class=[inner] {
            a href=(item.href) aria-current=[stands_at(frame, item.place).then_some("page")] {
                span class="nav-label" {
                    (item.label)
                    @if let Some(alert) = &item.alert { span class="nav-alert" { (alert) } }
                }
                @if item.waiting > 0 {
                    span class="nav-waiting" { (number(i64::from(item.waiting))) span class="visually-hidden" { " " (t!(frame.lang, "permits.wait")) } }
                }
                @if item.count > 0 { span class="nav-count" { (number(i64::from(item.count))) } }
            }
        }
    }
}

/// The places that there are.
pub(super) fn navigation(frame: &Frame) -> Markup {
    let groups = [
        status(frame),
        permits(frame),
        plan(frame),
        rules(frame),
        access(frame),
        unease(frame),
        things(frame),
        house(frame),
    ];
    html! {
        div class="nav-list" {
            @for group in &groups {
                @if let Some(heading) = &group.heading { p class="nav-group" { (heading) } }
                ul { @for it in &group.items { (item(frame, it)) } }
            }
        }
    }
}
