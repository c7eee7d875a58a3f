//! Questions that pages, rules and the gate put to the World.

use super::World;
use crate::appointment::Appointment;
use crate::break_glass::BreakGlass;
use crate::device::Device;
use crate::id::{AccountId, DeviceId, PersonId, PostId};
use crate::post::Post;
use crate::role::Role;
use crate::time::Timestamp;
use crate::token::{Token, TokenHolder};
use crate::working_day::Calendar;

impl World {
    /// The working days as they are counted now.
    #[must_use]
    pub fn calendar(&self) -> Calendar<'_> {
        Calendar::new(self.holidays.as_ref())
    }

    /// A device by id.
    #[must_use]
    pub fn device(&self, id: DeviceId) -> Option<&Device> {
        self.device_ordinals
            .get(&id)
            .map(|ordinal| &self.devices[*ordinal as usize])
    }

    /// The appointments of a person that are in force at an instant, with their posts.
    pub fn posts_held(
        &self,
        person: PersonId,
        at: Timestamp,
    ) -> impl Iterator<Item = (&Appointment, &Post)> {
        self.appointments_of
            .get(&person)
            .into_iter()
            .flatten()
            .filter_map(|id| self.appointments.get(id))
            .filter(move |appointment| self.holds(appointment, at))
            .filter_map(|appointment| Some((appointment, self.posts.get(&appointment.post)?)))
    }

    /// The appointment on which a token's authority rests at an instant: its issuer's in the post, or
    /// for a service account that of whoever holds it; none where there is none.
    #[must_use]
    pub fn token_appointment(&self, token: &Token, at: Timestamp) -> Option<&Appointment> {
        match token.holder {
            TokenHolder::Post => self
                .posts_held(token.issuer, at)
                .find(|(_, post)| post.id == token.post)
                .map(|(appointment, _)| appointment),
            TokenHolder::Service => {
                let known = self.appointments_to.get(&token.post).into_iter().flatten();
                known
                    .filter_map(|id| self.appointments.get(id))
                    .filter(|it| self.holds(it, at))
                    .min_by_key(|it| it.id)
            }
        }
    }

    /// Who holds a post at an instant.
    pub fn holders(&self, post: PostId, at: Timestamp) -> impl Iterator<Item = PersonId> {
        let known = self.appointments_to.get(&post).into_iter().flatten();
        known
            .filter_map(|id| self.appointments.get(id))
            .filter(move |appointment| self.holds(appointment, at))
            .map(|appointment| appointment.person)
    }

    /// Whether an appointment gives what its post carries at an instant: it is in force, so is the
    /// post, and no list of moves whose instant has come takes it away.
    #[must_use]
    pub fn holds(&self, appointment: &Appointment, at: Timestamp) -> bool {
        appointment.in_force(at)
            && self.post_in_force(appointment.post, at)
            && !self.moves.takes_away(appointment, at)
    }

    /// Whether anyone holds a post with this role at an instant.
    #[must_use]
    pub fn role_is_held(&self, role: Role, at: Timestamp) -> bool {
        let mut posts = self
            .posts
            .values()
            .filter(|post| post.roles.contains(&role));
        posts.any(|post| self.holders(post.id, at).next().is_some())
    }

    /// Whether the bootstrap officer's power has ended for good: CISO and HISO have been
    /// appointed. It does not come back when one of the posts falls vacant.
    #[must_use]
    pub fn bootstrap_is_over(&self) -> bool {
        // By post: there are far fewer of them than appointments, and the gate asks this often.
        let ever = |role: Role| {
            let mut posts = self
                .posts
                .values()
                .filter(|post| post.roles.contains(&role));
            posts.any(|post| self.appointments_to.contains_key(&post.id))
        };
        ever(Role::Ciso) && ever(Role::Hiso)
    }

    /// Whether a person holds the bootstrap officer's power.
    #[must_use]
    pub fn has_bootstrap_power(&self, person: PersonId) -> bool {
        self.bootstrap == Some(person) && !self.bootstrap_is_over()
    }

    /// The break-glass that is open at an instant.
    #[must_use]
    pub fn break_glass_open(&self, at: Timestamp) -> Option<&BreakGlass> {
        self.break_glass.as_ref().filter(|known| known.is_open(at))
    }

    /// Whether a person has an account that is not closed.
    #[must_use]
    pub fn has_open_account(&self, person: PersonId) -> bool {
        let own = self.accounts_of.get(&person).into_iter().flatten();
        let mut own = own.filter_map(|id| self.accounts.get(id));
        own.any(|account| !account.closed)
    }

    /// The person of an account that is not closed.
    #[must_use]
    pub fn person_of_account(&self, account: AccountId) -> Option<PersonId> {
        self.accounts
            .get(&account)
            .filter(|known| !known.closed)
            .map(|known| known.person)
    }
}
