//! Backing up a running server and restoring into an empty folder.

use std::fs;

use sekisho_tests::{Cli, Launch, Sekisho};

#[test]
fn a_backup_of_a_running_server_comes_up_again_elsewhere() {
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let at = |name: &str| place.path().join(name);
    let server = Sekisho::up();
    server.found();
    let device = server.device();
    let shell = server.cli();
    let words = |words: &[&str]| {
        words
            .iter()
            .map(std::ffi::OsString::from)
            .collect::<Vec<_>>()
    };

    let mut take = words(&["backup"]);
    take.push(at("data").into());
    take.extend(words(&["--keys"]));
    take.push(at("keys").into());
    take.extend(words(&["--forgotten"]));
    take.push(at("forgotten").into());
    shell.run(take).with_code(0);
    assert!(
        !at("keys").join("master.key").exists(),
        "the master key is in the backup"
    );
    let master = fs::read(server.data().join("keys/master.key")).expect("the master key");
    assert!(server.stop().success());

    let restored = Cli::on(at("restored"));
    let mut bare = words(&["restore"]);
    bare.push(at("data").into());
    bare.extend(words(&["--keys"]));
    bare.push(at("keys").into());
    // Without an answer about forgotten persons nothing is restored.
    let refused = restored.run(bare.clone());
    assert!(matches!(refused.code, Some(1 | 2)), "{}", refused.stderr);
    refused.said_for_people();
    let mut whole = bare;
    whole.extend(words(&["--forgotten"]));
    whole.push(at("forgotten").into());
    restored.run(whole.clone()).with_code(0);
    // A second time there is something in the way.
    assert_ne!(restored.run(whole).code, Some(0));

    fs::write(at("restored").join("keys/master.key"), master).expect("the master key is put back");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(at("restored").join("keys/master.key"), mode).expect("its mode");
    restored.run(["ledger", "verify"]).with_code(0);
    let again = Launch::new("serve").on(at("restored")).start();
    let assessed = again.cli().run(["assess", "--format", "json"]).json();
    assert_eq!(assessed["rows"].as_array().map(Vec::len), Some(149));
    let metrics = again.client().get("/metrics").text();
    assert!(metrics.contains("sekisho_devices"), "{metrics}");
    assert!(!device.is_empty());
    assert!(again.stop().success());
}
