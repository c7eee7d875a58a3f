//! Backup and restore, and that the forgotten stay forgotten.

use std::fs;
use std::path::PathBuf;

use sekisho_store::backup::{
    Backup, ForgottenSource, Manifest, Restore, Restored, backup, restore,
};
use sekisho_store::keyring::{ForgottenList, MasterKind, Plain, Purpose, Sealed};
use sekisho_store::observations::SignIn;
use sekisho_store::{Access, DataFolder, LedgerStore, NewEntry, Result};

use crate::support::{NOW, Open, Place, files_with, flip, open, write_ledger};

/// A folder with two persons, backed up before one of them was forgotten.
struct Scene {
    place: Place,
    all: Open,
    sealed: Vec<Sealed>,
    data: PathBuf,
    keys: PathBuf,
    list: PathBuf,
}

impl Scene {
    fn new() -> Self {
        let place = Place::new();
        let all = place.open();
        let plains = ["p-1", "p-2"].map(|person| Plain {
            person,
            purpose: "person.name",
            text: b"Yamada",
        });
        let sealed = all.people.seal_many(&plains, NOW).unwrap();
        for (account, person) in [("a-1", "p-1"), ("a-2", "p-2")] {
            all.accounts
                .add(account, person, &format!("login-{person}"), NOW)
                .unwrap();
            let sign_in = SignIn {
                at: NOW,
                account: Some(account.to_owned()),
                outcome: "ok".to_owned(),
                address: vec![],
            };
            all.observations.add_sign_in(&sign_in).unwrap();
        }
        let signing = all.ring.active(Purpose::LedgerSigning).unwrap();
        write_ledger(&all.folder, signing.secret());
        let (data, keys) = (place.path("backup-data"), place.path("backup-keys"));
        let job = Backup {
            folder: &all.folder,
            data: &data,
            keys: &keys,
            now: NOW,
        };
        backup(&job).unwrap();
        let list = place.path("forgotten-outside");
        all.people.forget("p-1", NOW + 1).unwrap();
        all.accounts.forget("p-1").unwrap();
        all.people.export_forgotten(&list).unwrap();
        Self {
            place,
            all,
            sealed,
            data,
            keys,
            list,
        }
    }

    fn restore_to(&self, target: &str, forgotten: Option<ForgottenSource<'_>>) -> Result<Restored> {
        let target = self.place.path(target);
        restore(&Restore {
            data: &self.data,
            keys: &self.keys,
            forgotten,
            target: &target,
        })
    }

    fn with_list(&self, target: &str) -> Result<Restored> {
        self.restore_to(target, Some(ForgottenSource::List(&self.list)))
    }

    /// The restored folder with the operator's master key put back.
    fn reopen(&self, target: &str) -> Open {
        let folder = DataFolder::create_or_open(&self.place.path(target)).unwrap();
        fs::copy(
            self.all.folder.keys().join("master.key"),
            folder.keys().join("master.key"),
        )
        .unwrap();
        open(folder)
    }
}

#[test]
fn a_person_forgotten_after_the_backup_stays_forgotten_after_its_restore() {
    let scene = Scene::new();
    let restored = scene.with_list("restored").unwrap();
    let expected = Restored {
        created_at: NOW,
        ledger_size: 3,
        master: MasterKind::File,
        forgotten: 1,
    };
    assert_eq!(restored, expected);

    let all = scene.reopen("restored");
    let read = |person, sealed| {
        all.people
            .open_sealed(person, "person.name", sealed)
            .map_err(|e| e.code())
    };
    assert_eq!(read("p-1", &scene.sealed[0]).unwrap_err(), "forgotten");
    assert_eq!(read("p-2", &scene.sealed[1]).unwrap().as_slice(), b"Yamada");
    assert_eq!(
        all.people.person_key("p-1", NOW).unwrap_err().code(),
        "forgotten"
    );
    assert_eq!(all.accounts.by_person("p-1").unwrap(), None);
    assert!(all.accounts.by_person("p-2").unwrap().is_some());
    assert!(all.observations.sign_ins("a-1", 9).unwrap().is_empty());
    assert_eq!(all.observations.sign_ins("a-2", 9).unwrap().len(), 1);
    assert_eq!(
        all.people.forgotten(),
        ForgottenList::read(&scene.list).unwrap()
    );
    let root = all.folder.root();
    assert!(!files_with(&scene.keys, scene.sealed[0].key.as_bytes()).is_empty());
    assert!(
        files_with(root, scene.sealed[0].key.as_bytes()).is_empty(),
        "no byte of the key"
    );
    assert!(
        files_with(root, b"login-p-1").is_empty(),
        "nor of the login name"
    );
}

