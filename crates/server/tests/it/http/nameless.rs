//! Unease told without a name: whatever is stored, logged and counted, it does not say who told it. The way
//! under one's name is looked at with the same eyes first, so that the eyes are known to see.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};

use axum::body::Body;
use axum::http::{StatusCode, header};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use sekisho_domain::role::Role;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::house::{Browser, HOST, House, Reply};

/// What the browser of these tests says of itself, and where it comes from: found nowhere else.
const AGENT: &str = "Unmistakable/7.31 (nameless test)";
const ADDRESS: [u8; 4] = [198, 51, 100, 77];
const WORDS: &str = "会議の画面が見えてしまう席があります。";

/// Everything that is logged, at every level.
static LOG: Mutex<String> = Mutex::new(String::new());

struct Ear;

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Ear {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        span.record(&mut Line(&mut log));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        values.record(&mut Line(&mut log));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = write!(log, "\n{}", event.metadata().target());
        event.record(&mut Line(&mut log));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Ear).expect("no other ear"));
}

/// What was logged since a place. Other tests of this binary run beside: only what is this test's own is
/// looked for in it.
fn heard(since: usize) -> String {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner);
    log[since..].to_owned()
}

fn heard_so_far() -> usize {
    LOG.lock().unwrap_or_else(PoisonError::into_inner).len()
}

/// Every row of every table of every database of a house, as text.
type Rows = BTreeMap<String, BTreeSet<String>>;

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{} {hex}", String::from_utf8_lossy(bytes))
        }
    }
}

fn databases(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            databases(&path, found);
        } else if path.extension().is_some_and(|it| it == "sqlite") {
            found.push(path);
        }
    }
}

fn rows(house: &House) -> Rows {
    let mut files = Vec::new();
    databases(house.app.folder().root(), &mut files);
    assert!(files.len() >= 4, "{files:?}");
    let mut rows = Rows::new();
    for file in files {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(&file, flags).unwrap();
        let mut tables = db
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .unwrap();
        let tables: Vec<String> = tables
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        for table in tables {
            let mut all = db.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
            let width = all.column_count();
            let mut found = all.query([]).unwrap();
            let list = rows.entry(format!("{name}.{table}")).or_default();
            while let Some(row) = found.next().unwrap() {
                let cells: Vec<String> = (0..width)
                    .map(|place| cell(row.get_ref(place).unwrap()))
                    .collect();
                list.insert(cells.join(" | "));
            }
        }
    }
    rows
}

/// The rows that are new, or other than they were, by table.
fn came(before: &Rows, after: &Rows) -> Rows {
    let none = BTreeSet::new();
    let news = after.iter().map(|(table, rows)| {
        let old = before.get(table).unwrap_or(&none);
        (table.clone(), rows.difference(old).cloned().collect())
    });
    news.filter(|(_, rows): &(String, BTreeSet<String>)| !rows.is_empty())
        .collect()
}

fn text_of(rows: &Rows) -> String {
    let all = rows.iter();
    all.map(|(table, rows)| format!("{table}: {rows:?}\n"))
        .collect()
}

async fn get(browser: &mut Browser<'_>, path: &str) -> Reply {
    let request = browser
        .request("GET", path)
        .header(header::USER_AGENT, AGENT)
        .body(Body::empty())
        .unwrap();
    browser.send(request).await
}

async fn post(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> Reply {
    let encode = sekisho_server::console::layout::percent_encode;
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    let request = browser
        .request("POST", path)
        .header(header::USER_AGENT, AGENT)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, format!("http://{HOST}"))
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(pairs.join("&")))
        .unwrap();
    browser.send(request).await
}

/// The code of a receipt.
fn code(page: &str) -> String {
    let (_, rest) = page.split_once("id=\"receipt\">").expect("a receipt");
    rest.split('<').next().unwrap().to_owned()
}

/// What tells who told something: looked for in whatever is kept.
struct Needles(Vec<String>);

impl Needles {
    fn in_text(&self, text: &str) -> Vec<String> {
        let found = self.0.iter().filter(|it| text.contains(it.as_str()));
        found.cloned().collect()
    }

    /// That none of them is there.
    fn none_in(&self, what: &str, text: &str) {
        assert_eq!(self.in_text(text), Vec::<String>::new(), "{what}: {text}");
    }
}

