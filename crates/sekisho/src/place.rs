//! Where the data lie: `--data`, `SEKISHO_DATA`, or the default.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

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
    platform().join(if demo { "demo" } else { "data" })
}

fn is_checkout() -> bool {
    Path::new("crates/sekisho/Cargo.toml").is_file()
}

fn platform() -> PathBuf {
    if running_as_root() {
        return PathBuf::from("/var/lib/sekisho");
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
