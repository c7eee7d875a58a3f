//! Whether settings of APT change which version it would choose (apt_preferences(5)).

use crate::host::{Host, ReadError};

const PREFERENCES: &str = "/etc/apt/preferences";
const CONFIG: &str = "/etc/apt/apt.conf";

/// Words of the configuration that change what is offered, or where lists lie, in lower case.
const CONFIG_WORDS: [&str; 7] = [
    "default-release",
    "dir::state",
    "dir::etc",
    "dir {",
    "dir{",
    "dir \"",
    "apt::architectures",
];

/// The texts of a file and of the folder beside it; none when one of them cannot be read.
fn texts(host: &Host, path: &str, names_end: &[&str]) -> Option<Vec<String>> {
    let mut texts = Vec::new();
    let mut paths = vec![path.to_owned()];
    let folder = format!("{path}.d");
    let names = host.names(&folder).ok()?;
    let named =
        |name: &&String| !name.contains('.') || names_end.iter().any(|end| name.ends_with(end));
    paths.extend(names.iter().filter(named).map(|n| format!("{folder}/{n}")));
    for path in paths {
        match host.read_text(&path) {
            Ok(text) => texts.push(text),
            Err(ReadError::Missing) => {}
            Err(_) => return None,
        }
    }
    Some(texts)
}

/// Whether no setting concerns the packages installed, given the hosts that lists came from.
/// Where that cannot be told the answer is no.
pub(super) fn leave_alone(host: &Host, installed: &[(String, String)], lists: &[String]) -> bool {
    let Some(config) = texts(host, CONFIG, &[".conf"]) else {
        return false;
    };
    let changes = |text: &String| {
        let text = text.to_ascii_lowercase();
        let lines = text.lines().filter(|l| !l.trim_start().starts_with("//"));
        lines
            .into_iter()
            .any(|line| CONFIG_WORDS.iter().any(|word| line.contains(word)))
    };
    if config.iter().any(changes) {
        return false;
    }
    let Some(preferences) = texts(host, PREFERENCES, &[".pref"]) else {
        return false;
    };
    preferences.iter().all(|text| {
        text.split("\n\n")
            .all(|record| !concerns(record, installed, lists))
    })
}

fn concerns(record: &str, installed: &[(String, String)], lists: &[String]) -> bool {
    let field = |name: &str| {
        let found = record.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim())
        });
        found.unwrap_or_default()
    };
    let packages = field("Package");
    let names: Vec<&str> = packages.split_whitespace().collect();
    // Patterns are not weighed: they may fit anything.
    let plain = |name: &&&str| !name.contains(['*', '?', '/', '[', ':']);
    let all_plain = names.iter().filter(plain).count() == names.len();
    let is_installed = |name: &&str| {
        installed
            .iter()
            .any(|(known, _)| known.split(':').next() == Some(name))
    };
    if names.is_empty() && field("Pin").is_empty() || all_plain && !names.iter().any(is_installed) {
        return false;
    }
    // A pin to a host from which there are no lists chooses nothing.
    match field("Pin").strip_prefix("origin ") {
        Some(origin) => {
            let origin = origin.trim().trim_matches('"');
            let from = |list: &String| {
                list.strip_prefix(origin)
                    .is_some_and(|rest| rest.starts_with('_'))
            };
            // Without a name it means local lists.
            origin.is_empty() || lists.iter().any(from)
        }
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pins_on_what_is_installed_and_offered_concern() {
        let installed = [("nodejs".to_owned(), "20".to_owned())];
        let lists = ["mirror.example_debian_dists_bookworm_InRelease".to_owned()];
        let of = |record: &str| concerns(record, &installed, &lists);
        let node = "Package: nodejs\nPin: origin deb.nodesource.com\nPin-Priority: 600";
        assert!(!of(node));
        assert!(of(&node.replace("deb.nodesource.com", "mirror.example")));
        assert!(of(
            &node.replace("origin deb.nodesource.com", "release a=sid")
        ));
        assert!(!of(&node
            .replace("nodejs", "vim")
            .replace("origin", "release")));
        assert!(of("Package: *\nPin: release a=testing\nPin-Priority: -1"));
        assert!(of(
            "Package: vim nodejs\nPin: version 1\nPin-Priority: 1001"
        ));
        assert!(!of(""));
    }
}
