//! Marks by which the machine can be told from another.

use sekisho_domain::fact::{FactValue, HardwareForm, MachineIdentity, UnseenReason};
use sha2::{Digest, Sha256};

use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError};

const HOST_NAME: &str = "/proc/sys/kernel/hostname";
const DMI: &str = "/sys/class/dmi/id";

/// Makers' and firmware writers' names of virtual hardware, in lower case.
const VIRTUAL: [&str; 12] = [
    "qemu",
    "kvm",
    "vmware",
    "virtualbox",
    "innotek",
    "xen",
    "virtual machine",
    "bochs",
    "parallels",
    "google compute engine",
    "amazon ec2",
    "openstack",
];

/// Texts that boards carry where nobody wrote a serial number.
const PLACEHOLDERS: [&str; 7] = [
    "none",
    "not specified",
    "default string",
    "to be filled by o.e.m.",
    "system serial number",
    "not applicable",
    "0",
];

fn dmi(host: &Host, name: &str) -> Option<String> {
    host.line(format!("{DMI}/{name}"))
        .filter(|text| !PLACEHOLDERS.contains(&text.to_lowercase().as_str()))
}

/// Whether this is a container: another kernel's processes in the same machine.
pub(super) fn in_container(host: &Host) -> bool {
    if host.has("/run/systemd/container") || host.has("/run/.containerenv") {
        return true;
    }
    // `/.dockerenv` alone also stands in images that were later started as virtual machines.
    let own_root = host
        .line("/proc/1/mountinfo")
        .or_else(|| host.line("/proc/self/mountinfo"));
    let mounts = host.read_text("/proc/self/mountinfo").ok().or(own_root);
    let overlay = mounts.is_some_and(|text| {
        text.lines()
            .any(|line| line.contains(" / / ") && line.contains(" - overlay "))
    });
    overlay && host.has("/.dockerenv")
}

fn form(host: &Host) -> HardwareForm {
    if in_container(host) {
        return HardwareForm::Container;
    }
    let marks = ["sys_vendor", "product_name", "bios_vendor"];
    let marks: Vec<String> = marks
        .iter()
        .filter_map(|name| dmi(host, name))
        .map(|text| text.to_lowercase())
        .collect();
    let named = |mark: &&str| marks.iter().any(|text| text.contains(*mark));
    let flags = host.read_text("/proc/cpuinfo").unwrap_or_default();
    let hypervisor = flags
        .lines()
        .find(|line| line.starts_with("flags"))
        .is_some_and(|line| line.split_whitespace().any(|flag| flag == "hypervisor"));
    if hypervisor || VIRTUAL.iter().any(named) {
        return HardwareForm::Virtual;
    }
    // System enclosure types of the SMBIOS specification (DSP0134, 7.4.1).
    let chassis = dmi(host, "chassis_type").and_then(|text| text.parse::<u8>().ok());
    match chassis {
        Some(8 | 9 | 10 | 14 | 31 | 32) => HardwareForm::Portable,
        Some(11 | 30) => HardwareForm::Handheld,
        Some(3..=7 | 13 | 15 | 16 | 24 | 35 | 36) => HardwareForm::Desktop,
        Some(17 | 23 | 25 | 28 | 29) => HardwareForm::Server,
        _ => HardwareForm::Unstated,
    }
}

pub(super) fn collect(host: &Host) -> Outcome {
    let name = host
        .read_text(HOST_NAME)
        .map_err(|error| Missed::read(HOST_NAME, &error))?;
    let machine_id_digest = host
        .line("/etc/machine-id")
        .map(|id| crate::hex(&Sha256::digest(id.as_bytes())));
    let serial_path = format!("{DMI}/product_serial");
    let serial_denied = host.read(&serial_path) == Err(ReadError::Denied);
    let identity = MachineIdentity {
        host_name: name.trim_end_matches('\n').to_owned(),
        machine_id_digest,
        serial: dmi(host, "product_serial"),
        vendor: dmi(host, "sys_vendor"),
        model: dmi(host, "product_name"),
        form: form(host),
    };
    let partial = serial_denied.then_some(UnseenReason::NeedsPrivilege { what: serial_path });
    let source = format!("{HOST_NAME}, /etc/machine-id, {DMI}");
    Ok(Found::new(FactValue::MachineIdentity(identity), source).lacking(partial))
}
