//! What a set of files takes part in: a pull request names what it changed, a command line what it is about, and what is
//! wrong then may stand in other files.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    Content, Unit, compose,
    link::path::{Files, join},
    wanted::wanted,
};
use crate::{
    config::Config,
    fleet::Orchestrator,
    model::{BuildId, ImageId, ImageUse, Placement, Project, Role, Workload, WorkloadId},
    source::{Source, SourceId, Sources},
};

/// Workloads and builds of a project.
#[derive(Debug, Default)]
pub struct Concerned {
    /// The workloads.
    pub workloads: BTreeSet<WorkloadId>,
    /// The evaluations of Dockerfiles.
    pub builds: BTreeSet<BuildId>,
}

impl Concerned {
    /// The workloads that these files declare.
    pub fn declared_in(files: &BTreeSet<SourceId>, project: &Project) -> Self {
        let declared = project.workloads.iter().filter(|workload| files.contains(&workload.source));
        Self { workloads: declared.map(|workload| workload.id).collect(), builds: BTreeSet::new() }
    }

    /// The workloads and builds of which the image or the placement goes through these files, those that they declare
    /// included. None: all, since the files say what the hosts are.
    ///
    /// `project` is what `units` were linked to.
    pub fn through(
        files: &BTreeSet<SourceId>,
        sources: &Sources,
        units: &[Unit],
        config: &Config,
        project: &Project,
    ) -> Option<Self> {
        let has_hosts = |unit: &Unit| matches!(&unit.content, Content::Kubernetes(file) if !file.nodes.is_empty());
        let is_cluster_declared = config.fleets().all(|fleet| fleet.serves(Orchestrator::Kubernetes));
        if !is_cluster_declared && units.iter().any(|unit| files.contains(&unit.source) && has_hosts(unit)) {
            return None;
        }
        let builds = builds_through(files, project);
        let classes = classes(units);
        let composes = Composes::of(files, sources, units);
        let goes_through = |workload: &Workload| {
            let images = workload.containers.iter().filter_map(|it| project.image(it.image?));
            let mut images = images.map(|image| (image, image.built_by));
            files.contains(&workload.source)
                || images
                    .any(|(image, built)| is_written_in(image, files) || built.is_some_and(|it| builds.contains(&it)))
                || class_files(workload, &classes).iter().any(|class| files.contains(class))
                || composes.decide(workload)
        };
        let workloads = project.workloads.iter().filter(|it| goes_through(it)).map(|it| it.id).collect();
        Some(Self { workloads, builds })
    }

    /// What the workloads are made of.
    pub fn parts(&self, project: &Project) -> Parts {
        let of_builds = images_of_builds(project);
        let Parts { mut run, mut needed } = Parts::default();
        let mut seen = FxHashSet::default();
        for workload in self.workloads.iter().filter_map(|id| project.workload(*id)) {
            let images = workload.containers.iter().filter_map(|container| container.image);
            let mut left: Vec<_> = images.clone().collect();
            run.extend(images.clone().chain(images.filter_map(|image| project.decider(image))));
            while let Some(id) = left.pop() {
                let Some(image) = project.image(id) else { continue };
                needed.insert(id);
                let Some(build) = image.built_by.filter(|build| seen.insert(*build)) else { continue };
                left.extend(of_builds.get(build.0 as usize).into_iter().flatten());
            }
        }
        Parts { run, needed }
    }
}

/// The images that some workloads are made of.
#[derive(Debug, Default)]
pub struct Parts {
    /// The images that run in them: those that they name, and those that decide what these are.
    pub run: BTreeSet<ImageId>,
    /// All images that it takes to build these.
    pub needed: BTreeSet<ImageId>,
}

/// Whether a part of its reference is written in one of these files.
fn is_written_in(image: &ImageUse, files: &BTreeSet<SourceId>) -> bool {
    image.text.pieces.iter().any(|piece| files.contains(&piece.at.source))
}

/// For each build the images that its stages start and copy from.
fn images_of_builds(project: &Project) -> Vec<Vec<ImageId>> {
    let mut images: Vec<Vec<ImageId>> = vec![Vec::new(); project.builds.len()];
    for (image, id) in project.images.iter().zip((0..).map(ImageId)) {
        if let Role::Base { build, .. } | Role::CopiedFrom { build, .. } = image.role
            && let Some(images) = images.get_mut(build.0 as usize)
        {
            images.push(id);
        }
    }
    images
}

