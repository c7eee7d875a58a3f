//! Counters and gauges in the text form of Prometheus (0.0.4). No names, no addresses, no ids.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderValue, Method, header};
use axum::response::IntoResponse;
use sekisho_domain::verdict::Verdict;
use sekisho_store::observations::LetterEnd;

use super::ctx::{Answer, Ctx};
use super::{health, pages};
use crate::histogram::{DURATIONS, Histogram};
use crate::identity::session::IDLE;
use crate::reconcile;

/// Durations are counted in microseconds and told in seconds.
const MICROS: u64 = 1_000_000;

/// Method and status; together with the route all three are of small, fixed sets.
type Kind = (&'static str, u16);

/// How many requests, and the time spent on them.
type Spent = (u64, Duration);

/// Requests by what they were.
#[derive(Default)]
pub(super) struct Metrics {
    requests: Mutex<BTreeMap<String, BTreeMap<Kind, Spent>>>,
    durations: Durations,
}

/// How long requests took, by class of route.
struct Durations([(&'static str, Histogram); 8]);

impl Default for Durations {
    fn default() -> Self {
        let classes = [
            "page", "submit", "api", "access", "agent", "ledger", "stream", "service",
        ];
        Self(classes.map(|class| (class, Histogram::new(DURATIONS))))
    }
}

/// The class of a route. Streams last as long as the browser stays, and would drown the pages.
fn class(method: &Method, route: &str) -> &'static str {
    let below = |prefix: &str| route.starts_with(prefix);
    match route {
        "/events" => "stream",
        "/healthz" | "/readyz" | "/metrics" | "unmatched" => "service",
        _ if below("/assets/") || below("/language/") => "service",
        _ if below("/api/") => "api",
        _ if below("/access/v1/") || below("/authz/") || below("/.well-known/") => "access",
        _ if below("/agent/") => "agent",
        "/ledger" | "/ledger/verify" if *method == Method::GET => "page",
        _ if below("/ledger/") && *method == Method::GET => "ledger",
        _ if *method == Method::POST => "submit",
        _ => "page",
    }
}

impl Metrics {
    /// Counts a request.
    pub(super) fn request(&self, asked: &Method, route: &str, status: u16, took: Duration) {
        let method = match *asked {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            _ => "other",
        };
        let class = class(asked, route);
        if let Some((_, histogram)) = self.durations.0.iter().find(|(name, _)| *name == class) {
            histogram.took(took);
        }
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let known = match requests.get_mut(route) {
            Some(known) => known,
            None => requests.entry(route.to_owned()).or_default(),
        };
        let (count, sum) = known.entry((method, status)).or_default();
        *count += 1;
        *sum += took;
    }
}

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn value(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, "gauge", help);
        self.value(name, "", value);
    }
}

/// The page for Prometheus.
pub(super) fn show(ctx: &Ctx) -> Answer {
    let mut text = Text(String::new());
    requests(ctx, &mut text);
    durations(ctx, &mut text);
    writer(ctx, &mut text);
    state(ctx, &mut text);
    judgements(ctx, &mut text);
    let mut response = text.0.into_response();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(response)
}

fn requests(ctx: &Ctx, text: &mut Text) {
    let requests = ctx
        .site
        .metrics
        .requests
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    text.family(
        "sekisho_http_requests_total",
        "counter",
        "Requests by method, route and status.",
    );
    let each = || {
        let routes = requests.iter();
        routes
            .flat_map(|(route, kinds)| kinds.iter().map(move |(kind, spent)| (route, kind, spent)))
    };
    for (route, (method, status), (count, _)) in each() {
        let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
        text.value("sekisho_http_requests_total", &labels, count);
    }
    text.family(
        "sekisho_http_seconds_total",
        "counter",
        "Time spent on them.",
    );
    for (route, (method, status), (_, sum)) in each() {
        let labels = format!("{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}");
        text.value("sekisho_http_seconds_total", &labels, sum.as_secs_f64());
    }
}

fn durations(ctx: &Ctx, text: &mut Text) {
    let name = "sekisho_http_request_duration_seconds";
    text.family(name, "histogram", "Time of requests by class of route.");
    for (class, histogram) in &ctx.site.metrics.durations.0 {
        histogram.write(&mut text.0, name, &format!("class=\"{class}\""), MICROS);
    }
}

fn writer(ctx: &Ctx, text: &mut Text) {
    let times = ctx.site.app.writer_times();
    let name = "sekisho_writer_duration_seconds";
    text.family(
        name,
        "histogram",
        "Time of commands in the queue, deciding, and making batches durable.",
    );
    for (step, histogram) in [
        ("queue", &times.queued),
        ("decide", &times.decide),
        ("commit", &times.commit),
    ] {
        histogram.write(&mut text.0, name, &format!("step=\"{step}\""), MICROS);
    }
    let name = "sekisho_writer_batch_commands";
    text.family(name, "histogram", "Commands in a durable batch.");
    times.batch.write(&mut text.0, name, "", 1);
}

fn state(ctx: &Ctx, text: &mut Text) {
    let app = &ctx.site.app;
    text.family("sekisho_ready", "gauge", "Whether each part is ready.");
    for (name, sound) in health::checks(&ctx.site) {
        text.value("sekisho_ready", &label("part", name), u8::from(sound));
    }
    text.gauge(
        "sekisho_ledger_records",
        "Records in the ledger.",
        app.head().size,
    );
    text.gauge("sekisho_alarms", "Alarms in force.", app.alarms().len());
    let name = "sekisho_shell_links_total";
    text.family(
        name,
        "counter",
        "One-time links given to the shell since the start.",
    );
    text.value(name, "", app.shell_links());
    text.gauge(
        "sekisho_people",
        "People registered.",
        app.world().people.len(),
    );
    text.gauge(
        "sekisho_posture_sequence",
        "Newest result taken in.",
        app.posture().sequence(),
    );
    text.gauge(
        "sekisho_posture_devices",
        "Devices with any result.",
        app.posture().len(),
    );
    if let Ok((waiting, _)) = app.observations().waiting() {
        text.gauge(
            "sekisho_outbox_waiting",
            "Checkpoints that wait to leave.",
            waiting,
        );
    }
    letters(ctx, text);
    certificate(ctx, text);
    if let Ok(targets) = reconcile::tally(app) {
        text.family(
            "sekisho_checkpoint_targets",
            "gauge",
            "Targets of checkpoints by kind and state.",
        );
        for ((kind, state), count) in targets {
            let labels = format!("{{kind=\"{kind}\",state=\"{state}\"}}");
            text.value("sekisho_checkpoint_targets", &labels, count);
        }
    }
    if let Ok(sessions) = app.accounts().count_sessions(ctx.now.as_millis(), IDLE) {
        text.gauge("sekisho_sessions", "Sessions in force.", sessions);
    }
}

fn certificate(ctx: &Ctx, text: &mut Text) {
    let Some(standing) = ctx.site.app.certificate() else {
        return;
    };
    let left = standing
        .holds
        .map_or(0, |it| it.until.since(ctx.now).as_millis() / 1000);
    text.gauge(
        "sekisho_certificate_expires_seconds",
        "Until the certificate of this server ends; none is 0.",
        left,
    );
    text.gauge(
        "sekisho_certificate_orders_failed",
        "Orders for another one that failed, in a row.",
        standing.failing.map_or(0, |failing| failing.tries),
    );
}

fn letters(ctx: &Ctx, text: &mut Text) {
    let Ok(letters) = ctx.site.app.observations().letter_tally() else {
        return;
    };
    let name = "sekisho_letters";
    text.family(name, "gauge", "Letters to people by state.");
    text.value(name, &label("state", "waiting"), letters.waiting);
    text.value(name, &label("state", "failing"), letters.failing);
    for (end, count) in LetterEnd::ALL.iter().zip(letters.ended) {
        text.value(name, &label("state", end.code()), count);
    }
    let now = ctx.now.as_millis();
    let oldest = letters.oldest.map_or(0, |at| now.saturating_sub(at) / 1000);
    text.gauge(
        "sekisho_letters_oldest_seconds",
        "Since when the oldest letter waits.",
        oldest.max(0),
    );
}

fn judgements(ctx: &Ctx, text: &mut Text) {
    let app = &ctx.site.app;
    let tally = pages::tally::devices(&app.world());
    text.family("sekisho_devices", "gauge", "Devices by recorded state.");
    let states = [
        ("failing", tally.failing),
        ("unknown", tally.unknown),
        ("sound", tally.sound),
    ];
    for (state, count) in states {
        text.value("sekisho_devices", &label("state", state), count);
    }
    if let Some(assessment) = pages::standing(ctx) {
        text.family("sekisho_rows", "gauge", "Rows of the catalogue by verdict.");
        for verdict in Verdict::ALL {
            let count = assessment
                .rows
                .iter()
                .filter(|r| r.verdict.verdict == verdict)
                .count();
            text.value("sekisho_rows", &label("verdict", verdict.code()), count);
        }
    }
    let assessed = app.world().assessed.as_ref().map(|(at, _)| *at);
    if let Some(at) = assessed {
        let age = ctx.now.since(at).as_millis() / 1000;
        text.gauge(
            "sekisho_assessment_age_seconds",
            "Since the newest assessment.",
            age,
        );
    }
}

fn label(name: &str, value: &str) -> String {
    format!("{{{name}=\"{value}\"}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_route_has_a_class_that_is_counted() {
        let durations = Durations::default();
        for route in crate::http::routes::ROUTES {
            let method = route.method.parse().unwrap();
            let class = class(&method, route.path);
            let known = durations.0.iter().any(|(name, _)| *name == class);
            assert!(known, "{} {}", route.method, route.path);
        }
        assert_eq!(class(&Method::GET, "/ledger"), "page");
        assert_eq!(class(&Method::GET, "/ledger/tile/{*path}"), "ledger");
        assert_eq!(class(&Method::POST, "/ledger/verify"), "submit");
        assert_eq!(class(&Method::POST, "/agent/v1/report"), "agent");
    }
}
