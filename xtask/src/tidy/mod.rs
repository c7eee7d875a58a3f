//! `cargo xtask tidy`: the house rules as tests, one file a rule.

mod arrows;
mod catalogue_rows;
mod functions;
mod licences;
mod lints;
mod messages;
mod places;
mod purity;
mod scan;
mod sizes;
mod tree;
mod unfinished;
mod unsafe_code;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::count::Count;
use crate::workspace::Workspace;
use tree::Tree;

/// A rule: its name in the output and the function that applies it.
type Rule = (&'static str, fn(&Tree) -> Vec<Finding>);

const RULES: &[Rule] = &[
    ("arrows between rooms", arrows::check),
    ("pure rooms stay pure", purity::check),
    ("functions of at most 60 lines", functions::check),
    ("files of at most 600 lines", sizes::check),
    ("nothing unfinished", unfinished::check),
    ("no unsafe", unsafe_code::check),
    ("lints in force everywhere", lints::check),
    ("no machine paths, no registry hosts", places::check),
    ("licences and sources of dependencies", licences::check),
    ("message catalogues", messages::check),
    ("requirement catalogue", catalogue_rows::check),
];

/// Something a rule found.
#[derive(Debug, PartialEq, Eq)]
pub struct Finding {
    path: PathBuf,
    line: usize,
    text: String,
    warning: bool,
}

impl Finding {
    /// A breach, at a line counted from 1 (0: the file as a whole).
    fn new(path: impl AsRef<Path>, line: usize, text: impl Into<String>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            line,
            text: text.into(),
            warning: false,
        }
    }

    /// Something to look at that breaks nothing.
    fn warning(path: impl AsRef<Path>, line: usize, text: impl Into<String>) -> Self {
        Self {
            warning: true,
            ..Self::new(path, line, text)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = if self.warning { "warning" } else { "error" };
        match self.line {
            0 => write!(out, "{level}: {}: {}", self.path.display(), self.text),
            line => write!(
                out,
                "{level}: {}:{line}: {}",
                self.path.display(),
                self.text
            ),
        }
    }
}

/// The command of its own. True where nothing is broken.
pub fn run(workspace: &Workspace) -> Result<bool, String> {
    let count = check(workspace)?;
    println!("{count}");
    Ok(count.failed == 0)
}

/// Applies every rule and counts each as one test.
pub fn check(workspace: &Workspace) -> Result<Count, String> {
    let tree = Tree::read(workspace)?;
    let mut count = Count::default();
    for (name, rule) in RULES {
        let findings = rule(&tree);
        let held = findings.iter().all(|it| it.warning);
        println!("   {} {name}", if held { "ok " } else { "NOT" });
        for finding in &findings {
            println!("      {finding}");
        }
        count += Count::one(held);
    }
    Ok(count)
}
