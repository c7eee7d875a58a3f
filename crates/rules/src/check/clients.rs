//! Clients of conference tools that a device reports: which versions, and whether something is known against
//! each (notices, 4).
//!
//! No check of its own: a tool is used by whom its work asks for, and no row asks it of every device. What is
//! seen is kept beside the results, and the row on conference tools rests on it.

use std::cmp::Ordering;

use sekisho_detect::advisory::version::Ecosystem;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::fact::{FactKind, Package, PackageFormat, Packages};
use sekisho_domain::id::ConferenceToolId;
use sekisho_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::facts::{DeviceFacts, Sight, sight};
use super::knowledge::Knowledge;
use super::lists::Tool;
use super::{Found, Given, Judged, advisories, unseen};

/// The facts in which clients are looked for.
pub const CLIENTS_NEED: &[FactKind] = &[
    FactKind::Packages,
    FactKind::OsRelease,
    FactKind::PendingUpdates,
];

/// The check whose feeds and freshness count for clients as well.
pub const CLIENTS_AS: DeviceCheck = DeviceCheck::Advisories;

/// A client that a device reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// The tool.
    pub tool: ConferenceToolId,
    /// The name under which it is installed.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Whether something is known against it.
    pub outcome: Outcome,
    /// What.
    pub reason: Reason,
    /// From when on that is no longer known, where that is before the report itself is too old.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The clients that a device reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceClients {
    /// What was looked for; see [`Tools::mark`](super::Tools::mark).
    pub asked: String,
    /// When the server received what it rests on.
    pub received_at: Timestamp,
    /// From when on nothing of it counts any more.
    pub fresh_until: Timestamp,
    /// Why not everything that is installed was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Reason>,
    /// Those that were seen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<Client>,
}

/// Looks for the clients on a device. None where no tool says by which names it is reported, and where the
/// device never told what is installed.
#[must_use]
pub fn clients_of(
    facts: &DeviceFacts<'_>,
    knowledge: &Knowledge<'_>,
    now: Timestamp,
) -> Option<DeviceClients> {
    let tools = knowledge.lists?.tools();
    let asked = tools.mark()?.to_owned();
    let received_at = facts.fact(FactKind::Packages)?.received_at;
    let given = Given {
        facts,
        knowledge,
        now,
    };
    let mut clients = Vec::new();
    let hidden = match sight!(given, Packages) {
        Err(reason) => Some(reason),
        Ok(packages) => {
            for tool in tools.iter() {
                let all = packages.value.packages.iter();
                // Not by its source: the parts of one product would each be a client.
                let meant = all.filter(|it| tool.means(&it.name));
                clients.extend(meant.map(|it| client(given, packages.value, it, tool)));
            }
            // One of several architectures is the same client.
            clients.dedup();
            in_part(packages)
        }
    };
    Some(DeviceClients {
        asked,
        received_at,
        fresh_until: received_at.after(CLIENTS_AS.freshness_of(facts.source())),
        unseen: hidden,
        clients,
    })
}

fn in_part(packages: Sight<'_, Packages>) -> Option<Reason> {
    if packages.value.packages.is_empty() {
        return Some(Reason::new("advisory.no-packages"));
    }
    packages.partial.map(unseen)
}

fn client(given: Given<'_, '_>, all: &Packages, package: &Package, tool: &Tool) -> Client {
    let found = judge(given, all, package, tool);
    Client {
        tool: tool.id,
        package: package.name.clone(),
        version: package.version.clone(),
        outcome: found.outcome,
        reason: found.reason,
        until: found.until,
    }
}

/// An update that waits for the very package, and a vulnerability that is open in it, are told whatever the
/// provider says. The provider's word is enough where no feed tells of the package.
fn judge(given: Given<'_, '_>, all: &Packages, package: &Package, tool: &Tool) -> Found {
    if let Some(offered) = offered(given, &package.name) {
        let reason = Reason::new("services.client-update-waits").with("offered", offered);
        return Found::fail(reason);
    }
    let by_feeds = by_feeds(given, all.format, package).unwrap_or_else(Found::unknown);
    if by_feeds.outcome == Outcome::Fail {
        return by_feeds;
    }
    let said = tool.safe_from.as_deref();
    let found = match said.map(|oldest| by_provider(all.format, &package.version, oldest)) {
        Some(said) if said.outcome != Outcome::Pass || is_told_by_no_feed(&by_feeds) => said,
        _ => by_feeds,
    };
    if found.outcome == Outcome::Pass && all.broken.contains(&package.name) {
        return Found::unknown(Reason::new("advisory.broken-packages").with("n", 1_u32));
    }
    found
}

/// The version that the package manager offers in the place of the one installed.
fn offered<'a>(given: Given<'a, '_>, package: &str) -> Option<&'a str> {
    let pending = sight!(given, PendingUpdates).ok()?;
    let mut updates = pending.value.updates.iter();
    let update = updates.find(|update| update.name == package)?;
    Some(update.candidate.as_str())
}

fn by_feeds(given: Given<'_, '_>, format: PackageFormat, package: &Package) -> Judged {
    let os = sight!(given, OsRelease)?;
    let one = std::iter::once(package);
    let found = advisories::by_feeds(given, (format, os.value, None), one)?;
    if found.outcome == Outcome::Pass && !advisories::is_named(given, os.value, package) {
        // A feed of a whole release is silent on what it has no vulnerability of and on what is not of it: a
        // client from elsewhere would pass by that silence.
        return Err(Reason::new("advisory.not-covered").with("n", 1_u32));
    }
    Ok(found.unless_hidden(os.partial))
}

/// Whether the package is one of which no feed says anything, so that only its provider can.
fn is_told_by_no_feed(found: &Found) -> bool {
    matches!(
        &*found.reason.code,
        "advisory.not-covered" | "advisory.other-format"
    )
}

/// How a version stands to the oldest one that the provider calls free of known vulnerabilities.
fn by_provider(format: PackageFormat, version: &str, oldest: &str) -> Found {
    let order = match format {
        PackageFormat::Rpm => Ecosystem::Rpm,
        // Of numbers with dots between, which the others are, this is the order as well.
        PackageFormat::Deb | PackageFormat::Apk | PackageFormat::Msi | PackageFormat::App => {
            Ecosystem::Debian
        }
    };
    let reason = |code| Reason::new(code).with("oldest", oldest);
    // Providers know nothing of the epoch that a distribution puts before their version, and with which every
    // version would be newer.
    let version = match version.split_once(':') {
        Some((_, upstream)) if !oldest.contains(':') => upstream,
        _ => version,
    };
    match order.compare(version, oldest) {
        Some(Ordering::Less) => Found::fail(reason("services.client-old")),
        Some(Ordering::Equal | Ordering::Greater) => Found::pass(reason("services.client-safe")),
        None => Found::unknown(reason("services.client-unordered")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_of_the_distribution_makes_no_old_client_a_new_one() {
        use Outcome::{Fail, Pass};
        use PackageFormat::{Deb, Rpm};
        for (format, version, oldest, expected) in [
            (Deb, "1:115.0-1", "128.0", Fail),
            (Deb, "1:128.0-1", "128.0", Pass),
            (Rpm, "2:5.16.9-1", "5.17", Fail),
            (Rpm, "2:5.17.0-1", "5.17", Pass),
            (Deb, "115.0", "128.0", Fail),
            // Whoever writes one means it.
            (Deb, "1:115.0", "1:128.0", Fail),
            (Deb, "2:115.0", "1:128.0", Pass),
        ] {
            let found = by_provider(format, version, oldest).outcome;
            assert_eq!(found, expected, "{version} to {oldest}");
        }
    }
}
