//! Which files decide about each other. An editor judges again what an edit may change, and nothing else.

use rustc_hash::FxHashMap;

use super::{Content, Unit, link::path::Files, wanted::wanted};
use crate::{
    model::{Placement, Project, Role, Workload},
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
    /// Where RuntimeClasses are declared, by name.
    classes: FxHashMap<String, SourceId>,
    /// Where images are built, by name.
    made: FxHashMap<String, SourceId>,
    /// The files that name an image or a RuntimeClass, by its name.
    used: FxHashMap<String, Vec<SourceId>>,
}

impl Groups {
    /// `project` is what `units` were linked to.
    pub fn of(sources: &Sources, units: &[Unit], project: &Project) -> Self {
        let mut groups = Self { above: (0..).zip(sources.iter()).map(|(place, _)| place).collect(), ..Self::default() };
        groups.join_by_path(sources, units);
        groups.join_by_class(units, project);
        groups.join_by_image(project);
        for unit in units {
            let group = groups.first(unit.source);
            groups.members.entry(group).or_default().push(unit.source);
        }
        groups
    }

    /// Files of other groups with which these units have to do by now: those that build or declare what they name, and
    /// those that name what they build or declare. `project` is what they were linked to.
    pub fn reached<'g>(&'g self, units: &'g [Unit], project: &'g Project) -> impl Iterator<Item = SourceId> + 'g {
        let images = project.images.iter().map(|image| (&*image.text.value, image.names_build_result));
        let asked = project.workloads.iter().filter_map(class_of).map(|name| (name, false));
        let declared = units.iter().flat_map(classes).map(|name| (name, true));
        images.chain(asked).chain(declared).flat_map(|(name, is_made)| {
            let made = [&self.made, &self.classes].into_iter().filter_map(move |all| all.get(name));
            let used = is_made.then(|| self.used.get(name)).flatten();
            made.chain(used.into_iter().flatten()).copied()
        })
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
        for unit in units {
            for name in classes(unit) {
                let first = *self.classes.entry(name.to_owned()).or_insert(unit.source);
                self.join(first, unit.source);
            }
        }
        for workload in &project.workloads {
            let Some(name) = class_of(workload) else { continue };
            self.used.entry(name.to_owned()).or_default().push(workload.source);
            if let Some(class) = self.classes.get(name).copied() {
                self.join(workload.source, class);
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
        for image in project.images.iter().filter(|image| image.names_build_result) {
            let first = *self.made.entry(image.text.value.clone()).or_insert(image.text.span.source);
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
            if let Some(first) = self.made.get(&*image.text.value).copied() {
                self.join(own, first);
            }
            match self.used.get_mut(&*image.text.value) {
                Some(files) => files.push(own),
                None => _ = self.used.insert(image.text.value.clone(), vec![own]),
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

/// The RuntimeClasses that a file declares.
fn classes(unit: &Unit) -> impl Iterator<Item = &str> {
    let file = match &unit.content {
        Content::Kubernetes(file) => Some(file),
        _ => None,
    };
    file.into_iter().flat_map(|file| &file.runtime_classes).filter_map(|class| class.name.known())
}

/// The RuntimeClass that a pod asks for.
fn class_of(workload: &Workload) -> Option<&str> {
    let Placement::Kubernetes(pod) = &workload.placement else { return None };
    pod.runtime_class.as_ref()?.0.known()
}
