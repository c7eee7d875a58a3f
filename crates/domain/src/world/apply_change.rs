//! Changes of people, units and posts, folded.

use super::apply::unknown;
use super::{World, WorldError};
use crate::event::Event;
use crate::id::{PersonId, UnitId};
use crate::time::{Span, Timestamp};
use crate::unit::{Moved, Renamed, Unit};

/// For how long it is kept where somebody was before: longer than use is looked back on.
const KEPT: Span = Span::days(64);

impl World {
    pub(super) fn apply_change(&mut self, event: &Event, at: Timestamp) -> Result<(), WorldError> {
        let kind = event.kind().0;
        match event {
            Event::PersonChanged { person, unit, .. } => {
                let known = self.people.get(person).copied();
                let known = known.ok_or_else(|| unknown(kind, person))?;
                self.put_into(*person, unit.unwrap_or(known), at);
                self.count_person(*person);
            }
            Event::PersonLeft { person, from } => {
                if !self.people.contains_key(person) {
                    return Err(unknown(kind, person));
                }
                self.left.insert(*person, *from);
                self.count_person(*person);
            }
            Event::PersonReturned { person, unit } => {
                if !self.people.contains_key(person) {
                    return Err(unknown(kind, person));
                }
                self.put_into(*person, *unit, at);
                self.left.remove(person);
                self.count_person(*person);
            }
            Event::PostChanged { post } => {
                let known = self.posts.get_mut(&post.id);
                let known = known.ok_or_else(|| unknown(kind, &post.id))?;
                let version = known.version + 1;
                let before = known.unit;
                *known = post.clone();
                known.version = version;
                if before != post.unit {
                    if let Some(there) = self.posts_in.get_mut(&before) {
                        there.retain(|id| *id != post.id);
                    }
                    self.posts_in.entry(post.unit).or_default().push(post.id);
                }
            }
            Event::PostAbolished { post, until } => {
                let known = self.posts.get_mut(post);
                let known = known.ok_or_else(|| unknown(kind, post))?;
                known.until = Some(*until);
                known.version += 1;
            }
            other => self.apply_unit(kind, other)?,
        }
        Ok(())
    }

    /// Puts someone who is known into a unit.
    fn put_into(&mut self, person: PersonId, unit: UnitId, at: Timestamp) {
        let before = self.people.insert(person, unit);
        if let Some(before) = before.filter(|before| *before != unit) {
            let earlier = self.was_in.entry(person).or_default();
            earlier.retain(|(until, _)| at.since(*until) <= KEPT);
            earlier.push((at, before));
        }
        if let Some(before) = before.filter(|before| *before != unit)
            && let Some(there) = self.people_in.get_mut(&before)
        {
            there.remove(&person);
            if there.is_empty() {
                self.people_in.remove(&before);
            }
        }
        self.people_in.entry(unit).or_default().insert(person);
    }

    fn apply_unit(&mut self, kind: &'static str, event: &Event) -> Result<(), WorldError> {
        match event {
            Event::UnitRenamed { unit, name, from } => {
                let (from, name) = (*from, name.clone());
                let renamed = Renamed { from, name };
                self.known_unit(kind, *unit)?.renamed.push(renamed);
            }
            Event::UnitMoved { unit, parent, from } => {
                let (from, parent) = (*from, *parent);
                let moved = Moved { from, parent };
                self.known_unit(kind, *unit)?.moved.push(moved);
            }
            Event::UnitAbolished {
                unit,
                until,
                heirs,
                shares,
            } => {
                let known = self.known_unit(kind, *unit)?;
                known.valid.until = Some(*until);
                known.heirs.clone_from(heirs);
                if !shares.is_empty() {
                    let shares = shares.iter().map(|share| (share.what, share.to));
                    self.shares.insert(*unit, shares.collect());
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The unit, counted as changed.
    fn known_unit(&mut self, kind: &'static str, unit: UnitId) -> Result<&mut Unit, WorldError> {
        let known = self.units.get_mut(&unit);
        let known = known.ok_or_else(|| unknown(kind, &unit))?;
        known.version += 1;
        Ok(known)
    }

    fn count_person(&mut self, person: PersonId) {
        *self.person_versions.entry(person).or_default() += 1;
    }
}
