//! Where the data lie: `--data`, `SEKISHO_DATA`, or the default.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

/// The platform's folder for programs of the machine. Documents name it.
const OF_THE_MACHINE: &str = "/var/lib/sekisho";
/// The data folder below the platform's.
const DATA: &str = "data";

/// The data folder. `up` in a checkout uses `./sekisho-data`, with `--demo` one beside it, so that
/// trying the program out never touches the platform's folder.
pub fn data(matches: &ArgMatches, demo: bool) -> PathBuf {
    if let Some(path) = matches.get_one::<String>("data") {
        return PathBuf::from(path);
    }
    if let Some(path) = std::env::var_os("SEKISHO_DATA").filter(|path| !path.is_empty()) {
        return PathBuf::from(path);
    }
    let name = if demo {
        "sekisho-data-demo"
    } else {
        "sekisho-data"
    };
    let here = Path::new(name);
    if is_checkout() || here.is_dir() {
        return here.to_owned();
    }
    platform().join(if demo { "demo" } else { DATA })
}

fn is_checkout() -> bool {
    Path::new("crates/sekisho/Cargo.toml").is_file()
}

fn platform() -> PathBuf {
    if running_as_root() {
        return PathBuf::from(OF_THE_MACHINE);
    }
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    std::env::var_os("XDG_DATA_HOME")
        .filter(|path| !path.is_empty())
        .map(PathBuf::from)
        .or_else(home)
        .unwrap_or_else(|| PathBuf::from("."))
        .join("sekisho")
}

fn running_as_root() -> bool {
    // The owner of our own process entry is the user we run as.
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|entry| entry.uid() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::read_to_string(root.join(name)).unwrap()
    }

    /// The folder of root's data, where nothing else is asked for.
    fn of_root() -> String {
        format!("{OF_THE_MACHINE}/{DATA}")
    }

    #[test]
    fn the_unit_of_a_gateway_reads_the_folder_that_enrolment_writes() {
        for name in ["docs/access.md", "docs/access.ja.md"] {
            let page = page(name);
            let named = page.match_indices("--data ").map(|(at, mark)| {
                let rest = &page[at + mark.len()..];
                let end = rest.find([' ', '\n', '`']).unwrap_or(rest.len());
                &rest[..end]
            });
            let named: Vec<&str> = named.collect();
            assert!(page.contains("ExecStart=/usr/local/bin/sekisho gateway run --data "));
            assert!(named.len() > 1, "{name}: {named:?}");
            assert!(named.iter().all(|it| *it == of_root()), "{name}: {named:?}");
        }
    }

    #[test]
    fn pages_name_the_folder_of_root_as_it_is() {
        for name in ["README.md", "README.ja.md"] {
            assert!(page(name).contains(&format!("`{}`", of_root())), "{name}");
        }
    }
}
