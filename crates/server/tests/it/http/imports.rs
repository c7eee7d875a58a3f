//! Table files into registers and out of them, on the pages.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{StatusCode, header};
use sekisho_domain::id::{AccountId, UnitId};
use sekisho_domain::register::Register;
use sekisho_domain::role::Role;
use sekisho_tabular::{Cell, Sheet, xlsx};

use super::house::{Browser, HOST, House, Reply};

const IMPORT: &str = "/registers/issued_device/import";
const BOUNDARY: &str = "----WebKitFormBoundaryTest";

/// A house with two officers for systems and a section.
async fn staffed() -> (House, UnitId, [AccountId; 2]) {
    let house = House::founded().await;
    let section = house.unit("総務課").await;
    let (_, isso) = house.officer("isso", house.root(), Role::Isso).await;
    let (_, other) = house.officer("other", house.root(), Role::Isso).await;
    (house, section, [isso, other])
}

fn multipart(fields: &[(&str, &str)], name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"");
        body.extend(format!("{head}\r\n\r\n{value}\r\n").into_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\""
    );
    body.extend(format!("{head}\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body
}

async fn sent(browser: &mut Browser<'_>, body: Vec<u8>) -> Reply {
    sent_to(browser, IMPORT, body).await
}

async fn sent_to(browser: &mut Browser<'_>, path: &str, body: Vec<u8>) -> Reply {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let request = browser
        .request("POST", path)
        .header(header::CONTENT_TYPE, kind)
        .header(header::ORIGIN, format!("http://{HOST}"))
        .body(Body::from(body))
        .unwrap();
    browser.send(request).await
}

async fn csrf(browser: &mut Browser<'_>) -> String {
    browser.get("/account").await.csrf()
}

/// Brings a file in; what comes back is the path of its pages.
async fn brought(browser: &mut Browser<'_>, profile: &str, name: &str, file: &[u8]) -> String {
    brought_to(browser, IMPORT, &[("profile", profile)], name, file).await
}

/// The same, of another kind of table and with other fields.
pub async fn brought_to(
    browser: &mut Browser<'_>,
    path: &str,
    fields: &[(&str, &str)],
    name: &str,
    file: &[u8],
) -> String {
    let token = csrf(browser).await;
    let fields = [&[("csrf", token.as_str())], fields].concat();
    let body = multipart(&fields, name, file);
    let reply = sent_to(browser, path, body).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    reply.header("location").to_owned()
}

/// The page of what came of it, once the work is over.
pub async fn result(browser: &mut Browser<'_>, path: &str) -> Reply {
    let begun = Instant::now();
    loop {
        let reply = browser.get(path).await;
        if reply.status == StatusCode::SEE_OTHER {
            assert_eq!(reply.header("location"), format!("{path}/result"));
            return browser.get(&format!("{path}/result")).await;
        }
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.text());
        let text = reply.text();
        assert!(text.contains("http-equiv=\"refresh\"") && text.contains("data-poll"));
        assert!(begun.elapsed() < Duration::from_secs(120), "it never ends");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub async fn act(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let token = csrf(browser).await;
    let all = [&[("csrf", token.as_str())], fields].concat();
    browser.post(path, &all).await
}

pub async fn confirmed(browser: &mut Browser<'_>, path: &str) -> Reply {
    let reply = act(browser, &format!("{path}/confirm"), &[("confirmed", "yes")]).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    result(browser, path).await
}

fn devices(house: &House) -> usize {
    house.app.world().registers.len(Register::IssuedDevice)
}

const LEDGER: &str = "情報機器管理台帳,,,,,\r\n\
    機器の番号,所管,種別,製造番号,取得年月日,のぞき見防止フィルターの貸与\r\n\
    Ａ－００１,総務課,ノート型,SN-1,令和8年4月1日,○\r\n\
    A-002,〃,〃,SN-2,R8.4.1,△\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_mapped_looked_through_confirmed_and_stored() {
    let (house, _, [isso, _]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let list = browser.get("/registers/issued_device").await.text();
    assert!(list.contains(IMPORT), "{list}");
    let path = brought(&mut browser, "", "C:\\台帳.csv", LEDGER.as_bytes()).await;
    let page = result(&mut browser, &path).await.text();
    // No heading stands for the number: the page says so and offers the fields.
    assert!(
        page.contains("台帳.csv") && page.contains("資産番号"),
        "{page}"
    );
    assert!(page.contains("必要な列"), "{page}");
    let refused = act(
        &mut browser,
        &format!("{path}/confirm"),
        &[("confirmed", "yes")],
    )
    .await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    assert_eq!(devices(&house), 0);
    let columns = [
        ("h-0", "asset"),
        ("h-1", "@unit"),
        ("h-2", "form"),
        ("h-3", "serial"),
        ("h-4", "acquired"),
        ("h-5", "privacy_filter"),
    ];
    act(&mut browser, &format!("{path}/mapping"), &columns).await;
    let page = result(&mut browser, &path).await.text();
    assert!(
        page.contains("F4") && page.contains("「△」は、はい・いいえ"),
        "{page}"
    );
    assert!(page.contains("name=\"w-privacy_filter-△\""), "{page}");
    let faults = browser.get(&format!("{path}/faults")).await;
    assert!(faults.header("content-type").starts_with("text/csv"));
    assert!(faults.text().contains("\"F4\",\"4\""), "{}", faults.text());
    // What the mark means is said, and the whole is kept under a name.
    let mut fields = columns.to_vec();
    fields.extend([("w-privacy_filter-△", "no"), ("profile", "総務課の台帳")]);
    act(&mut browser, &format!("{path}/mapping"), &fields).await;
    let page = result(&mut browser, &path).await.text();
    assert!(page.contains("2 件を確認しました"), "{page}");
    let bare = act(&mut browser, &format!("{path}/confirm"), &[]).await;
    assert_eq!(bare.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(devices(&house), 0);
    let done = confirmed(&mut browser, &path).await.text();
    assert!(
        done.contains("登録しました") && done.contains("記録"),
        "{done}"
    );
    assert_eq!(devices(&house), 2);
    // A second confirmation stores nothing twice.
    confirmed(&mut browser, &path).await;
    assert_eq!(devices(&house), 2);
    is_read_by_its_profile(&mut browser).await;
}

async fn is_read_by_its_profile(browser: &mut Browser<'_>) {
    // The next file is read by the profile; only what differs is shown, with what changes.
    assert!(browser.get(IMPORT).await.text().contains("総務課の台帳"));
    let next = LEDGER.replace("SN-2", "SN-9");
    let path = brought(browser, "総務課の台帳", "next.csv", next.as_bytes()).await;
    let page = result(browser, &path).await.text();
    assert!(page.contains("SN-2") && page.contains("SN-9"), "{page}");
    assert!(page.contains("1 件を確認しました"), "{page}");
    let rows = browser.get(&format!("{path}/rows")).await.text();
    assert!(rows.contains("\"SN-2\",\"SN-9\""), "{rows}");
    act(browser, &format!("{path}/discard"), &[]).await;
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    let remove = format!("{IMPORT}/profiles/remove");
    let removed = act(browser, &remove, &[("profile", "総務課の台帳")]).await;
    assert_eq!(removed.status, StatusCode::SEE_OTHER);
    assert!(!browser.get(IMPORT).await.text().contains("総務課の台帳"));
}

const PLAIN: &str = "資産番号,所管組織,種別,製造番号\r\nP-1,総務課,ノート型,SN-1\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_meanwhile_is_named_and_nothing_is_half_done() {
    let (house, section, [isso, other]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let path = brought(&mut browser, "", "a.csv", PLAIN.as_bytes()).await;
    result(&mut browser, &path).await;
    confirmed(&mut browser, &path).await;
    let entry = {
        let world = house.app.world();
        let first = world.registers.all(Register::IssuedDevice).next().unwrap();
        first.id.to_string()
    };
    let two = format!(
        "{}P-2,総務課,ノート型,SN-2\r\n",
        PLAIN.replace("SN-1", "SN-7")
    );
    let path = brought(&mut browser, "", "b.csv", two.as_bytes()).await;
    result(&mut browser, &path).await;
    // Another officer changes the same device before it is confirmed.
    let unit = section.to_string();
    let change = [
        ("f-unit", unit.as_str()),
        ("f-asset", "P-1"),
        ("f-form", "tablet"),
        ("expected", "1"),
    ];
    let mut second = house.signed_in(other);
    let changed = act(
        &mut second,
        &format!("/registers/issued_device/{entry}/change"),
        &change,
    )
    .await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.text());
    let page = confirmed(&mut browser, &path).await.text();
    assert!(
        page.contains("登録していません") && page.contains("2 行目:"),
        "{page}"
    );
    assert!(page.contains(&entry), "{page}");
    assert_eq!(devices(&house), 1);
    confirmed(&mut browser, &path).await;
    assert_eq!(devices(&house), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_seen_by_who_brought_it_and_not_for_ever() {
    let (house, section, [isso, other]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let path = brought(&mut browser, "", "a.csv", PLAIN.as_bytes()).await;
    result(&mut browser, &path).await;
    let mut second = house.signed_in(other);
    for page in ["", "/result", "/faults", "/rows"] {
        let reply = second.get(&format!("{path}{page}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{page}");
    }
    for what in ["mapping", "confirm", "discard"] {
        let reply = act(
            &mut second,
            &format!("{path}/{what}"),
            &[("confirmed", "yes")],
        )
        .await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{what}");
    }
    assert_eq!(devices(&house), 0);
    // Not in another register either, and not without the token of the form.
    let elsewhere = path.replace("issued_device", "medium");
    assert_eq!(browser.get(&elsewhere).await.status, StatusCode::NOT_FOUND);
    let forged = sent(&mut browser, multipart(&[("csrf", "x")], "a.csv", b"a")).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let (_, staff) = house.officer("staff", section, Role::Staff).await;
    let mut staff = house.signed_in(staff);
    let token = csrf(&mut staff).await;
    let barred = sent(&mut staff, multipart(&[("csrf", &token)], "a.csv", b"a")).await;
    assert_eq!(barred.status, StatusCode::FORBIDDEN);
    // Three files lie there at most: the first makes room.
    for _ in 0..3 {
        let next = brought(&mut browser, "", "a.csv", PLAIN.as_bytes()).await;
        result(&mut browser, &next).await;
    }
    assert_eq!(browser.get(&path).await.status, StatusCode::NOT_FOUND);
    let last = brought(&mut browser, "", "a.csv", PLAIN.as_bytes()).await;
    result(&mut browser, &last).await;
    house.pass(61 * 60 * 1000);
    let mut later = house.signed_in(isso);
    assert_eq!(later.get(&last).await.status, StatusCode::NOT_FOUND);
}

/// A workbook, cut short.
fn cut() -> Vec<u8> {
    let mut sheet = Sheet::new("台帳");
    sheet.rows = vec![vec![Cell::text("資産番号")]; 200];
    let mut bytes = xlsx::write(&[sheet]).unwrap();
    bytes.truncate(bytes.len() / 2);
    bytes
}

/// A workbook that says of its first part that it unpacks to 4 GiB less one byte.
fn bomb() -> Vec<u8> {
    let mut sheet = Sheet::new("台帳");
    sheet.rows = vec![vec![Cell::text("資産番号")]; 2];
    let mut bytes = xlsx::write(&[sheet]).unwrap();
    let directory = bytes.windows(4).position(|it| it == b"PK\x01\x02").unwrap();
    bytes[directory + 24..directory + 28].copy_from_slice(&[0xFF, 0xFF, 0xFF, 0xFE]);
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_files_are_named_for_what_they_are_and_change_nothing() {
    let (house, _, [isso, _]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let wide = (0..10_000).map(|n| format!("c{n}")).collect::<Vec<_>>();
    let with = |row: &str| format!("資産番号,所管組織,種別,取得年月日\r\n{row}\r\n").into_bytes();
    let hostile = "<script>alert(1)</script>";
    for (file, said) in [
        (cut(), "ファイルが壊れています"),
        (bomb(), "展開すると大きくなりすぎます"),
        (wide.join(",").into_bytes(), "列が多すぎます"),
        (b"\xFF\xFEa\0".to_vec(), "UTF-16"),
        (with("A-1,総務課,ノート型,H31.5.1"), "D2"),
        (with("A-1,総務課,ノート型,R0.1.1"), "D2"),
        (
            with("A-1,総務課,ノート型,\r\nＡ－１,総務課,ノート型,"),
            "A2 にもあります",
        ),
        (with(&format!("A-1,{hostile},ノート型,")), "&lt;script&gt;"),
        (with(&format!("A-1,総務課,{hostile},")), "C2"),
    ] {
        let path = brought(&mut browser, "", "x.xlsx", &file).await;
        let page = result(&mut browser, &path).await.text();
        assert!(page.contains(said), "{said}: {page}");
        assert!(!page.contains("<script>alert"), "{page}");
        assert!(!page.contains("/confirm\""), "{said}");
        act(
            &mut browser,
            &format!("{path}/confirm"),
            &[("confirmed", "yes")],
        )
        .await;
        assert_eq!(devices(&house), 0, "{said}");
    }
    for (file, said) in [
        (&b""[..], "ファイルが空です"),
        (b"", "ファイルが選ばれていません"),
    ] {
        let token = csrf(&mut browser).await;
        let name = if said.contains("選ば") { "" } else { "a.csv" };
        let reply = sent(&mut browser, multipart(&[("csrf", &token)], name, file)).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(reply.text().contains(said), "{}", reply.text());
    }
    let token = csrf(&mut browser).await;
    let large = vec![b'a'; 33 * 1024 * 1024];
    let reply = sent(
        &mut browser,
        multipart(&[("csrf", &token)], "a.csv", &large),
    )
    .await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(reply.text().contains("上限 32 MiB"), "{}", reply.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_register_comes_out_as_it_is_narrowed_and_no_character_is_lost() {
    let (house, _, [isso, _]) = staffed().await;
    let mut browser = house.signed_in(isso);
    let table = "資産番号,所管組織,種別,設置場所\r\n\
        =P-1,総務課,ノート型,三階\r\nP-2,総務課,タブレット,𠮷田の席\r\n";
    let path = brought(&mut browser, "", "a.csv", table.as_bytes()).await;
    result(&mut browser, &path).await;
    confirmed(&mut browser, &path).await;
    assert_eq!(devices(&house), 2);
    let export = "/registers/issued_device/export";
    let list = browser
        .get("/registers/issued_device?form=notebook")
        .await
        .text();
    assert!(
        list.contains("export?format=xlsx&amp;form=notebook"),
        "{list}"
    );
    let all = browser.get(&format!("{export}?format=csv")).await;
    assert_eq!(
        all.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    assert!(all.header("content-disposition").contains("issued_device."));
    let text = all.text();
    assert!(
        text.starts_with('\u{feff}') && text.contains("\"'=P-1\""),
        "{text}"
    );
    assert!(text.contains("𠮷田の席"), "{text}");
    let some = browser
        .get(&format!("{export}?format=csv&form=notebook"))
        .await
        .text();
    assert!(some.contains("=P-1") && !some.contains("P-2"), "{some}");
    let some = browser
        .get(&format!("{export}?format=csv&q=p-2"))
        .await
        .text();
    assert!(!some.contains("=P-1") && some.contains("P-2"), "{some}");
    let book = browser.get(&format!("{export}?format=xlsx")).await;
    assert!(book.bytes.starts_with(b"PK"));
    let lost = browser.get(&format!("{export}?format=csv-cp932")).await;
    assert_eq!(lost.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(lost.text().contains("U+20BB7"), "{}", lost.text());
    let held = browser
        .get(&format!("{export}?format=csv-cp932&form=notebook"))
        .await;
    assert_eq!(held.status, StatusCode::OK);
    let unknown = browser.get(&format!("{export}?format=pdf")).await;
    assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
    // What came out goes in again and changes nothing.
    let path = brought(&mut browser, "", "a.xlsx", &book.bytes).await;
    let page = result(&mut browser, &path).await.text();
    assert!(page.contains("登録されている内容と同じため"), "{page}");
}
