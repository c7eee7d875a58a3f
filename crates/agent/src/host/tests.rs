use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::symlink;

use super::*;

fn tree() -> (tempfile::TempDir, Host) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("root/etc")).unwrap();
    std::fs::write(folder.path().join("secret"), "outside").unwrap();
    std::fs::write(folder.path().join("root/etc/name"), "inside\n").unwrap();
    let commands = "now = 1000\ndenied = ['/etc/shadow']\n[[command]]\nargv = ['a', 'b', '...']\n";
    std::fs::write(folder.path().join("commands.toml"), commands).unwrap();
    let (host, now) = open_recorded(folder.path()).unwrap();
    assert_eq!(now.as_millis(), 1000);
    (folder, host)
}

#[test]
fn links_and_dots_do_not_leave_a_recorded_tree() {
    let (folder, host) = tree();
    let etc = folder.path().join("root/etc");
    symlink(folder.path().join("secret"), etc.join("absolute")).unwrap();
    symlink("../../secret", etc.join("relative")).unwrap();
    symlink("/etc/name", etc.join("good")).unwrap();
    symlink("loop", etc.join("loop")).unwrap();
    for path in ["/etc/absolute", "/etc/relative", "/../secret", "../secret"] {
        assert_eq!(host.read(path), Err(ReadError::Missing), "{path}");
    }
    assert_eq!(host.line("/etc/good").as_deref(), Some("inside"));
    assert!(matches!(
        host.read("/etc/loop"),
        Err(ReadError::Unreadable(_))
    ));
    assert!(host.has_link("/etc/absolute") && !host.has("/etc/absolute"));
}

#[test]
fn missing_denied_and_unreadable_are_told_apart() {
    let (folder, host) = tree();
    std::fs::write(folder.path().join("root/etc/shadow"), "x").unwrap();
    assert_eq!(host.read("/etc/nothing"), Err(ReadError::Missing));
    assert_eq!(host.read("/etc/name/below"), Err(ReadError::Missing));
    assert_eq!(host.read("/etc/shadow"), Err(ReadError::Denied));
    assert!(matches!(host.read("/etc"), Err(ReadError::Unreadable(_))));
    assert!(matches!(
        host.read_bounded("/etc/name", 3),
        Err(ReadError::Unreadable(_))
    ));
    assert_eq!(host.read_bounded("/etc/name", 7).unwrap(), b"inside\n");
    // A checkout's own times are not the recorded machine's.
    assert_eq!(host.modified("/etc/name"), Err(ReadError::Missing));
}

#[test]
fn a_named_pipe_does_not_hang_a_collector() {
    let (folder, host) = tree();
    let pipe = folder.path().join("root/etc/pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(matches!(
        host.read("/etc/pipe"),
        Err(ReadError::Unreadable(_))
    ));
}

#[test]
fn names_that_are_not_utf8_are_listed_and_written_escaped() {
    let (folder, host) = tree();
    let name = OsString::from_vec(vec![b'a', 0xff, b'b']);
    std::fs::write(folder.path().join("root/etc").join(&name), "x").unwrap();
    assert_eq!(
        host.list("/etc").unwrap(),
        [name.clone(), OsString::from("name")]
    );
    assert_eq!(host.names("/etc").unwrap(), ["name"]);
    assert_eq!(host.read(Path::new("/etc").join(&name)).unwrap(), b"x");
    assert_eq!(text_of_path(Path::new(&name)), "a\\xffb");
}

#[test]
fn recorded_commands_answer_only_what_was_asked() {
    let (_folder, host) = tree();
    assert!(host.run("a", &["b", "c"]).is_ok());
    assert!(host.run("a", &["b"]).is_ok());
    assert_eq!(host.run("a", &["c"]), Err(RunError::Missing));
    assert_eq!(host.run("a", &[]), Err(RunError::Missing));
}
