//! A list looked at as a whole before it is accepted: every fault of every line.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{MOVES_MAX, appointments};
use crate::actor::Actor;
use crate::appointment::AppointmentKind;
use crate::command::{BARRED, Refusal};
use crate::id::{AppointmentId, PersonId, PostId};
use crate::moves::{MoveKind, MoveLine};
use crate::role::Role;
use crate::time::Timestamp;
use crate::world::World;

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// Its place in the list, from 0; none where the list as a whole is at fault.
    pub line: Option<usize>,
    /// What is wrong, with the field at fault.
    pub refusal: Refusal,
}

impl LineFault {
    pub(in crate::command) fn into_refusal(self) -> Refusal {
        let mut refusal = self.refusal;
        if let Some(line) = self.line {
            refusal.reason = refusal.reason.with("line", line + 1);
        }
        refusal
    }
}

/// Every fault of a list: what a dry run shows, and what accepting it asks.
#[must_use]
pub fn check_moves(
    world: &World,
    actor: &Actor,
    at: Timestamp,
    lines: &[MoveLine],
    now: Timestamp,
) -> Vec<LineFault> {
    let whole = if at < now {
        Some(Refusal::new("moves.in-past").at("at"))
    } else if lines.is_empty() {
        Some(Refusal::new("moves.empty"))
    } else if lines.len() > MOVES_MAX {
        let mut refusal = Refusal::new("moves.too-many");
        refusal.reason = refusal.reason.with("most", MOVES_MAX);
        Some(refusal)
    } else {
        None
    };
    if let Some(refusal) = whole {
        let line = None;
        return vec![LineFault { line, refusal }];
    }
    // A list stands for one instant, whatever the order of its lines: first it takes away, then it
    // gives, and only then is it known what each person holds.
    let mut book = Book::new(world, at, lines);
    let mut faults = BTreeMap::new();
    each(lines, &mut faults, |line| {
        of_itself(world, actor, line, at).and_then(|()| book.end(line))
    });
    each(lines, &mut faults, |line| book.begin(line));
    each(lines, &mut faults, |line| book.together(line));
    let fault = |(place, refusal)| LineFault {
        line: Some(place),
        refusal,
    };
    faults.into_iter().map(fault).collect()
}

/// Asks every line that is sound so far.
fn each(
    lines: &[MoveLine],
    faults: &mut BTreeMap<usize, Refusal>,
    mut step: impl FnMut(&MoveLine) -> Result<(), Refusal>,
) {
    for (place, line) in lines.iter().enumerate() {
        if let Entry::Vacant(sound) = faults.entry(place)
            && let Err(refusal) = step(line)
        {
            sound.insert(refusal);
        }
    }
}

/// What is wrong with a line whatever the others say.
fn of_itself(world: &World, actor: &Actor, line: &MoveLine, at: Timestamp) -> Result<(), Refusal> {
    let refused = |code, field: &str| Err(Refusal::new(code).at(field));
    if !world.people.contains_key(&line.person) {
        return refused("person.unknown", "person");
    }
    if !world.is_member(line.person, at) {
        return refused("person.left", "person");
    }
    let (from, to) = (line.from.is_some(), line.to.is_some());
    match line.kind {
        MoveKind::Transfer if !to => return refused("move.no-new-post", "to"),
        MoveKind::Concurrent | MoveKind::Acting if !to => return refused("move.no-new-post", "to"),
        MoveKind::Concurrent | MoveKind::Acting if from => {
            return refused("move.post-of-no-use", "from");
        }
        MoveKind::ConcurrentEnd if !from => return refused("move.no-old-post", "from"),
        MoveKind::ConcurrentEnd | MoveKind::Leave if to => {
            return refused("move.post-of-no-use", "to");
        }
        _ => {}
    }
    if to != line.appointment.is_some() {
        return refused("move.no-appointment-id", "appointment");
    }
    if let Some(post) = line.from
        && !world.posts.contains_key(&post)
    {
        return refused("post.unknown", "from");
    }
    if let Some(post) = line.to {
        if !world.posts.contains_key(&post) {
            return refused("post.unknown", "to");
        }
        if !world.post_in_force(post, at) {
            return refused("post.abolished", "to");
        }
        // Accepting a list is appointing: nobody does it for oneself.
        let oneself = matches!(actor, Actor::Person { person, .. } if *person == line.person);
        if oneself {
            return refused("appointment.oneself", "person");
        }
    }
    if line.unit.is_some_and(|unit| !world.unit_in_force(unit, at)) {
        return refused("unit.unknown", "unit");
    }
    Ok(())
}

/// What each person of a list holds when it takes hold.
struct Book<'a> {
    world: &'a World,
    held: HashMap<PersonId, BTreeMap<PostId, AppointmentKind>>,
    gone: HashSet<PersonId>,
    new: HashMap<PersonId, BTreeSet<PostId>>,
    ids: HashSet<AppointmentId>,
}

