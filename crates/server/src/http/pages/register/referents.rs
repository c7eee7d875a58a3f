//! What fields refer to: found on the shelves and named from World and directory, as far as the
//! reader may know it.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::fold::search;
use sekisho_domain::id::{ApiTokenId, DeviceId, PermitId, PersonId, PostId, UnitId};
use sekisho_domain::name::Name;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::world::World;

use super::super::super::ctx::Ctx;
use super::super::person_name;
use super::sight::Sight;
use crate::app::shelves::{Cursor, Query, Row, Shelf};
use crate::console::fields::{FEW, Found, Referent, Referents};

/// So many of what a search found are shown.
pub(in crate::http) const MOST: usize = 30;

/// The things of the World, for one request.
pub(in crate::http) struct Things<'a> {
    pub(in crate::http) ctx: &'a Ctx,
}

/// The name in the language of the page.
pub(in crate::http) fn called(ctx: &Ctx, name: &Name) -> String {
    super::super::localised(name).get(ctx.lang).to_owned()
}

/// The name of a unit now; empty where there is none.
pub(in crate::http) fn unit_called(ctx: &Ctx, world: &World, unit: UnitId) -> String {
    let known = world.units.get(&world.unit_now(unit, ctx.now));
    known.map_or_else(String::new, |unit| called(ctx, unit.name_at(ctx.now)))
}

/// The name of a unit with those of the units above it, from the top, without the root's: what tells
/// units of one name apart.
pub(in crate::http) fn unit_path(ctx: &Ctx, world: &World, unit: UnitId) -> String {
    let mut parts = Vec::new();
    let mut here = Some(world.unit_now(unit, ctx.now));
    while let Some(known) = here.and_then(|id| world.units.get(&id)) {
        let above = known.parent_at(ctx.now);
        if above.is_some() || parts.is_empty() {
            parts.push(called(ctx, known.name_at(ctx.now)));
        }
        // Cycles are refused on entry; this guards a damaged World all the same.
        here = above
            .map(|above| world.unit_now(above, ctx.now))
            .filter(|_| parts.len() < 50);
    }
    parts.reverse();
    parts.join(" / ")
}

