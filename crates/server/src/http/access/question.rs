//! What `AuthZEN` says of our own things: people, systems, lines.
//!
//! Subject `person` by its id, with the property `device`; resource `system` by its id, with the
//! property `part`, or `line`; action `reach` or `join`. The context may say `place`, `line`, `task`,
//! `grade`, `client_address` and, for joining, `outing`. Logins and names are not taken: they change
//! hands.

use std::str::FromStr;

use sekisho_domain::grade::Grade;
use sekisho_domain::id::DeviceId;
use sekisho_domain::permit::Place;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::authzen::{Entity, Evaluation, Properties};
use sekisho_rules::decide::{Act, Origin, Outing, Question};
use serde_json::Value;

use super::point;
use crate::http::site::Site;

/// The type of our subjects.
pub(super) const PERSON: &str = "person";
/// The types of our resources.
pub(super) const SYSTEM: &str = "system";
/// The same.
pub(super) const LINE: &str = "line";
/// What is done with a system.
pub(super) const REACH: &str = "reach";
/// What is done with a line.
pub(super) const JOIN: &str = "join";

/// Why nothing is asked. It is denied then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unasked {
    /// The type of the subject or the resource is not known.
    Type,
    /// Nobody does this with that.
    Action,
    /// What stands at this place cannot be such a value.
    Value(&'static str),
}

/// The question that an evaluation means.
pub(super) fn of(site: &Site, evaluation: &Evaluation) -> Result<Question, Unasked> {
    let Evaluation {
        subject,
        action,
        resource,
        context,
    } = evaluation;
    if subject.kind != PERSON {
        return Err(Unasked::Type);
    }
    let named = device(&subject.properties)?;
    Ok(Question {
        person: Some(
            subject
                .id
                .parse()
                .map_err(|_| Unasked::Value("/subject/id"))?,
        ),
        device: named,
        act: act(site, named, (resource, action.name.as_str()), context)?,
        origin: origin(site, context)?,
        task: read(context, "task", "/context/task")?,
        grade: read::<Grade>(context, "grade", "/context/grade")?,
    })
}

/// The device that a person is at, where it is said.
pub(super) fn device(properties: &Properties) -> Result<Option<DeviceId>, Unasked> {
    read(properties, "device", "/subject/properties/device")
}

fn act(
    site: &Site,
    named: Option<DeviceId>,
    (resource, action): (&Entity, &str),
    context: &Properties,
) -> Result<Act, Unasked> {
    let id = || Unasked::Value("/resource/id");
    match (resource.kind.as_str(), action) {
        (SYSTEM, REACH) => Ok(Act::Reach {
            system: resource.id.parse().map_err(|_| id())?,
            part: read(&resource.properties, "part", "/resource/properties/part")?,
        }),
        (LINE, JOIN) => Ok(Act::Join {
            line: resource.id.parse().map_err(|_| id())?,
            outing: outing(site, named, context)?,
        }),
        (SYSTEM | LINE, _) => Err(Unasked::Action),
        _ => Err(Unasked::Type),
    }
}

/// Whether the device was outside, by the record of admissions. Whoever asks may know of a later return
/// and can make it stricter by that; that it was not outside is not taken from anyone.
fn outing(site: &Site, device: Option<DeviceId>, context: &Properties) -> Result<Outing, Unasked> {
    let wrong = Unasked::Value("/context/outing");
    let said = match context.get("outing") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text == "none" => None,
        Some(Value::String(text)) => Some(Timestamp::parse(text).map_err(|_| wrong)?),
        Some(_) => return Err(wrong),
    };
    let now = site.app.now();
    let known = device.map_or(
        Outing::Back {
            last_inside: None,
            since: now,
        },
        |device| site.app.outing(device, now),
    );
    Ok(match (known, said) {
        (known, None) => known,
        (Outing::None, Some(since)) => Outing::Back {
            last_inside: None,
            since,
        },
        (Outing::Back { last_inside, since }, Some(said)) => Outing::Back {
            last_inside,
            since: since.max(said),
        },
    })
}

/// From where: as the enforcement point says, else as the register of lines knows the address. Nobody is inside who
/// comes through a gateway, whoever says so.
fn origin(site: &Site, context: &Properties) -> Result<Origin, Unasked> {
    let address = read(context, "client_address", "/context/client_address")?;
    let known = point::origin(site, address);
    let place = match context.get("place") {
        None | Some(Value::Null) => known.place,
        Some(value) => value
            .as_str()
            .and_then(Place::from_code)
            .ok_or(Unasked::Value("/context/place"))?,
    };
    let line = read(context, "line", "/context/line")?.or(known.line);
    if point::is_through_a_gateway(site, address) {
        return Ok(known);
    }
    Ok(Origin { place, line })
}

/// A value that need not be there; one that is there has to be one.
fn read<T: FromStr>(
    members: &Properties,
    name: &str,
    place: &'static str,
) -> Result<Option<T>, Unasked> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => text.parse().map(Some).map_err(|_| Unasked::Value(place)),
        Some(_) => Err(Unasked::Value(place)),
    }
}
