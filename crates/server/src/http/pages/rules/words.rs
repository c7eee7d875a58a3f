//! Words for what rules hold: facts, clauses, and the sides of a conflict.

use maud::{Markup, html};
use sekisho_domain::field::{Noun as _, Value};
use sekisho_domain::id::{ConferenceToolId, PermitId, PostId, RuleId, ServiceId, TaskId};
use sekisho_domain::opinion::ConflictLine;
use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::PlanDecision;
use sekisho_domain::rule::{Clause, ClauseTerms, RuleContent, RuleDocument, RuleHead, RuleVersion};
use sekisho_messages::{Lang, t, text};

use super::super::super::ctx::Ctx;
use super::super::localised;
use super::super::register::referents::Things;
use crate::console::components::{Definitions, instant};
use crate::console::fields::{Referents as _, Words, show};
use crate::console::rules::{ClauseShown, ConflictShown, PATH};
use crate::console::words as console_words;

pub(in crate::http) use super::super::plan::words::actor;

/// The words of a rule's head.
pub(super) const HEAD_WORDS: Words = Words::register("rule_head");
/// The words of a clause.
pub(super) const CLAUSE_WORDS: Words = Words::register("rule_clause");

/// What a rule is called in the language of the page.
pub(super) fn title(ctx: &Ctx, head: &RuleHead) -> String {
    let english = head.title_en.as_ref().filter(|_| ctx.lang == Lang::En);
    english.unwrap_or(&head.title).as_str().to_owned()
}

/// The same, of a document.
pub(in crate::http) fn title_of(ctx: &Ctx, document: &RuleDocument) -> String {
    let content = document.content();
    content.map_or_else(|| document.rule.to_string(), |it| title(ctx, &it.head))
}

/// What a post is called.
pub(super) fn post(ctx: &Ctx, post: PostId) -> String {
    let world = ctx.site.app.world();
    let known = world.posts.get(&post);
    known.map_or_else(
        || post.to_string(),
        |known| localised(&known.title).get(ctx.lang).to_owned(),
    )
}

/// Whom a rule concerns, and whether they have to say that they have read it.
pub(super) fn head_facts(ctx: &Ctx, head: &RuleHead) -> Definitions {
    let things = Things { ctx };
    let fields = RuleHead::FIELDS.iter();
    let fields = fields.filter(|it| !matches!(it.code, "title" | "title_en"));
    let values = head.values();
    fields
        .filter(|field| values.contains_key(field.code))
        .map(|field| {
            let value = values.get(field.code);
            (
                HEAD_WORDS.label(ctx.lang, field.code),
                show(ctx.lang, HEAD_WORDS, field, value, &things),
            )
        })
        .collect()
}

/// Facts about a version.
pub(super) fn facts(ctx: &Ctx, version: &RuleVersion) -> Definitions {
    let lang = ctx.lang;
    let mut facts: Definitions = vec![
        (
            t!(lang, "rule.from"),
            html! { (instant(lang, version.from)) },
        ),
        (
            t!(lang, "rule.proposed-by"),
            html! { (actor(ctx, &version.proposed_by)) },
        ),
        (t!(lang, "rule.by"), html! { (actor(ctx, &version.by)) }),
    ];
    facts.extend(head_facts(ctx, &version.content.head));
    facts
}

/// What a clause is bound to and limits, with checks by their names.
fn terms(ctx: &Ctx, terms: &ClauseTerms) -> Definitions {
    let things = Things { ctx };
    let values = terms.values();
    let fields = ClauseTerms::FIELDS.iter();
    let fields = fields.filter(|it| it.code != "label");
    // A flag that is not set says nothing here.
    let said = |code: &str| match values.get(code) {
        None | Some(Value::Flag(false)) => None,
        Some(value) => Some(value),
    };
    fields
        .filter_map(|field| Some((field, said(field.code)?)))
        .map(|(field, value)| {
            let shown = match (field.code, value) {
                ("checks", Value::Many(codes)) => html! {
                    ul class="values" { @for code in codes { li { (console_words::carrier(ctx.lang, code)) } } }
                },
                ("rows", Value::Many(ids)) => html! {
                    ul class="values" { @for id in ids { li { a href={ "/requirements/" (id) } { (id) } } } }
                },
                _ => show(ctx.lang, CLAUSE_WORDS, field, Some(value), &things),
            };
            (CLAUSE_WORDS.label(ctx.lang, field.code), shown)
        })
        .collect()
}

/// Clauses as they are shown; `change` is where each is changed, in a draft.
pub(super) fn clauses(ctx: &Ctx, list: &[Clause], change: Option<&str>) -> Vec<ClauseShown> {
    list.iter()
        .map(|clause| ClauseShown {
            number: clause.number.0.get(),
            label: clause.terms.label.as_str().to_owned(),
            text: clause.text.as_str().to_owned(),
            facts: terms(ctx, &clause.terms),
            href: change.map(|change| format!("{change}/{}", clause.number.0)),
        })
        .collect()
}

