//! Packet filter: what the kernel enforces, or what is configured where that is not to be seen.

use sekisho_domain::fact::{FactValue, Firewall, UnseenReason};
use serde_json::Value;

use super::{Found, Missed, Outcome};
use crate::host::{Host, RunError};

const NFT: &str = "nft list ruleset";
const IPTABLES: &str = "iptables-save";
const IP6TABLES: &str = "ip6tables-save";

/// What was learnt of the two families of addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Inbound {
    v4: bool,
    v6: bool,
    rules: u32,
}

fn v6_disabled(host: &Host) -> bool {
    !host.has("/proc/net/if_inet6")
        || host
            .line("/proc/sys/net/ipv6/conf/all/disable_ipv6")
            .as_deref()
            == Some("1")
}

/// Whether a rule drops or rejects everything that reaches it.
fn refuses_all(rule: &Value) -> bool {
    let expressions = rule["expr"].as_array().map_or(&[][..], Vec::as_slice);
    let verdict = |e: &Value| e.get("drop").is_some() || e.get("reject").is_some();
    let harmless = |e: &Value| e.get("counter").is_some() || e.get("log").is_some();
    expressions.last().is_some_and(verdict)
        && expressions[..expressions.len() - 1].iter().all(harmless)
}

/// Reads the JSON form of nft (libnftables-json(5)).
fn parse_nft(text: &str) -> Option<Inbound> {
    let root: Value = serde_json::from_str(text).ok()?;
    let items = root["nftables"].as_array()?;
    let mut inbound = Inbound::default();
    let rules: Vec<&Value> = items.iter().filter_map(|item| item.get("rule")).collect();
    inbound.rules = u32::try_from(rules.len()).unwrap_or(u32::MAX);
    for chain in items.iter().filter_map(|item| item.get("chain")) {
        if chain["hook"] != "input" || chain["type"] != "filter" {
            continue;
        }
        let of_chain = |rule: &&&Value| {
            rule["family"] == chain["family"]
                && rule["table"] == chain["table"]
                && rule["chain"] == chain["name"]
        };
        let last = rules.iter().rfind(of_chain);
        if chain["policy"] == "drop" || last.is_some_and(|rule| refuses_all(rule)) {
            inbound.v4 |= chain["family"] == "inet" || chain["family"] == "ip";
            inbound.v6 |= chain["family"] == "inet" || chain["family"] == "ip6";
        }
    }
    Some(inbound)
}

/// Reads the filter table of `iptables-save`: whether inbound is refused, and the rules.
fn parse_iptables(text: &str) -> (bool, u32) {
    let (mut in_filter, mut denies, mut rules) = (false, false, 0);
    let mut last_input = "";
    for line in text.lines() {
        if let Some(table) = line.strip_prefix('*') {
            in_filter = table == "filter";
        } else if line.starts_with("-A ") {
            rules += 1;
            if in_filter && line.starts_with("-A INPUT ") {
                last_input = line;
            }
        } else if in_filter && line.starts_with(":INPUT ") {
            denies = line.starts_with(":INPUT DROP");
        }
    }
    let bare = last_input
        .strip_prefix("-A INPUT -j ")
        .is_some_and(|target| target.starts_with("DROP") || target.starts_with("REJECT"));
    (denies || bare, rules)
}

/// What keeps the rules, by its own configuration.
fn keeper(host: &Host) -> Option<(&'static str, &'static str)> {
    const UFW: &str = "/etc/ufw/ufw.conf";
    let ufw = host.read_text(UFW).unwrap_or_default();
    if ufw
        .lines()
        .any(|line| line.trim().eq_ignore_ascii_case("ENABLED=yes"))
    {
        return Some(("ufw", UFW));
    }
    let wanted = "/etc/systemd/system/multi-user.target.wants/firewalld.service";
    if host.has_link(wanted) {
        return Some(("firewalld", wanted));
    }
    for wanted in ["sysinit.target.wants", "multi-user.target.wants"] {
        if host.has_link(format!("/etc/systemd/system/{wanted}/nftables.service")) {
            return Some(("nftables", "/etc/nftables.conf"));
        }
    }
    if host.has_link("/etc/runlevels/default/nftables") {
        return Some(("nftables", "/etc/nftables.nft"));
    }
    let rules = "/etc/iptables/rules.v4";
    host.has(rules).then_some(("iptables", rules))
}

/// What the configuration of a keeper says: refused unless allowed, and the number of rules.
fn configured(host: &Host, keeper: &str, path: &str) -> (bool, u32) {
    match keeper {
        "ufw" => {
            let defaults = host.read_text("/etc/default/ufw").unwrap_or_default();
            let denies = defaults.lines().any(|line| {
                let value = line.trim().strip_prefix("DEFAULT_INPUT_POLICY=");
                value.is_some_and(|v| matches!(v.trim_matches('"'), "DROP" | "REJECT"))
            });
            (denies, 0)
        }
        // Every zone but `trusted` refuses what no service or port allows.
        "firewalld" => {
            let text = host
                .read_text("/etc/firewalld/firewalld.conf")
                .unwrap_or_default();
            let zone = text
                .lines()
                .find_map(|line| line.strip_prefix("DefaultZone="));
            (zone.map(str::trim) != Some("trusted"), 0)
        }
        "iptables" => {
            let (v4, rules) = parse_iptables(&host.read_text(path).unwrap_or_default());
            let v6 = host.read_text("/etc/iptables/rules.v6").unwrap_or_default();
            let (v6, more) = parse_iptables(&v6);
            (v4 && (v6 || v6_disabled(host)), rules + more)
        }
        _ => {
            let text = host.read_text(path).unwrap_or_default();
            let denies = text
                .lines()
                .map(|line| line.split('#').next().unwrap_or_default())
                .any(|line| line.contains("hook input") && line.contains("policy drop"));
            (denies, 0)
        }
    }
}

