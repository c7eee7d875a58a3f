//! Prints what the collectors see: of this machine, or of a recorded host given as a folder.

use std::time::{SystemTime, UNIX_EPOCH};

use sekisho_agent::{collect, host};
use sekisho_domain::time::Timestamp;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (host, now) = match std::env::args_os().nth(1) {
        Some(folder) => host::open_recorded(folder.as_ref())?,
        None => {
            let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
            let millis = i64::try_from(since.as_millis())?;
            (host::Host::this_machine(), Timestamp::from_millis(millis))
        }
    };
    let observations = collect::all(&host, now);
    println!("{}", serde_json::to_string_pretty(&observations)?);
    Ok(())
}
