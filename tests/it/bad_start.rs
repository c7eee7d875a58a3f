//! Starts that must not come to anything, and say why.

use std::path::Path;
use std::process::Command;

use sekisho_tests::{Launch, NotStarted, leave_out, said_for_people};

/// The refusal of a start, read as a person would: exit code 2, what happened, what to do.
fn refused(launch: Launch) -> NotStarted {
    let Err(refused) = launch.try_start() else {
        panic!("it started");
    };
    assert_eq!(refused.code, Some(2), "{refused}");
    said_for_people(&refused.stderr);
    refused
}

/// A small file system of its own, gone with the value.
struct Mounted(tempfile::TempDir);

impl Mounted {
    fn new(options: &str) -> Option<Self> {
        let folder = tempfile::TempDir::new().ok()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
        let done = mount.arg(folder.path()).output().ok()?;
        done.status.success().then_some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn remount(&self, options: &str) {
        let mut mount = Command::new("mount");
        mount.args(["-o", &format!("remount,{options}")]);
        let status = mount.arg(self.path()).status().expect("mount starts");
        assert!(status.success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily, so that a file still open somewhere does not keep it.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

#[test]
fn envoy_is_not_answered_beyond_this_machine_without_tls() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("settings.toml");
    let port = sekisho_tests::free_address().port();
    let text = format!(
        "names = [\"sekisho.example.go.jp\"]\ntrusted_proxies = [\"127.0.0.1\"]\ngrpc_listen = \"0.0.0.0:{port}\"\n"
    );
    std::fs::write(&file, text).expect("a file is written");
    for (language, todo) in [
        ("ja", "grpc_listen を 127.0.0.1 にする"),
        ("en", "Set grpc_listen to 127.0.0.1"),
    ] {
        let launch = Launch::new("serve").argument("--config").argument(&file);
        let refused = refused(launch.argument("--lang").argument(language));
        assert!(refused.stderr.contains(todo), "{refused}");
    }
}

#[test]
fn a_broken_setting_is_named_with_its_file() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let file = folder.path().join("settings.toml");
    for (text, named) in [
        ("listen = [", "settings.toml"),
        ("nonsense = 1", "nonsense"),
        ("listen = \"nowhere\"", "settings.toml"),
        ("report_every = \"often\"", "settings.toml"),
        ("report_every = 0", "report_every"),
        ("log = \u{7}", "settings.toml"),
        // Left to whoever is at an address that is not even trusted.
        (
            "forward_auth.stated_devices = [{ proxy = \"192.0.2.1\", device = \"dev_01j9zq3v8h0000000000000000\" }]",
            "192.0.2.1",
        ),
    ] {
        std::fs::write(&file, text).expect("written");
        let data = folder.path().join("data");
        let launch = Launch::new("serve").on(&data);
        // The address of the command line would hide the one of the file.
        let refused = refused(launch.argument("--config").argument(&file));
        assert!(refused.stderr.contains(named), "{text}: {refused}");
        assert!(!data.exists(), "{text}: a folder was made");
    }
}

#[test]
fn a_settings_file_that_is_not_there_is_named() {
    let launch = Launch::new("serve").argument("--config");
    let refused = refused(launch.argument("/no/such/settings.toml"));
    assert!(
        refused.stderr.contains("/no/such/settings.toml"),
        "{refused}"
    );
}

#[test]
fn the_network_is_not_served_without_encryption() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8443"] {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let data = folder.path().join("data");
        for language in ["ja", "en"] {
            let launch = Launch::new("up").on(&data).argument("--lang");
            let launch = launch
                .argument(language)
                .at(address.parse().expect("an address"));
            let refused = refused(launch);
            assert!(refused.stderr.contains("127.0.0.1"), "{refused}");
        }
    }
}

