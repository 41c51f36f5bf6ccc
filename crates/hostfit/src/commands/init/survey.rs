//! What a repository holds, as far as its configuration is concerned.

use std::{collections::BTreeMap, fs, io::Read, path::Path};

use hostfit_core::{
    check,
    config::Config,
    front::{Content, Unit, link},
    model::{ImageId, ImageOs, ImageUse, Orchestrator, Project, Role, Workload},
    phrase, rules,
    source::{Source, SourceId, Sources},
    windows::{Build, Os, release::Releases},
};

use super::{
    declarations::{self, Declaration},
    terraform,
};
use crate::{
    ancestors,
    args::Inputs,
    clock,
    commands::read_files,
    discover,
    error::Error,
    files::{Folder, Skipped},
    read::Texts,
    report, settings,
    settings::Settings,
    tree,
};

/// More are not offered.
pub(super) const MOST_DECLARATIONS: usize = 5;

/// What was seen.
pub(super) struct Survey {
    /// How many files there are of each kind.
    pub(super) kinds: BTreeMap<&'static str, usize>,
    /// How many are templates, which nobody can read before they are filled in.
    templates: usize,
    /// Who runs Windows workloads, or their images where that is not told.
    pub(super) needs: Vec<Need>,
    /// The Windows releases that files name, the newest first, each with the first place.
    pub(super) seen: Vec<(Build, String)>,
    /// Patterns of the images of Windows workloads whose OS version nothing states.
    pub(super) images: Vec<Gap>,
    /// Build args without a value, on which such images depend.
    pub(super) build_args: Vec<Gap>,
    /// A file whose Node objects are hosts of the Kubernetes cluster.
    pub(super) nodes: Option<String>,
    /// Files beside the configuration that declare hosts, and how many.
    pub(super) fleets: Vec<(String, usize)>,
    /// Files that declare Windows hosts in another form.
    pub(super) declarations: Vec<Declaration>,
    /// The built-in releases, which have the names of the builds.
    pub(super) releases: Releases,
}

/// The hosts that one orchestrator needs.
pub(super) struct Need {
    /// None where only Dockerfiles are there.
    pub(super) orchestrator: Option<Orchestrator>,
    /// Whether it runs Linux workloads too.
    pub(super) linux: bool,
    /// The builds of their images, the newest first.
    pub(super) builds: Vec<Build>,
}

/// Something that only the user can say.
pub(super) struct Gap {
    /// The key that it goes by.
    pub(super) key: String,
    /// `deploy/web.yaml:14`, the first place that needs it.
    pub(super) place: String,
}

impl Survey {
    /// Looks at the working folder, without any configuration, as `check` would.
    pub(super) fn of(folder: &Folder, inputs: &Inputs) -> Result<Self, Error> {
        let mut settings = Settings::none(folder);
        // Of all rules, the one that names what only the user can say.
        settings.config.rules.select = vec!["undeclared-image-os".to_owned()];
        let files = read_files(inputs, folder, &mut settings, Vec::new(), Texts::Held)?;
        let sources = Sources::new(files.sources);
        let report = check::check(&sources, &files.units, &settings.config, clock::today());
        let unknown = |image: &&ImageUse| report.findings.iter().any(|it| it.image.as_ref() == Some(&image.text.value));
        let unknown: Vec<_> = report.project.images.iter().filter(unknown).collect();
        let nodes = link::nodes(&files.units, &settings.config, |_| true);
        let node = nodes.iter().find(|node| node.windows().is_some());
        let terraform = terraform::releases(folder, &settings.config.releases);
        Ok(Self {
            kinds: kinds(files.units.iter().filter(|unit| !files.rendered.contains(&unit.source))),
            templates: files.skipped.iter().filter(|skipped| is_template(skipped)).count(),
            needs: needs(&report.project, &terraform),
            seen: seen(&report.project, &sources, terraform),
            images: images(&unknown, &sources),
            build_args: build_args(&unknown, &report.project, &sources),
            nodes: node.map(|node| report::json::path(node.os_span, &sources).to_owned()),
            fleets: fleets(folder),
            declarations: declarations::of(folder),
            releases: settings.config.releases,
        })
    }

