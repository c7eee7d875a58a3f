//! The pages of permits: each of the fourteen kinds from application to close, deciding, deputies.

use axum::http::StatusCode;
use sekisho_domain::permit::{Obligation, PermitKind, Status};
use sekisho_domain::role::Role;
use sekisho_messages::{Lang, contains, text};
use sekisho_server::console::fields::Words;

use super::house::Browser;
use super::permit_section::{Section, borrowed, send, went};

/// Whether a page says all of something.
async fn says(browser: &mut Browser<'_>, path: &str, all: &[&str]) -> bool {
    let page = browser.get(path).await.text();
    all.iter().all(|it| page.contains(it))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_kind_runs_from_application_to_close() {
    let section = Section::new().await;
    for kind in PermitKind::ALL {
        let path = section.applied(*kind).await;
        assert_eq!(section.status(&path), Status::Applied);
        let decider = section.decider(*kind);
        let mut officer = section.house.signed_in(decider.1);
        let waiting = officer.get("/permits/waiting").await.text();
        assert!(waiting.contains(&path), "{kind:?}: {waiting}");
        let page = officer.get(&path).await.text();
        for shown in ["出張先で資料を作成するため", "value=\"approve\"", "staff"] {
            assert!(page.contains(shown), "{kind:?}: {shown}");
        }
        let subject = format!("permits.paper_subject.{}", kind.code());
        let subject = text(Lang::Ja, subject, &[]);
        let form = format!("{path}/form");
        let application = [&format!("{subject}申請書"), "許可 ・ 不許可 ・ 差戻し"];
        let given = [&format!("{subject}許可書"), "令和8年度第1号", "遵守事項"];
        assert!(says(&mut officer, &form, &application).await, "{kind:?}");
        went(&section.decided(&path, decider, "approve", "").await);
        assert_eq!(section.status(&path), Status::Approved);
        assert!(says(&mut officer, &form, &given).await, "{kind:?}");
        let duties = !section.permit(&path).grant().unwrap().owed.is_empty();
        let open = says(&mut officer, &form, &["paper-open"]).await;
        assert_eq!(open, duties, "{kind:?}");
        went(&section.done(&path, section.staff, "activate", &[]).await);
        assert_eq!(section.status(&path), Status::Active);
        let page = section
            .house
            .signed_in(section.staff.1)
            .get(&path)
            .await
            .text();
        assert!(page.contains("令和8年度第1号"), "{kind:?}: {page}");
        went(&section.done(&path, section.staff, "return", &[]).await);
        for duty in Obligation::ALL {
            let owed = section.permit(&path).grant().unwrap().owed;
            if owed.contains(*duty) {
                let who = if duty.is_stated_by_the_applicant() {
                    section.staff
                } else {
                    section.isso
                };
                went(
                    &section
                        .done(&path, who, duty.code(), &[("remark", "確認した")])
                        .await,
                );
            }
        }
        assert_eq!(section.status(&path), Status::Closed, "{kind:?}");
        assert!(!says(&mut officer, &form, &["paper-open"]).await);
    }
}

/// The form for one's own device once offered issued ones, too.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_offers_the_devices_that_its_kind_is_about() {
    let section = Section::new().await;
    let mut browser = section.house.signed_in(section.staff.1);
    let own = "value=\"".to_owned() + &section.byod.to_string();
    let issued = "value=\"".to_owned() + &section.issued.to_string();
    for (kind, offered) in [
        ("pb", [true, false]),
        ("po", [false, true]),
        ("pi", [false, true]),
        ("pr", [true, true]),
    ] {
        let page = browser.get(&format!("/permits/new/{kind}")).await.text();
        let found = [page.contains(&own), page.contains(&issued)];
        assert_eq!(found, offered, "{kind}: {page}");
    }
}

