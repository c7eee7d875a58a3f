//! Personal observations: shown to whom they are about, and to others only for a stated purpose,
//! whose reading is itself a record (decision 7).

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::command::Command;
use sekisho_domain::device::Device;
use sekisho_domain::event::Event;
use sekisho_domain::id::DeviceId;

use super::super::ctx::{Answer, Ctx};
use super::super::fault::Fault;
use super::super::form::Form;
use super::device::{asked, render};
use super::{line, localised};
use crate::app::READING_PURPOSE;
use crate::console::personal::{Personal, PurposeForm, Reading};
use crate::console::words;

/// Readings that are shown.
const SHOWN: usize = 20;

/// Whether the personal observations are part of an answer.
pub(super) enum Disclosure {
    /// They are kept back, as on every plain request by another than the device's user.
    Kept,
    /// The purpose entered cannot be taken, and why.
    Wrong(String, String),
    /// The reading has been recorded.
    Recorded,
}

/// How the ledger names a device whose observations are read.
fn subject(device: DeviceId) -> String {
    format!("device:{device}")
}

fn is_own(ctx: &Ctx, device: &Device) -> bool {
    let reader = ctx.session.as_ref().map(|live| live.person);
    device.user.is_some() && device.user == reader
}

/// What the device's page says of them.
pub(super) fn part(ctx: &Ctx, device: &Device, disclosure: &Disclosure) -> Result<Personal, Fault> {
    let own = is_own(ctx, device);
    let may = ctx.may(Action::ReadPersonal, Subject::Body);
    let hidden = !own && !matches!(disclosure, Disclosure::Recorded);
    let (purpose, error) = match disclosure {
        Disclosure::Wrong(purpose, error) => (purpose.clone(), Some(error.clone())),
        _ => (String::new(), None),
    };
    let form = PurposeForm {
        csrf: ctx.live()?.csrf(),
        action: format!("/devices/{}/personal", device.id),
        purpose,
        error,
    };
    Ok(Personal {
        hidden,
        who: (hidden && !may).then(|| words::who_may(ctx.lang, Action::ReadPersonal)),
        form: (hidden && may).then_some(form),
        readings: if own || may {
            Some(readings(ctx, device.id)?)
        } else {
            None
        },
    })
}

/// Who has read the personal observations of a device, newest first. The purpose is for those
/// who may read such observations themselves; the device's user learns when and by which post.
pub(super) fn readings(ctx: &Ctx, device: DeviceId) -> Result<Vec<Reading>, Fault> {
    let app = &ctx.site.app;
    let may = ctx.may(Action::ReadPersonal, Subject::Body);
    let numbers = app.index().readings(&subject(device), SHOWN);
    let mut list = Vec::with_capacity(numbers.len());
    for (sequence, stored) in app.records(&numbers)?.into_iter().rev() {
        let Event::PersonalRead { subject, purpose } = stored.event else {
            continue;
        };
        let post = match stored.actor {
            Actor::Person {
                appointment: Some(appointment),
                ..
            } => {
                let world = app.world();
                let held = world.appointments.get(&appointment);
                let post = held.and_then(|held| world.posts.get(&held.post));
                post.map(|post| localised(&post.title))
            }
            _ => None,
        };
        list.push(Reading {
            at: stored.recorded_at,
            subject: subject
                .strip_prefix("device:")
                .unwrap_or(&subject)
                .to_owned(),
            post,
            purpose: if may {
                app.unseal(READING_PURPOSE, &purpose)?
            } else {
                None
            },
            sequence,
        });
    }
    Ok(list)
}

/// Shows them once, after the reading has been recorded with its purpose.
pub(in crate::http) fn read(ctx: &Ctx, form: &Form) -> Answer {
    ctx.gate(Action::ReadPersonal, Subject::Body)?;
    let device = asked(ctx)?;
    let entered = form.get("purpose");
    let purpose = match line(ctx.lang, entered) {
        Ok(purpose) => purpose,
        Err(error) => {
            let wrong = Disclosure::Wrong(entered.to_owned(), error);
            let mut response = render(ctx, &device, &wrong, Vec::new())?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let app = &ctx.site.app;
    let reader = ctx.live()?.person;
    let purpose = app.seal(reader, READING_PURPOSE, purpose.as_str().as_bytes())?;
    let command = Command::ReadPersonal {
        subject: subject(device.id),
        purpose,
    };
    // Durable first, shown afterwards: no reading goes unrecorded.
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    render(ctx, &device, &Disclosure::Recorded, Vec::new())
}
