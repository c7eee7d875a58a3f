//! Every dependency has a licence that `deny.toml` allows and comes from the registry.

use serde_json::Value;

use super::Finding;
use super::tree::Tree;

const POLICY: &str = "deny.toml";

/// Reads the allow list and judges every package of the build.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let allowed = match tree.file(POLICY).map(|file| allow_list(&file.text)) {
        Some(Ok(list)) => list,
        Some(Err(message)) => return vec![Finding::new(POLICY, 0, message)],
        None => return vec![Finding::new(POLICY, 0, "is missing")],
    };
    tree.packages
        .iter()
        .filter_map(|package| judge(package, &allowed))
        .collect()
}

fn allow_list(policy: &str) -> Result<Vec<String>, String> {
    let table: toml::Table = policy.parse().map_err(|error| format!("{error}"))?;
    let list = table
        .get("licenses")
        .and_then(|it| it.get("allow"))
        .and_then(|it| it.as_array());
    let list = list.ok_or_else(|| "has no licenses.allow".to_owned())?;
    Ok(list
        .iter()
        .filter_map(|it| it.as_str())
        .map(str::to_owned)
        .collect())
}

fn judge(package: &Value, allowed: &[String]) -> Option<Finding> {
    let name = format!(
        "{} {}",
        package["name"].as_str()?,
        package["version"].as_str()?
    );
    // Our own packages have no source.
    let source = package["source"].as_str()?;
    if !source.starts_with("registry+") {
        return Some(Finding::new(
            "Cargo.lock",
            0,
            format!("{name} is not from the registry"),
        ));
    }
    let licence = package["license"].as_str().unwrap_or("(none stated)");
    let held = satisfied(licence, allowed);
    (!held).then(|| Finding::new("Cargo.lock", 0, format!("{name}: licence {licence}")))
}

/// Whether an SPDX expression can be met with the allowed licences alone.
fn satisfied(expression: &str, allowed: &[String]) -> bool {
    // `A/B` is the old way to write `A OR B`.
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser {
        tokens: &tokens,
        at: 0,
        allowed,
    };
    parser.any() && parser.at == tokens.len()
}

struct Parser<'a> {
    tokens: &'a [&'a str],
    at: usize,
    allowed: &'a [String],
}

impl Parser<'_> {
    fn takes(&mut self, token: &str) -> bool {
        let next = self.tokens.get(self.at) == Some(&token);
        self.at += usize::from(next);
        next
    }

    fn any(&mut self) -> bool {
        let mut held = self.all();
        while self.takes("OR") {
            held |= self.all();
        }
        held
    }

    fn all(&mut self) -> bool {
        let mut held = self.one();
        while self.takes("AND") {
            held &= self.one();
        }
        held
    }

    fn one(&mut self) -> bool {
        if self.takes("(") {
            let held = self.any();
            return self.takes(")") && held;
        }
        let Some(name) = self.tokens.get(self.at) else {
            return false;
        };
        self.at += 1;
        // An exception (`WITH …`) only ever gives more freedom than the licence itself.
        if self.takes("WITH") {
            self.at += 1;
        }
        self.allowed.iter().any(|it| it == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged_as_spdx_means_them() {
        let allowed: Vec<String> = ["MIT", "Apache-2.0", "ISC"].map(str::to_owned).into();
        for (expression, expected) in [
            ("MIT", true),
            ("GPL-3.0-only", false),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-only OR MIT", true),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR GPL-2.0-only) AND ISC", true),
            ("MIT/Apache-2.0", true),
            ("GPL-2.0-only OR LGPL-2.1-only AND MIT", false),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("(MIT", false),
            ("", false),
            ("(none stated)", false),
        ] {
            assert_eq!(satisfied(expression, &allowed), expected, "{expression}");
        }
    }

    #[test]
    fn a_package_from_elsewhere_is_found() {
        let package = serde_json::json!({
            "name": "a", "version": "1.0.0", "license": "MIT", "source": "git+https://a.example/b"
        });
        assert!(judge(&package, &["MIT".to_owned()]).is_some());
    }
}
