//! Installed software and its updates.

use maud::{Markup, html};
use sekisho_domain::fact::{
    AutomaticUpdates, PackageFormat, Packages, PendingUpdates, RebootNeeded,
};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Counter, Lang, count, t};

use super::judged;
use crate::console::components::{
    Column, cell, definitions, instant_with_age, row_header, table, yes_no,
};

/// How many packages are listed unless all are asked for.
const SHOWN: usize = 200;

const fn format(format: PackageFormat) -> &'static str {
    match format {
        PackageFormat::Deb => "Debian (deb)",
        PackageFormat::Rpm => "RPM",
        PackageFormat::Apk => "Alpine (apk)",
        PackageFormat::Msi => "Windows Installer (MSI)",
        PackageFormat::App => "macOS (app)",
    }
}

fn items(lang: Lang, n: usize) -> String {
    count(lang, u64::try_from(n).unwrap_or(u64::MAX), Counter::Item)
}

pub(super) fn packages(lang: Lang, fact: &Packages, whole: bool) -> Markup {
    let name = Column::text(t!(lang, "fact.package"));
    let version = Column::text(t!(lang, "fact.version"));
    let source = Column::text(t!(lang, "fact.source_package"));
    let limit = if whole { fact.packages.len() } else { SHOWN };
    let rows: Vec<Vec<Markup>> = fact
        .packages
        .iter()
        .take(limit)
        .map(|package| {
            vec![
                row_header(&name, &html! { (package.name) }),
                cell(&version, &html! { (package.version) }),
                cell(&source, &html! { (package.source_name()) }),
            ]
        })
        .collect();
    let broken = match fact.broken.len() {
        0 => html! { (t!(lang, "fact.none")) },
        n => html! { (judged(false, &items(lang, n))) " " (fact.broken.join(", ")) },
    };
    let list = [
        (
            t!(lang, "fact.installed"),
            html! { (items(lang, fact.packages.len())) },
        ),
        (t!(lang, "fact.format"), html! { (format(fact.format)) }),
        (t!(lang, "fact.broken"), broken),
    ];
    html! {
        (definitions(&list))
        details class="long" open[whole] {
            summary { (t!(lang, "fact.show_packages")) }
            (table(&t!(lang, "fact.kind.packages"), &[name, version, source], &rows))
            @if fact.packages.len() > limit {
                p { a href="?packages=all#fact-packages" { (t!(lang, "fact.all_packages", n = fact.packages.len())) } }
            }
        }
    }
}

pub(super) fn pending(lang: Lang, fact: &PendingUpdates, now: Timestamp) -> Markup {
    let security = fact.updates.iter().filter(|update| update.security).count();
    let fetched = match fact.metadata_at {
        Some(at) => instant_with_age(lang, at, now),
        None => judged(false, &t!(lang, "fact.never")),
    };
    let source = if fact.security_source {
        yes_no(lang, Some(true))
    } else {
        judged(false, &t!(lang, "fact.no_security_source"))
    };
    html! {
        (definitions(&[
            (t!(lang, "fact.pending_security"), judged(security == 0, &items(lang, security))),
            (t!(lang, "fact.pending_all"), html! { (items(lang, fact.updates.len())) }),
            (t!(lang, "fact.metadata"), fetched),
            (t!(lang, "fact.security_source"), source),
        ]))
        @if !fact.updates.is_empty() { (update_table(lang, fact)) }
    }
}

fn update_table(lang: Lang, fact: &PendingUpdates) -> Markup {
    let name = Column::text(t!(lang, "fact.package"));
    let installed = Column::text(t!(lang, "fact.installed_version"));
    let offered = Column::text(t!(lang, "fact.offered_version"));
    let kind = Column::text(t!(lang, "fact.update_kind"));
    let rows: Vec<Vec<Markup>> = fact
        .updates
        .iter()
        .map(|update| {
            let sort = if update.security {
                judged(false, &t!(lang, "fact.update_security"))
            } else {
                html! { (t!(lang, "fact.update_other")) }
            };
            vec![
                row_header(&name, &html! { (update.name) }),
                cell(&installed, &html! { (update.installed) }),
                cell(&offered, &html! { (update.candidate) }),
                cell(&kind, &sort),
            ]
        })
        .collect();
    html! {
        details class="long" open[fact.updates.len() <= 10] {
            summary { (t!(lang, "fact.show_updates")) }
            (table(&t!(lang, "fact.kind.pending_updates"), &[name, installed, offered, kind], &rows))
        }
    }
}

pub(super) fn reboot(lang: Lang, fact: &RebootNeeded) -> Markup {
    let word = if fact.needed {
        t!(lang, "fact.reboot_yes")
    } else {
        t!(lang, "fact.reboot_no")
    };
    html! {
        p { (judged(!fact.needed, &word)) }
        @if !fact.because.is_empty() {
            p class="small muted" { (t!(lang, "fact.reboot_because", names = fact.because.join(", "))) }
        }
    }
}

pub(super) fn automatic(lang: Lang, fact: &AutomaticUpdates) -> Markup {
    let mechanism = match &fact.mechanism {
        Some(name) => html! { (name) },
        None => html! { span class="muted" { (t!(lang, "fact.none")) } },
    };
    definitions(&[
        (t!(lang, "fact.mechanism"), mechanism),
        (
            t!(lang, "fact.switched_on"),
            yes_no(lang, Some(fact.enabled)),
        ),
        (
            t!(lang, "fact.installs_security"),
            yes_no(lang, Some(fact.security)),
        ),
    ])
}
