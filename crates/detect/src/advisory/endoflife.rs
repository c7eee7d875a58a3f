//! The endoflife.date export: `{product: {"releases": [{releaseCycle, eol, eoes, …}]}}`.

use std::collections::BTreeMap;
use std::io::Read;

use jiff::civil::Date;
use serde::Deserialize;

use super::day::parse_day;
use super::error::{FeedError, FeedFault};
use super::guard::Text;
use super::lifecycle::{Cycle, End};

#[derive(Deserialize)]
struct Product {
    releases: Vec<Release>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Release {
    release_cycle: String,
    #[serde(default)]
    codename: Option<String>,
    #[serde(default)]
    release_date: Option<String>,
    eol: DayOrFlag,
    #[serde(default)]
    eoes: Option<DayOrFlag>,
    #[serde(default)]
    latest_release_date: Option<String>,
}

/// Ends are written as a day, or as yes / not yet.
#[derive(Deserialize)]
#[serde(untagged)]
enum DayOrFlag {
    Flag(bool),
    Day(String),
}

/// The cycles, with a day the data cannot be older than: the newest release it mentions.
pub(crate) struct Parsed {
    pub(crate) cycles: Vec<Cycle>,
    pub(crate) not_before: Option<Date>,
}

pub(crate) fn parse<R: Read>(text: &mut Text<R>, max: usize) -> Result<Parsed, FeedError> {
    let products: BTreeMap<String, Product> = text.json(|json| Deserialize::deserialize(json))?;
    let mut parsed = Parsed {
        cycles: Vec::new(),
        not_before: None,
    };
    for (name, product) in products {
        for release in product.releases {
            if parsed.cycles.len() >= max {
                return Err(FeedError::whole(FeedFault::TooManyEntries(max)));
            }
            let latest = day(release.latest_release_date.as_deref())?;
            parsed.not_before = parsed.not_before.max(latest);
            parsed.cycles.push(cycle(&name, release)?);
        }
    }
    Ok(parsed)
}

fn day(text: Option<&str>) -> Result<Option<Date>, FeedError> {
    text.map(parse_day).transpose().map_err(FeedError::whole)
}

fn cycle(product: &str, release: Release) -> Result<Cycle, FeedError> {
    let standard = match release.eol {
        DayOrFlag::Flag(true) => End::Passed,
        DayOrFlag::Flag(false) => End::NotStated,
        DayOrFlag::Day(text) => End::On(parse_day(&text).map_err(FeedError::whole)?),
    };
    let extra = match &release.eoes {
        Some(DayOrFlag::Day(text)) => day(Some(text))?,
        _ => None,
    };
    // For Debian the period after the end is its free long-term support; elsewhere it is a
    // contract (ESM, ELS, ESU).
    let (lts, extended) = if product == "debian" {
        (extra, None)
    } else {
        (None, extra)
    };
    Ok(Cycle {
        product: product.into(),
        version: release.release_cycle.into(),
        codename: release.codename.map(|name| name.to_lowercase().into()),
        released: day(release.release_date.as_deref())?,
        standard,
        lts,
        extended,
    })
}
