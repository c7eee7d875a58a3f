//! What every answer has in common: headers, hosts, limits, languages, assets, service checks.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use sekisho_server::http::routes::ROUTES;

use super::house::{HOST, House};

#[tokio::test]
async fn every_answer_carries_its_headers() {
    let house = House::founded().await;
    let mut browser = house.browser();
    let mut paths: Vec<&str> = ROUTES
        .iter()
        .filter(|route| route.method == "GET" && route.path != "/events")
        .map(|route| route.path)
        .collect();
    paths.push("/no/such/page");
    for path in paths {
        let path = path.replace(['{', '}', '*'], "");
        let reply = browser.get(&path).await;
        let policy = reply.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(reply.header(name), value, "{path}");
        }
        assert!(
            reply.header("permissions-policy").contains("camera=()"),
            "{path}"
        );
        assert!(!reply.header("cache-control").is_empty(), "{path}");
        assert_eq!(reply.header("sekisho-request").len(), 16, "{path}");
        let text = reply.text();
        for inline in ["<script>", "style=\"", "onclick=", "javascript:"] {
            assert!(!text.contains(inline), "{path}: {inline}");
        }
    }
}

#[tokio::test]
async fn another_name_gets_nothing() {
    let house = House::founded().await;
    for hosts in [
        &["evil.example"][..],
        &["127.0.0.1"],
        &["127.0.0.1:8421"],
        &[],
        &[HOST, HOST],
    ] {
        let mut request = Request::builder().uri("/sign-in");
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        let reply = house.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(reply.status, StatusCode::MISDIRECTED_REQUEST, "{hosts:?}");
        assert!(!reply.text().contains("csrf"));
    }
    let split = Request::builder()
        .uri("http://evil.example/sign-in")
        .header(header::HOST, HOST);
    let reply = house.send(split.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status, StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let house = House::founded().await;
    let mut browser = house.browser();
    let csrf = browser.get("/sign-in").await.csrf();
    let large = "x".repeat(70 * 1024);
    let reply = browser
        .post("/sign-in", &[("csrf", &csrf), ("login", &large)])
        .await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    let reply = browser
        .get(&format!("/requirements?section={}", "x".repeat(5000)))
        .await;
    assert_eq!(reply.status, StatusCode::URI_TOO_LONG);
    for (path, bytes) in [
        ("/agent/v1/enrol", 9 * 1024),
        ("/agent/v1/report", 9 * 1024 * 1024),
        ("/gateway/v1/enrol", 9 * 1024),
        ("/gateway/v1/report", 33 * 1024 * 1024),
        ("/radius/v1/authorize", 65 * 1024),
        ("/radius/v1/accounting", 65 * 1024),
    ] {
        let request = browser
            .request("POST", path)
            .body(Body::from(vec![b' '; bytes]))
            .unwrap();
        assert_eq!(
            browser.send(request).await.status,
            StatusCode::PAYLOAD_TOO_LARGE,
            "{path}"
        );
    }
    let long = "p".repeat(2000);
    let reply = browser.sign_in("officer", &long).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_refused_question_comes_back_with_the_name_that_it_was_given() {
    let house = House::founded().await;
    for (host, path, status) in [
        // By the guard, before any handler looks at it.
        (
            "evil.example",
            "/access/v1/evaluation",
            StatusCode::MISDIRECTED_REQUEST,
        ),
        // By the handler, and by the router that knows no such method.
        (HOST, "/access/v1/evaluations", StatusCode::UNAUTHORIZED),
        (HOST, "/access/v1/search/subject", StatusCode::UNAUTHORIZED),
        (HOST, "/access/v1/none", StatusCode::NOT_FOUND),
    ] {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header(header::HOST, host)
            .header(header::CONTENT_TYPE, "application/json")
            .header("x-request-id", "question-7");
        let reply = house.send(request.body(Body::from("{}")).unwrap()).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.text());
        assert_eq!(reply.header("x-request-id"), "question-7", "{path}");
    }
    // Nothing else says what it was told.
    let request = Request::builder()
        .uri("/sign-in")
        .header(header::HOST, HOST)
        .header("x-request-id", "question-7");
    let reply = house.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.header("x-request-id"), "");
}

