//! USB storage attached now (sysfs) and earlier (the kernel's messages in the journal or in
//! text logs).

use std::collections::HashMap;

use sekisho_domain::fact::{FactValue, UnseenReason, UsbDevice, UsbHistory};
use sekisho_domain::time::Timestamp;

use super::machine_identity::in_container;
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError, RunError};

const DEVICES: &str = "/sys/bus/usb/devices";
const JOURNAL: &str = "journalctl _TRANSPORT=kernel";
const LOGS: [&str; 3] = ["/var/log/kern.log", "/var/log/messages", "/var/log/syslog"];
const LOG_MAX: u64 = 64 * 1024 * 1024;
/// Interface class of mass storage (USB-IF defined class codes).
const MASS_STORAGE: &str = "08";
/// What the kernel writes of USB devices and of storage among them.
const MESSAGES: &str = "idVendor=|: Product: |: SerialNumber: |usb-storage|uas ";

/// Storage that sysfs shows: attached now.
fn attached(host: &Host) -> Result<Vec<UsbDevice>, Missed> {
    let names = host
        .names(DEVICES)
        .map_err(|error| Missed::read(DEVICES, &error))?;
    let mut devices = Vec::new();
    for name in names.iter().filter(|name| !name.contains(':')) {
        let line = |mark: &str| host.line(format!("{DEVICES}/{name}/{mark}"));
        let storage = names
            .iter()
            .filter(|other| other.split(':').next() == Some(name) && *other != name)
            .any(|interface| {
                let class = host.line(format!("{DEVICES}/{interface}/bInterfaceClass"));
                class.as_deref() == Some(MASS_STORAGE)
            });
        if !storage {
            continue;
        }
        if let (Some(vendor), Some(product)) = (line("idVendor"), line("idProduct")) {
            devices.push(UsbDevice {
                vendor,
                product,
                serial: line("serial"),
                name: line("product"),
                last_seen: None,
                attached: true,
            });
        }
    }
    Ok(devices)
}

/// One message: when, and the text from `usb 1-2: ` on.
fn split_message(line: &str) -> Option<(Option<Timestamp>, &str)> {
    let (stamp, _) = line.split_once(' ')?;
    let at = match stamp.split_once('.') {
        // `journalctl -o short-unix`
        Some((seconds, micros)) if seconds.bytes().all(|b| b.is_ascii_digit()) => {
            let micros: i64 = micros.get(..3)?.parse().ok()?;
            let millis = seconds.parse::<i64>().ok()?.checked_mul(1000)?;
            Some(Timestamp::from_millis(millis + micros))
        }
        // Newer text logs; older ones say no year.
        _ => Timestamp::parse(stamp).ok(),
    };
    let start = ["usb ", "usb-storage ", "uas "]
        .iter()
        .filter_map(|mark| line.find(&format!(" {mark}")))
        .min()?;
    Some((at, &line[start + 1..]))
}

/// Reads the kernel's messages in order: a device is announced, then described, then taken by a
/// driver for storage.
fn parse_messages<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<UsbDevice> {
    let mut ports: HashMap<String, UsbDevice> = HashMap::new();
    let mut found: Vec<UsbDevice> = Vec::new();
    for line in lines {
        let Some((at, text)) = split_message(line) else {
            continue;
        };
        let Some((driver, rest)) = text.split_once(' ') else {
            continue;
        };
        let Some((port, message)) = rest.split_once(": ") else {
            continue;
        };
        if driver == "usb" {
            note(&mut ports, port, message);
            continue;
        }
        // `usb-storage 1-2:1.0: USB Mass Storage device detected`, `scsi host6: uas` has no port.
        let port = port.split(':').next().unwrap_or(port);
        if let Some(device) = ports.get(port) {
            let mut device = device.clone();
            device.last_seen = at;
            merge(&mut found, device);
        }
    }
    found
}

fn note(ports: &mut HashMap<String, UsbDevice>, port: &str, message: &str) {
    if let Some(ids) = message.strip_prefix("New USB device found, ") {
        let id = |name: &str| {
            let found = ids.split(", ").find_map(|part| part.strip_prefix(name));
            found.unwrap_or_default().to_owned()
        };
        let device = UsbDevice {
            vendor: id("idVendor="),
            product: id("idProduct="),
            serial: None,
            name: None,
            last_seen: None,
            attached: false,
        };
        ports.insert(port.to_owned(), device);
    } else if let Some(device) = ports.get_mut(port) {
        let text = |mark: &str| message.strip_prefix(mark).map(|t| t.trim().to_owned());
        if let Some(name) = text("Product: ") {
            device.name = Some(name);
        } else if let Some(serial) = text("SerialNumber: ") {
            device.serial = Some(serial);
        }
    }
}

/// Puts a device to the others: one entry for each vendor, product and serial number.
fn merge(devices: &mut Vec<UsbDevice>, device: UsbDevice) {
    let same = |other: &&mut UsbDevice| {
        other.vendor == device.vendor
            && other.product == device.product
            && other.serial == device.serial
    };
    match devices.iter_mut().find(same) {
        Some(known) => {
            known.last_seen = known.last_seen.max(device.last_seen);
            known.attached |= device.attached;
            known.name = known.name.take().or(device.name);
        }
        None => devices.push(device),
    }
}

struct Past {
    devices: Vec<UsbDevice>,
    since: Option<Timestamp>,
    source: &'static str,
    partial: Option<UnseenReason>,
}