/// The label of a clause that an id names (`rul_…#3`), and where it is.
fn clause_side(ctx: &Ctx, side: &str) -> Option<Markup> {
    let (rule, number) = side.split_once('#')?;
    let rule = rule.parse().ok()?;
    let number: u32 = number.parse().ok()?;
    let (title, label) = {
        let world = ctx.site.app.world();
        let document = world.rules.documents.get(&rule)?;
        let contents = [
            document.work.as_ref().map(|it| &it.content),
            document.in_force(ctx.now).map(|it| &it.content),
        ];
        let find = |content: &std::sync::Arc<RuleContent>| {
            let mut clauses = content.clauses.iter();
            let clause = clauses.find(|it| it.number.0.get() == number)?;
            Some(clause.terms.label.as_str().to_owned())
        };
        (
            title_of(ctx, document),
            contents.into_iter().flatten().find_map(find),
        )
    };
    let label = label.unwrap_or_else(|| number.to_string());
    let href = format!("{PATH}/{rule}#clause-{number}");
    Some(html! { a href=(href) { (title) " " (label) } })
}

fn thing(ctx: &Ctx, id: &str) -> Markup {
    let prefix = id.split('_').next().unwrap_or_default();
    match (Things { ctx }).get(prefix, id) {
        Some(it) => html! {
            @if let Some(href) = &it.href { a href=(href) { (it.name) } } @else { (it.name) }
        },
        None => html! { span class="muted" { (t!(ctx.lang, "field.reference.not_shown")) } },
    }
}

/// One side of a conflict.
fn side(ctx: &Ctx, code: &str) -> Markup {
    let lang = ctx.lang;
    if let Some(clause) = clause_side(ctx, code) {
        return clause;
    }
    let named = |key: &'static str, name: Markup| html! { (t!(lang, key)) (t!(lang, "console.colon")) (name) };
    if let Some(task) = code.strip_prefix("plan:") {
        let known = task.parse::<TaskId>().is_ok();
        let name = if known {
            thing(ctx, task)
        } else {
            html! { (task) }
        };
        return named("conflict.in-plan", name);
    }
    if let Some(kind) = code.strip_prefix("permit:") {
        let name = text(lang, format!("permits.kind.{kind}"), &[]);
        return named("conflict.in-settings", html! { (name) });
    }
    if let Some(policy) = code.strip_prefix("policy:") {
        return named("conflict.policy", html! { code { (policy) } });
    }
    if code.starts_with("CK-") {
        return html! { code { (code) } };
    }
    match code.split('_').next().unwrap_or_default() {
        PermitId::PREFIX => {
            html! { a href={ "/permits/" (code) } { (t!(lang, "case.that-permit")) } }
        }
        RuleId::PREFIX => {
            let rule = code.parse().ok();
            let named = rule.and_then(|rule| super::named_rule(ctx, rule));
            match named {
                Some((name, href)) => html! { a href=(href) { (name) } },
                None => html! { (code) },
            }
        }
        PostId::PREFIX | TaskId::PREFIX | ServiceId::PREFIX | ConferenceToolId::PREFIX => {
            thing(ctx, code)
        }
        _ => html! { (code) },
    }
}

/// What the plan says of a task, or a permit against it: a decision, a place, what of the line it is; grades stand.
fn planned(lang: Lang, value: &str) -> String {
    let key = if TeleworkPlace::from_code(value).is_some() {
        format!("register.plan_line.places.{value}")
    } else if PlanDecision::from_code(value).is_some() {
        format!("register.plan_line.decision.{value}")
    } else if matches!(value, "places" | "units") {
        format!("register.plan_line.{value}")
    } else {
        return value.to_owned();
    };
    text(lang, key, &[]).into_owned()
}

/// A value of a conflict in words.
fn value(lang: Lang, code: &str, value: &str) -> String {
    match code {
        "approvers" => {
            let key = format!("register.rule_clause.approver.{value}");
            text(lang, key, &[]).into_owned()
        }
        "approver_settled" => text(lang, format!("common.role.{value}"), &[]).into_owned(),
        "plan_permit" => planned(lang, value),
        "forbids_and_allows" | "special" | "plan_forbidden" | "permit_forbidden" => String::new(),
        _ => value.to_owned(),
    }
}

/// A conflict as it is shown.
pub(in crate::http) fn conflict_shown(ctx: &Ctx, line: &ConflictLine) -> ConflictShown {
    let of = |name: &str| {
        let mut detail = line.detail.iter();
        let found = detail.find(|(it, _)| it == name);
        found.map_or_else(String::new, |(_, it)| value(ctx.lang, &line.code, it))
    };
    let sides = |place: usize, name: &str| {
        let code = line.between.get(place).map_or("", String::as_str);
        let value = of(name);
        html! { (side(ctx, code)) @if !value.is_empty() { " " span class="muted" { (value) } } }
    };
    let what = text(ctx.lang, format!("conflict.code.{}", line.code), &[]);
    ConflictShown {
        what: what.into_owned(),
        contradiction: line.contradiction,
        one: sides(0, "one"),
        other: sides(1, "other"),
    }
}
