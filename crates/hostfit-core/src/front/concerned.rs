//! Which files a change concerns: a pull request names what it changed, and what is wrong then may stand in a file
//! that it did not touch.

use std::collections::BTreeSet;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Content, Unit, link::path::Files, wanted::wanted};
use crate::{
    config::Config,
    fleet::Orchestrator,
    model::{BuildId, Placement, Project, Role},
    source::{SourceId, Sources},
};

/// The files in which findings may come or go when those of `changed` are changed: these, all that depends on them, and
/// all that they depend on. None: any file.
///
/// `project` is what `units` were linked to.
pub fn concerned(
    changed: &BTreeSet<SourceId>,
    sources: &Sources,
    units: &[Unit],
    config: &Config,
    project: &Project,
) -> Option<BTreeSet<SourceId>> {
    let has_hosts = |unit: &Unit| matches!(&unit.content, Content::Kubernetes(file) if !file.nodes.is_empty());
    let is_cluster_declared = config.fleets().all(|fleet| fleet.serves(Orchestrator::Kubernetes));
    if !is_cluster_declared && units.iter().any(|unit| changed.contains(&unit.source) && has_hosts(unit)) {
        return None;
    }
    let uses = Uses::of(sources, units, project);
    let mut concerned = reached(changed, &uses.users);
    concerned.extend(reached(changed, &uses.needs));
    Some(concerned)
}

type Edges = FxHashMap<SourceId, FxHashSet<SourceId>>;

/// Which file needs which to mean what it means.
#[derive(Default)]
struct Uses {
    needs: Edges,
    users: Edges,
}

impl Uses {
    fn of(sources: &Sources, units: &[Unit], project: &Project) -> Self {
        let mut uses = Self::default();
        uses.add_paths(sources, units);
        uses.add_builds(project);
        uses.add_runtime_classes(units, project);
        uses
    }

    fn add(&mut self, user: SourceId, needed: SourceId) {
        self.needs.entry(user).or_default().insert(needed);
        self.add_user(user, needed);
    }

    /// `user` changes with `needed`, which has more in it than `user` needs.
    fn add_user(&mut self, user: SourceId, needed: SourceId) {
        self.users.entry(needed).or_default().insert(user);
    }

    /// What a file names by its path.
    fn add_paths(&mut self, sources: &Sources, units: &[Unit]) {
        let files = Files::new(sources, units);
        for unit in units {
            let Some(source) = sources.get(unit.source) else { continue };
            for other in wanted(unit, source).iter().filter_map(|path| files.find(path)) {
                self.add(unit.source, other.source);
            }
        }
    }

    /// What builds a Dockerfile, also where a variable hides its path, and what runs or starts from the result.
    fn add_builds(&mut self, project: &Project) {
        // Each file once: one may build a Dockerfile for a hundred thousand services.
        let builders: Vec<BTreeSet<_>> =
            project.builds.iter().map(|build| build.built_at.iter().map(|at| at.source).collect()).collect();
        for (build, builders) in project.builds.iter().zip(&builders) {
            for builder in builders {
                self.add(*builder, build.source);
            }
        }
        let build = |id: BuildId| project.builds.get(id.0 as usize);
        for image in &project.images {
            let user = match image.role {
                Role::Base { build: id, .. } | Role::CopiedFrom { build: id, .. } => build(id).map(|it| it.source),
                Role::Container { workload, .. } => project.workloads.get(workload.0 as usize).map(|it| it.source),
            };
            let Some((user, id)) = user.zip(image.built_by) else { continue };
            if let Some(made) = build(id) {
                self.add(user, made.source);
            }
            // Its name and its build args are said there.
            for builder in builders.get(id.0 as usize).into_iter().flatten() {
                self.add_user(user, *builder);
            }
        }
    }

    fn add_runtime_classes(&mut self, units: &[Unit], project: &Project) {
        let mut classes: FxHashMap<&str, BTreeSet<SourceId>> = FxHashMap::default();
        for unit in units {
            let Content::Kubernetes(file) = &unit.content else { continue };
            for name in file.runtime_classes.iter().filter_map(|class| class.name.known()) {
                classes.entry(name).or_default().insert(unit.source);
            }
        }
        for workload in &project.workloads {
            let Placement::Kubernetes(pod) = &workload.placement else { continue };
            let name = pod.runtime_class.as_ref().and_then(|(name, _)| name.known());
            for class in name.and_then(|name| classes.get(name)).into_iter().flatten() {
                self.add(workload.source, *class);
            }
        }
    }
}

/// `from` and all that can be reached from there.
fn reached(from: &BTreeSet<SourceId>, edges: &Edges) -> BTreeSet<SourceId> {
    let mut reached = from.clone();
    let mut left: Vec<_> = from.iter().copied().collect();
    while let Some(file) = left.pop() {
        let next = edges.get(&file).into_iter().flatten().filter(|next| reached.insert(**next));
        left.extend(next);
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        front::{Outcome, link, read},
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
        ("bake/Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"),
        ("bake/docker-bake.hcl", "target \"base\" {\n  tags = [\"shop/base:1\"]\n}\n"),
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

    /// The files that a change of one file concerns, in the order above.
    fn concerned_by(changed: &str, config: &Config) -> Option<Vec<&'static str>> {
        let files = FILES.iter().zip(0..);
        let sources: Vec<_> = files.map(|((path, text), id)| Source::from_text(SourceId(id), *path, *text)).collect();
        let units: Vec<_> = sources
            .iter()
            .filter_map(|source| match read(source) {
                Outcome::Unit(unit) => Some(unit),
                _ => None,
            })
            .collect();
        assert_eq!(units.len(), FILES.len());
        let sources = Sources::new(sources);
        let project = link::link(&sources, &units, config);
        let place = FILES.iter().position(|(path, _)| *path == changed).expect("one of the files");
        let changed = BTreeSet::from([SourceId(u32::try_from(place).expect("few"))]);
        let concerned = concerned(&changed, &sources, &units, config, &project)?;
        Some(concerned.into_iter().map(|id| FILES[id.0 as usize].0).collect())
    }

    #[test]
    fn a_change_concerns_what_depends_on_it_and_what_it_depends_on() {
        let config = Config::default();
        let table: &[(&str, &[&str])] = &[
            // Compose builds it, and a pod runs it.
            ("web/Dockerfile", &["web/Dockerfile", "web/compose.yaml", "deploy/web.yaml"]),
            ("deploy/other.yaml", &["deploy/other.yaml"]),
            ("deploy/class.yaml", &["deploy/web.yaml", "deploy/class.yaml"]),
            // The base of an image that Compose builds where a variable says.
            (
                "bake/Dockerfile",
                &["web/compose.yaml", "job/Dockerfile", "bake/Dockerfile", "bake/docker-bake.hcl", "deploy/web.yaml"],
            ),
            // What it runs and its class, and not what else is built where that is.
            ("deploy/web.yaml", &["web/Dockerfile", "deploy/web.yaml", "deploy/class.yaml"]),
        ];
        for (changed, expected) in table {
            assert_eq!(concerned_by(changed, &config).as_deref(), Some(*expected), "{changed}");
        }
    }

    #[test]
    fn hosts_concern_all() {
        assert_eq!(concerned_by("deploy/node.yaml", &Config::default()), None);
    }
}
