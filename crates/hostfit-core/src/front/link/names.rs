//! Image names that something in the tree builds.

use rustc_hash::FxHashMap;

use super::path::Files;
use crate::{
    model::{BuildId, Project, Role},
    source::SourceId,
    text::Text,
};

/// Who builds which name, and in which file that is said.
#[derive(Default)]
pub(super) struct Names(FxHashMap<String, Vec<(BuildId, SourceId)>>);

impl Names {
    pub(super) fn add(&mut self, name: &Text, build: BuildId, source: SourceId) {
        let Some(name) = name.known().filter(|name| !name.trim().is_empty()) else { return };
        let builders = self.0.entry(normal(name)).or_default();
        if !builders.contains(&(build, source)) {
            builders.push((build, source));
        }
    }

    /// Tells every image use by whom it is built, and every build whether it is used.
    pub(super) fn follow(&self, files: &Files, project: &mut Project) {
        for image in &mut project.images {
            if image.built_by.is_none() && !image.is_target && image.is_named() {
                let own = match image.role {
                    Role::Base { build, .. } | Role::CopiedFrom { build, .. } => Some(build),
                    Role::Container { .. } => None,
                };
                image.built_by =
                    image.text.known().and_then(|name| self.builder(files, name, image.text.span.source, own));
            }
            if let Some(build) = image.built_by.and_then(|build| project.builds.get_mut(build.0 as usize)) {
                build.used = true;
            }
        }
    }

    /// Who builds `name` for a file. Where several do it differently the one that stands nearest, if it is one.
    fn builder(&self, files: &Files, name: &str, user: SourceId, own: Option<BuildId>) -> Option<BuildId> {
        let builders: Vec<_> = self.0.get(&normal(name))?.iter().filter(|(build, _)| Some(*build) != own).collect();
        let near = |is_near: &dyn Fn(SourceId) -> bool| {
            let mut near = builders.iter().filter(|(_, source)| is_near(*source)).map(|(build, _)| *build);
            let first = near.next()?;
            near.all(|other| other == first).then_some(first)
        };
        near(&|source| source == user)
            .or_else(|| near(&|source| files.folder(source) == files.folder(user)))
            .or_else(|| near(&|_| true))
    }
}

/// A missing tag is `latest`; Docker Hub's own prefixes say nothing.
fn normal(name: &str) -> String {
    let name = name.trim();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") }
}