    /// The next two commands: one that writes the hosts, and the check.
    pub(super) fn next(&self) -> Vec<String> {
        let list = match self.needs.first().and_then(|need| need.orchestrator) {
            Some(Orchestrator::Swarm) => "docker node inspect $(docker node ls -q)",
            Some(Orchestrator::Docker) => "docker info --format json",
            Some(Orchestrator::Kubernetes) | None => "kubectl get nodes -o json",
        };
        vec![format!("{list} | hostfit fleet import --merge {}", settings::NAME), "hostfit check".to_owned()]
    }

    /// `3 Dockerfiles and 1 Compose file`, or nothing.
    pub(super) fn files(&self) -> Option<String> {
        let kinds: Vec<_> = self.kinds.iter().map(|(kind, count)| report::human::number(*count, kind)).collect();
        (!kinds.is_empty()).then(|| phrase::and(&kinds))
    }

    /// What the user should know besides what is written.
    pub(super) fn notes(&self, folder: &Folder) -> Vec<String> {
        let mut notes = Vec::new();
        match self.files() {
            Some(files) => notes.push(format!("found {files}")),
            None => notes.push(
                "found no Dockerfile, Compose file, Kubernetes manifest or daemon.json; the file is a skeleton"
                    .to_owned(),
            ),
        }
        notes.extend(self.declarations.iter().take(MOST_DECLARATIONS).map(Declaration::offer));
        if self.templates > 0 {
            let templates = report::human::number(self.templates, "template");
            notes
                .push(format!("skipped {templates}; check their output: `helm template NAME CHART | hostfit check -`"));
        }
        let above = folder.path.parent().and_then(|parent| {
            ancestors::repository(&folder.path).filter(|root| *root != folder.path)?;
            discover::find(parent).file()
        });
        if let Some(above) = above {
            notes.push(format!("in this folder, {} no longer counts", folder.show(&above)));
        }
        notes
    }
}

fn is_template(skipped: &Skipped) -> bool {
    matches!(&*skipped.reason, "helm-template" | "template")
}

fn kinds<'u>(units: impl Iterator<Item = &'u Unit>) -> BTreeMap<&'static str, usize> {
    let mut kinds = BTreeMap::new();
    for unit in units {
        let kind = match unit.content {
            Content::Dockerfile(_) => "Dockerfile",
            Content::Compose(_) => "Compose file",
            Content::Kubernetes(_) => "Kubernetes file",
            Content::Daemon(_) => "daemon.json file",
            Content::Env(_) => ".env file",
            Content::Bake(_) => "bake file",
            Content::Chart(_) => "chart or overlay file",
        };
        *kinds.entry(kind).or_default() += 1;
    }
    kinds
}

/// The hosts that Windows workloads need. Where nothing states which Windows the workloads of an orchestrator are, what
/// the Dockerfiles make may be what they run.
///
/// What Terraform creates are hosts whatever runs there: of Kubernetes, where anything here is deployed to it.
fn needs(project: &Project, terraform: &BTreeMap<Build, String>) -> Vec<Need> {
    let made = newest_first(project.builds.iter().filter_map(|build| build_of(build.base_image()?, project)));
    let all = [Orchestrator::Kubernetes, Orchestrator::Swarm, Orchestrator::Docker];
    let mut needs: Vec<_> = all.into_iter().filter_map(|orchestrator| need(project, orchestrator, &made)).collect();
    if needs.is_empty() && !(made.is_empty() && terraform.is_empty()) {
        needs.push(Need { orchestrator: None, linux: false, builds: made });
    }
    // Kubernetes comes first.
    if let Some(need) = needs.first_mut() {
        need.builds = newest_first(need.builds.iter().chain(terraform.keys()).copied());
    }
    needs
}

fn need(project: &Project, orchestrator: Orchestrator, made: &[Build]) -> Option<Need> {
    let of = |workload: &&Workload| workload.orchestrator == orchestrator;
    let (windows, others): (Vec<_>, Vec<_>) = project.workloads.iter().filter(of).partition(|it| it.is_windows());
    if windows.is_empty() {
        return None;
    }
    let images = windows.iter().flat_map(|workload| &workload.containers).filter_map(|it| it.image);
    let builds = newest_first(images.filter_map(|image| build_of(image, project)));
    Some(Need {
        orchestrator: Some(orchestrator),
        linux: others.iter().any(|workload| runs_linux(workload, project)),
        builds: if builds.is_empty() { made.to_vec() } else { builds },
    })
}

