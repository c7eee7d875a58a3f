//! The wall clock set back between two runs: nothing is written until an operator confirms.

use sekisho_tests::{Cli, Launch, leave_out, root, wrong_clock};

#[test]
fn after_a_step_back_nothing_is_written_until_the_time_is_confirmed() {
    let folder = tempfile::TempDir::new().expect("a temporary folder");
    let Some(library) = wrong_clock(folder.path()) else {
        return leave_out(
            "after_a_step_back_nothing_is_written_until_the_time_is_confirmed",
            "no C compiler",
        );
    };
    let data = folder.path().join("data");
    let first = Launch::new("serve").on(&data).start();
    first.found();
    // Where nothing is wrong there is nothing to confirm.
    let shell = Cli::on(&data);
    shell
        .run(["clock", "confirm"])
        .with_code(1)
        .said_for_people();
    assert!(first.stop().success());

    let library = library.to_str().expect("a plain path");
    let second = Launch::new("serve").on(&data).with("LD_PRELOAD", library);
    let second = second.with("SEKISHO_TEST_STEP", "-7200");
    // Not ready, and up: the operator must be able to look and to confirm.
    let second = second.ready_with(503).start();
    let feed = root().join("fixtures/feeds/epss.csv");
    let import = || shell.run(["feeds".as_ref(), "import".as_ref(), feed.as_os_str()]);
    import().with_code(1).said_for_people();
    let status = shell.run(["feeds", "status", "--format", "json"]).stdout;
    assert!(!status.contains("\"entries\": 3"), "{status}");
    // Looking stays possible, and the assessment writes nothing.
    shell.run(["ledger", "verify"]).with_code(0);
    shell.run(["clock", "confirm"]).with_code(0);
    second.client().get("/readyz").with_status(200);
    import().with_code(0);
    shell.run(["clock", "confirm"]).with_code(1);
    assert!(second.stop().success());
    // The confirmation is a record, and time has not gone back in the ledger.
    shell.run(["ledger", "verify"]).with_code(0);
}
