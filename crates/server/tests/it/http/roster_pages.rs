//! What the pages of a file say beside its rows: posts that a list leaves vacant, and other sheets.

use axum::http::StatusCode;
use sekisho_domain::role::Role;
use sekisho_tabular::{Cell, Sheet, xlsx};

use super::imports::{act, brought_to, confirmed, result};
use super::rosters::peopled;

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
