//! Finding and ending what the tests left running.

use std::path::PathBuf;
use std::process::Command;

use crate::shell;

/// The variable that marks every process of a test run, however deep.
pub const MARK: &str = "SEKISHO_TEST_RUN";

/// A mark that no other run has.
pub fn new_mark() -> String {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    format!(
        "{}-{}",
        std::process::id(),
        since.map_or(0, |it| it.as_millis())
    )
}

/// Ends every process that carries the mark and gives back what each was.
///
/// The caller's own environment must not carry the mark.
pub fn end_all(mark: &str) -> Vec<String> {
    let wanted = format!("{MARK}={mark}");
    let mut ended = Vec::new();
    for (id, folder) in processes() {
        let Ok(environment) = std::fs::read(folder.join("environ")) else {
            continue;
        };
        if !environment
            .split(|byte| *byte == 0)
            .any(|entry| entry == wanted.as_bytes())
        {
            continue;
        }
        let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        // It may have ended by itself meanwhile; then there is nothing to say.
        if shell::works("sh", &["-c", "kill -KILL $0", &id.to_string()]) {
            ended.push(format!("{id} {}", line.trim()));
        }
    }
    ended
}

fn processes() -> Vec<(u32, PathBuf)> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path())))
        .collect()
}

/// Marks a command, and so everything that it will start.
pub fn mark<'a>(command: &'a mut Command, mark: &str) -> &'a mut Command {
    command.env(MARK, mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_what_was_started_under_the_mark_and_nothing_else() {
        let name = format!("unit-{}", new_mark());
        let mut marked = Command::new("sleep")
            .arg("600")
            .env(MARK, &name)
            .spawn()
            .unwrap();
        let mut other = Command::new("sleep")
            .arg("600")
            .env(MARK, "other")
            .spawn()
            .unwrap();
        // Just after exec the kernel may still show no environment, so it is looked for again.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let mut ended = end_all(&name);
        while ended.is_empty() && std::time::Instant::now() < deadline {
            std::thread::yield_now();
            ended = end_all(&name);
        }
        if ended.is_empty() {
            marked.kill().unwrap();
        }
        let status = marked.wait().unwrap();
        assert!(!status.success());
        assert_eq!(ended.len(), 1, "{ended:?}");
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
