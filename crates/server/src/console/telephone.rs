//! The page of a telephone: enrolment, declaration, tunnel. Everything that it can say stands in it; the
//! module beside it shows what is the case and puts in what only the telephone knows.

use maud::{Markup, html};
use sekisho_domain::check::{DECLARATION_FRESH, Outcome};
use sekisho_messages::{Lang, t, text};

use super::assets::assets;
use super::components::{Tone, alert, confirmation, mark, outcome_badge_worded, select, submit};
use super::layout::{Frame, heading, page as frame_page};
use crate::identity::tunnel_session::Ended;

/// Seconds until a screen locks that can be chosen. Nought is never.
const LOCKS: [u32; 7] = [30, 60, 120, 300, 600, 1800, 0];
/// Products as the feed of ends of support names them, with what people call them.
const SYSTEMS: [(&str, &str); 3] = [
    ("ios", "iOS (iPhone)"),
    ("ipados", "iPadOS (iPad)"),
    ("android", "Android"),
];

/// Something with two answers, the good one first.
fn yes_or_no(lang: Lang, name: &'static str) -> Markup {
    let say = |what: &str| text(lang, format!("telephone.{name}.{what}"), &[]);
    html! {
        fieldset class="field" aria-describedby={ (name) "-support" } {
            legend { (say("ask")) " " (mark(lang, true)) }
            p class="field-support" id={ (name) "-support" } { (say("where")) }
            @for answer in ["yes", "no"] {
                div class="choice choice--compact" {
                    input type="radio" id={ (name) "-" (answer) } name=(name) value=(answer) required;
                    label for={ (name) "-" (answer) } { (say(answer)) }
                }
            }
        }
    }
}

/// A line of text with where to find what it asks for.
fn line(lang: Lang, name: &'static str, longest: u32, pattern: Option<&str>) -> Markup {
    html! {
        div class="field" {
            label for=(name) { (text(lang, format!("telephone.{name}.ask"), &[])) " " (mark(lang, true)) }
            p class="field-support" id={ (name) "-support" } { (text(lang, format!("telephone.{name}.where"), &[])) }
            input type="text" id=(name) name=(name) required maxlength=(longest) pattern=[pattern]
                inputmode=[pattern.map(|_| "decimal")] autocomplete="off" spellcheck="false"
                aria-describedby={ (name) "-support" };
        }
    }
}

fn form(lang: Lang) -> Markup {
    let systems = SYSTEMS.map(|(code, name)| (code.to_owned(), name.to_owned()));
    let lock = |seconds: u32| {
        let label = match seconds {
            0 => t!(lang, "telephone.lock.never"),
            1..60 => t!(lang, "telephone.lock.seconds", n = seconds),
            _ => t!(lang, "telephone.lock.minutes", n = seconds / 60),
        };
        (seconds.to_string(), label.into_owned())
    };
    html! {
        form class="form" data-declare {
            div data-suggested hidden {
                (alert(Tone::Info, &t!(lang, "telephone.suggested"), &html! { p { (t!(lang, "telephone.suggested_check")) } }))
            }
            (line(lang, "name", 60, None))
            (select(lang, "system", &t!(lang, "telephone.system.ask"), &systems, None))
            (line(lang, "version", 20, Some("[0-9]{1,4}(\\.[0-9]{1,4}){0,3}")))
            (yes_or_no(lang, "updates"))
            (select(lang, "lock", &t!(lang, "telephone.lock.ask"), &LOCKS.map(lock), None))
            (yes_or_no(lang, "encrypted"))
            (yes_or_no(lang, "intact"))
            (confirmation(lang, "sure", &t!(lang, "telephone.sure"), None))
            (submit(&t!(lang, "telephone.declare_do")))
        }
    }
}

/// What stands there while the telephone is not enrolled, or can never be.
fn before(lang: Lang) -> Markup {
    let note = |part: &str, tone, key: &str| {
        let (head, body) = (
            text(lang, format!("telephone.{key}"), &[]),
            text(lang, format!("telephone.{key}_how"), &[]),
        );
        html! { div data-part=(part) hidden { (alert(tone, &head, &html! { p { (body) } })) } }
    };
    html! {
        noscript { (alert(Tone::Error, &t!(lang, "telephone.no_script"), &html! { p { (t!(lang, "telephone.no_script_how")) } })) }
        (note("old", Tone::Error, "old"))
        (note("nothing", Tone::Info, "nothing"))
        (note("gone", Tone::Error, "gone"))
        section data-part="enrol" hidden {
            h2 { (t!(lang, "telephone.enrol")) }
            p { (t!(lang, "telephone.enrol_means")) }
            ul class="consequences" {
                li { (t!(lang, "telephone.enrol_key")) }
                li { (t!(lang, "telephone.enrol_seen")) }
                li { (t!(lang, "telephone.enrol_browser")) }
            }
            p class="telephone-do" { button class="button" type="button" data-do="enrol" { (t!(lang, "telephone.enrol_do")) } }
        }
    }
}

