//! Refused attempts, from the observations: what was refused, on what ground, how often. Whose they
//! were is personal, and not told here.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use maud::{Markup, html as markup};
use sekisho_domain::register::EntryId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_messages::{Lang, number, t};
use sekisho_store::observations::Refused;

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::{Sight, entry_name, paged};
use crate::access::FAILED;
use crate::console::components::{Column, cell, instant_with_age, pagination, row_header, table};

/// So far back refusals are shown.
pub(super) const BACK: Span = Span::days(7);
/// Rows that are looked at before others may have the World again.
const SLICE: usize = 2_000;
/// Kinds of refusal on one page.
const PER_PAGE: usize = 30;

/// All refusals of late that the reader may see, equal ones of one person together, the newest first. They are summed
/// before anything is left out: whoever asks in vain without end hides nobody else.
pub(super) fn rows(ctx: &Ctx, sight: &Sight) -> Result<Vec<Refused>, Fault> {
    let from = ctx.now.before(BACK).as_millis();
    let all = ctx.site.app.observations().refused(from)?;
    let mut seen = if sight.reached.body {
        all
    } else {
        in_slices(
            all,
            || ctx.site.app.world(),
            |world, it| {
                let asked = (it.person.as_str(), it.device.as_deref());
                sight.sees_answer(world, asked, ctx.now)
            },
        )
    };
    seen.sort_by_key(|it| Reverse(it.last_at));
    Ok(seen)
}

/// Those that are to be kept, with what is taken to judge them let go after each slice: after a rule that refuses
/// everybody they are hundreds of thousands.
fn in_slices<T, W>(all: Vec<T>, take: impl Fn() -> W, keeps: impl Fn(&W, &T) -> bool) -> Vec<T> {
    let mut rest = all.into_iter();
    let mut kept = Vec::new();
    while !rest.as_slice().is_empty() {
        let taken = take();
        let slice = rest.by_ref().take(SLICE);
        kept.extend(slice.filter(|it| keeps(&taken, it)));
    }
    kept
}

/// How often anything was refused.
pub(super) fn times(rows: &[Refused]) -> usize {
    let times = rows.iter().map(|it| it.times).fold(0, u64::saturating_add);
    usize::try_from(times).unwrap_or(usize::MAX)
}

/// What the rules say, by their ids.
pub(super) struct RuleWords(HashMap<String, (String, String)>);

impl RuleWords {
    pub(super) fn of(ctx: &Ctx) -> Self {
        let book = ctx.site.app.access().rulebook();
        let rules = book.rules();
        Self(
            rules
                .into_iter()
                .map(|it| (it.id.clone(), (it.ja.clone(), it.en.clone())))
                .collect(),
        )
    }

    /// In the language of the page; a rule that is no longer there by its id.
    fn said(&self, lang: Lang, rule: &str) -> String {
        if rule == FAILED {
            return t!(lang, "access.failed").into_owned();
        }
        match (self.0.get(rule), lang) {
            (Some((ja, _)), Lang::Ja) => ja.clone(),
            (Some((_, en)), Lang::En) => en.clone(),
            (None, _) => t!(lang, "access.forbidden", rule = rule).into_owned(),
        }
    }

    /// All of a row's.
    pub(super) fn list(&self, lang: Lang, rules: &str) -> Markup {
        let rules: Vec<String> = serde_json::from_str(rules).unwrap_or_default();
        markup! { ul class="values" { @for rule in &rules { li { (self.said(lang, rule)) } } } }
    }
}

/// The name of what was wanted.
pub(super) fn resource(ctx: &Ctx, id: &str) -> String {
    let entry: Option<EntryId> = id.parse().ok();
    entry.map_or_else(|| id.to_owned(), |entry| entry_name(ctx, entry))
}

#[derive(Default)]
struct Tally<'a> {
    times: u64,
    people: BTreeSet<&'a str>,
    last_at: i64,
}

/// What was wanted and why it was refused, the newest first.
fn kinds(rows: &[Refused]) -> Vec<((&str, &str), Tally<'_>)> {
    let mut all: BTreeMap<(&str, &str), Tally<'_>> = BTreeMap::new();
    for it in rows {
        let tally = all.entry((&it.resource, &it.rules)).or_default();
        tally.times = tally.times.saturating_add(it.times);
        // What was asked in nobody's name was asked by nobody who is counted.
        tally
            .people
            .extend(Some(it.person.as_str()).filter(|it| !it.is_empty()));
        tally.last_at = tally.last_at.max(it.last_at);
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, tally)| Reverse(tally.last_at));
    all
}

/// The table, by what was wanted and why it was refused, a page of it.
pub(super) fn by_reason(ctx: &Ctx, rows: &[Refused]) -> Markup {
    let lang = ctx.lang;
    let all = kinds(rows);
    let here = ("/access", "#refusals");
    let (shown, pages) = paged(ctx, here, ("kinds", &["page"]), (all.len(), PER_PAGE));
    let words = RuleWords::of(ctx);
    let columns = [
        Column::text(t!(lang, "access-page.wanted")),
        Column::text(t!(lang, "access-page.why")),
        Column::number(t!(lang, "access-page.times")),
        Column::number(t!(lang, "access-page.of_people")),
        Column::text(t!(lang, "access-page.last_at")),
    ];
    let [wanted, why, times, people, last] = &columns;
    let whole = |n: usize| number(i64::try_from(n).unwrap_or(i64::MAX));
    let row = |((id, rules), tally): &((&str, &str), Tally<'_>)| {
        let at = Timestamp::from_millis(tally.last_at);
        vec![
            row_header(wanted, &markup! { (resource(ctx, id)) }),
            cell(why, &words.list(lang, rules)),
            cell(
                times,
                &markup! { (number(i64::try_from(tally.times).unwrap_or(i64::MAX))) },
            ),
            cell(people, &markup! { (whole(tally.people.len())) }),
            cell(last, &instant_with_age(lang, at, ctx.now)),
        ]
    };
    let list: Vec<Vec<Markup>> = all[shown].iter().map(row).collect();
    markup! {
        (table(&t!(lang, "access-page.refusals"), &columns, &list))
        @if let Some(pages) = &pages { (pagination(lang, pages)) }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn what_is_taken_is_let_go_after_each_slice_and_no_row_is_lost() {
        let lock = Mutex::new(());
        let times = Cell::new(0);
        let take = || {
            times.set(times.get() + 1);
            lock.try_lock().unwrap()
        };
        let all: Vec<usize> = (0..=2 * SLICE).collect();
        let even = in_slices(all, take, |_, it| it % 2 == 0);
        assert!(even.into_iter().eq((0..=2 * SLICE).step_by(2)));
        assert_eq!(times.get(), 3);
        assert!(in_slices(Vec::<usize>::new(), take, |_, _| true).is_empty());
        assert_eq!(times.get(), 3);
    }
}
