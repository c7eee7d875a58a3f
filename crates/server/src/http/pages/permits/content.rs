//! What was applied for and what was decided, as pages and documents say it.

use std::borrow::Cow;

use maud::{Markup, html as markup};
use sekisho_domain::field::{Field, FieldKind, Noun, Value};
use sekisho_domain::permit::{Conditions, Life, Permit, Term};
use sekisho_domain::time::{Span, Timestamp, era_date};
use sekisho_domain::world::World;
use sekisho_messages::{Lang, day, t, text};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::super::register::referents::{Things, called, unit_called};
use super::named::Named;
use super::{applicant, history};
use crate::console::components::{Definitions, instant};
use crate::console::fields::{Words, grade_badge, show as show_value};
use crate::console::permits::{clause_word, term_words};

/// Where it stands: on a page, which says what is so now and both years, or on a document, which says
/// what was so on its day, and days as documents do.
#[derive(Clone, Copy)]
pub(super) enum Look {
    /// On a page.
    Screen,
    /// On a document of a day.
    Paper(Timestamp),
}

impl Look {
    fn instant(self, lang: Lang, at: Timestamp) -> Markup {
        match self {
            Self::Screen => instant(lang, at),
            Self::Paper(_) => markup! { (written(lang, at)) },
        }
    }

    fn term(self, lang: Lang, term: Term) -> Markup {
        match self {
            Self::Screen => term_words(lang, term),
            Self::Paper(_) => {
                let (from, until) = (term.from, term.until.before(Span::seconds(1)));
                let (from, until) = (written(lang, from), written(lang, until));
                markup! { (t!(lang, "permits.paper_term", from = from, until = until)) }
            }
        }
    }

    fn applied(self, lang: Lang) -> Cow<'static, str> {
        match self {
            Self::Screen => t!(lang, "permits.applied"),
            Self::Paper(_) => t!(lang, "permits.paper_applied"),
        }
    }

    /// A value of a field; a day as documents bear it.
    fn value(self, lang: Lang, field: &Field, value: Option<&Value>) -> Option<Markup> {
        match (self, field.kind, value) {
            (Self::Paper(_), FieldKind::Date, Some(Value::Text(text))) => {
                let day = Timestamp::start_of_jst_day(text.parse().ok()?).ok()?;
                Some(markup! { (written(lang, day)) })
            }
            _ => None,
        }
    }

    fn unit(self, ctx: &Ctx, permit: &Permit) -> String {
        let world = ctx.site.app.world();
        match self {
            Self::Screen => unit_called(ctx, &world, world.unit_of_permit(permit, ctx.now)),
            Self::Paper(at) => unit_then(ctx, &world, permit, at),
        }
    }
}

/// A day as documents bear it.
pub(super) fn written(lang: Lang, at: Timestamp) -> String {
    match lang {
        Lang::Ja => era_date(at.jst_date()),
        Lang::En => day(lang, at),
    }
}

/// The applicant's unit as it was called when a document was made.
pub(super) fn unit_then(ctx: &Ctx, world: &World, permit: &Permit, at: Timestamp) -> String {
    let unit = world.units.get(&permit.unit);
    unit.map_or_else(String::new, |unit| called(ctx, unit.name_at(at)))
}

/// Who applies for what, from when to when and what for.
pub(super) fn asked_for(ctx: &Ctx, permit: &Permit, look: Look) -> Result<Definitions, Fault> {
    let lang = ctx.lang;
    let unit = look.unit(ctx, permit);
    let words = Words::permit(permit.kind().code());
    let values = permit.particulars.values();
    let things = Named(Things { ctx });
    let mut list: Definitions = vec![
        (
            t!(lang, "permits.applicant"),
            markup! { (applicant(ctx, permit)) },
        ),
        (t!(lang, "permits.unit"), markup! { (unit) }),
        (look.applied(lang), look.instant(lang, permit.applied_at)),
        (t!(lang, "permits.wanted"), look.term(lang, permit.wanted)),
    ];
    for field in permit.kind().fields() {
        let value = values.get(field.code);
        let shown = look
            .value(lang, field, value)
            .unwrap_or_else(|| show_value(lang, words, field, value, &things));
        list.push((words.label(lang, field.code), shown));
    }
    if let Some(grade) = permit.grade {
        list.push((
            t!(lang, "permits.grade_that_counts"),
            grade_badge(lang, grade),
        ));
    }
    if let Some(purpose) = history::purpose(ctx, permit)? {
        list.push((
            t!(lang, "permits.purpose"),
            markup! { p class="statement" { (purpose) } },
        ));
    }
    Ok(list)
}

/// What was given: number, term, conditions.
pub(super) fn granted(ctx: &Ctx, permit: &Permit, look: Look) -> Definitions {
    let mut list = decided(ctx, permit, look);
    list.extend(conditions(ctx, permit));
    list
}

/// The decision.
pub(super) fn decided(ctx: &Ctx, permit: &Permit, look: Look) -> Definitions {
    let lang = ctx.lang;
    let (decision, grant) = match &permit.life {
        Life::Refused(decision) => (*decision, None),
        Life::Granted(grant) => (grant.decision, Some(grant)),
        _ => return Vec::new(),
    };
    let mut list: Definitions = Vec::new();
    if let Some(grant) = grant {
        // A document bears its number at its head.
        if matches!(look, Look::Screen) {
            list.push((
                t!(lang, "permits.number"),
                markup! { strong { (grant.number) } },
            ));
        }
        list.push((t!(lang, "permits.term"), look.term(lang, grant.term)));
    }
    list.push((
        t!(lang, "permits.decided_by"),
        markup! { (history::decided_by(ctx, &decision)) },
    ));
    list.push((
        t!(lang, "permits.decided_role"),
        markup! { (crate::console::words::role(lang, decision.route.role)) },
    ));
    list.push((
        t!(lang, "permits.ground"),
        markup! { (clause_word(lang, decision.route.clause)) },
    ));
    if let Some(end) = grant.and_then(|grant| grant.end(ctx.now)) {
        let how = text(lang, format!("permits.end.{}", end.how.code()), &[]);
        list.push((
            t!(lang, "permits.ended"),
            markup! { (how) " " (look.instant(lang, end.at)) },
        ));
    }
    list
}

/// On what conditions.
pub(super) fn conditions(ctx: &Ctx, permit: &Permit) -> Definitions {
    let Some(known) = permit.grant().and_then(|it| it.conditions.as_deref()) else {
        return Vec::new();
    };
    let words = Words::permit("conditions");
    let values = known.values();
    let things = Things { ctx };
    Conditions::FIELDS
        .iter()
        .filter_map(|field| {
            let value = values.get(field.code)?;
            let none = value.is_empty() || *value == Value::Flag(false);
            (!none).then(|| {
                let shown = show_value(ctx.lang, words, field, Some(value), &things);
                (words.label(ctx.lang, field.code), shown)
            })
        })
        .collect()
}