/// The builds whose Dockerfile, args, name or base stand in these files.
fn builds_through(files: &BTreeSet<SourceId>, project: &Project) -> BTreeSet<BuildId> {
    let mut users: FxHashMap<BuildId, Vec<BuildId>> = FxHashMap::default();
    let mut found = BTreeSet::new();
    let mut new = Vec::new();
    for (id, build) in (0..).map(BuildId).zip(&project.builds) {
        if files.contains(&build.source) || build.built_at.iter().any(|at| files.contains(&at.source)) {
            new.push(id);
        }
    }
    for image in &project.images {
        let (Role::Base { build: user, .. } | Role::CopiedFrom { build: user, .. }) = image.role else { continue };
        if is_written_in(image, files) {
            new.push(user);
        }
        if let Some(made) = image.built_by {
            users.entry(made).or_default().push(user);
        }
    }
    while let Some(build) = new.pop() {
        if found.insert(build) {
            new.extend(users.get(&build).into_iter().flatten());
        }
    }
    found
}

/// The files that a Compose file includes, which takes part in what variables they see and in which project they are.
fn included(file: &compose::File, source: &Source, found: &Files) -> Vec<SourceId> {
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let paths = file.includes.iter().flat_map(|include| &include.paths).filter_map(|path| path.known());
    paths.filter_map(|path| Some(found.find(&join(folder, path)?)?.source)).collect()
}

type Classes<'run> = FxHashMap<&'run str, BTreeSet<SourceId>>;

/// Where each RuntimeClass is declared.
fn classes(units: &[Unit]) -> Classes<'_> {
    let mut classes = Classes::default();
    for unit in units {
        let Content::Kubernetes(file) = &unit.content else { continue };
        for name in file.runtime_classes.iter().filter_map(|class| class.name.known()) {
            classes.entry(name).or_default().insert(unit.source);
        }
    }
    classes
}

/// The files that declare the RuntimeClass of a pod.
fn class_files(workload: &Workload, classes: &Classes) -> Vec<SourceId> {
    let Placement::Kubernetes(pod) = &workload.placement else { return Vec::new() };
    let name = pod.runtime_class.as_ref().and_then(|(name, _)| name.known());
    name.and_then(|name| classes.get(name)).into_iter().flatten().copied().collect()
}

/// Which services of Compose files are made of some files too.
#[derive(Default)]
struct Composes<'run> {
    /// In this file those of this name.
    services: FxHashSet<(SourceId, &'run str)>,
    /// In this file all, since any may use a variable.
    whole: FxHashSet<SourceId>,
}

impl<'run> Composes<'run> {
    fn of(files: &BTreeSet<SourceId>, sources: &'run Sources, units: &'run [Unit]) -> Self {
        let found = Files::new(sources, units);
        let mut composes = Self::default();
        for unit in units {
            let (Content::Compose(file), Some(source)) = (&unit.content, sources.get(unit.source)) else { continue };
            let wanted = wanted(unit, source);
            if files.contains(&unit.source) {
                composes.whole.extend(included(file, source, &found));
            }
            for other in wanted.iter().filter_map(|path| found.find(path)).filter(|it| files.contains(&it.source)) {
                match &other.content {
                    Content::Env(_) => {
                        composes.whole.insert(unit.source);
                        composes.whole.extend(included(file, source, &found));
                    }
                    Content::Compose(other) => {
                        // An override has the names of what it overrides; what is extended may have another one.
                        let names = other.services.iter().map(|service| service.name.as_str());
                        let extending = file.services.iter().filter(|it| it.extends.is_some());
                        let names = names.chain(extending.map(|service| service.name.as_str()));
                        composes.services.extend(names.map(|name| (unit.source, name)));
                    }
                    _ => {}
                }
            }
        }
        composes
    }

