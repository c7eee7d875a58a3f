//! The pages of registers: entering, finding, changing, retiring, and who sees what.

use axum::http::StatusCode;
use sekisho_domain::id::{AccountId, UnitId};
use sekisho_domain::role::Role;
use sekisho_messages::{Lang, contains};
use sekisho_server::console::fields::Words;

use super::house::{Browser, House, Reply};

/// A house with an officer for systems, a section officer and a member of the staff in a section.
async fn staffed() -> (House, UnitId, [AccountId; 3]) {
    let house = House::founded().await;
    let section = house.unit("総務課").await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    let (_, diso) = house.officer("diso", section, Role::Diso).await;
    let (_, staff) = house.officer("staff", section, Role::Staff).await;
    (house, section, [isso, diso, staff])
}

async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let all = [&[("csrf", csrf.as_str())], fields].concat();
    browser.post(path, &all).await
}

/// Enters a medium; what comes back is the path of its page.
async fn medium(browser: &mut Browser<'_>, unit: UnitId, number: &str, place: &str) -> String {
    let unit = unit.to_string();
    let fields = [
        ("f-unit", unit.as_str()),
        ("f-number", number),
        ("f-kind", "usb_memory"),
        ("f-encrypted", "yes"),
        ("f-place", place),
        ("f-acquired-era", "reiwa"),
        ("f-acquired-year", "R8.4.1"),
    ];
    let done = send(browser, "/registers/medium", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    done.header("location").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_entered_is_found_in_any_width_and_kana() {
    let (house, section, [isso, ..]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let path = medium(&mut browser, section, "USB-00412", "サーバー室").await;
    medium(&mut browser, section, "USB-7", "<script>alert(1)</script>").await;
    let page = browser.get(&path).await.text();
    assert!(page.contains("2026年4月1日（令和8年）"), "{page}");
    assert!(page.contains("総務課") && page.contains("サーバー室"));
    for (query, found) in [
        ("%EF%BC%B5%EF%BC%B3%EF%BC%A2%EF%BC%8D00412", true), // ＵＳＢ－00412
        ("usb-00412", true),
        ("%E3%81%95%E3%83%BC%E3%81%B0%E5%AE%A4", true), // さーば室
        ("usb-00413", false),
    ] {
        let list = browser.get(&format!("/registers/medium?q={query}")).await;
        assert_eq!(list.status, StatusCode::OK);
        assert_eq!(list.text().contains(&path), found, "{query}");
    }
    let list = browser
        .get("/registers/medium?sort=number&order=down")
        .await;
    let text = list.text();
    assert!(text.find("USB-7") < text.find("USB-00412"), "{text}");
    assert!(!text.contains("<script>alert"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_faults_keeps_what_was_entered_and_names_each_fault() {
    let (house, section, [isso, ..]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let unit = section.to_string();
    let fields = [
        ("f-unit", unit.as_str()),
        ("f-kind", "usb_memory"),
        ("f-place", "三階の金庫"),
        ("f-acquired-era", "heisei"),
        ("f-acquired-year", "31"),
        ("f-acquired-month", "5"),
        ("f-acquired-day", "1"),
        ("f-highest-c", "3"),
    ];
    let reply = send(&mut browser, "/registers/medium", &fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = reply.text();
    for id in ["f-number-error", "f-acquired-error", "f-highest-error"] {
        assert!(text.contains(id), "{id}: {text}");
    }
    for kept in ["三階の金庫", "value=\"31\"", "href=\"#f-number\""] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert!(
        house
            .app
            .world()
            .registers
            .is_empty(sekisho_domain::register::Register::Medium)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_entries_never_share_a_number_and_the_other_is_named() {
    let (house, section, [isso, ..]) = staffed().await;
    let mut browser = house.signed_in(isso);
    medium(&mut browser, section, "USB-1", "金庫").await;
    let unit = section.to_string();
    let fields = [
        ("f-unit", unit.as_str()),
        ("f-number", "ＵＳＢ－1"),
        ("f-kind", "tape"),
    ];
    let reply = send(&mut browser, "/registers/medium", &fields).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = reply.text();
    assert!(
        text.contains("f-number-error") && text.contains("USB-1"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_shows_in_the_history_and_a_stale_one_is_refused() {
    let (house, section, [isso, ..]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let path = medium(&mut browser, section, "USB-1", "金庫").await;
    let unit = section.to_string();
    let change = |place: &'static str, expected: &'static str| {
        vec![
            ("f-unit", unit.as_str()),
            ("f-number", "USB-1"),
            ("f-kind", "usb_memory"),
            ("f-encrypted", "yes"),
            ("f-place", place),
            ("expected", expected),
            ("remark", "点検のため移した"),
        ]
    };
    let to = format!("{path}/change");
    let form = browser.get(&to).await.text();
    assert!(form.contains("name=\"expected\" value=\"1\""), "{form}");
    let done = send(&mut browser, &to, &change("棚", "1")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let page = browser.get(&path).await.text();
    for shown in ["<del", "金庫", "棚", "点検のため移した", "isso"] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let stale = send(&mut browser, &to, &change("床", "1")).await;
    assert_eq!(stale.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(stale.text().contains("床"), "what was entered is lost");
    let again = browser.get(&path).await.text();
    assert!(!again.contains("床"));
}

#[tokio::test(flavor = "multi_thread")]
async fn retiring_asks_first_and_can_be_undone() {
    let (house, section, [isso, ..]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let path = medium(&mut browser, section, "USB-1", "金庫").await;
    let (retire, restore) = (format!("{path}/retire"), format!("{path}/restore"));
    let unsure = send(&mut browser, &retire, &[("expected", "1")]).await;
    assert_eq!(unsure.status, StatusCode::UNPROCESSABLE_ENTITY);
    let sure = [("expected", "1"), ("confirmed", "yes")];
    let done = send(&mut browser, &retire, &sure).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let list = |text: String| text.contains(&path);
    assert!(!list(browser.get("/registers/medium").await.text()));
    assert!(list(
        browser.get("/registers/medium?state=retired").await.text()
    ));
    let done = send(&mut browser, &restore, &[("expected", "2")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert!(list(browser.get("/registers/medium").await.text()));
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_sees_what_the_gate_lets_them_see() {
    let (house, section, [isso, diso, staff]) = staffed().await;
    let elsewhere = house.unit("会計課").await;
    let mut keeper = house.signed_in(isso);
    let device = |unit: UnitId, asset: &'static str| (unit.to_string(), asset);
    for (unit, asset) in [device(section, "PC-1"), device(elsewhere, "PC-2")] {
        let fields = [
            ("f-unit", unit.as_str()),
            ("f-asset", asset),
            ("f-form", "notebook"),
        ];
        let done = send(&mut keeper, "/registers/issued_device", &fields).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    }
    let seen = |text: &str| [text.contains("PC-1"), text.contains("PC-2")];
    let path = "/registers/issued_device";
    assert_eq!(seen(&keeper.get(path).await.text()), [true, true]);
    let mut chief = house.signed_in(diso);
    assert_eq!(seen(&chief.get(path).await.text()), [true, false]);
    let mut member = house.signed_in(staff);
    assert_eq!(seen(&member.get(path).await.text()), [false, false]);
    // What is not in sight cannot be asked for by its id either.
    let text = keeper.get(&format!("{path}?q=PC-2")).await.text();
    let (_, rest) = text
        .split_once("href=\"/registers/issued_device/dev_")
        .unwrap();
    let other = format!("{path}/dev_{}", rest.split('"').next().unwrap());
    assert_eq!(chief.get(&other).await.status, StatusCode::FORBIDDEN);
    // Nor does a member of the staff keep the register.
    assert_eq!(
        member.get("/registers/medium/new").await.status,
        StatusCode::FORBIDDEN
    );
    let unit = section.to_string();
    let fields = [
        ("f-unit", unit.as_str()),
        ("f-number", "X"),
        ("f-kind", "tape"),
    ];
    let refused = send(&mut member, "/registers/medium", &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // The incidents are for those who deal with them.
    assert_eq!(
        member.get("/registers/incident").await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_concern_does_not_name_its_author_to_the_section_officer() {
    let (house, section, [_, diso, staff]) = staffed().await;
    let mut member = house.signed_in(staff);
    let unit = section.to_string();
    let fields = [
        ("f-unit", unit.as_str()),
        ("f-kind", "device"),
        ("f-anonymous", "yes"),
        ("remark", "画面をのぞかれた気がします。"),
    ];
    let done = send(&mut member, "/registers/concern", &fields).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let path = done.header("location").to_owned();
    let own = member.get(&path).await.text();
    assert!(own.contains("画面をのぞかれた"), "{own}");
    let mut chief = house.signed_in(diso);
    let page = chief.get(&path).await.text();
    assert!(page.contains("画面をのぞかれた"), "{page}");
    let (_, history) = page.split_once("id=\"history\"").unwrap();
    assert!(!history.contains("staff"), "{history}");
    // Without words there is nothing to answer.
    let silent = send(&mut member, "/registers/concern", &fields[..3]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text().contains("remark-error"), "{}", silent.text());
}

#[test]
fn every_field_and_choice_of_every_register_has_its_words() {
    use sekisho_domain::field::FieldKind;
    use sekisho_domain::register::Register;
    let mut missing = Vec::new();
    for register in Register::ALL {
        let words = Words::register(register.code());
        let mut said = vec![
            words.lead(Lang::Ja),
            words.to_enter(Lang::Ja),
            words.empty(Lang::Ja),
            words.label(Lang::Ja, "unit"),
        ];
        if register.needs_words() {
            said.push(words.account(Lang::Ja));
        }
        for field in register.fields() {
            said.push(words.label(Lang::Ja, field.code));
            if let FieldKind::Choice(codes) = field.kind {
                said.extend(
                    codes
                        .iter()
                        .map(|code| words.choice(Lang::Ja, field.code, code)),
                );
            }
        }
        assert!(contains(&register.name_key()), "{}", register.name_key());
        missing.extend(said.into_iter().filter(|it| it.starts_with('[')));
    }
    assert!(missing.is_empty(), "{missing:?}");
}
