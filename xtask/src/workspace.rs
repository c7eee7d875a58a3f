//! What `cargo metadata` says of this workspace.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::shell;

/// The checkout, its build folder and its own packages.
pub struct Workspace {
    /// Folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo builds (honours `CARGO_TARGET_DIR`).
    pub target: PathBuf,
    /// Members by package name.
    pub members: BTreeMap<String, Member>,
}

/// One package of the workspace.
pub struct Member {
    /// Folder of its `Cargo.toml`, relative to the workspace root.
    pub folder: PathBuf,
    /// Direct dependencies of every kind.
    pub dependencies: Vec<Dependency>,
}

/// One line of a member's dependency tables.
pub struct Dependency {
    /// Package name.
    pub name: String,
    /// True for `[dev-dependencies]`.
    pub dev: bool,
}

impl Workspace {
    /// Asks cargo; touches no network.
    pub fn load() -> Result<Self, String> {
        let mut cargo = shell::cargo();
        cargo.args(["metadata", "--no-deps", "--format-version", "1"]);
        if let Some(manifest) = std::env::var_os("CARGO_MANIFEST_DIR") {
            cargo.current_dir(manifest);
        }
        let metadata = json_of(cargo)?;
        let root = PathBuf::from(text(&metadata, "workspace_root")?);
        let target = PathBuf::from(text(&metadata, "target_directory")?);
        let mut members = BTreeMap::new();
        for package in array(&metadata, "packages")? {
            members.insert(
                text(package, "name")?.to_owned(),
                Member::parse(package, &root)?,
            );
        }
        Ok(Self {
            root,
            target,
            members,
        })
    }

    /// The binary that the black-box tests drive.
    pub fn binary(&self) -> PathBuf {
        self.target.join("debug").join("sekisho")
    }

    /// Every package of the build on this platform, ours and foreign, with licence and source.
    pub fn all_packages(&self) -> Result<Vec<Value>, String> {
        let mut cargo = shell::cargo();
        cargo
            .current_dir(&self.root)
            .args(["metadata", "--format-version", "1", "--locked"]);
        cargo.args(["--filter-platform", &host_triple()?]);
        let metadata = json_of(cargo)?;
        Ok(array(&metadata, "packages")?.clone())
    }
}

impl Member {
    fn parse(package: &Value, root: &Path) -> Result<Self, String> {
        let manifest = Path::new(text(package, "manifest_path")?);
        let folder = manifest.parent().unwrap_or(root);
        let mut dependencies = Vec::new();
        for dependency in array(package, "dependencies")? {
            dependencies.push(Dependency {
                name: text(dependency, "name")?.to_owned(),
                dev: dependency["kind"].as_str() == Some("dev"),
            });
        }
        Ok(Self {
            folder: folder.strip_prefix(root).unwrap_or(folder).to_owned(),
            dependencies,
        })
    }
}

fn host_triple() -> Result<String, String> {
    let output = shell::capture(Command::new("rustc").arg("-vV"))?;
    output
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_owned)
        .ok_or_else(|| "`rustc -vV` names no host".to_owned())
}

fn json_of(mut command: Command) -> Result<Value, String> {
    let output = shell::capture(&mut command)?;
    serde_json::from_str(&output).map_err(|error| format!("cargo metadata: {error}"))
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    value[key]
        .as_str()
        .ok_or_else(|| format!("cargo metadata: no text `{key}`"))
}

fn array<'a>(value: &'a Value, key: &str) -> Result<&'a Vec<Value>, String> {
    value[key]
        .as_array()
        .ok_or_else(|| format!("cargo metadata: no list `{key}`"))
}
