//! People from a file and to one, with the posts that they hold.

use std::collections::HashMap;

use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject, authorise};
use sekisho_domain::command::{PersonRow, RosterCommand, check_roster};
use sekisho_domain::event::Sealed;
use sekisho_domain::field::{Value, Values};
use sekisho_domain::fold;
use sekisho_domain::id::{AppointmentId, PersonId, PostId, UnitId};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_tabular::Fault;
use sekisho_tabular::layout::ID;
use sekisho_tabular::values::Reading;

use super::columns::Columns;
use super::import::{Found, Told};
use super::plan::Plan;
use super::row::{Row, put_name};
use crate::app::directory::{Directory, PersonProfile};
use crate::app::{App, fresh};

/// A person as the file has it: what is said of the person is sealed when it is stored.
#[derive(Clone, Debug)]
pub struct PersonPlan {
    /// The row, without its profile.
    pub row: PersonRow,
    /// The profile, where it is new or changes.
    pub profile: Option<PersonProfile>,
}

impl PersonPlan {
    /// The row as it is checked: with something in the place of the sealed text.
    fn as_if_sealed(&self) -> PersonRow {
        let person = self.row.id;
        let profile = self.profile.as_ref().map(|_| Sealed {
            person,
            key: String::new(),
            nonce: String::new(),
            ciphertext: String::new(),
        });
        PersonRow {
            profile,
            ..self.row.clone()
        }
    }
}

/// The people who are known, by what a row may call them.
struct Known {
    by_mail: HashMap<String, Vec<PersonId>>,
    by_name: HashMap<(UnitId, String), Vec<PersonId>>,
}

impl Known {
    fn of(world: &World, directory: &Directory, now: Timestamp) -> Self {
        let mut known = Self {
            by_mail: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (person, profile) in directory.iter() {
            if !world.is_member(person, now) {
                continue;
            }
            if let Some(mail) = &profile.mail {
                let mail = fold::search(mail);
                known.by_mail.entry(mail).or_default().push(person);
            }
            if let Some(unit) = world.unit_of(person, now) {
                let name = fold::search(profile.name.ja.as_str());
                known.by_name.entry((unit, name)).or_default().push(person);
            }
        }
        known
    }
}

struct Finder<'a> {
    world: &'a World,
    directory: &'a Directory,
    known: Known,
    /// The posts by folded title, each with its unit: gathered once, since every row may ask.
    titled: HashMap<String, Vec<(UnitId, PostId)>>,
    now: Timestamp,
    places: HashMap<PersonId, u32>,
    mails: HashMap<String, u32>,
}

fn titled(world: &World, now: Timestamp) -> HashMap<String, Vec<(UnitId, PostId)>> {
    let mut titled: HashMap<String, Vec<(UnitId, PostId)>> = HashMap::new();
    let posts = world.posts.values();
    for post in posts.filter(|post| world.post_in_force(post.id, now)) {
        let title = fold::search(post.title.ja.as_str());
        titled.entry(title).or_default().push((post.unit, post.id));
    }
    titled
}

/// Whether the actor may know what is known of the person of a row.
fn may_know(world: &World, actor: &Actor, plan: &PersonPlan, now: Timestamp) -> bool {
    let subject = Subject::Person(plan.row.id);
    authorise(world, actor, Action::ChangePerson, subject, now).is_ok()
}

