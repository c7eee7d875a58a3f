//! Running other programs: never with a standard input, always with a clear error.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// The cargo that runs us.
pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    // What the outer `cargo run` set for xtask itself must not reach the inner build, where it
    // would change fingerprints and compile things twice.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST") {
            command.env_remove(&name);
        }
    }
    command
}

/// True where a person cannot answer and a missing tool is an error.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false")
}

/// True for the user who may install packages.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|it| it.uid() == 0)
}

/// Runs to the end with the output shown as it comes. False: it ran and failed.
pub fn show(command: &mut Command) -> Result<bool, String> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cannot start {}: {error}", name(command)))?;
    Ok(status.success())
}

/// Runs silently; success with standard output, or what it said on standard error.
pub fn capture(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {}: {error}", name(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} failed: {}", name(command), said.trim()))
}

/// True where the program starts and ends well.
pub fn works(program: impl AsRef<Path>, arguments: &[&str]) -> bool {
    capture(Command::new(program.as_ref()).args(arguments)).is_ok()
}

/// Runs with the output shown as it comes and kept, both streams in the order of arrival.
pub fn tee(command: &mut Command) -> Result<(bool, String), String> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {}: {error}", name(command)))?;
    let kept = Mutex::new(String::new());
    let streams: [Option<Box<dyn Read + Send>>; 2] = [
        child.stdout.take().map(|it| Box::new(it) as _),
        child.stderr.take().map(|it| Box::new(it) as _),
    ];
    std::thread::scope(|scope| {
        for stream in streams.into_iter().flatten() {
            scope.spawn(|| copy_lines(stream, &kept));
        }
    });
    let status = child
        .wait()
        .map_err(|error| format!("waiting for {}: {error}", name(command)))?;
    Ok((
        status.success(),
        kept.into_inner().unwrap_or_else(|held| held.into_inner()),
    ))
}

fn copy_lines(stream: Box<dyn Read + Send>, kept: &Mutex<String>) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader
        .read_until(b'\n', &mut line)
        .is_ok_and(|read| read > 0)
    {
        let mut kept = kept.lock().unwrap_or_else(|held| held.into_inner());
        kept.push_str(&String::from_utf8_lossy(&line));
        // A closed pipe of ours must not lose the count.
        let _ = std::io::stdout()
            .write_all(&line)
            .and_then(|()| std::io::stdout().flush());
        line.clear();
    }
}

fn name(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .take(6)
            .map(|it| it.to_string_lossy().into_owned()),
    );
    format!("`{}`", words.join(" "))
}