#[test]
fn the_restored_ledger_is_the_same_and_goes_on() {
    let scene = Scene::new();
    scene.with_list("restored").unwrap();
    let all = scene.reopen("restored");
    let open = |folder: &DataFolder| LedgerStore::open(&folder.ledger(), Access::Write).unwrap();
    let (mut old, mut new) = (open(&scene.all.folder), open(&all.folder));
    assert_eq!(old.size().unwrap(), 3);
    assert_eq!(old.root().unwrap(), new.root().unwrap());
    assert_eq!(old.checkpoint().unwrap(), new.checkpoint().unwrap());
    for seq in 0..3 {
        assert_eq!(old.entry(seq).unwrap(), new.entry(seq).unwrap());
    }
    let (salt, record) = old.entry(2).unwrap().unwrap();
    for store in [&mut old, &mut new] {
        let entry = NewEntry {
            salt,
            record: record.clone(),
            blobs: Vec::new(),
        };
        store
            .append(&[entry], &|size, root| format!("{size} {root:?}"))
            .unwrap();
    }
    assert_eq!(old.checkpoint().unwrap(), new.checkpoint().unwrap());
}

#[test]
fn without_the_list_nothing_is_restored_unless_nobody_was_forgotten() {
    let scene = Scene::new();
    let error = scene.restore_to("restored", None).unwrap_err();
    assert_eq!(error.code(), "forgotten-list-required");
    assert!(!scene.place.path("restored").exists());

    fs::write(&scene.list, "p-1\tnot a time\n").unwrap();
    assert_eq!(
        scene.with_list("restored").unwrap_err().code(),
        "forgotten-list-malformed"
    );
    fs::remove_file(&scene.list).unwrap();
    assert_eq!(scene.with_list("restored").unwrap_err().code(), "not-found");
    assert!(!scene.place.path("restored").exists());

    let told = Some(ForgottenSource::NobodySince);
    assert_eq!(scene.restore_to("restored", told).unwrap().forgotten, 0);
    scene
        .reopen("restored")
        .people
        .open_sealed("p-1", "person.name", &scene.sealed[0])
        .unwrap();
}

#[test]
fn those_forgotten_before_the_backup_need_no_list() {
    let scene = Scene::new();
    let (data, keys) = (
        scene.place.path("later-data"),
        scene.place.path("later-keys"),
    );
    let folder = &scene.all.folder;
    let job = Backup {
        folder,
        data: &data,
        keys: &keys,
        now: NOW,
    };
    backup(&job).unwrap();
    assert!(files_with(&keys, scene.sealed[0].key.as_bytes()).is_empty());
    let target = scene.place.path("restored");
    let forgotten = Some(ForgottenSource::NobodySince);
    let job = Restore {
        data: &data,
        keys: &keys,
        forgotten,
        target: &target,
    };
    assert_eq!(restore(&job).unwrap().forgotten, 1);
    assert!(scene.reopen("restored").people.is_forgotten("p-1"));
}

#[test]
fn a_restore_cut_off_is_not_served_and_not_restored_over() {
    let scene = Scene::new();
    let target = scene.place.path("restored");
    scene.with_list("restored").unwrap();
    fs::write(target.join("restore.pending"), b"").unwrap();
    assert_eq!(
        DataFolder::create_or_open(&target).unwrap_err().code(),
        "restore-pending"
    );
    assert_eq!(
        scene.with_list("restored").unwrap_err().code(),
        "target-not-empty"
    );
}

