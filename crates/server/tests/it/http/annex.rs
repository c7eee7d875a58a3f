//! The annex of a year's losses: the same seed gives the same figures, on the page and to programs; what is wrong
//! is told at its field, in both languages.

use axum::http::StatusCode;
use sekisho_domain::role::Role;

use super::house::{Browser, House};

const ASKED: &str = "frequency=2&low=10,000&high=5000000&years=2000";

/// What was drawn, as the page tells it.
async fn drawn(browser: &mut Browser<'_>, query: &str) -> String {
    let reply = browser.get(&format!("/risks/annex?{query}")).await;
    assert_eq!(reply.status, StatusCode::OK, "{query}");
    let page = reply.text();
    let (_, section) = page.split_once("id=\"drawn\"").expect("a result");
    section
        .split_once("</section>")
        .expect("its end")
        .0
        .to_owned()
}

#[tokio::test]
async fn the_same_seed_gives_the_same_figures_on_the_page_and_to_programs() {
    let house = House::founded().await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let mut hiso = house.signed_in(hiso);
    let list = hiso.get("/risks").await.text();
    assert!(list.contains("href=\"/risks/annex\""), "{list}");
    let bare = hiso.get("/risks/annex").await.text();
    assert!(!bare.contains("id=\"drawn\"") && bare.contains("name=\"seed\""));
    assert!(bare.contains("何も決定しません") && bare.contains("保存されません"));
    let first = drawn(&mut hiso, &format!("{ASKED}&seed=7")).await;
    assert!(
        first.contains("<svg") && first.contains("乱数の種 7"),
        "{first}"
    );
    let again = drawn(&mut hiso, &format!("{ASKED}&seed=7")).await;
    assert_eq!(again, first);
    let other = drawn(&mut hiso, &format!("{ASKED}&seed=8")).await;
    assert_ne!(other, first);
    // The mean as programs are told it stands on the page, to three figures.
    let told = hiso
        .get(&format!("/api/v1/risks/annex?{ASKED}&seed=7"))
        .await
        .json();
    let mean = told["mean"].as_u64().expect("a mean");
    let three = sekisho_server::risk::three_figures(mean);
    let shown = sekisho_messages::number(i64::try_from(three).unwrap());
    assert!(first.contains(&format!("{shown}円")), "{shown}: {first}");
    hiso.get("/language/en?back=/risks/annex").await;
    let page = hiso
        .get(&format!("/risks/annex?{ASKED}&seed=7"))
        .await
        .text();
    assert!(page.contains("decides nothing") && page.contains(&format!("¥{shown}")));
}

#[tokio::test]
async fn what_is_wrong_is_told_at_its_field_and_nothing_is_drawn() {
    let house = House::founded().await;
    let (_, hiso) = house.officer("hiso", house.root(), Role::Hiso).await;
    let mut hiso = house.signed_in(hiso);
    let wrong = [
        ("frequency=often&low=1&high=2", "frequency", "0から365まで"),
        ("frequency=1&low=0&high=2", "low", "円単位の整数"),
        ("frequency=1&low=3&high=2", "high", "下限より小さく"),
        (
            "frequency=1&low=1&high=2&years=7",
            "years",
            "100から100,000",
        ),
        (
            "frequency=365&low=1&high=2&years=100000",
            "years",
            "200万以下",
        ),
        ("frequency=1&low=1&high=2&seed=-1", "seed", "0以上の整数"),
    ];
    for (query, name, said) in wrong {
        let reply = hiso.get(&format!("/risks/annex?{query}")).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        let page = reply.text();
        assert!(page.contains(&format!("id=\"{name}-error\"")), "{query}");
        assert!(
            page.contains(said) && !page.contains("id=\"drawn\""),
            "{query}"
        );
        let reply = hiso.get(&format!("/api/v1/risks/annex?{query}")).await;
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        let errors = reply.json()["errors"].clone();
        assert_eq!(errors[0]["pointer"], format!("/{name}"), "{query}");
    }
    hiso.get("/language/en?back=/risks/annex").await;
    let page = hiso
        .get("/risks/annex?frequency=1&low=3&high=2")
        .await
        .text();
    assert!(page.contains("less than the least"), "{page}");
}