    /// Whether they take part in this service. `docker stack deploy` reads no `.env` and includes nothing.
    fn decide(&self, workload: &Workload) -> bool {
        let name = workload.name.strip_prefix("service ").unwrap_or(&workload.name);
        let is_of_stack = workload.orchestrator == Orchestrator::Swarm;
        !is_of_stack && self.whole.contains(&workload.source) || self.services.contains(&(workload.source, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        front::{Outcome, link, read, read_env},
        source::Source,
    };

    const FILES: &[(&str, &str)] = &[
        ("web/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"),
        ("web/.env", "FOLDER=../job\n"),
        (
            "web/compose.yaml",
            "services:\n  web:\n    image: shop/web:1\n    build: .\n  job:\n    build: ${FOLDER}\n  db:\n    image: \
             postgres\n",
        ),
        ("job/Dockerfile", "FROM shop/base:1\n"),
        ("db/compose.yaml", "include: [{path: sub/compose.yaml, env_file: db.env}]\n"),
        ("db/db.env", "TAG=1\n"),
        ("db/sub/compose.yaml", "services:\n  mq:\n    image: mq:${TAG}\n"),
        ("bake/Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"),
        ("bake/docker-bake.hcl", "target \"base\" {\n  tags = [\"shop/base:1\"]\n}\n"),
        (
            "swarm/stack.yaml",
            "services:\n  api:\n    image: api:${TAG}\n    deploy:\n      placement:\n        constraints: \
             [node.platform.os == windows]\n",
        ),
        ("swarm/.env", "TAG=1\n"),
        (
            "deploy/web.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  runtimeClassName: windows\n  containers: [{name: \
             web, image: shop/web:1}]\n",
        ),
        (
            "deploy/other.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: other}\nspec:\n  containers: [{name: other, image: nginx}]\n",
        ),
        (
            "deploy/class.yaml",
            "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: windows}\nhandler: \
             runhcs-wcow-process\n",
        ),
        (
            "deploy/node.yaml",
            "apiVersion: v1\nkind: Node\nmetadata: {name: n}\nstatus: {nodeInfo: {operatingSystem: windows}}\n",
        ),
    ];

    /// The workloads and Dockerfiles that a change of one file concerns.
    fn concerned_by(changed: &str, config: &Config) -> Option<Vec<String>> {
        let files = FILES.iter().zip(0..);
        let sources: Vec<_> = files.map(|((path, text), id)| Source::from_text(SourceId(id), *path, *text)).collect();
        let units: Vec<_> = sources
            .iter()
            .filter_map(|source| match if source.path == "db/db.env" { read_env(source) } else { read(source) } {
                Outcome::Unit(unit) => Some(unit),
                _ => None,
            })
            .collect();
        assert_eq!(units.len(), FILES.len());
        let sources = Sources::new(sources);
        let project = link::link(&sources, &units, config);
        let place = FILES.iter().position(|(path, _)| *path == changed).expect("one of the files");
        let changed = BTreeSet::from([SourceId(u32::try_from(place).expect("few"))]);
        let concerned = Concerned::through(&changed, &sources, &units, config, &project)?;
        let workloads = concerned.workloads.iter().map(|id| project.workloads[id.0 as usize].name.clone());
        let builds =
            concerned.builds.iter().map(|id| FILES[project.builds[id.0 as usize].source.0 as usize].0.to_owned());
        let mut all: Vec<_> = workloads.chain(builds).collect();
        all.sort();
        Some(all)
    }

    #[test]
    fn a_change_concerns_what_goes_through_it() {
        let config = Config::default();
        let table: &[(&str, &[&str])] = &[
            // Compose builds it, and a pod runs it; no neighbour does.
            ("web/Dockerfile", &["Pod/web", "service web", "web/Dockerfile"]),
            ("deploy/other.yaml", &["Pod/other"]),
            ("deploy/class.yaml", &["Pod/web"]),
            // The base of an image that Compose builds where a variable says.
            ("bake/Dockerfile", &["bake/Dockerfile", "job/Dockerfile", "service job"]),
            ("bake/docker-bake.hcl", &["bake/Dockerfile", "job/Dockerfile", "service job"]),
            ("deploy/web.yaml", &["Pod/web"]),
            // Any service may use its variables.
            ("web/.env", &["service db", "service job", "service web"]),
            ("db/db.env", &["service mq"]),
            // A stack sees the variables of the shell alone.
            ("swarm/.env", &[]),
            ("swarm/stack.yaml", &["service api"]),
        ];
        for (changed, expected) in table {
            let concerned = concerned_by(changed, &config).expect("not all");
            assert_eq!(concerned, *expected, "{changed}");
        }
    }

    #[test]
    fn hosts_concern_all() {
        assert_eq!(concerned_by("deploy/node.yaml", &Config::default()), None);
    }
}
