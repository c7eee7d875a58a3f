//! Following symbolic links without leaving a root folder.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use super::ReadError;

/// As many links as Linux itself follows in one path.
const LINKS_MAX: usize = 40;

/// The place of an absolute path of the host below the root folder.
pub(super) fn below(root: &Path, inner: &Path) -> PathBuf {
    root.join(inner.strip_prefix("/").unwrap_or(inner))
}

fn parts(path: &Path) -> Vec<Option<OsString>> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(name) => Some(Some(name.to_owned())),
            Component::ParentDir => Some(None),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

/// Follows every symbolic link of `path` as if `root` were `/`. The answer is absolute as the
/// host sees it; parts that do not exist are kept as they are.
pub(super) fn resolve_within(root: &Path, path: &Path) -> Result<PathBuf, ReadError> {
    let mut pending: VecDeque<Option<OsString>> = parts(path).into();
    let mut resolved = PathBuf::from("/");
    let mut links = 0;
    while let Some(part) = pending.pop_front() {
        let Some(name) = part else {
            // `..` at the root stays at the root, as the kernel has it.
            resolved.pop();
            continue;
        };
        let inner = resolved.join(&name);
        let place = below(root, &inner);
        let is_link = match place.symlink_metadata() {
            Ok(metadata) => metadata.is_symlink(),
            Err(error) => match ReadError::from_io(&error) {
                ReadError::Missing => false,
                other => return Err(other),
            },
        };
        if !is_link {
            resolved = inner;
            continue;
        }
        links += 1;
        if links > LINKS_MAX {
            return Err(ReadError::Unreadable("too many links".to_owned()));
        }
        let target = place
            .read_link()
            .map_err(|error| ReadError::from_io(&error))?;
        if target.is_absolute() {
            resolved = PathBuf::from("/");
        }
        for part in parts(&target).into_iter().rev() {
            pending.push_front(part);
        }
    }
    Ok(resolved)
}