#[test]
fn a_read_only_folder_is_named() {
    let test = "a_read_only_folder_is_named";
    let Some(place) = Mounted::new("size=8m,mode=0700") else {
        return leave_out(test, "mounting is not permitted");
    };
    let fresh = place.path().join("fresh");
    let used = place.path().join("used");
    let server = Launch::new("up").on(&used).start();
    server.found();
    server.judged();
    assert!(server.stop().success());
    let rows = sekisho_tests::Cli::on(&used).run(["assess", "--format", "json"]);
    let rows = rows.with_code(1).json();
    let files = std::fs::read_dir(&used).expect("a folder").count();
    place.remount("ro");
    for data in [&fresh, &used] {
        let refused = refused(Launch::new("up").on(data).argument("--lang").argument("en"));
        let name = data.file_name().and_then(|it| it.to_str()).unwrap_or("?");
        assert!(refused.stderr.contains(name), "{refused}");
    }
    // What lies in it can be read, and it is said that nothing is recorded.
    let shell = sekisho_tests::Cli::on(&used);
    let read = shell.run(["assess", "--format", "json", "--lang", "en"]);
    let read = read.with_code(1);
    assert!(
        read.stderr.contains("nothing is recorded"),
        "{}",
        read.stderr
    );
    assert_eq!(
        read.json()["rows"],
        rows["rows"],
        "as before it was read-only"
    );
    shell.run(["ledger", "verify"]).with_code(0);
    let there = std::fs::read_dir(&used).expect("a folder").count();
    assert_eq!(there, files, "nothing was made in it");
    shell
        .run(["clock", "confirm"])
        .with_code(2)
        .said_for_people();
    shell
        .run(["assess", "--at", "2000-01-01T00:00:00Z"])
        .with_code(1);
}

#[test]
fn a_full_disk_is_said_and_loses_nothing() {
    let test = "a_full_disk_is_said_and_loses_nothing";
    let Some(place) = Mounted::new("size=24m,mode=0700") else {
        return leave_out(test, "mounting is not permitted");
    };
    let data = place.path().join("data");
    let server = Launch::new("up").on(&data).start();
    server.found();
    server.device();
    let shell = server.cli();
    let feeds = sekisho_tests::root().join("fixtures/feeds");
    let import = |name: &str| {
        let words = ["feeds".into(), "import".into(), feeds.join(name)];
        shell.run(words)
    };
    import("kev.json").with_code(0);

    // Fill what is left to the last byte.
    let filler = place.path().join("filler");
    let mut zeros = std::fs::File::create(&filler).expect("created");
    std::io::copy(&mut std::io::repeat(0), &mut zeros).expect_err("the disk is full");
    let words = ["feeds", "import", "--lang", "en"].map(std::ffi::OsString::from);
    let words = words.into_iter().chain([feeds.join("epss.csv").into()]);
    let said = shell.run(words);
    assert!(
        matches!(said.code, Some(1 | 2)),
        "{}{}",
        said.stdout,
        said.stderr
    );
    let said = said.said_for_people();
    assert!(
        said.stderr.contains("full") || said.stderr.contains("space"),
        "{}",
        said.stderr
    );

    drop(zeros);
    // With room again all that was acknowledged is there, and the refused can be repeated.
    std::fs::remove_file(&filler).expect("removed");
    let status = shell.run(["feeds", "status", "--format", "json"]).json();
    let kev = status
        .as_array()
        .and_then(|it| it.iter().find(|it| it["kind"] == "kev"));
    assert_eq!(kev.map(|it| &it["entries"]), Some(&serde_json::json!(2)));
    import("epss.csv").with_code(0);
    assert!(server.stop().success());
    shell.run(["ledger", "verify"]).with_code(0);
}

#[test]
fn a_place_that_takes_no_folders_was_taken_for_a_first_use() {
    let launch = Launch::new("up").on("/proc/sekisho").argument("--lang");
    let refused = refused(launch.argument("en"));
    assert!(
        refused.stderr.contains("No folder can be made"),
        "{refused}"
    );
}

#[test]
fn a_tiny_disk_is_refused_before_anything_is_made() {
    let test = "a_tiny_disk_is_refused_before_anything_is_made";
    let Some(place) = Mounted::new("size=2m,mode=0700") else {
        return leave_out(test, "mounting is not permitted");
    };
    let data = place.path().join("data");
    let refused = refused(
        Launch::new("up")
            .on(&data)
            .argument("--lang")
            .argument("en"),
    );
    assert!(refused.stderr.contains("4 MiB"), "{refused}");
    assert!(!data.join("ledger.sqlite").exists());
}