impl<'a> Book<'a> {
    fn new(world: &'a World, at: Timestamp, lines: &[MoveLine]) -> Self {
        let people: HashSet<PersonId> = lines.iter().map(|line| line.person).collect();
        let held = people.into_iter().map(|person| {
            let held = appointments(world, person)
                .filter(|it| it.valid.from < at && it.valid.until.is_none_or(|until| at < until));
            (person, held.map(|it| (it.post, it.kind)).collect())
        });
        Self {
            world,
            held: held.collect(),
            gone: HashSet::new(),
            new: HashMap::new(),
            ids: HashSet::new(),
        }
    }

    /// What a line takes away.
    fn end(&mut self, line: &MoveLine) -> Result<(), Refusal> {
        let refused = |code, field: &str| Err(Refusal::new(code).at(field));
        let held = self.held.entry(line.person).or_default();
        if self.gone.contains(&line.person) {
            return refused("move.person-leaves", "person");
        }
        if line.kind == MoveKind::Leave {
            if line.from.is_some_and(|post| !held.contains_key(&post)) {
                return refused("move.post-not-held", "from");
            }
            held.clear();
            self.gone.insert(line.person);
            return Ok(());
        }
        if let Some(post) = line.from
            && held.remove(&post).is_none()
        {
            return refused("move.post-not-held", "from");
        }
        Ok(())
    }

    /// What a line gives, once all have taken away what they do.
    fn begin(&mut self, line: &MoveLine) -> Result<(), Refusal> {
        let refused = |code, field: &str| Err(Refusal::new(code).at(field));
        let Some(post) = line.to else { return Ok(()) };
        if self.gone.contains(&line.person) {
            return refused("move.person-leaves", "person");
        }
        let held = self.held.entry(line.person).or_default();
        let new = self.new.entry(line.person).or_default();
        if held.contains_key(&post) || !new.insert(post) {
            return refused("appointment.overlaps", "to");
        }
        let used = |id: &AppointmentId| self.world.appointments.contains_key(id);
        match line.appointment {
            Some(id) if used(&id) || !self.ids.insert(id) => refused("appointment.exists", "to"),
            _ => Ok(()),
        }
    }

    /// What may not be together, once it is known what each person holds.
    fn together(&self, line: &MoveLine) -> Result<(), Refusal> {
        let barred = || line.to.and_then(|_| self.barred(line.person));
        self.undecided(line).or_else(barred).map_or(Ok(()), Err)
    }

    /// Who is transferred leaves a post: which one is not for us to guess, and to keep it in silence
    /// would leave its powers with them. Posts that other lines end are ended, wherever those stand;
    /// concurrent posts and such as are held for another stay until a line ends them.
    fn undecided(&self, line: &MoveLine) -> Option<Refusal> {
        if line.kind != MoveKind::Transfer || line.from.is_some() {
            return None;
        }
        let held = self.held.get(&line.person)?;
        let stays = held.values().any(|kind| *kind == AppointmentKind::Regular);
        stays.then(|| Refusal::new("move.which-post-ends").at("from"))
    }

    /// Why a person may not hold together what the list leaves and gives.
    fn barred(&self, person: PersonId) -> Option<Refusal> {
        let held = self
            .held
            .get(&person)
            .into_iter()
            .flatten()
            .map(|(post, _)| post);
        let posts = held.chain(self.new.get(&person).into_iter().flatten());
        let roles: HashSet<Role> = posts
            .filter_map(|post| self.world.posts.get(post))
            .flat_map(|post| post.roles.iter().copied())
            .collect();
        let pair = BARRED
            .iter()
            .find(|(one, other)| roles.contains(one) && roles.contains(other))?;
        let mut refusal = Refusal::new("appointment.barred-combination").at("to");
        refusal.reason = refusal
            .reason
            .with("role", pair.0.code())
            .with("other", pair.1.code());
        Some(refusal)
    }
}

/// A post with a role of its own that a list leaves without a holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vacated {
    /// The post.
    pub post: PostId,
}

/// Posts that a list leaves without a holder and that carry more than a member of staff does: what the
/// dry run warns of, since what waits there goes to the superior.
#[must_use]
pub fn vacated(world: &World, at: Timestamp, lines: &[MoveLine]) -> Vec<Vacated> {
    let leaving: HashSet<PersonId> = lines
        .iter()
        .filter(|line| line.kind == MoveKind::Leave)
        .map(|line| line.person)
        .collect();
    let ended: HashSet<(PersonId, PostId)> = lines
        .iter()
        .filter_map(|line| Some((line.person, line.from?)))
        .collect();
    let filled: HashSet<PostId> = lines.iter().filter_map(|line| line.to).collect();
    let touched: BTreeSet<PostId> = leaving
        .iter()
        .flat_map(|person| appointments(world, *person).map(|it| it.post))
        .chain(ended.iter().map(|(_, post)| *post))
        .collect();
    let empty = |post: &PostId| {
        let stays =
            |person: PersonId| !leaving.contains(&person) && !ended.contains(&(person, *post));
        !filled.contains(post) && !world.holders(*post, at).any(stays)
    };
    let weighty = |post: &PostId| {
        world.post_in_force(*post, at)
            && world
                .posts
                .get(post)
                .is_some_and(|known| known.roles.iter().any(|role| *role != Role::Staff))
    };
    touched
        .into_iter()
        .filter(|post| weighty(post) && empty(post))
        .map(|post| Vacated { post })
        .collect()
}
