//! The devices below a file system or swap, down to what encrypts it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use sekisho_domain::fact::EncryptionLayer;

use super::super::mounts::{Mount, mount_of};
use crate::host::Host;

const BLOCK: &str = "/sys/class/block";

/// Deepest stack that is followed; real ones have four or five layers.
const DEPTH_MAX: usize = 16;

/// Block drivers of disks that are in the machine, or look so to it. Below these lies nothing
/// that this kernel could encrypt.
const DISKS: [&str; 9] = [
    "sd", "nvme", "vd", "xvd", "hd", "mmcblk", "sr", "dasd", "ubd",
];

pub(super) struct Layers<'a> {
    host: &'a Host,
    mounts: &'a [Mount],
    /// Devices being looked at now: a loop file on its own file system must not go on for ever.
    open: RefCell<BTreeSet<String>>,
}

/// What holds for something that lies on several devices: the weakest of them.
fn weakest(layers: impl Iterator<Item = EncryptionLayer>) -> Option<EncryptionLayer> {
    let rank = |layer: &EncryptionLayer| match layer {
        EncryptionLayer::None => 0,
        EncryptionLayer::Unknown => 1,
        EncryptionLayer::DmCrypt => 2,
        EncryptionLayer::Luks => 3,
        EncryptionLayer::Native => 4,
        EncryptionLayer::Memory => 5,
    };
    layers.min_by_key(rank)
}

impl<'a> Layers<'a> {
    pub(super) fn new(host: &'a Host, mounts: &'a [Mount]) -> Self {
        Self {
            host,
            mounts,
            open: RefCell::default(),
        }
    }

    /// The kernel's name of a block device: `dm-0` of `/dev/mapper/root`.
    pub(super) fn block_name(&self, device: &Path) -> Option<String> {
        let inner = device.strip_prefix("/dev").ok()?;
        let resolved = self.host.resolve(device).ok()?;
        let name = resolved.file_name()?.to_str()?.to_owned();
        if self.host.has(format!("{BLOCK}/{name}")) {
            return Some(name);
        }
        // `/dev/mapper` may lack the link inside a namespace; the mapping still has its name.
        let mapped = inner.strip_prefix("mapper").ok()?.to_str()?;
        let names = self.host.names(BLOCK).ok()?;
        names.into_iter().find(|name| {
            let own = self.host.line(format!("{BLOCK}/{name}/dm/name"));
            own.as_deref() == Some(mapped)
        })
    }

    fn name_of_number(&self, number: &str) -> Option<String> {
        let path = self.host.resolve(format!("/sys/dev/block/{number}")).ok()?;
        let name = path.file_name()?.to_str()?;
        // An unresolved number stays itself.
        (name != number).then(|| name.to_owned())
    }

    /// The layer below a mounted file system.
    pub(super) fn of_mount(&self, mount: &Mount) -> EncryptionLayer {
        match mount.fstype.as_str() {
            "tmpfs" | "ramfs" => return EncryptionLayer::Memory,
            "zfs" => return self.of_zfs(mount),
            "overlay" => return self.of_overlay(mount),
            "btrfs" => return self.of_btrfs(mount),
            // A folder of the machine that runs this one: what is below it is not to be seen.
            "9p" | "virtiofs" => return EncryptionLayer::Unknown,
            _ => {}
        }
        let name = if mount.number.starts_with("0:") {
            self.block_name(&mount.source)
        } else {
            self.name_of_number(&mount.number)
                .or_else(|| self.block_name(&mount.source))
        };
        name.map_or(EncryptionLayer::Unknown, |name| self.of_device(&name))
    }

    /// All devices of the file system: `btrfs` spans several under one number of its own.
    fn of_btrfs(&self, mount: &Mount) -> EncryptionLayer {
        let Some(first) = self.block_name(&mount.source) else {
            return EncryptionLayer::Unknown;
        };
        let systems = self.host.names("/sys/fs/btrfs").unwrap_or_default();
        for system in systems {
            let path = format!("/sys/fs/btrfs/{system}/devices");
            let devices = self.host.names(path).unwrap_or_default();
            if devices.contains(&first) {
                let layers = devices.iter().map(|device| self.of_device(device));
                return weakest(layers).unwrap_or(EncryptionLayer::Unknown);
            }
        }
        // Without its list of devices another, unencrypted one cannot be ruled out.
        match self.of_device(&first) {
            EncryptionLayer::None => EncryptionLayer::None,
            _ => EncryptionLayer::Unknown,
        }
    }

    fn of_zfs(&self, mount: &Mount) -> EncryptionLayer {
        let Some(dataset) = mount.source.to_str() else {
            return EncryptionLayer::Unknown;
        };
        let args = ["get", "-H", "-o", "value", "encryption", dataset];
        match self.host.run("zfs", &args) {
            Ok(output) if output.code == 0 && output.stdout.trim().starts_with("aes-") => {
                EncryptionLayer::Native
            }
            // `off` says nothing of dm-crypt below the pool.
            _ => EncryptionLayer::Unknown,
        }
    }