enum Enforced {
    Rules(Inbound, &'static str),
    NoTool,
    NotAllowed(&'static str),
    Failed(Missed),
}

fn refused(text: &str) -> bool {
    text.contains("not permitted") || text.contains("must be root") || text.contains("ermission")
}

fn enforced(host: &Host) -> Enforced {
    match host.run("nft", &["--json", "list", "ruleset"]) {
        Ok(output) if output.code == 0 => match parse_nft(&output.stdout) {
            Some(inbound) => return Enforced::Rules(inbound, NFT),
            None => return Enforced::Failed(Missed::unreadable(NFT, "not the JSON of nft")),
        },
        Ok(output) if refused(&output.stderr) => return Enforced::NotAllowed(NFT),
        Ok(_) | Err(RunError::Missing) => {}
        Err(error) => return Enforced::Failed(Missed::run(NFT, &error)),
    }
    let v4 = match host.run(IPTABLES, &[]) {
        Ok(output) if output.code == 0 => parse_iptables(&output.stdout),
        Ok(output) if refused(&output.stderr) => return Enforced::NotAllowed(IPTABLES),
        Ok(output) => return Enforced::Failed(Missed::unreadable(IPTABLES, output.stderr)),
        Err(RunError::Missing) => return Enforced::NoTool,
        Err(error) => return Enforced::Failed(Missed::run(IPTABLES, &error)),
    };
    let v6 = match host.run(IP6TABLES, &[]) {
        Ok(output) if output.code == 0 => parse_iptables(&output.stdout),
        _ => (false, 0),
    };
    let inbound = Inbound {
        v4: v4.0,
        v6: v6.0,
        rules: v4.1 + v6.1,
    };
    Enforced::Rules(inbound, IPTABLES)
}

pub(super) fn collect(host: &Host) -> Outcome {
    let keeper = keeper(host);
    let needs = match enforced(host) {
        Enforced::Rules(inbound, source) => {
            let tool = if source == NFT {
                "nftables"
            } else {
                "iptables"
            };
            let filter = (inbound.rules > 0 || inbound.v4 || inbound.v6)
                .then(|| keeper.map_or(tool, |(name, _)| name).to_owned());
            let value = FactValue::Firewall(Firewall {
                filter,
                inbound_default_deny: inbound.v4 && (inbound.v6 || v6_disabled(host)),
                rules: inbound.rules,
                enforced: true,
            });
            return Ok(Found::new(value, source));
        }
        Enforced::Failed(missed) => return Err(missed),
        Enforced::NotAllowed(what) => Some(UnseenReason::NeedsPrivilege {
            what: what.to_owned(),
        }),
        Enforced::NoTool => None,
    };
    match (keeper, needs) {
        (Some((name, path)), partial) => {
            let (denies, rules) = configured(host, name, path);
            let value = FactValue::Firewall(Firewall {
                filter: Some(name.to_owned()),
                inbound_default_deny: denies,
                rules,
                enforced: false,
            });
            Ok(Found::new(value, path).lacking(partial))
        }
        (None, Some(reason)) => Err(Missed {
            reason,
            source: NFT.to_owned(),
        }),
        // No tool to load rules and nothing that would: there is no filter.
        (None, None) => {
            let value = FactValue::Firewall(Firewall {
                filter: None,
                inbound_default_deny: false,
                rules: 0,
                enforced: false,
            });
            Ok(Found::new(
                value,
                "nft, iptables, ufw, firewalld: not installed",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nft(family: &str, policy: &str, last: &str) -> Inbound {
        let chain = format!(
            r#"{{"nftables":[{{"metainfo":{{}}}},{{"chain":{{"family":"{family}","table":"t",
            "name":"in","type":"filter","hook":"input","prio":0,"policy":"{policy}"}}}},
            {{"rule":{{"family":"{family}","table":"t","chain":"in","expr":[{last}]}}}}]}}"#
        );
        parse_nft(&chain).unwrap()
    }

    #[test]
    fn default_deny_needs_policy_or_a_last_rule_without_conditions() {
        let accept = r#"{"accept":null}"#;
        let both = |i: Inbound| (i.v4, i.v6);
        assert_eq!(both(nft("inet", "drop", accept)), (true, true));
        assert_eq!(both(nft("ip", "drop", accept)), (true, false));
        assert_eq!(both(nft("inet", "accept", accept)), (false, false));
        assert_eq!(
            both(nft("inet", "accept", r#"{"counter":{}},{"reject":null}"#)),
            (true, true)
        );
        assert_eq!(
            both(nft("inet", "accept", r#"{"match":{}},{"drop":null}"#)),
            (false, false)
        );
        assert_eq!(parse_nft("{}"), None);
    }

    #[test]
    fn iptables_is_judged_in_its_filter_table_only() {
        let text = "*nat\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -i lo -j ACCEPT\n";
        assert_eq!(parse_iptables(text), (false, 1));
        let text =
            format!("{text}-A INPUT -j REJECT --reject-with icmp-port-unreachable\nCOMMIT\n");
        assert_eq!(parse_iptables(&text), (true, 2));
        assert_eq!(parse_iptables("*filter\n:INPUT DROP [0:0]\n"), (true, 0));
    }
}
