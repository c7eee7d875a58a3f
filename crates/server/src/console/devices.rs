//! The list of devices.

use maud::{Markup, html};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{DeviceClass, StateSource};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Counter, Lang, count, t, text};

use super::components::{
    Column, Pages, age, cell, empty_state, outcome_badge, pagination, row_header, table,
};
use super::layout::{Frame, heading, page as frame_page};
use super::words::{self, Localised};

/// One device of the list.
#[derive(Clone, Debug)]
pub struct DeviceItem {
    /// Its id.
    pub id: String,
    /// Host name as it states it.
    pub name: String,
    /// Issued or BYOD.
    pub class: DeviceClass,
    /// Who tells of its state.
    pub source: StateSource,
    /// The unit it belongs to.
    pub unit: Localised,
    /// Name of its user, where the reader may see it.
    pub user: Option<String>,
    /// Operating system for people.
    pub system: Option<String>,
    /// The gravest outcome over its checks.
    pub outcome: Outcome,
    /// The checks that fail.
    pub failing: Vec<DeviceCheck>,
    /// The checks of which nothing fresh is known.
    pub unknown: Vec<DeviceCheck>,
    /// When it last reported; none when never.
    pub reported_at: Option<Timestamp>,
}

/// Which devices are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All.
    All,
    /// Those with a failing check.
    Failing,
    /// Those with something unknown and nothing failing.
    Unknown,
    /// Those that pass everything.
    Sound,
}

impl Filter {
    /// Every filter in order.
    pub const ALL: [Self; 4] = [Self::All, Self::Failing, Self::Unknown, Self::Sound];

    /// The value of `?state=`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Failing => "failing",
            Self::Unknown => "unknown",
            Self::Sound => "sound",
        }
    }

    /// The filter of a code; all for anything else.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|filter| filter.code() == code)
            .unwrap_or(Self::All)
    }
}

/// The list.
#[derive(Clone, Debug)]
pub struct Devices {
    /// Which devices are shown.
    pub filter: Filter,
    /// How many there are under each of [`Filter::ALL`].
    pub totals: [u32; 4],
    /// The devices of this page of the list.
    pub items: Vec<DeviceItem>,
    /// Where in the list this page stands; none when all fit.
    pub pages: Option<Pages>,
    /// Whether the reader may hand out secrets to enrol devices.
    pub may_invite: bool,
}

fn filters(lang: Lang, view: &Devices) -> Markup {
    html! {
        nav class="filters" aria-label=(t!(lang, "device.filter")) {
            ul {
                @for (filter, total) in Filter::ALL.into_iter().zip(view.totals) {
                    li {
                        a href={ "/devices?state=" (filter.code()) } aria-current=[(filter == view.filter).then_some("true")] {
                            (text(lang, format!("device.state.{}", filter.code()), &[])) " "
                            span class="num" { (count(lang, u64::from(total), Counter::Machine)) }
                        }
                    }
                }
            }
        }
    }
}

fn names(lang: Lang, checks: &[DeviceCheck]) -> String {
    let separator = match lang {
        Lang::Ja => "、",
        Lang::En => ", ",
    };
    checks
        .iter()
        .map(|check| words::check(lang, *check))
        .collect::<Vec<_>>()
        .join(separator)
}

fn findings(lang: Lang, item: &DeviceItem) -> Markup {
    html! {
        @if !item.failing.is_empty() { p { (names(lang, &item.failing)) } }
        @if !item.unknown.is_empty() {
            p class="muted small" { (t!(lang, "device.unknown_checks", names = names(lang, &item.unknown))) }
        }
        @if item.failing.is_empty() && item.unknown.is_empty() { span class="muted" { "–" } }
    }
}

fn rows(frame: &Frame, items: &[DeviceItem]) -> Markup {
    let lang = frame.lang;
    let name = Column::text(t!(lang, "device.column.name"));
    let result = Column::text(t!(lang, "device.column.result"));
    let finding = Column::text(t!(lang, "device.column.findings"));
    let owner = Column::text(t!(lang, "device.column.owner"));
    let reported = Column::text(t!(lang, "device.column.reported"));
    let rows: Vec<Vec<Markup>> = items
        .iter()
        .map(|item| {
            let who = html! {
                (item.unit.show(lang))
                @if let Some(user) = &item.user { p class="small muted" { (user) } }
            };
            let head = html! {
                a href={ "/devices/" (item.id) } { (item.name) }
                p class="small muted" {
                    (words::class(lang, item.class))
                    @if let Some(system) = &item.system { " · " (system) }
                    @if item.source == StateSource::Declared { " · " (t!(lang, "device.declared_mark")) }
                }
            };
            let never = html! { span class="stale" { (t!(lang, "device.never_reported")) } };
            let seen = item
                .reported_at
                .map_or(never, |at| age(lang, at, frame.now));
            vec![
                row_header(&name, &head),
                cell(&result, &outcome_badge(lang, item.outcome)),
                cell(&finding, &findings(lang, item)),
                cell(&owner, &who),
                cell(&reported, &seen),
            ]
        })
        .collect();
    table(
        &t!(lang, "device.list"),
        &[name, result, finding, owner, reported],
        &rows,
    )
}

/// The page.
#[must_use]
pub fn page(frame: &Frame, view: &Devices) -> Markup {
    let lang = frame.lang;
    let title = t!(lang, "device.list");
    let main = html! {
        (heading(&[], &html! { (title) }, &html! { (t!(lang, "device.list_lead")) }))
        @if view.may_invite {
            p { a class="button button--secondary" href="/organisation#device_unit" { (t!(lang, "device.invite")) } }
        }
        (filters(lang, view))
        @if view.items.is_empty() {
            (empty_state(&t!(lang, "device.none"), &t!(lang, "device.none_how")))
        } @else {
            (rows(frame, &view.items))
            @if let Some(pages) = &view.pages { (pagination(lang, pages)) }
        }
    };
    frame_page(frame, &title, &main)
}