impl Things<'_> {
    fn person(&self, id: PersonId) -> Option<Referent> {
        let own = self.ctx.live().is_ok_and(|live| live.person == id);
        let may = self.ctx.may(Action::ReadDirectory, Subject::Person(id));
        if !own && !may {
            return None;
        }
        let name = person_name(self.ctx, id)?;
        let world = self.ctx.site.app.world();
        let unit = world.unit_of(id, self.ctx.now);
        Some(Referent {
            id: id.to_string(),
            name,
            more: unit.map(|unit| unit_called(self.ctx, &world, unit)),
            href: may.then(|| format!("/organisation/people/{id}")),
        })
    }

    fn unit(&self, world: &World, id: UnitId) -> Option<Referent> {
        let unit = world.units.get(&id)?;
        let parent = unit.parent_at(self.ctx.now);
        Some(Referent {
            id: id.to_string(),
            name: called(self.ctx, unit.name_at(self.ctx.now)),
            more: parent.map(|parent| unit_path(self.ctx, world, parent)),
            href: None,
        })
    }

    fn post(&self, world: &World, id: PostId) -> Option<Referent> {
        let post = world.posts.get(&id)?;
        Some(Referent {
            id: id.to_string(),
            name: called(self.ctx, &post.title),
            more: Some(unit_path(self.ctx, world, post.unit)),
            href: None,
        })
    }

    fn entry(&self, id: EntryId) -> Option<Referent> {
        let known = self.ctx.site.app.world().registers.entry(id).cloned();
        let Some(entry) = known else {
            let EntryId::Device(device) = id else {
                return None;
            };
            return self.enrolled(device);
        };
        let register = entry.register();
        if !self.ctx.may(register.read_action(), Subject::Entry(id)) {
            return None;
        }
        let world = self.ctx.site.app.world();
        let unit = world.unit_of_entry(id, self.ctx.now);
        Some(Referent {
            id: id.to_string(),
            name: super::title(self.ctx.lang, &entry),
            more: unit.map(|unit| unit_called(self.ctx, &world, unit)),
            href: Some(super::entry_path(register, id)),
        })
    }

    /// The reader's own permits that fit a search.
    fn own_permits(&self, words: &[String]) -> Vec<Referent> {
        let Ok(live) = self.ctx.live() else {
            return Vec::new();
        };
        let own: Vec<PermitId> = {
            let world = self.ctx.site.app.world();
            world
                .permits
                .of_person(live.person)
                .map(|it| it.id)
                .collect()
        };
        let mut list: Vec<Referent> = own.into_iter().filter_map(|id| self.permit(id)).collect();
        list.retain(|it| {
            let name = search(&it.name);
            words.iter().all(|word| name.contains(word.as_str()))
        });
        list
    }

    /// A permit, where the reader may read it.
    fn permit(&self, id: PermitId) -> Option<Referent> {
        if !self.ctx.may(Action::ReadPermit, Subject::Permit(id)) {
            return None;
        }
        let permit = self.ctx.site.app.world().permits.get(id).cloned()?;
        Some(Referent {
            id: id.to_string(),
            name: super::super::permits::title(self.ctx, &permit),
            more: None,
            href: Some(format!("/permits/{id}")),
        })
    }

    /// A token with which a program may ask the decision point, by what the program is called. Whoever reads
    /// the entry of a system may read what stands before it.
    fn token(&self, world: &World, id: ApiTokenId) -> Option<Referent> {
        let token = &world.tokens.get(&id)?.token;
        if !token.allows(Action::AskAccess) {
            return None;
        }
        Some(Referent {
            id: id.to_string(),
            name: token.label.as_str().to_owned(),
            more: self.post(world, token.post).map(|post| post.name),
            href: None,
        })
    }

    /// The tokens in force that may ask the decision point and fit a search.
    fn tokens(&self, words: &[String]) -> Vec<Referent> {
        let world = self.ctx.site.app.world();
        let known = world.tokens.values().filter(|it| it.in_force(self.ctx.now));
        let mut list: Vec<Referent> = known
            .filter_map(|it| self.token(&world, it.token.id))
            .collect();
        list.retain(|it| {
            let name = search(&it.name);
            words.iter().all(|word| name.contains(word.as_str()))
        });
        list.sort_by(|a, b| (&a.name, &a.more, &a.id).cmp(&(&b.name, &b.more, &b.id)));
        list
    }

    /// A device that is enrolled and stands in no register.
    fn enrolled(&self, id: DeviceId) -> Option<Referent> {
        let known = self.ctx.site.app.world().device(id).cloned()?;
        if !self.ctx.may(Action::ReadDevice, Subject::Device(id)) {
            return None;
        }
        let world = self.ctx.site.app.world();
        Some(Referent {
            id: id.to_string(),
            name: super::super::devices::name(self.ctx, id),
            more: Some(unit_called(self.ctx, &world, known.unit)),
            href: Some(format!("/devices/{id}")),
        })
    }

    /// The registers whose entries have ids of a prefix.
    pub(in crate::http) fn registers(prefix: &str) -> impl Iterator<Item = Register> + '_ {
        let all = Register::ALL.iter().copied();
        all.filter(move |register| register.prefix() == prefix)
    }

    /// Looks through the shelves of a prefix; one more than shown says that there are more.
    fn on_shelves(&self, prefix: &str, words: &[String], most: usize) -> Vec<Referent> {
        if prefix != PersonId::PREFIX {
            return Self::registers(prefix)
                .flat_map(|register| self.in_register(register, words, most))
                .collect();
        }
        let Ok(sight) = Sight::of_people(self.ctx) else {
            return Vec::new();
        };
        let ids = look(self.ctx.site.app.shelves().people(), &sight, words, most);
        ids.iter().filter_map(|id| self.get(prefix, id)).collect()
    }

    /// Looks through the shelf of one register; one more than asked for says that there are more.
    pub(in crate::http) fn in_register(
        &self,
        register: Register,
        words: &[String],
        most: usize,
    ) -> Vec<Referent> {
        let Ok(sight) = Sight::of_register(self.ctx, register) else {
            return Vec::new();
        };
        let ids = {
            let shelves = self.ctx.site.app.shelves();
            let shelf = shelves.register(register);
            shelf.map(|shelf| look(shelf, &sight, words, most))
        };
        let ids = ids.unwrap_or_default();
        ids.iter()
            .filter_map(|id| self.get(register.prefix(), id))
            .collect()
    }

    /// Units and posts are few enough to be looked through.
    fn by_name(&self, prefix: &str, words: &[String]) -> Vec<Referent> {
        let world = self.ctx.site.app.world();
        let now = self.ctx.now;
        let fits = |name: &Name| {
            let forms = [Some(&name.ja), name.en.as_ref(), name.kana.as_ref()];
            let text: Vec<String> = forms
                .into_iter()
                .flatten()
                .map(|form| search(form.as_str()))
                .collect();
            words
                .iter()
                .all(|word| text.iter().any(|it| it.contains(word.as_str())))
        };
        let mut list: Vec<Referent> = if prefix == UnitId::PREFIX {
            let units = world.units.values();
            units
                .filter(|unit| world.unit_in_force(unit.id, now) && fits(unit.name_at(now)))
                .filter_map(|unit| self.unit(&world, unit.id))
                .collect()
        } else {
            let posts = world.posts.values();
            posts
                .filter(|post| world.post_in_force(post.id, now) && fits(&post.title))
                .filter_map(|post| self.post(&world, post.id))
                .collect()
        };
        list.sort_by(|a, b| (&a.name, &a.more, &a.id).cmp(&(&b.name, &b.more, &b.id)));
        list
    }

    /// Whether there are more units or posts than a list to choose from shows, without naming them.
    fn has_many(&self, prefix: &str) -> bool {
        let (world, now) = (self.ctx.site.app.world(), self.ctx.now);
        match prefix {
            UnitId::PREFIX => {
                let units = world.units.keys().copied();
                let mut there = units.filter(|unit| world.unit_in_force(*unit, now));
                there.nth(FEW).is_some()
            }
            PostId::PREFIX => {
                let posts = world.posts.keys().copied();
                let mut there = posts.filter(|post| world.post_in_force(*post, now));
                there.nth(FEW).is_some()
            }
            _ => false,
        }
    }

    fn found(&self, prefix: &str, words: &[String], most: usize) -> Vec<Referent> {
        if prefix == PermitId::PREFIX {
            self.own_permits(words)
        } else if prefix == ApiTokenId::PREFIX {
            self.tokens(words)
        } else if matches!(prefix, UnitId::PREFIX | PostId::PREFIX) {
            self.by_name(prefix, words)
        } else {
            self.on_shelves(prefix, words, most)
        }
    }
}

