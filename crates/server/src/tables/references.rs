//! What fields refer to, by the names that people have for it: a unit by its path, a post by its unit
//! and title, a person by mail address or by a name that nobody else has, an API token by its label, an
//! entry of a register by its number or name.

use std::collections::{BTreeSet, HashMap};

use sekisho_domain::authorise::Action;
use sekisho_domain::field::FieldKind;
use sekisho_domain::fold;
use sekisho_domain::id::{ApiTokenId, PersonId, PostId, UnitId};
use sekisho_domain::post::Post;
use sekisho_domain::register::{Particulars, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_tabular::Layout;
use sekisho_tabular::values::{Lost, References};

use crate::app::directory::Directory;

/// The things of one kind.
#[derive(Default)]
struct Kind {
    /// Ids by folded name; none where several have it.
    ids: HashMap<String, Option<String>>,
    /// The name that exports print.
    names: HashMap<String, String>,
}

impl Kind {
    fn name(&mut self, id: &str, name: &str) {
        self.also(id, name);
        self.names.insert(id.to_owned(), name.to_owned());
    }

    /// Another name, which is understood and not printed.
    fn also(&mut self, id: &str, name: &str) {
        self.ids
            .entry(fold::search(name))
            .and_modify(|known| {
                if known.as_deref() != Some(id) {
                    *known = None;
                }
            })
            .or_insert_with(|| Some(id.to_owned()));
    }
}

/// The names of what a table refers to, at an instant.
pub struct Names {
    kinds: HashMap<&'static str, Kind>,
    /// Whether a post's title is left for the row to make out, which knows the unit.
    titles_by_row: bool,
}

impl Names {
    /// Gathers the names that a layout needs. Mail addresses are printed only for those who may read
    /// the directory.
    #[must_use]
    pub(crate) fn gather(
        world: &World,
        directory: &Directory,
        layout: &Layout,
        now: Timestamp,
        with_mail: bool,
    ) -> Self {
        let prefixes: BTreeSet<&'static str> = layout
            .columns
            .iter()
            .filter(|column| column.code != sekisho_tabular::layout::ID)
            .filter_map(|column| match column.kind {
                FieldKind::Reference(prefix) => Some(prefix),
                _ => None,
            })
            .collect();
        let kinds = prefixes.into_iter().map(|prefix| {
            let kind = match prefix {
                UnitId::PREFIX => units(world, now),
                PostId::PREFIX => posts(world, now),
                PersonId::PREFIX => people(world, directory, now, with_mail),
                ApiTokenId::PREFIX => tokens(world, now),
                other => entries(world, other),
            };
            (prefix, kind)
        });
        Self {
            kinds: kinds.collect(),
            titles_by_row: false,
        }
    }
}

impl Names {
    /// With those of posts, for columns that name them in their own way.
    pub(super) fn with_posts(mut self, world: &World, now: Timestamp) -> Self {
        self.kinds.insert(PostId::PREFIX, posts(world, now));
        self
    }

    /// Leaving titles of posts to the rows: only with their units do they say which post is meant.
    pub(super) fn with_titles_by_row(mut self, world: &World, now: Timestamp) -> Self {
        let mut paths = Kind::default();
        for (id, post) in &world.posts {
            if world.post_in_force(*id, now) {
                paths.name(&id.to_string(), &post_path(world, post, now));
            }
        }
        self.kinds.insert(PostId::PREFIX, paths);
        self.titles_by_row = true;
        self
    }

    /// The names of units alone.
    pub(super) fn of_units(world: &World, now: Timestamp) -> Self {
        Self {
            kinds: HashMap::from([(UnitId::PREFIX, units(world, now))]),
            titles_by_row: false,
        }
    }
}

impl References for Names {
    fn find(&self, prefix: &str, text: &str) -> Result<String, Lost> {
        let kind = self.kinds.get(prefix).ok_or(Lost::Unknown)?;
        let is_id = text.starts_with(prefix) && text.as_bytes().get(prefix.len()) == Some(&b'_');
        match kind.ids.get(&fold::search(text)) {
            Some(Some(id)) => Ok(id.clone()),
            Some(None) => Err(Lost::Several),
            // Whether the thing is there and in force is asked when the entry is checked.
            None if is_id || (self.titles_by_row && prefix == PostId::PREFIX) => {
                Ok(text.to_owned())
            }
            None => Err(Lost::Unknown),
        }
    }

    fn name(&self, prefix: &str, id: &str) -> String {
        let named = self.kinds.get(prefix).and_then(|kind| {
            let name = kind.names.get(id)?;
            let found = kind.ids.get(&fold::search(name))?.as_deref();
            (found == Some(id)).then(|| name.clone())
        });
        named.unwrap_or_else(|| id.to_owned())
    }
}

/// The posts with a folded title in a unit.
pub(super) fn titled_in(
    world: &World,
    unit: Option<UnitId>,
    title: &str,
    at: Timestamp,
) -> BTreeSet<PostId> {
    let there = unit.and_then(|unit| world.posts_in.get(&unit));
    let there = there.into_iter().flatten();
    there
        .filter_map(|id| world.posts.get(id))
        .filter(|post| world.post_in_force(post.id, at))
        .filter(|post| fold::search(post.title.ja.as_str()) == title)
        .map(|post| post.id)
        .collect()
}

/// The names of the units above a unit and its own, from the top, without the root's.
pub(super) fn unit_path(world: &World, unit: UnitId, now: Timestamp) -> String {
    let mut parts = Vec::new();
    let mut here = Some(unit);
    while let Some(known) = here.and_then(|id| world.units.get(&id)) {
        let parent = known.parent_at(now).map(|above| world.unit_now(above, now));
        if parent.is_some() || parts.is_empty() {
            parts.push(known.name_at(now).ja.as_str());
        }
        // Cycles are refused on entry; this guards a damaged World all the same.
        here = parent.filter(|_| parts.len() < 50);
    }
    parts.reverse();
    parts.join("/")
}

fn units(world: &World, now: Timestamp) -> Kind {
    let mut kind = Kind::default();
    for (id, unit) in &world.units {
        if !world.unit_in_force(*id, now) {
            continue;
        }
        let key = id.to_string();
        kind.name(&key, &unit_path(world, *id, now));
        let name = unit.name_at(now);
        kind.also(&key, name.ja.as_str());
        if let Some(en) = &name.en {
            kind.also(&key, en.as_str());
        }
    }
    kind
}

/// A post by its unit and title.
fn post_path(world: &World, post: &Post, now: Timestamp) -> String {
    let unit = unit_path(world, post.unit, now);
    format!("{unit}/{}", post.title.ja.as_str())
}

fn posts(world: &World, now: Timestamp) -> Kind {
    let mut kind = Kind::default();
    for (id, post) in &world.posts {
        if !world.post_in_force(*id, now) {
            continue;
        }
        let key = id.to_string();
        kind.name(&key, &post_path(world, post, now));
        kind.also(&key, post.title.ja.as_str());
    }
    kind
}

fn people(world: &World, directory: &Directory, now: Timestamp, with_mail: bool) -> Kind {
    let mut kind = Kind::default();
    for person in world.people.keys().filter(|it| world.is_member(**it, now)) {
        let Some(known) = directory.get(*person) else {
            continue;
        };
        let id = person.to_string();
        kind.also(&id, known.name.ja.as_str());
        if let Some(mail) = known.mail.as_deref() {
            if with_mail {
                kind.name(&id, mail);
            } else {
                kind.also(&id, mail);
            }
        }
    }
    kind
}

/// The API tokens with which programs may ask the decision point, by what the programs are called.
fn tokens(world: &World, now: Timestamp) -> Kind {
    let mut kind = Kind::default();
    let known = world.tokens.values().filter(|it| it.in_force(now));
    for it in known.filter(|it| it.token.allows(Action::AskAccess)) {
        kind.name(&it.token.id.to_string(), it.token.label.as_str());
    }
    kind
}

/// Entries of registers, by their keys; those of registers without keys by their titles.
fn entries(world: &World, prefix: &str) -> Kind {
    let mut kind = Kind::default();
    for register in Register::ALL.iter().filter(|it| it.prefix() == prefix) {
        let title = Particulars::title_field(*register);
        for entry in world.registers.active(*register) {
            let id = entry.id.to_string();
            let values = entry.particulars.values();
            let mut keys = register
                .keys()
                .iter()
                .filter_map(|field| entry.particulars.key(field));
            let first = keys.next().or_else(|| match values.get(title) {
                Some(sekisho_domain::field::Value::Text(text)) => Some(text.clone()),
                _ => None,
            });
            if let Some(name) = first {
                kind.name(&id, &name);
            }
            for key in keys {
                kind.also(&id, &key);
            }
        }
    }
    kind
}