/// What a file of people comes to.
pub(super) fn found(
    app: &App,
    actor: &Actor,
    columns: &Columns,
    (readings, told): (&[Reading], &Told<'_>),
) -> Found {
    let now = app.now();
    let world = app.world_apart();
    let directory = app.directory_apart();
    let mut finder = Finder {
        known: Known::of(&world, &directory, now),
        titled: titled(&world, now),
        world: &world,
        directory: &directory,
        now,
        places: HashMap::new(),
        mails: HashMap::new(),
    };
    let (mut plans, mut lines, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    let mut unchanged = 0;
    for (place, reading) in readings.iter().enumerate() {
        match finder.person(Row { reading, columns }) {
            // Whether a guess about somebody out of reach is right is not told.
            Ok(plan) if finder.is_as_it_is(&plan) && may_know(&world, actor, &plan, now) => {
                unchanged += 1;
            }
            Ok(plan) => {
                plans.push(plan);
                lines.push(reading.row);
            }
            Err(fault) => faults.push(fault),
        }
        told.done(place + 1);
    }
    if !plans.is_empty() {
        let rows = plans.iter().map(PersonPlan::as_if_sealed).collect();
        let documents = Vec::new();
        let command = RosterCommand::People { rows, documents };
        let wrong = check_roster(&world, actor, &command, now);
        faults.extend(columns.all_refused(wrong, &lines));
    }
    Found {
        plan: Plan::People(plans),
        lines,
        unchanged,
        faults,
    }
}

impl Finder<'_> {
    fn person(&mut self, row: Row<'_>) -> Result<PersonPlan, Fault> {
        let own: Option<PersonId> = row.own_id()?;
        let unit: UnitId = row
            .id("unit")
            .ok_or_else(|| row.fault_of("unit", "cell.unknown-reference"))?;
        let mail = mail(row)?;
        let found = match own {
            Some(id) => Some(id),
            None => self.called(row, unit, mail.as_deref())?,
        };
        let before = found.and_then(|id| self.directory.get(id));
        let is_known = found.is_some_and(|id| self.world.people.contains_key(&id));
        if is_known && before.is_none() {
            // Nothing is known of who was forgotten, and nothing comes to be.
            return Err(row.fault(ID, "person.unknown"));
        }
        let id = match found {
            Some(id) => id,
            None => PersonId::new(fresh().map_err(|_| Fault::file("file.no-entropy"))?),
        };
        if let Some(other) = self.places.insert(id, row.number()) {
            return Err(row
                .fault(ID, "row.twice")
                .with("other", i64::from(other) + 1));
        }
        let name = row.name("name", before.map(|it| &it.name))?;
        let mail = match row.columns.has("mail") {
            true => mail,
            false => before.and_then(|it| it.mail.clone()),
        };
        let profile = PersonProfile { name, mail };
        let version = self.world.person_versions.get(&id).copied();
        Ok(PersonPlan {
            row: PersonRow {
                id,
                unit,
                profile: None,
                posts: self.posts(id, unit, row)?,
                expected: is_known.then(|| version.unwrap_or(0)),
            },
            profile: (before != Some(&profile)).then_some(profile),
        })
    }

    /// The person that a row without an id speaks of: by the mail address, else by the name in the
    /// unit where no other address is known.
    fn called(
        &mut self,
        row: Row<'_>,
        unit: UnitId,
        mail: Option<&str>,
    ) -> Result<Option<PersonId>, Fault> {
        if let Some(mail) = mail {
            let folded = fold::search(mail);
            if let Some(other) = self.mails.insert(folded.clone(), row.number()) {
                let other = row.columns.place(other, "mail").to_string();
                let fault = row.fault_of("mail", "cell.twice");
                return Err(fault.with("other", other));
            }
            match self.known.by_mail.get(&folded).map(Vec::as_slice) {
                Some([one]) => return Ok(Some(*one)),
                Some(_) => return Err(row.fault_of("mail", "cell.ambiguous-reference")),
                None => {}
            }
        }
        let name = row.text("name_ja").unwrap_or_default();
        let there = self.known.by_name.get(&(unit, fold::search(name)));
        let without = |id: &&PersonId| {
            let known = self.directory.get(**id);
            mail.is_none() || known.is_some_and(|it| it.mail.is_none())
        };
        let there: Vec<&PersonId> = there.into_iter().flatten().filter(without).collect();
        match there.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(**one)),
            _ => Err(row.fault_of("name_ja", "cell.ambiguous-reference")),
        }
    }

    /// The posts of a row that the person does not hold yet.
    fn posts(
        &self,
        id: PersonId,
        unit: UnitId,
        row: Row<'_>,
    ) -> Result<Vec<(AppointmentId, PostId)>, Fault> {
        let mut list = Vec::new();
        for text in row.many("posts") {
            let post = match text.parse() {
                Ok(post) => post,
                Err(_) => self
                    .titled(unit, text)
                    .map_err(|code| row.fault("posts", code).with("value", text))?,
            };
            let mut held = self.world.posts_held(id, self.now);
            if !held.any(|(_, known)| known.id == post) {
                let fresh = fresh().map_err(|_| Fault::file("file.no-entropy"))?;
                list.push((AppointmentId::new(fresh), post));
            }
        }
        Ok(list)
    }

    /// The post that a title alone means: the one in the row's own unit. One of another unit must be
    /// named with it, since who has more posts of that title tomorrow would appoint to another one
    /// by the same file.
    fn titled(&self, unit: UnitId, text: &str) -> Result<PostId, &'static str> {
        let Some(all) = self.titled.get(&fold::search(text)) else {
            return Err("cell.unknown-reference");
        };
        let mut here = all.iter().filter(|(of, _)| *of == unit);
        match (here.next(), here.next()) {
            (Some((_, post)), None) => Ok(*post),
            (Some(_), Some(_)) => Err("cell.ambiguous-reference"),
            (None, _) => Err("cell.title-of-another-unit"),
        }
    }

    fn is_as_it_is(&self, plan: &PersonPlan) -> bool {
        plan.row.expected.is_some()
            && plan.profile.is_none()
            && plan.row.posts.is_empty()
            && self.world.is_member(plan.row.id, self.now)
            && self.world.unit_of(plan.row.id, self.now) == Some(plan.row.unit)
    }
}

/// The mail address of a row.
fn mail(row: Row<'_>) -> Result<Option<String>, Fault> {
    let Some(text) = row.text("mail") else {
        return Ok(None);
    };
    let text = fold::width(text.trim());
    if text.parse::<lettre::Address>().is_ok() {
        Ok(Some(text))
    } else {
        Err(row.fault_of("mail", "mail.form"))
    }
}

/// What a person is, by the fields of the table.
#[must_use]
pub fn person_values(
    profile: Option<&PersonProfile>,
    unit: Option<UnitId>,
    posts: impl Iterator<Item = PostId>,
) -> Values {
    let mut values = Values::new();
    if let Some(profile) = profile {
        put_name(&mut values, "name", &profile.name);
        if let Some(mail) = &profile.mail {
            values.insert("mail".to_owned(), Value::Text(mail.clone()));
        }
    }
    if let Some(unit) = unit {
        values.insert("unit".to_owned(), Value::Text(unit.to_string()));
    }
    let mut posts: Vec<String> = posts.map(|post| post.to_string()).collect();
    if !posts.is_empty() {
        posts.sort_unstable();
        posts.dedup();
        values.insert("posts".to_owned(), Value::Many(posts));
    }
    values
}

/// What a person is now.
#[must_use]
pub fn person_now(
    world: &World,
    directory: &Directory,
    person: PersonId,
    now: Timestamp,
) -> Values {
    let held = world.posts_held(person, now).map(|(_, post)| post.id);
    person_values(directory.get(person), world.unit_of(person, now), held)
}
