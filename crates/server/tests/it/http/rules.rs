//! Rules on the console: drafted, brought in as Markdown, given an opinion, approved by another, read by staff,
//! compared, looked at; and rows that follow.

use std::num::NonZeroU32;

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, RuleCommand};
use sekisho_domain::id::{AccountId, PersonId, RuleId};
use sekisho_domain::name::Line;
use sekisho_domain::role::Role;
use sekisho_domain::rule::{Clause, ClauseNumber, ClauseTerms, ClauseText, RuleContent};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::fresh;
use sekisho_server::assessor::assess_now;

use super::house::{Browser, House, Reply};

struct Officers {
    head: PersonId,
    hiso: AccountId,
    hiso_post: String,
    ciso: AccountId,
    body: AccountId,
    staff: (PersonId, AccountId),
}

async fn officers(house: &House) -> Officers {
    let section = house.unit("総務課").await;
    let (person, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let (_, ciso) = house.officer("ciso", house.root(), Role::Ciso).await;
    let (_, body) = house
        .officer("body", house.root(), Role::PromotionBody)
        .await;
    let staff = house.officer("staff", section, Role::Staff).await;
    let hiso_post = {
        let world = house.app.world();
        let mut held = world.posts_held(person, house.app.now());
        held.next().unwrap().1.id.to_string()
    };
    Officers {
        head: person,
        hiso,
        hiso_post,
        ciso,
        body,
        staff,
    }
}

async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let all = [&[("csrf", csrf.as_str())], fields].concat();
    browser.post(path, &all).await
}

/// Does something that has to go on to another page.
async fn done(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let reply = send(browser, path, fields).await;
    assert_eq!(
        reply.status,
        StatusCode::SEE_OTHER,
        "{path}: {}",
        reply.text()
    );
    reply.header("location").to_owned()
}

async fn refused(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    words: &str,
) -> Reply {
    let reply = send(browser, path, fields).await;
    assert_eq!(
        reply.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{path}: {}",
        reply.text()
    );
    assert!(reply.text().contains(words), "{path}: {}", reply.text());
    reply
}

async fn upload(browser: &mut Browser<'_>, path: &str, file: &str) -> Reply {
    let csrf = browser.get("/account").await.csrf();
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rule.md\"\r\n\r\n{file}\r\n--b--\r\n"
    );
    let request = browser.request("POST", path);
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    browser.send(request.body(body.into()).unwrap()).await
}

const MARKDOWN: &str = "# 会議の利用に関する規程\n\n## 第1条（目的）\n\n会議ツールを安全に使う。\n\n## 第2条（格付）\n\n機密性3の情報を扱わない。\n";

/// A drafted rule with two clauses, the second bound; where it is.
async fn drafted(house: &House, officers: &Officers) -> String {
    let mut hiso = house.signed_in(officers.hiso);
    let head = [
        ("f-title", "会議の利用に関する規程"),
        ("f-owner", officers.hiso_post.as_str()),
        ("f-acknowledge", "yes"),
    ];
    let draft = done(&mut hiso, "/rules/new", &head).await;
    let path = draft.strip_suffix("/draft").unwrap().to_owned();
    let file = format!("{path}/draft/file");
    let wrong = upload(&mut hiso, &file, "# 規程\n前文\n").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.text().contains("2行目"), "{}", wrong.text());
    let taken = upload(&mut hiso, &file, MARKDOWN).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text());
    let clause = format!("{path}/draft/clauses/2");
    let form = hiso.get(&clause).await.text();
    assert!(form.contains("機密性3の情報を扱わない。"), "{form}");
    let both = [
        ("f-label", "第2条（格付）"),
        ("text", "機密性3の情報を扱わない。"),
        ("f-rows", "GOV-4-h"),
        ("f-forbids", "yes"),
        ("f-highest-c", "2"),
        ("f-highest-i", "1"),
        ("f-highest-a", "1"),
    ];
    refused(&mut hiso, &clause, &both, "一緒に指定").await;
    let bound = [
        ("f-label", "第2条（格付）"),
        ("text", "機密性3の情報を扱わない。"),
        ("f-rows", "GOV-4-h"),
    ];
    done(&mut hiso, &clause, &bound).await;
    let page = hiso.get(&draft).await.text();
    assert!(page.contains("GOV-4-h"), "{page}");
    path
}

fn hidden(page: &str, name: &str) -> String {
    let mark = format!("name=\"{name}\" value=\"");
    let at = page.find(&mark).unwrap() + mark.len();
    page[at..].split('"').next().unwrap().to_owned()
}

