//! The organisation of the year: its officers, its clock, and what they do on the console again and again.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::StatusCode;
use sekisho_domain::access::{Asker, ProxyDoor};
use sekisho_domain::fact::{FactValue, Firewall, Observation, Seen};
use sekisho_domain::id::{SystemId, TaskId};
use sekisho_domain::permit::{PermitKind, Place, Status};
use sekisho_domain::plan::{Case, CaseScope};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::admin::{Answer, Request};
use sekisho_protocol::agent::Report;
use sekisho_rules::catalogue::Catalogue;
use sekisho_rules::decide::{Act, Decision, Denied, Origin, Question};
use sekisho_server::admin::Desk;
use sekisho_server::app::App;
use sekisho_server::assessor::{hold, take_report};
use sekisho_server::plan::evaluate_now;
use sekisho_store::observations::NewDecision;

use super::super::house::{Browser, Reply};
use super::super::permit_section::{Section, Who, borrowed, send, went};

const DAY: i64 = 86_400_000;
/// What stands before the system, as its entry names it.
const PROXY: Option<Asker> = Some(Asker::Proxy(ProxyDoor::ForwardAuth));

/// The organisation, and the moments at which it was looked at.
pub(super) struct Office {
    pub(super) section: Section,
    pub(super) ciso: Who,
    pub(super) colleague: Who,
    /// The promotion body, once there is one.
    pub(super) body: Option<Who>,
    catalogue: Arc<Catalogue>,
    reports: u64,
    moments: Vec<(&'static str, Timestamp)>,
}

/// A row's verdict with the code of its reason.
pub(super) type Said = (String, String);

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let from = format!("name=\"{name}\" value=\"");
    let (_, rest) = page
        .split_once(&from)
        .unwrap_or_else(|| panic!("{name}: {page}"));
    rest.split_once('"').unwrap().0.to_owned()
}

impl Office {
    pub(super) async fn new() -> Self {
        let section = Section::new().await;
        let (root, unit) = (section.house.root(), section.unit);
        Self {
            ciso: section.house.officer("ciso", root, Role::Ciso).await,
            colleague: section.house.officer("colleague", unit, Role::Staff).await,
            section,
            body: None,
            catalogue: Arc::new(Catalogue::builtin().unwrap()),
            reports: 0,
            moments: Vec::new(),
        }
    }

    pub(super) fn app(&self) -> &App {
        &self.section.house.app
    }

    pub(super) fn task(&self) -> TaskId {
        match self.section.entry(Register::Task) {
            EntryId::Task(id) => id,
            other => panic!("{other}"),
        }
    }

    fn system(&self) -> SystemId {
        match self.section.entry(Register::System) {
            EntryId::System(id) => id,
            other => panic!("{other}"),
        }
    }

    /// The day so many days from today, as forms take it.
    pub(super) fn day(&self, days: u32) -> String {
        let at = self.app().now().after(Span::days(days));
        at.jst_date().to_string()
    }

    /// Lets days pass.
    pub(super) fn pass(&self, days: u32) {
        self.section.house.pass(Span::days(days).as_millis());
    }