/// Lists named software by the system or device on which it was to run, and pages said of a device
/// that its reader may not look up nothing at all.
#[tokio::test(flavor = "multi_thread")]
async fn a_permit_says_by_name_what_it_is_about() {
    let section = Section::new().await;
    let path = section.applied(PermitKind::Software).await;
    let mut staff = section.house.signed_in(section.staff.1);
    assert!(says(&mut staff, "/permits", &["図表作成"]).await);
    assert!(section.permit(&path).particulars.kind() == PermitKind::Software);
    // Whoever decides on an exception may not look devices up, and reads of which one it is.
    let mut form = section.form(PermitKind::Exception);
    form.push(("f-device", section.issued.to_string()));
    let done = send(&mut staff, "/permits/new/pe", &borrowed(&form)).await;
    let path = done.header("location").to_owned();
    let mut officer = section.house.signed_in(section.exceptions.1);
    let devices = officer.get(&format!("/devices/{}", section.issued)).await;
    assert_eq!(devices.status, StatusCode::FORBIDDEN);
    let page = officer.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.text().contains("閲覧権限なし"), "{}", page.text());
}

/// An empty list once left it to the applicant to find out who fills it.
#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_nothing_to_choose_the_form_says_who_enters_it() {
    let house = super::house::House::founded().await;
    let unit = house.unit("総務課").await;
    let (_, account) = house.officer("member", unit, Role::Staff).await;
    let mut browser = house.signed_in(account);
    let page = browser.get("/permits/new/pt").await.text();
    assert!(
        page.contains("「テレワークの対象業務」への登録は、"),
        "{page}"
    );
    assert!(page.contains("課室情報セキュリティ責任者"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_would_decide_is_told_before_applying_and_faults_keep_what_was_entered() {
    let section = Section::new().await;
    let mut browser = section.house.signed_in(section.staff.1);
    let mut form = section.form(PermitKind::OffSite);
    form.push(("look", "route".to_owned()));
    let page = send(&mut browser, "/permits/new/pi", &borrowed(&form)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(
        page.text().contains("diso") && page.text().contains("US-8.1.1-3-h-ア"),
        "{}",
        page.text()
    );
    assert!(section.house.app.world().permits.is_empty());
    let faulty = [
        ("f-place", "controlled"),
        ("f-device", form[0].1.as_str()),
        ("f-term_from", "2026-12-20"),
        ("f-term_until", "H31.5.1"),
        ("remark", "残る文章"),
    ];
    let page = send(&mut browser, "/permits/new/pi", &faulty).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = page.text();
    for shown in [
        "残る文章",
        "f-grade-error",
        "f-term_until-error",
        "value=\"H31.5.1\"",
    ] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_back_is_changed_and_what_is_refused_says_why() {
    let section = Section::new().await;
    let path = section.applied(PermitKind::TakeOut).await;
    let silent = section.decided(&path, section.isso, "send_back", "").await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(silent.text().contains("remark-error"));
    went(
        &section
            .decided(&path, section.isso, "send_back", "行き先を具体的に")
            .await,
    );
    let mut staff = section.house.signed_in(section.staff.1);
    let page = staff.get(&path).await.text();
    assert!(
        page.contains("行き先を具体的に") && page.contains("/change"),
        "{page}"
    );
    let form = staff.get(&format!("{path}/change")).await.text();
    assert!(form.contains("出張先で資料を作成するため"), "{form}");
    let mut again = section.form(PermitKind::TakeOut);
    again[1].1 = "trip_abroad".to_owned();
    went(&send(&mut staff, &format!("{path}/change"), &borrowed(&again)).await);
    let page = staff.get(&path).await.text();
    assert!(
        page.contains("<del") && page.contains("国外の出張先"),
        "{page}"
    );
    went(
        &section
            .decided(&path, section.isso, "refuse", "国外への持ち出しは認めない")
            .await,
    );
    assert_eq!(section.status(&path), Status::Refused);
    assert!(staff.get("/permits").await.text().contains(&path));
    let refusal = staff.get(&format!("{path}/form")).await.text();
    assert!(refusal.contains("不許可通知書") && refusal.contains("国外への持ち出しは認めない"));
    assert!(!refusal.contains("遵守事項") && !refusal.contains("paper-open"));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_route_decides_and_a_stale_page_decides_nothing() {
    let section = Section::new().await;
    let path = section.applied(PermitKind::TakeOut).await;
    for other in [section.staff, section.diso, section.exceptions] {
        let reply = section.decided(&path, other, "approve", "").await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN);
    }
    let mut stranger = section.house.signed_in(section.exceptions.1);
    assert_eq!(stranger.get(&path).await.status, StatusCode::FORBIDDEN);
    let mut officer = section.house.signed_in(section.isso.1);
    let stale = [("expected", "7"), ("act", "approve")];
    let reply = send(&mut officer, &format!("{path}/decide"), &stale).await;
    assert_eq!(
        reply.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        reply.text()
    );
    assert_eq!(section.status(&path), Status::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_ticked_is_approved_and_the_rest_named() {
    let section = Section::new().await;
    let one = section.applied(PermitKind::Line).await;
    let two = section.applied(PermitKind::TakeOut).await;
    let value = |path: &str| format!("{}:1", path.strip_prefix("/permits/").unwrap());
    let (first, second) = (value(&one), value(&two).replace(":1", ":9"));
    let mut officer = section.house.signed_in(section.isso.1);
    let ticked = [("permit", first.as_str()), ("permit", second.as_str())];
    let reply = send(&mut officer, "/permits/waiting", &ticked).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        reply.text().contains("1件を許可しました"),
        "{}",
        reply.text()
    );
    assert_eq!(section.status(&one), Status::Approved);
    assert_eq!(section.status(&two), Status::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permit_is_held_let_go_extended_and_revoked() {
    let section = Section::new().await;
    let path = section.applied(PermitKind::Telework).await;
    let conditions = [
        ("act", "approve"),
        ("f-term_until", "2026-12-10"),
        ("f-two_persons", "yes"),
    ];
    let mut chief = section.house.signed_in(section.diso.1);
    went(&send(&mut chief, &format!("{path}/decide"), &conditions).await);
    assert!(chief.get(&path).await.text().contains("2人で取り扱う"));
    went(&section.done(&path, section.staff, "activate", &[]).await);
    went(
        &section
            .done(&path, section.diso, "suspend", &[("f-cause", "incident")])
            .await,
    );
    assert_eq!(section.status(&path), Status::Suspended);
    went(&section.done(&path, section.diso, "resume", &[]).await);
    let later = [
        ("f-extend_until", "2027-01-31"),
        ("remark", "作業が続くため"),
    ];
    went(
        &section
            .done(&path, section.staff, "extension", &later)
            .await,
    );
    assert!(
        chief
            .get("/permits/waiting")
            .await
            .text()
            .contains("延長の申請中")
    );
    went(&section.decided(&path, section.diso, "extend", "").await);
    assert!(section.permit(&path).asked_until().is_none());
    went(
        &section
            .done(
                &path,
                section.diso,
                "revoke",
                &[("remark", "業務が終わったため")],
            )
            .await,
    );
    assert_eq!(section.status(&path), Status::Closed);
    let nothing = chief.get(&format!("{path}/revoke")).await;
    assert_eq!(nothing.status, StatusCode::CONFLICT, "{}", nothing.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_in_decides_and_the_chief_views_it_later() {
    let section = Section::new().await;
    let deputy = section
        .house
        .officer("deputy", section.unit, Role::Staff)
        .await;
    let mut chief = section.house.signed_in(section.diso.1);
    assert_eq!(chief.get("/permits/deputies").await.status, StatusCode::OK);
    let post = section.post(section.diso);
    let person = deputy.0.to_string();
    let named = [
        ("f-post", post.as_str()),
        ("f-person", person.as_str()),
        ("f-absence", "leave"),
        ("f-term_from", "2026-11-01"),
        ("f-term_until", "2026-12-31"),
    ];
    went(&send(&mut chief, "/permits/stand-ins", &named).await);
    assert!(
        chief
            .get("/permits/deputies")
            .await
            .text()
            .contains("deputy")
    );
    let path = section.applied(PermitKind::Telework).await;
    went(&section.decided(&path, deputy, "approve", "").await);
    let page = chief.get(&path).await.text();
    assert!(page.contains("（代決）"), "{page}");
    assert!(chief.get("/permits/waiting").await.text().contains(&path));
    went(&section.done(&path, section.diso, "view", &[]).await);
    assert!(section.permit(&path).to_view.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_decides_and_the_rules_are_settled_by_the_head() {
    let section = Section::new().await;
    let (post, to) = (section.post(section.diso), section.post(section.isso));
    let mut head = section.house.signed_in(section.hiso.1);
    let made = [
        ("f-post", post.as_str()),
        ("f-to", to.as_str()),
        ("f-kinds", "pt"),
        ("f-term_from", "2026-11-01"),
    ];
    went(&send(&mut head, "/permits/delegations", &made).await);
    let path = section.applied(PermitKind::Telework).await;
    went(&section.decided(&path, section.isso, "approve", "").await);
    let rules = [
        ("f-approver_po", "diso"),
        ("f-approver_pp", "isso"),
        ("f-approver_pv", "hiso"),
        ("f-by_half", "yes"),
    ];
    went(&send(&mut head, "/permits/rules", &rules).await);
    let path = section.applied(PermitKind::TakeOut).await;
    went(&section.decided(&path, section.diso, "approve", "").await);
    let page = head.get(&path).await.text();
    assert!(page.contains("令和8年度下半期第1号"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_show_what_the_reader_may_read_and_filter_it() {
    let section = Section::new().await;
    let one = section.applied(PermitKind::Line).await;
    let two = section.applied(PermitKind::Telework).await;
    let mut head = section.house.signed_in(section.hiso.1);
    let all = head.get("/permits/all").await.text();
    assert!(all.contains(&one) && all.contains(&two));
    assert!(all.find(&two) < all.find(&one), "the newest first");
    let some = head.get("/permits/all?kind=pt&status=applied").await.text();
    assert!(!some.contains(&one) && some.contains(&two));
    let none = head.get("/permits/all?status=closed").await.text();
    assert!(!none.contains(&one) && !none.contains(&two));
    let unit = section.unit;
    let within = head.get(&format!("/permits/all?unit={unit}")).await.text();
    assert!(within.contains(&one));
    let last = two.strip_prefix("/permits/").unwrap();
    let older = head.get(&format!("/permits/all?after={last}")).await.text();
    assert!(older.contains(&one) && !older.contains(&two));
    let mut staff = section.house.signed_in(section.staff.1);
    assert_eq!(
        staff.get("/permits/all").await.status,
        StatusCode::FORBIDDEN
    );
}

#[test]
fn every_field_and_choice_of_every_kind_has_its_words() {
    use sekisho_domain::field::{FieldKind, Noun};
    let conditions = sekisho_domain::permit::Conditions::FIELDS;
    let kinds = PermitKind::ALL
        .iter()
        .map(|kind| (kind.code(), kind.fields()));
    let mut missing = Vec::new();
    for (noun, fields) in kinds.chain([("conditions", conditions)]) {
        let words = Words::permit(noun);
        for field in fields {
            let mut said = vec![words.label(Lang::Ja, field.code)];
            if let FieldKind::Choice(codes) = field.kind {
                said.extend(
                    codes
                        .iter()
                        .map(|code| words.choice(Lang::Ja, field.code, code)),
                );
            }
            missing.extend(said.into_iter().filter(|it| it.starts_with('[')));
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
    for kind in PermitKind::ALL {
        assert!(contains(&format!("permits.kind.{}_help", kind.code())));
    }
}
