//! References: few things stand in a list, many are searched and picked. Without scripts: the
//! search button sends the form, and the same form comes back with what was found.

use std::collections::HashMap;

use maud::{Markup, html};
use sekisho_messages::t;

use super::entered::{Entered, LOOK};
use super::input::{Place, box_id, label_line};

/// So many things are offered without a search.
pub const FEW: usize = 20;

/// Something that a field may refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Referent {
    /// Its id.
    pub id: String,
    /// Its name in the language of the page.
    pub name: String,
    /// What tells it from others of that name: a unit, a number.
    pub more: Option<String>,
    /// Its page, where the reader may see it.
    pub href: Option<String>,
}

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The first of them.
    pub list: Vec<Referent>,
    /// Whether there are more.
    pub more: bool,
}

impl Found {
    /// The first so many of a list, saying whether it had more.
    #[must_use]
    pub fn first(mut list: Vec<Referent>, most: usize) -> Self {
        let more = list.len() > most;
        list.truncate(most);
        Self { list, more }
    }
}

/// What a page must say of the things that fields refer to. Kinds of things are given by the prefix
/// of their ids.
pub trait Referents {
    /// The thing of an id; none where there is none or the reader may not know it.
    fn get(&self, prefix: &str, id: &str) -> Option<Referent>;

    /// Everything that may be chosen, where it is not more than [`FEW`].
    fn few(&self, prefix: &str) -> Option<Vec<Referent>>;

    /// What may be chosen and fits a search, by folded text.
    fn find(&self, prefix: &str, query: &str) -> Found;

    /// What to say where there is nothing to choose from, if more is known than that.
    fn none(&self, _prefix: &str) -> Option<String> {
        None
    }

    /// What tells a thing from another of the same name in the same place, where something does.
    fn further(&self, _prefix: &str, _id: &str) -> Option<String> {
        None
    }
}

/// Tells apart what would read the same: by what more is known of each, and at last by the end of
/// its id, which always differs.
fn told_apart(mut list: Vec<Referent>, referents: &dyn Referents, prefix: &str) -> Vec<Referent> {
    let tail = |id: &str| id.get(id.len().saturating_sub(8)..).map(str::to_owned);
    for at_last in [false, true] {
        let mut times: HashMap<String, usize> = HashMap::new();
        for it in &list {
            *times.entry(named(it)).or_default() += 1;
        }
        for it in &mut list {
            let alike = times.get(&named(it)).is_some_and(|times| *times > 1);
            let tells = match (alike, at_last) {
                (false, _) => None,
                (true, false) => referents.further(prefix, &it.id),
                (true, true) => tail(&it.id),
            };
            if let Some(tells) = tells {
                it.more = Some(match it.more.take() {
                    Some(more) => format!("{more} {tells}"),
                    None => tells,
                });
            }
        }
    }
    list
}

/// What stands behind an id in a form. Where it is not known, the id itself is shown.
fn of_id(referents: &dyn Referents, prefix: &str, id: &str) -> Referent {
    referents.get(prefix, id).unwrap_or_else(|| Referent {
        id: id.to_owned(),
        name: id.to_owned(),
        more: None,
        href: None,
    })
}

fn named(referent: &Referent) -> String {
    match &referent.more {
        Some(more) => format!("{}（{more}）", referent.name),
        None => referent.name.clone(),
    }
}

/// The input.
pub(super) fn picker(
    place: &Place<'_>,
    entered: &Entered,
    referents: &dyn Referents,
    prefix: &str,
    many: bool,
) -> Markup {
    match referents.few(prefix) {
        Some(list) if !many => select(place, entered, list, referents, prefix),
        Some(list) => {
            let list = told_apart(list, referents, prefix);
            boxes(place, entered, &list, &html! {}, many)
        }
        None => search(place, entered, referents, prefix, many),
    }
}

fn select(
    place: &Place<'_>,
    entered: &Entered,
    mut list: Vec<Referent>,
    referents: &dyn Referents,
    prefix: &str,
) -> Markup {
    let id = box_id(place.code);
    let chosen = entered.get(&id);
    let nothing = list.is_empty();
    if !chosen.is_empty() && list.iter().all(|it| it.id != chosen) {
        list.insert(0, of_id(referents, prefix, chosen));
    }
    let list = told_apart(list, referents, prefix);
    html! {
        div class="field" {
            label for=(id) { (label_line(place)) }
            (place.notes())
            @if nothing {
                p class="field-support" {
                    @if let Some(how) = referents.none(prefix) { (how) }
                    @else { (t!(place.lang, "field.reference.none_at_all")) }
                }
            }
            select id=(id) name=(id) required[place.required]
                aria-invalid=[place.invalid()] aria-describedby=[place.described_by()] {
                option value="" { "–" }
                @for it in &list { option value=(it.id) selected[it.id == chosen] { (named(it)) } }
            }
        }
    }
}

