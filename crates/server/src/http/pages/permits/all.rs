//! All permits that the reader may read, the newest first.

use std::collections::HashSet;

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Denied, reached};
use sekisho_domain::id::{PermitId, PersonId, UnitId};
use sekisho_domain::permit::{Permit, PermitKind, SoughtNumber, Status};
use sekisho_domain::world::{PermitQuery, Within, World};
use sekisho_messages::t;

use super::super::super::ctx::{Answer, Ctx, html};
use super::super::super::fault::Fault;
use super::super::register::list::address;
use super::super::register::referents::{called, folded_words};
use super::row;
use crate::app::shelves::{Cursor, Query, Row as ShelfRow};
use crate::console::components::{Field, Input, empty_state, field};
use crate::console::layout::{Place, heading, page};
use crate::console::permits::{Row, kind_name, rows, status_word};

/// Permits on one page.
const PER_PAGE: usize = 50;
/// People whose permits are looked through at once.
const PEOPLE_MAX: usize = 5_000;

/// What of all permits the reader may read.
pub(super) struct Sight {
    all: bool,
    units: HashSet<UnitId>,
    person: PersonId,
}

impl Sight {
    /// # Errors
    /// Nothing but one's own: that is another page.
    pub(super) fn of(ctx: &Ctx) -> Result<Self, Fault> {
        let actor = ctx.actor()?;
        let world = ctx.site.app.world();
        let reached = reached(&world, &actor, Action::ReadPermit, ctx.now);
        let mut units = HashSet::new();
        for unit in &reached.units {
            units.extend(world.units_within(*unit, ctx.now));
        }
        let sight = Self {
            all: reached.body,
            units,
            person: ctx.live()?.person,
        };
        if sight.all || !sight.units.is_empty() {
            Ok(sight)
        } else {
            Err(Fault::denied(Denied::OutOfReach, Action::ReadPermit))
        }
    }

    /// What the World is to look within; none where all is seen.
    fn within(&self) -> Option<Within<'_>> {
        (!self.all).then_some(Within {
            units: &self.units,
            person: Some(self.person),
        })
    }

    pub(super) fn sees(&self, ctx: &Ctx, world: &World, permit: &Permit) -> bool {
        self.all
            || permit.applicant == self.person
            || self.units.contains(&world.unit_of_permit(permit, ctx.now))
    }
}

/// What is asked for.
struct Asked {
    /// A number, or words of an applicant's name.
    words: String,
    kind: Option<PermitKind>,
    status: Option<Status>,
    unit: Option<UnitId>,
    after: Option<PermitId>,
}

impl Asked {
    /// # Errors
    /// A choice that is none: a list of everything would be taken for what was asked for.
    fn of(ctx: &Ctx) -> Result<Self, Fault> {
        fn chosen<T>(
            ctx: &Ctx,
            name: &str,
            read: impl Fn(&str) -> Option<T>,
        ) -> Result<Option<T>, Fault> {
            let text = ctx.query(name).filter(|text| !text.is_empty());
            let read = |text: String| read(&text).ok_or_else(Fault::not_found);
            text.map(read).transpose()
        }
        Ok(Self {
            words: ctx.query("q").unwrap_or_default(),
            kind: chosen(ctx, "kind", PermitKind::from_code)?,
            status: chosen(ctx, "status", Status::from_code)?,
            unit: chosen(ctx, "unit", |text| text.parse().ok())?,
            after: chosen(ctx, "after", |text| text.parse().ok())?,
        })
    }

    fn is_filtered(&self) -> bool {
        self.kind.is_some()
            || self.status.is_some()
            || self.unit.is_some()
            || !self.words.trim().is_empty()
    }

    fn href(&self, after: &str) -> String {
        let kind = self.kind.map_or("", PermitKind::code);
        let status = self.status.map_or("", Status::code);
        let unit = self.unit.map(|it| it.to_string()).unwrap_or_default();
        let pairs = [
            ("q", self.words.as_str()),
            ("kind", kind),
            ("status", status),
            ("unit", unit.as_str()),
            ("after", after),
        ];
        address("/permits/all", &pairs)
    }
}

/// Whom words may speak of.
enum Spoken {
    /// No one in particular.
    Anyone,
    /// A permit by its number.
    Number(SoughtNumber),
    /// People by their names.
    People(HashSet<PersonId>),
    /// More people than can be looked through.
    TooMany,
}

impl Spoken {
    fn of(ctx: &Ctx, sight: &Sight, words: &str) -> Self {
        if let Some(number) = SoughtNumber::parse(words) {
            return Self::Number(number);
        }
        let words = folded_words(words);
        if words.is_empty() {
            return Self::Anyone;
        }
        let shelves = ctx.site.app.shelves();
        let own = sight.person.to_string();
        let seen = |row: &ShelfRow| {
            sight.all || *row.id == *own || row.unit.is_some_and(|unit| sight.units.contains(&unit))
        };
        let mut people = HashSet::new();
        // Who has left applied as well.
        for retired in [false, true] {
            let query = Query {
                words: &words,
                retired,
                ..Query::default()
            };
            let page = shelves
                .people()
                .find(&query, &seen, &Cursor::Start, PEOPLE_MAX + 1);
            people.extend(page.ids.iter().filter_map(|id| id.parse::<PersonId>().ok()));
        }
        if people.len() > PEOPLE_MAX {
            Self::TooMany
        } else {
            Self::People(people)
        }
    }
}

