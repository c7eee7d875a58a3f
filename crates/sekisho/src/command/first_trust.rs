//! By whom a server is known at the first contact, as it was said on the command line.

use std::io::Read;

use clap::ArgMatches;
use sekisho_agent::FirstTrust;

use crate::fault::Fault;

/// Largest file of authorities, in bytes.
const AUTHORITIES_MAX: u64 = 256 * 1024;

/// By whom the server is known at the first contact.
pub(super) fn first_trust(arguments: &ArgMatches) -> Result<FirstTrust, Fault> {
    if let Some(text) = arguments.get_one::<String>("ca-sha256") {
        return FirstTrust::fingerprint(text).map_err(|error| Fault::new(error.code()));
    }
    let Some(path) = arguments.get_one::<String>("ca") else {
        return Ok(FirstTrust::Machine);
    };
    let mut pem = String::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(AUTHORITIES_MAX).read_to_string(&mut pem))
        .map_err(|_| Fault::new("uplink.authorities").about(path))?;
    Ok(FirstTrust::Authorities(pem))
}
