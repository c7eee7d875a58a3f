//! Which versions of a conference tool's client devices report, over the API.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::check::Outcome as Found;
use sekisho_domain::id::{ConferenceToolId, DeviceId};
use sekisho_domain::register::{ConferenceTool, Register};
use sekisho_domain::verdict::Counts;
use sekisho_rules::access::ClientOn;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, count, flag, id, list, object, one_of, text};
use crate::http::fault::Fault;

const OUTCOMES: [Found; 3] = [Found::Pass, Found::Fail, Found::Unknown];

pub(super) fn schema() -> Schema {
    let version = object([
        ("package", text()),
        ("version", text()),
        ("devices", count()),
        ("failing", count()),
        ("unknown", count()),
    ]);
    let device = object([
        ("device", id(DeviceId::PREFIX)),
        ("package", text()),
        ("version", text()),
        ("outcome", one_of(OUTCOMES.map(Found::code))),
        ("reason", text()),
    ]);
    object([
        ("tool", id(ConferenceToolId::PREFIX)),
        ("looked_for", flag()),
        ("versions", list(version)),
        ("unseen_devices", count()),
        ("devices", list(device)),
    ])
}

fn version(((package, version), counts): ((&str, &str), Counts)) -> Value {
    json!({
        "package": package,
        "version": version,
        "devices": counts.total(),
        "failing": counts.fail,
        "unknown": counts.unknown,
    })
}

/// The versions that are seen, and the devices whose state the caller may read.
pub(super) fn show(call: &Call<'_>) -> Done {
    let wanted: ConferenceToolId = call.in_path("id")?;
    let ctx = call.ctx;
    let read = Register::ConferenceTool.read_action();
    ctx.gate(read, Subject::Entry(wanted.into()))?;
    let (mut shown, devices) = {
        let world = ctx.site.app.world();
        let tool = world.registers.get::<ConferenceTool>(wanted);
        let (_, tool) = tool.ok_or_else(Fault::not_found)?;
        let evidence = ctx.site.app.access_evidence(&world);
        let clients = evidence.clients().fleet(&world, ctx.now);
        let versions = clients.versions(wanted).into_iter().map(version);
        let device = |on: &ClientOn<'_>| {
            let shown = json!({
                "device": on.device,
                "package": on.client.package,
                "version": on.client.version,
                "outcome": on.outcome.code(),
                "reason": on.client.reason.code,
            });
            (on.device, shown)
        };
        let devices: Vec<(DeviceId, Value)> = clients.of_tool(wanted).iter().map(device).collect();
        let shown = json!({
            "tool": wanted,
            "looked_for": !tool.packages.is_empty(),
            "versions": versions.collect::<Vec<_>>(),
            "unseen_devices": clients.dark,
        });
        (shown, devices)
    };
    let may = |device: DeviceId| ctx.may(Action::ReadDevice, Subject::Device(device));
    let devices = devices.into_iter().filter(|(device, _)| may(*device));
    shown["devices"] = devices.map(|(_, shown)| shown).collect();
    Ok(Outcome::found(shown))
}
