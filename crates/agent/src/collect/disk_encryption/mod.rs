//! Encryption under every mounted writable file system and swap.
//!
//! Everything is read from `/proc` and `/sys` and needs no privilege: mounts, swaps, and for each
//! block device the devices below it, down to a dm-crypt mapping or to a bare disk.

mod layers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sekisho_domain::fact::{
    DiskEncryption, EncryptionLayer, FactValue, UnseenReason, Volume, VolumeUse,
};

use super::mounts::{MOUNTINFO, Mount, mount_of, mounts, unescape};
use super::{Found, Missed, Outcome};
use crate::host::{Host, ReadError, text_of_path};
use layers::Layers;

const SWAPS: &str = "/proc/swaps";

/// File systems that keep nothing on a disk of this machine: kernel views, memory, services on a
/// network, and views of other mounts, which are judged themselves.
const WITHOUT_DISK: [&str; 44] = [
    "autofs",
    "bdev",
    "binder",
    "binfmt_misc",
    "bpf",
    "cgroup",
    "cgroup2",
    "configfs",
    "debugfs",
    "devpts",
    "devtmpfs",
    "efivarfs",
    "fusectl",
    "hugetlbfs",
    "mqueue",
    "nfsd",
    "none",
    "nsfs",
    "pipefs",
    "proc",
    "pstore",
    "ramfs",
    "resctrl",
    "rootfs",
    "rpc_pipefs",
    "securityfs",
    "selinuxfs",
    "smackfs",
    "sockfs",
    "sysfs",
    "tmpfs",
    "tracefs",
    "xenfs",
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "ceph",
    "afs",
    "fuse.gvfsd-fuse",
    "fuse.portal",
    "fuse.sshfs",
    "fuse.lxcfs",
    "fuse.snapfuse",
];

fn is_boot(point: &Path) -> bool {
    ["/boot", "/efi", "/boot/efi", "/boot/firmware"]
        .iter()
        .any(|boot| point == Path::new(boot))
}

/// One mount for each file system: the one nearest to the root of it, the first made of equals.
fn file_systems(mounts: &[Mount]) -> Vec<&Mount> {
    let mut by_system: BTreeMap<(&str, &Path), &Mount> = BTreeMap::new();
    for mount in mounts {
        if WITHOUT_DISK.contains(&mount.fstype.as_str()) || !mount.writable() {
            continue;
        }
        let nearer = |old: &&Mount| {
            let depth = |m: &Mount| (m.root.components().count(), m.point.components().count());
            depth(mount) < depth(old)
        };
        let slot = by_system
            .entry((&mount.number, &mount.source))
            .or_insert(mount);
        if nearer(slot) {
            *slot = mount;
        }
    }
    by_system.into_values().collect()
}

/// Devices and files in `/proc/swaps`.
fn swaps(host: &Host) -> Result<Vec<PathBuf>, ReadError> {
    let bytes = match host.read(SWAPS) {
        Ok(bytes) => bytes,
        // A kernel built without swap has no such file and nothing to encrypt.
        Err(ReadError::Missing) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = bytes.split(|byte| *byte == b'\n').skip(1);
    let names = lines.filter_map(|line| line.split(|b| *b == b' ' || *b == b'\t').next());
    Ok(names
        .filter(|name| !name.is_empty())
        .map(unescape)
        .collect())
}

pub(super) fn collect(host: &Host) -> Outcome {
    let mounts = mounts(host).map_err(|error| Missed::read(MOUNTINFO, &error))?;
    if !mounts.iter().any(|mount| mount.point == Path::new("/")) {
        return Err(Missed::unreadable(MOUNTINFO, "nothing is mounted at /"));
    }
    let swaps = swaps(host).map_err(|error| Missed::read(SWAPS, &error))?;
    let layers = Layers::new(host, &mounts);
    let mut volumes = Vec::new();
    for mount in file_systems(&mounts) {
        volumes.push(Volume {
            mount: text_of_path(&mount.point),
            device: text_of_path(&mount.source),
            used_for: if is_boot(&mount.point) {
                VolumeUse::Boot
            } else {
                VolumeUse::FileSystem
            },
            layer: layers.of_mount(mount),
        });
    }
    for swap in swaps {
        let layer = match layers.block_name(&swap) {
            Some(name) => layers.of_device(&name),
            None => match mount_of(&mounts, &swap) {
                Some(mount) => layers.of_mount(mount),
                None => EncryptionLayer::Unknown,
            },
        };
        volumes.push(Volume {
            mount: text_of_path(&swap),
            device: text_of_path(&swap),
            used_for: VolumeUse::Swap,
            layer,
        });
    }
    volumes.sort_by(|a, b| a.mount.cmp(&b.mount));
    let source = format!("{MOUNTINFO}, {SWAPS}, /sys/class/block");
    if !volumes.is_empty() && volumes.iter().all(|v| v.layer == EncryptionLayer::Unknown) {
        let what = if super::machine_identity::in_container(host) {
            "container"
        } else {
            "/sys/class/block"
        };
        return Err(Missed {
            reason: UnseenReason::Hidden {
                what: what.to_owned(),
            },
            source,
        });
    }
    let value = FactValue::DiskEncryption(DiskEncryption { volumes });
    Ok(Found::new(value, source))
}
