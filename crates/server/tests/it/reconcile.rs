//! Checkpoints leave the machine: into a folder, and what folders do.

use std::fs;
use std::path::Path;
use std::process::Command;

use sekisho_server::reconcile::{Settings, has_left, status};
use sekisho_store::keyring::ForgottenList;

use super::reconcile_house::{FOUNDED, House, copy, folder, grow, open, settings, size_of, until};

fn file(path: &Path) -> String {
    format!("file:{}", path.display())
}

#[test]
fn without_a_target_the_checkpoint_stays_inside_and_the_status_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let app = open(&data);
    let before = &status(&app).unwrap()[0];
    assert_eq!((before.target.as_str(), before.outside), ("local", false));
    assert_eq!(before.last_size, None);
    app.stop();
    drop(app);
    let house = House::at(&data, settings());
    house.delivered();
    let text = fs::read(house.app.folder().checkpoints().join("latest")).unwrap();
    assert_eq!(size_of(&house.key(), &text), FOUNDED);
    assert!(!has_left(&status(&house.app).unwrap()));
    house.stop();
}

#[test]
fn a_new_target_is_served_at_once_and_the_last_checkpoint_leaves_at_the_stop() {
    let dir = tempfile::tempdir().unwrap();
    let out = folder(dir.path(), "out");
    let house = House::at(&dir.path().join("data"), settings());
    let key = house.key();
    house.grow("one");
    house.targets(&[&file(&out)]);
    house.delivered();
    assert!(has_left(&status(&house.app).unwrap()));
    assert_eq!(
        size_of(&key, &fs::read(out.join("latest")).unwrap()),
        FOUNDED + 2
    );

    house.grow("two");
    // The hour between deliveries has not passed.
    assert_eq!(house.state().last_size, Some(FOUNDED + 2));
    house.stop();
    assert_eq!(
        size_of(&key, &fs::read(out.join("latest")).unwrap()),
        FOUNDED + 3
    );
    for size in [FOUNDED + 2, FOUNDED + 3] {
        let text = fs::read(out.join(format!("checkpoint-{size}"))).unwrap();
        assert_eq!(size_of(&key, &text), size);
    }
    assert_eq!(
        fs::read_to_string(out.join("key")).unwrap(),
        format!("{key}\n")
    );
    assert!(
        ForgottenList::read(&out.join("forgotten"))
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_grown_ledger_leaves_again_after_the_interval() {
    let dir = tempfile::tempdir().unwrap();
    let out = folder(dir.path(), "out");
    let quick = Settings {
        interval: std::time::Duration::from_millis(50),
        ..settings()
    };
    let house = House::at(&dir.path().join("data"), quick);
    house.targets(&[&file(&out)]);
    for word in ["one", "two", "three"] {
        house.grow(word);
        house.delivered();
    }
    assert_eq!(
        size_of(&house.key(), &fs::read(out.join("latest")).unwrap()),
        FOUNDED + 4
    );
    house.stop();
}

#[test]
fn a_forgotten_person_is_on_the_list_outside_without_a_further_record() {
    let dir = tempfile::tempdir().unwrap();
    let out = folder(dir.path(), "out");
    let data = dir.path().join("data");
    let house = House::at(&data, settings());
    house.targets(&[&file(&out)]);
    house.delivered();
    let now = house.app.now().as_millis();
    house.app.people().person_key("p-1", now).unwrap();
    house.app.people().forget("p-1", now).unwrap();
    house.stop();
    let listed = ForgottenList::read(&out.join("forgotten")).unwrap();
    assert_eq!(
        listed.iter().map(|(person, _)| person).collect::<Vec<_>>(),
        ["p-1"]
    );
}

#[test]
fn a_folder_that_goes_and_comes_back_gets_the_newest_checkpoint() {
    let dir = tempfile::tempdir().unwrap();
    let out = folder(dir.path(), "out");
    let house = House::at(&dir.path().join("data"), settings());
    fs::rename(&out, dir.path().join("away")).unwrap();
    house.targets(&[&file(&out)]);
    house.failed("checkpoint.file-missing");
    assert!(
        !out.exists(),
        "a share that is not mounted must not be replaced by a folder"
    );
    // The writer is not held up by it.
    house.grow("one");
    house.grow("two");
    fs::rename(dir.path().join("away"), &out).unwrap();
    house.delivered();
    assert_eq!(
        size_of(&house.key(), &fs::read(out.join("latest")).unwrap()),
        FOUNDED + 3
    );
    assert!(!out.join(format!("checkpoint-{}", FOUNDED + 1)).exists());
    assert_eq!(house.app.observations().waiting().unwrap().0, 0);
    house.stop();
}

#[test]
fn one_dead_target_does_not_keep_the_others_from_theirs() {
    let dir = tempfile::tempdir().unwrap();
    let out = folder(dir.path(), "out");
    let house = House::at(&dir.path().join("data"), settings());
    let missing = file(&dir.path().join("missing"));
    // `a-…` is tried first, and an unreadable text stands for an older or newer release.
    house.targets(&["a-new-kind:of-target", &missing, &file(&out)]);
    until("the living target", || out.join("latest").exists());
    until("three states", || {
        let all = status(&house.app).unwrap();
        let code = |at: usize| {
            all[at]
                .last_error
                .as_ref()
                .map(|failure| failure.code.clone())
        };
        code(0).as_deref() == Some("checkpoint.target-form")
            && code(1).as_deref() == Some("checkpoint.file-missing")
            && code(2).is_none()
    });
    // What is no longer wanted no longer waits.
    house.targets(&[&file(&out)]);
    until("an empty outbox", || {
        house.app.observations().waiting().unwrap().0 == 0
    });
    house.stop();
}

/// A roll-back of the whole folder, and a rewrite signed with the real key, meet the checkpoint
/// outside and are reported; the evidence is not overwritten.
#[test]
fn a_folder_that_knows_more_than_the_ledger_is_evidence_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (out, data) = (folder(dir.path(), "out"), dir.path().join("data"));
    let app = open(&data);
    grow(&app, "one");
    app.stop();
    drop(app);
    let (older, forged) = (dir.path().join("older"), dir.path().join("forged"));
    copy(&data, &older);
    copy(&data, &forged);

    let house = House::at(&data, settings());
    house.targets(&[&file(&out)]);
    house.grow("two");
    house.stop();
    let evidence = fs::read(out.join("latest")).unwrap();

    let house = House::at(&older, settings());
    house.targets(&[&file(&out)]);
    house.failed("checkpoint.target-ahead");
    until("an alarm", || {
        let alarms = house.app.alarms();
        alarms.iter().any(|it| it.code == "checkpoint.target-ahead")
    });
    house.stop();

    let app = open(&forged);
    for word in ["other", "history", "longer", "still"] {
        grow(&app, word);
    }
    app.stop();
    drop(app);
    let house = House::at(&forged, settings());
    house.targets(&[&file(&out)]);
    house.failed("checkpoint.target-differs");
    house.stop();

    let house = House::at(&dir.path().join("other"), settings());
    house.targets(&[&file(&out)]);
    house.failed("checkpoint.target-foreign");
    house.stop();
    assert_eq!(fs::read(out.join("latest")).unwrap(), evidence);
}

#[test]
fn a_longer_list_of_forgotten_persons_outside_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let out = folder(dir.path(), "out");
    fs::write(out.join("forgotten"), "p-gone\t5\n").unwrap();
    let house = House::at(&dir.path().join("data"), settings());
    house.targets(&[&file(&out)]);
    house.failed("checkpoint.forgotten-ahead");
    house.stop();
    assert_eq!(
        fs::read_to_string(out.join("forgotten")).unwrap(),
        "p-gone\t5\n"
    );
    assert!(!out.join("latest").exists());
}