/// The ids on a shelf that fit, one more than asked for.
fn look(shelf: &Shelf, sight: &Sight, words: &[String], most: usize) -> Vec<String> {
    let query = Query {
        words,
        ..Query::default()
    };
    let sees = |row: &Row| sight.sees(row);
    shelf.find(&query, &sees, &Cursor::Start, most + 1).ids
}

/// The folded words of a search.
pub(in crate::http) fn folded_words(query: &str) -> Vec<String> {
    query
        .split_whitespace()
        .map(search)
        .filter(|word| !word.is_empty())
        .collect()
}

impl Referents for Things<'_> {
    fn get(&self, prefix: &str, id: &str) -> Option<Referent> {
        match prefix {
            PersonId::PREFIX => self.person(id.parse().ok()?),
            UnitId::PREFIX => self.unit(&self.ctx.site.app.world(), id.parse().ok()?),
            PostId::PREFIX => self.post(&self.ctx.site.app.world(), id.parse().ok()?),
            PermitId::PREFIX => self.permit(id.parse().ok()?),
            ApiTokenId::PREFIX => self.token(&self.ctx.site.app.world(), id.parse().ok()?),
            _ => self.entry(id.parse().ok()?),
        }
    }

    fn few(&self, prefix: &str) -> Option<Vec<Referent>> {
        if prefix == PermitId::PREFIX || self.has_many(prefix) {
            return None;
        }
        let list = self.found(prefix, &[], FEW);
        (list.len() <= FEW).then_some(list)
    }

    fn find(&self, prefix: &str, query: &str) -> Found {
        Found::first(self.found(prefix, &folded_words(query), MOST), MOST)
    }

    /// People are told apart by their mail address, posts by who holds them.
    fn further(&self, prefix: &str, id: &str) -> Option<String> {
        match prefix {
            PersonId::PREFIX => {
                let person: PersonId = id.parse().ok()?;
                let may = self.ctx.may(Action::ReadDirectory, Subject::Person(person));
                let directory = self.ctx.site.app.directory();
                may.then(|| directory.get(person)?.mail.clone()).flatten()
            }
            PostId::PREFIX => {
                let holder = {
                    let world = self.ctx.site.app.world();
                    world.holders(id.parse().ok()?, self.ctx.now).next()?
                };
                self.person(holder).map(|it| it.name)
            }
            _ => None,
        }
    }
}
