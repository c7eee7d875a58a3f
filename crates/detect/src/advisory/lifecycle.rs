//! End of support of operating systems and products, asked for a given day.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

/// How a cycle's standard support ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// On this day, which is the last supported one.
    On(Date),
    /// It has ended; the day is not known.
    Passed,
    /// No end is stated.
    NotStated,
}

/// One release line of a product with its ends of support.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cycle {
    /// Product (`debian`, `rocky-linux`).
    pub product: Arc<str>,
    /// Release line (`12`, `24.04`, `9`).
    pub version: Arc<str>,
    /// Code name in lower case.
    pub codename: Option<Arc<str>>,
    /// Day of release; `None` while it is in preparation.
    pub released: Option<Date>,
    /// End of standard support.
    pub standard: End,
    /// Last day of free long-term support after the standard one.
    pub lts: Option<Date>,
    /// Last day of support that needs a contract (Debian ELTS, Ubuntu Pro, RHEL ELS, Windows ESU).
    pub extended: Option<Date>,
}

/// Whether something is supported on a given day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "lifecycle", rename_all = "snake_case")]
pub enum Lifecycle {
    /// Standard support, up to and including the day where one is stated.
    Supported {
        /// Last supported day.
        until: Option<Date>,
    },
    /// Standard support ended; free long-term support goes on, for fewer packages or architectures.
    LtsOnly {
        /// Last day of long-term support.
        until: Date,
    },
    /// Only support under a contract is left. Without the contract this is an end.
    ContractOnly {
        /// Last day of free support; `None` where not known.
        ended: Option<Date>,
        /// Last day under contract.
        until: Date,
    },
    /// No support of any kind.
    Ended {
        /// Last supported day; `None` where not known.
        at: Option<Date>,
    },
    /// Cannot be told.
    Unknown {
        /// Why.
        reason: LifecycleUnknown,
    },
}

/// Why the end of support cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LifecycleUnknown {
    /// No end-of-life data has been imported.
    NoData,
    /// The product is not in the data.
    ProductNotListed,
    /// The version was not reported.
    VersionMissing,
    /// The version is not in the data.
    VersionNotListed,
    /// The version is in preparation and no support has been promised yet.
    NotReleased,
}

impl Cycle {
    /// Whether the cycle is supported on a day.
    pub fn at(&self, today: Date) -> Lifecycle {
        let known = self.standard != End::NotStated;
        if !known && self.released.is_none_or(|day| day > today) {
            return Lifecycle::Unknown {
                reason: LifecycleUnknown::NotReleased,
            };
        }
        let standard = match self.standard {
            End::NotStated => return Lifecycle::Supported { until: None },
            End::On(day) if today <= day => return Lifecycle::Supported { until: Some(day) },
            End::On(day) => Some(day),
            End::Passed => None,
        };
        let free = standard.max(self.lts);
        match (self.lts, self.extended) {
            (Some(until), _) if today <= until => Lifecycle::LtsOnly { until },
            (_, Some(until)) if today <= until => Lifecycle::ContractOnly { ended: free, until },
            _ => Lifecycle::Ended { at: free },
        }
    }
}

/// All known life cycles.
#[derive(Debug, Clone, Default)]
pub struct LifecycleTable {
    products: HashMap<Arc<str>, Vec<Cycle>>,
}

/// Products that operating systems call otherwise (`ID` in os-release) than the data does.
const PRODUCT_OF_OS: &[(&str, &str)] = &[
    ("alpine", "alpine-linux"),
    ("amzn", "amazon-linux"),
    ("linuxmint", "linux-mint"),
    ("ol", "oracle-linux"),
    ("opensuse-leap", "opensuse"),
    ("rocky", "rocky-linux"),
];

impl LifecycleTable {
    /// Adds cycles. What is there already stays: add the distributions' own tables first, then
    /// general ones, which only fill gaps.
    pub fn add(&mut self, cycles: impl IntoIterator<Item = Cycle>) {
        for cycle in cycles {
            let known = self.products.entry(cycle.product.clone()).or_default();
            if !known.iter().any(|k| k.version == cycle.version) {
                known.push(cycle);
            }
        }
    }

    /// Number of cycles.
    pub fn len(&self) -> usize {
        self.products.values().map(Vec::len).sum()
    }

    /// Whether there is no cycle.
    pub fn is_empty(&self) -> bool {
        self.products.is_empty()
    }

    /// The cycle an operating system or product belongs to. `version` may be finer than the cycle
    /// (`9.4` belongs to `9`, `3.22.1` to `3.22`), or a code name.
    ///
    /// # Errors
    /// Why there is none.
    pub fn find(&self, os: &str, version: &str) -> Result<&Cycle, LifecycleUnknown> {
        if self.is_empty() {
            return Err(LifecycleUnknown::NoData);
        }
        let alias = PRODUCT_OF_OS
            .iter()
            .find(|(id, _)| *id == os)
            .map_or(os, |(_, p)| p);
        let cycles = self
            .products
            .get(alias)
            .ok_or(LifecycleUnknown::ProductNotListed)?;
        let version = version.trim();
        if version.is_empty() {
            return Err(LifecycleUnknown::VersionMissing);
        }
        let belongs = |cycle: &&Cycle| {
            let rest = version.strip_prefix(&*cycle.version);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                || cycle.codename.as_deref() == Some(version)
        };
        let best = cycles
            .iter()
            .filter(belongs)
            .max_by_key(|cycle| cycle.version.len());
        best.ok_or(LifecycleUnknown::VersionNotListed)
    }

    /// Whether an operating system or product is supported on a day.
    pub fn lookup(&self, os: &str, version: &str, today: Date) -> Lifecycle {
        match self.find(os, version) {
            Ok(cycle) => cycle.at(today),
            Err(reason) => Lifecycle::Unknown { reason },
        }
    }
}
