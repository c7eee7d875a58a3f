//! One requirement: what is asked, what is known, who must act, and how it came to be.

use maud::{Markup, html};
use sekisho_domain::check::Outcome;
use sekisho_domain::requirement::Force;
use sekisho_domain::role::Role;
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::{Counts, Verdict};
use sekisho_messages::{Lang, number, t};

pub use super::attestation::{
    AttestForm, AttestationPart, AttestationState, AttestationWord, MayAttest, STATEMENT_MAX,
    Statement, WordKind,
};
use super::components::{
    Column, Tone, alert, cell, definitions, empty_state, instant_with_age, outcome_badge,
    row_badge, row_header, table, verdict_badge,
};
use super::layout::{Frame, heading, page as frame_page, short};
use super::overview::Section;
pub use super::period::PeriodView;
pub use super::subjects::{SubjectCheck, SubjectItem};
use super::svg::{VerdictCounts, stacked_bar};
use super::words::{self, Localised};

/// The part of a row that machines check.
#[derive(Clone, Debug)]
pub struct MachinePart {
    /// The registers and checks, by name.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why, as a sentence.
    pub reason: String,
}

/// A piece of evidence.
#[derive(Clone, Debug)]
pub struct EvidenceItem {
    /// Source, in words.
    pub source: String,
    /// What tells it from others of the same name: a set of data, an id.
    pub detail: Option<String>,
    /// Time of the oldest piece the verdict rests on.
    pub at: Timestamp,
    /// Until when it counts; none where it does not expire.
    pub fresh_until: Option<Timestamp>,
    /// SHA-256 in hex of the document, where there is one.
    pub digest: Option<String>,
}

/// A change of the verdict, as recorded in the ledger.
#[derive(Clone, Debug)]
pub struct Transition {
    /// When.
    pub at: Timestamp,
    /// The verdict before; none for the first.
    pub from: Option<Verdict>,
    /// The verdict after.
    pub to: Verdict,
    /// Why, as a sentence.
    pub reason: String,
    /// Number of the record in the ledger.
    pub sequence: u64,
}

/// What was found, in rows that ask only to confirm.
#[derive(Clone, Debug)]
pub struct FindingView {
    /// The finding as a sentence.
    pub text: String,
    /// Whether it is adverse.
    pub adverse: bool,
    /// What it was confirmed over; none in records from before periods were looked at.
    pub period: Option<PeriodView>,
}

/// A cause that devices share.
#[derive(Clone, Debug)]
pub struct CauseItem {
    /// What came of the checks.
    pub outcome: Outcome,
    /// The cause in a few words.
    pub name: String,
    /// How many results of checks have it.
    pub results: u32,
}

/// The number of a clause in another edition.
#[derive(Clone, Debug)]
pub struct AliasItem {
    /// The edition, in words.
    pub edition: String,
    /// The number there.
    pub clause: String,
    /// Whether the number was read in the edition itself.
    pub verified: bool,
}

/// A requirement's page.
#[derive(Clone, Debug)]
pub struct RequirementView {
    /// Its id.
    pub id: String,
    /// What must be true.
    pub text: Localised,
    /// The document and clause it comes from.
    pub source: String,
    /// The same clause in other editions.
    pub aliases: Vec<AliasItem>,
    /// Clauses of an edition that no row stands for, where the row asks for them; their texts as numbers.
    pub outside: Vec<AliasItem>,
    /// Its force under the profile.
    pub force: Force,
    /// Who answers for it.
    pub owner: Role,
    /// Whether the owner is our default because the notice names none.
    pub owner_is_default: bool,
    /// What is our own policy on top of the notice, if anything.
    pub own_policy: Option<Localised>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, as a sentence.
    pub reason: String,
    /// What to do, as a sentence; none when nothing is to be done.
    pub next_step: Option<String>,
    /// What machines check of it, if anything.
    pub machine: Option<MachinePart>,
    /// What a post attests of it, if anything.
    pub attestation: Option<AttestationPart>,
    /// Subjects by result.
    pub counts: Counts,
    /// What was found, where the row asks only to confirm.
    pub finding: Option<FindingView>,
    /// The most frequent causes of what is not as it should be, over all subjects.
    pub causes: Vec<CauseItem>,
    /// Subjects that are not as they should be; the first few.
    pub subjects: Vec<SubjectItem>,
    /// The evidence.
    pub evidence: Vec<EvidenceItem>,
    /// Changes of the verdict, newest first.
    pub history: Vec<Transition>,
}

impl RequirementView {
    /// What was found, where it is adverse.
    fn adverse(&self) -> Option<&str> {
        let finding = self.finding.as_ref().filter(|finding| finding.adverse)?;
        Some(&finding.text)
    }

