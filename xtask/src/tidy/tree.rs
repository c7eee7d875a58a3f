//! What the rules look at: the files that git has or would take, and the packages.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use super::scan::Scanned;
use crate::shell;
use crate::workspace::{Member, Workspace};

/// All that is looked at.
#[derive(Default)]
pub struct Tree {
    /// Every text file by its path from the root, in order.
    pub files: Vec<File>,
    /// Every path, of pictures and other binary files too.
    pub paths: Vec<PathBuf>,
    /// Our own packages.
    pub members: BTreeMap<String, Member>,
    /// All packages of the build, as cargo describes them.
    pub packages: Vec<Value>,
}

/// One text file.
pub struct File {
    /// From the workspace root.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
    /// For Rust: code, strings and test regions told apart.
    pub rust: Option<Scanned>,
}

impl Tree {
    /// Reads the checkout. Files not yet added to git count too, so that a breach is found before
    /// it is committed.
    pub fn read(workspace: &Workspace) -> Result<Self, String> {
        let reread = Workspace::load()?;
        let mut git = Command::new("git");
        git.current_dir(&workspace.root);
        git.args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ]);
        let listed = shell::capture(&mut git)?;
        let mut tree = Self {
            members: reread.members,
            packages: workspace.all_packages()?,
            ..Self::default()
        };
        for name in listed.split('\0').filter(|it| !it.is_empty()) {
            let path = PathBuf::from(name);
            // A file deleted but not yet committed is listed and gone.
            if let Ok(bytes) = std::fs::read(workspace.root.join(&path)) {
                if let Ok(text) = String::from_utf8(bytes) {
                    tree.files.push(File::new(path.clone(), text));
                }
                tree.paths.push(path);
            }
        }
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// Every Rust file with its scan.
    pub fn rust(&self) -> impl Iterator<Item = (&File, &Scanned)> {
        self.files
            .iter()
            .filter_map(|file| Some((file, file.rust.as_ref()?)))
    }

    /// The file at a path.
    pub fn file(&self, path: impl AsRef<Path>) -> Option<&File> {
        self.files.iter().find(|file| file.path == path.as_ref())
    }

    /// Every file below a folder with an ending.
    pub fn below<'a>(&'a self, folder: &'a str, ending: &'a str) -> impl Iterator<Item = &'a File> {
        self.files.iter().filter(move |file| {
            file.path.starts_with(folder) && file.path.extension().is_some_and(|it| it == ending)
        })
    }
}

impl File {
    /// Takes a text, scanned where it is Rust.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let (path, text) = (path.into(), text.into());
        let is_rust = path.extension().is_some_and(|it| it == "rs");
        let rust = is_rust.then(|| Scanned::new(&text));
        Self { path, text, rust }
    }

    /// True for code that only tests use: `tests/`, `benches/`, and `tests.rs` modules.
    pub fn is_test_file(&self) -> bool {
        self.path
            .iter()
            .any(|part| part == "tests" || part == "benches" || part == "tests.rs")
    }
}

#[cfg(test)]
impl Tree {
    /// A tree of made-up files, for the tests of the rules.
    pub fn of(files: &[(&str, &str)]) -> Self {
        Self {
            files: files
                .iter()
                .map(|(path, text)| File::new(*path, *text))
                .collect(),
            paths: files.iter().map(|(path, _)| PathBuf::from(path)).collect(),
            ..Self::default()
        }
    }
}
