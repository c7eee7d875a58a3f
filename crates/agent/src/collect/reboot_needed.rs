//! Whether a restart is needed: the package manager's own mark, a newer kernel than the running
//! one, and programs that still run with libraries that an update has replaced.

use std::collections::BTreeSet;

use sekisho_domain::fact::{FactValue, RebootNeeded, UnseenReason};

use super::machine_identity::in_container;
use super::processes::{PROC, pids, refused};
use super::{Found, Missed, Outcome, kernel};
use crate::host::{Host, ReadError};

/// Written by hooks of Debian's and Ubuntu's packages.
const MARKS: [&str; 2] = ["/run/reboot-required", "/var/run/reboot-required"];

/// Most reasons that are named: after a new C library every program is one.
const REASONS_MAX: usize = 50;

fn marked(host: &Host) -> Result<Option<BTreeSet<String>>, Missed> {
    for mark in MARKS {
        let there = host
            .exists(mark)
            .map_err(|error| Missed::read(mark, &error))?;
        if there {
            let packages = host
                .read_text(format!("{mark}.pkgs"))
                .unwrap_or_default()
                .lines()
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect();
            return Ok(Some(packages));
        }
    }
    Ok(None)
}

fn newer_kernel(host: &Host) -> Option<String> {
    let running = kernel::running(host).ok()?;
    let newest = kernel::newest_installed(host, &running)?;
    (kernel::compare_releases(&running, &newest) == std::cmp::Ordering::Less)
        .then(|| format!("linux {newest}"))
}

/// The library of a line of `maps` (proc(5)) whose file was deleted.
fn deleted_library(line: &str) -> Option<&str> {
    let path = line.strip_suffix(" (deleted)")?;
    let path = &path[path.find('/')?..];
    let system = ["/usr/lib", "/lib"].iter().any(|dir| path.starts_with(dir));
    let name = path.rsplit('/').next()?;
    (system && (name.ends_with(".so") || name.contains(".so."))).then_some(path)
}

/// Processes with replaced libraries, as `process: library`, and whether any could not be seen.
fn replaced_libraries(host: &Host) -> (BTreeSet<String>, bool) {
    // Where not even the first process shows, others are hidden too (`hidepid`).
    let (mut found, mut hidden) = (BTreeSet::new(), !host.has(format!("{PROC}/1")));
    for pid in pids(host) {
        let maps = match host.read(format!("{PROC}/{pid}/maps")) {
            Ok(maps) => maps,
            Err(error) => {
                hidden |= error == ReadError::Denied;
                continue;
            }
        };
        // Most processes have nothing deleted: look at the bytes before the lines.
        if !maps.windows(10).any(|bytes| bytes == b" (deleted)") {
            continue;
        }
        let text = crate::host::text_of(&maps);
        for path in text.lines().filter_map(deleted_library) {
            // A replaced library lies there anew. One that is gone altogether belongs to a
            // removed package, or to a container whose files are elsewhere.
            if host.has(path)
                && let Some(process) = host.line(format!("{PROC}/{pid}/comm"))
            {
                let library = path.rsplit('/').next().unwrap_or(path);
                found.insert(format!("{process}: {library}"));
            }
        }
    }
    (found, hidden)
}

pub(super) fn collect(host: &Host) -> Outcome {
    let mark = marked(host)?;
    let (libraries, hidden) = replaced_libraries(host);
    let container = in_container(host);
    // The kernel of a container is that of its host.
    let kernel = if container { None } else { newer_kernel(host) };
    let needed = mark.is_some() || kernel.is_some() || !libraries.is_empty();
    if container && !needed {
        let reason = UnseenReason::Hidden {
            what: "container".to_owned(),
        };
        return Err(Missed {
            reason,
            source: MARKS[0].to_owned(),
        });
    }
    let mut because: BTreeSet<String> = mark.unwrap_or_default();
    because.extend(kernel);
    because.extend(libraries);
    let value = FactValue::RebootNeeded(RebootNeeded {
        needed,
        because: because.into_iter().take(REASONS_MAX).collect(),
    });
    // What is needed is needed whatever else is hidden.
    let partial = (hidden && !needed).then(|| refused(host, "/proc/*/maps"));
    let source = format!("{}, {}, {PROC}/*/maps", MARKS[0], kernel::BOOT);
    Ok(Found::new(value, source).lacking(partial))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_deleted_libraries_of_the_system_count() {
        let line = |rest: &str| format!("7f00-7f01 r-xp 00000000 fe:01 1234    {rest}");
        for (rest, library) in [
            (
                "/usr/lib/x86_64-linux-gnu/libssl.so.3 (deleted)",
                Some("/usr/lib/x86_64-linux-gnu/libssl.so.3"),
            ),
            ("/usr/lib/x86_64-linux-gnu/libssl.so.3", None),
            ("/tmp/x.so (deleted)", None),
            ("/usr/lib/locale/locale-archive (deleted)", None),
            ("/memfd:lib.so (deleted)", None),
        ] {
            assert_eq!(deleted_library(&line(rest)), library, "{rest}");
        }
    }
}