/// What the page of an opinion carries unseen.
async fn opinion_on(browser: &mut Browser<'_>, path: &str) -> (String, String) {
    let page = browser.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    let page = page.text();
    (hidden(&page, "state"), hidden(&page, "seen"))
}

/// Puts a rule in force; where it is.
async fn in_force(house: &House, officers: &Officers) -> String {
    let path = drafted(house, officers).await;
    let mut hiso = house.signed_in(officers.hiso);
    let mut ciso = house.signed_in(officers.ciso);
    let mut body = house.signed_in(officers.body);
    done(&mut hiso, &format!("{path}/draft/propose"), &[]).await;
    let approve = format!("{path}/draft/approve");
    refused(&mut hiso, &approve, &[], "自分が作成又は提案した規程").await;
    refused(&mut ciso, &approve, &[], "推進体制の意見がまだありません").await;
    let rule = path.rsplit('/').next().unwrap();
    let about = format!("/opinions/{rule}");
    let waiting = body.get("/opinions").await.text();
    assert!(waiting.contains(&about), "{waiting}");
    let (state, seen) = opinion_on(&mut body, &about).await;
    let said = [
        ("state", state.as_str()),
        ("seen", seen.as_str()),
        ("stance", "object"),
        ("sentence", "第2条の例外を定めること"),
    ];
    let silent = [("state", state.as_str()), ("seen", seen.as_str())];
    refused(&mut body, &about, &silent, "一つ選んでください").await;
    assert_eq!(done(&mut body, &about, &said).await, "/opinions");
    refused(&mut ciso, &approve, &[], "異議に対する回答").await;
    let wrong = [("from", "2020-01-01"), ("answer", "急を要するため")];
    refused(&mut ciso, &approve, &wrong, "施行日が正しくありません").await;
    let answered = [("answer", "急を要するため")];
    assert_eq!(done(&mut ciso, &approve, &answered).await, path);
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_drafted_given_an_opinion_approved_and_read() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let mut staff = house.signed_in(officers.staff.1);
    let empty = staff.get("/rules").await;
    assert!(
        empty.text().contains("規程はまだありません"),
        "{}",
        empty.text()
    );
    let path = in_force(&house, &officers).await;
    let draft = format!("{path}/draft");
    assert_eq!(staff.get(&draft).await.status, StatusCode::FORBIDDEN);
    assert_eq!(staff.get("/opinions").await.status, StatusCode::FORBIDDEN);
    let page = staff.get(&path).await.text();
    assert!(
        page.contains("機密性3の情報を扱わない。") && page.contains("読みました"),
        "{page}"
    );
    let acknowledge = format!("{path}/acknowledge");
    done(&mut staff, &acknowledge, &[("version", "1")]).await;
    let twice = send(&mut staff, &acknowledge, &[("version", "1")]).await;
    assert!(twice.status.is_client_error(), "{}", twice.text());
    assert!(staff.get(&path).await.text().contains("確認済み"));
    let answer = {
        let world = house.app.world();
        let weighed = &world.opinions.weighed.last().unwrap().weighed;
        weighed.answer.clone().unwrap()
    };
    assert_eq!(answer.as_str(), "急を要するため");
    let english = staff.get("/language/en?back=/rules").await;
    assert_eq!(english.status, StatusCode::SEE_OTHER);
    assert!(
        staff
            .get(&path)
            .await
            .text()
            .contains("What it is bound to")
    );
}