#[test]
fn any_changed_byte_of_a_backup_is_found_and_nothing_is_written() {
    let scene = Scene::new();
    let mut tried = 0;
    for folder in [&scene.data, &scene.keys] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let len = fs::read(&path).unwrap().len();
            if path.ends_with("manifest.json") || len == 0 {
                continue;
            }
            for at in [0, len / 2, len - 1] {
                flip(&path, at);
                let error = scene.with_list("restored").unwrap_err();
                assert_eq!(error.code(), "manifest-mismatch", "{} {at}", path.display());
                assert_eq!(error.subject(), path.display().to_string());
                assert!(!scene.place.path("restored").exists());
                flip(&path, at);
                tried += 1;
            }
        }
    }
    assert_eq!(
        tried, 15,
        "three databases, the database of keys and the system keys"
    );
    scene.with_list("restored").unwrap();
}

#[test]
fn incomplete_and_mixed_backups_are_refused_by_code() {
    let scene = Scene::new();
    let code = |scene: &Scene| scene.with_list("restored").unwrap_err().code();
    let manifest = scene.data.join("manifest.json");
    let right = fs::read_to_string(&manifest).unwrap();

    let id = Manifest::read(&scene.data).unwrap().backup_id;
    fs::write(&manifest, right.replace(&id, &"0".repeat(32))).unwrap();
    assert_eq!(code(&scene), "keys-mismatch");
    fs::write(
        &manifest,
        right.replace("sekisho-backup/1", "sekisho-backup/2"),
    )
    .unwrap();
    assert_eq!(code(&scene), "newer-version");
    fs::write(
        &manifest,
        right.replace("accounts.sqlite", "../../accounts.sqlite"),
    )
    .unwrap();
    assert_eq!(code(&scene), "manifest-mismatch");
    fs::write(&manifest, &right[..right.len() / 2]).unwrap();
    assert_eq!(code(&scene), "manifest-mismatch");
    fs::remove_file(&manifest).unwrap();
    assert_eq!(code(&scene), "manifest-missing");
    fs::write(&manifest, &right).unwrap();
    fs::remove_file(scene.data.join("ledger.sqlite")).unwrap();
    assert_eq!(code(&scene), "manifest-mismatch");
    assert!(!scene.place.path("restored").exists());
}

#[test]
fn a_backup_goes_only_into_empty_separate_folders_outside_the_data() {
    let scene = Scene::new();
    let folder = &scene.all.folder;
    let to = |data: &str, keys: &str| {
        let (data, keys) = (scene.place.path(data), scene.place.path(keys));
        let job = Backup {
            folder,
            data: &data,
            keys: &keys,
            now: NOW,
        };
        backup(&job).map_err(|e| e.code())
    };
    assert_eq!(to("backup-data", "k1").unwrap_err(), "target-not-empty");
    assert_eq!(to("b2", "b2/keys").unwrap_err(), "bad-input");
    assert_eq!(to("b3/data", "b3").unwrap_err(), "target-not-empty");
    assert_eq!(to("b4", "b4").unwrap_err(), "bad-input");
    assert_eq!(to("data/backup", "k5").unwrap_err(), "bad-input");
    to("b6", "k6").unwrap();

    let corrupt = folder.ledger();
    let len = fs::metadata(&corrupt).unwrap().len();
    // In the midst of the last page, which SQLite would fill up with zeros, and before it.
    for cut in [1, 4096, 8192] {
        fs::OpenOptions::new()
            .write(true)
            .open(&corrupt)
            .unwrap()
            .set_len(len - cut)
            .unwrap();
        assert_eq!(to("b7", "k7").unwrap_err(), "corrupt", "{cut}");
    }
    fs::remove_file(&corrupt).unwrap();
    assert_eq!(to("b8", "k8").unwrap_err(), "not-found");
    for empty in ["b7", "k7", "b8", "k8"] {
        let left = fs::read_dir(scene.place.path(empty)).unwrap().count();
        assert_eq!(left, 0, "{empty} was emptied again");
    }
}

#[test]
fn neither_part_of_a_backup_holds_the_master_key() {
    let scene = Scene::new();
    let text = fs::read(scene.all.folder.keys().join("master.key")).unwrap();
    for folder in [&scene.data, &scene.keys] {
        assert!(files_with(folder, &text[..64]).is_empty());
    }
    scene.with_list("restored").unwrap();
    let folder = DataFolder::create_or_open(&scene.place.path("restored")).unwrap();
    let source = sekisho_store::keyring::MasterSource::standard(&folder, None);
    let error = sekisho_store::keyring::Keyring::open(&folder, &source, NOW).unwrap_err();
    assert_eq!(error.code(), "master-key-missing");
}
