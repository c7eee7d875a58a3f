//! `clock confirm` and `device invite`.

use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::PersonId;
use sekisho_messages::Arg;
use sekisho_protocol::admin::{Answer, Request};

use crate::fault::Fault;
use crate::output::{Format, Output, deepest};
use crate::{desk, place};

/// `sekisho clock confirm`
pub fn clock(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    desk::ask(&place::data(arguments, false), &Request::ConfirmClock, &[])?;
    match output.format {
        Format::Text => output.line(output.text("cli.clock.confirmed", &[])),
        Format::Json => output.json(&serde_json::json!({"confirmed": true})),
    }
    Ok(ExitCode::SUCCESS)
}

/// `sekisho device invite`: the secret alone goes to standard output, so that it can be piped.
pub fn device(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    let byod = arguments
        .get_one::<String>("class")
        .is_some_and(|class| class == "byod");
    let class = if byod {
        DeviceClass::Byod
    } else {
        DeviceClass::Issued
    };
    let user = arguments.get_one::<String>("user");
    let user = user.map(|id| {
        id.parse::<PersonId>()
            .map_err(|_| Fault::new("person.unknown"))
    });
    let telephone = arguments.get_flag("telephone");
    let request = Request::EnrolSecret {
        unit: None,
        class,
        user: user.transpose()?,
        telephone,
    };
    let data = place::data(arguments, false);
    let answer = desk::ask(&data, &request, &[])?;
    let Answer::Secret(secret) = answer else {
        return Err(Fault::new("admin.not-understood"));
    };
    let known = fingerprint(&data)?;
    match output.format {
        Format::Text => {
            if telephone {
                // For a camera; what can be piped stays the one line on standard output.
                if let Some(picture) = sekisho_server::console::svg::qr_in_characters(&secret) {
                    output.note(picture);
                }
                output.note(output.text("cli.device.invited_telephone", &[]));
            } else {
                output.note(output.text("cli.device.invited", &[]));
            }
            if let Some(known) = known.as_ref().filter(|_| !telephone) {
                let said = [("fingerprint", Arg::from(known))];
                output.note(output.text("cli.device.authority", &said));
            }
            output.line(secret);
        }
        Format::Json => output.json(&serde_json::json!({"secret": secret, "ca_sha256": known})),
    }
    Ok(ExitCode::SUCCESS)
}

/// By which authority whoever enrols knows the server; none where it shows no certificate of its own
/// authority, or does not run.
fn fingerprint(data: &Path) -> Result<Option<String>, Fault> {
    let answer = desk::ask(data, &Request::Authorities { rotate: false }, &[])?;
    let Answer::Authorities { all, shown } = answer else {
        return Err(Fault::new("admin.not-understood"));
    };
    let serving = all.into_iter().find(|it| it.certifies_server && shown);
    Ok(serving.map(|it| it.fingerprint))
}
