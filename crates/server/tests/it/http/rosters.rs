//! Units, posts, people and lists of moves from files and to them.

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::authorise::Denied;
use sekisho_domain::id::{PersonId, UnitId};
use sekisho_domain::mapping::Mapping;
use sekisho_domain::moves::MoveKind;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_messages::Lang;
use sekisho_server::tables::{
    FileFormat, Given, Plan, PrepareError, Prepared, TableOf, commit, export, prepare,
};
use sekisho_tabular::{Cell, Sheet, xlsx};

use super::house::{Browser, House};
use super::imports::{act, brought_to, confirmed, result};

const UNITS: &str = "部署一覧,,\r\n\
    部署名,フリガナ,上位部署\r\n\
    関所庁,,\r\n\
    会計課,カイケイカ,大臣官房\r\n\
    大臣官房,,\r\n\
    総務課,,大臣官房\r\n\
    総務課,,関所局\r\n\
    関所局,,関所庁\r\n\
    第一係,,関所局/総務課\r\n";

const POSTS: &str = "所属,官職名,役割\r\n\
    大臣官房/総務課,課長,課室情報セキュリティ責任者\r\n\
    関所局/総務課,課長,課室情報セキュリティ責任者; 職員等\r\n\
    会計課,会計課長,diso\r\n\
    会計課,係員,職員等\r\n";

const PEOPLE: &str = "氏名,フリガナ,メールアドレス,所属,官職\r\n\
    髙橋 一郎,たかはし いちろう,ICHIRO@example.org,大臣官房/総務課,大臣官房/総務課/課長\r\n\
    鈴木 次郎,,jiro@example.org,会計課,会計課長; 係員\r\n\
    田中 三郎,,,会計課,\r\n";

/// A house and its head officer.
async fn headed() -> (House, Actor) {
    let house = House::founded().await;
    let (hiso, _) = house.officer("hiso", house.root(), Role::Hiso).await;
    (house, Actor::person(hiso))
}

pub fn looked(house: &House, actor: &Actor, of: TableOf, file: &[u8]) -> Prepared {
    with(house, actor, of, file, &Given::default())
}

fn with(house: &House, actor: &Actor, of: TableOf, file: &[u8], given: &Given) -> Prepared {
    let found = prepare(&house.app, actor, of, (file, given), &|_| ());
    found.unwrap_or_else(|error| panic!("{error:?}"))
}

fn faults(prepared: &Prepared) -> Vec<String> {
    prepared.faults.iter().map(ToString::to_string).collect()
}

/// Rows that are new, that change, and that do not.
fn counts(prepared: &Prepared) -> [usize; 3] {
    [prepared.entered(), prepared.changed(), prepared.unchanged]
}

pub fn loaded(house: &House, actor: &Actor, of: TableOf, file: &[u8]) -> [usize; 3] {
    let prepared = looked(house, actor, of, file);
    assert_eq!(faults(&prepared), Vec::<String>::new());
    let counts = counts(&prepared);
    tokio::task::block_in_place(|| commit(&house.app, actor.clone(), &prepared)).unwrap();
    counts
}

fn written(house: &House, actor: &Actor, of: TableOf, format: FileFormat) -> Vec<u8> {
    let done = export(&house.app, actor, of, (format, Lang::Ja), None);
    done.unwrap_or_else(|error| panic!("{error:?}")).bytes
}

const PLAIN: &str = "csv-utf8";

fn text(house: &House, actor: &Actor, of: TableOf) -> String {
    let format = FileFormat::from_code(PLAIN).unwrap();
    String::from_utf8(written(house, actor, of, format)).unwrap()
}

