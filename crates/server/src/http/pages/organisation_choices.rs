//! What the organisation's page shows and offers to choose from: everything where there is little,
//! and what fits the reader's words where there is much.

use std::cmp::Ordering;
use std::collections::HashMap;

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::fold;
use sekisho_domain::id::{PersonId, PostId};
use sekisho_domain::post::Post;
use sekisho_domain::world::World;
use sekisho_messages::{t, text};

use super::super::ctx::Ctx;
use super::register::referents::{called, folded_words, unit_path};
use super::register::sight::Sight;
use super::{localised, person_name, unit_name};
use crate::app::shelves::{Cursor, Query};
use crate::console::components::{Field, Input, field};

/// So many stand in a list to choose from.
pub(super) const MOST: usize = 200;

/// Tells something more about the thing of a value, where there is anything to tell.
type Tell<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A list to choose from: value and label of each, and how many more there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Choices {
    pub(super) list: Vec<(String, String)>,
    pub(super) more: usize,
}

impl Choices {
    /// By their labels, the first so many.
    fn sorted(mut list: Vec<(String, String)>) -> Self {
        let more = first_sorted(&mut list, MOST, |a, b| a.1.cmp(&b.1));
        Self { list, more }
    }

    /// Tells entries of one label apart by something more about each, and by the next thing where that
    /// is the same as well: whoever appoints the wrong one of two must not have had to guess. What
    /// always differs is the id.
    fn told_apart(mut self, more: &[&Tell<'_>]) -> Self {
        let id = |value: &str| {
            value
                .get(value.len().saturating_sub(8)..)
                .map(str::to_owned)
        };
        for tell in more.iter().chain([&(&id as &Tell<'_>)]) {
            let mut alike: HashMap<String, Vec<usize>> = HashMap::new();
            for (place, (_, label)) in self.list.iter().enumerate() {
                alike.entry(label.clone()).or_default().push(place);
            }
            for places in alike.into_values().filter(|places| places.len() > 1) {
                let told: Vec<_> = places.iter().map(|at| tell(&self.list[*at].0)).collect();
                // What is the same of all of them tells nothing.
                if told.iter().all(|it| *it == told[0]) {
                    continue;
                }
                for (at, more) in places.into_iter().zip(told) {
                    if let (Some(more), Some((_, label))) = (more, self.list.get_mut(at)) {
                        *label = format!("{label}（{more}）");
                    }
                }
            }
        }
        self
    }

    /// What was chosen stays in the list, though it would stand further down.
    fn keeping(mut self, chosen: &str, label: impl FnOnce() -> Option<String>) -> Self {
        let stands = self.list.iter().any(|(value, _)| value == chosen);
        if !chosen.is_empty()
            && !stands
            && let Some(label) = label()
        {
            self.list.insert(0, (chosen.to_owned(), label));
            self.more = self.more.saturating_sub(1);
        }
        self
    }
}

/// Leaves the first so many of a list, in order, and says how many more there were. What is not shown is
/// not sorted.
pub(super) fn first_sorted<T>(
    list: &mut Vec<T>,
    most: usize,
    order: impl Fn(&T, &T) -> Ordering,
) -> usize {
    let more = list.len().saturating_sub(most);
    if more > 0 {
        list.select_nth_unstable_by(most, &order);
        list.truncate(most);
    }
    list.sort_by(&order);
    more
}

/// The words by which the reader narrows the lists down.
pub(super) struct Narrowed {
    who: String,
    title: String,
    within: String,
    /// The words of a title, folded.
    title_words: Vec<String>,
    /// The words of a unit's name, folded.
    within_words: Vec<String>,
}

impl Narrowed {
    pub(super) fn of(ctx: &Ctx) -> Self {
        let get = |name: &str| ctx.query(name).unwrap_or_default();
        let (title, within) = (get("title"), get("within"));
        Self {
            who: get("who"),
            title_words: folded_words(&title),
            within_words: folded_words(&within),
            title,
            within,
        }
    }

    fn is_narrowed(&self) -> bool {
        [&self.who, &self.title, &self.within]
            .iter()
            .any(|words| !words.trim().is_empty())
    }

    /// The people who may be chosen, by reading.
    pub(super) fn people(&self, ctx: &Ctx, chosen: &str) -> Choices {
        let Ok(sight) = Sight::of_people(ctx) else {
            return Choices::default();
        };
        let words = folded_words(&self.who);
        let query = Query {
            words: &words,
            ..Query::default()
        };
        let found = {
            let shelves = ctx.site.app.shelves();
            let sees = |row: &_| sight.sees(row);
            shelves.people().find(&query, &sees, &Cursor::Start, MOST)
        };
        let named = |id: &String| Some((id.clone(), person_name(ctx, id.parse().ok()?)?));
        let list: Vec<(String, String)> = found.ids.iter().filter_map(named).collect();
        let more = found.total.saturating_sub(found.ids.len());
        let choices = Choices { list, more }.keeping(chosen, || {
            let person: PersonId = chosen.parse().ok()?;
            let may = ctx.may(Action::ReadDirectory, Subject::Person(person));
            may.then(|| person_name(ctx, person)).flatten()
        });
        let unit = |id: &str| {
            let world = ctx.site.app.world();
            let unit = world.unit_of(id.parse().ok()?, ctx.now)?;
            Some(unit_path(ctx, &world, unit))
        };
        let mail = |id: &str| {
            let directory = ctx.site.app.directory();
            directory.get(id.parse().ok()?)?.mail.clone()
        };
        choices.told_apart(&[&unit, &mail])
    }

    /// The units for which the reader may do something.
    pub(super) fn units(&self, ctx: &Ctx, action: Action, chosen: &str) -> Choices {
        let known: Vec<_> = {
            let world = ctx.site.app.world();
            let units = world.units.values();
            let units = units.filter(|unit| unit.valid.holds(ctx.now));
            units
                .map(|unit| (unit.id, localised(unit.name_at(ctx.now))))
                .collect()
        };
        let named = known
            .into_iter()
            .map(|(id, name)| (id, name.get(ctx.lang).to_owned()))
            .filter(|(_, name)| fit(&self.within_words, name));
        // Who may do it everywhere need not be asked about each place.
        let everywhere = ctx.may(action, Subject::Body);
        let list = named
            .filter(|(id, _)| everywhere || ctx.may(action, Subject::Unit(*id)))
            .map(|(id, name)| (id.to_string(), name));
        let choices = Choices::sorted(list.collect()).keeping(chosen, || {
            let world = ctx.site.app.world();
            let unit = world.units.get(&chosen.parse().ok()?)?;
            Some(called(ctx, unit.name_at(ctx.now)))
        });
        let path = |id: &str| {
            let world = ctx.site.app.world();
            Some(unit_path(ctx, &world, id.parse().ok()?))
        };
        choices.told_apart(&[&path])
    }

    /// The posts to which somebody may be appointed, by unit and title.
    pub(super) fn posts(&self, ctx: &Ctx, chosen: &str) -> Choices {
        let label = |world: &World, post: &Post| {
            let unit = unit_name(world, post.unit);
            let title = localised(&post.title);
            format!("{} – {}", unit.get(ctx.lang), title.get(ctx.lang))
        };
        let list = {
            let world = ctx.site.app.world();
            let posts = world.posts.values();
            let posts = posts.filter(|post| !post.is_abolished(ctx.now));
            let posts = posts.filter(|post| self.shows(ctx, &world, post));
            posts
                .map(|post| (post.id.to_string(), label(&world, post)))
                .collect()
        };
        let choices = Choices::sorted(list).keeping(chosen, || {
            let world = ctx.site.app.world();
            let id: PostId = chosen.parse().ok()?;
            Some(label(&world, world.posts.get(&id)?))
        });
        let path = |id: &str| {
            let world = ctx.site.app.world();
            let post = world.posts.get(&id.parse().ok()?)?;
            Some(unit_path(ctx, &world, post.unit))
        };
        // Two posts of one title in one unit are known by who holds them.
        let holder = |id: &str| {
            let held = {
                let world = ctx.site.app.world();
                world.holders(id.parse().ok()?, ctx.now).next()
            };
            match held {
                Some(held) => person_name(ctx, held),
                None => Some(t!(ctx.lang, "domain.vacant").into_owned()),
            }
        };
        choices.told_apart(&[&path, &holder])
    }

    /// Whether a post fits the words.
    pub(super) fn shows(&self, ctx: &Ctx, world: &World, post: &Post) -> bool {
        fit(&self.title_words, localised(&post.title).get(ctx.lang))
            && fit(
                &self.within_words,
                unit_name(world, post.unit).get(ctx.lang),
            )
    }

    /// The form that narrows the lists down, where any is longer than can be shown.
    pub(super) fn form(&self, ctx: &Ctx, is_long: bool) -> Markup {
        let lang = ctx.lang;
        let line = |name: &'static str, value: &str| {
            field(
                lang,
                &Field {
                    name,
                    label: text(lang, format!("domain.narrow.{name}"), &[]),
                    support: None,
                    required: false,
                    input: Input::Text,
                    value,
                    error: None,
                    autocomplete: "off",
                    lang: None,
                },
            )
        };
        markup! {
            @if is_long || self.is_narrowed() {
                section {
                    h2 { (t!(lang, "domain.narrow")) }
                    p { (t!(lang, "domain.narrow_how", n = MOST as u64)) }
                    form method="get" action="/organisation" class="search search--list" role="search" {
                        (line("who", &self.who)) (line("title", &self.title)) (line("within", &self.within))
                        button class="button button--secondary" type="submit" { (t!(lang, "people.search_do")) }
                        @if self.is_narrowed() {
                            a class="button button--quiet" href="/organisation" { (t!(lang, "register.search_clear")) }
                        }
                    }
                }
            }
        }
    }
}

fn fit(words: &[String], text: &str) -> bool {
    if words.is_empty() {
        return true;
    }
    let folded = fold::search(text);
    words.iter().all(|word| folded.contains(word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::Choices;

    fn labels(choices: &Choices) -> Vec<&str> {
        choices.list.iter().map(|(_, label)| &**label).collect()
    }

    /// What had been chosen was once added after the others were told apart, and namesakes of one
    /// unit read the same.
    #[test]
    fn no_two_choices_read_the_same() {
        let one = |id: &str, label: &str| (id.to_owned(), label.to_owned());
        let list = ["00000001", "00000002", "00000003"].map(|id| one(id, "佐藤 花子"));
        let mut list = list.to_vec();
        list.push(one("00000004", "鈴木 一郎"));
        let choices = Choices { list, more: 5 };
        let choices = choices.keeping("00000009", || Some("鈴木 一郎".to_owned()));
        assert_eq!(choices.more, 4);
        let unit = |id: &str| Some(if id == "00000003" { "乙課" } else { "甲課" }.to_owned());
        let mail = |id: &str| (id == "00000004").then(|| "a@example.jp".to_owned());
        let told = choices.told_apart(&[&unit, &mail]);
        assert_eq!(
            labels(&told),
            [
                "鈴木 一郎",
                "佐藤 花子（甲課）（00000001）",
                "佐藤 花子（甲課）（00000002）",
                "佐藤 花子（乙課）",
                "鈴木 一郎（a@example.jp）",
            ]
        );
    }
}
