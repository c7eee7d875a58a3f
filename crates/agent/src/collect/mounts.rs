//! What is mounted: `/proc/self/mountinfo` (proc(5)).

use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::host::{Host, ReadError};

pub(super) const MOUNTINFO: &str = "/proc/self/mountinfo";

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// Device number, `major:minor`.
    pub number: String,
    /// Folder of the file system that is mounted (`/` unless it is a bind mount or subvolume).
    pub root: PathBuf,
    /// Where it is mounted.
    pub point: PathBuf,
    /// Options of this mount.
    pub options: String,
    /// Type of the file system.
    pub fstype: String,
    /// Device or other source.
    pub source: PathBuf,
    /// Options of the file system itself.
    pub super_options: String,
}

impl Mount {
    /// Whether the file system can be written through this or any other mount of it.
    pub(super) fn writable(&self) -> bool {
        self.super_options.split(',').any(|option| option == "rw")
    }

    /// The value of an option of the file system.
    pub(super) fn super_option(&self, name: &str) -> Option<&str> {
        let mut options = self.super_options.split(',');
        options.find_map(|option| option.strip_prefix(name)?.strip_prefix('='))
    }
}

/// Undoes the kernel's octal escapes (`\040` for a space).
pub(super) fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = (*first == b'\\' && after.len() >= 3)
            .then(|| std::str::from_utf8(&after[..3]).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(byte) = octal {
            bytes.push(byte);
            rest = &after[3..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

fn parse_line(line: &[u8]) -> Option<Mount> {
    let text = |field: &[u8]| crate::host::text_of(field);
    let mut fields = line.split(|byte| *byte == b' ');
    let number = text(fields.nth(2)?);
    let root = unescape(fields.next()?);
    let point = unescape(fields.next()?);
    let options = text(fields.next()?);
    // Any number of optional fields ends with a lone hyphen.
    fields.by_ref().find(|field| *field == b"-")?;
    Some(Mount {
        number,
        root,
        point,
        options,
        fstype: text(fields.next()?),
        source: unescape(fields.next()?),
        super_options: text(fields.next()?),
    })
}

/// Every mount, in the order in which they were made.
pub(super) fn mounts(host: &Host) -> Result<Vec<Mount>, ReadError> {
    let bytes = host.read(MOUNTINFO)?;
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(number, line)| {
            parse_line(line).ok_or_else(|| ReadError::Unreadable(format!("line {}", number + 1)))
        })
        .collect()
}

/// The mount on which a path lies: the longest mount point above it, the last made of equals.
pub(super) fn mount_of<'a>(mounts: &'a [Mount], path: &Path) -> Option<&'a Mount> {
    let above = mounts.iter().filter(|mount| path.starts_with(&mount.point));
    above.max_by_key(|mount| mount.point.components().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_with_escapes_and_optional_fields() {
        let line =
            b"36 35 98:0 /sub /mnt/a\\040b rw,noatime master:1 shared:2 - ext4 /dev/x rw,e=1";
        let mount = parse_line(line).unwrap();
        assert_eq!(mount.point, Path::new("/mnt/a b"));
        assert_eq!(mount.root, Path::new("/sub"));
        assert_eq!(mount.fstype, "ext4");
        assert_eq!(mount.super_option("e"), Some("1"));
        assert!(mount.writable());
        assert_eq!(parse_line(b"36 35 98:0 /sub /mnt rw ext4 /dev/x rw"), None);
    }

    #[test]
    fn the_deepest_and_last_mount_holds_a_path() {
        let mount = |point: &str, source: &str| Mount {
            number: "1:1".to_owned(),
            root: "/".into(),
            point: point.into(),
            options: String::new(),
            fstype: "ext4".to_owned(),
            source: source.into(),
            super_options: "rw".to_owned(),
        };
        let mounts = [mount("/", "a"), mount("/home", "b"), mount("/home", "c")];
        let of = |path: &str| mount_of(&mounts, Path::new(path)).unwrap().source.clone();
        assert_eq!(of("/homes/x"), Path::new("a"));
        assert_eq!(of("/home/x"), Path::new("c"));
    }
}