/// How the declaration stands.
fn standing(lang: Lang) -> Markup {
    html! {
        section class="about telephone-standing" data-part="standing" tabindex="-1" hidden {
            h2 data-put="name" {}
            div data-standing="fresh" hidden {
                p { (outcome_badge_worded(Outcome::Pass, &t!(lang, "telephone.fresh"))) }
                p { (t!(lang, "telephone.declared_at")) (t!(lang, "console.colon")) span data-put="declared" {} }
                p { strong { (t!(lang, "telephone.until")) (t!(lang, "console.colon")) span data-put="until" {} } }
            }
            div data-standing="over" hidden {
                p { (outcome_badge_worded(Outcome::Unknown, &t!(lang, "telephone.over"))) }
                p { (t!(lang, "telephone.over_how")) }
            }
            div data-standing="never" hidden {
                p { (outcome_badge_worded(Outcome::Unknown, &t!(lang, "telephone.never"))) }
                p { (t!(lang, "telephone.never_how")) }
            }
            p class="small muted" { (t!(lang, "telephone.id")) (t!(lang, "console.colon")) code class="digest" data-put="device" {} }
        }
    }
}

fn tunnel(lang: Lang) -> Markup {
    html! {
        section data-part="connect" hidden {
            h2 { (t!(lang, "telephone.connect")) }
            div data-tunnel="old" hidden { (alert(Tone::Warning, &t!(lang, "telephone.no_x25519"), &html! { p { (t!(lang, "telephone.no_x25519_how")) } })) }
            div data-tunnel="none" hidden {
                p { (t!(lang, "telephone.connect_means")) }
                p class="telephone-do" { button class="button" type="button" data-do="connect" { (t!(lang, "telephone.connect_do")) } }
            }
            div data-tunnel="waiting" hidden {
                p { (t!(lang, "telephone.waiting")) }
                p class="telephone-code" { code data-put="code" {} }
                p class="telephone-do" { a class="button" data-confirm href="/access/connect" target="_blank" rel="noopener" { (t!(lang, "telephone.confirm")) } }
                p class="small muted" { (t!(lang, "telephone.code_until")) (t!(lang, "console.colon")) span data-put="code-until" {} }
                p { button class="button button--quiet" type="button" data-do="withdraw" { (t!(lang, "telephone.withdraw")) } }
            }
            div data-tunnel="open" hidden {
                (alert(Tone::Success, &t!(lang, "telephone.open"), &html! {
                    p { (t!(lang, "telephone.expires")) (t!(lang, "console.colon")) span data-put="expires" {} }
                }))
                ol class="telephone-steps" {
                    li { (t!(lang, "telephone.step_save")) }
                    li { (t!(lang, "telephone.step_open")) }
                    li { (t!(lang, "telephone.step_remove")) }
                }
                p class="telephone-do" data-save { button class="button" type="button" data-do="save" { (t!(lang, "telephone.save")) } }
                div data-saved tabindex="-1" hidden { (alert(Tone::Info, &t!(lang, "telephone.saved"), &html! { p { (t!(lang, "telephone.saved_how")) } })) }
                p class="small muted" { (t!(lang, "telephone.save_careful")) }
                h3 { (t!(lang, "telephone.systems")) }
                ul class="telephone-systems" data-systems {}
                p data-no-systems hidden { (t!(lang, "telephone.no_systems")) }
                template data-reached="true" { (outcome_badge_worded(Outcome::Pass, &t!(lang, "telephone.reached"))) }
                template data-reached="false" { (outcome_badge_worded(Outcome::Fail, &t!(lang, "telephone.not_reached"))) }
                p class="telephone-do" { button class="button button--secondary" type="button" data-do="end" { (t!(lang, "telephone.end")) } }
            }
            div data-tunnel="ended" hidden {
                p { strong { (t!(lang, "telephone.ended")) } }
                @for why in Ended::ALL {
                    p data-ended=(why.code()) hidden { (text(lang, format!("tunnel.ended.{}", why.code()), &[])) }
                }
                p { (t!(lang, "telephone.ended_remove")) }
                p class="telephone-do" { button class="button" type="button" data-do="again" { (t!(lang, "telephone.again")) } }
            }
        }
    }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "telephone.title");
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "telephone.lead")) }))
        div class="telephone" data-telephone data-days=(DECLARATION_FRESH.whole_days())
            data-version=(env!("CARGO_PKG_VERSION")) data-failed=(t!(lang, "telephone.failed"))
            data-unnamed=(t!(lang, "telephone.unnamed")) {
            div data-part="said" role="alert" hidden {
                div class="alert alert--error" { p class="alert-body" data-put="said" {} }
            }
            (before(lang))
            (standing(lang))
            (tunnel(lang))
            details data-part="declare" class="telephone-declare" hidden {
                summary { (t!(lang, "telephone.declare")) }
                p { (t!(lang, "telephone.declare_means", days = DECLARATION_FRESH.whole_days())) }
                p { (t!(lang, "telephone.declare_worth")) }
                (form(lang))
            }
            details data-part="forget" hidden {
                summary { (t!(lang, "telephone.forget")) }
                p { (t!(lang, "telephone.forget_means")) }
                p { button class="button button--danger" type="button" data-do="forget" { (t!(lang, "telephone.forget_do")) } }
            }
        }
        script type="module" src=(assets().telephone.href()) {}
    };
    frame_page(frame, &title, &main)
}
