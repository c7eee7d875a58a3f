//! Accounts, one-time links, sessions.

use sekisho_store::Accounts;
use sekisho_store::accounts::{ImportProfile, Link, PROFILES_MAX, Session, TokenHash};

use crate::support::{NOW, Place, files_with};

const HOUR: i64 = 3_600_000;

fn session(account: &str) -> Session {
    Session {
        account: account.to_owned(),
        csrf: [9; 32],
        created_at: NOW,
        last_seen_at: NOW,
        expires_at: NOW + 12 * HOUR,
    }
}

#[test]
fn an_account_is_found_by_id_login_and_person() {
    let place = Place::new();
    let accounts = place.open().accounts;
    assert_eq!(accounts.count().unwrap(), 0);
    accounts.add("a-1", "p-1", "Yamada", NOW).unwrap();
    for found in [
        accounts.get("a-1"),
        accounts.by_login("yamada"),
        accounts.by_person("p-1"),
    ] {
        let account = found.unwrap().unwrap();
        assert_eq!(
            (account.account.as_str(), account.login.as_str()),
            ("a-1", "Yamada")
        );
        assert_eq!(account.password, None);
    }
    assert_eq!(accounts.by_login("suzuki").unwrap(), None);
    for (account, person, login) in [
        ("a-1", "p-2", "x"),
        ("a-2", "p-1", "x"),
        ("a-2", "p-2", "YAMADA"),
    ] {
        assert_eq!(
            accounts
                .add(account, person, login, NOW)
                .unwrap_err()
                .code(),
            "exists"
        );
    }
    assert_eq!(
        accounts.add("a-2", "p-2", "", NOW).unwrap_err().code(),
        "bad-input"
    );
    assert_eq!(
        accounts.set_password("a-9", "x").unwrap_err().code(),
        "unknown"
    );
    assert!(!format!("{:?}", accounts.get("a-1")).contains("Yamada"));
}

#[test]
fn failures_are_counted_and_a_time_step_passes_once() {
    let place = Place::new();
    let accounts = place.open().accounts;
    accounts.add("a-1", "p-1", "yamada", NOW).unwrap();
    assert_eq!(accounts.count_failure("a-1").unwrap(), 1);
    assert_eq!(accounts.count_failure("a-1").unwrap(), 2);
    assert_eq!(accounts.count_failure("a-9").unwrap_err().code(), "unknown");
    accounts.lock_until("a-1", NOW + HOUR).unwrap();
    let read = || accounts.get("a-1").unwrap().unwrap();
    assert_eq!((read().failed, read().locked_until), (2, Some(NOW + HOUR)));
    accounts.clear_failures("a-1").unwrap();
    assert_eq!((read().failed, read().locked_until), (0, None));

    accounts.set_totp("a-1", Some(b"sealed")).unwrap();
    assert!(accounts.use_totp_step("a-1", 100).unwrap());
    assert!(
        !accounts.use_totp_step("a-1", 100).unwrap(),
        "the same code twice"
    );
    assert!(
        !accounts.use_totp_step("a-1", 99).unwrap(),
        "an earlier code"
    );
    assert!(accounts.use_totp_step("a-1", 101).unwrap());
}

#[test]
fn a_link_works_once_for_its_purpose_and_in_time() {
    let place = Place::new();
    let open = place.open();
    let accounts = &open.accounts;
    let link = Link {
        purpose: "setup".to_owned(),
        person: Some("p-1".to_owned()),
        account: None,
        expires_at: NOW + HOUR,
    };
    let token = TokenHash::of(b"a token of enough random bytes");
    accounts.add_link(token, &link, NOW).unwrap();
    assert_eq!(accounts.link(token, "invite", NOW).unwrap(), None);
    assert_eq!(
        accounts.link(token, "setup", NOW + HOUR).unwrap(),
        None,
        "over"
    );
    assert_eq!(
        accounts.link(token, "setup", NOW).unwrap().as_ref(),
        Some(&link)
    );
    assert_eq!(
        accounts.use_link(token, "setup", NOW + HOUR).unwrap(),
        None,
        "over"
    );
    assert_eq!(
        accounts.use_link(token, "setup", NOW).unwrap().as_ref(),
        Some(&link)
    );
    assert_eq!(
        accounts.use_link(token, "setup", NOW).unwrap(),
        None,
        "used"
    );
    assert_eq!(accounts.link(token, "setup", NOW).unwrap(), None, "used");
    let reopened = Accounts::open(&open.folder.accounts()).unwrap();
    assert_eq!(
        reopened.use_link(token, "setup", NOW).unwrap(),
        None,
        "used for good"
    );
    assert!(files_with(open.folder.root(), b"a token of enough").is_empty());

    let other = TokenHash::of(b"another");
    accounts.add_link(other, &link, NOW).unwrap();
    assert_eq!(accounts.end_links("setup").unwrap(), 1);
    assert_eq!(accounts.link(other, "setup", NOW).unwrap(), None);
}

#[test]
fn one_of_many_callers_at_once_gets_the_link() {
    let place = Place::new();
    let open = place.open();
    let token = TokenHash::of(b"token");
    let link = Link {
        purpose: "setup".into(),
        person: None,
        account: None,
        expires_at: NOW + 1,
    };
    open.accounts.add_link(token, &link, NOW).unwrap();
    let winners: usize = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let own = Accounts::open(&open.folder.accounts()).unwrap();
                    usize::from(own.use_link(token, "setup", NOW).unwrap().is_some())
                })
            })
            .collect();
        tries.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert_eq!(winners, 1);
}