/// Drafts and proposes a rule with these clauses, under the head of the one in force.
async fn proposed(house: &House, officers: &Officers, rule: RuleId, clauses: Vec<Clause>) {
    let content = {
        let world = house.app.world();
        let mut known = world.rules.documents.values();
        let newest = known.find_map(|it| it.newest()).unwrap();
        let mut head = newest.content.head.clone();
        if !clauses.is_empty() {
            head.title = Line::parse("別の規程").unwrap();
        }
        Box::new(RuleContent { head, clauses })
    };
    let write = RuleCommand::Write {
        rule,
        content,
        expected: None,
    };
    let propose = RuleCommand::Propose {
        rule,
        expected: None,
    };
    for command in [write, propose] {
        let command = Command::Rule(Box::new(command));
        let actor = Actor::person(officers.head);
        house.app.command(actor, command).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_repeal_the_body_sees_what_checks_say_of_what_it_repeals() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let path = in_force(&house, &officers).await;
    let rule: RuleId = path.rsplit('/').next().unwrap().parse().unwrap();
    proposed(&house, &officers, rule, Vec::new()).await;
    let mut body = house.signed_in(officers.body);
    let page = body.get(&format!("/opinions/{rule}")).await.text();
    assert!(page.contains("/requirements/GOV-4-h"), "{page}");
    // Where nothing is bound, that is said before the opinion is given.
    let other = RuleId::new(fresh().unwrap());
    let clause = Clause {
        number: ClauseNumber(NonZeroU32::MIN),
        text: ClauseText::parse("職員等は、互いに助け合う。").unwrap(),
        terms: ClauseTerms::labelled(Line::parse("第1条").unwrap()),
    };
    proposed(&house, &officers, other, vec![clause]).await;
    let page = body.get(&format!("/opinions/{other}")).await.text();
    let told = "要求事項にも点検にも対応付けられていません";
    assert!(page.contains(told), "{page}");
    assert!(!page.contains("/requirements/GOV-4-h"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_compared_and_files_go_round() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let path = in_force(&house, &officers).await;
    let mut hiso = house.signed_in(officers.hiso);
    let saved = hiso.get(&format!("{path}/file?format=md")).await;
    assert_eq!(saved.text(), MARKDOWN);
    let table = hiso
        .get(&format!("{path}/file?format=csv-utf8"))
        .await
        .text();
    let head = [
        ("f-title", "会議の利用に関する規程"),
        ("f-owner", officers.hiso_post.as_str()),
        ("f-acknowledge", "yes"),
    ];
    done(&mut hiso, &format!("{path}/draft/head"), &head).await;
    let file = format!("{path}/draft/file");
    let changed = table.replace("機密性3の", "機密性2以上の");
    assert_ne!(changed, table);
    let taken = upload(&mut hiso, &file, &changed).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.text());
    let again = hiso
        .get(&format!("{path}/file?of=draft&format=csv-utf8"))
        .await;
    assert_eq!(again.text(), changed);
    let compared = hiso.get(&format!("{path}/changes?to=draft")).await.text();
    assert!(
        compared.contains("<del>3</del><ins>2以上</ins>"),
        "{compared}"
    );
    // What was bound stays so.
    let page = hiso.get(&format!("{path}/draft")).await.text();
    assert!(page.contains("GOV-4-h"), "{page}");
    let broken = upload(&mut hiso, &file, &table.replace("第1条（目的）", "")).await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conclusion_rests_on_what_was_counted_and_rows_follow() {
    let house = House::founded().await;
    let officers = officers(&house).await;
    let path = in_force(&house, &officers).await;
    let mut hiso = house.signed_in(officers.hiso);
    let effect = format!("{path}/effect");
    let page = hiso.get(&effect).await.text();
    assert!(
        page.contains("第2条（格付）") && page.contains("結論はまだ"),
        "{page}"
    );
    refused(
        &mut hiso,
        &effect,
        &[("note", "所見")],
        "一つ選んでください",
    )
    .await;
    let wanting = [("finding", "wanting"), ("note", "例外の扱いが明らかでない")];
    done(&mut hiso, &effect, &wanting).await;
    let page = hiso.get(&effect).await.text();
    assert!(page.contains("例外の扱いが明らかでない"), "{page}");
    let file = hiso.get(&format!("{effect}/file")).await;
    assert!(file.text().contains("第2条（格付）"), "{}", file.text());
    let report = {
        let world = house.app.world();
        let document = world.rules.documents.values().next().unwrap();
        document.checked[0].checked.report.blob.clone()
    };
    assert_eq!(report.len(), 64);
    let conflicts = hiso.get("/rules/conflicts").await;
    assert!(
        conflicts.text().contains("矛盾は見つかりませんでした"),
        "{}",
        conflicts.text()
    );
    let assessment = assess_now(&house.app, &Catalogue::builtin().unwrap(), None);
    let verdict = |row: &str| {
        let mut rows = assessment.rows.iter();
        let found = &rows.find(|it| it.id.as_str() == row).unwrap().verdict;
        (found.verdict, found.reason.code.to_string())
    };
    let waits = (Verdict::Unknown, "attestation.missing".to_owned());
    for row in ["GOV-2-a", "GOV-2-e", "GOV-5-a", "GOV-5-b"] {
        assert_eq!(verdict(row), waits, "{row}");
    }
    assert_eq!(verdict("GOV-4-h").1, "rule.being-read");
}