    /// Whether it is met and the confirmation found something adverse.
    fn met_with_findings(&self) -> bool {
        let met = matches!(self.verdict, Verdict::Met | Verdict::Attested);
        met && self.adverse().is_some()
    }
}

fn verdict_box(lang: Lang, view: &RequirementView) -> Markup {
    let findings = view.met_with_findings();
    let class = if findings {
        "findings"
    } else {
        view.verdict.code()
    };
    html! {
        section class={ "verdict verdict--" (class) } aria-labelledby="verdict" {
            h2 id="verdict" class="visually-hidden" { (t!(lang, "requirement.verdict")) }
            p class="verdict-badge" { (row_badge(lang, view.verdict, findings)) }
            @if let Some(found) = view.adverse().filter(|_| findings) {
                p class="verdict-reason" { strong { (found) } }
                p class="verdict-more" { (view.reason) }
                p class="verdict-more" { (t!(lang, "requirement.met_with_findings")) }
            } @else { p class="verdict-reason" { (view.reason) } }
            @if let Some(step) = &view.next_step {
                p class="verdict-todo" {
                    strong { (t!(lang, "requirement.who_acts")) } (t!(lang, "console.colon")) (words::role(lang, view.owner))
                    br;
                    strong { (t!(lang, "requirement.next_step")) } (t!(lang, "console.colon")) (step)
                }
            }
        }
    }
}

fn parts(lang: Lang, view: &RequirementView) -> Markup {
    html! {
        section {
            h2 { (t!(lang, "requirement.parts")) }
            ul class="parts" {
                @if let Some(part) = &view.machine {
                    li {
                        p class="part-head" {
                            (outcome_badge(lang, part.outcome)) " " strong { (part.name) } " "
                            span class="muted" { (t!(lang, "requirement.part.machine")) }
                        }
                        p class="part-why" { (part.reason) }
                    }
                }
                @if let Some(part) = view.attestation.as_ref().filter(|it| it.kind == WordKind::Attestation) {
                    (super::attestation::part(lang, part))
                }
            }
            // An adverse finding of a row that is met stands in the box above.
            @if let Some(finding) = view.finding.as_ref().filter(|_| !view.met_with_findings()) {
                @let tone = if finding.adverse { Tone::Warning } else { Tone::Info };
                (alert(tone, &t!(lang, "requirement.finding"), &html! { p { (finding.text) } }))
            }
        }
    }
}

fn subjects(lang: Lang, view: &RequirementView) -> Markup {
    let counts = view.counts;
    if counts.total() == 0 {
        return html! {};
    }
    let as_verdicts = VerdictCounts {
        met: counts.pass,
        attested: counts.excepted,
        not_applicable: 0,
        unknown: counts.unknown,
        not_met: counts.fail,
    };
    let figure = |key: &str, n: u32| {
        html! { li { (sekisho_messages::text(lang, key, &[])) " " strong class="num" { (number(i64::from(n))) } } }
    };
    html! {
        section {
            h2 { (t!(lang, "requirement.subjects", n = counts.total())) }
            (stacked_bar(lang, &as_verdicts))
            ul class="figures" {
                (figure("requirement.subject.fail", counts.fail))
                (figure("requirement.subject.unknown", counts.unknown))
                (figure("requirement.subject.excepted", counts.excepted))
                (figure("requirement.subject.pass", counts.pass))
            }
            @if !view.causes.is_empty() { (causes(lang, &view.causes)) }
            @if !view.subjects.is_empty() { (super::subjects::list(lang, &view.subjects)) }
        }
    }
}

fn causes(lang: Lang, causes: &[CauseItem]) -> Markup {
    html! {
        h3 { (t!(lang, "requirement.causes")) }
        ul class="plain" { @for cause in causes {
            li {
                (outcome_badge(lang, cause.outcome)) " " (cause.name) " "
                span class="num" { (t!(lang, "requirement.cause_results", n = cause.results)) }
            }
        } }
    }
}

