//! The ledger's key is changed at the shell; auditors verify with what they noted.

use std::path::Path;

use sekisho_tests::{Cli, Launch};

fn text(path: &Path) -> String {
    path.to_str().expect("a plain path").to_owned()
}

#[test]
fn old_and_new_checkpoints_verify_after_a_rotation() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let data = folder.path().join("data");
    let server = Launch::new("up").on(&data).start();
    server.found();
    server.judged();
    let shell = Cli::on(&data);
    let keys = || shell.run(["ledger", "keys"]).with_code(0).stdout;
    let old_key = keys();
    let old = text(&folder.path().join("old"));
    shell
        .run(["ledger", "checkpoint", "--output", &old])
        .with_code(0);

    let rotated = shell.run(["ledger", "keys", "--rotate", "--lang", "en"]);
    let rotated = rotated.with_code(0);
    assert!(rotated.stderr.contains("rotated"), "{}", rotated.stderr);
    assert_eq!(rotated.stdout, keys());
    assert_eq!(rotated.stdout.lines().count(), 2, "{}", rotated.stdout);
    let retired = format!("{} retired_at=", old_key.trim());
    assert!(rotated.stdout.contains(&retired), "{}", rotated.stdout);
    // Something to record, which the new key signs alone.
    let out = folder.path().join("out");
    std::fs::create_dir(&out).expect("made");
    let target = format!("file:{}", text(&out));
    shell
        .run(["ledger", "checkpoint", "--to", &target])
        .with_code(0);
    assert!(server.stop().success());

    let noted = folder.path().join("keys.txt");
    std::fs::write(&noted, rotated.stdout).expect("written");
    let noted = text(&noted);
    let verify = |more: &[&str]| shell.run([&["ledger", "verify"], more].concat()).code;
    assert_eq!(verify(&["--checkpoint", &old]), Some(0));
    assert_eq!(verify(&["--checkpoint", &old, "--key", &noted]), Some(0));
    // The old key alone does not know what came after it.
    assert_eq!(verify(&["--key", old_key.trim()]), Some(1));
    assert_eq!(verify(&["--key", "/nowhere/keys.txt"]), Some(2));
    let proven = shell.run([
        "ledger",
        "prove",
        "0",
        "--key",
        &noted,
        "--checkpoint",
        &old,
    ]);
    assert!(proven.with_code(0).stdout.contains("sekisho.local/ledger"));
    // An auditor has the ledger and no key of the house.
    std::fs::rename(data.join("keys"), folder.path().join("keys")).expect("moved");
    assert_eq!(verify(&["--checkpoint", &old, "--key", &noted]), Some(0));
    assert_eq!(verify(&["--checkpoint", &old]), Some(2));
    let proven = shell.run(["ledger", "prove", "0", "--key", &noted]);
    proven.with_code(0);
}
