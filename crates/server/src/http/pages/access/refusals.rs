//! Refused attempts, from the observations: what was refused, on what ground, how often. Whose they
//! were is personal, and not told here.

use std::collections::{BTreeMap, HashMap};

use maud::{Markup, html as markup};
use sekisho_domain::id::PersonId;
use sekisho_domain::register::EntryId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_messages::{Lang, number, t};
use sekisho_store::observations::{DecisionRow, DecisionsOf};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::{Sight, entry_name};
use crate::access::FAILED;
use crate::console::components::{Column, cell, instant_with_age, row_header, table};

/// So far back refusals are shown.
pub(super) const BACK: Span = Span::days(7);
/// Most refusals that are looked at.
const LOOKED_AT: usize = 2_000;
/// Most kinds of refusal that are shown.
const SHOWN: usize = 30;

/// The refusals of late that the reader may see, the newest first.
pub(super) fn rows(ctx: &Ctx, sight: &Sight) -> Result<Vec<DecisionRow>, Fault> {
    let from = ctx.now.before(BACK).as_millis();
    let observations = ctx.site.app.observations();
    let mut all = observations.decisions(DecisionsOf::Anyone, true, from, LOOKED_AT)?;
    let world = ctx.site.app.world();
    all.retain(|row| {
        let person: Option<PersonId> = row.decision.person.parse().ok();
        person.is_some_and(|person| sight.sees(&world, person, ctx.now))
    });
    Ok(all)
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
struct Tally {
    times: u64,
    people: std::collections::BTreeSet<String>,
    last_at: i64,
}

/// The table, by what was wanted and why it was refused.
pub(super) fn by_reason(ctx: &Ctx, rows: &[DecisionRow]) -> Markup {
    let lang = ctx.lang;
    let mut all: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
    for row in rows {
        let it = &row.decision;
        let tally = all.entry((&it.resource, &it.rules)).or_default();
        tally.times += u64::from(it.times);
        tally.people.insert(it.person.clone());
        tally.last_at = tally.last_at.max(it.at);
    }
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.last_at));
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
    let row = |((id, rules), tally): &((&str, &str), Tally)| {
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
    let list: Vec<Vec<Markup>> = all.iter().take(SHOWN).map(row).collect();
    table(&t!(lang, "access-page.refusals"), &columns, &list)
}