    pub(super) fn browser(&self, who: Who) -> Browser<'_> {
        self.section.house.signed_in(who.1)
    }

    /// A page that is there.
    pub(super) async fn page(&self, who: Who, path: &str) -> String {
        let page = self.browser(who).get(path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}: {}", page.text());
        page.text()
    }

    /// A page that says this.
    pub(super) async fn shows(&self, who: Who, path: &str, words: &[&str]) {
        let page = self.page(who, path).await;
        for said in words {
            assert!(page.contains(said), "{path} does not say {said}: {page}");
        }
    }

    pub(super) async fn send(&self, who: Who, path: &str, fields: &[(&str, &str)]) -> Reply {
        send(&mut self.browser(who), path, fields).await
    }

    /// Does something that has to go on to another page; where it goes on to.
    pub(super) async fn done(&self, who: Who, path: &str, fields: &[(&str, &str)]) -> String {
        let reply = self.send(who, path, fields).await;
        assert_eq!(
            reply.status,
            StatusCode::SEE_OTHER,
            "{path}: {}",
            reply.text()
        );
        reply.header("location").to_owned()
    }

    /// Is told on the page what is wrong.
    pub(super) async fn told(&self, who: Who, path: &str, fields: &[(&str, &str)], words: &str) {
        let reply = self.send(who, path, fields).await;
        assert_eq!(
            reply.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{path}: {}",
            reply.text()
        );
        assert!(reply.text().contains(words), "{path}: {}", reply.text());
    }

    /// What somebody wants to do with the system from home, or inside.
    pub(super) fn question(&self, who: Who, place: Place, task: Option<TaskId>) -> Question {
        Question {
            person: Some(who.0),
            device: Some(self.section.issued),
            act: Act::Reach {
                system: self.system(),
                part: None,
            },
            origin: Origin { place, line: None },
            task,
            grade: None,
        }
    }

    /// The rules about risks that forbid the task from home now; it is the decision point that answers, and
    /// its answer is kept.
    pub(super) fn risks_named(&self) -> Vec<String> {
        let home = Place::OutsideOrganisation;
        let question = self.question(self.section.staff, home, Some(self.task()));
        let decision = self.app().decide_for(PROXY, &question);
        tokio::task::block_in_place(|| self.app().keep_decisions()).unwrap();
        let Decision::Deny(Denied::Missing(missing)) = decision else {
            panic!("{decision:?}");
        };
        let about = missing.into_iter().filter(|it| !it.risks.is_empty());
        about.map(|it| it.rule.id.clone()).collect()
    }

    /// The rules by which somebody is refused the system inside now; none where they are let through. It is the
    /// decision point that answers, and its answer is kept.
    pub(super) fn refused_inside(&self, who: Who) -> Vec<String> {
        let question = self.question(who, Place::ControlledArea, None);
        let decision = self.app().decide_for(PROXY, &question);
        tokio::task::block_in_place(|| self.app().keep_decisions()).unwrap();
        match decision {
            Decision::Allow(_) => Vec::new(),
            Decision::Deny(Denied::Missing(missing)) => {
                missing.into_iter().map(|it| it.rule.id.clone()).collect()
            }
            Decision::Deny(denied) => panic!("{denied:?}"),
        }
    }

    /// Answers that let somebody through on each of the last days, as an enforcement point once got them.
    pub(super) fn used(&self, who: Who, place: Place, days: i64) {
        let question = self.question(who, place, None);
        let text = serde_json::to_string(&question).unwrap();
        let now = self.app().now().as_millis();
        let answers: Vec<NewDecision> = (1..=days)
            .map(|day| NewDecision {
                at: now - day * DAY,
                person: who.0.to_string(),
                device: Some(self.section.issued.to_string()),
                resource: self.system().to_string(),
                allowed: true,
                times: 1,
                question: text.clone(),
                rules: "[]".to_owned(),
                asker: PROXY.map(|it| it.to_string()),
            })
            .collect();
        self.app().observations().add_decisions(&answers).unwrap();
    }

    /// The device reports its firewall.
    pub(super) fn report(&mut self, deny: bool) {
        self.reports += 1;
        let now = self.app().now();
        let value = FactValue::Firewall(Firewall {
            filter: Some("nftables".to_owned()),
            inbound_default_deny: deny,
            rules: 3,
            enforced: true,
        });
        let report = Report {
            agent: "test".to_owned(),
            observed_at: now,
            observations: vec![Observation {
                seen: Seen::Value(value),
                source: "test".to_owned(),
                partial: None,
                observed_at: now,
            }],
        };
        let body = serde_json::to_vec(&report).unwrap();
        let (device, n) = (self.section.issued, self.reports);
        tokio::task::block_in_place(|| {
            take_report(self.app(), device, n, &body, &report, 3_600).unwrap();
        });
    }

    /// The work of a day: the decision point is asked, and use is held against the plan.
    pub(super) fn evaluate(&self) {
        self.risks_named();
        let done = tokio::task::block_in_place(|| evaluate_now(self.app()));
        done.unwrap().unwrap();
    }

    /// The catalogue is judged and recorded, and the moment is remembered under a name.
    pub(super) fn judge(&mut self, name: &'static str) {
        tokio::task::block_in_place(|| hold(self.app(), &self.catalogue)).unwrap();
        let now = self.app().now();
        self.moments.push((name, now));
        self.section.house.pass(60_000);
    }

    /// What the shell asks the server for, and is answered.
    pub(super) fn answer(&self, request: &Request, document: &[u8]) -> Answer {
        let desk = Desk::new(self.app().clone(), Arc::clone(&self.catalogue));
        tokio::task::block_in_place(|| desk.answer(request, document))
    }

    /// What was known of rows at a remembered moment, as `sekisho assess --at` prints it: by the ledger up to
    /// then, and nothing else.
    pub(super) fn then(&self, moment: &str, rows: &[&str]) -> Vec<Said> {
        let mut moments = self.moments.iter();
        let (_, at) = moments.find(|(name, _)| *name == moment).unwrap();
        let request = Request::Assess {
            at: Some(*at),
            device: None,
            profile: None,
        };
        let Answer::Assessed(assessed) = self.answer(&request, &[]) else {
            panic!("{moment} is not told");
        };
        let said = |row: &&str| {
            let found = assessed.rows.iter().find(|it| it.id == *row).unwrap();
            (found.verdict.clone(), found.reason.code.to_string())
        };
        rows.iter().map(said).collect()
    }

    /// A permit applied for with what the section's form holds and these fields instead, decided, and begun.
    pub(super) async fn permitted(
        &self,
        (who, kind): (Who, PermitKind),
        without: &[&str],
        fields: &[(&'static str, String)],
    ) -> String {
        let section = &self.section;
        let replaced = |name: &str| fields.iter().any(|(it, _)| *it == name);
        let mut form = section.form(kind);
        form.retain(|(name, _)| !without.contains(name) && !replaced(name));
        form.extend(fields.iter().cloned());
        let to = format!("/permits/new/{}", kind.code());
        let path = self.done(who, &to, &borrowed(&form)).await;
        went(
            &section
                .decided(&path, section.decider(kind), "approve", "")
                .await,
        );
        if section.status(&path) == Status::Approved {
            went(&section.done(&path, who, "activate", &[]).await);
        }
        assert_eq!(section.status(&path), Status::Active, "{path}");
        path
    }

    /// The cases that wait.
    pub(super) fn open_cases(&self) -> Vec<Case> {
        self.app().world().plan.open().cloned().collect()
    }

    /// Assesses something, acts on it as told, and has the CISO approve it; where it is.
    pub(super) async fn assessed(
        &self,
        subject: &str,
        cases: &[&Case],
        treatment: (&str, &str),
    ) -> String {
        let shown = cases
            .iter()
            .map(|it| format!("{}@{}", it.opened.case, it.version));
        let shown: Vec<String> = shown.collect();
        let conclusion = match treatment.0 {
            "measure" => "measures",
            _ => "unchanged",
        };
        let mut fields = vec![
            ("subject", subject),
            ("grade", "C2I2A1"),
            ("places", "home"),
            ("overlooked", "no"),
            ("carried", "no"),
            ("hurried", "no"),
            ("conclusion", conclusion),
            ("reason", "利用が計画を超えたため"),
        ];
        fields.extend(shown.iter().map(|it| ("cases", it.as_str())));
        let hiso = self.section.hiso;
        let path = self.done(hiso, "/risks/new", &fields).await;
        let acted = [("expected", "1"), treatment];
        self.done(hiso, &format!("{path}/treatments"), &acted).await;
        self.done(hiso, &format!("{path}/propose"), &[("expected", "2")])
            .await;
        if self.body.is_some() {
            self.heard(path.rsplit('/').next().unwrap()).await;
        }
        let approve = format!("{path}/approve");
        self.done(self.ciso, &approve, &[("expected", "3")]).await;
        path
    }

    /// The promotion body finds a proposal in its list and agrees.
    pub(super) async fn heard(&self, subject: &str) {
        let body = self.body.unwrap();
        let about = format!("/opinions/{subject}");
        self.shows(body, "/opinions", &[&about]).await;
        let page = self.page(body, &about).await;
        let (state, seen) = (hidden(&page, "state"), hidden(&page, "seen"));
        let opinion = [
            ("state", state.as_str()),
            ("seen", seen.as_str()),
            ("stance", "agree"),
            ("sentence", "確かめた内容である"),
        ];
        self.done(body, &about, &opinion).await;
    }

    /// Answers every case that waits, scope by scope; what was assessed.
    pub(super) async fn answer_cases(&self, treatment: (&str, &str)) -> Vec<String> {
        let open = self.open_cases();
        let scopes: BTreeSet<CaseScope> = open.iter().map(|it| it.opened.scope).collect();
        let mut subjects = Vec::new();
        for scope in scopes {
            let cases: Vec<&Case> = open.iter().filter(|it| it.opened.scope == scope).collect();
            let subject = match scope {
                CaseScope::Body => "body".to_owned(),
                CaseScope::Unit(unit) => unit.to_string(),
            };
            self.assessed(&subject, &cases, treatment).await;
            subjects.push(subject);
        }
        assert!(self.open_cases().is_empty(), "{:?}", self.open_cases());
        subjects
    }

    /// Does something with an exception as its page asks for it.
    pub(super) async fn on_exception(&self, path: &str, act: &str, more: &[(&str, &str)]) -> Reply {
        let by = self.section.exceptions;
        let to = format!("{path}/{act}");
        let page = self.page(by, &to).await;
        let (expected, seen) = (hidden(&page, "expected"), hidden(&page, "seen"));
        let given = [
            ("expected", expected.as_str()),
            ("seen", seen.as_str()),
            ("confirmed", "yes"),
            ("f-note", "一月の状況を確認した"),
        ];
        self.send(by, &to, &[&given[..], more].concat()).await
    }
}
