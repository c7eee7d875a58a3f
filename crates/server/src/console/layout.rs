//! The frame of every page: header, navigation, language switch, demo banner, footer.

use maud::{DOCTYPE, Markup, html};
use sekisho_domain::register::Register;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::assets::assets;
use super::components::{Icon, csrf_field, icon, instant};
use super::navigation::navigation;
use super::words::Localised;

/// A place in the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The overview.
    Overview,
    /// All requirements and the single ones.
    Requirements,
    /// All devices and the single ones.
    Devices,
    /// The ledger.
    Ledger,
    /// The kinds of permit to apply for, and the form of one.
    PermitNew,
    /// The reader's own permits.
    Permits,
    /// What waits for the reader's decision.
    PermitsWaiting,
    /// What is overdue in the reader's units.
    PermitsOwed,
    /// All permits that the reader may read.
    PermitsAll,
    /// Exceptions.
    Exceptions,
    /// Stand-ins and delegations.
    Deputies,
    /// What is settled about permits.
    PermitRules,
    /// The plan of telework and its draft.
    Plan,
    /// The cases that call for a reassessment.
    Cases,
    /// Risk assessments.
    Risks,
    /// Rules with their clauses.
    Rules,
    /// Opinions of the promotion body.
    Opinions,
    /// The organisation's own rules of access.
    AccessRules,
    /// Units, posts, people and appointments.
    Organisation,
    /// Who reaches what, and which tunnels stand.
    Access,
    /// What the reader reaches.
    MyAccess,
    /// All registers.
    Registers,
    /// One register and its entries.
    Register(Register),
    /// Outside services that are really used.
    Services,
    /// What may be handled in meetings, by tool and host.
    Conferences,
    /// Mail and the letters that wait.
    Mail,
    /// API tokens.
    Tokens,
    /// Reports of unease.
    Concerns,
    /// Incidents, and the steps by which each is dealt with.
    Incidents,
    /// Checklists and their answers.
    Checklists,
    /// Telling of unease without a name: a page that knows nobody.
    Nameless,
    /// Outside the navigation: set-up, sign-in, errors.
    Elsewhere,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The person's name.
    pub name: String,
    /// The post held, as what the person acts; none without an appointment in force.
    pub post: Option<String>,
    /// Token against forged requests, for the sign-out form.
    pub csrf: String,
}

/// Numbers beside the navigation.
#[derive(Clone, Copy, Debug, Default)]
pub struct NavCounts {
    /// Requirements that are not met or unknown, of binding force.
    pub open_requirements: u32,
    /// All requirements of the profile.
    pub requirements: u32,
    /// All devices.
    pub devices: u32,
    /// Devices with a failing check.
    pub failing_devices: u32,
    /// What there is of permits for the reader.
    pub permits: PermitCounts,
    /// Whether the reader sees what others reach.
    pub sees_access: bool,
    /// Reports of unease that wait for the reader's answer.
    pub concerns: u32,
    /// Services in use that wait for a word; none where the reader does not see them.
    pub services: Option<u32>,
}

/// What there is of permits for the reader.
#[derive(Clone, Copy, Debug, Default)]
pub struct PermitCounts {
    /// The reader's own that ask for something.
    pub to_do: u32,
    /// What waits for the reader's decision, or to be viewed.
    pub waiting: u32,
    /// Whether the reader decides for any post.
    pub decides: bool,
    /// Whether the reader reads others' permits.
    pub reads: bool,
    /// Whether the reader names stand-ins or delegates.
    pub deputes: bool,
    /// Whether the reader settles the rules.
    pub rules: bool,
}

/// The ledger's state for the footer.
#[derive(Clone, Debug)]
pub struct LedgerFoot {
    /// Number of records.
    pub size: u64,
    /// The tree's root hash in base64.
    pub root: String,
    /// When the last checkpoint left this machine; none when none has.
    pub checkpoint_left_at: Option<Timestamp>,
}

/// An open break-glass, as every page says it.
#[derive(Clone, Debug)]
pub struct BreakGlassNote {
    /// The two officers: by name where the reader may read names, else by post.
    pub people: [String; 2],
    /// Until when.
    pub until: Timestamp,
    /// Whether the reader may end it now.
    pub may_close: bool,
}

/// Something so wrong that every page says it.
#[derive(Clone, Debug)]
pub struct AlarmNote {
    /// What happened.
    pub what: String,
    /// Where, and what to do; only for those signed in.
    pub more: Vec<String>,
}