const ALL: [(TableOf, &str, [usize; 3]); 3] = [
    (TableOf::Units, UNITS, [6, 0, 1]),
    (TableOf::Posts, POSTS, [4, 0, 0]),
    (TableOf::People, PEOPLE, [3, 0, 0]),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_loads_comes_out_and_changes_nothing_when_it_comes_in_again() {
    let (house, actor) = headed().await;
    for (of, file, comes) in ALL {
        assert_eq!(loaded(&house, &actor, of, file.as_bytes()), comes, "{of:?}");
        // What it means stands there now: nothing comes twice.
        let again = looked(&house, &actor, of, file.as_bytes());
        let all: usize = comes.iter().sum();
        assert_eq!(counts(&again), [0, 0, all], "{of:?} {:?}", again.faults);
        for format in FileFormat::ALL {
            let first = written(&house, &actor, of, format);
            let back = looked(&house, &actor, of, &first);
            assert_eq!(faults(&back), Vec::<String>::new(), "{of:?} {format:?}");
            assert_eq!(counts(&back)[..2], [0, 0], "{of:?} {format:?}");
            assert_eq!(written(&house, &actor, of, format), first);
        }
    }
    assert!(text(&house, &actor, TableOf::People).contains("\"ICHIRO@example.org\""));
    // Into a house that knows nothing it comes as it was, identifiers included.
    let (other, head) = headed().await;
    for (of, _, _) in ALL {
        let own: Vec<String> = text(&other, &head, of).lines().map(str::to_owned).collect();
        let table = text(&house, &actor, of);
        let ours = text(&house, &actor, of);
        // The officers of each house are its own.
        let theirs = |line: &str| {
            ["官職\"", "佐藤", "hiso"]
                .iter()
                .any(|it| line.contains(it))
        };
        let rows = ours.lines().skip(1).filter(|line| !theirs(line));
        let ours: Vec<&str> = ours.lines().take(1).chain(rows).collect();
        let file = format!("{}\r\n", ours.join("\r\n"));
        loaded(&other, &head, of, file.as_bytes());
        let after = text(&other, &head, of);
        for line in ours {
            assert!(after.contains(line), "{of:?} {line}\n{table}\n{after}");
        }
        assert!(
            own.iter().all(|line| after.contains(line.as_str())),
            "{of:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_changes_what_differs_and_leaves_the_rest() {
    let (house, actor) = headed().await;
    for (of, file, _) in ALL {
        loaded(&house, &actor, of, file.as_bytes());
    }
    let moved = text(&house, &actor, TableOf::Units).replace("\"第一係\"", "\"第二係\"");
    let moved: Vec<String> = moved
        .lines()
        .map(|line| match line.contains("会計課") {
            true => line.replace("大臣官房", "関所局"),
            false => line.to_owned(),
        })
        .collect();
    let moved = moved.join("\r\n");
    let prepared = looked(&house, &actor, TableOf::Units, moved.as_bytes());
    assert_eq!(faults(&prepared), Vec::<String>::new());
    assert_eq!(counts(&prepared), [0, 2, 4]);
    let before = house.app.world().events;
    loaded(&house, &actor, TableOf::Units, moved.as_bytes());
    assert_eq!(house.app.world().events - before, 2);
    assert!(text(&house, &actor, TableOf::Units).contains("第二係"));
    let married = text(&house, &actor, TableOf::People).replace("鈴木 次郎", "佐々木 次郎");
    assert_eq!(
        loaded(&house, &actor, TableOf::People, married.as_bytes())[..2],
        [0, 1]
    );
    assert!(text(&house, &actor, TableOf::People).contains("佐々木 次郎"));
    // A table without a column says nothing of what it would hold.
    let short = "氏名,メールアドレス,部署\r\n髙橋 一郎,ichiro@example.org,会計課\r\n";
    assert_eq!(
        loaded(&house, &actor, TableOf::People, short.as_bytes()),
        [0, 1, 0]
    );
    assert!(text(&house, &actor, TableOf::People).contains("たかはし いちろう"));
}

/// Tables, and every cell at fault in them.
const BAD: [(TableOf, &str, &[&str]); 9] = [
    (
        TableOf::Units,
        "部署名,上位部署\r\n甲課,乙課\r\n乙課,丙課\r\n丙課,甲課\r\n丁課,どこか\r\n戊課,総務課\r\n",
        &[
            "B2: cell.refers-to-faulty",
            "B3: cell.refers-to-faulty",
            "B4: unit.cycle",
            "B5: cell.unknown-reference",
            "B6: cell.ambiguous-reference",
        ],
    ),
    (
        TableOf::Units,
        "部署名,上位部署\r\n己課,己課\r\n甲課,\r\n甲課,\r\n,\r\n",
        &["A4: row.twice", "B2: unit.cycle"],
    ),
    (
        TableOf::Units,
        "識別子,部署名,上位部署\r\nunt_x,甲課,\r\n",
        &["A2: cell.not-an-id"],
    ),
    (
        TableOf::Posts,
        "所属,官職名,役割\r\nどこか,甲,職員等\r\n会計課,,職員等\r\n会計課,乙,\r\n会計課,丙,国王\r\n",
        &[
            "A2: cell.unknown-reference",
            "B3: cell.missing",
            "C4: cell.missing",
            "C5: cell.unknown-choice",
        ],
    ),
    (
        TableOf::Posts,
        "所属,官職名,役割\r\n会計課,丁,職員等\r\n会計課,丁,職員等\r\n会計課,戊,auditor; ciso\r\n",
        &["A3: row.twice", "C4: appointment.barred-combination"],
    ),
    (
        TableOf::People,
        "氏名,メールアドレス,部署,官職\r\n甲,a@example.org,会計課,\r\n乙,A@example.org,会計課,\r\n丙,mail,会計課,\r\n",
        &["B3: cell.twice", "B4: mail.form"],
    ),
    (
        TableOf::People,
        "氏名,部署,官職\r\n甲,会計課,課長\r\n乙,会計課,国王\r\n丙,会計課,係員; 係員\r\n",
        &[
            "C2: cell.title-of-another-unit",
            "C3: cell.unknown-reference",
            "C4: appointment.overlaps",
        ],
    ),
    (
        TableOf::People,
        "氏名,メールアドレス\r\n甲,a@example.org\r\n",
        &["file.column-missing"],
    ),
    (
        TableOf::Moves,
        "発令区分,職員,現官職,新官職,発令日\r\n転任・配置換,誰か,,会計課長,2099-04-01\r\n転任・配置換,hiso,,,2099-04-02\r\n国替え,hiso,,,H31.5.1\r\n",
        &[
            "A4: cell.unknown-choice",
            "B2: cell.unknown-reference",
            "D3: move.no-new-post",
            "E4: cell.no-such-day",
        ],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_at_fault_is_named_and_nothing_changes() {
    let (house, actor) = headed().await;
    loaded(&house, &actor, TableOf::Units, UNITS.as_bytes());
    loaded(&house, &actor, TableOf::Posts, POSTS.as_bytes());
    let before = house.app.world().events;
    for (of, file, named) in BAD {
        let prepared = looked(&house, &actor, of, file.as_bytes());
        let mut found = faults(&prepared);
        found.sort();
        assert_eq!(found, named, "{of:?} {file}");
        assert!(!prepared.is_ready());
    }
    assert_eq!(house.app.world().events, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_of_one_unit_brings_in_its_people_and_no_others() {
    let (house, actor) = headed().await;
    loaded(&house, &actor, TableOf::Units, UNITS.as_bytes());
    let bureau: UnitId = {
        let world = house.app.world();
        let mut units = world.units.values();
        units
            .find(|it| it.name.ja.as_str() == "大臣官房")
            .unwrap()
            .id
    };
    let (iso, _) = house.officer("iso", bureau, Role::Iso).await;
    let (staff, _) = house.officer("staff", bureau, Role::Staff).await;
    let file = "氏名,部署\r\n甲,会計課\r\n乙,関所局\r\n";
    let iso = Actor::person(iso);
    let prepared = looked(&house, &iso, TableOf::People, file.as_bytes());
    assert_eq!(faults(&prepared), ["A3: authorise.out-of-reach"]);
    let own = "氏名,部署\r\n甲,会計課\r\n";
    assert_eq!(
        loaded(&house, &iso, TableOf::People, own.as_bytes()),
        [1, 0, 0]
    );
    let table = text(&house, &iso, TableOf::People);
    assert!(table.contains("甲") && !table.contains("佐藤"), "{table}");
    for (who, of) in [
        (Actor::person(staff), TableOf::People),
        (Actor::Operator, TableOf::People),
        (Actor::Operator, TableOf::Moves),
        (iso, TableOf::Moves),
    ] {
        let refused = prepare(&house.app, &who, of, (b"a", &Given::default()), &|_| ());
        let no = matches!(refused, Err(PrepareError::Denied(Denied::NoAuthority)));
        assert!(no, "{who:?} {of:?}");
    }
}

/// A house with its units, posts and people.
pub async fn peopled() -> (House, Actor) {
    let (house, actor) = headed().await;
    for (of, file, _) in ALL {
        loaded(&house, &actor, of, file.as_bytes());
    }
    (house, actor)
}

/// 課長 alone once meant nobody's post where two units have one, and that of another unit where only
/// that one has.
#[tokio::test(flavor = "multi_thread")]
async fn a_title_alone_is_the_one_in_the_rows_unit() {
    let (house, actor) = peopled().await;
    let file = "氏名,メールアドレス,所属,官職\r\n\
        来訪 一郎,r1@example.org,関所局/総務課,課長\r\n\
        来訪 二郎,r2@example.org,会計課,課長\r\n\
        来訪 三郎,r3@example.org,関所局/総務課,会計課長\r\n\
        来訪 四郎,r4@example.org,関所局/総務課,次長\r\n";
    let prepared = looked(&house, &actor, TableOf::People, file.as_bytes());
    assert_eq!(
        faults(&prepared),
        [
            "D3: cell.title-of-another-unit",
            "D4: cell.title-of-another-unit",
            "D5: cell.unknown-reference",
        ]
    );
    let first: String = file.split_inclusive('\n').take(2).collect();
    assert_eq!(
        loaded(&house, &actor, TableOf::People, first.as_bytes()),
        [1, 0, 0]
    );
    let world = house.app.world();
    let (_, post) = world
        .posts_held(person(&house, "来訪 一郎"), house.app.now())
        .next()
        .unwrap();
    assert_eq!(
        world.unit_of(person(&house, "来訪 一郎"), house.app.now()),
        Some(post.unit)
    );
}

/// Files of units and people once stood at none of their rows until all were done.
#[tokio::test(flavor = "multi_thread")]
async fn how_far_a_file_is_is_told_while_its_rows_are_looked_through() {
    use std::cell::RefCell;
    use std::fmt::Write as _;

    use sekisho_server::tables::Stage;
    let (house, actor) = peopled().await;
    let (mut people, mut units) = ("氏名,所属\r\n".to_owned(), "部署名\r\n".to_owned());
    for number in 0..1_001 {
        write!(people, "来訪 {number},会計課\r\n").unwrap();
        write!(units, "第{number}室\r\n").unwrap();
    }
    for (of, file) in [(TableOf::People, people), (TableOf::Units, units)] {
        let told = RefCell::new(Vec::new());
        let progress = |stage| {
            if let Stage::Checking { done, of } = stage {
                told.borrow_mut().push((done, of));
            }
        };
        prepare(
            &house.app,
            &actor,
            of,
            (file.as_bytes(), &Given::default()),
            &progress,
        )
        .unwrap();
        assert_eq!(
            told.into_inner(),
            [(0, 1_001), (1_000, 1_001), (1_001, 1_001)],
            "{of:?}"
        );
    }
}

const MOVES: &str = "令和9年4月1日付け発令,,,,\r\n\
    異動区分,氏名,現官職,新官職,新所属\r\n\
    配置換,髙橋　一郎,課長,課長,関所局/総務課\r\n\
    併任,jiro@example.org,,大臣官房/総務課/課長,\r\n\
    併任解除,鈴木次郎,係員,,\r\n\
    退職,田中 三郎,,,\r\n";

fn day(text: &str) -> Timestamp {
    Timestamp::start_of_jst_day(sekisho_domain::time::parse_date(text).unwrap()).unwrap()
}

pub fn person(house: &House, name: &str) -> PersonId {
    let directory = house.app.directory();
    let mut all = directory.iter();
    let found = all.find(|(_, known)| known.name.ja.as_str() == name);
    found.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_moves_names_posts_as_offices_do() {
    let (house, actor) = peopled().await;
    let on = Some(day("2027-04-01"));
    let given = Given { on, mapping: None };
    let prepared = with(&house, &actor, TableOf::Moves, MOVES.as_bytes(), &given);
    assert_eq!(faults(&prepared), Vec::<String>::new());
    let Plan::Moves { at, lines } = &prepared.plan else {
        panic!("{:?}", prepared.plan)
    };
    assert_eq!(*at, day("2027-04-01"));
    let kinds: Vec<MoveKind> = lines.iter().map(|line| line.kind).collect();
    assert_eq!(
        kinds,
        [
            MoveKind::Transfer,
            MoveKind::Concurrent,
            MoveKind::ConcurrentEnd,
            MoveKind::Leave
        ]
    );
    assert_eq!(lines[0].person, person(&house, "髙橋 一郎"));
    // The same title twice: the one that is held, and the one of the new unit.
    assert!(lines[0].from.is_some() && lines[0].from != lines[0].to);
    tokio::task::block_in_place(|| commit(&house.app, actor.clone(), &prepared)).unwrap();
    assert_eq!(house.app.world().moves.all().len(), 1);
    // Without a day nothing can be accepted; the day of another list is named.
    let none = looked(&house, &actor, TableOf::Moves, MOVES.as_bytes());
    assert_eq!(faults(&none), ["moves.day-missing"]);
    let other = "種別,氏名,新官職,発令日\r\n併任,田中 三郎,係員,2027-04-01\r\n併任,髙橋 一郎,係員,R9.4.2\r\n";
    let other = looked(&house, &actor, TableOf::Moves, other.as_bytes());
    assert_eq!(faults(&other), ["D3: cell.other-day"]);
    let past = "種別,氏名,新官職,発令日\r\n併任,田中 三郎,係員,2020-04-01\r\n";
    let past = looked(&house, &actor, TableOf::Moves, past.as_bytes());
    assert_eq!(faults(&past), ["moves.in-past"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_today_holds_from_now_on() {
    let (house, actor) = peopled().await;
    let today = house.app.now().jst_date().to_string();
    let file = format!("種別,氏名,新官職,発令日\r\n併任,田中 三郎,係員,{today}\r\n");
    assert_eq!(
        loaded(&house, &actor, TableOf::Moves, file.as_bytes()),
        [1, 0, 0]
    );
    let world = house.app.world();
    let at = world.moves.all()[0].at;
    assert!(house.app.now() < at && at.jst_date().to_string() == today);
}

/// A workbook with a cover before the table.
fn covered() -> Vec<u8> {
    let mut cover = Sheet::new("表紙");
    cover.rows = vec![vec![Cell::text("部署名"), Cell::text("上位部署")]];
    cover.rows.push(vec![Cell::text("見本課"), Cell::text("")]);
    let mut table = Sheet::new("一覧");
    table.rows = vec![vec![Cell::text("部署名"), Cell::text("上位部署")]];
    table.rows.push(vec![Cell::text("本物課"), Cell::text("")]);
    xlsx::write(&[cover, table]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sheet_is_read_when_it_is_named_and_stays_in_the_mapping() {
    let (house, actor) = headed().await;
    let first = looked(&house, &actor, TableOf::Units, &covered());
    assert_eq!((first.sheet.as_str(), first.sheets.len()), ("表紙", 2));
    let mapping = Mapping {
        sheet: Some("一覧".to_owned()),
        ..Mapping::default()
    };
    let given = Given {
        mapping: Some(mapping),
        on: None,
    };
    let second = with(&house, &actor, TableOf::Units, &covered(), &given);
    assert_eq!(second.sheet, "一覧");
    assert_eq!(second.mapping.sheet.as_deref(), Some("一覧"));
    let Plan::Units(rows) = &second.plan else {
        panic!("{:?}", second.plan)
    };
    assert_eq!(rows[0].name.ja.as_str(), "本物課");
}

async fn shown(browser: &mut Browser<'_>, of: &str, on: &str, file: &[u8]) -> (String, String) {
    let path = format!("/registers/{of}/import");
    let path = brought_to(browser, &path, &[("on", on)], "発令.csv", file).await;
    let page = result(browser, &path).await.text();
    (path, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_moves_is_looked_through_and_confirmed_on_the_pages() {
    let (house, _) = peopled().await;
    let (_, account) = house.officer("second", house.root(), Role::Hiso).await;
    let mut browser = house.signed_in(account);
    let organisation = browser.get("/organisation").await.text();
    assert!(organisation.contains("/organisation/moves"));
    let none = browser.get("/organisation/moves").await.text();
    assert!(none.contains("登録された名簿はありません"), "{none}");
    assert!(none.contains("/registers/moves/import"), "{none}");
    let ask = browser.get("/registers/moves/import").await.text();
    assert!(ask.contains("name=\"on\""), "{ask}");
    let form = browser.get("/registers/moves/export?format=xlsx").await;
    assert_eq!(form.status, StatusCode::OK);
    let (path, page) = shown(&mut browser, "moves", "2027-04-01", MOVES.as_bytes()).await;
    assert!(page.contains("4 件を確認しました"), "{page}");
    assert!(page.contains("関所局/総務課/課長"), "{page}");
    let done = confirmed(&mut browser, &path).await.text();
    assert!(done.contains("登録しました"), "{done}");
    let list = browser.get("/organisation/moves").await.text();
    assert!(
        list.contains("発令日待ち") && list.contains("取り下げる"),
        "{list}"
    );
    let id = house.app.world().moves.all()[0].id;
    let withdraw = format!("/organisation/moves/{id}/withdraw");
    let reply = act(&mut browser, &withdraw, &[]).await;
    assert_eq!(reply.status, StatusCode::SEE_OTHER, "{}", reply.text());
    let list = browser.get("/organisation/moves").await.text();
    assert!(list.contains("取下げ済み"), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_looked_through_with_what_changes_on_the_pages() {
    let (house, actor) = peopled().await;
    let (_, account) = house.officer("second", house.root(), Role::Hiso).await;
    let mut browser = house.signed_in(account);
    for page in ["people", "units"] {
        let list = browser.get(&format!("/organisation/{page}")).await.text();
        assert!(list.contains("/import\""), "{list}");
    }
    let file = text(&house, &actor, TableOf::People).replace("jiro@", "niro@");
    let (path, page) = shown(&mut browser, "person", "", file.as_bytes()).await;
    assert!(
        page.contains("jiro@example.org") && page.contains("niro@example.org"),
        "{page}"
    );
    assert!(page.contains("1 件を確認しました"), "{page}");
    let rows = browser.get(&format!("{path}/rows")).await.text();
    assert!(
        rows.contains("\"jiro@example.org\",\"niro@example.org\""),
        "{rows}"
    );
    confirmed(&mut browser, &path).await;
    assert!(text(&house, &actor, TableOf::People).contains("niro@example.org"));
    for of in ["unit", "post", "person"] {
        let ask = browser.get(&format!("/registers/{of}/import")).await;
        assert_eq!(ask.status, StatusCode::OK, "{of}");
        let out = browser
            .get(&format!("/registers/{of}/export?format=csv"))
            .await;
        assert_eq!(out.status, StatusCode::OK, "{of}");
    }
}
