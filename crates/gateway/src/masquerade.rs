//! Rules of this machine that give packets another source address. Behind one everybody who comes through a
//! tunnel would look like this machine at the line inside, and be taken for somebody there.
//!
//! This is a look at the start, for whoever sets the gateway up: rules of the older `iptables` are not seen by it,
//! nor those that come later, nor another machine's. What holds is the server's judgement of addresses.

use std::process::{Command, Stdio};

use crate::error::GatewayError;

/// What opens a block with a name.
const BLOCKS: [&str; 9] = [
    "table ",
    "chain ",
    "set ",
    "map ",
    "flowtable ",
    "counter ",
    "quota ",
    "limit ",
    "ct ",
];

/// What is to be said of such a rule; nothing where there is none, or the rules cannot be listed.
pub(crate) fn trouble() -> Option<GatewayError> {
    let listed = Command::new("nft")
        .args(["list", "ruleset"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let rules = String::from_utf8_lossy(&listed.stdout);
    let rule = first(&rules)?.to_owned();
    Some(GatewayError::Masquerades { rule })
}

/// The first rule of that kind, as `nft` lists it: its own statements, and the targets that `iptables` leaves there.
fn first(rules: &str) -> Option<&str> {
    rules.lines().map(str::trim).find(|line| changes(line))
}

/// Whether a line is such a rule: it has the statement outside quotation marks, or the target within them. All else
/// that stands within them, and whatever a block or a chain is called, are names and comments, which may be any.
fn changes(line: &str) -> bool {
    let named = BLOCKS.iter().any(|block| line.starts_with(block));
    if named && line.ends_with('{') {
        return false;
    }
    let mut target = false;
    for (place, part) in line.split('"').enumerate() {
        if place % 2 == 1 {
            if target && matches!(part, "MASQUERADE" | "SNAT") {
                return true;
            }
            continue;
        }
        let words: Vec<&str> = part.split_whitespace().collect();
        target = words.ends_with(&["xt", "target"]);
        let mut before = "";
        for word in words {
            let chain = matches!(before, "jump" | "goto");
            if !chain && matches!(word, "masquerade" | "snat") {
                return true;
            }
            before = word;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rule: &str) -> String {
        format!(
            "table ip nat {{\n\tchain snat {{\n\t\ttype nat hook postrouting priority srcnat; policy accept;\n\
            \t\t{rule}\n\t}}\n}}\n"
        )
    }

    #[test]
    fn rules_that_change_the_source_are_found_and_others_are_not() {
        for rule in [
            "masquerade",
            "oifname \"eth1\" counter packets 0 bytes 0 masquerade",
            "ip saddr 10.90.0.0/16 snat to 192.0.2.9",
            "counter packets 3 bytes 180 xt target \"MASQUERADE\"",
            "ip saddr 10.90.0.0/16 xt target \"SNAT\" comment \"as before\"",
            "masquerade comment \"tunnels\"",
            "comment \"first\" snat to ip saddr map { 10.90.0.7 : 192.0.2.9 }",
        ] {
            assert_eq!(first(&table(rule)), Some(rule));
        }
        for rule in [
            "",
            "dnat to 192.0.2.9:443",
            "tcp dport 443 accept",
            "counter packets 0 bytes 0 redirect to :8443",
            // Comments, interfaces, chains and sets may be called anything.
            "tcp dport 443 accept comment \"no masquerade here\"",
            "tcp dport 443 accept comment \"snat\"",
            "tcp dport 443 accept comment \"xt target MASQUERADE\"",
            "log prefix \"SNAT\" drop",
            "oifname \"masquerade\" accept",
            "tcp dport 443 jump snat",
            "ip saddr @snat goto masquerade",
            "counter masquerade {",
            "set snat {",
            "comment \"masquerade was here\"",
        ] {
            assert_eq!(first(&table(rule)), None, "{rule}");
        }
    }
}