    /// The file system that takes the writes, when it is one of this machine's own.
    fn of_overlay(&self, mount: &Mount) -> EncryptionLayer {
        let Some(upper) = mount.super_option("upperdir") else {
            return EncryptionLayer::Unknown;
        };
        // The path is that of the machine which made the overlay, not of a container on it.
        if super::super::machine_identity::in_container(self.host) || mount.point == Path::new("/")
        {
            return EncryptionLayer::Unknown;
        }
        match mount_of(self.mounts, Path::new(upper)) {
            Some(below) if below.fstype != "overlay" => self.of_mount(below),
            _ => EncryptionLayer::Unknown,
        }
    }

    /// The layer of a block device and all that is below it.
    pub(super) fn of_device(&self, name: &str) -> EncryptionLayer {
        let entered = {
            let mut open = self.open.borrow_mut();
            open.len() < DEPTH_MAX && open.insert(name.to_owned())
        };
        if !entered {
            return EncryptionLayer::Unknown;
        }
        let layer = self.of_entered(name);
        self.open.borrow_mut().remove(name);
        layer
    }

    fn of_entered(&self, name: &str) -> EncryptionLayer {
        let path = format!("{BLOCK}/{name}");
        if !self.host.has(&path) {
            return EncryptionLayer::Unknown;
        }
        if let Some(uuid) = self.host.line(format!("{path}/dm/uuid"))
            && let Some(layer) = of_mapping(&uuid)
        {
            return layer;
        }
        if name.starts_with("zram") {
            return self.of_zram(&path);
        }
        if name.starts_with("loop") {
            return self.of_loop(&path);
        }
        if name.starts_with("ram") {
            return EncryptionLayer::Memory;
        }
        let below = self.host.names(format!("{path}/slaves"));
        match below {
            Ok(below) if !below.is_empty() => {
                let layers = below.iter().map(|device| self.of_device(device));
                return weakest(layers).unwrap_or(EncryptionLayer::Unknown);
            }
            Ok(_) => {}
            Err(_) => return EncryptionLayer::Unknown,
        }
        if self.host.has(format!("{path}/partition")) {
            return self.of_whole_disk(&path);
        }
        if DISKS.iter().any(|disk| name.starts_with(disk)) {
            EncryptionLayer::None
        } else {
            // dm without devices below it, network block devices, drivers not known here.
            EncryptionLayer::Unknown
        }
    }

    fn of_whole_disk(&self, partition: &str) -> EncryptionLayer {
        let resolved = self.host.resolve(partition).ok();
        let disk = resolved
            .as_deref()
            .and_then(Path::parent)
            .and_then(Path::file_name);
        match disk.and_then(|name| name.to_str()) {
            Some(disk) => self.of_device(disk),
            None => EncryptionLayer::Unknown,
        }
    }

    fn of_zram(&self, path: &str) -> EncryptionLayer {
        match self.host.line(format!("{path}/backing_dev")).as_deref() {
            None | Some("none") => EncryptionLayer::Memory,
            Some(device) => match self.block_name(Path::new(device)) {
                Some(name) => self.of_device(&name),
                None => EncryptionLayer::Unknown,
            },
        }
    }

    fn of_loop(&self, path: &str) -> EncryptionLayer {
        let file = self.host.line(format!("{path}/loop/backing_file"));
        let mount = file.and_then(|file| mount_of(self.mounts, Path::new(&file)));
        mount.map_or(EncryptionLayer::Unknown, |mount| self.of_mount(mount))
    }
}

/// What a device-mapper mapping encrypts by the prefix that its maker gives the UUID; none for
/// mappings that only arrange (`LVM-`, `mpath-`, `part1-`) or check (`CRYPT-VERITY-`).
fn of_mapping(uuid: &str) -> Option<EncryptionLayer> {
    let kind = uuid.strip_prefix("CRYPT-")?;
    if kind.starts_with("LUKS") {
        Some(EncryptionLayer::Luks)
    } else if ["PLAIN", "BITLK", "TCRYPT", "FVAULT2", "LOOPAES"]
        .iter()
        .any(|known| kind.starts_with(known))
    {
        Some(EncryptionLayer::DmCrypt)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mappings_that_encrypt_count() {
        use EncryptionLayer::{DmCrypt, Luks};
        for (uuid, expected) in [
            ("CRYPT-LUKS2-0123-root", Some(Luks)),
            ("CRYPT-LUKS1-0123-root", Some(Luks)),
            ("CRYPT-PLAIN-swap", Some(DmCrypt)),
            ("CRYPT-VERITY-0123-usr", None),
            ("CRYPT-INTEGRITY-x", None),
            ("LVM-abc", None),
            ("CRYPT", None),
        ] {
            assert_eq!(of_mapping(uuid), expected, "{uuid}");
        }
    }

    #[test]
    fn the_weakest_device_counts() {
        use EncryptionLayer::{Luks, Memory, None, Unknown};
        assert_eq!(weakest([Luks, None].into_iter()), Some(None));
        assert_eq!(weakest([Luks, Unknown].into_iter()), Some(Unknown));
        assert_eq!(weakest([Memory, Luks].into_iter()), Some(Luks));
    }
}