/// What every page needs to know.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Language of the page.
    pub lang: Lang,
    /// Where in the navigation the page stands.
    pub place: Place,
    /// Path and query of this page, to come back to after the language switch.
    pub path: String,
    /// The organisation; none before set-up.
    pub organisation: Option<Localised>,
    /// Who is signed in; none on public pages.
    pub signed_in: Option<SignedIn>,
    /// Numbers beside the navigation.
    pub counts: NavCounts,
    /// Whether the page of units, posts, people and appointments is open to the person.
    pub may_organise: bool,
    /// Whether the page of mail is for the reader.
    pub may_handle_mail: bool,
    /// Whether the reader may read the own rules of access.
    pub reads_access_rules: bool,
    /// Whether the reader reads cases, and how many of them wait.
    pub cases: Option<u32>,
    /// How many rules the reader has still to read.
    pub rules_to_read: u32,
    /// Whether the reader reads opinions, and how many proposals wait for one that the reader could give.
    pub opinions: Option<u32>,
    /// Whether the page of API tokens is for the reader.
    pub may_issue_tokens: bool,
    /// Whether this is the demonstration folder.
    pub demo: bool,
    /// The break-glass that is open; shown to whoever is signed in.
    pub break_glass: Option<BreakGlassNote>,
    /// What is so wrong that every page says it.
    pub alarms: Vec<AlarmNote>,
    /// State of the ledger.
    pub ledger: Option<LedgerFoot>,
    /// The server's trusted time at which the page was made.
    pub now: Timestamp,
    /// Whether the page refreshes itself in place when the World changes.
    pub live: bool,
    /// After how many seconds a browser without scripts asks for the page again.
    pub again: Option<u32>,
}

fn language_switch(frame: &Frame) -> Markup {
    let other = frame.lang.other();
    if frame.place == Place::Nameless {
        // No cookie is set there, and none is looked at.
        return nameless_switch(frame, other);
    }
    let href = format!(
        "/language/{}?back={}",
        other.tag(),
        percent_encode(&frame.path)
    );
    html! {
        a class="language" href=(href) lang=(other.tag()) hreflang=(other.tag()) rel="nofollow" {
            (other.name())
        }
    }
}

fn nameless_switch(frame: &Frame, other: Lang) -> Markup {
    html! {
        @if !frame.path.is_empty() {
            a class="language" href={ (frame.path) "?lang=" (other.tag()) } lang=(other.tag()) hreflang=(other.tag()) rel="nofollow" {
                (other.name())
            }
        }
    }
}

/// The way to tell of unease, from every page: under one's name where somebody is signed in.
fn unease(frame: &Frame) -> Markup {
    let path = match (&frame.signed_in, &frame.organisation, frame.place) {
        (_, _, Place::Nameless) | (None, None, _) => return html! {},
        (Some(_), ..) => super::unease::TELL_PATH,
        (None, Some(_), _) => super::unease::NAMELESS_PATH,
    };
    html! { a class="unease" href=(path) { (t!(frame.lang, "unease.tell")) } }
}

/// Percent-encodes all but the unreserved characters (RFC 3986) and `/`.
#[must_use]
pub fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn header(frame: &Frame) -> Markup {
    let lang = frame.lang;
    html! {
        header class="top" {
            a class="brand" href="/" {
                (gate()) span class="brand-name" { (t!(lang, "console.brand")) }
                span class="brand-what" { (t!(lang, "console.brand_what")) }
            }
            @if let Some(organisation) = &frame.organisation {
                p class="organisation" { (organisation.show(lang)) }
            }
            div class="top-right" {
                (unease(frame))
                @if let Some(person) = &frame.signed_in { (person_menu(lang, person)) }
                (language_switch(frame))
            }
        }
    }
}

fn person_menu(lang: Lang, person: &SignedIn) -> Markup {
    html! {
        p class="person" {
            a class="person-name" href="/account" {
                (person.name) span class="visually-hidden" { " – " (t!(lang, "setup.account")) }
            }
            span class="person-post" {
                @if let Some(post) = &person.post { (post) }
                @else { (t!(lang, "console.no_post")) }
            }
        }
        form method="post" action="/sign-out" {
            (csrf_field(&person.csrf))
            button class="button button--quiet" type="submit" { (t!(lang, "console.sign_out")) }
        }
    }
}

/// The sign of the house: a checkpoint gate.
fn gate() -> Markup {
    html! {
        svg class="gate" viewBox="0 0 24 24" width="28" height="28" aria-hidden="true" focusable="false" {
            path d="M1 5l2-2h18l2 2v2H1zM4 9h16v2H4zM5 11h3v11H5zM16 11h3v11h-3z" {}
        }
    }
}