/// The oldest start of the machine that the journal knows:
/// ` -3 <id> Sun 2026-11-01 09:00:00 UTC—…`.
fn journal_since(host: &Host) -> Option<Timestamp> {
    let output = host
        .run("journalctl", &["--no-pager", "--utc", "--list-boots"])
        .ok()?;
    output.stdout.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let date = words
            .by_ref()
            .find(|word| word.len() == 10 && word.bytes().filter(|b| *b == b'-').count() == 2)?;
        let time = words.next()?;
        Timestamp::parse(&format!("{date}T{time}Z")).ok()
    })
}

fn journal(host: &Host) -> Option<Past> {
    let args = [
        "--no-pager",
        "--output=short-unix",
        "_TRANSPORT=kernel",
        "--grep",
        MESSAGES,
    ];
    let refused = |what: &str| UnseenReason::NeedsPrivilege {
        what: what.to_owned(),
    };
    let output = match host.run("journalctl", &args) {
        Ok(output) => output,
        Err(RunError::Missing) => return None,
        Err(error) => {
            return Some(Past {
                devices: Vec::new(),
                since: None,
                source: JOURNAL,
                partial: Some(error.reason(JOURNAL)),
            });
        }
    };
    let hint = format!("{}{}", output.stderr, output.stdout);
    if hint.contains("No journal files were found") && host.privileged() {
        return None;
    }
    // Without privilege one sees one's own messages, and a hint about the others.
    let hidden = !host.privileged()
        && (hint.contains("not seeing messages") || hint.contains("No journal files"));
    Some(Past {
        devices: parse_messages(output.stdout.lines()),
        since: if hidden { None } else { journal_since(host) },
        source: JOURNAL,
        partial: hidden.then(|| refused(JOURNAL)),
    })
}

fn logs(host: &Host) -> Option<Past> {
    for path in LOGS {
        let (text, partial) = match host.read_bounded(path, LOG_MAX) {
            Ok(bytes) => (crate::host::text_of(&bytes), None),
            Err(ReadError::Missing) => continue,
            Err(error) => (String::new(), Some(error.reason(path))),
        };
        let first = text.lines().next().and_then(|line| line.split(' ').next());
        return Some(Past {
            devices: parse_messages(text.lines().filter(|line| line.contains(" kernel: "))),
            since: first.and_then(|stamp| Timestamp::parse(stamp).ok()),
            source: path,
            partial,
        });
    }
    None
}

pub(super) fn collect(host: &Host) -> Outcome {
    if in_container(host) {
        let reason = UnseenReason::Hidden {
            what: "container".to_owned(),
        };
        return Err(Missed {
            reason,
            source: DEVICES.to_owned(),
        });
    }
    if !host.has("/sys/class") {
        return Err(Missed::read("/sys/class", &ReadError::Missing));
    }
    let mut devices = Vec::new();
    let past = journal(host).or_else(|| logs(host));
    let (since, partial, source) = match past {
        Some(past) => {
            for device in past.devices {
                merge(&mut devices, device);
            }
            (
                past.since,
                past.partial,
                format!("{DEVICES}, {}", past.source),
            )
        }
        None => (None, None, DEVICES.to_owned()),
    };
    for device in attached(host)? {
        merge(&mut devices, device);
    }
    // What is attached, then the latest first.
    devices.sort_by_key(|d| (!d.attached, std::cmp::Reverse(d.last_seen)));
    let value = FactValue::UsbHistory(UsbHistory { devices, since });
    Ok(Found::new(value, source).lacking(partial))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
1795300000.123456 pc kernel: usb 1-2: new high-speed USB device number 5 using xhci_hcd
1795300000.223456 pc kernel: usb 1-2: New USB device found, idVendor=0951, idProduct=1666, bcdDevice= 1.10
1795300000.233456 pc kernel: usb 1-2: Product: DataTraveler 3.0
1795300000.243456 pc kernel: usb 1-2: SerialNumber: E0D55EA5
1795300001.000000 pc kernel: usb-storage 1-2:1.0: USB Mass Storage device detected
1795300002.000000 pc kernel: usb 1-3: New USB device found, idVendor=046d, idProduct=c52b, bcdDevice= 1.10
1795390000.000000 pc kernel: usb 1-2: New USB device found, idVendor=0951, idProduct=1666, bcdDevice= 1.10
1795390000.100000 pc kernel: usb 1-2: SerialNumber: E0D55EA5
1795390001.000000 pc kernel: usb-storage 1-2:1.0: USB Mass Storage device detected
";

    #[test]
    fn storage_is_one_entry_and_a_mouse_is_none() {
        let devices = parse_messages(TEXT.lines());
        assert_eq!(devices.len(), 1);
        assert_eq!(devices[0].vendor, "0951");
        assert_eq!(devices[0].serial.as_deref(), Some("E0D55EA5"));
        assert_eq!(devices[0].name.as_deref(), Some("DataTraveler 3.0"));
        assert_eq!(devices[0].last_seen.unwrap().as_millis(), 1_795_390_001_000);
    }

    #[test]
    fn text_logs_with_and_without_year_are_read() {
        let line = "2026-11-22T10:00:00.500000+09:00 pc kernel: [ 1.0] usb 1-2: Product: X";
        let (at, text) = split_message(line).unwrap();
        assert_eq!(text, "usb 1-2: Product: X");
        assert_eq!(at.unwrap().to_rfc3339(), "2026-11-22T01:00:00Z");
        let line = "Nov 22 10:00:00 pc kernel: [ 1.0] usb 1-2: Product: X";
        assert_eq!(split_message(line), Some((None, "usb 1-2: Product: X")));
        assert_eq!(split_message("nothing"), None);
    }
}
