//! The codes that these rules give, with their parameters, and what to do about each.
//!
//! Texts stand in `catalog/messages/reason.toml`: `reason.<code>` says what is the case,
//! `next.<code>` what to do. A test holds the two against each other.

mod shared;

use sekisho_domain::code::Reason;

pub use shared::cause;
pub(crate) use shared::day;

/// A reason that these rules can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its code.
    pub code: &'static str,
    /// Names of its parameters.
    pub params: &'static [&'static str],
    /// Code of what to do about it; `nothing` where nothing is to be done.
    pub next: &'static str,
}

const fn known(code: &'static str, params: &'static [&'static str], next: &'static str) -> Known {
    Known { code, params, next }
}

/// Every reason, in the order of the rooms that give them.
pub const KNOWN: &[Known] = &[
    // what could not be seen
    known("unseen.needs-privilege", &["what"], "run-privileged"),
    known("unseen.source-missing", &["what"], "see-source"),
    known("unseen.unreadable", &["what", "detail"], "see-source"),
    known("unseen.timed-out", &["what"], "see-source"),
    known("unseen.hidden", &["what"], "report-from-host"),
    known("unseen.not-reported", &["fact"], "report-device"),
    known("check.stale", &[], "report-device"),
    known("check.never", &[], "report-device"),
    known("check.before-return", &[], "report-device"),
    known("check.declaration-over", &[], "declare-again"),
    known("check.not-declared", &[], "declare-again"),
    known("check.not-declarable", &[], "nothing"),
    known("check.word-not-enough", &[], "use-observed-device"),
    // feeds
    known("feed.missing", &["feed"], "import-feed"),
    known("feed.stale", &["feed", "days", "max"], "import-feed"),
    known(
        "feed.part-stale",
        &["feed", "part", "days", "max"],
        "import-feed",
    ),
    known("feed.from-future", &["feed"], "import-feed"),
    // operating system
    known("os.supported", &["product", "version"], "nothing"),
    known(
        "os.supported-until",
        &["product", "version", "until"],
        "nothing",
    ),
    known("os.lts-only", &["product", "version", "until"], "nothing"),
    known("os.ended", &["product", "version"], "upgrade-os"),
    known(
        "os.ended-on",
        &["product", "version", "ended"],
        "upgrade-os",
    ),
    known(
        "os.contract-only",
        &["product", "version", "until"],
        "upgrade-os",
    ),
    known("os.not-listed", &["product", "version"], "import-feed"),
    known("os.not-released", &["product", "version"], "upgrade-os"),
    known("os.modified", &["product", "version"], "restore-os"),
    known(
        "os.modified-unstated",
        &["product", "version"],
        "declare-again",
    ),
    // updates
    known("update.none-pending", &[], "nothing"),
    known(
        "update.security-pending",
        &["n", "first"],
        "install-updates",
    ),
    known("update.never-fetched", &[], "refresh-updates"),
    known("update.metadata-old", &["days", "max"], "refresh-updates"),
    known("update.metadata-from-future", &[], "set-clock"),
    known("update.no-security-source", &[], "add-security-source"),
    // disks
    known("disk.encrypted", &["n"], "nothing"),
    known("disk.nothing-stored", &[], "see-source"),
    known("disk.plain", &["n", "first"], "encrypt-disk"),
    known("disk.untraceable", &["n", "first"], "see-source"),
    // screen
    known("screen.headless", &[], "nothing"),
    known("screen.locks", &["minutes"], "nothing"),
    known("screen.never-locks", &[], "set-screen-lock"),
    known("screen.locks-late", &["minutes", "max"], "set-screen-lock"),
    // restart
    known("restart.done", &[], "nothing"),
    known("restart.needed", &[], "restart"),
    // updates that install themselves
    known("automatic.on", &[], "nothing"),
    known("automatic.off", &[], "turn-on-automatic"),
    known("automatic.not-security", &[], "turn-on-automatic"),
    // advisories
    known("advisory.clean", &[], "nothing"),
    known(
        "advisory.clean-support-limited",
        &["n", "first"],
        "see-support",
    ),
    known(
        "advisory.clean-support-ends",
        &["first", "until"],
        "plan-replacement",
    ),
    known(
        "advisory.clean-support-unknown",
        &["feed", "part", "days", "max"],
        "import-feed",
    ),
    known("advisory.clean-support-unlisted", &[], "import-feed"),
    known("advisory.support-ended", &["n", "first"], "replace-package"),
    known("advisory.open", &["n"], "install-updates"),
    known("advisory.exploited", &["n", "first"], "install-updates"),
    known("advisory.not-covered", &["n"], "import-feed"),
    known("advisory.undecided", &["n"], "import-feed"),
    known("advisory.updates-wait", &["n"], "install-updates"),
    known("advisory.no-packages", &[], "see-source"),
    known("advisory.other-format", &[], "import-feed"),
    known("advisory.broken-packages", &["n"], "repair-packages"),
    // packet filter
    known("firewall.denies", &[], "nothing"),
    known("firewall.none", &[], "set-firewall"),
    known("firewall.open", &[], "set-firewall"),
    known("firewall.only-configured", &[], "run-privileged"),
    // clock
    known("clock.synchronised", &[], "nothing"),
    known("clock.running", &[], "see-source"),
    known("clock.not-synchronised", &[], "set-clock"),
    known("clock.no-service", &[], "set-clock"),
    // malware
    known("antivirus.active", &[], "nothing"),
    known("antivirus.none", &[], "set-antivirus"),
    known("antivirus.inactive", &[], "set-antivirus"),
    known(
        "antivirus.old-signatures",
        &["days", "max"],
        "set-antivirus",
    ),
    known("antivirus.signatures-unknown", &[], "see-source"),
    // accounts
    known("account.sound", &[], "nothing"),
    known("account.empty-password", &["n", "first"], "fix-accounts"),
    known("account.password-unseen", &["n"], "run-privileged"),
    known("account.root-by-password", &[], "fix-accounts"),
    known("account.empty-over-network", &[], "fix-accounts"),
    known("account.remote-unseen", &[], "run-privileged"),
    known("account.none-listed", &[], "see-source"),
    // firmware
    known("boot.secure", &[], "nothing"),
    known("boot.off", &[], "turn-on-secure-boot"),
    known("boot.no-uefi", &[], "turn-on-secure-boot"),
    known("boot.not-stated", &[], "see-source"),
    // software by the lists of the register
    known("software.no-deny-list", &[], "enter-deny-list"),
    known(
        "software.forbidden",
        &["n", "software", "seen"],
        "remove-software",
    ),
    known(
        "software.forbidden-versions",
        &["software", "seen", "versions"],
        "compare-versions",
    ),
    known(
        "software.deny-unnamed",
        &["n", "software"],
        "name-software-packages",
    ),
    known("software.none-forbidden", &["n"], "nothing"),
    known("software.no-packages", &[], "see-source"),
    known("software.no-allow-list", &[], "enter-allow-list"),
    known(
        "software.condition-unpermitted",
        &["n", "software"],
        "apply-for-software",
    ),
    known(
        "software.outside-list",
        &["n", "first"],
        "list-or-remove-software",
    ),
    known(
        "software.system-unlisted",
        &["n", "first", "system"],
        "list-system-packages",
    ),
    known(
        "software.allowed-versions",
        &["n", "software"],
        "compare-versions",
    ),
    known("software.all-listed", &[], "nothing"),
    // storage that was attached
    known(
        "usb.unpermitted",
        &["n", "first", "at"],
        "apply-for-equipment",
    ),
    known(
        "usb.unpermitted-attached",
        &["n", "first"],
        "apply-for-equipment",
    ),
    known(
        "usb.unpermitted-attached-since",
        &["n", "first", "at"],
        "apply-for-equipment",
    ),
    known("usb.undated", &["n", "first"], "see-usb-log"),
    known("usb.no-history", &[], "see-usb-log"),
    known("usb.permitted", &["n", "since"], "nothing"),
    known("usb.none-seen", &["since"], "nothing"),
    // lines that were joined
    known("line.permitted", &["n"], "nothing"),
    known("line.by-word", &["n"], "nothing"),
    known("line.own-device", &[], "nothing"),
    known("line.unpermitted", &["n"], "apply-for-line"),
    known("line.more-than-permits", &["n", "permits"], "tell-lines"),
    known("line.unidentified", &["n"], "tell-lines"),
    known("line.none-registered", &[], "enter-lines"),
    known("line.none-seen", &[], "see-source"),
    // access
    known("reach.without-permit", &["system", "at"], "permit-or-stop"),
    known("reach.permit-unsure", &["system", "at"], "see-permits"),
    known("reach.byod-unpermitted", &[], "apply-for-byod"),
    known("reach.system-unguarded", &["system"], "guard-system"),
    known("reach.token-unnamed", &["system", "token"], "name-token"),
    known("reach.proxy-unnamed", &["system"], "name-proxy"),
    known("reach.asker-unknown", &["system"], "name-asker"),
    known("reach.stray", &["system", "at"], "see-gateway-traffic"),
    known("reach.gateway-never", &["gateway"], "start-gateway"),
    known("reach.gateway-silent", &["gateway", "at"], "start-gateway"),
    known("reach.gateway-failing", &["gateway"], "see-gateway"),
    known("reach.gateway-unlisted", &["gateway"], "see-gateway"),
    known(
        "reach.gateway-forwards",
        &["gateway"],
        "end-gateway-forwarding",
    ),
    known(
        "reach.gateway-forwards-unsaid",
        &["gateway"],
        "renew-gateway",
    ),
    known(
        "reach.gateway-host-unseen",
        &["gateway"],
        "enrol-gateway-host",
    ),
    known(
        "reach.gateway-host-open",
        &["gateway"],
        "close-gateway-host",
    ),
    known("reach.line-plain", &["line"], "encrypt-line"),
    known("reach.line-without-gateway", &["line"], "set-up-gateway"),
    known("reach.path-unseen", &["system"], "lead-through-gateway"),
    known("reach.system-no-host", &["system"], "name-hosts"),
    known("reach.system-host-failing", &["system"], "see-system-hosts"),
    known("reach.system-host-unknown", &["system"], "see-system-hosts"),
    known("reach.line-unwatched", &["line"], "watch-line"),
    known("reach.joined-without-permit", &["line", "at"], "see-joined"),
    known("reach.joined-uninspected", &["at"], "inspect-again"),
    known("reach.safeguards-overdue", &[], "do-safeguards"),
    known("reach.back-without-permit", &["at"], "apply-to-rejoin"),
    known("reach.back-unsure", &["at"], "see-permits"),
    // rows
    known("access.none-internal", &[], "enter-lines"),
    known("access.lines-unwatched", &["n", "first"], "watch-lines"),
    known("access.not-read", &[], "wait-for-reading"),
    known("access.answers-lost", &["answers"], "see-store"),
    known("access.unguarded", &["n", "first"], "guard-systems"),
    known("access.none-graded", &[], "see-grades"),
    known("access.none-remote", &[], "see-remote"),
    known("access.none-reached", &[], "see-remote"),
    known("access.none-on-lines", &[], "see-lines-of-systems"),
    known("row.confirmed", &["n"], "nothing"),
    known(
        "row.confirmed-adverse",
        &["n", "failing"],
        "review-findings",
    ),
    known(
        "row.confirmed-adverse-within",
        &["n", "failing", "within"],
        "review-findings",
    ),
    known("row.found", &["failing", "cause", "most"], "see-devices"),
    known("row.failed-within", &["n"], "review-findings"),
    known(
        "row.gap-in-evidence",
        &["devices", "longest", "from", "to"],
        "report-device",
    ),
    known("row.unconfirmed", &["n", "unknown"], "report-device"),
    known("row.all-pass", &["n"], "nothing"),
    known("row.failing", &["n", "failing"], "see-devices"),
    known("row.unknown", &["n", "unknown"], "report-device"),
    known("row.no-subjects", &[], "enrol-or-declare"),
    known("row.not-assessed", &[], "assess"),
    known("review.none-opened", &["rows"], "open-review"),
    known("review.twins-unconfirmed", &["rows"], "confirm-first"),
    known("review.not-needed", &[], "nothing"),
    known("carrier.not-yet", &["carrier"], "carrier-not-yet"),
    known("attestation.given", &["until"], "nothing"),
    known("attestation.missing", &[], "attest"),
    known("attestation.expired", &["until"], "attest"),
    known("profile.other-notice", &["profile"], "nothing"),
    known("profile.not-set", &[], "set-profile"),
    known("profile.in-force", &["profile"], "nothing"),
    known("coverage.no-edition", &[], "update-catalogue"),
    known(
        "coverage.clauses-unmapped",
        &["edition", "n", "all"],
        "update-catalogue",
    ),
    known("coverage.outside-unnamed", &["edition"], "update-catalogue"),
    known("coverage.mapped", &["edition", "n", "outside"], "nothing"),
    known(
        "coverage.unverified",
        &["edition", "n", "all"],
        "read-edition",
    ),
    known("register.complete", &["register", "n"], "nothing"),
    known(
        "register.incomplete",
        &["register", "n", "all"],
        "complete-register",
    ),
    known("register.looked-through", &["register", "n"], "nothing"),
    known(
        "register.nothing-entered",
        &["register"],
        "enter-or-declare",
    ),
    known("register.declared-empty", &["register", "until"], "nothing"),
    known("permit.takeout-looked-through", &["n"], "nothing"),
    known(
        "permit.applications-wait",
        &["n", "all", "days"],
        "decide-applications",
    ),
    known("permit.return-overdue", &["n", "kind"], "chase-returns"),
    known("permit.sightings-missing", &["kind"], "see-sightings"),
    known("permit.byod-without", &["n", "all"], "apply-for-byod"),
    known("permit.byod-use-unseen", &["n"], "see-sightings"),
    known("permit.byod-known", &["n"], "nothing"),
    known("permit.byod-unknown", &["n", "all"], "apply-for-byod"),
    known("permit.erased", &["n"], "nothing"),
    known("permit.erasure-overdue", &["n", "all"], "chase-erasure"),
    known(
        "permit.service-with-secrets",
        &["n", "all"],
        "end-service-use",
    ),
    known("permit.terms-changed", &["n", "all"], "judge-terms-again"),
    // said by earlier releases; ledgers hold them
    known("permit.services-without-secrets", &["n"], "nothing"),
    known("permit.terms-current", &["n"], "nothing"),
    // external services and conference tools
    known("services.no-logs", &[], "bring-in-logs"),
    known("services.logs-unread", &["source"], "bring-in-logs"),
    known("services.uses-cut", &[], "name-clients"),
    known("services.hidden", &["n", "first"], "look-for-services"),
    known("services.list-unusable", &[], "look-for-services"),
    known(
        "services.logs-stale",
        &["source", "days", "max"],
        "bring-in-logs",
    ),
    known("services.unregistered", &["n", "first"], "settle-use"),
    known("services.outside-unit", &["n", "first"], "settle-use"),
    known("services.hosts-unknown", &["n", "first"], "settle-use"),
    known("services.all-registered", &["n"], "nothing"),
    known("services.several-lack", &["n", "all"], "see-entries"),
    known("services.several-unknown", &["n", "all"], "see-entries"),
    known("services.for-secrets", &["service"], "lower-grade"),
    known("services.without-secrets", &["n"], "nothing"),
    known("services.ground-unknown", &["tool"], "state-ground"),
    known(
        "services.terms-unacceptable",
        &["service"],
        "end-service-use",
    ),
    known("services.terms-changed", &["service"], "judge-terms"),
    known("services.terms-unjudged", &["service"], "judge-terms"),
    known("services.terms-unread", &["service"], "judge-terms"),
    known("services.terms-judged", &["n"], "nothing"),
    known(
        "services.permit-without-measures",
        &["service"],
        "state-measures",
    ),
    known("services.permits-with-measures", &["n"], "nothing"),
    known("services.none-used", &[], "nothing"),
    known("services.none-of-kind", &["register"], "nothing"),
    known("services.nobody-decides", &[], "appoint-diso"),
    known("services.never-applied", &[], "apply-for-service"),
    known("services.procedure-used", &["n"], "nothing"),
    known("services.not-applied", &["service"], "apply-for-service"),
    known("services.used-unregistered", &["service"], "settle-use"),
    known("services.nobody-known", &["service"], "name-clients"),
    known("services.no-domains", &["service"], "name-domains"),
    known("services.all-applied", &["n"], "nothing"),
    known("services.host-undecided", &["tool"], "decide-matrix"),
    known(
        "services.hosted-without-permit",
        &["tool"],
        "apply-for-conference",
    ),
    known("services.hosts-known", &["n"], "nothing"),
    known("services.settings-open", &["tool"], "check-settings"),
    known("services.settings-old", &["tool"], "check-settings"),
    known("services.version-unknown", &["tool"], "check-settings"),
    known("services.packages-unstated", &["tool"], "name-packages"),
    known("services.client-unseen", &["tool"], "name-packages"),
    known(
        "services.client-update-waits",
        &["offered"],
        "install-updates",
    ),
    known("services.client-old", &["oldest"], "install-updates"),
    known("services.client-safe", &["oldest"], "nothing"),
    known("services.client-unordered", &["oldest"], "name-packages"),
    known("services.settings-checked", &["n"], "nothing"),
    known("services.settings-off", &["n", "all"], "check-settings"),
    known("services.clients-unknown", &["n"], "report-device"),
    known(
        "services.clients-vulnerable",
        &["n", "all"],
        "install-updates",
    ),
    known("permit.exceptions-in-time", &["n"], "nothing"),
    known(
        "permit.exceptions-past-review",
        &["n", "all"],
        "review-exceptions",
    ),
    known("permit.none", &["kind"], "nothing-applied"),
    // exceptions
    known("exception.none-taken", &["n"], "nothing"),
    known("exception.none-to-review", &["n"], "nothing"),
    known("exception.none-left", &["n"], "nothing"),
    known("exception.review-late", &["day"], "review-exceptions"),
    known("exception.ended-unseen", &[], "review-exceptions"),
    known(
        "exception.ended-to-review",
        &["n", "all"],
        "review-exceptions",
    ),
    known("exception.regular", &["n"], "nothing"),
    known(
        "exception.not-regular",
        &["n", "all"],
        "regularise-exceptions",
    ),
    known(
        "exception.regular-unknown",
        &["n", "all"],
        "look-at-exceptions",
    ),
    known("exception.measures-hold", &[], "nothing"),
    known("exception.measures-fail", &[], "restore-measures"),
    known("exception.measures-unknown", &[], "restore-measures"),
    known("exception.clause-gone", &[], "restore-clause"),
    known("exception.clause-not-its", &[], "restore-clause"),
    known("exception.effective-left", &[], "regularise-exceptions"),
    known("exception.effect-unknown", &[], "review-exceptions"),
    known("exception.not-confirmed-yet", &[], "nothing"),
    known("exception.undecided", &["n", "all"], "settle-exceptions"),
    // the plan of telework
    known("plan.none", &[], "draft-plan"),
    known("plan.in-force", &["version", "until"], "nothing"),
    known("plan.over", &["version", "until"], "renew-plan"),
    known("plan.nothing-to-reflect", &[], "nothing"),
    known("plan.reflects", &["n"], "nothing"),
    known("plan.not-reflected", &["n", "all"], "change-plan"),
    known("plan.not-in-plan", &["due"], "change-plan"),
    known("plan.tasks-decided", &["n"], "nothing"),
    known("plan.tasks-undecided", &["n", "all"], "decide-tasks"),
    known("plan.task-undecided", &[], "decide-tasks"),
    known("plan.not-evaluated", &[], "evaluate-plan"),
    known("plan.nothing-fired", &["at"], "nothing"),
    known("plan.nothing-fired-watched", &["at", "feeds"], "nothing"),
    known("plan.suppressed", &["until"], "settle-exceptions"),
    known("plan.unmeasured", &["feeds"], "measure-or-reassess"),
    known("case.overdue", &["n", "all"], "reassess"),
    known("case.late", &["due"], "reassess"),
    known("case.open", &["due"], "reassess"),
    known("case.in-time", &["n", "due"], "reassess"),
    known("case.all-reassessed", &["n"], "nothing"),
    // risk assessments
    known("risk.none", &[], "assess-risk"),
    known("risk.nothing-to-assess", &[], "nothing"),
    known("risk.overdue", &["n"], "assess-risk"),
    known("risk.by-word", &["n"], "assess-risk"),
    known("risk.word-alone", &["due"], "assess-risk"),
    known("risk.in-time", &["n", "due"], "assess-risk"),
    known("risk.all-assessed", &["n"], "nothing"),
    known("risk.nothing-high", &["n"], "nothing"),
    known("risk.high-acted", &["n"], "nothing"),
    known("risk.high-open", &["n", "all"], "treat-risk"),
    known("risk.acceptance-over", &[], "treat-risk"),
    known("risk.lowering-over", &[], "treat-risk"),
    known("risk.no-conditions", &[], "nothing"),
    known("risk.conditions-kept", &["n"], "nothing"),
    known("risk.conditions-not-on-permits", &["n"], "set-conditions"),
    known("risk.condition-missing", &[], "set-conditions"),
    known("risk.nothing-asks", &[], "guard-systems"),
    known("risk.conditions-on-no-permit", &["n"], "set-conditions"),
    // rules and the promotion body's opinions
    known("rule.none", &[], "draft-rule"),
    known("rule.no-clause", &[], "bind-clause"),
    known("rule.owner-vacant", &[], "fill-rule-owner"),
    known("rule.no-checks-bound", &[], "bind-clause"),
    known("rule.no-duties", &[], "bind-clause"),
    known("rule.clause-in-force", &[], "nothing"),
    known("rule.not-for-all", &["n", "all"], "bind-clause"),
    known("rule.unchecked", &["n", "all"], "check-rule"),
    known("rule.not-checked", &[], "check-rule"),
    known("rule.to-be-checked", &["n"], "check-rule"),
    known("rule.checked", &["n"], "nothing"),
    known("rule.no-measures", &[], "nothing"),
    known("rule.measures-carried", &["n"], "nothing"),
    known("rule.measures-missing", &["n", "all"], "write-measure"),
    known("rule.measure-in-no-clause", &[], "write-measure"),
    known("rule.treatment-in-no-clause", &["number"], "write-measure"),
    known("rule.not-acknowledged-at-all", &[], "ask-acknowledgement"),
    known("rule.concerns-nobody", &[], "ask-acknowledgement"),
    known("rule.read-by-all", &["n"], "nothing"),
    known("rule.read-late", &["n", "all"], "remind-readers"),
    known("rule.being-read", &["n", "due"], "remind-readers"),
    known("rule.revisions-late", &["n"], "revise-rule"),
    known("rule.revision-late", &[], "revise-rule"),
    known("rule.none-wanting", &[], "nothing"),
    known("rule.revised", &["n"], "nothing"),
    known("rule.to-revise", &["due"], "revise-rule"),
    known("opinion.no-changes", &[], "nothing-decided"),
    known("opinion.on-all", &["n"], "nothing"),
    known("opinion.no-body", &["n"], "fill-body"),
    known("opinion.missing-on", &["n", "all"], "give-opinion"),
    known("opinion.none-given", &[], "give-opinion"),
    known("opinion.without-checks", &[], "give-opinion"),
    known("conflict.found", &["n"], "resolve-conflict"),
    known("conflict.unheard", &["n"], "give-opinion"),
    known("conflict.policies-unseen", &[], "see-policies"),
    known("conflict.none", &["n"], "nothing"),
    // unease, checklists and earlier advisories
    known("concern.no-way", &[], "open-a-way"),
    known("concern.none-told", &[], "nothing"),
    known("concern.late", &["n", "all"], "answer-concerns"),
    known("concern.is-late", &["due"], "answer-concerns"),
    known("concern.in-time", &["n", "due"], "answer-concerns"),
    known("concern.all-answered", &["n"], "nothing"),
    known("checklist.none", &[], "load-checklist"),
    known("checklist.chapters-empty", &["n"], "load-checklist"),
    known("checklist.not-answered", &["n", "all"], "answer-checklist"),
    known("checklist.answers-old", &["n", "all"], "answer-checklist"),
    known("checklist.answered", &["negative", "all"], "nothing"),
    known("checklist.unanswered", &[], "answer-checklist"),
    known("checklist.stale", &[], "answer-checklist"),
    known("checklist.reworded", &[], "answer-checklist"),
    known("checklist.unshown", &[], "answer-checklist"),
    known("earlier.none", &[], "record-advisories"),
    known("earlier.missing", &["n"], "record-advisories"),
    known("earlier.open", &["n"], "dispose-advisories"),
    known("earlier.is-open", &[], "dispose-advisories"),
    known("earlier.all-disposed", &["n"], "nothing"),
    known("tmo.appointed", &["n"], "nothing"),
    known("tmo.missing", &["n", "units"], "appoint-tmo"),
];

/// The entry of a reason; none when another room gave it.
#[must_use]
pub fn entry(reason: &Reason) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.code == reason.code)
}

/// What to do about a reason, with the same parameters.
#[must_use]
pub fn next_step(reason: &Reason) -> Reason {
    let code = entry(reason).map_or("see-source", |known| known.next);
    let mut next = Reason::new(code);
    next.params.clone_from(&reason.params);
    next
}

/// The message key of a reason.
#[must_use]
pub fn reason_key(reason: &Reason) -> String {
    format!("reason.{}", reason.code)
}

/// The message key of what to do.
#[must_use]
pub fn next_key(step: &Reason) -> String {
    format!("next.{}", step.code)
}