#[test]
fn sessions_end_by_time_idleness_sign_out_and_new_password() {
    let place = Place::new();
    let accounts = place.open().accounts;
    accounts.add("a-1", "p-1", "yamada", NOW).unwrap();
    let token = TokenHash::of(b"s1");
    assert_eq!(
        accounts
            .add_session(token, &session("a-9"))
            .unwrap_err()
            .code(),
        "exists"
    );
    accounts.add_session(token, &session("a-1")).unwrap();
    let alive = |token, now| accounts.session(token, now, HOUR).unwrap().is_some();
    assert!(alive(token, NOW + HOUR - 1));
    assert!(!alive(token, NOW + HOUR), "idle");
    accounts.touch_session(token, NOW + HOUR / 2).unwrap();
    assert!(alive(token, NOW + HOUR));
    accounts.touch_session(token, NOW).unwrap();
    assert!(alive(token, NOW + HOUR), "never set back");
    assert!(!alive(TokenHash::of(b"s2"), NOW));
    accounts.touch_session(token, NOW + 12 * HOUR).unwrap();
    assert!(!alive(token, NOW + 12 * HOUR), "over");

    accounts.set_password("a-1", "$argon2id$…").unwrap();
    assert!(!alive(token, NOW), "a new password ends sessions");
    for name in [b"s3", b"s4", b"s5"] {
        accounts
            .add_session(TokenHash::of(name), &session("a-1"))
            .unwrap();
    }
    accounts.end_session(TokenHash::of(b"s3")).unwrap();
    assert!(!alive(TokenHash::of(b"s3"), NOW) && alive(TokenHash::of(b"s4"), NOW));
    accounts.rehash_password("a-1", "$argon2id$new").unwrap();
    assert!(alive(TokenHash::of(b"s4"), NOW), "a renewed hash does not");
    assert_eq!(accounts.end_sessions("a-1").unwrap(), 2);
    accounts.add_session(token, &session("a-1")).unwrap();
    assert_eq!(accounts.retain(NOW + 12 * HOUR).unwrap(), 1);
}

#[test]
fn forgetting_a_person_leaves_no_login_name_in_any_file() {
    let place = Place::new();
    let open = place.open();
    let accounts = &open.accounts;
    accounts
        .add("a-1", "p-1", "yamada.taro.unique", NOW)
        .unwrap();
    accounts.add("a-2", "p-2", "suzuki", NOW).unwrap();
    accounts
        .add_session(TokenHash::of(b"s1"), &session("a-1"))
        .unwrap();
    let link = Link {
        purpose: "reset".into(),
        person: Some("p-1".into()),
        account: Some("a-1".into()),
        expires_at: NOW + 1,
    };
    accounts.add_link(TokenHash::of(b"l1"), &link, NOW).unwrap();
    assert!(!files_with(open.folder.root(), b"yamada.taro.unique").is_empty());
    assert_eq!(accounts.forget("p-1").unwrap(), ["a-1"]);
    assert!(files_with(open.folder.root(), b"yamada.taro.unique").is_empty());
    assert_eq!(
        accounts.session(TokenHash::of(b"s1"), NOW, HOUR).unwrap(),
        None
    );
    assert_eq!(
        accounts.link(TokenHash::of(b"l1"), "reset", NOW).unwrap(),
        None
    );
    assert_eq!(accounts.count().unwrap(), 1);
    assert!(accounts.forget("p-1").unwrap().is_empty());
}

#[test]
fn a_profile_is_kept_by_name_and_register_and_replaced_under_its_name() {
    let place = Place::new();
    let accounts = place.open().accounts;
    let profile = |name: &str, mapping: &str| ImportProfile {
        name: name.to_owned(),
        mapping: mapping.to_owned(),
        saved_at: NOW,
    };
    let names = |register: &str| -> Vec<String> {
        let list = accounts.profiles(register).unwrap();
        list.into_iter().map(|it| it.name).collect()
    };
    for (name, mapping) in [("b", "1"), ("a", "2"), ("b", "3")] {
        accounts
            .save_profile("medium", &profile(name, mapping))
            .unwrap();
    }
    assert_eq!(names("medium"), ["a", "b"]);
    assert_eq!(accounts.profiles("medium").unwrap()[1].mapping, "3");
    assert!(names("line").is_empty());
    for n in 2..PROFILES_MAX {
        accounts
            .save_profile("medium", &profile(&format!("c{n}"), ""))
            .unwrap();
    }
    // One more is refused; one of those that are there may still be replaced.
    let more = accounts.save_profile("medium", &profile("z", ""));
    assert_eq!(more.unwrap_err().code(), "bad-input");
    accounts.save_profile("medium", &profile("b", "4")).unwrap();
    let long = accounts.save_profile("line", &profile("a", &"x".repeat(300_000)));
    assert_eq!(long.unwrap_err().code(), "bad-input");
    accounts.remove_profile("medium", "b").unwrap();
    accounts.remove_profile("medium", "b").unwrap();
    assert!(!names("medium").contains(&"b".to_owned()));
}