#[tokio::test]
async fn errors_are_pages_in_the_readers_language() {
    let house = House::founded().await;
    let mut browser = house.browser();
    let page = browser.get("/no/such").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("lang=\"ja\"") && page.text().contains("そのページはありません"));
    let request = browser
        .request("GET", "/no/such")
        .header(header::ACCEPT_LANGUAGE, "en-GB,ja;q=0.5");
    let page = browser.send(request.body(Body::empty()).unwrap()).await;
    assert!(page.text().contains("There is no such page"));
    let chosen = browser.get("/language/en?back=/no/such").await;
    assert_eq!(
        (chosen.status, chosen.header("location")),
        (StatusCode::SEE_OTHER, "/no/such")
    );
    assert!(browser.get("/no/such").await.text().contains("lang=\"en\""));
    assert_eq!(
        browser
            .get("/language/en?back=//evil.example")
            .await
            .header("location"),
        "/"
    );
    assert_eq!(
        browser.get("/language/fr").await.status,
        StatusCode::NOT_FOUND
    );
    let wrong = browser.post("/requirements", &[]).await;
    assert_eq!(wrong.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn assets_are_kept_by_what_they_hold() {
    let house = House::new();
    let mut browser = house.browser();
    let sheet = browser.get("/assets/console.css").await;
    assert_eq!(sheet.header("content-type"), "text/css; charset=utf-8");
    let etag = sheet.header("etag").to_owned();
    assert!(etag.starts_with('"'), "{etag}");
    let request = browser
        .request("GET", "/assets/console.css")
        .header(header::IF_NONE_MATCH, &etag);
    let unchanged = browser.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (unchanged.status, unchanged.bytes.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );
    let named = format!("/assets/console.{}.css", etag.trim_matches('"'));
    let named = browser.get(&named).await;
    assert!(named.header("cache-control").contains("immutable"));
    for wrong in ["console.0000000000000000.css", "..", "console.html"] {
        let reply = browser.get(&format!("/assets/{wrong}")).await;
        assert_eq!(reply.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn the_service_says_how_it_is() {
    let house = House::founded().await;
    let mut browser = house.browser();
    assert_eq!(browser.get("/healthz").await.text(), "ok\n");
    let ready = browser.get("/readyz").await;
    assert_eq!(
        (ready.status, ready.text().as_str()),
        (
            StatusCode::OK,
            "writer ok\nclock ok\nfolder ok\nledger ok\n"
        )
    );
    let metrics = browser.get("/metrics").await.text();
    for line in [
        "sekisho_http_requests_total{method=\"GET\",route=\"/readyz\",status=\"200\"} 1",
        "sekisho_ledger_records 8",
        "sekisho_ready{part=\"writer\"} 1",
        "sekisho_people 1",
        "sekisho_sessions 1",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line}\n{metrics}");
    }
    // One-time tokens and names stay out of it.
    browser.get(&format!("/link/{}", "A".repeat(43))).await;
    let metrics = browser.get("/metrics").await.text();
    for line in [
        "sekisho_writer_duration_seconds_bucket{step=\"commit\",le=\"+Inf\"}",
        "sekisho_writer_duration_seconds_count{step=\"queue\"}",
        "sekisho_writer_batch_commands_sum",
        "sekisho_http_request_duration_seconds_count{class=\"service\"}",
    ] {
        let found = metrics.lines().find_map(|l| l.strip_prefix(line));
        let value = found.and_then(|value| value.trim().parse::<u64>().ok());
        assert!(value.is_some_and(|value| value > 0), "{line}\n{metrics}");
    }
    assert!(metrics.contains("route=\"/link/{token}\"") && !metrics.contains("AAAA"));
    house.app.stop();
    let ready = browser.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(ready.text().contains("writer failing"));
}

#[tokio::test]
async fn programs_get_the_stable_form() {
    let house = House::founded().await;
    let mut browser = house.signed_in(house.first_account());
    let status = browser.get("/api/v1/status").await.json();
    assert_eq!(status["profile"], "gov");
    assert_eq!(status["devices"]["all"], 0);
    let assess = browser.get("/api/v1/assess").await.json();
    let rows = assess["rows"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let verdict = row["verdict"].as_str().unwrap();
        assert!(["met", "not_met", "attested", "not_applicable", "unknown"].contains(&verdict));
        assert!(row["id"].is_string() && row["evidence"].is_array());
    }
    assert_eq!(
        browser.get("/api/v1/assess?at=nonsense").await.json()["code"],
        "time.form"
    );
    let anonymous = house.browser().get("/api/v1/assess").await;
    assert_eq!(anonymous.status, StatusCode::UNAUTHORIZED);
}