#[test]
fn a_stop_between_delivery_and_note_only_delivers_again() {
    let dir = tempfile::tempdir().unwrap();
    let (out, data) = (folder(dir.path(), "out"), dir.path().join("data"));
    let house = House::at(&data, settings());
    house.targets(&[&file(&out)]);
    house.delivered();
    let notes = house.app.folder().checkpoints().join("deliveries.json");
    house.stop();
    let before = fs::read(out.join("latest")).unwrap();
    for damage in [None, Some(&b"{\"version\":1,"[..]), Some(b"\xff")] {
        match damage {
            None => fs::remove_file(&notes).unwrap(),
            Some(bytes) => fs::write(&notes, bytes).unwrap(),
        }
        let house = House::at(&data, settings());
        house.delivered();
        house.stop();
        assert_eq!(fs::read(out.join("latest")).unwrap(), before);
    }
}

/// A small file system of its own, if this user may mount one.
struct Mount(std::path::PathBuf);

impl Mount {
    fn new(at: &Path, options: &str) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(at)
            .output();
        let done = mounted.is_ok_and(|output| output.status.success());
        if !done {
            println!("skipped: this user may not mount a file system");
        }
        done.then(|| Self(at.to_path_buf()))
    }

    fn again(&self, options: &str) {
        let options = format!("remount,{options}");
        let done = Command::new("mount")
            .args(["-o", &options])
            .arg(&self.0)
            .status()
            .unwrap();
        assert!(done.success());
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_read_only_folder_is_named_and_served_once_it_can_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let out = folder(dir.path(), "out");
    let Some(mount) = Mount::new(&out, "size=64k,ro") else {
        return;
    };
    let house = House::at(&dir.path().join("data"), settings());
    house.targets(&[&file(&out)]);
    house.failed("read-only");
    mount.again("rw");
    house.delivered();
    house.stop();
}

