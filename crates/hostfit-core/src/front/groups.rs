//! Which files decide about each other. An editor judges again what an edit may change, and nothing else.

use rustc_hash::FxHashMap;

use super::{Content, Unit, link::path::Files, wanted::wanted};
use crate::{
    model::{Placement, Project, Role},
    source::{SourceId, Sources, Span},
};

/// The files of a run in groups: what is found in a file depends on no file of another group, as long as no file names
/// another one than when the groups were made.
#[derive(Debug, Default)]
pub struct Groups {
    /// For each file one of its group; the group's first has itself.
    above: Vec<u32>,
    /// By that one the files of the group, in order.
    members: FxHashMap<u32, Vec<SourceId>>,
}

impl Groups {
    /// `project` is what `units` were linked to.
    pub fn of(sources: &Sources, units: &[Unit], project: &Project) -> Self {
        let mut groups =
            Self { above: (0..).zip(sources.iter()).map(|(place, _)| place).collect(), members: FxHashMap::default() };
        groups.join_by_path(sources, units);
        groups.join_by_class(units, project);
        groups.join_by_image(project);
        for unit in units {
            let group = groups.first(unit.source);
            groups.members.entry(group).or_default().push(unit.source);
        }
        groups
    }

    /// The files that are judged together with this one, itself included.
    pub fn with(&mut self, file: SourceId) -> &[SourceId] {
        let first = self.first(file);
        self.members.get(&first).map(Vec::as_slice).unwrap_or_default()
    }

    fn first(&mut self, file: SourceId) -> u32 {
        let mut at = file.0;
        while let Some(above) = self.above.get(at as usize).copied().filter(|above| *above != at) {
            let further = self.above.get(above as usize).copied().unwrap_or(above);
            if let Some(place) = self.above.get_mut(at as usize) {
                *place = further;
            }
            at = further;
        }
        at
    }

    fn join(&mut self, one: SourceId, other: SourceId) {
        let (one, other) = (self.first(one), self.first(other));
        if let Some(place) = self.above.get_mut(one.max(other) as usize) {
            *place = one.min(other);
        }
    }

    /// Files that name others, and what was rendered from files.
    fn join_by_path(&mut self, sources: &Sources, units: &[Unit]) {
        let files = Files::new(sources, units);
        for unit in units {
            let Some(source) = sources.get(unit.source) else { continue };
            for other in wanted(unit, source).iter().filter_map(|path| files.find(path)) {
                self.join(unit.source, other.source);
            }
            let rendered = source.rendered.iter().flat_map(|rendered| rendered.files());
            rendered.for_each(|file| self.join(unit.source, file));
        }
    }

    /// A RuntimeClass, where it is declared and where it is asked for.
    fn join_by_class(&mut self, units: &[Unit], project: &Project) {
        let mut declared: FxHashMap<&str, SourceId> = FxHashMap::default();
        for unit in units {
            let Content::Kubernetes(file) = &unit.content else { continue };
            for name in file.runtime_classes.iter().filter_map(|class| class.name.known()) {
                let first = *declared.entry(name).or_insert(unit.source);
                self.join(first, unit.source);
            }
        }
        for workload in &project.workloads {
            let Placement::Kubernetes(pod) = &workload.placement else { continue };
            let name = pod.runtime_class.as_ref().and_then(|(name, _)| name.known());
            if let Some(class) = name.and_then(|name| declared.get(name)) {
                self.join(workload.source, *class);
            }
        }
    }

    /// An image, where it is named and built, and what it is built of.
    fn join_by_image(&mut self, project: &Project) {
        let source_of = |build: crate::model::BuildId| project.builds.get(build.0 as usize).map(|build| build.source);
        for build in &project.builds {
            build.built_at.iter().for_each(|at| self.join(build.source, at.source));
        }
        // Of several builds of one name none may be meant.
        let mut made: FxHashMap<&str, SourceId> = FxHashMap::default();
        for image in project.images.iter().filter(|image| image.names_build_result) {
            let first = *made.entry(&image.text.value).or_insert(image.text.span.source);
            self.join(first, image.text.span.source);
        }
        for image in &project.images {
            let own = image.text.span.source;
            let spans = image.text.pieces.iter().flat_map(|piece| [piece.at, piece.used_at]);
            spans.map(|span: Span| span.source).for_each(|file| self.join(own, file));
            if let Role::Base { build, .. } | Role::CopiedFrom { build, .. } = image.role
                && let Some(user) = source_of(build)
            {
                self.join(own, user);
            }
            if let Some(builder) = image.built_by.and_then(source_of) {
                self.join(own, builder);
            }
            if let Some(first) = made.get(&*image.text.value) {
                self.join(own, *first);
            }
        }
        // Services of one Compose project share networks, wherever they are declared.
        let mut projects: FxHashMap<u32, SourceId> = FxHashMap::default();
        for workload in &project.workloads {
            if let Some(project) = workload.project {
                let first = *projects.entry(project).or_insert(workload.source);
                self.join(first, workload.source);
            }
            let images = workload.containers.iter().filter_map(|container| project.image(container.image?));
            images.for_each(|image| self.join(workload.source, image.text.span.source));
        }
    }
}
