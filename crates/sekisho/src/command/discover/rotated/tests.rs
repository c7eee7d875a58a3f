//! Which files are what a log was rotated to, and which of them are read.

use super::*;

/// `a` and a newline, packed.
const PACKED: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x4b\xe4\x02\x00\x07\xa1\xea\xdd\x02\x00\x00\x00";

#[test]
fn a_packed_file_of_a_folder_is_read_once_unless_it_failed_or_changed() {
    let folder = std::env::temp_dir().join(format!("sekisho-packed-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (packed, plain) = (folder.join("a.gz"), folder.join("b.log"));
    std::fs::write(&packed, PACKED).unwrap();
    std::fs::write(&plain, b"b\n").unwrap();
    let all = vec![packed.clone(), plain.clone()];
    let mut read = ReadThrough::default();
    assert_eq!(read.unread(all.clone()), all);
    read.broken_off();
    assert_eq!(read.unread(all.clone()), all);
    read.done(std::slice::from_ref(&packed));
    assert_eq!(read.unread(all.clone()), all);
    read.done(&[]);
    assert_eq!(read.unread(all.clone()), [plain]);
    std::fs::write(&packed, PACKED.repeat(2)).unwrap();
    assert_eq!(read.unread(all.clone()), all);
    std::fs::remove_dir_all(&folder).unwrap();
}

fn folder(name: &str) -> PathBuf {
    let name = format!("sekisho-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Notes that a log was read to its end under its name.
fn left(marks: &mut Bookmarks, path: &Path) {
    let log = Log::open(path).unwrap();
    marks.put(&log, log.size().unwrap());
    let head = marks.head_of(&log).unwrap();
    marks.name(path, &head);
}

#[test]
fn a_log_goes_on_where_the_one_that_was_left_stands_beside_it_and_no_other() {
    let folder = folder("left");
    let at = |name: &str| folder.join(name);
    let (log, first, second) = (at("a.log"), at("a.log.1"), at("a.log.2"));
    let mut marks = Bookmarks::default();
    std::fs::write(&log, b"a\n").unwrap();
    assert!(goes_on_here(&log, &marks), "nothing was read yet");
    left(&mut marks, &log);
    std::fs::rename(&log, &first).unwrap();
    std::fs::write(&log, b"b\n").unwrap();
    assert!(goes_on_here(&log, &marks));
    left(&mut marks, &log);
    assert!(goes_on_here(&log, &marks));
    // The one before was read as well, but what came to the newest is lost.
    std::fs::write(&log, b"").unwrap();
    assert!(!goes_on_here(&log, &marks));
    std::fs::write(&log, b"c\n").unwrap();
    assert!(!goes_on_here(&log, &marks));
    // However it was called.
    std::fs::write(&second, b"b\n").unwrap();
    assert!(goes_on_here(&log, &marks));
    // A name that was noted outlasts reading on, and the way to the server.
    marks.put(&Log::open(&second).unwrap(), 2);
    let kept = Bookmarks::parse(&marks.text().unwrap()).unwrap();
    assert!(goes_on_here(&log, &kept));
    std::fs::remove_file(&second).unwrap();
    assert!(!goes_on_here(&log, &kept));
    std::fs::remove_dir_all(&folder).unwrap();
}

/// What was kept before names were noted.
#[test]
fn where_no_name_is_noted_a_log_goes_on_where_any_was_read() {
    let folder = folder("unnamed");
    let (log, rotated) = (folder.join("a.log"), folder.join("a.log.1"));
    let mut marks = Bookmarks::default();
    std::fs::write(&rotated, b"a\n").unwrap();
    marks.put(&Log::open(&rotated).unwrap(), 2);
    assert!(!marks.text().unwrap().contains("named"));
    std::fs::write(&log, b"b\n").unwrap();
    assert!(goes_on_here(&log, &marks));
    std::fs::remove_file(&rotated).unwrap();
    assert!(!goes_on_here(&log, &marks));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_rotated_file_that_is_named_too_is_read_once_and_is_no_log_of_its_own() {
    let folder = folder("named");
    let (log, rotated) = (folder.join("a.log"), folder.join("a.log.1"));
    let other = folder.join("b.log");
    let mut marks = Bookmarks::default();
    for (path, line) in [(&log, b"a\n"), (&rotated, b"b\n"), (&other, b"c\n")] {
        std::fs::write(path, line).unwrap();
    }
    marks.put(&Log::open(&rotated).unwrap(), 1);
    let given = [log.clone(), rotated.clone(), other.clone()];
    let paths = ReadThrough::default().paths(&given, (&marks, None));
    assert_eq!(paths.all, [rotated, log.clone(), other.clone()]);
    assert_eq!(paths.named, [log, other]);
    assert!(paths.faults.is_empty());
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn names_that_rotation_gives_are_told_from_others() {
    for rest in [
        ".1",
        ".1.gz",
        "-20261129",
        "-20261129.xz",
        ".2026-11-29",
        "-20261129-1795910400.gz",
        ".20261129T09",
        ".old",
        ".old.gz",
        ".1.zst",
    ] {
        assert!(is_rotation(rest), "{rest}");
    }
    for rest in [
        ".offset",
        ".gz",
        ".lock",
        "-notes.txt",
        ".1.swp",
        ".10.20.30.40",
        ".",
        "-",
        ".sqlite3",
    ] {
        assert!(!is_rotation(rest), "{rest}");
    }
}

/// Each of ten thousand files of a folder was held against each.
#[test]
fn of_many_files_few_are_asked_about_to_know_which_were_rotated() {
    let asked = std::cell::Cell::new(0_u32);
    let logs = (0..125).map(|n| format!("dns-{n}.log"));
    let logs: Vec<PathBuf> = logs.map(|it| Path::new("/logs").join(it)).collect();
    let rotated = logs.iter().flat_map(|log| {
        let log = log.display().to_string();
        (0..50).flat_map(move |n| {
            let dated = log.replace(".log", &format!("-202611{:02}.log", 1 + n % 30));
            [format!("{log}.{}.gz", n + 1), dated]
        })
    });
    let rotated: BTreeSet<PathBuf> = rotated.map(PathBuf::from).collect();
    let all: BTreeSet<&Path> = logs.iter().chain(&rotated).map(PathBuf::as_path).collect();
    let is_there = |log: &Path| {
        asked.set(asked.get() + 1);
        all.contains(log)
    };
    assert!(logs.iter().all(|it| !is_rotated(it, is_there)));
    assert!(rotated.iter().all(|it| is_rotated(it, is_there)));
    let files = u32::try_from(all.len()).unwrap();
    assert_eq!(files, 125 * (1 + 50 + 30));
    assert!(asked.get() <= files, "{}", asked.get());
}

#[test]
fn a_file_is_rotated_from_a_log_of_its_own_folder_alone() {
    let from = |called: &str, log: &str| {
        let log = Path::new(log);
        is_rotated(Path::new(called), |it| it == log)
    };
    for (called, log) in [
        ("/a/dns.log.1", "/a/dns.log"),
        ("/a/dns.log-20261129.gz", "/a/dns.log"),
        ("/a/dns-20261129.log.gz", "/a/dns.log"),
        ("/a/dns_20261129T090000Z.log", "/a/dns.log"),
        ("/a/dns.log.1.2", "/a/dns.log"),
        ("/a/dns.log.1.2", "/a/dns.log.1"),
        ("dns.1", "dns"),
        ("./dns.old", "./dns"),
    ] {
        assert!(from(called, log), "{called} {log}");
    }
    for (called, log) in [
        ("/a/dns.log", "/a/dns.log"),
        ("/a/dns.log.1", "/b/dns.log"),
        ("/a/dns.log.1", "/a/other.log"),
        ("/a/dns.log.offset", "/a/dns.log"),
        ("/a/dns-2.log", "/a/dns.log"),
        ("/a/.1", "/a"),
        ("/a/dns.log.10.20.30.40", "/a/dns.log"),
    ] {
        assert!(!from(called, log), "{called} {log}");
    }
}

#[test]
fn rotation_that_keeps_the_extension_is_known_by_its_date() {
    for called in [
        "dns-20261129.log",
        "dns.2026-11-29.log.gz",
        "dns_20261129T090000Z.log",
        "dns-2026112909.log",
        "dns-20261129-1795910400.log",
        "dns.2026-11-29-09-00-00.log",
        "dns-2026-11-29T09:00:00+09:00.log.zst",
        "dns-2026-11-29.2.log",
        "dns.09:00:00-10:00:00.log.xz",
    ] {
        assert!(is_dated(called, "dns.log"), "{called}");
    }
    for called in [
        "dns.log",
        "dns-2.log",
        "dns-20261129.txt",
        "dns20261129.log",
        "dns-notes20261129.log",
        "other-20261129.log",
        "dns-10.20.30.40.log",
        "dns-192.0.2.53.log",
        "dns_203.0.113.100.log.gz",
        "dns-192-0-2-53.log",
        "dns-20261332.log",
        "dns-2026-02-30.log",
        "dns-10203040.log",
        "dns-20261129-192.0.2.53.log",
        "dns.25:00:00-26:00:00.log",
        "dns.09:00:00.log",
        "dns-令和8年.log",
    ] {
        assert!(!is_dated(called, "dns.log"), "{called}");
    }
    assert!(!is_dated("dns-20261129", "dns"));
    assert!(!is_dated(".log-20261129", ".log"));
}
