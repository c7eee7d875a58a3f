//! What the pages of a file say beside its rows: posts that a list leaves vacant, and other sheets.

use axum::http::StatusCode;
use sekisho_domain::actor::Actor;
use sekisho_domain::command::{Command, MovesCommand};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_tabular::{Cell, Sheet, xlsx};

use super::imports::{act, brought_to, confirmed, result};
use super::rosters::{peopled, person};

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_moves_says_which_posts_it_leaves_vacant() {
    let (house, _) = peopled().await;
    let (_, account) = house.officer("second", house.root(), Role::Hiso).await;
    let mut browser = house.signed_in(account);
    let path = "/registers/moves/import";
    let day = [("on", "2027-04-01")];
    let left = "異動区分,氏名,現官職,新官職\r\n退職,髙橋 一郎,,\r\n";
    let brought = brought_to(&mut browser, path, &day, "発令.csv", left.as_bytes()).await;
    let page = result(&mut browser, &brought).await.text();
    assert!(page.contains("1 件の官職が空席になります"), "{page}");
    assert!(page.contains("総務課 – 課長</a>"), "{page}");
    // It is known, and can be confirmed all the same.
    assert!(page.contains("1 件を確認しました"), "{page}");
    let followed = format!("{left}併任,鈴木 次郎,,大臣官房/総務課/課長\r\n");
    let brought = brought_to(&mut browser, path, &day, "発令.csv", followed.as_bytes()).await;
    let page = result(&mut browser, &brought).await.text();
    assert!(!page.contains("空席"), "{page}");
    assert!(page.contains("2 件を確認しました"), "{page}");
}

/// Appointments stood in no history, and what a list of moves did was said to be the system's work.
#[tokio::test(flavor = "multi_thread")]
async fn histories_tell_of_appointments_and_of_who_accepted_the_list_behind_them() {
    let (house, _) = peopled().await;
    let (_, account) = house.officer("second", house.root(), Role::Hiso).await;
    let mut browser = house.signed_in(account);
    let path = "/registers/moves/import";
    let tomorrow = house.app.now().after(Span::days(1)).jst_date().to_string();
    let day = [("on", tomorrow.as_str())];
    let rows = "異動区分,氏名,現官職,新官職\r\n併任,鈴木 次郎,,大臣官房/総務課/課長\r\n退職,髙橋 一郎,,\r\n";
    let brought = brought_to(&mut browser, path, &day, "発令.csv", rows.as_bytes()).await;
    result(&mut browser, &brought).await;
    let done = confirmed(&mut browser, &brought).await;
    assert_eq!(done.status, StatusCode::OK);
    let list = {
        let world = house.app.world();
        world.moves.waiting().next().unwrap().id
    };
    house.pass(2 * 86_400_000);
    let carry_out = Command::Moves(Box::new(MovesCommand::CarryOut { list }));
    house.app.command(Actor::System, carry_out).await.unwrap();
    let mut browser = house.signed_in(account);
    let mut told = async |path: String| {
        let page = browser.get(&path).await.text();
        let (_, history) = page.split_once("class=\"history\"").unwrap();
        history.to_owned()
    };
    let (new, gone) = (person(&house, "鈴木 次郎"), person(&house, "髙橋 一郎"));
    let post = {
        let world = house.app.world();
        let held = world.appointments_of[&new].last().copied().unwrap();
        world.appointments[&held].post
    };
    let of_new = told(format!("/organisation/people/{new}")).await;
    let of_gone = told(format!("/organisation/people/{gone}")).await;
    let of_post = told(format!("/organisation/posts/{post}")).await;
    for (history, what) in [
        (&of_new, "<strong>任命</strong>"),
        (&of_new, "総務課 課長"),
        (&of_new, "併任"),
        (&of_gone, "<strong>官職の解除</strong>"),
        (&of_post, "鈴木 次郎"),
        (&of_post, "髙橋 一郎"),
    ] {
        assert!(history.contains(what), "{what}: {history}");
        assert!(history.contains("付け人事異動による"), "{history}");
        assert!(!history.contains("システム"), "{history}");
    }
}

fn book() -> Vec<u8> {
    let empty = Sheet::new("白紙");
    let mut table = Sheet::new("一覧");
    table.rows = vec![vec![Cell::text("部署名"), Cell::text("上位部署")]];
    table.rows.push(vec![Cell::text("本物課"), Cell::text("")]);
    xlsx::write(&[empty, table]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_sheet_holds_no_table_another_one_can_be_chosen() {
    let (house, _) = peopled().await;
    let (_, account) = house.officer("second", house.root(), Role::Hiso).await;
    let mut browser = house.signed_in(account);
    let path = "/registers/unit/import";
    let brought = brought_to(&mut browser, path, &[], "組織.xlsx", &book()).await;
    let page = result(&mut browser, &brought).await.text();
    assert!(page.contains("1 件を確認しました"), "{page}");
    let mapping = format!("{brought}/mapping");
    let chosen = act(&mut browser, &mapping, &[("sheet", "白紙")]).await;
    assert_eq!(chosen.status, StatusCode::SEE_OTHER);
    let page = result(&mut browser, &brought).await.text();
    assert!(page.contains("ほかのシートを読む"), "{page}");
    assert!(page.contains("<option value=\"一覧\">"), "{page}");
    act(&mut browser, &mapping, &[("sheet", "一覧")]).await;
    let page = result(&mut browser, &brought).await.text();
    assert!(page.contains("1 件を確認しました"), "{page}");
    let done = confirmed(&mut browser, &brought).await.text();
    assert!(done.contains("登録しました"), "{done}");
}