/// Tells under one's name: the person stands in the ledger, the session was used, the log tells of it.
async fn by_name(house: &House, browser: &mut Browser<'_>, needles: &Needles, person: &str) {
    house.pass(120_000);
    let (before, since) = (rows(house), heard_so_far());
    let csrf = get(browser, "/concerns/new").await.csrf();
    let fields = [("csrf", csrf.as_str()), ("kind", "place"), ("words", WORDS)];
    let told = post(browser, "/concerns", &fields).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.text());
    let came = came(&before, &rows(house));
    let found = needles.in_text(&text_of(&came));
    assert!(found.iter().any(|it| it == person), "{found:?}");
    let mut tables = came.keys();
    assert!(tables.any(|table| table.contains("session")), "{came:?}");
    assert!(heard(since).contains("route=\"/concerns\""));
}

/// Tells without a name from the same browser, reads the answer and says more; the code.
async fn without(browser: &mut Browser<'_>, needles: &Needles) -> String {
    let page = get(browser, "/unease").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(
        !page.text().contains("/sign-out"),
        "nobody is signed in there"
    );
    let fields = [
        ("kind", "place"),
        ("words", WORDS),
        ("unit", "総務課"),
        ("task", "ない業務"),
    ];
    let taken = post(browser, "/unease", &fields).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.text());
    let receipt = code(&taken.text());
    get(browser, "/unease/answer").await;
    let more = [("code", receipt.as_str()), ("words", "ほかの席もです。")];
    let said = post(browser, "/unease/answer", &more).await;
    assert_eq!(said.status, StatusCode::OK, "{}", said.text());
    // What names nothing that is known is kept among the words.
    for words in [WORDS, "ほかの席もです。", "ない業務"] {
        assert!(said.text().contains(words), "{words}: {}", said.text());
    }
    for reply in [&page, &taken, &said] {
        assert!(reply.headers.get(header::SET_COOKIE).is_none());
        needles.none_in("a page", &reply.text());
    }
    receipt
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_without_a_name_leaves_no_trace_of_who_told_it() {
    listen();
    let house = House::founded().await;
    let section = house.unit("総務課").await;
    house.officer("diso", section, Role::Diso).await;
    let (person, account) = house.officer("reporter", section, Role::Staff).await;
    let mut browser = house.signed_in(account);
    browser.address = ADDRESS;
    let [a, b, c, d] = ADDRESS;
    let needles = Needles(vec![
        person.to_string(),
        account.to_string(),
        browser.jar["sekisho-session"].clone(),
        format!("{a}.{b}.{c}.{d}"),
        "Unmistakable".to_owned(),
    ]);
    by_name(&house, &mut browser, &needles, &person.to_string()).await;

    house.pass(120_000);
    let (before, since) = (rows(&house), heard_so_far());
    let receipt = without(&mut browser, &needles).await;
    let after = rows(&house);
    let came_of_it = came(&before, &after);
    let text = text_of(&came_of_it);
    for there in ["concern.told", "concern.said", "nobody"] {
        assert!(text.contains(there), "{there}: {text}");
    }
    needles.none_in("the databases", &text);
    // Nor do the words or the code stand anywhere.
    let whole = text_of(&after);
    for secret in ["会議の画面", receipt.as_str(), &receipt.replace('-', "")] {
        assert!(!whole.contains(secret), "{secret}");
    }
    // Accounts, sessions and sign-ins were not touched, and nothing went: a row that is gone tells too.
    let of_ledger = |table: &&String| table.starts_with("ledger.");
    let allowed = |table: &&String| of_ledger(table) || *table == "people.person_keys";
    let tables: Vec<&String> = came_of_it.keys().collect();
    assert!(tables.iter().all(allowed), "{tables:?}");
    assert!(came(&after, &before).keys().all(|it| of_ledger(&it)));
    let log = heard(since);
    needles.none_in("the log", &log);
    assert!(!log.contains("/unease"), "{log}");
    let metrics = house.browser().get("/metrics").await.text();
    assert!(!metrics.contains("/unease"), "{metrics}");
    needles.none_in("the metrics", &metrics);
    // The browser is signed in all the same.
    assert_eq!(get(&mut browser, "/account").await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_read_by_the_code_alone_and_the_words_can_be_destroyed() {
    let house = House::founded().await;
    let section = house.unit("総務課").await;
    let (_, diso) = house.officer("diso", section, Role::Diso).await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let mut nobody = house.browser();
    let fields = [("kind", "tasks"), ("words", WORDS), ("unit", "総務課")];
    let taken = nobody.post("/unease", &fields).await;
    let receipt = code(&taken.text());
    let wrong = nobody
        .post("/unease/answer", &[("code", "0000-0000-0000-0000-0000")])
        .await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);

    let mut chief = house.signed_in(diso);
    let list = chief.get("/concerns").await.text();
    let (_, rest) = list
        .split_once("href=\"/concerns/cnc_")
        .expect("one that waits");
    let path = format!("/concerns/cnc_{}", rest.split('"').next().unwrap());
    let page = chief.get(&path).await.text();
    assert!(page.contains(WORDS) && page.contains("匿名"), "{page}");
    let csrf = chief.get(&path).await.csrf();
    let answer = [
        ("csrf", csrf.as_str()),
        ("expected", "1"),
        ("words", "席の配置を改めます。"),
    ];
    let silent = chief.post(&format!("{path}/answer"), &answer[..2]).await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = chief.post(&format!("{path}/answer"), &answer).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    let low = receipt.to_lowercase().replace('-', "");
    let read = nobody
        .post("/unease/answer", &[("code", &low)])
        .await
        .text();
    assert!(
        read.contains("席の配置を改めます。") && read.contains("回答済み"),
        "{read}"
    );

    // The head officer destroys the words; what was answered stays.
    let mut hiso = house.signed_in(hiso);
    let csrf = hiso.get(&path).await.csrf();
    let erased = hiso
        .post(
            &format!("{path}/erase"),
            &[("csrf", &csrf), ("confirm", "yes")],
        )
        .await;
    assert_eq!(erased.status, StatusCode::SEE_OTHER, "{}", erased.text());
    let read = nobody
        .post("/unease/answer", &[("code", &receipt)])
        .await
        .text();
    assert!(
        !read.contains(WORDS) && read.contains("席の配置を改めます。"),
        "{read}"
    );
    assert!(!chief.get(&path).await.text().contains(WORDS));
}

#[tokio::test(flavor = "multi_thread")]
async fn reports_without_a_name_are_bounded_and_can_be_turned_off() {
    let house = House::founded().await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let mut nobody = house.browser();
    // A page of another site cannot send the form.
    let foreign = nobody
        .request("POST", "/unease")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, "https://evil.example")
        .body(Body::from("kind=place"))
        .unwrap();
    assert_eq!(nobody.send(foreign).await.status, StatusCode::FORBIDDEN);
    let unsaid = nobody.post("/unease", &[("words", "x")]).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let long = "長".repeat(2001);
    let long = nobody
        .post("/unease", &[("kind", "place"), ("words", &long)])
        .await;
    assert_eq!(long.status, StatusCode::UNPROCESSABLE_ENTITY);
    for _ in 0..30 {
        let taken = nobody.post("/unease", &[("kind", "place")]).await;
        assert_eq!(taken.status, StatusCode::OK);
    }
    // Whoever comes next waits, from wherever they come.
    let mut other = house.browser();
    other.address = [203, 0, 113, 9];
    let many = other.post("/unease", &[("kind", "place")]).await;
    assert_eq!(many.status, StatusCode::TOO_MANY_REQUESTS);
    house.pass(61_000);
    assert_eq!(
        other.post("/unease", &[("kind", "place")]).await.status,
        StatusCode::OK
    );

    let mut hiso = house.signed_in(hiso);
    let csrf = hiso.get("/concerns").await.csrf();
    let off = [("csrf", csrf.as_str()), ("nameless", "no")];
    assert_eq!(
        hiso.post("/concerns/rules", &off).await.status,
        StatusCode::SEE_OTHER
    );
    house.pass(61_000);
    let closed = nobody.get("/unease").await.text();
    assert!(closed.contains("受け付けていません"), "{closed}");
    let refused = nobody.post("/unease", &[("kind", "place")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
}
