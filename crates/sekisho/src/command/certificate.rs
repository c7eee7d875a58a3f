//! `sekisho certificate status|renew|authority`: the certificate that the server shows, and the
//! authorities that certify it and devices.

use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_domain::time::Timestamp;
use sekisho_messages::Arg;
use sekisho_protocol::admin::{Answer, CertificateStands, Request};

use crate::fault::Fault;
use crate::output::{Format, Output, deepest};
use crate::{desk, place};

/// `sekisho certificate …`: exit code 1 where the certificate does not hold.
pub fn run(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    let data = place::data(arguments, false);
    let renew = match matches.subcommand_name() {
        Some("authority") => return authority(&data, arguments.get_flag("rotate"), output),
        named => named == Some("renew"),
    };
    let request = Request::Certificate { renew };
    let answer = desk::ask_server(&data, &request, "certificate.no-server")?;
    let Answer::Certificate(stands) = answer else {
        return Err(Fault::new("admin.not-understood"));
    };
    match output.format {
        Format::Text => print(&stands, output),
        Format::Json => output.json(&stands),
    }
    Ok(match stands.until {
        Some(_) => ExitCode::SUCCESS,
        None => ExitCode::FAILURE,
    })
}

/// `sekisho certificate authority`: those that are trusted, the one that certifies devices first.
fn authority(data: &Path, rotate: bool, output: &Output) -> Result<ExitCode, Fault> {
    let answer = desk::ask(data, &Request::Authorities { rotate }, &[])?;
    let Answer::Authorities { all, .. } = answer else {
        return Err(Fault::new("admin.not-understood"));
    };
    if output.format == Format::Json {
        output.json(&serde_json::json!({ "rotated": rotate, "authorities": all }));
        return Ok(ExitCode::SUCCESS);
    }
    if rotate {
        output.note(output.text("certificate.authority.rotated", &[]));
    }
    for it in &all {
        output.line(&it.fingerprint);
        let until = it.trusted_until.to_rfc3339_jst();
        let said = [("at", Arg::from(until))];
        output.line(format!(
            "  {}",
            output.text("certificate.authority.until", &said)
        ));
        for (is_so, key) in [
            (it.certifies_devices, "certificate.authority.devices"),
            (it.certifies_server, "certificate.authority.server"),
        ] {
            if is_so {
                output.line(format!("  {}", output.text(key, &[])));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print(stands: &CertificateStands, output: &Output) {
    let source = output.text(&format!("certificate.source.{}", stands.source), &[]);
    output.line(output.text("certificate.from", &[("source", Arg::from(source))]));
    let line = |key: &str, at: Option<Timestamp>| {
        if let Some(at) = at {
            let at = at.to_rfc3339_jst();
            output.line(format!("  {}", output.text(key, &[("at", Arg::from(at))])));
        }
    };
    match stands.until {
        Some(until) => line("certificate.until", Some(until)),
        None => output.line(format!("  {}", output.text("certificate.none", &[]))),
    }
    let Some(reason) = &stands.failing else {
        line("certificate.renew_at", stands.renew_at);
        return;
    };
    let tries = [("tries", Arg::from(i64::from(stands.tries)))];
    output.line(format!("  {}", output.text("certificate.failing", &tries)));
    line("certificate.again_at", stands.again_at);
    output.fault(&Fault::of(reason.clone()));
}
