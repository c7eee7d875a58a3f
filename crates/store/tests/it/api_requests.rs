//! API tokens and the requests that were named by their sender.

use sekisho_store::Accounts;
use sekisho_store::accounts::{ANSWER_MAX, Begun, KeptAnswer, TokenHash};

use crate::support::{NOW, Place};

const WEEK: i64 = 7 * 86_400_000;

fn kept(answer: &str) -> KeptAnswer {
    KeptAnswer {
        status: 201,
        answer: answer.to_owned(),
    }
}

fn begin(accounts: &Accounts, token: &str, name: &str, body: u8) -> Begun {
    accounts
        .begin_request(token, name, [body; 32], NOW)
        .unwrap()
}

#[test]
fn a_secret_leads_to_its_token_until_it_is_removed() {
    let place = Place::new();
    let accounts = place.open().accounts;
    let secret = TokenHash::of(b"secret");
    accounts
        .add_api_token("tok_1", "psn_1", secret, NOW)
        .unwrap();
    assert_eq!(
        accounts.api_token(secret).unwrap().as_deref(),
        Some("tok_1")
    );
    assert_eq!(accounts.api_token(TokenHash::of(b"other")).unwrap(), None);
    for (token, secret) in [("tok_1", TokenHash::of(b"new")), ("tok_2", secret)] {
        let twice = accounts.add_api_token(token, "psn_1", secret, NOW);
        assert_eq!(twice.unwrap_err().code(), "exists");
    }
    assert_eq!(begin(&accounts, "tok_1", "k", 1), Begun::Fresh);
    accounts.remove_api_token("tok_1").unwrap();
    accounts.remove_api_token("tok_1").unwrap();
    assert_eq!(accounts.api_token(secret).unwrap(), None);
    // Its answers went with it.
    accounts
        .add_api_token("tok_1", "psn_1", secret, NOW)
        .unwrap();
    assert_eq!(begin(&accounts, "tok_1", "k", 1), Begun::Fresh);
    assert_eq!(accounts.api_token_at_hand(secret), None);
    assert!(accounts.api_token(secret).unwrap().is_some());
    assert!(accounts.api_token_at_hand(secret).is_some());
    // And it goes with its issuer.
    accounts.forget("psn_1").unwrap();
    assert_eq!(accounts.api_token_at_hand(secret), None);
    assert_eq!(accounts.api_token(secret).unwrap(), None);
}

#[test]
fn a_named_request_is_begun_once_and_answered_alike() {
    let place = Place::new();
    let accounts = place.open().accounts;
    for (token, secret) in [("tok_1", b"1"), ("tok_2", b"2")] {
        accounts
            .add_api_token(token, "psn_1", TokenHash::of(secret), NOW)
            .unwrap();
    }
    assert_eq!(begin(&accounts, "tok_1", "k", 1), Begun::Fresh);
    assert_eq!(begin(&accounts, "tok_1", "k", 1), Begun::Unfinished);
    assert_eq!(begin(&accounts, "tok_1", "k", 2), Begun::Differs);
    assert_eq!(
        begin(&accounts, "tok_2", "k", 2),
        Begun::Fresh,
        "names are of a token"
    );
    accounts
        .answer_request("tok_1", "k", &kept("done"))
        .unwrap();
    assert_eq!(begin(&accounts, "tok_1", "k", 1), Begun::Kept(kept("done")));
    assert_eq!(begin(&accounts, "tok_1", "k", 2), Begun::Differs);
    // An answer stays; only what was not answered can be dropped.
    accounts.drop_request("tok_1", "k").unwrap();
    assert_eq!(begin(&accounts, "tok_1", "k", 1), Begun::Kept(kept("done")));
    accounts.drop_request("tok_2", "k").unwrap();
    assert_eq!(begin(&accounts, "tok_2", "k", 9), Begun::Fresh);
    let long = kept(&"x".repeat(ANSWER_MAX + 1));
    assert_eq!(
        accounts
            .answer_request("tok_2", "k", &long)
            .unwrap_err()
            .code(),
        "bad-input"
    );
    let never = accounts.answer_request("tok_2", "never", &kept("x"));
    assert_eq!(never.unwrap_err().code(), "unknown");
    let strange = accounts.begin_request("tok_9", "k", [1; 32], NOW);
    assert_eq!(strange.unwrap_err().code(), "exists");
    assert_eq!(accounts.retain(NOW + WEEK).unwrap(), 0);
    assert_eq!(accounts.retain(NOW + WEEK + 1).unwrap(), 2);
    assert_eq!(begin(&accounts, "tok_1", "k", 3), Begun::Fresh);
}
