//! Matching many hosts: hosts share most builds, so the findings of a build are computed once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::cve::CveId;
use super::index::{Index, ReleaseEntry};
use super::matching::{Finding, Note, Tally, findings, is_image_of, kernel_note, kernel_order};
use super::package::{InstalledPackage, KERNEL_SOURCE};

/// Names the findings of one build within a [`Memo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildId(u32);

struct Build {
    version: Box<str>,
    /// The changelog is part of the key by content: one host's report must not decide another's.
    changelog: Option<Arc<BTreeSet<CveId>>>,
    id: BuildId,
}

struct Findings<'i> {
    source: Box<str>,
    version: Box<str>,
    list: Vec<Finding<'i>>,
    tally: Tally,
    tally_set_aside: Tally,
}

/// Findings of builds of one release, computed when first met. Belongs to one index.
pub struct Memo<'i> {
    release: Option<&'i ReleaseEntry>,
    by_source: HashMap<Box<str>, Vec<Build>>,
    findings: Vec<Findings<'i>>,
    /// The number of the host in which a build was last met, so that a build counts once per host.
    met: Vec<u32>,
    host: u32,
}

/// A host's builds and numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostBuilds {
    /// Builds on the host, each once, with the note where it is set aside.
    pub builds: Vec<(BuildId, Option<Note>)>,
    /// The numbers.
    pub tally: Tally,
}

impl<'i> Memo<'i> {
    /// An empty memo for a release (code name or number).
    pub fn new(index: &'i Index, release: &str) -> Self {
        Self {
            release: index.release(release),
            by_source: HashMap::new(),
            findings: Vec::new(),
            met: Vec::new(),
            host: 0,
        }
    }

    /// Number of builds met so far.
    pub fn len(&self) -> usize {
        self.findings.len()
    }

    /// Whether no build has been met.
    pub fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// The findings of a build, with its source and version.
    pub fn build(&self, id: BuildId) -> (&str, &str, &[Finding<'i>]) {
        let build = &self.findings[id.0 as usize];
        (&build.source, &build.version, &build.list)
    }

    /// Matches a host. Gives the same numbers as [`super::matching::match_host`] where the binaries
    /// of a build carry the same changelog.
    pub fn host(
        &mut self,
        packages: &[InstalledPackage],
        running_kernel: Option<&str>,
    ) -> HostBuilds {
        self.next_host();
        let mut host = HostBuilds::default();
        let mut kernels = Kernels::default();
        for package in packages {
            let (source, version) = package.advised_build();
            let id = self.find(source, version, package.changelog_cves.as_ref());
            if source == KERNEL_SOURCE {
                kernels.see(id, version, package, running_kernel);
            }
            let met = &mut self.met[id.0 as usize];
            if *met == self.host {
                continue;
            }
            *met = self.host;
            if source != KERNEL_SOURCE {
                host.builds.push((id, None));
                host.tally.merge(&self.findings[id.0 as usize].tally);
            }
        }
        for (id, note) in kernels.notes() {
            let build = &self.findings[id.0 as usize];
            host.builds.push((id, note));
            host.tally.merge(if note.is_some() {
                &build.tally_set_aside
            } else {
                &build.tally
            });
        }
        host
    }

    fn next_host(&mut self) {
        if self.host == u32::MAX {
            self.met.fill(0);
            self.host = 0;
        }
        self.host += 1;
    }

    fn find(
        &mut self,
        source: &str,
        version: &str,
        changelog: Option<&Arc<BTreeSet<CveId>>>,
    ) -> BuildId {
        let same = |known: &Option<Arc<BTreeSet<CveId>>>| match (known, changelog) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b) || a == b,
            _ => false,
        };
        if let Some(builds) = self.by_source.get(source) {
            let found = builds
                .iter()
                .find(|b| &*b.version == version && same(&b.changelog));
            if let Some(build) = found {
                return build.id;
            }
        }
        self.compute(source, version, changelog)
    }

    fn compute(
        &mut self,
        source: &str,
        version: &str,
        changelog: Option<&Arc<BTreeSet<CveId>>>,
    ) -> BuildId {
        let covered = self.release.is_some_and(|r| r.covers(source));
        let entry = self.release.and_then(|r| r.sources.get(source));
        let list: Vec<Finding<'i>> = entry
            .into_iter()
            .flat_map(|e| findings(e, version, changelog.map(|c| &**c)))
            .collect();
        let uncovered = u32::from(!covered);
        let mut tally = Tally {
            uncovered,
            ..Tally::default()
        };
        let mut tally_set_aside = tally;
        for finding in &list {
            tally.add(finding, false);
            tally_set_aside.add(finding, true);
        }
        let id = BuildId(self.findings.len() as u32);
        let (source, version): (Box<str>, Box<str>) = (source.into(), version.into());
        self.findings.push(Findings {
            source: source.clone(),
            version: version.clone(),
            list,
            tally,
            tally_set_aside,
        });
        self.met.push(0);
        let build = Build {
            version,
            changelog: changelog.cloned(),
            id,
        };
        self.by_source.entry(source).or_default().push(build);
        id
    }
}

/// The kernel builds of one host.
#[derive(Default)]
struct Kernels<'a>(Vec<KernelBuild<'a>>);

struct KernelBuild<'a> {
    id: BuildId,
    version: &'a str,
    has_image: bool,
    running: bool,
}

impl<'a> Kernels<'a> {
    fn see(
        &mut self,
        id: BuildId,
        version: &'a str,
        package: &InstalledPackage,
        running_kernel: Option<&str>,
    ) {
        let has_image = package.is_kernel_image();
        let running = is_image_of(&package.name, running_kernel);
        match self.0.iter_mut().find(|known| known.id == id) {
            Some(known) => {
                known.has_image |= has_image;
                known.running |= running;
            }
            None => self.0.push(KernelBuild {
                id,
                version,
                has_image,
                running,
            }),
        }
    }

    fn notes(&self) -> impl Iterator<Item = (BuildId, Option<Note>)> {
        let images = self.0.iter().filter(|build| build.has_image);
        let newest = images
            .max_by_key(|build| kernel_order(build.version))
            .map(|build| build.id);
        self.0.iter().map(move |build| {
            let newest = newest == Some(build.id);
            (
                build.id,
                kernel_note(build.has_image, newest, build.running),
            )
        })
    }
}