fn footer(frame: &Frame) -> Markup {
    let lang = frame.lang;
    html! {
        footer class="foot" {
            @if let Some(ledger) = &frame.ledger {
                p {
                    a href="/ledger" { (t!(lang, "console.foot.ledger", n = ledger.size)) }
                    " " span class="digest" { (short(&ledger.root)) }
                }
                p {
                    @if let Some(at) = ledger.checkpoint_left_at {
                        (t!(lang, "console.foot.checkpoint")) " " (instant(lang, at))
                    } @else { (t!(lang, "console.foot.no_checkpoint")) }
                }
            }
            p { (t!(lang, "console.foot.made")) " " (instant(lang, frame.now)) }
        }
    }
}

/// The beginning of a digest, enough to compare by eye.
#[must_use]
pub fn short(digest: &str) -> String {
    let mut out: String = digest.chars().take(12).collect();
    if out.len() < digest.len() {
        out.push('…');
    }
    out
}

fn head(frame: &Frame, title: &str) -> Markup {
    let assets = assets();
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="robots" content="noindex";
            title { (title) " – " (t!(frame.lang, "console.brand")) }
            link rel="icon" href=(assets.favicon.href()) type="image/svg+xml";
            link rel="stylesheet" href=(assets.stylesheet.href());
            @if frame.live { script type="module" src=(assets.script.href()) {} }
            @if let Some(seconds) = frame.again {
                noscript { meta http-equiv="refresh" content=(seconds); }
            }
        }
    }
}

fn alarm(note: &AlarmNote) -> Markup {
    html! {
        div class="demo break-glass" role="alert" {
            (icon(Icon::Warning))
            p { strong { (note.what) } @for line in &note.more { " " (line) } }
        }
    }
}

fn break_glass(frame: &Frame, open: &BreakGlassNote) -> Markup {
    let lang = frame.lang;
    let [first, second] = &open.people;
    let until = sekisho_messages::date(lang, open.until);
    html! {
        div class="demo break-glass" role="alert" {
            (icon(Icon::Warning))
            p { (t!(lang, "console.break_glass", first = first, second = second, until = until)) }
            @if let Some(reader) = frame.signed_in.as_ref().filter(|_| open.may_close) {
                form method="post" action="/break-glass/close" {
                    (csrf_field(&reader.csrf))
                    button class="button" type="submit" { (t!(lang, "console.break_glass_close")) }
                }
            }
        }
    }
}

/// A whole page. With somebody signed in it has the navigation; otherwise one narrow column.
#[must_use]
pub fn page(frame: &Frame, title: &str, main: &Markup) -> Markup {
    let lang = frame.lang;
    let class = if frame.signed_in.is_some() {
        "frame"
    } else {
        "frame frame--bare"
    };
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            (head(frame, title))
            body {
                a class="skip" href="#main" { (t!(lang, "console.skip")) }
                (header(frame))
                @if frame.demo { p class="demo" role="note" { (icon(Icon::Info)) (t!(lang, "console.demo")) } }
                @for note in &frame.alarms { (alarm(note)) }
                @if let Some(open) = &frame.break_glass { (break_glass(frame, open)) }
                div class=(class) {
                    @if frame.signed_in.is_some() {
                        nav class="side" aria-label=(t!(lang, "console.nav.label")) { (navigation(frame)) }
                        nav class="drawer" aria-label=(t!(lang, "console.nav.label")) {
                            details { summary { (icon(Icon::Menu)) (t!(lang, "console.nav.menu")) } (navigation(frame)) }
                        }
                    }
                    main id="main" tabindex="-1" data-live=[frame.live.then_some("/events")]
                        data-refreshed=(t!(lang, "console.refreshed")) { (main) }
                }
                (footer(frame))
            }
        }
    }
}

/// The heading of a page: where it stands, its name, a line about it, and what can be done.
#[must_use]
pub fn heading(trail: &[(String, String)], title: &Markup, lead: &Markup) -> Markup {
    html! {
        @if !trail.is_empty() {
            nav class="trail" aria-label="breadcrumb" {
                ol { @for (label, href) in trail { li { a href=(href) { (label) } } } }
            }
        }
        div class="heading" { h1 { (title) } p class="lead" { (lead) } }
    }
}

/// The heading of a page with what can be done there beside it.
#[must_use]
pub fn titled(
    trail: &[(String, String)],
    title: &Markup,
    lead: &Markup,
    beside: &Markup,
) -> Markup {
    html! {
        div class="heading-row" { div { (heading(trail, title, lead)) } (beside) }
    }
}
