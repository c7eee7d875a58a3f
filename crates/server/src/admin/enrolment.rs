//! One-time secrets with which devices enrol, handed out by the shell.

use sekisho_domain::authorise::Action;
use sekisho_domain::device::StateSource;
use sekisho_protocol::admin::{Answer, Failure, Request};

use super::answer::{Desk, failed, failure};
use crate::identity::link::{self, Enrolment, Issuer};

impl Desk {
    /// A secret for a computer; for a telephone the link that its browser opens.
    pub(super) fn enrol_secret(&self, request: &Request) -> Result<Answer, Failure> {
        let Request::EnrolSecret {
            unit,
            class,
            user,
            telephone,
        } = *request
        else {
            return Err(failure("admin.not-understood", false));
        };
        self.allow(Action::EnrolDevice)?;
        let root = self
            .app()
            .world()
            .organisation
            .as_ref()
            .map(|organisation| organisation.root);
        let unit = unit
            .or(root)
            .ok_or_else(|| failure("organisation.not-founded", true))?;
        if user.is_some_and(|user| !self.app().world().people.contains_key(&user)) {
            return Err(failure("person.unknown", true));
        }
        let source = if telephone {
            StateSource::Declared
        } else {
            StateSource::Observed
        };
        if telephone && user.is_none() {
            return Err(failure("device.declared-by-nobody", true));
        }
        let base = self.url().filter(|_| telephone);
        if telephone && base.is_none() {
            return Err(failure("device.link-needs-server", true));
        }
        let enrolment = Enrolment {
            unit,
            class,
            user,
            issuer: Issuer::Operator,
            source,
        };
        let secret = link::enrolment(self.app().accounts(), &enrolment, self.app().now())
            .map_err(|error| failed(error.code(), &error.subject(), false))?;
        let secret = base.map_or(secret.clone(), |base| {
            link::telephone_address(&base, &secret)
        });
        Ok(Answer::Secret(secret))
    }
}
