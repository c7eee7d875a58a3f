//! Malware protection: `ClamAV` with the age of its signatures, and whether other products run.

use sekisho_domain::fact::{Antivirus, FactValue, UnseenReason};
use sekisho_domain::time::Timestamp;

use super::processes::{daemon_runs, processes};
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const SIGNATURES: &str = "/var/lib/clamav";
/// Daily databases are what ages; the main one is renewed every few years.
const DATABASES: [&str; 2] = ["daily.cld", "daily.cvd"];
/// A database begins with a text of this length.
const HEAD: u64 = 512;

/// A product: name, the programs of which one is there when it is installed, its processes.
type Product = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

const CLAMAV: Product = (
    "ClamAV",
    &["/usr/sbin/clamd", "/usr/bin/clamd", "/usr/bin/clamscan"],
    &["clamd", "clamonacc"],
);

/// Products whose signatures cannot be read from outside.
const OTHERS: [Product; 5] = [
    (
        "Microsoft Defender",
        &["/opt/microsoft/mdatp/sbin/wdavdaemon"],
        &["wdavdaemon"],
    ),
    ("Trend Micro", &["/opt/ds_agent/ds_agent"], &["ds_agent"]),
    (
        "ESET",
        &["/opt/eset/efs/sbin/startd", "/opt/eset/eea/sbin/startd"],
        &["oaeventd", "startd"],
    ),
    (
        "CrowdStrike Falcon",
        &["/opt/CrowdStrike/falcond"],
        &["falcon-sensor", "falcon-sensor-bpf"],
    ),
    (
        "Sophos",
        &["/opt/sophos-spl/base/bin/sophos_watchdog"],
        &["sophos_watchdog"],
    ),
];

/// `ClamAV-VDB:22 Nov 2026 03-24 -0400:27460:…:builder:1795332240` (seconds since 1970 last).
fn parse_head(head: &[u8]) -> Option<Timestamp> {
    let text = crate::host::text_of(head.get(..HEAD as usize)?);
    let mut fields = text.split(':');
    if fields.next()? != "ClamAV-VDB" {
        return None;
    }
    let seconds: i64 = fields.nth(7)?.trim().parse().ok()?;
    Some(Timestamp::from_millis(seconds.checked_mul(1000)?))
}

/// When the newest daily database was made, or why that is not known.
fn signatures(host: &Host, now: Timestamp) -> (Option<Timestamp>, Option<UnseenReason>) {
    let (mut newest, mut problem) = (None, None);
    for name in DATABASES {
        let path = format!("{SIGNATURES}/{name}");
        match head(host, &path) {
            // A date to come proves nothing about age.
            Ok(Some(made)) if made <= now => newest = newest.max(Some(made)),
            Ok(_) => {
                problem = Some(UnseenReason::Unreadable {
                    what: path,
                    detail: "no date in the head, or one to come".to_owned(),
                });
            }
            Err(ReadError::Missing) => {}
            Err(error) => problem = Some(error.reason(path)),
        }
    }
    let problem = problem.filter(|_| newest.is_none());
    (newest, problem)
}

fn head(host: &Host, path: &str) -> Result<Option<Timestamp>, ReadError> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    host.open(path)?
        .take(HEAD)
        .read_to_end(&mut bytes)
        .map_err(|error| ReadError::Unreadable(error.kind().to_string()))?;
    Ok(parse_head(&bytes))
}

pub(super) fn collect(host: &Host, now: Timestamp) -> Outcome {
    let processes = processes(host);
    let runs = |product: &Product| {
        let running = processes.as_deref();
        running.is_some_and(|running| daemon_runs(running, product.2))
    };
    let there = |product: &&Product| product.1.iter().any(|path| host.has(path));
    let installed: Vec<&Product> = OTHERS.iter().chain([&CLAMAV]).filter(there).collect();
    // One that runs counts before one that lies there.
    let product = installed
        .iter()
        .find(|product| runs(product))
        .or(installed.first());
    let Some(product) = product else {
        let value = FactValue::Antivirus(Antivirus {
            product: None,
            active: false,
            signatures_at: None,
        });
        return Ok(Found::new(value, CLAMAV.1.join(", ")));
    };
    if processes.is_none() {
        // Hidden is not stopped.
        return Err(Missed::read("/proc/*/status", &ReadError::Denied));
    }
    let (signatures_at, problem) = if product.0 == CLAMAV.0 {
        signatures(host, now)
    } else {
        (None, None)
    };
    let value = FactValue::Antivirus(Antivirus {
        product: Some(product.0.to_owned()),
        active: runs(product),
        signatures_at,
    });
    let source = format!("{}, {SIGNATURES}", product.1[0]);
    Ok(Found::new(value, source).lacking(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_database_says_when_it_was_made() {
        let mut head = b"ClamAV-VDB:22 Nov 2026 03-24 -0400:27460:2075000:90:abc:sig:\
            builder:1795332240"
            .to_vec();
        assert_eq!(parse_head(&head), None);
        head.resize(HEAD as usize, b' ');
        let made = parse_head(&head).unwrap();
        assert_eq!(made.to_rfc3339(), "2026-11-22T07:24:00Z");
        head[0] = b'X';
        assert_eq!(parse_head(&head), None);
    }
}