/// Things to tick, one or several, and what stands below them.
fn boxes(
    place: &Place<'_>,
    entered: &Entered,
    list: &[Referent],
    below: &Markup,
    many: bool,
) -> Markup {
    let id = box_id(place.code);
    let chosen = entered.all(&id);
    html! {
        fieldset class="field choices" aria-describedby=[place.described_by()] {
            legend { (label_line(place)) }
            (place.notes())
            @for (index, it) in list.iter().enumerate() {
                div class="choice choice--compact" {
                    input type=(if many { "checkbox" } else { "radio" }) id={ (id) "-" (index) } name=(id) value=(it.id)
                        checked[chosen.contains(&it.id)];
                    label for={ (id) "-" (index) } {
                        (it.name)
                        @if let Some(more) = &it.more { " " span class="muted small" { (more) } }
                    }
                }
            }
            @if !many && !place.required && !list.is_empty() {
                div class="choice choice--compact" {
                    input type="radio" id={ (id) "-none" } name=(id) value="" checked[chosen.iter().all(String::is_empty)];
                    label for={ (id) "-none" } { (t!(place.lang, "field.none_of_these")) }
                }
            }
            (below)
        }
    }
}

fn search(
    place: &Place<'_>,
    entered: &Entered,
    referents: &dyn Referents,
    prefix: &str,
    many: bool,
) -> Markup {
    let id = box_id(place.code);
    let query = entered.part(place.code, "q").trim();
    let mut list: Vec<Referent> = entered
        .all(&id)
        .iter()
        .filter(|chosen| !chosen.is_empty())
        .map(|chosen| of_id(referents, prefix, chosen))
        .collect();
    let picked = list.len();
    let found = if query.is_empty() {
        Found::default()
    } else {
        referents.find(prefix, query)
    };
    for it in found.list {
        if list.iter().all(|known| known.id != it.id) {
            list.push(it);
        }
    }
    let list = told_apart(list, referents, prefix);
    let asked_in_vain = !query.is_empty() && list.len() == picked;
    let lang = place.lang;
    let below = html! {
        @if found.more { p class="field-support" { (t!(lang, "field.reference.more")) } }
        @if asked_in_vain { p class="field-support" role="status" { (t!(lang, "field.reference.not_found", query = query)) } }
        div class="pick" {
            div {
                label class="pick-label" for=(id) { (t!(lang, "field.reference.search")) }
                input id=(id) name={ (id) "-q" } type="search" value=(query) maxlength="200" autocomplete="off"
                    aria-invalid=[place.invalid()] aria-describedby=[place.described_by()];
            }
            button class="button button--secondary" type="submit" name=(LOOK) value=(place.code) formnovalidate {
                (t!(lang, "field.reference.look"))
            }
        }
    };
    boxes(place, entered, &list, &below, many)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Namesakes of one unit, of whom one has a mail address.
    struct Namesakes;

    impl Referents for Namesakes {
        fn get(&self, _: &str, _: &str) -> Option<Referent> {
            None
        }

        fn few(&self, _: &str) -> Option<Vec<Referent>> {
            None
        }

        fn find(&self, _: &str, _: &str) -> Found {
            Found::default()
        }

        fn further(&self, _: &str, id: &str) -> Option<String> {
            (id == "psn_00000001").then(|| "a@example.jp".to_owned())
        }
    }

    /// Two people of one name and unit, and two devices of one number, once read the same.
    #[test]
    fn what_may_be_referred_to_never_reads_alike() {
        let list = ["1", "2", "3", "4"].map(|number| Referent {
            id: format!("psn_0000000{number}"),
            name: if number == "4" {
                "鈴木 一郎"
            } else {
                "佐藤 花子"
            }
            .to_owned(),
            more: Some("総務課".to_owned()),
            href: None,
        });
        let told = told_apart(list.to_vec(), &Namesakes, "psn");
        let told: Vec<String> = told.iter().map(named).collect();
        assert_eq!(
            told,
            [
                "佐藤 花子（総務課 a@example.jp）",
                "佐藤 花子（総務課 00000002）",
                "佐藤 花子（総務課 00000003）",
                "鈴木 一郎（総務課）",
            ]
        );
    }
}
