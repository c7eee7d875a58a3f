//! Which versions of a conference tool's client devices report, and on which devices something is known
//! against it.

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::id::{ConferenceToolId, DeviceId};
use sekisho_domain::register::ConferenceTool;
use sekisho_domain::verdict::Counts;
use sekisho_messages::{Arg, number, t, text};

use super::super::super::ctx::Ctx;
use super::super::access::device;
use crate::console::components::{Column, cell, outcome_badge, row_header, table};
use crate::console::words;

/// Devices that are listed; how many there are stands above them.
const LISTED: usize = 50;

/// What devices report of a tool.
struct Reported {
    /// Package and version, with the devices.
    versions: Vec<(String, String, Counts)>,
    /// Where something is known against it, or too little is known.
    lacking: Vec<(DeviceId, String, Outcome, Reason)>,
    /// Devices of which not everything that is installed is known.
    dark: u32,
}

fn reported(ctx: &Ctx, id: ConferenceToolId) -> Reported {
    let world = ctx.site.app.world();
    let evidence = ctx.site.app.access_evidence(&world);
    let clients = evidence.clients().fleet(&world, ctx.now);
    let versions = clients.versions(id).into_iter();
    let versions = versions.map(|((package, version), counts)| {
        let (package, version) = (package.to_owned(), version.to_owned());
        (package, version, counts)
    });
    let of = |wanted: Outcome| {
        let all = clients.of_tool(id).iter();
        all.filter(move |on| on.outcome == wanted)
    };
    let lacking = of(Outcome::Fail).chain(of(Outcome::Unknown)).map(|on| {
        let client = on.client;
        let named = format!("{} {}", client.package, client.version);
        (on.device, named, on.outcome, client.reason.clone())
    });
    Reported {
        versions: versions.collect(),
        lacking: lacking.collect(),
        dark: clients.dark,
    }
}

/// The section of a tool's page.
pub(super) fn section(ctx: &Ctx, id: ConferenceToolId, tool: &ConferenceTool) -> Markup {
    let lang = ctx.lang;
    if tool.packages.is_empty() {
        return markup! { p class="muted" { (t!(lang, "services.clients.unstated")) } };
    }
    let mut reported = reported(ctx, id);
    // Who may not read a device learns the counts.
    let may = |device: DeviceId| ctx.may(Action::ReadDevice, Subject::Device(device));
    reported.lacking.retain(|(device, ..)| may(*device));
    markup! {
        @if reported.versions.is_empty() { p class="muted" { (t!(lang, "services.clients.none")) } }
        @else { (versions(ctx, &reported)) }
        @if reported.dark > 0 {
            p { (text(lang, "services.clients.dark", &[("n", Arg::from(reported.dark))])) }
        }
        @if !reported.lacking.is_empty() { (lacking(ctx, &reported)) }
    }
}

fn versions(ctx: &Ctx, reported: &Reported) -> Markup {
    let lang = ctx.lang;
    let columns = [
        Column::text(t!(lang, "services.clients.version")),
        Column::number(t!(lang, "services.clients.devices")),
        Column::number(words::outcome(lang, Outcome::Fail)),
        Column::number(words::outcome(lang, Outcome::Unknown)),
    ];
    let [version, devices, fail, unknown] = &columns;
    let many = |n: u32| markup! { (number(i64::from(n))) };
    let row = |(package, its, counts): &(String, String, Counts)| {
        vec![
            row_header(version, &markup! { (package) " " (its) }),
            cell(devices, &many(counts.total())),
            cell(fail, &many(counts.fail)),
            cell(unknown, &many(counts.unknown)),
        ]
    };
    let rows: Vec<Vec<Markup>> = reported.versions.iter().map(row).collect();
    table(&t!(lang, "services.clients"), &columns, &rows)
}

fn lacking(ctx: &Ctx, reported: &Reported) -> Markup {
    let lang = ctx.lang;
    let columns = [
        Column::text(t!(lang, "services.clients.device")),
        Column::text(t!(lang, "services.clients.version")),
        Column::text(t!(lang, "services.clients.found")),
    ];
    let [on, version, found] = &columns;
    let row = |(id, named, outcome, reason): &(DeviceId, String, Outcome, Reason)| {
        let said = words::reason(lang, reason);
        vec![
            row_header(on, &device(ctx, *id)),
            cell(version, &markup! { (named) }),
            cell(
                found,
                &markup! { (outcome_badge(lang, *outcome)) " " (said) },
            ),
        ]
    };
    let listed = reported.lacking.iter().take(LISTED);
    let rows: Vec<Vec<Markup>> = listed.map(row).collect();
    let all = reported.lacking.len();
    markup! {
        h3 { (t!(lang, "services.clients.lacking")) }
        @if all > LISTED {
            p class="small muted" { (text(lang, "services.clients.first", &[("n", Arg::from(LISTED)), ("all", Arg::from(all))])) }
        }
        (table(&t!(lang, "services.clients.lacking"), &columns, &rows))
    }
}
