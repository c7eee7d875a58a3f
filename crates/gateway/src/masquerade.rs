//! Rules of this machine that give packets another source address. Behind one everybody who comes through a
//! tunnel would look like this machine at the line inside, and be taken for somebody there.
//!
//! This is a look at the start, for whoever sets the gateway up: rules of the older `iptables` are not seen by it,
//! nor those that come later, nor another machine's. What holds is the server's judgement of addresses.

use std::process::{Command, Stdio};

use crate::error::GatewayError;

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
    let mut lines = rules.lines().map(str::trim);
    lines.find(|line| {
        // Chains may bear any name.
        !line.starts_with("chain ")
            && line
                .split([' ', '"'])
                .any(|word| matches!(word, "masquerade" | "snat" | "MASQUERADE" | "SNAT"))
    })
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
        ] {
            assert_eq!(first(&table(rule)), Some(rule));
        }
        for rule in [
            "",
            "dnat to 192.0.2.9:443",
            "tcp dport 443 accept",
            "counter packets 0 bytes 0 redirect to :8443",
        ] {
            assert_eq!(first(&table(rule)), None, "{rule}");
        }
    }
}