/// The Windows releases that names of images say, and those of `others`, each with its first place.
fn seen(project: &Project, sources: &Sources, others: BTreeMap<Build, String>) -> Vec<(Build, String)> {
    let mut first: BTreeMap<Build, _> = BTreeMap::new();
    let own = project.images.iter().zip(0..).filter(|(image, _)| image.identity.version.is_some());
    for (image, id) in own {
        let span = image.text.span;
        let at = (report::json::path(span, sources), span.start, span);
        if let Some(build) = build_of(ImageId(id), project) {
            first.entry(build).and_modify(|other| *other = at.min(*other)).or_insert(at);
        }
    }
    let mut seen = others;
    for (build, (.., span)) in first {
        seen.insert(build, report::place(span, sources));
    }
    seen.into_iter().rev().collect()
}

/// The build of the Windows in an image.
fn build_of(image: ImageId, project: &Project) -> Option<Build> {
    let os = project.image_os(image);
    let (os, _) = os.known()?;
    os.version.map(|version| version.build)
}

fn runs_linux(workload: &Workload, project: &Project) -> bool {
    let is_linux = |image| matches!(project.image_os(image).known(), Some((ImageOs { os: Os::Linux, .. }, _)));
    workload.containers.iter().filter_map(|container| container.image).any(is_linux)
}

fn newest_first(builds: impl Iterator<Item = Build>) -> Vec<Build> {
    let mut builds: Vec<_> = builds.collect();
    builds.sort_unstable();
    builds.dedup();
    builds.reverse();
    builds
}

fn images(unknown: &[&ImageUse], sources: &Sources) -> Vec<Gap> {
    let known = unknown.iter().filter(|image| image.text.hole().is_none());
    gaps(known.map(|image| (image.pattern(), *image)), sources)
}

/// Variables of Dockerfiles that nothing in the tree builds: what Compose fills in belongs to `.env`.
fn build_args(unknown: &[&ImageUse], project: &Project, sources: &Sources) -> Vec<Gap> {
    let is_built = |image: &ImageUse| match image.role {
        Role::Base { build, .. } => project.build(build).is_some_and(|build| !build.built_at.is_empty()),
        Role::CopiedFrom { .. } | Role::Container { .. } => true,
    };
    let holes =
        unknown.iter().filter(|image| !is_built(image)).filter_map(|it| Some((it.text.hole()?.to_owned(), *it)));
    gaps(holes, sources)
}

/// Each key once, sorted, with the first place that needs it. What would have to be escaped is left to `check`.
fn gaps<'a>(keys: impl Iterator<Item = (String, &'a ImageUse)>, sources: &Sources) -> Vec<Gap> {
    let mut first = BTreeMap::new();
    for (key, image) in keys.filter(|(key, _)| key.bytes().all(|it| it.is_ascii_graphic() && it != b'"' && it != b'\\'))
    {
        let span = image.text.span;
        let at = (report::json::path(span, sources), span.start, span);
        first.entry(key).and_modify(|other| *other = at.min(*other)).or_insert(at);
    }
    first.into_iter().map(|(key, (.., span))| Gap { key, place: report::place(span, sources) }).collect()
}

/// TOML files of the working folder that declare hosts, as `--fleet` takes them.
fn fleets(folder: &Folder) -> Vec<(String, usize)> {
    const LONGEST: u64 = 1 << 20;
    let hosts = |path: &Path| {
        let name = path.file_name()?.to_str()?.to_owned();
        let is_other = path.extension().is_some_and(|it| it == "toml") && name != settings::NAME;
        let file = is_other.then(|| tree::open_plain(path).ok()).flatten()?;
        let mut bytes = Vec::new();
        let length = file.take(LONGEST + 1).read_to_end(&mut bytes).ok()?;
        let source = Source::decode(SourceId(0), name.clone(), bytes).ok().filter(|_| length as u64 <= LONGEST)?;
        let hosts = Config::parse(&source, &rules::ids()).ok()?.fleet.hosts.len();
        (hosts > 0).then_some((name, hosts))
    };
    let entries = fs::read_dir(&folder.path).into_iter().flatten().flatten();
    let mut fleets: Vec<_> = entries.filter_map(|entry| hosts(&entry.path())).collect();
    fleets.sort();
    fleets
}