/// One page of what is asked for, and whether there is more.
fn found(ctx: &Ctx, sight: &Sight, asked: &Asked, spoken: &Spoken) -> (Vec<Permit>, bool) {
    let (number, applicants) = match spoken {
        Spoken::Anyone => (None, None),
        Spoken::Number(number) => (Some(*number), None),
        Spoken::People(people) => (None, Some(people)),
        Spoken::TooMany => return (Vec::new(), false),
    };
    let world = ctx.site.app.world();
    let units = asked.unit.map(|unit| world.units_within(unit, ctx.now));
    let query = PermitQuery {
        kind: asked.kind,
        status: asked.status,
        number,
        applicants,
        within: units.as_ref().map(|units| Within {
            units,
            person: None,
        }),
        seen: sight.within(),
    };
    // Where the page before ended; from the newest where that is not known.
    let fitting = world.permits_found(query, asked.after, ctx.now);
    let mut list: Vec<Permit> = fitting.take(PER_PAGE + 1).cloned().collect();
    let more = list.len() > PER_PAGE;
    list.truncate(PER_PAGE);
    (list, more)
}

/// The units that the reader may choose, by name.
fn units(ctx: &Ctx, sight: &Sight) -> Vec<(String, String)> {
    let world = ctx.site.app.world();
    let mut list: Vec<(String, String)> = world
        .units
        .values()
        .filter(|unit| world.unit_in_force(unit.id, ctx.now))
        .filter(|unit| sight.all || sight.units.contains(&unit.id))
        .map(|unit| (called(ctx, unit.name_at(ctx.now)), unit.id.to_string()))
        .collect();
    list.sort();
    list
}

/// What can be asked for.
fn search(ctx: &Ctx, sight: &Sight, asked: &Asked) -> Markup {
    let lang = ctx.lang;
    let unit = asked.unit.map(|it| it.to_string()).unwrap_or_default();
    markup! {
        form method="get" action="/permits/all" class="search search--list" role="search" {
            (field(lang, &Field {
                name: "q", label: t!(lang, "permits.search"), support: None, required: false, input: Input::Text,
                value: &asked.words, error: None, autocomplete: "off", lang: None,
            }))
            div class="field field--filter" {
                label for="kind" { (t!(lang, "permits.kind")) }
                select id="kind" name="kind" {
                    option value="" { (t!(lang, "register.filter_all")) }
                    @for kind in PermitKind::ALL {
                        option value=(kind.code()) selected[asked.kind == Some(*kind)] { (kind_name(lang, *kind)) }
                    }
                }
            }
            div class="field field--filter" {
                label for="status" { (t!(lang, "permits.state")) }
                select id="status" name="status" {
                    option value="" { (t!(lang, "register.filter_all")) }
                    @for status in Status::ALL {
                        option value=(status.code()) selected[asked.status == Some(*status)] { (status_word(lang, *status)) }
                    }
                }
            }
            div class="field field--filter" {
                label for="unit" { (t!(lang, "permits.unit")) }
                select id="unit" name="unit" {
                    option value="" { (t!(lang, "register.filter_all")) }
                    @for (name, id) in units(ctx, sight) { option value=(id) selected[id == unit] { (name) } }
                }
            }
            button class="button button--secondary" type="submit" { (t!(lang, "register.search_do")) }
            @if asked.is_filtered() { a class="button button--quiet" href="/permits/all" { (t!(lang, "register.search_clear")) } }
        }
    }
}

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let lang = ctx.lang;
    let sight = Sight::of(ctx)?;
    let asked = Asked::of(ctx)?;
    let spoken = Spoken::of(ctx, &sight, &asked.words);
    let (list, more) = found(ctx, &sight, &asked, &spoken);
    let next = list
        .last()
        .filter(|_| more)
        .map(|it| asked.href(&it.id.to_string()));
    let list: Vec<Row> = list.iter().map(|it| row(ctx, it)).collect();
    let title = t!(lang, "permits.all");
    let main = markup! {
        (heading(&[], &markup! { (title) }, &markup! { (t!(lang, "permits.all_lead")) }))
        (search(ctx, &sight, &asked))
        @if matches!(spoken, Spoken::TooMany) {
            (empty_state(&t!(lang, "permits.too_many_people"), &t!(lang, "permits.too_many_people_how")))
        } @else if list.is_empty() {
            (empty_state(&t!(lang, "permits.none_found"), &t!(lang, "permits.none_found_how")))
        } @else { (rows(lang, &title, &list, ctx.now, true)) }
        nav class="pages" aria-label=(t!(lang, "console.pages.label")) {
            @if asked.after.is_some() { a class="button button--secondary" href=(asked.href("")) { (t!(lang, "permits.newest")) } }
            @if let Some(next) = &next { a class="button button--secondary" rel="next" href=(next) { (t!(lang, "permits.older")) } }
        }
    };
    Ok(html(page(&ctx.frame(Place::PermitsAll), &title, &main)))
}