fn evidence(frame: &Frame, view: &RequirementView) -> Markup {
    let lang = frame.lang;
    let source = Column::text(t!(lang, "requirement.column.source"));
    let at = Column::text(t!(lang, "requirement.column.at"));
    let until = Column::text(t!(lang, "requirement.column.until"));
    let digest = Column::text(t!(lang, "requirement.column.digest"));
    let dash = html! { span class="muted" { "–" } };
    let rows: Vec<Vec<Markup>> = view
        .evidence
        .iter()
        .map(|item| {
            let fresh = item.fresh_until.map_or_else(
                || dash.clone(),
                |until| {
                    let class = if until <= frame.now { "stale" } else { "" };
                    html! { span class=(class) { (instant_with_age(lang, until, frame.now)) } }
                },
            );
            let hash = item.digest.as_ref().map_or_else(
                || dash.clone(),
                |digest| html! { code class="digest" title=(digest) { (short(digest)) } },
            );
            vec![
                row_header(&source, &html! {
                    (item.source)
                    @if let Some(detail) = &item.detail { p class="small muted" { code { (detail) } } }
                }),
                cell(&at, &instant_with_age(lang, item.at, frame.now)),
                cell(&until, &fresh),
                cell(&digest, &hash),
            ]
        })
        .collect();
    html! {
        section {
            h2 { (t!(lang, "requirement.evidence")) }
            @if rows.is_empty() {
                (empty_state(&t!(lang, "requirement.evidence_none"), &t!(lang, "requirement.evidence_none_how")))
            } @else { (table(&t!(lang, "requirement.evidence"), &[source, at, until, digest], &rows)) }
        }
    }
}

/// Clauses of editions; those that nobody read there are marked.
fn clauses(lang: Lang, list: &[AliasItem]) -> Markup {
    html! {
        ul class="plain" { @for alias in list {
            li {
                (alias.edition) " " (alias.clause)
                @if !alias.verified { span class="muted" { (t!(lang, "requirement.alias_unverified")) } }
            }
        } }
    }
}

fn history(frame: &Frame, view: &RequirementView) -> Markup {
    let lang = frame.lang;
    html! {
        section {
            h2 { (t!(lang, "requirement.history")) }
            @if view.history.is_empty() {
                (empty_state(&t!(lang, "requirement.history_none"), &t!(lang, "requirement.history_none_how")))
            }
            ol class="history" {
                @for change in &view.history {
                    li {
                        p class="history-when" {
                            (instant_with_age(lang, change.at, frame.now))
                            a class="small" href={ "/ledger?record=" (change.sequence) } { (t!(lang, "requirement.record", n = change.sequence)) }
                        }
                        div {
                            p {
                                @if let Some(from) = change.from.filter(|from| *from != change.to) { (verdict_badge(lang, from)) span class="arrow" aria-hidden="true" { "→" } }
                                span class="visually-hidden" { (t!(lang, "requirement.became")) }
                                (verdict_badge(lang, change.to))
                                @if change.from == Some(change.to) {
                                    " " span class="small muted" { (t!(lang, "requirement.same_verdict")) }
                                }
                            }
                            p class="small" { (change.reason) }
                        }
                    }
                }
            }
        }
    }
}

fn about(lang: Lang, view: &RequirementView) -> Markup {
    let mut list = vec![
        (
            t!(lang, "requirement.about.source"),
            html! { (view.source) },
        ),
        (
            t!(lang, "requirement.about.force"),
            html! { (words::force(lang, view.force)) },
        ),
        (
            t!(lang, "requirement.about.owner"),
            html! {
                (words::role(lang, view.owner))
                @if view.owner_is_default { p class="small muted" { (t!(lang, "requirement.owner_default")) } }
            },
        ),
    ];
    if !view.aliases.is_empty() {
        list.push((
            t!(lang, "requirement.about.aliases"),
            clauses(lang, &view.aliases),
        ));
    }
    if !view.outside.is_empty() {
        list.push((
            t!(lang, "requirement.about.outside"),
            clauses(lang, &view.outside),
        ));
    }
    if let Some(own) = &view.own_policy {
        let marked = html! {
            (own.show(lang)) p class="small muted" { (t!(lang, "requirement.own_policy_mark")) }
        };
        list.push((t!(lang, "requirement.about.own_policy"), marked));
    }
    html! { aside class="about" aria-label=(t!(lang, "requirement.about.label")) { (definitions(&list)) } }
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &RequirementView) -> Markup {
    let lang = frame.lang;
    let mut trail = vec![(
        t!(lang, "requirement.list").into_owned(),
        "/requirements".to_owned(),
    )];
    if let Some(section) = Section::of(&view.id) {
        let href = format!("/requirements?section={}", section.code());
        trail.push((section.name(lang).into_owned(), href));
    }
    let main = html! {
        (heading(&trail, &html! { span class="code" { (view.id) } }, &html! { span class="demand" { (view.text.show(lang)) } }))
        div class="with-aside" {
            div {
                (verdict_box(lang, view)) (parts(lang, view))
                @if let Some(period) = view.finding.as_ref().and_then(|found| found.period.as_ref()) {
                    (super::period::section(lang, period))
                }
                (subjects(lang, view))
                @if let Some(part) = &view.attestation { (super::attestation::section(lang, frame.now, part)) }
                (evidence(frame, view)) (history(frame, view))
            }
            (about(lang, view))
        }
    };
    frame_page(frame, &view.id, &main)
}