#[test]
fn a_full_folder_keeps_its_old_checkpoint_whole() {
    let dir = tempfile::tempdir().unwrap();
    let out = folder(dir.path(), "out");
    let Some(_mount) = Mount::new(&out, "size=32k") else {
        return;
    };
    let data = dir.path().join("data");
    let house = House::at(&data, settings());
    let key = house.key();
    house.targets(&[&file(&out)]);
    house.delivered();
    house.stop();
    // Fill it to the last byte.
    let full = fs::write(out.join("fill"), vec![0; 64 << 10]);
    assert_eq!(full.unwrap_err().kind(), std::io::ErrorKind::StorageFull);

    let quick = Settings {
        interval: std::time::Duration::ZERO,
        ..settings()
    };
    let house = House::at(&data, quick);
    house.grow("one");
    house.failed("disk-full");
    assert_eq!(
        size_of(&key, &fs::read(out.join("latest")).unwrap()),
        FOUNDED + 1
    );
    fs::remove_file(out.join("fill")).unwrap();
    house.delivered();
    assert_eq!(
        size_of(&key, &fs::read(out.join("latest")).unwrap()),
        FOUNDED + 2
    );
    house.stop();
    let names = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert!(
        names
            .into_iter()
            .all(|name| !name.to_string_lossy().ends_with(".new"))
    );
}

#[test]
fn a_restored_copy_delivered_to_the_targets_of_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let (out, data) = (folder(dir.path(), "out"), dir.path().join("data"));
    let house = House::at(&data, settings());
    house.targets(&[&file(&out)]);
    house.delivered();
    house.stop();
    let before = fs::read(out.join("latest")).unwrap();

    // As a restore leaves it.
    fs::write(data.join("checkpoints/held"), b"restored").unwrap();
    let house = House::at(&data, settings());
    house.grow("one");
    let failure = house.state().last_error.unwrap();
    assert_eq!(failure.code, "checkpoint.held");
    house.stop();
    assert_eq!(fs::read(out.join("latest")).unwrap(), before);

    fs::remove_file(data.join("checkpoints/held")).unwrap();
    let house = House::at(&data, settings());
    // What is new leaves at the latest when the service stops.
    house.stop();
    assert_ne!(fs::read(out.join("latest")).unwrap(), before);
}
